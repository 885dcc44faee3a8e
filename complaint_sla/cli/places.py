"""The places where the office's records lie, as `doctor` finds them: who may write there, and what was left behind."""

import os
import shlex
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from complaint_sla import files
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.core.errors import Error
from complaint_sla.settings import drafts_folder
from complaint_sla.wording import N_
from complaint_sla.work.counter import drafts
from complaint_sla.work.health import findings as health
from complaint_sla.work.health.findings import Finding

# So long nobody writes one file: what may be in other hands is not named before.
LONGEST = timedelta(hours=1)

# Findings of `doctor` by key: what is said, and what to do about it.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "database-open-to-all": (
        N_("Anybody on this machine may write into {file}."),
        N_("Take that away: chmod o-w {typed}"),
    ),
    "database-on-network": (
        N_(
            "{file} lies on another machine's disk ({kind}), where SQLite loses what two machines write at the same time."
        ),
        N_(
            "Keep it on a disk of this machine, or take PostgreSQL: complaint-sla backup FILE, then complaint-sla --db URL "
            "restore FILE"
        ),
    ),
    "drafts-left": (
        N_("Unfinished files of programs that were stopped, which can't be taken away: {names}"),
        N_("Let their owner or root remove them: rm -r {typed}"),
    ),
}


def look(terminal: Terminal, told: Iterable[Finding]) -> list[Finding]:
    """What is wrong with the database's file and the folders that we write into. Takes away what can be taken away.

    Of a file that what was `told` before speaks of nothing more is said, nor of what SQLite makes beside it, as open.
    """
    from complaint_sla.store.sqlitefile import BESIDE

    left = drafts_folder()
    if left is not None:
        drafts.clear(left, real_clock())
    try:
        kept = terminal.opening.kept
    except Error:
        # Where settings can't be read, nobody knows the places.
        return []
    folders = [*{file.absolute().parent: None for file in kept.files}]
    folders += [folder for folder, ending in kept.folders if ending == ".eml"]
    files_told = [os.path.realpath(str(one.values["file"])) for one in told]
    named = {file + ending for file in files_told for ending in ("", *BESIDE)}
    return [*_of_modes(kept.files, named), *_of_network(kept.files), *_of_drafts(folders)]


def _of_modes(database: tuple[Path, ...], named: set[str]) -> Iterator[Finding]:
    # Under whichever of its names, each once.
    places = {os.path.realpath(one): one for file in database for one in (file, file.absolute().parent)}
    for path in (one for real, one in places.items() if real not in named):
        # That it can't be looked at is said by whoever opens it.
        with suppress(OSError):
            if path.stat().st_mode & stat.S_IWOTH:
                typed = shlex.quote(str(path))
                yield health.wrong("database", "database-open-to-all", file=str(path), typed=typed)


def _of_network(database: tuple[Path, ...]) -> Iterator[Finding]:
    from complaint_sla.store.mounts import network

    kind = network(database[0]) if database else None
    if kind is not None:
        yield health.wrong("database", "database-on-network", file=str(database[0]), kind=kind)


def _of_drafts(folders: list[Path]) -> Iterator[Finding]:
    left = [str(path) for folder in folders for path in files.clear(folder) if _is_old(path)]
    if left:
        yield health.wrong("disk", "drafts-left", names=tuple(left), typed=shlex.join(left))


def _is_old(path: Path) -> bool:
    with suppress(OSError):
        return real_clock() - datetime.fromtimestamp(path.stat().st_mtime, UTC) > LONGEST
    return False
