"""What somebody enters of the plan, what stands after it, and what was checked on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.periods import Period
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.scorecard import MeasureLine, State
from complaint_sla.store.tables import Office
from complaint_sla.work.chronicle import EntryView

# The longest name of a letter, or of whom one waits for.
LETTER = 200


@dataclass(frozen=True)
class Submitted:
    """What somebody enters of a measure in a period, as it is typed: a figure with its letter (`source`, `dated`), or whom
    one is `awaiting`, or to `withdraw` what stands. `office` None is that of who acts, or the only one that reports.
    """

    measure: str
    period: str
    figure: str | None = None
    source: str | None = None
    dated: date | None = None
    awaiting: str | None = None
    withdraw: bool = False
    note: str | None = None
    office: str | None = None

    @property
    def kind(self) -> ReadingKind:
        """Raises BadValue (`one-of-two`) for two things at once."""
        given = [
            name
            for name, value in (
                ("FIGURE", self.figure),
                ("--source", self.source),
                ("--dated", self.dated),
                ("--awaiting", self.awaiting),
                ("--withdraw", self.withdraw or None),
            )
            if value is not None
        ]
        for alone in ("--awaiting", "--withdraw"):
            if alone in given and len(given) > 1:
                raise BadValue("one-of-two", one=next(one for one in given if one != alone), two=alone)
        if self.withdraw:
            return ReadingKind.WITHDRAWN
        return ReadingKind.FIGURE if self.awaiting is None else ReadingKind.AWAITING


@dataclass(frozen=True)
class Entered:
    """What stands now of a measure in a period at an office: `reading`, and its entry; None where nothing does.

    `state` is that of the period by itself. `late_days`: so many days after it was due a figure came in first. `replaces` is
    what stood before, and `replaced` its entry. `is_new`: whether anything was written; the same again is no correction.
    `lines`: how the measures that it feeds stand in the period's quarter, with their activities. `frozen`: the quarters that
    it counts in and that were handed in before.
    """

    office: str
    measure: PlannedMeasure
    period: Period
    reading: Reading | None
    entry: EntryView | None
    state: State
    due_on: date
    late_days: int
    replaces: Reading | None = None
    replaced: EntryView | None = None
    is_new: bool = True
    lines: tuple[tuple[Activity, MeasureLine], ...] = ()
    frozen: tuple[Quarter, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What is entered, found right and not put down yet: what its entry says (`said`, and the `note`), n and d; what stands
    `before` it, with its entry among those of the period so far; whether it says anything new.
    """

    plan: Plan
    measure: PlannedMeasure
    period: Period
    office: Office
    kind: ReadingKind
    said: Mapping[str, Any]
    n: int | None
    d: int | None
    note: str | None
    entries: Sequence[EntryView]
    before: Reading | None
    replaced: EntryView | None
    is_new: bool

    @property
    def where(self) -> dict[str, str]:
        return {"office": self.office.code, "measure": self.measure.key, "period": self.period.key}
