"""`import --guess`: the dialogue, what becomes of each row of each kind of sheet, and what is done where nobody can be asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import SUNDAY, Program
from tests.cli.screen import CTRL_C, Screen
from tests.cli.typist import typing

FILES = Path(__file__).parent.parent / "sheets" / "files"
# All complaints of these sheets are less than a year old, or have ended.
NOW = "2025-06-01 09:00"


@pytest.fixture
def desk(sqlite_program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    for sheet in FILES.iterdir():
        shutil.copy(sheet, tmp_path)
    return sqlite_program


def taken(program: Program) -> list[tuple[Any, ...]]:
    """What stands here: received, closed, status, group, whether urgent, channel, category, telephone."""
    program("export", "all.jsonl", now=NOW)
    found = [json.loads(line) for line in Path("all.jsonl").read_text(encoding="utf-8").splitlines()]
    return sorted(
        (
            one["received_at"][:16],
            (one["closed_at"] or "")[:10],
            *(one[name] for name in ("status", "group", "urgent", "channel", "category", "phone")),
        )
        for one in found
    )


def rejected(program: Program, sheet: str) -> list[tuple[int, str]]:
    """Read once more, by the map that was written: nothing is asked, nothing is new, and these are rejected."""
    read = program("import", sheet, "--map", f"{sheet}.map.toml", "--json", now=NOW, code=None).json
    assert (read["logged"], read["closed"]) == (0, 0)
    return [(one["line"], one["error"]) for one in read["rejected"]]


R, K, S, I = "residential", "key-account", "spp-area", "industrial-commercial"  # noqa: E741
OFFICE_ROWS = [
    ("2024-02-29T00:00", "2024-03-15", "closed", I, False, "letter", "abnormal-bill", "0361234504"),
    ("2025-01-05T00:00", "2025-01-12", "closed", R, False, "phone", "outage", "0812345601"),
    ("2025-01-13T00:00", "2025-01-20", "closed", K, True, "contact-center", "low-voltage", "0361234502"),
    ("2025-01-31T00:00", "", "open", S, False, "line", "frequent-outages", "0812345603"),
    ("2025-02-01T00:00", "2025-02-03", "withdrawn", R, False, "walk-in", "meter-misread", "0812345605"),
]
# By sheet: the answers, what was taken in, and the lines that were not, with why.
FATES: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]], list[tuple[int, str]]]] = {
    "office-cp874.csv": (("1",), OFFICE_ROWS, []),
    "titled-semicolons.csv": (("พ.ศ.",), OFFICE_ROWS, []),
    "merged-heads.xlsx": (
        ("phone",),
        [
            ("2025-01-05T00:00", "2025-01-12", "closed", R, False, "phone", "outage", "0812345601"),
            ("2025-01-13T14:30", "", "open", K, False, "phone", "low-voltage", "0361234502"),
        ],
        [],
    ),
    "thai-dates.csv": (
        ("1", ""),
        [
            ("2025-01-05T09:30", "2025-01-07", "closed", R, False, "phone", "outage", None),
            ("2025-01-13T14:05", "2025-01-20", "closed", I, False, "contact-center", "low-voltage", None),
        ],
        [(4, "unknown-category"), (5, "no-such-day")],
    ),
    "a-sheet-a-month.xlsx": (
        ("letter",),
        [
            (f"2025-0{month}-{day:02}T00:00", f"2025-0{month}-{day + 2:02}", "closed", R, False, "letter", "outage", None)
            for month in (1, 2, 3)
            for day in (5, 10, 15)
        ],
        [],
    ),
    "voc-export.csv": (
        ("", "", ""),
        [
            ("2025-01-05T10:12", "2025-01-06", "closed", R, False, "contact-center", "outage", "0812345606"),
            ("2025-02-20T09:00", "2025-02-21", "closed", K, True, "pea-voc", "abnormal-bill", "0361234507"),
        ],
        [(11, "unknown-status")],
    ),
    "tabs-utf16.txt": (
        ("d/m", ""),
        [
            ("2025-01-05T00:00", "2025-01-06", "closed", R, False, "phone", "outage", "0812345607"),
            ("2025-02-07T00:00", "2025-02-09", "closed", K, False, "line", "low-voltage", "0361234508"),
        ],
        [(4, "unknown-category")],
    ),
    "dirty-cells.csv": (
        ("other channel", "walk-in", "", "8", ""),
        [("2025-01-05T00:00", "2025-01-07", "closed", R, False, "walk-in", "outage", None)],
        [(5, "cell-faulty"), (6, "empty-text")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("sheet", FATES)
def test_each_row_of_each_kind_of_sheet_has_its_fate(desk: Program, sheet: str) -> None:
    answers, rows, refused = FATES[sheet]
    if sheet in {"a-sheet-a-month.xlsx", "tabs-utf16.txt"}:
        desk("office", "set", "MAIN", "--name-th", "กฟส.บ้านสร้าง", "--name-en", "BANSANG")
    before = desk.dump()
    with typing(*answers, "") as typist:
        said = desk("import", sheet, "--guess", now=NOW, code=130)
    assert f"Take in {len(rows)} complaint" in typist.titles[-1]
    assert desk.dump() == before, "nothing is done before the last yes"
    with typing(*answers, "y"):
        said = desk("import", sheet, "--guess", now=NOW, code=1 if refused else 0)
    assert f"logged {len(rows)}" in said.out
    assert taken(desk) == rows
    assert rejected(desk, sheet) == refused


@pytest.mark.parametrize(
    ("sheet", "lang", "says"),
    [
        ("swapped-days.xlsx", "en", "--set swapped=true"),
        ("swapped-days.xlsx", "th", "สลับวันกับเดือน"),
        ("counts-only.xlsx", "en", "a table of counts, not of complaints"),
        ("counts-only.xlsx", "th", "ไม่ใช่ข้อร้องเรียน"),
    ],
)
def test_swapped_days_and_tables_of_counts_are_refused_in_words(
    desk: Program, sheet: str, lang: str, says: str
) -> None:
    with typing():
        assert says in desk("import", sheet, "--guess", now=NOW, lang=lang, code=2).err
    assert not Path(f"{sheet}.map.toml").exists()


def test_where_nobody_can_be_asked_the_map_says_what_is_open(desk: Program) -> None:
    before = desk.dump()
    said = desk("import", "dirty-cells.csv", "--guess", now=NOW, code=2)
    assert "1/4 Channel: no column says it." in said.err
    assert "4/4 What is the outcome where the sheet has none? (rows: 2)" in said.err
    text = Path("dirty-cells.csv.map.toml").read_text(encoding="utf-8")
    assert text.count("# ? ") == 4
    # The same again changes nothing; what somebody has changed is not written over.
    listed = desk("import", "dirty-cells.csv", "--guess", "--json", now=NOW, code=2).json
    assert [one["about"] for one in listed["questions"]] == ["column", "word", "word", "all-rows"]
    Path("dirty-cells.csv.map.toml").write_text(f"{text}\n# mine\n", encoding="utf-8")
    assert "is there already" in desk("import", "dirty-cells.csv", "--guess", now=NOW, code=2).err
    assert "import" in desk(
        "import", "merged-heads.xlsx", "--guess", "--save-map", "other.toml", now=NOW, code=2
    ).err  # fmt: skip
    assert Path("other.toml").exists()
    assert "would take the place of the sheet" in desk(
        "import", "dirty-cells.csv", "--guess", "--save-map", "dirty-cells.csv", now=NOW, code=2
    ).err  # fmt: skip
    assert desk("import", "dirty-cells.csv", "--save-map", "x.toml", now=NOW, code=2)
    assert desk.dump() == before


def test_a_map_in_which_the_order_of_dates_is_open_is_not_read(desk: Program) -> None:
    desk("import", "tabs-utf16.txt", "--guess", now=NOW, code=2)
    text = Path("tabs-utf16.txt.map.toml").read_text(encoding="utf-8")
    assert 'order = "?"' in text
    before = desk.dump()
    desk("import", "tabs-utf16.txt", "--map", "tabs-utf16.txt.map.toml", now=NOW, code=None)
    assert desk.dump() == before


def test_one_goes_back_and_bad_answers_are_asked_again(desk: Program) -> None:
    answers = ("<", "gibberish", "3", "<", "walk-in", "9", "4", "", "<", "", "Not kept", "<", "", "n")
    with typing(*answers) as typist:
        said = desk("import", "dirty-cells.csv", "--guess", now=NOW, code=130).err
    assert "This is the first question." in said
    assert "gibberish is none of them" in said
    assert "→ Walk-in at the office" in said
    assert "Nothing was taken in." in said
    assert typist.titles[-1].startswith("Take in 1 complaint?")
    text = Path("dirty-cells.csv.map.toml").read_text(encoding="utf-8")
    assert 'channel = "walk-in"' in text
    assert "Not kept" not in text


def test_a_dry_run_asks_the_same_and_takes_in_nothing(desk: Program) -> None:
    before = desk.dump()
    with typing("1"):
        said = desk("import", "office-cp874.csv", "--guess", "--dry-run", now=NOW)
    assert "logged 5" in said.out
    assert desk.dump() == before
    assert "08x-xxx-5601" in said.err
    assert "0812345601" not in said.err + said.out


@pytest.mark.parametrize(("lang", "question"), [("en", "Number or key"), ("th", "พิมพ์ลำดับหรือรหัส")])
def test_at_a_terminal_of_80_columns_nothing_is_cut_and_ctrl_c_takes_in_nothing(
    desk: Program, lang: str, question: str
) -> None:
    before, sheet = desk.dump(), Path("merged-heads.xlsx").absolute()
    screen = Screen.of(*desk.options(NOW, lang=lang), "import", str(sheet), "--guess")
    screen.expect(question)
    screen.type("3")
    screen.expect("(y")
    assert "…" not in screen.text
    screen.press(CTRL_C)
    assert screen.end() == 130
    assert desk.dump() == before


def test_what_is_said_beside_the_sheet_is_not_asked(desk: Program) -> None:
    guess = (
        "import",
        "a-sheet-a-month.xlsx",
        "--guess",
        "--set",
        "channel=phone",
        "--sheet",
        "ก.พ.68",
        "--set",
    )
    desk("office", "set", "MAIN", "--name-th", "กฟส.บ้านสร้าง", "--name-en", "Ban Sang")
    with typing("y") as typist:
        assert "logged 3" in desk(*guess, "era=by-size", now=NOW).out
    assert typist.titles[0].startswith("Take in 3 complaints?")
    assert {one[0][:7] for one in taken(desk)} == {"2025-02"}
    assert "ก.พ.68" in Path("a-sheet-a-month.xlsx.map.toml").read_text(encoding="utf-8")
    # A spreadsheet that swapped days and months, and somebody who knows it.
    with typing(""):
        said = desk("import", "swapped-days.xlsx", "--guess", "--set", "swapped=true", now=NOW, code=130).err
    assert "5 Jan 2025" in said
    assert "swapped = true" in Path("swapped-days.xlsx.map.toml").read_text(encoding="utf-8")
    for wrong in (("--sheet", "ไม่มี"), ("--set", "channel=nowhere"), ("--set", "order=ymd")):
        assert wrong[1].rpartition("=")[2] in desk(*guess, "era=by-size", *wrong, now=NOW, code=2).err


def test_rows_are_shown_as_they_would_stand_here_only_if_they_would(desk: Program) -> None:
    rows = [
        "วันที่รับเรื่อง,กลุ่ม,ประเภท,ช่องทาง,เรื่อง,สถานะ,วันที่ปิด,ผล",
        "13/1/2568,บ้าน,ชมเชย,โทร,นับไม่ได้,ปิด,14/1/2568,แก้",
        "15/1/2568,บ้าน,ไฟดับ,โทร,ปิดก่อนรับ,ปิด,14/1/2568,แก้",
        "16/1/2568,บ้าน,ไฟดับ,โทร,รับได้,ยกเลิก,17/1/2568,ไม่ไป",
    ]
    Path("some.csv").write_text("\n".join(rows), encoding="utf-8")
    with typing("", "y"):
        said = desk("import", "some.csv", "--guess", now=NOW, code=1)
    shown = said.err.partition("as they would stand here")[2].partition("Not done yet")[0]
    assert "รับได้" in shown
    assert "นับไม่ได้" not in shown
    assert "ปิดก่อนรับ" not in shown
    assert "received 1 · in time 0 · late 0 · excluded 1" in said.out


def test_rejected_rows_are_mended_and_read_by_the_same_map_or_guessed_anew(desk: Program) -> None:
    with typing("", "", "", "y"):
        desk("import", "voc-export.csv", "--guess", "--rejects", "left.csv", now=NOW, code=1)
    text = Path("left.csv").read_text(encoding="utf-8-sig")
    assert "ราชการ" in text
    Path("left.csv").write_text(
        text.replace("ราชการ", "รายย่อย").replace("ส่งต่อ กฟจ.", "รอดำเนินการ"), encoding="utf-8-sig"
    )
    # The marks in front, which say what was wrong, are no columns of the sheet.
    with typing("y"):
        assert "logged 1" in desk("import", "left.csv", "--guess", now=NOW).out
    again = desk("import", "left.csv", "--map", "left.csv.map.toml", "--json", now=NOW).json
    assert (again["logged"], again["unchanged"]) == (0, 1)


@pytest.mark.parametrize(("name", "lang"), [("own.csv", "en"), ("own.xlsx", "en"), ("own.xlsx", "th")])
def test_a_sheet_of_our_own_is_free_of_questions(desk: Program, name: str, lang: str) -> None:
    """Guessed, an export of this program has nothing to ask, and nothing new."""
    desk.number(now=SUNDAY)
    desk("export", name, now=NOW, lang=lang)
    with typing():
        said = desk("import", name, "--guess", now=NOW)
    assert "logged 0" in said.err
