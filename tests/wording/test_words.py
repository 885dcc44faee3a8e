"""Words of one language: days in both eras, moments, quarters, what is left of a deadline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.calendars import Quarter
from complaint_sla.wording import LANGUAGES, Words

BANGKOK = ZoneInfo("Asia/Bangkok")
THAI, ENGLISH = Words("th"), Words("en")


@pytest.mark.parametrize(
    ("day", "thai", "english"),
    [
        (date(2017, 3, 31), "31 มี.ค. 2560", "31 Mar 2017"),
        (date(2017, 5, 1), "1 พ.ค. 2560", "1 May 2017"),
        (date(2016, 2, 29), "29 ก.พ. 2559", "29 Feb 2016"),
        (date(2018, 1, 1), "1 ม.ค. 2561", "1 Jan 2018"),
    ],
)
def test_a_day_is_written_in_the_era_of_its_language(day, thai, english):
    assert THAI.day(day) == thai
    assert ENGLISH.day(day) == english


@pytest.mark.parametrize(
    ("day", "thai", "english"),
    [
        (date(2017, 3, 31), "31 มีนาคม 2560", "31 March 2017"),
        (date(2017, 5, 1), "1 พฤษภาคม 2560", "1 May 2017"),
        (date(2016, 2, 29), "29 กุมภาพันธ์ 2559", "29 February 2016"),
        (date(9999, 12, 31), "31 ธันวาคม 10542", "31 December 9999"),
    ],
)
def test_a_long_day_has_the_full_name_of_its_month(day, thai, english):
    assert THAI.long_day(day) == thai
    assert ENGLISH.long_day(day) == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_are_named_as_the_unicode_consortium_names_them(language):
    words = Words(language)
    days = [date(2017, month, 1) for month in range(1, 13)]
    names = [get_month_names("wide", locale=language)[day.month] for day in days]
    short = [get_month_names("abbreviated", locale=language)[day.month] for day in days]
    year = 2560 if language == "th" else 2017
    assert [words.long_day(day) for day in days] == [f"1 {name} {year}" for name in names]
    assert [words.day(day) for day in days] == [f"1 {name} {year}" for name in short]
    assert [words.month(f"2017-{day.month:02}") for day in days] == [f"{name} {year}" for name in names]


@given(st.dates())
def test_a_thai_year_is_543_more_and_the_rest_is_the_same_day(day):
    number, _, year = THAI.day(day).split(" ")
    assert (int(number), int(year)) == (day.day, day.year + 543)
    assert "|" not in THAI.day(day) + ENGLISH.day(day)


@pytest.mark.parametrize(
    ("moment", "thai", "english"),
    [
        (datetime(2017, 3, 31, 1, 0, tzinfo=UTC), "31 มี.ค. 2560 08:00 น.", "31 Mar 2017 08:00"),
        # Past midnight in Bangkok, and there in another year.
        (datetime(2016, 12, 31, 17, 5, tzinfo=UTC), "1 ม.ค. 2560 00:05 น.", "1 Jan 2017 00:05"),
        (datetime(2017, 3, 31, 16, 59, 59, tzinfo=UTC), "31 มี.ค. 2560 23:59 น.", "31 Mar 2017 23:59"),
    ],
)
def test_a_moment_is_shown_as_clocks_in_the_zone_show_it(moment, thai, english):
    assert THAI.moment(moment, BANGKOK) == thai
    assert ENGLISH.moment(moment, BANGKOK) == english


def test_a_quarter_has_the_year_of_its_language():
    assert THAI.quarter(Quarter(2017, 1)) == "ไตรมาสที่ 1/2560"
    assert ENGLISH.quarter(Quarter(2017, 1)) == "quarter 1/2017"


@pytest.mark.parametrize(
    ("days", "thai", "english"),
    [
        (25, "อีก 25 วัน", "in 25 days"),
        (2, "อีก 2 วัน", "in 2 days"),
        (1, "อีก 1 วัน", "in 1 day"),
        (0, "ครบกำหนดวันนี้", "due today"),
        (-1, "เกินกำหนด 1 วัน", "1 day late"),
        (-2, "เกินกำหนด 2 วัน", "2 days late"),
        (-400, "เกินกำหนด 400 วัน", "400 days late"),
    ],
)
def test_what_is_left_of_a_deadline_is_told_in_days(days, thai, english):
    today = date(2017, 2, 28)
    assert THAI.time_left(today + timedelta(days), today) == thai
    assert ENGLISH.time_left(today + timedelta(days), today) == english


@pytest.mark.parametrize("n", [0, 2, 11, 21, 1000])
def test_english_has_one_form_for_one_and_another_for_all_else(n):
    assert ENGLISH.plural("{n} complaint", "{n} complaints", 1) == "1 complaint"
    assert ENGLISH.plural("{n} complaint", "{n} complaints", n) == f"{n} complaints"
    assert THAI.plural("{n} complaint", "{n} complaints", n) == f"{n} เรื่อง"
    assert THAI.plural("{n} complaint", "{n} complaints", 1) == "1 เรื่อง"


def test_a_text_without_a_translation_is_shown_in_english():
    assert THAI("Nobody has translated this {thing}.", thing="text") == "Nobody has translated this text."


def test_what_stands_in_a_value_is_not_filled_in_again():
    assert (
        ENGLISH("There is no command {name}.", name="{0.__class__}") == "There is no command {0.__class__}."
    )
    assert THAI("There is no command {name}.", name="{name}") == "ไม่มีคำสั่ง {name}"
    # The sample file of the demo's folder, say, whose name holds braces.
    assert ENGLISH("{name}") == "{name}"


def test_there_is_no_third_language():
    with pytest.raises(FileNotFoundError):
        Words("fr")
