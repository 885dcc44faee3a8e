"""Files that are written whole or not at all, the one way in which tables are written for spreadsheets, and texts as any
editor saves them.

Knows nothing of what is written.
"""

from __future__ import annotations

import codecs
import csv
import errno
import io
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from complaint_sla.core.errors import BadValue

try:
    import fcntl
except ModuleNotFoundError:
    # Windows has none.
    fcntl = None  # type: ignore[assignment]

# Only its owner reads a file that tells of people; of others the system decides who does.
PRIVATE, SHARED = 0o600, 0o666
# What the name of an unfinished file begins with, so that its remains are known for ours.
_PART = ".complaint-sla-"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_OWN_OUTPUT = ("/dev/stdout", "/dev/stderr")
# The marks of UTF-16, either way round.
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What a database of SQLite begins with.
SQLITE = b"SQLite format 3\0"

# OWASP, "CSV injection"; with the full-width forms, which Excel takes for the plain ones in East Asian settings. A cell
# that already begins with apostrophes before such a character gets one more, so that taking one off always gives the
# text as it was.
_FORMULA = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_TAKEN_FOR_FORMULA = re.compile(f"'*{_FORMULA}")
_GUARDED = re.compile(f"'+{_FORMULA}")


class NotTextError(ValueError):
    """What a file holds is no text in UTF-8; says what it is, as far as that can be seen."""


def text(path: Path) -> str:
    """What a file of settings or rules says, with or without a mark in front, in the line ends of any system.

    Raises OSError, NotTextError, and ValueError for what is no name of a file.
    """
    return text_of(path.read_bytes())


def text_of(raw: bytes) -> str:
    """As `text`."""
    try:
        said = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        said = None
    if raw.startswith(_UTF16) or (said is not None and "\0" in said[:2]):
        # "Unicode" in Notepad of old.
        raise NotTextError("UTF-16, not UTF-8") from None
    if said is None:
        raise NotTextError("not UTF-8")
    return said.replace("\r\n", "\n").replace("\r", "\n")


class Outlet(Protocol):
    """Where text is written to."""

    def write(self, text: str, /) -> object: ...


@dataclass(frozen=True)
class Kept:
    """What no output takes the place of: files, whether they are there or not, and files of an ending in a folder."""

    files: tuple[Path, ...] = ()
    folders: tuple[tuple[Path, str], ...] = ()


def refuse(path: Path, kept: Kept) -> None:
    """Raises BadValue if `path` is no place for an output: `output-kept`, `output-database`, `output-no-file`.

    Under whichever of its names: relative, through a link, as a second name of one file.
    """
    try:
        with unwritable(path):
            if is_stream(path):
                return
            if any(_is_same(path, one) for one in kept.files) or any(
                _lies_in(path, folder, ending) for folder, ending in kept.folders
            ):
                raise BadValue("output-kept", file=path)
            _refuse_no_file(path)
    except ValueError as problem:
        # A NUL in the name.
        raise BadValue("file-unwritable", file=path, problem=problem) from None


def is_stream(path: Path) -> bool:
    """Whether what is written there runs through: a pipe, or the program's own output."""
    if str(path) in _OWN_OUTPUT:
        return True
    with suppress(OSError, ValueError):
        return stat.S_ISFIFO(path.stat().st_mode)
    return False


def _refuse_no_file(path: Path) -> None:
    """A link could lead into what is somebody else's; and nobody means to lose a database, be it another one, to a page."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise BadValue("output-no-file", file=path)
    with path.open("rb") as file:
        if file.read(len(SQLITE)) == SQLITE:
            raise BadValue("output-database", file=path)


def _is_same(path: Path, kept: Path) -> bool:
    if os.path.realpath(path) == os.path.realpath(kept):
        return True
    # What is not there, or may not be looked at, is no other name of it that we could harm: an output takes a name only.
    with suppress(OSError):
        return path.samefile(kept)
    return False


def _lies_in(path: Path, folder: Path, ending: str) -> bool:
    """Whether it is a file of that ending in the folder, be it under a second name."""
    with suppress(OSError):
        found, real = path.stat(), Path(os.path.realpath(path))
        if real.suffix == ending and real.is_relative_to(os.path.realpath(folder)):
            return True
        if found.st_nlink > 1:
            with os.scandir(folder) as entries:
                return any(one.inode() == found.st_ino and path.samefile(one.path) for one in entries)
    return False


def write(path: Path, content: bytes, mode: int) -> None:
    """A file with this content in place of whatever was at `path`; on any error nothing has changed. Raises as `replacing`."""
    with replacing(path, mode) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """What is written takes the place of `path` when all of it is there. Into a pipe it is written as it comes.

    Raises OSError, BadValue (`output-no-file`, `output-database`).
    """
    if is_stream(path):
        with path.open("ab") as file:
            yield file
        return
    _refuse_no_file(path)
    clear(path.parent)
    with draft(path, mode) as unfinished:
        yield unfinished.file
        settle(unfinished, path)


@dataclass(frozen=True)
class Draft:
    """An unfinished file: its name, for those who must open it by that, and the file itself, for all others."""

    path: Path
    file: BinaryIO


@contextmanager
def draft(target: Path, mode: int) -> Iterator[Draft]:
    """An empty file in a folder of its own beside `target`, gone afterwards unless it has taken its place. Raises OSError.

    Nobody else can have put anything there, and the folder is held as long as it is needed: `clear` knows by that whose
    writer has died. (Holding the file itself would keep SQLite from it on systems where all locks are one.)
    """
    folder, held = _begun(target.parent)
    try:
        path = folder / "draft"
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _NO_LINK, mode), "w+b")
        if mode == PRIVATE and hasattr(os, "fchmod"):
            # Its owner reads it, whatever the umask: that of a service may take everything.
            os.fchmod(file.fileno(), mode)
        try:
            yield Draft(path, file)
        finally:
            # What is not finished need not be written to its end.
            with suppress(OSError):
                file.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _begun(beside: Path) -> tuple[Path, int | None]:
    while True:
        # Of a length that any file system takes, however long the name of the target is.
        folder = beside / f"{_PART}{os.urandom(8).hex()}.part"
        folder.mkdir(mode=0o700)
        # Whoever clears up may come between the two.
        with suppress(BlockingIOError, FileNotFoundError):
            held = _held(folder)
            if folder.is_dir():
                return folder, held
            if held is not None:
                os.close(held)


def _held(folder: Path) -> int | None:
    """Holds a folder until what is returned is closed, or the process ends; None where there are no such locks.

    Raises BlockingIOError if it is held already.
    """
    if fcntl is None:
        return None
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise
    except OSError:
        # A file system without locks.
        os.close(held)
        return None
    return held


def clear(beside: Path) -> list[Path]:
    """Takes away the drafts in a folder whose writers have died; those that can't be taken away, or may be in other hands."""
    left: list[Path] = []
    with suppress(OSError):
        for folder in sorted(beside.glob(f"{_PART}*.part")):
            held = None
            try:
                held = _held(folder)
                if held is not None or fcntl is None:
                    shutil.rmtree(folder)
                else:
                    left.append(folder)
            except (BlockingIOError, FileNotFoundError):
                continue
            except OSError:
                left.append(folder)
            finally:
                if held is not None:
                    os.close(held)
    return left


def settle(unfinished: Draft, target: Path) -> None:
    """Gives a finished file its name once it is on the disk, so that a power failure leaves the old or the new one whole.

    Raises OSError.
    """
    unfinished.file.flush()
    os.fsync(unfinished.file.fileno())
    # Windows renames no file that is open.
    unfinished.file.close()
    unfinished.path.replace(target)
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
