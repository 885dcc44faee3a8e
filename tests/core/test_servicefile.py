"""`rules/service.toml`: what is read from it, what is wrong with it, and when the office works."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.calendars import parse_moment
from complaint_sla.core.errors import BadValue, BookFaults
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import (
    GroupYears,
    ReportOrder,
    Retention,
    ServiceRules,
    WorkingHours,
    read_service,
)

BANGKOK = ZoneInfo("Asia/Bangkok")
SHIPPED = Path(__file__).parents[2] / "rules" / "service.toml"
MONDAY_TO_FRIDAY = frozenset(range(5))


def holidays(country: str, first: int, last: int) -> Mapping[date, str]:
    if country != "TH":
        raise BadValue("unknown-country", value=country)
    return {date(year, 4, 6): "วันจักรี" for year in range(first, last + 1)}


def read(text: str) -> ServiceRules:
    return read_service(text, "service.toml", holidays)


def faults_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BookFaults) as refused:
        read(text)
    return [(fault.place, fault.key) for fault in refused.value.faults]


def hours(text: str) -> WorkingHours:
    found = read(f"[working_hours]\n{text}").working_hours
    assert found is not None
    return found


def test_the_shipped_file_sends_mail_at_any_hour_and_a_summary_on_workdays() -> None:
    rules = read(SHIPPED.read_text(encoding="utf-8"))
    assert rules.working_hours is None
    assert rules.administrators == ()
    assert rules.silence == timedelta(minutes=10)
    assert rules.summary is not None
    assert (rules.summary.weekdays, rules.summary.at) == (MONDAY_TO_FRIDAY, time(8))
    assert rules.summary.roles == (Role.SUPERVISOR, Role.MANAGER)
    assert not rules.summary.when_nothing


def test_the_example_in_the_shipped_file_is_right_when_its_marks_are_taken_off() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    start = lines.index("# [working_hours]")
    example = [line.removeprefix("# ") for line in lines[start : start + 5]]
    rules = read("\n".join(example))
    assert rules.working_hours is not None
    assert rules.working_hours.weekdays == MONDAY_TO_FRIDAY
    assert rules.working_hours.days_off(2017) == {date(2017, 4, 6): "วันจักรี"}


def test_the_example_of_a_report_is_right_too() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    start = lines.index("# [[report]]")
    rules = read("\n".join(line.removeprefix("# ") for line in lines[start:]))
    assert rules.reports == (
        ReportOrder(("report@pea.example",), "BANSANG", ("report.pdf", "report.xlsx", "plan.pdf")),
    )


def test_an_empty_file_means_the_defaults() -> None:
    assert read("") == ServiceRules()


def test_addresses_are_made_regular_and_each_is_named_once() -> None:
    assert read('administrators = ["IT@pea.example", "it@pea.example"]').administrators == ("it@pea.example",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("silence_minutes = 0", [("silence_minutes", "fault-number")]),
        ('silence_minutes = "ten"', [("silence_minutes", "fault-type")]),
        (
            'administrators = ["nobody", 7]',
            [("administrators[1]", "fault-email"), ("administrators[2]", "fault-email")],
        ),
        ("quiet = true", [("quiet", "fault-unknown-key")]),
        ("[working_hours]\ndays = []", [("working_hours.days", "fault-empty")]),
        ('[working_hours]\ndays = ["moon"]', [("working_hours.days", "fault-choice"), ("working_hours.days", "fault-empty")]),
        ('[working_hours]\nfrom = "8"', [("working_hours.from", "fault-clock")]),
        ('[working_hours]\nfrom = "16:30"', [("working_hours.until", "fault-hours")]),
        ('[working_hours]\nholidays = "XX"', [("working_hours.holidays", "fault-country")]),
        ("[working_hours]\nat = 1", [("working_hours.at", "fault-unknown-key")]),
        ('[summary]\nto = ["agent"]', [("summary.to", "fault-choice")]),
        ('[summary]\nat = "25:00"', [("summary.at", "fault-clock")]),
        ("[summary]\nwhen_nothing = 1", [("summary.when_nothing", "fault-type")]),
        ("report = 3", [("report", "fault-type")]),
        ("[[report]]\nto = []", [("report[1].to", "fault-empty")]),
        ('[[report]]\nto = ["a@b.org", "x"]', [("report[1].to[2]", "fault-email")]),
        ('[[report]]\nto = ["a@b.org"]\nattach = ["report.doc"]', [("report[1].attach", "fault-choice")]),
        (
            '[[report]]\nto = ["a@b.org"]\noffice = "x"\n[[report]]\nto = ["a@b.org"]\noffice = "X"',
            [("report[1].office", "fault-twice"), ("report[2].office", "fault-twice")],
        ),
        ("summary = 3", [("summary", "fault-type")]),
        ("[summary", [("", "fault-toml")]),
        ("#" * 600_000, [("", "fault-too-long")]),
    ],
)  # fmt: skip
def test_everything_wrong_is_said_with_its_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert faults_of(text) == expected


@pytest.mark.parametrize(
    ("at", "works"),
    [
        ("2017-04-05 07:59:59", False),
        ("2017-04-05 08:00", True),
        ("2017-04-05 16:29:59", True),
        ("2017-04-05 16:30", False),
        # Chakri day is a Thursday.
        ("2017-04-06 10:00", False),
        ("2017-04-07 10:00", True),
        ("2017-04-08 10:00", False),
        ("2018-04-06 10:00", False),
    ],
)
def test_the_office_works_on_its_days_in_its_hours_and_not_on_holidays(at: str, works: bool) -> None:
    assert hours('holidays = "TH"').are_on(parse_moment(at, BANGKOK), BANGKOK) is works


@given(at=st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), weekdays=st.frozensets(st.integers(0, 6)))
def test_it_goes_by_the_day_and_the_clock_of_its_zone(at: datetime, weekdays: frozenset[int]) -> None:
    office = WorkingHours(weekdays, time(8), time(16, 30), lambda _year: {})
    local = at + timedelta(hours=7)
    expected = local.weekday() in weekdays and time(8) <= local.time() < time(16, 30)
    # Bangkok has been seven hours ahead since 1920.
    assert office.are_on(at.replace(tzinfo=UTC), BANGKOK) is expected


# --- how long complaints tell of anybody


def test_years_are_kept_for_all_groups_or_for_some() -> None:
    assert read("").retention is None
    assert read("[retention]\nyears = 10").retention == Retention(10)
    some = read("[retention]\n[retention.groups]\nresidential = 5\nkey-account = 15").retention
    assert some == Retention(None, (GroupYears("key-account", 15), GroupYears("residential", 5)))


def test_the_example_of_retention_in_the_shipped_file_is_right_when_its_marks_are_taken_off() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    start = lines.index("# [retention]")
    rules = read("\n".join(line.removeprefix("# ") for line in lines[start : start + 4]))
    assert rules.retention == Retention(10, (GroupYears("key-account", 15),))
    assert read(SHIPPED.read_text(encoding="utf-8")).retention is None


@pytest.mark.parametrize(
    ("text", "place", "key"),
    [
        ("", "retention.years", "fault-missing"),
        ("years = 0", "retention.years", "fault-number"),
        ('years = "ten"', "retention.years", "fault-type"),
        ("[retention.groups]\na = 0", "retention.groups.a", "fault-number"),
        ("years = 1\nmonths = 2", "retention.months", "fault-unknown-key"),
        ("years = 1\ngroups = 2", "retention.groups", "fault-type"),
    ],
)
def test_what_is_wrong_with_years_is_named_with_its_place(text: str, place: str, key: str) -> None:
    assert faults_of(f"[retention]\n{text}") == [(place, key)]
