"""Looking at complaints: the list, the search, the whole of one, and why its deadline is what it is. Reads only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.calendars import EARLIEST_YEAR, midnight
from complaint_sla.core.chain import read
from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.core.deadlines import Deadline, deadline
from complaint_sla.core.erasure import is_erased
from complaint_sla.core.rulebook import Book, Facts, Rule, Shelf
from complaint_sla.core.terms import key_of
from complaint_sla.store import alerts as ledger
from complaint_sla.store import books, complaints, filters, logins, offices
from complaint_sla.store.filters import Filter, Order, Remembered
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
# What stands for an owner's address where there is none.
NOBODY = "none"
EARLIEST = date(EARLIEST_YEAR, 1, 1)


@dataclass(frozen=True)
class Wanted:
    """What `list` is asked for; None doesn't restrict.

    `overdue`: open and late, or open and not late. `due_within` counts days from today, `silent` those in which nobody has
    done anything. `owner` may be NOBODY. `received_since` and `due` are local days.
    """

    status: Status | None = None
    overdue: bool | None = None
    due_within: int | None = None
    due: date | None = None
    office: str | None = None
    group: str | None = None
    urgent: bool | None = None
    channel: str | None = None
    category: str | None = None
    owner: str | None = None
    received_since: date | None = None
    silent: int | None = None
    order: Order = Order.DUE
    limit: int | None = None


@dataclass(frozen=True)
class Listed:
    """The first complaints that fit, how many there are in all, and how many of those are open and late."""

    first: tuple[ComplaintView, ...]
    every: int
    late: int


def find_all(desk: Desk, wanted: Wanted) -> list[ComplaintView]:
    """Complaints that fit, in their order. Raises BadValue for an unknown office or person."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        rows = filters.find_all(session, filter_of(desk, directory, wanted))
        return views(session, desk, directory, rows)


def listed(desk: Desk, wanted: Wanted) -> Listed:
    """As `find_all`, with how many there are beyond the limit."""
    with desk.store.read() as session:
        return listed_in(session, desk, offices.directory(session), wanted)


def listed_in(session: Session, desk: Desk, directory: Directory, wanted: Wanted) -> Listed:
    """`listed` within a transaction of the caller's."""
    meant = filter_of(desk, directory, wanted)
    found = views(session, desk, directory, filters.find_all(session, meant))
    return Listed(tuple(found), *filters.count(session, meant))


def filter_of(desk: Desk, directory: Directory, wanted: Wanted) -> Filter:
    """What is asked of the database. Raises BadValue for an unknown office or person."""
    owner = wanted.owner if wanted.owner != NOBODY else None
    return Filter(
        now=desk.now,
        status=wanted.status.value if wanted.status is not None else None,
        late=wanted.overdue,
        due_by=_days_from(desk.today, wanted.due_within),
        due_on=wanted.due,
        office_ids=_ids_below(desk, directory, wanted.office),
        group=wanted.group,
        urgent=wanted.urgent,
        channel=wanted.channel,
        category=wanted.category,
        owner_id=person_meant(desk, directory, owner, or_retired=True).id if owner is not None else None,
        unowned=wanted.owner == NOBODY,
        received_since=_midnight(desk, wanted.received_since),
        # Whoever did something today has done nothing for no day yet.
        untouched_since=_midnight(desk, _days_from(desk.today, 1 - wanted.silent))
        if wanted.silent is not None
        else None,
        order=wanted.order,
        limit=wanted.limit,
    )


def _days_from(today: date, days: int | None) -> date | None:
    """The day so many days ahead or back; beyond what a calendar has, its last or its first one."""
    if days is None:
        return None
    ordinal = min(max(today.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def _midnight(desk: Desk, day: date | None) -> datetime | None:
    # At the ends of the calendar there is no moment in UTC; nothing was done there.
    return (
        None if day is None else midnight(min(max(day, EARLIEST), desk.today + timedelta(days=1)), desk.zone)
    )


def _ids_below(desk: Desk, directory: Directory, code: str | None) -> list[int] | None:
    return None if code is None else directory.ids_below(own_office_meant(desk, directory, code).code)


@dataclass(frozen=True)
class Found:
    """The first complaints that were looked for, who complained by number, and how many there are: all, and open ones."""

    first: tuple[ComplaintView, ...]
    customers: Mapping[str, CustomerView]
    every: int
    open: int


def search(desk: Desk, text: str, *, only_open: bool = False, most: int | None = MOST_FOUND) -> Found:
    """By number, also another system's, telephone, account, e-mail, or words of the subject or the name.

    The open ones first, of each the newest.
    """
    line = fields.line("text", text)
    wanted = Remembered(
        number=fields.number(text) if any(char.isdigit() for char in text) else None,
        digits=_regular_digits(text),
        words=fields.fold(line).split(),
        email=line.lower() if "@" in line else None,
        # What is left of one that has been erased is nobody's number.
        external_id="" if is_erased(line) else line,
        only_open=only_open,
    )
    with desk.store.read() as session:
        rows = filters.matching(session, wanted, most)
        first = views(session, desk, offices.directory(session), rows)
        by_id = complaints.customers_of(session, [row.id for row in rows])
        customers = {row.number: _customer(by_id[row.id]) for row in rows if row.id in by_id}
        return Found(tuple(first), customers, *filters.count_matching(session, wanted))


def _customer(row: Customer) -> CustomerView:
    return CustomerView(row.name, row.phone, row.account, row.email)


def elsewhere(desk: Desk, text: str) -> list[Elsewhere]:
    """What offices that one does not see have of a number, also another system's, or of a telephone, an account or an
    e-mail in full."""
    if not desk.standing.confined:
        return []
    line = fields.line("text", text)
    digits = _regular_digits(text)
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
    digits = fields.digits(text)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) < FEWEST_DIGITS:
        return None
    return f"0{digits[2:]}" if digits.startswith("66") and len(digits) in (10, 11) else digits


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
        customer=_customer(customer) if customer is not None else None,
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

    Raises BadValue for a term that is unknown or unclear, or a receipt before the first book.
    """
    book = shelf.governing(received_at)
    group = key_of(book, "group", group)
    channel = channel and key_of(book, "channel", channel)
    category = category and key_of(book, "category", category)

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
