"""The way back from a backup: into an empty database of either kind, so that an office can grow, or shrink, with it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, func, select, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlmodel import Session, col

from complaint_sla.core.errors import BadValue, DatabaseUnusable, NotPossible
from complaint_sla.store.backup import Chunk, Copied, Progress, copied, count, open_file, pour, rows, today
from complaint_sla.store.engine import Store, revision
from complaint_sla.store.house import the_house
from complaint_sla.store.migrations import HEAD, KNOWN
from complaint_sla.store.tables import House, Office, Table
from complaint_sla.store.types import unreadable

# The office of a fresh database, as the first revision makes it.
FIRST_OFFICE = ("MAIN", "สำนักงานหลัก", "Main office", None)
# What `init` makes; a service that found nothing to do may have run there already; offices are looked at.
HARMLESS = ("heartbeat", "office", "house", "journal", "book")
# What SQLite and SQLAlchemy raise at a value that is none of its column's, and what a database refuses.
UNREADABLE = (DBAPIError, ValueError, TypeError)
UNFIT = (IntegrityError, DataError)
MAGIC = b"SQLite format 3\0"


@contextmanager
def proved(file: Path, known: Collection[str] | None = None) -> Iterator[Connection]:
    """A backup, opened for reading in one transaction, after it has been read through and found whole.

    It must be of one of the `known` revisions, of today's if none is named. Raises BadValue (`file-unreadable`,
    `backup-piped`, `backup-foreign`, `backup-damaged`) and DatabaseUnusable (`backup-old`, `backup-new`).
    """
    try:
        if stat.S_ISFIFO(file.stat().st_mode):
            # What is read through comes once only.
            raise BadValue("backup-piped", file=file)
        with file.open("rb") as opened:
            if opened.read(len(MAGIC)) != MAGIC:
                raise BadValue("backup-foreign", file=file)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise BadValue("file-unreadable", file=file, problem=why) from None
    with ExitStack() as closing:
        try:
            connection = closing.enter_context(open_file(file, writable=False).connect())
            connection.exec_driver_sql("BEGIN")
            _refuse_unfit(connection, file, (HEAD,) if known is None else known)
        except DBAPIError as problem:
            raise BadValue("backup-damaged", file=file, problem=problem.orig) from None
        yield connection


def is_rehearsal(backup: Connection) -> bool:
    """Whether a proved backup is one of a rehearsal."""
    return backup.execute(select(col(House.rehearsal))).scalar() is True


def restore(
    store: Store,
    backup: Connection,
    file: Path,
    progress: Progress | None = None,
    then: Callable[[Session], None] = lambda _: None,
) -> Copied:
    """Puts a proved backup into an empty database, in one transaction; nobody else writes there until it ends.

    `then` is done last, in the same transaction. Empty means: nothing but what a fresh database has, and the service's
    heartbeats. It stays the database that it is, real or a rehearsal, whatever was copied. `file` is what errors name.
    Raises NotPossible (`database-not-empty`), BadValue (`backup-damaged`).
    """

    def read(table: SqlTable) -> Iterator[Chunk]:
        with _damage(file, UNREADABLE):
            for chunk in rows(backup, counts, table):
                if any(unreadable(table, row._asdict()) for row in chunk):
                    raise ValueError("a value that its column can't hold")
                yield chunk

    def job(session: Session) -> None:
        connection = session.connection()
        if store.is_postgresql:
            quoted = connection.dialect.identifier_preparer
            tables = ", ".join(quoted.format_table(table) for table in Table.metadata.sorted_tables)
            connection.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))
        else:
            # Rows may refer to later ones of their table.
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        _refuse_filled(store, connection, file)
        with _damage(file, UNFIT):
            pour(read, connection, today(), sum(counts.values()), progress)
        house = the_house(session)
        house.identity, house.rehearsal = store.identity, store.is_rehearsal
        if store.is_postgresql:
            _set_sequences(connection)
        then(session)

    with _damage(file, UNREADABLE):
        counts = count(backup)
    store.write(job)
    store.know()
    return copied(counts)


@contextmanager
def _damage(file: Path, kinds: tuple[type[Exception], ...]) -> Iterator[None]:
    """What a value that can't be there leads to. Its words are not told: they may quote what stands in the row."""
    try:
        yield
    except kinds as problem:
        raise BadValue("backup-damaged", file=file, problem=type(problem).__name__) from None


def _refuse_unfit(connection: Connection, file: Path, known: Collection[str]) -> None:
    try:
        version = revision(connection)
    except DatabaseUnusable:
        version = None
    if version is None:
        raise BadValue("backup-foreign", file=file)
    if version not in KNOWN:
        raise DatabaseUnusable("backup-new", file=file, version=version)
    if version not in known:
        if len(known) == 1:
            raise DatabaseUnusable("backup-old", file=file, version=version, head=HEAD)
        raise DatabaseUnusable("backup-too-old", file=file, version=version)
    page = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    if file.stat().st_size % page:
        # SQLite takes what is missing of the last page for zeros.
        raise BadValue("backup-damaged", file=file, problem="cut off")
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise BadValue("backup-damaged", file=file, problem=found)
    orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if orphan is not None:
        raise BadValue("backup-damaged", file=file, problem=f"{orphan[0]} → {orphan[2]}")


def _refuse_filled(store: Store, connection: Connection, file: Path) -> None:
    filled = [name for name, rows in count(connection).items() if rows and name not in HARMLESS]
    columns = map(col, (Office.code, Office.name_th, Office.name_en, Office.parent_id))
    offices = connection.execute(select(*columns)).all()
    if [tuple(office) for office in offices] != [FIRST_OFFICE]:
        filled.append("office")
    if filled:
        raise NotPossible("database-not-empty", url=store.shown_url, tables=sorted(filled), file=file)


def _set_sequences(connection: Connection) -> None:
    """The next ids of PostgreSQL come after those that were brought along."""
    for table in Table.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            quoted = connection.dialect.identifier_preparer.format_table(table)
            sequence = func.pg_get_serial_sequence(quoted, column.name)
            last = func.max(column)
            connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
