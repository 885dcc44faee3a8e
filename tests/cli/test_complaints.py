"""What is done to a complaint after it was logged, to its end and back."""

from typing import Any

import pytest

from tests.cli.runner import SUNDAY, Program
from tests.cli.test_log import COMPLAINT_KEYS

MONDAY = "2017-03-06 09:00"


@pytest.fixture
def number(program: Program) -> str:
    program.hire("sup")
    return program.number("residential")


CHANGES: list[tuple[list[str], dict[str, Any], str]] = [
    (["note", "{}", "asked"], {"status": "open"}, "noted"),
    (["note", "{}", "told", "--kind", "respond"], {"responded_at": "2017-03-06T09:00:00+07:00"}, "noted"),
    (["assign", "{}", "sup@example.org"], {"owner": "sup@example.org"}, "assigned to Sup"),
    (["acknowledge", "{}"], {"acknowledged_at": "2017-03-06T09:00:00+07:00"}, "acknowledged"),
    (["transfer", "{}", "--office", "other", "--reason", "theirs"], {"office": "OTHER"}, "transferred"),
    (
        ["close", "{}", "--outcome", "mended"],
        {"status": "closed", "closed_at": "2017-03-06T09:00:00+07:00", "outcome": "mended", "on_time": True},
        "closed in time",
    ),
    (
        ["close", "{}", "--outcome", "mended", "--at", "2560-03-05 18:00"],
        {"status": "closed", "closed_at": "2017-03-05T18:00:00+07:00"},
        "closed in time",
    ),
    (
        ["withdraw", "{}", "--reason", "not needed"],
        {"status": "withdrawn", "outcome": "not needed"},
        "withdrawn",
    ),
    (
        ["duplicate", "{}", "--of", "6003-1"],
        {"status": "duplicate", "duplicate_of": "C-6003-00001"},
        "duplicate of C-6003-00001 ไฟดับทั้งหมู่บ้าน",
    ),
    (
        ["reclassify", "{}", "--group", "spp-area", "--reason", "wrong group"],
        {"group": "spp-area", "due_on": "2017-03-10", "generation": 2, "days": 5, "rule": "spp-area"},
        "reclassified",
    ),
    (
        ["reclassify", "{}", "--urgent", "--reason", "fire"],
        {"urgent": True, "due_on": "2017-03-08"},
        "reclassified",
    ),
    (
        ["reclassify", "{}", "--category", "other", "--reason", "typo"],
        {"category": "other", "generation": 1, "due_on": "2017-03-30"},
        "reclassified",
    ),
]


def test_a_change_answers_with_the_complaint_as_it_is_then(program: Program) -> None:
    program.hire("sup")
    program.found_office("OTHER")
    for command, expected, _ in CHANGES:
        number = program.number("residential", "--office", "MAIN")

        found = program(*(part.format(number) for part in command), "--json", now=MONDAY).json

        assert list(found)[: len(COMPLAINT_KEYS)] == COMPLAINT_KEYS
        assert {key: found[key] for key in expected} == expected
        shown = program.show(number, now=MONDAY)
        assert {key: shown[key] for key in found} == found


def test_a_change_is_told_in_a_line(sqlite_program: Program) -> None:
    sqlite_program.hire("sup")
    sqlite_program.found_office("OTHER")
    for command, _, said in CHANGES:
        number = sqlite_program.number("residential", "--office", "MAIN")

        answer = sqlite_program(*(part.format(number) for part in command), now=MONDAY)

        assert answer.out.startswith(f"{number} ไฟดับทั้งหมู่บ้าน: ")
        assert said in answer.out
        assert answer.out.count("\n") == 1
        if "due" in answer.out:
            assert "2017 (in " in answer.out


def test_closing_before_the_due_moment_is_in_time_and_at_it_is_not(program: Program) -> None:
    numbers = [program.number("spp-area") for _ in range(3)]

    last = program("close", numbers[0], "--outcome", "x", "--json", now="2017-03-10 23:59:59").json
    first = program("close", numbers[1], "--outcome", "x", "--json", now="2017-03-11 00:00").json
    dated = program(
        "close", numbers[2], "--outcome", "x", "--at", "2017-03-10 18:00", "--json", now="2017-03-13"
    )

    assert (last["on_time"], first["on_time"], dated.json["on_time"]) == (True, False, True)
    late = program.number("spp-area")
    assert "closed late" in program("close", late, "--outcome", "x", now="2017-03-12").out


def test_a_reopening_takes_a_retired_owner_away_and_says_so(program: Program) -> None:
    owner = program.hire("owner", "agent")
    number = program.number("residential", "--owner", owner)
    program("close", number, "--outcome", "done", now=MONDAY)
    program("staff", "retire", owner, now=MONDAY)

    answer = program("reopen", number, "--reason", "again", now=MONDAY)

    assert f"assign {number} EMAIL" in answer.err
    shown = program("show", number, now=MONDAY).out
    assert "again · the owner had retired" in shown
    assert owner not in shown.partition("Owner")[2].partition("\n")[0]


