"""Several real processes at one complaint, one month, one outbox, on both engines."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from complaint_sla.core.roster import Role
from complaint_sla.store.tables import Alert, Complaint, Message
from complaint_sla.store.tables import Counter as MonthCounter
from complaint_sla.work.alerts.sweep import sweep
from tests.work.desks import House, accounted_by_events, entries, verify_chains
from tests.work.rivals import at_once


@pytest.mark.slow
def test_eight_hands_at_one_complaint_during_sweeps_and_deliveries_leave_one_chain(house: House) -> None:
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    number = house.log()
    at_once(house.url, number, *["handle"] * 6, "sweep", "deliver")
    row = house.complaint(number)
    assert verify_chains(house.store) == row.events
    for generation in range(1, row.generation + 1):
        told = accounted_by_events(house.events(number), generation)
        assert len(set(told)) == len(told)
    if row.status == "open":
        house.shut(number)
    row = house.complaint(number)
    assert row.next_alert_at is None
    with house.store.read() as session:
        states = dict(
            session.execute(
                select(Alert.state, func.count())
                .outerjoin(Message, Message.id == Alert.message_id)
                .where((Message.state != "sending") | Message.state.is_(None))
                .group_by(Alert.state)
            ).all()
        )
    assert not {"waiting", "unalertable"} & set(states)


@pytest.mark.slow
def test_numbers_of_a_month_run_from_one_on_without_a_gap_though_some_regret_theirs(house: House) -> None:
    """And what several log under one external id is one complaint."""
    at_once(house.url, "-", *["count"] * 4)
    with house.store.read() as session:
        numbers = session.execute(select(Complaint.number)).scalars().all()
        known = session.execute(select(Complaint.external_id)).scalars().all()
        serial = session.execute(select(MonthCounter.serial)).scalar_one()
    assert sorted(numbers) == [f"C-6003-{index:05d}" for index in range(1, 51)]
    assert serial == 50
    assert sorted(one for one in known if one is not None) == [f"V-{index}" for index in range(10)]


def test_many_sweeps_at_once_tell_each_stage_once(house: House) -> None:
    house.hire("sup")
    numbers = [house.log("spp-area") for _ in range(12)]
    for _ in range(8):
        house.later(hours=36)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(sweep, [house.desk] * 8))
    # What one left to another that was busy with it is there at the latest now.
    house.clock.at += timedelta(seconds=1)
    house.sweep()
    for number in numbers:
        row = house.complaint(number)
        told = accounted_by_events(house.events(number), 1)
        assert Counter(told) == Counter((stage, many) for _, stage, many in entries(row, house.clock.at))
    verify_chains(house.store)
