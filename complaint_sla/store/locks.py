"""Who holds what on a PostgreSQL server: the sessions that keep others waiting. What they asked is not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlmodel import Session

from complaint_sla.store.tables import Table

# A session that waits itself keeps nobody waiting by its own fault. Whose session it is the server tells everybody; since
# when, only its own user and members of pg_read_all_stats.
_HOLDERS = """
SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), a.xact_start,
       extract(epoch FROM clock_timestamp() - a.xact_start)
FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND EXISTS (
    SELECT 1 FROM pg_locks AS held JOIN pg_class AS c ON c.oid = held.relation
    WHERE held.pid = a.pid AND held.granted AND c.relkind = 'r' AND c.relname = ANY(:tables)
      AND c.relnamespace = current_schema()::regnamespace
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND held.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                        'AccessExclusiveLock')
  )
  AND NOT EXISTS (SELECT 1 FROM pg_locks AS wanted WHERE wanted.pid = a.pid AND NOT wanted.granted)
ORDER BY a.xact_start NULLS LAST, a.pid
"""


@dataclass(frozen=True)
class Holder:
    """A session that holds rows or tables of ours: its process on the server, its user, the program that it calls itself.

    `since` (UTC) and for how many `seconds` its transaction goes on; None where the server does not tell us.
    """

    pid: int
    user: str
    application: str
    since: datetime | None
    seconds: float | None


def holders(session: Session) -> Sequence[Holder]:
    """The longest first; none on SQLite, which does not say who holds its file."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return ()
    tables = [table.name for table in Table.metadata.sorted_tables]
    found = connection.execute(text(_HOLDERS), {"tables": tables}).all()
    return [
        Holder(
            pid,
            user,
            application,
            since.astimezone(UTC) if since is not None else None,
            float(seconds) if seconds is not None else None,
        )
        for pid, user, application, since, seconds in found
    ]
