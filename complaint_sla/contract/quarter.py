"""A quarter's report as JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from complaint_sla.contract.values import document
from complaint_sla.core.measures import percent, plain_percent

if TYPE_CHECKING:
    from complaint_sla.core.figures import Counts
    from complaint_sla.core.review import Pace, Review
    from complaint_sla.work.figures.report import Report


def report(found: Report, zone: ZoneInfo) -> str:
    """`report`: a version that is asked for as it was printed when it was frozen; else the figure, and what is asked next.

    Where that version is void, or rehearsed, it says so after what was printed.
    """
    # Only a report needs it, and every command waits for what stands on top.
    from complaint_sla.core.frozen import figure_json

    frozen = found.frozen
    printed = found.review is None and found.figure.office is None
    if frozen is not None and printed and frozen.voided_at is None and not found.rehearsal:
        return frozen.content
    data = figure_json(found.figure, zone)
    if frozen is not None:
        if printed:
            data = json.loads(frozen.content)
        data |= {"frozen_at": frozen.frozen_at, "digest": frozen.digest}
        if frozen.voided_at is not None:
            data["voided_at"] = frozen.voided_at
        if not printed:
            # What restates the figure before any list of complaints does.
            data |= {"restated": frozen.restated, "differing": found.differing, "moved": found.moved}
    if found.lost:
        data["books_lost"] = found.lost
    if found.review is not None:
        data |= _review(found.review)
    if found.rehearsal:
        data["rehearsal"] = True
    return document(data, zone)


def _review(review: Review) -> dict[str, Any]:
    """What a reader of the figure asks next. Spans of time are in days."""

    def pace(one: Pace) -> dict[str, Any]:
        return {
            "count": one.count,
            "median_days": _days(one.median),
            "ninetieth_days": _days(one.ninetieth),
            "within_half": one.within[0],
            "within_time": one.within[1],
            "within_double": one.within[2],
        }

    return {
        "year_so_far": counts(review.year),
        "quarters": [
            {
                "quarter": str(past.quarter),
                "version": past.version,
                "state": "final" if past.is_final else "provisional",
                "target": plain_percent(past.target),
                **counts(past.counts),
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


def counts(counts: Counts) -> dict[str, Any]:
    return {
        "received": counts.received,
        **{one.name: getattr(counts, one.name) for one in fields(counts)},
        "rate": percent(counts.rate),
    }


def _days(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(days=1), 3)
