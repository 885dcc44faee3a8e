"""Files are written whole or not at all, and read by whom they are meant for."""

import csv
import io
import os
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
    path, link = folder / ("ก" * 85), folder / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)

    files.write(link, b"new", mode)

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 & ~mode == 0
    assert sorted(folder.iterdir()) == sorted([link, path])


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
