"""A breach is told: whatever becomes of the deadline, of the people and of the complaint, and in every letter about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

import pytest

from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import ServiceRules, WorkingHours
from complaint_sla.work import offices
from complaint_sla.work.complaints import change, look
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.alert_letter import Case
from tests.work.desks import House, local, moment, shipped_with_nudge
from tests.work.findings import findings

SUP, BOSS = "sup@example.org", "boss@example.org"


class Weekdays(House):
    """Mail goes from Monday to Friday, from eight to five."""

    @property
    def desk(self) -> Desk:
        hours = WorkingHours(frozenset(range(5)), time(8), time(17), lambda _year: {})
        return replace(super().desk, service=ServiceRules(working_hours=hours))


@pytest.fixture
def weekdays(database: str) -> Iterator[Weekdays]:
    opened = Weekdays(database)
    opened.hire("sup")
    opened.hire("boss", Role.MANAGER)
    yield opened
    opened.close()


@pytest.fixture
def manned(small_house: House) -> House:
    small_house.hire("sup")
    small_house.hire("boss", Role.MANAGER)
    return small_house


def states(house: House, number: str, stage: str) -> dict[tuple[int, str], str]:
    """(generation, recipient) → state, of a stage."""
    return {(row.generation, row.recipient): row.state for row in house.rows(number) if row.stage == stage}


def sent(house: House) -> list[tuple[str, Case]]:
    """Sends what waits; each case with its reader."""
    house.gather()
    told = []
    for held in outbox.claim(house.desk, 99):
        letter = outbox.write(house.desk, held)
        if letter is not None and outbox.begin(house.desk, held):
            told += [(letter.recipient, case) for case in letter.cases]  # type: ignore[union-attr]
            outbox.record(house.desk, held, Answer.ACCEPTED, None)
    return told


def test_a_breach_held_for_working_hours_is_told_though_the_deadline_was_changed_meanwhile(
    weekdays: Weekdays,
) -> None:
    weekdays.at("2017-05-01 10:00")
    number = weekdays.log("spp-area")
    for day in ("05", "06", "07"):
        weekdays.at(f"2017-05-{day} 09:00")
        weekdays.sweep()
        weekdays.post()
    assert states(weekdays, number, "overdue") == {(1, SUP): "waiting"}
    change.do(weekdays.at("2017-05-07 12:00"), number, change.reclassify("a household", group="residential"))
    weekdays.at("2017-05-08 08:00")
    weekdays.sweep()
    ((reader, case),) = sent(weekdays)
    assert (reader, case.stage.key, case.due_on) == (SUP, "overdue", date(2017, 5, 26))
    assert (case.missed_on, case.breached_at) == (date(2017, 5, 6), moment("2017-05-07 00:00"))
    assert states(weekdays, number, "overdue") == {(1, SUP): "sent"}
    assert findings(weekdays) == []


def test_a_breach_found_after_a_standstill_by_the_change_of_deadline_itself_is_told(manned: House) -> None:
    number = manned.log(urgent=True)
    change.do(manned.at("2017-03-10 09:00"), number, change.reclassify("no danger", urgent=False))
    manned.sweep()
    ((reader, case),) = sent(manned)
    assert (reader, case.stage.key, case.due_on) == (SUP, "overdue", date(2017, 3, 30))
    assert (case.missed_on, local(case.breached_at or case.due_at)) == (date(2017, 3, 8), "2017-03-09 00:00")
    # So says the warning of the new deadline, and so does whatever comes after.
    for day, stage in (("2017-03-23", "warning-first"), ("2017-03-31", "overdue")):
        manned.at(f"{day} 08:00")
        manned.sweep()
        ((_, case),) = sent(manned)
        assert (case.stage.key, case.missed_on, case.is_breached) == (stage, date(2017, 3, 8), True)
    assert findings(manned) == []


def test_what_is_owed_of_a_deadline_that_gave_way_in_time_is_dropped_as_before(manned: House) -> None:
    number = manned.log(urgent=True)
    manned.at("2017-03-08 09:00")
    manned.sweep()
    change.do(manned.desk, number, change.reclassify("no danger", urgent=False))
    assert states(manned, number, "due-today") == {(1, SUP): "dropped"}
    manned.sweep()
    assert sent(manned) == []
    change.do(manned.at("2017-04-01 09:00"), number, change.close("done"))
    change.do(manned.at("2017-04-01 10:00"), number, change.reopen("again"))
    # Nor does a reopening bring back what was of that deadline.
    assert states(manned, number, "due-today") == {(1, SUP): "dropped", (2, SUP): "superseded"}
    assert findings(manned) == []


def test_what_is_owed_of_a_missed_deadline_follows_people_ends_and_is_given_back(manned: House) -> None:
    offices.add_office(manned.desk, "EAST", "ตะวันออก", "East")
    east = manned.hire("east", Role.SUPERVISOR, "EAST")
    number = manned.log(urgent=True, office="MAIN")
    change.do(manned.at("2017-03-10 09:00"), number, change.reclassify("no danger", urgent=False))
    change.do(manned.desk, number, change.transfer("EAST", "theirs"))
    assert states(manned, number, "overdue") == {(1, SUP): "superseded", (1, east): "waiting"}
    manned.shut(number)
    assert states(manned, number, "overdue") == {(1, SUP): "superseded", (1, east): "dropped"}
    change.do(manned.later(hours=1), number, change.reopen("again"))
    assert states(manned, number, "overdue") == {(1, SUP): "superseded", (1, east): "waiting"}
    change.do(manned.later(hours=1), number, change.reclassify("a factory", group="industrial-commercial"))
    assert states(manned, number, "overdue")[1, east] == "waiting"
    ((reader, case),) = sent(manned)
    assert (reader, case.stage.key, case.missed_on) == (east, "overdue", date(2017, 3, 8))
    assert findings(manned) == []


def test_what_failed_of_a_missed_deadline_goes_to_the_next_in_line(manned: House) -> None:
    number = manned.log(urgent=True)
    change.do(manned.at("2017-03-10 09:00"), number, change.reclassify("no danger", urgent=False))
    assert manned.post(Answer.NO_ADDRESS, "550 5.1.1") == [SUP]
    assert states(manned, number, "overdue") == {(1, SUP): "failed", (1, BOSS): "waiting"}
    assert manned.post() == [BOSS]
    assert findings(manned) == []


def test_a_breach_that_nobody_can_hear_is_heard_by_whoever_takes_the_post(small_house: House) -> None:
    nobody = "role:supervisor@MAIN"
    number = small_house.log(urgent=True)
    change.do(small_house.at("2017-03-10 09:00"), number, change.reclassify("no danger", urgent=False))
    assert states(small_house, number, "overdue") == {(1, nobody): "unalertable"}
    # An empty role is owed the latest only; the letter says what was missed.
    small_house.at("2017-03-23 08:00")
    small_house.sweep()
    assert states(small_house, number, "overdue") == {(1, nobody): "superseded"}
    # Even where the next deadline gives way in its turn.
    change.do(
        small_house.later(hours=1), number, change.reclassify("a factory", group="industrial-commercial")
    )
    assert states(small_house, number, "warning-first")[2, nobody] == "unalertable"
    small_house.hire("sup")
    small_house.sweep()
    ((_, case),) = sent(small_house)
    assert case.missed_on == date(2017, 3, 8)
    assert findings(small_house) == []


# --- reopening


def test_what_failed_before_an_end_is_told_after_the_reopening(small_house: House) -> None:
    """A letter was refused for more than a day and passed up to nobody; the complaint was closed by mistake."""
    boss = small_house.hire("boss", Role.MANAGER)
    number = small_house.log()
    small_house.at("2017-04-20 08:00")
    small_house.sweep()
    for _ in range(30):
        small_house.post(Answer.LATER, "451")
        small_house.later(hours=1)
    stage = "escalation-weekly"
    # She had it as the manager, and for the supervisor who is not there.
    roles = [(1, f"role:{role}@MAIN") for role in ("manager", "supervisor")]
    assert states(small_house, number, stage) == {(1, boss): "failed", **dict.fromkeys(roles, "unalertable")}
    small_house.shut(number)
    small_house.later(hours=2)
    assert small_house.post() == []
    change.do(small_house.later(hours=1), number, change.reopen("a mistake"))
    assert states(small_house, number, stage) == {(1, boss): "waiting", **dict.fromkeys(roles, "superseded")}
    small_house.later(hours=2)
    assert small_house.post() == [boss]
    assert findings(small_house) == []


def test_an_empty_role_is_owed_nothing_once_whoever_fills_it_has_been_sent_a_later_stage(
    small_house: House,
) -> None:
    boss = small_house.hire("boss", Role.MANAGER)
    number = small_house.log()
    small_house.at("2017-04-06 08:00")
    small_house.sweep()
    assert small_house.refuse() == [boss]
    small_house.sweep()
    assert states(small_house, number, "escalation-2")[1, "role:manager@MAIN"] == "unalertable"
    small_house.at("2017-04-13 08:00")
    small_house.sweep()
    assert small_house.post() == [boss]
    assert states(small_house, number, "escalation-2")[1, "role:manager@MAIN"] == "superseded"
    assert findings(small_house) == []


def test_a_retired_owner_is_none_after_a_reopening(manned: House) -> None:
    owner = manned.hire("owner", Role.AGENT)
    number = manned.log(owner=owner)
    manned.shut(number)
    offices.retire(manned.later(hours=1), owner)
    assert change.do(manned.later(hours=1), number, change.reopen("again")).owner is None
    shown = look.show(manned.desk, number)
    assert shown.complaint.owner is None
    assert shown.events[-1].data["owner"] is None
    assert findings(manned) == []
    # Who is still there stays.
    other = manned.hire("other", Role.AGENT)
    change.do(manned.desk, number, change.assign(other))
    manned.shut(number)
    assert change.do(manned.later(hours=1), number, change.reopen("again")).owner == other


# --- absences, and an owner who is not there


def test_an_absence_that_is_over_ends_what_waits_for_the_deputy(manned: House) -> None:
    deputy = manned.hire("deputy", Role.AGENT)
    number, going = manned.log(), manned.log()
    manned.at("2017-03-22 09:00")
    offices.away(manned.desk, SUP, date(2017, 3, 23), deputy)
    manned.at("2017-03-23 08:00")
    manned.sweep()
    change.do(manned.desk, going, change.withdraw("by letter"))
    assert states(manned, number, "warning-first") == {(1, deputy): "waiting"}
    (ahead, *_) = look.show(manned.desk, number).coming
    # The stage of the 29th is for whoever is back by then.
    assert ahead.recipients == (SUP,)
    manned.gather()
    (held,) = outbox.claim(manned.desk, 9)
    assert outbox.begin(manned.desk, held)
    manned.at("2017-03-24 00:00")
    manned.sweep()
    # What is on its way stays.
    assert states(manned, number, "warning-first") == {(1, deputy): "waiting"}
    outbox.record(manned.desk, held, Answer.SERVER, "421")
    manned.sweep()
    expected = {(1, deputy): "superseded", (1, SUP): "waiting"}
    assert states(manned, number, "warning-first") == expected
    events = len(manned.events(number))
    manned.later(minutes=1)
    manned.sweep()
    assert (states(manned, number, "warning-first"), len(manned.events(number))) == (expected, events)
    manned.later(hours=1)
    assert manned.post() == [SUP]
    assert findings(manned) == []


def test_what_is_meant_for_an_owner_only_is_the_supervisors_until_there_is_one(database: str) -> None:
    house = House(database, shelf=shipped_with_nudge())
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    house.at("2017-03-27 08:00")
    assert house.sweep().unalertable == 1
    assert house.owed(number)["nudge", "role:supervisor@MAIN"] == "unalertable"
    sup, owner = house.hire("sup"), house.hire("owner", Role.AGENT)
    assert house.owed(number)["nudge", sup] == "waiting"
    change.do(house.later(minutes=5), number, change.assign(owner))
    assert house.owed(number)["nudge", sup] == "superseded"
    assert house.post() == [owner]
    assert findings(house) == []
    house.close()
