"""Rejected rows in the sheet's own columns: mended, they are read by whatever read the sheet, CSV or workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.heads import MARKS, marks_of, one_row, two_rows
from complaint_sla.work.sheets.formats import Row, Sheet, open_sheet
from complaint_sla.work.sheets.rejects import rejects_of
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Headed, Line, as_text
from complaint_sla.work.sheets.writing import MOST_ROWS, new_book, new_sheet

COLUMNS = ("subject", "received_at", "phone")
# Two rows of heads, of which some are one cell, across or down, and some stand in the lower row only.
UPPER = ("ที่", "วันที่", None, "ลูกค้า", None, None)
LOWER = (None, "รับเรื่อง", "ปิด", "ชื่อ", "โทร", "หมายเหตุ")
MERGED = ((3, 0, 4, 0), (3, 1, 3, 2), (3, 3, 3, 4))
cell = st.one_of(
    st.sampled_from(["ไฟดับ", "=1+1", "'@x", "a\nb", "0812345678", " x ", "#N/A", "x" * 40_000]),
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.dates(date(1950, 1, 1), date(2600, 1, 1)),
    st.datetimes(datetime(1950, 1, 1), datetime(2600, 1, 1)).map(lambda at: at.replace(microsecond=0)),
)


def a_month(book: Any, name: str, rows: Sequence[Sequence[Any]], *, is_merged: bool) -> None:
    sheet = book.add_worksheet(name)
    day, moment = (book.add_format({"num_format": one}) for one in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"))
    for at, line in ((0, ["รายงานข้อร้องเรียน"]), (1, ["เดือนมกราคม", 2568]), (3, UPPER), (4, LOWER)):
        for column, text in enumerate(line):
            sheet.write(at, column, text)
    if is_merged:
        for first, left, last, right in MERGED:
            sheet.merge_range(first, left, last, right, UPPER[left])
    for at, row in enumerate(rows, 5):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(at, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(at, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, str):
                sheet.write_string(at, column, value)
            else:
                sheet.write(at, column, value)


def mapped(path: Path, heads: tuple[int, ...]) -> Sheet:
    source = open_source(path)
    return Sheet(path, (), source, tuple(Headed(table, heads) for table in source.tables))


def joined(headed: Headed) -> list[str]:
    lines = {line.number: line for line in headed.table.lines()}
    cells = [lines[row].cells for row in headed.heads]
    texts = (
        two_rows(cells[0], cells[1], headed.heads[0], headed.table.merged)
        if len(cells) == 2
        else one_row(cells[0])
    )
    return texts[marks_of(texts) :]


def own(line: Line, width: int) -> list[Any]:
    cells = [cell[:32_767] if isinstance(cell, str) else cell for cell in line.cells[len(MARKS) :]]
    return [*cells, *[None] * (width - len(cells))]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
@pytest.mark.parametrize("is_merged", [True, False])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=4, deadline=None)
@given(rows=st.lists(st.tuples(*[cell] * 6), min_size=1, max_size=4))
def test_rejects_are_read_by_what_read_their_sheet(tmp_path, ending, is_merged, rows):
    path, back, again = (tmp_path / name for name in ("in.xlsx", f"back{ending}", f"again{ending}"))
    with xlsxwriter.Workbook(path) as book:
        for month in ("ม.ค.68", "ก.พ.68"):
            a_month(book, month, rows, is_merged=is_merged)
    sheet = mapped(path, (4, 5))
    with rejects_of(sheet, back, is_mapped=True) as reject:
        for number, headed in enumerate(sheet.tables):
            for line in headed.lines():
                reject(Row(line.number, {}, line.cells, None, headed.table.name, number), "=why")
    rejected = mapped(back, (4, 5))
    # The months are told apart, where the file has room for sheets.
    assert [one.table.name for one in rejected.tables] == (
        ["ม.ค.68", "ก.พ.68"] if ending == ".xlsx" else [None]
    )
    before, after = sheet.tables[0], rejected.tables[0]
    assert joined(after) == joined(before)
    lines = [line for one in rejected.tables for line in one.lines()]
    said = [line.cells[: len(MARKS)] for line in lines]
    assert [(as_text(why), name, as_text(row)) for why, name, row in said] == [
        ("=why", name, str(at)) for name in ("ม.ค.68", "ก.พ.68") for at, _ in enumerate(rows, 6)
    ]
    of_sheet = [own(Line(1, (*MARKS, *line.cells)), 6) for one in sheet.tables for line in one.lines()]
    if ending == ".xlsx":
        # A number stays a number, a day a day.
        assert [own(line, 6) for line in lines] == of_sheet
    else:
        texts = [[as_text(one) or None for one in row] for row in of_sheet]
        assert [own(line, 6) for line in lines] == texts
    # Rejected once more, it has the columns in front once.
    with rejects_of(rejected, again, is_mapped=True) as reject:
        for number, headed in enumerate(rejected.tables):
            for line in headed.lines():
                reject(Row(line.number, {}, line.cells, None, headed.table.name, number), "again")
    assert joined(mapped(again, (4, 5)).tables[0]) == joined(before)


@pytest.mark.parametrize("source", ["in.csv", "in.xlsx"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_row_that_is_mended_is_taken_in_by_our_own_columns(tmp_path, source, ending):
    path, back, mended = tmp_path / source, tmp_path / f"back{ending}", tmp_path / f"mended{ending}"
    with new_sheet(path, COLUMNS) as write:
        write(("=1+1", "", "0812345678"))
        write(("good", "2017-03-05", "'"))
    sheet = open_sheet(path, COLUMNS, ("subject", "received_at"), lambda _: None)
    first, second = sheet.rows()
    assert first.cells == {"subject": "=1+1", "phone": "0812345678"}
    with rejects_of(sheet, back) as reject:
        reject(first, "no day")
    (rejected,) = open_sheet(back, COLUMNS, ("subject",), lambda _: None).rows()
    assert rejected.cells == first.cells
    lines = [list(line.cells) for line in open_source(back).tables[0].lines()]
    assert lines[0][: marks_of(lines[0])] == (["error"] if source == "in.csv" else list(MARKS))
    lines[1][lines[0].index("received_at")] = date(2017, 3, 5)
    with new_sheet(mended, lines[0]) as write:
        write(lines[1])
    (taken,) = open_sheet(mended, COLUMNS, ("subject",), lambda _: None).rows()
    assert taken.cells == first.cells | {"received_at": "2017-03-05"}
    assert second.cells["phone"] == "'"


def test_sheets_with_other_heads_have_no_room_in_one_table(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        for name, head in (("a", "subject"), ("b", "เรื่อง")):
            book.add_worksheet(name).write(0, 0, head)
    sheet = mapped(tmp_path / "in.xlsx", (1,))
    with pytest.raises(BadValue, match="heads-differ"), rejects_of(sheet, tmp_path / "out.csv"):
        pass
    with rejects_of(sheet, tmp_path / "out.xlsx"):
        pass
    assert [one.name for one in open_source(tmp_path / "out.xlsx").tables] == ["a", "b"]


def test_a_workbook_of_more_rows_than_a_spreadsheet_has_is_refused_and_not_left_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are the files that hold its rows meanwhile: they tell of people."""
    path, meanwhile = tmp_path / "all.xlsx", tmp_path / "tmp"
    meanwhile.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(meanwhile))

    def write() -> None:
        with new_book(path) as book:
            page = book.page("ปี")
            page.row = MOST_ROWS - 1
            page.write(["the last"])
            page.write(["one too many"])

    with pytest.raises(BadValue, match="sheet-full"):
        write()
    assert not [*tmp_path.glob("*all*"), *meanwhile.iterdir()]
