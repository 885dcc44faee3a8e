"""One SQLite file, several of the system's users: who may write, writes; who may read, reads; all others are told how."""

from __future__ import annotations

import grp
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store import sqlitefile
from tests.cli.runner import Program, log_command
from tests.cli.somebody import AS_ROOT, Somebody

pytestmark = AS_ROOT

# None of these needs an entry anywhere.
OWNER, CLERK, READER, STRANGER = 61001, 61002, 61003, 61004
TEAM, OTHERS = 62001, 62002
# A group that has a name; the first that root has not for itself.
TEAM_OF_MACHINE = min(one.gr_gid for one in grp.getgrall() if one.gr_gid > 0)
READS = (
    ("list",),
    ("today",),
    ("find", "ไฟดับ"),
    ("show", "C-6003-1"),
    ("report", "1/2560"),
    ("audit",),
    ("mail", "list"),
    ("staff", "list"),
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can reach; the test's own is root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="complaint-sla-users-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def program(sqlite_program: Program, place: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A rehearsal with a complaint, in a file of OWNER's in a folder of its own."""
    sqlite_program.number()
    house = place / "house"
    house.mkdir(mode=0o755)
    monkeypatch.setenv("HOME", str(place / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "nobody"))
    moved = shutil.move(sqlite_program.url.removeprefix("sqlite:///"), house / "complaints.db")
    for path in (house, moved):
        os.chown(path, OWNER, TEAM)
    found = Program(f"sqlite:///{moved}")
    # All that reading needs is imported once.
    for command in READS:
        found(*command, code=None)
    return found


def file_of(program: Program) -> Path:
    return Path(program.url.removeprefix("sqlite:///"))


def test_whoever_may_only_read_reads_and_leaves_nothing(program: Program, place: Path) -> None:
    file, reader = file_of(program), Somebody(READER, TEAM)
    # What they are on the staff gives nobody the right to write to a file.
    program("staff", "set", program.hire("reader", "agent"), "--login", f"uid {READER}")
    file.chmod(0o640)
    (place / "out").mkdir()
    (place / "out").chmod(0o777)
    # Beside which they could put files that nobody else could write.
    for folder_mode in (0o755, 0o777):
        file.parent.chmod(folder_mode)
        for command in (*READS, ("backup", f"{place}/out/{folder_mode}.db")):
            answer = reader.run("--db", program.url, *command)
            assert answer.code == 0, f"{command}: {answer.err}"
        assert list(file.parent.iterdir()) == [file]
    # To give out all contacts is recorded, or not done.
    for command in (log_command(), ("export", f"{place}/out/all.csv")):
        refused = reader.run("--db", program.url, *command)
        assert refused.code == 5
        assert f"({OWNER})" in refused.err.replace("uid ", "")
        assert str(file) in refused.err
        assert "init --group" in refused.err
    assert not (place / "out" / "all.csv").exists()


def test_while_the_office_works_a_reader_sees_what_was_written_last(program: Program) -> None:
    file, reader = file_of(program), Somebody(READER, TEAM)
    file.chmod(0o640)
    with closing(sqlite3.connect(file)) as service:
        # Not in the file yet, but in the log beside it.
        service.execute("PRAGMA wal_autocheckpoint = 0")
        service.execute("UPDATE complaint SET subject = 'known by the log alone'")
        service.commit()
        mode = {path: path.stat().st_mode for path in file.parent.iterdir()}
        assert len(mode) == 3
        for command in READS:
            answer = reader.run("--db", program.url, *command)
            assert answer.code == (1 if command[0] == "audit" else 0), f"{command}: {answer.err}"
        assert "known by the log alone" in reader.run("--db", program.url, "list").out
        assert {path: path.stat().st_mode for path in file.parent.iterdir()} == mode
        left = {path: path.read_bytes() for path in file.parent.iterdir()}
    # A service that was killed: what it left only its own can take up.
    for path, content in left.items():
        path.write_bytes(content)
    assert "known by the log alone" in reader.run("--db", program.url, "list").out
    Path(f"{file}-shm").unlink()
    refused = reader.run("--db", program.url, "list")
    assert refused.code == 5
    assert "doctor" in refused.err
    assert str(file) in refused.err
    assert not Path(f"{file}-shm").exists()


def test_a_file_that_is_written_while_it_is_read_alone_is_not_believed(program: Program) -> None:
    file = file_of(program)
    file.chmod(0o640)
    file.parent.chmod(0o755)
    opened = sqlitefile._opened_to_read(file)
    opened.prove()
    with closing(sqlite3.connect(file)) as service:
        service.execute("UPDATE complaint SET subject = 'other'")
        service.commit()
    with pytest.raises(DatabaseUnusable, match="database-stirred"):
        opened.prove()
    opened.engine.dispose()


def test_whoever_may_nothing_is_told_which_file_whose_it_is_and_what_to_do(program: Program) -> None:
    file, stranger = file_of(program), Somebody(STRANGER, OTHERS)
    program("staff", "set", program.hire("odd", "agent"), "--login", f"uid {STRANGER}")
    for file_mode, folder_mode in ((0o600, 0o755), (0o644, 0o700)):
        file.chmod(file_mode)
        file.parent.chmod(folder_mode)
        for command in (("list",), ("doctor",), ("init",), ("backup", "/tmp/x.db"), log_command()):
            refused = stranger.run("--db", program.url, *command)
            assert refused.code == 5, (command, refused)
            said = refused.err + refused.out
            assert str(file) in said
            assert "init --group" in said
    # A writer of the file who can't make its log beside it reads, and no more.
    file.chmod(0o666)
    file.parent.chmod(0o755)
    assert stranger.run("--db", program.url, "list").code == 0
    assert stranger.run("--db", program.url, *log_command()).code == 5


@pytest.fixture
def group() -> str:
    """A group of the machine that nobody is in by accident."""
    return grp.getgrgid(TEAM_OF_MACHINE).gr_name


def test_a_group_shares_a_file_whatever_their_umask(program: Program, group: str) -> None:
    file = file_of(program)
    owner = Somebody(OWNER, OTHERS, (TEAM_OF_MACHINE,))
    clerk = Somebody(CLERK, OTHERS, (TEAM_OF_MACHINE,))
    stranger = Somebody(STRANGER, OTHERS)
    run_at = ("--db", program.url)
    login = program.hire("clerk", "agent")
    program("staff", "set", login, "--login", f"uid {CLERK}")

    assert owner.run(*run_at, "init", "--group", group).code == 0

    assert (file.stat().st_mode & 0o7777, file.parent.stat().st_mode & 0o7777) == (0o660, 0o2770)
    assert (file.stat().st_gid, file.parent.stat().st_gid) == (TEAM_OF_MACHINE,) * 2
    assert stranger.run(*run_at, "list").code == 5
    # Each makes the log in turn; somebody holds it open while others write.
    with closing(sqlite3.connect(file)) as holding:
        holding.execute("SELECT count(*) FROM office").fetchone()
        beside = [Path(f"{file}{ending}") for ending in ("-wal", "-shm")]
        assert [path.stat().st_mode & 0o777 for path in beside] == [0o660] * 2
        assert [path.stat().st_gid for path in beside] == [TEAM_OF_MACHINE] * 2
        for one in (clerk, owner, clerk):
            assert one.run(*run_at, *log_command()).code == 0
    for one in (owner, clerk, owner):
        assert one.run(*run_at, *log_command(), umask=0o077).code == 0
    assert len(program("list", "--json").json) == 7


def test_what_can_not_be_a_groups_is_refused_in_words(program: Program, place: Path, group: str) -> None:
    file = file_of(program)
    run_at = ("--db", program.url, "init", "--group")
    before = file.stat(), file.parent.stat()
    refused = Somebody(OWNER, TEAM).run(*run_at, "no-such-group")
    assert (refused.code, "no-such-group" in refused.err) == (2, True)
    refused = Somebody(OWNER, TEAM).run(*run_at, group)
    assert (refused.code, "not of the group" in refused.err) == (2, True)
    refused = Somebody(CLERK, TEAM, (TEAM_OF_MACHINE,)).run(*run_at, group)
    assert (refused.code, f"belongs to {OWNER}" in refused.err or "belongs to" in refused.err) == (2, True)
    (file.parent / "letters of others").touch()
    refused = Somebody(OWNER, TEAM, (TEAM_OF_MACHINE,)).run(*run_at, group)
    assert (refused.code, "letters of others" in refused.err) == (2, True)
    after = file.stat(), file.parent.stat()
    assert [one.st_mode for one in after] == [one.st_mode for one in before]
    new = place / "new"
    refused = Somebody(OWNER, TEAM).run("--db", f"sqlite:///{new}/x.db", "init", "--group", group)
    assert refused.code == 2
    assert not new.exists()


def test_a_new_file_is_the_groups_from_the_beginning(place: Path, group: str) -> None:
    file = place / "new" / "complaints.db"
    program = Program(f"sqlite:///{file}")
    program("init", "--group", group)
    assert (file.stat().st_mode & 0o7777, file.parent.stat().st_mode & 0o7777) == (0o660, 0o2770)
    assert program.url in program("init", "--group", group).out
    wide = [one for one in program("doctor", "--json", code=1).json["findings"] if "Anybody" in one["text"]]
    assert wide == []


def test_doctor_names_what_anybody_may_write_and_what_was_left_behind(program: Program) -> None:
    file = file_of(program)
    file.chmod(0o666)
    file.parent.chmod(0o777)
    old, new = (file.parent / f".complaint-sla-{name}.part" for name in ("old", "new"))
    for path in (old, new):
        path.mkdir(mode=0o700)
    os.utime(old, (0, 0))
    found = Somebody(READER, TEAM).run("--db", program.url, "doctor", "--json").json["findings"]
    wrong = {one["text"]: one["cure"] for one in found if one["wrong"]}
    of_folder = wrong[f"Anybody on this machine may write into {file.parent}."]
    assert of_folder == f"Take that away: chmod o-w {file.parent}"
    # That anybody may read it, too, is one finding.
    assert [cure for text, cure in wrong.items() if str(file) in text] == [
        f"Keep it from others: chmod o= {file}"
    ]
    [left] = [text for text in wrong if "Unfinished files" in text]
    assert str(old) in left
    assert str(new) not in left
    # Whoever may take them away does.
    program("doctor", code=1)
    assert not old.exists()
    assert not new.exists()
