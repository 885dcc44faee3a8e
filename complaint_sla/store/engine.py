"""All that SQLite and PostgreSQL do differently: opening, transactions, locks, and what their errors mean.

SQLite: one file in WAL mode; a writing transaction takes the write lock as it begins, so that none fails half-way.
PostgreSQL: row locks; a transaction that the server breaks off because of a deadlock is run again.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlmodel import Session

from complaint_sla.core.errors import BadValue, DatabaseUnusable
from complaint_sla.store.migrations import HEAD, KNOWN

Result = TypeVar("Result")

# How long a writer of SQLite waits for its turn: an import's batch holds the lock for well under a second.
LOCK_SECONDS = 30
# Deadlocks and races on a unique key pass once the other transaction has ended.
TRIES = 5
_POSTGRES_PASSING = ("40001", "40P01")
# A standby or a database set to read only; tables that belong to somebody else.
_POSTGRES_UNUSABLE = ("25006", "42501")


class Store:
    """An open database of the right version. Use `read` and `write`; every transaction of the program runs in one of them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.was_empty = False
        self.is_postgresql = engine.dialect.name == "postgresql"
        # SQLite has one writer: threads of one process queue here, where they are woken, not at the file, where they poll.
        self._turn: AbstractContextManager[object] = nullcontext() if self.is_postgresql else Lock()

    @classmethod
    def open(cls, url: str, *, upgrade: bool = False) -> Store:
        """Opens the database, creating the schema if there is none, upgrading an older one only if `upgrade`.

        Raises BadValue (`bad-database-url`, `missing-extra`) and DatabaseUnusable (`database-unreachable`,
        `database-old`, `database-new`, `database-foreign`).
        """
        store = cls(_engine(url))
        try:
            with _understandable():
                store._settle_schema(upgrade)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def shown_url(self) -> str:
        """Where the database is, without a password."""
        return self.engine.url.set(query={}).render_as_string(hide_password=True)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database throughout, and writes nothing."""
        options: dict[str, Any] = (
            {"isolation_level": "REPEATABLE READ"} if self.is_postgresql else {"sqlite_deferred": True}
        )
        with (
            _understandable(),
            self.engine.connect().execution_options(**options) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            # What was read stays readable after the transaction.
            session.expunge_all()
            session.rollback()

    def write(self, job: Callable[[Session], Result]) -> Result:
        """Runs `job` in a transaction of its own and commits; all of it or, on any error, nothing.

        `job` is run again if it lost a race that passes (deadlock, unique key), so it must start from the database.
        """
        for last in (*(False,) * (TRIES - 1), True):
            try:
                with self._turn, _understandable(), Session(self.engine, expire_on_commit=False) as session:
                    result = job(session)
                    session.commit()
                    return result
            except DBAPIError as problem:
                if last or not _passing(problem):
                    raise
        raise AssertionError("unreachable")

    def rehearse(self, job: Callable[[Session], Result]) -> Result:
        """Runs `job` as `write` would, and takes everything back."""
        with self._turn, _understandable(), Session(self.engine, expire_on_commit=False) as session:
            result = job(session)
            session.rollback()
            return result

    def _settle_schema(self, upgrade: bool) -> None:
        with self.engine.connect().execution_options(sqlite_deferred=True) as connection:
            version = _version(connection)
        if version == HEAD:
            return
        if version is not None and version not in KNOWN:
            raise DatabaseUnusable("database-new", version=version)
        if version is not None and not upgrade:
            raise DatabaseUnusable("database-old", version=version, head=HEAD)
        # Alembic costs as much as the rest of a command: only where there is something to do.
        from complaint_sla.store.migrations.runner import migrate

        with self.engine.begin() as connection:
            if self.is_postgresql:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('complaint_sla.schema'))"))
            # Another process may have done it while this one waited for the lock.
            if _version(connection) != HEAD:
                migrate(connection)
                self.was_empty = version is None


def _version(connection: Connection) -> str | None:
    """The revision of the schema; None if the database is empty. Raises DatabaseUnusable if it is somebody else's."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables and "complaint" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        raise DatabaseUnusable("database-foreign", tables=sorted(tables)[:3])
    return None


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadValue("bad-database-url", value=url.partition(":")[0]) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        try:
            return _sqlite(Path(str(parsed.database)).expanduser())
        except (RuntimeError, ValueError):
            # A home of nobody, or a NUL: no file can be there.
            raise BadValue("bad-database-url", value=url) from None
    if backend != "postgresql":
        shown = parsed.set(query={}).render_as_string(hide_password=True)
        raise BadValue("bad-database-url", value=shown)
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "complaint-sla"},
        )
    except ModuleNotFoundError:
        raise BadValue("missing-extra", extra="postgresql") from None


def _sqlite(path: Path) -> Engine:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Complaints are personal data: the file is its owner's alone.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
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
        # A commit is on the disk before it is answered: nothing that was reported done is lost with the power.
        cursor.execute("PRAGMA synchronous = FULL")
        _keep_write_ahead_log(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get("sqlite_deferred", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine


def _keep_write_ahead_log(cursor: DBAPICursor) -> None:
    """Puts a new file into WAL mode, which it then keeps.

    Of several that do so at once SQLite turns all but one away, however long they are told to wait for locks: waiting
    could be a deadlock. So the waiting is done here.
    """
    until = time.monotonic() + LOCK_SECONDS
    while True:
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() == ("wal",):
            return
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _passing(problem: DBAPIError) -> bool:
    return isinstance(problem, IntegrityError) or getattr(problem.orig, "sqlstate", None) in _POSTGRES_PASSING


def _unusable(problem: DBAPIError) -> bool:
    # SQLite says of a file that is damaged, or none of its own, that it is no more than a DatabaseError.
    return (
        isinstance(problem, OperationalError | InterfaceError)
        or type(problem) is DatabaseError
        or getattr(problem.orig, "sqlstate", None) in _POSTGRES_UNUSABLE
    )


@contextmanager
def _understandable() -> Iterator[None]:
    """Turns a database that can't be reached or used into an error with words; parameters never show."""
    try:
        yield
    except DBAPIError as problem:
        if _passing(problem) or not _unusable(problem):
            raise
        first_line = str(problem.orig).strip().partition("\n")[0]
        raise DatabaseUnusable("database-unreachable", problem=first_line) from None


def upsert(session: Session) -> Any:
    """The `insert` of the session's dialect, which knows ON CONFLICT; only that one dialect is imported."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert
    from sqlalchemy.dialects.sqlite import insert

    return insert
