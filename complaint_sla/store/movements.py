"""Registers: what happened to complaints in a period, from their events; and raw facts for a closer look at a quarter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from complaint_sla.core.callers import Caller
from complaint_sla.core.complaints import ENDS, TOUCHES, EventKind, Status
from complaint_sla.store.complaints import IS_OPEN, late, of_kinds
from complaint_sla.store.tables import Complaint, Customer, Event, Staff
from complaint_sla.store.types import ByBytes

# As many complaints as one query names.
_PAGE = 500
# What their rows can hold.
COMPLAINT: Table = Complaint.__table__  # type: ignore[attr-defined]
EVENT: Table = Event.__table__  # type: ignore[attr-defined]


def freeze_alone(session: Session) -> None:
    """Lets a writing transaction see one state of the database throughout, and freeze while no other does. To be asked
    for first of all: else two figures would follow the same one."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"one_state": True})
    # It takes no snapshot: what is seen is what the one before has left.
    hold_figures(session)


def hold_figures(session: Session) -> None:
    """Lets no figure be frozen until the transaction ends. To be asked for before anything is read that follows from
    what is frozen."""
    if session.get_bind().dialect.name == "postgresql":
        # Not that of the figures, for which PostgreSQL wants the right to change them: whoever freezes has it for this one,
        # and beats wait as long as a freeze takes. An advisory lock would come after the snapshot.
        session.connection().exec_driver_sql("LOCK TABLE heartbeat IN SHARE ROW EXCLUSIVE MODE")


def last_touch(session: Session, complaint_id: int) -> tuple[EventKind, datetime] | None:
    """The latest of TOUCHES of a complaint: its kind, and when it happened."""
    query = (
        select(col(Event.kind), col(Event.happened_at))
        .where(col(Event.complaint_id) == complaint_id, of_kinds(TOUCHES))
        .order_by(col(Event.happened_at).desc(), col(Event.seq).desc())
        .limit(1)
    )
    row = session.connection().execute(query).first()
    return None if row is None else (EventKind(row[0]), row[1])


