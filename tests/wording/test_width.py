"""Texts are measured in cells, in one way wherever they are aligned, wrapped or cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.wording.width import cells_wide, cut, padded, shortened, wrapped

THAI = st.text(st.sampled_from("กขคงจดตทนบปพฟมยรลวสหอเแโใไๆาำะัิีึืุู็่้๊๋์ aZ1"), max_size=120)


@pytest.mark.parametrize(
    ("text", "cells"),
    [("ที่", 1), ("น้ำ", 2), ("ก\u200bข", 2), ("中国", 4), ("e\u0301", 1), ("abc", 3)],
    ids=["marks", "sara am", "zero-width space", "CJK", "combining accent", "Latin"],
)
def test_marks_take_no_cell_and_wide_letters_two(text, cells):
    assert cells_wide(text) == cells
    assert padded(text, 5) == text + " " * (5 - cells)
    assert padded(text, 5, "right") == " " * (5 - cells) + text
    assert wrapped(f"{text} {text}", 2 * cells) == [text, text]


@given(THAI)
def test_wrapping_loses_nothing_and_fits(text):
    lines = wrapped(text, 12)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cells_wide(line) <= 12 for line in lines)


def test_a_mark_is_never_parted_from_its_letter():
    assert wrapped("ที่" * 7, 3) == ["ที่" * 3, "ที่" * 3, "ที่"]
    assert shortened("ที่นี่", 20) == "ที่นี่"
    # Whole letters only: ก, then ที่ with both of its marks.
    assert [shortened("กที่นี่ดี", most) for most in (2, 3, 4, 5, 6)] == ["ก…", "ก…", "ก…", "กที่…", "กที่…"]


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_text_cut_short_is_never_longer_than_asked(text, most):
    assert len(shortened(text, most)) <= most


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("ที่นี่", 2, "ที่นี่"), ("ที่นี่ดี", 2, "ที่…"), ("กน้ำ", 2, "ก…"), ("ขอน้ำดื่ม", 4, "ขอ…"), ("ไฟไหม้", 3, "ไฟ…"),
        ("ไฟไหม้บ้าน", 4, "ไฟ…"), ("no power", 4, "no…"), ("中国中国", 4, "中…"), ("ab", 1, "…"),
    ],
)  # fmt: skip
def test_what_is_cut_ends_with_a_whole_letter(text, width, shown):
    assert cut(text, width) == shown


@given(st.one_of(THAI, st.text(max_size=60)), st.integers(1, 40))
def test_what_is_cut_fits_and_is_the_beginning(text, width):
    shown = cut(text, width)
    assert cells_wide(shown) <= width
    if shown != text:
        kept = shown.removesuffix("…")
        assert text.startswith(kept)
        assert cells_wide(text) > width
        rest = text[len(kept) :]
        assert not kept or rest[0].isspace() or cells_wide(rest[0])