def test_a_reopened_complaint_keeps_its_deadline_and_a_missed_one_stays_missed(
    program: Program, number: str
) -> None:
    program("close", number, "--outcome", "mended", now="2017-04-02")

    again = program("reopen", number, "--reason", "it broke again", "--json", now="2017-04-03").json

    assert (again["status"], again["due_on"], again["generation"]) == ("open", "2017-03-30", 1)
    assert (again["outcome"], again["closed_at"], again["on_time"]) == (None, None, False)
    assert "open again" in program("reopen", _closed(program), "--reason", "more", now=MONDAY).out


def _closed(program: Program) -> str:
    number = program.number()
    program("close", number, "--outcome", "x", now=SUNDAY)
    return number


def test_reclassifying_counts_from_the_original_receipt_and_keeps_both_deadlines_on_record(
    program: Program, number: str
) -> None:
    program("reclassify", number, "--urgent", "--reason", "fire", now="2017-03-07")
    program("reclassify", number, "--no-urgent", "--reason", "no fire", now="2017-03-07 12:00")

    found = program.show(number, now=MONDAY)

    assert (found["due_on"], found["generation"], found["urgent"]) == ("2017-03-30", 3, False)
    changes = [event["data"] for event in found["events"] if event["kind"] == "reclassified"]
    assert [change["due_on"] for change in changes] == ["2017-03-08", "2017-03-30"]
    assert changes[0]["was"]["due_at"].startswith("2017-03-30T17:00")


def test_the_first_response_is_the_response_time(program: Program, number: str) -> None:
    program("note", number, "called", "--kind", "respond", now=MONDAY)
    program("note", number, "called again", "--kind", "respond", now="2017-03-08")

    assert program.show(number)["responded_at"] == "2017-03-06T09:00:00+07:00"


def test_each_kind_of_note_stands_in_the_timeline_in_its_own_words(sqlite_program: Program) -> None:
    number = sqlite_program.number()
    for kind in ("assess", "investigate", "respond", "communicate"):
        sqlite_program("note", number, "what was done", "--kind", kind, now=MONDAY)

        event = sqlite_program.show(number)["events"][-1]
        assert event["kind"].startswith(kind[:6])
        assert event["words"] == {"note": "what was done"}


def test_an_ended_complaint_takes_notes(sqlite_program: Program) -> None:
    number = _closed(sqlite_program)

    assert sqlite_program("note", number, "thanked us", "--json", now=MONDAY).json["status"] == "closed"


CLOSED_ONLY = [
    (["close", "{}", "--outcome", "again"], "reopen"),
    (["withdraw", "{}", "--reason", "x"], "reopen"),
    (["duplicate", "{}", "--of", "6003-2"], "reopen"),
    (["assign", "{}", "sup@example.org"], "reopen"),
    (["acknowledge", "{}"], "reopen"),
    (["transfer", "{}", "--office", "OTHER", "--reason", "x"], "reopen"),
    (["reclassify", "{}", "--urgent", "--reason", "x"], "reopen"),
]
OPEN_ONLY = [
    (["reopen", "{}", "--reason", "x"], "nothing to reopen"),
    (["duplicate", "{}", "--of", "{}"], "leads back to itself"),
    (["transfer", "{}", "--office", "MAIN", "--reason", "x"], "MAIN already"),
    (["reclassify", "{}", "--group", "residential", "--reason", "x"], "already"),
    (["close", "{}", "--outcome", "x", "--at", "2017-03-05 09:00"], "lies before 5 Mar 2017 10:00"),
    (["close", "{}", "--outcome", "x", "--at", "2017-03-06 09:01"], "still to come"),
]


def test_what_the_state_of_things_forbids_ends_with_6_and_changes_nothing(program: Program) -> None:
    program.hire("sup")
    program.found_office("OTHER")
    ended, opened = (program.number("residential", "--office", "MAIN") for _ in range(2))
    program("close", ended, "--outcome", "mended", now=SUNDAY)
    before = program.dump()

    for number, cases in ((ended, CLOSED_ONLY), (opened, OPEN_ONLY)):
        for command, cure in cases:
            refused = program(*(part.format(number) for part in command), now=MONDAY, code=6)
            assert cure in refused.err
            assert refused.out == ""

    assert program.dump() == before


def test_twice_is_refused_where_once_is_enough(program: Program, number: str) -> None:
    program("acknowledge", number, now=MONDAY)
    program("assign", number, "sup@example.org", now=MONDAY)
    before = program.dump()

    assert "6 Mar 2017 09:00" in program("acknowledge", number, now="2017-03-07", code=6).err
    assert "sup@example.org" in program("assign", number, "SUP@example.org", now="2017-03-07", code=6).err
    assert (
        "office set MAIN" in program("office", "add", "main", "--name-th", "ก", "--name-en", "M", code=6).err
    )
    assert (
        "staff set sup@example.org"
        in program(
            "staff", "add", "sup@example.org", "--name", "S", "--office", "MAIN", "--role", "agent", code=6
        ).err
    )
    assert program.dump() == before
