"""Raw facts of a cohort, grouped by the database in one pass over an index. Which bucket they are is said by the core.

And figures that were frozen: text that is kept as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, case, func, select, text
from sqlalchemy.orm import defer
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.store.tables import Complaint, Event, FrozenFigure


@dataclass(frozen=True)
class Outcome:
    """What a bucket depends on."""

    status: str
    breached: bool
    ended_before_due: bool
    due_passed: bool


@dataclass(frozen=True)
class Group:
    """So many complaints that are alike in all that a figure depends on."""

    month: str
    office_id: int
    group: str
    rule: str
    category: str
    channel: str
    outcome: Outcome
    count: int


def _outcome(as_of: datetime) -> tuple[Any, ...]:
    return (
        col(Complaint.status),
        case((col(Complaint.breached_at).is_not(None), 1), else_=0),
        case((col(Complaint.closed_at) < col(Complaint.due_at), 1), else_=0),
        case((col(Complaint.due_at) <= as_of, 1), else_=0),
    )


def _told(status: str, breached: int, ended_before_due: int, due_passed: int) -> Outcome:
    return Outcome(status, bool(breached), bool(ended_before_due), bool(due_passed))


def _of(months: Collection[str], office_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Complaint.month).in_(months)]
    if office_ids is not None:
        conditions.append(col(Complaint.office_id).in_(office_ids))
    return conditions


def cohort(
    session: Session, months: Collection[str], office_ids: Collection[int] | None, as_of: datetime
) -> Sequence[Group]:
    """What was received in these months (2017-03), at these offices or at all; `due_passed` is as of `as_of`."""
    facts = (
        col(Complaint.month),
        col(Complaint.office_id),
        col(Complaint.group),
        col(Complaint.rule),
        col(Complaint.category),
        col(Complaint.channel),
    )
    query = select(*facts, *_outcome(as_of), func.count()).where(*_of(months, office_ids))
    # By position: to PostgreSQL two bound moments are two expressions.
    by_position = (text(str(at)) for at in range(1, len(facts) + 5))
    rows = session.connection().execute(query.group_by(*by_position)).all()
    return [
        Group(month, office_id, group, rule, category, channel, _told(*outcome), count)
        for month, office_id, group, rule, category, channel, *outcome, count in rows
    ]


def totals(
    session: Session, months: Collection[str], office_ids: Collection[int] | None, as_of: datetime
) -> Sequence[tuple[str, Outcome, int]]:
    """As `cohort`, but told apart by month only: (month, outcome, count)."""
    query = select(col(Complaint.month), *_outcome(as_of), func.count()).where(*_of(months, office_ids))
    rows = session.connection().execute(query.group_by(*(text(str(at)) for at in range(1, 6)))).all()
    return [(month, _told(*outcome), count) for month, *outcome, count in rows]


@dataclass(frozen=True)
class Case:
    """One complaint of a cohort with what its bucket depends on, and the length and head of its chain of events."""

    number: str
    month: str
    office_id: int
    group: str
    rule: str
    category: str
    channel: str
    outcome: Outcome
    events: int
    head: str


def cases(session: Session, months: Collection[str], as_of: datetime) -> Sequence[Case]:
    """Every complaint received in these months, by number."""
    query = select(
        col(Complaint.number),
        col(Complaint.month),
        col(Complaint.office_id),
        col(Complaint.group),
        col(Complaint.rule),
        col(Complaint.category),
        col(Complaint.channel),
        *_outcome(as_of),
        col(Complaint.events),
        col(Complaint.head),
    ).where(*_of(months, None))
    rows = session.connection().execute(query.order_by(col(Complaint.number))).all()
    return [
        Case(number, month, office_id, group, rule, category, channel, _told(*outcome), events, head)
        for number, month, office_id, group, rule, category, channel, *outcome, events, head in rows
    ]


def first_month(session: Session) -> str | None:
    """The first month in which anything was received, of those that are one."""
    month = col(Complaint.month)
    query = select(func.min(month)).where(month.between("1900", "9999"), month.like("____-__"))
    return session.connection().execute(query).scalar()


def any_received(session: Session, months: Collection[str]) -> bool:
    query = select(col(Complaint.month)).where(*_of(months, None)).limit(1)
    return session.connection().execute(query).first() is not None


def frozen(session: Session, quarter: str, version: int | None = None) -> FrozenFigure | None:
    """A frozen figure of a quarter (2017-Q1), the newest unless a version is named.

    Its cases, by far the most of it, are read when they are first asked for, within the transaction.
    """
    # To the type checker a field of SQLModel is its value.
    query = select_rows(FrozenFigure).options(defer(FrozenFigure.cases))  # type: ignore[arg-type]
    query = query.where(FrozenFigure.quarter == quarter)
    if version is not None:
        query = query.where(FrozenFigure.version == version)
    return session.exec(query.order_by(col(FrozenFigure.version).desc()).limit(1)).first()


def versions(session: Session) -> dict[str, int]:
    """The newest version of every quarter that has been frozen."""
    query = select(col(FrozenFigure.quarter), func.max(col(FrozenFigure.version)))
    return dict(session.connection().execute(query.group_by(col(FrozenFigure.quarter))).all())


def all_frozen(session: Session) -> Sequence[tuple[str, Any]]:
    """Quarter and version of every frozen figure, oldest first."""
    query = select(col(FrozenFigure.quarter), col(FrozenFigure.version))
    rows = session.connection().execute(query.order_by(text("1"), text("2"))).all()
    return [(quarter, version) for quarter, version in rows]


def recorded(session: Session, months: Collection[str]) -> Iterator[tuple[Any, Any]]:
    """Number and moment of entry of everything received in these months, in no order."""
    query = select(col(Complaint.number), col(Complaint.recorded_at)).where(*_of(months, None))
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
