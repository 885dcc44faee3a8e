"""What the database is, and the journal's head: the one row of its kind."""

from __future__ import annotations

from collections.abc import Sequence
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


def salt(session: Session) -> str:
    """What stands before whatever is kept as a digest only."""
    return the_house(session).salt


def entries_since(session: Session, kind: str, since: datetime) -> Sequence[JournalEntry]:
    """What the journal says of a kind, written down since a moment, in order."""
    query = select(JournalEntry).where(JournalEntry.kind == kind, col(JournalEntry.recorded_at) >= since)
    return session.exec(query.order_by(col(JournalEntry.seq))).all()
