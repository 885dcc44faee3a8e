"""Rows by our own columns, mended: what a spreadsheet or an office has made of a value is undone where it can mean one thing.

What could be read before is left as it is: it would be another complaint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import parse_moment
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.sheets import cells as moments
from complaint_sla.core.sheets import kept
from complaint_sla.core.sheets.kept import Kept, Mended
from complaint_sla.core.sheets.map import Repair
from complaint_sla.core.sheets.words import DATES, TERMS, Known, form
from complaint_sla.core.terms import said
from complaint_sla.work.complaints.filing import FORMS
from complaint_sla.work.sheets.formats import Row

# Cells of a row by our columns.
Cells = Mapping[str, str]
_KEPT = ("phone", "account", "email", "customer")


class Mender:
    """Mends the rows of one sheet. `heads` are what its columns are called there, where that is not as here; `default` holds
    for all rows that say nothing."""

    def __init__(
        self,
        shelf: Shelf,
        zone: ZoneInfo,
        repair: Repair = kept.ALL,
        *,
        most_zeros: int = 1,
        heads: Mapping[str, str] | None = None,
        default: Mapping[str, str] | None = None,
    ) -> None:
        self._zone = zone
        self._repair = repair
        self._most_zeros = most_zeros
        self._heads = heads or {}
        self.default = default or {}
        self._keys, self._titles = _terms(shelf)
        known = Known(shelf)
        self._words = {name: known.keys(name) for name in ("status", "urgent")}
        self.count: Counter[str] = Counter()

    def look(self, look: Callable[[Row], None], *, in_full: bool) -> Callable[[Row], None]:
        """Shows mended rows; if not `in_full`, those with an id as they are."""

        def shown(row: Row) -> None:
            look(self.mended(row) if in_full or "external_id" not in row.cells else row)

        return shown

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows mended; what was mended in them is counted anew."""
        self.count.clear()
        for row in rows:
            mended = self.mended(row)
            if mended.fault is None:
                self.count.update(mended.mended)
            yield mended

    def mended(self, row: Row) -> Row:
        """A row that can't be mended has the fault, and its cells as they are."""
        if row.fault is not None:
            return row
        try:
            cells, what = self.cells(self.filled(row.cells))
        except Error as problem:
            return replace(row, fault=problem.with_traceback(None))
        return row if cells is row.cells else replace(row, cells=cells, mended=(*row.mended, *what))

    def cells(self, cells: Cells) -> tuple[Cells, list[Mended]]:
        """Raises BadValue: `digits-lost`, `title-of-several`, and as `parse_moment` does."""
        changed: dict[str, str | None] = {}
        mended: list[Mended] = []
        for name in TERMS:
            if name in cells:
                changed[name] = self._key(name, cells[name])
        for name in DATES:
            if name in cells:
                changed[name] = self._moment(cells[name], mended)
        for name, words in self._words.items():
            if name in cells:
                changed[name] = _word(name, words, cells[name])
        if "external_id" in cells:
            changed["external_id"] = _whole_id(cells["external_id"])
        changed |= self._customer(cells, mended)
        if all(cells.get(name) == value for name, value in changed.items()):
            return cells, mended
        both = {**cells, **changed}
        return {name: value for name, value in both.items() if value is not None}, mended

    def filled(self, cells: Cells) -> Cells:
        """With what holds for all rows that say nothing: an outcome only for what has ended."""
        missing = {name: value for name, value in self.default.items() if name not in cells}
        if not missing:
            return cells
        status = self.status(cells.get("status", missing.get("status", "")))
        has_ended = "closed_at" in cells if not status else status != Status.OPEN
        if not has_ended:
            missing.pop("outcome", None)
        return {**cells, **missing}

    def _customer(self, cells: Cells, mended: list[Mended]) -> dict[str, str | None]:
        """What is only kept, and the detail with what could not be."""
        changed: dict[str, str | None] = {}
        rest = []
        for name in _KEPT:
            if name in cells and (found := self._kept(name, cells[name])) is not None:
                changed[name] = found.value
                mended += found.mended
                if found.rest:
                    rest.append(f"{self._heads.get(name, name)}: {cells[name].strip()}")
        if rest:
            changed["detail"] = "\n".join([*filter(None, [cells.get("detail")]), *rest])
        return changed

    def status(self, text: str) -> str:
        """The status that a word means; the word where it means none."""
        return _word("status", self._words["status"], text)

    def _key(self, kind: str, text: str) -> str:
        """The key of a title in either language; what is none is left to whoever looks for it in its book."""
        plain = text.strip()
        if plain in self._keys[kind]:
            return text
        typed = said(plain)
        if typed in self._keys[kind]:
            return typed
        found = self._titles[kind].get(typed, ())
        if len(found) > 1:
            raise BadValue("title-of-several", value=text, known=list(found))
        return found[0] if found else text

    def _moment(self, text: str, mended: list[Mended]) -> str:
        try:
            parse_moment(text, self._zone)
        except BadValue as problem:
            with suppress(BadValue):
                found = moments.moment(text)
                if moments.is_serial(text):
                    mended.append(Mended.SERIALS)
                return found
            raise problem from None
        return text

    def _kept(self, name: str, text: str) -> Kept | None:
        """None where it can be read as it is."""
        try:
            FORMS[name](text)
        except BadValue as problem:
            match name:
                case "phone":
                    return kept.phone(text, self._repair)
                case "account":
                    return kept.account(text, self._repair, self._most_zeros)
                case "email":
                    return kept.email(text)
            # What no text can be is refused as before.
            return Kept(rest=True, mended=(Mended.TO_DETAIL,)) if problem.key == "too-long" else None
        return None


def _terms(
    shelf: Shelf,
) -> tuple[dict[str, frozenset[str]], dict[str, dict[str, tuple[str, ...]]]]:
    """By kind the keys of all books, and by title the keys that it has in them."""
    keys: dict[str, frozenset[str]] = {}
    titles: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind in TERMS:
        terms = [term for book in shelf.books for term in book.terms(kind)]
        keys[kind] = frozenset(term.key for term in terms)
        found: dict[str, dict[str, None]] = {}
        for term in terms:
            for title in (term.title.th, term.title.en):
                found.setdefault(said(title), {})[term.key] = None
        titles[kind] = {title: tuple(of) for title, of in found.items()}
    return keys, titles


def _word(name: str, words: Mapping[str, str], text: str) -> str:
    """A word of either language for a status, or for yes and no."""
    if name == "status" and text.strip().lower() in set(Status):
        return text
    return words.get(form(text), text)


def _whole_id(text: str) -> str:
    """Raises BadValue (`digits-lost`): what is left of the number may be that of many complaints."""
    if "+" in text:
        kept.require_digits("external_id", text)
    return text
