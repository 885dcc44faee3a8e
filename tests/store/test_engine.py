"""Opening databases, transactions that are whole or nothing, moments that keep their zone."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from complaint_sla.core.complaints import TOUCHES, EventKind
from complaint_sla.core.errors import BadValue, DatabaseUnusable
from complaint_sla.store import books, complaints, figures, heartbeats, movements, offices
from complaint_sla.store.complaints import newly_due
from complaint_sla.store.engine import TRIES, Store
from complaint_sla.store.filing import take_serials
from complaint_sla.store.migrations import HEAD, KNOWN
from complaint_sla.store.migrations.runner import script
from complaint_sla.store.tables import Book, Complaint, Counter, Heartbeat, JournalEntry, Office, Table
from tests.cli.runner import PATIENCE, Program
from tests.conftest import Databases
from tests.store.copies import sole_file

# What can be imported is imported while it still may be read.
AS_SOMEBODY_ELSE = """
import os, sys
import sqlalchemy.dialects.sqlite
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store.engine import Store
if os.geteuid() == 0:
    os.setuid(65534)
store = Store.open(sys.argv[1])
with store.read() as session:
    assert session.connection().exec_driver_sql("SELECT count(*) FROM office").scalar() == 1
try:
    store.write(print)
except DatabaseUnusable as problem:
    print(problem.key)
