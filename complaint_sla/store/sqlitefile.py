"""SQLite's one file: opened, made, waited for, copied."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store import problems

# How often it looks whether the lock is free. SQLite would look ten times a second, and between two batches of an
# import the lock is free for less than that: somebody at the counter could wait as long as the import takes.
LOOK_SECONDS = 0.01
# What SQLite puts beside a file.
BESIDE = ("-journal", "-wal", "-shm")
# How a file says that it is kept with a log beside it.
IN_WAL = b"\2\2"


def named(url: str) -> Path | None:
    """The file that the URL of an SQLite database names; None for any other URL, and for what is none."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(os.path.expanduser(str(parsed.database)))  # noqa: PTH111 - a home of nobody is no error here


def all_of(file: Path) -> list[Path]:
    """A database's file, and those that SQLite puts beside it: under its real name, too, where it is a link."""
    names = dict.fromkeys((file, Path(os.path.realpath(file))))
    return [name.with_name(name.name + ending) for name in names for ending in ("", *BESIDE)]


@dataclass(frozen=True)
class Opened:
    """A database's file. Of one that this user may only read, `prove` ends each transaction.

    It raises DatabaseUnusable (`database-stirred`) if the file has changed since it was opened.
    """

    engine: Engine
    is_read_only: bool = False
    prove: Callable[[], None] = lambda: None


def opened(path: Path, *, create: bool) -> Opened:
    """Opens the file, for reading only if this user may do no more.

    Raises DatabaseUnusable: `database-missing`, `database-unreachable`, `database-closed`, `database-asleep`,
    `log-without-database`.
    """
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
            _make(Path(os.path.realpath(path)))
        os.close(os.open(path, os.O_RDWR))
    except OSError as problem:
        if create or not (isinstance(problem, PermissionError) or problem.errno == errno.EROFS):
            why = f"{problem.strerror or problem}: {path}"
            raise DatabaseUnusable("database-unreachable", problem=why) from None
        return _opened_to_read(path)
    if not _can_be_written_beside(path):
        return _opened_to_read(path)
    # What is opened must be there, also when another connection is made later: SQLite would make a new file where the
    # old one was moved away, and with it throw the old one's log away.
    engine = _engine(path, "mode=rw")

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        # What is erased is overwritten, not only left unused.
        cursor.execute("PRAGMA secure_delete = ON")
        # A commit is on the disk before it is answered: nothing that was reported done is lost with the power.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("only_reads", False):
            connection.exec_driver_sql("BEGIN")
            return
        seconds = connection.get_execution_options().get("lock_seconds")
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            _when_free(lambda: cursor.execute("BEGIN IMMEDIATE"), seconds)
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {problems.LOCK_SECONDS * 1000}")
            cursor.close()

    return Opened(engine)


def _make(path: Path) -> None:
    """An empty file, unless there is one. Complaints are personal data: it is its owner's alone."""
    with suppress(FileExistsError):
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        if hasattr(os, "fchmod"):
            # Its owner reads it, whatever the umask.
            os.fchmod(made, 0o600)
        os.close(made)


def _engine(path: Path, how: str) -> Engine:
    address = f"{path.absolute().as_uri()}?{how}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address, uri=True, timeout=problems.LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )

    return create_engine(f"sqlite:///{path}", creator=connect, hide_parameters=True)


def _can_be_written_beside(path: Path) -> bool:
    """Whether SQLite finds, or can make, the log and the index without which it writes nothing."""
    real = Path(os.path.realpath(path))
    found = all(os.access(f"{real}{ending}", os.W_OK) for ending in ("-wal", "-shm"))
    return found or os.access(real.parent, os.W_OK)


def _opened_to_read(path: Path) -> Opened:
    """A file that this user may not write. SQLite must make nothing beside it, or whoever may write could not.

    While somebody has the file open, there are a log and an index beside it, through which SQLite reads on. Where nobody
    has, the file is all there is, and is read as it stands.
    """
    try:
        with path.open("rb") as file:
            header = file.read(20)
        log, index = (Path(f"{os.path.realpath(path)}{ending}") for ending in ("-wal", "-shm"))
        has_index, has_log = index.exists(), log.exists()
        logged = has_log and log.stat().st_size > 0
    except OSError:
        raise DatabaseUnusable("database-closed", file=path, owner=owner(path)) from None
    is_alone = header[18:20] == IN_WAL and not (has_log and has_index)
    if logged and not has_index:
        # What lies in the log can't be read without an index, which only who may write can make.
        raise DatabaseUnusable("database-asleep", file=path, owner=owner(path))
    engine = _engine(path, "mode=ro&immutable=1" if is_alone else "mode=ro")
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    before = _state(path)

    def prove() -> None:
        if is_alone and _state(path) != before:
            raise DatabaseUnusable("database-stirred", file=path)

    return Opened(engine, is_read_only=True, prove=prove)


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def owner(path: Path) -> str:
    """Whose file it is, as far as this user may know."""
    try:
        return path.owner()
    except KeyError:
        return f"uid {path.stat().st_uid}"
    except (OSError, NotImplementedError):
        return "?"


def keep_write_ahead_log(engine: Engine) -> None:
    """Puts a file into WAL mode, which it then keeps.

    Of several that do so at once SQLite turns all but one away, however long they are told to wait for locks: waiting
    could be a deadlock. So the waiting is done here.
    """
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:

        def keep() -> None:
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone() != ("wal",):
                cursor.execute("PRAGMA journal_mode = WAL")

        _when_free(keep)


def _when_free(take: Callable[[], object], seconds: int | None = None) -> None:
    """Does what others' locks may forbid, as soon as they don't."""
    until = time.monotonic() + (problems.LOCK_SECONDS if seconds is None else seconds)
    while True:
        try:
            take()
            return
        except sqlite3.OperationalError as problem:
            if not problems.is_locked(problem) or time.monotonic() > until:
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
