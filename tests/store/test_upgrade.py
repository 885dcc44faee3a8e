"""A database that the release before made, brought up to this one: nothing in it is lost, and nothing frozen altered."""

import gzip
import re
import resource
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy import text

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store.backup import _tables, count, open_file, pour
from complaint_sla.store.backup import rows as rows_of
from complaint_sla.store.engine import Store
from complaint_sla.store.migrations import HEAD, KNOWN, runner
from complaint_sla.store.migrations.handers import name_handers
from complaint_sla.store.types import Moment
from tests.cli.runner import PATIENCE, Program, entries, run
from tests.conftest import Databases
from tests.published import rehearse

RECORDS = Path(__file__).parents[1] / "records"
RECORD = RECORDS / "release-0.1.0.db.gz"
# The tables that have come since, which an upgrade leaves empty.
SINCE = dict.fromkeys(("reading", "request", "drawn", "lot", "listed"), 0)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A copy of the database of release 0.1.0."""
    path = tmp_path / "released.db"
    path.write_bytes(gzip.decompress(RECORD.read_bytes()))
    return path


def rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}


def frozen(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT id, quarter, version, frozen_at, content, cases, digest FROM figure ORDER BY version"
        ).fetchall()


def test_an_upgrade_keeps_every_row_and_every_byte_that_was_frozen(released: Path) -> None:
    counted, kept = rows(released), frozen(released)
    assert (len(kept), counted["complaint"], counted["message"]) == (2, 7, 7)
    program = Program(f"sqlite:///{released}")
    refused = program("list", code=5)
    assert "complaint-sla backup FILE" in refused.err
    assert "complaint-sla init" in refused.err

    answer = program("init")

    said = answer.out
    was = KNOWN[0]
    assert f"Upgraded from schema {was} to {HEAD}." in said
    # What was lies beside it, for its owner only, whole and as it was.
    [copy] = released.parent.glob(f"released-{was}-*.db")
    assert str(copy) in answer.err
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (rows(copy), frozen(copy)) == (counted, kept)
    assert list(released.parent.glob("*.part")) == []
    assert f"Nothing to upgrade: the schema is {HEAD}." in program("init").out
    assert entries(program)[0].items() >= {"kind": "upgraded", "from": was, "to": HEAD}.items()
    # The book that complaints had pinned is entered in the journal, too; what was in no database is published.
    assert "Published: pea-plan-2560, service" in said
    assert rows(released) == counted | SINCE | {
        "house": 1,
        "book": counted["book"] + 2,
        # With the upgrade, and the stock that is taken of what is there, and of the letters.
        "journal": counted["book"] + 5,
    }
    assert frozen(released) == kept
    assert program("audit", "--json").json["discrepancies"] == []
    for version, row in enumerate(kept, 1):
        assert program("report", "1/2560", "--json", "--version", str(version)).out.rstrip("\n") == row[4]
    assert program("report", "1/2560", "--json").json["version"] == 2
    assert "1 of 6" in program("report", "1/2560").out
    assert program("report", "1/2560", "--json", "--office", "EAST", "--version", "1").json["received"] == 5
    # Nobody counts otherwise today only because a newer program looks.
    assert program("report", "1/2560", "--json").json["moved"] == []


def test_a_book_that_can_not_be_read_keeps_no_database_from_being_upgraded(released: Path) -> None:
    with closing(sqlite3.connect(released)) as connection:
        connection.execute("UPDATE book SET text = 'garbled'")
        connection.commit()
    program = Program(f"sqlite:///{released}")

    program("init")

    wrong = [one for one in program("doctor", "--json", code=1).json["findings"] if one["wrong"]]
    assert "pea-2560" in next(one["text"] for one in wrong if one["about"] == "rules")
    checks = {
        (one["check"], one["about"]) for one in program("audit", "--json", code=1).json["discrepancies"]
    }
    assert ("book", "book pea-2560") in checks


def test_a_quarter_of_the_release_before_is_restated_in_todays_format(released: Path) -> None:
    program = Program(f"sqlite:///{released}")
    program("init")
    rehearse(program.url)
    program("close", "C-6003-4", "--outcome", "done", now="2017-05-10 09:00")

    program("report", "1/2560", "--freeze", now="2017-05-11 09:00")

    restated = program("report", "1/2560", "--json", "--version", "3").json
    assert (restated["format"], restated["measure"]) == (3, "complaints")
    assert [one["number"] for one in restated["changes"]] == ["C-6003-00004"]
    assert program("audit", "--json").json["discrepancies"] == []


def test_a_backup_of_the_release_before_is_upgraded_in_a_copy_and_restored(
    released: Path, sqlite_databases: Databases
) -> None:
    run(["--db", f"sqlite:///{released}", "init"])
    fresh = Program(sqlite_databases.empty())
    fresh("restore", str(released))
    assert fresh("audit", "--json").json["discrepancies"] == []


def test_a_frozen_figure_is_of_the_closure_rate_on_either_engine(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.empty()
    monkeypatch.setattr("complaint_sla.store.migrations.runner.HEAD", KNOWN[0])
    older = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with older.begin() as connection:
        runner.migrate(connection)
    figure = sa.table(
        "figure", *(sa.column(name) for name in ("quarter", "version", "content", "cases", "digest"))
    )
    figure.append_column(sa.column("frozen_at", Moment()))
    values = {
        "quarter": "2017-Q1",
        "content": "{}",
        "cases": "",
        "digest": "",
        "frozen_at": datetime(2017, 5, 1, tzinfo=UTC),
    }
    with older.begin() as connection:
        connection.execute(figure.insert(), [values | {"version": version} for version in (1, 2)])
    older.dispose()
    monkeypatch.undo()

    store = Store.open(url, upgrade=True)

    with store.engine.begin() as connection:
        query = sa.text("SELECT measure, quarter, version FROM figure ORDER BY version")
        assert connection.execute(query).all() == [("complaints", "2017-Q1", 1), ("complaints", "2017-Q1", 2)]
        # A second measure may freeze the same quarter; the same one may not.
        again = sa.text(
            "INSERT INTO figure (measure, quarter, version, frozen_at, content, cases, digest)"
            " SELECT :measure, quarter, version, frozen_at, content, cases, digest FROM figure WHERE version = 1"
        )
        connection.execute(again, {"measure": "other"})
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.execute(again, {"measure": "complaints"})
    store.close()


def test_a_table_made_anew_takes_no_rows_with_it(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table in turn, also those whose rows others refer to and go with."""
    counted = rows(released)
    run_migrations = runner.EnvironmentContext.run_migrations

    def all_anew(environment: runner.EnvironmentContext) -> None:
        run_migrations(environment)
        for name in counted.keys() - {"alembic_version"}:
            with Operations(environment.get_context()).batch_alter_table(name, recreate="always"):
                pass

    monkeypatch.setattr(runner.EnvironmentContext, "run_migrations", all_anew)
    Store.open(f"sqlite:///{released}", upgrade=True).close()
    assert rows(released) == counted | SINCE | {"house": 1, "journal": 0}


