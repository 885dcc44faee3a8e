"""What was entered of the plan's measures: appended, and looked up by the periods that a card needs."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Table, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import JournalEntry
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
) -> list[Reading]:
    """Everything that was ever entered of these periods, at these offices or at all. A row that a hand has made unreadable
    is left out; the audit names it."""
    table = _READING.c
    query = select(
        table.seq, table.office_id, table.measure, table.period, table.kind, table.n, table.d, table.dated
    ).where(table.period.in_(periods))
    if office_ids is not None:
        query = query.where(table.office_id.in_(office_ids))
    codes = {id_: office.code for id_, office in directory.offices.items()}
    found = []
    for seq, office_id, measure, period, kind, n, d, dated in session.connection().execute(query):
        code, known = codes.get(office_id), _KINDS.get(kind)
        if code is None or known is None:
            continue
        if known is ReadingKind.FIGURE and not _is_whole(n, d, dated):
            continue
        found.append(Reading(seq, code, measure, period, known, n, d, dated))
    return found


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


def _is_whole(n: object, d: object, dated: object) -> bool:
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
