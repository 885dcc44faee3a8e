"""What a cell means: moments as they are written and kept, and what is only kept of a customer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets import kept
from complaint_sla.core.sheets.cells import moment
from complaint_sla.core.sheets.map import Dates, Era, Order, Repair, Several

BUDDHIST = Dates(two_digits=Era.BUDDHIST)
SHORT = [
    *("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย."),
    *("ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."),
]
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
FIRST = datetime(1899, 12, 30)

MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2040, 12, 31)).map(
    lambda one: one.replace(second=0, microsecond=0)
)
# How one moment is written or kept, all of them the same by a map that reads days before months.
WRITTEN = [
    lambda at, be: f"{at.day}/{at.month}/{be} {at:%H:%M}",
    lambda at, be: f"{at.day:02d}-{at.month:02d}-{be} เวลา {at:%H.%M} น.",
    lambda at, be: f"{at.day}.{at.month}.{be % 100:02d} {at:%H:%M:%S}",
    lambda at, be: f" {at.day} {SHORT[at.month - 1]} {be}\u00a0{at:%H.%M} น.".translate(THAI),
    lambda at, be: f"วันที่ {at.day} {SHORT[at.month - 1]} พ.ศ. {be}, {at:%H:%M}",
    lambda at, _: f"{at:%d/%m/%Y %I:%M %p}",
    lambda at, _: at,
    lambda at, _: (at - FIRST) / timedelta(days=1),
    lambda at, _: f"{(at - FIRST) / timedelta(days=1):.10f}",
]


@given(MOMENTS, st.sampled_from(WRITTEN))
def test_a_moment_is_the_same_however_it_is_written_or_kept(at, write):
    said = f"{at:%Y-%m-%d %H:%M}"
    found = moment(write(at, at.year + 543), BUDDHIST)
    # A bare day is the same as its midnight.
    assert found == said or (at.time() == time(0) and found == said[:10])


@given(MOMENTS)
def test_a_buddhist_year_typed_into_a_cell_of_a_day_and_a_time_of_its_own_mean_the_same(at):
    if (at.month, at.day) == (2, 29):
        return
    cell = date(at.year + 543, at.month, at.day)
    fraction = timedelta(hours=at.hour, minutes=at.minute) / timedelta(days=1)
    for clock in (at.time(), f"{at:%H.%M} น.", f"{at:%H:%M}", fraction):
        assert moment(cell, Dates(), clock) == f"{at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("cell", "dates", "found"),
    [
        ("5/3/2560", None, "2017-03-05"),
        ("25/3/2017", None, "2017-03-25"),
        ("3/25/2017", None, "2017-03-25"),
        ("3/5/2017", Dates(order=Order.MONTH_FIRST), "2017-03-05"),
        ("29/02/2567", None, "2024-02-29"),
        ("2017-03-05 24:00", None, "2017-03-05 24:00"),
        ("5/3/2560 0.30 น.", None, "2017-03-05 00:30"),
        ("5/1/25", Dates(two_digits=Era.COMMON), "2025-01-05"),
        (date(2025, 5, 1), Dates(swapped=True), "2025-01-05"),
        ("13/1/2025", Dates(swapped=True), "2025-01-13"),
        (45662.0, Dates(swapped=True), "2025-01-05"),
        (243_988, None, "2025-01-05"),
        ("2017-03-05T10:00:00+07:00", None, "2017-03-05 10:00+07:00"),
    ],
)
def test_a_cell_that_can_mean_one_moment_means_it(cell, dates, found):
    assert moment(cell, dates) == found


@pytest.mark.parametrize(
    ("cell", "dates", "key"),
    [
        ("5/3/2017", None, "day-or-month"),
        ("5/3/68", Dates(), "short-year"),
        ("5 ม.ค. 68", None, "short-year"),
        ("31/2/2568", None, "no-such-day"),
        ("29/2/2568", Dates(), "no-such-day"),
        ("1/13/2568", Dates(), "bad-moment"),
        ("ไม่ทราบ", None, "bad-moment"),
        ("5/3/2560 25:00", None, "bad-moment"),
        (date(2025, 1, 13), Dates(swapped=True), "not-swapped"),
        (12.0, None, "bad-moment"),
        (True, None, "bad-moment"),
        (timedelta(hours=9), None, "bad-moment"),
    ],
)
def test_a_cell_that_can_mean_two_moments_or_none_is_refused(cell, dates, key):
    with pytest.raises(BadValue) as refused:
        moment(cell, dates)
    assert refused.value.key == key


def test_two_times_of_one_moment_are_refused_unless_they_are_one():
    assert moment(datetime(2025, 1, 5, 9, 30), Dates(), "09.30 น.") == "2025-01-05 09:30"
    for clock in ("10.30 น.", 0.5):
        with pytest.raises(BadValue, match="two-times"):
            moment(datetime(2025, 1, 5, 9, 30), Dates(), clock)


PHONES = [
    ("812345678", "0812345678", False),
    ("812345678.0", "0812345678", False),
    ("8.12345678E+08", "0812345678", False),
    ("21234567", "021234567", False),
    ("66812345678", "0812345678", False),
    ("0-2123-4567 ต่อ 12", "021234567", True),
    ("02 123 4567 ext. 5", "021234567", True),
    ("0812345678/0898765432", "0812345678", True),
    ("812345678, 898765432", "0812345678", True),
    ("081-234-5678 089-876-5432", "0812345678", True),
    ("081-234-5678 (คุณสมชาย)", "0812345678", True),
    ("+856 20 5551 2345", None, True),
    ("00856 20 5551 2345", None, True),
    ("1129", None, True),
    ("81234567", None, True),
    ("-", None, False),
    ("ไม่ระบุ", None, False),
    ("#N/A", None, False),
]


@pytest.mark.parametrize(("text", "value", "rest"), PHONES)
def test_of_a_telephone_what_can_be_read_is_taken_and_the_rest_kept(text, value, rest):
    found = kept.phone(text)
    assert (found.value, found.rest) == (value, rest)


def test_nothing_is_undone_that_a_map_does_not_say():
    nothing = Repair()
    assert kept.phone("812345678", nothing) == kept.Kept(None, rest=True, mended=(kept.Mended.TO_DETAIL,))
    assert kept.phone("0812345678/0898765432", nothing).value is None
    assert kept.phone("0812345678/0898765432", Repair(several_phones=Several.LAST)).value == "0898765432"
    assert kept.account("20012345678", nothing).value is None
    # A map may say that more than one zero is gone.
    assert kept.account("20012345", kept.ALL).value is None
    assert kept.account("20012345", kept.ALL, 11).value == "000020012345"


@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ("20012345678", "020012345678", False),
        ("020000000001, 020000000002", "020000000001", True),
        ("CA 0200-0000-0001", "020000000001", True),
        ("1.20012345678E+11", "120012345678", False),
        ("1234567890123", None, True),
        ("ไม่มี", None, False),
    ],
)
def test_of_an_account_what_can_be_read_is_taken_and_the_rest_kept(text, value, rest):
    found = kept.account(text)
    assert (found.value, found.rest) == (value, rest)


@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ("ลูกค้า@ตัวอย่าง.ไทย", None, True),
        ("a@example.org; b@example.org", "a@example.org", True),
        ("Somchai <a@example.org>", "a@example.org", True),
        ("-", None, False),
    ],
)
def test_of_an_address_what_can_be_read_is_taken_and_the_rest_kept(text, value, rest):
    found = kept.email(text)
    assert (found.value, found.rest) == (value, rest)


@pytest.mark.parametrize("text", ["1.20012E+11", "8.12E+08", "1.2e+10"])
def test_a_number_whose_digits_are_gone_is_refused(text):
    for read in (kept.phone, kept.account):
        with pytest.raises(BadValue, match="digits-lost"):
            read(text)


@given(st.text())
def test_whatever_stands_there_costs_no_complaint(text):
    for read in (kept.phone, kept.account, kept.email):
        try:
            found = read(text)
        except BadValue as problem:
            assert problem.key == "digits-lost"
            continue
        # What is neither taken nor kept says nothing.
        assert found.value or found.rest or kept.says_none(text)
