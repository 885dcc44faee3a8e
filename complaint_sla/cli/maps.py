"""`import` by a map, and a map by itself: its options, what they make of a sheet, and the faults of a map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from complaint_sla import contract
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import N_
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.mending import Mender
from complaint_sla.work.sheets.opened import Opener, by_our_heads

if TYPE_CHECKING:
    from complaint_sla.core.sheets.map import SheetMap
    from complaint_sla.core.sheets.mapfile import Keys

MapFile = Annotated[
    Path | None, Option("--map", help=N_("what the sheet's columns and words mean"), metavar="MAP.toml")
]
SheetNames = Annotated[
    list[str] | None, Option("--sheet", help=N_("of a workbook, this sheet; may be repeated"), metavar="NAME")
]
Settings = Annotated[
    list[str] | None,
    Option(
        "--set",
        help=N_("for all rows that say nothing, such as channel=phone; may be repeated"),
        metavar="KEY=VALUE",
    ),
]
CheckMap = Annotated[
    Path | None,
    Option(
        "--check-map",
        help=N_("only look for faults in this map, and whether it fits FILE where that is given"),
        metavar="MAP.toml",
    ),
]


@dataclass(frozen=True)
class Said:
    """What was said of a sheet beside the sheet."""

    map_file: Path | None
    sheets: tuple[str, ...]
    settings: tuple[str, ...]

    def load(self, map_file: Path, keys: Keys) -> SheetMap:
        """A map, with what was said otherwise. Raises MapFaults, and BadValue as `setting.altered` does."""
        from complaint_sla.work.sheets import mapping

        names = [one.partition("=")[0].strip() for one in self.settings]
        return self.alter(mapping.load(map_file, keys, names), keys)

    def alter(self, sheet_map: SheetMap, keys: Keys) -> SheetMap:
        """Raises BadValue as `setting.altered` does."""
        from complaint_sla.core.sheets import setting

        sheet_map = setting.altered(sheet_map, self.settings, keys)
        return replace(sheet_map, sheets=self.sheets) if self.sheets else sheet_map


def opener(desk: Desk, file: Path, path: Path, said: Said) -> Opener:
    """How a sheet, the `file`, which is read from `path`, is opened: by its map, or by our own heads.

    Raises MapFaults, and BadValue as `setting.altered` does.
    """
    if said.map_file is None and not said.settings:
        return by_our_heads(path, Mender(desk.shelf, desk.zone), said.sheets)
    from complaint_sla.core.sheets import setting
    from complaint_sla.work.sheets import mapping

    keys = mapping.keys_of(desk)
    if said.map_file is None:
        default = setting.defaults(said.settings, keys)
        return by_our_heads(path, Mender(desk.shelf, desk.zone, default=default), said.sheets)
    return mapping.by_map_of(desk, file, path, said.load(said.map_file, keys))


def check(
    terminal: Terminal, map_file: Path, sheet: tuple[Path, Path] | None, said: Said, *, json: bool
) -> None:
    """Says that a map is in order, and fits the sheet where one is given: the file, and where it is read. Raises MapFaults."""
    from complaint_sla.work.sheets import mapping

    keys = mapping.keys_of(terminal.desk(writes=False))
    sheet_map = said.load(map_file, keys)
    if sheet is not None:
        mapping.require_fit(*sheet, sheet_map)
    if json:
        terminal.answer_json(contract.map_checked(map_file, sheet_map))
        return
    columns = terminal.words.plural("{n} column", "{n} columns", len(sheet_map.columns))
    known = terminal.words.plural("{n} word", "{n} words", sum(map(len, sheet_map.values.values())))
    terminal.answer("{file}: in order. {columns}, {known}.", file=map_file, columns=columns, known=known)


def refuse_both(guess: bool, map_file: Path | None) -> None:
    """Raises BadValue (`map-or-guess`)."""
    if guess and map_file is not None:
        raise BadValue("map-or-guess")
