"""A backup is the whole database at one moment, in one file, or there is none."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaint_sla.core.errors import BadValue, DatabaseUnusable
from complaint_sla.store.backup import Copied, back_up, count
from complaint_sla.store.engine import Store
from tests.cli.runner import PATIENCE, PROJECT, dump
from tests.conftest import Databases
from tests.store.copies import (
    MANY,
    assert_one_state,
    busy_office,
    fill_with_odd_rows,
    filled_house,
    schema,
    sole_file,
)
from tests.work.desks import House

# Says when it has begun, and never goes on.
BACK_UP_AND_HANG = """
import sys, time
from pathlib import Path
from complaint_sla.store.backup import back_up
from complaint_sla.store.engine import Store

def hang(_percent):
    print("copying", flush=True)
    time.sleep(3600)

back_up(Store.open(sys.argv[1]), Path(sys.argv[2]), hang)
"""


@pytest.fixture
def house(database: str) -> Iterator[House]:
    house = filled_house(database)
    yield house
    house.close()


@pytest.fixture
def sqlite_house(sqlite_database: str) -> Iterator[House]:
    house = filled_house(sqlite_database)
    yield house
    house.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a backup is written: a folder of its own."""
    folder = tmp_path / "backups # 100%?"
    folder.mkdir()
    return folder / "สำรอง 2560-03-05.db"


def test_every_row_of_every_table_comes_over_as_it_was(
    databases: Databases, sqlite_database: str, path: Path
) -> None:
    url = databases.migrated()
    fill_with_odd_rows(url)
    store = Store.open(url)
    copied = back_up(store, path)
    store.close()

    assert copied == Copied(complaints=3, events=3, letters=3)
    # Opened under a name that a URL can hold.
    plain = path.rename(path.with_name("plain.db"))
    assert dump(f"sqlite:///{plain.rename(path.parents[1] / 'plain.db')}") == dump(url)
    assert schema(f"sqlite:///{path.parents[1] / 'plain.db'}") == schema(sqlite_database)


def test_the_file_stands_alone_and_is_its_owners_only(house: House, path: Path) -> None:
    before = os.umask(0)
    try:
        back_up(house.store, path)
    finally:
        os.umask(before)

    assert sole_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # Not in WAL mode, in which nobody could read it where nothing can be written.
    assert path.read_bytes()[18:20] == b"\x01\x01"


def test_an_empty_database_has_a_backup_too(database: str, path: Path) -> None:
    store = Store.open(database)
    assert back_up(store, path) == Copied(0, 0, 0)
    store.close()


def test_what_is_written_while_it_runs_is_not_in_it_and_does_not_wait(house: House, path: Path) -> None:
    at_first = house.dump()
    other = House(house.url)
    steps = []

    def write(percent: int) -> None:
        other.log(subject="ระหว่างสำรอง")
        steps.append(percent)

    copied = back_up(house.store, path, write)

    assert len(steps) > 1
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert copied.complaints == MANY
    moved = path.rename(path.parents[1] / "moved.db")
    copy = House(f"sqlite:///{moved}")
    assert copy.dump() == at_first
    copy.close()
    other.close()


def test_a_copy_made_while_others_write_without_a_pause_is_of_one_moment(
    house: House, tmp_path: Path
) -> None:
    copies = [tmp_path / f"{index}.db" for index in range(3)]
    with busy_office(house.url):
        for copy in copies:
            await_more_events(house, back_up(house.store, copy).events)

    for copy in copies:
        assert_one_state(f"sqlite:///{copy}")


def await_more_events(house: House, events: int) -> None:
    """Waits until the others have written on."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with house.store.read() as session:
            if count(session.connection())["event"] > events:
                return
        time.sleep(0.05)
    raise AssertionError("nobody writes any more")


def test_killed_on_the_way_it_leaves_nothing_under_its_name(house: House, path: Path) -> None:
    command = [sys.executable, "-c", BACK_UP_AND_HANG, house.url, str(path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "copying\n"
        process.kill()

    assert not path.exists()
    back_up(house.store, path)
    assert path.exists()


def test_broken_off_on_the_way_it_leaves_nothing_at_all(house: House, path: Path) -> None:
    def stop(_percent: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(house.store, path, stop)
    assert list(path.parent.iterdir()) == []
    house.log()


def test_where_the_disk_is_full_nothing_is_left_and_the_file_is_named(house: House, path: Path) -> None:
    # What is in SQLite's log goes into the file; it is written before the disk is full.
    house.close()
    done = subprocess.run(
        [sys.executable, "-B", "-m", "complaint_sla", "--db", house.url, "backup", str(path)],
        cwd=PROJECT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert path.name in done.stderr
    assert list(path.parent.iterdir()) == []


def test_a_file_that_is_there_is_never_replaced(sqlite_house: House, path: Path) -> None:
    path.write_text("last year's")
    with pytest.raises(BadValue, match="file-exists"):
        back_up(sqlite_house.store, path)
    assert path.read_text() == "last year's"
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(BadValue, match="file-exists"):
        back_up(sqlite_house.store, path)
    assert path.is_symlink()
    with pytest.raises(BadValue, match="file-exists"):
        back_up(sqlite_house.store, path.parent)


def test_a_file_that_somebody_else_makes_in_the_meantime_is_not_replaced(
    sqlite_house: House, path: Path
) -> None:
    with pytest.raises(BadValue, match="file-exists"):
        back_up(sqlite_house.store, path, lambda _percent: path.write_text("theirs") and None)
    assert path.read_text() == "theirs"
    assert sole_file(path)


def test_where_no_file_can_be_made_it_says_so(sqlite_house: House, path: Path) -> None:
    for impossible in (path / "x", path.parent / ("ก" * 90), Path("/proc/x"), path.parent / "a\0b"):
        with pytest.raises(BadValue, match="file-unwritable"):
            back_up(sqlite_house.store, impossible)
    assert list(path.parent.iterdir()) == []


def test_the_database_and_the_files_beside_it_are_no_place_for_its_backup(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(sqlite_database)
    own = store.file
    assert own is not None
    linked, hard = tmp_path / "linked", tmp_path / "hard.db"
    linked.symlink_to(own.parent)
    hard.hardlink_to(own)
    monkeypatch.chdir(own.parent)
    names = [own, Path(own.name), linked / own.name, hard]
    names += [own.with_name(own.name + ending) for ending in ("-journal", "-wal", "-shm")]
    for name in names:
        with pytest.raises(BadValue, match="backup-over-database"):
            back_up(store, name)
    store.close()


def test_of_a_damaged_database_no_backup_is_made(sqlite_database: str, path: Path) -> None:
    house = filled_house(sqlite_database)
    file = house.store.file
    house.close()
    assert file is not None
    content = bytearray(file.read_bytes())
    # Pages from the third on, but for those that a table begins with.
    content[-200_000:-100_000] = bytes(range(250)) * 400
    file.write_bytes(content)

    store = Store.open(sqlite_database)
    with pytest.raises(DatabaseUnusable, match=r"copy-damaged|database-unreachable"):
        back_up(store, path)
    store.close()
    assert list(path.parent.iterdir()) == []
