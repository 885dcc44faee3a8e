"""Civil days, working days, moments, quarters and the two eras.

A *day* is a `date` of the Common Era in the rule book's zone; a *moment* is an aware `datetime` in UTC.
Text is split and its year converted before a date is made of it: 2559-02-29 (B.E.) exists, and is
29 February 2016.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import NoReturn
from zoneinfo import ZoneInfo

from complaint_sla.core.errors import BadValue, BookRefused
from complaint_sla.core.fields import THAI_DIGITS, fold

BUDDHIST_ERA = 543
# No complaint was received before 1900 and none will be before 1858 (2401 B.E.): the eras can't be confused.
BUDDHIST_FROM = 2401
EARLIEST_YEAR = 1900

# A day as it may be written: year-month-day; day/month/year; with the month's name. Texts are folded first, which makes
# digits, dashes and spaces one.
_YEAR_FIRST = re.compile(r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(?![0-9])")
_MONTH_NAMED = re.compile(r"([0-9]{1,2}) ?([^\W\d][^\d]*?),? ?(?:พ\.?ศ\.? ?)?([0-9]{4})(?![0-9])")
_SHORT_YEAR = re.compile(
    r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}(?![0-9])|[0-9]{1,2} ?[^\W\d][^\d]*[0-9]{2}(?![0-9])"
)
_NEAR = re.compile(r"([^\d\s,]+)(?:,? |(?=\d)|$)")
# Between a day and a time.
_GAP = re.compile("(?:t|, ?| )(?=.)")
# As in years, months stand by themselves: each by what its names begin with. Dots are not looked at.
_MONTHS = (
    ("มค", "มกราคม", "january"), ("กพ", "กุมภาพันธ์", "february"), ("มีค", "มีนาคม", "march"),
    ("เมย", "เมษายน", "april"), ("พค", "พฤษภาคม", "may"), ("มิย", "มิถุนายน", "june"),
    ("กค", "กรกฎาคม", "july"), ("สค", "สิงหาคม", "august"), ("กย", "กันยายน", "september"),
    ("ตค", "ตุลาคม", "october"), ("พย", "พฤศจิกายน", "november"), ("ธค", "ธันวาคม", "december"),
)  # fmt: skip
_MONTH_NUMBERS = {
    name: number for number, names in enumerate(_MONTHS, 1) for name in (*names, names[-1][:3])
} | {"sept": 9}
# Days from today.
_NEAR_DAYS = {
    "เมื่อวานซืน": -2, "เมื่อวาน": -1, "เมื่อวานนี้": -1, "วานนี้": -1, "yesterday": -1,
    "วันนี้": 0, "today": 0,
    "พรุ่งนี้": 1, "วันพรุ่งนี้": 1, "tomorrow": 1,
}  # fmt: skip
# 24:00 is the end of the day (ISO 8601); a dot and น. are how Thai letters write a time.
_CLOCK = re.compile(
    r"(?:เวลา ?)?([0-9]{1,2})[:.]([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(?: ?(?:น\.?|นาฬิกา))?"
    r" ?(z|[+-][0-9]{2}(?::?[0-5][0-9])?)?"
)
_QUARTER = re.compile(r"(?:([0-9]{4})-?[Qq]([1-4])|([1-4])/([0-9]{4}))")


def common_year(year: int) -> int:
    """The year of the Common Era; one above 2400 is Buddhist Era."""
    return year - BUDDHIST_ERA if year >= BUDDHIST_FROM else year


def parse_day(text: str, today: date | None = None) -> date:
    """A day as it is typed, in either era: 2560-03-05, 5/3/2560, 5 มี.ค. 2560, 5 March 2017; วันนี้, yesterday if `today` is known.

    Raises BadValue: `bad-day`, `no-such-day`, `short-year`, and `day-or-month` for 5/3/2017, which may be two days.
    """
    day, rest = _leading_day(text, fold(text), today)
    if day is None or rest:
        raise BadValue("bad-day", value=text)
    return day


# Of a sheet the same text is asked for by whoever mends it and whoever reads it.
@lru_cache(maxsize=64)
def parse_moment(text: str, zone: ZoneInfo, now: datetime | None = None) -> datetime:
    """A moment (UTC): a day as `parse_day` has it and a time; without an offset it is of `zone`, a bare day is its 00:00.

    If `now` is known, a bare time is today's. Raises BadValue: `bad-moment`, and as `parse_day`.
    """
    plain = fold(text)
    today = local_day(now, zone) if now is not None else None
    if today is not None and _CLOCK.fullmatch(plain):
        day, rest = today, plain
    else:
        found, rest = _leading_day(text, plain, today)
        if found is None:
            raise BadValue("bad-moment", value=text)
        day = found
    if not rest:
        return midnight(day, zone)
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise BadValue("bad-moment", value=text)
    hour, minute, second, fraction, offset = clock.groups()
    at_end = (int(hour), int(minute), int(second or 0), int(fraction or 0)) == (24, 0, 0, 0)
    try:
        at = time(
            0 if at_end else int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0"))
        )
        local = datetime.combine(day, at, _offset(offset) if offset else zone)
        return (local + timedelta(days=at_end)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("bad-moment", value=text) from None


def _leading_day(text: str, plain: str, today: date | None) -> tuple[date | None, str]:
    """The day with which a folded text begins, None if with none, and what follows it. Raises as `parse_day`."""
    if (found := _YEAR_FIRST.match(plain)) is not None:
        year, _, month, day = found.groups()
        result = _day(text, int(year), int(month), int(day))
    elif (found := _DAY_FIRST.match(plain)) is not None:
        day, _, month, year = found.groups()
        if int(year) < BUDDHIST_FROM:
            _refuse_two_ways(text, int(year), int(day), int(month))
        result = _day(text, int(year), int(month), int(day))
    elif (found := _MONTH_NAMED.match(plain)) is not None and month_called(found[2]) is not None:
        result = _day(text, int(found[3]), month_called(found[2]) or 0, int(found[1]))
    elif (short := _SHORT_YEAR.match(plain)) is not None and (
        short[1] or month_called(short[0].strip(" 0123456789"))
    ):
        raise BadValue("short-year", value=text)
    elif today is not None and (found := _NEAR.match(plain)) is not None and found[1] in _NEAR_DAYS:
        result = today + timedelta(days=_NEAR_DAYS[found[1]])
    else:
        return None, plain
    rest = plain[found.end() :]
    # After a word Thai needs no space.
    if rest and found[0][-1].isdigit():
        gap = _GAP.match(rest)
        if gap is None:
            return None, plain
        rest = rest[gap.end() :]
    return result, rest


def month_called(name: str) -> int | None:
    """The number of a month by its folded name, short or whole, in either language."""
    return _MONTH_NUMBERS.get(re.sub(r"[. ]", "", name))


def _refuse_two_ways(text: str, year: int, day: int, month: int) -> NoReturn:
    """In the Common Era some write the month first; in the Buddhist Era nobody does."""
    readings = []
    for one, other in dict.fromkeys(((month, day), (day, month))):
        with suppress(ValueError):
            readings.append(date(year, one, other).isoformat())
    if not readings:
        raise BadValue("bad-day", value=text)
    raise BadValue("day-or-month", value=text, readings=readings, year=year + BUDDHIST_ERA)


def _day(text: str, year: int, month: int, day: int) -> date:
    common = common_year(year)
    if not (EARLIEST_YEAR <= common <= date.max.year and 1 <= month <= 12):
        raise BadValue("bad-day", value=text)
    last = monthrange(common, month)[1]
    if last < day <= 31:
        raise BadValue("no-such-day", value=text, days=last)
    if not 1 <= day <= last:
        raise BadValue("bad-day", value=text)
    return date(common, month, day)


def _offset(text: str) -> timezone:
    if text == "z":
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
        match = _QUARTER.fullmatch(text.strip().translate(THAI_DIGITS))
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
