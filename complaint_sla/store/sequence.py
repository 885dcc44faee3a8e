"""All events of all complaints in the order of their ids, which is fixed once everybody who had begun has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import Table, func, select, text
from sqlmodel import Session

from complaint_sla.core.errors import NotPossible
from complaint_sla.store.tables import Event

_EVENT: Table = Event.__table__  # type: ignore[attr-defined]
# So long is waited for those who were writing events.
PATIENCE_SECONDS = 10
_PAGE = 10_000

# Whoever has written an event, and has not ended, holds this lock; the id was theirs before they held it no more. A copy of
# the database on the same server has tables of the same ids.
_WRITING = text(
    "SELECT virtualtransaction FROM pg_locks WHERE relation = 'event'::regclass AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
)


def settled_through(session: Session) -> int:
    """An id (0 for none) up to which nothing can come in any more. To be asked for before anything is locked.

    On SQLite that is the last one for whoever writes. On PostgreSQL those who are writing are waited for. Raises
    NotPossible (`events-busy`) where they take too long.
    """
    connection = session.connection()
    last = int(connection.execute(select(func.coalesce(func.max(_EVENT.c.id), 0))).scalar_one())
    if connection.dialect.name != "postgresql":
        return last
    writing = set(connection.execute(_WRITING).scalars())
    until = time.monotonic() + PATIENCE_SECONDS
    while writing & set(connection.execute(_WRITING).scalars()):
        if time.monotonic() > until:
            raise NotPossible("events-busy")
        time.sleep(0.05)
    return last


def events_between(session: Session, after: int, through: int) -> Iterator[tuple[int, str]]:
    """Number and hash of the events with an id above `after` up to `through`, in the order of the ids, without keeping them."""
    query = select(_EVENT.c.id, _EVENT.c.seq, _EVENT.c.hash).order_by(_EVENT.c.id).limit(_PAGE)
    while (
        rows := session.connection().execute(query.where(_EVENT.c.id > after, _EVENT.c.id <= through)).all()
    ):
        yield from ((seq, str(hash_)) for _, seq, hash_ in rows)
        after = rows[-1][0]
