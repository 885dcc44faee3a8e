"""SQLite's one file: opened, made, waited for, copied."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import StaticPool

from complaint_sla.core.errors import DatabaseUnusable

# How long a writer of SQLite waits for its turn. An import's batch holds the lock for a tenth of a second; on a machine that
# has twenty other things to do, and with twenty people in the queue, some had to wait for twenty.
LOCK_SECONDS = 60
# How often it looks whether the lock is free. SQLite would look ten times a second, and between two batches of an
# import the lock is free for less than that: somebody at the counter could wait as long as the import takes.
LOOK_SECONDS = 0.01


def opened(path: Path, *, create: bool) -> Engine:
    """The engine for the file. Raises DatabaseUnusable: `database-missing`, `database-unreachable`, `log-without-database`."""
    try:
        # A file of no bytes is what a full disk or a crash leaves.
        is_there = path.exists() and path.stat().st_size > 0
        log = Path(f"{path}-wal")
        if not is_there and log.exists() and log.stat().st_size > 0:
            # SQLite would throw away what was committed into it, as soon as another file stands beside it.
            raise DatabaseUnusable("log-without-database", file=path)
        if not is_there and not create:
            raise DatabaseUnusable("database-missing", url=f"sqlite:///{path}")
        if create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Complaints are personal data: the file is its owner's alone.
        os.close(os.open(path, (os.O_CREAT if create else 0) | os.O_RDWR, 0o600))
    except OSError as problem:
        raise DatabaseUnusable("database-unreachable", problem=problem.strerror or str(problem)) from None
    engine = create_engine(
        f"sqlite:///{path}",
        hide_parameters=True,
        connect_args={"timeout": LOCK_SECONDS, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        # What is erased is overwritten, not only left unused.
        cursor.execute("PRAGMA secure_delete = ON")
        # A commit is on the disk before it is answered: nothing that was reported done is lost with the power.
        cursor.execute("PRAGMA synchronous = FULL")
        _keep_write_ahead_log(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("sqlite_deferred", False):
            connection.exec_driver_sql("BEGIN")
            return
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            _when_free(lambda: cursor.execute("BEGIN IMMEDIATE"))
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
            cursor.close()

    return engine


def _keep_write_ahead_log(cursor: DBAPICursor) -> None:
    """Puts a new file into WAL mode, which it then keeps.

    Of several that do so at once SQLite turns all but one away, however long they are told to wait for locks: waiting
    could be a deadlock. So the waiting is done here.
    """

    def keep() -> None:
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")

    _when_free(keep)


def _when_free(take: Callable[[], object]) -> None:
    """Does what others' locks may forbid, as soon as they don't."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            take()
            return
        except sqlite3.OperationalError as problem:
            # The lower byte is the kind of error, the others tell its circumstances.
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(LOOK_SECONDS)


@contextmanager
def copied(engine: Engine) -> Iterator[Engine]:
    """A copy of an SQLite database as it is now, for one connection, with which it goes.

    Its file has no name, so that nothing of it is left, however the program ends.
    """
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        with closing(engine.raw_connection()) as source:
            source.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.execute("PRAGMA foreign_keys = ON")
        engine_of_copy = create_engine(
            "sqlite://", creator=lambda: copy, poolclass=StaticPool, hide_parameters=True
        )
        event.listen(engine_of_copy, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        yield engine_of_copy
    finally:
        copy.close()
