"""A copy of the whole database in one file, made while others write.

A backup is always an SQLite file of our own schema, at the revision of what it is a copy of. So it can be opened as it is
(`--db sqlite:///FILE`), and `restore` takes it into a database of either kind, once it is of today's revision.

From SQLite, pages are copied as they are by SQLite's online backup, under a reading transaction that is held throughout:
in WAL mode that keeps no writer waiting, and since the copy never sees what they write, it never begins again, as it
otherwise does after every commit of another process. (VACUUM INTO sees one state too, but writes every row and index
anew and can't be interrupted.) From PostgreSQL, rows are copied in one REPEATABLE READ transaction.

Leases, letters in `sending` and heartbeats are copied as they are, which is what makes it safe to go on from a copy:
what is `sent` there stays sent; a letter in `sending` goes again once its lease has run out, under the Message-ID and
with the complaints that it had, so that a mailbox that got it before can tell; alerts are unique, so that none is
raised anew. What was sent after the copy was made the copy can't know: that goes again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    Engine,
    MetaData,
    Row,
    create_engine,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy import table as named_table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from complaint_sla import files
from complaint_sla.core.errors import BadValue, DatabaseUnusable
from complaint_sla.store import sqlitefile
from complaint_sla.store.engine import Store
from complaint_sla.store.migrations import HEAD
from complaint_sla.store.tables import Table
from complaint_sla.store.types import Day, Moment

# A percentage of the whole, 0 to 100.
Progress = Callable[[int], None]
Chunk = Sequence[Row[Any]]

# Rows that are in memory at once: many, and of a table of few rows, which may be whole documents, a hundredth.
CHUNK = 2000
FEW = 100
# Pages between two looks at whether somebody wants to stop: a quarter of a megabyte.
PAGES = 64


@dataclass(frozen=True)
class Copied:
    """What a copy holds, in rows."""

    complaints: int
    events: int
    letters: int


def back_up(store: Store, path: Path, progress: Progress | None = None) -> Copied:
    """Writes a copy of the database as it is at one moment to a new file, which is there whole and proved, or not at all.

    It is its owner's alone, and needs no other file beside it. Raises BadValue (`file-exists`, `backup-over-database`,
    `file-unwritable`) and DatabaseUnusable (`database-unreachable`, `copy-damaged`).
    """
    with _unfinished(store, path) as unfinished:
        copy = _copy_rows if store.is_postgresql else _copy_pages
        counts = copy(store, unfinished.path, progress)
        _prove(unfinished.path, counts)
        # Somebody else may have taken the name in the meantime.
        _refuse_taken(store, path)
        files.settle(unfinished, path)
    return copied(counts)


def count(connection: Connection, tables: Sequence[SqlTable] | None = None) -> dict[str, int]:
    """How many rows each table holds, of today's schema or of an older one."""
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in (today() if tables is None else tables)
    }


def today() -> Sequence[SqlTable]:
    """The tables of today's schema, in the order in which they refer to each other."""
    return Table.metadata.sorted_tables


def _tables(connection: Connection, version: str) -> Sequence[SqlTable]:
    """The tables of a revision, as they are in a database that is at it."""
    if version == HEAD:
        return today()
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version")
    for table in found.sorted_tables:
        for column in table.columns:
            # What the databases keep differently.
            if isinstance(column.type, DateTime):
                column.type = Moment()
            elif isinstance(column.type, Date):
                column.type = Day()
    return found.sorted_tables


def copied(counts: dict[str, int]) -> Copied:
    return Copied(counts["complaint"], counts["event"], counts["message"])


def open_file(path: Path, *, writable: bool) -> Engine:
    """An SQLite file as it lies there: nothing is created, upgraded or set in it by opening it."""
    uri = f"{path.absolute().as_uri()}?mode={'rw' if writable else 'ro'}"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, isolation_level=None),
        poolclass=NullPool,
        hide_parameters=True,
    )


