"""Correcting what was typed wrongly, as it is done at the counter: by options, and in the edit line of a real terminal."""

import pytest

from tests.cli.runner import SUNDAY, Program, entries
from tests.cli.screen import BACKSPACE, CTRL_C, CTRL_D, ENTER, Screen

MONDAY = "2017-03-06 10:00"
CTRL_U = "\x15"
GIVEN = ("--subject", "ไฟดบ", "--customer", "สมชาย ใจดี", "--phone", "0812345678", "--detail", "ทั้งซอย\nสองวัน")


def logged(program: Program) -> str:
    return program.number("residential", *GIVEN)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("th", ["แก้ไขเรื่องแล้ว: ไฟดบ → ไฟดับ", "แก้ไขโทรศัพท์แล้ว: 08x-xxx-5678 → 08x-xxx-5679"]),
        ("en", ["subject corrected: ไฟดบ → ไฟดับ", "telephone corrected: 08x-xxx-5678 → 08x-xxx-5679"]),
    ],
)
def test_each_field_is_answered_with_what_it_was_and_is(program: Program, lang: str, said: list[str]) -> None:
    number = logged(program)
    before = program.show(number)
    given = ("--subject", "ไฟดับ", "--phone", "0812345679")
    answer = program("correct", "6003-1", *given, now=MONDAY, lang=lang)
    assert answer.out.splitlines() == [f"{number} ไฟดับ · สมชาย ใจดี", *(f"  {line}" for line in said)]
    # The history tells it, the old words as well; the telephone in full for whoever may call.
    history = program("show", number, now=MONDAY, lang=lang).out
    assert all(line.partition(": ")[2] in history for line in said)
    assert "0812345678" not in history
    assert "0812345678 → 0812345679" in program("show", number, "--contact", now=MONDAY, lang=lang).out
    after = program.show(number)
    assert {name for name in before if before[name] != after[name]} == {"subject", "customer", "events"}


def test_the_answer_to_a_program_has_the_complaint_and_what_was_corrected(program: Program) -> None:
    number = logged(program)
    command = ("correct", number, "--phone", "0822345678", "--detail", "", "--channel", "ไลน์", "--json")
    answer = program(*command, now=MONDAY).json
    assert (answer["number"], answer["channel"], answer["detail"]) == (number, "line", None)
    assert answer["corrected"] == [
        {"field": "detail", "was": "ทั้งซอย\nสองวัน", "now": None},
        {"field": "phone", "was": "08x-xxx-5678", "now": "08x-xxx-5678"},
        {"field": "channel", "was": "phone", "now": "line"},
    ]
    # What differs is hidden by the mask, and that is said.
    other = program("correct", number, "--phone", "0832345678", now=MONDAY).out
    assert other.splitlines()[1:] == ["  telephone corrected: 08x-xxx-5678, otherwise where it is not shown"]
    words = program.show(number)["events"][-1]["words"]
    assert words == {"phone": "08x-xxx-5678", "phone_was": "08x-xxx-5678"}


def test_of_whom_nothing_is_known_any_more_nothing_is_shown(sqlite_program: Program) -> None:
    number = logged(sqlite_program)
    assert "Customer" in sqlite_program("show", number, now=MONDAY).out
    sqlite_program("correct", number, "--phone", "", "--customer", "", now=MONDAY)
    assert "Customer" not in sqlite_program("show", number, now=MONDAY).out
    assert sqlite_program("audit", "--json").json["discrepancies"] == []


@pytest.mark.parametrize(
    ("lang", "same", "taken", "ended"),
    [
        ("th", "ไม่มีอะไรเปลี่ยนใน {0} เพราะเป็นอย่างนั้นอยู่แล้ว: โทรศัพท์ 08x-xxx-5678", "{0} อยู่แล้ว", "reopen {0}"),
        ("en", "Nothing was changed: {0} says so already: telephone 08x-xxx-5678", "id of {0} already", "reopen {0}"),
    ],
)  # fmt: skip
def test_what_is_not_possible_says_why_and_what_to_do(
    program: Program, lang: str, same: str, taken: str, ended: str
) -> None:
    number = logged(program)
    other = program.number("residential", "--external-id", "VOC-1")
    before = program.dump()

    def refused(*given: str) -> str:
        return program("correct", number, *given, now=MONDAY, lang=lang, code=6).err

    assert same.format(number) in refused("--phone", "081-234-5678")
    assert taken.format(other) in refused("--external-id", "VOC-1", "--subject", "x")
    program("close", number, "--outcome", "x", now=MONDAY)
    assert ended.format(number) in refused("--channel", "line")
    program("correct", number, "--phone", "0899999999", now=MONDAY)
    program("erase", number, "--reason", "x", now=MONDAY)
    after = program.dump()
    assert number in refused("--subject", "x")
    assert program.dump() == after != before


def at_terminal(program: Program, lang: str = "th") -> Screen:
    screen = Screen.of("--db", program.url, "--lang", lang, "--now", MONDAY, "correct", "6003-1")
    screen.expect("Enter)" if lang == "th" else "(Enter: none)")
    return screen


