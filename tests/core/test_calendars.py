"""Days, moments and quarters, in both eras."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.calendars import (
    Counting,
    DayKind,
    Quarter,
    at_local,
    common_year,
    local_day,
    midnight,
    month_key,
    parse_day,
    parse_moment,
)
from complaint_sla.core.errors import BadValue, BookRefused

BANGKOK = ZoneInfo("Asia/Bangkok")
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")

days = st.dates(date(1900, 1, 1), date(2400, 12, 31))
moments = st.datetimes(datetime(1930, 1, 1), datetime(2400, 12, 30), timezones=st.just(UTC))


def buddhist(day: date) -> str:
    return f"{day.year + 543:04d}-{day.month:02d}-{day.day:02d}"


def key_of(call, *arguments) -> str:
    with pytest.raises(BadValue) as refused:
        call(*arguments)
    assert refused.value.exit_code == 2
    return refused.value.key


# --- Days ------------------------------------------------------------------------------------------------------


@given(days)
def test_a_day_is_the_same_in_both_eras_and_in_thai_digits(day):
    assert parse_day(day.isoformat()) == day
    assert parse_day(buddhist(day)) == day
    assert parse_day(f" {buddhist(day).translate(THAI)} ") == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2559-02-29", date(2016, 2, 29)),
        ("2016-02-29", date(2016, 2, 29)),
        ("2560-02-28", date(2017, 2, 28)),
        ("2543-02-29", date(2000, 2, 29)),
        ("2560-3-5", date(2017, 3, 5)),
        ("2400-12-31", date(2400, 12, 31)),
        ("2443-01-01", date(1900, 1, 1)),
    ],
)
def test_a_year_above_2400_is_of_the_buddhist_era(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "2017-13-01",
        "2017-00-01",
        "2017-04-32",
        "2017-04-0",
        "3/13/2560",
        "5/3-2560",
        "5/3/25600",
        "5 เดือน 2560",
        "2017-03-05T10:00",
        "2017-03-05 x",
        "20170305",
        "1899-12-31",
        "2442-12-31",
        "0000-01-01",
        "",
        "today",
    ],
)
def test_what_is_no_day_is_refused(text):
    assert key_of(parse_day, text) == "bad-day"


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("2560-02-29", "no-such-day", {"days": 28}),
        ("29/2/2569", "no-such-day", {"days": 28}),
        ("31 เม.ย. 2569", "no-such-day", {"days": 30}),
        ("60-03-05", "short-year", {}),
        ("5/3/60", "short-year", {}),
        ("5 มี.ค. 60", "short-year", {}),
        ("5 Mar 17", "short-year", {}),
        ("5/3/2017", "day-or-month", {"readings": ["2017-03-05", "2017-05-03"], "year": 2560}),
        ("05-03-2017", "day-or-month", {"readings": ["2017-03-05", "2017-05-03"], "year": 2560}),
        ("27/11/2026", "day-or-month", {"readings": ["2026-11-27"], "year": 2569}),
    ],
)
def test_a_day_that_does_not_exist_or_may_be_several_is_refused_with_why(text, key, values):
    with pytest.raises(BadValue) as refused:
        parse_day(text)
    assert (refused.value.key, refused.value.values) == (key, {"value": text, **values})


MONTH_NAMES = [
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
]
LONG_NAMES = [
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
]


@given(days)
def test_a_day_is_read_as_people_write_it(day):
    d, m, era, common = day.day, day.month, day.year + 543, day.year
    written = [
        f"{d}/{m}/{era}", f"{d:02d}/{m:02d}/{era}", f"{d}-{m}-{era}", f"{d}.{m}.{era}", f"{era}/{m}/{d}",
        *(f"{d} {names[m - 1]} {year}" for names in (MONTH_NAMES, LONG_NAMES) for year in (era, common)),
        f"{d} {MONTH_NAMES[m - 1].replace('.', '')} พ.ศ. {era}", f"{d}{MONTH_NAMES[m - 1]}{era}",
        f"{d} {day:%B} {common}", f"{d} {day:%b} {common}", f"{d} {day:%b}. {era}",
    ]  # fmt: skip
    assert {parse_day(text) for text in written} == {day}
    assert {parse_day(f" {text.translate(THAI)}\u00a0") for text in written} == {day}


@given(days.filter(lambda day: date(1901, 1, 1) < day < date(2400, 1, 1)))
def test_near_days_are_counted_from_today_and_are_none_where_that_is_not_known(today):
    near = {-1: ("เมื่อวาน", "เมื่อวานนี้", "yesterday"), 0: ("วันนี้", "today", "Today"), 1: ("พรุ่งนี้", "tomorrow")}
    for days_on, words in near.items():
        for word in words:
            assert parse_day(word, today) == today + timedelta(days=days_on)
            assert key_of(parse_day, word) == "bad-day"


def test_a_year_is_of_one_era_or_the_other():
    assert [common_year(year) for year in (1900, 2400, 2401, 2560)] == [1900, 2400, 1858, 2017]


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_is_refused(text):
    try:
        assert parse_day(text).year >= 1900
    except BadValue as refused:
        assert refused.values["value"] == text


# --- Moments ---------------------------------------------------------------------------------------------------


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_read_back_whatever_offset_and_era_it_was_written_in(moment, minutes):
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_moment(local.isoformat(), BANGKOK) == moment
    assert parse_moment(buddhist(local.date()) + local.isoformat()[10:], BANGKOK) == moment
    assert parse_moment(local.isoformat(), BANGKOK).tzinfo is UTC


@given(moments)
def test_a_moment_without_an_offset_is_of_the_zone(moment):
    local = moment.astimezone(BANGKOK)
    assert parse_moment(local.replace(tzinfo=None).isoformat(), BANGKOK) == moment
    assert parse_moment(local.replace(tzinfo=None).isoformat(" "), BANGKOK) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-03-05", datetime(2017, 3, 4, 17, tzinfo=UTC)),
        ("2560-03-05", datetime(2017, 3, 4, 17, tzinfo=UTC)),
        ("2560-03-05T10:00", datetime(2017, 3, 5, 3, tzinfo=UTC)),
        ("2560-03-05t9:05", datetime(2017, 3, 5, 2, 5, tzinfo=UTC)),
        ("๒๕๖๐-๐๓-๐๕ ๑๐:๐๐", datetime(2017, 3, 5, 3, tzinfo=UTC)),
        ("2017-03-05T10:00:30.5+07:00", datetime(2017, 3, 5, 3, 0, 30, 500_000, tzinfo=UTC)),
        ("2017-03-05T10:00:30.123456Z", datetime(2017, 3, 5, 10, 0, 30, 123_456, tzinfo=UTC)),
        ("2017-03-05 10:00 z", datetime(2017, 3, 5, 10, tzinfo=UTC)),
        ("2017-03-05T10:00-0330", datetime(2017, 3, 5, 13, 30, tzinfo=UTC)),
        ("2017-03-05 10:00:00+07", datetime(2017, 3, 5, 3, tzinfo=UTC)),
        ("2559-02-29T23:59", datetime(2016, 2, 29, 16, 59, tzinfo=UTC)),
        ("2017-03-05T24:00", datetime(2017, 3, 5, 17, tzinfo=UTC)),
        ("27/11/2569", datetime(2026, 11, 26, 17, tzinfo=UTC)),
        ("27/11/2569 10:00", datetime(2026, 11, 27, 3, tzinfo=UTC)),
        ("27-11-2569, 10.30 น.", datetime(2026, 11, 27, 3, 30, tzinfo=UTC)),
        ("๒๗ พฤศจิกายน ๒๕๖๙ เวลา ๑๐.๐๐ น.", datetime(2026, 11, 27, 3, tzinfo=UTC)),
        ("27 พ.ย. 2569 24:00", datetime(2026, 11, 27, 17, tzinfo=UTC)),
        ("29/2/2567 00:00", datetime(2024, 2, 28, 17, tzinfo=UTC)),
        ("27 Nov 2026 10:00 +09:00", datetime(2026, 11, 27, 1, tzinfo=UTC)),
    ],
)
def test_moments_as_people_and_programs_write_them(text, moment):
    assert parse_moment(text, BANGKOK) == moment


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2560-02-29T10:00", "no-such-day"),
        ("60-03-05 10:00", "short-year"),
        ("5/3/2017 10:00", "day-or-month"),
        ("2017-03-0510:00", "bad-moment"),
        ("5/3/2560 24:01", "bad-moment"),
        ("5/3/2560 10:00 ที่บ้าน", "bad-moment"),
        ("เมื่อวาน 14:00", "bad-moment"),
        ("2017-03-05T", "bad-moment"),
        ("2017-03-05T10:60", "bad-moment"),
        ("2017-03-05T10:00:60", "bad-moment"),
        ("2017-03-05T10", "bad-moment"),
        ("2017-03-05x10:00", "bad-moment"),
        ("2017-03-05 10:00 +25:00", "bad-moment"),
        ("2017-03-05 10:00 +07:60", "bad-moment"),
        ("2017-03-05 10:00 ICT", "bad-moment"),
        ("10:00", "bad-moment"),
        ("", "bad-moment"),
    ],
)
def test_a_moment_that_does_not_exist_is_refused(text, key):
    assert key_of(parse_moment, text, BANGKOK) == key


@given(
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}([+-][0-9]{2}(:?[0-9]{2})?)?", fullmatch=True
    )
)
def test_any_text_of_that_form_is_a_moment_or_is_refused(text):
    try:
        assert parse_moment(text, BANGKOK).utcoffset() == timedelta(0)
    except BadValue as refused:
        assert refused.values["value"] == text


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("วันนี้", "28 00:00"),
        ("เมื่อวาน 14:00", "27 14:00"),
        ("เมื่อวานนี้14.00 น.", "27 14:00"),
        ("Yesterday, 23:59", "27 23:59"),
        ("today 24:00", "29 00:00"),
        ("พรุ่งนี้ ๐๘:๐๐", "29 08:00"),
        ("14:00", "28 14:00"),
        ("0.05 น.", "28 00:05"),
    ],
)
def test_near_moments_are_of_the_day_that_bangkok_has_now(text, clock):
    expected = datetime.strptime(f"2026-11-{clock} +0700", "%Y-%m-%d %H:%M %z")
    # The first and the last moment of 28 November there.
    for now in (datetime(2026, 11, 27, 17, tzinfo=UTC), datetime(2026, 11, 28, 16, 59, 59, tzinfo=UTC)):
        assert parse_moment(text, BANGKOK, now) == expected


@given(st.text(st.sampled_from("0123456789/-.: ๑พยน.เมื่อวานTZ+") | st.characters(), max_size=24))
def test_any_text_is_a_moment_or_is_refused_with_what_was_typed(text):
    try:
        assert parse_moment(text, BANGKOK, datetime(2026, 11, 28, tzinfo=UTC)).utcoffset() == timedelta(0)
    except BadValue as refused:
        assert refused.values["value"] == text


def test_the_last_minute_of_a_day_in_bangkok_is_of_another_day_than_in_utc():
    first = datetime(2017, 3, 4, 17, tzinfo=UTC)
    assert midnight(date(2017, 3, 5), BANGKOK) == first
    assert local_day(first, BANGKOK) == date(2017, 3, 5)
    assert local_day(first - timedelta(microseconds=1), BANGKOK) == date(2017, 3, 4)
    assert at_local(date(2017, 3, 5), time(8), BANGKOK) == datetime(2017, 3, 5, 1, tzinfo=UTC)


# --- Quarters --------------------------------------------------------------------------------------------------


@given(days)
def test_a_day_belongs_to_exactly_one_quarter(day):
    quarter = Quarter.of(day)
    around = [
        Quarter(year, number) for year in (day.year - 1, day.year, day.year + 1) for number in (1, 2, 3, 4)
    ]
    assert [one for one in around if one.first_day <= day <= one.last_day] == [quarter]
    assert month_key(day) in quarter.months


@given(days)
def test_a_quarter_ends_the_day_before_the_next_begins_and_has_three_months(day):
    quarter = Quarter.of(day)
    assert quarter.last_day + timedelta(days=1) == quarter.following.first_day
    assert quarter < quarter.following
    assert 90 <= (quarter.last_day - quarter.first_day).days + 1 <= 92
    all_days = [quarter.first_day + timedelta(days=n) for n in range(92)]
    assert (
        tuple(dict.fromkeys(month_key(one) for one in all_days if one <= quarter.last_day)) == quarter.months
    )


@given(st.integers(1900, 2400), st.integers(1, 4))
def test_a_quarter_is_read_back_in_either_era(year, number):
    quarter = Quarter(year, number)
    for text in (str(quarter), f"{year + 543}-Q{number}", f"{number}/{year + 543}", f"{year}q{number}"):
        assert Quarter.parse(text) == quarter
        assert Quarter.parse(f" {text.translate(THAI)} ") == quarter


@pytest.mark.parametrize(
    "text", ["1/60", "60-Q1", "2017-Q5", "2017-Q0", "5/2560", "2017", "Q1-2017", "1850-Q1", "2401-Q1"]
)
def test_what_is_no_quarter_is_refused(text):
    assert key_of(Quarter.parse, text) == "bad-quarter"


# --- Counting --------------------------------------------------------------------------------------------------

HOLIDAY = {date(2017, 4, 13): "Songkran", date(2017, 4, 14): "Songkran", date(2017, 4, 17): "in lieu"}
COVERS = (date(2017, 1, 1), date(2017, 12, 31))


@given(days, st.integers(1, 400))
def test_calendar_days_are_all_counted_but_the_day_of_receipt(start, count):
    counted = list(Counting().after(start, count))
    assert [one.number for one in counted] == list(range(1, count + 1))
    assert Counting().last_of(start, count) == counted[-1].day == start + timedelta(days=count)


@given(st.dates(date(2017, 1, 1), date(2017, 6, 1)), st.integers(1, 60))
def test_working_days_are_counted_and_every_skipped_day_has_its_reason(start, count):
    counting = Counting(working=True, holidays=HOLIDAY, covers=COVERS)
    trail = list(counting.after(start, count))
    assert [one.day for one in trail] == [start + timedelta(days=n + 1) for n in range(len(trail))]
    assert [one.number for one in trail if one.number] == list(range(1, count + 1))
    for one in trail:
        if one.day in HOLIDAY:
            assert (one.kind, one.holiday, one.number) == (DayKind.HOLIDAY, HOLIDAY[one.day], None)
        else:
            assert one.kind is (DayKind.WEEKEND if one.day.weekday() > 4 else DayKind.COUNTED)
    assert counting.last_of(start, count) == trail[-1].day
    assert counting.shift(start, count) == trail[-1].day


@given(st.dates(date(2017, 1, 1), date(2017, 6, 1)), st.integers(1, 60))
def test_a_last_day_that_is_no_working_day_moves_to_the_next_one_and_never_back(start, count):
    counting = Counting(move_last_day=True, holidays=HOLIDAY, covers=COVERS)
    last, plain = counting.last_of(start, count), start + timedelta(days=count)
    assert last >= plain
    assert last.weekday() < 5
    assert last not in HOLIDAY
    assert all(
        day.weekday() > 4 or day in HOLIDAY
        for day in (plain + timedelta(days=n) for n in range((last - plain).days))
    )
    trail = list(counting.after(start, count))
    assert trail[-1].kind is (DayKind.COUNTED if last == plain else DayKind.MOVED)
    assert [one.number for one in trail if one.number] == list(range(1, count + 1))


@given(st.dates(date(2017, 3, 1), date(2017, 6, 1)), st.integers(-30, 30))
def test_counting_forth_and_back_again_comes_to_a_working_day_not_after_the_first(start, count):
    counting = Counting(working=True, holidays=HOLIDAY, covers=COVERS)
    there = counting.shift(start, count)
    assert (there > start) if count > 0 else (there < start) if count < 0 else there == start
    working = [
        day
        for n in range(1, abs((there - start).days) + 1)
        if (day := start + timedelta(days=n if count > 0 else -n)).weekday() < 5 and day not in HOLIDAY
    ]
    assert len(working) == abs(count)
    assert not working or working[-1] == there


def test_a_calendar_shift_takes_every_day():
    assert Counting().shift(date(2017, 3, 1), -1) == date(2017, 2, 28)
    assert Counting(move_last_day=True, covers=COVERS).shift(date(2017, 4, 12), 1) == date(2017, 4, 13)


def test_counting_beyond_the_known_holidays_is_refused():
    for counting in (Counting(working=True, covers=COVERS), Counting(working=True)):
        with pytest.raises(BookRefused) as refused:
            counting.last_of(date(2017, 12, 29), 1)
        assert (refused.value.key, refused.value.exit_code) == ("calendar-not-covered", 4)
    assert refused.value.values == {"day": date(2017, 12, 30)}


def test_counting_back_ends_one_day_before_the_calendar_begins_since_no_receipt_lies_there():
    counting = Counting(working=True, covers=COVERS)
    assert counting.shift(date(2017, 1, 4), -30) == date(2016, 12, 31)


def test_an_office_may_have_another_weekend_or_none():
    friday = Counting(working=True, weekend=frozenset({4}), covers=COVERS)
    assert friday.last_of(date(2017, 3, 2), 1) == date(2017, 3, 4)
    assert Counting(working=True, weekend=frozenset(), covers=COVERS).last_of(date(2017, 3, 2), 3) == date(
        2017, 3, 5
    )
