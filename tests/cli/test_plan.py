"""The plan as its users enter it: what is taken, what is refused, how it is shown, what is not in."""

from __future__ import annotations

import csv
import io
import re
import shlex
from typing import Any

import pytest
from sqlalchemy import text

from complaint_sla.wording.width import cells_wide
from tests.cli.runner import LANGUAGES, Keyboard, Program, _engine, entries

# The day on which the first quarter's figures are due, and the one after its form is handed in.
DUE, AFTER = "2560-04-10 09:00", "2560-05-01 09:00"
LETTER = ("--source", "ก.1 12/60", "--dated", "2560-04-07")
EXISTING = ("large-existing", "1/2560")


@pytest.fixture
def branch(sqlite_program: Program) -> Program:
    """A branch below a region that gathers, and who hands in for it."""
    return founded(sqlite_program)


def founded(program: Program) -> Program:
    program.found_office("BANSANG")
    program.hire("nida", "agent", "BANSANG")
    program("office", "set", "MAIN", "--class", "region")
    program("office", "set", "BANSANG", "--class", "branch")
    return program


def sql(program: Program, statement: str) -> None:
    with _engine(program.url).begin() as connection:
        connection.execute(text(statement))


def enter(program: Program, *arguments: str, now: str = DUE, **how: Any) -> Any:
    """What `plan enter --json` says to whoever hands in for the branch."""
    acting = "nida@example.org"
    return program("plan", "enter", *arguments, "--json", now=now, acting=acting, **how).json


def measure(program: Program, key: str, *arguments: str, now: str = DUE) -> Any:
    """A measure on the branch's card, and the mark of its activity."""
    shown = program("plan", "show", "1/2560", "--office", "BANSANG", "--json", *arguments, now=now).json
    [found] = [
        one | {"mark": activity["mark"]}
        for activity in shown["activities"]
        for one in activity["measures"]
        if one["key"] == key
    ]
    return found


