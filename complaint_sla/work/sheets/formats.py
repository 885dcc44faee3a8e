"""Sheets by our own columns: tables whose heads are known, or JSON Lines. What the columns mean is not known here.

A table is a text file or a workbook, as `sources` opens it; its heads may stand below a title.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import isinf
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.sheets.heads import ERROR, marks_of
from complaint_sla.core.sheets.map import Cell
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Headed, Line, Source, Table, as_text
from complaint_sla.work.sheets.textfile import HEAD_ROWS

CSV = ".csv"
JSONL = ".jsonl"
XLSX = ".xlsx"
# What is written. Read is what is found in the file, by whichever of these names.
ENDINGS = (CSV, XLSX, JSONL)
READ = (*ENDINGS, ".xlsm", ".txt", ".tsv")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file on which it begins or its row in a workbook, its non-empty cells by column, and the row
    as it came.

    With a `fault` it could not be read, and has no cells. `mended` are the repairs that its cells have had. `sheet` is the
    workbook's sheet, the how-manieth says `table`.
    """

    line: int
    cells: Mapping[str, str]
    source: Sequence[Cell] | dict[str, Any] | str
    fault: Error | None = None
    sheet: str | None = None
    table: int = 0
    mended: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[int, int]:
        """Rows stand in the order of their places."""
        return self.table, self.line


@dataclass
class Sheet:
    """A file of rows, with its columns by name, or those of the first of its tables. JSON Lines have no table."""

    path: Path
    columns: Sequence[str] = ()
    source: Source | None = None
    tables: tuple[Headed, ...] = ()

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank. Raises BadValue: `file-unreadable`, `not-utf8`, `sheet-broken`."""
        for number, headed in enumerate(self.tables):
            for line in headed.lines():
                yield _row(number, headed, line)
        if self.source is None:
            with _reading(self.path) as file:
                for number, text in enumerate(file, 1):
                    if text.strip():
                        yield _json_row(number, text)


@dataclass(frozen=True)
class _Named(Headed):
    """A table with the names of its columns here."""

    columns: tuple[str, ...] = ()

    @cached_property
    def own(self) -> tuple[str | None, ...]:
        """The columns, without those of a file of rejects."""
        marks = marks_of(self.columns)
        return tuple(
            None if at < marks or column == ERROR else column for at, column in enumerate(self.columns)
        )


def open_sheet(
    path: Path,
    known: Collection[str],
    required: Collection[str],
    look: Callable[[Row], None],
    *,
    titles: Mapping[str, str] = MappingProxyType({}),
    sheets: Collection[str] = (),
) -> Sheet:
    """Goes through a file before anything is done with it: it can be read to its end, and has the right columns.

    `look` is shown every row. `titles` are other names of columns, in the words of an office. Of a workbook it is the only
    sheet with those heads, or `sheets`.

    Raises BadValue: `unknown-ending`, `unknown-columns`, `missing-columns`, `column-twice`, `unknown-sheet`, `tables-alike`,
    `no-such-table`, and as `open_source` does.
    """
    if read_as(path) == JSONL:
        sheet = Sheet(path)
        seen: dict[str, None] = {}
        for row in sheet.rows():
            if isinstance(row.source, dict):
                seen.update(dict.fromkeys(row.source))
            look(row)
        # A file without rows has nothing that could be missing.
        sheet.columns = [_name(one) for one in seen]
        _require_columns(sheet.columns, known, required if seen else ())
        return sheet
    names = {one: one for one in known} | {_name(title): column for title, column in titles.items()}
    sheet = _Finding(path, names, required).sheet(sheets)
    for row in sheet.rows():
        look(row)
    return sheet


def read_as(path: Path) -> str:
    """JSONL, or CSV for whatever is a table. Raises BadValue (`unknown-ending`), naming those that are known."""
    ending = path.suffix.lower()
    if ending not in READ:
        raise BadValue("unknown-ending", value=path.suffix, known=list(ENDINGS))
    return JSONL if ending == JSONL else CSV


def ending_of(path: Path) -> str:
    """Of a file that is written. Raises BadValue (`unknown-ending`), naming those that are known."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise BadValue("unknown-ending", value=path.suffix, known=list(ENDINGS))
    return ending


