"""The plan reckoned a second time, sentence by sentence as its design has it, for tests to hold the program against.

Slow and plain on purpose: it looks through the whole log for every figure, and shares no arithmetic with the program.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts
from complaint_sla.core.plan import Activity, Due, Plan, PlannedMeasure
from complaint_sla.core.readings import Reading
from complaint_sla.core.scorecard import Closure, PlanOffice

OPEN = ("missing", "awaiting", "pending")


@dataclass(frozen=True)
class Stand:
    """How a measure stands: its state, n and d, and of how many offices how many met it (None where that is not said)."""

    state: str
    n: int | None = None
    d: int | None = None
    offices: tuple[int, int] | None = None
    missed_at: tuple[str, ...] = ()
    open_at: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Oracle:
    plan: Plan
    quarter: Quarter
    today: date
    offices: Sequence[PlanOffice]
    log: Sequence[Reading]
    closure: Closure | None = None

    def marks(self) -> dict[str, str]:
        return {one.key: self.mark(one) for one in self.plan.activities}

    def mark(self, activity: Activity) -> str:
        states = [self.stand(activity, one).state for one in activity.measures]
        if "missed" in states:
            return "not-according"
        if any(state in OPEN for state in states):
            return "not-stated"
        return "according" if "met" in states or "not-needed" in states else "not-stated"

    def stands(self) -> dict[str, Stand]:
        return {
            one.key: self.stand(activity, one)
            for activity in self.plan.activities
            for one in activity.measures
        }

    # One office.

    def last(self, office: str, measure: PlannedMeasure, period: str) -> Reading | None:
        """The last one of a measure and period stands."""
        key = measure.same_as or measure.key
        mine = [one for one in self.log if (one.office, one.measure, one.period) == (office, key, period)]
        if not mine:
            return None
        newest = max(mine, key=lambda one: one.seq)
        return None if newest.kind == "withdrawn" else newest

    def entry(self, office: str, measure: PlannedMeasure, at: int) -> tuple[str, Reading | None]:
        """In, and with what; or why it is not in."""
        period, ended = self.periods(measure)[at]
        reading = self.last(office, measure, period)
        due = self.due(measure.due, ended)
        hand_in = self.due(self.plan.hand_in, self.quarter.last_day)
        overdue = due < self.today
        if measure.every == "year":
            # A year's measure counts in a quarter if dated by its hand-in day, and is late in it if it was due by then.
            overdue = overdue and due <= hand_in
            if reading is not None and reading.kind == "figure" and reading.dated is not None:
                reading = reading if reading.dated <= hand_in else None
        if reading is not None and reading.kind == "figure":
            return "in", reading
        if measure.kind == "done" and overdue:
            return "missed", None
        if reading is not None and reading.kind == "awaiting":
            return "awaiting", None
        return ("missing" if overdue else "pending"), None

    def alone(self, office: PlanOffice, activity: Activity, measure: PlannedMeasure) -> Stand:
        is_let_off = activity.only_for is not None and office.class_ not in {None, *activity.only_for}
        is_of_another_year = measure.due.on is not None and self.quarter.year != self.plan.effective_from.year
        if is_let_off or is_of_another_year:
            return Stand("not-applicable")
        if measure.source:
            if self.closure is None:
                return Stand("pending")
            counts = self.closure.by_office.get(office.code, Counts())
            return Stand(self.closed(counts), counts.numerator, counts.denominator)
        entries = [self.entry(office.code, measure, at) for at in range(len(self.periods(measure)))]
        figures = [reading for state, reading in entries if reading is not None]
        states = [state for state, _ in entries]
        if measure.kind == "done":
            late = any(
                reading is not None and reading.dated is not None
                and reading.dated > self.due(measure.due, self.periods(measure)[at][1])
                for at, (_, reading) in enumerate(entries)
            )  # fmt: skip
            state = (
                "missed"
                if late or "missed" in states
                else next((one for one in OPEN if one in states), "met")
            )
            stand = Stand(state, len(figures) or None, len(entries) if figures else None)
            return self.demanded(office, measure, stand) if measure.when_missed else stand
        if measure.latest:
            figures = figures[-1:]
        n = sum(one.n or 0 for one in figures) if figures else None
        wholes = [one.d for one in figures]
        d = None if not figures or None in wholes else sum(one or 0 for one in wholes)
        # Judged only when every month is in.
        for open_ in OPEN:
            if open_ in states:
                return Stand(open_, n, d)
        return Stand(self.judged(measure, n or 0, d), n, d)

    def demanded(self, office: PlanOffice, measure: PlannedMeasure, stand: Stand) -> Stand:
        found = {}
        for activity, one in self.plan.measures:
            if one.key in measure.when_missed:
                found[one.key] = self.alone(office, activity, one).state
        causes = tuple(key for key in measure.when_missed if found[key] == "missed")
        if causes:
            return Stand(stand.state, stand.n, stand.d, causes=causes)
        if stand.state == "met":
            return stand
        if any(state in OPEN for state in found.values()):
            return Stand("pending", stand.n, stand.d)
        return Stand("not-needed", stand.n, stand.d)

    def judged(self, measure: PlannedMeasure, n: int, d: int | None) -> str:
        if d == 0:
            return "nothing"
        least = measure.least or Fraction(0)
        if least == 0:
            return "shown"
        if measure.kind == "count":
            wanted = least if d is None or d > least else d
            return "met" if n >= wanted else "missed"
        return "met" if d is not None and Fraction(n, d) >= least else "missed"

    def closed(self, counts: Counts) -> str:
        """A closure rate is judged when it is final, or can't turn any more."""
        assert self.closure is not None
        n, d, pending = counts.numerator, counts.denominator, counts.pending
        if not self.closure.has_ended:
            return "pending"
        if d + pending == 0:
            return "nothing"
        if self.closure.is_final:
            return "met" if Fraction(n, d) >= self.closure.target else "missed"
        if Fraction(n, d + pending) >= self.closure.target:
            return "met"
        best = Fraction(n + pending + counts.redeemable, d + pending)
        return "missed" if best < self.closure.target else "pending"

    # Several.

    def reporting(self) -> list[PlanOffice]:
        return [
            one for one in self.offices
            if one.class_ not in self.plan.gathering
            and not (
                one.class_ is None and one.has_below
                and not any(self.last(one.code, measure, entry.period)
                            for _, measure in self.plan.measures for entry in self.log)
            )
        ]  # fmt: skip

    def stand(self, activity: Activity, measure: PlannedMeasure) -> Stand:
        reporting = self.reporting()
        several = len(reporting) > 1
        at = [(one.code, self.alone(one, activity, measure)) for one in reporting]
        at = [(code, stand) for code, stand in at if stand.state != "not-applicable"]
        missed_at = tuple(code for code, stand in at if stand.state == "missed") if several else ()
        open_at = tuple(code for code, stand in at if stand.state in OPEN) if several else ()
        causes = tuple(key for key in measure.when_missed if any(key in stand.causes for _, stand in at))
        if measure.source and self.closure is not None:
            counts = Counts()
            for one in self.offices:
                counts = counts.plus(self.closure.by_office.get(one.code, Counts()))
            n, d = counts.numerator, counts.denominator
            return Stand(self.closed(counts), n, d, None, missed_at, open_at)
        if not at:
            return Stand("not-applicable")
        if not several:
            return at[0][1]
        known = [stand for _, stand in at if stand.n is not None]
        n = sum(one.n or 0 for one in known) if known else None
        wholes = [one.d for one in known]
        d = None if not known or None in wholes else sum(one or 0 for one in wholes)
        states = [stand.state for _, stand in at]
        if measure.kind in ("share", "mean"):
            open_ = next((one for one in OPEN if one in states), None)
            return Stand(open_ or self.judged(measure, n or 0, d), n, d, None, missed_at, open_at)
        # Counts and things done: met if all that must have.
        must = [one for one in states if one not in ("nothing", "not-needed")]
        offices = (must.count("met"), len(must))
        if measure.kind == "done":
            n, d = offices if must else (None, None)
        state = next((one for one in ("missed", *OPEN) if one in must), "met")
        if not must:
            state = "not-needed" if "not-needed" in states else "nothing"
        return Stand(state, n, d, offices, missed_at, open_at, causes)

    # Days.

    def periods(self, measure: PlannedMeasure) -> list[tuple[str, date]]:
        """Each with its last day."""
        year, last = self.quarter.year, 3 * self.quarter.number
        if measure.every == "year":
            return [(f"{year}", date(year, 12, 31))]
        if measure.every == "quarter":
            return [(f"{year}-Q{self.quarter.number}", self.month_ends(year, last))]
        return [(f"{year}-{month:02d}", self.month_ends(year, month)) for month in (last - 2, last - 1, last)]

    def month_ends(self, year: int, month: int) -> date:
        return date(year, month, monthrange(year, month)[1])

    def due(self, due: Due, ended: date) -> date:
        if due.on is not None:
            return due.on
        if not due.months:
            return ended + timedelta(days=due.days)
        year, month = ended.year, ended.month
        for _ in range(due.months):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return self.month_ends(year, month)
