"""What the errors of the two databases mean: which pass by themselves, and which are told in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from complaint_sla.core.errors import DatabaseLocked, DatabaseUnusable

# So long a lock is waited for, and longer than any work of the program holds one. An import's batch holds SQLite's for a tenth of
# a second; on a machine that has twenty other things to do, and with twenty people in the queue, some had to wait for twenty.
LOCK_SECONDS = 60
_POSTGRES_PASSING = ("40001", "40P01")
# A standby or a database set to read only; a transaction that slept too long; tables that belong to somebody else.
_POSTGRES_FORBIDDEN = "42501"
_POSTGRES_UNUSABLE = ("25006", "25P03", _POSTGRES_FORBIDDEN)
_POSTGRES_LOCKED = "55P03"


def is_passing(problem: DBAPIError) -> bool:
    """Whether it passes once another transaction has ended."""
    return isinstance(problem, IntegrityError) or getattr(problem.orig, "sqlstate", None) in _POSTGRES_PASSING


def _is_unusable(problem: DBAPIError) -> bool:
    # SQLite says of a file that is damaged, or none of its own, that it is no more than a DatabaseError.
    return (
        isinstance(problem, OperationalError | InterfaceError)
        or type(problem) is DatabaseError
        or getattr(problem.orig, "sqlstate", None) in _POSTGRES_UNUSABLE
    )


def _is_locked(problem: BaseException | None) -> bool:
    """Whether it is that somebody else has held a lock for too long."""
    if isinstance(problem, sqlite3.Error):
        # The lower byte is the kind of error, the others tell its circumstances.
        code: int = getattr(problem, "sqlite_errorcode", 0)
        return code & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(problem, "sqlstate", None) == _POSTGRES_LOCKED


@contextmanager
def understandable(patience: int | None = None) -> Iterator[None]:
    """Turns a database that can't be reached or used into an error with words; parameters never show.

    `patience`: so many seconds a lock was waited for, if not LOCK_SECONDS.
    """
    try:
        yield
    except sqlite3.Error as problem:
        # From where SQLAlchemy does not stand between: taking the lock, copying.
        if _is_locked(problem):
            raise DatabaseLocked("database-locked", seconds=patience or LOCK_SECONDS) from None
        raise DatabaseUnusable("database-unreachable", problem=str(problem)) from None
    except DBAPIError as problem:
        if _is_locked(problem.orig):
            raise DatabaseLocked("database-locked", seconds=patience or LOCK_SECONDS) from None
        if is_passing(problem) or not _is_unusable(problem):
            raise
        if getattr(problem.orig, "sqlstate", None) == _POSTGRES_FORBIDDEN:
            said = str(problem.orig).strip().partition("\n")[0]
            raise DatabaseUnusable("database-forbidden", problem=said) from None
        first_line = str(problem.orig).strip().partition("\n")[0]
        raise DatabaseUnusable("database-unreachable", problem=first_line) from None
