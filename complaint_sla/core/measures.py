"""A measure: n of d, held against a least value. What is counted is its source's business; the closure rate is one.

Shares are exact fractions. Percentages are truncated, never rounded up, so that no figure below its least value can read
as if it had been reached; 0 of 0 is no share at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from math import ceil

from complaint_sla.core.titles import Title


class Kind(StrEnum):
    """What n of d means, and so what it is held against.

    A share: at least so large a part. A mean: of d answers with the sum n, from 1 to 5. A count: at least so many, of d there
    were. Done: 1, by a day.
    """

    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"
    DONE = "done"


class Mark(StrEnum):
    """The three marks of the plan's form; `NOT_STATED` where there is nothing to judge."""

    ACCORDING = "according"
    NOT_ACCORDING = "not-according"
    NOT_STATED = "not-stated"

    @classmethod
    def of(cls, met: bool | None) -> Mark:
        return {True: cls.ACCORDING, False: cls.NOT_ACCORDING, None: cls.NOT_STATED}[met]


@dataclass(frozen=True)
class Ratio:
    """`n` of `d`, and `pending` more that will count, but may still go both ways.

    `redeemable` of those that are in `d` and not in `n` may still come into `n`.
    """

    n: int = 0
    d: int = 0
    pending: int = 0
    redeemable: int = 0

    @property
    def share(self) -> Fraction | None:
        """Of what is known; None for 0 of 0."""
        return _share(self.n, self.d)

    @property
    def worst(self) -> Fraction | None:
        """The share if everything pending goes badly, and nothing is redeemed."""
        return _share(self.n, self.d + self.pending)

    @property
    def best(self) -> Fraction | None:
        """The share if everything pending goes well, and all that can be is redeemed."""
        return _share(self.n + self.pending + self.redeemable, self.d + self.pending)

    def met(self, least: Fraction) -> bool | None:
        """Whether the least value is reached, decided on the exact fraction; None for 0 of 0."""
        return None if self.share is None else self.share >= least

    def margin(self, least: Fraction) -> int | None:
        """By how many of n the least value is safe or, negative, missed; None for 0 of 0.

        2: two of those that count well could have gone badly. -2: two more of them would have met it.
        """
        return self.n - ceil(least * self.d) if self.d else None

    def certain(self, least: Fraction) -> bool | None:
        """Whether the least value is reached in the worst case, or missed in the best one; None while it can go both ways."""
        if self.worst is None or self.best is None:
            return None
        if self.worst >= least:
            return True
        return False if self.best < least else None

    def plus(self, other: Ratio) -> Ratio:
        return Ratio(
            self.n + other.n,
            self.d + other.d,
            self.pending + other.pending,
            self.redeemable + other.redeemable,
        )


@dataclass(frozen=True)
class Measure:
    """What a plan measures in a period. `key` is for good; `months` holds (2017-03, ratio), oldest first."""

    key: str
    title: Title
    kind: Kind
    least: Fraction
    months: tuple[tuple[str, Ratio], ...]

    @property
    def whole(self) -> Ratio:
        """Of all months: the sum of n over the sum of d, never a mean of shares."""
        return reduce(Ratio.plus, (ratio for _, ratio in self.months), Ratio())

    @property
    def met(self) -> bool | None:
        return self.whole.met(self.least)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def percent(share: Fraction | None) -> str | None:
    """A share as a percentage with two decimals, cut off: 79.996 % is 79.99. None stays None."""
    if share is None:
        return None
    hundredths = share * 10_000
    whole = hundredths.numerator // hundredths.denominator
    return f"{whole // 100}.{whole % 100:02d}"


def two_places(value: Fraction | None) -> str | None:
    """A mean with two decimals, cut off: 4.309 is 4.30. None stays None."""
    return None if value is None else percent(value / 100)


def plain_percent(share: Fraction) -> str:
    """A least value as it was written: 80, 79.5."""
    value = share * 100
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.10f}".rstrip("0")


def printed(kind: Kind, value: Fraction | None) -> str | None:
    """What n of d makes: per cent of a share, a mean; None for 0 of 0, and for what is counted or done."""
    match kind:
        case Kind.SHARE:
            return percent(value)
        case Kind.MEAN:
            return two_places(value)
    return None


def plain_least(kind: Kind, least: Fraction | None) -> str | None:
    """A least value as it was written: 80 (per cent), 4.31, 3; None where nothing is judged."""
    if not least:
        return None
    return plain_percent(least if kind is Kind.SHARE else least / 100)
