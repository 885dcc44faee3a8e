"""The map of a sheet: which of its columns and words mean what. A value; its file is read and written by `mapfile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

# A cell as the file means it: a text where the file has nothing but texts.
Cell = str | int | float | bool | date | datetime | time | timedelta | None

NOTHING: Mapping[str, str] = MappingProxyType({})

# What a column of a sheet may be: what an export has, and what the import takes.
COLUMNS = (
    *("number", "office", "group", "urgent", "channel", "category", "subject", "detail", "status", "owner"),
    *(
        "received_at",
        "rule_book",
        "rule",
        "days",
        "due_on",
        "due_at",
        "generation",
        "closed_at",
        "outcome",
        "on_time",
    ),
    *("external_id", "breached_at", "acknowledged_at", "responded_at", "duplicate_of"),
    *("customer", "phone", "account", "email"),
)
# Without the moment of receipt there is no deadline, and guessing it would make a figure that can't be proved.
REQUIRED = ("group", "channel", "category", "subject", "received_at")
# Texts, which may stand in several columns.
JOINED = ("subject", "detail", "outcome", "customer")


class Encoding(StrEnum):
    """Of a text file."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    WINDOWS_874 = "windows-874"


class Order(StrEnum):
    """What stands first in a date of three numbers whose year is last."""

    DAY_FIRST = "day-month-year"
    MONTH_FIRST = "month-day-year"


class Era(StrEnum):
    """Of years with four digits. BY_SIZE: above 2400 it is the Buddhist Era."""

    BY_SIZE = "by-size"
    BUDDHIST = "buddhist"
    COMMON = "common"


class Several(StrEnum):
    """Which of several telephones in one cell is the customer's; all of them go into the detail."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True)
class Dates:
    """How moments are written. `two_digits` is the era of years with two digits, which are refused where it is None.

    `swapped`: a spreadsheet of another country has taken the day for the month in every cell in which it could, and has
    left the others as texts.
    """

    order: Order = Order.DAY_FIRST
    era: Era = Era.BY_SIZE
    two_digits: Era | None = None
    swapped: bool = False


@dataclass(frozen=True)
class Place:
    """Where a value stands: under these heads, as the sheet writes them, two rows of them joined by `/`.

    More than one is for texts, which are joined, each with its head. `time` is the head of the column with the time of day.
    """

    heads: tuple[str, ...]
    time: str | None = None


@dataclass(frozen=True)
class Repair:
    """What a spreadsheet has done to numbers, and what is undone: one zero in front of a telephone, zeros in front of an
    account, one of several telephones."""

    phone_zero: bool = False
    account_zeros: bool = False
    several_phones: Several | None = None


@dataclass(frozen=True)
class SheetMap:
    """All that has to be known of an office's sheet to read it without a question.

    `sheets` are the names of a workbook's sheets that are read, None for all. `heads` are the rows, counted from 1, in which
    the heads stand: one, or two below each other. `skip` names rows that are none: by head, what the cell under it begins
    with (`รวม*`) or is. `columns` go by our own names (`rows.COLUMNS`, and `status`); a head that is in none of them stands in
    `leave_out`. `values` give, by column and by word of the sheet, the key here; `default`, by column, what holds for every
    row that says nothing.
    """

    columns: Mapping[str, Place]
    leave_out: tuple[str, ...] = ()
    encoding: Encoding | None = None
    separator: str | None = None
    sheets: tuple[str, ...] | None = None
    heads: tuple[int, ...] = (1,)
    skip: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    dates: Dates = field(default_factory=Dates)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    default: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    repair: Repair = field(default_factory=Repair)
