"""The numbers of several complaints as people give them: in a row, or a sheet's or a list's lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue

# A sheet of complaints begins so; the character after it parts its columns.
_HEAD = re.compile(r"number([,;\t]|$)", re.IGNORECASE)
# A number's parts: year and month, and what counts within it; Thai digits are digits, too.
_MONTH, _SERIAL = re.compile(r"(?:C-?)?\d{4}", re.IGNORECASE), re.compile(r"\d{1,9}")
# What was meant for a number, whatever is wrong with it.
_MEANT = re.compile(r"(?:C-?)?[0-9]{2,}[-‐‑–/]", re.IGNORECASE)


def is_number(text: str) -> bool:
    """Whether it is a complaint's number, however it is written."""
    try:
        return fields.is_number(text)
    except BadValue:
        return False


def joined(arguments: Sequence[str]) -> list[str]:
    """Arguments in which a number that a shell has taken for two, `6911 307`, is one again."""
    found: list[str] = []
    for one in arguments:
        if found and _MONTH.fullmatch(found[-1]) and _SERIAL.fullmatch(one):
            found[-1] += f"-{one}"
        else:
            found.append(one)
    return found


def leading(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The numbers with which arguments begin, of which there is one at least, and what follows them.

    After the first, digits alone may as well be said of a meter or a telephone.
    """
    count = 1
    while count < len(arguments) and is_number(arguments[count]) and not arguments[count].isdecimal():
        count += 1
    return list(arguments[:count]), list(arguments[count:])


def listed(text: str) -> list[str]:
    """The numbers in a text: one or more a line; or the first column of a sheet, or what the lines of a list begin with.

    Raises BadValue: `no-numbers`, `no-number` for a line that begins with what was meant for one.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    head = _HEAD.match(lines[0]) if lines else None
    if head is not None:
        rows = csv.reader(lines[1:], delimiter=head[1] or ",")
        found = [_regular(row[0]) for row in rows if row]
    else:
        found = [number for line in lines for number in _of_line(line)]
    if not found:
        raise BadValue("no-numbers")
    return found


def _of_line(line: str) -> Iterator[str]:
    if is_number(line):
        yield fields.number(line)
        return
    words = line.split()
    if words and all(map(is_number, words)):
        yield from map(fields.number, words)
    # The second line of a complaint in a list is indented, and the title and the sum begin with a word.
    elif words and not line[0].isspace() and _MEANT.match(words[0].translate(fields.THAI_DIGITS)):
        yield _regular(words[0])


def _regular(text: str) -> str:
    if not is_number(text):
        raise BadValue("no-number", number=text)
    return fields.number(text)
