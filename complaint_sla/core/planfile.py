"""The text of an action plan → a `Plan`, or *every* fault in it, each with file, place and cure.

It lies beside the rule books; the format is explained by example in `rules/plan-2560.toml`.
"""

from __future__ import annotations

import re

from complaint_sla.core.errors import BookFaults
from complaint_sla.core.rulebook import Activity, Plan, PlannedMeasure
from complaint_sla.core.tomlreader import Table, TableReader, opened

# What a measure may be fed by.
SOURCES = ("complaints",)

_ACTIVITY = re.compile(r"^\s*\[\[\s*activity\s*\]\]", re.MULTILINE)


def is_plan(text: str) -> bool:
    """Whether the text is that of a plan: only a plan has activities."""
    return _ACTIVITY.search(text) is not None


def read_plan(text: str, file: str) -> Plan:
    """The plan in `text`. `file` is only named in faults. Raises BookFaults with all that is wrong."""
    reader, table = opened(text, file)
    plan = None if reader.faults else _plan(reader, table, text)
    if plan is None or reader.faults:
        raise BookFaults(tuple(reader.faults))
    return plan


def _plan(reader: TableReader, table: Table, text: str) -> Plan | None:
    plan_id = reader.key(table, "", "id")
    begins = reader.required(table, "", "effective_from", str)
    effective_from = None if begins is None else reader.day(begins, "effective_from")
    title = reader.title_of(table, "", "title")
    perspective = reader.title_of(table, "", "perspective")
    activities = [
        (place, _activity(reader, entry, place)) for place, entry in reader.tables(table, "activity")
    ]
    reader.nothing_left(table, "")
    reader.unique((place, one.key) for place, one in activities)
    reader.unique((f"{place}.measures", measure.key) for place, one in activities for measure in one.measures)
    if effective_from is None:
        return None
    return Plan(plan_id, title, effective_from, perspective, tuple(one for _, one in activities), text)


def _activity(reader: TableReader, entry: Table, place: str) -> Activity:
    activity = Activity(
        key=reader.key(entry, place),
        no=reader.required(entry, place, "no", str) or "",
        title=reader.title(entry, place),
        by_group=reader.title_of(entry, place, "by_group"),
        urgent=reader.title_of(entry, place, "urgent"),
        aims=tuple(reader.whole_title(aim, where) for where, aim in reader.tables(entry, "aims", place)),
        measures=tuple(
            _measure(reader, measure, where) for where, measure in reader.tables(entry, "measures", place)
        ),
    )
    reader.nothing_left(entry, place)
    return activity


def _measure(reader: TableReader, entry: Table, place: str) -> PlannedMeasure:
    measure = PlannedMeasure(
        key=reader.key(entry, place),
        source=reader.choice(entry, place, "from", SOURCES),
        title=reader.title(entry, place),
    )
    reader.nothing_left(entry, place)
    return measure
