"""The tables that a file holds, as they stand there: rows of cells. What they mean is not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from complaint_sla.core.errors import Error
from complaint_sla.core.sheets.map import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: the line of the file on which it begins, or its row in a workbook, counted from 1.

    With a `fault` it could not be read, and has no cells.
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
