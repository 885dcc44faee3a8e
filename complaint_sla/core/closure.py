"""The closure rate of a quarter: each complaint in one bucket, exact fractions, bounds while it is open.

Source: activity 2.4, "close not less than 80 % within the criteria". Percentages are truncated, never
rounded up, so that no figure below its target can read as if it had been reached; 0 of 0 is no rate at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaint import Bucket, bucket

__all__ = ["Bucket", "Counts", "Figure", "bucket", "percent", "plain_percent"]


@dataclass(frozen=True)
class Counts:
    """How many complaints are in each bucket."""

    on_time: int = 0
    late: int = 0
    overdue: int = 0
    pending: int = 0
    excluded: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[Bucket, int]]) -> Counts:
        totals = dict.fromkeys((bucket.value for bucket in Bucket), 0)
        for where, count in pairs:
            totals[where.value] += count
        return cls(**totals)

    def of_bucket(self, bucket: Bucket) -> int:
        return int(getattr(self, bucket.value))

    @property
    def received(self) -> int:
        return sum(map(self.of_bucket, Bucket))

    @property
    def numerator(self) -> int:
        return self.on_time

    @property
    def denominator(self) -> int:
        return self.on_time + self.late + self.overdue

    @property
    def rate(self) -> Fraction | None:
        """The share closed in time, of those for which it is known; None for 0 of 0."""
        return _share(self.on_time, self.denominator)

    @property
    def worst(self) -> Fraction | None:
        """The rate if everything pending is closed late."""
        return _share(self.on_time, self.denominator + self.pending)

    @property
    def best(self) -> Fraction | None:
        """The rate if everything pending is closed in time."""
        return _share(self.on_time + self.pending, self.denominator + self.pending)

    def met(self, target: Fraction) -> bool | None:
        """Whether the target is reached, decided on the exact fraction; None for 0 of 0."""
        return None if self.rate is None else self.rate >= target

    def margin(self, target: Fraction) -> int | None:
        """By how many cases the target is safe or, negative, missed; None for 0 of 0.

        2: two of those in time could have been late. -2: two more in time would have met it.
        """
        return self.numerator - ceil(target * self.denominator) if self.denominator else None

    def plus(self, other: Counts) -> Counts:
        return Counts(*(self.of_bucket(bucket) + other.of_bucket(bucket) for bucket in Bucket))

    def certain(self, target: Fraction) -> bool | None:
        """Whether the target is reached whatever the pending ones become; None while it can go both ways."""
        if self.worst is None or self.best is None:
            return None
        if self.worst >= target:
            return True
        return False if self.best < target else None


@dataclass(frozen=True)
class Figure:
    """The figure of a quarter as of `as_of` (UTC), for `office` and all below it, or for all offices (None).

    The cohort is what was received in the quarter (local dates). Until `final_at` (UTC) it is provisional: a
    complaint of the quarter may still become due. The `by_` rows hold (key, counts); each kind of row sums to
    `counts`. `version` counts the frozen figures of the quarter; None is the figure as things stand.
    """

    quarter: Quarter
    office: str | None
    as_of: datetime
    final_at: datetime
    target: Fraction
    counts: Counts
    by_group: tuple[tuple[str, Counts], ...]
    by_month: tuple[tuple[str, Counts], ...]
    by_office: tuple[tuple[str, Counts], ...]
    by_rule: tuple[tuple[str, Counts], ...]
    by_category: tuple[tuple[str, Counts], ...] = ()
    by_channel: tuple[tuple[str, Counts], ...] = ()
    version: int | None = None

    @property
    def is_final(self) -> bool:
        return self.as_of >= self.final_at

    @property
    def met(self) -> bool | None:
        return self.counts.met(self.target)

    @property
    def certain(self) -> bool | None:
        return self.counts.certain(self.target)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def percent(share: Fraction | None) -> str | None:
    """A share as a percentage with two decimals, cut off: 79.996 % is 79.99. None stays None."""
    if share is None:
        return None
    hundredths = share * 10_000
    whole = hundredths.numerator // hundredths.denominator
    return f"{whole // 100}.{whole % 100:02d}"


def plain_percent(share: Fraction) -> str:
    """A target as it was written: 80, 79.5."""
    value = share * 100
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.10f}".rstrip("0")
