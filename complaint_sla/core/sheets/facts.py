"""What stands in the columns of a file's tables, gone through once: words with their counts, how dates and numbers are written.

However long a table is, no more is kept of it than the first so many words of each column.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import TypeGuard

from complaint_sla.core.calendars import BUDDHIST_FROM, month_called
from complaint_sla.core.fields import fold
from complaint_sla.core.sheets.heads import DEPTH, Heads, Line, Table, find, shown, text_of
from complaint_sla.core.sheets.map import Cell
from complaint_sla.core.sheets.words import DATES, FAULTY, RUNNING, TOTALS, form

# As many different words of a column are kept; more are no words to choose from.
MOST_WORDS = 500
# Serial numbers of days, as spreadsheets count them: from 1954 to 2119.
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
# A register's number of the year is longer than a running number.
SHORTEST_ID = 4
# As many cells have to look like dates before a column is taken for one of dates, of ten.
MOST_OF_TEN = 8
# After so many rows it is said how far it is.
STEP = 1000
# No month has more days; above the months it is no month.
MONTHS = 12
LONG_YEAR = 4

_THREE = re.compile(
    r"(?:วัน\S*ที่ ?)?([0-9]{1,2}) ?[/.-] ?([0-9]{1,2}) ?[/.-] ?(?:พ\.?ศ\.? ?)?([0-9]{4}|[0-9]{2})(?![0-9])"
)
_YEAR_FIRST = re.compile(r"[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}(?![0-9])")
_NAMED = re.compile(
    r"(?:วัน\S*ที่ ?)?([0-9]{1,2})[ -]?([^\W\d][^\d]*?)[ -]?,?(?:พ\.?ศ\.? ?)?([0-9]{4}|[0-9]{2})(?![0-9])"
)
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_FIGURE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?%?")
_DIGITS = re.compile(r"[0-9]+")
_PHONES = re.compile(r"[0-9][0-9 .()-]{6,}[0-9]")


@dataclass
class Dates:
    """How many cells are dates of each kind. Of three numbers, `two_ways` are those of the Common Era that may be two days,
    `short_two_ways` those whose year has two digits, `others` those that may be months both. `plain` ones are clear to all."""

    cells: int = 0
    cells_past_12: int = 0
    serials: int = 0
    first_past_12: int = 0
    second_past_12: int = 0
    buddhist: int = 0
    common: int = 0
    short: int = 0
    two_ways: int = 0
    short_two_ways: int = 0
    two_way: str = ""
    short_one: str = ""
    others: int = 0
    plain: int = 0

    def add(self, cell: Cell) -> bool:
        """Whether it is a date."""
        kinds = _kinds(cell) if isinstance(cell, str) else _kinds_of_value(cell)
        for kind in kinds:
            setattr(self, kind, getattr(self, kind) + 1)
        if "short" in kinds:
            self.short_one = self.short_one or shown(cell)
        if "two_ways" in kinds or "short_two_ways" in kinds:
            self.two_way = self.two_way or shown(cell)
        return bool(kinds)

    def __add__(self, other: Dates) -> Dates:
        mine, others = vars(self), vars(other)
        # Of texts, which are examples, the first.
        return Dates(
            **{k: mine[k] or others[k] if isinstance(mine[k], str) else mine[k] + others[k] for k in mine}
        )


# Of which kinds a cell is, by the names in `Dates`; of none if it is no date.
Kinds = tuple[str, ...]


def _kinds_of_value(cell: Cell) -> Kinds:
    if isinstance(cell, date):
        return ("cells", "cells_past_12") if cell.day > MONTHS else ("cells",)
    return ("serials",) if _is_number(cell) and FIRST_SERIAL <= cell <= LAST_SERIAL else ()


# A day is that of many rows.
@lru_cache(4096)
def _kinds(text: str) -> Kinds:
    plain = fold(text)
    if (three := _THREE.match(plain)) is not None:
        return _kinds_of_three(int(three[1]), int(three[2]), three[3])
    if (named := _NAMED.match(plain)) is not None and month_called(named[2]) is not None:
        return ("plain",) if len(named[3]) == LONG_YEAR else ("short",)
    if _SERIAL.fullmatch(plain) is not None and FIRST_SERIAL <= float(plain) <= LAST_SERIAL:
        return ("serials",)
    return ("plain",) if _YEAR_FIRST.match(plain) is not None else ()


def _kinds_of_three(first: int, second: int, year: str) -> Kinds:
    kinds = ["first_past_12"] if first > MONTHS else []
    kinds += ["second_past_12"] if second > MONTHS else []
    kinds = kinds or ["others"]
    can_be_two = kinds == ["others"] and first != second
    if len(year) < LONG_YEAR:
        kinds += ["short", "short_two_ways"] if can_be_two else ["short"]
    elif int(year) >= BUDDHIST_FROM:
        kinds.append("buddhist")
    else:
        kinds += ["common", "two_ways"] if can_be_two else ["common"]
    return tuple(kinds)


@dataclass
class Ids:
    """Whether the numbers in a column name one row each. Of each eight bytes are kept."""

    seen: array[int] = field(default_factory=lambda: array("Q"))
    pairs: array[int] = field(default_factory=lambda: array("Q"))
    last: int | None = None
    steps: int = 0
    longest: int = 0

    def add(self, text: str, row: bytes) -> None:
        plain = _folded(text)
        self.seen.append(_digest(plain.encode()))
        self.pairs.append(_digest(plain.encode() + b"\0" + row))
        number = int(plain) if plain.isdecimal() and len(plain) < 12 else None
        starts = number == 1
        goes_on = number is not None and self.last is not None and number == self.last + 1
        self.steps += starts or goes_on
        self.longest = max(self.longest, len(plain))
        self.last = number

    @property
    def run(self) -> bool:
        """Whether they are nothing but running numbers."""
        return bool(self.seen) and self.steps == len(self.seen)

    @property
    def repeated(self) -> int:
        """How many rows have the number of another row that says something else."""
        return _different(self.pairs) - _different(self.seen)


@dataclass
class Column:
    """One column: how many of its cells say something, its words, how its dates are written.

    `words` are cells with their counts, the first ones; `is_whole` if they are all. `short_phones`, `several_phones` and
    `short_accounts` are cells of a telephone or an account that a spreadsheet has shortened, or that hold several.
    """

    head: str
    meaning: str | None
    filled: int = 0
    faulty: int = 0
    dates: Dates = field(default_factory=Dates)
    dated: int = 0
    short_phones: int = 0
    several_phones: int = 0
    short_accounts: int = 0
    is_whole: bool = True
    words: Counter[Cell] = field(default_factory=Counter)
    ids: Ids = field(default_factory=Ids)

    def add(self, cell: Cell, row: bytes) -> None:
        if not _says(cell):
            return
        self.filled += 1
        if isinstance(cell, str) and "#" in cell and FAULTY.fullmatch(cell.strip()):
            self.faulty += 1
            return
        if self.meaning == "external_id":
            self.ids.add(text_of(cell), row)
        elif self.meaning == "phone":
            self._add_phone(text_of(cell))
        elif self.meaning == "account":
            digits = "".join(_DIGITS.findall(_folded(text_of(cell))))
            self.short_accounts += 0 < len(digits) < 12
        is_new = cell not in self.words
        if not is_new or len(self.words) < MOST_WORDS:
            self.words[cell] += 1
        else:
            self.is_whole = False
        if self.meaning in DATES or self.dated * 10 >= (self.filled - 1) * MOST_OF_TEN:
            self.dated += self.dates.add(cell)

    def _add_phone(self, text: str) -> None:
        found = _PHONES.findall(_folded(text))
        self.several_phones += len(found) > 1
        digits = "".join(_DIGITS.findall(found[0])) if found else ""
        self.short_phones += len(digits) in (8, 9) and not digits.startswith("0")

    @property
    def holds_dates(self) -> bool:
        """Whether its cells are dates, whatever its head says."""
        found = self.dated - self.dates.serials
        return found > 0 and self.dated * 10 >= self.filled * MOST_OF_TEN

    def spellings(self) -> dict[str, tuple[str, int]]:
        """By its form each word, as it is written first, with how often it stands there; the most frequent first."""
        found: dict[str, tuple[str, int]] = {}
        for cell, times in self.words.items():
            text = shown(cell)
            word = form(text)
            before = found.get(word, (text, 0))
            found[word] = (before[0], before[1] + times)
        return dict(sorted(found.items(), key=lambda one: -one[1][1]))


def _says(cell: Cell) -> bool:
    """Whether anything stands in a cell."""
    return cell is not None and not (isinstance(cell, str) and (not cell or cell.isspace()))


def _folded(text: str) -> str:
    """What is nothing but ASCII, as numbers are, has its form already but for its capitals."""
    return text.lower() if text.isascii() else fold(text)


def _digest(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest())


def _different(numbers: array[int]) -> int:
    """How many there are, a sixteenth at a time: a set of all would take many times their memory."""
    return sum(len({one for one in numbers if one >> 60 == part}) for part in range(16))


@dataclass
class Sight:
    """What was seen of tables that have the same heads. `totals` counts rows that sum up, by head and by what they begin
    with, `real` those of complaints that begin so, too."""

    heads: Heads
    names: list[str | None]
    columns: list[Column]
    rows: int = 0
    repeated: int = 0
    totals: Counter[tuple[str, str]] = field(default_factory=Counter)
    real: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def begin(cls, name: str | None, heads: Heads) -> Sight:
        columns = [Column(text, meaning) for text, meaning in zip(heads.texts, heads.meanings, strict=True)]
        return cls(heads, [name], columns)

    @property
    def shape(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """What tables have in common that one map reads."""
        return self.heads.rows, tuple(sorted(filter(None, self.heads.texts)))

    def named(self, meaning: str) -> list[Column]:
        return [one for one in self.columns if one.head and one.meaning == meaning]

    def under(self, head: str) -> list[Column]:
        return [one for one in self.columns if one.head == head]

    def look(self, lines: Iterable[Line], texts: Sequence[str], progress: Callable[[int], None]) -> None:
        """Goes through the rows below the heads, which stand in this order in this table. `progress` is told how many."""
        by_head: dict[str, list[Column]] = {}
        for one in self.columns:
            by_head.setdefault(one.head, []).append(one)
        places = [by_head[text].pop(0) for text in texts]
        receipts = [at for at, one in enumerate(places) if one.meaning == "received_at"]
        running = [at for at, one in enumerate(places) if one.meaning == RUNNING]
        ids = any(one.meaning == "external_id" for one in places)
        last = self.heads.rows[-1]
        for line in lines:
            if line.number <= last:
                continue
            cells = line.cells
            filled = [at for at, cell in enumerate(cells) if _says(cell)]
            if not filled or self._is_no_complaint(cells, filled, places, receipts):
                continue
            self.rows += 1
            if self.rows % STEP == 0:
                progress(self.rows)
            said = b""
            if ids:
                said = repr([cell for at, cell in enumerate(cells) if at not in running]).encode()
            for column, cell in zip(places, cells, strict=False):
                column.add(cell, said)

    def _is_no_complaint(
        self, cells: Sequence[Cell], filled: Sequence[int], places: Sequence[Column], receipts: Sequence[int]
    ) -> bool:
        """Whether a row sums up, or says the heads once more."""
        first = shown(cells[filled[0]])
        if filled[0] < len(places) and first == places[filled[0]].head:
            again = sum(at < len(places) and shown(cells[at]) == places[at].head for at in filled)
            if again * 2 > len(filled):
                self.repeated += 1
                return True
        total = next((one for one in TOTALS if _folded(first).startswith(one)), None)
        if total is None or filled[0] >= len(places):
            return False
        found = (places[filled[0]].head, first[: len(total)])
        # Where no head names the day of receipt, any day does; figures may look like serial numbers of days.
        others = [one for one in cells if not receipts and not _is_number(one)]
        days = [cells[at] for at in receipts if at < len(cells)] or others
        is_real = any(Dates().add(one) for one in days)
        (self.real if is_real else self.totals)[found] += 1
        return not is_real


@dataclass(frozen=True)
class Seen:
    """What was seen of a file: the tables of one kind by which it has most rows first, the names of those without heads and
    of those that are hidden, and whether what it has are figures."""

    sights: tuple[Sight, ...]
    passed: tuple[str | None, ...] = ()
    hidden: tuple[str | None, ...] = ()
    only_counts: bool = False


def see(tables: Sequence[Table], progress: Callable[[int], None] = lambda _: None) -> Seen:
    """Goes through all rows of all tables once. `progress` is told how many now and then."""
    sights: dict[object, Sight] = {}
    passed: list[str | None] = []
    hidden: list[str | None] = []
    figures = 0
    seen_by_all = [one for one in tables if not one.is_hidden]
    for table in tables:
        if table.is_hidden and seen_by_all:
            hidden.append(table.name)
            continue
        top = list(islice(table.lines(), DEPTH + 1))
        heads = find(top, table.merged)
        if heads is None:
            if top:
                passed.append(table.name)
            figures += _is_figures(top)
            continue
        new = Sight.begin(table.name, heads)
        sight = sights.setdefault(new.shape, new)
        if sight is not new:
            sight.names.append(table.name)
        sight.look(table.lines(), heads.texts, progress)
    found = sorted(sights.values(), key=lambda one: -one.rows)
    return Seen(tuple(found), tuple(passed), tuple(hidden), only_counts=not found and figures > 0)


def _is_figures(lines: Sequence[Line]) -> bool:
    """Whether a table holds numbers with something to the left of them and above: so many of this in that month."""
    cells = [cell for line in lines[1:] for cell in line.cells[1:] if _says(cell)]
    numbers = sum(map(_is_figure, cells))
    return len(cells) >= 2 and numbers * 2 > len(cells)


def _is_number(cell: Cell) -> TypeGuard[int | float]:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_figure(cell: Cell) -> bool:
    return _is_number(cell) or (isinstance(cell, str) and _FIGURE.fullmatch(fold(cell)) is not None)
