"""Stages as moments, and what passing time makes of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.deadlines import deadline
from complaint_sla.core.timeline import Entry, Timeline
from tests.core.books import BANGKOK, at, book, facts, shipped, small, thai_holidays

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
RECEIVED = "2017-03-05T10:00"


def timeline(
    received: str = RECEIVED, group: str = "residential", *, urgent: bool = False, of=None
) -> Timeline:
    which = facts(received, group, urgent=urgent)
    ours = of or shipped()
    found = deadline(ours, which)
    return Timeline(ours, found.rule.key, found.rule.days, which.received_at, found.due_on)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(BANGKOK):%Y-%m-%d %H:%M}"


def sweeps(line: Timeline, moments) -> list[tuple[str, str, int, int, list[str]]]:
    """What is raised by sweeps at these moments: when, stage, occurrence, how many it stands for, superseded."""
    through, raised = None, []
    for now in moments:
        found = line.settle(through, now)
        if found.raised is not None:
            one = found.raised
            superseded = [entry.stage.key for entry in found.superseded]
            raised.append((local(now), one.stage.key, one.occurrence, one.stands_for, superseded))
        through = now
    return raised


def expanded(entries) -> Counter:
    """Each (stage, occurrence) that entries account for."""
    return Counter(
        (entry.stage.key, entry.occurrence - n) for entry in entries for n in range(entry.stands_for)
    )


# --- The example of the field ----------------------------------------------------------------------------------


def test_a_residential_complaint_that_is_never_closed_is_raised_ten_times_in_sixty_days():
    start = at(RECEIVED)
    assert sweeps(timeline(), [start + n * HOUR for n in range(60 * 24 + 23)]) == [
        ("2017-03-23 08:00", "warning-first", 1, 1, []),
        ("2017-03-29 08:00", "warning-last", 1, 1, []),
        ("2017-03-30 08:00", "due-today", 1, 1, []),
        ("2017-03-31 08:00", "overdue", 1, 1, []),
        ("2017-04-02 08:00", "escalation-1", 1, 1, []),
        ("2017-04-06 08:00", "escalation-2", 1, 1, []),
        ("2017-04-13 08:00", "escalation-weekly", 1, 1, []),
        ("2017-04-20 08:00", "escalation-weekly", 2, 1, []),
        ("2017-04-27 08:00", "escalation-weekly", 3, 1, []),
        ("2017-05-04 08:00", "escalation-weekly", 4, 1, []),
    ]


def test_after_a_standstill_only_the_latest_stage_is_raised_and_the_others_are_superseded():
    start = at(RECEIVED)
    standstill = range(20 * 24, 40 * 24)
    assert sweeps(timeline(), [start + n * HOUR for n in range(60 * 24 + 23) if n not in standstill]) == [
        ("2017-03-23 08:00", "warning-first", 1, 1, []),
        (
            "2017-04-14 10:00",
            "escalation-weekly",
            1,
            1,
            ["warning-last", "due-today", "overdue", "escalation-1", "escalation-2"],
        ),
        ("2017-04-20 08:00", "escalation-weekly", 2, 1, []),
        ("2017-04-27 08:00", "escalation-weekly", 3, 1, []),
        ("2017-05-04 08:00", "escalation-weekly", 4, 1, []),
    ]


def test_after_a_long_standstill_a_repeating_stage_is_raised_once_for_all_its_occurrences():
    line = timeline()
    found = line.settle(at("2017-04-14"), at("2017-05-10"))
    assert [(one.stage.key, one.occurrence, one.stands_for) for one in found.passed] == [
        ("escalation-weekly", 4, 3)
    ]
    assert local(found.raised.moment) == "2017-05-04 08:00"
    assert local(found.next_at) == "2017-05-11 08:00"


def test_the_first_look_at_an_old_complaint_accounts_for_everything_since_receipt():
    found = timeline().settle(None, at("2017-04-21"))
    assert [(one.stage.key, one.stands_for) for one in found.passed] == [
        ("warning-first", 1),
        ("warning-last", 1),
        ("due-today", 1),
        ("overdue", 1),
        ("escalation-1", 1),
        ("escalation-2", 1),
        ("escalation-weekly", 2),
    ]
    assert (found.raised.stage.key, found.raised.occurrence) == ("escalation-weekly", 2)


def test_an_urgent_complaint_is_raised_at_once_and_has_no_first_warning():
    line = timeline(urgent=True)
    assert line.first_at() == at(RECEIVED)
    raised = sweeps(line, [at(RECEIVED) + n * HOUR for n in range(24 * 6)])
    assert [(when, stage) for when, stage, *_ in raised] == [
        ("2017-03-05 10:00", "receipt"),
        ("2017-03-07 08:00", "warning-last"),
        ("2017-03-08 08:00", "due-today"),
        ("2017-03-09 08:00", "overdue"),
        ("2017-03-11 08:00", "escalation-1"),
    ]


@pytest.mark.parametrize(("group", "first"), [("spp-area", "warning-last"), ("key-account", "warning-first")])
def test_the_first_warning_is_for_deadlines_of_fifteen_days_and_more(group, first):
    line = timeline(group=group)
    assert line.settle(None, line.first_at()).raised.stage.key == first


def test_what_comes_next_is_listed_in_order():
    upcoming = timeline().upcoming(at("2017-03-30T08:00"), 6)
    assert [(entry.stage.key, entry.occurrence, local(entry.moment)[5:10]) for entry in upcoming] == [
        ("overdue", 1, "03-31"),
        ("escalation-1", 1, "04-02"),
        ("escalation-2", 1, "04-06"),
        ("escalation-weekly", 1, "04-13"),
        ("escalation-weekly", 2, "04-20"),
        ("escalation-weekly", 3, "04-27"),
    ]
    assert timeline(of=ONCE, group="home").upcoming(at(RECEIVED), 9) == [
        Entry(ONCE.stages[0], 1, at("2017-03-11T08:00"))
    ]
    assert timeline(of=ONCE, group="home").upcoming(at("2017-03-11T08:00"), 9) == []


# --- A clock that stands still, goes back, looks exactly -------------------------------------------------------

ONCE = book(small())


def test_a_stage_is_passed_at_its_moment_and_not_before():
    line, moment = timeline(), at("2017-03-23T08:00")
    assert line.settle(None, moment - TICK).raised is None
    assert line.settle(None, moment - TICK).passed == ()
    assert line.settle(moment - TICK, moment).raised.stage.key == "warning-first"
    assert line.settle(moment, moment + HOUR).raised is None


def test_a_clock_set_back_passes_nothing_and_looks_on_from_where_it_was():
    line = timeline()
    for through in (at("2017-03-30T09:00"), at("2017-05-10")):
        for now in (at("2017-03-23T08:00"), at("2017-03-01"), at("2017-04-20T08:00")):
            if now < through:
                assert line.settle(through, now).passed == ()
                assert line.settle(through, now).next_at == line.settle(through, through).next_at


def test_when_nothing_can_come_any_more_there_is_no_next_look():
    line = timeline(of=ONCE, group="home")
    assert line.first_at() == at("2017-03-11T08:00")
    assert line.settle(None, at("2017-03-11T08:00")).next_at is None


def test_a_rule_without_stages_is_never_looked_at():
    line = timeline(of=book(small().replace("days_after = 1", "days_after = 1\nfrom_days = 6")), group="home")
    assert line.first_at() is None
    assert line.settle(None, at("2018-01-01")) == line.settle(at("2017-01-01"), at("2017-02-01"))
    assert line.settle(None, at("2018-01-01")).next_at is None


# --- Entries before receipt, ties, repeats ---------------------------------------------------------------------


def stage(key: str, lines: str) -> str:
    return f'[[stage]]\nkey = "{key}"\nth = "ก"\nen = "S"\nto = ["supervisor"]\n{lines}\n'


def test_entries_before_receipt_do_not_exist():
    ours = book(
        small(
            stages=stage("long-before", "days_before = 9")
            + stage("morning", 'days_before = 5\nat = "09:59"')
            + stage("to-the-minute", 'days_before = 5\nat = "10:00"')
        )
    )
    found = timeline(of=ours, group="home").settle(None, at("2018-01-01"))
    assert [entry.stage.key for entry in found.passed] == ["to-the-minute"]
    assert timeline(of=ours, group="home").first_at() == at(RECEIVED)


def test_a_stage_that_repeats_from_before_receipt_begins_after_it_with_its_own_number():
    """Every second day from 9 before the 10th: 1, 3, 5 (08:00, before receipt), 7 March and so on."""
    ours = book(small(stages=stage("drum", "days_before = 9\nrepeat_every = 2")))
    line = timeline(of=ours, group="home")
    assert line.first_at() == at("2017-03-07T08:00")
    first = line.settle(None, at("2017-03-07T08:00")).raised
    assert (first.occurrence, first.stands_for) == (4, 1)
    later = line.settle(None, at("2017-03-12")).raised
    assert (later.occurrence, later.stands_for, local(later.moment)) == (6, 3, "2017-03-11 08:00")
    assert line.settle(at("2017-01-01"), at("2017-03-12")).raised == later


def test_a_repeat_at_the_very_moment_of_receipt_exists():
    ours = book(small(stages=stage("drum", 'days_before = 9\nrepeat_every = 2\nat = "10:00"')))
    assert timeline(of=ours, group="home").first_at() == at(RECEIVED)


def test_ties_go_by_the_order_of_the_book():
    one, two = stage("one", "days_after = 1"), stage("two", "days_after = 1")
    for text, latest, overtaken in ((one + two, "two", "one"), (two + one, "one", "two")):
        found = timeline(of=book(small(stages=text)), group="home").settle(None, at("2017-03-11T08:00"))
        assert (found.raised.stage.key, [entry.stage.key for entry in found.superseded]) == (
            latest,
            [overtaken],
        )


def test_stages_count_working_days_where_the_rule_does_and_repeats_go_by_the_calendar():
    """Due on Wednesday 12 April 2017; 13, 14 and 17 April are holidays."""
    ours = book(
        small(
            counting='[counting]\ndays = "working"\nholidays = "TH"\nholidays_through = 2017',
            stages=stage("before", "days_before = 2")
            + stage("weekly", "days_after = 1\nrepeat_every = 7")
            + stage("second", "days_after = 2"),
        ),
        thai_holidays,
    )
    # 6 April is Chakri Day: received on the 4th, five working days end with the 12th.
    line = timeline("2017-04-04T10:00", of=ours, group="home")
    assert line.due_on == date(2017, 4, 12)
    assert [(entry.stage.key, local(entry.moment)[5:10]) for entry in line.upcoming(at("2017-04-05"), 5)] == [
        ("before", "04-10"),
        ("weekly", "04-18"),
        ("second", "04-19"),
        ("weekly", "04-25"),
        ("weekly", "05-02"),
    ]


def test_a_warning_longer_before_than_the_book_knows_holidays_is_before_receipt_and_harms_nothing():
    """Received on a Sunday, the first day of the book: three working days before the last one lies in 2016."""
    ours = book(
        small(
            counting='[counting]\ndays = "working"\nholidays = "TH"\nholidays_through = 2017',
            stages=stage("before", "days_before = 5") + stage("after", "days_after = 1"),
        ),
        thai_holidays,
    )
    line = timeline("2017-01-01T10:00", of=ours, group="home")
    assert [entry.stage.key for entry in line.settle(None, at("2017-03-01")).passed] == ["after"]


# --- Properties ------------------------------------------------------------------------------------------------

BOOKS = [
    shipped(),
    book(
        SHIPPED_TEXT := shipped()
        .text.replace("days_before = 7", "days_before = 7\nrepeat_every = 3")
        .replace('days = "calendar"', 'days = "working"\nholidays = "TH"\nholidays_through = 2030'),
        thai_holidays,
    ),
    book(
        SHIPPED_TEXT.replace('at = "08:00"', 'at = "00:00"', 3).replace(
            "days_after = 1\n", "on_receipt = true\n"
        ),
        thai_holidays,
    ),
]
starts = st.datetimes(datetime(2017, 1, 2), datetime(2018, 12, 30), timezones=st.just(UTC))
lines = st.builds(
    lambda of, received, group, urgent: timeline(received.isoformat(), group, urgent=urgent, of=of),
    st.sampled_from(BOOKS),
    starts,
    st.sampled_from([term.key for term in shipped().groups]),
    st.booleans(),
)
spans = st.lists(st.timedeltas(timedelta(days=-2), timedelta(days=90)), min_size=1, max_size=8)


@given(lines, spans)
def test_looking_often_accounts_for_exactly_what_looking_once_at_the_end_does(line, spans):
    moments = sorted(line.received_at + span for span in spans)
    once = line.settle(None, moments[-1])
    seen, through = Counter(), None
    for now in moments:
        found = line.settle(through, now)
        seen += expanded(found.passed)
        assert all(
            (through is None or entry.moment > through) and entry.moment <= now for entry in found.passed
        )
        through = now
    assert seen == expanded(once.passed)
    assert max(seen.values(), default=1) == 1
    assert found.next_at == once.next_at


@given(lines, st.timedeltas(timedelta(days=-2), timedelta(days=120)))
def test_the_next_look_is_the_first_moment_at_which_something_is_raised(line, span):
    now = line.received_at + span
    next_at = line.settle(None, now).next_at
    assert next_at > now
    assert line.settle(now, next_at - TICK).raised is None
    assert line.settle(now, next_at).raised.moment == next_at
    assert line.upcoming(now, 1)[0].moment == next_at


@given(lines)
def test_the_first_look_is_the_first_moment_at_which_something_is_raised(line):
    first = line.first_at()
    assert first >= line.received_at
    assert line.settle(None, first - TICK).raised is None
    assert line.settle(None, first).raised.moment == first
    assert line.settle(None, line.received_at - timedelta(days=30)).next_at == first


@given(lines, st.timedeltas(timedelta(0), timedelta(days=120)))
def test_the_latest_entry_is_raised_and_all_entries_are_in_order(line, span):
    found = line.settle(None, line.received_at + span)
    moments = [entry.moment for entry in found.passed]
    assert moments == sorted(moments)
    assert all(line.received_at <= moment <= line.received_at + span for moment in moments)
    assert not moments or found.raised == found.passed[-1]
