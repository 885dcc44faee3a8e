"""What the errors of the two databases mean: which pass by themselves, and which are told in words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from complaint_sla.core.errors import DatabaseLocked, DatabaseUnusable, ReadTakenBack
from complaint_sla.store import sqlstates

# So long a lock is waited for, and longer than any work of the program holds one. An import's batch holds SQLite's for a tenth of
# a second; on a machine that has twenty other things to do, and with twenty people in the queue, some had to wait for twenty.
LOCK_SECONDS = 60
# What the driver says before what the server, or its library, says.
_OF_THE_DRIVER = re.compile(r"^connection (failed|is bad): ")


def is_passing(problem: DBAPIError) -> bool:
    """Whether it passes once another transaction has ended."""
    if _is_rule_of_others(problem):
        return False
    return isinstance(problem, IntegrityError) or _is_broken_off(problem)


def _is_rule_of_others(problem: DBAPIError) -> bool:
    """Whether what was written goes against a constraint, or lacks a column, that is none of ours."""
    if _state(problem) not in sqlstates.RULES:
        return False
    from complaint_sla.store.tables import Table

    told = problem.orig.diag  # type: ignore[union-attr]
    table = Table.metadata.tables.get(told.table_name)
    if table is None:
        return True
    if told.constraint_name is not None:
        return told.constraint_name not in {str(one.name) for one in table.constraints}
    column = table.columns.get(told.column_name)
    return column is None or bool(column.nullable)


def is_lost(problem: DBAPIError) -> bool:
    """Whether the connection has gone, so that nobody has heard what came of what was asked last."""
    return problem.connection_invalidated


def _is_broken_off(problem: DBAPIError) -> bool:
    return sqlstates.is_passing(_state(problem), str(problem.orig))


def _state(problem: DBAPIError) -> str | None:
    return getattr(problem.orig, "sqlstate", None)


def _is_unusable(problem: DBAPIError) -> bool:
    # SQLite says of a file that is damaged, or none of its own, that it is no more than a DatabaseError.
    return isinstance(problem, OperationalError | InterfaceError) or type(problem) is DatabaseError


def is_locked(problem: BaseException | None) -> bool:
    """Whether it is that somebody else has held a lock for too long."""
    if isinstance(problem, sqlite3.Error):
        # The lower byte is the kind of error, the others tell its circumstances.
        code: int = getattr(problem, "sqlite_errorcode", 0)
        return code & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(problem, "sqlstate", None) == sqlstates.LOCKED


@contextmanager
def understandable(
    patience: int | None = None,
    *,
    reading: bool = False,
    altered: Callable[[], Sequence[str]] = lambda: (),
) -> Iterator[None]:
    """Turns a database that can't be reached or used into an error with words; parameters never show.

    `patience`: so many seconds a lock was waited for, if not LOCK_SECONDS. Of a transaction that is only `reading` what was
    taken back is a ReadTakenBack. `altered` names what a hand has made of the tables: without any of that, a statement that
    does not fit them is a fault of ours.
    """
    try:
        yield
    except sqlite3.Error as problem:
        # From where SQLAlchemy does not stand between: taking the lock, copying.
        if is_locked(problem):
            raise DatabaseLocked("database-locked", seconds=patience or LOCK_SECONDS) from None
        raise DatabaseUnusable("database-unreachable", problem=str(problem)) from None
    except DBAPIError as problem:
        told = _told(problem, patience, altered, reading=reading)
        if told is None:
            raise
        raise told from None


def _told(
    problem: DBAPIError,
    patience: int | None,
    altered: Callable[[], Sequence[str]],
    *,
    reading: bool,
) -> DatabaseUnusable | None:
    if is_locked(problem.orig):
        return DatabaseLocked("database-locked", seconds=patience or LOCK_SECONDS)
    said = _said(problem)
    if reading and sqlstates.is_taken_back(_state(problem), is_lost=problem.connection_invalidated):
        return ReadTakenBack("read-taken-back", problem=said)
    if is_passing(problem):
        return None
    theirs = "server-refuses" if _is_rule_of_others(problem) else None
    key = theirs or sqlstates.key_of(_state(problem), str(problem.orig))
    if key == sqlstates.ALTERED:
        names = altered()
        return DatabaseUnusable("database-altered", names=names) if names else None
    if key is None and not _is_unusable(problem):
        return None
    meaning = key or sqlstates.UNKNOWN
    return DatabaseUnusable(meaning, problem=said)


def given_up(problem: DBAPIError) -> DatabaseLocked | None:
    """What is told of a transaction that lost every race; None if no race was lost."""
    return DatabaseLocked("database-contended", problem=_said(problem)) if _is_broken_off(problem) else None


def _said(problem: DBAPIError) -> str:
    """The first line of what the database says: what follows may quote what stands in a row."""
    return _OF_THE_DRIVER.sub("", str(problem.orig).strip().partition("\n")[0])
