"""Answers as JSON: the promise of the contract. Moments are ISO 8601 with the offset of the rule book's zone."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from complaint_sla.core.measure import percent, plain_percent

if TYPE_CHECKING:
    from complaint_sla.core.figure import Counts
    from complaint_sla.core.review import Pace, Review
    from complaint_sla.work.worklist import Dossier, Explanation


def jsonable(value: Any, zone: ZoneInfo) -> Any:
    """The value as JSON knows it: dataclasses by field, days and moments as text."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return (value.astimezone(zone) if isinstance(value, datetime) else value).isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: jsonable(getattr(value, one.name), zone) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: jsonable(one, zone) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(one, zone) for one in value]
    return value


def dossier(found: "Dossier", zone: ZoneInfo) -> dict[str, Any]:
    """`show`: the complaint's keys, with customer, events and alerts."""
    complaint: dict[str, Any] = jsonable(found.complaint, zone)
    return {
        **complaint,
        "customer": jsonable(found.customer, zone),
        "events": jsonable(found.events, zone),
        "alerts": jsonable(found.alerts, zone),
        "coming": [
            {
                "stage": ahead.stage.key,
                "stage_at": jsonable(ahead.at, zone),
                "recipients": list(ahead.recipients),
            }
            for ahead in found.coming
        ],
    }


def review_json(review: "Review") -> dict[str, Any]:
    """What a reader of the figure asks next. Spans of time are in days."""

    def pace(one: "Pace") -> dict[str, Any]:
        return {
            "count": one.count,
            "median_days": _days(one.median),
            "ninetieth_days": _days(one.ninetieth),
            "within_half": one.within[0],
            "within_time": one.within[1],
            "within_double": one.within[2],
        }

    return {
        "year_so_far": _counts(review.year),
        "quarters": [
            {
                "quarter": str(past.quarter),
                "version": past.version,
                "state": "final" if past.is_final else "provisional",
                "target": plain_percent(past.target),
                **_counts(past.counts),
            }
            for past in review.quarters
        ],
        "register": {
            **{one.name: getattr(review.register, one.name) for one in fields(review.register)},
            "ended": review.register.ended,
            "balances": review.register.balances,
        },
        "ages": [
            {"over_days": band.over, "up_to_days": band.up_to, "open": band.count, "late": band.late}
            for band in review.ages
        ],
        "answering": pace(review.answering),
        "closing": pace(review.closing),
        "notable": review.notable,
    }


def _counts(counts: "Counts") -> dict[str, Any]:
    return {
        "received": counts.received,
        **{one.name: getattr(counts, one.name) for one in fields(counts)},
        "rate": percent(counts.rate),
    }


def _days(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(days=1), 3)


def explanation(found: "Explanation", zone: ZoneInfo) -> dict[str, Any]:
    """`explain`: the rule and every day of the count."""
    deadline = found.deadline
    return {
        "number": found.number,
        "received_at": jsonable(found.facts.received_at, zone),
        "group": found.facts.group,
        "urgent": found.facts.urgent,
        "rule_book": found.book.id,
        "rule": deadline.rule.key,
        "days": deadline.rule.days,
        "counting": "working" if deadline.counting.working else "calendar",
        "due_on": deadline.due_on.isoformat(),
        "due_at": jsonable(deadline.due_at, zone),
        "trail": jsonable(deadline.trail(), zone),
    }
