"""Whatever surrounds the program: variables without sense, a working folder that is gone, limits of the system.

Each is a use of its own: the answer, or words, and never a bug.
"""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.runner import Program

MANY = "9" * 11
# As the shell, a unit, a container or another program leaves them.
VARIABLES = (
    *(f"{name}={value}" for name in ("COLUMNS", "LINES") for value in (MANY, MANY * 2, "0", "1", "-5", "x", "")),
    "TERM=", "TERM=dumb", "TERM=nonsense", "NO_COLOR=1", "FORCE_COLOR=1", "TTY_COMPATIBLE=1",
    "LC_ALL=xx_YY.nonsense", "LANG=\udcff", "LANGUAGE=:::", "TZ=Nonsense/Zone", "TZ=../../etc", "TZ=",
    "PATH=", "TMPDIR=/nowhere", "HOME=", "HOME=beside", "HOME=/nowhere", "XDG_DATA_HOME=beside",
    "PAGER=/nowhere", "EDITOR=/nowhere",
)  # fmt: skip
READING = (
    ("list",), ("find", "x"), ("show", "6003-1"), ("report", "1/2560"), ("rules", "show"), ("log", "--help"), ("--help",),
    ("staff", "list"), ("journal",), ("explain", "6003-1"),
)  # fmt: skip


@pytest.fixture
def office(sqlite_program: Program) -> Program:
    sqlite_program.number()
    return sqlite_program


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_without_sense_costs_no_answer(
    office: Program, variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    name, _, value = variable.partition("=")
    commands = READING if name in ("COLUMNS", "LINES") else READING[:1]
    # Whoever tells of the test has to live with its environment, too.
    with monkeypatch.context() as around:
        around.setenv(name, value)
        said = [office(*command).out for command in commands]
    assert all(said), said
    # Nothing is made where we happen to be.
    assert list(tmp_path.glob("beside")) == []


def test_from_a_folder_that_is_gone_whatever_needs_no_folder_is_done(
    office: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for command in READING:
        assert office(*command).out, command
    for command in (("export", "x.csv"), ("import", "x.csv"), ("backup", "x.db"), ("rules", "check", "x")):
        assert "x" in office(*command, code=2).err, command


def test_an_argument_longer_than_any_name_is_refused_in_words(office: Program) -> None:
    long = "x" * 5000
    for command in (("export", f"{long}.csv"), ("import", f"{long}.csv"), ("rules", "check", long)):
        office(*command, code=2)
    assert office("find", long * 20, code=None).code in (0, 2)
    office("note", "6003-1", long * 20, code=2)


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


def test_where_no_file_may_grow_what_is_looked_at_is_shown_and_what_is_done_is_refused(
    office: Program, tmp_path: Path
) -> None:
    """`ulimit -f`: Python is told by an error, and hears no signal."""
    before = office.dump()
    with limited(resource.RLIMIT_FSIZE, 0):
        # SQLite may need its index beside the file.
        assert {office(*command, code=None).code for command in READING} <= {0, 5}
        for command in (
            ("note", "6003-1", "text"),
            ("export", str(tmp_path / "x.csv")),
            ("backup", str(tmp_path / "x.db")),
        ):
            refused = office(*command, code=None)
            assert refused.code in (2, 5), command
            assert refused.err, command
    assert office.dump() == before
    assert not list(tmp_path.glob("x.*"))


def test_with_too_few_descriptors_it_is_said_in_words(office: Program) -> None:
    """A supervisor with a tight `LimitNOFILE`."""
    before = office.dump()
    spare = []
    try:
        with limited(resource.RLIMIT_NOFILE, 64):
            while True:
                try:
                    spare.append(os.open(os.devnull, os.O_RDONLY))
                except OSError:
                    break
            for command in (("list",), ("note", "6003-1", "text")):
                refused = office(*command, code=None)
                assert refused.code in (0, 5), (command, refused)
    finally:
        for one in spare:
            os.close(one)
    assert office.dump() == before


def test_a_umask_that_takes_everything_leaves_files_that_can_be_read(office: Program, tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        office("export", str(tmp_path / "x.csv"))
        office("backup", str(tmp_path / "x.db"))
        office(
            "log", *["--group", "residential", "--channel", "phone", "--category", "outage", "--subject", "y"]
        )
    finally:
        os.umask(before)
    with closing(sqlite3.connect(tmp_path / "x.db")) as copy:
        assert copy.execute("SELECT count(*) FROM complaint").fetchone() == (1,)
    for one in tmp_path.glob("x.*"):
        assert one.stat().st_mode & 0o777 == 0o600
