"""Complaints as they are answered to whoever asks: the keys of the contract, codes and e-mails instead of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlmodel import Session

from complaint_sla.core.complaints import Status
from complaint_sla.core.erasure import is_erased
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.masking import masked
from complaint_sla.store import books, complaints
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.store.types import UNKNOWN, whole
from complaint_sla.work.casefile import state_of
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class ComplaintView:
    """One complaint as of some moment. Moments are UTC, `due_on` is the last local day on which closing is in time.

    Numbers of telephones and accounts in its texts are masked, as `core.masking` has it, but where `in_full` was asked for.
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
    session: Session, desk: Desk, directory: Directory, rows: Sequence[Complaint]
) -> list[ComplaintView]:
    """The views of these rows as of `desk.now`, in the same order; one that can't be read is set aside."""
    return [one for _, one in with_rows(session, desk, directory, rows)]


def with_rows(
    session: Session, desk: Desk, directory: Directory, rows: Sequence[Complaint], *, in_full: bool = False
) -> Iterator[tuple[Complaint, ComplaintView]]:
    """`views`, each with its row; a constant number of queries."""
    book_ids, originals = _named(session, rows)
    for row in rows:
        with desk.apart(row.number or f"#{row.id}"):
            found = _view(row, directory, book_ids, originals, desk.now, in_full=in_full)
            yield row, found


def view(
    session: Session, directory: Directory, row: Complaint, now: datetime, *, in_full: bool = False
) -> ComplaintView:
    """Raises NotPossible (`record-damaged`)."""
    return _view(row, directory, *_named(session, [row]), now, in_full=in_full)


def all_views(
    session: Session, directory: Directory, rows: Sequence[Complaint], now: datetime
) -> list[ComplaintView]:
    """As `view`, of each; a constant number of queries."""
    named = _named(session, rows)
    return [_view(row, directory, *named, now, in_full=False) for row in rows]


def _named(session: Session, rows: Sequence[Complaint]) -> tuple[dict[str, str], dict[int, str]]:
    """The ids of the books, by digest, and the numbers of what these are duplicates of, by id."""
    originals = {row.duplicate_of_id for row in rows if row.duplicate_of_id is not None}
    return books.ids(session), complaints.numbers_of(session, originals)


# The keys of the contract that are columns of a complaint, too.
_COLUMNS = [one.name for one in fields(ComplaintView) if one.name in Complaint.model_fields]
_STATUSES = frozenset(Status)


def _view(
    row: Complaint,
    directory: Directory,
    book_ids: dict[str, str],
    originals: dict[int, str],
    now: datetime,
    *,
    in_full: bool,
) -> ComplaintView:
    whole(row.number or f"#{row.id}", row)
    if row.status not in _STATUSES:
        raise NotPossible("record-damaged", about=row.number, columns=["status"])
    columns = {name: getattr(row, name) for name in _COLUMNS}
    if is_erased(row.external_id):
        columns["external_id"] = None
    return ComplaintView(
        **(columns if in_full else masked(columns)),
        office=directory.code(row.office_id),
        owner=directory.email(row.owner_id),
        rule_book=book_ids.get(row.book, UNKNOWN),
        on_time=state_of(row).on_time(now),
        duplicate_of=originals.get(row.duplicate_of_id) if row.duplicate_of_id is not None else None,
    )
