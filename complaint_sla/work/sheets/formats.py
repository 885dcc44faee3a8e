"""Sheets: files of rows, as CSV or JSON Lines by their ending. What the columns mean is not known here.

Read a row at a time, and written whole or not at all. In CSV a cell that a spreadsheet could take for a formula bears
an apostrophe in front; reading takes it off again.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import isinf
from pathlib import Path
from typing import IO, Any

from complaint_sla import files
from complaint_sla.core.errors import BadValue, Error

CSV = ".csv"
JSONL = ".jsonl"
ENDINGS = (CSV, JSONL)
# The column of a file of rejects that says why; reading passes it over.
ERROR = "error"

_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file on which it begins or its row in a workbook, its non-empty cells by column, and the row
    as it came.

    With a `fault` it could not be read, and has no cells. `sheet` is the workbook's sheet, the how-manieth says `table`.
    """

    line: int
    cells: Mapping[str, str]
    source: list[str] | dict[str, Any] | str
    fault: Error | None = None
    sheet: str | None = None
    table: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Rows stand in the order of their places."""
        return self.table, self.line


@dataclass
class Sheet:
    """A file of rows, with its columns by name. `header` and `separator` are those of a CSV file, as it stands there."""

    path: Path
    ending: str
    separator: str = ","
    header: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank. Raises BadValue: `file-unreadable`, `not-utf8`, `sheet-broken`."""
        with _reading(self.path) as file:
            if self.ending == CSV:
                yield from self._csv_rows(file)
            else:
                for number, text in enumerate(file, 1):
                    if text.strip():
                        yield _json_row(number, text)

    def _csv_rows(self, file: IO[str]) -> Iterator[Row]:
        # Strict: a quote that is never closed would otherwise swallow the rows after it.
        reader = csv.reader(file, delimiter=self.separator, strict=True)
        columns = _names(self.header)
        begins = 1
        try:
            for cells in reader:
                line, begins = begins, reader.line_num + 1
                if line > 1 and any(cell.strip() for cell in cells):
                    yield _csv_row(line, columns, cells)
        except csv.Error as problem:
            raise BadValue("sheet-broken", file=str(self.path), line=begins, problem=str(problem)) from None


def open_sheet(
    path: Path, known: Collection[str], required: Collection[str], look: Callable[[Row], None]
) -> Sheet:
    """Goes through a file before anything is done with it: it can be read to its end, and has the right columns.

    `look` is shown every row.

    Raises BadValue: `unknown-ending`, `file-unreadable`, `not-utf8`, `sheet-broken`, `unknown-columns`,
    `missing-columns`, `column-twice`.
    """
    sheet = Sheet(path, ending_of(path))
    if sheet.ending == CSV:
        with _reading(path) as file:
            first = file.readline()
        sheet.separator, sheet.header = max(
            ((one, _first_cells(path, first, one)) for one in _SEPARATORS),
            key=lambda found: len(set(_names(found[1])) & set(known)),
        )
        names = sheet.columns = _names(sheet.header)
        _require_columns(names, known, required)
        for row in sheet.rows():
            look(row)
    else:
        seen: dict[str, None] = {}
        for row in sheet.rows():
            if isinstance(row.source, dict):
                seen.update(dict.fromkeys(row.source))
            look(row)
        # A file without rows has nothing that could be missing.
        sheet.columns = [_name(one) for one in seen]
        _require_columns(sheet.columns, known, required if seen else ())
    return sheet


