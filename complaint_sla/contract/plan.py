"""The action plan as JSON: what was entered, how it stands, what is not in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from complaint_sla.core.masking import masked_text
from complaint_sla.core.measures import plain_least, printed
from complaint_sla.core.scorecard import value_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from complaint_sla.core.errors import Error
    from complaint_sla.core.frozenplan import FrozenPlan, Restated
    from complaint_sla.core.readings import Reading
    from complaint_sla.core.scorecard import MeasureLine, PeriodLine
    from complaint_sla.work.chronicle import EntryView
    from complaint_sla.work.plans.card import Card
    from complaint_sla.work.plans.due import Due
    from complaint_sla.work.plans.reminders import PlanSection
    from complaint_sla.work.plans.sheets.exporting import Exported
    from complaint_sla.work.plans.sheets.importing import Imported
    from complaint_sla.work.plans.submitted import Entered


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


def card(found: Card) -> dict[str, Any]:
    """`plan show`: each activity with its mark, each measure with its periods; of one office with their letters."""
    return {
        "plan": found.plan.id,
        "quarter": str(found.quarter),
        "office": found.office,
        "state": "final" if found.is_final else "provisional",
        "version": found.version,
        "final_at": found.final_at,
        "activities": [
            {
                "key": one.activity.key,
                "no": one.activity.no,
                "mark": one.mark,
                "measures": [_measure(found, line) for line in one.measures],
            }
            for one in found.activities
        ],
        **({} if found.history is None else {"history": [_told(one) for one in found.history]}),
        **({} if found.frozen is None else _frozen(found.frozen, found.differing)),
    }


def _frozen(found: FrozenPlan, differing: Sequence[Restated]) -> dict[str, Any]:
    """Of which moment and fingerprint a frozen plan is, whether a wrong clock had frozen it, what it had restated, and what is
    otherwise today."""
    return {
        "frozen_at": found.frozen_at,
        "digest": found.digest,
        "void": found.voided_at is not None,
        "restated": restated(found.restated),
        "differing": restated(differing),
    }


# The columns of `rows`, in their order.
COLUMNS = (
    *("office", "activity", "no", "mark", "measure", "kind", "state", "least", "period", "n", "d", "value"),
    *(
        "met",
        "due_on",
        "missing",
        "source",
        "dated",
        "awaiting",
        "entered_at",
        "by",
        "late_days",
        "corrections",
    ),
)


def rows(found: Card) -> Iterator[dict[str, Any]]:
    """The card for a spreadsheet: one row a measure and period."""
    for activity in found.activities:
        for line in activity.measures:
            for period in line.periods:
                yield {
                    "office": found.office,
                    "activity": activity.activity.key,
                    "no": activity.activity.no,
                    "mark": activity.mark,
                    "measure": line.measure.key,
                    "kind": line.measure.kind,
                    "state": line.state,
                    "least": plain_least(line.measure.kind, line.measure.least),
                    **_period(found, line, period),
                }


def _measure(found: Card, line: MeasureLine) -> dict[str, Any]:
    measure, year = line.measure, line.year
    return {
        "key": measure.key,
        "kind": measure.kind,
        "same_as": measure.same_as,
        "least": plain_least(measure.kind, measure.least),
        "due_on": line.due_on,
        **_measured(line),
        "year": None
        if year is None
        else {"n": year[0], "d": year[1], "value": printed(measure.kind, value_of(measure, *year))},
        "periods": [_period(found, line, one) for one in line.periods],
        "offices": None
        if not (line.offices or line.missed_at or line.open_at)
        else {
            **({} if line.offices is None else {"met": line.offices[0], "of": line.offices[1]}),
            "missed": list(line.missed_at),
            "open": list(line.open_at),
        },
        "causes": list(line.causes),
        "survey": line.survey.told if line.survey is not None else None,
        "same_whole": None
        if line.other_whole is None
        else {"measure": measure.same_whole, "d": line.other_whole},
    }


def _period(found: Card, line: MeasureLine, one: PeriodLine) -> dict[str, Any]:
    written = found.written.get(one.reading.seq) if one.reading is not None else None
    return {
        "period": one.period.key,
        "n": one.n,
        "d": one.d,
        "value": printed(line.measure.kind, value_of(line.measure, one.n, one.d)),
        "met": one.met,
        "margin": one.margin,
        "due_on": one.due_on,
        "missing": one.missing,
        **_letter(written.entry if written is not None else None),
        "entered_at": written.entry.happened_at if written is not None else None,
        "by": written.entry.actor if written is not None else None,
        "late_days": written.late_days if written is not None else None,
        "corrections": written.corrections if written is not None else None,
    }


def _told(one: EntryView) -> dict[str, Any]:
    """An entry of a measure's history; what the note says is masked."""
    said = one.said or {}
    return {
        "entry": one.seq,
        "kind": one.kind.removeprefix("plan-"),
        "office": said.get("office"),
        "period": said.get("period"),
        "n": said.get("n"),
        "d": said.get("d"),
        **_letter(one),
        "note": masked_text(str(one.words["note"])) if "note" in one.words else None,
        "entered_at": one.happened_at,
        "by": one.actor,
    }