def at_offices(office_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    """That a complaint is at one of these offices today; nothing for None, which is anywhere."""
    return [] if office_ids is None else [col(Complaint.office_id).in_(office_ids)]


def happened(
    session: Session,
    kinds: Collection[str],
    since: datetime,
    before: datetime,
    office_ids: Collection[int] | None,
) -> dict[str, int]:
    """How many events of each kind happened from `since` until before `before`.

    Of complaints that are at these offices today, or of all.
    """
    query = select(col(Event.kind), func.count()).where(
        col(Event.kind).in_(kinds), col(Event.happened_at) >= since, col(Event.happened_at) < before
    )
    if office_ids is not None:
        query = query.join(Complaint, col(Complaint.id) == col(Event.complaint_id)).where(
            *at_offices(office_ids)
        )
    return dict(session.connection().execute(query.group_by(col(Event.kind))).all())


def happened_around(
    session: Session,
    kinds: Collection[str],
    month: str,
    at: datetime,
    office_ids: Collection[int] | None,
    *,
    afterwards: bool,
) -> dict[str, int]:
    """How many events of each kind happened before `at`, or from then on, to what was received before `month` (2017-04).

    Without those that have ended before `at` for good: they came and went, and years of them need not be counted.
    """
    # One pass over ix_complaint_figure, and only for those few that it leaves, events are looked for: left to itself,
    # SQLite goes through all events instead.
    moving = (
        select(col(Complaint.id))
        .where(
            col(Complaint.month) < month,
            or_(col(Complaint.closed_at).is_(None), col(Complaint.closed_at) >= at),
            *at_offices(office_ids),
        )
        .cte("moving")
        .prefix_with("MATERIALIZED")
    )
    happened_at = col(Event.happened_at)
    query = (
        select(col(Event.kind), func.count())
        .select_from(moving)
        .join(Event, col(Event.complaint_id) == moving.c.id)
        .where(of_kinds(kinds), happened_at >= at if afterwards else happened_at < at)
    )
    return dict(session.connection().execute(query.group_by(col(Event.kind))).all())


def count_open(session: Session, month: str, office_ids: Collection[int] | None) -> int:
    """How many complaints that were received before `month` (2017-04) are open."""
    query = select(func.count()).select_from(Complaint)
    query = query.where(IS_OPEN, col(Complaint.month) < month, *at_offices(office_ids))
    return int(session.connection().execute(query).scalar_one())


def open_by_age(
    session: Session, limits: Sequence[datetime], as_of: datetime, office_ids: Collection[int] | None
) -> dict[int, tuple[int, int]]:
    """Open complaints by age: band → (how many, how many of them late as of `as_of`).

    Band 0 holds what was received at or after `limits[0]`, band 1 what is older but not than `limits[1]`, and so on.
    """
    received = col(Complaint.received_at)
    band = case(*((received >= limit, number) for number, limit in enumerate(limits)), else_=len(limits))
    bands = (
        select(band.label("band"), case((late(as_of), 1), else_=0).label("late"))
        .where(IS_OPEN, received <= as_of, *at_offices(office_ids))
        .subquery()
    )
    query = select(bands.c.band, func.count(), func.sum(bands.c.late)).group_by(bands.c.band)
    return {
        number: (count, int(overdue)) for number, count, overdue in session.connection().execute(query).all()
    }


def incidents(
    session: Session,
    months: Collection[str],
    office_ids: Collection[int] | None,
    *,
    always: Collection[str],
    dated_back: Collection[str],
) -> Sequence[Row[str, str, int, datetime, datetime, str]]:
    """Events of what was received in these months: all of the kinds `always`, and those of the kinds `dated_back` that
    happened before the due moment, but were recorded at or after it. By number.

    Each as (kind, number, office, happened at, recorded at, data).
    """
    due_at = col(Complaint.due_at)
    kind, happened_at, recorded_at = col(Event.kind), col(Event.happened_at), col(Event.recorded_at)
    was_dated_back = and_(kind.in_(dated_back), happened_at < due_at, recorded_at >= due_at)
    query = (
        select(
            kind, col(Complaint.number), col(Complaint.office_id), happened_at, recorded_at, col(Event.data)
        )
        .join(Complaint, col(Complaint.id) == col(Event.complaint_id))
        .where(
            col(Complaint.month).in_(months),
            or_(kind.in_(always), was_dated_back),
            *at_offices(office_ids),
        )
        .order_by(ByBytes(col(Complaint.number)), col(Event.seq))
    )
    return session.connection().execute(query).all()


def duplicates(
    session: Session, months: Collection[str], office_ids: Collection[int] | None
) -> dict[str, tuple[Caller, Caller]]:
    """Who complained, and who did of the original: of the duplicates received in these months, by number."""
    mine: Any = aliased(Customer)
    theirs: Any = aliased(Customer)
    query = (
        select(
            col(Complaint.number),
            mine.name,
            mine.phone,
            mine.account,
            theirs.name,
            theirs.phone,
            theirs.account,
        )
        .join(mine, mine.complaint_id == col(Complaint.id))
        .join(theirs, theirs.complaint_id == col(Complaint.duplicate_of_id))
        .where(
            col(Complaint.month).in_(months),
            col(Complaint.status) == Status.DUPLICATE,
            *at_offices(office_ids),
        )
    )
    rows = session.connection().execute(query).all()
    return {number: (Caller(*of_both[:3]), Caller(*of_both[3:])) for number, *of_both in rows}


@dataclass(frozen=True)
class EndOfOwner:
    """The end of a complaint whose owner did not end it. Moments are UTC."""

    event_id: int
    complaint_id: int
    kind: str
    actor: str
    happened_at: datetime
    recorded_at: datetime


def ended_by_others(
    session: Session,
    since: datetime,
    *,
    until: datetime | None = None,
    recorded_after: datetime | None = None,
    owner: str | None = None,
    as_entered: bool = False,
) -> dict[str, list[EndOfOwner]]:
    """By the address of the owner, in the order in which they were recorded: the ends that happened since a moment by
    somebody else's hand, and that no reopening has followed `until` a moment (None: at all).

    Of owners who are on the staff; of one, where `owner` is given. What had ended before it was entered, as sheets bring
    it, nobody has ended here: that comes only with `as_entered`.
    """
    again: Any = aliased(Event)
    reopened = select(again.id).where(
        again.complaint_id == col(Event.complaint_id),
        again.kind.concat("") == EventKind.REOPENED,
        again.seq > col(Event.seq),
    )
    if until is not None:
        reopened = reopened.where(again.happened_at <= until)
    wanted = [col(Event.recorded_at) > recorded_after] if recorded_after is not None else []
    if owner is not None:
        wanted.append(col(Staff.email) == owner)
    if not as_entered:
        entry: Any = aliased(Event)
        before = select(entry.id).where(
            entry.complaint_id == col(Event.complaint_id),
            entry.seq == 1,
            entry.recorded_at > col(Event.happened_at),
        )
        wanted.append(or_(col(Event.seq) > 2, ~exists(before)))
    of_end: list[Any] = [getattr(Event, one.name) for one in fields(EndOfOwner)[1:]]
    query = (
        select(col(Staff.email), col(Event.id), *of_end)
        .join(Complaint, col(Complaint.id) == col(Event.complaint_id))
        .join(Staff, col(Staff.id) == col(Complaint.owner_id))
        .where(
            col(Event.kind).in_([kind.value for kind in ENDS]),
            col(Event.happened_at) >= since,
            col(Event.actor) != col(Staff.email),
            col(Staff.retired_at).is_(None),
            ~exists(reopened),
            *wanted,
        )
        .order_by(col(Event.id))
    )
    found: dict[str, list[EndOfOwner]] = {}
    for email, *end in session.connection().execute(query).all():
        found.setdefault(email, []).append(EndOfOwner(*end))
    return found


def kinds_since(
    session: Session, since: Mapping[str, int], kinds: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """For complaints by number: which of these kinds of events came after the one with that sequence number, in order."""
    found: dict[str, list[str]] = {}
    numbers = sorted(since)
    for start in range(0, len(numbers), _PAGE):
        query = (
            select(col(Complaint.number), col(Event.seq), col(Event.kind))
            .join(Event, col(Event.complaint_id) == col(Complaint.id))
            .where(col(Complaint.number).in_(numbers[start : start + _PAGE]), of_kinds(kinds))
            .order_by(ByBytes(col(Complaint.number)), col(Event.seq))
        )
        for number, seq, kind in session.connection().execute(query).all():
            if seq > since[number]:
                found.setdefault(number, []).append(kind)
    return {number: tuple(dict.fromkeys(kinds)) for number, kinds in found.items()}
