"""The surveys of a plan: whom they ask until when, how many are owed, and the figures that come of it; pure.

Of each service a survey asks so many of those whose requests were finished in a month or quarter. Only answers in time
count; whoever refuses, is not reached or was left too long is followed by the next of the lot as long as there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.draw import owed
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every, Period
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure, Survey

# The shortest first.
_EVERY = (Every.MONTH, Every.QUARTER, Every.YEAR)
LOWEST_SCORE, HIGHEST_SCORE = 1, 5


class Outcome(StrEnum):
    """What came of one who was drawn. Too late: answered, and not counted."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NOT_REACHED = "not-reached"
    TOO_LATE = "too-late"


# Of a poll, what is not said beside a figure as it stands.
_UNSAID = ("seeds", "scores", "undrawn")
# An attempt that leaves it open.
NO_ANSWER = "no-answer"
ANSWERS = frozenset({Outcome.ANSWERED, Outcome.TOO_LATE})


@dataclass(frozen=True)
class Poll:
    """How asking stands: `finished` requests without those `left_out`; of the `drawn` those `answered` in time, `refused`,
    `not_reached` (or left until their days were over), `waiting`, and `late`, who answered too late.

    `seeds` are those of the lots. `scores` is the sum of those answered in time, `undrawn` are those who could still be drawn.
    """

    finished: int = 0
    left_out: int = 0
    drawn: int = 0
    answered: int = 0
    refused: int = 0
    not_reached: int = 0
    waiting: int = 0
    late: int = 0
    seeds: tuple[str, ...] = ()
    scores: int = 0
    undrawn: int = 0

    @property
    def seed(self) -> str | None:
        """None for several lots, and before the first draw."""
        return self.seeds[0] if len(self.seeds) == 1 else None

    @property
    def told(self) -> dict[str, object]:
        """What is said beside a figure."""
        said = {name: value for name, value in vars(self).items() if name not in _UNSAID}
        return {**said, "seed": self.seed}

    @property
    def is_empty(self) -> bool:
        return not (self.finished or self.left_out)

    def plus(self, other: Poll) -> Poll:
        """Of both together."""
        return Poll(
            self.finished + other.finished,
            self.left_out + other.left_out,
            self.drawn + other.drawn,
            self.answered + other.answered,
            self.refused + other.refused,
            self.not_reached + other.not_reached,
            self.waiting + other.waiting,
            self.late + other.late,
            tuple(dict.fromkeys(self.seeds + other.seeds)),
            self.scores + other.scores,
            self.undrawn + other.undrawn,
        )


@dataclass(frozen=True)
class Quota:
    """How many a survey asks of a service: as many as its measure wants."""

    activity: Activity
    measure: PlannedMeasure
    survey: Survey

    @property
    def service(self) -> str:
        return self.measure.service or ""

    def period(self, finished_on: date) -> Period:
        """The period whose lot a request that was finished on a day takes part in."""
        return period_of(self.measure.every, finished_on)

    def last_day(self, plan: Plan, finished_on: date) -> date:
        """The last day on which somebody may be drawn and asked: the day of the service is not counted. Where a survey says
        nothing of days, as long as the form of the quarter is not handed in."""
        if self.survey.within is not None:
            return finished_on + timedelta(days=self.survey.within)
        return plan.hand_in.of(Period.of_quarter(Quarter.of(finished_on)))

    def counted(self, poll: Poll) -> int:
        """How many count: forms that were sent, or answers in time."""
        return poll.drawn if self.survey.counts_drawn else poll.answered

    def owed_of(self, finished: int) -> int:
        """How many of so many are to be asked."""
        return owed(self.measure.kind, self.measure.least or Fraction(0), finished)

    def owed(self, poll: Poll) -> int:
        return self.owed_of(poll.finished)

    def missing(self, poll: Poll) -> int:
        """How many are to be drawn now."""
        on_the_way = 0 if self.survey.counts_drawn else poll.waiting
        return max(0, min(poll.undrawn, self.owed(poll) - self.counted(poll) - on_the_way))

    def is_settled(self, poll: Poll) -> bool:
        """Whether its figure can be told: all that is owed is there, or nobody is left who could be asked in time."""
        if self.counted(poll) >= self.owed(poll):
            return True
        return not poll.undrawn and (self.survey.counts_drawn or not poll.waiting)


def quotas(plan: Plan) -> tuple[Quota, ...]:
    """One for each survey and service: where several measures have both, the first says how many."""
    found: dict[tuple[str, str], Quota] = {}
    for activity, measure in plan.measures:
        survey = plan.survey(measure.survey)
        if survey is None or measure.service is None or measure.kind not in (Kind.SHARE, Kind.COUNT):
            continue
        found.setdefault((survey.key, measure.service), Quota(activity, measure, survey))
    return tuple(found.values())


def fed_measures(plan: Plan) -> Iterator[tuple[PlannedMeasure, tuple[Quota, ...]]]:
    """Every measure that a survey can feed, with the quotas that its figure is of."""
    known = quotas(plan)
    for _, measure in plan.measures:
        if measure.survey is None or measure.kind is Kind.DONE:
            continue
        mine = tuple(
            one
            for one in known
            if one.survey.key == measure.survey
            and measure.service in (None, one.service)
            # Who was drawn for a quarter says nothing of a month.
            and _EVERY.index(one.measure.every) <= _EVERY.index(measure.every)
        )
        if mine:
            yield measure, mine


def period_of(every: Every, day: date) -> Period:
    """The period of a kind in which a day lies."""
    match every:
        case Every.MONTH:
            return Period.of_month(day.year, day.month)
        case Every.QUARTER:
            return Period.of_quarter(Quarter.of(day))
    return Period.of_year(day.year)