class _Finding:
    """Where in a file the heads stand that are known. `names` holds each of them, with the column that it means."""

    def __init__(self, path: Path, names: Mapping[str, str], required: Collection[str]) -> None:
        self._names, self._required = names, required
        self.source = open_source(path, score=self._score)

    def sheet(self, sheets: Collection[str]) -> Sheet:
        there = [table.name for table in self.source.tables]
        for name in sheets:
            if name not in there:
                raise BadValue("unknown-sheet", value=name, known=[one or "" for one in there])
        tables = [
            (table, self._head(table))
            for table in self.source.tables
            if table.name in sheets or (not sheets and not table.is_hidden)
        ]
        found = [(table, line) for table, line in tables if line is not None]
        if not sheets:
            found = self._only(found)
        named = tuple(
            _Named(table, (line.number,), tuple(self._columns(line.cells))) for table, line in found
        )
        for one in named or (_Named(self.source.tables[0], (0,)),):
            _require_columns(one.columns, self._names.values(), self._required)
        return Sheet(self.source.path, named[0].columns, self.source, named)

    def _only(self, found: list[tuple[Table, Line]]) -> list[tuple[Table, Line]]:
        """The table with all heads that are needed; where there is but one, its faults can be named."""
        right = [(table, line) for table, line in found if self._is_head(line)]
        if len(right) > 1:
            raise BadValue(
                "tables-alike", file=self.source.path, sheets=[table.name or "" for table, _ in right]
            )
        if not right and len(found) > 1:
            known = [table.name or "" for table, _ in found]
            raise BadValue("no-such-table", file=self.source.path, sheets=known, columns=list(self._required))
        return right or found

    def _head(self, table: Table) -> Line | None:
        """Below a title, perhaps: the first row with all heads that are needed, else that with the most that are known."""
        lines = [line for line in islice(table.lines(), HEAD_ROWS) if line.fault is None]
        for line in lines:
            if self._required and self._is_head(line):
                return line
        best = max(lines, key=lambda line: self._score(line.cells), default=None)
        return best if best is not None and self._score(best.cells) > 1 else next(iter(lines), None)

    def _is_head(self, line: Line) -> bool:
        return set(self._required) <= set(self._columns(line.cells))

    def _score(self, cells: Sequence[Cell]) -> int:
        return len(set(_named(cells)) & self._names.keys())

    def _columns(self, cells: Sequence[Cell]) -> list[str]:
        return [self._names.get(name, name) for name in _named(cells)]


def _require_columns(names: Sequence[str], known: Collection[str], required: Collection[str]) -> None:
    own = names[marks_of(names) :]
    unknown = list(dict.fromkeys(name for name in own if name not in known and name != ERROR))
    if unknown:
        raise BadValue("unknown-columns", columns=unknown, known=list(dict.fromkeys(known)))
    twice = _twice(names)
    if twice:
        raise BadValue("column-twice", columns=twice)
    missing = [name for name in required if name not in names]
    if missing:
        raise BadValue("missing-columns", columns=missing, known=list(dict.fromkeys(known)))


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _name(text: str) -> str:
    return text.strip().lower()


def _named(cells: Sequence[Cell]) -> list[str]:
    """The columns by name; a spreadsheet leaves empty ones at the end."""
    names = [_name(as_text(one)) for one in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _row(number: int, headed: Headed, line: Line) -> Row:
    assert isinstance(headed, _Named)
    columns, name = headed.columns, headed.table.name
    fault = line.fault
    texts = [cell if isinstance(cell, str) else as_text(cell) for cell in line.cells]
    # A workbook's rows have no end that could be missing.
    is_short = name is None and len(texts) < len(columns)
    if fault is None and (is_short or (len(texts) > len(columns) and "".join(texts[len(columns) :]).strip())):
        fault = BadValue("wrong-width", found=len(texts), expected=len(columns))
    filled = {
        column: text
        for column, text in zip(headed.own, texts, strict=False)
        if text and column is not None and not text.isspace()
    }
    return Row(line.number, {} if fault is not None else filled, line.cells, fault, name, number)


def _json_row(line: int, text: str) -> Row:
    try:
        source = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except Error as problem:
        return Row(line, {}, text, problem.with_traceback(None))
    # A number of too many digits is a ValueError too.
    except (ValueError, RecursionError) as problem:
        return Row(line, {}, text, BadValue("bad-json", problem=str(problem)))
    if not isinstance(source, dict):
        return Row(line, {}, text, BadValue("bad-json", problem=type(source).__name__))
    cells = {}
    for name, value in source.items():
        if isinstance(value, bool):
            cells[_name(name)] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            cell = str(value)
            if cell and not cell.isspace():
                cells[_name(name)] = cell
        elif value is not None:
            return Row(line, {}, source, BadValue("bad-cell", column=name))
    return Row(line, cells, source)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise BadValue("column-twice", columns=_twice(name for name, _ in pairs))
    return result


def _no_number(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> float:
    """1e999 is a number in JSON and none here: it would become the text `inf`."""
    number = float(text)
    if isinf(number):
        raise ValueError(text)
    return number


@contextmanager
def _reading(path: Path) -> Iterator[IO[str]]:
    try:
        # JSON knows no carriage return within a text, CSV minds its line ends itself.
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as problem:
        raise BadValue("file-unreadable", file=str(path), problem=problem.strerror or str(problem)) from None
    except UnicodeDecodeError:
        raise BadValue("not-utf8", file=str(path)) from None
