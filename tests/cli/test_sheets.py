"""`import` and `export` at the command line: their answers, their exit codes, and what a rejected row leaves behind."""

import csv
from pathlib import Path

from tests.cli.runner import SUNDAY, Program
from tests.cli.test_log import COMPLAINT_KEYS
from tests.cli.typist import typing

HEADER = "group,channel,category,subject,received_at,external_id\n"
GOOD = "residential,phone,outage,ไฟดับ,2560-03-01 09:00,A-1\n"
BAD = "farmers,phone,outage,ไฟดับ,2560-03-01 09:00,A-2\n"


def sheet(path: Path, *rows: str) -> str:
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return str(path)


def test_what_was_exported_goes_in_elsewhere_unchanged(program: Program, tmp_path: Path) -> None:
    number = program.number("residential", "--phone", "0812345678", "--external-id", "A-1")
    program("close", number, "--outcome", "=mended", now=SUNDAY)
    file = tmp_path / "all.csv"

    program("export", str(file), now=SUNDAY)
    with file.open(encoding="utf-8-sig", newline="") as text:
        [row] = csv.DictReader(text)
    again = program("import", str(file), "--json", now=SUNDAY).json

    assert set(row) >= {*COMPLAINT_KEYS, "customer", "phone", "account", "email"}
    assert (row["number"], row["due_on"], row["phone"]) == (number, "2017-03-30", "0812345678")
    assert (again["logged"], again["closed"], again["unchanged"], again["rejected"]) == (
        0,
        0,
        1,
        again["rejected"],
    )
    assert not again["rejected"]


def test_an_import_with_rejects_takes_the_others_and_ends_with_1(program: Program, tmp_path: Path) -> None:
    file, rejects = sheet(tmp_path / "in.csv", GOOD, BAD), tmp_path / "rejects.csv"

    rehearsed = program("import", file, "--dry-run", "--json", now=SUNDAY, code=1).json
    assert program("list", "--json").json == []
    done = program("import", file, "--rejects", str(rejects), "--json", now=SUNDAY, code=1).json

    assert rehearsed["logged"] == done["logged"] == 1
    assert [one["subject"] for one in program("list", "--json", now=SUNDAY).json] == ["ไฟดับ"]
    assert "farmers" in rejects.read_text(encoding="utf-8-sig")
    assert "farmers" in program("import", file, now=SUNDAY, code=1).err


def test_a_file_that_can_not_be_used_changes_nothing(program: Program, tmp_path: Path, lang: str) -> None:
    (tmp_path / "in.pdf").write_text("x")
    (tmp_path / "bytes.csv").write_bytes(b"group\n\xff\n")
    (tmp_path / "columns.csv").write_text("group,colour\n")
    before = program.dump()

    for name in ("none.csv", "in.pdf", "bytes.csv", "columns.csv"):
        refused = program("import", str(tmp_path / name), now=SUNDAY, lang=lang, code=2)
        assert refused.out == ""
        assert refused.err
    for target in (tmp_path / "none" / "out.csv", tmp_path / "out.pdf", tmp_path):
        refused = program("export", str(target), now=SUNDAY, lang=lang, code=2)
        assert refused.err

    assert program.dump() == before


def test_what_came_in_already_ended_is_counted_as_such(sqlite_program: Program, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        f"{HEADER.strip()},closed_at,outcome\n{GOOD.strip()},,\n"
        "residential,phone,outage,ไฟตก,2560-03-01 09:00,A-3,2560-03-02 09:00,mended\n",
        encoding="utf-8",
    )
    rehearsed = sqlite_program("import", str(path), "--dry-run", "--json", now=SUNDAY).json
    assert (rehearsed["logged"], rehearsed["ended"], rehearsed["closed"]) == (2, 1, 0)
    said = sqlite_program("import", str(path), now=SUNDAY).out
    assert (
        said == "read 1 sheet, 2 rows · logged 2 (ended already 1, open 1) · known 0 · rejected 0\n"
        "  quarter 1/2017: received 2 · in time 1 · late 0 · open 1\n"
    )
    assert sqlite_program("import", str(path), now=SUNDAY).out.startswith("read 1 sheet, 2 rows · logged 0")


def test_at_a_terminal_it_says_what_it_changes_of_the_past_and_asks_once(
    sqlite_program: Program, tmp_path: Path
) -> None:
    file, june = sheet(tmp_path / "in.csv", GOOD, BAD), "2017-06-01 10:00"
    before = sqlite_program.dump()
    with typing("") as typist:
        refused = sqlite_program("import", file, now=june, code=1)
    assert typist.titles == ["Take them in? (y/n, Enter: no)"]
    assert (refused.out, sqlite_program.dump()) == ("", before)
    assert "quarter 1/2017: received 1 · in time 0 · late 1 · open 1" in refused.err
    assert "Line 3: " in refused.err
    # Nobody is asked who has said yes, reads JSON, only looks, or changes nothing of the past and tells nobody.
    with typing():
        sqlite_program("import", file, "--dry-run", now=june, code=1)
        young = sheet(tmp_path / "young.csv", GOOD.replace("2560-03-01", "2560-05-31").replace("A-1", "A-3"))
        sqlite_program("import", young, now=june)
        sqlite_program("import", file, "--json", now=june, code=1)
        sqlite_program("import", file, "--yes", now=june, code=1)
    with typing("y"):
        more = sheet(tmp_path / "more.csv", GOOD.replace("A-1", "A-4").replace("09:00", "08:00"))
        assert "logged 1" in sqlite_program("import", more, now=june).out
    assert len(sqlite_program("list", "--json", now=june).json) == 3


def test_it_says_in_both_languages_what_waits_for_a_person(sqlite_program: Program, tmp_path: Path) -> None:
    file = sheet(tmp_path / "in.csv", GOOD)
    said = sqlite_program("import", file, "--dry-run", now="2017-06-01 10:00", lang="th").out
    assert said.splitlines()[:3] == [
        "อ่าน 1 แผ่นงาน 1 แถว · บันทึกใหม่ 1 เรื่อง (ปิดเรื่องแล้ว 0 ยังไม่ปิด 1) · มีแล้ว 0 · ไม่รับ 0",
        "  ไตรมาสที่ 1/2560: รับ 1 · ทันเวลา 0 · เกินเวลา 1 · ยังไม่ปิด 1",
        "ยังไม่ปิดและเกินกำหนดแล้ว: 1 เรื่อง",
    ]
    assert "complaint-sla report 1/2560 --freeze" in said
    found = sqlite_program("import", file, "--json", now="2017-06-01 10:00").json
    assert {*found} == {
        *("logged", "ended", "closed", "unchanged", "open", "late", "sheets", "rows", "skipped"),
        *("repaired", "quarters", "letters", "rejected"),
    }
    assert found["quarters"] == [
        {
            "quarter": "2017-Q1",
            "received": 1,
            "in_time": 0,
            "late": 1,
            "open": 1,
            "excluded": 0,
            "ended": 0,
            "has_ended": True,
            "restated": None,
            "waits": True,
        }
    ]
