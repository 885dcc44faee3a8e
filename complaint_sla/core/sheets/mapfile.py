"""The text of a sheet's map made a `SheetMap`: *every* fault in it, each with place and cure. It is written by `mapwriting`.

The format is explained in the README.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import TypeVar

from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import MapFaults
from complaint_sla.core.sheets.map import (
    COLUMNS,
    JOINED,
    REQUIRED,
    Dates,
    Encoding,
    Era,
    Order,
    Place,
    Repair,
    Several,
    SheetMap,
)
from complaint_sla.core.sheets.words import CHOSEN, DATES, NO, YES, form
from complaint_sla.core.tomlreader import Table, TableReader, opened, short, within

FORMAT = 1
ALL = "*"
SEPARATORS = (",", ";", "\t", "|")
# Nobody's title is so long that its heads stand further down.
LAST_HEAD = 1000
# What may hold for all rows that say nothing.
DEFAULTS = (*CHOSEN, "subject", "outcome")

# Stands for an order that nobody has told: a map with it is not read.
UNKNOWN = "?"

Word = TypeVar("Word", bound=StrEnum)
# The keys that there are, by column; what is not there is not looked at.
Keys = Mapping[str, Sequence[str]]
# What the program itself knows of.
OWN_KEYS: Keys = {"status": tuple(Status), "urgent": (YES, NO)}

_SECTIONS = ("sheet", "dates", "columns", "values", "default", "repair")
_PLACE = tuple(one.name for one in fields(Place))


def read_map(text: str, file: str, keys: Keys = OWN_KEYS, said: Collection[str] = ()) -> SheetMap:
    """The map in `text`. `file` is only named in faults; columns that are `said` beside it may be missing.

    Raises MapFaults with all that is wrong.
    """
    reader, table = opened(text, file)
    found = None if reader.faults else _Reading(reader, {**OWN_KEYS, **keys}, said).map(table)
    if found is None or reader.faults:
        raise MapFaults(tuple(reader.faults))
    return found


class _Reading:
    """One map, section by section."""

    def __init__(self, reader: TableReader, keys: Keys, said: Collection[str]) -> None:
        self._reader = reader
        self._said = said
        self._keys = keys
        # Whose each head is.
        self._heads: dict[str, str] = {}

    def map(self, table: Table) -> SheetMap | None:
        reader = self._reader
        version = reader.required(table, "", "format", int)
        if version is not None and version != FORMAT:
            # What another format means nobody knows here: its other faults would be none.
            reader.fault("format", "fault-format", value=short(version), known=FORMAT)
            return None
        parts = {name: dict(reader.optional(table, "", name, dict, {})) for name in _SECTIONS}
        reader.nothing_left(table, "")
        sheet = parts["sheet"]
        encoding = self._word(sheet, "sheet", "encoding", Encoding)
        separator = self._separator(sheet)
        sheets = self._sheets(sheet)
        heads = self._rows(sheet)
        skip = self._texts(dict(reader.optional(sheet, "sheet", "skip", dict, {})), "sheet.skip")
        reader.nothing_left(sheet, "sheet")
        dates = self._dates(parts["dates"])
        leave_out = reader.texts(parts["columns"], "columns", "leave_out") or ()
        columns = self._columns(parts["columns"])
        for number, head in enumerate(leave_out, 1):
            self._claim(head, "leave_out", f"columns.leave_out[{number}]")
        values = self._values(parts["values"], columns)
        default = self._default(parts["default"], columns)
        repair = self._repair(parts["repair"])
        for name in REQUIRED:
            if name in (*columns, *default, *parts["columns"], *self._said):
                continue
            if name in DEFAULTS:
                reader.fault(f"columns.{name}", "fault-nowhere")
            else:
                reader.fault(f"columns.{name}", "fault-no-receipt")
        return SheetMap(
            columns=columns,
            leave_out=leave_out,
            encoding=encoding,
            separator=separator,
            sheets=sheets,
            heads=heads,
            skip=skip,
            dates=dates,
            values=values,
            default=default,
            repair=repair,
        )

    # The sheet.

    def _word(self, table: Table, place: str, name: str, kind: type[Word]) -> Word | None:
        value = self._reader.optional(table, place, name, str, None)
        if value is None:
            return None
        if value not in tuple(kind):
            self._reader.fault(within(place, name), "fault-choice", value=short(value), known=list(kind))
            return None
        return kind(value)

    def _separator(self, sheet: Table) -> str | None:
        value = self._reader.optional(sheet, "sheet", "separator", str, None)
        if value is not None and value not in SEPARATORS:
            self._reader.fault("sheet.separator", "fault-separator", value=short(value))
            return None
        return value

    def _sheets(self, sheet: Table) -> tuple[str, ...] | None:
        if sheet.get("sheets", ALL) == ALL:
            self._reader.optional(sheet, "sheet", "sheets", str, None)
            return None
        if isinstance(sheet["sheets"], str):
            sheet["sheets"] = [sheet["sheets"]]
        names = self._reader.texts(sheet, "sheet", "sheets")
        if names == () and sheet.get("sheets") is None and not self._reader.faults:
            self._reader.fault("sheet.sheets", "fault-empty")
        return names

    def _rows(self, sheet: Table) -> tuple[int, ...]:
        """The numbers of one row, or of two below each other."""
        self._reader.wanted.setdefault("sheet", []).append("heads")
        value = sheet.pop("heads", [1])
        listed = value if isinstance(value, list) else [value]
        if all(isinstance(one, int) and not isinstance(one, bool) for one in listed) and listed:
            first, last = listed[0], listed[-1]
            follow = listed == list(range(first, last + 1))
            if follow and len(listed) < 3 and first >= 1 and last <= LAST_HEAD:
                return tuple(listed)
        self._reader.fault("sheet.heads", "fault-heads", value=short(value))
        return (1,)

    def _texts(self, table: Table, place: str) -> dict[str, str]:
        """A table of texts by texts."""
        result = {}
        for name, value in table.items():
            if not isinstance(value, str):
                where = within(place, short(name))
                self._reader.fault(where, "fault-type", value=short(value), wanted="str")
            elif not name.strip() or not value.strip():
                self._reader.fault(within(place, short(name)), "fault-empty")
            else:
                result[name] = value
        return result

    def _dates(self, dates: Table) -> Dates:
        order = self._word(dates, "dates", "order", Order)
        era = self._word(dates, "dates", "era", Era)
        two_digits = self._word(dates, "dates", "two_digits", Era)
        if two_digits is Era.BY_SIZE:
            known = [Era.BUDDHIST, Era.COMMON]
            self._reader.fault("dates.two_digits", "fault-choice", value=two_digits, known=known)
        swapped = self._reader.optional(dates, "dates", "swapped", bool, False)
        self._reader.nothing_left(dates, "dates")
        return Dates(order or Order.DAY_FIRST, era or Era.BY_SIZE, two_digits, swapped)

    # Columns.

    def _columns(self, table: Table) -> dict[str, Place]:
        """Those of `table` that can be read; each that is there stays in it, faulty or not."""
        self._reader.wanted.setdefault("columns", []).extend(COLUMNS)
        result = {}
        for name, value in table.items():
            if name in COLUMNS and (place := self._place(name, value)) is not None:
                result[name] = place
        self._reader.nothing_left({name: None for name in table if name not in COLUMNS}, "columns")
        return result

    def _place(self, name: str, value: object) -> Place | None:
        place = f"columns.{name}"
        part: Table = dict(value) if isinstance(value, dict) else {"head": value}
        heads = self._listed(part, place, is_table=isinstance(value, dict))
        time = self._reader.optional(part, place, "time", str, None)
        self._reader.nothing_left(part, place)
        for head in heads:
            self._claim(head, name, place)
        if time is not None:
            if name not in DATES:
                self._reader.fault(f"{place}.time", "fault-no-time", known=list(DATES))
            elif not time.strip():
                self._reader.fault(f"{place}.time", "fault-empty")
            else:
                self._claim(time, name, f"{place}.time")
        if len(heads) > 1 and name not in JOINED:
            self._reader.fault(place, "fault-one-head", value=short(", ".join(heads)), known=list(JOINED))
        return Place(heads, time) if heads else None

    def _listed(self, part: Table, place: str, *, is_table: bool) -> tuple[str, ...]:
        where = within(place, "head") if is_table else place
        self._reader.wanted.setdefault(place, []).append("head")
        if "head" not in part:
            self._reader.fault(where, "fault-missing")
            return ()
        value = part.pop("head")
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in listed):
            self._reader.fault(where, "fault-type", value=short(value), wanted="head or list of heads")
            return ()
        if not listed or not all(one.strip() for one in listed):
            self._reader.fault(where, "fault-empty")
            return ()
        return tuple(listed)

    def _claim(self, head: str, name: str, place: str) -> None:
        """A head means one thing."""
        key = " ".join(head.split())
        if key in self._heads:
            self._reader.fault(place, "fault-head-twice", value=short(head), other=self._heads[key])
        self._heads.setdefault(key, name)

    # Words.

    def _values(self, table: Table, columns: Mapping[str, Place]) -> dict[str, dict[str, str]]:
        result = {}
        for name in CHOSEN:
            place = f"values.{name}"
            part = self._reader.optional(table, "values", name, dict, None)
            if part is None:
                continue
            if name not in columns:
                self._reader.fault(place, "fault-no-column", value=name)
            if found := self._words(part, place, name, columns):
                result[name] = found
        self._reader.nothing_left(table, "values")
        return result

    def _words(self, table: Table, place: str, name: str, columns: Mapping[str, Place]) -> dict[str, str]:
        """By word of the sheet the key here; an empty one says nothing."""
        result: dict[str, str] = {}
        seen: dict[str, str] = {}
        for word, value in table.items():
            where = within(place, short(word) or '""')
            if not isinstance(value, str):
                self._reader.fault(where, "fault-type", value=short(value), wanted="str")
                continue
            if value:
                self._key(value, where, name)
                if name == "status" and value == Status.DUPLICATE and "duplicate_of" not in columns:
                    self._reader.fault(where, "fault-duplicate", value=value)
            elif name in REQUIRED:
                self._reader.fault(where, "fault-empty")
            if seen.setdefault(form(word), value) != value:
                self._reader.fault(where, "fault-claimed", value=short(word), term=seen[form(word)])
            result[word] = value
        return result

    def _key(self, value: str, place: str, name: str) -> None:
        known = self._keys.get(name)
        if known is not None and value not in known:
            self._reader.fault(place, "fault-choice", value=short(value), known=list(known))

    def _default(self, table: Table, columns: Mapping[str, Place]) -> dict[str, str]:
        result = {}
        for name in DEFAULTS:
            value = self._reader.optional(table, "default", name, str, None)
            if value is None:
                continue
            if not value.strip():
                self._reader.fault(f"default.{name}", "fault-empty")
                continue
            self._key(value, f"default.{name}", name)
            if name == "status" and value == Status.DUPLICATE and "duplicate_of" not in columns:
                self._reader.fault("default.status", "fault-duplicate", value=value)
            result[name] = value
        for name in [one for one in table if one in COLUMNS]:
            del table[name]
            self._reader.fault(f"default.{name}", "fault-no-default", known=list(DEFAULTS))
        self._reader.nothing_left(table, "default")
        return result

    def _repair(self, table: Table) -> Repair:
        phone_zero = self._reader.optional(table, "repair", "phone_zero", bool, False)
        account_zeros = self._reader.optional(table, "repair", "account_zeros", bool, False)
        several = self._word(table, "repair", "several_phones", Several)
        self._reader.nothing_left(table, "repair")
        return Repair(phone_zero, account_zeros, several)
