"""A database that the release before made, brought up to this one: nothing in it is lost, and nothing frozen altered."""

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy import text

from complaint_sla.store.engine import Store
from complaint_sla.store.migrations import KNOWN, runner
from complaint_sla.store.migrations.handers import name_handers
from complaint_sla.store.types import Moment
from tests.cli.runner import Program, run
from tests.conftest import Databases
from tests.published import rehearse

RECORD = Path(__file__).parents[1] / "records" / "release-0.1.0.db.gz"


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
    assert "complaint-sla init" in refused.err

    said = program("init").out

    # The book that complaints had pinned is entered in the journal, too; what was in no database is published.
    assert "Published: pea-plan-2560, service" in said
    assert rows(released) == counted | {
        "house": 1,
        "book": counted["book"] + 2,
        # With the stock that is taken of what is there.
        "journal": counted["book"] + 3,
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
    assert rows(released) == counted | {"house": 1, "journal": 0}


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
