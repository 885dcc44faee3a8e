"""`report`: the quarter's figure as the contract promises it, and in the forms that are handed in."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runner import PROJECT, Keyboard, Program

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
        "target": "80", "met": False, "certain": None,
    }  # fmt: skip
    assert [row["key"] for row in found["by_month"]] == ["2017-01", "2017-02", "2017-03"]
    assert [row["key"] for row in found["by_office"]] == ["MAIN", "BANSANG"]
    assert len(found["by_group"]) == 4
    assert len(found["by_rule"]) == 5
    for part in ("by_group", "by_month", "by_office", "by_rule"):
        for row in found[part]:
            assert list(row) == ["key", *COUNTS, "redeemable"]
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
        ("q.txt", b"Rehearsal: nothing here is real. Complaint"),
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


@pytest.fixture
def seeds_quarter(sqlite_program: Program) -> Program:
    """One complaint in March, closed in time."""
    number = sqlite_program.number("residential", now="2017-03-05")
    sqlite_program("close", number, "--outcome", "x", now="2017-03-20")
    return sqlite_program


def test_it_is_handed_in_as_a_workbook_and_on_paper(
    seeds_quarter: Program, tmp_path: Path, lang: str
) -> None:
    for name, begins in (("q.xlsx", b"PK"), ("Q.PDF", b"%PDF-")):
        file = tmp_path / name
        seeds_quarter("report", "2017-Q1", "--output", str(file), now="2017-03-30", lang=lang)
        assert file.read_bytes().startswith(begins), name
    command = [*seeds_quarter.options("2017-03-30", lang=lang), "report", "2017-Q1", "--format", "pdf"]
    piped = subprocess.run([sys.executable, "-m", "complaint_sla", *command], capture_output=True, check=True)
    assert piped.stdout == (tmp_path / "Q.PDF").read_bytes()


def test_the_plans_form_is_made_to_be_signed(seeds_quarter: Program, tmp_path: Path) -> None:
    for name, begins in (("p.html", b"<!"), ("p.xlsx", b"PK"), ("p.pdf", b"%PDF-")):
        file = tmp_path / name
        seeds_quarter("report", "2017-Q1", "--plan", "--output", str(file), now="2017-03-30")
        assert file.read_bytes().startswith(begins), name
    page = (tmp_path / "p.html").read_text()
    assert "2.4 Raise the efficiency" in page
    assert "1 of 1, 100.00 %" in page
    for refused in (
        ("--plan",),
        ("--plan", "--format", "csv"),
        ("--plan", "--json"),
        ("--plan", "--output", "p.txt"),
    ):
        told = seeds_quarter("report", "2017-Q1", *refused, now="2017-03-30", code=2)
        assert "Choose --format html, xlsx, pdf" in told.err


def test_the_form_has_all_activities_or_the_one_that_is_asked_for(seeds_quarter: Program) -> None:
    def form(*more: str, code: int = 0) -> str:
        told = seeds_quarter("report", "2017-Q1", *more, "--format", "html", now="2017-04-10", code=code)
        return (told.err if code else told.out).replace("\N{NO-BREAK SPACE}", " ")

    entered = ("--office", "MAIN", "--source", "374/2560", "--dated", "2017-04-07")
    seeds_quarter("plan", "enter", "large-existing", "1/2560", "90/95", *entered, now="2017-04-08")
    whole = form("--plan")
    assert whole.count('<section class="page">') == 12
    assert whole.count('<td class="mark" data-mark=') == 14
    assert "90 of 95, 94.73 %" in whole
    assert "by letter 374/2560 of 7 Apr 2017" in whole
    assert "Provisional; final from 1 May 2017 00:00" in whole
    one = form("--plan", "--activity", "smart-invoice-large")
    assert "90 of 95, 94.73 %" in one
    assert "3.5.2" not in one
    # Its page stands by itself, with boxes that are ticked.
    page = form("--activity", "complaints")
    assert '<li class="ticked" data-mark="according">' in page
    assert "<section" not in page
    assert "Did you mean sms-news?" in form("--plan", "--activity", "sms-new", code=2)


def test_a_frozen_plan_bears_its_version_and_fingerprint(seeds_quarter: Program) -> None:
    entered = ("--office", "MAIN", "--source", "374/2560", "--dated", "2017-04-07")
    seeds_quarter("plan", "enter", "large-existing", "1/2560", "90/95", *entered, now="2017-04-08")
    seeds_quarter("report", "2017-Q1", "--freeze", now="2017-05-01")
    digest = seeds_quarter("plan", "freeze", "2017-Q1", now="2017-05-01").out.split()[-1]
    seeds_quarter("plan", "enter", "large-existing", "1/2560", "91/95", *entered, now="2017-05-02")
    form = ("report", "2017-Q1", "--plan", "--format", "html")
    first = seeds_quarter(*form, now="2017-05-03").out
    assert f"Fingerprint (SHA-256) {digest[:12]}…" in first
    assert "Version 1, frozen" in first
    assert "90 of 95" in first
    told = seeds_quarter(*form, now="2017-05-03").err
    assert "1 line of the plan is otherwise today than in version 1, which stands." in told
    seeds_quarter("plan", "freeze", "2017-Q1", now="2017-05-03")
    assert "91 of 95" in seeds_quarter(*form, now="2017-05-03").out
    assert seeds_quarter(*form, "--version", "1", now="2017-05-03").out == first


def test_the_plans_form_counts_the_year_up_to_its_quarter(seeds_quarter: Program) -> None:
    number = seeds_quarter.number("spp-area", "--office", "MAIN", now="2017-05-02")
    seeds_quarter("close", number, "--outcome", "x", now="2017-05-03")

    page = seeds_quarter("report", "2/2560", "--plan", "--format", "html", now="2017-08-01").out

    assert "1 of 1, 100.00 %" in page
    assert "Status January to June 2017" in page
    assert "2 of 2, 100.00 %" in page


def test_a_screen_gets_no_bytes(seeds_quarter: Program) -> None:
    for form in ("pdf", "xlsx"):
        screen = Keyboard.at(*seeds_quarter.options("2017-03-30"), "report", "2017-Q1", "--format", form)
        screen.expect(f"{form} is no text for a screen")
        assert screen.end() == 2
        assert "PK" not in screen.seen
        assert "%PDF" not in screen.seen


FINAL = "2017-04-26 00:00"


def test_a_frozen_figure_is_told_again_byte_for_byte_whatever_has_happened_since(
    quarter: Program, tmp_path: Path
) -> None:
    refused = quarter("report", "1/2560", "--freeze", now="2017-04-25 23:59", code=6)
    assert "2017-04-26" in refused.err or "26 Apr 2017" in refused.err
    assert quarter("report", "1/2560", "--version", "1", now=FINAL, code=3).out == ""
    made = quarter("report", "1/2560", "--freeze", "--json", now=FINAL)
    assert "version 1" in made.err
    assert made.json["digest"] in made.err
    first = quarter("report", "1/2560", "--version", "1", "--json", now=FINAL).out
    assert json.loads(first)["version"] == 1

    quarter("reopen", "6003-1", "--reason", "x", now="2017-04-27")
    quarter("office", "set", "BANSANG", "--name-en", "Elsewhere")
    books = tmp_path / "books"
    books.mkdir()
    text = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    text = text.replace('id = "pea-2560"', 'id = "other"').replace(
        "closed_in_time_percent = 80", "closed_in_time_percent = 50"
    )
    (books / "other.toml").write_text(text, encoding="utf-8")
    quarter("erase", "6003-2", "--reason", "x", now="2017-04-28")

    again = quarter(
        "--rules", str(books), "report", "1/2560", "--version", "1", "--json", now="2018-01-01"
    ).out
    assert again == first
    shown = quarter("report", "1/2560", "--json", now="2017-04-28")
    assert shown.json["version"] == 1
    # What bears on the figure as a whole comes before the list of complaints.
    assert list(shown.json).index("differing") < list(shown.json).index("moved")
    assert [(one["name"], one["code"]) for one in shown.json["differing"]] == [("office", "BANSANG")]
    assert [(one["number"], one["why"]) for one in shown.json["moved"]] == [("C-6003-00001", ["reopened"])]
    assert "1 complaint counts otherwise today than in version 1" in shown.err
    assert "--freeze" in shown.err


def test_a_restatement_lists_what_changed_in_every_form_that_is_read(quarter: Program) -> None:
    quarter("report", "1/2560", "--freeze", now=FINAL)
    assert "version 1" in quarter("report", "1/2560", "--freeze", now=FINAL, code=6).err
    quarter("reopen", "6003-1", "--reason", "x", now="2017-04-27")
    second = quarter("report", "1/2560", "--freeze", now="2017-04-28")
    assert "version 2" in second.err
    assert "What version 2 restated" in second.out
    assert "C-6003-00001" in second.out
    assert "reopened" in second.out
    told = quarter("report", "1/2560", "--version", "2", "--json", now="2017-05-01").json
    assert [(one["number"], one["was"]["bucket"], one["now"]["bucket"]) for one in told["changes"]] == [
        ("C-6003-00001", "on_time", "overdue")
    ]
    branch = quarter(
        "report", "1/2560", "--version", "1", "--office", "bansang", "--json", now="2017-05-01"
    ).json
    assert (branch["office"], branch["version"], branch["received"]) == ("BANSANG", 1, 1)
    assert quarter("report", "1/2560", "--freeze", "--version", "1", now="2017-05-01", code=2).out == ""


def test_a_freezing_that_is_refused_changes_nothing_and_leaves_no_file(
    quarter: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes last: once it is done nothing takes it back, and it is the figure of all offices."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    monkeypatch.setitem(sys.modules, "typst", None)
    desk = tmp_path / "desk"
    folder = desk / "folder.html"
    folder.mkdir(parents=True)
    before = quarter.dump()
    for refused in (
        ("--office", "NOPE"),
        ("--office", "NOPE", "--email"),
        ("--email",),
        ("--output", str(desk / "nowhere" / "x.html")),
        ("--output", str(folder)),
        ("--output", str(desk / "x.docx")),
        ("--output", str(desk / "x.xlsx")),
        ("--output", str(desk / "x.pdf"), "--plan"),
        ("--plan", "--json"),
        ("--version", "1"),
    ):
        assert quarter("report", "1/2560", "--freeze", *refused, now=FINAL, code=2).out == "", refused
        assert quarter.dump() == before, refused
    page = desk / "q.html"
    quarter("report", "1/2560", "--freeze", "--output", str(page), now="2017-04-25", code=6)
    assert list(desk.iterdir()) == [folder]

    told = quarter("report", "1/2560", "--freeze", "--output", str(page), now=FINAL)

    shown = quarter("report", "1/2560", "--json", now=FINAL).json
    assert shown["version"] == 1
    assert shown["digest"] in page.read_text(encoding="utf-8")
    assert shown["digest"] in told.err
    page.write_text("what was there", encoding="utf-8")
    quarter("report", "1/2560", "--freeze", "--output", str(page), now=FINAL, code=6)
    assert page.read_text(encoding="utf-8") == "what was there"


def test_a_file_is_as_it_was_where_the_figure_did_not_come_to_stand_in_the_end(
    sqlite_program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction fails after the file was written: the disk is full, say."""
    sqlite_program.number()
    before = sqlite_program.dump()

    def full(*_: object) -> None:
        raise OSError("disk full")

    new, old = tmp_path / "new.html", tmp_path / "old.html"
    old.write_text("what was there", encoding="utf-8")
    for page in (new, old):
        with monkeypatch.context() as patched:
            patched.setattr("sqlmodel.Session.commit", full)
            sqlite_program("report", "1/2560", "--freeze", "--output", str(page), now=FINAL, code=None)
        assert sqlite_program.dump() == before
    assert not new.exists()
    assert old.read_text(encoding="utf-8") == "what was there"


