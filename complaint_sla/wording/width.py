"""The width of texts in cells, as a terminal shows them: Thai marks stand above and below their letter, and have none.

Thai has no spaces between words either, so what is too long is wrapped between phrases.
"""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len as cells_wide

__all__ = ["cells_wide", "padded", "shortened", "wrapped"]


def padded(text: str, width: int, align: str = "left") -> str:
    """The text in `width` cells at the least."""
    padding = " " * (width - cells_wide(text))
    return padding + text if align == "right" else text + padding


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces; only a word longer than a line is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cells_wide(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _chopped(word, width)
        lines.extend(full)
    return [*lines, line]


def _chopped(word: str, width: int) -> list[str]:
    """Pieces of at most `width` cells; a mark, having no width, stays with the letter that bears it."""
    pieces, piece = [], ""
    for char in word:
        if piece and cells_wide(piece + char) > width:
            pieces.append(piece)
            piece = ""
        piece += char
    return [*pieces, piece]


def shortened(text: str, most: int) -> str:
    """At most `most` characters, marks counted, never cut before a mark that belongs to the one before it."""
    if len(text) <= most:
        return text
    end = most - 1
    while end and unicodedata.category(text[end]) in {"Mn", "Me", "Mc"}:
        end -= 1
    return f"{text[:end].rstrip()}…"
