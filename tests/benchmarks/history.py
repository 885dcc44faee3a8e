"""A database with years of work in it, made in minutes: `python tests/benchmarks/history.py URL COMPLAINTS [YEARS] [SEED]`.

The same arguments give the same rows. Every complaint has its chain, its stages raised when they passed (or late, after
a standstill) and their letters, so that whatever reads a database can be measured on it, the audit too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from complaint_sla.bookshelf import drafts
from complaint_sla.core import fields
from complaint_sla.core.calendars import local_day, month_key
from complaint_sla.core.chain import Link, canonical, digest_of_words
from complaint_sla.core.complaints import EventKind, State, Status
from complaint_sla.core.deadlines import deadline
from complaint_sla.core.rulebook import Facts
from complaint_sla.core.timeline import Entry, Timeline
from complaint_sla.store.engine import Store
from complaint_sla.store.migrations.numbers import link_numbers
from complaint_sla.store.tables import Alert, Complaint, Counter, Customer, Event, Message, Office, Staff
from complaint_sla.work import deliveries, people
from complaint_sla.work.complaints.log import number_of
from complaint_sla.work.desk import Desk
from complaint_sla.work.rules import publish

RULES = Path(__file__).parents[2] / "rules"
BEGIN = datetime(2017, 1, 2, tzinfo=UTC)
# Offices below MAIN, each with its own supervisor and manager and two officers.
OFFICES = 20
# As many complaints as one transaction takes.
CHUNK = 5_000
GROUPS = (("residential", 70), ("industrial-commercial", 20), ("key-account", 7), ("spp-area", 3))
CATEGORIES = ("outage", "low-voltage", "meter-fault", "abnormal-bill", "slow-service")
CHANNELS = ("phone", "walk-in", "letter")
ENDS = (Status.CLOSED,) * 97 + (Status.WITHDRAWN, Status.WITHDRAWN, Status.DUPLICATE)


def fill(url: str, complaints: int, years: float = 1, seed: int = 1) -> datetime:
    """Makes a rehearsal and fills it. Returns the moment (UTC) that it is then, up to which everything has been swept."""
    store = Store.open(url, create=True, rehearsal=True)
    try:
        return _History(store, complaints, timedelta(days=365 * years), Random(seed)).fill()
    finally:
        store.close()


class _History:
    def __init__(self, store: Store, complaints: int, span: timedelta, random: Random) -> None:
        self.store = store
        self.complaints = complaints
        self.span = span
        self.end = BEGIN + span
        self.random = random
        self.drafts = drafts(RULES)
        self.shelf = self.drafts.shelf
        self.book = self.shelf.latest
        self.serials: dict[str, int] = {}
        self.letters = 0
        self.before: tuple[int, str] | None = None
        terms = {term.key for term in (*self.book.channels, *self.book.categories)}
        self.channels = [key for key in CHANNELS if key in terms]
        self.categories = [key for key in CATEGORIES if key in terms]

    def fill(self) -> datetime:
        publish.begin(Desk(self.store, self.shelf, BEGIN, lambda: BEGIN, "root", "root"), self.drafts)
        self.store.write(self._people)
        numbers = iter(range(1, self.complaints + 1))
        while chunk := list(islice(numbers, CHUNK)):
            made = [self._complaint(id_) for id_ in chunk]
            self.store.write(lambda session, rows=made: self._file(session, rows))  # type: ignore[misc]
        self.store.write(self._counters)
        # Of people and letters that come from nowhere.
        desk = Desk(self.store, self.shelf, BEGIN, lambda: BEGIN, "root", "root")
        self.store.write(lambda session: people.take_stock(session, desk))
        deliveries.enter(desk)
        return self.end

    def _people(self, session: Session) -> None:
        rows: list[Any] = [
            Office(id=id_ + 1, code=f"O{id_:03d}", name_th=f"ที่ {id_}", name_en=f"Office {id_}", parent_id=1)
            for id_ in range(1, OFFICES + 1)
        ]
        staff = [("area", 1, "manager")]
        for id_ in range(1, OFFICES + 1):
            staff += [(f"sup{id_}", id_ + 1, "supervisor"), (f"boss{id_}", id_ + 1, "manager")]
            staff += [(f"agent{id_}{letter}", id_ + 1, "agent") for letter in "ab"]
        for number, (name, office_id, role) in enumerate(staff, 1):
            rows.append(
                Staff(
                    id=number,
                    email=f"{name}@example.org",
                    name=name.title(),
                    office_id=office_id,
                    role=role,
                    language="th",
                )
            )
        self.owners = {f"{name}@example.org": number for number, (name, _, _) in enumerate(staff, 1)}
        for row in rows:
            session.add(row)
            session.flush()

    def _file(self, session: Session, made: list[dict[type, list[dict[str, Any]]]]) -> None:
        connection = session.connection()
        for table in (Complaint, Customer, Event, Message, Alert):
            rows = [row for one in made for row in one[table]]
            if rows:
                connection.execute(insert(table), rows)

    def _counters(self, session: Session) -> None:
        rows = [{"month": month, "serial": serial} for month, serial in self.serials.items()]
        session.connection().execute(insert(Counter), rows)
        link_numbers(session.connection())
        if self.store.is_postgresql:
            for table in ("complaint", "message", "office", "staff"):
                last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                session.connection().execute(text(last))

    # --- one complaint

    def _complaint(self, id_: int) -> dict[type, list[dict[str, Any]]]:
        random = self.random
        received_at = BEGIN + self.span * (id_ / (self.complaints + 1))
        received_at = received_at.replace(microsecond=0)
        group = random.choices([key for key, _ in GROUPS], [weight for _, weight in GROUPS])[0]
        facts = Facts(
            received_at,
            group,
            random.random() < 0.05,
            random.choice(self.channels),
            random.choice(self.categories),
        )
        return _Life(self, id_, facts).lived()

    def number(self, month: str) -> str:
        self.serials[month] = self.serials.get(month, 0) + 1
        return number_of(month, self.serials[month])

    def letter(self) -> int:
        self.letters += 1
        return self.letters


class _Life:
    """One complaint from its receipt to its end, or to the end of the history."""

    def __init__(self, history: _History, id_: int, facts: Facts) -> None:
        self.history = history
        self.random = history.random
        self.id = id_
        self.facts = facts
        self.answer = deadline(history.book, facts)
        self.month = month_key(local_day(facts.received_at, history.book.zone))
        self.number = history.number(self.month)
        office = self.random.randint(1, OFFICES)
        self.office_id, self.office = office + 1, f"O{office:03d}"
        self.owner = f"agent{office}{self.random.choice('ab')}@example.org"
        self.people = {
            "owner": self.owner,
            "supervisor": f"sup{office}@example.org",
            "manager": f"boss{office}@example.org",
            "parent:manager": "area@example.org",
        }
        self.rows: dict[type, list[dict[str, Any]]] = {
            table: [] for table in (Complaint, Customer, Event, Message, Alert)
        }
        self.timeline = Timeline(
            history.book,
            self.answer.rule.key,
            self.answer.rule.days,
            facts.received_at,
            self.answer.due_on,
        )
        self.through: datetime | None = None
        self.next_at = self.timeline.first_at()

    def lived(self) -> dict[type, list[dict[str, Any]]]:
        random, end = self.random, self.history.end
        received_at = self.facts.received_at
        subject, customer = f"ไฟฟ้าดับ ครั้งที่ {self.id}", f"ผู้ร้อง {self.id}"
        phone = f"08{self.id % 100_000_000:08d}"
        self._log(subject, customer, phone)
        closes_at = received_at + self._takes()
        acknowledged_at = received_at + timedelta(hours=random.uniform(0.1, 20))
        until = min(closes_at, end)
        if acknowledged_at < until:
            self._sweep(acknowledged_at)
            self._event(EventKind.ACKNOWLEDGED, acknowledged_at, {})
        else:
            acknowledged_at = None
        self._sweep(until)
        state = State.begin(received_at, self.answer.rule.key, self.answer.due_at)
        outcome = of = None
        if closes_at <= end:
            state, outcome, of = self._end(state, closes_at)
            if state.status is Status.CLOSED:
                self.history.before = self.id, self.number
        row = {
            "id": self.id,
            "number": self.number,
            "month": self.month,
            "office_id": self.office_id,
            "group": self.facts.group,
            "urgent": self.facts.urgent,
            "channel": self.facts.channel,
            "category": self.facts.category,
            "subject": subject,
            "subject_search": fields.fold(subject),
            "detail": None,
            "status": state.status.value,
            "owner_id": self.history.owners[self.owner],
            "received_at": received_at,
            "recorded_at": received_at,
            "book": self.history.book.digest,
            "rule": self.answer.rule.key,
            "days": self.answer.rule.days,
            "due_on": self.answer.due_on,
            "due_at": self.answer.due_at,
            "generation": 1,
            "changed_at": state.changed_at,
            "breached_at": state.breached_at,
            "closed_at": state.ended_at,
            "outcome": outcome,
            "acknowledged_at": acknowledged_at,
            "responded_at": None,
            "duplicate_of_id": of,
            "external_id": None,
            "alerted_through": self.through,
            "next_alert_at": self.next_at if state.status is Status.OPEN else None,
            "events": len(self.rows[Event]),
            "head": self.rows[Event][-1]["hash"],
        }
        self.rows[Complaint].append(row)
        self.rows[Customer].append(
            {
                "complaint_id": self.id,
                "name": customer,
                "name_search": fields.fold(customer),
                "phone": phone,
                "account": None,
                "email": None,
            }
        )
        return self.rows

    def _takes(self) -> timedelta:
        """Most are closed in time, some late, a few after months."""
        chance, days = self.random.random(), self.answer.rule.days
        if chance < 0.86:
            return timedelta(days=self.random.uniform(0.05, days))
        return timedelta(days=days + self.random.uniform(0, 20 if chance < 0.98 else 150))

    def _log(self, subject: str, customer: str, phone: str) -> None:
        facts, answer, book = self.facts, self.answer, self.history.book
        data = {
            "number": self.number,
            "office": self.office,
            "group": facts.group,
            "urgent": facts.urgent,
            "channel": facts.channel,
            "category": facts.category,
            "owner": self.owner,
            "received_at": facts.received_at.isoformat(),
            "rule_book": book.id,
            "digest": book.digest,
            "rule": answer.rule.key,
            "days": answer.rule.days,
            "due_on": answer.due_on.isoformat(),
            "due_at": answer.due_at.isoformat(),
            "external_id": None,
        }
        words = {"subject": subject, "customer": customer, "phone": phone}
        self._event(EventKind.LOGGED, facts.received_at, data, words)

    def _end(self, state: State, at: datetime) -> tuple[State, str, int | None]:
        status = self.random.choice(ENDS)
        original = self.history.before
        if status is Status.DUPLICATE and original is None:
            status = Status.CLOSED
        ended = state.ended(status, at)
        data: dict[str, object] = {"on_time": ended.breached_at is None}
        outcome, of = "แก้ไขแล้ว", None
        if status is Status.DUPLICATE and original is not None:
            of, outcome = original
            data["of"] = outcome
        self._event(EventKind(status.value), at, data, {"outcome": outcome})
        return ended, outcome, of

    # --- what the service did

    def _sweep(self, until: datetime) -> None:
        """Every sweep up to a moment; one in fifty comes days late, and raises what had passed at once."""
        while self.next_at is not None and self.next_at <= until:
            late = self.random.uniform(1, 9) if self.random.random() < 0.02 else 0
            at = min(self.next_at + timedelta(days=late), until)
            settlement = self.timeline.settle(self.through, at)
            self.through, self.next_at = at, settlement.next_at
            if settlement.raised is not None:
                roles = [role for one in reversed(settlement.passed) for role in one.stage.roles]
                self._raise(at, settlement.raised, settlement.superseded, dict.fromkeys(roles))

    def _raise(
        self, at: datetime, raised: Entry, superseded: tuple[Entry, ...], roles: Mapping[str, None]
    ) -> None:
        chosen = self._chosen(raised, roles, at, "sent")
        before = [
            _entry(one) | {"recipients": self._chosen(one, dict.fromkeys(one.stage.roles), at, "superseded")}
            for one in superseded
        ]
        data = {
            "generation": 1,
            "fate": "waiting",
            "raised": _entry(raised),
            "superseded": before,
            "recipients": chosen,
        }
        self._event(EventKind.ALERTS, at, data)

    def _chosen(
        self, stage: Entry, roles: Mapping[str, None], at: datetime, state: str
    ) -> dict[str, list[str]]:
        chosen = {self.people[role]: [role] for role in roles}
        for recipient, why in chosen.items():
            letter = self.history.letter() if state == "sent" else None
            if letter is not None:
                self.rows[Message].append(_letter(letter, recipient, at))
            self.rows[Alert].append(
                {
                    "complaint_id": self.id,
                    "generation": 1,
                    "stage": stage.stage.key,
                    "occurrence": stage.occurrence,
                    "stands_for": stage.stands_for,
                    "recipient": recipient,
                    "roles": " ".join(why),
                    "stage_at": stage.moment,
                    "raised_at": at,
                    "urgent": self.facts.urgent,
                    "state": state,
                    "message_id": letter,
                }
            )
        return chosen

    def _event(
        self,
        kind: EventKind,
        at: datetime,
        data: Mapping[str, object],
        words: Mapping[str, str] | None = None,
    ) -> None:
        events = self.rows[Event]
        spoken = canonical(words) if words else None
        salt = f"{self.random.getrandbits(128):032x}" if spoken is not None else None
        digest = digest_of_words(spoken, salt) if spoken is not None and salt is not None else None
        link = Link(
            self.number,
            len(events) + 1,
            kind.value,
            at,
            at,
            self.owner,
            "root",
            canonical(data),
            digest,
        )
        events.append(
            {
                "complaint_id": self.id,
                "seq": link.seq,
                "kind": link.kind,
                "happened_at": at,
                "recorded_at": at,
                "actor": link.actor,
                "system_user": link.system_user,
                "server_user": None,
                "data": link.data,
                "words": spoken,
                "salt": salt,
                "words_digest": digest,
                "hash": link.hash(events[-1]["hash"] if events else ""),
            }
        )


def _entry(one: Entry) -> dict[str, object]:
    return {
        "stage": one.stage.key,
        "occurrence": one.occurrence,
        "stands_for": one.stands_for,
        "stage_at": one.moment.isoformat(),
    }


def _letter(id_: int, recipient: str, at: datetime) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "alerts",
        "occasion": f"{id_:032x}",
        "recipient": recipient,
        "message_id": f"<{id_:032x}@example.org>",
        "state": "sent",
        "created_at": at,
        "attempts": 1,
        "first_tried_at": at,
        "not_before": at,
        "lease_until": None,
        "lease_token": None,
        "sent_at": at,
        "answer": "accepted",
        "error": None,
    }


def _arguments(given: list[str]) -> Iterator[Any]:
    yield given[0]
    yield int(given[1])
    yield from (float(one) for one in given[2:3])
    yield from (int(one) for one in given[3:4])


if __name__ == "__main__":
    print(fill(*_arguments(sys.argv[1:])).isoformat())
