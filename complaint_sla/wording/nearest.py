"""What may have been meant, as a question; and a list of what is known that nobody has to scroll through."""

from __future__ import annotations

from collections.abc import Sequence

from complaint_sla.wording.words import Words

# As many values as a message lists; and of those of which there may be hundreds, such as offices.
MOST_LISTED = 40
MOST_OF_MANY = 8


def asked(words: Words, near: Sequence[str]) -> str:
    """The question whether one of these was meant; empty where there are none."""
    if not near:
        return ""
    *before, last = near
    meant = words("{one} or {other}", one=", ".join(before), other=last) if before else last
    return words("Did you mean {near}?", near=meant)


def listed(words: Words, known: Sequence[str], *, many: bool = False, all_by: str | None = None) -> str:
    """What is known, the first of it where it is much, or `many` from the outset; `all_by` is the command that shows all."""
    if len(known) <= (MOST_LISTED // 2 if many else MOST_LISTED):
        return ", ".join(known) or "–"
    if not many:
        return ", ".join([*known[:MOST_LISTED], "…"])
    first, n = ", ".join(known[:MOST_OF_MANY]), len(known)
    if all_by is None:
        return words("{first}, … ({n} in all)", first=first, n=n)
    return words("{first}, … ({n} in all: {command})", first=first, n=n, command=all_by)
