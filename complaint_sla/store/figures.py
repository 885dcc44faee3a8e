"""Raw facts of a cohort, grouped by the database in one pass over an index. Which bucket they are is said by the core.

And figures that were frozen: text that is kept as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, case, func, select, text
from sqlalchemy.orm import defer
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.core.complaints import TOUCHES, Bucket, Status, bucket, is_redeemable
from complaint_sla.core.figures import COMPLAINTS, Counts, Part
from complaint_sla.core.review import Course
from complaint_sla.core.rulebook import RuleKind
from complaint_sla.store import books
from complaint_sla.store.complaints import IS_OPEN, of_kinds
from complaint_sla.store.movements import COMPLAINT, at_offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint, Event, FrozenFigure
from complaint_sla.store.types import UNKNOWN, ByBytes, moment, unreadable

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


_STATUSES = frozenset(Status)


def _bucket(status: str, breached: int, ended_before_due: int, due_passed: int) -> Bucket | None:
    """None for a status that is none: such a complaint can't be counted."""
    if status not in _STATUSES:
        return None
    return bucket(
        Status(status),
        breached=bool(breached),
        ended_before_due=bool(ended_before_due),
        due_passed=bool(due_passed),
    )


def _part(directory: Directory, row: Sequence[Any], count: int = 1) -> Part | None:
    month, office_id, *rest = row
    group, rule, category, channel = (key or UNKNOWN for key in rest[:4])
    found = _bucket(*rest[4:])
    if found is None:
        return None
    return Part(month, directory.code(office_id), group, rule, category, channel, found, count)


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


def redeemable(
    session: Session, months: Collection[str], office_ids: Collection[int] | None, as_of: datetime
) -> Iterator[tuple[str, Sequence[Any]]]:
    """What is overdue as of `as_of`, and may still be closed in time, dated back: number, and its facts in a figure."""
    earliest = {
        digest: book.dated_back_to(as_of)
        for digest, book in books.pinned(session, books.ids(session, RuleKind.BOOK)).items()
    }
    if not earliest:
        return
    due_at, changed_at = col(Complaint.due_at), col(Complaint.changed_at)
    touched_at = (
        select(func.max(col(Event.happened_at)))
        .where(col(Event.complaint_id) == col(Complaint.id), of_kinds(TOUCHES))
        .scalar_subquery()
    )
    # ix_complaint_figure has all that is asked, by month: only for the few that it leaves, events are looked for.
    query = select(
        col(Complaint.number), col(Complaint.book), due_at, changed_at, touched_at, *_columns(_FACTS)
    ).where(
        IS_OPEN,
        col(Complaint.breached_at).is_(None),
        due_at <= as_of,
        due_at > min(earliest.values()),
        col(Complaint.month).in_(months),
        *at_offices(office_ids),
    )
    for number, book, due, changed, touched, *facts in session.connection().execute(query):
        moments = (due, changed, *([touched] if touched is not None else []))
        # What a hand made of a moment is told elsewhere, and is nothing to reckon with.
        if book not in earliest or not all(isinstance(one, datetime) for one in moments):
            continue
        if is_redeemable(due, changed, earliest[book], touched):
            yield number, facts


def latest_due_at(session: Session, months: Collection[str]) -> datetime | None:
    """The latest due moment of all that was received in these months; None if nothing was."""
    query = select(func.max(col(Complaint.due_at))).where(col(Complaint.month).in_(months))
    return moment(session.connection().execute(query).scalar())


def cohort(
    session: Session,
    directory: Directory,
    months: Collection[str],
    office_ids: Collection[int] | None,
    as_of: datetime,
) -> tuple[list[Part], int]:
    """What was received in these months (2017-03), at these offices or at all, as it counts as of `as_of`.

    And how many complaints can't be counted, because their status is none.
    """
    parts, uncounted = [], 0
    for _, (month, office_id, *keys) in redeemable(session, months, office_ids, as_of):
        group, rule, category, channel = (key or UNKNOWN for key in keys)
        office = directory.code(office_id)
        parts.append(Part(month, office, group, rule, category, channel, Bucket.OVERDUE, 0, 1))
    for *row, count in _grouped(session, _FACTS, months, office_ids, as_of):
        part = _part(directory, row, count)
        if part is None:
            uncounted += count
        else:
            parts.append(part)
    return parts, uncounted


def by_month(
    session: Session, months: Collection[str], office_ids: Collection[int] | None, as_of: datetime
) -> dict[str, Counts]:
    """As `cohort`, but told apart by month only."""
    found: dict[str, list[tuple[Bucket, int]]] = {}
    for month, *outcome, count in _grouped(session, ("month",), months, office_ids, as_of):
        where = _bucket(*outcome)
        if where is not None:
            found.setdefault(month, []).append((where, count))
    redeemed = Counter(facts[0] for _, facts in redeemable(session, months, office_ids, as_of))
    return {month: Counts.of(pairs, redeemed[month]) for month, pairs in found.items()}


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
) -> tuple[list[Course], dict[str, list[str]]]:
    """Every complaint received in these months, at these offices or at all, by number.

    And those that can't be read, by number, with the columns that are broken.
    """
    redeemed = {number for number, _ in redeemable(session, months, office_ids, as_of)}
    names = ("number", "events", "head", *_COURSE, *_FACTS)
    query = select(*_columns(names), *_outcome(as_of)).where(
        col(Complaint.month).in_(months), *at_offices(office_ids)
    )
    courses, broken = [], {}
    for row in session.connection().execute(query.order_by(ByBytes(col(Complaint.number)))):
        wrong = unreadable(COMPLAINT, dict(zip(names, row, strict=False)))
        part = None if wrong else _part(directory, row[3 + len(_COURSE) :])
        if part is None or part.office == UNKNOWN:
            broken[str(row[0])] = wrong or ["status" if part is None else "office_id"]
        else:
            if row[0] in redeemed:
                part = replace(part, redeemable=1)
            courses.append(Course(row[0], part, row[1], row[2], *row[3 : 3 + len(_COURSE)]))
    return courses, broken


