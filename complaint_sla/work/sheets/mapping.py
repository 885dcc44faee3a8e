"""A map's file, and the sheet that it is of: opened, held against each other, read."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import SheetMap
from complaint_sla.core.sheets.mapfile import Keys, read_map
from complaint_sla.core.sheets.words import TERMS
from complaint_sla.files import text_of
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.guessing import known_of
from complaint_sla.work.sheets.mapped import by_map, fitting
from complaint_sla.work.sheets.opened import Look, Opened, Opener
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Source

# As long as a rule book may be; more is none.
_MOST = 2_000_000


def keys_of(desk: Desk) -> Keys:
    """By column the keys that there are: of all rule books, offices, people."""
    known = known_of(desk)
    terms = {kind: [term.key for term in known.terms(kind)] for kind in TERMS}
    return {**terms, "office": list(known.offices), "owner": list(known.people)}


def load(file: Path, keys: Keys, said: Collection[str] = ()) -> SheetMap:
    """The map in a file; columns `said` beside it may be missing. Raises MapFaults; BadValue: `file-unreadable`."""
    try:
        with file.open("rb") as raw:
            text = text_of(raw.read(_MOST))
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise BadValue("file-unreadable", file=file, problem=why) from None
    return read_map(text, file.name, keys, said)


def by_map_of(desk: Desk, file: Path, path: Path, sheet_map: SheetMap) -> Opener:
    """A sheet, the `file`, which is read from `path`, by its map. It is opened when its rows are looked at."""

    def open_(look: Look, *, in_full: bool = True) -> Opened:
        return by_map(_source(file, path, sheet_map), sheet_map, desk)(look, in_full=in_full)

    return open_


def require_fit(file: Path, path: Path, sheet_map: SheetMap) -> None:
    """Raises MapFaults with all in which a map and a sheet don't fit, and as the sheet's tables do."""
    fitting(_source(file, path, sheet_map), sheet_map)


def _source(file: Path, path: Path, sheet_map: SheetMap) -> Source:
    return open_source(path, encoding=sheet_map.encoding, separator=sheet_map.separator, name=file)
