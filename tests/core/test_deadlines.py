"""Deadlines: 3, 5, 15, 20 and 25 days, to the last minute of the last day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.calendars import DayKind, Quarter
from complaint_sla.core.deadlines import deadline, latest_due_at
from complaint_sla.core.errors import BookRefused
from complaint_sla.core.rulebook import Facts
from tests.core.books import BANGKOK, SHIPPED, at, book, facts, shipped, thai_holidays

FIVE = [
    ("residential", True, "urgent", 3),
    ("spp-area", False, "spp-area", 5),
    ("key-account", False, "key-account", 15),
    ("industrial-commercial", False, "industrial-commercial", 20),
    ("residential", False, "residential", 25),
]


def counted_as(days: str, last_day: str):
    """The shipped rules under another way of counting."""
    text = SHIPPED.read_text("utf-8")
    text = text.replace('days = "calendar"', f'days = "{days}"\nholidays = "TH"\nholidays_through = 2017')
    return book(
        text.replace('last_day_on_holiday = "keep"', f'last_day_on_holiday = "{last_day}"'), thai_holidays
    )


KEEP, MOVE = "keep", "next-working-day"


@pytest.mark.parametrize(("group", "urgent", "rule", "days"), FIVE)
@pytest.mark.parametrize(
    ("received", "due"),
    [
        # An ordinary day.
        ("2017-03-05", ["2017-03-08", "2017-03-10", "2017-03-20", "2017-03-25", "2017-03-30"]),
        # Over the turn of the year.
        ("2017-12-31", ["2018-01-03", "2018-01-05", "2018-01-15", "2018-01-20", "2018-01-25"]),
        # From the end of February, in a common year and in a leap year.
        ("2017-02-28", ["2017-03-03", "2017-03-05", "2017-03-15", "2017-03-20", "2017-03-25"]),
        ("2020-02-28", ["2020-03-02", "2020-03-04", "2020-03-14", "2020-03-19", "2020-03-24"]),
        ("2020-02-29", ["2020-03-03", "2020-03-05", "2020-03-15", "2020-03-20", "2020-03-25"]),
        # Up to and over the leap day.
        ("2020-02-04", ["2020-02-07", "2020-02-09", "2020-02-19", "2020-02-24", "2020-02-29"]),
    ],
)
@pytest.mark.parametrize("clock", ["00:00", "10:00", "23:59", "23:59:59.999999"])
@pytest.mark.parametrize("era", [0, 543])
def test_each_group_has_its_days_and_urgent_ones_three(group, urgent, rule, days, received, due, clock, era):
    written = f"{int(received[:4]) + era}{received[4:]}T{clock}"
    found = deadline(shipped(), facts(written, group, urgent=urgent))
    expected = date.fromisoformat(due[[three for *_, three in FIVE].index(days)])
    assert (found.rule.key, found.rule.days) == (rule, days)
    assert (found.received_on, found.due_on) == (date.fromisoformat(received), expected)
    # The first moment too late is midnight in Bangkok, 17:00 in UTC on the last good day.
    assert found.due_at == datetime(expected.year, expected.month, expected.day, 17, tzinfo=UTC)


@pytest.mark.parametrize("group", ["spp-area", "key-account", "industrial-commercial", "residential"])
def test_urgent_wins_over_every_group(group):
    assert deadline(shipped(), facts("2017-03-05T10:00", group, urgent=True)).due_on == date(2017, 3, 8)


def test_what_is_another_day_in_utc_counts_from_the_day_in_bangkok():
    """23:59 in Bangkok is the same day in UTC, 06:59 is the day before."""
    for moment in ("2017-03-05T06:59+07:00", "2017-03-04T23:59Z", "2017-03-04T12:59-11:00"):
        assert deadline(shipped(), facts(moment)).due_on == date(2017, 3, 30)
    assert deadline(shipped(), facts("2017-03-05T23:59+07:00")).due_on == date(2017, 3, 30)
    assert deadline(shipped(), facts("2017-03-05T17:00Z")).due_on == date(2017, 3, 31)


@given(
    st.datetimes(datetime(2017, 1, 2), datetime(2399, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(FIVE),
    st.sampled_from(["phone", "app", "erc"]),
    st.sampled_from(["outage", "other"]),
)
def test_a_deadline_is_the_end_of_a_day_that_many_days_on(received_at, which, channel, category):
    group, urgent, _, days = which
    found = deadline(shipped(), Facts(received_at, group, urgent, channel, category))
    assert found.due_at.astimezone(BANGKOK).time().isoformat() == "00:00:00"
    assert timedelta(days=days) < found.due_at - received_at <= timedelta(days=days + 1)
    assert len(found.trail()) == days + 1
    assert found.due_at <= latest_due_at(shipped(), found.received_on)


# --- Counting days in Thailand ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "group", "urgent", "days", "last_day", "due"),
    [
        ("2017-03-31", "key-account", False, "calendar", KEEP, "2017-04-15"),
        ("2017-03-31", "key-account", False, "calendar", MOVE, "2017-04-18"),
        ("2017-03-31", "residential", False, "calendar", KEEP, "2017-04-25"),
        ("2017-03-31", "residential", False, "calendar", MOVE, "2017-04-25"),
        ("2017-03-31", "residential", False, "working", KEEP, "2017-05-15"),
        ("2017-03-31", "residential", False, "working", MOVE, "2017-05-15"),
        ("2017-04-10", "residential", True, "calendar", KEEP, "2017-04-13"),
        ("2017-04-10", "residential", True, "calendar", MOVE, "2017-04-18"),
        ("2017-04-10", "residential", True, "working", KEEP, "2017-04-18"),
        # In lieu: New Year's Day was a Sunday, its Monday and Tuesday were free.
        ("2017-01-01", "residential", True, "working", KEEP, "2017-01-06"),
    ],
)
def test_songkran_and_days_in_lieu(received, group, urgent, days, last_day, due):
    found = deadline(counted_as(days, last_day), facts(f"{received}T10:00", group, urgent=urgent))
    assert found.due_on.isoformat() == due


def test_the_last_deadline_of_the_first_quarter_ends_in_time_for_the_report():
    last_day = Quarter(2017, 1).last_day
    assert latest_due_at(shipped(), last_day) == at("2017-04-26T00:00")
    assert latest_due_at(counted_as("working", KEEP), last_day) == at("2017-05-16T00:00")


def test_no_complaint_of_a_quarter_is_due_after_its_latest_deadline():
    ours = counted_as("calendar", MOVE)
    quarter = Quarter(2017, 1)
    final_at = latest_due_at(ours, quarter.last_day)
    days = [quarter.first_day + timedelta(days=n) for n in range(90)]
    found = [
        deadline(ours, facts(day.isoformat(), group, urgent=urgent))
        for day in days
        for group, urgent, *_ in FIVE
    ]
    assert max(one.due_at for one in found) == final_at


def test_a_deadline_beyond_the_known_holidays_is_refused_and_not_guessed():
    with pytest.raises(BookRefused, match="calendar-not-covered"):
        deadline(counted_as("working", KEEP), facts("2017-12-20T10:00"))


# --- The explanation -------------------------------------------------------------------------------------------


def test_a_deadline_explains_each_day():
    found = deadline(counted_as("working", KEEP), facts("2017-04-10T10:00", urgent=True))
    trail = [(one.day.day, one.kind, one.number, one.holiday is not None) for one in found.trail()]
    assert trail == [
        (10, DayKind.RECEIPT, None, False),
        (11, DayKind.COUNTED, 1, False),
        (12, DayKind.COUNTED, 2, False),
        (13, DayKind.HOLIDAY, None, True),
        (14, DayKind.HOLIDAY, None, True),
        (15, DayKind.HOLIDAY, None, True),
        (16, DayKind.WEEKEND, None, False),
        (17, DayKind.HOLIDAY, None, True),
        (18, DayKind.COUNTED, 3, False),
    ]


def test_a_moved_last_day_says_from_where_and_why():
    found = deadline(counted_as("calendar", MOVE), facts("2017-04-10T10:00", urgent=True))
    trail = [(one.day.day, one.kind, one.number) for one in found.trail()]
    assert trail == [
        (10, DayKind.RECEIPT, None),
        (11, DayKind.COUNTED, 1),
        (12, DayKind.COUNTED, 2),
        (13, DayKind.HOLIDAY, None),
        (14, DayKind.HOLIDAY, None),
        (15, DayKind.HOLIDAY, None),
        (16, DayKind.WEEKEND, None),
        (17, DayKind.HOLIDAY, None),
        (18, DayKind.MOVED, 3),
    ]


def test_calendar_days_are_explained_without_holidays():
    trail = deadline(shipped(), facts("2017-04-10T10:00", urgent=True)).trail()
    assert [(one.day.day, one.kind, one.number) for one in trail] == [
        (10, DayKind.RECEIPT, None),
        (11, DayKind.COUNTED, 1),
        (12, DayKind.COUNTED, 2),
        (13, DayKind.COUNTED, 3),
    ]


@pytest.mark.parametrize(("days", "last_day"), [("calendar", KEEP), ("calendar", MOVE), ("working", KEEP)])
@pytest.mark.parametrize(("group", "urgent", "rule", "number"), FIVE)
def test_the_trail_ends_on_the_last_good_day_with_the_number_of_days(
    days, last_day, group, urgent, rule, number
):
    ours = counted_as(days, last_day)
    for received in ("2017-03-31", "2017-04-10", "2017-04-13", "2017-05-01"):
        found = deadline(ours, facts(received, group, urgent=urgent))
        trail = found.trail()
        assert (trail[-1].day, trail[-1].number) == (found.due_on, number)
        assert [one.number for one in trail if one.number] == list(range(1, number + 1))
