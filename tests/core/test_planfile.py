"""The plan beside the rule books: its words as they stand on the form, and every fault with its place."""

from datetime import date

import pytest

from complaint_sla.core.errors import BookFaults
from complaint_sla.core.planfile import is_plan, read_plan
from complaint_sla.resources import rules

SHIPPED = (rules() / "plan-2560.toml").read_text(encoding="utf-8")


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BookFaults) as refused:
        read_plan(text, "plan.toml")
    assert {fault.file for fault in refused.value.faults} == {"plan.toml"}
    return [(fault.place, fault.key) for fault in refused.value.faults]


def test_the_shipped_plan_has_activity_2_4_fed_by_the_complaints() -> None:
    plan = read_plan(SHIPPED, "plan-2560.toml")
    assert (plan.id, plan.effective_from) == ("pea-plan-2560", date(2017, 1, 1))
    (activity,) = plan.activities
    assert (activity.key, activity.no) == ("complaints", "2.4")
    assert [(measure.key, measure.source) for measure in activity.measures] == [("complaints", "complaints")]
    assert activity.aims[1].en == "Close complaints within the criteria: not less than {n} percent."


def test_a_plan_is_told_from_a_book_by_its_activities() -> None:
    assert is_plan(SHIPPED)
    assert not is_plan((rules() / "pea-2560.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("old", "new", "place", "key"),
    [
        ('id = "pea-plan-2560"\n', "", "id", "fault-missing"),
        ('effective_from = "2560-01-01"', 'effective_from = "2560-02-30"', "effective_from", "fault-day"),
        ('perspective = {', 'perspectives = {', "perspective", "fault-missing"),
        ('th = "ด้านลูกค้า", en', 'th = " ", en', "perspective.th", "fault-empty"),
        ('en = "Customer perspective"', 'en = "x", fr = "y"', "perspective.fr", "fault-unknown-key"),
        ('no = "2.4"', "no = 2.4", "activity[1].no", "fault-type"),
        ('urgent = {', 'hurried = {', "activity[1].urgent", "fault-missing"),
        ('from = "complaints"', 'from = "survey"', "activity[1].measures[1].from", "fault-choice"),
        ('from = "complaints"', 'from = "complaints", share = 80', "activity[1].measures[1].share", "fault-unknown-key"),
        ('measures = [{', 'measures = [5, {', "activity[1].measures[1]", "fault-type"),
        ('id = "pea', 'id = pea', "", "fault-toml"),
    ],
)  # fmt: skip
def test_every_fault_is_named_with_its_place(old: str, new: str, place: str, key: str) -> None:
    assert old in SHIPPED
    assert (place, key) in faults(SHIPPED.replace(old, new, 1))


def test_a_measure_stands_in_one_activity_only() -> None:
    _, mark, activity = SHIPPED.rpartition("[[activity]]")
    again = activity.replace('key = "complaints"\nno', 'key = "more"\nno')
    assert faults(SHIPPED + mark + again) == [("activity[2].measures.key", "fault-twice")]
