"""A report as a neutral document: what every form that people read renders, and nothing of how it looks.

It holds words in one language, numbers as numbers and percentages as `percent` cut them off. It knows nothing
of paper, terminal or markup: a form decides how a thing looks, never what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from complaint_sla.core.closure import Counts

Cell = str | int | None
DASH = "\N{EN DASH}"


class Mark(StrEnum):
    """The three marks of the plan's form; `NOT_STATED` where there is nothing to judge."""

    ACCORDING = "according"
    NOT_ACCORDING = "not-according"
    NOT_STATED = "not-stated"


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
    """`is_repetition`: it says no more than the total (one office), so forms for reading leave it out."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    is_repetition: bool = False


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
class Document:
    """A report, ready to be rendered. `legend` has key and title of each bucket, as the columns go."""

    language: str
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
    total: Row
    notes_title: str
    notes: tuple[str, ...]
    signatures: tuple[str, ...]

    @property
    def printed(self) -> tuple[Table, ...]:
        """The breakdowns that say something new to a reader."""
        return tuple(table for table in self.breakdowns if not table.is_repetition)


def shown(cell: Cell) -> str:
    """A cell as people read it: 1,234, and a dash where there is nothing."""
    if cell is None:
        return DASH
    return f"{cell:,}" if isinstance(cell, int) else cell
