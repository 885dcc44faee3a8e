"""What is shown of other people's text: nothing that could steer a screen."""

from __future__ import annotations

import codecs
import re

# Controls, halves of surrogate pairs, separators of lines and paragraphs; and what reorders what stands around it: a
# subject could be made to read as something else.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029"
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069]"
)

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

    def shown(match: re.Match[str]) -> str:
        return match[0] if match[0] in keep else match[0].encode("unicode_escape").decode()

    return _STEERING.sub(shown, text)
