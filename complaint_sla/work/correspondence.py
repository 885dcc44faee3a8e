"""What a letter of alerts has to say: its members, as their complaints stand at the moment of writing. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from complaint_sla.core.lifecycle import Status
from complaint_sla.core.rulebook import Book
from complaint_sla.store import books, complaints, people
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Alert, Complaint, Customer, Message
from complaint_sla.store.types import whole
from complaint_sla.work.desk import Desk
from complaint_sla.work.letter import Case, Letter, NextStage
from complaint_sla.work.worklist import coming


def letter(session: Session, desk: Desk, message: Message, members: Sequence[Alert]) -> Letter:
    """The letter with these members, those first that are still open, the most pressing of them before the others."""
    found, untold = as_far_as_can_be(session, desk, message, members)
    if untold:
        raise next(iter(untold.values()))
    return found


def as_far_as_can_be(
    session: Session, desk: Desk, message: Message, members: Sequence[Alert]
) -> tuple[Letter, dict[int, Exception]]:
    """The letter without those members that can't be told, and those by id, with why. Raises that if there is no other."""
    directory = people.directory(session)
    person = directory.person(message.recipient)
    rows = {row.id: row for row in complaints.with_ids(session, {alert.complaint_id for alert in members})}
    customers = complaints.customers_of(session, [id_ for id_ in rows if id_ is not None])
    pinned = books.pinned(session, {row.book for row in rows.values()})
    cases: list[Case] = []
    untold: dict[int, Exception] = {}
    for alert in members:
        try:
            row = rows[alert.complaint_id]
            cases.append(_case(desk, directory, alert, row, pinned[row.book], customers.get(row.id or 0)))
        except Exception as problem:  # noqa: BLE001 - a broken complaint keeps no other from being told
            untold[alert.id or 0] = problem
    if untold and not cases:
        raise next(iter(untold.values()))
    cases.sort(key=lambda case: (case.ended_at is not None, case.due_at, case.number))
    told = Letter(
        message_id=message.message_id,
        recipient=message.recipient,
        name=person.name if person is not None else "",
        language=person.language if person is not None else "th",
        written_at=desk.now,
        zone=desk.zone,
        cases=tuple(cases),
    )
    return told, untold


# What of a complaint is told, or leads to what comes next.
_TOLD = (
    "number", "subject", "urgent", "received_at", "due_on", "due_at", "closed_at", "rule", "days", "alerted_through",
)  # fmt: skip


def _case(
    desk: Desk, directory: Directory, alert: Alert, row: Complaint, book: Book, customer: Customer | None
) -> Case:
    whole(row.number, row, *_TOLD)
    ahead = coming(desk, directory, row, book, 1)
    terms = {term.key: term.title for term in (*book.groups, *book.categories)}
    return Case(
        number=row.number,
        office=directory.title(directory.code(row.office_id)),
        group=terms[row.group],
        category=terms[row.category],
        subject=row.subject,
        urgent=row.urgent,
        status=Status(row.status),
        received_at=row.received_at,
        due_on=row.due_on,
        due_at=row.due_at,
        stage=book.stage(alert.stage),
        occurrence=alert.occurrence,
        owner=directory.name(row.owner_id),
        phone=customer.phone if customer is not None and isinstance(customer.phone, str) else None,
        next=(
            NextStage(
                ahead[0].stage.title,
                ahead[0].stage.level,
                ahead[0].at,
                _names(directory, ahead[0].recipients),
            )
            if ahead
            else None
        ),
        ended_at=row.closed_at,
        breached=row.breached_at is not None,
    )


def _names(directory: Directory, recipients: Sequence[str]) -> tuple[str, ...]:
    """Names of people; a role that nobody fills is left out."""
    found = (directory.person(one) for one in recipients)
    return tuple(person.name for person in found if person is not None)
