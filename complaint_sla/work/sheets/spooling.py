"""Writes the cells of a workbook into a file, as a process of its own: `python spooling.py WORKBOOK FILE MEMORY`.

The library holds a sheet in memory as a whole, and ends its process where it gets none: both are over with this one. It
imports nothing of the program, so that it begins at once. On its output stands, as one JSON document, which sheets there
are and where in FILE their rows begin, or why there are none.
"""

from __future__ import annotations

import gc
import json
import pickle
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

import python_calamine as calamine

# Rows that are written together.
_TOGETHER = 500
# From here on a number of a spreadsheet, which has 15 digits, is no longer the one that was typed.
_MOST_DIGITS = 10**15
_CHUNK = 1 << 20
# The XML of a sheet of a million rows and thirty columns has two thousand million bytes; of a bomb, more.
_MOST_XML = 3 << 30
# The memory that the library needs for what a byte of XML says, and what the interpreter needs.
_PER_BYTE, _BASE = 8, 512 << 20

_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*\bt=[\"']e[\"'])[^>]*\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>(.*?)</(?:\w+:)?c>",
    re.DOTALL,
)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_IS_ERROR = (b't="e"', b"t='e'")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def spool(workbook: str, target: BinaryIO) -> list[dict[str, Any]]:
    """Raises what the library and `zipfile` raise."""
    sheets: list[dict[str, Any]] = []
    with calamine.CalamineWorkbook.from_path(workbook) as book, zipfile.ZipFile(workbook) as archive:
        parts = _parts(archive)
        for about in book.sheets_metadata:
            if about.typ is not calamine.SheetTypeEnum.WorkSheet:
                continue
            say({"at": about.name})
            sheet = book.get_sheet_by_name(about.name)
            errors = _errors(archive, parts.get(about.name))
            begins = target.tell()
            _write(sheet, errors, target)
            merged = [
                [first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1]
                for first, last in sheet.merged_cell_ranges or ()
            ]
            sheets.append(
                {
                    "name": about.name,
                    "hidden": about.visible is not calamine.SheetVisibleEnum.Visible,
                    "begins": begins,
                    "ends": target.tell(),
                    "merged": merged,
                }
            )
    return sheets


def _write(sheet: calamine.CalamineSheet, errors: dict[int, dict[int, str]], target: BinaryIO) -> None:
    left = sheet.start[1] if sheet.start is not None else 0
    together: list[tuple[int, list[object]]] = []
    last = 0
    for last, values in enumerate(sheet.iter_rows(), 1):
        cells = _cells(left, values, errors.pop(last, {}))
        if cells.count(None) < len(cells):
            together.append((last, cells))
            if len(together) >= _TOGETHER:
                pickle.dump(together, target, pickle.HIGHEST_PROTOCOL)
                together = []
    # The library doesn't count cells that hold an error and nothing else.
    together += [(row, _cells(0, [], errors[row])) for row in sorted(errors)]
    if together:
        pickle.dump(together, target, pickle.HIGHEST_PROTOCOL)


def _cells(left: int, values: list[Any], errors: dict[int, str]) -> list[object]:
    # Most are texts.
    cells: list[object] = [(value or None) if type(value) is str else _cell(value) for value in values]
    if left:
        cells[:0] = [None] * left
    for column, error in errors.items():
        cells += [None] * (column + 1 - len(cells))
        cells[column] = error
    return cells


def _cell(value: Any) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _MOST_DIGITS else value
    if isinstance(value, datetime) and value.microsecond:
        # A day's fraction has no room for its last second: 09:29:59.997 was 09:30.
        return (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if isinstance(value, time) and value.microsecond:
        return value.replace(microsecond=0) if value.microsecond < 500_000 else _next_second(value)
    return value


def _next_second(value: time) -> time:
    rounded = datetime.combine(date(2000, 1, 1), value.replace(microsecond=0)) + timedelta(seconds=1)
    return rounded.time() if rounded.day == 1 else value.replace(microsecond=0)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive in which each sheet stands, by its name."""
    try:
        relations = _parsed(archive, "xl/_rels/workbook.xml.rels")
        targets = {one.get("Id"): one.get("Target", "") for one in relations}
        sheets = _parsed(archive, "xl/workbook.xml").iterfind(".//{*}sheet")
        return {one.get("name", ""): _part(targets.get(one.get(_RELATION), "")) for one in sheets}
    except (KeyError, ElementTree.ParseError):
        return {}


def _parsed(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    # Its parser knows bombs of entities, and the memory of this process is held.
    return ElementTree.fromstring(archive.read(part))  # noqa: S314


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _errors(archive: zipfile.ZipFile, part: str | None) -> dict[int, dict[int, str]]:
    """The cells with an error (#N/A), which the library gives as empty: by row from 1, by column from 0."""
    found: dict[int, dict[int, str]] = {}
    if part is None or part not in archive.namelist():
        return found
    for piece in _xml(archive, part):
        if any(sign in piece for sign in _IS_ERROR):
            for letters, row, inner in _ERROR_CELL.findall(piece):
                value = _VALUE.search(inner)
                text = value[1].decode(errors="replace") if value is not None else "#N/A"
                found.setdefault(int(row), {})[_column(letters)] = text
    return found


def _xml(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces that end with the end of a cell, `</c>`."""
    rest = b""
    with archive.open(part) as file:
        while piece := file.read(_CHUNK):
            rest += piece
            # Where no cell ends in so much there is none that says anything.
            cut = rest.rfind(b"c>") + 2 if b"c>" in rest else max(0, len(rest) - _CHUNK)
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def limit(workbook: str, memory: int) -> None:
    """Holds the memory of this process to what the workbook can need, and to `memory`. Raises MemoryError."""
    with zipfile.ZipFile(workbook) as archive:
        size = sum(one.file_size for one in archive.infolist() if one.filename.endswith(".xml"))
    if size > _MOST_XML:
        raise MemoryError
    try:
        import resource
    except ImportError:
        # Windows has none.
        return
    most = min(_BASE + _PER_BYTE * size, memory)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def say(what: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def main() -> None:
    workbook, target, memory = sys.argv[1:]
    # Nothing here refers to itself; to look for that takes a third of the time.
    gc.disable()
    try:
        limit(workbook, int(memory))
        with Path(target).open("wb") as file:
            say({"sheets": spool(workbook, file)})
    except MemoryError:
        say({"fault": "too-large"})
    except calamine.PasswordError:
        say({"fault": "locked"})
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as problem:
        say({"fault": "broken", "problem": str(problem)})


if __name__ == "__main__":
    main()
