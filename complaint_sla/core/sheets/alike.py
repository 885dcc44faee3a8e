"""Ids of other systems as a spreadsheet gives them back: without the zeros in front, in other letters, as a number."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = "'\u2018\u2019`\u00b4"
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def alike(id_: str) -> str:
    """The same for ids that differ in zeros in front of their numbers, case, spaces, and in what makes a number of a text."""
    plain = _plain(id_)
    number = _NUMBER.fullmatch(plain)
    return _ZEROS.sub("", number[1].replace(",", "") if number is not None else plain)


def _plain(id_: str) -> str:
    """Digits of any script as 0 to 9, small letters; without spaces, marks that nobody sees, and an apostrophe in front."""
    if id_.isascii():
        return "".join(id_.split()).lstrip(_APOSTROPHES).lower()
    shown = (
        str(unicodedata.decimal(one, one))
        for one in unicodedata.normalize("NFKC", id_)
        if not one.isspace() and unicodedata.category(one) != "Cf"
    )
    return "".join(shown).lstrip(_APOSTROPHES).casefold()
