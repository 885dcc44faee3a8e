"""The numbers of several complaints as people give them: in a row, or a sheet's or a list's lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue

# A sheet of complaints begins so; the character after it parts its columns.
_HEAD = re.compile(r'("?)number\1([,;\t]|$)', re.IGNORECASE)
# A number's parts: year and month, and what counts within it; Thai digits are digits, too.
_MONTH, _SERIAL = re.compile(r"(?:C-?)?\d{4}", re.IGNORECASE), re.compile(r"\d{1,9}")
# So a complaint's line in a list begins.
_LISTED = re.compile(r"C-[0-9]{4}-[0-9]{5,}\s")
# What was meant for a number, wherever it stands in a line and whatever is wrong with it.
_MEANT = re.compile(rf"(?<![0-9])(?:C-?)?[0-9]{{4}}{fields.APART}+[0-9]", re.IGNORECASE)
# With nothing between its parts, or the wrong number of digits, where a line begins.
_BEGUN = re.compile(
    rf"(?:C-?)?(?:[0-9]{{2,}}(?!\s){fields.APART}|[0-9]{{2}}(?:0[1-9]|1[0-2])[0-9])", re.IGNORECASE
)
# Of a line that can't be read, so much is told.
_TOLD = 60


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
        rows = csv.reader(lines[1:], delimiter=head[2] or ",")
        found = [_regular(row[0]) for row in rows if row]
    else:
        found, beside = list[str](), 0
        for line in lines:
            # Below a complaint in a list stands more of it, indented beyond its number.
            if beside and len(line) - len(line.lstrip()) > beside:
                continue
            numbers, beside = _of_line(line, len(found))
            found += numbers
    if not found:
        raise BadValue("no-numbers")
    return found


def _of_line(line: str, before: int) -> tuple[list[str], int]:
    """The numbers in a line, of which `before` have come before; and how long the number is that begins a line of a list.

    What holds none, as the title does, is passed over; so is the sum, which may begin with as many as there are.
    """
    if is_number(line):
        return [fields.number(line)], 0
    words = line.split()
    if words and all(map(is_number, words)):
        return [fields.number(one) for one in words], 0
    if words and is_number(words[0]) and not words[0].isdecimal():
        if _LISTED.match(line):
            return [fields.number(words[0])], len(words[0])
        if not _MEANT.search(_digits(line.strip().removeprefix(words[0]))):
            return [fields.number(words[0])], 0
    plain = _digits(line.strip())
    if _MEANT.search(plain) or (_BEGUN.match(plain) and words[0] != str(before)):
        raise BadValue("no-number", number=line.strip()[:_TOLD])
    return [], 0


def _digits(text: str) -> str:
    return text.translate(fields.THAI_DIGITS)


def _regular(text: str) -> str:
    if not is_number(text):
        raise BadValue("no-number", number=text)
    return fields.number(text)