def due(found: Due) -> list[dict[str, Any]]:
    """`plan due`: each figure that is not in, the longest overdue first; the roles that hear of it, and who they are today."""
    return [
        {
            "office": one.item.office,
            "measure": one.item.measure.key,
            "period": one.item.period.key,
            "due_on": one.item.due_on,
            "days_late": one.days_late,
            "state": one.item.state,
            "roles": list(one.roles),
            "recipients": list(one.recipients),
            "awaiting": one.whom,
            "since": one.since,
            "causes": list(one.item.causes),
        }
        for one in found.outstanding
    ]


def reminders(found: PlanSection, cures: Sequence[str]) -> dict[str, Any]:
    """What the daily summary tells: figures, and whom a survey has to ask (`calls`), each with the command that cures it."""
    from complaint_sla.work.plans.reminders import CallsLine, PlanLine

    return {
        **{name: getattr(found, name) for name in ("count", "overdue", "due", "demanded", "calls")},
        "first": [
            {
                "office": line.at,
                "measure": line.item.measure.key if isinstance(line, PlanLine) else None,
                "period": line.item.period.key if isinstance(line, PlanLine) else None,
                "calls": line.count if isinstance(line, CallsLine) else None,
                "due_on": line.due_on,
                "cure": cure,
            }
            for line, cure in zip(found.lines, cures, strict=True)
        ],
    }


def imported(found: Imported, say: Callable[[Error], str]) -> dict[str, Any]:
    """`plan import`: rows by what came of them, what was corrected with what stood before; `say` words an error."""
    return {
        "entered": found.entered,
        "corrected": found.corrected,
        "unchanged": found.unchanged,
        "empty": found.empty,
        "rejected": [
            {"line": one.line, "error": one.error.key, "message": say(one.error)} for one in found.rejected
        ],
        "corrections": [
            {
                "line": one.line,
                **one.checked.where,
                "n": one.checked.n,
                "d": one.checked.d,
                "replaces": _reading(one.checked.before, one.checked.replaced),
            }
            for one in found.corrections
        ],
        "frozen": [str(one) for one in found.frozen],
    }


def exported(found: Exported, file: Path) -> dict[str, Any]:
    """`plan export`: rows with what stands, and rows to be filled in."""
    return {"exported": found.standing, "empty": found.empty, "file": str(file)}


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


def frozen(found: FrozenPlan) -> dict[str, Any]:
    """`plan freeze`: which version it is, by which digest it goes, and what is otherwise than in the one before."""
    return {
        "quarter": str(found.quarter),
        "version": found.version,
        "digest": found.digest,
        "frozen_at": found.frozen_at,
        "restated": restated(found.restated),
    }


def restated(found: Sequence[Restated]) -> list[dict[str, Any]]:
    """What is otherwise than in a frozen plan; `states` are was and now where a measure has turned."""
    return [asdict(one) for one in found]
