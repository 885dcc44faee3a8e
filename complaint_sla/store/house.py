"""What the database is, and the journal's head: the one row of its kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store.tables import House, JournalEntry
from complaint_sla.store.types import whole


def the_house(session: Session, *, lock: bool = False) -> House:
    """Locked, nobody else writes into the journal until the transaction ends. Raises DatabaseUnusable (`house-damaged`),
    NotPossible (`record-damaged`).
    """
    query = select(House)
    rows = session.exec(query.with_for_update() if lock else query).all()
    if len(rows) != 1:
        raise DatabaseUnusable("house-damaged")
    whole("house", rows[0], "events", "head")
    return rows[0]


def free_number(session: Session, after: int) -> int:
    """The first number for an entry above that one; a hand may have taken the next."""
    query = select(JournalEntry.seq).where(col(JournalEntry.seq) > after).order_by(col(JournalEntry.seq))
    for taken in session.exec(query).all():
        if taken != after + 1:
            break
        after = taken
    return after + 1


def salt(session: Session) -> str:
    """What stands before whatever is kept as a digest only."""
    return the_house(session).salt


def has_entry(session: Session, kind: str) -> bool:
    """Whether the journal says anything of a kind."""
    return (
        session.exec(select(JournalEntry.seq).where(JournalEntry.kind == kind).limit(1)).first() is not None
    )


def entry_hash(session: Session, seq: int) -> str | None:
    """The hash of an entry; None where there is none of that number."""
    return session.exec(select(JournalEntry.hash).where(JournalEntry.seq == seq)).first()


def last_entries(session: Session, kind: str, most: int) -> Sequence[JournalEntry]:
    """What the journal says of a kind, newest first, at most so much of it."""
    query = select(JournalEntry).where(JournalEntry.kind == kind)
    return session.exec(query.order_by(col(JournalEntry.seq).desc()).limit(most)).all()


def entries_since(session: Session, kind: str, since: datetime) -> Sequence[JournalEntry]:
    """What the journal says of a kind, written down since a moment, in order."""
    query = select(JournalEntry).where(JournalEntry.kind == kind, col(JournalEntry.recorded_at) >= since)
    return session.exec(query.order_by(col(JournalEntry.seq))).all()


def page_before(
    session: Session, before: int | None, since: datetime | None, most: int
) -> Sequence[JournalEntry]:
    """The last entries with a number below `before`, written down since a moment, newest first."""
    query = select(JournalEntry).order_by(col(JournalEntry.seq).desc()).limit(most)
    if before is not None:
        query = query.where(col(JournalEntry.seq) < before)
    if since is not None:
        query = query.where(col(JournalEntry.recorded_at) >= since)
    return session.exec(query).all()


def entries_between(
    session: Session, kinds: Collection[str], after: int, through: int
) -> Sequence[JournalEntry]:
    """The entries of these kinds with a number above `after` up to `through`, in order."""
    query = select(JournalEntry).where(
        col(JournalEntry.kind).in_(kinds), col(JournalEntry.seq) > after, col(JournalEntry.seq) <= through
    )
    return session.exec(query.order_by(col(JournalEntry.seq))).all()


def newest_of(session: Session, kinds: Collection[str]) -> JournalEntry | None:
    """The last entry of one of these kinds."""
    query = select(JournalEntry).where(col(JournalEntry.kind).in_(kinds))
    return session.exec(query.order_by(col(JournalEntry.seq).desc()).limit(1)).first()
