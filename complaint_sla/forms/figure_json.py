"""The figure of a quarter as JSON: the contract of `report --format json` (CLI.md, "JSON of a quarter")."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.closure import Counts, Figure, percent, plain_percent


def figure_json(figure: Figure, zone: ZoneInfo) -> dict[str, Any]:
    """The keys in the contract's order; `as_of`, which it doesn't name, is last. Moments are in `zone`."""
    return {
        "quarter": str(figure.quarter),
        "office": figure.office,
        "state": "final" if figure.is_final else "provisional",
        "version": None,
        "final_at": _moment(figure.final_at, zone),
        **_counts(figure.counts),
        "target": plain_percent(figure.target),
        "met": figure.met,
        "certain": figure.certain,
        "by_group": _rows(figure.by_group),
        "by_month": _rows(figure.by_month),
        "by_office": _rows(figure.by_office),
        "by_rule": _rows(figure.by_rule),
        "as_of": _moment(figure.as_of, zone),
    }


def _rows(rows: tuple[tuple[str, Counts], ...]) -> list[dict[str, Any]]:
    # The target holds for the quarter as a whole, so a row is neither met nor missed.
    return [{"key": key, **_counts(counts)} for key, counts in rows]


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "received": counts.received,
        "on_time": counts.on_time,
        "late": counts.late,
        "overdue": counts.overdue,
        "pending": counts.pending,
        "excluded": counts.excluded,
        "numerator": counts.numerator,
        "denominator": counts.denominator,
        "rate": percent(counts.rate),
        "worst": percent(counts.worst),
        "best": percent(counts.best),
    }


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()
