"""Looking at complaints: the list, the search, the whole of one, and why its deadline is what it is. Reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from complaint_sla.core import fields
from complaint_sla.core.chain import read
from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.core.deadlines import Deadline, deadline
from complaint_sla.core.erasure import is_erased
from complaint_sla.core.rulebook import Book, Facts, Rule, Shelf
from complaint_sla.store import alerts as ledger
from complaint_sla.store import books, complaints, logins, offices, person
from complaint_sla.store.complaints import Filter
from complaint_sla.store.logins import Elsewhere
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Alert, Complaint, Customer, Event
from complaint_sla.store.types import legible, whole
from complaint_sla.work.alerts.coming import ComingStage, coming
from complaint_sla.work.casefile import facts_of, missing
from complaint_sla.work.complaints.view import ComplaintView, CustomerView, view, views
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import own_office_meant, person_meant

# More than anybody reads on a screen; whoever wants all of them exports.
MOST_FOUND = 200
# As many digits of a telephone or an account as lists show.
FEWEST_DIGITS = 4
# As many coming stages as `show` looks ahead.
COMING = 3


@dataclass(frozen=True)
class Wanted:
    """What `list` is asked for; None doesn't restrict. `due_within` counts days from today."""

    status: Status | None = None
    overdue: bool = False
    due_within: int | None = None
    office: str | None = None
    group: str | None = None
    owner: str | None = None
    limit: int | None = None


