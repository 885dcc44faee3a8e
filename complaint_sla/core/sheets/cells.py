"""What a cell with a moment means: as people write it, as spreadsheets keep it. No zone is known here.

What a cell means is written as a sheet of ours has it: `2025-01-05`, `2025-01-05 09:30`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import NoReturn

from complaint_sla.core.calendars import (
    BUDDHIST_ERA,
    BUDDHIST_FROM,
    EARLIEST_YEAR,
    common_year,
    month_called,
)
from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import fold
from complaint_sla.core.sheets.heads import text_of
from complaint_sla.core.sheets.map import Cell, Dates, Era, Order

# Days as spreadsheets count them, from 1954 to 2119, and as they count those of a Buddhist year, 2447 to 2721, which they
# take for years to come.
SERIALS, LATE_SERIALS = (20_000, 80_000), (200_000, 300_000)
_FIRST_DAY = date(1899, 12, 30)
_DAY_SECONDS = 86_400
# A time without a day, as some programs keep it.
_NO_DAY = 1904
# Of two digits, from here on they are of the last century.
_LAST_CENTURY = 70

_YEAR = r"(?:(?:พ\.?ศ|ค\.?ศ)\.? ?)?([0-9]{4}|[0-9]{2})(?![0-9])"
_BEFORE = r"(?:วัน[^\d\s]*ที่ ?|วันที่ ?)?"
_THREE = re.compile(rf"{_BEFORE}([0-9]{{1,2}}) ?([/.-]) ?([0-9]{{1,2}}) ?\2 ?{_YEAR}")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])")
_NAMED = re.compile(rf"{_BEFORE}([0-9]{{1,2}})[ -]?(?:เดือน ?)?([^\W\d_][^\d]*?)[ ,-]*{_YEAR}")
_NAME_FIRST = re.compile(rf"([^\W\d_][^\d]*?) ?([0-9]{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}")
_FRACTION = re.compile(r"[0-9]{1,2}\.(?:[0-9]|[0-9]{3,})")
_SERIAL = re.compile(r"[0-9]{5,6}(?:\.[0-9]+)?")
# Between a day and a time.
_GAP = re.compile(r"(?:t|[ ,]+(?:- ?)?|- ?)?(?=.)")
_CLOCK = re.compile(
    r"(?:เวลา ?)?([0-9]{1,2})[:.]([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
    r"(?: ?(am|pm|a\.m\.|p\.m\.))?(?: ?(?:น\.?|นาฬิกา))?( ?(?:z|[+-][0-9]{2}(?::?[0-5][0-9])?))?"
)


def moment(cell: Cell, dates: Dates | None = None, clock: Cell = None) -> str:
    """The moment that a cell means, with its time of day in another one where `clock` is not None.

    Without `dates` nothing is known of how days are written: of those of the Common Era that may be two none is taken.
    Raises BadValue: `bad-moment`, `no-such-day`, `short-year`, `day-or-month`, `not-swapped`, `two-times`.
    """
    day, at = _day_and_time(cell, dates)
    if clock is not None:
        other = time_of_day(clock)
        if at and at != other:
            raise BadValue("two-times", value=text_of(cell), other=text_of(clock))
        at = other
    return f"{day.isoformat()} {at}" if at else day.isoformat()


def _day_and_time(cell: Cell, dates: Dates | None) -> tuple[date, str]:
    if isinstance(cell, date):
        return _of_date(cell, dates)
    if isinstance(cell, bool) or cell is None:
        raise BadValue("bad-moment", value=text_of(cell))
    if isinstance(cell, int | float):
        return _of_serial(cell, text_of(cell), dates)
    if not isinstance(cell, str):
        raise BadValue("bad-moment", value=str(cell))
    plain = fold(cell)
    if _SERIAL.fullmatch(plain):
        return _of_serial(float(plain), cell, dates)
    day, rest = _leading_day(cell, plain, dates or Dates(), is_known=dates is not None)
    gap = _GAP.match(rest)
    return day, _clock(rest[gap.end() :] if gap is not None else rest, cell) if rest else ""


def _of_date(cell: date, dates: Dates | None) -> tuple[date, str]:
    """A cell that a spreadsheet knows for a day: of whatever year was typed there."""
    at = ""
    if isinstance(cell, datetime):
        # Fractions of a day miss the second by a little.
        whole = cell.replace(microsecond=0) + timedelta(seconds=cell.microsecond >= 500_000)
        at = "" if whole.time() == time(0) else _written(whole.time())
        cell = whole.date()
    day, month = cell.day, cell.month
    if dates is not None and dates.swapped:
        if day > 12:
            raise BadValue("not-swapped", value=cell.isoformat())
        day, month = month, day
    year = _year(f"{cell.year:04d}", dates or Dates(), cell.isoformat())
    return _day(cell.isoformat(), year, month, day), at


def unswapped(cell: Cell) -> Cell:
    """A cell of which the day was taken for the month, as it was meant; any other as it is."""
    if isinstance(cell, date) and cell.day <= 12:
        return cell.replace(month=cell.day, day=cell.month)
    return cell


def _of_serial(value: float, said: str, dates: Dates | None) -> tuple[date, str]:
    for first, last in (SERIALS, LATE_SERIALS):
        if first <= value < last:
            seconds = round(value % 1 * _DAY_SECONDS)
            found = datetime.combine(_FIRST_DAY, time(0)) + timedelta(int(value), seconds)
            # Nobody has swapped a number.
            era = Dates(era=dates.era) if dates is not None else None
            return _of_date(found, era)
    raise BadValue("bad-moment", value=said)


def _leading_day(text: str, plain: str, dates: Dates, *, is_known: bool) -> tuple[date, str]:
    if (found := _YEAR_FIRST.match(plain)) is not None:
        year, _, month, day = found.groups()
        result = _day(text, _year(year, dates, text), int(month), int(day))
    elif (found := _THREE.match(plain)) is not None:
        first, _, second, written = found.groups()
        result = _of_three(text, int(first), int(second), written, dates, is_known=is_known)
    elif (found := _NAMED.match(plain)) is not None and month_called(found[2]) is not None:
        result = _day(text, _year(found[3], dates, text), month_called(found[2]) or 0, int(found[1]))
    elif (found := _NAME_FIRST.match(plain)) is not None and month_called(found[1]) is not None:
        result = _day(text, _year(found[3], dates, text), month_called(found[1]) or 0, int(found[2]))
    else:
        raise BadValue("bad-moment", value=text)
    return result, plain[found.end() :]


def _of_three(text: str, first: int, second: int, written: str, dates: Dates, *, is_known: bool) -> date:
    year = _year(written, dates, text)
    # In the Buddhist Era nobody writes the month first.
    if not is_known and int(written) < BUDDHIST_FROM:
        _require_one_reading(text, year, first, second)
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        day, month = (first, second) if dates.order is Order.DAY_FIRST else (second, first)
    return _day(text, year, month, day)


def _require_one_reading(text: str, year: int, first: int, second: int) -> None:
    readings = []
    for day, month in dict.fromkeys(((first, second), (second, first))):
        with suppress(ValueError):
            readings.append(date(year, month, day).isoformat())
    if len(readings) > 1:
        raise BadValue("day-or-month", value=text, readings=readings, year=year + BUDDHIST_ERA)


def _year(written: str, dates: Dates, text: str) -> int:
    """The year of the Common Era."""
    year = int(written)
    if len(written) < 4:
        match dates.two_digits:
            case Era.BUDDHIST:
                return 2500 + year - BUDDHIST_ERA
            case Era.COMMON:
                return (1900 if year >= _LAST_CENTURY else 2000) + year
            case _:
                raise BadValue("short-year", value=text)
    if dates.era is Era.BUDDHIST:
        return year - BUDDHIST_ERA
    return common_year(year) if dates.era is Era.BY_SIZE else year


def _day(text: str, year: int, month: int, day: int) -> date:
    if year < EARLIEST_YEAR or not 1 <= month <= 12 or not 1 <= day <= 31:
        raise BadValue("bad-moment", value=text)
    try:
        return date(year, month, day)
    except ValueError:
        following = date(year + month // 12, month % 12 + 1, 1)
        raise BadValue("no-such-day", value=text, days=(following - timedelta(days=1)).day) from None


def is_serial(cell: Cell) -> bool:
    """Whether it is a day, or a moment, as a spreadsheet counts it."""
    if isinstance(cell, str):
        return _SERIAL.fullmatch(fold(cell)) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def time_of_day(cell: Cell) -> str:
    """The time of day in a cell of its own: a text, a time, a fraction of a day; `9.3` is how a number shows 9.30.

    Raises BadValue (`bad-time`).
    """
    if isinstance(cell, datetime) and cell.year <= _NO_DAY:
        cell = cell.time()
    if isinstance(cell, time):
        whole = datetime.combine(_FIRST_DAY, cell) + timedelta(microseconds=500_000)
        return _written(whole.time())
    seconds = None
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        seconds = round(cell * _DAY_SECONDS) if cell <= 1 else _typed(cell)
    if seconds is not None and 0 <= seconds <= _DAY_SECONDS:
        hours, rest = divmod(seconds, 3600)
        minutes, left = divmod(rest, 60)
        return f"{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")
    if isinstance(cell, str):
        plain = fold(cell)
        # With two decimals it is a time as people write it.
        if _FRACTION.fullmatch(plain):
            return time_of_day(float(plain))
        return _clock(plain, cell, "bad-time")
    raise BadValue("bad-time", value=text_of(cell))


def _typed(value: float) -> int:
    """Hours and minutes with a point between them."""
    minutes = round(value % 1 * 100)
    return (int(value) * 60 + minutes) * 60 if minutes < 60 else -1


def _clock(plain: str, text: str, key: str = "bad-moment") -> str:
    """A folded time of day, regular. What is beyond the day is left to whoever reads it."""
    found = _CLOCK.fullmatch(plain.strip())
    if found is None:
        _refuse(key, text)
    hour, minute, second, fraction, half, offset = found.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            _refuse(key, text)
        hours = hours % 12 + (12 if half[0] == "p" else 0)
    if hours > 24 or int(minute) > 59 or int(second or 0) > 59:
        _refuse(key, text)
    if hours == 24 and (int(minute) or int(second or 0)):
        _refuse(key, text)
    seconds = f":{second}" if second and (int(second) or fraction) else ""
    return f"{hours:02d}:{minute}{seconds}{f'.{fraction}' if fraction else ''}{(offset or '').strip()}"


def _refuse(key: str, text: str) -> NoReturn:
    raise BadValue(key, value=text)


def _written(at: time) -> str:
    return f"{at:%H:%M}" + (f":{at.second:02d}" if at.second else "")
