"""Complaints as they are answered to whoever asks: the keys of the contract, codes and e-mails instead of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlmodel import Session

from complaint_sla.core.complaint import Status
from complaint_sla.store import books, complaints
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.work.casefile import state_of


@dataclass(frozen=True)
class ComplaintView:
    """One complaint as of some moment. Moments are UTC, `due_on` is the last local day on which closing is in time.

    `on_time` is true or false once that is certain. The order of the fields is that of the contract.
    """

    number: str
    office: str
    group: str
    urgent: bool
    channel: str
    category: str
    subject: str
    detail: str | None
    status: str
    owner: str | None
    received_at: datetime
    rule_book: str
    rule: str
    days: int
    due_on: date
    due_at: datetime
    generation: int
    closed_at: datetime | None
    outcome: str | None
    on_time: bool | None
    external_id: str | None
    breached_at: datetime | None
    acknowledged_at: datetime | None
    responded_at: datetime | None
    duplicate_of: str | None

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN


@dataclass(frozen=True)
class CustomerView:
    """Who complained, as far as they said. Personal data: mask it in whatever is listed, mailed or logged."""

    name: str | None
    phone: str | None
    account: str | None
    email: str | None


def views(
    session: Session, directory: Directory, rows: Sequence[Complaint], now: datetime
) -> list[ComplaintView]:
    """The views of these rows as of `now`, in the same order; a constant number of queries."""
    book_ids = books.ids(session)
    originals = complaints.numbers_of(
        session, {row.duplicate_of_id for row in rows if row.duplicate_of_id is not None}
    )
    return [_view(row, directory, book_ids, originals, now) for row in rows]


def view(session: Session, directory: Directory, row: Complaint, now: datetime) -> ComplaintView:
    return views(session, directory, [row], now)[0]


# The keys of the contract that are columns of a complaint, too.
_COLUMNS = [one.name for one in fields(ComplaintView) if one.name in Complaint.model_fields]


def _view(
    row: Complaint, directory: Directory, book_ids: dict[str, str], originals: dict[int, str], now: datetime
) -> ComplaintView:
    return ComplaintView(
        **{name: getattr(row, name) for name in _COLUMNS},
        office=directory.code(row.office_id),
        owner=directory.email(row.owner_id),
        rule_book=book_ids[row.book],
        on_time=state_of(row).on_time(now),
        duplicate_of=originals.get(row.duplicate_of_id) if row.duplicate_of_id is not None else None,
    )
