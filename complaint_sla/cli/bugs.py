"""What a bug leaves behind: a file with where it happened, and nothing of what customers said."""

import hashlib
import sys
import traceback
from pathlib import Path

from complaint_sla import __version__, files
from complaint_sla.core.errors import BadValue
from complaint_sla.settings import state_folder
from complaint_sla.wording import Words


def told(words: Words, problem: Exception) -> str:
    """Writes the details to a file and says where. The error's own text stays out: it may quote what a customer said.

    The same bug writes the same file again, however often a service meets it.
    """
    kind = type(problem)
    details = "".join(traceback.format_tb(problem.__traceback__))
    details = f"complaint-sla {__version__}\n{kind.__module__}.{kind.__qualname__}\n{details}"
    path = _kept(details)
    if path is None:
        print(details, file=sys.stderr)
    where = str(path) if path is not None else words("above")
    return words(
        "Error: this is a bug of complaint-sla ({kind}); what you asked for was not done. Details: {where}",
        kind=kind.__name__,
        where=where,
    )


def _kept(details: str) -> Path | None:
    """The file in which they are; None where this user can't have one."""
    folder = state_folder()
    if folder is None:
        return None
    path = folder / f"bug-{hashlib.sha256(details.encode()).hexdigest()[:12]}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.write(path, details.encode(), files.PRIVATE)
    except (OSError, BadValue):
        return None
    return path
