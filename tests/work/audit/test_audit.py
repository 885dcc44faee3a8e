"""The audit: silent about all that the program does, and naming whatever was done by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update

from complaint_sla.core.differences import Check
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import (
    Alert,
    Book,
    Complaint,
    Counter,
    Customer,
    Event,
    Message,
    Office,
    Staff,
)
from complaint_sla.work import offices
from complaint_sla.work.audit.audit import Audited, audit
from complaint_sla.work.audit.journal import Journal
from complaint_sla.work.audit.rules import Rules
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.complaints import duplicates, erase
from complaint_sla.work.complaints.change import NoteKind
from complaint_sla.work.complaints.correct import correct
from complaint_sla.work.sheets.exchange import import_file
from tests.benchmarks.history import fill
from tests.work.desks import House, moment
from tests.work.findings import after, findings
from tests.work.sheet_desk import GOOD, write_csv

C: Table = Complaint.__table__
E: Table = Event.__table__
A: Table = Alert.__table__

# Logged in this order in March, the last one in April.
LATE, OPEN, PROMPT, WITHDRAWN, DUPLICATE, REGROUPED, AGAIN, NEXT_MONTH = (
    *(f"C-6003-{serial:05d}" for serial in range(1, 8)),
    "C-6004-00001",
)


def play(house: House) -> None:
    """Every command, sweeps in time and after a standstill, letters sent, refused and on their way."""
    desk = house.desk
    offices.add_office(desk, "AREA", "เขต", "Area")
    offices.set_office(desk, "MAIN", parent="AREA")
    offices.add_office(desk, "BRANCH", "สาขา", "Branch", "MAIN")
    sup, boss, ann, bob = (
        *(house.hire("sup"), house.hire("boss", Role.MANAGER)),
        *(house.hire("ann", Role.AGENT), house.hire("bob", Role.AGENT, "BRANCH")),
    )
    identity = {"customer": "สมชาย ใจดี", "phone": "0812345678", "account": "123456789012"}
    house.log(office="MAIN", owner=ann, detail="ทั้งซอย", external_id="X-1", **identity)
    house.log("key-account", office="MAIN", owner=ann, email="c@example.org")
    house.log(urgent=True, office="MAIN", external_id="V-3")
    house.log(office="MAIN", customer="สมหญิง")
    house.log(office="BRANCH")
    house.log("industrial-commercial", office="MAIN")
    house.log(office="BRANCH", owner=bob)
    desk = house.later(hours=1)
    house.sweep()
    house.post()
    handle(house)
    house.shut(PROMPT)
    desk = house.later(days=2)
    casework.do(desk, WITHDRAWN, casework.withdraw("เข้าใจผิด"))
    duplicates.mark(desk, DUPLICATE, OPEN)
    casework.do(desk, REGROUPED, casework.reclassify("wrong group", group="spp-area"))
    casework.do(desk, REGROUPED, casework.reclassify("wrong category", category="abnormal-bill"))
    casework.do(desk, REGROUPED, casework.assign(bob))
    put_right(house)
    for _ in range(4):
        house.later(days=3, hours=3)
        house.sweep()
        house.post()
    offices.away(house.desk, sup, house.desk.today + timedelta(days=9), boss)
    casework.do(house.later(days=1), AGAIN, casework.transfer("MAIN", "theirs"))
    house.later(days=6)
    house.sweep()
    house.post(Answer.NO_ADDRESS, "550", most=1)
    casework.do(house.later(hours=1), OPEN, casework.transfer("BRANCH", "theirs"))
    casework.do(house.later(days=5), AGAIN, casework.close("done", house.clock.at - timedelta(days=3)))
    casework.do(house.later(days=8), AGAIN, casework.reopen("not solved"))
    casework.do(house.desk, DUPLICATE, casework.reopen("not the same"))
    duplicates.mark(house.later(hours=1), DUPLICATE, OPEN)
    offices.retire(house.desk, ann, bob)
    offices.set_staff(house.desk, sup, back=True, reachable=True)
    house.log(received_at=house.clock.at - timedelta(days=1), office="MAIN")
    house.later(days=9)
    house.sweep()
    house.post()
    house.shut(LATE)
    erase.erase(house.later(days=1), PROMPT, "asked for")
    erase.erase(house.desk, NEXT_MONTH, "asked for", at_end=True)
    house.later(days=7)
    house.sweep()


def handle(house: House) -> None:
    """All kinds of work on one of them."""
    casework.do(house.desk, LATE, casework.acknowledge())
    for kind in (None, *NoteKind, NoteKind.RESPOND):
        casework.do(house.later(minutes=1), LATE, casework.note("โทรแล้ว", kind))


def put_right(house: House) -> None:
    """Corrections of every kind, one of what has ended and is erased later."""
    correct(house.desk, LATE, {"phone": "0812345679", "email": "s@example.org", "channel": "line"})
    correct(house.desk, LATE, {"subject": "ไฟดับทั้งซอย", "phone": "", "external_id": "X-2"})
    correct(house.desk, PROMPT, {"subject": "ไฟตก"})


@pytest.fixture(scope="module")
def played(lasting_house: House) -> House:
    """A house in which everything has happened, in May 2017. What is done to it by hand is taken back."""
    play(lasting_house)
    return lasting_house


# --- What the program does is in order


def test_a_house_where_everything_has_happened_is_in_order(played: House) -> None:
    found: list[object] = []
    done = audit(played.desk, found.append)
    assert found == []
    with played.store.read() as session:
        events = len(session.execute(select(E.c.id)).all())
        alerts = session.execute(select(A.c.state)).scalars().all()
    letters, entries = len(played.messages()), len(played.dump()["journal"])
    assert done == Audited(1, 8, events, len(alerts), letters, entries=entries)
    # Or the house would not have been as busy as it is meant to be.
    assert {"waiting", "sent", "superseded", "dropped"} <= set(alerts)
    kinds = {
        one.kind
        for number in (LATE, OPEN, PROMPT, DUPLICATE, REGROUPED, AGAIN)
        for one in played.events(number)
    }
    assert len(kinds) >= 14


def test_an_empty_house_is_in_order(small_house: House) -> None:
    assert findings(small_house) == []


def test_what_comes_from_sheets_is_in_order(house: House, tmp_path: Path) -> None:
    """Open, ended and duplicate rows, and ends of what was known."""
    house.hire("sup")
    desk = house.at("2017-06-01 12:00")
    ended = {"closed_at": "2017-03-10T09:00:00+07:00", "outcome": "ซ่อมแล้ว"}
    between = {
        "acknowledged_at": "2017-03-06T09:00:00+07:00",
        "responded_at": "2017-03-12T09:00:00+07:00",
    }
    rows = [
        GOOD | {"external_id": "A", "phone": "0812345678", "customer": "สมชาย"},
        GOOD | {"external_id": "B"} | ended | between,
        GOOD | {"external_id": "C", "duplicate_of": "B"} | ended,
        GOOD
        | {"external_id": "D", "status": "withdrawn"}
        | ended
        | {"closed_at": "2017-04-30T09:00:00+07:00"},
        GOOD | {"external_id": "E", "received_at": "2017-05-20"},
        GOOD | {"external_id": "F", "urgent": "yes"},
    ]
    import_file(desk, write_csv(tmp_path / "first.csv", rows), dry_run=True)
    import_file(desk, write_csv(tmp_path / "first.csv", rows))
    assert findings(house) == []
    house.sweep()
    house.post()
    rows[0] |= ended
    import_file(house.later(days=1), write_csv(tmp_path / "second.csv", rows))
    assert house.complaint("C-6003-00001").status == "closed"
    for number in ("C-6003-00002", "C-6003-00003"):
        casework.do(house.later(hours=1), number, casework.reopen("not solved"))
    assert findings(house) == []


def test_the_history_that_benchmarks_measure_is_in_order(database: str, monkeypatch) -> None:
    monkeypatch.setattr("complaint_sla.store.archive.pages.__defaults__", (20,))
    end = fill(database, 60, years=0.5)
    house = House(database)
    house.clock.at = end
    steps: list[tuple[int, int]] = []
    found: list[object] = []
    audit(house.desk, found.append, lambda done, of: steps.append((done, of)))
    assert found == []
    # The last page is known by being short.
    assert steps == [(20, 60), (40, 60), (60, 60), (60, 60)]
    # The people and books in it are real: work goes on.
    house.log(office="O001")
    house.later(days=10)
    house.sweep()
    assert findings(house) == []
    house.close()


# --- What was done by hand is found and named


@dataclass(frozen=True)
class Change:
    """What somebody did, and what must be said of it: (about, check, how the name begins). Of nothing else is spoken."""

    what: str
    do: tuple[Any, ...]
    said: tuple[tuple[str, Check, str], ...]


def id_of(number: str) -> Any:
    return select(C.c.id).where(C.c.number == number).scalar_subquery()


def column(number: str, name: str, value: object, *more: tuple[str, Check, str], **others: object) -> Change:
    statement = update(C).where(C.c.number == number).values({name: value, **others})
    shown = name.removesuffix("_id") if name != "external_id" else name
    return Change(f"{name} of {number}", (statement,), ((number, Check.COLUMN, shown), *more))


def words(number: str, table: Table, **values: object) -> Change:
    owner = C.c.number == number if table is C else table.c.complaint_id == id_of(number)
    name = next(iter(values))
    shown = {"name": "customer"}.get(name, name)
    return Change(
        f"{name} of {number}", (update(table).where(owner).values(values),), ((number, Check.TEXT, shown),)
    )


def event(number: str, seq: int) -> Any:
    return (E.c.complaint_id == id_of(number)) & (E.c.seq == seq)


def at_event(number: str, seq: int, check: Check, *more: tuple[str, Check, str], **values: object) -> Change:
    statement = update(E).where(event(number, seq)).values(values)
    return Change(f"event {seq}: {', '.join(values)}", (statement,), ((number, check, f"{seq} "), *more))


def alert(number: str, stage: str, recipient: str = "sup@example.org") -> Any:
    return (A.c.complaint_id == id_of(number)) & (A.c.stage == stage) & (A.c.recipient == recipient)


def at_alert(number: str, stage: str, name: str, value: object) -> Change:
    statement = update(A).where(alert(number, stage)).values({name: value})
    return Change(f"alert {stage}: {name}", (statement,), ((number, Check.ALERT, f"1/{stage}/1 → sup@"),))


def remove(number: str) -> tuple[Any, ...]:
    """Deletes a complaint with all that belongs to it."""
    mine = [delete(t).where(t.c.complaint_id == id_of(number)) for t in (A, E, Customer.__table__)]
    return (*mine, delete(C).where(C.c.number == number))


def last_event_goes(connection: Connection) -> None:
    seq = connection.execute(select(C.c.events).where(C.c.number == AGAIN)).scalar_one()
    connection.execute(delete(E).where(event(AGAIN, seq)))


def an_event_is_appended(connection: Connection) -> None:
    """A note with the right hash, as somebody with the code would write it; only the record beside it is forgotten."""
    from complaint_sla.core.chain import Link

    row = connection.execute(select(C).where(C.c.number == PROMPT)).mappings().one()
    at = row["closed_at"]
    link = Link(PROMPT, row["events"] + 1, "noted", at, at, "x", "root", "{}", None)
    values = {"happened_at": at, "recorded_at": at, "actor": "x", "system_user": "root", "data": "{}"}
    values |= {"complaint_id": row["id"], "seq": link.seq, "kind": "noted", "hash": link.hash(row["head"])}
    connection.execute(insert(E).values(values))


def an_alert_is_added(connection: Connection) -> None:
    row = dict(connection.execute(select(A).where(alert(LATE, "overdue"))).mappings().one())
    del row["id"]
    connection.execute(
        insert(A).values({**row, "recipient": "friend@example.org", "message_id": None, "state": "dropped"})
    )


def a_book_says(old: str, new: str) -> Any:
    return _BOOK.values(text=text("replace(text, :old, :new)").bindparams(old=old, new=new))


DAY = timedelta(days=1)
CLOSED_AT = moment("2017-03-20 10:00")
SUP, BOB = (
    select(Staff.id).where(Staff.email == "sup@example.org"),
    select(Staff.id).where(Staff.email == "bob@example.org"),
)
BRANCH = select(Office.id).where(Office.code == "BRANCH")

_BOOK = update(Book).where(Book.kind == "book")

CHANGES = [
    # the complaint's row: every column
    column(LATE, "closed_at", CLOSED_AT),
    column(LATE, "breached_at", None),
    column(LATE, "changed_at", CLOSED_AT),
    column(PROMPT, "due_at", moment("2017-03-05 10:30"), (PROMPT, Check.BUCKET, "")),
    column(LATE, "due_on", date(2017, 5, 31)),
    column(LATE, "days", 60),
    column(LATE, "rule", "urgent"),
    column(LATE, "received_at", moment("2017-04-01 10:00")),
    column(LATE, "recorded_at", moment("2017-04-01 10:00")),
    column(LATE, "month", "2017-04"),
    column(LATE, "group", "spp-area"),
    column(LATE, "urgent", True),
    column(LATE, "channel", "letter"),
    column(LATE, "category", "low-voltage"),
    column(LATE, "office_id", BRANCH.scalar_subquery()),
    column(LATE, "came_from_id", BRANCH.scalar_subquery()),
    column(LATE, "owner_id", SUP.scalar_subquery()),
    column(OPEN, "owner_id", BOB.scalar_subquery()),
    column(LATE, "number", "C-6003-00099"),
    words(LATE, C, external_id="X-1"),
    column(PROMPT, "external_id", "V-3"),
    column(OPEN, "erase_at_end", True),
    column(PROMPT, "erase_at_end", True),
    column(LATE, "acknowledged_at", None),
    column(LATE, "responded_at", CLOSED_AT),
    column(REGROUPED, "generation", 1),
    column(DUPLICATE, "duplicate_of_id", id_of(LATE)),
    column(WITHDRAWN, "status", "closed", (WITHDRAWN, Check.BUCKET, "")),
    column(LATE, "status", "open", closed_at=None),
    column(OPEN, "status", "closed", closed_at=CLOSED_AT, next_alert_at=None, alerted_through=None),
    column(OPEN, "next_alert_at", None),
    column(OPEN, "next_alert_at", moment("2018-01-01")),
    column(OPEN, "alerted_through", None),
    column(OPEN, "alerted_through", moment("2017-03-05 11:00")),
    Change(
        "a stage is skipped",
        (
            update(C)
            .where(C.c.number == OPEN)
            .values(alerted_through=moment("2017-05-30"), next_alert_at=moment("2017-05-31 08:00")),
        ),
        ((OPEN, Check.UNRAISED, "escalation-weekly"),),
    ),
    Change(
        "the length", (update(C).where(C.c.number == LATE).values(events=3),), ((LATE, Check.LENGTH, ""),)
    ),
    Change(
        "the head", (update(C).where(C.c.number == LATE).values(head="0" * 64),), ((LATE, Check.HEAD, ""),)
    ),
    # personal texts
    words(LATE, C, subject="อื่น", subject_search="อื่น"),
    words(LATE, C, subject_search="อื่น"),
    words(LATE, C, detail=None),
    words(LATE, C, outcome="ดีมาก"),
    words(LATE, Customer.__table__, name="สมศักดิ์", name_search="สมศักดิ์"),
    words(LATE, Customer.__table__, phone="0899999999"),
    words(LATE, Customer.__table__, account=None),
    words(OPEN, Customer.__table__, email="d@example.org"),
    # as they were before they were corrected
    words(LATE, C, subject="ไฟดับ", subject_search="ไฟดับ"),
    words(LATE, Customer.__table__, phone="0812345679"),
    column(LATE, "channel", "phone"),
    Change(
        "the customer is deleted",
        (delete(Customer.__table__).where(Customer.__table__.c.complaint_id == id_of(WITHDRAWN)),),
        ((WITHDRAWN, Check.TEXT, "customer"),),
    ),
    # events
    at_event(LATE, 2, Check.HASH, happened_at=CLOSED_AT),
    at_event(LATE, 2, Check.HASH, recorded_at=CLOSED_AT),
    at_event(LATE, 2, Check.HASH, actor="friend@example.org"),
    at_event(LATE, 2, Check.HASH, system_user="friend"),
    at_event(LATE, 3, Check.HASH, kind="communicated"),
    at_event(LATE, 2, Check.HASH, (LATE, Check.UNREADABLE, "2 "), kind="forgiven"),
    at_event(LATE, 2, Check.HASH, (LATE, Check.UNREADABLE, "2 "), data="{"),
    at_event(LATE, 1, Check.HASH, (LATE, Check.UNREADABLE, "1 "), data="{}"),
    at_event(LATE, 2, Check.HASH, (LATE, Check.NEWER, "2 "), data='{"format":9}'),
    at_event(LATE, 1, Check.HASH, hash="0" * 64),
    at_event(LATE, 3, Check.WORDS, words='{"note":"ไม่มี"}'),
    at_event(LATE, 3, Check.WORDS, salt="0" * 32),
    at_event(LATE, 3, Check.WORDS, words=None),
    at_event(LATE, 3, Check.WORDS, salt=None),
    at_event(LATE, 3, Check.HASH, words=None, salt=None, words_digest=None),
    Change(
        "an event within is deleted",
        (delete(E).where(event(LATE, 3)),),
        ((LATE, Check.MISSING, "3"), (LATE, Check.LENGTH, "")),
    ),
    Change("the logging is deleted", (delete(E).where(event(LATE, 1)),), ((LATE, Check.MISSING, "1"),)),
    Change(
        "the last event is deleted",
        (last_event_goes,),
        ((AGAIN, Check.LENGTH, ""), (AGAIN, Check.HEAD, "")),
    ),
    Change(
        "all events are deleted",
        (delete(E).where(E.c.complaint_id == id_of(LATE)),),
        ((LATE, Check.MISSING, "1"),),
    ),
    Change(
        "an event is appended",
        (an_event_is_appended,),
        ((PROMPT, Check.LENGTH, ""), (PROMPT, Check.HEAD, "")),
    ),
    # the ledger
    Change(
        "an alert is deleted",
        (delete(A).where(alert(LATE, "overdue")),),
        ((LATE, Check.ALERT_MISSING, "1/overdue/1 → sup@"),),
    ),
    Change(
        "an alert is added", (an_alert_is_added,), ((LATE, Check.ALERT_SURPLUS, "1/overdue/1 → friend@"),)
    ),
    Change(
        "an alert is for somebody else",
        (update(A).where(alert(LATE, "overdue")).values(recipient="friend@example.org", state="dropped"),),
        (
            (LATE, Check.ALERT_MISSING, "1/overdue/1 → sup@"),
            (LATE, Check.ALERT_SURPLUS, "1/overdue/1 → friend@"),
        ),
    ),
    at_alert(LATE, "overdue", "stage_at", CLOSED_AT),
    at_alert(LATE, "overdue", "raised_at", CLOSED_AT),
    at_alert(LATE, "overdue", "stands_for", 2),
    at_alert(LATE, "overdue", "urgent", True),
    at_alert(LATE, "overdue", "roles", "manager"),
    at_alert(LATE, "overdue", "roles", "supervisor owner manager"),
    at_alert(LATE, "overdue", "state", "forgotten"),
    at_alert(LATE, "overdue", "state", "waiting"),
    Change(
        "an alert is marked as sent",
        (update(A).where(A.c.complaint_id == id_of(OPEN), A.c.state == "waiting").values(state="sent"),),
        ((OPEN, Check.LETTER, "1/"),),
    ),
    Change(
        "a letter is said not to have gone",
        (
            update(Message.__table__)
            .where(
                Message.__table__.c.id
                == select(A.c.message_id).where(alert(PROMPT, "receipt")).scalar_subquery()
            )
            .values(state="failed"),
        ),
        ((PROMPT, Check.LETTER, "1/receipt/1"), ("message 1", Check.LETTER_STATE, "sent_at")),
    ),
    # what is given out once
    Change("a complaint is deleted", remove(WITHDRAWN), ((WITHDRAWN, Check.NUMBERS, ""),)),
    Change(
        "the last complaint of a month is deleted",
        remove(NEXT_MONTH),
        (("counter 2017-04", Check.COUNTER, ""),),
    ),
    Change(
        "a complaint and its counter are deleted",
        (*remove(PROMPT), update(Counter).where(Counter.month == "2017-03").values(serial=6)),
        (
            (PROMPT, Check.NUMBERS, ""),
            ("counter 2017-03", Check.COUNTER, ""),
            # What only that was told of.
            ("message 1", Check.LETTER_EMPTY, ""),
        ),
    ),
    Change(
        "a counter is raised",
        (update(Counter).where(Counter.month == "2017-03").values(serial=9),),
        (("counter 2017-03", Check.COUNTER, ""),),
    ),
    Change(
        "a counter is deleted",
        (delete(Counter).where(Counter.month == "2017-03"),),
        (("counter 2017-03", Check.COUNTER, ""),),
    ),
    # books
    Change(
        "the text of a book", (a_book_says("days = 25", "days = 30"),), (("book pea-2560", Check.BOOK, ""),)
    ),
    Change(
        "the holidays of a book",
        (_BOOK.values(holidays='{"2017-03-06": "free"}'),),
        (("book pea-2560", Check.BOOK, ""),),
    ),
    Change("no holidays of a book", (_BOOK.values(holidays="[]"),), (("book pea-2560", Check.BOOK, ""),)),
    Change("the id of a book", (_BOOK.values(book_id="pea-2561"),), (("book pea-2561", Check.BOOK, ""),)),
]


@pytest.mark.parametrize(
    "change", CHANGES, ids=[f"{number} {one.what}" for number, one in enumerate(CHANGES)]
)
def test_what_was_done_by_hand_is_found_and_named(played: House, change: Change) -> None:
    found = after(played, *change.do)
    for about, check, name in change.said:
        stored_as = "C-6003-00099" if change.what.startswith("number") else about
        assert any(
            one.check is check and one.about == stored_as and one.name.startswith(name) for one in found
        ), (check, name, found)
    # Of no other complaint is anything said.
    abouts = {one.about for one in found}
    assert len(abouts) == len({about for about, _, _ in change.said}), found


def test_by_a_book_under_another_id_nothing_is_judged(small_house: House) -> None:
    small_house.store.write(lambda session: session.execute(_BOOK.values(book_id="pea-2561")))
    with small_house.store.read() as session:
        journal = Journal(session)
        assert list(journal.all()) == []
        rules = Rules(session, journal)
        assert {name for name, _ in rules.all()} == {"book pea-2561"}
    assert rules.trusted == {}


def emptied(played: House, number: str) -> tuple[Any, ...]:
    """An erasure in all but its event."""
    id_ = played.complaint(number).id
    return (
        update(E).where(E.c.complaint_id == id_).values(words=None, salt=None),
        update(C).where(C.c.id == id_).values(subject="", subject_search="", detail=None, outcome=None),
        delete(Customer.__table__).where(Customer.__table__.c.complaint_id == id_),
    )


def test_an_erasure_without_its_event_is_found(played: House) -> None:
    found = after(played, *emptied(played, LATE))
    assert {(one.about, one.check) for one in found} == {(LATE, Check.NOT_ERASED)}
    assert {one.name for one in found} == {
        f"{one.seq} {one.kind}" for one in played.events(LATE) if one.words is not None
    }


def test_the_reason_of_an_erasure_stays(played: House) -> None:
    seq = played.events(PROMPT)[-1].seq
    found = after(played, update(E).where(event(PROMPT, seq)).values(words=None, salt=None))
    assert [(one.about, one.check, one.name) for one in found] == [
        (PROMPT, Check.NOT_ERASED, f"{seq} erased")
    ]


def test_whatever_an_erasure_emptied_is_missed_when_it_is_back(played: House) -> None:
    id_ = played.complaint(PROMPT).id
    back = {
        "subject": update(C).values(subject="ไฟดับ"),
        "subject_search": update(C).values(subject_search="ไฟดับ"),
        "detail": update(C).values(detail="ทั้งซอย"),
        "outcome": update(C).values(outcome="done"),
    }
    for name, statement in back.items():
        found = after(played, statement.where(C.c.id == id_))
        assert (PROMPT, Check.ERASED, name) in {(one.about, one.check, one.name) for one in found}
    customer = insert(Customer.__table__).values(complaint_id=id_, name="สมชาย", name_search="สมชาย")
    assert [(one.about, one.check, one.name) for one in after(played, customer)] == [
        (PROMPT, Check.ERASED, "customer")
    ]
    words = update(E).where(event(PROMPT, 1)).values(words="{}", salt="0" * 32)
    assert {(one.about, one.check, one.name) for one in after(played, words)} >= {
        (PROMPT, Check.ERASED, "words of 1 logged")
    }


def test_what_was_said_after_an_erasure_is_in_order(house: House) -> None:
    number = house.log(customer="สมชาย")
    house.shut(number)
    erase.erase(house.later(hours=1), number, "asked for")
    casework.do(house.later(hours=1), number, casework.note("called again"))
    assert findings(house) == []
    casework.do(house.later(hours=1), number, casework.reopen("not solved"))
    casework.do(house.later(hours=1), number, casework.close("done now"))
    assert findings(house) == []
    erase.erase(house.later(hours=1), number, "asked again")
    assert findings(house) == []


def test_personal_texts_are_never_shown(played: House) -> None:
    id_ = played.complaint(LATE).id
    found = after(
        played,
        update(C).where(C.c.id == id_).values(subject="SECRET", detail="SECRET", outcome="SECRET"),
        update(Customer.__table__)
        .where(Customer.__table__.c.complaint_id == id_)
        .values(name="SECRET", phone="SECRET"),
        update(E)
        .where(E.c.complaint_id == id_, E.c.words.is_not(None))
        .values(words=json.dumps({"note": "SECRET"})),
    )
    assert len([one for one in found if one.check is Check.WORDS]) == 10
    assert "SECRET" not in repr(found)
    assert "ใจดี" not in repr(found)


def test_rows_of_a_complaint_that_is_gone_are_found(played: House) -> None:
    id_ = played.complaint(LATE).id
    # As a tool that knows nothing of foreign keys does it.
    blind = "SET LOCAL session_replication_role = replica"
    if not played.store.is_postgresql:
        blind = "PRAGMA defer_foreign_keys = ON"
    found = {
        (one.about, one.check, one.name) for one in after(played, text(blind), delete(C).where(C.c.id == id_))
    }
    assert found == {
        (LATE, Check.NUMBERS, "2017-03"),
        *((f"complaint #{id_}", Check.ORPHAN, table) for table in ("event", "alert", "customer")),
    }


def test_a_number_that_is_no_text_keeps_no_others_from_being_counted(small_house: House) -> None:
    first, gone, _ = (small_house.log() for _ in range(3))
    damaged = text("UPDATE complaint SET number = x'00ff' WHERE number = :number").bindparams(number=first)
    checks = {one.check: one.about for one in after(small_house, *remove(gone), damaged)}
    assert checks[Check.NUMBERS] == f"{first} – {gone}"
    assert Check.RECORD in checks


def test_the_audit_changes_nothing(played: House) -> None:
    before = played.dump()
    findings(played)
    assert played.dump() == before


@pytest.mark.postgresql
def test_the_audit_sees_one_state_while_others_work(postgresql_database: str) -> None:
    """A complaint that is logged while the audit reads belongs to no page, no counter and no count."""
    house = House(postgresql_database)
    house.log()
    other = Store.open(postgresql_database)
    found: list[object] = []
    done = audit(house.desk, found.append, lambda _done, _of: house.log())
    other.close()
    assert found == []
    assert done.complaints == 1
    assert findings(house) == []
    house.close()
