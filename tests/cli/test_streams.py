"""Whatever the streams are like: standard input closed, an output of another encoding; and what leaves is masked."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

from complaint_sla.cli.main import main
from tests.cli.runner import PATIENCE, SUNDAY, Program, log_command

SUBJECT = "ไฟดับ 😀 café"
# Each answers with JSON, or with something else that a program reads.
FOR_PROGRAMS = (
    ["list", "--json"], ["find", "café", "--json"], ["show", "6003-1", "--json"], ["explain", "6003-1", "--json"],
    ["note", "6003-1", SUBJECT, "--json"], ["report", "1/2560", "--json"], ["journal", "--json"],
    ["rules", "show", "--json"], ["list", "--csv"], ["report", "1/2560", "--format", "csv"],
    ["report", "1/2560", "--format", "html"],
)  # fmt: skip


def said_in(encoding: str, arguments: list[str]) -> bytes:
    """What the program writes on an output of this encoding."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert main(arguments) == 0
    out.flush()
    return out.buffer.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("encoding", ["cp874", "ascii", "latin-1"])
def test_what_a_program_reads_is_utf8_whatever_the_terminal_speaks(
    sqlite_program: Program, encoding: str
) -> None:
    sqlite_program("office", "set", "MAIN", "--name-th", "สำนักงาน", "--name-en", "Café")
    sqlite_program.number("residential", "--subject", SUBJECT)
    for command in FOR_PROGRAMS:
        arguments = [*sqlite_program.options(now="2017-03-06 10:00", lang="th"), *command]
        said, expected = said_in(encoding, arguments), said_in("utf-8", arguments)
        if command[0] == "note":
            # It was said twice.
            assert json.loads(said)["subject"] == json.loads(expected)["subject"] == SUBJECT
        else:
            assert said == expected, command
        assert said.decode()
        if "--json" in command:
            json.loads(said)
        elif command[-1] in ("--csv", "csv"):
            assert said.startswith(b"\xef\xbb\xbf")
            assert said.count(b"\r\n") == said.count(b"\n")


def test_a_terminal_of_another_thai_encoding_is_spoken_to_in_thai(sqlite_program: Program) -> None:
    sqlite_program.number("residential", "--subject", SUBJECT)
    for encoding in ("tis-620", "cp874"):
        said = said_in(encoding, [*sqlite_program.options(now=SUNDAY, lang="th"), "list"]).decode(encoding)
        assert "ไฟดับ \\U0001f600 caf\\xe9" in said
        assert "MAIN - ยังไม่มีผู้รับผิดชอบ - " in said
        assert "\\xb7" not in said


ASKING = (
    ["log", "--group", "residential"],
    ["person", "erase", "--phone", "0812345678", "--reason", "x"],
    ["import", "none.csv"],
    ["restore", "none.db"],
    ["import", "/dev/stdin"],
    ["import", "-"],
)


def test_where_standard_input_is_closed_nobody_is_asked_and_that_is_no_bug(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite_program.number("residential", "--phone", "0812345678")
    before = sqlite_program.dump()
    for command in ASKING:
        err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", None)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
            sys.stdout.reconfigure = lambda **_: None  # type: ignore[union-attr, attr-defined]
            assert main([*sqlite_program.options(), *command]) == 2, command
        assert not sys.stdin.isatty()
        sys.stdin.close()
    assert sqlite_program.dump() == before


def test_what_needs_no_answer_is_done_where_standard_input_is_closed(sqlite_program: Program) -> None:
    arguments = [*log_command(), "--office", "MAIN", "--json"]
    done = sqlite_program.spawn(*arguments, stdin=None, preexec_fn=lambda: os.close(0))
    out, err = done.communicate(timeout=PATIENCE)
    assert done.returncode == 0, err
    assert sqlite_program.show(json.loads(out)["number"])["status"] == "open"


TEXT = "โทรกลับ 081-234-5678 ผู้ใช้ไฟ 0200 1234 5678"
SHOWN = "โทรกลับ 08x-xxx-5678 ผู้ใช้ไฟ xxxx-xxxx-5678"


def test_a_telephone_in_a_text_is_masked_wherever_its_field_is_and_found_all_the_same(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"folder:{tmp_path / 'mail'}")
    program.hire("sup")
    said = ["--subject", TEXT, "--detail", TEXT, "--customer", TEXT, "--phone", "0898765432"]
    number = program.number("residential", "--urgent", *said)
    other = program.number("residential", "--subject", TEXT)
    program("note", number, TEXT, now=SUNDAY)
    program("close", other, "--outcome", TEXT, now=SUNDAY)
    program("reopen", other, "--reason", TEXT, now=SUNDAY)
    program("close", other, "--outcome", TEXT, now=SUNDAY)
    program("sweep", now="2017-03-06 08:30")
    program("deliver", now="2017-03-06 08:30")

    letter = program("mail", "show", "1", now="2017-03-06 08:30").out
    answers = [
        program(*command, now="2017-03-06 10:00").out
        for command in (
            ["list"], ["list", "--json"], ["list", "--csv"], ["find", "โทรกลับ"], ["find", "โทรกลับ", "--json"],
            ["show", number], ["show", number, "--json"], ["show", other], ["show", other, "--json"],
            ["person", "show", "--phone", "0898765432"], ["person", "show", "--phone", "0898765432", "--json"],
            ["note", number, "x", "--json"],
        )
    ]  # fmt: skip

    for answer in (letter, *answers):
        flat = " ".join(answer.split())
        assert "08x-xxx-5678" in flat
        assert "234-5678" not in flat
        assert "1234 5678" not in flat
    whole = program("show", number, "--contact", "--json", now=SUNDAY).json
    assert (whole["subject"], whole["detail"], whole["customer"]["name"]) == (TEXT, TEXT, TEXT)
    assert TEXT in " ".join(program("show", number, "--contact", now=SUNDAY).out.split())
    program("export", str(tmp_path / "all.csv"), now=SUNDAY)
    assert (tmp_path / "all.csv").read_text(encoding="utf-8").count(TEXT) >= 4
    for sought in ("081-234-5678", "0812345678", "+66 81 234 5678", "020012345678", "๐๘๑๒๓๔๕๖๗๘", "234-5678"):
        found = program("find", sought, "--json", now=SUNDAY).json
        assert {one["number"] for one in found} == {number, other}, sought
    assert program("find", "0812345679", "--json", now=SUNDAY).json == []
