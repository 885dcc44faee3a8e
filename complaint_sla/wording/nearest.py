"""What may have been meant, as a question; and a list of what is known that nobody has to scroll through."""

from __future__ import annotations

from collections.abc import Sequence

from complaint_sla.wording.words import Words

# As many values as a message lists, whoever has 900 offices asks for the list itself; and as many of those that have one.
MOST_LISTED = 25
MOST_OF_MANY = 8


def asked(words: Words, near: Sequence[str]) -> str:
    """The question whether one of these was meant; empty where there are none."""
    if not near:
        return ""
    *before, last = near
    meant = words("{one} or {other}", one=", ".join(before), other=last) if before else last
    return words("Did you mean {near}?", near=meant)


def listed(words: Words, known: Sequence[str], all_by: str | None = None) -> str:
    """What is known, the first of it where it is much; `all_by` is the command that shows all."""
    most = MOST_OF_MANY if all_by is not None and len(known) > MOST_LISTED // 2 else MOST_LISTED
    if len(known) <= most:
        return ", ".join(known) or "–"
    first = ", ".join(known[:most])
    if all_by is None:
        return f"{first}, …"
    return words("{first}, … ({n} in all: {command})", first=first, n=len(known), command=all_by)
