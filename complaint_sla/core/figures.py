"""The closure rate of a quarter: each complaint counted into one bucket, and the figure that they make together.

The same for the figure as things stand and for a frozen one. Source: activity 2.4, "close not less than 80 % within the
criteria".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from operator import attrgetter

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Bucket
from complaint_sla.core.measures import Kind, Measure, Ratio
from complaint_sla.core.titles import Title

# The measure that the closure rate is: the key under which plans name it and figures are frozen.
COMPLAINTS = "complaints"
# The key under which a whole plan is frozen, beside the measures.
PLAN = "plan"


def figure_called(measure: object, quarter: object, version: object) -> str:
    """What a frozen figure is called: 2017-Q1/1; that of the plan, plan 2017-Q1/1."""
    return f"{PLAN} {quarter}/{version}" if measure == PLAN else f"{quarter}/{version}"


def about_figure(measure: object, quarter: object, version: object | None = None) -> str:
    """By which name an audit speaks of a frozen figure, or of all versions of one."""
    name = f"{quarter}" if version is None else f"{quarter}/{version}"
    return f"{PLAN if measure == PLAN else 'figure'} {name}"


@dataclass(frozen=True)
class Counts:
    """How many complaints are in each bucket; of the overdue ones, `redeemable` may still be closed in time, dated back."""

    on_time: int = 0
    late: int = 0
    overdue: int = 0
    pending: int = 0
    excluded: int = 0
    redeemable: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[Bucket, int]], redeemable: int = 0) -> Counts:
        totals = dict.fromkeys((bucket.value for bucket in Bucket), 0)
        for where, count in pairs:
            totals[where.value] += count
        return replace(cls(**totals), redeemable=redeemable)

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
    def ratio(self) -> Ratio:
        """Closed in time, of those for which it is known."""
        return Ratio(self.numerator, self.denominator, self.pending, self.redeemable)

    @property
    def rate(self) -> Fraction | None:
        return self.ratio.share

    @property
    def worst(self) -> Fraction | None:
        """The rate if everything pending is closed late, and nothing is dated back."""
        return self.ratio.worst

    @property
    def best(self) -> Fraction | None:
        """The rate if everything pending is closed in time, and all that may still be dated back is."""
        return self.ratio.best

    def plus(self, other: Counts) -> Counts:
        return Counts(**{name: count + getattr(other, name) for name, count in vars(self).items()})


@dataclass(frozen=True)
class Part:
    """`count` complaints of one month (2017-03), office, group, rule, category and channel, in one bucket.

    `redeemable` of those that are overdue may still be closed in time, dated back. They may stand in a part of their
    own, whose count is 0.
    """

    month: str
    office: str
    group: str
    rule: str
    category: str
    channel: str
    bucket: Bucket
    count: int = 1
    redeemable: int = 0


@dataclass(frozen=True)
class Figure:
    """The figure of a quarter as of `as_of` (UTC), for `office` and all below it, or for all offices (None).

    The cohort is what was received in the quarter (local dates). Until `final_at` (UTC) it is provisional: a
    complaint of the quarter may still become due. `has_ended`: no more complaints come into the quarter but those that
    are entered late. The `by_` rows hold (key, counts); each kind of row sums to `counts`. `version` counts the frozen
    figures of the quarter; None is the figure as things stand.
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
    has_ended: bool = True

    @property
    def is_final(self) -> bool:
        return self.as_of >= self.final_at and not self.counts.pending

    @property
    def met(self) -> bool | None:
        return self.counts.ratio.met(self.target)

    @property
    def margin(self) -> int | None:
        return self.counts.ratio.margin(self.target)

    @property
    def certain(self) -> bool | None:
        """Once the quarter has ended: True, safe unless something closed is reopened; False, lost even if all that may
        still be dated back by hand is: sheets of other systems may bring closings from further back. None while it can
        go both ways."""
        return self.counts.ratio.certain(self.target) if self.has_ended else None

    def measure(self, key: str, title: Title) -> Measure:
        """The figure as the measure of a plan, which gives its key and its title."""
        months = tuple((month, counts.ratio) for month, counts in self.by_month)
        return Measure(key, title, Kind.SHARE, self.target, months)


@dataclass(frozen=True)
class Frame:
    """What a quarter's figure is put into: its target and moments (UTC), and the keys that have a row in any case.

    `keys` holds those of each kind of row that the books give: group, rule, category, channel.
    """

    quarter: Quarter
    as_of: datetime
    final_at: datetime
    target: Fraction
    keys: Mapping[str, tuple[str, ...]]
    has_ended: bool = True


def figure_of(
    parts: Sequence[Part],
    frame: Frame,
    office: str | None,
    offices: Iterable[str],
    version: int | None = None,
) -> Figure:
    """The figure of `parts`, which are those of `office` and all below it, `offices` (None: of all offices)."""
    keys = {"month": frame.quarter.months, "office": tuple(offices), **frame.keys}
    return Figure(
        quarter=frame.quarter,
        office=office,
        as_of=frame.as_of,
        final_at=frame.final_at,
        target=frame.target,
        counts=_counts_of(parts),
        version=version,
        has_ended=frame.has_ended,
        **{f"by_{name}": _rows(parts, attrgetter(name), rows) for name, rows in keys.items()},
    )


def gathered(parts: Iterable[Part]) -> list[Part]:
    """Parts that are alike as one: of single complaints there are many, of kinds of complaints few."""
    counts: Counter[Part] = Counter()
    redeemable: Counter[Part] = Counter()
    for part in parts:
        one = replace(part, count=1, redeemable=0) if (part.count, part.redeemable) != (1, 0) else part
        counts[one] += part.count
        redeemable[one] += part.redeemable
    return [replace(part, count=count, redeemable=redeemable[part]) for part, count in counts.items()]


def _counts_of(parts: Sequence[Part]) -> Counts:
    # Most offices have none.
    if not parts:
        return Counts()
    return Counts.of(((part.bucket, part.count) for part in parts), sum(part.redeemable for part in parts))


def _rows(
    parts: Sequence[Part], key: Callable[[Part], str], keys: Iterable[str]
) -> tuple[tuple[str, Counts], ...]:
    """A row for each key, those without complaints too; a key that is not among them comes last."""
    found: dict[str, list[Part]] = {one: [] for one in keys}
    for part in parts:
        found.setdefault(key(part), []).append(part)
    return tuple((one, _counts_of(some)) for one, some in found.items())
