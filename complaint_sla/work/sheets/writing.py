"""Sheets that are written, whole or not at all: CSV, workbooks, JSON Lines.

No cell is a formula: in CSV one that a spreadsheet could take for it bears an apostrophe in front, which reading takes off
again; in a workbook a text is a text.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, BinaryIO

from complaint_sla import files
from complaint_sla.core.errors import BadValue
from complaint_sla.work.sheets.formats import JSONL, XLSX, ending_of
from complaint_sla.work.sheets.tables import as_text

# Writes one row of values.
Pen = Callable[[Sequence[object]], object]

# What a sheet of a workbook holds.
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
# From here on a workbook keeps no day.
_FIRST_DAY = date(1900, 3, 1)
_DIGITS = 10**15
_TEXT, _DAY, _MOMENT, _TIME, _SPAN = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss", "[h]:mm:ss"


@contextmanager
def new_sheet(path: Path, columns: Sequence[str]) -> Iterator[Pen]:
    """Writes a sheet with these columns, at `path` once all of it is there. Raises BadValue (`file-unwritable`, …)."""
    ending = ending_of(path)
    if ending == XLSX:
        with new_book(path) as book:
            page = book.page("1")
            page.write(columns)
            yield page.write
        return
    with replacing(path) as file:
        if ending == JSONL:
            yield lambda values: file.write(json_line(dict(zip(columns, values, strict=True))))
            return
        writer = files.csv_writer(file)
        writer.writerow(columns)
        yield lambda values: writer.writerow(map(files.cell, values))


@contextmanager
def new_book(path: Path) -> Iterator[Book]:
    """Writes a workbook, at `path` once all of it is there. Raises BadValue: `missing-extra`, `file-unwritable`."""
    with _binary(path) as file, ExitStack() as stack:
        # What is written meanwhile tells of people, and is gone whatever ends it.
        with files.unwritable(path):
            folder = stack.enter_context(TemporaryDirectory(prefix="complaint-sla-"))
        book = Book(file, path, folder)
        stack.callback(book.let_go)
        yield book
        with files.unwritable(path):
            book.close()


class Book:
    """A workbook, of which a row is in memory at a time."""

    def __init__(self, file: BinaryIO, path: Path, folder: str) -> None:
        try:
            import xlsxwriter
        except ImportError:
            raise BadValue("missing-extra", extra="xlsx") from None
        self.path = path
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def page(self, name: str) -> Page:
        """A sheet by its name, which a spreadsheet takes."""
        return Page(self, self.book.add_worksheet(name))

    def format(self, shown: str) -> Any:
        return self.look({"num_format": shown})

    def look(self, properties: Mapping[str, Any]) -> Any:
        key = tuple(properties.items())
        found = self._formats.get(key)
        if found is None:
            found = self._formats[key] = self.book.add_format(dict(properties))
        return found

    def close(self) -> None:
        self.book.close()

    def let_go(self) -> None:
        """Of the files in which the rows are until it is closed."""
        for sheet in self.book.worksheets():
            sheet.row_data_fh.close()


class Page:
    """A sheet that is written from top to bottom; `row` is the one that comes next, counted from 0."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book, self.sheet, self.row = book, sheet, 0

    def write(self, values: Iterable[object], looks: Sequence[Any] = ()) -> None:
        """A number as a number, a day as a day, and a text always as a text; `looks` are formats by column.

        Raises BadValue: `sheet-full`, `cell-full`.
        """
        if self.row >= MOST_ROWS:
            raise BadValue("sheet-full", file=self.book.path, most=MOST_ROWS)
        for column, value in enumerate(values):
            self._put(column, value, looks[column] if looks else None)
        self.row += 1

    def _put(self, column: int, value: object, look: Any) -> None:
        sheet, row = self.sheet, self.row

        def shown(form: str) -> Any:
            return look or self.book.format(form)

        match value:
            case None | "":
                pass
            case bool():
                sheet.write_boolean(row, column, value, look)
            case int() | float() if abs(value) < _DIGITS:
                sheet.write_number(row, column, value, look)
            case datetime() if value.date() >= _FIRST_DAY and value.tzinfo is None:
                sheet.write_datetime(row, column, value, shown(_MOMENT))
            case date() if not isinstance(value, datetime) and value >= _FIRST_DAY:
                sheet.write_datetime(row, column, value, shown(_DAY))
            case time():
                sheet.write_datetime(row, column, value, shown(_TIME))
            case timedelta():
                sheet.write_datetime(row, column, value, shown(_SPAN))
            case _:
                self._put_text(column, value if isinstance(value, str) else as_text(value), shown(_TEXT))  # type: ignore[arg-type]

    def _put_text(self, column: int, text: str, look: Any) -> None:
        if len(text) > MOST_CHARACTERS:
            raise BadValue("cell-full", file=self.book.path, most=MOST_CHARACTERS, row=self.row + 1)
        # A digit that is typed over it stays a text, with its zeros.
        self.sheet.write_string(self.row, column, whole(text), look)


def whole(text: str) -> str:
    """A text that can be written as UTF-8: half a character becomes the sign for one that is not known."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def json_line(values: Mapping[str, Any]) -> str:
    line = json.dumps(values, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair can only be written as it came, escaped.
        line = json.dumps(values)
    return f"{line}\n"


class _Outlet:
    """The file being written: what goes wrong with it is told apart from what goes wrong around it."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, text: str) -> int:
        with files.unwritable(self._path):
            return self._file.write(text)


@contextmanager
def replacing(path: Path) -> Iterator[_Outlet]:
    """A text file (UTF-8) that takes the place of `path` when all is written; on any error nothing has changed."""
    with _binary(path) as binary:
        file = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        yield _Outlet(file, path)
        with files.unwritable(path):
            file.flush()


@contextmanager
def _binary(path: Path) -> Iterator[BinaryIO]:
    with ExitStack() as stack:
        with files.unwritable(path):
            # Only its owner reads it: the file tells of people.
            binary = stack.enter_context(files.replacing(path, files.PRIVATE))
        yield binary
        with files.unwritable(path):
            stack.close()
