"""Files are written whole or not at all, and read by whom they are meant for."""

import csv
import io
import os
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from complaint_sla import files
from complaint_sla.core.errors import BadValue


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.mark.parametrize("mode", [files.PRIVATE, files.SHARED])
def test_a_file_takes_the_place_of_another_and_is_read_by_whom_it_is_meant_for(folder: Path, mode: int):
    # As long as file systems take it.
    path = folder / ("ก" * 85)
    path.write_bytes(b"old")
    path.chmod(0o666)

    files.write(path, b"new", mode)

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 & ~mode == 0
    assert list(folder.iterdir()) == [path]


def test_nothing_is_written_through_a_link_nor_over_what_is_no_file(folder: Path):
    theirs, link, lost = folder / "theirs", folder / "link", folder / "lost"
    theirs.write_bytes(b"theirs")
    link.symlink_to(theirs)
    lost.symlink_to(folder / "nowhere")
    for path in (link, lost, Path("/dev/null")):
        with pytest.raises(BadValue, match="output-no-file"):
            files.write(path, b"ours", files.PRIVATE)
    assert theirs.read_bytes() == b"theirs"
    assert sorted(folder.iterdir()) == sorted([link, lost, theirs])


def test_no_database_gives_way_to_an_output_whoever_it_is_of(folder: Path):
    path = folder / "other.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE kept (id)")
    before = path.read_bytes()
    with pytest.raises(BadValue, match="output-database"):
        files.write(path, b"ours", files.PRIVATE)
    assert path.read_bytes() == before


def test_into_a_pipe_it_is_written_as_it_comes(folder: Path):
    pipe, read = folder / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    files.write(pipe, b"through", files.PRIVATE)
    reader.join()
    assert read == [b"through"]
    assert pipe.is_fifo()


def test_what_a_dead_writer_left_is_taken_away_and_what_a_living_one_writes_is_not(folder: Path):
    begun, beginning = os.pipe()
    writer = os.fork()
    if writer == 0:
        with files.draft(folder / "x", files.PRIVATE) as unfinished:
            unfinished.path.with_name("draft-journal").touch()
            os.write(beginning, b"!")
            signal.pause()
    os.close(beginning)
    assert os.read(begun, 1) == b"!"
    os.close(begun)
    with files.draft(folder / "y", files.PRIVATE) as mine:
        assert files.clear(folder) == []
        assert mine.path.exists()
    assert len(list(folder.iterdir())) == 1

    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    files.write(folder / "z", b"next", files.PRIVATE)

    assert list(folder.iterdir()) == [folder / "z"]


def test_what_fails_leaves_the_old_file_and_nothing_beside_it(folder: Path, monkeypatch):
    path = folder / "kept"
    path.write_bytes(b"old")

    def refused(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("os.fsync", refused)
    with pytest.raises(BadValue, match="No space left") as problem, files.unwritable(path):
        files.write(path, b"new", files.PRIVATE)

    assert problem.value.key == "file-unwritable"
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]


def test_a_table_for_spreadsheets_bears_their_mark_and_comes_back_as_it_was():
    content = files.csv_content([["ก", "b"], [True, None], ["'=1+1", 2], ["=1", "x\ny"]])

    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["ก", "b"], ["true", ""], ["''=1+1", "2"], ["'=1", "x\ny"]]
    assert [[files.unguarded(one) for one in row] for row in rows[2:]] == [["'=1+1", "2"], ["=1", "x\ny"]]