def first_month(session: Session) -> str | None:
    """The first month in which anything was received, of those that are one."""
    month = col(Complaint.month)
    query = select(func.min(month)).where(month.between("1900", "9999"), month.like("____-__"))
    return session.connection().execute(query).scalar()


def any_received(session: Session, months: Collection[str]) -> bool:
    query = select(col(Complaint.month)).where(col(Complaint.month).in_(months)).limit(1)
    return session.connection().execute(query).first() is not None


# A clock that ran ahead froze the others before their time.
_STANDS = col(FrozenFigure.voided_at).is_(None)


def frozen(
    session: Session, quarter: str, version: int | None = None, measure: str = COMPLAINTS
) -> FrozenFigure | None:
    """A frozen figure of a quarter (2017-Q1), the newest unless a version is named. A void one must be named.

    Its cases, by far the most of it, are read when they are first asked for, within the transaction.
    """
    # To the type checker a field of SQLModel is its value.
    query = select_rows(FrozenFigure).options(defer(FrozenFigure.cases))  # type: ignore[arg-type]
    query = query.where(FrozenFigure.measure == measure, FrozenFigure.quarter == quarter)
    query = query.where(_STANDS if version is None else col(FrozenFigure.version) == version)
    return session.exec(query.order_by(col(FrozenFigure.version).desc()).limit(1)).first()


def newest(session: Session) -> str | None:
    """The digest of the figure that was frozen last, of whatever measure and quarter; None if none was.

    Figures are frozen one after the other, and so their ids follow each other, whatever a clock says.
    """
    query = select(col(FrozenFigure.digest)).order_by(col(FrozenFigure.id).desc()).limit(1)
    return session.connection().execute(query).scalar()


def digests(session: Session) -> Sequence[tuple[Any, Any, Any, Any, Any]]:
    """Id, measure, quarter, version and digest of every frozen figure, in the order in which they were frozen."""
    columns = ("id", "measure", "quarter", "version", "digest")
    query = select(*(getattr(FrozenFigure, name) for name in columns)).order_by(col(FrozenFigure.id))
    return [tuple(row) for row in session.connection().execute(query)]


def register(session: Session) -> Sequence[Mapping[str, Any]]:
    """Every frozen figure without its text, in the order in which they were frozen."""
    columns = ("measure", "quarter", "version", "digest", "frozen_at", "voided_at")
    query = select(*(getattr(FrozenFigure, name) for name in columns)).order_by(col(FrozenFigure.id))
    return cast("Sequence[Mapping[str, Any]]", session.connection().execute(query).mappings().all())


def versions(session: Session, measure: str = COMPLAINTS) -> dict[str, int]:
    """The newest version of every quarter whose figure has been frozen, and is not void."""
    query = select(col(FrozenFigure.quarter), func.max(col(FrozenFigure.version)))
    query = query.where(col(FrozenFigure.measure) == measure, _STANDS).group_by(col(FrozenFigure.quarter))
    return dict(session.connection().execute(query).all())


def last_version(session: Session, quarter: str, measure: str = COMPLAINTS) -> int:
    """The number of the newest version, void or not; 0 if there is none."""
    query = select(func.max(col(FrozenFigure.version)))
    query = query.where(col(FrozenFigure.measure) == measure, col(FrozenFigure.quarter) == quarter)
    return session.connection().execute(query).scalar() or 0


def count_void(session: Session, quarter: str, measure: str = COMPLAINTS) -> int:
    query = select(func.count()).where(
        col(FrozenFigure.measure) == measure,
        col(FrozenFigure.quarter) == quarter,
        col(FrozenFigure.voided_at).is_not(None),
    )
    return session.connection().execute(query).scalar() or 0


def frozen_after(session: Session, at: datetime) -> Sequence[FrozenFigure]:
    """Figures that are said to have been frozen after a moment, and stand; without their cases."""
    query = select_rows(FrozenFigure).options(defer(FrozenFigure.cases))  # type: ignore[arg-type]
    query = query.where(_STANDS, col(FrozenFigure.frozen_at) > at)
    order = (FrozenFigure.measure, FrozenFigure.quarter, FrozenFigure.version)
    return session.exec(query.order_by(*map(col, order))).all()


def moments_after(session: Session, at: datetime) -> list[datetime]:
    """When the figures of `frozen_after` are said to have been frozen, as far as that can be read."""
    query = select(col(FrozenFigure.frozen_at)).where(_STANDS, col(FrozenFigure.frozen_at) > at)
    moments = map(moment, session.connection().execute(query).scalars())
    return [one for one in moments if one is not None]


def all_frozen(session: Session) -> Sequence[tuple[Any, Any, Any]]:
    """Measure, quarter and version of every frozen figure, oldest first."""
    query = select(col(FrozenFigure.measure), col(FrozenFigure.quarter), col(FrozenFigure.version))
    rows = session.connection().execute(query.order_by(text("1"), text("2"), text("3"))).all()
    return [(measure, quarter, version) for measure, quarter, version in rows]


def recorded(session: Session, months: Collection[str]) -> Iterator[tuple[Any, Any]]:
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
