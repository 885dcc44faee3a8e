"""Where the heads of a table stand, and what they mean: one row, or two that are joined by `/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from complaint_sla.core.sheets.map import Cell
from complaint_sla.core.sheets.offered import HEADS
from complaint_sla.core.sheets.words import RUNNING, form, meaning

# Titles, names of offices and blank rows stand above the heads: as many rows are looked through.
DEPTH = 20
LONGEST_HEAD = 80
# Fewer columns that are known make no table of complaints.
FEWEST = 3
# Of an export of this program: what its columns are called, in any of its forms, and those that only it has.
_OFFERED = {form(text): key for key, title in HEADS.items() for text in (key, title.th, title.en)}
OURS = {"received_at", "rule_book", "due_at"}
# The columns in front of a file of rejects, which say why and of which row: none of the sheet's.
ERROR = "error"
MARKS, MARK = (ERROR, "sheet", "row"), "mark"


class Line(Protocol):
    """One row of a table, by its number in the file."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Sequence[Cell]: ...


class Merged(Protocol):
    """Cells that are one: rows and columns, counted from 1, the last ones included."""

    @property
    def first_row(self) -> int: ...
    @property
    def first_column(self) -> int: ...
    @property
    def last_row(self) -> int: ...
    @property
    def last_column(self) -> int: ...


class Table(Protocol):
    """A table, which can be gone through again and again."""

    @property
    def name(self) -> str | None: ...
    @property
    def lines(self) -> Callable[[], Iterator[Line]]: ...
    @property
    def merged(self) -> Sequence[Merged]: ...
    @property
    def is_hidden(self) -> bool: ...


@dataclass(frozen=True)
class Heads:
    """The rows in which the heads stand, the heads by column, and what each means; None for what is not known."""

    rows: tuple[int, ...]
    texts: tuple[str, ...]
    meanings: tuple[str | None, ...]

    @property
    def known(self) -> int:
        return len({one for one in self.meanings if one not in (None, RUNNING, MARK)})


def text_of(cell: Cell) -> str:
    """A cell as one reads it: a whole number has no decimals."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def shown(cell: Cell) -> str:
    """In one line."""
    return " ".join(text_of(cell).split())


def find(lines: Sequence[Line], merged: Sequence[Merged] = ()) -> Heads | None:
    """The heads among the first lines of a table: the row, or two rows, with the most columns that are known."""
    best: Heads | None = None
    for line in lines[:DEPTH]:
        best = _better(best, _heads((line.number,), one_row(line.cells)))
    for upper, lower in pairwise(lines[:DEPTH]):
        if lower.number == upper.number + 1:
            joined = two_rows(upper.cells, lower.cells, upper.number, merged)
            best = _better(best, _heads((upper.number, lower.number), joined))
    return best if best is not None and best.known >= FEWEST else None


def score(cells: Sequence[Cell]) -> int:
    """How well the cells of one row fit as heads."""
    return _heads((0,), one_row(cells)).known


def marks_of(heads: Sequence[str]) -> int:
    """How many columns in front are those of a file of rejects."""
    names = tuple(head.strip().lower() for head in heads[: len(MARKS)])
    return len(MARKS) if names == MARKS else int(names[:1] == (ERROR,))


def one_row(cells: Sequence[Cell]) -> list[str]:
    return [shown(cell) for cell in cells]


def two_rows(
    upper: Sequence[Cell], lower: Sequence[Cell], row: int, merged: Sequence[Merged] = ()
) -> list[str]:
    """Heads in two rows, of which the upper one is `row`. A cell that is merged across stands above each of its columns;
    where nothing says what is merged, above those to its right that have a head below and none above."""
    width = max(len(upper), len(lower))
    above, below = (
        [shown(cell) for cell in (*cells, *[None] * (width - len(cells)))] for cells in (upper, lower)
    )
    covers = [one for one in merged if one.first_row <= row <= one.last_row]
    for one in covers:
        for column in range(one.first_column, min(one.last_column, width)):
            above[column] = above[one.first_column - 1]
    if not covers:
        for column in range(1, width):
            if not above[column] and below[column]:
                above[column] = above[column - 1]
    return [
        f"{over}/{under}" if over and under and over != under else over or under
        for over, under in zip(above, below, strict=True)
    ]


def _heads(rows: tuple[int, ...], texts: Sequence[str]) -> Heads:
    front = marks_of(texts)
    own = [*[""] * front, *texts[front:]]
    # A text that is this long is a title, or a remark.
    meanings = [meaning(text) if text and len(text) < LONGEST_HEAD else None for text in own]
    ours = [_OFFERED.get(form(text)) for text in own]
    if set(ours) >= OURS:
        meanings = [name or found for name, found in zip(ours, meanings, strict=True)]
    return Heads(rows, tuple(own), (*[MARK] * front, *meanings[front:]))


def _better(best: Heads | None, other: Heads) -> Heads:
    """That of which more is known; of two the one that tells its columns apart."""
    return other if best is None or _worth(other) > _worth(best) else best


def _worth(heads: Heads) -> tuple[int, int]:
    own = list(filter(None, heads.texts))
    return heads.known, len(set(own)) - len(own)
