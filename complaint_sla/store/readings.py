"""What was entered of the plan's measures: appended, and looked up by the periods that a card needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Table, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import JournalEntry, Listed, Lot
from complaint_sla.store.tables import Reading as ReadingRow

_READING: Table = ReadingRow.__table__  # type: ignore[attr-defined]
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
    session: Session, directory: Directory, periods: Collection[str], office_ids: Collection[int] | None
) -> Iterator[Reading]:
    """Everything that was ever entered of these periods, at these offices or at all. A row that a hand has made unreadable
    is left out; the audit names it."""
    table = _READING.c
    query = select(
        table.seq, table.office_id, table.measure, table.period, table.kind, table.n, table.d, table.dated
    ).where(table.period.in_(periods))
    if office_ids is not None:
        query = query.where(table.office_id.in_(office_ids))
    codes = {id_: office.code for id_, office in directory.offices.items()}
    for seq, office_id, measure, period, kind, n, d, dated in session.connection().execute(query):
        code, known = codes.get(office_id), _KINDS.get(kind)
        if code is None or known is None or not _is_whole(known, n, d, dated):
            continue
        yield Reading(seq, code, measure, period, known, n, d, dated)


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


def _is_whole(kind: ReadingKind, n: object, d: object, dated: object) -> bool:
    if kind is not ReadingKind.FIGURE:
        return True
    return type(n) is int and (d is None or type(d) is int) and isinstance(dated, date)


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


def measures_used(session: Session, periods: Collection[str]) -> set[str]:
    """The keys of the measures of which anything was entered in these periods."""
    query = select(_READING.c.measure).where(_READING.c.period.in_(periods)).distinct()
    return set(session.connection().execute(query).scalars())


def any_of(session: Session, periods: Collection[str]) -> bool:
    """Whether anything was entered of these periods, at whatever office."""
    query = select(_READING.c.seq).where(_READING.c.period.in_(periods)).limit(1)
    return session.connection().execute(query).first() is not None


def any_listed(session: Session) -> bool:
    """Whether a list of finished requests was ever brought in."""
    return session.connection().execute(select(col(Listed.id)).limit(1)).first() is not None
