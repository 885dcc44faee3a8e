"""A complaint's row as the core sees it; one complaint in hand, locked, and the pen that writes its chain of events."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.chain import COVERED, Link, canonical, digest_of_words, written
from complaint_sla.core.complaints import EventKind, State, Status
from complaint_sla.core.errors import Error, NotFound, NotPossible
from complaint_sla.core.rulebook import Book, Facts
from complaint_sla.core.timeline import Timeline
from complaint_sla.store import complaints, logins
from complaint_sla.store.tables import Complaint, Event, Office
from complaint_sla.store.types import UNKNOWN, whole
from complaint_sla.work.desk import Desk

# Who complained: the names that their words have in the first event and in sheets, and the customer's columns.
IDENTITY = {"customer": "name", "phone": "phone", "account": "account", "email": "email"}
# Personal data that is said when a complaint is logged: gone once it has been erased.
PERSONAL = ("subject", "detail", *IDENTITY)
# The words of its first event: with these, the number that another system has given it.
LOGGED_WORDS = (*PERSONAL, "external_id")


def missing(session: Session, desk: Desk, number: str) -> Error:
    """Why a complaint can't be had: there is none with that number, or it is another office's."""
    if desk.standing.confined:
        seen = complaints.with_number(session, fields.number(number))
        if seen is not None:
            office = session.get(Office, seen.office_id)
            return NotPossible("handed-over", number=seen.number, office=office.code if office else UNKNOWN)
        for one in logins.elsewhere(session, number=fields.number(number)):
            return NotPossible("office-of-others", number=one.number, office=one.office)
    if not fields.is_number(number):
        return NotFound("no-number", number=number)
    return NotFound("no-such-complaint", number=number)


def facts_of(row: Complaint) -> Facts:
    return Facts(row.received_at, row.group, row.urgent, row.channel, row.category)


def state_of(row: Complaint) -> State:
    return State(
        status=Status(row.status),
        received_at=row.received_at,
        rule=row.rule,
        due_at=row.due_at,
        changed_at=row.changed_at,
        generation=row.generation,
        breached_at=row.breached_at,
        ended_at=row.closed_at,
    )


def timeline_of(row: Complaint, book: Book) -> Timeline:
    """The stages of its present deadline. `book` is the one that it has pinned."""
    return Timeline(book, row.rule, row.days, row.received_at, row.due_on)


class CaseFile:
    """A complaint within one transaction. Changes are written with the transaction, or not at all."""

    def __init__(self, session: Session, desk: Desk, row: Complaint) -> None:
        self.session = session
        self.desk = desk
        self.row = row

    @classmethod
    def take(cls, session: Session, desk: Desk, number: str) -> CaseFile:
        """Takes a complaint in hand, locked. Raises NotFound (`no-such-complaint`), NotPossible (`record-damaged`)."""
        row = complaints.locked(session, fields.number(number))
        if row is None:
            raise missing(session, desk, number)
        whole(row.number, row)
        return cls(session, desk, row)

    @property
    def facts(self) -> Facts:
        return facts_of(self.row)

    @property
    def state(self) -> State:
        return state_of(self.row)

    def enter(self, state: State) -> None:
        """Puts a new state on the row; a complaint that has ended has nothing more to raise."""
        self.put(state.columns())
        if state.status is not Status.OPEN:
            self.row.next_alert_at = None

    def put(self, columns: Mapping[str, object]) -> None:
        """Puts these columns on the row."""
        for name, value in columns.items():
            setattr(self.row, name, value)

    def require_open(self) -> None:
        self.state.require_open(self.row.number)

    def moment(self, at: datetime | None = None) -> datetime:
        """When a change happens. Raises NotPossible: `at-in-future`, `at-before-last-change`."""
        return self.state.moment_of(self.desk.now, at)

    def timeline(self, book: Book) -> Timeline:
        return timeline_of(self.row, book)

    def record(
        self,
        kind: EventKind,
        happened_at: datetime,
        data: Mapping[str, object],
        words: Mapping[str, str | None] | None = None,
    ) -> None:
        """Appends an event. `words` are personal: the hash covers them by a salted digest only."""
        row = self.row
        event = next_event(self.desk, row.number, row.events + 1, row.head, kind, happened_at, data, words)
        row.events += 1
        row.head = event["hash"]
        self.session.add(Event(complaint_id=row.id, **event))


def next_event(
    desk: Desk,
    number: str,
    seq: int,
    before: str,
    kind: StrEnum,
    happened_at: datetime,
    data: Mapping[str, object],
    words: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """The columns of an event of the chain of that number, linked to the one with hash `before`; all but its owner's id."""
    spoken = {key: value for key, value in (words or {}).items() if value is not None}
    text = canonical(spoken) if spoken else None
    salt = secrets.token_hex(16) if text is not None else None
    link = Link(
        number=number,
        seq=seq,
        kind=kind.value,
        happened_at=happened_at,
        recorded_at=desk.clock(),
        actor=desk.actor,
        system_user=desk.system_user,
        data=written(data),
        words_digest=digest_of_words(text, salt) if text is not None and salt is not None else None,
        server_user=desk.store.server_user,
    )
    # Whom the server knows it writes down itself.
    covered = {name: getattr(link, name) for name in COVERED if name != "server_user"}
    return {**covered, "words": text, "salt": salt, "hash": link.hash(before)}
