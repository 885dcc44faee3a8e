"""A complaint's rows of the ledger as its events have them, and what is stored, held against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.fates import AlertKey, Fate


@dataclass(slots=True)
class Expected:
    """A row of the ledger as the events have it.

    `roles` led to the recipient at least, and none but `possible` ones; None where that is not known.
    """

    stands_for: int
    stage_at: datetime
    raised_at: datetime
    urgent: bool
    roles: set[str]
    possible: frozenset[str] | None
    fate: Fate


def compare_alerts(
    expected: Mapping[AlertKey, Expected], stored: Mapping[AlertKey, Mapping[str, Any]]
) -> Iterable[Difference]:
    """The rows of a complaint's ledger against what its events say was raised, and to whom."""
    for key in expected.keys() - stored.keys():
        yield Difference(Check.ALERT_MISSING, str(key))
    for key in stored.keys() - expected.keys():
        yield Difference(Check.ALERT_SURPLUS, str(key))
    for key in expected.keys() & stored.keys():
        yield from _compare_alert(key, expected[key], stored[key])


def _compare_alert(key: AlertKey, expected: Expected, row: Mapping[str, Any]) -> Iterable[Difference]:
    for name in ("stands_for", "stage_at", "raised_at", "urgent"):
        derived = getattr(expected, name)
        if row[name] != derived:
            yield Difference(Check.ALERT, f"{key}: {name}", row[name], derived)
    roles = set(row["roles"].split())
    # A role may come to lead to somebody who has the row already: that is no event.
    if not expected.roles <= roles or (expected.possible is not None and not roles <= expected.possible):
        yield Difference(Check.ALERT, f"{key}: roles", row["roles"], " ".join(sorted(expected.roles)))