def at_revision(url: str, released: Path, version: str, since: str = KNOWN[0]) -> None:
    """An office of revision `since`, upgraded as far as to another revision, in a database of either engine."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    source = open_file(released, writable=False)
    with source.connect() as old, engine.begin() as target:
        runner.migrate(target, since)
        tables = _tables(target, since)
        counts = count(old, tables)
        pour(partial(rows_of, old, counts), target, tables, sum(counts.values()), None)
        runner.migrate(target, version)
    engine.dispose()


@pytest.mark.parametrize("version", KNOWN[:-1])
def test_every_known_schema_is_copied_as_it_is_and_the_copy_upgraded_and_restored(
    databases: Databases, sqlite_databases: Databases, released: Path, tmp_path: Path, version: str
) -> None:
    url, backup = databases.empty(), tmp_path / "backup.db"
    at_revision(url, released, version)
    program = Program(url)
    assert program("list", code=5)

    answer = program("backup", str(backup), "--json")

    assert (answer.json["complaints"], answer.json["schema"]) == (7, version)
    assert "not entered in the journal" in answer.err
    assert program("list", code=5)
    copy = Program(f"sqlite:///{backup}")
    assert "COPY init" in Program(sqlite_databases.empty())("restore", str(backup), code=5).err
    copy("init")
    fresh = Program(sqlite_databases.empty())
    fresh("restore", str(backup))
    assert len(fresh("list", "--json", "--status", "closed").json) == len(
        copy("list", "--json", "--status", "closed").json
    )


def test_the_plan_that_ships_takes_the_place_of_the_one_that_shipped_before_and_nothing_frozen_is_altered(
    databases: Databases, tmp_path: Path
) -> None:
    before, url = tmp_path / "before.db", databases.empty()
    before.write_bytes(gzip.decompress((RECORDS / "schema-5.db.gz").read_bytes()))
    content = frozen(before)[0][4]
    at_revision(url, before, KNOWN[4], KNOWN[4])
    program = Program(url)

    made = program("init", "--yes", "--json").json

    assert made["published"] == ["pea-plan-2560"]
    assert [one["id"] for one in entries(program) if one["kind"] == "plan"] == ["pea-plan-2560"] * 2
    assert len(program("rules", "show", "--json", now="2017-05-02").json["plan"]["activities"]) == 14
    assert program("audit", "--json").json["discrepancies"] == []
    # The figure is the same byte for byte, and its page has the words that it had.
    told = program("report", "1/2560", "--json", "--version", "1")
    assert told.out.startswith(content.removesuffix("\n}"))
    assert told.json["digest"] == sha256(content.encode()).hexdigest()
    page = program("report", "1/2560", "--plan", "--format", "html", lang="th", now="2017-05-02").out
    said = {" ".join(unescape(part).split()) for part in re.split(r"<[^>]+>", page)}
    kept = (RECORDS / "schema-5.page.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in kept if line not in said] == []
    # Offices were entered when there were no classes: they have none, until they are given one.
    assert [one["class"] for one in program("office", "list", "--json").json] == [None, None]
    program("office", "set", "EAST", "--class", "branch")
    assert program("audit", "--json").json["discrepancies"] == []
    assert program("init", "--json").json["published"] == []


@pytest.mark.postgresql
def test_a_servers_database_is_upgraded_by_whoever_says_that_there_is_a_backup(
    postgresql_databases: Databases, released: Path
) -> None:
    url = postgresql_databases.empty()
    at_revision(url, released, KNOWN[0])
    program = Program(url)

    refused = program("init", code=6)

    assert "complaint-sla backup FILE" in refused.err
    assert "init --yes" in refused.err
    assert program("list", code=5)
    answer = program("init", "--yes", "--json")
    assert (answer.json["upgraded_from"], answer.json["schema"], answer.json["copy"]) == (
        KNOWN[0],
        HEAD,
        None,
    )
    assert program("audit", "--json").json["discrepancies"] == []


def test_where_no_copy_can_be_made_nothing_is_upgraded(released: Path) -> None:
    with closing(sqlite3.connect(released)) as connection:
        # As a database in use is.
        connection.execute("PRAGMA journal_mode = WAL")
    before = released.read_bytes()
    done = Program(f"sqlite:///{released}").spawn(
        "init", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    )
    out, err = done.communicate(timeout=PATIENCE)
    assert (done.returncode, out) == (2, "")
    assert "nothing is upgraded" in err
    assert sorted(released.parent.glob("*.db*")) == [released]
    assert list(released.parent.glob(".*.part")) == []
    assert released.read_bytes() == before


def test_what_the_journal_refuses_is_not_upgraded_and_the_copy_stays(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise DatabaseUnusable("house-damaged")

    monkeypatch.setattr("complaint_sla.work.journal.record", refused)
    counted = rows(released)
    answer = Program(f"sqlite:///{released}")("init", code=5)
    assert rows(released) == counted
    [copy] = released.parent.glob("released-*.db")
    assert str(copy) in answer.err


def test_a_migration_that_takes_away_what_others_refer_to_is_taken_back(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = rows(released)
    run_migrations = runner.EnvironmentContext.run_migrations

    def emptied(environment: runner.EnvironmentContext) -> None:
        run_migrations(environment)
        Operations(environment.get_context()).execute("DELETE FROM complaint")

    monkeypatch.setattr(runner.EnvironmentContext, "run_migrations", emptied)
    with pytest.raises(AssertionError, match="took away"):
        Store.open(f"sqlite:///{released}", upgrade=True)
    assert rows(released) == counted


def test_which_office_handed_a_complaint_over_is_told_by_its_events(sqlite_database: str) -> None:
    program = Program(sqlite_database)
    program.found_office("EAST")
    program.found_office("WEST")
    number = program.log("residential", "--office", "MAIN", now=None)["number"]
    for office in ("EAST", "WEST"):
        program("transfer", number, "--office", office, "--reason", "x")
    assert program("audit", "--json").json["discrepancies"] == []

    store = Store.open(sqlite_database)
    with store.engine.begin() as connection:
        # As a database of the release before has it.
        connection.execute(text("UPDATE complaint SET came_from_id = NULL"))
    [found] = program("audit", "--json", code=1).json["discrepancies"]
    assert found["name"] == "came_from"
    with store.engine.begin() as connection:
        name_handers(connection)
    store.close()
    assert program("audit", "--json").json["discrepancies"] == []


def test_what_an_older_program_folded_is_folded_anew_and_found_by_what_looks_the_same(
    databases: Databases, released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.empty()
    at_revision(url, released, KNOWN[3])
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    typed = {1: "ไฟ\u200bดับ ต้นที่ ๑๒๓", 2: "เเจ้งหม้อเเปลง"}
    with engine.begin() as connection:
        for id_, subject in typed.items():
            query = text("UPDATE complaint SET subject = :it, subject_search = :it WHERE id = :id")
            connection.execute(query, {"it": subject, "id": id_})
        connection.execute(text("UPDATE customer SET name = 'นำ้ฝน', name_search = 'นำ้ฝน'"))
        unfolded = connection.execute(text("SELECT id, subject_search FROM complaint WHERE id > 2")).all()
    monkeypatch.setattr("complaint_sla.store.migrations.folded._BATCH", 2)

    Store.open(url, upgrade=True).close()

    with engine.begin() as connection:
        found = connection.execute(text("SELECT id, subject_search FROM complaint")).all()
        names = connection.execute(text("SELECT DISTINCT name_search FROM customer")).scalars().all()
    engine.dispose()
    assert dict(found) == {1: "ไฟดับ ต้นที่ 123", 2: "แจ้งหม้อแปลง"} | dict(unfolded)
    assert names == ["น้ำฝน"]
