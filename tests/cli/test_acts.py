"""Acts as they are typed: on one complaint or many, on another's, with texts from anywhere."""

import json
import os
import shlex
import sys
import termios
from pathlib import Path

import pytest

from complaint_sla.wording.messages import MOST_REFUSALS
from tests.cli.runner import PROJECT, Program
from tests.cli.screen import CTRL_C, ENTER, Screen, pasted

MONDAY = "2017-03-06 09:00"
NOK, LEK = "nok@example.org", "lek@example.org"


@pytest.fixture
def staffed(sqlite_program: Program) -> Program:
    return staff(sqlite_program)


def staff(program: Program) -> Program:
    program.hire("nok", "agent")
    program.hire("lek", "agent")
    return program


def of(program: Program, customer: str, *more: str, subject: str = "ไฟดับ") -> str:
    return program.number(
        "residential", "--office", "MAIN", "--customer", customer, *more, "--subject", subject
    )


def screen(program: Program, *command: str, lang: str = "en", acting: str = NOK) -> Screen:
    return Screen.of(*program.options(MONDAY, acting, lang), *command)


# --- which complaint it was


def test_every_act_says_whose_complaint_it_was(staffed: Program) -> None:
    number = of(staffed, "กมล มั่นคง", subject="ไฟเกินทำตู้เย็นเสียหาย")
    about = f"{number} ไฟเกินทำตู้เย็นเสียหาย · กมล มั่นคง: "

    assert staffed("assign", number, "lek", now=MONDAY).out.startswith(f"{about}assigned to Lek · due")
    assert "assigned to Nok (was: Lek)" in staffed("assign", number, "nok", now=MONDAY).out
    assert staffed("close", number, "--outcome", "x", now=MONDAY, lang="th").out == f"{about}ปิดทันกำหนด\n"

    staffed("erase", number, "--reason", "asked for", now=MONDAY)
    assert staffed("note", number, "called", now=MONDAY).out == f"{number} (erased): noted\n"
    assert staffed("reopen", number, "--reason", "again", now=MONDAY).out.startswith(
        f"{number} (erased): open again · due"
    )


def test_what_is_hostile_in_a_subject_or_a_name_steers_nothing(staffed: Program) -> None:
    number = of(staffed, "a\u202eb", subject="x\u2067y")
    assert staffed("acknowledge", number, now=MONDAY).out.startswith(
        f"{number} x\\u2067y · a\\u202eb: acknowledged"
    )


# --- many at once


ON_MANY: list[tuple[list[str], str, dict[str, object]]] = [
    (["assign", "{}", "nok"], "3 complaints: assigned to Nok", {"owner": NOK}),
    # From whom, only each line knows.
    (["assign", "{}", "lek"], "3 complaints: assigned to Lek", {"owner": "lek@example.org"}),
    (["acknowledge", "{}"], "3 complaints: acknowledged", {"status": "open"}),
    (["note", "{}", "6003 is a year"], "3 complaints: noted", {"status": "open"}),
    (["reclassify", "{}", "--urgent", "--reason", "x"], "3 complaints: reclassified", {"urgent": True}),
    (["transfer", "{}", "--office", "other", "--reason", "x"], "3 complaints: transferred to OTHER", {"office": "OTHER"}),
    (["close", "{}", "--outcome", "x"], "3 complaints: closed", {"status": "closed"}),
    (["reopen", "{}", "--reason", "x"], "3 complaints: open again", {"status": "open"}),
    (["withdraw", "{}", "--reason", "x"], "3 complaints: withdrawn", {"status": "withdrawn"}),
]  # fmt: skip


def test_an_act_is_done_to_many_or_to_none(program: Program) -> None:
    staff(program)
    program.found_office("OTHER")
    numbers = [of(program, f"ราย {n}") for n in range(3)]
    for command, said, expected in ON_MANY:
        place = command.index("{}")
        many = [*command[:place], *numbers, numbers[0].lower(), *command[place + 1 :]]
        before = program.dump()
        refused = program(*many[: place + 1], "6003-99", *many[place + 1 :], now=MONDAY, code=3)
        assert "of 4 complaints 1 can't be changed so:\n  There is no complaint 6003-99" in refused.err
        assert program.dump() == before

        answer = program(*many, now=MONDAY)

        lines = answer.out.splitlines()
        assert [line.split()[0] for line in lines[:3]] == numbers
        assert lines[3:] == [said]
        for number in numbers:
            found = program.show(number, now=MONDAY)
            assert {key: found[key] for key in expected} == expected
    assert (
        f"complaint-sla assign {' '.join(numbers)} EMAIL"
        in program("reopen", *numbers, "--reason", "x", now=MONDAY).err
    )
    assert program("audit", now=MONDAY).code == 0

    # Whoever pipes in a whole sheet of something else is told the first of them.
    many = "".join(f"6003-{n}\n" for n in range(1000, 2000))
    refused = program("note", "-", "x", now=MONDAY, code=3, stdin=many.encode()).err.splitlines()
    assert len(refused) == 1 + MOST_REFUSALS + 1
    assert refused[-1] == f"  … and {1000 - MOST_REFUSALS} more."


