"""Raw facts of a cohort, grouped by the database in one pass over an index. Which bucket they are is said by the core.

And figures that were frozen: text that is kept as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, case, func, select, text
from sqlalchemy.orm import defer
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.core.complaint import Bucket, Status, bucket
from complaint_sla.core.figure import COMPLAINTS, Counts, Part
from complaint_sla.core.review import Course
from complaint_sla.store.people import Directory
from complaint_sla.store.registers import at_offices
from complaint_sla.store.tables import Complaint, Event, FrozenFigure

# What a complaint is told apart by in a figure, and after it what its bucket depends on: see `_part`.
_FACTS = ("month", "office_id", "group", "rule", "category", "channel")


def _columns(names: Collection[str]) -> tuple[Any, ...]:
    return tuple(getattr(Complaint, name) for name in names)


def _outcome(as_of: datetime) -> tuple[Any, ...]:
    return (
        col(Complaint.status),
        case((col(Complaint.breached_at).is_not(None), 1), else_=0),
        case((col(Complaint.closed_at) < col(Complaint.due_at), 1), else_=0),
        case((col(Complaint.due_at) <= as_of, 1), else_=0),
    )


def _bucket(status: str, breached: int, ended_before_due: int, due_passed: int) -> Bucket:
    return bucket(
        Status(status),
        breached=bool(breached),
        ended_before_due=bool(ended_before_due),
        due_passed=bool(due_passed),
    )


def _part(directory: Directory, row: Sequence[Any], count: int = 1) -> Part:
    month, office_id, group, rule, category, channel, *outcome = row
    return Part(month, directory.code(office_id), group, rule, category, channel, _bucket(*outcome), count)


def _grouped(
    session: Session,
    names: Collection[str],
    months: Collection[str],
    office_ids: Collection[int] | None,
    as_of: datetime,
) -> Iterator[Sequence[Any]]:
    """How many complaints are alike in these columns and in their outcome."""
    query = select(*_columns(names), *_outcome(as_of), func.count()).where(
        col(Complaint.month).in_(months), *at_offices(office_ids)
    )
    # By position: to PostgreSQL two bound moments are two expressions.
    by_position = (text(str(at)) for at in range(1, len(names) + 5))
    yield from session.connection().execute(query.group_by(*by_position))


def cohort(
    session: Session,
    directory: Directory,
    months: Collection[str],
    office_ids: Collection[int] | None,
    as_of: datetime,
) -> list[Part]:
    """What was received in these months (2017-03), at these offices or at all, as it counts as of `as_of`."""
    rows = _grouped(session, _FACTS, months, office_ids, as_of)
    return [_part(directory, row, count) for *row, count in rows]


def by_month(
    session: Session, months: Collection[str], office_ids: Collection[int] | None, as_of: datetime
) -> dict[str, Counts]:
    """As `cohort`, but told apart by month only."""
    found: dict[str, list[tuple[Bucket, int]]] = {}
    for month, *outcome, count in _grouped(session, ("month",), months, office_ids, as_of):
        found.setdefault(month, []).append((_bucket(*outcome), count))
    return {month: Counts.of(pairs) for month, pairs in found.items()}


# Of a single complaint: its course, in the order of `Course`.
_COURSE = (
    *("urgent", "status", "generation", "received_at", "recorded_at", "due_on", "due_at"),
    *("breached_at", "responded_at", "closed_at"),
)


def cases(
    session: Session,
    directory: Directory,
    months: Collection[str],
    office_ids: Collection[int] | None,
    as_of: datetime,
) -> list[Course]:
    """Every complaint received in these months, at these offices or at all, by number."""
    query = select(
        *_columns(("number", "events", "head", *_COURSE)), *_columns(_FACTS), *_outcome(as_of)
    ).where(col(Complaint.month).in_(months), *at_offices(office_ids))
    rows = session.connection().execute(query.order_by(col(Complaint.number)))
    return [
        Course(number, _part(directory, rest[len(_COURSE) :]), events, head, *rest[: len(_COURSE)])
        for number, events, head, *rest in rows
    ]


def first_month(session: Session) -> str | None:
    """The first month in which anything was received."""
    return session.connection().execute(select(func.min(col(Complaint.month)))).scalar()


def frozen(
    session: Session, quarter: str, version: int | None = None, measure: str = COMPLAINTS
) -> FrozenFigure | None:
    """A frozen figure of a quarter (2017-Q1), the newest unless a version is named.

    Its cases, by far the most of it, are read when they are first asked for, within the transaction.
    """
    # To the type checker a field of SQLModel is its value.
    query = select_rows(FrozenFigure).options(defer(FrozenFigure.cases))  # type: ignore[arg-type]
    query = query.where(FrozenFigure.measure == measure, FrozenFigure.quarter == quarter)
    if version is not None:
        query = query.where(FrozenFigure.version == version)
    return session.exec(query.order_by(col(FrozenFigure.version).desc()).limit(1)).first()


def versions(session: Session, measure: str = COMPLAINTS) -> dict[str, int]:
    """The newest version of every quarter whose figure has been frozen."""
    query = select(col(FrozenFigure.quarter), func.max(col(FrozenFigure.version)))
    query = query.where(col(FrozenFigure.measure) == measure).group_by(col(FrozenFigure.quarter))
    return dict(session.connection().execute(query).all())


def all_frozen(session: Session) -> Sequence[tuple[str, str, int]]:
    """Measure, quarter and version of every frozen figure, oldest first."""
    query = select(col(FrozenFigure.measure), col(FrozenFigure.quarter), col(FrozenFigure.version))
    rows = session.connection().execute(query.order_by(text("1"), text("2"), text("3"))).all()
    return [(measure, quarter, version) for measure, quarter, version in rows]


def recorded(session: Session, months: Collection[str]) -> Iterator[tuple[str, datetime]]:
    """Number and moment of entry of everything received in these months, in no order."""
    query = select(col(Complaint.number), col(Complaint.recorded_at)).where(col(Complaint.month).in_(months))
    yield from ((number, recorded_at) for number, recorded_at in session.connection().execute(query))


def chains(session: Session, numbers: Collection[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The events of these complaints, as they are stored, in the order of seq."""
    events: Table = Event.__table__  # type: ignore[attr-defined]
    query = (
        select(col(Complaint.number), events)
        .join(events, events.c.complaint_id == col(Complaint.id))
        .where(col(Complaint.number).in_(numbers))
        .order_by(events.c.complaint_id, events.c.seq)
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in session.connection().execute(query).mappings():
        found.setdefault(row["number"], []).append(cast("Mapping[str, Any]", row))
    return found
