"""What a letter of alerts has to say: its members, as their complaints stand at the moment of writing. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from complaint_sla.core.calendars import local_day
from complaint_sla.core.complaints import EventKind, Replaced, Status
from complaint_sla.core.masking import masked_text
from complaint_sla.core.owed import Row
from complaint_sla.core.rulebook import Book, Stage, Titles
from complaint_sla.core.titles import Title
from complaint_sla.store import books, complaints, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint, Customer, Event, Message
from complaint_sla.store.types import whole
from complaint_sla.work.alerts.coming import ComingStage, coming
from complaint_sla.work.casefile import state_of
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.values import Addressed, head, names


@dataclass(frozen=True)
class NextStage:
    """What happens next if nothing is done: which stage, when (UTC), and the people who will hear of it (names)."""

    title: Title
    level: int | None
    at: datetime
    people: tuple[str, ...]


@dataclass(frozen=True)
class HandedOver:
    """By whom (a name, or what the machine calls them), and whether to the office rather than to the reader."""

    by: str
    to_office: bool


@dataclass(frozen=True)
class Case:
    """One complaint as a letter tells it, in the state of the moment of writing. Moments are UTC, days local.

    `stage` is why it is told, `occurrence` counts a stage that repeats; `due_on` is the last good day.
    `phone` is as it is kept: a letter shows it masked.
    `breached_at`: since then it counts as late for good, however much time another deadline gave it; `missed_on` is the
    last good day of the deadline that it missed. `handed_over` is set where that is why it is told.
    `ended_at` is set where the complaint has ended since the letter was decided on; `next` is empty then. `alert` is the id
    of the member of the letter.
    """

    number: str
    office: Title
    group: Title
    category: Title
    subject: str
    urgent: bool
    status: Status
    received_at: datetime
    due_on: date
    due_at: datetime
    stage: Stage
    occurrence: int
    owner: str | None
    phone: str | None
    next: NextStage | None
    ended_at: datetime | None = None
    breached_at: datetime | None = None
    missed_on: date | None = None
    handed_over: HandedOver | None = None
    alert: int | None = None

    @property
    def is_breached(self) -> bool:
        return self.breached_at is not None


@dataclass(frozen=True)
class Letter(Addressed):
    """Alerts, in one letter to one person: the cases, worst first."""

    cases: tuple[Case, ...]


def letter(session: Session, desk: Desk, message: Message, members: Sequence[Row]) -> Letter:
    """The letter with these members, those first that are still open, the most pressing of them before the others."""
    found, untold = as_far_as_can_be(session, desk, message, members)
    if untold:
        raise next(iter(untold.values()))
    return found


def as_far_as_can_be(
    session: Session, desk: Desk, message: Message, members: Sequence[Row]
) -> tuple[Letter, dict[int | None, Exception]]:
    """The letter without those members that can't be told, and those by id, with why. Raises that if there is no other."""
    directory = offices.directory(session)
    rows = {row.id: row for row in complaints.with_ids(session, {alert.complaint_id for alert in members})}
    customers = complaints.customers_of(session, rows)
    pinned = books.pinned(session, {row.book for row in rows.values()})
    missed = complaints.missed(session, rows)
    moved = {alert.complaint_id for alert in members if not alert.is_of_timeline}
    hands = complaints.handings_over(session, moved)
    cases: list[Case] = []
    untold: dict[int | None, Exception] = {}
    for alert in members:
        try:
            row = rows[alert.complaint_id]
            again = message.digest is not None
            case = _case(desk, directory, alert, row, pinned[row.book], customers.get(row.id), again=again)
            case = _breached(case, row, missed.get(row.id), desk)
            if not alert.is_of_timeline:
                case = replace(case, handed_over=_handed_over(directory, alert, hands[row.id]))
            cases.append(case)
        except Exception as problem:  # noqa: BLE001 - a broken complaint keeps no other from being told
            untold[alert.id] = problem
    if untold and not cases:
        raise next(iter(untold.values()))
    cases.sort(key=lambda case: (case.ended_at is not None, case.due_at, case.number))
    return Letter(**head(desk, directory, message), cases=tuple(cases)), untold


# What of a complaint is told, or leads to what comes next.
_TOLD = (
    "number", "subject", "urgent", "received_at", "due_on", "due_at", "closed_at", "breached_at", "rule", "days",
    "alerted_through",
)  # fmt: skip


def _case(
    desk: Desk,
    directory: Directory,
    alert: Row,
    row: Complaint,
    book: Book,
    customer: Customer | None,
    *,
    again: bool,
) -> Case:
    whole(row.number, row, *_TOLD)
    ahead = coming(desk, directory, row, book, 1, in_the_past=again)
    titles = Titles(desk.shelf, book)
    return Case(
        number=row.number,
        office=directory.title(directory.code(row.office_id)),
        group=titles.of("group", row.group),
        category=titles.of("category", row.category),
        subject=masked_text(row.subject),
        urgent=row.urgent,
        status=Status(row.status),
        received_at=row.received_at,
        due_on=row.due_on,
        due_at=row.due_at,
        stage=book.stage(alert.stage),
        occurrence=alert.occurrence,
        owner=directory.name(row.owner_id),
        phone=customer.phone if customer is not None and isinstance(customer.phone, str) else None,
        next=_next(directory, ahead[0]) if ahead else None,
        ended_at=row.closed_at,
        alert=alert.id,
    )


def _breached(case: Case, row: Complaint, missed: Replaced | None, desk: Desk) -> Case:
    """The case with since when it counts as late, and which deadline it missed: an earlier one, or its present one."""
    state = state_of(row)
    if state.breached_at is None and (row.closed_at is not None or not state.is_late(desk.now)):
        return case
    day_after = local_day(missed.due_at, desk.zone) if missed is not None else None
    return replace(
        case,
        breached_at=state.breached_at or row.due_at,
        missed_on=row.due_on if day_after is None else day_after - timedelta(days=1),
    )


def _handed_over(directory: Directory, alert: Row, hands: Sequence[Event]) -> HandedOver:
    to_office = "owner" not in alert.roles
    kind = EventKind.TRANSFERRED if to_office else EventKind.ASSIGNED
    then = [event.actor for event in hands if event.kind == kind and event.happened_at <= alert.stage_at]
    # After a clock was set back, the handing-over has the moment of what happened before it.
    actor = then[-1] if then else hands[-1].actor
    person = directory.person(actor)
    return HandedOver(person.name if person is not None else actor, to_office)


def _next(directory: Directory, ahead: ComingStage) -> NextStage:
    return NextStage(ahead.stage.title, ahead.stage.level, ahead.at, names(directory, ahead.recipients))
