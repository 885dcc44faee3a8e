"""Which of the known words was meant by one that is not known: those that are clearly near, never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from complaint_sla.core.fields import THAI_DIGITS, fold
from complaint_sla.core.keyboard import latin

# More are no help: what is near to many is near to none.
MOST = 3
# Of what was typed as much is looked at; no word that is known is longer.
LONGEST = 80
# So many letters of a word say which one it is.
FEWEST = 3
# What word processors and telephones make of a dash, and what people take for one.
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－_ ", "-"))
_NEVER = 99


def nearest(text: str, known: Iterable[str]) -> list[str]:
    """Those of `known` that `text` may be a slip for, in their order; none where none, or too many, are as near.

    A slip is a letter doubled, left out, put in or taken for another, two exchanged, more of them the longer the word is;
    another dash; the Thai keyboard left on; the beginning of a word, or one of its parts.
    """
    forms = {_plain(text[:LONGEST]), _plain(latin(text[:LONGEST]))} - {""}
    found: dict[int, list[str]] = {}
    for one in dict.fromkeys(known):
        away = min((_away(form, _plain(one)) for form in forms), default=_NEVER)
        found.setdefault(away, []).append(one)
    found.pop(_NEVER, None)
    best = found[min(found)] if found else []
    return best if len(best) <= MOST else []


def nearest_first(text: str, known: Sequence[str]) -> list[str]:
    """All that are known, with what `text` may be a slip for before the others."""
    near = nearest(text, known)
    return [*near, *(one for one in known if one not in near)]


def _plain(text: str) -> str:
    return fold(text.strip().translate(THAI_DIGITS).translate(DASHES)).strip("-")


def _away(text: str, known: str) -> int:
    """How many slips lie between two words, _NEVER where they are too many for words of their length."""
    if "@" in known:
        # People of one domain are told apart by what stands before it.
        (name, at, domain), (known_name, _, known_domain) = text.partition("@"), known.partition("@")
        away = _slips(name, known_name)
        return away + _slips(domain, known_domain) if at and away < _NEVER else away
    slips = _slips(text, known)
    if slips < _NEVER or len(text) < FEWEST:
        return slips
    if known.startswith(text):
        return 1
    return 2 if any(_slips(text, part) < 2 for part in known.split("-") if len(part) > FEWEST) else _NEVER


def _slips(text: str, known: str) -> int:
    most = max(len(text), len(known))
    allowed = 0 if most < FEWEST else 1 if most < 6 else 2 if most < 10 else 3
    if text == known:
        return 0
    if abs(len(text) - len(known)) > allowed:
        return _NEVER
    found = _distance(text, known)
    return found if found <= allowed else _NEVER


def _distance(one: str, other: str) -> int:
    """Damerau and Levenshtein's, each stretch changed once. Another digit, or another letter among three, is no slip of
    the hand: it names another thing."""
    another = len(other) <= FEWEST
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for there, wanted in enumerate(other, 1):
            taken = 0 if letter == wanted else 2 if another or letter.isdigit() or wanted.isdigit() else 1
            row.append(min(before[there] + 1, row[-1] + 1, before[there - 1] + taken))
            if at > 1 and there > 1 and letter == other[there - 2] and one[at - 2] == wanted:
                row[-1] = min(row[-1], earlier[there - 2] + 1)
    return row[-1]
