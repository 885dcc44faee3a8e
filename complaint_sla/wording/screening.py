"""What is shown of other people's text: nothing that could steer a screen."""

from __future__ import annotations

import codecs
import unicodedata

# Characters that reorder what stands around them: a subject could be made to read as something else.
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What we write ourselves between words, and terminals of the single-byte encodings of Thai have no sign for.
_SIGNS = {"·": "-", "→": "->", "–": "-", "…": "...", "“": '"', "”": '"', "’": "'", "\u00a0": " "}


def _nearest(problem: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(problem, UnicodeEncodeError):
        sign = _SIGNS.get(problem.object[problem.start])
        if sign is not None:
            return sign, problem.start + 1
    return codecs.backslashreplace_errors(problem)


# The name, among the ways to treat what an encoding has no sign for, of: another sign, else an escape.
NEAREST = "complaint_sla.nearest"
codecs.register_error(NEAREST, _nearest)


def plain(text: str, *, keep: str = "") -> str:
    """Text with every control and direction mark shown as an escape (`\\x1b`), except those in `keep`."""
    return "".join(
        char.encode("unicode_escape").decode() if _steers(char) and char not in keep else char
        for char in text
    )


def _steers(char: str) -> bool:
    return char in _BIDIRECTIONAL or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
