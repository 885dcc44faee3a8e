"""Sweeps: what they raise, when, to whom; and that it is the same however often one looks."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from complaint_sla.core.roster import Role
from complaint_sla.work import offices
from complaint_sla.work.alerts.sweep import Tally, sweep
from complaint_sla.work.complaints import change
from tests.conftest import Databases, SqliteFiles
from tests.work.desks import House, accounted_by_rows, entries, local, moment, verify_chains

WORKED_EXAMPLE = [
    ("2017-03-23 08:00", "warning-first", 1, "sup@example.org"),
    ("2017-03-29 08:00", "warning-last", 1, "sup@example.org"),
    ("2017-03-30 08:00", "due-today", 1, "sup@example.org"),
    ("2017-03-31 08:00", "overdue", 1, "sup@example.org"),
    ("2017-04-02 08:00", "escalation-1", 1, "boss@example.org"),
    ("2017-04-06 08:00", "escalation-2", 1, "boss@example.org"),
    ("2017-04-13 08:00", "escalation-weekly", 1, "boss@example.org"),
    ("2017-04-20 08:00", "escalation-weekly", 2, "boss@example.org"),
    ("2017-04-27 08:00", "escalation-weekly", 3, "boss@example.org"),
    ("2017-05-04 08:00", "escalation-weekly", 4, "boss@example.org"),
]


@pytest.fixture
def manned(house: House) -> House:
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    return house


def told(house: House, number: str) -> list[tuple[str, str, int, str]]:
    return [(local(row.stage_at), row.stage, row.occurrence, row.recipient) for row in house.rows(number)]


def test_a_household_complaint_of_sunday_5_march_2017_is_told_of_at_these_moments(manned: House) -> None:
    number = manned.log()
    # Odd hours are left to the quicker engine: both steps meet 08:00.
    step = 2 if manned.store.is_postgresql else 1
    for _ in range(60 * 24 // step + 1):
        manned.sweep()
        manned.later(hours=step)
    assert told(manned, number) == WORKED_EXAMPLE
    assert all(row.raised_at == row.stage_at for row in manned.rows(number))
    assert local(manned.complaint(number).next_alert_at) == "2017-05-11 08:00"  # type: ignore[arg-type]
    verify_chains(manned.store)


def test_a_standstill_from_day_20_to_day_40_is_made_up_for_by_the_latest_stage(manned: House) -> None:
    number = manned.log()
    for hour in range(0, 60 * 24 + 1, 2):
        # Of the hours of a day 08:00, 10:00 and 20:00.
        if not 20 * 24 < hour < 40 * 24 and hour % 24 in (0, 10, 22):
            manned.sweep()
        manned.later(hours=2)
    # Day 40 is 14 April: what passed since 25 March is said once, by the first weekly report, to all it was meant for.
    caught_up = moment("2017-04-14 10:00")
    missed = [row for row in manned.rows(number) if row.raised_at == caught_up]
    assert [(row.stage, row.recipient, row.state) for row in missed] == [
        ("warning-last", "sup@example.org", "superseded"),
        ("due-today", "sup@example.org", "superseded"),
        ("overdue", "sup@example.org", "superseded"),
        ("escalation-1", "boss@example.org", "superseded"),
        ("escalation-2", "boss@example.org", "superseded"),
        ("escalation-weekly", "boss@example.org", "waiting"),
        ("escalation-weekly", "sup@example.org", "waiting"),
    ]
    assert {(at, stage, occurrence) for at, stage, occurrence, _ in told(manned, number)} == {
        (at, stage, occurrence) for at, stage, occurrence, _ in WORKED_EXAMPLE
    }


def test_a_sweep_counts_what_it_did_and_a_dry_one_does_nothing(manned: House) -> None:
    manned.log()
    manned.log(urgent=True, office="MAIN")
    manned.at("2017-03-31 09:00")
    before = manned.dump()
    dry = sweep(manned.desk, dry_run=True)
    assert manned.dump() == before
    assert dry == manned.sweep()
    assert (dry.due, dry.alerts, dry.unalertable) == (2, 3, 0)
    assert dry.superseded == 3 + 6
    assert manned.sweep() == Tally()


def test_an_urgent_complaint_is_told_at_the_next_sweep_after_receipt(manned: House) -> None:
    number = manned.log(urgent=True)
    assert manned.rows(number) == []
    manned.sweep()
    assert manned.owed(number) == {("receipt", "sup@example.org"): "waiting"}
    assert manned.rows(number)[0].urgent


def test_a_clock_set_back_tells_nothing_twice_and_forgets_nothing(manned: House) -> None:
    number = manned.log()
    manned.at("2017-03-30 09:00")
    manned.sweep()
    manned.at("2017-03-20 09:00")
    assert manned.sweep().due == 0
    manned.shut(number)
    change.do(manned.desk, number, change.reopen("dark again"))
    manned.at("2017-03-31 08:00")
    assert manned.sweep().due == 1
    stages = [row.stage for row in manned.rows(number)]
    assert Counter(stages) == Counter(["warning-first", "warning-last", "due-today", "overdue"])


def test_occurrences_missed_are_counted_by_the_one_that_stands_for_them(manned: House) -> None:
    number = manned.log()
    manned.at("2017-05-01 08:00")
    manned.sweep()
    weekly = [row for row in manned.rows(number) if row.stage == "escalation-weekly"]
    assert {(row.occurrence, row.stands_for) for row in weekly} == {(3, 3)}


def test_a_role_that_nobody_fills_is_written_down_and_its_newest_stage_stands(house: House) -> None:
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    house.at("2017-03-29 08:00")
    tally = house.sweep()
    assert (tally.alerts, tally.unalertable) == (0, 1)
    assert house.owed(number) == {
        ("warning-first", "role:supervisor@MAIN"): "superseded",
        ("warning-last", "role:supervisor@MAIN"): "unalertable",
    }


def test_a_post_filled_between_sweeps_by_an_absence_that_ends_is_told_by_the_next_sweep(house: House) -> None:
    from datetime import date

    sup, other = house.hire("sup"), house.hire("other", Role.AGENT)
    offices.away(house.desk, sup, date(2017, 3, 24), other)
    offices.retire(house.desk, other)
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    assert house.owed(number) == {("warning-first", "role:supervisor@MAIN"): "unalertable"}
    house.at("2017-03-25 08:00")
    house.sweep()
    assert house.owed(number)["warning-first", sup] == "waiting"


def test_a_sweep_asks_as_many_questions_for_many_complaints_as_for_one(manned: House) -> None:
    asked: list[str] = []

    @event.listens_for(manned.store.engine, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, _p: object, _context: object, many: bool) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    counts = []
    for many in (1, 40):
        for _ in range(many):
            manned.log()
        manned.later(days=30)
        asked.clear()
        manned.sweep()
        # Rows of complaints and events are written in rounds, whose size is the driver's affair.
        counts.append(len([one for one in asked if one.startswith("SELECT")]))
    assert counts[0] == counts[1]


@pytest.fixture(scope="module")
def two_stores(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]
) -> Iterator[list[House]]:
    files = SqliteFiles(tmp_path_factory.mktemp("two"), sqlite_template)
    houses = [House(files.migrated()) for _ in ("often", "once")]
    for house in houses:
        # The first connection was made before the disk was told not to be waited for.
        house.store.engine.dispose()
        house.hire("sup")
        house.hire("boss", Role.MANAGER)
    yield houses
    for house in houses:
        house.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    facts=st.lists(
        st.tuples(
            st.sampled_from(["residential", "key-account", "spp-area"]),
            st.booleans(),
            st.integers(0, 60 * 24),
        ),
        min_size=1,
        max_size=3,
    ),
    looks=st.lists(st.integers(0, 70 * 24 * 60), max_size=25),
)
def test_looking_often_or_once_accounts_for_the_same(
    two_stores: list[House], facts: list[tuple[str, bool, int]], looks: list[int]
) -> None:
    start, end = moment("2017-06-01 00:00"), moment("2017-06-01 00:00") + timedelta(minutes=70 * 24 * 60)
    results = []
    for house, minutes in zip(two_stores, (sorted(looks), []), strict=True):
        house.clock.at = start + timedelta(days=1)
        numbers = [
            house.log(group, urgent=urgent, received_at=start + timedelta(minutes=ago))
            for group, urgent, ago in facts
        ]
        for minute in minutes:
            house.clock.at = start + timedelta(minutes=minute)
            house.sweep()
        house.clock.at = end
        house.sweep()
        for number in numbers:
            expected = [(stage, many) for _, stage, many in entries(house.complaint(number), end)]
            assert Counter(accounted_by_rows(house.rows(number))) == Counter(expected)
        results.append([sorted(accounted_by_rows(house.rows(number))) for number in numbers])
        for number in numbers:
            house.shut(number)
    assert results[0] == results[1]


@pytest.mark.slow
def test_looking_each_hour_or_once_accounts_for_the_same(sqlite_databases: Databases) -> None:
    results = []
    for hours in (1, 28 * 24):
        house = House(sqlite_databases.migrated())
        house.hire("sup")
        numbers = [
            house.log(group, urgent=urgent) for group in ("key-account", "spp-area") for urgent in (0, 1)
        ]
        for _ in range(28 * 24 // hours):
            house.later(hours=hours)
            house.sweep()
        results.append([sorted(accounted_by_rows(house.rows(number))) for number in numbers])
        house.close()
    assert results[0] == results[1]
