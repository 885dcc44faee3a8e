"""Where the files that ship beside the code lie: rule books and templates.

In an installed package they lie inside it; in an editable install and in a clone beside it, at the root of
the repository, where people of the office read and change them.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def rules() -> Path:
    """The folder of the rule books that ship. Raises FileNotFoundError in a damaged installation."""
    return _folder("rules")


def templates() -> Path:
    """The folder that holds `email` and `report`. Raises FileNotFoundError in a damaged installation."""
    return _folder("templates")


def _folder(name: str) -> Path:
    for home in (_PACKAGE, _PACKAGE.parent):
        if (home / name).is_dir():
            return home / name
    raise FileNotFoundError(
        f"The folder {name!r} is neither in {_PACKAGE} nor beside it: install complaint-sla anew."
    )