def test_numbers_come_from_a_list_or_a_sheet(staffed: Program) -> None:
    numbers = [of(staffed, f"ราย {n}", subject=f"6003-{n} again") for n in range(3)]
    listed = staffed("list", now=MONDAY).out
    sheet = staffed("list", "--csv", now=MONDAY).out

    assert staffed("assign", "-", "nok", now=MONDAY, stdin=listed.encode()).out.endswith(
        "3 complaints: assigned to Nok\n"
    )
    found = staffed("acknowledge", "-", "--json", now=MONDAY, stdin=sheet.encode()).json
    assert [one["number"] for one in found["complaints"]] == numbers
    one = staffed("note", "-", "seen", "--json", now=MONDAY, stdin=b"6003-1\n").json
    assert [one["number"] for one in one["complaints"]] == numbers[:1]
    assert staffed("note", numbers[0], "seen", "--json", now=MONDAY).json["number"] == numbers[0]
    assert len(staffed("note", *numbers[:2], "seen", "--json", now=MONDAY).json["complaints"]) == 2


REFUSED = [
    (["assign", "-", "nok"], b"", "No complaint's number came"),
    (["assign", "-", "nok"], b"6003-1\n6003-x\n", "6003-x is no number of a complaint"),
    (["assign", "-", "nok"], "หนึ่ง".encode("cp874"), "stdin is no text in UTF-8"),
    (["note", "-", "-"], b"6003-1\n", "Numbers and TEXT can't both come from standard input"),
    (["close", "-", "--outcome", "-"], b"6003-1\n", "Numbers and --outcome can't both come"),
    (["note", "6003-1"], b"", "TEXT is missing"),
    (["note", "6003-1", "two", "words"], b"", "words is too much. Put texts in quotes."),
    (["note", "6003-1", "-"], b"", "note is empty"),
    (["note", "6003-1", "-"], "หนึ่ง".encode("cp874"), "stdin is no text in UTF-8"),
    (["note", "6003-1", "@{}/none"], b"", "a text that begins with @ is written with two".capitalize()),
    (["note", "6003-1", "@{}/thai.txt"], b"", "thai.txt is no text in UTF-8"),
    (["note", "6003-1", "@{}/long.txt"], b"", "at most 20000 are kept"),
    (["assign", "6003-1"], b"", "EMAIL is missing"),
    (["close", "6003-1"], b"", "--outcome is missing"),
    (["transfer", "6003-1", "--reason", "x"], b"", "--office is missing"),
    *((([name, "6003-1"]), b"", "--reason is missing") for name in ("reopen", "withdraw")),
    (["reclassify", "6003-1", "--urgent"], b"", "--reason is missing"),
]  # fmt: skip


def test_what_can_t_be_understood_is_named_and_changes_nothing(staffed: Program, tmp_path: Path) -> None:
    of(staffed, "กมล")
    (tmp_path / "thai.txt").write_bytes("หนึ่ง".encode("cp874"))
    (tmp_path / "long.txt").write_bytes(b"x" * 2_000_000)
    before = staffed.dump()
    for command, piped, said in REFUSED:
        filled = [part.format(tmp_path) for part in command]
        answer = staffed(*filled, now=MONDAY, stdin=piped, code=2)
        assert said in answer.err, command
        assert answer.out == ""
    assert staffed.dump() == before


# --- texts


def last_words(program: Program, number: str) -> str:
    words: dict[str, str] = program.show(number, now=MONDAY)["events"][-1]["words"]
    return next(iter(words.values()))


