"""`import` by a map, and a map by itself: its options, what they make of a sheet, and the faults of a map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from typer import Option

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import SheetMap
from complaint_sla.wording import N_
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.opened import Opener

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


def opener(
    desk: Desk,
    file: Path,
    path: Path,
    map_file: Path | None,
    *,
    sheets: Sequence[str] | None,
    settings: Sequence[str] | None,
) -> Opener:
    """How a sheet, the `file`, read from `path`, is opened: by its map, or by our own heads.

    Raises MapFaults, and as `setting` does.
    """
    from complaint_sla.core.sheets import setting
    from complaint_sla.work.sheets import mapping

    keys = mapping.keys_of(desk)
    if map_file is None:
        return mapping.by_our_heads(desk, path, sheets or (), setting.defaults(settings or (), keys))
    sheet_map = setting.altered(mapping.load(map_file, keys), settings or (), keys)
    return mapping.by_map_of(desk, file, path, _of_sheets(sheet_map, sheets))


def _of_sheets(sheet_map: SheetMap, sheets: Sequence[str] | None) -> SheetMap:
    from dataclasses import replace

    return replace(sheet_map, sheets=tuple(sheets)) if sheets else sheet_map


def check(
    terminal: Terminal,
    desk: Desk,
    map_file: Path,
    sheet: tuple[Path, Path] | None,
    *,
    sheets: Sequence[str] | None,
    settings: Sequence[str] | None,
    json: bool,
) -> None:
    """Says that a map is in order, and fits a sheet: the file and where it is read. Raises MapFaults."""
    from complaint_sla import contract
    from complaint_sla.core.sheets import setting
    from complaint_sla.work.sheets import mapping

    keys = mapping.keys_of(desk)
    sheet_map = setting.altered(mapping.load(map_file, keys), settings or (), keys)
    if sheet is not None:
        mapping.require_fit(*sheet, _of_sheets(sheet_map, sheets))
    if json:
        terminal.answer_json(contract.mapped(map_file, sheet_map))
        return
    words = terminal.words
    columns = words.plural("{n} column", "{n} columns", len(sheet_map.columns))
    known = words.plural("{n} word", "{n} words", sum(map(len, sheet_map.values.values())))
    terminal.answer("{file}: in order. {columns}, {known}.", file=map_file, columns=columns, known=known)


def refuse_both(guess: bool, map_file: Path | None) -> None:
    """Raises BadValue (`either-or`)."""
    if guess and map_file is not None:
        raise BadValue("either-or", one="--guess", other="--map")
