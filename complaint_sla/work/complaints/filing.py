"""New complaints on paper: what was said of each, made regular, and the rows that it will be. Filed many at a time.

Plain values instead of mapped rows, because an import files a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.calendars import month_key
from complaint_sla.core.complaints import EventKind, State, Status
from complaint_sla.core.deadlines import Deadline
from complaint_sla.core.rulebook import Book, Facts
from complaint_sla.core.timeline import Timeline
from complaint_sla.store import filing
from complaint_sla.store.tables import Customer, Event, Office, Staff
from complaint_sla.work.casefile import IDENTITY, LOGGED_WORDS, next_event
from complaint_sla.work.desk import Desk

Due = tuple[Book, Facts, Deadline]
# The regular form of each thing that is said of a complaint. Raises BadValue for what can't be.
FORMS: Mapping[str, Callable[[str], str]] = {
    "subject": lambda text: fields.line("subject", text),
    "detail": lambda text: fields.page("detail", text),
    "customer": lambda text: fields.line("customer", text, 200),
    "phone": fields.phone,
    "account": fields.account,
    "email": fields.email,
    "external_id": fields.external_id,
}


@dataclass(frozen=True)
class Intake:
    """What is known when a complaint is logged.

    `received_at` None is now; `office` None is that of who acts, or the only one.
    """

    group: str
    channel: str
    category: str
    subject: str
    urgent: bool = False
    detail: str | None = None
    customer: str | None = None
    phone: str | None = None
    account: str | None = None
    email: str | None = None
    office: str | None = None
    owner: str | None = None
    received_at: datetime | None = None
    external_id: str | None = None

    def regular(self) -> Intake:
        """The same in regular forms. Raises BadValue for what can't be."""
        return replace(
            self,
            subject=FORMS["subject"](self.subject),
            detail=self._regular("detail"),
            customer=self._regular("customer"),
            phone=self._regular("phone"),
            account=self._regular("account"),
            email=self._regular("email"),
            office=fields.code(self.office) if self.office else None,
            owner=fields.email(self.owner) if self.owner else None,
            external_id=self._regular("external_id"),
        )

    def _regular(self, name: str) -> str | None:
        text = getattr(self, name)
        return FORMS[name](text) if text else None


@dataclass(eq=False)
class Draft:
    """A complaint that is yet to be inserted. It lacks its number until it is given one, its id until it is filed.

    `happened` are the events after the first, in the order of time: kind, moment, data, words.
    """

    intake: Intake
    due: Due
    office: Office
    owner: Staff | None
    state: State
    number: str = ""
    id: int = 0
    outcome: str | None = None
    duplicate_of_id: int | None = None
    acknowledged_at: datetime | None = None
    responded_at: datetime | None = None
    happened: list[tuple[EventKind, datetime, Mapping[str, object], Mapping[str, str | None]]] = field(
        default_factory=list
    )

    @cached_property
    def first_at(self) -> datetime | None:
        """The first moment to look at it again; None if it has ended. Raises BookRefused beyond the book's calendar."""
        if self.state.status is not Status.OPEN:
            return None
        return self.timeline.first_at()

    @property
    def timeline(self) -> Timeline:
        book, facts, answer = self.due
        return Timeline(book, answer.rule.key, answer.rule.days, facts.received_at, answer.due_on)

    @property
    def month(self) -> str:
        return month_key(self.due[2].received_on)


def draft(intake: Intake, due: Due, places: tuple[Office, Staff | None]) -> Draft:
    """An open complaint as `intake` says, with the deadline that it is due."""
    received_at, answer = due[1].received_at, due[2]
    return Draft(intake, due, *places, State.begin(received_at, answer.rule.key, answer.due_at))


def file_all(session: Session, desk: Desk, drafts: Sequence[Draft], *, rehearsal: bool = False) -> None:
    """Inserts complaints with their customers and events, in a number of statements that doesn't depend on how many.

    In a `rehearsal` they bear no numbers that were given out.
    """
    rows: list[dict[str, Any]] = []
    events: list[list[dict[str, Any]]] = []
    for one in drafts:
        events.append(_events(desk, one))
        rows.append(_row(one, events[-1]))
    ids = filing.insert(session, rows)
    if not rehearsal:
        _link_numbers(session, drafts, events)
    for one, mine in zip(drafts, events, strict=True):
        one.id = ids[one.number]
        for event in mine:
            event["complaint_id"] = one.id
    filing.insert_all(session, Customer, [row for one in drafts if (row := _customer(one)) is not None])
    filing.insert_all(session, Event, [event for mine in events for event in mine])


def _link_numbers(
    session: Session, drafts: Sequence[Draft], events: Sequence[Sequence[Mapping[str, Any]]]
) -> None:
    by_month: dict[str, list[tuple[str, str]]] = {}
    for one, mine in zip(drafts, events, strict=True):
        by_month.setdefault(one.month, []).append((one.number, mine[0]["hash"]))
    for month, given in sorted(by_month.items()):
        filing.link_numbers(session, month, given)


def _row(one: Draft, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    intake = one.intake
    book, facts, answer = one.due
    return {
        "number": one.number,
        "month": one.month,
        "office_id": one.office.id,
        **facts.columns(),
        "subject": intake.subject,
        "subject_search": fields.fold(intake.subject),
        "detail": intake.detail,
        "owner_id": one.owner.id if one.owner is not None else None,
        "recorded_at": events[0]["recorded_at"],
        "book": book.digest,
        **answer.columns(),
        **one.state.columns(),
        "outcome": one.outcome,
        "acknowledged_at": one.acknowledged_at,
        "responded_at": one.responded_at,
        "duplicate_of_id": one.duplicate_of_id,
        "external_id": intake.external_id,
        "alerted_through": None,
        "next_alert_at": one.first_at,
        "events": len(events),
        "head": events[-1]["hash"],
    }


def _customer(one: Draft) -> dict[str, Any] | None:
    columns = {column: getattr(one.intake, word) for word, column in IDENTITY.items()}
    if not any(columns.values()):
        return None
    name = columns["name"]
    return {"complaint_id": one.id, **columns, "name_search": fields.fold(name) if name else None}


def _events(desk: Desk, one: Draft) -> list[dict[str, Any]]:
    """The chain, from what was logged on."""
    said = one.intake
    words = {name: getattr(said, name) for name in LOGGED_WORDS}
    events: list[dict[str, Any]] = []
    head = ""
    for kind, at, data, spoken in (
        (EventKind.LOGGED, one.state.received_at, _logged_data(one), words),
        *one.happened,
    ):
        events.append(next_event(desk, one.number, len(events) + 1, head, kind, at, data, spoken))
        head = events[-1]["hash"]
    return events


def _logged_data(one: Draft) -> Mapping[str, object]:
    book, facts, answer = one.due
    return {
        "number": one.number,
        "office": one.office.code,
        **facts.columns(),
        "owner": one.owner.email if one.owner is not None else None,
        "rule_book": book.id,
        "digest": book.digest,
        **answer.columns(),
    }
