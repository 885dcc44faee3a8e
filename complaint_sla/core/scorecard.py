"""How the measures and activities of a plan stand in a quarter, at one office or at several together; pure.

Marks follow from states, and states from readings: nobody sets one. A measure is judged only when each of its periods is
in, or leaving out a bad month would pay. Source of the rules: the plan's form, and the criteria that it prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import reduce

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import Kind, Mark
from complaint_sla.core.periods import Every, Period
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind, Standing
from complaint_sla.core.surveys import Poll


class State(StrEnum):
    """How a measure stands: judged, or why it is not."""

    MET = "met"
    MISSED = "missed"
    # 0 of 0: there was none.
    NOTHING = "nothing"
    # It has no least value.
    SHOWN = "shown"
    # Not in, and not due yet; not in, and overdue; not in, and it is said for whom one waits.
    PENDING = "pending"
    MISSING = "missing"
    AWAITING = "awaiting"
    NOT_NEEDED = "not-needed"
    NOT_APPLICABLE = "not-applicable"


# What is not in, the gravest first.
OPEN = (State.MISSING, State.AWAITING, State.PENDING)
# What is in, or need not be.
SETTLED = frozenset(State) - {*OPEN}


@dataclass(frozen=True)
class PlanOffice:
    """An office as the plan sees it: its class, None if nobody has given it one, and whether others stand below it."""

    code: str
    class_: str | None = None
    has_below: bool = False


@dataclass(frozen=True)
class Closure:
    """The closure rate, which the tracker feeds: own cases of each office in the quarter, and of all from January on (None
    where that is not known)."""

    target: Fraction
    has_ended: bool
    is_final: bool
    by_office: Mapping[str, Counts] = field(default_factory=dict)
    by_month: tuple[tuple[str, Counts], ...] = ()
    year: Counts | None = None
    # The first moment (UTC) at which it can be final.
    final_at: datetime | None = None

    @property
    def total(self) -> Counts:
        return reduce(Counts.plus, self.by_office.values(), Counts())

    def state(self, counts: Counts) -> State:
        """Judged once it can't turn any more."""
        if not self.has_ended:
            return State.PENDING
        ratio = counts.ratio
        if not (ratio.d or ratio.pending):
            return State.NOTHING
        met = ratio.met(self.target) if self.is_final else ratio.certain(self.target)
        return {True: State.MET, False: State.MISSED, None: State.PENDING}[met]


@dataclass(frozen=True)
class Sight:
    """All that a card follows from: a plan, a quarter, the local day, the offices, what stands, what the tracker says.

    Of a quarter's `readings` those of the year's earlier periods may be there, too: they make what is so far. `surveys` says
    how asking stands, by office, measure and period, where a survey feeds it.
    """

    plan: Plan
    quarter: Quarter
    today: date
    offices: Sequence[PlanOffice]
    readings: Standing
    closure: Closure | None = None
    surveys: Mapping[tuple[str, str, str], Poll] = field(default_factory=dict)

    @property
    def hand_in(self) -> date:
        """The last local day on which the quarter's form is in time."""
        return self.plan.hand_in.of(Period.of_quarter(self.quarter))

    def reporting(self) -> list[PlanOffice]:
        """The offices that have figures of their own. One that gathers has none; one without class that has others below it
        only once it has entered some.

        The tree and the classes are today's: nobody can tell an office that is new from one that was only now made known,
        and what an office was when the form was handed in is frozen with it.
        """
        unsaid = {one.code for one in self.offices if one.class_ is None and one.has_below}
        entered = {office for office, _, _ in self.readings if office in unsaid} if unsaid else unsaid
        return [
            one
            for one in self.offices
            if one.class_ not in self.plan.gathering and (one.code not in unsaid or one.code in entered)
        ]


@dataclass(frozen=True)
class PeriodLine:
    """A measure in one period. n and d are those that are in; None where none is. `missing` offices have theirs not in.

    `met`: whether this period alone reaches the least value, and `margin` by how many of n; None where nothing is judged,
    where one is missing, and of a count that has other parts. `reading` only of one office.
    """

    period: Period
    due_on: date
    n: int | None
    d: int | None
    met: bool | None
    missing: int
    reading: Reading | None = None
    margin: int | None = None


