"""Reads the tables of a rule book key by key, and collects faults instead of stopping at the first.

It knows TOML's kinds of values and what a key, a day or a title looks like, but nothing of rules and stages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeVar

from complaint_sla.core.calendars import parse_day
from complaint_sla.core.errors import BadValue, Fault
from complaint_sla.core.nearest import nearest
from complaint_sla.core.titles import Title

# A book is read aloud by a person: beyond these sizes something is wrong, and proofs would take long.
MOST_TEXT = 512_000
# A key of thousands of parts, a.a.a.a, takes the square of their number to read; and a key ends with its line.
MOST_DOTS = 100
MOST_ENTRIES = 500
MOST_DAYS = 3_650

# As Python counts them: Monday is 0.
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")

# Control characters and the separators of lines and paragraphs: titles stand in headings, lists and letters.
_NOT_PRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Table = dict[str, Any]
Kind = TypeVar("Kind")
Default = TypeVar("Default")


@dataclass
class TableReader:
    """Takes values out of tables; what is missing or wrong becomes a fault of `file`."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    # The keys that were looked for, by place.
    wanted: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, place: str, key: str, **values: object) -> None:
        self.faults.append(Fault(self.file, place, key, tuple(values.items())))

    def required(self, table: Table, place: str, name: str, kind: type[Kind]) -> Kind | None:
        """The value under a name, taken out of the table; None, with a fault, if it is missing or wrong."""
        self.wanted.setdefault(place, []).append(name)
        if name not in table:
            self.fault(within(place, name), "fault-missing")
            return None
        return self.optional(table, place, name, kind, None)

    def optional(
        self, table: Table, place: str, name: str, kind: type[Kind], default: Default
    ) -> Kind | Default:
        """The value under a name, taken out of the table; the default if missing or, with a fault, wrong."""
        self.wanted.setdefault(place, []).append(name)
        if name not in table:
            return default
        value = table.pop(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(within(place, name), "fault-type", value=short(value), wanted=kind.__name__)
            return default
        return value

    def tables(self, table: Table, name: str, place: str = "") -> list[tuple[str, Table]]:
        """The tables of an array, at least one, each with its place: rule[1] and so on."""
        value = self.required(table, place, name, list)
        if value is None:
            return []
        where = within(place, name)
        if not value:
            self.fault(where, "fault-empty")
        if len(value) > MOST_ENTRIES:
            self.fault(where, "fault-too-many", most=MOST_ENTRIES)
            return []
        result = []
        for number, entry in enumerate(value, 1):
            numbered = f"{where}[{number}]"
            if isinstance(entry, dict):
                result.append((numbered, dict(entry)))
            else:
                self.fault(numbered, "fault-type", value=short(entry), wanted="table")
        return result

    def key(self, table: Table, place: str, name: str = "key") -> str:
        value = self.required(table, place, name, str)
        if value is not None and not KEY.fullmatch(value):
            self.fault(within(place, name), "fault-key", value=short(value))
        return value or ""

    def title(self, table: Table, place: str) -> Title:
        return Title(*(self.line(table, place, language) for language in ("th", "en")))

    def line(self, table: Table, place: str, name: str) -> str:
        """A text that can be printed in one line; empty, with a fault, if it is missing or none."""
        value = self.required(table, place, name, str)
        if value is not None and not value.strip():
            self.fault(within(place, name), "fault-empty")
        elif value is not None and _NOT_PRINTED.search(value):
            self.fault(within(place, name), "fault-not-text")
        return value or ""

    def texts(self, table: Table, place: str, name: str) -> tuple[str, ...] | None:
        """A list of texts, each once, which may be empty; None where nothing of that name is there."""
        if name not in table:
            self.wanted.setdefault(place, []).append(name)
            return None
        where = within(place, name)
        listed = self.optional(table, place, name, list, [])
        if len(listed) > MOST_ENTRIES:
            self.fault(where, "fault-too-many", most=MOST_ENTRIES)
            return ()
        texts = []
        for number, text in enumerate(listed, 1):
            numbered = f"{where}[{number}]"
            if not isinstance(text, str):
                self.fault(numbered, "fault-type", value=short(text), wanted="str")
            elif not text.strip():
                self.fault(numbered, "fault-empty")
            elif _NOT_PRINTED.search(text):
                self.fault(numbered, "fault-not-text")
            elif text in texts:
                self.fault(numbered, "fault-twice", value=short(text))
            else:
                texts.append(text)
        return tuple(texts)

    def whole_title(self, table: Table, place: str) -> Title:
        """A title in a table of its own."""
        title = self.title(table, place)
        self.nothing_left(table, place)
        return title

    def title_of(self, table: Table, place: str, name: str) -> Title:
        """The title under a name; empty, with a fault, if it is missing or wrong."""
        part = self.required(table, place, name, dict)
        return Title("", "") if part is None else self.whole_title(part, within(place, name))

    def day(self, value: object, place: str) -> date | None:
        """The day that a value of the table means, in either era."""
        if isinstance(value, str):
            try:
                return parse_day(value)
            except BadValue:
                pass
        self.fault(place, "fault-day", value=short(value))
        return None

    def clock(self, table: Table, place: str, name: str, default: str) -> time:
        """A local time of day, written 08:00; the default if it is missing or, with a fault, wrong."""
        text = self.optional(table, place, name, str, default)
        match = _CLOCK.fullmatch(text)
        if match is None:
            self.fault(within(place, name), "fault-clock", value=short(text))
            return time.fromisoformat(default)
        return time(int(match[1]), int(match[2]))

    def weekdays(self, table: Table, place: str, name: str, default: tuple[str, ...]) -> frozenset[int]:
        """Days of the week, Monday 0, from a list of their English names; empty for an empty list."""
        listed = self.optional(table, place, name, list, list(default))
        names = self.keys(listed, within(place, name), DAY_NAMES) if listed else None
        return frozenset(DAY_NAMES.index(name) for name in names or ())

    def number(self, table: Table, place: str, name: str, least: int) -> int | None:
        value = self.required(table, place, name, int)
        return None if value is None else self._within_bounds(value, within(place, name), least, None)

    def optional_number(
        self, table: Table, place: str, name: str, least: int, default: Default
    ) -> int | Default:
        """A number from `least` up; the default if it is missing or, with a fault, wrong."""
        if name not in table:
            self.wanted.setdefault(place, []).append(name)
            return default
        value = self.optional(table, place, name, int, None)
        return default if value is None else self._within_bounds(value, within(place, name), least, default)

    def _within_bounds(self, value: int, where: str, least: int, default: Default) -> int | Default:
        if least <= value <= MOST_DAYS:
            return value
        self.fault(where, "fault-number", value=short(value), least=least, most=MOST_DAYS)
        return default

    def choice(self, table: Table, place: str, name: str, choices: tuple[str, ...]) -> str:
        """One of some words, the first of which is the default."""
        value = self.optional(table, place, name, str, choices[0])
        if value not in choices:
            self.fault(within(place, name), "fault-choice", value=short(value), known=list(choices))
            return choices[0]
        return value

    def keys(self, value: object, place: str, known: Iterable[str]) -> frozenset[str] | None:
        """One key or a list of keys, each of which must be known; None, with faults, if one is not."""
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(key, str) for key in listed):
            self.fault(place, "fault-type", value=short(value), wanted="key or list of keys")
            return None
        known = list(known)
        strangers = [key for key in listed if key not in known]
        for key in strangers:
            self.fault(place, "fault-choice", value=short(key), known=known)
        return None if strangers else frozenset(listed)

    def nothing_left(self, table: Table, place: str) -> None:
        """A key that nothing has asked for is a fault: it would be believed to do something."""
        for name in table:
            near = nearest(name, self.wanted.get(place, ()))
            self.fault(within(place, short(name)), "fault-unknown-key", near=tuple(near))

    def unique(self, entries: Iterable[tuple[str, str]]) -> None:
        """Of (place, key) pairs, no key twice."""
        seen: set[str] = set()
        for place, key in entries:
            if key and key in seen:
                self.fault(f"{place}.key", "fault-twice", value=key)
            seen.add(key)


def opened(text: str, file: str) -> tuple[TableReader, Table]:
    """A reader for the text of a file, and its outermost table; with a fault, and empty, if it is no TOML."""
    reader = TableReader(file)
    if len(text) > MOST_TEXT:
        reader.fault("", "fault-too-long", most=MOST_TEXT)
        return reader, {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            reader.fault(f"line {number}", "fault-dots", most=MOST_DOTS)
    if reader.faults:
        return reader, {}
    try:
        return reader, tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        # ValueError, of which TOML's own is a kind, is also what a number of thousands of digits raises.
        reader.fault("", "fault-toml", problem=short(problem, 200))
        return reader, {}


def within(place: str, name: str) -> str:
    """The place of a key in a table; the book itself has none."""
    return f"{place}.{name}" if place else name


def short(value: object, most: int = 60) -> str:
    """A value as a fault shows it, in at most so many characters."""
    try:
        text = str(value)
    except (ValueError, RecursionError):
        # A number of thousands of digits, tables nested thousandfold: nothing that a person wrote.
        return "..."
    return text if len(text) <= most else text[: most - 3] + "..."
