"""Files that are written whole or not at all, and the one way in which tables are written for spreadsheets.

Knows nothing of what is written.
"""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from complaint_sla.core.errors import BadValue

# Only its owner reads a file that tells of people; of others the system decides who does.
PRIVATE, SHARED = 0o600, 0o666

# OWASP, "CSV injection"; with the full-width forms, which Excel takes for the plain ones in East Asian settings. A cell
# that already begins with apostrophes before such a character gets one more, so that taking one off always gives the
# text as it was.
_FORMULA = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_TAKEN_FOR_FORMULA = re.compile(f"'*{_FORMULA}")
_GUARDED = re.compile(f"'+{_FORMULA}")


class Outlet(Protocol):
    """Where text is written to."""

    def write(self, text: str, /) -> object: ...


def write(path: Path, content: bytes, mode: int) -> None:
    """A file with this content in place of whatever was at `path`; on any error nothing has changed. Raises OSError."""
    target = Path(os.path.realpath(path))
    with draft(target, mode) as unfinished:
        unfinished.write_bytes(content)
        settle(unfinished, target)


@contextmanager
def draft(target: Path, mode: int) -> Iterator[Path]:
    """An empty file beside `target`, gone afterwards unless it has taken its place. Raises OSError."""
    # Of a length that any file system takes, however long the name of the target is.
    unfinished = target.parent / f".{secrets.token_hex(8)}.part"
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    try:
        yield unfinished
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def settle(unfinished: Path, target: Path) -> None:
    """Gives a finished file its name once it is on the disk, so that a power failure leaves the old or the new one whole.

    Raises OSError.
    """
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
    # The name too; not every system lets a folder be opened (Windows does not).
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """What the system says against writing, as BadValue (`file-unwritable`)."""
    try:
        yield
    except OSError as problem:
        raise BadValue("file-unwritable", file=path, problem=problem.strerror or problem) from None


def csv_writer(file: Outlet, separator: str = ",") -> Any:
    """Writes rows as spreadsheets read them: after a byte order mark, or they garble Thai; lines end with CRLF."""
    file.write("\ufeff")
    return csv.writer(file, delimiter=separator, lineterminator="\r\n")


def csv_content(rows: Iterable[Iterable[object]]) -> bytes:
    """A whole file of rows of values."""
    text = io.StringIO(newline="")
    csv_writer(text).writerows(map(cell, row) for row in rows)
    return text.getvalue().encode()


def cell(value: object) -> str:
    """A value as a cell of CSV; None is empty, and no text is taken for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else str(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one."""
    return f"'{text}" if _TAKEN_FOR_FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text of a cell that may be guarded."""
    return text[1:] if _GUARDED.match(text) else text
