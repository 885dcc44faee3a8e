"""The periods that a plan's figures are of: a month, a quarter, a year, each by its key and as it may be typed."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from complaint_sla.core.calendars import EARLIEST_YEAR, Quarter, common_year, month_called, month_key
from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import fold

_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_MONTH_NAMED = re.compile(r"([^\W\d][^\d]*?),? ?(?:พ\.?ศ\.? ?)?([0-9]{4})")
_YEAR = re.compile(r"[0-9]{4}")


class Every(StrEnum):
    """How often a figure is asked for."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Period:
    """From the local day `first` to `last`. `key` is what it is kept under: 2017-03, 2017-Q1, 2017 (Common Era)."""

    every: Every
    first: date
    last: date
    key: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """2560-03 or March 2017; 1/2560 or 2560-Q1; 2560. Raises BadValue (`bad-period`)."""
        plain = fold(text)
        try:
            if (found := _MONTH.fullmatch(plain)) is not None:
                return cls.of_month(_year(found[1]), int(found[2]))
            if _YEAR.fullmatch(plain):
                return cls.of_year(_year(plain))
            if (found := _MONTH_NAMED.fullmatch(plain)) is not None and (month := month_called(found[1])):
                return cls.of_month(_year(found[2]), month)
            return cls.of_quarter(Quarter.parse(plain))
        except (ValueError, BadValue):
            raise BadValue("bad-period", value=text) from None

    @classmethod
    def of_month(cls, year: int, month: int) -> Period:
        """Raises ValueError for what is no month."""
        first = date(year, month, 1)
        return cls(Every.MONTH, first, first.replace(day=monthrange(year, month)[1]), month_key(first))

    @classmethod
    def of_quarter(cls, quarter: Quarter) -> Period:
        return cls(Every.QUARTER, quarter.first_day, quarter.last_day, str(quarter))

    @classmethod
    def of_year(cls, year: int) -> Period:
        return cls(Every.YEAR, date(year, 1, 1), date(year, 12, 31), f"{year:04d}")

    @property
    def quarter(self) -> Quarter:
        """The quarter in which it ends."""
        return Quarter.of(self.last)

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """All quarters that it is of: a year is of four."""
        if self.every is not Every.YEAR:
            return (self.quarter,)
        return tuple(Quarter(self.first.year, number) for number in (1, 2, 3, 4))


def within(every: Every, quarter: Quarter) -> tuple[Period, ...]:
    """The periods of a quarter that figures are asked for: its months, itself, or the year that it is of."""
    match every:
        case Every.MONTH:
            return tuple(Period.of_month(quarter.year, 3 * quarter.number - 2 + at) for at in range(3))
        case Every.QUARTER:
            return (Period.of_quarter(quarter),)
    return (Period.of_year(quarter.year),)


def so_far(every: Every, quarter: Quarter) -> tuple[Period, ...]:
    """The periods from January to the end of a quarter; of a year the one that it is of."""
    if every is Every.YEAR:
        return within(every, quarter)
    return tuple(
        one for number in range(1, quarter.number + 1) for one in within(every, Quarter(quarter.year, number))
    )


def _year(text: str) -> int:
    year = common_year(int(text))
    if year < EARLIEST_YEAR:
        raise ValueError(text)
    return year
