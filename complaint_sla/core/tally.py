"""Complaints of a quarter counted into its figure: the same for the figure as things stand and for a frozen one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.closure import Bucket, Counts, Figure


@dataclass(frozen=True)
class Part:
    """`count` complaints of one month (2017-03), office, group, rule, category and channel, in one bucket."""

    month: str
    office: str
    group: str
    rule: str
    category: str
    channel: str
    bucket: Bucket
    count: int = 1


@dataclass(frozen=True)
class Frame:
    """What a quarter's figure is put into: its target and moments (UTC), and the keys that have a row in any case."""

    quarter: Quarter
    as_of: datetime
    final_at: datetime
    target: Fraction
    groups: tuple[str, ...]
    rules: tuple[str, ...]
    categories: tuple[str, ...]
    channels: tuple[str, ...]


def figure_of(
    parts: Sequence[Part],
    frame: Frame,
    office: str | None,
    offices: Iterable[str],
    version: int | None = None,
) -> Figure:
    """The figure of `parts`, which are those of `office` and all below it, `offices` (None: of all offices)."""
    return Figure(
        quarter=frame.quarter,
        office=office,
        as_of=frame.as_of,
        final_at=frame.final_at,
        target=frame.target,
        counts=counts_of(parts),
        by_group=_rows(parts, lambda part: part.group, frame.groups),
        by_month=_rows(parts, lambda part: part.month, frame.quarter.months),
        by_office=_rows(parts, lambda part: part.office, offices),
        by_rule=_rows(parts, lambda part: part.rule, frame.rules),
        by_category=_rows(parts, lambda part: part.category, frame.categories),
        by_channel=_rows(parts, lambda part: part.channel, frame.channels),
        version=version,
    )


def gathered(parts: Iterable[Part]) -> list[Part]:
    """Parts that are alike as one: of single complaints there are many, of kinds of complaints few."""
    counts: Counter[Part] = Counter()
    for part in parts:
        counts[replace(part, count=1) if part.count != 1 else part] += part.count
    return [replace(part, count=count) for part, count in counts.items()]


def counts_of(parts: Iterable[Part]) -> Counts:
    return Counts.of((part.bucket, part.count) for part in parts)


def _rows(
    parts: Sequence[Part], key: Callable[[Part], str], keys: Iterable[str]
) -> tuple[tuple[str, Counts], ...]:
    """A row for each key, those without complaints too; a key that is not among them comes last."""
    found: dict[str, list[Part]] = {one: [] for one in keys}
    for part in parts:
        found.setdefault(key(part), []).append(part)
    return tuple((one, counts_of(some)) for one, some in found.items())
