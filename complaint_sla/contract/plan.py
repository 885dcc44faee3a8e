"""The action plan as JSON: what was entered, how it stands, what is not in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from complaint_sla.core.measures import printed
from complaint_sla.core.scorecard import value_of

if TYPE_CHECKING:
    from complaint_sla.core.frozenplan import FrozenPlan, Restated
    from complaint_sla.core.readings import Reading
    from complaint_sla.core.scorecard import MeasureLine
    from complaint_sla.work.chronicle import EntryView
    from complaint_sla.work.plans.enter import Entered


def entered(found: Entered) -> dict[str, Any]:
    """`plan enter`: what stands of the period now, what it replaces, and how the quarter stands by it."""
    n, d = (found.reading.n, found.reading.d) if found.reading is not None else (None, None)
    kind = found.measure.kind
    return {
        "office": found.office,
        "measure": found.measure.key,
        "period": found.period.key,
        "n": n,
        "d": d,
        "value": printed(kind, value_of(found.measure, n, d)),
        "state": found.state,
        "due_on": found.due_on,
        "late_days": found.late_days,
        "replaces": _reading(found.replaces, found.replaced),
        **_letter(found.entry),
        "unchanged": not found.is_new,
        "quarter": [{"measure": line.measure.key, **_measured(line)} for _, line in found.lines],
        "frozen": [str(one) for one in found.frozen],
    }


def _measured(line: MeasureLine) -> dict[str, Any]:
    return {
        "state": line.state,
        "n": line.n,
        "d": line.d,
        "value": printed(line.measure.kind, line.value),
        "margin": line.margin,
    }


def _reading(reading: Reading | None, entry: EntryView | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {"kind": reading.kind, "n": reading.n, "d": reading.d, **_letter(entry)}


def _letter(entry: EntryView | None) -> dict[str, Any]:
    """What an entry says beside its figure; nothing where a hand has made something else of it, or it is erased."""
    said = (entry.said or {}) if entry is not None else {}
    return {"source": said.get("source"), "dated": said.get("dated"), "awaiting": said.get("whom")}


def frozen(found: FrozenPlan, zone: ZoneInfo) -> dict[str, Any]:
    """`plan freeze`: which version it is, by which digest it goes, and what is otherwise than in the one before."""
    return {
        "quarter": str(found.quarter),
        "version": found.version,
        "digest": found.digest,
        "frozen_at": found.frozen_at.astimezone(zone),
        "restated": restated(found.restated),
    }


def restated(found: Sequence[Restated]) -> list[dict[str, Any]]:
    """What is otherwise than in a frozen plan; `states` are was and now where a measure has turned."""
    return [asdict(one) for one in found]
