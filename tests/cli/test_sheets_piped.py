"""Sheets that can be read once only: what comes through a pipe or on standard input, told by its content."""

import os
import sys
import threading
from pathlib import Path

import pytest
import xlsxwriter

from complaint_sla.cli import main
from complaint_sla.core.errors import BadValue, ReadTakenBack
from complaint_sla.store import complaints
from complaint_sla.work.sheets.sources import open_source
from tests.cli.runner import SUNDAY, Program

TEXT = "group,channel,category,subject,received_at\nresidential,phone,outage,ไฟดับ,2560-03-01 09:00\n"
JSON = '{"group": "residential", "channel": "phone", "category": "outage", "subject": "x", "received_at": "2560-03-01"}'


def book(path: Path) -> bytes:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("1")
        for at, line in enumerate(TEXT.splitlines()):
            sheet.write_row(at, 0, line.split(","))
    return path.read_bytes()


@pytest.mark.parametrize("name", ["nightly.csv", "63", "a.gz"])
@pytest.mark.parametrize("kind", ["text", "thai of windows", "workbook", "json"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_read_whatever_its_name(
    sqlite_program: Program, tmp_path: Path, name: str, kind: str
) -> None:
    data = {
        "text": TEXT.encode(),
        "thai of windows": TEXT.encode("cp874"),
        "workbook": book(tmp_path / "made.xlsx"),
        "json": JSON.encode(),
    }[kind]
    if kind == "json" and name.endswith(".csv"):
        name = "nightly.jsonl"
    pipe = tmp_path / name
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    taken = sqlite_program("import", str(pipe), "--json", now=SUNDAY)
    writer.join()
    assert taken.json["logged"] == 1
    assert sqlite_program("import", "-", "--json", now=SUNDAY, stdin=data).json["unchanged"] == 1
    assert not list(tmp_path.glob("complaint-sla-*"))


def test_without_the_library_a_workbook_is_refused_with_what_to_install(tmp_path, monkeypatch):
    book(tmp_path / "a.xlsx")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(BadValue) as caught:
        open_source(tmp_path / "a.xlsx")
    assert (caught.value.key, caught.value.values) == ("missing-extra", {"extra": "xlsx"})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_an_export_that_is_taken_back_begins_again_but_where_it_has_run_through(
    sqlite_program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_program.log()
    monkeypatch.setattr(main, "PAUSES", (0,))
    page_after, calls = complaints.page_after, 0

    def taken_back(*given: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ReadTakenBack("read-taken-back", problem="terminating connection")
        return page_after(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(complaints, "page_after", taken_back)
    sqlite_program("export", str(tmp_path / "all.csv"))
    assert calls == 4
    assert len((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()) == 2

    calls, pipe, read = 0, tmp_path / "pipe.csv", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.extend(pipe.read_text("utf-8-sig").splitlines()))
    reader.start()
    sqlite_program("export", str(pipe), code=5)
    reader.join()
    assert calls == 2
    # What had been written by then, which the pipe's reader has.
    assert len(read) <= 2
