"""Who or which office is meant by a part of a name: the one that it fits, never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from complaint_sla.core.fields import fold

# Whoever works here, wherever the address of a person stands.
ME = "me"
# Of one letter most names have one.
FEWEST_LETTERS = 2


def meant(text: str, known: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """The keys, in the order of `known`, of what a text may mean; each is known by its key and by names.

    A key or a name in full means that one. Else those of which a word begins with the text, else those that it is a part
    of: from two letters on.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    full, begun, part = [], [], []
    for key, names in known:
        forms = [_plain(one) for one in (key, *names)]
        if wanted in forms:
            full.append(key)
        elif any(f" {form}".find(f" {wanted}") >= 0 for form in forms):
            begun.append(key)
        elif any(wanted in form for form in forms):
            part.append(key)
    if full or len(wanted) < FEWEST_LETTERS:
        return full
    return begun or part


def _plain(text: str) -> str:
    return " ".join(fold(text).split())
