"""`log` at a terminal: it asks for what is missing, and for nothing else; who is on the line comes first."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.runner import Program
from tests.cli.screen import BACKSPACE, CTRL_C, ENTER, HOME, LEFT, Screen, pasted
from tests.cli.typist import typing

MONDAY = "2017-03-06 09:00"
PHONE = "0812345678"
GIVEN = ("--group", "residential", "--channel", "line", "--category", "other")


@pytest.fixture
def staffed(sqlite_program: Program) -> Program:
    sqlite_program.hire("sup")
    sqlite_program.hire("man", "manager")
    return sqlite_program


def test_what_is_seen_is_what_is_stored(staffed: Program) -> None:
    """Rows of the counter: a paste, Thai marks, the keyboard left on, a way back, arrows; all of them at a real terminal."""
    screen = Screen.of(*staffed.options(MONDAY), "log")

    screen.expect("Telephone")
    screen.type("12345")
    screen.expect("Telephone: 12345", since="12345 is no telephone number")
    # What was refused is there to be mended: 0812345678 by the keys of the Thai keyboard.
    screen.press(*[BACKSPACE] * 5)
    screen.type("จคๅ/-ภถุึค")
    screen.expect("Customer's name")
    screen.type("ที่ที่ที่" + BACKSPACE * 2 + "นี่")
    screen.expect("4 Group 4")
    screen.type("-")
    screen.expect("→ Group 3: industrial and commercial customers")
    screen.expect("urgent?")
    screen.type("<")
    screen.expect("Number or key: 3")
    screen.type(BACKSPACE + "ภ")
    screen.expect("→ Group 4: residential and other customers")
    screen.type("ื")
    screen.expect("→ not urgent")
    screen.type("/")
    screen.expect("→ 1129 PEA Contact Center")
    screen.type("ภ")
    screen.expect("→ Unstable voltage")
    screen.press(pasted("ไฟดับทั้งหมู่บ้าน\n4\nโทรกลับด้วย\n"), ENTER)
    said = screen.expect("Ctrl-C: stop")
    assert "The pasted text has 3 lines: the first is the subject, the rest the detail." in said
    assert "1 0812345678 · 2 ที่นี่ · 3 Group 4: residential" in said
    screen.type("8")
    screen.expect("Detail: 4\nโทรกลับด้วย")
    screen.press(LEFT, BACKSPACE, "ร", HOME, "๔", ENTER)
    assert "8 ๔4 โทรกลับด้รย" in screen.expect("Ctrl-C: stop", since="Detail:")
    screen.press(ENTER)
    screen.expect("C-6003-00001  due 31 March 2017 (in 25 days)")

    assert screen.end() == 0
    found = staffed("show", "6003-1", "--json", "--contact").json
    assert (found["group"], found["channel"], found["category"]) == (
        "residential",
        "contact-center",
        "unstable-voltage",
    )
    assert (found["subject"], found["detail"], found["urgent"]) == ("ไฟดับทั้งหมู่บ้าน", "๔4\nโทรกลับด้รย", False)
    assert (found["customer"]["phone"], found["customer"]["name"]) == (PHONE, "ที่นี่")


def test_a_new_caller_takes_thirty_keys_and_the_same_again_twelve(staffed: Program, tmp_path: Path) -> None:
    # Where the answer goes has nothing to do with who is asked.
    log = shlex.join([sys.executable, "-m", "complaint_sla", *staffed.options(MONDAY), "log"])
    screen = Screen(["sh", "-c", f"{log} > {tmp_path / 'answer'}"])
    for question, answer in {
        "Telephone": PHONE, "Customer's name": "", "residential and other customers": "4", "urgent?": "",
        "Office of the ERC": "3", "Slow service": "1", "Subject": "x", "Enter: log it": "",
    }.items():  # fmt: skip
        screen.expect(question)
        screen.type(answer)
    assert screen.end() == 0
    assert "C-6003-00001" in (tmp_path / "answer").read_text()
    # One of them is the subject.
    assert screen.keys - 1 <= 30

    screen = Screen.of(*staffed.options(MONDAY), "log")
    screen.expect("Telephone")
    screen.type(PHONE)
    screen.expect("1 C-6003-00001  in 25 days · no owner · x")
    assert screen.keys <= 12
    screen.type("n")
    screen.expect("→ C-6003-00001 x")
    screen.type("โทรมาอีก")
    screen.expect("C-6003-00001 x: noted")
    assert screen.end() == 0
    assert staffed.show("6003-1")["events"][-1]["words"] == {"note": "โทรมาอีก"}


def test_nothing_that_was_pasted_reaches_the_shell(staffed: Program, tmp_path: Path) -> None:
    """As old terminals paste, line by line; whether it is logged, refused or left."""
    ran = tmp_path / "ran"
    paste = f"ไฟดับ\rtouch {ran}\rtouch {ran}\r"
    log = f"{sys.executable} -m complaint_sla {shlex.join(staffed.options(MONDAY))} log --phone {PHONE}"
    screen = Screen(["bash", "--norc"], environment={"PS1": "READY> "}, size=(250, 50))
    for number, key in enumerate((ENTER, CTRL_C), 1):
        screen.type(f"{log} --customer X --no-urgent {' '.join(GIVEN)} #{number}")
        if number > 1:
            screen.expect("a new one", since=f"#{number}")
            screen.press(ENTER)
        screen.expect("Subject", since=f"#{number}")
        screen.press(paste)
        screen.expect("Ctrl-C: stop", since=f"#{number}")
        screen.settle()
        # With more of it behind that.
        screen.press(f"{key}touch {ran}\r")
        screen.expect("READY>", since=f"#{number}")
    screen.type("exit")
    assert "Nothing was logged. What you typed is kept" in screen.settle()
    screen.end()
    assert not ran.exists()
    assert [one["subject"] for one in staffed("list", "--json").json] == ["ไฟดับ"]


def test_what_was_given_is_not_asked_for(staffed: Program) -> None:
    with typing("only this", "") as typist:
        staffed("log", *GIVEN, "--phone", PHONE, "--customer", "Somying", "--urgent", now=MONDAY)

    assert (
        typist.titles
        == ["Subject", "Enter: log it · 1–8: change · <: back · Ctrl-C: stop"][:1] + typist.titles[1:]
    )
    assert len(typist.asked) == 2
    assert staffed.show("6003-1")["urgent"] is True


def test_nothing_is_asked_where_nothing_is_missing(staffed: Program) -> None:
    with typing():
        answer = staffed("log", *GIVEN, "--subject", "all of it", now=MONDAY)

    assert answer.out.startswith("C-6003-00001  due 31 March 2017")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--group", "5", "no customer group 5"),
        ("--email", "bad", "bad is no e-mail address"),
        ("--owner", "nok", "nobody with the address nok"),
        ("--received-at", "2017-03-07", "still to come"),
        ("--received-at", "27/13/2560", "27/13/2560"),
        ("--phone", "1", "1 is no telephone number"),
        ("--office", "x", "There is no office x"),
    ],
)
def test_what_was_given_is_refused_before_anything_is_typed(
    staffed: Program, option: str, value: str, said: str
) -> None:
    with typing():
        answer = staffed("log", option, value, now=MONDAY, code=2)

    assert said in answer.err


def test_what_is_known_by_its_id_is_answered_at_once(staffed: Program) -> None:
    staffed.number("residential", "--external-id", "VOC-1")

    with typing():
        answer = staffed("log", "--external-id", "VOC-1", now=MONDAY)

    assert answer.out.startswith("Logged before, as:\nC-6003-00001")


def test_the_office_is_asked_for_where_it_is_not_clear(staffed: Program) -> None:
    staffed.found_office("BANSANG")

    with typing("แซง", "bansang", "x", "") as typist:
        given = (*GIVEN, "--phone", PHONE, "--customer", "Somying", "--no-urgent")
        answer = staffed("log", *given, now=MONDAY, acting="stranger")

    assert "BANSANG At BANSANG" in answer.err
    assert typist.titles[2] == "Subject"
    assert staffed.show("6003-1")["office"] == "BANSANG"
    # The next time Enter takes it, though whoever acts is of another one.
    with typing("", "", "y", "") as typist:
        staffed("log", *given, now=MONDAY, acting="sup@example.org")
    assert typist.titles[1] == "Number or key (Enter: BANSANG)"
    assert staffed.show("6003-2")["office"] == "BANSANG"


def test_in_a_narrow_window_no_question_and_no_choice_is_broken_within_a_word(
    staffed: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    staffed(
        "office", "add", "KABIN", "--name-th", "กบินทร์บุรี", "--name-en", "Kabin Buri District " + "Branch " * 9
    )
    for _ in range(2):
        staffed.number("residential", "--phone", PHONE, "--office", "MAIN")
    staffed("close", "6003-2", "--outcome", "x", now=MONDAY)
    too_long = "x" * 501

    given = (*GIVEN, "--phone", PHONE, "--customer", "Somying", "--no-urgent")
    with typing("", "1", f"{too_long}\nsecond line", "x", "") as typist:
        said = staffed("log", *given, now=MONDAY, acting="stranger").err

    assert typist.titles[0] == "r 2: reopen it"
    assert "Enter: a new one · n 2: a note to the second\n" in said
    assert "  1 KABIN Kabin Buri District Branch Branch Branch Branch B…\n" in said
    # What was refused is there to be mended, line by line.
    assert typist.asked[3] == ("Subject", f"{too_long}\nsecond line")


def test_the_same_caller_is_known_before_it_is_logged(staffed: Program) -> None:
    staffed.number("residential", "--phone", PHONE, "--subject", "open", "--owner", "sup@example.org")
    staffed("note", "6003-1", "ช่างไปแล้ว", now="2017-03-05 11:00")
    ended = staffed.number("residential", "--phone", PHONE, "--subject", "ended \u202e31")
    staffed("close", ended, "--outcome", "put right", now="2017-03-05 12:00")
    whole = ("log", *GIVEN, "--subject", "again", "--phone", PHONE)

    with typing("r2", "not yet") as typist:
        reopened = staffed(*whole, now=MONDAY)
    assert typist.titles == [
        "Enter: a new one · n 2: a note to the second · r 2: reopen it", "Why reopen",
    ]  # fmt: skip
    assert "  1 C-6003-00001  in 24 days · Sup · open · ช่างไปแล้ว" in reopened.err
    assert "  2 C-6003-00002  closed 5 Mar 2017 · no owner · ended \\u202e31 · put right" in reopened.err
    assert reopened.out.startswith("C-6003-00002 ended \\u202e31: open again · due 30 March 2017")
    assert staffed.show("6003-2")["status"] == "open"

    with typing(""):
        staffed(*whole, now=MONDAY)
    assert len(staffed("list", "--json", now=MONDAY).json) == 3
    # A script is asked nothing.
    with typing():
        said = staffed(*whole, "--json", now=MONDAY).json
    assert len(said["same_customer"]) == 3
    assert said["recent_customer"] == []
    staffed("close", ended, "--outcome", "put right", now=MONDAY)
    said = staffed(*whole, "--json", now=MONDAY).json
    assert (ended in said["same_customer"], said["recent_customer"]) == (False, [ended])