def test_a_wrong_digit_is_mended_in_the_edit_line_with_six_keys_of_either_keyboard(
    sqlite_program: Program,
) -> None:
    number = logged(sqlite_program)
    for four, nine, phone in (("4", "9", "0812345679"), ("ภ", "8", "0812345678")):
        screen = at_terminal(sqlite_program)
        screen.press(four, ENTER)
        screen.expect("โทรศัพท์: 08")
        screen.press(BACKSPACE, nine, ENTER)
        screen.expect("*4 ")
        screen.press(ENTER)
        assert screen.end() == 0
        assert f"→ 08x-xxx-{phone[-4:]}" in screen.text
        assert screen.keys == 6
        assert sqlite_program("show", number, "--contact", "--json").json["customer"]["phone"] == phone
    # That it stood there in full is written down.
    assert "contact-read" in {one["kind"] for one in sqlite_program("journal", "--json").json}


def test_what_stands_there_in_full_is_written_down_in_a_text_as_well_and_a_channel_is_its_number(
    sqlite_program: Program,
) -> None:
    sqlite_program.number("residential", "--subject", "โทรกลับ 0812345678", "--detail", "ทั้งซอย")
    screen = at_terminal(sqlite_program, "en")
    for field, value in (("2", "detail: ทั้งซอย"), ("1", "subject: โทรกลับ 0812345678")):
        screen.type(field)
        screen.expect(value)
        screen.press(ENTER)
        screen.expect("Number to correct", since=value)
    screen.type("8")
    screen.expect("channel: Office telephone")
    # 2 with the Thai keyboard on.
    screen.press(CTRL_U, "/", ENTER)
    screen.expect("*8 channel           1129")
    screen.press(ENTER)
    assert screen.end() == 0
    assert sqlite_program.show("6003-1")["channel"] == "contact-center"
    assert [one["kind"] for one in entries(sqlite_program)].count("contact-read") == 1


def test_what_is_refused_is_asked_again_with_what_was_typed_and_nothing_is_lost(
    sqlite_program: Program,
) -> None:
    number = logged(sqlite_program)
    sqlite_program.number("residential", "--external-id", "VOC-1")
    screen = at_terminal(sqlite_program, "en")
    screen.type("9")
    screen.expect("9 is none of them")
    screen.type("4")
    screen.expect("telephone: 0812345678")
    screen.press(*[BACKSPACE] * 5, ENTER)
    screen.expect("08123 is no telephone number")
    screen.type("99999")
    screen.expect("*4 ")
    screen.type("7")
    screen.expect("id elsewhere:")
    screen.type("VOC-1")
    screen.expect("*7 ")
    screen.type("1")
    screen.expect("subject: ไฟดบ")
    screen.press(BACKSPACE, "ั", "บ", ENTER)
    screen.expect("*1 ")
    # It is taken: what was typed stands there all the same.
    screen.press(ENTER)
    screen.expect("is the id of C-6003-00002 already")
    screen.expect("*4 telephone         08x-xxx-9999", since="already")
    screen.type("7")
    screen.expect("id elsewhere: VOC-1", since="already")
    screen.press(BACKSPACE, "2", ENTER)
    screen.expect("*7 id elsewhere      VOC-2", since="already")
    screen.press(ENTER)
    assert screen.end() == 0
    found = sqlite_program("show", number, "--contact", "--json").json
    assert (found["subject"], found["external_id"], found["customer"]["phone"], found["detail"]) == (
        *("ไฟดับ", "VOC-2", "0812399999", "ทั้งซอย\nสองวัน"),
    )


def test_what_is_refused_may_be_left_as_it_was_and_what_else_was_typed_is_kept(
    sqlite_program: Program,
) -> None:
    number = logged(sqlite_program)
    sqlite_program("close", number, "--outcome", "x", now=MONDAY)
    screen = at_terminal(sqlite_program, "en")
    screen.type("4")
    screen.expect("telephone: 0812345678")
    screen.press(BACKSPACE, "9", ENTER)
    screen.expect("*4 ")
    screen.type("8")
    screen.expect("channel: Office telephone")
    # The channel of what has ended; and < with the Thai keyboard on.
    screen.press(CTRL_U, "2", ENTER)
    screen.expect("A single < leaves it as it was.")
    screen.press(CTRL_U, "ฒ", ENTER)
    screen.expect(" 8 channel           Office telephone", since="leaves it")
    screen.press(ENTER)
    assert screen.end() == 0
    assert sqlite_program("show", number, "--contact", "--json").json["customer"]["phone"] == "0812345679"


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_whoever_leaves_has_changed_nothing(sqlite_program: Program, key: str) -> None:
    logged(sqlite_program)
    before = sqlite_program.dump()
    screen = at_terminal(sqlite_program, "en")
    screen.type("1")
    screen.expect("subject: ไฟดบ")
    screen.press("x", ENTER)
    screen.expect("*1 ")
    screen.press(key)
    assert screen.end() == 130
    assert "Nothing was changed." in screen.text
    assert sqlite_program.dump() == before
    screen = at_terminal(sqlite_program, "en")
    screen.press(ENTER)
    assert (screen.end(), sqlite_program.dump()) == (0, before)


def test_reclassifying_takes_a_channel_and_understands_what_everybody_says(program: Program) -> None:
    number = logged(program)
    command = ("reclassify", number, "--channel", "4", "--group", "2", "--reason", "x", "--json")
    found = program(*command, now=SUNDAY).json
    assert (found["channel"], found["group"], found["days"]) == ("letter", "key-account", 15)
    assert program("audit", "--json").json["discrepancies"] == []
