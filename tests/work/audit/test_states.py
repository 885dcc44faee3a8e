"""States of alerts follow from the events, whatever letters do between them: one edited by hand is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Table, insert, text, update

from complaint_sla.core.differences import Check
from complaint_sla.core.owed import AlertState
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import HANDED_OVER
from complaint_sla.store import archive
from complaint_sla.store.tables import Alert, Message
from complaint_sla.work import offices
from complaint_sla.work.audit.audit import _Audit
from complaint_sla.work.audit.complaints import Comparison, Filed
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.letters import outbox
from tests.work.audit.test_audit import play
from tests.work.desks import DOMAIN, House
from tests.work.findings import after, findings

A: Table = Alert.__table__
M: Table = Message.__table__
NO_LETTER = dict.fromkeys(("message_id", "letter_kind", "letter_state", "letter_to", "letter_attempts"))


def judged(house: House) -> Iterator[tuple[Filed, _Audit]]:
    """Every complaint as it is filed, and the audit that looks at it."""
    with house.store.read() as session:
        one = _Audit(session, house.desk, None, None, None)
        list(one.journal.all())
        list(one._books())
        for page in archive.pages(session):
            for row in page.complaints:
                id_ = row["id"]
                parts = (each.get(id_, ()) for each in (page.events, page.alerts, page.customers))
                yield Filed(row, *parts, page.originals.get(row["duplicate_of_id"])), one


def edited(filed: Filed) -> Iterator[tuple[Any, str, bool, Filed]]:
    """Each alert in each other state, and also taken out of its letter."""
    for place, alert in enumerate(filed.alerts):
        for state in AlertState:
            for out in {False, alert["message_id"] is not None}:
                if state != alert["state"]:
                    other = {**alert, "state": state.value, **(NO_LETTER if out else {})}
                    alerts = [*filed.alerts[:place], other, *filed.alerts[place + 1 :]]
                    yield alert, state, out, replace(filed, alerts=alerts)


def test_whoever_edits_a_state_is_found_out(small_house: House) -> None:
    """But where letters may have done it: what was sent, and is out of its letter, only that letter's own entry tells."""
    play(small_house)
    done = 0
    for filed, one in judged(small_house):
        for alert, state, out, other in edited(filed):
            found = Comparison(other, one.registers, one.now, one.latest).differences
            may_be = (
                alert["state"] == AlertState.FAILED
                or (alert["state"] == AlertState.SENT and out)
                # What was overtaken, and what was dropped: neither is told.
                or {alert["state"], state} == {AlertState.SUPERSEDED, AlertState.DROPPED}
                # That it was handed over is told rather than nothing, whenever the stage was raised.
                or (alert["stage"], state) == (HANDED_OVER.key, AlertState.WAITING)
            )
            assert found or (may_be and state != AlertState.SENT), (filed.row["number"], dict(alert), state)
            done += bool(found)
    assert done > 300


def test_what_waits_beside_what_was_sent_later_was_taken_along(house: House) -> None:
    """Gathering takes an earlier stage along: one that is said to wait still never did."""
    sup = house.hire("sup")
    number = house.log()
    house.at("2017-03-23 09:00")
    house.sweep()
    house.at("2017-03-29 09:00")
    house.sweep()
    house.post()
    first = update(A).where(A.c.stage == "warning-first")
    assert findings(house) == []
    assert [(one.about, one.check) for one in after(house, first.values(state="waiting"))] == [
        (number, Check.ALERT)
    ]
    assert house.owed(number)["warning-first", sup] == "superseded"


def test_a_letter_that_was_refused_may_leave_what_events_say_behind(house: House) -> None:
    """Ended while it goes out, refused for now, reopened: it waits, and no event says so."""
    house.hire("sup")
    number = house.log(urgent=True)
    house.sweep()
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    assert outbox.write(house.desk, held)
    assert outbox.begin(house.desk, held)
    house.shut(number)
    casework.do(house.later(hours=1), number, casework.reopen("not solved"))
    assert findings(house) == []
    outbox.record(house.desk, held, Answer.LATER, "451")
    assert house.owed(number)["receipt", "sup@example.org"] == "waiting"
    assert findings(house) == []
    house.later(minutes=10)
    assert house.post() == ["sup@example.org"]
    assert findings(house) == []


def test_what_failed_may_be_told_again_where_the_next_in_line_has_it(house: House) -> None:
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    house.log(urgent=True)
    house.sweep()
    house.post(Answer.NO_ADDRESS, "550")
    assert findings(house) == []
    offices.set_staff(house.desk, "sup@example.org", reachable=True)
    outbox.retry(house.later(hours=1), None)
    assert findings(house) == []
    house.post()
    assert findings(house) == []


def test_a_letter_says_what_its_state_allows(small_house: House) -> None:
    house = small_house
    house.hire("sup")
    house.log(urgent=True)
    house.sweep()
    house.post()
    at = house.clock.at
    for name, value in {
        "sent_at": None,
        "answer": "later",
        "attempts": 0,
        "first_tried_at": None,
        "message_id": "none",
        "error": "x",
        "lease_until": at,
    }.items():
        found = after(house, update(M).values({name: value}))
        assert (Check.LETTER_STATE, name) in {(one.check, one.name) for one in found}, name
    assert {one.check for one in after(house, update(M).values(sent_at=house.later(days=9).now))} == set()
    house.clock.at = at
    late = after(house, update(M).values(sent_at=at.replace(year=2099)))
    assert [(one.about, one.check, one.name) for one in late] == [("message 1", Check.TO_COME, "sent_at")]
    (row,) = house.messages()
    another = {one.name: getattr(row, one.name) for one in M.columns if one.name != "id"}
    another |= {"occasion": "x", "message_id": "<x@y>"}
    empty = after(house, insert(M).values(another))
    assert [one.check for one in empty] == [Check.LETTER_EMPTY]
    # Of another kind it is nobody's letter.
    assert {one.check for one in after(house, update(M).values(kind="summary"))} == {Check.LETTER}
    assert outbox.gather(house.desk, DOMAIN) == 0


@pytest.mark.parametrize("value", ["x", b"\0", -1, "9" * 30])
def test_a_letter_that_can_not_be_read_is_named(small_house: House, value: object) -> None:
    small_house.hire("sup")
    small_house.log(urgent=True)
    small_house.sweep()
    small_house.post()
    for name in ("attempts", "sent_at", "state", "kind", "recipient"):
        assert after(small_house, text(f"UPDATE message SET {name} = :value").bindparams(value=value)), name
