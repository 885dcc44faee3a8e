"""What is shown of other people's text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.wording.screening import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ไฟฟ้าดับ ตั้งแต่เที่ยง", "ไฟฟ้าดับ ตั้งแต่เที่ยง"),
        ("no power, 5 < 6 & more", "no power, 5 < 6 & more"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x9b31m", r"\x9b31m"),
        ("\x00\x7f", r"\x00\x7f"),
        ("invoice\u202efdp.exe", r"invoice\u202efdp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("a\ud800b", r"a\ud800b"),
        ("\u061c\u200e\u200f", r"\u061c\u200e\u200f"),
        ("👩\u200d🔧", "👩\u200d🔧"),
    ],
)
def test_nothing_that_could_steer_a_screen_is_shown_as_it_is(text, shown):
    assert plain(text) == shown


def test_line_ends_and_tabs_stay_where_they_are_wanted():
    assert plain("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"


@given(st.text(st.characters() | st.sampled_from("\x1b\u202e\ud800\u2028\x00")))
def test_shown_text_can_be_printed_anywhere_and_shown_again(text):
    shown = plain(text)
    assert plain(shown) == shown
    assert shown.encode().decode() == shown
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert not any(unicodedata.bidirectional(char) in ("RLO", "LRO", "RLE", "LRE", "PDF") for char in shown)
    assert not any(unicodedata.bidirectional(char) in ("RLI", "LRI", "FSI", "PDI") for char in shown)
