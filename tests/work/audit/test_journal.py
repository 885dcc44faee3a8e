"""What the journal holds, and what a hand has made of the tables that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update

from complaint_sla.core.anchor import Anchor
from complaint_sla.core.differences import Check
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules
from complaint_sla.store import heartbeats
from complaint_sla.store.tables import Alert, Complaint, Counter, Event, JournalEntry, Message, Office, Staff
from complaint_sla.work import anchors, chronicle, deliveries, offices
from complaint_sla.work.audit.audit import Discrepancy, audit
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import notices, outbox
from tests.work.desks import DOMAIN, House, moment
from tests.work.findings import after, findings

SUP, BOSS, DEPUTY = "sup@example.org", "boss@example.org", "deputy@example.org"
S, M, A, C, N, J, E = (
    one.__table__ for one in (Staff, Message, Alert, Complaint, Counter, JournalEntry, Event)
)
PLACES = Office.__table__


@pytest.fixture
def busy(house: House) -> House:
    """Offices, people who came, changed, went; letters that were sent; an anchor of the morning."""
    return _play(house)


def _play(house: House) -> House:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    house.hire("deputy", office="EAST")
    house.hire("gone")
    offices.set_staff(house.later(hours=1), DEPUTY, name="Dee", office="MAIN", role=Role.AGENT)
    offices.away(house.later(hours=1), SUP, date(2017, 3, 20), DEPUTY)
    offices.retire(house.later(hours=1), "gone@example.org")
    offices.set_office(house.desk, "EAST", name_en="Far East")
    house.log(urgent=True, office="MAIN")
    house.log(office="EAST")
    house.sweep()
    house.post()
    house.post(Answer.NO_ADDRESS, "550 5.1.1 nobody")
    deliveries.enter(house.desk)
    anchors.keep(house.desk)
    house.log(office="MAIN")
    return house


def test_all_that_was_done_is_in_order_and_told(busy: House) -> None:
    assert findings(busy) == []
    told = [one.kind for one in chronicle.entries(busy.desk, most=99)][::-1]
    assert told[0] == JournalKind.STOCK_TAKEN
    counts = {
        kind: told.count(kind) for kind in ("staff-added", "staff-changed", "staff-away", "staff-retired")
    }
    assert counts == {"staff-added": 4, "staff-changed": 1, "staff-away": 1, "staff-retired": 1}
    assert {"office-added", "office-changed", "delivered", "anchored", "published"} <= set(told)
    changed = next(one for one in chronicle.entries(busy.desk, most=99) if one.kind == "staff-changed")
    assert changed.said is not None
    assert changed.said["was"] == {"office": "EAST", "role": "supervisor"}
    assert (changed.words, changed.system_user) == ({"name": "Dee", "name_was": "Deputy"}, "root")


def test_what_was_sent_after_a_wrong_clock_and_not_entered_yet_is_no_surplus(small_house: House) -> None:
    small_house.hire("sup")
    outbox.beat(small_house.at("2018-03-05 10:00"), None)
    small_house.at("2017-03-06 10:00")
    small_house.store.write(lambda session: heartbeats.trust(session, small_house.clock.at, None))
    small_house.log(urgent=True)
    small_house.sweep()
    # Whoever sent it was killed before it could be entered.
    assert small_house.post() == [SUP]
    assert findings(small_house) == []


def test_what_changes_nothing_is_not_told(small_house: House) -> None:
    small_house.hire("sup")
    before = len(small_house.dump()["journal"])
    offices.set_staff(small_house.desk, SUP, role=Role.SUPERVISOR)
    offices.set_office(small_house.desk, "MAIN", parent="")
    assert len(small_house.dump()["journal"]) == before


def test_entries_that_a_hand_put_in_keep_nobody_from_writing_and_are_found(house: House) -> None:
    """With a login of PostgreSQL whoever may leave a trace may put in an entry of their own making."""
    house.hire("sup")
    names = [column.name for column in J.columns]
    rows = [dict(zip(names, row, strict=True)) for row in house.dump()["journal"]]
    last = max(rows, key=lambda row: row["seq"])
    seq = last["seq"]
    more = [last | {"seq": seq + above, "kind": "exported"} for above in (1, 2, 9)]
    house.store.write(lambda session: session.connection().execute(insert(J), more))

    offices.set_staff(house.desk, SUP, name="Somebody")
    assert (
        next(one.seq for one in chronicle.entries(house.desk, most=9) if one.kind == "staff-changed")
        == seq + 3
    )
    assert {one.about for one in findings(house)} == {"journal"}


def test_of_an_office_its_own_people_and_complaints_are_told(busy: House) -> None:
    found = chronicle.entries(busy.desk, office="EAST", most=99)
    assert {one.kind for one in found} == {"office-added", "office-changed", "staff-added", "staff-changed"}
    assert [one.seq for one in found] == sorted((one.seq for one in found), reverse=True)
    assert chronicle.entries(busy.desk, office="EAST", since=moment("2030-01-01"), most=99) == []


def of(table: Table, **which: Any) -> Any:
    query = update(table)
    for name, value in which.items():
        query = query.where(table.c[name] == value)
    return query


SENT = M.c.state == "sent"
# What a hand does, with the finding: about what, and by which check.
TAMPERED: dict[str, tuple[Any, str, Check]] = {
    "address": (of(S, email=BOSS).values(email="x@gmail.example"), "staff boss@example.org", Check.REGISTER_MISSING),
    "role": (of(S, email=SUP).values(role="manager"), "staff sup@example.org", Check.REGISTER),
    "name": (of(S, email=SUP).values(name="Somebody"), "staff sup@example.org", Check.REGISTER),
    "office of a person": (of(S, email=SUP).values(office_id=2), "staff sup@example.org", Check.REGISTER),
    "absence": (of(S, email=SUP).values(away_until=date(2018, 1, 1)), "staff sup@example.org", Check.REGISTER),
    "deputy": (
        of(S, email=SUP).values(deputy_id=select(S.c.id).where(S.c.email == BOSS).scalar_subquery()),
        "staff sup@example.org",
        Check.REGISTER,
    ),
    "retirement": (of(S, email="gone@example.org").values(retired_at=None), "staff gone@example.org", Check.REGISTER),
    "a mark": (of(S, email=SUP).values(failed_at=moment("2017-03-05")), "staff sup@example.org", Check.REGISTER),
    "language": (of(S, email=SUP).values(language="en"), "staff sup@example.org", Check.REGISTER),
    "login": (of(S, email=SUP).values(login="root"), "staff sup@example.org", Check.REGISTER),
    "somebody more": (
        insert(S).values(email="spy@gmail.example", name="Spy", office_id=1, role="manager", language="en"),
        "staff spy@gmail.example",
        Check.REGISTER_SURPLUS,
    ),
    "somebody less": (delete(S).where(S.c.email == BOSS), "staff boss@example.org", Check.REGISTER_MISSING),
    "name of an office": (of(PLACES, code="EAST").values(name_en="West"), "office EAST", Check.REGISTER),
    "place in the tree": (of(PLACES, code="EAST").values(parent_id=None), "office EAST", Check.REGISTER),
    "an office more": (
        insert(PLACES).values(code="X", name_th="x", name_en="x", parent_id=1),
        "office X",
        Check.REGISTER_SURPLUS,
    ),
    "when it was sent": (update(M).where(SENT).values(sent_at=moment("2017-03-04")), "journal", Check.LETTERS),
    "that it was not sent": (update(M).where(SENT).values(sent_at=None), "journal", Check.LETTERS),
    "when it was made": (update(M).where(SENT).values(created_at=moment("2017-03-04")), "journal", Check.LETTERS),
    "what was answered": (update(M).where(SENT).values(answer="unknown"), "journal", Check.LETTERS),
    "its id": (update(M).where(SENT).values(message_id="<x@y>"), "journal", Check.LETTERS),
    "how often it was tried": (update(M).where(SENT).values(attempts=9), "journal", Check.LETTERS),
    "what it was": (update(M).where(SENT).values(kind="summary"), "journal", Check.LETTERS),
    "a letter that never was": (
        insert(M).values(
            kind="report", occasion="x", recipient=SUP, message_id="<f@f>", state="sent", attempts=1, entry=9,
            created_at=moment("2017-03-05"), not_before=moment("2017-03-05"), sent_at=moment("2017-03-05"),
        ),
        "journal",
        Check.LETTERS,
    ),
    "an entry": (of(J, kind="staff-away").values(data="{}"), "journal", Check.HASH),
    "an entry less": (delete(J).where(J.c.kind == "staff-retired"), "journal", Check.MISSING),
    "the last entry less": (
        delete(J).where(J.c.kind == "anchored"),
        "journal",
        Check.LENGTH,
    ),
    "who did it": (of(J, kind="staff-added").values(system_user="director"), "journal", Check.HASH),
    "whom the server knew": (of(J, kind="staff-added").values(server_user="director"), "journal", Check.HASH),
}  # fmt: skip


def test_what_a_hand_has_made_of_it_is_found(busy: House) -> None:
    unseen = {}
    for what, (edit, about, check) in TAMPERED.items():
        found = after(busy, edit)
        if check not in {one.check for one in found if one.about.startswith(about)}:
            unseen[what] = found
    assert unseen == {}


def test_the_newest_complaint_can_not_vanish_with_its_number(busy: House) -> None:
    with busy.store.engine.begin() as connection:
        number = connection.execute(select(C.c.id).order_by(C.c.id.desc()).limit(1)).scalar_one()
    found = after(
        busy,
        delete(A).where(A.c.complaint_id == number),
        delete(E).where(E.c.complaint_id == number),
        delete(C).where(C.c.id == number),
        update(N).values(serial=N.c.serial - 1),
    )
    assert [(one.about, one.check) for one in found] == [("counter 2017-03", Check.GIVEN)]


def anchored(house: House, anchor: Anchor) -> list[Check]:
    found: list[Discrepancy] = []
    audit(house.desk, found.append, anchor=anchor)
    return [one.check for one in found]


def test_an_anchor_that_was_mailed_holds_all_that_was_recorded_before_it(busy: House) -> None:
    with busy.store.read() as session:
        anchor = anchors.of_day(session, busy.desk.today.isoformat())
    assert anchor is not None
    assert anchor.complaints == 2
    assert Anchor.parse(f" {str(anchor).upper()}\n") == anchor
    assert anchored(busy, anchor) == []
    # A line that was never mailed.
    assert anchored(busy, replace(anchor, head="0" * 32)) == [Check.ANCHOR]
    assert anchored(busy, replace(anchor, complaints=3)) == [Check.ANCHOR]
    # A chain that was written anew with the program's own code holds in itself; not what was anchored of it.
    first = busy.events("C-6003-00001")[-1]
    with busy.store.engine.begin() as connection:
        connection.execute(update(E).where(E.c.id == first.id).values(hash="f" * 64))
        connection.execute(of(C, number="C-6003-00001").values(head="f" * 64))
    assert Check.ANCHORED in anchored(busy, anchor)


def test_a_day_has_one_anchor_and_each_goes_on_from_the_one_before(busy: House) -> None:
    anchors.keep(busy.desk)
    anchors.keep(busy.later(days=1))
    made = [one.said for one in chronicle.entries(busy.desk, most=99) if one.kind == "anchored"]
    assert [one and (one["day"], one["complaints"]) for one in made] == [("2017-03-06", 3), ("2017-03-05", 2)]
    assert findings(busy) == []


def test_a_letter_that_no_round_has_entered_is_found_once_a_later_round_has_ended(busy: House) -> None:
    edit = insert(M).values(
        kind="report", occasion="x", recipient=SUP, message_id="<f@f>", state="sent", attempts=1,
        created_at=moment("2017-03-05"), not_before=moment("2017-03-05"), sent_at=moment("2017-03-05"),
        first_tried_at=moment("2017-03-05"), answer="accepted",
    )  # fmt: skip
    assert after(busy, edit) == []
    busy.later(hours=1).beat("deliver")
    assert [one.check for one in after(busy, edit)] == [Check.LETTER_SURPLUS]


# --- the letter to the administrators


class Telling(House):
    rules = ServiceRules(
        administrators=("admin@example.org",),
        summary=DailySummary(frozenset(range(7)), time(8), (Role.SUPERVISOR,), when_nothing=True),
        mail_domains=("example.org",),
    )

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=self.rules)


@pytest.fixture
def telling(sqlite_database: str) -> Iterator[Telling]:
    opened = Telling(sqlite_database)
    yield opened
    opened.close()


def told_people(house: House) -> list[list[str]]:
    """What the letters of people say that go now, by kind of entry."""
    notices.post(house.desk, DOMAIN)
    found = []
    for held in outbox.claim(house.desk, 99):
        letter = outbox.write(house.desk, held)
        assert letter is not None
        assert outbox.begin(house.desk, held)
        outbox.record(house.desk, held, Answer.ACCEPTED, None)
        if held.kind == "people":
            found.append([one.kind for one in letter.entries])  # type: ignore[union-attr]
    return found


def test_administrators_hear_of_each_change_once_and_of_many_in_one_letter(telling: Telling) -> None:
    telling.hire("sup")
    telling.hire("boss", Role.MANAGER)
    assert told_people(telling) == []
    telling.later(minutes=10)
    assert told_people(telling) == [["staff-added", "staff-added"]]
    assert told_people(telling) == []
    # Whoever goes on and on keeps nobody waiting for longer than an hour.
    for _ in range(13):
        telling.later(minutes=5)
        offices.set_staff(telling.desk, SUP, office="MAIN", name=f"S{telling.desk.now}")
        if told := told_people(telling):
            break
    assert told == [["staff-changed"] * 13]
    telling.later(hours=2)
    assert told_people(telling) == []


def test_people_of_other_domains_are_refused(telling: Telling) -> None:
    offices.add_staff(telling.desk, "a@mail.example.org", "A", "MAIN", Role.AGENT)
    for email in ("someone@gmail.example", "a@notexample.org", "a@example.org.evil.example"):
        with pytest.raises(NotPossible, match="mail-domain"):
            offices.add_staff(telling.desk, email, "A", "MAIN", Role.MANAGER)
    assert len(offices.list_staff(telling.desk)) == 1


def test_each_summary_of_a_day_carries_the_anchor_of_that_day(telling: Telling) -> None:
    telling.hire("sup")
    telling.log()
    telling.at("2017-03-06 08:00")
    notices.post(telling.desk, DOMAIN)
    telling.log()
    (letter,) = [
        outbox.write(telling.desk, held) for held in outbox.claim(telling.desk, 9) if held.kind == "summary"
    ]
    with telling.store.read() as session:
        anchor = anchors.of_day(session, "2017-03-06")
    assert anchor is not None
    assert letter.anchor == anchor  # type: ignore[union-attr]
    assert anchor.complaints == 1
