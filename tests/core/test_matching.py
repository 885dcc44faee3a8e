"""Who is meant by a part of a name, and what was meant with the Thai keyboard on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core import keyboard
from complaint_sla.core.matching import meant

STAFF = [
    ("nok@pea.example", ("นก ศรีสุข",)),
    ("nokyoong@pea.example", ("นกยูง ใจดี",)),
    ("lek.t@pea.example", ("เล็ก ทองดี",)),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("NOK@pea.example", ["nok@pea.example"]),
        ("nok", ["nok@pea.example", "nokyoong@pea.example"]),
        ("noky", ["nokyoong@pea.example"]),
        ("นก ศรี", ["nok@pea.example"]),
        # The beginning of a word goes before what is in the midst of one.
        ("ใจ", ["nokyoong@pea.example"]),
        ("องดี", ["lek.t@pea.example"]),
        # Sara ae typed as two.
        ("เล็ก  ทอง", ["lek.t@pea.example"]),
        ("n", []),
        ("", []),
        ("mali", []),
    ],
)
def test_the_one_is_meant_that_it_fits(text: str, found: list[str]) -> None:
    assert meant(text, STAFF) == found


@given(st.text("0123456789", min_size=1, max_size=12))
def test_digits_are_digits_on_either_keyboard(number: str) -> None:
    thai = dict(zip("1234567890", "ๅ/-ภถุึคตจ", strict=True))
    for typed in (
        "".join(thai[digit] for digit in number),
        number.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
    ):
        assert keyboard.digits(typed) == number
    # With a digit in it, a dash is a dash.
    assert keyboard.digits(f"{number}-1/2") == f"{number}-1/2"


def test_keys_of_acts_are_told_by_their_place() -> None:
    assert [keyboard.letter(key) for key in "ฟืแๆYัn"] == ["a", "n", "c", "q", "y", "y", "n"]
    assert keyboard.latin("สรหะ") == "list"
    assert keyboard.latin("a-b/c") == "a-b/c"
