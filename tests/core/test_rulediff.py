"""What differs in meaning between two rule books, plans or settings."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.measures import Kind
from complaint_sla.core.plan import Due, Plan, PlannedMeasure
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.rulebook import Book, Rule, Stage, Term
from complaint_sla.core.rulediff import ORDER, Least, RuleChange, differences
from complaint_sla.core.servicefile import ServiceRules, read_service
from complaint_sla.core.titles import Title
from tests.core.books import SHIPPED, book, no_holidays, shipped, small, thai_holidays
from tests.core.random_books import pairs


def meaning(one: Book) -> Book:
    return replace(one, digest="", text="")


@given(pairs())
def test_no_difference_is_told_if_and_only_if_two_books_mean_the_same(pair):
    old, new = pair
    found = differences(old, new)
    assert (found == ()) == (meaning(old) == meaning(new))
    assert all(one.was != one.now for one in found)
    assert len(set(map(str, found))) == len(found)
    assert len({(one.kind, one.key, one.field) for one in found}) == len(found)


@pytest.mark.parametrize("name", [one.name for one in fields(Book)])
def test_no_field_of_a_book_is_forgotten(name):
    other = replace(shipped(), **{name: object()})
    expected = [] if name in ("digest", "text") else [name]
    assert [one.field for one in differences(shipped(), other)] == expected


@pytest.mark.parametrize(
    ("part", "kind", "key"), [("rules", Rule, "rule"), ("stages", Stage, "stage"), ("groups", Term, "group")]
)
def test_no_field_of_an_entry_is_forgotten(part, kind, key):
    first, *others = getattr(shipped(), part)
    for field in fields(kind):
        if field.name != "key":
            other = replace(shipped(), **{part: (replace(first, **{field.name: object()}), *others)})
            (found,) = differences(shipped(), other)
            assert (found.kind, found.key, found.field) == (key, first.key, field.name)


@given(st.permutations(range(5)), st.integers(0, 4), st.integers(0, 4))
def test_one_entry_that_is_moved_is_one_difference(order, start, end):
    rules = [Rule(f"r{number}", Title("ก", "a"), 5) for number in order]
    moved = rules.copy()
    moved.insert(end, moved.pop(start))
    old, new = (replace(shipped(), rules=tuple(each)) for each in (rules, moved))
    found = differences(old, new)
    assert len(found) == (start != end)
    for one in found:
        keys = [None, *(rule.key for rule in moved)]
        assert (one.kind, one.field) == ("rule", ORDER)
        assert one.now == keys[keys.index(one.key) - 1]


def test_differences_are_told_in_the_words_of_the_field():
    text = SHIPPED.read_text("utf-8")
    changed = (
        text.replace('key = "warning-last"', 'key = "warning-middle"')
        .replace("\ndays = 15", "\ndays = 12")
        .replace("closed_in_time_percent = 80", "closed_in_time_percent = 70 # less")
        .replace('to = ["manager"]', 'to = ["parent:manager"]')
    )
    warning = shipped().stage("warning-last")
    assert differences(shipped(), book(changed)) == (
        RuleChange("", "", "target", Fraction(4, 5), Fraction(7, 10)),
        RuleChange("rule", "key-account", "days", 15, 12),
        RuleChange("stage", "warning-last", "", warning, None),
        RuleChange("stage", "warning-middle", "", None, replace(warning, key="warning-middle")),
        RuleChange("stage", "escalation-1", "roles", ("manager",), ("parent:manager",)),
    )


def test_entries_that_are_moved_together_are_one_difference():
    groups = shipped().groups
    (found,) = differences(shipped(), replace(shipped(), groups=(*groups[2:], *groups[:2])))
    assert found in (
        RuleChange("group", groups[0].key, ORDER, None, groups[-1].key),
        RuleChange("group", groups[2].key, ORDER, groups[1].key, None),
    )


def test_holidays_are_told_day_by_day():
    counting = '[counting]\ndays = "working"\nholidays = "TH"\nholidays_through = 2017\n'
    days = [("2017-07-07", "old"), ("2017-07-10", "kept"), ("2017-07-11", "gone"), ("2019-01-02", "far")]
    old = book(small(counting=counting + extra(days)), thai_holidays)
    days = [("2017-07-07", "new"), ("2017-07-10", "kept"), ("2017-07-12", "come")]
    new = book(small(counting=counting + extra(days) + 'not_holidays = ["2017-04-06"]'), thai_holidays)
    assert differences(old, new) == (
        RuleChange("holiday", "2017-04-06", "", old.counting.holidays[date(2017, 4, 6)], None),
        RuleChange("holiday", "2017-07-07", "name", "old", "new"),
        RuleChange("holiday", "2017-07-11", "", "gone", None),
        RuleChange("holiday", "2017-07-12", "", None, "come"),
        RuleChange("holiday", "2019-01-02", "", "far", None),
    )


def extra(days: list[tuple[str, str]]) -> str:
    return "extra_holidays = {" + ", ".join(f'"{day}" = "{name}"' for day, name in days) + "}\n"


def test_a_holiday_of_a_year_that_the_calendar_no_longer_reaches_did_not_go():
    counting = '[counting]\ndays = "working"\nholidays = "TH"\nholidays_through = {}\n'
    old = book(small(counting=counting.format(2018)), thai_holidays)
    new = book(small(counting=counting.format(2017)), thai_holidays)
    assert [one.field for one in differences(old, new)] == ["covers"]
    added = [one for one in differences(new, old) if one.kind == "holiday"]
    assert {one.key[:4] for one in added} == {"2018"}
    assert all(one.was is None for one in added)


PLAN = (SHIPPED.parent / "plan-2560.toml").read_text("utf-8")


def test_no_field_of_a_plan_is_forgotten():
    """Nor one of what it lists: each in turn is otherwise, and is the one difference."""
    plan = read_plan(PLAN, "plan.toml")
    for field in fields(Plan):
        found = differences(plan, replace(plan, **{field.name: object()}))
        assert [one.field for one in found] == ([] if field.name == "text" else [field.name])
    for part, kind in (("activities", "activity"), ("services", "service"), ("surveys", "survey")):
        first, *others = getattr(plan, part)
        for field in fields(first):
            if field.name != "key":
                changed = (replace(first, **{field.name: object()}), *others)
                (found,) = differences(plan, replace(plan, **{part: changed}))
                assert (found.kind, found.key, found.field) == (kind, first.key, field.name)
    activity, *others = plan.activities
    measure, *measures = activity.measures
    for field in fields(PlannedMeasure):
        if field.name != "key":
            changed = replace(activity, measures=(replace(measure, **{field.name: object()}), *measures))
            (found,) = differences(plan, replace(plan, activities=(changed, *others)))
            key = "calls-by-division/division-new-meter"
            assert (found.kind, found.key, found.field) == ("measure", key, field.name)
    assert differences(plan, read_plan(f"# a comment\n{PLAN}", "other.toml")) == ()


def test_a_least_value_is_told_with_its_kind_and_a_due_day_as_one():
    old = read_plan(PLAN, "plan.toml")
    new = PLAN.replace('survey = "post", mean = "4.31"', 'survey = "post", mean = "4.50", due = "1 month"')
    key = "postal-survey/post-mean"
    assert differences(old, read_plan(new, "plan.toml")) == (
        RuleChange(
            "measure", key, "least", Least(Kind.MEAN, Fraction(431, 100)), Least(Kind.MEAN, Fraction(9, 2))
        ),
        RuleChange("measure", key, "due", Due(days=10), Due(months=1)),
    )


SERVICE = """
silence_minutes = 20
administrators = ["a@pea.example"]
[working_hours]
from = "08:30"
holidays = "TH"
[summary]
at = "07:00"
[[report]]
to = ["r@pea.example"]
[[report]]
office = "BANSANG"
to = ["b@pea.example"]
"""


def service(text: str) -> ServiceRules:
    return read_service(text, "service.toml", no_holidays)


def test_settings_of_the_service_are_compared_field_by_field_and_report_by_report():
    assert differences(service(SERVICE), service(f"# a comment\n{SERVICE}")) == ()
    changed = (
        SERVICE.replace("20", "10")
        .replace('holidays = "TH"', "")
        .replace("07:00", "09:00")
        .replace("b@", "c@")
        .replace("[[report]]\nto", '[[report]]\noffice = "MAIN"\nto')
    )
    old, new = service(SERVICE), service(changed)
    assert [(one.kind, one.key, one.field) for one in differences(old, new)] == [
        ("", "", "silence"),
        ("working_hours", "", "days_off"),
        ("summary", "", "at"),
        ("report", "*", ""),
        ("report", "MAIN", ""),
        ("report", "BANSANG", "to"),
    ]
    assert differences(old, new)[0] == RuleChange(
        "", "", "silence", timedelta(minutes=20), timedelta(minutes=10)
    )
    (without,) = differences(old, replace(old, working_hours=None))
    assert (without.field, without.now) == ("working_hours", None)
    (later,) = differences(old, service(SERVICE.replace("08:30", "09:00")))
    assert later == RuleChange("working_hours", "", "opens", time(8, 30), time(9))
