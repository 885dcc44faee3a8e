"""The surveys at the command line: a list in, whom to call, what they said; and a person's rights over all of it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.cli.runner import Program, entries

APRIL = "2560-04-01 09:00"
ZEROS = "0" * 32
HEAD = "reference,service,finished_on,customer,phone,left_out\n"
LIST = HEAD + "".join(
    f"6003-{number:03d},new-meter,25/03/2560,ลูกค้า {number},08-1234-{number:04d},\n" for number in range(1, 11)
).replace("25/03/2560", "2560-03-25")


def take_in(program: Program, *more: str, text: str = LIST, code: int = 0) -> Any:
    command = ("survey", "import", "-", "--through", "2560-03-31", "--seed", ZEROS, *more)
    return program(*command, now=APRIL, stdin=text.encode(), code=code)


def test_a_list_comes_in_customers_are_drawn_called_and_answer(program: Program) -> None:
    said = take_in(program)
    assert "10 new" in said.out
    assert "March 2017: 3 of 10 (6003-002, 6003-008, 6003-006)" in said.out
    assert "Nothing new" in take_in(program).out

    listed = program("survey", "list", "--json", now=APRIL).json
    mine = [one for one in listed if one["survey"] == "phone"]
    assert {"office", "reference", "service", "survey", "due_on", "attempts", "phone"} <= mine[0].keys()
    assert [one["reference"] for one in mine] == ["6003-002", "6003-006", "6003-008"]
    assert (mine[0]["due_on"], mine[0]["phone"]) == ("2017-04-09", "08x-xxx-0002")
    # Telephones in full leave a trace.
    before = len(entries(program))
    assert "0812340002" in program("survey", "list", "--contact", now=APRIL).out
    assert entries(program)[before:] == [{"kind": "contact-read", "what": "survey", "count": len(listed)}]

    record = ("survey", "record", "6003-002", "--survey", "phone")
    assert program(*record, "4", "--json", now=APRIL).json["counts"] is True
    corrected = program(*record, "๕", "--remark", "รวดเร็วดี", "--json", now=APRIL).json
    assert (corrected["score"], corrected["replaces"]) == (5, 4)
    refused = program(
        "survey", "record", "6003-008", "--refused", "--survey", "phone", "--json", now=APRIL
    ).json
    assert len(refused["drawn"][0]["references"]) == 1
    assert program("audit", "--json", now=APRIL).json["discrepancies"] == []


def test_what_a_survey_owes_is_cured_by_asking_or_by_a_list_that_is_complete(program: Program) -> None:
    def cure_of_march() -> str:
        lines = program("plan", "due", "--all", now=APRIL).out.splitlines()
        return next(cure for one, cure in pairwise(lines) if "March 2017 · 2.1.2 New" in one)

    assert cure_of_march().startswith("  plan enter phone-new-meter 2017-03")
    command = ("survey", "import", "-", "--through", "2560-03-26", "--seed", ZEROS)
    program(*command, now=APRIL, stdin=LIST.encode())
    assert cure_of_march() == "  survey list"
    for reference in ("6003-002", "6003-006", "6003-008"):
        program("survey", "record", reference, "5", "--survey", "phone", now=APRIL)
    assert cure_of_march() == "  survey import FILE --through DAY"


def test_bad_input_says_what_and_changes_nothing(program: Program) -> None:
    take_in(program)
    before = program.dump()
    for code, *command in (
        (6, "record", "6003-001", "5"),
        (3, "record", "6003-099", "5"),
        (2, "record", "6003-002", "6", "--survey", "phone"),
        (2, "record", "6003-002", "five", "--survey", "phone"),
        (2, "record", "6003-002", "--survey", "phone"),
        (2, "record", "6003-002", "5", "--refused"),
        (2, "record", "6003-002", "5", "--survey", "fax"),
        (2, "record", "6003-002", "5"),
        (2, "draw", "--seed", "lottery"),
    ):
        said = program("survey", *map(str, command), now=APRIL, code=int(code))
        assert said.out == ""
        assert said.err.startswith("Error: "), command
    for code, text, *more in (
        (2, LIST, "--through", "2560-04-02"),
        (6, LIST, "--through", "2560-02-28"),
        (2, "reference,service\n"),
        (2, LIST, "--office", "NOWHERE"),
        (2, LIST, "--service", "nothing"),
        (1, HEAD + "6003-001,transformer,2560-03-25,,,\n"),
    ):
        assert take_in(program, *map(str, more), text=str(text), code=int(code)).err  # type: ignore[call-overload]
    assert program.dump() == before


def test_a_figure_that_a_survey_feeds_is_shown_with_who_was_asked_and_is_not_typed(program: Program) -> None:
    take_in(program)
    enter = ("plan", "enter", "phone-new-meter", "2560-03", "3/10", "--source", "x", "--dated", "2560-04-01")
    assert "survey" in program(*enter, now=APRIL, code=6).err


def test_a_person_is_found_given_out_and_erased_in_finished_requests_too(
    program: Program, tmp_path: Path
) -> None:
    take_in(program)
    command = ("survey", "record", "6003-002", "2", "--remark", "สาย 0812340002", "--survey", "phone")
    program(*command, now=APRIL)
    who = ("--phone", "081-234-0002")

    held = program("person", "show", *who, "--json", now=APRIL).json["requests"]
    assert [(one["reference"], one["phone"], one["remarks"]) for one in held] == [
        ("6003-002", "08x-xxx-0002", 1)
    ]
    assert "6003-002" in program("person", "show", "--name", "ลูกค้า 2", now=APRIL).out
    sheet = tmp_path / "person.jsonl"
    program("person", "export", str(sheet), *who, now=APRIL)
    given = json.loads(sheet.read_text(encoding="utf-8"))
    assert (given["external_id"], given["said"], given["phone"]) == (
        "6003-002",
        "สาย 0812340002",
        "0812340002",
    )

    erase = ("person", "erase", *who, "--reason", "asked", "--yes", "--json")
    assert program(*erase, now=APRIL).json["requests"] == 1
    assert "0812340002" not in str(program.dump())
    program(*erase, now=APRIL, code=3)
    assert program("audit", "--json", now=APRIL).json["discrepancies"] == []
    assert program("journal", now=APRIL).out.count("Erased: who is to be asked") == 1
