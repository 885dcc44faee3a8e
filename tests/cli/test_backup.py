"""`backup` and `restore` as they are typed: what they answer, what they refuse, and with which exit code."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from complaint_sla.store.engine import Store
from complaint_sla.store.migrations import HEAD
from tests.cli.runner import SUNDAY, Keyboard, Program, dump, entries, office, run
from tests.conftest import Databases
from tests.published import rehearse


def assert_goes_on(was: Program, is_: Program, backup: Path) -> None:
    """One office in two places: the old one's journal says that it was copied, the new one's that it was restored."""
    before, after = office(was.dump()), office(is_.dump())
    assert {name: rows for name, rows in after.items() if name not in ("house", "journal")} == {
        name: rows for name, rows in before.items() if name not in ("house", "journal")
    }
    copied = before["journal"][:-1]
    assert after["journal"][:-1] == copied
    counted = {name: len(before[table]) for name, table in HELD.items()}
    digest = hashlib.sha256(backup.read_bytes()).hexdigest()
    assert (
        entries(was)[-1].items()
        >= {"kind": "backed-up", "file": backup.name, "sha256": digest, **counted}.items()
    )
    entry = entries(is_)[-1]
    assert entry.items() >= {"kind": "restored", "file": backup.name, "entries": len(copied)}.items()
    assert entry["head"] in copied[-1]
    for program in (was, is_):
        assert program("audit", "--json").json["discrepancies"] == []


# What a backup counts, by its table.
HELD = {"complaints": "complaint", "events": "event", "letters": "message"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


def test_a_backup_says_what_is_in_it_and_can_be_used_as_it_is(program: Program, path: Path) -> None:
    number = program.number("key-account", "--urgent")
    program.hire("somchai")
    program("sweep", now=SUNDAY)
    program("deliver", now=SUNDAY)

    answer = program("backup", str(path), "--json")

    assert answer.err == ""
    assert answer.json == {
        "file": str(path),
        "size": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "database": answer.json["database"],
        "schema": HEAD,
        "complaints": 1,
        "events": len(program.show(number)["events"]),
        "letters": 1,
    }
    copy = Program(f"sqlite:///{path}")
    assert copy.show(number, SUNDAY) == program.show(number, SUNDAY)


def test_in_words_too(sqlite_program: Program, path: Path) -> None:
    sqlite_program.number()
    answer = sqlite_program("backup", str(path))
    assert answer.out.splitlines()[0].startswith(f"Backup written: {path} (")
    assert answer.out.splitlines()[1] == "Complaints: 1 · events: 1 · letters: 0"


def test_a_backup_comes_back_into_a_new_database(program: Program, path: Path, tmp_path: Path) -> None:
    program.number()
    program("backup", str(path))
    other = Program(f"sqlite:///{tmp_path}/new/complaints.db")

    answer = other("restore", str(path), "--json")

    assert answer.json == {
        "file": str(path),
        "database": other.url,
        "complaints": 1,
        "events": 1,
        "letters": 0,
    }
    assert_goes_on(program, other, path)
    assert other.number() == "C-6003-00002"


@pytest.mark.postgresql
def test_an_office_that_grows_moves_to_postgresql(
    sqlite_program: Program, postgresql_database: str, path: Path
) -> None:
    sqlite_program.number()
    sqlite_program("backup", str(path))
    grown = Program(rehearse(postgresql_database))
    assert grown("restore", str(path)).out.splitlines()[1] == "Complaints: 1 · events: 1 · letters: 0"
    assert_goes_on(sqlite_program, grown, path)
    assert grown.number() == "C-6003-00002"


def test_nothing_that_is_there_is_replaced(program: Program, path: Path) -> None:
    program.number()
    program("backup", str(path))
    content, before = path.read_bytes(), program.dump()

    refused = program("backup", str(path), code=2)
    assert str(path) in refused.err
    assert "new file" in refused.err
    assert path.read_bytes() == content

    refused = program("restore", str(path), code=6)
    assert "complaint" in refused.err
    assert f"complaint-sla --db URL restore {path}" in refused.err
    assert program.dump() == before


def test_a_backup_over_the_database_is_refused(sqlite_program: Program) -> None:
    own = sqlite_program.url.removeprefix("sqlite:///")
    before = dump(sqlite_program.url)
    for name in (own, f"{own}-wal", f"{own}-journal"):
        refused = sqlite_program("backup", name, code=2)
        assert "belongs to the database itself" in refused.err
    assert dump(sqlite_program.url) == before


def test_what_is_no_backup_is_refused_before_a_database_is_made(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>" * 1000)
    url = f"sqlite:///{tmp_path}/new.db"
    for name in ("none.db", "page.html", "."):
        refused = run(["--db", url, "restore", str(tmp_path / name)])
        assert refused.code == 2
        assert re.search(rf"{re.escape(name.strip('.'))}", refused.err)
    assert not (tmp_path / "new.db").exists()


def test_an_old_backup_is_refused_with_the_way_to_upgrade_it(
    sqlite_program: Program, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_program("backup", str(path))
    monkeypatch.setattr("complaint_sla.store.restore.HEAD", "0002_the_garden")
    refused = run(["--db", f"sqlite:///{tmp_path}/new.db", "restore", str(path)])
    assert refused.code == 5
    assert "complaint-sla --db sqlite:///COPY init" in refused.err


def test_a_rehearsal_is_made_from_a_copy_of_what_is_real(
    database: str, databases: Databases, path: Path, tmp_path: Path
) -> None:
    office_ = Program(database)
    office_.log(now=None)
    # It is made now, whatever else is asked for.
    office_("backup", str(path), now="2017-03-05")
    rehearsal = Program(databases.empty())

    rehearsal("restore", str(path), "--rehearsal")

    assert len(rehearsal("list", "--json").json) == 1
    rehearsal("sweep", now="2099-01-01")
    assert "--rehearsal" in office_("sweep", now="2099-01-01", code=6).err
    # What came from a rehearsal stays one.
    again = tmp_path / "again.db"
    rehearsal("backup", str(again))
    third = Program(databases.empty())
    third("restore", str(again))
    third("sweep", now="2099-01-01")


def test_a_backup_needs_no_rule_book_that_can_be_used(
    sqlite_program: Program, path: Path, tmp_path: Path
) -> None:
    sqlite_program.number()
    (tmp_path / "rules").mkdir()
    rules = ["--rules", str(tmp_path / "rules")]
    assert run([*rules, "--db", sqlite_program.url, "backup", str(path), "--json"]).code == 0
    assert run([*rules, "--db", f"sqlite:///{tmp_path}/n.db", "restore", str(path), "--json"]).code == 0


def test_a_name_that_steers_the_screen_does_not(sqlite_program: Program, tmp_path: Path) -> None:
    answer = sqlite_program("backup", str(tmp_path / "a\x1b[2Jb.db"))
    assert "\x1b" not in answer.out
    assert (tmp_path / "a\x1b[2Jb.db").exists()


def test_at_a_terminal_it_shows_how_far_it_is(sqlite_program: Program, path: Path) -> None:
    keyboard = Keyboard.at("--db", sqlite_program.url, "backup", str(path))
    keyboard.expect("100 %")
    keyboard.expect("Backup written")
    assert keyboard.end() == 0


@pytest.mark.postgresql
@pytest.mark.own_session("what a new session is set to")
def test_a_login_that_may_only_read_makes_a_backup_and_hears_that_no_entry_was_made(
    postgresql_database: str, path: Path
) -> None:
    store = Store.open(postgresql_database)
    with store.engine.begin() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    store.close()
    answer = Program(postgresql_database)("backup", str(path), "--json")
    assert answer.json["complaints"] == 0
    [line] = answer.err.splitlines()
    assert line.startswith("The backup is not entered in the journal: ")
