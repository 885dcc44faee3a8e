"""The lot by which customers are drawn for a survey: by a recorded seed, so that nobody can pick them and anybody can
draw again.

A request's place is the hash of seed and reference, whatever else comes in, and whenever: a late one disturbs nobody
else's. Who drops out is followed by the next ticket, not by the nearest friend.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from fractions import Fraction
from heapq import nsmallest
from math import ceil

from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import digits
from complaint_sla.core.measures import Kind

# Of a seed that nobody gives: 128 bits, in bytes.
SEED_BYTES = 16
# Digits of the lottery are as good.
_SEED = re.compile(r"[0-9a-f]{1,64}")


def seed(text: str) -> str:
    """A seed as it is recorded: hexadecimal digits, in small letters. Raises BadValue (`bad-seed`)."""
    plain = digits(text).lower()
    if not _SEED.fullmatch(plain):
        raise BadValue("bad-seed", value=text)
    return plain


def ticket(seed: str, reference: str) -> str:
    """The place of a request in the lot, as 64 hexadecimal digits: the lowest is drawn first."""
    return hashlib.sha256(f"{seed}:{reference}".encode()).hexdigest()


def owed(kind: Kind, least: Fraction, total: int) -> int:
    """How many of `total` requests are to be asked: of a share as many as reach it, of a count as many as there are at most."""
    return min(int(least), total) if kind is Kind.COUNT else ceil(least * total)


def lowest(seed: str, references: Iterable[str], count: int) -> list[str]:
    """Who is drawn: so many of these, by their tickets, in whatever order they are given."""
    return nsmallest(count, references, key=lambda one: (ticket(seed, one), one))
