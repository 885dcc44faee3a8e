"""`journal`: who did what that is no complaint's, in both languages; and what leaves a trace there."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from tests.cli.runner import SUNDAY, Program


def kinds(program: Program, *arguments: str) -> list[str]:
    return [one["kind"] for one in program("journal", "--json", *arguments).json]


def test_what_was_done_is_told_in_sentences_newest_last(program: Program) -> None:
    program.hire("sup")
    program("staff", "set", "sup@example.org", "--role", "manager", acting="boss@example.org")
    said = program("journal", lang="en").out.splitlines()
    assert said[-1].strip() == "sup@example.org changed: role supervisor → manager"
    assert "boss@example.org (" in said[-2]
    assert "Stock taken: offices 1, people 0, frozen figures 0." in said[1]
    thai = program("journal", lang="th").out.splitlines()
    assert thai[-1].strip() == "แก้ไข sup@example.org: ตำแหน่ง หัวหน้าแผนก → ผู้จัดการ"
    assert len(thai) == len(said)


def test_who_it_was_is_not_what_the_environment_says(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hire("one")
    before = program("journal", "--json", "--limit", "1").json[0]["system_user"]
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "director")
    program.hire("two")
    assert program("journal", "--json", "--limit", "1").json[0]["system_user"] == before != "director"


def test_reading_contact_details_and_giving_data_out_is_written_down(
    program: Program, tmp_path: Path
) -> None:
    number = program.number("residential", "--phone", "0812345678", "--customer", "Malee")
    before = len(kinds(program))
    assert "0812345678" not in program("show", number).out + program("show", number, "--json").out
    assert len(kinds(program)) == before
    assert "0812345678" in program("show", number, "--contact", acting="clerk@example.org").out
    assert "0812345678" in program("show", number, "--contact", "--json").out
    program("export", str(tmp_path / "out.csv"))
    done = program("journal", "--json").json[: -before or None]
    assert [(one["kind"], one["said"]) for one in done] == [
        ("exported", {"complaints": 1, "file": "out.csv"}),
        ("contact-read", {"number": number}),
        ("contact-read", {"number": number}),
    ]
    assert done[-1]["actor"] == "clerk@example.org"
    assert "0812345678" not in program("journal", "--json").out
    assert kinds(program, "--office", "MAIN")[:2] == ["contact-read", "contact-read"]
    # What is refused leaves none.
    program("export", str(tmp_path / "out.pdf"), code=2)
    program("show", "C-6003-99999", "--contact", code=3)
    assert len(kinds(program)) == before + 3
    assert program("audit").code == 0


def test_freezing_restating_and_trying_again_is_written_down(program: Program) -> None:
    program.number("residential", "--urgent", now=SUNDAY)
    program.number("residential", now=SUNDAY)
    program("report", "1/2560", "--freeze", now="2017-05-02 09:00")
    program("duplicate", "6003-1", "--of", "6003-2", now="2017-05-03 09:00")
    program("report", "1/2560", "--freeze", now="2017-05-03 10:00")
    assert kinds(program)[:2] == ["restated", "frozen"]
    assert "restated as version 2, fingerprint " in program("journal", "--limit", "1", lang="en").out


def test_a_line_that_is_no_anchor_is_refused_and_one_of_another_record_is_found(program: Program) -> None:
    refused = program("audit", "--anchor", "sixty", code=2, lang="en")
    assert "sixty is no anchor" in refused.err
    answer = program("audit", "--anchor", f"1-1-{'0' * 32}", code=1, lang="en")
    assert answer.out.startswith(f"journal: it does not hold the anchor 1-1-{'0' * 32}")


def test_an_office_that_is_not_there_is_refused(program: Program) -> None:
    assert "MAIN" in program("journal", "--office", "NOPE", code=2).err


@pytest.mark.slow
def test_ten_processes_write_the_journal_at_once(program: Program) -> None:
    before = len(kinds(program))
    started = [added_apart(program, f"p{n}@example.org") for n in range(10)]
    assert [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in started] == [0] * 10
    entries = program("journal", "--json").json
    assert [one["seq"] for one in entries] == list(range(before + 10, 0, -1))
    assert program("audit").code == 0


def added_apart(program: Program, email: str) -> int:
    """A process that adds somebody; its number. Forked off, since to start a program takes longer than what it does here."""
    with warnings.catch_warnings():
        # Whoever tests may have threads, none of which holds what is needed here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 70
        try:
            code = program(
                *("staff", "add", email, "--name", "P", "--office", "MAIN", "--role", "agent"), code=None
            ).code
        finally:
            os._exit(code)
    return child