"""
NOON = datetime(2017, 3, 5, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store(database: str):
    opened = Store.open(database)
    yield opened
    opened.close()


def test_the_models_equal_all_migrations_applied(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
        # What the comparison does not look at.
        found = inspect(connection)
        for table in Table.metadata.sorted_tables:
            checks = {one["name"] for one in found.get_check_constraints(table.name)}
            assert checks == {one.name for one in table.constraints if isinstance(one, CheckConstraint)}, (
                table.name
            )
            keys = {
                (tuple(one["constrained_columns"]), one["referred_table"])
                for one in found.get_foreign_keys(table.name)
            }
            assert keys == {
                ((one.column_keys[0],), one.referred_table.name) for one in table.foreign_key_constraints
            }, table.name
            partial = {
                one["name"] for one in found.get_indexes(table.name) if _condition(one, store) is not None
            }
            assert partial == {
                one.name
                for one in table.indexes
                if one.dialect_options["postgresql" if store.is_postgresql else "sqlite"]["where"] is not None
            }, table.name


def _condition(index: object, store: Store) -> object:
    return index["dialect_options"].get(f"{'postgresql' if store.is_postgresql else 'sqlite'}_where")  # type: ignore[index]


def test_the_head_named_here_is_the_head_of_the_revisions() -> None:
    assert script().get_current_head() == HEAD
    assert [one.revision for one in reversed(list(script().walk_revisions()))] == list(KNOWN)


@pytest.mark.slow
def test_eight_processes_may_make_a_database_at_once(empty_database: str) -> None:
    program = Program(empty_database)
    started = [program.spawn("init") for _ in range(8)]
    said = [process.communicate(timeout=PATIENCE) for process in started]

    assert [process.returncode for process in started] == [0] * 8, said
    store = Store.open(empty_database)
    with store.read() as session:
        assert [one.code for one in offices.offices(session)] == ["MAIN"]
        # One of them has published what ships.
        published = (
            session.execute(select(JournalEntry.seq).where(JournalEntry.kind == "published")).scalars().all()
        )
        assert len(published) == len(session.execute(select(Book.digest)).all()) > 0
    store.close()


def test_a_database_of_a_newer_program_is_refused(database: str) -> None:
    _set_version(database, "9999_the_future")
    with pytest.raises(DatabaseUnusable) as refused:
        Store.open(database, upgrade=True)
    assert (refused.value.key, refused.value.values) == ("database-new", {"version": "9999_the_future"})


def test_an_older_database_is_refused_but_for_an_upgrade(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaint_sla.store.engine.KNOWN", ("0000_the_past", *KNOWN))
    _set_version(database, "0000_the_past")
    with pytest.raises(DatabaseUnusable, match="database-old"):
        Store.open(database)


def _set_version(url: str, version: str) -> None:
    store = Store.open(url)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    store.close()


def test_somebody_elses_database_is_left_alone(empty_database: str) -> None:
    from sqlalchemy import create_engine

    other = create_engine(empty_database)
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (title TEXT)"))
    with pytest.raises(DatabaseUnusable, match="database-foreign"):
        Store.open(empty_database, upgrade=True)
    with other.connect() as connection:
        assert inspect(connection).get_table_names() == ["recipes"]
    other.dispose()


@pytest.mark.parametrize("upgrade", [False, True])
def test_where_there_is_no_database_none_is_made_but_by_whoever_is_to(
    databases: Databases, upgrade: bool
) -> None:
    url = databases.empty()
    with pytest.raises(DatabaseUnusable, match="database-missing"):
        Store.open(url, upgrade=upgrade)
    if databases.engine == "sqlite":
        file = Path(url.removeprefix("sqlite:///"))
        assert not file.exists()
        # A file of no bytes is none either.
        file.touch()
        with pytest.raises(DatabaseUnusable, match="database-missing"):
            Store.open(url, upgrade=upgrade)
        assert sole_file(file)
        assert file.read_bytes() == b""
    made = Store.open(url, create=True)
    assert not made.is_rehearsal
    made.close()
    Store.open(url).close()


def test_a_log_whose_database_is_gone_is_not_thrown_away(sqlite_database: str) -> None:
    file = Path(sqlite_database.removeprefix("sqlite:///"))
    store = Store.open(sqlite_database)
    store.write(lambda session: take_serials(session, "2017-03", 1))
    log = file.with_name(f"{file.name}-wal")
    kept, moved = log.read_bytes(), file.with_name("moved.db")
    assert kept
    file.rename(moved)

    for create in (False, True):
        with pytest.raises(DatabaseUnusable, match="log-without-database"):
            Store.open(sqlite_database, create=create)
        assert (file.exists(), log.read_bytes()) == (False, kept)
    moved.rename(file)
    store.close()


def test_what_a_database_is_it_is_for_good(empty_database: str) -> None:
    for rehearsal in (True, False):
        store = Store.open(empty_database, create=True, rehearsal=rehearsal)
        assert store.is_rehearsal
        store.close()


def test_two_databases_are_never_the_same(databases: Databases) -> None:
    stores = [Store.open(databases.empty(), create=True) for _ in range(2)]
    assert len({store.identity for store in stores}) == 2
    for store in stores:
        store.require_same()
        store.close()


def test_a_file_that_was_moved_or_replaced_is_another(sqlite_databases: Databases) -> None:
    url, other = sqlite_databases.migrated(), sqlite_databases.migrated()
    file, moved = (Path(one.removeprefix("sqlite:///")) for one in (url, f"{url}.moved"))
    store = Store.open(url)
    file.rename(moved)
    with pytest.raises(DatabaseUnusable, match="database-moved"):
        store.require_same()
    # A copy has the same rows, and is not where the work of the one that is open goes.
    for replacement in (moved, Path(other.removeprefix("sqlite:///"))):
        shutil.copy(replacement, file)
        with pytest.raises(DatabaseUnusable, match="database-moved"):
            store.require_same()
    moved.replace(file)
    store.require_same()
    store.close()


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "://"])
def test_an_url_of_no_database_that_can_be_kept_is_a_bad_value(url: str) -> None:
    with pytest.raises(BadValue, match="bad-database-url"):
        Store.open(url)


@pytest.mark.parametrize("query", ["?mode=ro", "?vfs=unix-none&x"])
def test_what_stands_behind_a_question_mark_makes_no_other_file(tmp_path: Path, query: str) -> None:
    with pytest.raises(BadValue, match="question-mark-in-url"):
        Store.open(f"sqlite:///{tmp_path}/complaints.db{query}", create=True)
    assert list(tmp_path.glob("complaints*")) == []


def test_a_password_in_a_bad_url_is_not_told() -> None:
    for url in ("mysql://u:secret@h/d", "u:secret@h"):
        with pytest.raises(BadValue) as refused:
            Store.open(url)
        assert "secret" not in str(refused.value)


def test_a_database_that_cannot_be_reached_is_said_so(tmp_path: Path) -> None:
    for url in (
        f"sqlite:///{tmp_path}",
        "sqlite:////proc/nowhere/x.db",
        f"postgresql://x@/y?host={tmp_path}",
    ):
        with pytest.raises(DatabaseUnusable, match="database-unreachable"):
            Store.open(url, create=True)


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Dear diary, " * 999)
    with pytest.raises(DatabaseUnusable, match="database-unreachable"):
        Store.open(f"sqlite:///{path}")


@pytest.mark.postgresql
@pytest.mark.own_session("what a new session is set to")
def test_a_database_that_may_only_be_read_is_said_so(postgresql_database: str) -> None:
    store = Store.open(postgresql_database)
    with store.engine.begin() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    store.close()
    store = Store.open(postgresql_database)
    with pytest.raises(DatabaseUnusable, match="server-read-only"):
        store.write(lambda session: take_serials(session, "2017-03", 1))
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_a_file_that_may_only_be_read_is_read_and_writing_is_refused_in_words(sqlite_database: str) -> None:
    path = Path(sqlite_database.removeprefix("sqlite:///"))
    # root may do anything: it becomes somebody else first.
    folder = Path(tempfile.mkdtemp())
    shutil.copy(path, folder / "x.db")
    (folder / "x.db").chmod(0o444)
    folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY_ELSE, f"sqlite:///{folder}/x.db"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    shutil.rmtree(folder, ignore_errors=True)
    assert (done.stdout.strip(), done.returncode) == ("database-read-only", 0), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_the_file_is_its_owners_alone(sqlite_databases: object, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "complaints.db"
    store = Store.open(f"sqlite:///{path}", create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_the_file_is_its_owners_whatever_the_umask_and_where_a_link_leads(tmp_path: Path) -> None:
    link, path = tmp_path / "link.db", tmp_path / "complaints.db"
    link.symlink_to(path)
    before = os.umask(0o777)
    try:
        store = Store.open(f"sqlite:///{link}", create=True)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    store.discard()
    assert [one.name for one in tmp_path.iterdir() if one.is_symlink() or one.is_file()] == ["link.db"]


def journal_mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as fresh:
        return str(fresh.execute("PRAGMA journal_mode").fetchone()[0])


def test_who_writes_first_puts_a_backup_into_wal_mode_and_waits_for_those_who_read_it(
    sqlite_database: str,
) -> None:

    path = Path(sqlite_database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as backup:
        backup.execute("PRAGMA journal_mode = DELETE")
    reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM alembic_version").fetchall()
    store = Store.open(sqlite_database)
    writing = Thread(target=lambda: store.write(lambda session: take_serials(session, "2017-03", 1)))
    writing.start()
    # Turned away at once while somebody reads; it must wait for that to end instead.
    writing.join(0.2)
    assert writing.is_alive()
    reader.execute("COMMIT")
    writing.join(30)
    assert not writing.is_alive()
    reader.close()
    store.close()
    assert journal_mode(path) == "wal"


def test_what_is_only_looked_at_stays_as_it_is_and_alone(sqlite_database: str) -> None:
    """A backup, and what is no database of ours."""
    path = Path(sqlite_database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as backup:
        backup.execute("PRAGMA journal_mode = DELETE")
    foreign = path.with_name("foreign.db")
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE something (x)")
    before = {one: one.read_bytes() for one in path.parent.iterdir()}
    store = Store.open(sqlite_database)
    with store.read() as session:
        assert offices.offices(session)
        assert {one: one.read_bytes() for one in path.parent.iterdir()} == before
    assert store.damage() == []
    store.close()
    with pytest.raises(DatabaseUnusable, match="database-foreign"):
        Store.open(f"sqlite:///{foreign}")
    assert {one: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_command_that_writes_says_so_before_it_reads(sqlite_database: str) -> None:
    """Of a backup, whose log comes with the first who writes: a transaction that is open would be waited for."""
    path = Path(sqlite_database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as backup:
        backup.execute("PRAGMA journal_mode = DELETE")
    store = Store.open(sqlite_database)
    store.require_writable()
    with store.read() as session:
        assert offices.offices(session)
        store.write(lambda session: take_serials(session, "2017-03", 1))
    store.close()


# --- transactions


def test_nothing_half_done_is_kept_on_an_error(store: Store) -> None:
    def job(session: Session) -> None:
        take_serials(session, "2017-03", 5)
        session.add(Office(code="EAST", name_th="ก", name_en="East"))
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(job)
    with store.read() as session:
        assert session.execute(select(Counter)).all() == []
        assert len(offices.offices(session)) == 1


def test_a_rehearsal_answers_and_leaves_nothing(store: Store) -> None:
    assert store.rehearse(lambda session: take_serials(session, "2017-03", 5)) == 1
    assert store.write(lambda session: take_serials(session, "2017-03", 5)) == 1
    assert store.write(lambda session: take_serials(session, "2017-03", 1)) == 6
    assert store.write(lambda session: take_serials(session, "2017-04", 1)) == 1


def test_a_race_for_a_unique_key_is_run_again(store: Store) -> None:
    tries = []

    def job(session: Session) -> int:
        tries.append(1)
        # The first time somebody else was quicker.
        session.add(Office(code="MAIN" if len(tries) < 3 else "EAST", name_th="ก", name_en="x"))
        session.flush()
        return len(tries)

    assert store.write(job) == 3


def test_a_race_that_never_passes_is_given_up(store: Store) -> None:
    tries = []

    def job(session: Session) -> None:
        tries.append(1)
        session.add(Office(code="MAIN", name_th="ก", name_en="x"))
        session.flush()

    with pytest.raises(IntegrityError):
        store.write(job)
    assert len(tries) == TRIES


@pytest.mark.postgresql
def test_deadlocks_are_run_again_until_both_are_done(postgresql_database: str) -> None:
    from threading import Barrier

    store = Store.open(postgresql_database)
    for job in ("a", "b"):
        store.write(lambda session, job=job: heartbeats.beat(session, job, NOON, None))
    meet, done = Barrier(2), []

    def rival(first: str, second: str) -> None:
        tries = []

        def job(session: Session) -> None:
            tries.append(1)
            heartbeats.beat(session, first, NOON, None)
            if len(tries) == 1:
                meet.wait(30)
            heartbeats.beat(session, second, NOON, None)

        store.write(job)
        done.append(len(tries))

    threads = [Thread(target=rival, args=one) for one in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 2
    # Whoever was broken off may be back before the other has woken, and meet them a second time.
    assert sum(done) > 2
    store.close()


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    with store.read() as session:
        assert session.execute(select(Counter)).all() == []
        store.write(lambda other: take_serials(other, "2017-03", 1))
        session.expire_all()
        assert session.execute(select(Counter)).all() == []


def test_personal_words_never_show_in_an_error(store: Store) -> None:
    def job(session: Session) -> None:
        session.add(Office(code="MAIN", name_th="ความลับ", name_en="secret words"))
        session.flush()

    with pytest.raises(IntegrityError) as problem:
        store.write(job)
    assert "secret words" not in str(problem.value)


# --- moments


@pytest.mark.parametrize(
    "zone", [UTC, timezone(timedelta(hours=7)), timezone(-timedelta(hours=3, minutes=30))]
)
def test_a_moment_comes_back_aware_and_in_utc(store: Store, zone: timezone) -> None:
    given = NOON.astimezone(zone)

    def job(session: Session) -> None:
        session.add(Heartbeat(job="quarter", ran_at=given))
        heartbeats.beat(session, "sweep", given, None)
        heartbeats.beat(session, "sweep", given, "fault")

    store.write(job)
    with store.read() as session:
        found = [
            *(
                value
                for row in heartbeats.all_beats(session)
                for value in (row.ran_at, row.succeeded_at)
                if value
            ),
            *session.execute(select(Heartbeat.ran_at)).scalars(),
            *session.execute(select(Heartbeat.ran_at).where(Heartbeat.ran_at >= given)).scalars(),
            *session.execute(select(Heartbeat.ran_at).where(Heartbeat.ran_at <= NOON)).scalars(),
        ]
        assert len(found) == 9
        assert set(found) == {NOON}
        assert all(one.tzinfo is UTC for one in found)


def test_a_moment_without_its_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="a moment without its zone"):
        store.write(lambda session: heartbeats.beat(session, "x", NOON.replace(tzinfo=None), None))


def test_moments_of_any_fraction_sort_as_they_should_on_sqlite(sqlite_database: str) -> None:
    store = Store.open(sqlite_database)
    moments = [NOON.replace(microsecond=fraction) for fraction in (0, 1, 10, 999999, 500000)]
    for index, one in enumerate(moments):
        store.write(lambda session, job=str(index), at=one: heartbeats.beat(session, job, at, None))
    with store.read() as session:
        query = select(Heartbeat.ran_at).order_by(Heartbeat.ran_at)
        assert list(session.execute(query).scalars()) == sorted(moments)
    raw = sqlite3.connect(sqlite_database.removeprefix("sqlite:///"))
    assert {len(row[0]) for row in raw.execute("SELECT ran_at FROM heartbeat")} == {26}
    raw.close()
    store.close()


# --- plans


def _plan(store: Store, run: object) -> str:
    """The plan of the last statement that `run` asks, with the figures a large table would have."""
    from sqlalchemy import event

    asked: list[tuple[str, object]] = []
    with store.engine.connect() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def _keep(_c: object, _cursor: object, statement: str, given: object, _x: object, _m: bool) -> None:
            asked.append((statement, given))

        with Session(connection) as session:
            run(session)  # type: ignore[operator]
        statement, given = asked[-1]
        if store.is_postgresql:
            # On empty tables the planner would not care.
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {statement}", given).all()
        else:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
    return "\n".join(str(row) for row in rows)


def test_a_sweep_and_a_figure_are_read_from_their_indexes(store: Store) -> None:
    sweep = _plan(store, lambda session: newly_due(session, NOON, 500))
    assert "ix_complaint_next_alert_at" in sweep
    assert "SCAN complaint\n" not in f"{sweep}\n"
    assert "TEMP B-TREE" not in sweep
    assert "Sort" not in sweep
    figure = _plan(
        store,
        lambda session: figures.cohort(
            session, offices.directory(session), ["2017-01", "2017-02"], None, NOON
        ),
    )
    final = _plan(store, lambda session: figures.latest_due_at(session, ["2017-01", "2017-02"]))
    for plan in (figure, final):
        assert "ix_complaint_figure" in plan
        if store.is_postgresql:
            assert "Seq Scan" not in plan
        else:
            assert "COVERING INDEX" in plan

    def redeemable(session: Session) -> None:
        assert list(figures.redeemable(session, ["2017-01", "2017-02"], None, NOON)) == []

    few = _plan(store, redeemable)
    assert "ix_complaint_open_due_at" in few or "ix_complaint_figure" in few
    assert "Seq Scan" not in few
    assert "SCAN complaint" not in few


def test_events_of_a_few_complaints_are_found_by_the_complaint(store: Store) -> None:
    kinds, ids = (EventKind.CLOSED, EventKind.REOPENED), range(1, 30)
    asked: dict[str, Callable[[Session], object]] = {
        "missed": lambda session: complaints.missed(session, ids),
        "handings over": lambda session: complaints.handings_over(session, ids),
        "of a kind": lambda session: complaints.events_of_kind(session, Complaint(id=1), EventKind.ALERTS),
        "last touch": lambda session: movements.last_touch(session, 1),
        "redeemable": lambda session: list(figures.redeemable(session, ["2017-01"], None, NOON)),
        "kinds since": lambda session: movements.kinds_since(session, dict.fromkeys("abcdef", 1), TOUCHES),
        "incidents": lambda session: movements.incidents(
            session, ["2017-01"], None, always=kinds, dated_back=kinds
        ),
        "around": lambda session: movements.happened_around(
            session, kinds, "2017-01", NOON, None, afterwards=False
        ),
    }
    for name, few in asked.items():
        plan = _plan(store, few)
        # By kind, it would be all events of that kind that were ever recorded.
        assert ("ix_event_kind" in plan, "Index" in plan or "INDEX" in plan) == (False, True), (name, plan)


def test_what_was_received_under_a_book_is_found_by_the_month(store: Store) -> None:
    """While a book is put in force, nobody can log."""
    with store.read() as session:
        [book] = books.shelf(session).books
    for asked in (lambda session: books.receipts(session, book), books.last_receipt):
        plan = _plan(store, asked)
        assert "ix_complaint_figure" in plan
        assert "SCAN complaint" not in plan
        assert "Seq Scan" not in plan
        assert "TEMP B-TREE" not in plan
