"""The tables that a file holds, as they stand there: rows of cells. What they mean is not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import takewhile
from pathlib import Path

from complaint_sla.core.errors import Error
from complaint_sla.core.sheets.map import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: the line of the file on which it begins, or its row in a workbook, counted from 1.

    With a `fault` it can't be taken as it is: its cells are for whoever mends it.
    """

    number: int
    cells: tuple[Cell, ...]
    fault: Error | None = None


@dataclass(frozen=True)
class Merged:
    """Cells that are one: rows and columns, counted from 1, the last ones included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Table:
    """A table: a sheet of a workbook by its name, or all of a text file (None). It can be gone through again and again.

    A workbook's cells have types; a text file's are texts, or None where nothing stands. A row in which nothing stands is
    none of its lines, and leaves a gap in their numbers. A text is what it is without the apostrophe that guards a formula.
    """

    name: str | None
    lines: Callable[[], Iterator[Line]]
    merged: tuple[Merged, ...] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Source:
    """A file with its tables. `encoding` and `separator` are what was found, or given, of a text file."""

    path: Path
    tables: tuple[Table, ...]
    encoding: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Headed:
    """A table with the rows in which its heads stand, one or two, counted from 1. What stands above them goes with it."""

    table: Table
    heads: tuple[int, ...]

    def top(self) -> list[Line]:
        """The lines down to the heads, these included."""
        return [line for line in _until(self.table.lines(), self.heads[-1]) if line.fault is None]

    def lines(self) -> Iterator[Line]:
        """The lines below the heads."""
        return (line for line in self.table.lines() if line.number > self.heads[-1])


def _until(lines: Iterator[Line], last: int) -> Iterator[Line]:
    return takewhile(lambda line: line.number <= last, lines)


def as_text(cell: Cell) -> str:  # noqa: PLR0911 - one for each kind of cell
    """A cell as a text that can be read in one way only: a day or moment in the order of ISO 8601, a whole number without
    decimals."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.isoformat(" ", "seconds" if cell.second else "minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("seconds" if cell.second else "minutes")
        case float() if cell.is_integer() and abs(cell) < 10**15:
            return str(int(cell))
        case _:
            return str(cell)
