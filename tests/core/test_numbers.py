"""Numbers as people give several of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue
from complaint_sla.core.numbers import joined, leading, listed

NUMBERS = st.builds("C-{:04d}-{:05d}".format, st.integers(1, 9912), st.integers(1, 99999))
SAID = st.sampled_from(
    [
        str,
        str.lower,
        lambda one: one.removeprefix("C-"),
        lambda one: one.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
    ]
)


@given(st.lists(st.tuples(NUMBERS, SAID, st.sampled_from([" ", "\n", "\r\n", "\t", "  \n\n"])), min_size=1))
def test_numbers_come_by_lines_or_by_blanks_however_they_are_written(
    given: list[tuple[str, object, str]],
) -> None:
    text = "".join(f"{said(number)}{gap}" for number, said, gap in given)  # type: ignore[operator]
    assert listed(text) == [number for number, _, _ in given]


@given(st.lists(NUMBERS, min_size=1), st.sampled_from(",;\t"), st.booleans())
def test_a_sheets_first_column_is_taken(numbers: list[str], comma: str, marked: bool) -> None:
    rows = [f'{number}{comma}"6911-4{comma} 6911-5\nof two lines"{comma}7' for number in numbers]
    text = "\ufeff" * marked + "\r\n".join([f"number{comma}subject{comma}days", *rows]) + "\r\n"
    assert listed(text) == numbers
    # As spreadsheets write it that quote every word.
    assert listed(text.replace(f"number{comma}", f'"number"{comma}', 1)) == numbers


def test_the_lines_of_a_list_are_taken_by_their_first_word() -> None:
    shown = """\
No.           Due          Left      Subject
C-6911-00030  30 Mar 2017  25 days   6911-4 is what it was before
              KBR-1 · no owner · Group 4
C-6911-00031  31 Mar 2017  26 days   ไฟดับ
              C-6911-7 · no owner · Group 4
2 of 20 shown · 1 late
"""
    assert listed(shown) == ["C-6911-00030", "C-6911-00031"]
    assert listed("6911-3 ไฟดับ\n  6911-4\n6911–5 12 m\n") == [f"C-6911-0000{n}" for n in (3, 4, 5)]
    # As many as to look like a number.
    numbers = [f"C-6911-{n:05d}" for n in range(1, 10113)]
    rows = [f"{number}  30 Mar 2017\n              no owner" for number in numbers]
    assert listed("\n".join(["No.", *rows, "10112 of 10112 shown · 0 late"])) == numbers


NUMBERS_ASTRAY = (
    "* 6911-5",
    "1. 6911-5",
    "#6911-5",
    '"6911-5"',
    "(6911/5)",
    "=6911-5",
    "เรื่อง ๖๙๑๑-๕",
    "6911 5,",
    "6911 5 ไฟดับ",
    "6911-4 6911-5x",
    "6911-4 and 6911 5",
    "  6911-5x",
    "69115 ไฟดับ",
    "69115x",
    "C69115x",
    "6911−5x",
    "6911—5x",
    "๖๙๑๑－๕x",
    "691-5",
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "no-numbers"),
        ("none of them\n", "no-numbers"),
        ("6911-30\n6911-3x\n", "no-number"),
        ("number,a\nx,1\n", "no-number"),
        # Whoever typed it meant it to be done as well: nothing is passed over that may be a number.
        *((f"6911-30\n{line}\n6911-31", "no-number") for line in NUMBERS_ASTRAY),
    ],
)
def test_what_was_meant_for_a_number_is_named(text: str, key: str) -> None:
    with pytest.raises(BadValue, match=key):
        listed(text)


def test_what_follows_the_numbers_is_the_rest() -> None:
    assert leading(["6911-3", "๖๙๑๑-4", "said", "6911-5"]) == (["6911-3", "๖๙๑๑-4"], ["said", "6911-5"])
    # What stands where a number must is one, and is looked for.
    assert leading(["nonsense", "said"]) == (["nonsense"], ["said"])
    assert leading(["6911-3", "\udcff"]) == (["6911-3"], ["\udcff"])


def test_a_number_of_digits_alone_is_one_where_nothing_else_can_be_meant() -> None:
    assert joined(["6911", "307", "๖๙๑๑", "๘", "6911-4", "said"]) == ["6911-307", "๖๙๑๑-๘", "6911-4", "said"]
    assert leading(["6911307", "0212345678"]) == (["6911307"], ["0212345678"])
    assert listed("6911307\n6911 308\n") == ["C-6911-00307", "C-6911-00308"]
