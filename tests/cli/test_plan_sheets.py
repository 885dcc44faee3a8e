"""`plan import` and `plan export` at the command line: their answers, their exit codes, and what is left to be mended."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import Program

LATER = "2017-05-02 09:00"
LETTER = {"source": "ก.1กรท.(สบ.) 389/60", "dated": "10 เม.ย. 2560"}
ROW = {"measure": "large-existing", "period": "1/2560", "n": "90", "d": "95", **LETTER}


def sheet(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return str(path)


def test_an_officer_fills_in_what_is_missing_and_hands_it_back(
    program: Program, tmp_path: Path, lang: str
) -> None:
    program(
        "plan",
        "enter",
        "large-existing",
        "1/2560",
        "90/95",
        "--source",
        "1/60",
        "--dated",
        "2017-04-10",
        now=LATER,
    )
    out = tmp_path / "แผน 1-2560.csv"
    said = program("plan", "export", str(out), "1/2560", now=LATER, lang=lang, acting="me").out
    assert "1" in said
    assert "44" in said
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    one = next(row for row in rows if (row["measure"], row["period"]) == ("sms-new", "2017-03"))
    title, fill_in = {
        "en": ("3.5.1 New small customers (2560)* · March 2017", "n of d · at least 100 %"),
        "th": ("3.5.1 ลูกค้ารายย่อยรายใหม่ (ปี 2560)* · มีนาคม 2560", "n จาก d · ไม่น้อยกว่า 100 %"),
    }[lang]
    assert (one["title"], one["fill_in"], one["due_on"]) == (title, fill_in, "2017-04-10")
    one |= {"n": "13", "d": "13", **LETTER}
    with out.open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.DictWriter(text, list(one))
        writer.writeheader()
        writer.writerows(rows)
    before = program.dump()
    rehearsed = program("plan", "import", str(out), "--dry-run", now=LATER, lang=lang)
    assert rehearsed.err
    assert program.dump() == before
    done = program("plan", "import", str(out), now=LATER, lang=lang)
    assert rehearsed.out == done.out
    assert done.err == ""
    again = program("plan", "import", str(out), "--json", now=LATER).json
    assert again == {
        "entered": 0, "corrected": 0, "unchanged": 2, "empty": 43, "rejected": [], "corrections": [], "frozen": [],
    }  # fmt: skip


def test_what_is_corrected_is_told_with_what_stood_before(sqlite_program: Program, tmp_path: Path) -> None:
    sqlite_program("plan", "import", sheet(tmp_path / "one.jsonl", ROW), now=LATER)
    corrected = sheet(tmp_path / "two.jsonl", ROW | {"n": 91, "d": 95.0})
    told = sqlite_program("plan", "import", corrected, "--dry-run", now=LATER)
    assert told.out == "0 entered, 1 corrected, 0 unchanged, 0 left empty, 0 rejected.\n"
    assert "Line 1: MAIN · large-existing · quarter 1/2017: 90 of 95, 94.73 % (" in told.err
    assert "→ 91 of 95, 95.78 % (" in told.err
    piped = Path(corrected).read_bytes()
    [one] = sqlite_program("plan", "import", "-", "--json", now=LATER, stdin=piped).json["corrections"]
    assert (one["line"], one["office"], one["period"], one["n"], one["d"]) == (1, "MAIN", "2017-Q1", 91, 95)
    assert (one["replaces"]["n"], one["replaces"]["source"]) == (90, LETTER["source"])
    waits = sheet(
        tmp_path / "waits.jsonl", {"measure": ROW["measure"], "period": ROW["period"], "awaiting": "กฟก.1"}
    )
    assert "→ awaiting กฟก.1" in sqlite_program("plan", "import", waits, now=LATER).err


def test_rows_that_are_refused_leave_the_others_and_can_be_mended(
    sqlite_program: Program, tmp_path: Path, lang: str
) -> None:
    bad = [
        ROW | {"n": "94.73%", "d": None, "note": "x\u202ey"},
        ROW | {"period": "2560-01"},
        ROW | {"office": "\u202eEAST"},
    ]
    rejects = tmp_path / "rejects.jsonl"
    file = sheet(tmp_path / "in.jsonl", *bad, ROW | {"measure": "large-new"})
    answer = sqlite_program("plan", "import", file, "--rejects", str(rejects), now=LATER, lang=lang, code=1)
    assert "\u202e" not in answer.err
    assert str(rejects) in answer.err
    left = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [{key: value for key, value in row.items() if key != "error"} for row in left] == bad
    assert "94.73%" in left[0]["error"]
    assert [
        "90/95" in left[0]["error"],
        "large-existing" in left[1]["error"],
        "MAIN" in left[2]["error"],
    ] == [True] * 3
    again = sqlite_program("plan", "import", file, "--json", now=LATER, code=1).json
    assert (again["entered"], again["unchanged"]) == (0, 1)
    assert [one["error"] for one in again["rejected"]] == [
        "figure-percent",
        "period-not-quarter",
        "unknown-office",
    ]


@pytest.mark.parametrize("command", ["import", "export"])
def test_a_sheet_that_can_not_be_used_changes_nothing(
    sqlite_program: Program, tmp_path: Path, command: str, lang: str
) -> None:
    (tmp_path / "columns.csv").write_text("measure,period,percent\n")
    (tmp_path / "none.csv").write_text("office,n,d\n")
    good = sheet(tmp_path / "in.jsonl", ROW)
    before = sqlite_program.dump()
    wrong = {
        "import": [
            ("columns.csv",),
            ("none.csv",),
            ("in.xlsx",),
            ("there.csv",),
            ("in.jsonl", "--rejects", good),
        ],
        "export": [("out.doc", "1/2560"), ("no/out.csv", "1/2560"), ("out.csv", "2560-03"), ("-", "1/2560")],
    }[command]
    for name, *more in wrong:
        path = name if name == "-" else str(tmp_path / name)
        refused = sqlite_program("plan", command, path, *more, now=LATER, lang=lang, code=2)
        assert (refused.out, bool(refused.err)) == ("", True), name
    if command == "export":
        out = str(tmp_path / "out.csv")
        assert (
            "NOWHERE"
            in sqlite_program("plan", "export", out, "1/2560", "--office", "NOWHERE", now=LATER, code=2).err
        )
        assert sqlite_program("plan", "export", out, "1/2550", now=LATER, lang=lang, code=6).err
        assert not Path(out).exists()
    assert sqlite_program.dump() == before
