"""Complaints as they are answered to whoever asks: the keys of the contract, codes and e-mails instead of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from complaint_sla.core.closure import Bucket, bucket
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.lifecycle import Status
from complaint_sla.store import books, complaints
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.store.types import UNKNOWN, whole
from complaint_sla.work.desk import Desk


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
    session: Session, desk: Desk, directory: Directory, rows: Sequence[Complaint]
) -> list[ComplaintView]:
    """The views of these rows as of `desk.now`, in the same order; one that can't be read is set aside."""
    return [one for _, one in with_rows(session, desk, directory, rows)]


def with_rows(
    session: Session, desk: Desk, directory: Directory, rows: Sequence[Complaint]
) -> Iterator[tuple[Complaint, ComplaintView]]:
    """`views`, each with its row; a constant number of queries."""
    book_ids, originals = _named(session, rows)
    for row in rows:
        with desk.apart(row.number or f"#{row.id}"):
            found = _view(row, directory, book_ids, originals, desk.now)
            yield row, found


def view(session: Session, directory: Directory, row: Complaint, now: datetime) -> ComplaintView:
    """Raises NotPossible (`record-damaged`)."""
    return _view(row, directory, *_named(session, [row]), now)


def _named(session: Session, rows: Sequence[Complaint]) -> tuple[dict[str, str], dict[int, str]]:
    """The ids of the books, by digest, and the numbers of what these are duplicates of, by id."""
    originals = {row.duplicate_of_id for row in rows if row.duplicate_of_id is not None}
    return books.ids(session), complaints.numbers_of(session, originals)


def bucket_of(row: Complaint, now: datetime) -> Bucket:
    """Where the complaint counts as of `now`."""
    return bucket(
        Status(row.status),
        breached=row.breached_at is not None,
        ended_before_due=row.closed_at is not None and row.closed_at < row.due_at,
        due_passed=row.due_at <= now,
    )


_STATUSES = frozenset(Status)
# What is certain; of the others it is not known, or they don't count.
ON_TIME = {Bucket.ON_TIME: True, Bucket.LATE: False, Bucket.OVERDUE: False}


def _view(
    row: Complaint, directory: Directory, book_ids: dict[str, str], originals: dict[int, str], now: datetime
) -> ComplaintView:
    whole(row.number or f"#{row.id}", row)
    if row.status not in _STATUSES:
        raise NotPossible("record-damaged", about=row.number, columns=["status"])
    return ComplaintView(
        number=row.number,
        office=directory.code(row.office_id),
        group=row.group,
        urgent=row.urgent,
        channel=row.channel,
        category=row.category,
        subject=row.subject,
        detail=row.detail,
        status=row.status,
        owner=directory.email(row.owner_id),
        received_at=row.received_at,
        rule_book=book_ids.get(row.book, UNKNOWN),
        rule=row.rule,
        days=row.days,
        due_on=row.due_on,
        due_at=row.due_at,
        generation=row.generation,
        closed_at=row.closed_at,
        outcome=row.outcome,
        on_time=ON_TIME.get(bucket_of(row, now)),
        external_id=row.external_id,
        breached_at=row.breached_at,
        acknowledged_at=row.acknowledged_at,
        responded_at=row.responded_at,
        duplicate_of=originals.get(row.duplicate_of_id) if row.duplicate_of_id is not None else None,
    )
