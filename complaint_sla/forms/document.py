"""A report as a neutral document: what every form that people read renders, and nothing of how it looks.

It holds words in one language and numbers as numbers. It knows nothing of paper, terminal, sheet or markup: a
form decides how a thing looks, never what it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import Mark, percent

# A Fraction is a share of the whole, shown as a percentage; a Decimal is shown with the places that it has.
Cell = str | int | Fraction | Decimal | None
DASH = "\N{EN DASH}"
# The numbers of a row, as its columns go.
COUNTED = ("received", "on_time", "late", "overdue", "pending", "excluded")
_TIED = re.compile(r" (?=ๆ)|(?<=ร้อยละ) (?=\d)|(?<=ปี) (?=\d)|(?<=\d) (?=วัน)")


@dataclass(frozen=True)
class Column:
    """`align` is where its cells stand: text left, whatever is compared down a column right."""

    key: str
    title: str
    align: Literal["left", "right"]


@dataclass(frozen=True)
class Row:
    """`cells` are in the order of the table's columns. None is a dash: no complaints, or no rate.

    `counts` are the bare numbers behind the cells, for forms that calculate or draw.
    """

    key: str
    cells: tuple[Cell, ...]
    counts: Counts | None = None
    is_total: bool = False


@dataclass(frozen=True)
class Table:
    """`is_repetition`: it says no more than the total (one office), so forms for reading leave it out.

    `lists_used`: of its rows they show those that have complaints.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    is_repetition: bool = False
    lists_used: bool = False

    @property
    def told(self) -> Table:
        """The table as forms for reading show it."""
        if not self.lists_used:
            return self
        return replace(
            self, rows=tuple(row for row in self.rows if row.counts is None or row.counts.received)
        )


@dataclass(frozen=True)
class Cases:
    """One complaint a row, for forms that people sort and filter; days and moments (local, without zone) as such."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell | date, ...]]


@dataclass(frozen=True)
class Fact:
    """One line of what the report is about."""

    key: str
    title: str
    value: str


@dataclass(frozen=True)
class Share:
    """n of d with its percentage, both as text (`8 of 10`, `80.00`), and in one line; None for 0 of 0."""

    of: str | None
    percent: str | None
    text: str


@dataclass(frozen=True)
class Result:
    """The figure of the quarter, held against its target."""

    heading: str
    title: str
    share: Share
    target_title: str
    target: str
    mark: Mark
    mark_title: str
    mark_text: str


@dataclass(frozen=True)
class Outlook:
    """Between which bounds the figure can still end; `certain` as in `Counts`, `text` says it in words."""

    title: str
    worst_title: str
    worst: Share
    best_title: str
    best: Share
    certain: bool | None
    text: str


@dataclass(frozen=True)
class Gauge:
    """The chart of rate against target, in exact fractions. The bounds are None once they coincide."""

    title: str
    rate: Fraction | None
    worst: Fraction | None
    best: Fraction | None
    target: Fraction
    target_text: str


@dataclass(frozen=True)
class Bar:
    """One customer group in the chart of buckets."""

    title: str
    counts: Counts
    share: Share


@dataclass(frozen=True)
class Bars:
    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class TrendPoint:
    """One quarter in the chart of quarters; a `counts.rate` of None leaves a gap."""

    title: str
    counts: Counts
    target: Fraction
    is_final: bool


@dataclass(frozen=True)
class Trend:
    """The chart of rate against target by quarter, oldest first."""

    title: str
    points: tuple[TrendPoint, ...]
    quarter_title: str
    rate_title: str
    target_title: str
    provisional_title: str


@dataclass(frozen=True)
class AgeBar:
    """Open complaints of one age; `overdue` of them are."""

    title: str
    pending: int
    overdue: int


@dataclass(frozen=True)
class AgeBars:
    """The chart of open complaints by age, youngest first."""

    title: str
    bars: tuple[AgeBar, ...]
    age_title: str
    pending_title: str
    overdue_title: str


@dataclass(frozen=True)
class Document:
    """A report as of `as_of` (UTC), ready to be rendered.

    `legend` has key and title of each bucket, as the columns go. `counted_title` names the number that the rate is
    a share of; `summary_title`, `charts_title` and `tables_title` name the parts of a report that comes in several
    sheets. `further` are tables without counts.
    """

    language: str
    as_of: datetime
    heading: str
    is_final: bool
    state: str
    facts: tuple[Fact, ...]
    result: Result
    outlook: Outlook | None
    legend: tuple[tuple[str, str], ...]
    gauge: Gauge
    bars: Bars
    buckets: Table
    breakdowns: tuple[Table, ...]
    counted_title: str
    summary_title: str
    charts_title: str
    tables_title: str
    total: Row
    notes_title: str
    notes: tuple[str, ...]
    signatures: tuple[str, ...]
    further: tuple[Table, ...] = ()
    trend: Trend | None = None
    ages: AgeBars | None = None
    cases: Cases | None = None

    @property
    def printed(self) -> tuple[Table, ...]:
        """The breakdowns that say something new to a reader."""
        return tuple(table.told for table in self.breakdowns if not table.is_repetition)


def shown(cell: Cell) -> str:
    """A cell as people read it: 1,234, 80.00 for four fifths, and a dash where there is nothing."""
    if cell is None:
        return DASH
    if isinstance(cell, Fraction):
        return percent(cell) or DASH
    return cell if isinstance(cell, str) else f"{cell:,}"


def joined(text: str) -> str:
    """Text whose lines don't break before Thai's sign of repetition, nor between a number and what it counts."""
    return _TIED.sub("\N{NO-BREAK SPACE}", text)