@dataclass(frozen=True)
class MeasureLine:
    """A measure on a card. `value` is n of d, of a share or a mean; `margin` by how many of n it is safe or, negative, missed.

    `year`: n and d from January on; of a stand the newest. `offices`: of counts and things done, how many offices met it, of
    how many that must. `missed_at` and `open_at`: codes of offices, where there are several. `causes`: what demands it.
    `other_whole`: the d of the measure that should have the same, where it is another. `survey`: how asking stands, where a
    survey feeds it.
    """

    measure: PlannedMeasure
    state: State
    n: int | None
    d: int | None
    value: Fraction | None
    margin: int | None
    due_on: date
    periods: tuple[PeriodLine, ...]
    year: tuple[int, int | None] | None
    offices: tuple[int, int] | None = None
    missed_at: tuple[str, ...] = ()
    open_at: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    other_whole: int | None = None
    survey: Poll | None = None


@dataclass(frozen=True)
class ActivityLine:
    activity: Activity
    mark: Mark
    measures: tuple[MeasureLine, ...]


@dataclass(frozen=True)
class Item:
    """A figure that is not in: overdue (`missing`), not due yet (`pending`), or waited for (`awaiting`)."""

    office: str
    activity: Activity
    measure: PlannedMeasure
    period: Period
    due_on: date
    state: State
    causes: tuple[str, ...] = ()

    def days_late(self, today: date) -> int:
        return max(0, (today - self.due_on).days)


def mark_of(states: Iterable[State]) -> Mark:
    """The mark of an activity whose measures stand so."""
    found = set(states)
    if State.MISSED in found:
        return Mark.NOT_ACCORDING
    if found & {*OPEN}:
        return Mark.NOT_STATED
    # Only dashes and what is not for the office: nothing was shown, and nothing failed.
    return Mark.ACCORDING if found & {State.MET, State.NOT_NEEDED} else Mark.NOT_STATED


def margin_of(measure: PlannedMeasure, n: int, d: int | None) -> int | None:
    """By how many of n the least value is safe or, negative, missed; None for 0 of 0, and where nothing is judged.

    Of a count: where there were fewer than the least value, all of them are enough.
    """
    least = measure.least
    if not least or d == 0:
        return None
    if measure.kind is Kind.COUNT:
        return n - (int(least) if d is None else min(int(least), d))
    # In whole numbers: ceil(least * d).
    return None if d is None else n + -least.numerator * d // least.denominator


def judged(measure: PlannedMeasure, n: int, d: int | None) -> State:
    """How a measure stands by figures that are all in."""
    return judge_of(measure)(n, d)


def judge_of(measure: PlannedMeasure) -> Callable[[int, int | None], State]:
    """`judged` of one measure, made ready for the figures of many offices; by the exact numbers, as `margin_of`."""
    least = measure.least
    if not least:
        return lambda _, d: State.NOTHING if d == 0 else State.SHOWN
    part, whole = least.numerator, least.denominator
    if measure.kind is Kind.COUNT:

        def count(n: int, d: int | None) -> State:
            if d == 0:
                return State.NOTHING
            return State.MET if n >= (part if d is None else min(part, d)) else State.MISSED

        return count

    def share(n: int, d: int | None) -> State:
        if not d:
            return State.NOTHING if d == 0 else State.SHOWN
        return State.MET if n * whole >= part * d else State.MISSED

    return share


def value_of(measure: PlannedMeasure, n: int | None, d: int | None) -> Fraction | None:
    """n of d of a share or a mean; None for 0 of 0, and for what is counted or done."""
    return Fraction(n, d) if n is not None and d and measure.kind in (Kind.SHARE, Kind.MEAN) else None


def state_in(measure: PlannedMeasure, period: Period, reading: Reading | None, today: date) -> State:
    """How one period of a measure stands at an office by itself."""
    due_on = measure.due.of(period)
    if reading is not None and reading.kind is ReadingKind.FIGURE:
        if measure.kind is Kind.COUNT and measure.every is Every.MONTH:
            # A month is no more than a part of what has to be.
            return State.SHOWN
        if measure.kind is not Kind.DONE:
            return judged(measure, reading.n or 0, reading.d)
        return State.MET if reading.dated is None or reading.dated <= due_on else State.MISSED
    if today > due_on and measure.kind is Kind.DONE:
        return State.MISSED
    if reading is not None:
        return State.AWAITING
    return State.MISSING if today > due_on else State.PENDING
