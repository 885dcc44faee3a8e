"""How much of a letter is written: all of it, or as much as a server takes."""

from __future__ import annotations

from dataclasses import dataclass

# Beyond so many, a case gets one line: Gmail cuts a letter off at 102 kB, and nobody reads on before.
DETAILED = 25
# Nor is any named beyond so many: the rest would be cut off, and a command lists all of them.
SHOWN = 200


@dataclass(frozen=True)
class Room:
    """So many cases are named, the first of them in detail; so many characters of a complaint's own words are shown at most.

    `html`: there is a form that looks well beside the plain text. `files`: they go along.
    """

    named: int = SHOWN
    detailed: int = DETAILED
    text: int | None = None
    html: bool = True
    files: bool = True
