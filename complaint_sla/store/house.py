"""What the database is, and the journal's head: the one row of its kind."""

from __future__ import annotations

import uuid

from sqlmodel import Session, select

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store.tables import House


def the_house(session: Session, *, lock: bool = False) -> House:
    """Locked, nobody else writes into the journal until the transaction ends. Raises DatabaseUnusable (`house-damaged`)."""
    query = select(House)
    rows = session.exec(query.with_for_update() if lock else query).all()
    if len(rows) != 1 or not isinstance(rows[0].events, int) or not isinstance(rows[0].head, str):
        raise DatabaseUnusable("house-damaged")
    return rows[0]


def new_identity() -> str:
    return uuid.uuid4().hex
