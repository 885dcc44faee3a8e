"""What a reader of a quarter's figure asks next: the register, the age of what is open, how long the work took, and
what there is to look at before the figure is believed.

Pure values and what follows from them; the raw facts come from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Status
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.core.frozen import CaseLine
from complaint_sla.core.rulebook import Book

# Of the time allowed: half of it, all of it, twice as much. Source: the complaint register of PGVCL.
MEASURES = (Fraction(1, 2), Fraction(1), Fraction(2))


@dataclass(frozen=True)
class Register:
    """Complaints moving through a period: what was open as it began, what came in, what ended, what stayed open.

    `brought_forward` is counted from the events before the period, `carried_forward` back from what is open today:
    that they agree proves that no event and no status of what moved since the period began is missing.
    """

    brought_forward: int
    received: int
    reopened: int
    closed: int
    withdrawn: int
    duplicate: int
    carried_forward: int

    @property
    def ended(self) -> int:
        return self.closed + self.withdrawn + self.duplicate

    @property
    def balances(self) -> bool:
        return self.brought_forward + self.received + self.reopened == self.ended + self.carried_forward


@dataclass(frozen=True)
class Pace:
    """How long something took, of `count` complaints: the median, what nine of ten took at most, and how many took
    at most 50, 100 and 200 % of the time that they were allowed."""

    count: int
    median: timedelta | None
    ninetieth: timedelta | None
    within: tuple[int, int, int]


def pace(spans: Iterable[tuple[timedelta, timedelta]]) -> Pace:
    """From (time taken, time allowed). Percentiles are times that a complaint really took: the nearest rank."""
    pairs = list(spans)
    taken = sorted(took for took, _ in pairs)
    half, whole, double = (
        sum(took * measure.denominator <= allowed * measure.numerator for took, allowed in pairs)
        for measure in MEASURES
    )
    return Pace(len(pairs), _ranked(taken, 50), _ranked(taken, 90), (half, whole, double))


def _ranked(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """The smallest value that at least so many per cent don't exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


@dataclass(frozen=True)
class AgeBand:
    """Open complaints whose age is more than `over` and at most `up_to` whole days (None: any more); `late` of them are."""

    over: int
    up_to: int | None
    count: int
    late: int


def age_limits(books: Iterable[Book]) -> tuple[int, ...]:
    """Where the bands of age end, in days: at each deadline that the books give, and at twice the longest."""
    days = sorted({rule.days for book in books for rule in book.rules})
    return (*days, 2 * days[-1])


class Concern(StrEnum):
    """Why a complaint is worth a look before its quarter's figure is believed."""

    RECLASSIFIED = "breached-and-reclassified"
    MOVED_OUT = "reclassified-near-due"
    REOPENED = "reopened"
    ENTERED_LATE = "entered-late"
    DATED_BACK = "dated-back"
    LAST_MINUTE = "withdrawn-near-due"
    HANDED_ON = "transferred-near-due"
    OF_ANOTHER = "duplicate-of-another-customer"


@dataclass(frozen=True)
class Notable:
    """One complaint of the quarter to look at. `at` (UTC) is when what concerns happened, `recorded_at` when it was typed."""

    concern: Concern
    number: str
    office: str
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Course(CaseLine):
    """One complaint of the quarter as it stands: beside how it counts, its course. Moments are UTC, `due_on` is local."""

    urgent: bool
    status: Status
    generation: int
    received_at: datetime
    recorded_at: datetime
    due_on: date
    due_at: datetime
    breached_at: datetime | None
    responded_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True)
class PastQuarter:
    """A quarter in the row of the last ones; `version` None where its figure is not frozen."""

    quarter: Quarter
    counts: Counts
    target: Fraction
    is_final: bool
    version: int | None


@dataclass(frozen=True)
class Review:
    """All of it for one figure. `year`: from January to the end of the quarter; `quarters`: oldest first, it is the last.

    `ages` is as of the figure's moment; `answering` and `closing` are of the quarter's complaints that were answered
    and closed.
    """

    figure: Figure
    year: Counts
    quarters: tuple[PastQuarter, ...]
    register: Register
    ages: tuple[AgeBand, ...]
    answering: Pace
    closing: Pace
    notable: tuple[Notable, ...]
