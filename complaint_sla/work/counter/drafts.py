"""What was typed and could not be logged, or was broken off: a file of its own, its owner's alone, for a day.

It holds what customers say, so it goes as soon as it is logged. The folder is given; nothing is asked or printed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from complaint_sla import files

# So long somebody comes back to what they have typed.
LIFE = timedelta(days=1)
_NAMES = "draft-*.json"


@dataclass(frozen=True)
class Draft:
    """Of which database and by whom; `form` as the questions keep it; `tried_at` is when logging it began, and what came
    of it is not known. `kept_at` is the moment of the file."""

    database: str
    actor: str
    form: Mapping[str, Any]
    tried_at: datetime | None = None
    kept_at: datetime | None = None
    path: Path | None = None


def keep(folder: Path, draft: Draft) -> Path:
    """Writes it under a name of its own, or where it was. Raises OSError, BadValue (`output-no-file`)."""
    path = draft.path or _new(folder)
    text = {
        "database": draft.database,
        "actor": draft.actor,
        "tried_at": draft.tried_at.isoformat() if draft.tried_at is not None else None,
        "form": draft.form,
    }
    files.write(path, json.dumps(text, ensure_ascii=False, indent=1).encode(), files.PRIVATE)
    return path


def _new(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # One that others may look into would show them whose complaints are being taken.
    folder.chmod(0o700)
    for number in count(1):
        path = folder / f"draft-{number}.json"
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, files.PRIVATE))
            return path
    raise AssertionError("unreachable")


def found(folder: Path, database: str, actor: str) -> list[Draft]:
    """Those that somebody has kept of a database, newest first; what can't be read is none."""
    mine = []
    for path in folder.glob(_NAMES):
        draft = read(path)
        if draft is not None and (draft.database, draft.actor) == (database, actor):
            mine.append(draft)
    return sorted(mine, key=lambda one: (one.kept_at, one.path), reverse=True)


def read(path: Path) -> Draft | None:
    """A draft as it is kept by now; None where it is gone, or none."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        said = json.loads(path.read_text(encoding="utf-8"))
        tried = datetime.fromisoformat(said["tried_at"]) if said["tried_at"] is not None else None
        return Draft(str(said["database"]), str(said["actor"]), dict(said["form"]), tried, at, path)
    return None


def forget(path: Path) -> None:
    """Takes away what has been logged."""
    with suppress(FileNotFoundError):
        path.unlink()


def clear(folder: Path, now: datetime) -> None:
    """Takes away what has been kept for its day."""
    with suppress(OSError):
        for path in folder.glob(_NAMES):
            with suppress(OSError):
                if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > LIFE:
                    path.unlink()
