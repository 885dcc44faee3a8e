"""The JSON of `rules`: what rule books and plans say, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from complaint_sla.core.measures import plain_percent
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.core.rulediff import Least

if TYPE_CHECKING:
    from complaint_sla.core.rulebook import Book
    from complaint_sla.core.rulediff import RuleChange
    from complaint_sla.core.titles import Title
    from complaint_sla.work.rules.publish import Published


def book(one: Book) -> dict[str, Any]:
    """`rules`: a book as data: what it decides, not how its file is laid out."""
    return {
        "id": one.id,
        "title": _title(one.title),
        "effective_from": one.effective_from.isoformat(),
        "timezone": one.zone.key,
        "days": "working" if one.counting.working else "calendar",
        "last_day_on_holiday": "next-working-day" if one.counting.move_last_day else "keep",
        "target": plain_percent(one.target),
        "dated_back_days": one.dated_back_days,
        "digest": one.digest,
        "rules": [{"key": rule.key, "days": rule.days, **_title(rule.title)} for rule in one.rules],
        "stages": [
            {
                "key": stage.key,
                "offset": stage.offset,
                "at": f"{stage.at:%H:%M}",
                "repeat_every": stage.repeat_every,
                "from_days": stage.from_days,
                "rules": sorted(stage.rules) if stage.rules is not None else None,
                "to": list(stage.roles),
                **_title(stage.title),
            }
            for stage in one.stages
        ],
        **{
            name: [
                {"key": term.key, **_title(term.title), "also": list(term.also)}
                for term in getattr(one, name)
            ]
            for name in ("groups", "channels", "categories")
        },
    }


def planned(plan: Plan) -> dict[str, Any]:
    """`rules`: a plan as data: what it asks for, not how its file is laid out."""
    return {
        "id": plan.id,
        "title": _title(plan.title),
        "effective_from": plan.effective_from.isoformat(),
        "due": _rule_value(plan.due),
        "hand_in": _rule_value(plan.hand_in),
        "remind_days": plan.remind_days,
        "classes": list(plan.classes),
        "gathering": sorted(plan.gathering),
        "services": [{"key": one.key, **_title(one.title)} for one in plan.services],
        "surveys": _rule_value(plan.surveys),
        "activities": [_activity(one) for one in plan.activities],
    }


def _activity(one: Activity) -> dict[str, Any]:
    return {
        "key": one.key,
        "no": one.no,
        **_title(one.title),
        "by": "parent" if one.by_parent else "office",
        "only_for": sorted(one.only_for) if one.only_for is not None else None,
        "measures": [{**_rule_value(measure), "title": _title(measure.title)} for measure in one.measures],
    }


def _title(title: Title) -> dict[str, str]:
    return {"th": title.th, "en": title.en}


def published(one: Published, messages: Iterable[str]) -> dict[str, Any]:
    """`rules publish`: what came of a draft; `messages` say its differences, each in a line."""
    return {
        "kind": one.kind,
        "id": one.id,
        "effective_from": one.effective_from,
        "outcome": one.outcome,
        "than": one.than,
        "differences": [difference(*pair) for pair in zip(one.differences, messages, strict=True)],
    }


def difference(one: RuleChange, message: str) -> dict[str, Any]:
    """`rules`: what differs between two books, as values and in words; None where something came or went."""
    return {
        "kind": one.kind or None,
        "key": one.key or None,
        "field": one.field or None,
        "was": _rule_value(one.was),
        "now": _rule_value(one.now),
        "message": message,
    }


def _rule_value(value: Any) -> Any:
    """A value of a rule book, a plan or a setting. Sets are in order; spans of time are in minutes."""
    if isinstance(value, PlannedMeasure):
        return {**_fields(value), "least": Least(value.kind, value.least).written}
    if type(value) in _RULE_VALUES:
        return _RULE_VALUES[type(value)](value)
    if isinstance(value, (tuple, frozenset)):
        return [_rule_value(one) for one in (sorted(value) if isinstance(value, frozenset) else value)]
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {one.name: _rule_value(getattr(value, one.name)) for one in fields(value) if one.compare}


_RULE_VALUES: Mapping[type, Callable[[Any], Any]] = {
    Fraction: plain_percent,
    Least: lambda least: {"kind": least.kind, "least": least.written},
    timedelta: lambda span: span / timedelta(minutes=1),
    ZoneInfo: lambda zone: zone.key,
    date: date.isoformat,
    time: lambda at: f"{at:%H:%M}",
}
