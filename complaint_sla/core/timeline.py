"""The stages of one deadline as moments, and `settle`: what has to be raised now, what has been overtaken.

A timeline belongs to one generation of a complaint. Each of its entries is one occurrence of a stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from complaint_sla.core.calendars import at_local, local_day
from complaint_sla.core.rulebook import Book, Stage


@dataclass(frozen=True)
class Entry:
    """One occurrence of a stage, at `moment` (UTC).

    `stands_for` counts it and the occurrences just before it that it replaces.
    """

    stage: Stage
    occurrence: int
    moment: datetime
    stands_for: int = 1


@dataclass(frozen=True)
class Settlement:
    """What passing time makes of a timeline.

    `raised` is the latest entry passed, to go to the recipients of `raised` and of all `superseded`;
    `next_at` (UTC) is when to look again.
    """

    raised: Entry | None
    superseded: tuple[Entry, ...]
    next_at: datetime | None

    @property
    def passed(self) -> tuple[Entry, ...]:
        """All entries accounted for, earliest first."""
        return (*self.superseded, self.raised) if self.raised else ()


@dataclass(frozen=True)
class Timeline:
    """The stages of `book` for a complaint under `rule` and its `days`.

    Received at `received_at` (UTC), due by the end of the local day `due_on`.
    """

    book: Book
    rule: str
    days: int
    received_at: datetime
    due_on: date

    def settle(self, through: datetime | None, now: datetime) -> Settlement:
        """Everything in (`through`, `now`]; from the start if `through` is None.

        A clock set back passes nothing. Of a stage that repeats only the newest occurrence passed is named,
        with how many it stands for.
        """
        passed: list[tuple[datetime, int, Entry]] = []
        coming: list[datetime] = []
        for order, stage in enumerate(self.book.stages):
            if not stage.serves(self.rule, self.days):
                continue
            entry = self._newest(stage, through, now)
            if entry is not None:
                passed.append((entry.moment, order, entry))
            following = self._next(stage, now if through is None else max(through, now))
            if following is not None:
                coming.append(following)
        passed.sort(key=lambda item: item[:2])
        entries = [entry for _, _, entry in passed]
        return Settlement(
            raised=entries[-1] if entries else None,
            superseded=tuple(entries[:-1]),
            next_at=min(coming, default=None),
        )

    def first_at(self) -> datetime | None:
        """The moment (UTC) of the first entry: when a new generation has to be looked at first."""
        moments = [
            moment
            for stage in self.book.stages
            if stage.serves(self.rule, self.days)
            if (moment := self._next(stage, None)) is not None
        ]
        return min(moments, default=None)

    def upcoming(self, after: datetime, most: int) -> list[Entry]:
        """The next entries after a moment, earliest first."""
        found: list[Entry] = []
        while len(found) < most:
            settled_next = self.settle(after, after).next_at
            if settled_next is None:
                break
            entries = self.settle(after, settled_next).passed
            found.extend(entries)
            after = settled_next
        return found[:most]

    def _first(self, stage: Stage) -> tuple[int, datetime] | None:
        """The first occurrence (number, moment) at or after receipt: entries before it don't exist."""
        if stage.offset is None:
            return 1, self.received_at
        number = 1
        if stage.repeat_every:
            number = max(1, self._count_until(stage, self.received_at))
            if self._moment(stage, number) < self.received_at:
                number += 1
        moment = self._moment(stage, number)
        return (number, moment) if moment >= self.received_at else None

    def _newest(self, stage: Stage, through: datetime | None, now: datetime) -> Entry | None:
        first = self._first(stage)
        if first is None or first[1] > now:
            return None
        number, moment = first
        if not stage.repeat_every:
            return Entry(stage, number, moment) if through is None or moment > through else None
        last = self._count_until(stage, now)
        before = number - 1 if through is None else max(number - 1, self._count_until(stage, through))
        return Entry(stage, last, self._moment(stage, last), last - before) if last > before else None

    def _next(self, stage: Stage, after: datetime | None) -> datetime | None:
        first = self._first(stage)
        if first is None:
            return None
        if after is None or first[1] > after:
            return first[1]
        if not stage.repeat_every:
            return None
        return self._moment(stage, self._count_until(stage, after) + 1)

    def _count_until(self, stage: Stage, until: datetime) -> int:
        """The number of the last occurrence of a repeating stage at or before `until`; 0 if there is none."""
        passed = (local_day(until, self.book.zone) - self._day(stage, 1)).days
        number = passed // (stage.repeat_every or 1) + 1
        # The day may be reached while the time of day is not.
        return max(0, number if self._moment(stage, number) <= until else number - 1)

    def _moment(self, stage: Stage, number: int) -> datetime:
        return at_local(self._day(stage, number), stage.at, self.book.zone)

    def _day(self, stage: Stage, number: int) -> date:
        first = self.book.counting.shift(self.due_on, stage.offset or 0)
        return first + timedelta(days=(number - 1) * (stage.repeat_every or 0))
