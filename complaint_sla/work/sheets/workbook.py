"""A workbook as tables. Its cells are written into a file by a process of its own, and read from there row by row.

Not older kinds than .xlsx: what they say of a cell that holds an error (#N/A) is lost, and it would pass for empty.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from complaint_sla.core.errors import BadValue
from complaint_sla.work.sheets.tables import Line, Merged, Table

_SPOOLING = Path(__file__).with_name("spooling.py")
_MOST_MEMORY = 4 << 30
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def begins_workbook(head: bytes) -> bool:
    """Whether a file that begins so is a workbook, of whatever kind."""
    return head.startswith((_ZIP, _COMPOUND))


def tables_of(path: Path, name: Path) -> tuple[Table, ...]:
    """The sheets of a workbook in their order. It is named as `name` in what is said of it.

    Raises BadValue: `missing-extra`, `workbook-locked`, `workbook-of-old`, `workbook-broken`, `workbook-too-large`; OSError.
    """
    _require_kind(path, name)
    if importlib.util.find_spec("python_calamine") is None:
        raise BadValue("missing-extra", extra="xlsx")
    cells = _Cells()
    return tuple(
        Table(
            about["name"],
            partial(cells.lines, about["begins"], about["ends"]),
            tuple(Merged(*corners) for corners in about["merged"]),
            about["hidden"],
        )
        for about in _spooled(path, name, cells.path)
    )


def _require_kind(path: Path, name: Path) -> None:
    with path.open("rb") as file:
        if file.read(8) == _COMPOUND:
            # The directory of such a file names what is in it.
            raise BadValue("workbook-locked" if _LOCKED in file.read() else "workbook-of-old", file=name)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise BadValue("workbook-broken", file=name, problem=str(problem)) from None
    if "[Content_Types].xml" in parts and not any(part.endswith("workbook.bin") for part in parts):
        return
    raise BadValue("workbook-of-old", file=name)


def _spooled(path: Path, name: Path, target: Path) -> list[dict[str, Any]]:
    memory = _MOST_MEMORY
    with suppress(AttributeError, ValueError, OSError):
        # Windows has no such question.
        memory = min(memory, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    command = [sys.executable, "-P", str(_SPOOLING), str(path.absolute()), str(target), str(memory)]
    at: str | None = None
    answer: Mapping[str, Any] = {}
    # What the library says of its own end is for nobody.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            for said in process.stdout:
                answer = json.loads(said)
                at = answer.get("at", at)
        except BaseException:
            process.kill()
            raise
    if "sheets" in answer:
        sheets: list[dict[str, Any]] = answer["sheets"]
        return sheets
    match answer.get("fault"):
        case "locked":
            raise BadValue("workbook-locked", file=name)
        case "broken":
            raise BadValue("workbook-broken", file=name, problem=answer["problem"])
        case _:
            # Where it gets no memory the library ends without a word.
            raise BadValue("workbook-too-large", file=name, sheet=at or "")


class _Cells:
    """A file of rows, gone when nobody goes through it any more."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="complaint-sla-")
        self.path = Path(folder) / "cells"
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def lines(self, begins: int, ends: int) -> Iterator[Line]:
        with self.path.open("rb") as file:
            file.seek(begins)
            while file.tell() < ends:
                # Written by nobody else: the folder is ours alone.
                for number, cells in pickle.load(file):  # noqa: S301
                    yield Line(number, tuple(cells))