def test_a_text_comes_from_standard_input_or_a_file(staffed: Program, tmp_path: Path) -> None:
    number = of(staffed, "กมล")
    file = tmp_path / "note.txt"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    for text, piped, noted in (
        (f"@{file}", b"", "one\ntwo"),
        ("-", "สาม\nสี่\n".encode(), "สาม\nสี่"),
        ("@@lek said so", b"", "@lek said so"),
        ("@", b"", "@"),
    ):
        staffed("note", number, text, now=MONDAY, stdin=piped)
        assert last_words(staffed, number) == noted
    staffed("close", number, "--outcome", f"@{file}", now=MONDAY)
    assert staffed.show(number, now=MONDAY)["outcome"] == "one\ntwo"
    staffed("reopen", number, "--reason", "-", now=MONDAY, stdin=b"again")
    assert last_words(staffed, number) == "again"
    logged = staffed.log("residential", "--office", "MAIN", "--detail", f"@{file}")
    assert logged["detail"] == "one\ntwo"


def test_a_text_is_written_in_the_editor(
    staffed: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = of(staffed, "กมล")
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setenv("TMPDIR", str(kept))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("VISUAL", raising=False)

    def editor(script: str) -> None:
        (tmp_path / "editor").write_text(f"#!/bin/sh\nstat -c %a $1 > {tmp_path}/mode\n{script}\n")
        (tmp_path / "editor").chmod(0o700)
        monkeypatch.setenv("EDITOR", f"{tmp_path}/editor")

    editor(r"printf 'หนึ่ง\r\nสอง\r\n' > $1")
    staffed("note", number, "--edit", now=MONDAY)
    assert last_words(staffed, number) == "หนึ่ง\nสอง"
    assert (tmp_path / "mode").read_text() == "600\n"

    # With what was given to begin with.
    editor("echo more >> $1")
    staffed("close", number, "--outcome", "mended\n", "--edit", now=MONDAY)
    assert staffed.show(number, now=MONDAY)["outcome"] == "mended\nmore"
    assert list(kept.iterdir()) == []

    # Where nothing came of it, what was written is kept, and its place is said.
    before = staffed.dump()
    refused = staffed("withdraw", number, "--edit", now=MONDAY, code=6)
    (file,) = kept.iterdir()
    assert f"What you wrote is kept in {file}" in refused.err
    assert file.read_text() == "more\n"
    file.unlink()

    editor("echo half > $1; exit 3")
    assert (
        "nothing was changed" in staffed("reopen", number, "--reason", "x", "--edit", now=MONDAY, code=2).err
    )
    (file,) = kept.iterdir()
    assert file.read_text() == "half\n"
    file.unlink()
    for script in ("true", "rm $1", "rm $1; mkdir $1", "rm $1; ln -s /dev/null $1"):
        editor(script)
        staffed("reopen", number, "--edit", now=MONDAY, code=2)
        for place in kept.iterdir():
            # It is theirs, and no file of ours any more.
            place.rmdir()
    editor("rm $1; ln -s /dev/zero $1")
    assert "at most 20000" in staffed("reopen", number, "--edit", now=MONDAY, code=2).err
    assert list(kept.iterdir()) == []
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    assert "/no/such/editor" in staffed("reopen", number, "--edit", now=MONDAY, code=2).err
    assert list(kept.iterdir()) == []
    assert staffed.dump() == before


def test_an_editor_that_dies_leaves_the_terminal_as_it_was(
    staffed: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = of(staffed, "กมล")
    (tmp_path / "editor").write_text("#!/bin/sh\nstty raw -echo\nexit 1\n")
    (tmp_path / "editor").chmod(0o700)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{tmp_path}/editor")
    at = screen(staffed, "note", number, "--edit")
    before = termios.tcgetattr(at.process.child_fd)
    at.expect("nothing was changed")
    assert termios.tcgetattr(at.process.child_fd) == before
    assert at.end() == 2


# --- of another customer


def test_a_duplicate_of_another_customers_needs_a_reason(staffed: Program) -> None:
    mine = of(staffed, "ศิริพร พันธุ์ดี", "--phone", "0812345678", "--account", "020012345678")
    theirs = of(staffed, "ประเสริฐ วงศ์สวัสดิ์", "--phone", "0898765432", subject="มิเตอร์หมุนเร็ว")
    before = staffed.dump()

    refused = staffed("duplicate", mine, "--of", theirs, now=MONDAY, lang="th", code=6)
    assert f"{mine} (ศิริพร พันธุ์ดี) กับ {theirs} (ประเสริฐ วงศ์สวัสดิ์) เป็นคนละราย ระบุ --reason" in refused.err
    assert staffed.dump() == before
    called = of(staffed, "มานี 081 234 5678")
    assert "(มานี 08x-xxx-5678)" in staffed("duplicate", called, "--of", theirs, now=MONDAY, code=6).err

    done = staffed("duplicate", mine, "--of", theirs, "--reason", "หม้อแปลงเดียวกัน", now=MONDAY)
    assert done.out == (f"{mine} ไฟดับ · ศิริพร พันธุ์ดี: duplicate of {theirs} มิเตอร์หมุนเร็ว · ประเสริฐ วงศ์สวัสดิ์\n")
    shown = staffed.show(mine, now=MONDAY)
    assert shown["events"][-1]["words"] == {"outcome": theirs, "reason": "หม้อแปลงเดียวกัน"}
    assert "หม้อแปลงเดียวกัน" in staffed("show", mine, now=MONDAY).out
    assert strangers(staffed) == [mine]
    for form in ("text", "html"):
        assert "Duplicate of another customer" in staffed(
            "report", "2017-Q1", "--format", form, now=MONDAY
        ).out.replace("&#39;", "'")

    staffed("erase", mine, "--reason", "asked for", now=MONDAY)
    assert "หม้อแปลงเดียวกัน" not in str(staffed.dump())
    assert staffed("audit", now=MONDAY).code == 0


def strangers(program: Program) -> list[str]:
    """Duplicates of other customers' in the quarter's list to look at."""
    notable = program("report", "2017-Q1", "--format", "json", now=MONDAY).json["notable"]
    return [one["number"] for one in notable if one["concern"] == "duplicate-of-another-customer"]


def test_of_the_same_customer_by_anything_a_duplicate_needs_no_reason(staffed: Program) -> None:
    for mine, theirs in (
        (("ศิริพร", "--phone", "0812345678"), ("ประเสริฐ", "--phone", "081-234-5678")),
        (("Siriporn  P", "--phone", "0812345678"), ("SIRIPORN P", "--phone", "0898765432")),
        (("ศิริพร", "--account", "020012345678"), ("ประเสริฐ", "--account", "020012345678")),
    ):
        staffed("duplicate", of(staffed, *mine), "--of", of(staffed, *theirs), now=MONDAY)
    assert strangers(staffed) == []


# --- at a terminal


def test_before_anothers_complaint_ends_it_is_asked(staffed: Program) -> None:
    number = of(staffed, "กมล มั่นคง", subject="ไฟเกินทำตู้เย็นเสียหาย")
    staffed("assign", number, "lek", now=MONDAY)
    before = staffed.dump()

    at = screen(staffed, "close", number, "--outcome", "x", lang="th")
    at.expect(f"{number} ไฟเกินทำตู้เย็นเสียหาย · กมล มั่นคง")
    at.expect("อยู่ในความรับผิดชอบของ Lek ปิดเรื่องหรือไม่ (y = ใช่, Enter = ไม่)")
    at.press(ENTER)
    assert at.end() == 130
    assert "ไม่มีอะไรเปลี่ยนแปลง" in at.text
    assert staffed.dump() == before

    # The Thai keyboard is on; what is missing is asked for, a paste of two lines at once.
    at = screen(staffed, "close", number)
    at.expect("It is with Lek. Close it? (y, Enter: no)")
    at.type("ั")
    at.expect("Outcome (an empty line ends it)")
    at.press(pasted("เปลี่ยนหม้อแปลง\nเดินสายใหม่"), ENTER)
    at.expect("…:")
    at.press(ENTER)
    assert at.end() == 0
    assert f"{number} ไฟเกินทำตู้เย็นเสียหาย · กมล มั่นคง: closed in time" in at.text
    assert staffed.show(number, now=MONDAY)["outcome"] == "เปลี่ยนหม้อแปลง\nเดินสายใหม่"


def test_nobody_is_asked_of_their_own_or_where_they_said_yes(staffed: Program) -> None:
    numbers = [of(staffed, f"ราย {n}") for n in range(5)]
    staffed("assign", *numbers[:2], "nok", now=MONDAY)
    staffed("assign", *numbers[2:], "lek", now=MONDAY)
    staffed("note", numbers[0], "seen", now=MONDAY)

    for command in (
        ["close", numbers[0], "--outcome", "x"],
        ["close", *numbers[2:], "--outcome", "x", "--yes"],
    ):
        at = screen(staffed, *command)
        assert at.end() == 0
        assert "Enter" not in at.text
    # Nobody has noted anything of it, nor had who acts it in hand.
    at = screen(staffed, "close", numbers[1], "--outcome", "x")
    at.expect("Nothing has been noted of it. Close it?")
    at.type("y")
    assert at.end() == 0


def test_many_are_asked_of_at_once_and_a_refusal_comes_unasked(staffed: Program) -> None:
    numbers = [of(staffed, f"ราย {n}") for n in range(3)]
    staffed("assign", numbers[1], "lek", now=MONDAY)
    staffed("acknowledge", numbers[0], now=MONDAY)

    at = screen(staffed, "assign", *numbers, "nok")
    at.expect(f"{numbers[0]} ไฟดับ · ราย 0\n{numbers[1]} ไฟดับ · ราย 1: It is with Lek.\n{numbers[2]}")
    at.expect("All 3 of them? (y, Enter: no)")
    at.type("y")
    assert at.end() == 0
    assert "assigned to Nok (was: Lek)" in at.text
    assert "3 complaints: assigned to Nok" in at.text
    staffed("close", numbers[0], "--outcome", "x", now=MONDAY)

    at = screen(staffed, "close", *numbers, acting=LEK)
    at.expect("Outcome")
    at.type("x")
    at.type("")
    assert at.end() == 6
    assert "of 3 complaints 1 can't be changed so" in at.text
    assert "What you wrote is kept in" in at.text.replace("\n", " ")


def test_a_transfer_finds_its_office_by_a_part_of_the_name_and_ctrl_c_changes_nothing(
    staffed: Program,
) -> None:
    staffed.found_office("KBR")
    number = of(staffed, "กมล")
    at = screen(staffed, "transfer", number)
    at.expect("Office (code or part of its name)")
    at.type("zz")
    at.expect("There is no office zz")
    at.type("at kb")
    at.expect("Reason (an empty line ends it)")
    at.type("their line")
    at.press(ENTER)
    assert at.end() == 0
    assert staffed.show(number, now=MONDAY)["office"] == "KBR"
    before = staffed.dump()

    at = screen(staffed, "assign", number)
    at.expect("Who takes care of it")
    # Pressed while the line is being made ready, it would be heard with the next key only.
    at.settle()
    at.press(CTRL_C)
    assert at.end() == 130
    assert "Nothing was changed." in at.text
    assert staffed.dump() == before


def test_two_customers_are_shown_before_the_one_is_a_duplicate_of_the_other(staffed: Program) -> None:
    mine, theirs, unknown = (
        of(staffed, "ศิริพร"),
        of(staffed, "ประเสริฐ"),
        staffed.number("residential", "--office", "MAIN"),
    )
    at = screen(staffed, "duplicate", mine, "--of", unknown)
    at.expect("Are they one? (y, Enter: no)")
    at.press(ENTER)
    assert at.end() == 130

    at = screen(staffed, "duplicate", mine, "--of", theirs)
    at.expect(f"{mine} ไฟดับ · ศิริพร\n  {theirs} ไฟดับ · ประเสริฐ")
    at.expect("Of different customers. Why are they one")
    at.type("สามีภรรยา")
    at.press(ENTER)
    assert at.end() == 0
    assert staffed.show(mine, now=MONDAY)["events"][-1]["words"]["reason"] == "สามีภรรยา"


def test_forty_without_an_owner_are_given_to_somebody_in_sixty_keys(staffed: Program, tmp_path: Path) -> None:
    row = {"group": "residential", "channel": "phone", "category": "outage", "office": "MAIN"}
    rows = [
        json.dumps(
            row | {"subject": f"เรื่องที่ {n}", "received_at": "2017-03-05 09:00", "external_id": f"V-{n}"}
        )
        for n in range(149)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows), encoding="utf-8")
    staffed("import", str(tmp_path / "rows.jsonl"), now=MONDAY)
    program = tmp_path / "complaint-sla"
    command = [sys.executable, "-m", "complaint_sla", *staffed.options(MONDAY, LEK, "en")]
    program.write_text(f'#!/bin/sh\ncd {PROJECT} && exec {shlex.join(command)} "$@"\n')
    program.chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    shell = Screen(["bash", "--norc", "--noprofile"], environment={"PATH": path, "PS1": "> "})
    shell.expect(">")
    before = shell.keys

    for word in ("compla", "list --owner none --limit 40|compla", "assign - nok"):
        shell.press(*word, *("\t" * word.endswith("compla")))
        shell.settle()
    shell.press(ENTER)

    shell.expect("40 complaints: assigned to Nok")
    assert shell.keys - before <= 60
    shell.press(*"exit", ENTER)
    shell.end()
    assert len(staffed("list", "--owner", "nok", "--json", now=MONDAY).json) == 40
