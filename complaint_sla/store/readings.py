"""What was entered of the plan's measures: appended, and looked up by the periods that a card needs."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, func, select, tuple_
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import JournalEntry, Listed, Lot
from complaint_sla.store.tables import Reading as ReadingRow
from complaint_sla.store.types import moment

_READING: Table = ReadingRow.__table__  # type: ignore[attr-defined]
_COLUMNS = tuple(
    _READING.c[name] for name in ("seq", "office_id", "measure", "period", "kind", "n", "d", "dated")
)
# As many rows as are in memory at once, where all are looked at.
_PAGE = 1000
_PLACE = (_READING.c.office_id, _READING.c.measure, _READING.c.period)
_KINDS = {kind.value: kind for kind in ReadingKind}


def append(session: Session, office_id: int, reading: Reading) -> None:
    """Puts down what the entry `reading.seq` of the journal says."""
    session.add(
        ReadingRow(
            seq=reading.seq,
            office_id=office_id,
            measure=reading.measure,
            period=reading.period,
            kind=reading.kind.value,
            n=reading.n,
            d=reading.d,
            dated=reading.dated,
        )
    )
    session.flush()


def of_periods(
    session: Session,
    directory: Directory,
    periods: Collection[str],
    office_ids: Collection[int] | None,
    until: int | None = None,
) -> list[Reading]:
    """Everything that was ever entered of these periods, at these offices or at all, up to the entry `until`. A row that a
    hand has made unreadable is left out; the audit names it."""
    found, _ = _read(directory, _rows(session, periods, office_ids, until))
    return found


def broken(session: Session, directory: Directory, periods: Collection[str]) -> list[int]:
    """The numbers of the readings of these periods that a hand has made unreadable."""
    _, found = _read(directory, _rows(session, periods, None, None))
    return found


def _rows(
    session: Session, periods: Collection[str], office_ids: Collection[int] | None, until: int | None
) -> Sequence[Any]:
    query = select(*_COLUMNS).where(_READING.c.period.in_(periods))
    if office_ids is not None:
        query = query.where(_READING.c.office_id.in_(office_ids))
    if until is not None:
        query = query.where(_READING.c.seq <= until)
    # All at once: of a nation there are hundreds of thousands.
    return session.connection().execute(query).all()


def _read(directory: Directory, rows: Sequence[Any]) -> tuple[list[Reading], list[int]]:
    """The readings, and the numbers of what is none."""
    codes = {id_: office.code for id_, office in directory.offices.items()}
    found, damaged = [], []
    for seq, office_id, measure, period, kind, n, d, dated in rows:
        code, known = codes.get(office_id), _KINDS.get(kind)
        is_whole = known is not ReadingKind.FIGURE or (
            type(n) is int and (d is None or type(d) is int) and isinstance(dated, date)
        )
        if code is None or known is None or not is_whole:
            damaged.append(seq)
        else:
            found.append(Reading(seq, code, measure, period, known, n, d, dated))
    return found, damaged


@contextmanager
def uncollected() -> Iterator[None]:
    """Looks for no circles meanwhile: among the hundreds of thousands of rows of a nation's year there are none, and looking
    through them again and again takes longer than reading them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def entered_periods(session: Session) -> set[str]:
    """The keys of all periods of which anything was ever entered, or drawn for a survey."""
    found: set[str] = set()
    for column in (col(ReadingRow.period), col(Lot.period)):
        # From one to the next in the index: of the many rows of each one is read.
        query = select(func.min(column))
        last = session.connection().execute(query).scalar()
        while last is not None:
            found.add(str(last))
            last = session.connection().execute(query.where(column > last)).scalar()
    return found


def all_readings(session: Session) -> Iterator[Mapping[str, Any]]:
    """Every row as it is kept, in the order of their entries."""
    query = select(_READING).order_by(_READING.c.seq)
    found = session.connection().execute(query, execution_options={"yield_per": _PAGE})
    for page in found.mappings().partitions():
        yield from cast("Sequence[Mapping[str, Any]]", page)


def offices_since(session: Session, directory: Directory, periods: Collection[str], seq: int) -> set[str]:
    """The offices of which anything was entered of these periods after an entry."""
    query = select(_READING.c.office_id).where(_READING.c.period.in_(periods), _READING.c.seq > seq)
    found = session.connection().execute(query.distinct()).scalars()
    return {directory.offices[one].code for one in found if one in directory.offices}


def begun_at(session: Session) -> datetime | None:
    """When anything was entered for the first time (UTC); None if nothing ever was."""
    first = select(func.min(_READING.c.seq)).scalar_subquery()
    query = select(col(JournalEntry.happened_at)).where(col(JournalEntry.seq) == first)
    return moment(session.connection().execute(query).scalar())


def first_year(session: Session) -> int | None:
    """The first year of which anything was entered, of those that are one."""
    period = _READING.c.period
    query = select(func.min(period)).where(period.between("1900", "9999"))
    found = session.connection().execute(query).scalar()
    return int(found[:4]) if isinstance(found, str) and found[:4].isdecimal() else None


def any_of(session: Session, periods: Collection[str]) -> bool:
    """Whether anything was ever entered of these periods."""
    query = select(_READING.c.seq).where(_READING.c.period.in_(periods)).limit(1)
    return session.connection().execute(query).first() is not None


def first_dated(session: Session, period: str) -> date | None:
    """The first day that a letter of a period bears."""
    query = select(func.min(_READING.c.dated)).where(_READING.c.period == period)
    found = session.connection().execute(query).scalar()
    return found if isinstance(found, date) else None


# An office by its id, a measure and a period: what one figure is of.
Place = tuple[int, str, str]


def of_places(
    session: Session, directory: Directory, places: Collection[Place]
) -> Mapping[Place, Sequence[tuple[int, Reading | None]]]:
    """All that was ever entered of these, oldest first: the number of its entry, and the reading as `of_periods` has it."""
    query = select(*_COLUMNS).where(tuple_(*_PLACE).in_(places)).order_by(_READING.c.seq)
    rows = session.connection().execute(query).all()
    sound = {one.seq: one for one in _read(directory, rows)[0]}
    found: dict[Place, list[tuple[int, Reading | None]]] = {place: [] for place in places}
    for seq, *place in (row[:4] for row in rows):
        found[tuple(place)].append((seq, sound.get(seq)))
    return found


def history(
    session: Session, office_ids: Collection[int] | None, measure: str, periods: Collection[str]
) -> Sequence[JournalEntry]:
    """The entries of a measure in these periods, at these offices or at all, oldest first."""
    query = (
        select_rows(JournalEntry)
        .join(ReadingRow, col(ReadingRow.seq) == col(JournalEntry.seq))
        .where(ReadingRow.measure == measure, col(ReadingRow.period).in_(periods))
    )
    if office_ids is not None:
        query = query.where(col(ReadingRow.office_id).in_(office_ids))
    return session.exec(query.order_by(col(JournalEntry.seq))).all()


def entries(session: Session, seqs: Collection[int]) -> dict[int, JournalEntry]:
    """The journal's entries of these numbers: who entered a reading when, with which letter and words."""
    query = select_rows(JournalEntry).where(col(JournalEntry.seq).in_(seqs))
    return {one.seq: one for one in session.exec(query).all()}


def any_listed(session: Session) -> bool:
    """Whether a list of finished requests was ever brought in."""
    return session.connection().execute(select(col(Listed.id)).limit(1)).first() is not None
