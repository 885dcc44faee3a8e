"""Contact details are masked wherever they are shown, also where people type them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from complaint_sla.core.masking import masked, masked_account, masked_email, masked_phone, masked_text

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def test_telephone_numbers_show_their_beginning_and_their_last_four_digits():
    assert masked_phone("0812341234") == "08x-xxx-1234"
    assert masked_phone("021234567") == "02x-xxx-4567"


def test_accounts_show_their_last_four_digits():
    assert masked_account("020001239012") == "xxxx-xxxx-9012"


def test_addresses_show_their_first_letter_and_the_domain():
    assert masked_email("somchai.j@example.org") == "s…@example.org"


@given(st.from_regex(r"0[1-9][0-9]{7,8}", fullmatch=True), st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_what_is_masked_cannot_be_read(phone, account):
    assert sum(char.isdigit() for char in masked_phone(phone)) == 6
    assert sum(char.isdigit() for char in masked_account(account)) == 4


# --- In what people write ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ไฟดับ โทรกลับ 081-234-5678", "ไฟดับ โทรกลับ 08x-xxx-5678"),
        ("โทร0812345678ด่วน", "โทร08x-xxx-5678ด่วน"),
        ("081 234 5678 10 ครั้ง", "08x-xxx-5678 10 ครั้ง"),
        ("02-123-4567 5 ครั้ง", "02x-xxx-4567 5 ครั้ง"),
        ("(081) 234-5678", "08x-xxx-5678"),
        ("+66 (0)81 234 5678, 0066212345678", "08x-xxx-5678, 02x-xxx-5678"),
        ("081-1234567/082-1234567", "08x-xxx-4567/08x-xxx-4567"),
        ("081-234-5678-082-345-6789", "08x-xxx-5678-08x-xxx-6789"),
        ("๐๘๑–๒๓๔–๕๖๗๘", "08x-xxx-5678"),
        ("081\u200b234\u00a05678", "08x-xxx-5678"),
        ("CA 020012345678", "CA xxxx-xxxx-5678"),
        ("๐๒๐๐ ๑๒๓๔ ๕๖๗๘", "xxxx-xxxx-5678"),
        ("วันที่ 5-3-2560 0812345678", "วันที่ 5-3-2560 08x-xxx-5678"),
        ("ส่งที่ somchai@example.org", "ส่งที่ s…@example.org"),
    ],
)
def test_numbers_and_addresses_in_a_text_are_masked_as_their_fields_are(text, shown):
    assert masked_text(text) == shown
    assert masked_text(shown) == shown


GAPS = st.sampled_from(["", "-", " ", "–", "\u00a0", "\u200b", ".", " - "])
BEFORE = st.sampled_from(["", "โทร", "โทร. ", "tel:", "(", ", ", "/", ") ", "\n", " น."])
AFTER = BEFORE | st.just(" ต่อ 12")


@st.composite
def telephones(draw):
    """As people write them: in groups of two or more digits, with the country or without."""
    digits = draw(st.from_regex(r"0(?:[689][0-9]{8}|[2-57][0-9]{7})", fullmatch=True))
    cuts = draw(st.sampled_from([(), (3,), (3, 6), (2, 6), (2, 5), (3, 5, 7)]))
    gap = draw(GAPS)
    parts = [digits[begin:end] for begin, end in zip((0, *cuts), (*cuts, len(digits)), strict=True)]
    written = gap.join(parts)
    if draw(st.booleans()):
        # With 0066 that of a fixed line has the twelve digits of an account, and is masked as one.
        abroad = ["+66 ", "+66", *(["0066"] if len(digits) == 10 else [])]
        written = draw(st.sampled_from(abroad)) + written[1:]
    return draw(st.sampled_from([written, written.translate(THAI)])), digits


@given(telephones(), BEFORE, AFTER)
@example(("0812345678", "0812345678"), "(", ")")
def test_a_telephone_is_masked_however_it_is_written(telephone, before, after):
    written, digits = telephone
    shown = masked_text(f"{before}{written}{after}")
    assert shown == f"{before}{masked_phone(digits)}{after}"


MOMENTS = st.sampled_from(
    ["{d:02d}/{m:02d}/{y}", "{d}-{m}-{y}", "{d:02d}-{m:02d}-{y}", "{y}-{m:02d}-{d:02d}", "{d}.{m}.{y}"]
)
CLOCKS = st.sampled_from(["", " 08:00", " 10.30 น.", " 8.00-16.30", " 09:15 น."])


@given(
    st.dates(date(1957, 1, 1), date(2056, 12, 31)),
    st.sampled_from([0, 543]),
    MOMENTS,
    CLOCKS,
    st.sampled_from([" ", " ถึง ", ", "]),
)
def test_days_and_times_are_no_telephones(day, era, form, clock, between):
    written = form.format(d=day.day, m=day.month, y=day.year + era) + clock
    for text in (written, written.translate(THAI), f"{written}{between}{written}"):
        assert masked_text(text) == text


@given(
    st.integers(0, 9999),
    st.integers(1, 999_999_999),
    st.integers(10_000_000, 99_999_999),
    st.decimals(0, 10**9, places=2),
)
@example(103, 12, 12345678, 0)
def test_numbers_of_complaints_and_meters_and_amounts_are_no_telephones(month, serial, meter, amount):
    for text in (
        f"C-{month:04d}-{serial:05d}",
        f"มิเตอร์ {meter}",
        f"มิเตอร์ 1{meter}00",
        f"{amount:,} บาท",
        f"0.{meter}1 kW",
    ):
        assert masked_text(text) == text


@given(st.text(st.sampled_from("0689125 -.()+๐๘:/Cx\u200b") | st.characters(), max_size=60))
def test_any_text_is_shown_without_a_whole_number_and_shown_again_as_it_is(text):
    shown = masked_text(text)
    assert masked_text(shown) == shown
    plain = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in shown)
    assert re.search(r"(?<![0-9.-])0[1-9][0-9]{7,8}(?![0-9])", plain) is None


def test_of_what_was_said_only_what_names_a_person_is_masked():
    said = {
        "phone": "0812345678",
        "phone_was": "0812345679",
        "note": "โทร 0812345678",
        "external_id": "020012345678",
        "email": None,
    }
    assert masked(said) == {
        "phone": "08x-xxx-5678",
        "phone_was": "08x-xxx-5679",
        "note": "โทร 08x-xxx-5678",
        "external_id": "020012345678",
        "email": None,
    }