def find_all(desk: Desk, wanted: Wanted) -> list[ComplaintView]:
    """Complaints that fit, earliest due moment first. Raises BadValue for an unknown office or person."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        rows = complaints.find_all(
            session,
            Filter(
                status=wanted.status.value if wanted.status is not None else None,
                overdue_at=desk.now if wanted.overdue else None,
                due_by=desk.today + timedelta(days=wanted.due_within)
                if wanted.due_within is not None
                else None,
                office_ids=_ids_below(desk, directory, wanted.office),
                group=wanted.group,
                owner_id=person_meant(desk, directory, wanted.owner, or_retired=True).id
                if wanted.owner is not None
                else None,
                limit=wanted.limit,
            ),
        )
        return views(session, desk, directory, rows)


def _ids_below(desk: Desk, directory: Directory, code: str | None) -> list[int] | None:
    return None if code is None else directory.ids_below(own_office_meant(desk, directory, code).code)


def search(desk: Desk, text: str) -> list[ComplaintView]:
    """By number, also another system's, telephone, account, e-mail, or words of the subject or the name.

    Newest first, at most MOST_FOUND.
    """
    line = fields.line("text", text)
    words = fields.fold(line).split()
    digits = re.sub(r"[\s().+-]", "", text)
    with desk.store.read() as session:
        directory = offices.directory(session)
        rows = complaints.matching(
            session,
            number=fields.number(text) if any(char.isdigit() for char in text) else None,
            digits=_regular_digits(digits),
            words=words,
            email=line.lower() if "@" in line else None,
            # What is left of one that has been erased is nobody's number.
            external_id="" if is_erased(line) else line,
            most=MOST_FOUND,
        )
        return views(session, desk, directory, rows)


def elsewhere(desk: Desk, text: str) -> list[Elsewhere]:
    """What offices that one does not see have of a number, also another system's, or of a telephone, an account or an
    e-mail in full."""
    if not desk.standing.confined:
        return []
    line = fields.line("text", text)
    digits = _regular_digits(re.sub(r"[\s().+-]", "", text))
    number = fields.number(text) if any(char.isdigit() for char in text) else None
    with desk.store.read() as session:
        return logins.elsewhere(
            session,
            phone=digits,
            account=digits,
            email=line.lower() if "@" in line else None,
            external_ids=() if is_erased(line) else (line,),
            number=number,
        )


def _regular_digits(text: str) -> str | None:
    if not text.isdecimal() or len(text) < FEWEST_DIGITS:
        return None
    # Thai digits are typed too.
    text = "".join(str(int(digit)) for digit in text)
    return f"0{text[2:]}" if text.startswith("66") and len(text) in (10, 11) else text


def open_of_customer(desk: Desk, phone: str | None, account: str | None) -> list[ComplaintView]:
    """Open complaints of a telephone or a contract account, in their regular forms; newest first."""
    with desk.store.read() as session:
        rows = person.open_of_customer(session, phone, account)
        return views(session, desk, offices.directory(session), rows)


@dataclass(frozen=True)
class EventView:
    """One event of the chain. `data` holds facts, `words` what people said."""

    seq: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    actor: str
    system_user: str
    server_user: str | None
    data: Mapping[str, object]
    words: Mapping[str, str]
    hash: str


@dataclass(frozen=True)
class AlertView:
    stage: str
    occurrence: int
    generation: int
    recipient: str
    stage_at: datetime
    raised_at: datetime
    state: str
    message_id: str | None


@dataclass(frozen=True)
class Dossier:
    """All there is about one complaint, in full: whoever shows it masks it."""

    complaint: ComplaintView
    customer: CustomerView | None
    events: tuple[EventView, ...]
    alerts: tuple[AlertView, ...]
    coming: tuple[ComingStage, ...]
    book: Book
    deadline: Deadline


def show(desk: Desk, number: str) -> Dossier:
    """Raises NotFound (`no-such-complaint`), NotPossible (`record-damaged`)."""
    with desk.store.read() as session:
        row = complaints.with_number(session, fields.number(number))
        if row is None or row.id is None:
            raise missing(session, desk, number)
        directory = offices.directory(session)
        customer = complaints.customer_of(session, row)
        events, owed = complaints.events_of(session, row), ledger.of_complaint(session, row.id)
        for one in (*([customer] if customer is not None else []), *events, *(alert for alert, _ in owed)):
            whole(row.number, one)
        complaint = view(session, directory, row, desk.now, in_full=True)
        book = books.pinned(session, [row.book])[row.book]
        with legible(row.number):
            return _dossier(desk, directory, row, complaint, customer, events, owed, book)


def _dossier(
    desk: Desk,
    directory: Directory,
    row: Complaint,
    complaint: ComplaintView,
    customer: Customer | None,
    events: Sequence[Event],
    owed: Sequence[tuple[Alert, str | None]],
    book: Book,
) -> Dossier:
    return Dossier(
        complaint=complaint,
        customer=(
            CustomerView(customer.name, customer.phone, customer.account, customer.email)
            if customer is not None
            else None
        ),
        events=tuple(
            EventView(
                event.seq,
                EventKind(event.kind).value,
                event.happened_at,
                event.recorded_at,
                event.actor,
                event.system_user,
                event.server_user,
                read(event.kind, event.data),
                dict(json.loads(event.words)) if event.words is not None else {},
                event.hash,
            )
            for event in events
        ),
        alerts=tuple(
            AlertView(
                alert.stage,
                alert.occurrence,
                alert.generation,
                alert.recipient,
                alert.stage_at,
                alert.raised_at,
                alert.state,
                message_id,
            )
            for alert, message_id in owed
        ),
        coming=coming(desk, directory, row, book, COMING),
        book=book,
        deadline=deadline(book, facts_of(row)),
    )


@dataclass(frozen=True)
class Explanation:
    """Why a deadline is what it is: the book, the facts, the rule, each day counted or skipped.

    `assumed` names what was not said and matters (`channel`, `category`), each with the key that was taken; by
    `others`, further rules of the book, another channel or category may be judged.
    """

    number: str | None
    book: Book
    facts: Facts
    deadline: Deadline
    assumed: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Rule, ...] = ()


def explain(desk: Desk, number: str) -> Explanation:
    """The deadline of a complaint, by the book that it pinned. Raises NotFound, NotPossible (`record-damaged`)."""
    with desk.store.read() as session:
        row = complaints.with_number(session, fields.number(number))
        if row is None:
            raise missing(session, desk, number)
        whole(row.number, row)
        book = books.pinned(session, [row.book])[row.book]
    facts = facts_of(row)
    with legible(row.number):
        return Explanation(row.number, book, facts, deadline(book, facts))


def explain_case(
    shelf: Shelf,
    group: str,
    urgent: bool,
    received_at: datetime,
    channel: str | None = None,
    category: str | None = None,
) -> Explanation:
    """The deadline that a complaint would get. Where its channel or category is not said, the book's first channel and
    last category are taken, and it is told whether that matters.

    Raises BadValue for an unknown key or a receipt before the first book.
    """
    book = shelf.governing(received_at)

    def said(channel: str, category: str) -> Facts:
        return Facts(received_at, group, urgent, channel, category)

    channels = [channel] if channel is not None else [term.key for term in book.channels]
    categories = [category] if category is not None else [term.key for term in reversed(book.categories)]
    rules = [[book.rule_for(said(one, other)) for other in categories] for one in channels]
    assumed = {}
    if any(len(set(column)) > 1 for column in zip(*rules, strict=True)):
        assumed["channel"] = channels[0]
    if any(len(set(row)) > 1 for row in rules):
        assumed["category"] = categories[0]
    facts = said(channels[0], categories[0])
    possible = dict.fromkeys(rule for row in rules for rule in row)
    others = tuple(rule for rule in possible if rule != rules[0][0])
    return Explanation(None, book, facts, deadline(book, facts), assumed, others)
