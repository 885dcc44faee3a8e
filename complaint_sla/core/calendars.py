"""Civil days, working days, moments, quarters and the two eras.

A *day* is a `date` of the Common Era in the rule book's zone; a *moment* is an aware `datetime` in UTC.
Text is split and its year converted before a date is made of it: 2559-02-29 (B.E.) exists, and is
29 February 2016.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from complaint_sla.core.errors import BadValue, BookRefused

BUDDHIST_ERA = 543
# No complaint was received before 1900 and none will be before 1858 (2401 B.E.): the eras can't be confused.
BUDDHIST_FROM = 2401
EARLIEST_YEAR = 1900

_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?\s*(Z|z|[+-][0-9]{2}(?::?[0-5][0-9])?)?"
)
_QUARTER = re.compile(r"(?:([0-9]{4})-?[Qq]([1-4])|([1-4])/([0-9]{4}))")


def common_year(year: int) -> int:
    """The year of the Common Era; one above 2400 is Buddhist Era."""
    return year - BUDDHIST_ERA if year >= BUDDHIST_FROM else year


def parse_day(text: str) -> date:
    """A day from YYYY-MM-DD in either era; Thai digits may be used. Raises BadValue (`bad-day`)."""
    match = _DAY.fullmatch(text.strip().translate(_THAI_DIGITS))
    if match is None:
        raise BadValue("bad-day", value=text)
    return _day(text, *map(int, match.groups()))


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment (UTC) from ISO 8601 in either era; without an offset it is of `zone`, a bare day is its 00:00.

    Raises BadValue (`bad-moment`, `bad-day`).
    """
    plain = text.strip().translate(_THAI_DIGITS)
    head = _DAY.match(plain)
    if head is None:
        raise BadValue("bad-moment", value=text)
    day = _day(text, *map(int, head.groups()))
    rest = plain[head.end() :]
    if not rest:
        return midnight(day, zone)
    clock = _CLOCK.fullmatch(rest[1:].strip()) if rest[0] in "Tt " else None
    if clock is None:
        raise BadValue("bad-moment", value=text)
    hour, minute, second, fraction, offset = clock.groups()
    try:
        at = time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))
        return datetime.combine(day, at, _offset(offset) if offset else zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("bad-moment", value=text) from None


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        result = date(common_year(year), month, day)
    except ValueError:
        raise BadValue("bad-day", value=text) from None
    if result.year < EARLIEST_YEAR:
        raise BadValue("bad-day", value=text)
    return result


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) of a day in `zone`."""
    return at_local(day, time(0), zone)


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which clocks in `zone` show `clock` on `day`."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day that people in `zone` call `moment`'s."""
    return moment.astimezone(zone).date()


def month_key(day: date) -> str:
    """A month as figures name it: 2017-03."""
    return f"{day.year:04d}-{day.month:02d}"


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a year of the Common Era."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """From `2017-Q1`, `2560-Q1` or `1/2560`. Raises BadValue (`bad-quarter`)."""
        match = _QUARTER.fullmatch(text.strip().translate(_THAI_DIGITS))
        if match is None:
            raise BadValue("bad-quarter", value=text)
        year, number = (match[1], match[2]) if match[1] else (match[4], match[3])
        result = cls(common_year(int(year)), int(number))
        if result.year < EARLIEST_YEAR:
            raise BadValue("bad-quarter", value=text)
        return result

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.following.first_day - timedelta(days=1)

    @property
    def following(self) -> Quarter:
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def months(self) -> tuple[str, str, str]:
        """The keys of its three months, `2017-01` and so on."""
        first = 3 * self.number - 2
        return tuple(f"{self.year:04d}-{first + i:02d}" for i in range(3))  # type: ignore[return-value]

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"


class DayKind(StrEnum):
    """What a day is to the counting of a deadline."""

    RECEIPT = "receipt"
    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MOVED = "moved"


@dataclass(frozen=True)
class CountedDay:
    """One day on the way to a deadline: its number in the count, or why it has none."""

    day: date
    kind: DayKind
    number: int | None = None
    holiday: str | None = None


@dataclass(frozen=True)
class Counting:
    """How a rule book counts days (Civil and Commercial Code 193/3: the first day is not counted).

    `working` counts working days only. `move_last_day` moves a last day that is no working day to the next
    one (193/8). `holidays` maps days to names, and is known from `covers[0]` to `covers[1]`; counting beyond
    raises BookRefused.
    """

    working: bool = False
    move_last_day: bool = False
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: Mapping[date, str] = field(default_factory=dict)
    covers: tuple[date, date] | None = None

    @property
    def needs_holidays(self) -> bool:
        return self.working or self.move_last_day

    def after(self, start: date, days: int) -> Iterator[CountedDay]:
        """Each day after `start` up to the last of `days` counted ones, and on to where that is moved."""
        number, day = 0, start
        while number < days:
            day += timedelta(days=1)
            off = self._off(day) if self.working else None
            if off is not None:
                yield off
                continue
            number += 1
            if number < days or not self.move_last_day or self._off(day) is None:
                yield CountedDay(day, DayKind.COUNTED, number)
                continue
            while (off := self._off(day)) is not None:
                yield off
                day += timedelta(days=1)
            yield CountedDay(day, DayKind.MOVED, number)

    def shift(self, day: date, days: int) -> date:
        """The day `days` counted ones after `day`, or before it if negative. A last day is not moved.

        No receipt lies before the first day that is covered, so counting back ends there, one day before it.
        """
        if not self.working:
            return day + timedelta(days=days)
        step = timedelta(days=1 if days > 0 else -1)
        left = abs(days)
        while left:
            day += step
            if days < 0 and self.covers is not None and day < self.covers[0]:
                break
            left -= self._off(day) is None
        return day

    def last_of(self, start: date, days: int) -> date:
        """The last day on which something that takes `days` from `start` is in time."""
        if not self.needs_holidays:
            return start + timedelta(days=days)
        return max(self.after(start, days), key=lambda counted: counted.day).day

    def _off(self, day: date) -> CountedDay | None:
        if self.covers is None or not self.covers[0] <= day <= self.covers[1]:
            raise BookRefused("calendar-not-covered", day=day)
        if day in self.holidays:
            return CountedDay(day, DayKind.HOLIDAY, holiday=self.holidays[day])
        return CountedDay(day, DayKind.WEEKEND) if day.weekday() in self.weekend else None
