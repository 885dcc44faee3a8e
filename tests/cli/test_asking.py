"""`log` at a terminal: it asks for what is missing, and for nothing else."""

import pytest

from tests.cli.runner import Keyboard, Program, without_mark


@pytest.fixture
def staffed(sqlite_program: Program) -> Program:
    sqlite_program.hire("sup")
    sqlite_program.hire("man", "manager")
    return sqlite_program


def test_everything_is_asked_for_with_the_choices_in_sight(staffed: Program) -> None:
    staffed.number("residential", "--phone", "0812345678", "--subject", "an older matter")
    screen = Keyboard.at(*staffed.options("2017-03-06 09:00"), "log")

    screen.expect("Telephone")
    screen.type("12345")
    screen.expect("12345 is no telephone number")
    screen.expect("Telephone")
    screen.type("081-234-5678")
    screen.expect("Open complaint of this customer:")
    screen.expect("C-6003-00001")
    screen.expect("an older matter")
    screen.expect("Customer's name")
    screen.type("")
    screen.expect("1 Group 1: customers in SPP-competition areas")
    screen.expect("4 Group 4")
    screen.expect("Number or key")
    screen.type("9")
    screen.expect("9 is none of them")
    screen.type("4")
    screen.expect("urgent?")
    screen.type("")
    channels = screen.expect("Number or key")
    assert "1129 PEA Contact Center" in channels
    assert "Damrongdhama" in channels
    screen.type("PHONE")
    screen.expect("Power outage")
    screen.expect("Number or key")
    screen.type("low-voltage")
    screen.expect("Subject")
    screen.type("")
    screen.type("ไฟตก ตอนเย็น")
    screen.expect("C-6003-00002  due 31 March 2017 (in 25 days)")

    assert screen.end() == 0
    found = staffed.show("6003-2")
    assert (found["group"], found["channel"], found["category"]) == ("residential", "phone", "low-voltage")
    assert (found["subject"], found["urgent"]) == ("ไฟตก ตอนเย็น", False)
    assert found["customer"]["phone"] == "08x-xxx-5678"


def test_what_was_given_is_not_asked_for(staffed: Program) -> None:
    screen = Keyboard.at(
        *staffed.options("2017-03-06"), "log", "--group", "residential", "--channel", "line", "--category", "other",
        "--phone", "0812345678", "--customer", "Somying", "--urgent",
    )  # fmt: skip

    screen.expect("Subject")
    screen.type("only this")
    screen.expect("C-6003-00001")

    assert screen.end() == 0
    assert "Telephone" not in screen.seen
    assert "Number or key" not in screen.seen
    assert staffed.show("6003-1")["urgent"] is True


def test_nothing_is_asked_where_nothing_is_missing(staffed: Program) -> None:
    screen = Keyboard.at(
        *staffed.options("2017-03-06"), "log", "--group", "residential", "--channel", "line", "--category", "other",
        "--subject", "all of it",
    )  # fmt: skip

    assert screen.end() == 0
    assert without_mark(screen.seen).startswith("C-6003-00001  due 31 March 2017")


def test_the_office_is_asked_for_where_it_is_not_clear(staffed: Program) -> None:
    staffed.found_office("BANSANG")
    screen = Keyboard.at(
        *staffed.options("2017-03-06", "stranger"), "log", "--group", "residential", "--channel", "line",
        "--category", "other", "--phone", "0812345678", "--customer", "Somying", "--no-urgent",
    )  # fmt: skip

    screen.expect("Subject")
    screen.type("x")
    screen.expect("At BANSANG")
    screen.expect("Number or key")
    screen.type("bansang")

    assert screen.end() == 0
    assert staffed.show("6003-1")["office"] == "BANSANG"


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_whoever_gives_up_in_the_middle_leaves_nothing_behind(staffed: Program, key: str) -> None:
    before = staffed.dump()
    screen = Keyboard.at(*staffed.options("2017-03-06"), "log")

    screen.expect("Telephone")
    screen.type("0812345678")
    screen.expect("Customer's name")
    screen.press(key)

    assert screen.end(again=key) == 130
    assert "Traceback" not in screen.seen
    assert staffed.dump() == before
