"""A text file as a table: which separator it has, its rows, and what becomes of those that are none.

Read a line at a time; a quotation mark that is never closed is refused rather than taking in the rows after it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from complaint_sla import files
from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import Cell
from complaint_sla.work.sheets.encodings import Text
from complaint_sla.work.sheets.tables import Line

SEPARATORS = (",", ";", "\t", "|")
# How well the cells of a row fit as heads: how many of them are known.
Score = Callable[[Sequence[Cell]], int]

# In which rows the heads are looked for.
HEAD_ROWS = 20
# No row of a sheet is longer, in characters; a file without line ends must not be in memory as a whole.
_LONGEST_LINE = 1 << 25
_SAYS_SEPARATOR = re.compile('"?sep=(.)"?[\r\n]*', re.IGNORECASE)
# With which an old program's file ends: Ctrl-Z, and what fills up its last block.
_END, _FILLING = "\x1a", "\x1a\0"
_BLANK = f"{_FILLING} \t\r\n"


@dataclass(frozen=True)
class TextFile:
    """A file, how its text is written, and its separator. It is named as `name` in what is said of it."""

    path: Path
    text: Text
    separator: str
    name: Path

    def lines(self) -> Iterator[Line]:
        """Raises BadValue: `sheet-broken`, `file-unreadable`, `not-utf8`."""
        with reading(self.path, self.text, self.name) as file:
            yield from self._lines(_until_end(_physical(file, self.name)))

    def _lines(self, physical: Iterable[str]) -> Iterator[Line]:
        source = _Remembering(physical)
        # Strict: a quotation mark that is never closed would otherwise take in the rows after it.
        reader = csv.reader(source, delimiter=self.separator, strict=True)
        while True:
            begins = source.begin()
            try:
                cells = next(reader, None)
            except csv.Error as problem:
                if not source.is_too_long() or not source.skip_row(self.separator):
                    raise BadValue(
                        "sheet-broken", file=self.name, line=begins, problem=str(problem)
                    ) from None
                too_long = _cells(source.row, self.separator)
                yield Line(begins, too_long, BadValue("cell-too-long", most=csv.field_size_limit()))
                # What it remembers of the row is no row.
                reader = csv.reader(source, delimiter=self.separator, strict=True)
                continue
            if cells is None:
                return
            if begins == 1 and _SAYS_SEPARATOR.fullmatch(source.row):
                continue
            if "".join(cells).strip():
                yield Line(begins, _plain(cells))


def _plain(cells: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(files.unguarded(cell) or None for cell in cells)


def _cells(row: str, separator: str) -> tuple[Cell, ...]:
    """Of a row with a cell that is too long."""
    usual = csv.field_size_limit(max(len(row), csv.field_size_limit()))
    try:
        return _plain(next(csv.reader(io.StringIO(row, newline=""), delimiter=separator), ()))
    finally:
        csv.field_size_limit(usual)


class _Remembering:
    """The lines of a file, with those of the row that is being read."""

    def __init__(self, physical: Iterable[str]) -> None:
        self._physical = iter(physical)
        self._number = 0
        self._row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._physical)
        self._number += 1
        self._row.append(line)
        return line

    def begin(self) -> int:
        """The next row begins; the number of its first line."""
        self._row = []
        return self._number + 1

    @property
    def row(self) -> str:
        return "".join(self._row)

    def is_too_long(self) -> bool:
        return sum(map(len, self._row)) > csv.field_size_limit()

    def skip_row(self, separator: str) -> bool:
        """Goes on to the end of the row; whether it has one."""
        quoted = _ends_quoted(self.row, separator, quoted=False)
        size = sum(map(len, self._row))
        while quoted and (line := next(self._physical, None)) is not None:
            self._number += 1
            size += len(line)
            if size < _LONGEST_LINE:
                self._row.append(line)
            quoted = _ends_quoted(line, separator, quoted=True)
        return quoted is False


def _ends_quoted(text: str, separator: str, *, quoted: bool) -> bool | None:
    """Whether a text, that begins within quotation marks or not, ends within them; None if they stand where none can."""
    opens = re.compile(f'(?:^|(?<=[{re.escape(separator)}\r\n]))"')
    at = 0
    while True:
        if quoted:
            closes = text.find('"', at)
            if closes < 0:
                return True
            at, after = closes + 1, text[closes + 1 : closes + 2]
            if after == '"':
                at += 1
            elif after and after not in f"{separator}\r\n":
                return None
            else:
                quoted = False
        else:
            found = opens.search(text, at)
            if found is None:
                return False
            at, quoted = found.end(), True


def separator_of(path: Path, text: Text, name: Path, score: Score) -> str:
    """The separator by which the first rows hold the most heads that are known; else that by which they are even."""
    with reading(path, text, name) as file:
        first = list(islice(_until_end(_physical(file, name)), HEAD_ROWS * 4))
    said = _SAYS_SEPARATOR.fullmatch(first[0]) if first else None
    if said is not None:
        return said[1]

    def fits(separator: str) -> tuple[int, int]:
        rows = _first_rows(first, separator)
        return max(map(score, rows), default=0), _evenness(rows)

    return max(SEPARATORS, key=fits)


def _first_rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    # What follows a fault says nothing of the heads.
    with suppress(csv.Error):
        rows.extend(islice(csv.reader(lines, delimiter=separator), HEAD_ROWS))
    return rows


def _evenness(rows: Sequence[Sequence[str]]) -> int:
    """How many rows have the same number of cells, where they are several."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    return max(counts.values(), default=0)


@contextmanager
def reading(path: Path, text: Text, name: Path) -> Iterator[IO[str]]:
    """The text of a file after its marks. Raises BadValue: `file-unreadable`, `not-utf8`."""
    try:
        with path.open("rb") as binary:
            binary.seek(text.marks)
            # A line end within a cell stays what it is.
            with io.TextIOWrapper(binary, text.codec, text.errors, newline="") as file:
                yield file
    except OSError as problem:
        raise BadValue("file-unreadable", file=name, problem=problem.strerror or str(problem)) from None
    except UnicodeDecodeError:
        raise BadValue("not-utf8", file=name) from None


def _physical(file: IO[str], name: Path) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise BadValue("sheet-line-too-long", file=name, line=number)
        yield line


def _until_end(lines: Iterable[str]) -> Iterator[str]:
    """Without the mark of the end that programs of DOS write, on a line of its own or at the end of the file."""
    held: list[str] = []
    for line in lines:
        if _END in line or held:
            held.append(line)
            rest = line if len(held) > 1 or not line.strip(_BLANK) else line[line.index(_END) :]
            if rest.strip(_BLANK if len(held) > 1 or rest == line else _FILLING):
                yield from held
                held = []
        else:
            yield line
    if held and (last := held[0][: held[0].index(_END)]):
        yield last
