"""Workbooks in the words of an office: one table from A1, its heads and keys in words, with pick lists; and one to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from complaint_sla.core.complaints import Status
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.sheets import offered
from complaint_sla.core.sheets.words import TERMS
from complaint_sla.core.terms import said
from complaint_sla.core.titles import Title
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.rows import COLUMNS, REQUIRED
from complaint_sla.work.sheets.writing import MOST_ROWS, Book, Page, Pen, new_book

_MOMENTS = ("received_at", "due_at", "closed_at", "breached_at", "acknowledged_at", "responded_at")
_WIDTHS = {
    "subject": 40,
    "detail": 40,
    "outcome": 30,
    "group": 34,
    "category": 28,
    "channel": 24,
    "customer": 24,
}
_WIDTH = 18
_NUMBERS = ("days", "generation")
_LOOK = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
# Days and moments as an office reads them; the cell holds the day itself.
_DAY = {"th": "[$-107041E]d mmm yyyy", "en": "d mmm yyyy"}
_MOMENT = {"th": "[$-107041E]d mmm yyyy hh:mm", "en": "d mmm yyyy hh:mm"}
# Of both examples, how many days ago.
_EXAMPLE_DAYS = {"received_at": (9, 2), "closed_at": (5, None)}


class Lexicon:
    """The words for keys, in one language: titles of the rule books, but where one could be two keys."""

    def __init__(self, shelf: Shelf, language: str) -> None:
        self.language = language
        self._titles: dict[str, dict[str, str]] = {}
        for kind in TERMS:
            terms = [term for book in shelf.books for term in book.terms(kind)]
            keys: dict[str, set[str]] = {}
            for term in terms:
                for title in (term.title.th, term.title.en):
                    keys.setdefault(said(title), set()).add(term.key)
            of_kind = {term.key: term.title.of(language) for term in terms}
            self._titles[kind] = {key: title for key, title in of_kind.items() if keys[said(title)] == {key}}
        self.lists: dict[str, list[str]] = {
            kind: [self.word(kind, term.key) for term in shelf.latest.terms(kind)] for kind in TERMS
        }
        self.lists["urgent"] = [one.of(language) for one in offered.YES_NO.values()]
        self.lists["status"] = [one.of(language) for one in offered.STATUS.values()]

    def word(self, column: str, value: Any) -> Any:
        """A value in words, where it has any."""
        if isinstance(value, bool):
            return offered.YES_NO[value].of(self.language)
        if column == "status":
            return offered.STATUS[value].of(self.language)
        return self._titles.get(column, {}).get(value, value)

    def head(self, column: str) -> str:
        return offered.HEADS[column].of(self.language)


@contextmanager
def new_export(path: Path, shelf: Shelf, language: str) -> Iterator[Pen]:
    """Writes complaints in the order of COLUMNS, days and moments being local and without a zone. Raises as `new_book`, and
    BadValue: `sheet-full`, `cell-full`."""
    words = Lexicon(shelf, language)
    with new_book(path) as book:
        table = _Table(book, words, COLUMNS)
        yield lambda values: table.write(
            [words.word(column, value) for column, value in zip(COLUMNS, values, strict=True)]
        )
        table.end()


def template(desk: Desk, path: Path, language: str) -> None:
    """Writes an empty table, with pick lists of the book in force, and a guide beside it with two examples. The guide stands
    on its side: no import takes it for a table. Raises as `new_book`."""
    words = Lexicon(desk.shelf, language)
    with new_book(path) as book:
        _Table(book, words, tuple(offered.HINTS)).end(rows=MOST_ROWS - 1)
        _guide(book, words, desk.today)


class _Table:
    """One table from A1: its head stays in sight and can be filtered by, and cells are of the kind of their column."""

    def __init__(self, book: Book, words: Lexicon, columns: Sequence[str]) -> None:
        self._book, self._words, self._columns = book, words, columns
        self._page: Page = book.page(offered.TABLE.of(words.language))
        sheet = self._page.sheet
        for at, column in enumerate(columns):
            sheet.set_column(at, at, _WIDTHS.get(column, _WIDTH), book.format(_shown(column, words.language)))
        sheet.freeze_panes(1, 0)
        needed, other = book.look({**_LOOK, "bg_color": "#E6DCEB"}), book.look(_LOOK)
        self._page.write(
            [words.head(column) for column in columns],
            [needed if column in REQUIRED else other for column in columns],
        )
        self._looks = [book.format(_shown(column, words.language)) for column in columns]

    def write(self, values: Sequence[object]) -> None:
        self._page.write(values, self._looks)

    def end(self, rows: int | None = None) -> None:
        """After the last row; pick lists reach over so many rows."""
        sheet, last = self._page.sheet, max(self._page.row - 1, 1)
        sheet.autofilter(0, 0, last, len(self._columns) - 1)
        lists = self._book.page(offered.LISTS.of(self._words.language))
        lists.sheet.hide()
        longest = max(map(len, self._words.lists.values()))
        kinds = [kind for kind in self._words.lists if kind in self._columns]
        for row in range(longest):
            lists.write([next(iter(self._words.lists[kind][row : row + 1]), None) for kind in kinds])
        for number, kind in enumerate(kinds):
            letter = chr(ord("A") + number)
            source = f"='{lists.sheet.get_name()}'!${letter}$1:${letter}${len(self._words.lists[kind])}"
            at = self._columns.index(kind)
            sheet.data_validation(
                1,
                at,
                rows or last,
                at,
                {
                    "validate": "list",
                    "source": source,
                    "error_message": offered.CHOOSE.of(self._words.language),
                },
            )


def _shown(column: str, language: str) -> str:
    if column in _MOMENTS:
        return _MOMENT[language]
    if column == "due_on":
        return _DAY[language]
    return "0" if column in _NUMBERS else "@"


def _guide(book: Book, words: Lexicon, today: date) -> None:
    page, language = book.page(offered.GUIDE.of(words.language)), words.language
    bold = book.look({"bold": True, "valign": "top"})
    page.sheet.set_column(0, 3, 34, book.look({"text_wrap": True, "valign": "top"}))
    heads = (offered.COLUMN, offered.WHAT, offered.FIRST, offered.SECOND)
    page.write([one.of(language) for one in heads], [bold] * len(heads))
    for column, hint in offered.HINTS.items():
        examples = [_example(words, column, at, today) for at in (0, 1)]
        page.write(
            [words.head(column), hint.of(language), *examples],
            [
                bold,
                book.look({"text_wrap": True, "valign": "top"}),
                *[book.format(_shown(column, language))] * 2,
            ],
        )


def _example(words: Lexicon, column: str, at: int, today: date) -> object:
    if column in _EXAMPLE_DAYS:
        back = _EXAMPLE_DAYS[column][at]
        return None if back is None else datetime.combine(today, time(9, 30)) - timedelta(days=back)
    if column in words.lists and column not in ("urgent", "status"):
        return words.lists[column][-1 if at else 0]
    if column == "urgent":
        return words.word(column, at == 0)
    if column == "status":
        return words.word(column, Status.OPEN if at else Status.CLOSED)
    found: Title | None = offered.EXAMPLES.get(column, (None, None))[at]
    return found.of(words.language) if found is not None else None
