"""An action plan as a value: activities, what is measured in each, held against which least value, and when it is due.

`planfile` makes one from text. A measure is always a number, n of d, held against a least value in a period; what `least`
means, and how the number is printed, is its kind.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every, Period
from complaint_sla.core.titles import Title


@dataclass(frozen=True)
class Due:
    """By when something of a period is to be in: so many calendar days after it, so many months (to the month's last
    day), or on a day."""

    days: int = 0
    months: int = 0
    on: date | None = None

    def of(self, period: Period) -> date:
        """The last day on which it is in time."""
        if self.on is not None:
            return self.on
        if not self.months:
            return period.last + timedelta(days=self.days)
        year, month = divmod(period.last.year * 12 + period.last.month - 1 + self.months, 12)
        return date(year, month + 1, monthrange(year, month + 1)[1])


# Where a plan does not say otherwise.
FIGURES_DUE = Due(days=10)
HAND_IN = Due(months=1)
REMIND_DAYS = 3


@dataclass(frozen=True)
class Service:
    """A kind of service whose customers are surveyed."""

    key: str
    title: Title


@dataclass(frozen=True)
class Survey:
    """How customers are asked: at the latest `within` days after the service, at most `attempts` times; then the next one
    of the lot is drawn. None: by no day, and as often as it takes. `counts_drawn`: a form that was sent counts, not an answer.
    """

    key: str
    title: Title
    within: int | None = None
    attempts: int | None = None
    counts_drawn: bool = False


@dataclass(frozen=True)
class PlannedMeasure:
    """What is measured, under a `key` that is for good.

    `least` is, by kind: a share from 0 to 1 (0: shown, not judged), a mean from 1 to 5, a count; of what is to be done, 1.
    None: what feeds it has its own (`source`: the tracker's closure rate). `latest`: a stand, of which the newest counts,
    not a flow that is summed. `same_as`: its figures are those of that measure. `survey` and `service`: what can feed it.
    `when_missed`: it has to be done only if one of these measures is missed. `same_whole`: the measure whose d should be
    the same; a note where it is not.
    """

    key: str
    title: Title
    kind: Kind
    least: Fraction | None
    every: Every = Every.QUARTER
    due: Due = FIGURES_DUE
    latest: bool = False
    source: str = ""
    survey: str | None = None
    service: str | None = None
    same_as: str | None = None
    when_missed: tuple[str, ...] = ()
    same_whole: str | None = None

    @property
    def fed_by(self) -> str:
        """The key under which its figures are kept."""
        return self.same_as or self.key

    @property
    def is_judged(self) -> bool:
        return self.least != 0


@dataclass(frozen=True)
class Activity:
    """An activity of a plan in the words of its form.

    `headings` stand above it where a part of the plan begins. `by_parent`: the figures are asked of the office above.
    `only_for`: the classes of office that it is for, None for all; of the others `otherwise` is said. `with_previous`: it
    shares the page of the one before. Of the complaints: the heads of the two lists of criteria, and aims, in which `{n}`
    stands for the target in per cent.
    """

    key: str
    no: str
    title: Title
    measures: tuple[PlannedMeasure, ...]
    headings: tuple[Title, ...] = ()
    notes: tuple[Title, ...] = ()
    by_parent: bool = False
    only_for: frozenset[str] | None = None
    otherwise: Title | None = None
    with_previous: bool = False
    by_group: Title | None = None
    urgent: Title | None = None
    aims: tuple[Title, ...] = ()

    def is_for(self, class_: str | None) -> bool:
        """Whether an office of a class has to do it; one whose class nobody has given is not let off."""
        return self.only_for is None or class_ is None or class_ in self.only_for


@dataclass(frozen=True)
class Plan:
    """The action plan of a year, in force from the local day `effective_from`.

    `hand_in` is by when, after a quarter, the form is handed in. `classes` are the kinds of office; of these `gathering` ones
    fill no form of their own, and only gather those below. A figure that is not in stands in the daily summary from
    `remind_days` before it is due. `perspective` is None where the title says it.
    """

    id: str
    title: Title
    effective_from: date
    perspective: Title | None
    activities: tuple[Activity, ...]
    text: str
    due: Due = FIGURES_DUE
    hand_in: Due = HAND_IN
    classes: tuple[str, ...] = ()
    gathering: frozenset[str] = frozenset()
    remind_days: int = REMIND_DAYS
    services: tuple[Service, ...] = ()
    surveys: tuple[Survey, ...] = ()

    @property
    def measures(self) -> Iterator[tuple[Activity, PlannedMeasure]]:
        for activity in self.activities:
            for measure in activity.measures:
                yield activity, measure

    @property
    def is_entered(self) -> bool:
        """Whether it asks for any figure but what the tracker tells."""
        return any(not measure.source for _, measure in self.measures)

    def asks(self, measure: PlannedMeasure, year: int) -> bool:
        """Whether a measure is asked for in a year (Common Era). One that is due on a day of its own is of the year in which
        the plan begins: where no plan follows, nobody has missed it again."""
        return measure.due.on is None or year == self.effective_from.year

    def measure(self, key: str) -> PlannedMeasure:
        """Raises KeyError."""
        for _, measure in self.measures:
            if measure.key == key:
                return measure
        raise KeyError(key)

    def survey(self, key: str | None) -> Survey | None:
        return next((one for one in self.surveys if one.key == key), None)

    def service(self, key: str | None) -> Service | None:
        return next((one for one in self.services if one.key == key), None)


def plan_of(plans: Sequence[Plan], quarter: Quarter) -> Plan | None:
    """Of plans, oldest first, the one that governs a quarter: the newest that holds on its last day, else the first."""
    begun = [plan for plan in plans if plan.effective_from <= quarter.last_day]
    return next(iter(begun[-1:] or plans), None)
