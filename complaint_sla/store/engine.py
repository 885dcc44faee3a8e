"""All that SQLite and PostgreSQL do differently: opening, transactions, locks, and what their errors mean.

SQLite: one file in WAL mode; a writing transaction takes the write lock as it begins, so that none fails half-way.
PostgreSQL: row locks; a transaction that the server breaks off because of a deadlock is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import (
    DBAPIError,
)
from sqlmodel import Session

from complaint_sla.core.errors import DatabaseMoved, DatabaseUnusable
from complaint_sla.store import postgresql, server, sqlitefile, urls
from complaint_sla.store.migrations import HEAD, KNOWN
from complaint_sla.store.problems import given_up, is_lost, is_passing, understandable

Result = TypeVar("Result")

# The first revision in which a database says what it is.
_FIRST_WITH_HOUSE = "0003_the_truth"
# Deadlocks and races on a unique key pass once the other transaction has ended.
TRIES = 5


class Upgrade(Protocol):
    """What goes along with an upgrade from a revision. What either raises leaves the database as it was."""

    def before(self, store: Store, version: str) -> None:
        """Nobody writes any more; what there is can be read and copied."""

    def after(self, store: Store, session: Session, version: str) -> None:
        """In the transaction of the upgrade."""


class Store:
    """An open database of the right version. Use `read` and `write`; every transaction of the program runs in one of them."""

    # PostgreSQL keeps the old rows of a table in its file until it writes that anew; SQLite overwrites what is deleted.
    CLEARING = "VACUUM FULL complaint, customer, event"

    def __init__(self, kept: sqlitefile.Opened | postgresql.Server) -> None:
        self.engine = kept.engine
        self.server = kept if isinstance(kept, postgresql.Server) else None
        # Whether this user may only read it, as far as the file says: a server says so when it is written to.
        self.is_read_only = isinstance(kept, sqlitefile.Opened) and kept.is_read_only
        # What ends each reading transaction.
        self._prove = kept.prove if isinstance(kept, sqlitefile.Opened) else lambda: None
        # The revision of its schema.
        self.schema = HEAD
        # Whether there was no database before it was opened.
        self.is_new = False
        # Whether anything was written by us.
        self.has_written = False
        # Known once it is open: for good, and what tells it from every other database.
        self.is_rehearsal = False
        self.identity = ""
        # Whom a database server knows us as.
        self.server_user: str | None = None
        # How many seconds a writing transaction waits for others, if not LOCK_SECONDS: whoever has a customer on the
        # telephone hears of it sooner.
        self.patience: int | None = None
        # Which file it is; None for a server, and while it is being opened.
        self._file: tuple[int, int] | None = None
        self.is_postgresql = self.server is not None
        # Whether nothing has to be done any more before it is written to.
        self._is_ready = self.is_postgresql
        # SQLite has one writer: threads of one process queue here, where they are woken, not at the file, where they poll.
        self._turn: AbstractContextManager[object] = nullcontext() if self.is_postgresql else Lock()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        create: bool = False,
        upgrade: bool = False,
        along: Upgrade | None = None,
        rehearsal: bool = False,
        any_schema: bool = False,
    ) -> Store:
        """Opens the database; makes one where there is none only if `create`, and upgrades an older one only if `upgrade`.

        What goes `along` with an upgrade is done with it, or neither. A new one is a `rehearsal` or real, for good. Of
        `any_schema` that is known it can be copied, and no more. Raises
        BadValue (`bad-database-url`, `missing-extra`) and DatabaseUnusable (`database-missing`, `database-unreachable`,
        `database-old`, `database-new`, `database-foreign`, `database-read-only`, and as `sqlitefile.opened`,
        `postgresql.opened`, `server.look` and `server.place`); ReadTakenBack.
        """
        store = cls(urls.opened(url, create=create))
        try:
            with understandable(reading=not create and not upgrade, altered=store._altered):
                if store._finds_schema(create=create, upgrade=upgrade, any_schema=any_schema):
                    store._make_schema(along, rehearsal=rehearsal)
                store._file = store._file_there()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def shown_url(self) -> str:
        """Where the database is, without a password."""
        return self.engine.url.set(query={}).render_as_string(hide_password=True)

    @property
    def open_wire(self) -> bool:
        """Whether what is said to a server elsewhere may go unencrypted."""
        if not self.is_postgresql:
            return False
        with understandable(), self.engine.connect() as connection:
            info = connection.connection.driver_connection.info  # type: ignore[union-attr]
            return postgresql.is_open_wire(info.host, info.hostaddr, info.get_parameters().get("sslmode", ""))

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for a server."""
        return None if self.is_postgresql else Path(str(self.engine.url.database))

    def close(self) -> None:
        self.engine.dispose()

    def discard(self) -> None:
        """Takes a file away again that was made for what then failed; a server's tables stay, empty."""
        self.close()
        if self.is_new and self.file is not None:
            for one in sqlitefile.all_of(self.file.resolve()):
                one.unlink(missing_ok=True)

    def require_today(self) -> None:
        """Raises DatabaseUnusable (`database-old`) if it is of an older schema, and open only to be copied."""
        if self.schema != HEAD:
            raise DatabaseUnusable("database-old", version=self.schema, head=HEAD)

    @property
    def is_standby(self) -> bool:
        """Whether the server only follows another one, and takes no writes."""
        return self.server is not None and self.server.is_standby

    def require_writable(self) -> None:
        """Makes ready what is going to be written to.

        Raises DatabaseUnusable: `database-read-only` if this user may only read the file, `server-standby` of a server.
        """
        if self.is_standby:
            raise DatabaseUnusable("server-standby", url=self.shown_url)
        if self.is_read_only and self.file is not None:
            owner = sqlitefile.owner(self.file)
            raise DatabaseUnusable("database-read-only", file=self.file, owner=owner)
        if not self._is_ready:
            # Not before somebody writes: a copy stays, byte for byte, what it is, however often it is looked at. And before
            # anything is read in a transaction that is still open, which would be waited for.
            with understandable(self.patience):
                sqlitefile.keep_write_ahead_log(self.engine)
            self._is_ready = True

    def know(self) -> None:
        """Reads anew what the database is."""
        with self._understandable(reading=True), self.engine.connect() as connection:
            self._know(connection)

    def require_same(self) -> None:
        """Raises DatabaseMoved if what was opened is not there any more: `database-moved`, if another database is there,
        or none; `schema-moved`, if a newer program has upgraded it.

        What is open would go on being written to: of a file that was moved nobody else hears any more, and in a newer
        schema an older program would leave out what is new.
        """
        # Before anything is asked of it: to connect to the wrong file could do it harm.
        if self._file_there() != self._file:
            raise DatabaseMoved("database-moved", url=self.shown_url)
        with self.read() as session:
            connection = session.connection()
            # What else is there depends on it.
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if version != HEAD:
                raise DatabaseMoved("schema-moved", version=version or "–", head=HEAD)
            identity = connection.execute(text("SELECT identity FROM house")).scalar()
        if str(identity) != self.identity:
            raise DatabaseMoved("database-moved", url=self.shown_url)

    def _file_there(self) -> tuple[int, int] | None:
        """Device and inode of what is at the file's place; None if nothing is, and for a server."""
        if self.file is None:
            return None
        with suppress(OSError):
            found = self.file.stat()
            return found.st_dev, found.st_ino
        return None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database throughout, and writes nothing."""
        with (
            self._understandable(reading=True),
            self.engine.connect().execution_options(only_reads=True) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            try:
                yield session
            finally:
                self._prove()
            # What was read stays readable after the transaction.
            session.expunge_all()
            session.rollback()

    def write(self, job: Callable[[Session], Result]) -> Result:
        """Runs `job` in a transaction of its own and commits; all of it or, on any error, nothing.

        `job` is run again if it lost a race that passes (deadlock, unique key), so it must start from the database.
        """
        self.require_writable()
        for last in (*(False,) * (TRIES - 1), True):
            try:
                engine = self.engine
                if self.patience is not None:
                    engine = engine.execution_options(lock_seconds=self.patience)
                with (
                    self._turn,
                    self._understandable(),
                    Session(engine, expire_on_commit=False) as session,
                ):
                    result = job(session)
                    # Whatever fails before the commit has not been done.
                    session.flush()
                    _commit(session)
                    self.has_written = True
                    return result
            except DBAPIError as problem:
                if not is_passing(problem):
                    raise
                if last:
                    raise (given_up(problem) or problem) from None
        raise AssertionError("unreachable")

    @contextmanager
    def _understandable(self, *, reading: bool = False) -> Iterator[None]:
        with understandable(self.patience, reading=reading, altered=self._altered):
            yield

    def _altered(self) -> list[str]:
        """The tables and columns that are not, or not as the program made them; none of another revision."""
        if self.schema != HEAD or self.server is None or self.server.schema is None:
            return []
        from complaint_sla.store.migrations.runner import differences

        with self.engine.connect().execution_options(only_reads=True) as connection:
            return differences(connection)

    def rehearse(self, job: Callable[[Session], Result]) -> Result:
        """Runs `job` as `write` would, and takes everything back.

        SQLite has one lock for all writers, so there `job` is given a copy of its own, and nobody waits for it.
        """
        with (
            self._understandable(),
            nullcontext(self.engine) if self.is_postgresql else sqlitefile.copied(self.engine) as engine,
            Session(engine, expire_on_commit=False) as session,
        ):
            result = job(session)
            session.rollback()
        self._prove()
        return result

    def empty_log(self) -> None:
        """Lets SQLite's write-ahead log be written into the file and emptied, as far as others let it."""
        if not self.is_postgresql and not self.is_read_only:
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def damage(self) -> list[str]:
        """What SQLite finds broken in its file, which it reads through; empty if nothing is."""
        with self.read() as session:
            found = session.connection().exec_driver_sql("PRAGMA quick_check").scalars()
            return [str(line) for line in found if line != "ok"]

    def _finds_schema(self, *, create: bool, upgrade: bool, any_schema: bool) -> bool:
        """Whether there is a schema to make, or to bring up to date. Raises DatabaseUnusable if it is neither wanted."""
        with self.engine.connect().execution_options(only_reads=True) as connection:
            version = revision(connection, self._look_at_server(connection, create=create))
            if version == HEAD or (any_schema and version in KNOWN):
                self._know(connection, version)
                return False
        if version is None and not create:
            raise DatabaseUnusable("database-missing", url=self.shown_url)
        if version is not None and version not in KNOWN:
            raise DatabaseUnusable("database-new", version=version)
        if version is not None and not upgrade:
            raise DatabaseUnusable("database-old", version=version, head=HEAD)
        self.require_writable()
        return True

    def _look_at_server(self, connection: Connection, *, create: bool) -> Collection[str] | None:
        """Learns what the server is, and names the tables where ours are; None if it is a file.

        Raises as `server.look` and `server.place`.
        """
        if self.server is None:
            return None
        found = server.look(connection)
        self.server.is_standby, self.server.is_hasty = found.is_standby, found.is_hasty
        self.server_user = found.login
        self.server.schema = server.place(connection, found, create=create)
        connection.exec_driver_sql(self.server.in_schema, execution_options={"no_parameters": True})
        return found.tables[self.server.schema]

    def _make_schema(self, along: Upgrade | None, *, rehearsal: bool) -> None:
        # Alembic costs as much as the rest of a command: only where there is something to do.
        from complaint_sla.store.migrations.runner import migrate

        with self.engine.connect() as connection, _tables_made_anew(connection), connection.begin():
            if self.is_postgresql:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('complaint_sla.schema'))"))
            version = revision(connection)
            self._know(connection, version)
            if version == HEAD:
                # Another process has done it while this one waited for the lock.
                return
            if version is not None and along is not None:
                along.before(self, version)
            migrate(connection)
            self.is_new = version is None
            if rehearsal and self.is_new:
                connection.execute(text("UPDATE house SET rehearsal = :yes"), {"yes": True})
            self._know(connection, HEAD)
            if version is not None and along is not None:
                with Session(connection, expire_on_commit=False) as session:
                    along.after(self, session, version)

    def _know(self, connection: Connection, version: str | None = HEAD) -> None:
        if version is None:
            return
        self.schema = version
        if KNOWN.index(version) < KNOWN.index(_FIRST_WITH_HOUSE):
            # Before there were rehearsals, all was real.
            return
        # A row that a hand has damaged stops nothing that is owed, and is named by the audit. What does not say that it
        # is a rehearsal is real.
        found = connection.execute(text("SELECT rehearsal, identity FROM house")).first() or (False, "")
        self.is_rehearsal, self.identity = found[0] == 1, str(found[1])


def _commit(session: Session) -> None:
    """Raises DatabaseUnusable (`commit-unheard`) if the connection goes before the server has answered."""
    try:
        session.commit()
    except DBAPIError as problem:
        if is_lost(problem):
            raise DatabaseUnusable("commit-unheard") from None
        raise


def revision(connection: Connection, tables: Collection[str] | None = None) -> str | None:
    """The revision of the schema; None if it has no tables. Raises DatabaseUnusable if it is somebody else's."""
    tables = inspect(connection).get_table_names() if tables is None else tables
    if set(tables) >= server.OURS:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        raise DatabaseUnusable("database-foreign", tables=sorted(tables)[:3])
    return None


@contextmanager
def _tables_made_anew(connection: Connection) -> Iterator[None]:
    """Lets a migration of SQLite drop a table and make it anew without the rows that refer to it going by cascade.

    SQLite heeds this only outside a transaction. What the migration left is proved by `migrate`.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()


def upsert(session: Session) -> Any:
    """The `insert` of the session's dialect, which knows ON CONFLICT; only that one dialect is imported."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert
    from sqlalchemy.dialects.sqlite import insert

    return insert
