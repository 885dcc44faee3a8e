"""What stands in the columns of a file's tables, gone through once: words with their counts, how dates and numbers are written.

However long a table is, no more is kept of it than the first so many words of each column.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
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
# No month has more days; above the months it is no month.
MONTHS = 12

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
    `short_two_ways` those whose year has two digits."""

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
    other: str = ""

    @property
    def read(self) -> int:
        return self.cells + self.first_past_12 + self.second_past_12 + self.others

    def add(self, cell: Cell) -> bool:
        """Whether it is a date."""
        if isinstance(cell, str):
            return self._add_text(cell)
        if isinstance(cell, date):
            self.cells += 1
            self.cells_past_12 += cell.day > MONTHS
            return True
        is_serial = _is_number(cell) and FIRST_SERIAL <= cell <= LAST_SERIAL
        self.serials += is_serial
        return is_serial

    def _add_text(self, cell: str) -> bool:
        plain = fold(cell)
        if (three := _THREE.match(plain)) is not None:
            self._add_three(cell, int(three[1]), int(three[2]), three[3])
            return True
        if (named := _NAMED.match(plain)) is not None and month_called(named[2]) is not None:
            if len(named[3]) < 4:
                self.short += 1
                self.short_one = self.short_one or shown(cell)
            return True
        is_serial = _SERIAL.fullmatch(plain) is not None and FIRST_SERIAL <= float(plain) <= LAST_SERIAL
        self.serials += is_serial
        return is_serial or _YEAR_FIRST.match(plain) is not None

    def _add_three(self, cell: str, first: int, second: int, year: str) -> None:
        self.first_past_12 += first > MONTHS
        self.second_past_12 += second > MONTHS
        can_be_two = first <= MONTHS and second <= MONTHS and first != second
        self.others += first <= MONTHS and second <= MONTHS
        if len(year) < 4:
            self.short += 1
            self.short_two_ways += can_be_two
            self.short_one = self.short_one or shown(cell)
        elif int(year) >= BUDDHIST_FROM:
            self.buddhist += 1
            return
        else:
            self.common += 1
            self.two_ways += can_be_two
        if can_be_two:
            self.two_way = self.two_way or shown(cell)

    def __add__(self, other: Dates) -> Dates:
        mine, others = vars(self), vars(other)
        # Of texts, which are examples, the first.
        return Dates(
            **{k: mine[k] or others[k] if isinstance(mine[k], str) else mine[k] + others[k] for k in mine}
        )


@dataclass
class Ids:
    """Whether the numbers in a column name one row each. Of each eight bytes are kept."""

    seen: array[int] = field(default_factory=lambda: array("Q"))
    pairs: array[int] = field(default_factory=lambda: array("Q"))
    last: int | None = None
    steps: int = 0
    longest: int = 0

    def add(self, text: str, row: bytes) -> None:
        plain = fold(text)
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
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return
        self.filled += 1
        if isinstance(cell, str) and FAULTY.fullmatch(cell.strip()):
            self.faulty += 1
            return
        if self.meaning == "external_id":
            self.ids.add(text_of(cell), row)
        elif self.meaning == "phone":
            self._add_phone(text_of(cell))
        elif self.meaning == "account":
            digits = "".join(_DIGITS.findall(fold(text_of(cell))))
            self.short_accounts += 0 < len(digits) < 12
        is_new = cell not in self.words
        if not is_new or len(self.words) < MOST_WORDS:
            self.words[cell] += 1
        else:
            self.is_whole = False
        if self.meaning in DATES or self.dated * 10 >= (self.filled - 1) * MOST_OF_TEN:
            self.dated += self.dates.add(cell)

    def _add_phone(self, text: str) -> None:
        found = _PHONES.findall(fold(text))
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

    def look(self, lines: Iterable[Line], texts: Sequence[str]) -> None:
        """Goes through the rows below the heads, which stand in this order in this table."""
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
            filled = [at for at, cell in enumerate(cells) if cell is not None and shown(cell)]
            if not filled or self._is_no_complaint(cells, filled, places, receipts):
                continue
            self.rows += 1
            said = b""
            if ids:
                said = "\0".join(shown(cell) for at, cell in enumerate(cells) if at not in running).encode()
            for column, cell in zip(places, cells, strict=False):
                column.add(cell, said)

    def _is_no_complaint(
        self, cells: Sequence[Cell], filled: Sequence[int], places: Sequence[Column], receipts: Sequence[int]
    ) -> bool:
        """Whether a row sums up, or says the heads once more."""
        again = sum(at < len(places) and shown(cells[at]) == places[at].head for at in filled)
        if again * 2 > len(filled):
            self.repeated += 1
            return True
        first = shown(cells[filled[0]])
        total = next((one for one in TOTALS if fold(first).startswith(one)), None)
        if total is None or filled[0] >= len(places):
            return False
        found = (places[filled[0]].head, first[: len(total)])
        is_real = not receipts or any(Dates().add(cells[at]) for at in receipts if at < len(cells))
        (self.real if is_real else self.totals)[found] += 1
        return not is_real


@dataclass(frozen=True)
class Seen:
    """What was seen of a file: the tables of one kind by which it has most rows first, the names of those without heads, and
    whether what it has are figures."""

    sights: tuple[Sight, ...]
    passed: tuple[str | None, ...] = ()
    only_counts: bool = False


def see(tables: Sequence[Table]) -> Seen:
    """Goes through all rows of all tables once."""
    sights: dict[object, Sight] = {}
    passed: list[str | None] = []
    figures = 0
    seen_by_all = [one for one in tables if not one.is_hidden]
    for table in tables:
        if table.is_hidden and seen_by_all:
            passed.append(table.name)
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
        sight.look(table.lines(), heads.texts)
    found = sorted(sights.values(), key=lambda one: -one.rows)
    return Seen(tuple(found), tuple(passed), only_counts=not found and figures > 0)


def _is_figures(lines: Sequence[Line]) -> bool:
    """Whether a table holds numbers with something to the left of them and above: so many of this in that month."""
    cells = [cell for line in lines[1:] for cell in line.cells[1:] if cell is not None and shown(cell)]
    numbers = sum(map(_is_figure, cells))
    return len(cells) >= 2 and numbers * 2 > len(cells)


def _is_number(cell: Cell) -> TypeGuard[int | float]:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_figure(cell: Cell) -> bool:
    return _is_number(cell) or (isinstance(cell, str) and _FIGURE.fullmatch(fold(cell)) is not None)
