"""Which files that are to be kept from others anybody on the machine can get at: by their modes, and those above them."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from complaint_sla.work.health.findings import Finding, wrong


def exposed(secrets: Iterable[Path], records: Iterable[Path]) -> Iterator[Finding]:
    """Of files with passwords, and of files and folders with complaints, those that are open to everybody.

    Whom a group lets in was decided by whoever made the group. What can't be looked at is closed.
    """
    for path in filter(_is_open, secrets):
        yield wrong("secrets", "password-open", file=str(path), command=_closing(path))
    for path in filter(_is_open, records):
        yield wrong("secrets", "records-open", file=str(path), command=_closing(path))


def _closing(path: Path) -> str:
    return shlex.join(["chmod", "o=", str(path)])


def _is_open(path: Path) -> bool:
    """Whether others may read it or write into it; it is closed behind any folder that they may not pass."""
    try:
        found = path.resolve(strict=True)
        mode = found.stat().st_mode
        passed = all(above.stat().st_mode & stat.S_IXOTH for above in found.parents)
    except (OSError, RuntimeError, ValueError):
        return False
    return passed and bool(mode & (stat.S_IROTH | stat.S_IWOTH))
