"""The plan beside the rule books: its words as they stand on the form, and every fault with its place and its cure."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BookFaults, Fault
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every
from complaint_sla.core.plan import Due, Plan
from complaint_sla.core.planfile import CLOSED_IN_TIME, is_plan, read_plan
from complaint_sla.resources import rules
from complaint_sla.wording import Words
from complaint_sla.wording.messages import fault

SHIPPED = (rules() / "plan-2560.toml").read_text(encoding="utf-8")
# As the release before shipped it: activity 2.4 alone.
BEFORE = (Path(__file__).parents[1] / "records" / "plan-2560-1.toml").read_text(encoding="utf-8")

SMALL = """
id = "small"
effective_from = "2560-01-01"
title = { th = "แผน", en = "Plan" }
classes = ["class-1", "branch", "region"]
gathering = ["region"]

[services]
new-meter = { th = "งานขอใช้ไฟ", en = "New meter" }

[surveys]
phone = { within = 15, attempts = 3, th = "โทรศัพท์", en = "By telephone" }

[[activity]]
key = "first"
no = "1.1"
th = "กิจกรรม"
en = "Activity"
measures = [
  MEASURES
  { key = "whole", share = 100, every = "month", th = "ก", en = "Whole" },
  { key = "score", mean = "4.31", th = "ก", en = "Score" },
  { key = "shown", share = 0, th = "ก", en = "Shown" },
  { key = "asked", mean = "4.31", survey = "phone" },
  { key = "copy", share = 80, every = "month", same_as = "whole", th = "ก", en = "Copy" },
  { key = "demanded", done = true, when_missed = ["score"], th = "ก", en = "Demanded" },
]
"""


def small(measure: str = "", **keys: str) -> str:
    """The small plan with another measure, its first, or with a key of the whole file given otherwise."""
    head = "".join(f"{key} = {value}\n" for key, value in keys.items())
    kept = "".join(line for line in SMALL.splitlines(keepends=True) if line.split(" = ")[0] not in keys)
    words = "" if "title" in measure else ', th = "ก", en = "One"'
    return head + kept.replace("  MEASURES\n", f'  {{ key = "one", {measure}{words} }},\n' if measure else "")


def faults(text: str) -> list[Fault]:
    with pytest.raises(BookFaults) as refused:
        read_plan(text, "plan.toml")
    assert {one.file for one in refused.value.faults} == {"plan.toml"}
    return list(refused.value.faults)


def test_the_shipped_plan_has_all_activities_of_the_form() -> None:
    plan = read_plan(SHIPPED, "plan-2560.toml")
    assert (plan.id, plan.effective_from) == ("pea-plan-2560", date(2017, 1, 1))
    assert [one.no for one in plan.activities] == [
        *("2.1.1", "2.1.2", "2.1.3", "2.2", "2.4", "2.5.1", "2.5.2"),
        *("3.1", "4.1", "4.2", "2.2", "3.5.1", "3.5.2", "3.7"),
    ]
    assert len(list(plan.measures)) == 32
    assert (plan.due, plan.hand_in, plan.remind_days) == (Due(days=10), Due(months=1), 3)
    mean = plan.measure("phone-mean")
    assert (mean.kind, mean.least, mean.every, mean.due) == (
        Kind.MEAN,
        Fraction(431, 100),
        Every.MONTH,
        Due(days=15),
    )
    assert plan.measure("post-mean").due == Due(days=10)
    assert plan.measure("channels").due == Due(on=date(2017, 12, 31))
    complaints = next(one for one in plan.activities if one.no == "2.4")
    assert [(one.key, one.source, one.least) for one in complaints.measures] == [
        ("complaints", "complaints", None)
    ]
    assert complaints.aims[1].en == "Close complaints within the criteria: not less than {n} percent."


def test_the_plan_of_the_release_before_is_read_and_its_activity_has_the_same_words() -> None:
    before, now = read_plan(BEFORE, "plan.toml"), read_plan(SHIPPED, "plan.toml")
    assert (before.id, before.effective_from, before.perspective) == (
        now.id,
        now.effective_from,
        now.perspective,
    )
    assert [before.activities[0]] == [one for one in now.activities if one.key == "complaints"]


def test_what_the_tracker_feeds_needs_no_words_of_its_own_and_a_plan_no_perspective() -> None:
    short = '[[activity]]\nkey = "complaints"\nno = "2.4"\nmeasures = [{ key = "complaints", from = "complaints" }]\n'
    plan = read_plan(small().partition("[[activity]]")[0] + short, "plan.toml")
    (activity,) = plan.activities
    assert (plan.perspective, activity.title, activity.measures[0].title) == (
        None,
        CLOSED_IN_TIME,
        CLOSED_IN_TIME,
    )


def test_where_a_plan_says_nothing_of_gathering_its_region_fills_no_form() -> None:
    plan = read_plan(small().replace('gathering = ["region"]\n', ""), "plan.toml")
    assert plan.gathering == {"region"}


def test_a_plan_is_told_from_a_book_by_its_activities() -> None:
    assert is_plan(SHIPPED)
    assert not is_plan((rules() / "pea-2560.toml").read_text(encoding="utf-8"))


ONE = "activity[1].measures[1]"
MEASURES = [
    ("share = 120", f"{ONE}.share", "fault-share", '"97.5"'),
    ("share = -1", f"{ONE}.share", "fault-share", "from 0 to 100"),
    ("share = 97.5", f"{ONE}.share", "fault-share", "in quotes"),
    ('share = "80 %"', f"{ONE}.share", "fault-share", "80 %"),
    ("share = true", f"{ONE}.share", "fault-share", "from 0 to 100"),
    ("mean = 4.31", f"{ONE}.mean", "fault-mean", 'in quotes, from "1" to "5": mean = "4.31"'),
    ('mean = "5.01"', f"{ONE}.mean", "fault-mean", "5.01"),
    ("mean = 0", f"{ONE}.mean", "fault-mean", "in quotes"),
    ("count = 0", f"{ONE}.count", "fault-count", "from 1 up"),
    ('count = "3"', f"{ONE}.count", "fault-count", "without quotes"),
    ("done = false", f"{ONE}.done", "fault-done", "done = true"),
    ('share = 80, mean = "4.31"', ONE, "fault-one-kind", "(given: share, mean)"),
    ('every = "month"', ONE, "fault-one-kind", "share, mean, count, done (given: –)"),
    ("shaer = 80", f"{ONE}.shaer", "fault-unknown-key", "Did you mean share?"),
    ('share = 80, evry = "month"', f"{ONE}.evry", "fault-unknown-key", "Did you mean every?"),
    ('share = 80, every = "monthly"', f"{ONE}.every", "fault-choice", "Did you mean month?"),
    ('mean = "4", survey = "phnoe"', f"{ONE}.survey", "fault-choice", "Did you mean phone?"),
    ('share = 80, survey = "phone", service = "new-mater"', f"{ONE}.service", "fault-choice", "new-meter"),
    ('share = 80, survey = "phone"', ONE, "fault-survey-service", "Add `service`: new-meter"),
    ('count = 3, survey = "phone"', ONE, "fault-survey-service", "phone"),
    ('share = 80, service = "new-meter"', f"{ONE}.service", "fault-service-survey", "Add `survey`"),
    ('mean = "4", survey = "phone"', "activity[1].measures[5]", "fault-survey-twice", "one is of the same"),
    ('done = true, survey = "phone"', f"{ONE}.survey", "fault-unknown-key", "remove it"),
    ("done = true, latest = true", f"{ONE}.latest", "fault-unknown-key", "remove it"),
    ('from = "tracker"', f"{ONE}.from", "fault-choice", "complaints"),
    ('from = "complaints", share = 80', f"{ONE}.share", "fault-unknown-key", "remove it"),
    ('from = "complaints", every = "month"', f"{ONE}.every", "fault-unknown-key", "remove it"),
    ('share = 80, same_as = "whole"', f"{ONE}.same_as", "fault-same-as", "the same `every`"),
    ('mean = "4", every = "month", same_as = "whole"', f"{ONE}.same_as", "fault-same-as", "whole"),
    ('share = 80, every = "month", latest = true, same_as = "whole"', f"{ONE}.same_as", "fault-same-as", "latest"),
    ('share = 80, every = "month", same_as = "copy"', f"{ONE}.same_as", "fault-same-as-fed", "no figures of its own"),
    ('mean = "4", same_as = "asked"', f"{ONE}.same_as", "fault-same-as-fed", "asked"),
    ('share = 80, same_as = "one"', f"{ONE}.same_as", "fault-itself", "Name another one"),
    ('share = 80, same_as = "shwon"', f"{ONE}.same_as", "fault-choice", "Did you mean shown?"),
    ('mean = "4", survey = "phone", service = "new-meter", same_as = "score"', f"{ONE}.same_as", "fault-same-as-survey", "phone"),
    ('share = 80, same_whole = "score"', f"{ONE}.same_whole", "fault-same-whole", "score"),
    ('mean = "4", same_whole = "whole"', f"{ONE}.same_whole", "fault-same-whole", "whole"),
    ('share = 80, same_whole = "one"', f"{ONE}.same_whole", "fault-itself", "one"),
    ('share = 80, same_whole = "wohle"', f"{ONE}.same_whole", "fault-choice", "Did you mean whole?"),
    ('done = true, when_missed = ["one"]', f"{ONE}.when_missed[1]", "fault-itself", "one"),
    ('done = true, when_missed = ["score", "scoer"]', f"{ONE}.when_missed[2]", "fault-choice", "Did you mean score?"),
    ('done = true, when_missed = ["demanded"]', f"{ONE}.when_missed[1]", "fault-when-missed", "Name those others"),
    ('done = true, when_missed = ["shown"]', f"{ONE}.when_missed[1]", "fault-when-missed-shown", "share = 0"),
    ('done = true, when_missed = ["score", "score"]', f"{ONE}.when_missed[2]", "fault-twice", "score"),
    ('share = 80, when_missed = ["score"]', f"{ONE}.when_missed", "fault-when-missed-kind", "done = true"),
    ('share = 80, due = "10 day s"', f"{ONE}.due", "fault-due-after", '"10 days"'),
    ('share = 80, due = "0 days"', f"{ONE}.due", "fault-due-after", "at most 366 days"),
    ('share = 80, due = "13 months"', f"{ONE}.due", "fault-due-after", "12 months"),
    ('share = 80, due = "2560-06-30"', f"{ONE}.due", "fault-due-day", 'every = "year"'),
    ('done = true, every = "year", due = "in June"', f"{ONE}.due", "fault-due", '"2560-12-31"'),
    ('done = true, every = "year", due = "2560-02-29"', f"{ONE}.due", "fault-day", "2560-01-01"),
    ('done = true, every = "year", due = "60-06-30"', f"{ONE}.due", "fault-day", "60-06-30"),
    ('done = true, every = "year", due = "2559-12-31"', f"{ONE}.due", "fault-due-year", "31 Dec 2018"),
    ('done = true, every = "year", due = "2650-06-30"', f"{ONE}.due", "fault-due-year", "1 Jan 2017"),
]  # fmt: skip
WHOLE = [
    ({"id": "5"}, "id", "fault-type", "a text in quotes"),
    ({"effective_from": '"2560-02-29"'}, "effective_from", "fault-day", "2560-01-01"),
    ({"hand_in": '"2560-04-30"'}, "hand_in", "fault-due-day", "1 month"),
    ({"due": '"ten days"'}, "due", "fault-due-after", '"10 days"'),
    ({"classes": '["Class 1", "region"]'}, "classes[1]", "fault-key", "small letters"),
    ({"classes": '["region", "region"]'}, "classes[2]", "fault-twice", "region"),
    ({"gathering": '["regions"]'}, "gathering", "fault-choice", "Did you mean region?"),
    ({"remind_days": "-1"}, "remind_days", "fault-number", "-1"),
    ({"perspectives": '{ th = "ก", en = "a" }'}, "perspectives", "fault-unknown-key", "Did you mean perspective?"),
    ({"perspective": '{ th = " ", en = "a" }'}, "perspective.th", "fault-empty", "Fill it in"),
    ({"title": '{ th = "ก", en = "a", fr = "b" }'}, "title.fr", "fault-unknown-key", "remove it"),
]  # fmt: skip
SAME_KEY = """
[[activity]]
key = "first"
no = "1"
th = "ก"
en = "a"
measures = [{ key = "m", done = true, th = "ก", en = "a" }]
[[activity]]
"""
CHANGED = [
    ('no = "1.1"', "no = 1.1", "activity[1].no", "fault-type", "a text in quotes"),
    ('no = "1.1"', 'no = " "', "activity[1].no", "fault-empty", "Fill it in"),
    ('no = "1.1"', 'no = "1\\u001b"', "activity[1].no", "fault-not-text", "Remove them"),
    ('no = "1.1"', 'no = "1.1"\nonly_for = ["class-2"]', "activity[1].only_for", "fault-choice", "class-1"),
    ('no = "1.1"', 'no = "1.1"\nby = "division"', "activity[1].by", "fault-choice", "parent"),
    ('no = "1.1"', 'no = "1.1"\nhedaing = []', "activity[1].hedaing", "fault-unknown-key", "Did you mean heading?"),
    ('no = "1.1"', 'no = "1.1"\notherwise = { th = "ก", en = "a" }', "activity[1].otherwise", "fault-otherwise", "Add only_for"),
    ("  MEASURES", "  5,", "activity[1].measures[1]", "fault-type", "a table"),
    # What names a measure that is faulty is not faulty itself.
    ('mean = "4.31", th', "mean = 4.31, th", "activity[1].measures[2].mean", "fault-mean", "in quotes"),
    ("new-meter = {", "New_Meter = {", "services.New_Meter", "fault-key", "small letters"),
    ("new-meter = {", 'new-meter = "x"\nother = {', "services.new-meter", "fault-type", "a table"),
    ("within = 15", "within = 0", "surveys.phone.within", "fault-number", "between 1"),
    ("within = 15", 'counts = "sent"', "surveys.phone.counts", "fault-choice", "drawn"),
    ('key = "demanded"', 'key = "whole"', "activity[1].measures[6].key", "fault-twice", "whole"),
    ("[[activity]]", SAME_KEY, "activity[2].key", "fault-twice", "first"),
    ('id = "small"', "id = small", "", "fault-toml", "no valid TOML"),
]  # fmt: skip
TEXTS = [
    *((small(measure), *rest) for measure, *rest in MEASURES),
    *((small(**keys), *rest) for keys, *rest in WHOLE),
    *((SMALL.replace(old, new, 1).replace("  MEASURES\n", ""), *rest) for old, new, *rest in CHANGED),
]


@pytest.mark.parametrize(("text", "place", "key", "cure"), TEXTS)
def test_every_fault_is_named_with_its_place_and_its_cure(text: str, place: str, key: str, cure: str) -> None:
    found = faults(text)
    assert [(one.place, one.key) for one in found if one.place == place] == [(place, key)]
    # A slip has no others in its train, but that of what it leaves without a kind.
    assert {one.key for one in found} <= {key, "fault-one-kind"}
    told = next(fault(Words("en"), one) for one in found if one.key == key)
    assert told.startswith(f"plan.toml: {place}: " if place else "plan.toml: ")
    assert cure in told
    thai = next(fault(Words("th"), one) for one in found if one.key == key)
    assert thai != told
    assert "{" not in told + thai


def test_all_faults_of_a_plan_are_told_at_once() -> None:
    text = small('share = 120, due = "soon"').replace('key = "demanded"', 'key = "whole"')
    assert [(one.place, one.key) for one in faults(text)] == [
        (f"{ONE}.share", "fault-share"),
        (f"{ONE}.due", "fault-due-after"),
        ("activity[1].measures[7].key", "fault-twice"),
    ]


# Every value of the shipped plan that stands on a line with its key.
SPOTS = [
    found.span(1)
    for found in re.finditer(r'(?<![\w.])[a-z_-]+ = ("[^"]*"|\d+|true|\[[^][{]*\]|\{[^{}]*\})', SHIPPED)
]
ODD = [
    *("5", "-1", "1.5", "nan", "true", '"x"', '""', '"\\u001b[2J"', "9" * 5000, f'"{"ก" * 1000}"', '"2560-13-01"'),
    *("[]", "[1]", '["a", "a"]', "[[1]]", "[{}]", "{}", "{ a = 1 }", "2017-01-01", "12:00:00", '"10 days"', '["x"]'),
]  # fmt: skip


@given(st.sampled_from(SPOTS), st.sampled_from(ODD))
def test_whatever_stands_for_a_value_is_read_or_told_as_a_fault(spot: tuple[int, int], odd: str) -> None:
    try:
        read_plan(SHIPPED[: spot[0]] + odd + SHIPPED[spot[1] :], "plan.toml")
    except BookFaults as refused:
        for words in (Words("en"), Words("th")):
            told = "\n".join(fault(words, one) for one in refused.faults)
            assert not re.search(r"\{[a-z_]+\}|\x1b", told)


@pytest.mark.parametrize(
    ("measure", "due"),
    [
        ("share = 80", Due(days=10)),
        ('share = 80, due = "1 day"', Due(days=1)),
        ('share = "97.5", every = "month", due = "12 months"', Due(months=12)),
        # A year's is due as any other unless its day is named: here on 10 January of the next.
        ('done = true, every = "year"', Due(days=10)),
        ('done = true, every = "year", due = "2017-06-30"', Due(on=date(2017, 6, 30))),
        ('done = true, every = "year", due = "2561-12-31"', Due(on=date(2018, 12, 31))),
        ('share = 80, survey = "phone", service = "new-meter"', Due(days=15)),
        ('mean = "5", survey = "phone", service = "new-meter", due = "3 days"', Due(days=3)),
    ],
)
def test_a_measure_is_due_when_the_plan_says_unless_it_or_its_survey_says_otherwise(
    measure: str, due: Due
) -> None:
    assert read_plan(small(measure), "plan.toml").measure("one").due == due


def test_whom_an_activity_is_not_for_need_not_be_told_why() -> None:
    plan: Plan = read_plan(small().replace('no = "1.1"', 'no = "1.1"\nonly_for = "class-1"'), "plan.toml")
    (activity,) = plan.activities
    assert (activity.only_for, activity.otherwise) == (frozenset({"class-1"}), None)
    assert [activity.is_for(one) for one in ("class-1", "branch", None)] == [True, False, True]