# What is typed, the exit code, and what of it and of its cure is said in either language.
REFUSED = {
    "a share without d": (("numbers-entered", "2560-01", "14", *LETTER), 2, ("14/d",)),
    "n above d": ((*EXISTING, "96/95", *LETTER), 2, ("96", "95")),
    "a percentage": ((*EXISTING, "94.73%", *LETTER), 2, ("94.73%", "90/95")),
    "a mean that is reckoned": (("post-mean", "1/2560", "4.31", *LETTER), 2, ("4.31", "862/200")),
    "a mean below 1": (("post-mean", "1/2560", "99/100", *LETTER), 2, ("100", "500", "99")),
    "a mean above 5": (("post-mean", "1/2560", "501/100", *LETTER), 2, ("100", "500", "501")),
    "no number": ((*EXISTING, "many", *LETTER), 2, ("many", "90/95")),
    "a number for what is done": (("voc-summary", "1/2560", "1", *LETTER), 2, ("--source", "--dated")),
    "no figure": ((*EXISTING, *LETTER), 2, ("--awaiting",)),
    "a quarter for a monthly measure": (("numbers-entered", "1/2560", "1/1", *LETTER), 2, ("2560-03",)),
    "a month for a quarterly measure": (("large-existing", "2560-03", "1/1", *LETTER), 2, ("1/2560",)),
    "a quarter for a yearly measure": (("channels", "1/2560", *LETTER), 2, ("2560",)),
    "no period": (("large-existing", "first", "1/1", *LETTER), 2, ("first", "2560-03")),
    "a day in the future": (
        (*EXISTING, "1/1", "--source", "x", "--dated", "2560-04-11"),
        2,
        ("11", "10"),
    ),
    "a figure without a letter": ((*EXISTING, "1/1", "--dated", "2560-04-07"), 2, ("--source", "--dated")),
    "a figure without a day": ((*EXISTING, "1/1", "--source", "x"), 2, ("--source", "--dated")),
    "an empty letter": ((*EXISTING, "1/1", "--source", " ", "--dated", "2560-04-07"), 2, ("--source",)),
    "a period that is not over": (("numbers-entered", "2560-04", "1/1", *LETTER), 2, ("2560-04",)),
    "what can't have been done yet": (("voc-summary", "3/2560", *LETTER), 2, ("3/2560",)),
    "a measure that the tracker feeds": (("complaints", "1/2560", "1/1", *LETTER), 6, ("complaints",)),
    "figures that are entered elsewhere": (
        ("sms-success", "2560-03", "1/1", *LETTER),
        6,
        ("plan enter sms-delivered",),
    ),
    "an unknown measure": (
        ("large-exsting", "1/2560", "1/1", *LETTER),
        2,
        ("large-exsting", "large-existing", "voc-summary"),
    ),
    "an office that gathers": ((*EXISTING, "1/1", *LETTER, "--office", "MAIN"), 6, ("MAIN", "--office")),
    "what is for other offices": (("channels", "2560", *LETTER), 6, ("class-1", "BANSANG", "branch")),
    "a quarter before the plan": (("large-existing", "4/2559", "1/1", *LETTER), 6, ("2016-Q4", "rules show")),
    "nothing to take back": ((*EXISTING, "--withdraw"), 6, ("large-existing", "BANSANG")),
    "two things at once": ((*EXISTING, "1/1", "--withdraw"), 2, ("FIGURE", "--withdraw")),
    "an awaited letter": ((*EXISTING, "--awaiting", "x", "--source", "x"), 2, ("--awaiting", "--source")),
    "an unknown office": ((*EXISTING, "1/1", *LETTER, "--office", "NOWHERE"), 2, ("NOWHERE", "BANSANG")),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_no_figure_is_refused_with_its_cure_and_changes_nothing(branch: Program, lang: str) -> None:
    before = branch.dump()
    for slip, (arguments, code, told) in REFUSED.items():
        answer = branch("plan", "enter", *arguments, now=DUE, acting="nida@example.org", lang=lang, code=code)
        assert answer.out == "", slip
        for part in told:
            assert part in answer.err, (slip, answer.err)
    assert branch.dump() == before


def test_an_unknown_measure_is_told_all_that_can_be_entered_the_nearest_first(branch: Program) -> None:
    said = branch(
        "plan", "enter", "larg-new", "1/2560", "1/1", *LETTER, now=DUE, acting="nida@example.org", code=2
    )
    shown = branch("plan", "show", "1/2560", "--json", now=DUE).json
    known = {
        one["key"] for activity in shown["activities"] for one in activity["measures"] if not one["same_as"]
    } - {"complaints"}
    listed = said.err.partition("Measures: ")[2].strip().rstrip(".").split(", ")
    assert listed[0] == "large-new"
    assert set(listed) == known


def test_a_figure_is_kept_with_its_letter_and_a_second_one_corrects_it(branch: Program) -> None:
    first = enter(branch, *EXISTING, "๙๐/95", *LETTER, "--note", "โทร 0812345678")
    expected = {"office": "BANSANG", "measure": "large-existing", "period": "2017-Q1", "n": 90, "d": 95}
    expected |= {"value": "94.73", "state": "met", "due_on": "2017-04-10", "late_days": 0, "replaces": None}
    assert first == first | expected

    before = branch.dump()
    again = enter(branch, *EXISTING, "90/95", *LETTER)
    assert (again["unchanged"], branch.dump()) == (True, before)

    second = enter(branch, *EXISTING, "70/95", *LETTER, now="2560-04-20 09:00")
    # It came in in time; what was corrected later is none the later.
    assert (second["state"], second["late_days"], second["replaces"]["n"]) == ("missed", 0, 90)
    found = measure(branch, "large-existing", "--measure", "large-existing")
    [period] = found["periods"]
    assert (found["state"], found["margin"], found["mark"]) == ("missed", -6, "not-according")
    assert (period["by"], period["source"], period["corrections"]) == ("nida@example.org", "ก.1 12/60", 1)
    said = [one for one in entries(branch) if one["kind"] == "plan-figure"]
    assert [one["n"] for one in said] == [90, 70]
    told = branch("plan", "show", "1/2560", "--office", "BANSANG", "--measure", "large-existing", now=DUE).out
    assert "08x-xxx-5678" in told
    assert "0812345678" not in told
    assert branch("audit", "--json").json["discrepancies"] == []


def test_whom_one_waits_for_is_said_until_the_figure_comes_or_is_taken_back(branch: Program) -> None:
    awaited = enter(branch, "division-mean", "1/2560", "--awaiting", "กฟก.1", now="2560-04-05 09:00")
    assert (awaited["state"], awaited["n"], awaited["awaiting"]) == ("awaiting", None, "กฟก.1")
    assert enter(branch, "division-mean", "1/2560", "--awaiting", "กฟก.1")["unchanged"]
    shown = branch("plan", "show", "1/2560", "--office", "BANSANG", now=DUE).out
    assert "awaiting กฟก.1 since 5 Apr 2017" in shown

    entered = enter(branch, "division-mean", "1/2560", "862/200", *LETTER, now="2560-04-17 09:00")
    assert (entered["value"], entered["state"], entered["late_days"]) == ("4.31", "met", 2)
    assert entered["replaces"]["awaiting"] == "กฟก.1"
    withdrawn = enter(branch, "division-mean", "1/2560", "--withdraw", now="2560-04-18 09:00")
    assert (withdrawn["n"], withdrawn["state"], withdrawn["replaces"]["n"]) == (None, "missing", 862)
    assert measure(branch, "division-mean", now="2560-04-18 09:00")["state"] == "missing"


def test_what_is_done_is_in_time_by_the_day_of_its_letter(branch: Program) -> None:
    done = enter(branch, "voc-summary", "1/2560", "--source", "x", "--dated", "2560-04-30", now="2560-05-20")
    assert (done["state"], done["late_days"], done["n"], done["d"]) == ("met", 20, 1, 1)
    late = enter(branch, "voc-summary", "1/2560", "--source", "x", "--dated", "2560-05-01", now="2560-05-20")
    assert late["state"] == "missed"
    assert measure(branch, "voc-summary", now="2560-05-20")["mark"] == "not-according"


def test_what_is_entered_after_the_form_was_handed_in_is_said_to_make_it_another(branch: Program) -> None:
    sql(
        branch,
        "INSERT INTO figure (measure, quarter, version, frozen_at, content, cases, digest) "
        "VALUES ('plan', '2017-Q1', 1, '2017-05-01 00:00:00', '', '', '')",
    )
    answer = branch("plan", "enter", *EXISTING, "90/95", *LETTER, now=AFTER, acting="nida@example.org")
    assert "plan freeze 2017-Q1" in answer.err
    assert enter(branch, *EXISTING, "91/95", *LETTER, now=AFTER)["frozen"] == ["2017-Q1"]


MONTHS = {"2560-01": "3601/3963", "2560-02": "4061/4477", "2560-03": "4307/4811"}


def test_a_months_figures_are_entered_once_and_feed_each_row_that_has_them(branch: Program) -> None:
    states = [
        [one["state"] for one in enter(branch, "sms-delivered", month, figure, *LETTER)["quarter"]]
        for month, figure in MONTHS.items()
    ]
    assert states == [["missing", "missing"], ["pending", "pending"], ["shown", "met"]]
    found = measure(branch, "sms-success")
    assert (found["n"], found["d"], found["value"], found["margin"]) == (11969, 13251, "90.32", 43)
    assert [(one["value"], one["met"]) for one in found["periods"]] == [
        ("90.86", True),
        ("90.70", True),
        ("89.52", False),
    ]
    assert [one["late_days"] for one in found["periods"]] == [59, 31, 0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_fits_eighty_columns_and_says_its_states_in_words(
    branch: Program, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    enter(branch, *EXISTING, "90/95", *LETTER)
    enter(branch, "division-mean", "1/2560", "--awaiting", "กฟก.1")
    for month, figure in MONTHS.items():
        enter(branch, "sms-delivered", month, figure, *LETTER)
    for command in (["show", "1/2560", "--office", "BANSANG"], ["show", "1/2560"], ["show"]):
        lines = branch("plan", *command, now=DUE, lang=lang).out.splitlines()
        assert [line for line in lines if cells_wide(line) > 80] == []
        # What a measure comes to begins at one cell, in whatever script its figure is.
        wanted = {"en": r"at least \d", "th": r"ไม่น้อยกว่า \d"}[lang]
        begins = {cells_wide(line[: found.start()]) for line in lines if (found := re.search(wanted, line))}
        assert len(begins) == 1
    said = " ".join(" ".join(lines).split())
    for part in {
        "en": (
            "met, 14 to spare",
            "awaiting กฟก.1 since 10 Apr 2017",
            "90.32 %",
            "Done by offices of class 1",
        ),
        "th": ("เกินมา 14", "รอข้อมูลจาก กฟก.1 ตั้งแต่ 10 เม.ย. 2560", "90.32 %", "ไม่มีของ กฟส."),
    }[lang]:
        assert part in said


def test_several_offices_are_added_up_and_those_that_missed_or_lack_it_are_named(branch: Program) -> None:
    for code, figure in (("NORTH", "90/95"), ("SOUTH", "40/60")):
        branch.found_office(code)
        branch("plan", "enter", *EXISTING, figure, *LETTER, "--office", code, now=DUE)
    for code, figure in (("NORTH", "3/14"), ("SOUTH", "1/2")):
        branch("plan", "enter", "division-new-meter", "1/2560", figure, *LETTER, "--office", code, now=DUE)
    shown = branch("plan", "show", "1/2560", "--office", "MAIN", "--json", now=DUE).json
    found = {one["key"]: one for activity in shown["activities"] for one in activity["measures"]}
    existing, count = found["large-existing"], found["division-new-meter"]
    assert (existing["n"], existing["d"], existing["state"]) == (130, 155, "pending")
    assert existing["offices"] == {"missed": ["SOUTH"], "open": ["BANSANG"]}
    assert count["offices"] == {"met": 1, "of": 3, "missed": ["SOUTH"], "open": ["BANSANG"]}
    assert (count["state"], [one["source"] for one in count["periods"]]) == ("missed", [None])
    said = branch("plan", "show", "1/2560", "--office", "MAIN", now=DUE).out
    assert "1 of 3 offices · missed" in said
    assert "missed at: SOUTH" in said
    assert "not in from: BANSANG" in said


def test_the_card_is_a_table_for_a_spreadsheet_with_a_row_for_each_period(branch: Program) -> None:
    enter(branch, *EXISTING, "90/95", "--source", "=1+1", "--dated", "2560-04-07")
    sheet = branch("plan", "show", "1/2560", "--office", "BANSANG", "--csv", now=DUE).out
    rows = list(csv.DictReader(io.StringIO(sheet)))
    [row] = [one for one in rows if one["measure"] == "large-existing"]
    assert (row["n"], row["d"], row["value"], row["least"], row["met"]) == ("90", "95", "94.73", "80", "true")
    # No letter is taken for a formula.
    assert row["source"] == "'=1+1"
    assert [one["period"] for one in rows if one["measure"] == "sms-new"] == ["2017-01", "2017-02", "2017-03"]


def test_each_command_of_the_list_enters_what_is_not_in_until_nothing_is(branch: Program) -> None:
    acting = "nida@example.org"
    listed = branch("plan", "due", "--json", now=DUE, acting=acting).json
    places = [(one["office"], one["measure"], one["period"]) for one in listed]
    assert len(places) == len(set(places))
    assert [one["due_on"] for one in listed] == sorted(one["due_on"] for one in listed)
    assert {one["measure"] for one in listed}.isdisjoint({"complaints", "sms-success", "channels"})
    by_parent = {one["measure"] for one in listed if one["roles"] == ["up:supervisor"]}
    assert by_parent == {
        "division-new-meter",
        "division-lv-extension",
        "division-transformer",
        "division-mean",
    }

    said = branch("plan", "due", now=DUE, acting=acting).out
    commands = [line.strip() for line in said.splitlines() if line.startswith("  plan enter")]
    assert len(commands) == len(listed)
    values = {"N/D": "1/1", "SUM/N": "9/2", "N": "3", "TEXT": "x", "DAY": "2560-04-07"}
    for command, one in zip(commands, listed, strict=True):
        if one["due_on"] <= "2017-04-15" or one["measure"] == "voc-summary":
            branch(*(values.get(part, part) for part in shlex.split(command)), now=DUE, acting=acting)
    left = branch("plan", "due", "--json", now=DUE, acting=acting).json
    assert left
    assert not [one for one in left if one["due_on"] <= "2017-05-01"]


def test_what_is_demanded_stays_on_the_list_after_its_quarter_was_handed_in(branch: Program) -> None:
    enter(branch, "post-mean", "1/2560", "86/20", *LETTER)

    def demanded(now: str) -> list[tuple[str, int]]:
        listed = branch("plan", "due", "--office", "BANSANG", "--json", now=now).json
        return [
            (one["state"], one["days_late"])
            for one in listed
            if (one["measure"], one["period"]) == ("improvement-plan", "2017-Q1")
        ]

    assert demanded(DUE) == [("pending", 0)]
    assert demanded("2560-06-20") == [("pending", 0)]
    assert demanded("2560-07-02") == [("missing", 2)]
    said = branch("plan", "due", "--office", "BANSANG", now="2560-06-20").out
    assert "demanded because of: post-mean" in said
    done = ("improvement-plan", "1/2560", "--source", "x", "--dated", "2560-06-20")
    assert enter(branch, *done, now="2560-06-20")["state"] == "met"
    assert demanded("2560-07-02") == []


def test_the_journal_of_an_office_tells_what_was_entered_there(branch: Program) -> None:
    enter(branch, *EXISTING, "90/95", *LETTER)
    enter(branch, *EXISTING, "--awaiting", "กฟก.1")
    enter(branch, *EXISTING, "--withdraw")
    told = [one["message"] for one in branch("journal", "--office", "BANSANG", "--json", lang="en").json]
    assert told[2::-1] == [
        "BANSANG: large-existing, quarter 1/2017: 90 of 95 entered (letter ก.1 12/60 of 7 Apr 2017)",
        "BANSANG: large-existing, quarter 1/2017: awaiting กฟก.1",
        "BANSANG: large-existing, quarter 1/2017: taken back",
    ]
    branch.found_office("NORTH")
    elsewhere = branch("journal", "--office", "NORTH", "--json").json
    assert not [one for one in elsewhere if one["kind"].startswith("plan")]


def test_who_sits_at_a_terminal_is_asked_for_what_is_missing(branch: Program) -> None:
    options = branch.options(now=DUE, acting="nida@example.org", lang="en")
    keyboard = Keyboard.at(*options, "plan", "enter", *EXISTING)
    for title, answer in (
        ("(n/d): ", "94%"),
        ("(n/d): ", "90/95"),
        ("Number of the letter: ", "12/60"),
        ("Day of the letter: ", "11/4/2560"),
        ("Day of the letter: ", "7/4/2560"),
    ):
        keyboard.expect(title)
        keyboard.type(answer)
    keyboard.expect("met, 14 to spare")
    assert keyboard.end() == 0
    assert measure(branch, "large-existing")["periods"][0]["source"] == "12/60"