def ending_of(path: Path) -> str:
    """Raises BadValue (`unknown-ending`), naming those that are known."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise BadValue("unknown-ending", value=path.suffix, known=list(ENDINGS))
    return ending


def _require_columns(names: Sequence[str], known: Collection[str], required: Collection[str]) -> None:
    unknown = list(dict.fromkeys(name for name in names if name not in known and name != ERROR))
    if unknown:
        raise BadValue("unknown-columns", columns=unknown, known=list(known))
    twice = _twice(names)
    if twice:
        raise BadValue("column-twice", columns=twice)
    missing = [name for name in required if name not in names]
    if missing:
        raise BadValue("missing-columns", columns=missing, known=list(known))


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _name(text: str) -> str:
    return text.strip().lower()


def _names(header: Sequence[str]) -> list[str]:
    """The columns by name; a spreadsheet leaves empty ones at the end."""
    names = [_name(one) for one in header]
    while names and not names[-1]:
        names.pop()
    return names


def _first_cells(path: Path, text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error as problem:
        raise BadValue("sheet-broken", file=str(path), line=1, problem=str(problem)) from None


def _csv_row(line: int, columns: Sequence[str], cells: list[str]) -> Row:
    if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
        return Row(line, {}, cells, BadValue("wrong-width", found=len(cells), expected=len(columns)))
    filled = {
        name: files.unguarded(cell)
        for name, cell in zip(columns, cells, strict=False)
        if cell and not cell.isspace()
    }
    return Row(line, filled, cells)


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


# Writes one row of values.
Pen = Callable[[Sequence[object]], object]
# Writes one row that was rejected, and why.
Rejects = Callable[[Row, str], None]


@contextmanager
def new_sheet(path: Path, columns: Sequence[str]) -> Iterator[Pen]:
    """Writes a sheet with these columns, at `path` once all of it is there. Raises BadValue (`file-unwritable`, …)."""
    ending = ending_of(path)
    with _replacing(path) as file:
        if ending == JSONL:
            yield lambda values: file.write(_json_line(dict(zip(columns, values, strict=True))))
            return
        writer = files.csv_writer(file)
        writer.writerow(columns)
        yield lambda values: writer.writerow(map(files.cell, values))


@contextmanager
def rejects_of(sheet: Sheet, path: Path) -> Iterator[Rejects]:
    """Writes rejected rows as they came, in the form of their sheet, with why they were in front.

    A line that is no JSON stays as it is, without why. Raises BadValue: `rejects-ending`, `rejects-over-sheet`,
    `file-unwritable`.
    """
    if ending_of(path) != sheet.ending:
        raise BadValue("rejects-ending", value=path.suffix, expected=sheet.ending)
    if path.resolve() == sheet.path.resolve():
        # It would take away the rows that were accepted.
        raise BadValue("rejects-over-sheet", file=str(path))
    with _replacing(path) as file:
        if sheet.ending == JSONL:

            def write_json(row: Row, why: str) -> None:
                if isinstance(row.source, dict):
                    file.write(
                        _json_line({ERROR: why} | {k: v for k, v in row.source.items() if _name(k) != ERROR})
                    )
                else:
                    file.write(f"{str(row.source).rstrip()}\n")

            yield write_json
            return
        writer = files.csv_writer(file, sheet.separator)
        # A sheet that was mended and is rejected again doesn't get a second such column.
        old = [at for at, name in enumerate(sheet.header) if _name(name) == ERROR]

        def without_old(cells: Iterable[str]) -> list[str]:
            return [cell for at, cell in enumerate(cells) if at not in old]

        writer.writerow([ERROR, *without_old(sheet.header)])

        def write_csv(row: Row, why: str) -> None:
            # As they came, but for what would run in the spreadsheet in which they are mended; it is read the same. A
            # cell that begins with an apostrophe is guarded already.
            cells = (one if one.startswith("'") else files.guarded(one) for one in map(str, row.source))
            writer.writerow([files.guarded(why), *without_old(cells)])

        yield write_csv


def _json_line(values: Mapping[str, Any]) -> str:
    line = json.dumps(values, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair can only be written as it came, escaped.
        line = json.dumps(values)
    return f"{line}\n"


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


class _Outlet:
    """The file being written: what goes wrong with it is told apart from what goes wrong around it."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, text: str) -> int:
        with files.unwritable(self._path):
            return self._file.write(text)


@contextmanager
def _replacing(path: Path) -> Iterator[_Outlet]:
    """A text file (UTF-8) that takes the place of `path` when all is written; on any error nothing has changed."""
    with ExitStack() as stack:
        with files.unwritable(path):
            # Only its owner reads it: the file tells of people.
            binary = stack.enter_context(files.replacing(path, files.PRIVATE))
        file = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        yield _Outlet(file, path)
        with files.unwritable(path):
            file.flush()
            stack.close()
