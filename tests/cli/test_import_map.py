"""`import` by a map at the command line: the map by itself, with its sheet, with what is said beside it; plain sheets mended."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from tests.cli.runner import SUNDAY, Program

SHEET = """รายงานข้อร้องเรียน;;;;
ที่;วันที่รับเรื่อง;กลุ่ม;เรื่อง;โทรศัพท์
1;1/3/2560;บ้าน;ไฟดับ;812345678
2;2/3/2560;โรงแรม;ไฟตก;0-2123-4567 ต่อ 12
รวม;2;;;
"""
MAP = """format = 1
[sheet]
encoding = "windows-874"
separator = ";"
heads = [2]
[columns]
received_at = "วันที่รับเรื่อง"
group = "กลุ่ม"
subject = "เรื่อง"
phone = "โทรศัพท์"
leave_out = ["ที่"]
[values.group]
"บ้าน" = "residential"
[default]
category = "outage"
[repair]
phone_zero = true
"""


def test_a_sheet_is_taken_in_by_its_map_and_its_mended_rejects_by_the_same(
    program: Program, tmp_path: Path
) -> None:
    file, map_file, rejects = tmp_path / "in.csv", tmp_path / "map.toml", tmp_path / "rejects.csv"
    file.write_bytes(SHEET.encode("cp874"))
    map_file.write_text(MAP, encoding="utf-8")

    # What is missing is said by its place; beside the map it can be said.
    assert "columns.channel" in program("import", "--check-map", str(map_file), code=2).err
    said = ("--set", "channel=phone")
    assert program("import", "--check-map", str(map_file), str(file), *said, "--json").json["map"]
    program("import", str(file), "--map", str(map_file), *said, "--guess", code=2)
    by_map = ("--map", str(map_file), *said, "--rejects", str(rejects))
    done = program("import", str(file), *by_map, "--json", now=SUNDAY, code=1).json

    assert (done["logged"], done["skipped"], done["repaired"]["phone-zero"]) == (1, 1, 1)
    text = rejects.read_text(encoding="utf-8-sig")
    assert "โรงแรม" in text
    rejects.write_text(text.replace("โรงแรม", "บ้าน", 1).replace("โรงแรม", "บ้าน"), encoding="utf-8-sig")
    again = program("import", str(rejects), "--map", str(map_file), *said, "--json", now=SUNDAY).json
    assert again["logged"] == 1
    assert "ต่อ 12" in program("show", "6003-2", "--json", now=SUNDAY).json["detail"]


def test_a_plain_sheet_is_mended_and_says_so(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(
        "group,category,subject,received_at,phone,account\n"
        "residential,ไฟฟ้าดับ,A,1/3/2560 10.00 น.,812345678,20012345678\n"
        "residential,outage,B,2017-03-01 11:00,ไม่ระบุ,\n"
        "residential,outage,C,2017-03-01 12:00,,1.20012E+11\n",
        encoding="utf-8",
    )
    refused = program("import", str(file), now=SUNDAY, code=2).err
    assert "channel" in refused
    assert "--guess" in refused
    assert "number, number" not in refused
    done = program("import", str(file), "--set", "channel=phone", now=SUNDAY, code=1)
    assert "zero" in done.out
    assert "as text" in done.err
    assert len(program("list", "--json", now=SUNDAY).json) == 2


JUNE = "2017-06-01 09:00"
SWAPPED = """format = 1
[sheet]
heads = [1]
[dates]
swapped = true
[columns]
received_at = "วันรับ"
closed_at = "วันปิด"
group = "กลุ่ม"
subject = "เรื่อง"
phone = "โทร"
outcome = "ผล"
detail = ["นัด"]
[repair]
phone_zero = true
"""


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_rejects_of_a_sheet_with_swapped_days_mean_the_days_that_it_meant(
    sqlite_program: Program, tmp_path: Path, ending: str
) -> None:
    """And what was mended, or is missing, is said of the rows that were taken, and in the sheet's own heads."""
    program, sheet, rejects = sqlite_program, tmp_path / "in.xlsx", tmp_path / f"left.{ending}"
    (tmp_path / "map.toml").write_text(SWAPPED, encoding="utf-8")
    # 1 March, typed in the office, is 3 January in the spreadsheet.
    third, fourth = date(2017, 1, 3), date(2017, 1, 4)
    rows: list[list[object]] = [
        ["วันรับ", "กลุ่ม", "เรื่อง", "โทร", "วันปิด", "ผล", "นัด"],
        [third, "residential", "A", 812345678, fourth, "แก้ไข", third],
        [third, "โรงแรม", "B", 812345679, fourth, "แก้ไข", third],
        [third, "residential", "C", 812345670, None, "แก้ไข", None],
    ]
    with xlsxwriter.Workbook(sheet, {"default_date_format": "d/m/yyyy"}) as book:
        page = book.add_worksheet("ปี")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    page.write(number, column, cell)
    by_map = ("--map", str(tmp_path / "map.toml"), "--set", "channel=phone", "--set", "category=outage")
    said = program("import", str(sheet), *by_map, "--rejects", str(rejects), now=JUNE, code=1)
    assert "1 telephone got its zero back." in said.out
    assert "needs: วันปิด" in said.err
    # Nobody mends the day, but the word.
    if ending == "csv":
        text = rejects.read_text(encoding="utf-8-sig")
        assert "2017-03-01,โรงแรม,B,812345679,2017-04-01,แก้ไข,2017-01-03" in text
        rejects.write_text(text.replace("โรงแรม,B", "residential,B"), encoding="utf-8-sig")
    else:
        map_file = tmp_path / "map.toml"
        map_file.write_text(f'{SWAPPED}[values.group]\n"โรงแรม" = "residential"\n', encoding="utf-8")
    program("import", str(rejects), *by_map, now=JUNE, code=1)
    found = program("list", "--status", "closed", "--all", "--json", now=JUNE).json
    assert {(one["subject"], one["received_at"][:10]) for one in found} == {
        ("A", "2017-03-01"),
        ("B", "2017-03-01"),
    }