def test_what_is_asked_next_stands_in_the_answer(quarter: Program) -> None:
    found = quarter("report", "1/2560", "--json", now="2017-03-30").json
    assert found["margin"] == -1
    assert found["register"] == {
        "brought_forward": 0, "received": 8, "reopened": 0, "closed": 5, "withdrawn": 1, "duplicate": 0,
        "carried_forward": 2, "ended": 6, "balances": True,
    }  # fmt: skip
    assert [past["quarter"] for past in found["quarters"]] == ["2017-Q1"]
    assert found["year_so_far"]["received"] == 8
    assert found["closing"]["count"] == 5
    assert sum(band["open"] for band in found["ages"]) == 2
    text = quarter("report", "1/2560", now="2017-03-30").out
    assert "1 more in time would have met it." in text
    assert "Carried forward" in text


def test_a_report_is_sent_to_whoever_gets_it(quarter: Program, tmp_path: Path) -> None:
    books = tmp_path / "books"
    shutil.copytree(PROJECT / "rules", books)
    with (books / "service.toml").open("a", encoding="utf-8") as file:
        file.write('[[report]]\nto = ["chief@example.org"]\nattach = ["plan.pdf", "report.xlsx"]\n')
    refused = quarter("report", "1/2560", "--email", now="2017-03-30", code=2)
    assert "[[report]]" in refused.err
    quarter("rules", "publish", str(books), now="2017-03-30")
    asked = quarter("report", "1/2560", "--email", now="2017-03-30")
    assert "chief@example.org" in asked.out
    sent = quarter("deliver", "--json", now="2017-03-30").json
    assert sent["sent"] == 1
    frozen = quarter("report", "1/2560", "--freeze", "--email", now=FINAL)
    assert "version 1" in frozen.err
    assert "chief@example.org" in frozen.out
    waiting = quarter.dump()["message"]
    quarter("report", "1/2560", "--freeze", "--email", now=FINAL, code=6)
    assert quarter.dump()["message"] == waiting
    letter = quarter("mail", "list", now="2017-03-30").out
    assert "quarterly report" in letter