def rows(source: Connection, counts: Mapping[str, int], table: SqlTable) -> Iterator[Chunk]:
    """All rows of a table, in the order of its key, a chunk at a time; `counts` says how many each table has."""
    query = select(table).order_by(*table.primary_key.columns)
    most = max(1, min(CHUNK, counts[table.name] // FEW))
    with source.execute(query, execution_options={"yield_per": most}) as result:
        yield from result.partitions()


def pour(
    read: Callable[[SqlTable], Iterable[Chunk]],
    target: Connection,
    tables: Sequence[SqlTable],
    total: int,
    progress: Progress | None,
) -> None:
    """Puts what `read` gives for each table in place of all that is in the target, in the transaction that it is in.

    `tables` are in the order in which they refer to each other; `total` is the number of rows that will come.
    """
    for table in reversed(tables):
        target.execute(delete(table))
    put = _copy_in if target.dialect.name == "postgresql" else _insert
    done = 0

    def counted(chunks: Iterable[Chunk]) -> Generator[Chunk, None, None]:
        nonlocal done
        for chunk in chunks:
            yield chunk
            done += len(chunk)
            if progress is not None:
                progress(done * 100 // total)

    for table in tables:
        # Where it fails, what is read is let go at once, before its connection is.
        with closing(counted(read(table))) as chunks:
            put(target, table, chunks)


def _insert(target: Connection, table: SqlTable, chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        target.execute(insert(table), [dict(row._mapping) for row in chunk])  # noqa: SLF001 - public, despite its name


def _copy_in(target: Connection, table: SqlTable, chunks: Iterable[Chunk]) -> None:
    """By COPY: several times as quick, and as one statement it minds a row that refers to a later one only at its end."""
    quoted = target.dialect.identifier_preparer
    columns = ", ".join(quoted.quote(column.name) for column in table.columns)
    driver: Any = target.connection.cursor()
    base = target.dialect.loaded_dbapi.Error
    try:
        with driver, driver.copy(f"COPY {quoted.format_table(table)} ({columns}) FROM STDIN") as rows:
            for chunk in chunks:
                for row in chunk:
                    rows.write_row(row)
    except base as problem:
        # As SQLAlchemy reports what goes through it.
        raise DBAPIError.instance(
            None, None, problem, base, hide_parameters=True, dialect=target.dialect
        ) from None


def _refuse_taken(store: Store, path: Path) -> None:
    own = store.file
    if own is not None:
        # A file beside it under one of these names would be taken for a part of it.
        taken = sqlitefile.all_of(own.absolute())
        if path.resolve() in [one.resolve() for one in taken] or (path.exists() and path.samefile(own)):
            raise BadValue("backup-over-database", file=path)
    if os.path.lexists(path):
        raise BadValue("file-exists", file=path)


@contextmanager
def _unfinished(store: Store, path: Path) -> Iterator[files.Draft]:
    """An empty file beside `path`, which is gone afterwards, with all that SQLite put beside it."""
    try:
        with files.unwritable(path):
            _refuse_taken(store, path)
            files.clear(path.parent)
            with files.draft(path, files.PRIVATE) as unfinished:
                yield unfinished
    except ValueError as problem:
        # A NUL in the name.
        raise BadValue("file-unwritable", file=path, problem=problem) from None


def _copy_pages(store: Store, unfinished: Path, progress: Progress | None) -> dict[str, int]:
    def told(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress((total - remaining) * 100 // total)

    with store.read() as session:
        connection = session.connection()
        # The first query settles which state of the database the transaction sees.
        counts = count(connection, _tables(connection, store.schema))
        source: Any = connection.connection.driver_connection
        with _said_of_the_copy(), closing(sqlite3.connect(unfinished, isolation_level=None)) as target:
            # Nobody sees the file before it is finished, and an unfinished one is thrown away.
            target.execute("PRAGMA synchronous = OFF")
            source.backup(target, pages=PAGES, progress=told)
    return counts


def _copy_rows(store: Store, unfinished: Path, progress: Progress | None) -> dict[str, int]:
    from complaint_sla.store.migrations.runner import migrate

    with (
        store.read() as session,
        _said_of_the_copy(),
        open_file(unfinished, writable=True).connect() as target,
    ):
        source = session.connection()
        for setting in ("journal_mode", "synchronous"):
            target.exec_driver_sql(f"PRAGMA {setting} = OFF")
        target.exec_driver_sql("BEGIN")
        migrate(target, store.schema)
        tables = _tables(target, store.schema)
        counts = count(source, tables)
        pour(partial(rows, source, counts), target, tables, sum(counts.values()), progress)
        target.commit()
    return counts


def _prove(unfinished: Path, counts: dict[str, int]) -> None:
    """Reads the copy through, and makes it one file: without it, each who opens it would put two more beside it."""
    with _said_of_the_copy(), open_file(unfinished, writable=True).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise DatabaseUnusable("copy-damaged", problem=found)
        held = {
            name: connection.execute(select(func.count()).select_from(named_table(name))).scalar()
            for name in counts
        }
        if held != counts:
            raise DatabaseUnusable("copy-damaged", problem="row counts differ")


@contextmanager
def _said_of_the_copy() -> Iterator[None]:
    """What SQLite says of the file that is being made is about that file, and not about the database."""
    try:
        yield
    except sqlite3.Error as problem:
        raise OSError(str(problem)) from None
    except DBAPIError as problem:
        if isinstance(problem.orig, sqlite3.Error):
            raise OSError(str(problem.orig)) from None
        raise
