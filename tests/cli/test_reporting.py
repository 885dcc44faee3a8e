"""`report`: the quarter's figure as the contract promises it, and in the forms that are handed in."""

import json
from pathlib import Path

import pytest

from tests.cli.runner import Program

KEYS = [
    "quarter", "office", "state", "version", "final_at", "received", "on_time", "late", "overdue", "pending",
    "excluded", "numerator", "denominator", "rate", "worst", "best", "target", "met", "certain", "by_group", "by_month",
    "by_office", "by_rule",
]  # fmt: skip
COUNTS = KEYS[5:16]


@pytest.fixture
def quarter(program: Program) -> Program:
    """In time 4, late 1, overdue 1, pending 1, excluded 1 on 30 March."""
    program.found_office("BANSANG")
    numbers = [program.number("spp-area", "--office", "MAIN", now=f"2017-03-0{day}") for day in range(1, 7)]
    for number in numbers[:4]:
        program("close", number, "--outcome", "x", now="2017-03-06 12:00")
    program("close", numbers[4], "--outcome", "x", now="2017-03-20")
    program.number("residential", "--office", "BANSANG", now="2017-03-29")
    program("withdraw", program.number("residential", "--office", "MAIN", now="2017-02-10"), "--reason", "x",
            now="2017-02-11")  # fmt: skip
    return program


def test_a_quarter_has_the_keys_of_the_contract_in_their_order_and_adds_up(quarter: Program) -> None:
    found = quarter("report", "2560-Q1", "--json", now="2017-03-30").json

    assert list(found)[: len(KEYS)] == KEYS
    assert {key: found[key] for key in KEYS[:19]} == {
        "quarter": "2017-Q1", "office": None, "state": "provisional", "version": None,
        "final_at": "2017-04-26T00:00:00+07:00", "received": 8, "on_time": 4, "late": 1, "overdue": 1, "pending": 1,
        "excluded": 1, "numerator": 4, "denominator": 6, "rate": "66.66", "worst": "57.14", "best": "71.42",
        "target": "80", "met": False, "certain": False,
    }  # fmt: skip
    assert [row["key"] for row in found["by_month"]] == ["2017-01", "2017-02", "2017-03"]
    assert [row["key"] for row in found["by_office"]] == ["MAIN", "BANSANG"]
    assert len(found["by_group"]) == 4
    assert len(found["by_rule"]) == 5
    for part in ("by_group", "by_month", "by_office", "by_rule"):
        for row in found[part]:
            assert list(row) == ["key", *COUNTS]
        for count in (
            "received",
            "on_time",
            "late",
            "overdue",
            "pending",
            "excluded",
            "numerator",
            "denominator",
        ):
            assert sum(row[count] for row in found[part]) == found[count]


def test_an_offices_quarter_is_its_own_and_that_of_the_offices_below(quarter: Program) -> None:
    found = quarter("report", "2017-Q1", "--office", "bansang", "--json", now="2017-03-30").json

    assert (found["office"], found["received"], found["pending"]) == ("BANSANG", 1, 1)
    assert (found["rate"], found["met"]) == (None, None)
    assert [row["key"] for row in found["by_office"]] == ["BANSANG"]


def test_an_empty_quarter_has_no_rate(program: Program) -> None:
    found = program("report", "2/2560", "--json", now="2017-05-01").json

    assert (found["received"], found["rate"], found["met"], found["denominator"]) == (0, None, None, 0)


def test_a_quarter_is_final_from_the_moment_that_was_known(sqlite_program: Program) -> None:
    def state(now: str) -> str:
        found: str = sqlite_program("report", "2017-Q1", "--json", now=now).json["state"]
        return found

    assert state("2017-04-25 23:59:59") == "provisional"
    assert state("2017-04-26 00:00") == "final"


def test_the_form_is_that_of_the_option_or_of_the_files_ending(quarter: Program, tmp_path: Path) -> None:
    now = "2017-03-30"
    for name, begins in (
        ("q.html", b"<!"),
        ("q.csv", b"\xef\xbb\xbf"),
        ("q.json", b"{"),
        ("q.txt", b"Complaint"),
    ):
        file = tmp_path / name
        told = quarter("report", "2017-Q1", "--output", str(file), now=now)
        assert told.out == ""
        assert str(file) in told.err
        assert file.read_bytes().startswith(begins), name
    as_json = quarter("report", "2017-Q1", "--format", "json", now=now).out
    assert json.loads(as_json) == json.loads((tmp_path / "q.json").read_bytes())
    assert quarter("report", "2017-Q1", "--json", now=now).out == as_json
    assert quarter("report", "2017-Q1", "--format", "html", now=now).out.startswith("<!")
    assert "66.66" in quarter("report", "2017-Q1", now=now).out


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_text_fits_the_window(
    quarter: Program, monkeypatch: pytest.MonkeyPatch, columns: str, lang: str
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", columns)

    text = quarter("report", "2017-Q1", now="2017-03-30", lang=lang).out

    assert max(map(cell_len, text.splitlines())) <= int(columns)
