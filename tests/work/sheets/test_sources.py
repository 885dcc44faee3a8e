"""The tables of files as offices have them: whatever the encoding, the separator and the kind of file, the same cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaint_sla import files
from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import Cell, Encoding
from complaint_sla.work.sheets import workbook
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Line, Source, as_text

HEADS = ("วันที่รับเรื่อง", "กลุ่ม", "เรื่อง")


def score(cells: Sequence[Cell]) -> int:
    return len(set(cells) & set(HEADS))


# By name: how a text is written into bytes. The first is found by its letters alone.
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "windows-874": lambda text: text.encode("cp874"),
    "UTF-8": str.encode,
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-8 with two marks": lambda text: b"\xef\xbb\xbf" + text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, the other end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-16 without a mark, the other end first": lambda text: text.encode("utf-16-be"),
}
# Words, and what makes a cell of a text file hard to read.
thai = st.lists(
    st.sampled_from(["ไฟดับ", "ที่", "น้ำ", "กลุ่ม 4", "5/1/68", ";", ",", "|", '"', "'", "\n", "-", "=1+1", " "]),
    max_size=4,
).map("".join)


def cells(source: Source) -> list[tuple[Any, ...]]:
    return [line.cells for line in source.tables[0].lines()]


def lines(path: Path) -> list[Line]:
    return list(open_source(path, score=score).tables[0].lines())


def of_text(tmp_path: Path, data: bytes | str) -> Source:
    path = tmp_path / "sheet.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_source(path, score=score)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    rows=st.lists(st.tuples(thai, thai, thai).filter(lambda row: any(map(str.strip, row))), max_size=4),
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    title=st.booleans(),
    says_separator=st.booleans(),
    ends=st.sampled_from(["", "\x1a", "\x1a\x1a\0\0"]),
)
def test_a_table_is_the_same_in_every_encoding_and_dialect(
    tmp_path, encoding, rows, separator, end, title, says_separator, ends
):
    above = [("รายงานข้อร้องเรียน", "", "")] if title else []
    text = io.StringIO(newline="")
    # A carriage return alone makes Python forget to quote a line feed.
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([*above, HEADS, *([files.guarded(cell) for cell in row] for row in rows)])
    said = f"sep={separator}{end}" if says_separator else ""
    source = of_text(tmp_path, ENCODINGS[encoding](said + text.getvalue() + ends))
    expected = [tuple(cell or None for cell in row) for row in [*above, HEADS, *rows]]
    assert (source.separator, cells(source)) == (separator, expected)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        # The bytes of the words are UTF-8 and say 俴Ѻ.
        ("เรื่อง\nไฟดับ\n".encode("cp874"), "windows-874"),
        (b"subject\n\xe4\xbf\xb4\xd1\xba\n", "windows-874"),
        ("subject\nม\n".encode(), "utf-8"),
        ("subject\ncafé 🔥 “ไฟ”\n".encode(), "utf-8"),
        ("subject\ncafé\n".encode(), "utf-8"),
        ("subject\n中文\n".encode(), "utf-8"),
        (b"subject\nx\n", "utf-8"),
        ("เรื่อง “ไฟดับ” – 5 ครั้ง\n".encode("cp874"), "windows-874"),
    ],
)
def test_what_a_file_says_tells_its_encoding(tmp_path, data, encoding):
    assert of_text(tmp_path, data).encoding == encoding


@pytest.mark.parametrize(
    ("data", "key"),
    [
        # Thai in UTF-8, all of whose bytes are Thai letters of windows-874 too, beside what is none.
        ("subject\nม俴\n".encode(), "encoding-doubtful"),
        ("subject\nrésumé à côté, mère\n".encode("latin-1"), "not-utf8"),
        (b"subject\n\xff\xfe\xfd\n", "not-utf8"),
        ("subject\nไฟดับ\n".encode()[:-2], "not-utf8"),
        (b"\xef\xbb\xbfsubject\n\xe4\xbf\n", "not-encoding"),
        (b"\xff\xfea\0b", "not-encoding"),
        (b"\xff\xfe\0\0s\0\0\0", "not-utf8"),
        (b"<!DOCTYPE html><table>", "sheet-markup"),
    ],
)
def test_what_could_be_two_things_or_none_is_refused(tmp_path, data, key):
    with pytest.raises(BadValue) as caught:
        of_text(tmp_path, data)
    assert caught.value.key == key


def test_a_map_says_the_encoding_but_a_mark_stands_above_it(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_bytes("subject\nม俴\n".encode())
    assert open_source(path, encoding=Encoding.UTF_8).encoding == "utf-8"
    assert cells(open_source(path, encoding=Encoding.WINDOWS_874))[1][0].startswith("เธก")
    path.write_bytes("subject\nไฟ\n".encode("utf-8-sig"))
    assert cells(open_source(path, encoding=Encoding.WINDOWS_874)) == [("subject",), ("ไฟ",)]
    path.write_bytes("subject\nไฟ\n".encode("cp874"))
    with pytest.raises(BadValue, match="not-encoding"):
        open_source(path, encoding=Encoding.UTF_8)


def test_a_cell_that_is_too_long_costs_its_row_only(tmp_path):
    long = "x" * 200_000
    source = of_text(tmp_path, f'{",".join(HEADS)}\n1,"{long}\n""{long}"",",z\n2,{long},\n3,4,5\n')
    found = list(source.tables[0].lines())
    assert [(line.number, line.fault and line.fault.key) for line in found] == [
        (1, None),
        (2, "cell-too-long"),
        (4, "cell-too-long"),
        (5, None),
    ]
    # Nothing of it is lost: it goes to the rejects.
    assert found[1].cells == ("1", f'{long}\n"{long}",', "z")


@pytest.mark.parametrize("rest", ["", "3,4,5\n" * 100_000, '3,"4",5\n' * 100_000])
def test_a_quotation_mark_that_is_never_closed_takes_in_no_rows(tmp_path, rest):
    source = of_text(tmp_path, f'{",".join(HEADS)}\n1,"never closed,2\n{rest}')
    with pytest.raises(BadValue) as caught:
        cells(source)
    assert (caught.value.key, caught.value.values["line"]) == ("sheet-broken", 2)


def a_workbook(path: Path, **options: bool) -> Path:
    book = xlsxwriter.Workbook(path, options)
    day, moment, clock, span = (
        book.add_format({"num_format": shown})
        for shown in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "hh:mm", "[h]:mm")
    )
    first, hidden = book.add_worksheet("ม.ค.68"), book.add_worksheet("old")
    hidden.hide()
    hidden.write(0, 0, "x")
    book.add_worksheet("empty")
    book.add_chartsheet("chart").set_chart(_chart(book))
    first.merge_range(2, 1, 2, 3, "ลูกค้า")
    for at, (value, shown) in enumerate(
        [(45662, day), (45662, moment), (45662.3958333, moment), (0.5, clock)]
    ):
        first.write_number(4, 1 + at, value, shown)
    first.write_number(4, 5, 1.5, span)
    for at, value in enumerate([812345678, 20012345678, 1.2001234567890123e16, 1.5, 45662.5]):
        first.write_number(5, 1 + at, value)
    first.write_boolean(6, 1, boolean=True)
    first.write_formula(6, 2, "=NA()", None, "#N/A")
    first.write_formula(6, 3, "=1+1", None, 2)
    first.write_string(6, 4, "0812345678")
    first.write_string(6, 5, "a\r\nb _x0041_")
    first.write_formula(8, 6, "=1/0", None, "#DIV/0!")
    book.close()
    return path


def _chart(book: Any) -> Any:
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "='ม.ค.68'!$B$6:$C$6"})
    return chart


def test_the_cells_of_a_workbook_are_what_they_mean_and_their_rows_as_a_spreadsheet_shows_them(tmp_path):
    source = open_source(a_workbook(tmp_path / "a.csv"))
    first, hidden, empty = source.tables
    assert [(one.name, one.is_hidden) for one in source.tables] == [
        ("ม.ค.68", False),
        ("old", True),
        ("empty", False),
    ]
    assert [list(one.lines()) for one in (hidden, empty)] == [[Line(1, ("x",))], []]
    (merged,) = first.merged
    assert (merged.first_row, merged.first_column, merged.last_row, merged.last_column) == (3, 2, 3, 4)
    found = {line.number: line.cells for line in first.lines()}
    assert list(found) == [3, 5, 6, 7, 9]
    assert found[5][:-1] == (
        None,
        date(2025, 1, 5),
        date(2025, 1, 5),
        datetime(2025, 1, 5, 9, 30),
        time(12),
        timedelta(days=1.5),
    )
    assert found[6][:-1] == (None, 812345678, 20012345678, 1.200123456789012e16, 1.5, 45662.5)
    assert found[7][:-1] == (None, True, "#N/A", 2, "0812345678", "a\r\nb _x0041_")
    # A cell with an error and nothing around it.
    assert found[9] == (*[None] * 6, "#DIV/0!")
    # Days count from 1904 on Macs of old.
    other = open_source(a_workbook(tmp_path / "b.xlsx", date_1904=True)).tables[0]
    assert next(line.cells[1] for line in other.lines() if line.number == 5) == date(2029, 1, 6)


def test_cells_become_texts_that_can_be_read_in_one_way_only():
    said = [
        (None, ""),
        (True, "true"),
        (812345678, "812345678"),
        (20012345678.0, "20012345678"),
        (45662.5, "45662.5"),
        (date(2568, 1, 5), "2568-01-05"),
        (datetime(2025, 1, 5, 9, 30), "2025-01-05 09:30"),
        (datetime(2025, 1, 5, 9, 30, 1), "2025-01-05 09:30:01"),
        (time(9, 30), "09:30"),
    ]
    assert [as_text(cell) for cell, _ in said] == [text for _, text in said]


def with_part(path: Path, part: str, content: bytes) -> Path:
    """A workbook with another part in the place of one."""
    book = a_workbook(path.with_name("whole.xlsx"))
    with zipfile.ZipFile(book) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, content if name == part else before.read(name))
    return path


def far_away(path: Path) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("far")
    sheet.write(0, 0, "x")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    return path


def ods(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no archive": (lambda path: path.write_bytes(b"PK\x03\x04junk"), "workbook-broken"),
    "a sheet that is cut": (
        lambda path: with_part(path, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"),
        "workbook-broken",
    ),
    "no XML": (lambda path: with_part(path, "xl/workbook.xml", b"no XML"), "workbook-broken"),
    "of long ago": (lambda path: path.write_bytes(COMPOUND + b"\0" * 600), "workbook-of-old"),
    "with a password": (
        lambda path: path.write_bytes(COMPOUND + "EncryptedPackage".encode("utf-16-le")),
        "workbook-locked",
    ),
    "of another program": (ods, "workbook-of-old"),
    # 500 gigabytes, if all cells before it were held.
    "a cell far away": (far_away, "workbook-too-large"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_workbook_that_cannot_be_read_is_refused_in_words(tmp_path, name):
    make, key = UNREADABLE[name]
    path = tmp_path / "a.xlsx"
    make(path)
    with pytest.raises(BadValue) as caught:
        open_source(path)
    assert caught.value.key == key


def test_nothing_of_a_workbook_is_left_lying_about(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook.tempfile, "tempdir", str(tmp_path))
    book = a_workbook(tmp_path / "a.xlsx")
    source = open_source(book)
    assert list(tmp_path.glob("complaint-sla-*/cells"))
    del source
    assert not list(tmp_path.glob("complaint-sla-*"))
