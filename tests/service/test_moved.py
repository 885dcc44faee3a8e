"""A database that is moved away, replaced or upgraded while a service has it open: it ends, and loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from complaint_sla.core.errors import DatabaseMoved, DatabaseUnusable
from complaint_sla.store.engine import Store
from complaint_sla.store.migrations import HEAD
from complaint_sla.work.alerts import sweep
from complaint_sla.work.alerts.sweep import Tally
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from tests.cli.runner import Program


def _moved(path: Path) -> None:
    path.rename(path.with_name("old.db"))


def _replaced(path: Path) -> None:
    """By a copy that looks the same: another file all the same."""
    shutil.copy(path, path.with_name("copy.db"))
    path.with_name("copy.db").replace(path)


def _restored_over(path: Path) -> None:
    """By other rows in the same file."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE house SET identity = 'another'")
    connection.close()


@pytest.mark.parametrize("happens", [_moved, _replaced, _restored_over])
def test_it_is_noticed_before_anything_is_written(
    sqlite_database: str, happens: Callable[[Path], None]
) -> None:
    path = Path(sqlite_database.removeprefix("sqlite:///"))
    store = Store.open(sqlite_database)
    store.require_same()
    happens(path)
    with pytest.raises(DatabaseMoved, match="database-moved"):
        store.require_same()
    store.close()


@pytest.mark.parametrize("version", ["9999_after", "0001_the_house", None])
def test_a_service_whose_schema_changes_under_it_ends_with_five_at_its_next_job(
    program: Program, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    """By a newer program's `init`, whose revision this one may not know; or by a hand."""
    ran = []

    def upgraded_meanwhile(desk: Desk, **_: object) -> Tally:
        ran.append("sweep")
        statement = (
            "UPDATE alembic_version SET version_num = :new" if version else "DELETE FROM alembic_version"
        )
        desk.store.write(lambda session: session.connection().execute(text(statement), {"new": version}))
        return Tally()

    monkeypatch.setattr(sweep, "sweep", upgraded_meanwhile)
    monkeypatch.setattr(freeze, "freeze_final", lambda _: ran.append("quarter"))
    answer = program("run", "--once", code=5)

    assert ran == ["sweep"]
    assert f"upgraded to the revision {version or '–'} while it was open" in answer.err
    assert f"knows it as {HEAD}" in answer.err


def test_looking_for_a_file_that_was_moved_away_leaves_its_log_alone(sqlite_database: str) -> None:
    """Also where every connection that is open is in use, and another has to be made."""
    path = Path(sqlite_database.removeprefix("sqlite:///"))
    store = Store.open(sqlite_database)
    store.write(lambda session: session.connection().execute(text("UPDATE house SET events = events + 1")))
    log = path.with_name("complaints.db-wal")
    kept = log.read_bytes()
    assert kept
    with store.read():
        path.rename(path.with_name("old.db"))
        with pytest.raises(DatabaseMoved):
            store.require_same()
        with pytest.raises(DatabaseUnusable), store.read():
            pass
        assert (path.exists(), log.read_bytes()) == (False, kept)
    path.with_name("old.db").rename(path)
    store.close()


@pytest.mark.slow
def test_the_service_ends_with_five_and_says_why(sqlite_program: Program) -> None:
    path = Path(sqlite_program.url.removeprefix("sqlite:///"))
    service = sqlite_program.spawn("run")
    assert service.stderr is not None
    while "The service runs" not in service.stderr.readline():
        assert service.poll() is None
    _moved(path)
    # Its next round comes within half a minute.
    _, said = service.communicate(timeout=60)
    assert service.returncode == 5
    assert "was moved or replaced while it was open" in said
