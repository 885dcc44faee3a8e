"""The width of texts in cells, as a terminal shows them: Thai marks stand above and below their letter, and have none.

Thai has no spaces between words either, so what is too long is wrapped between phrases.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len as cells_wide

__all__ = ["cells_wide", "cut", "padded", "shortened", "wrapped"]

# A vowel that stands before the consonant after which it is read.
_LEADING = frozenset("เแโใไ")
# Sara am: it has a cell of its own, and its circle stands above the letter before it.
_SARA_AM = "\u0e33"


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
    """Pieces of at most `width` cells, of whole letters."""
    pieces, piece = [], ""
    for letter in _letters(word):
        if piece and cells_wide(piece + letter) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells, of whole letters, ending in … if something had to go."""
    if cells_wide(text) <= width:
        return text
    kept, cells = "", 0
    for letter in _letters(text):
        cells += cells_wide(letter)
        # One cell is for the sign that something is missing.
        if cells > width - 1:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def _letters(text: str) -> Iterator[str]:
    """Each with all that belongs to it: what has no width, a spacing mark, the vowel that stands before it."""
    letter = ""
    for char in text:
        if letter and letter not in _LEADING and not _belongs(char, letter):
            yield letter
            letter = ""
        letter += char
    if letter:
        yield letter


def _belongs(char: str, letter: str) -> bool:
    if char == _SARA_AM or unicodedata.category(char) == "Mc":
        return letter[-1] != char
    return not cells_wide(char)


def shortened(text: str, most: int) -> str:
    """At most `most` characters, marks counted, never cut before a mark that belongs to the one before it."""
    if len(text) <= most:
        return text
    end = most - 1
    while end and unicodedata.category(text[end]) in {"Mn", "Me", "Mc"}:
        end -= 1
    return f"{text[:end].rstrip()}…"
