"""An anchor: one line that stands for all that had been recorded, and that is kept outside, in mails that were sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from complaint_sla.core.errors import BadValue

# So much of a hash stands in a line that people copy: nobody finds another record of the same.
DIGITS = 32
# No id is above it, in whatever database.
LARGEST = 2**63 - 1

_FORM = re.compile(rf"([0-9]{{1,12}})-([0-9]{{1,12}})-([0-9a-f]{{{DIGITS}}})")


@dataclass(frozen=True)
class Anchor:
    """`complaints` had been logged when the journal's entry of number `entry` was written; `head` begins its hash."""

    complaints: int
    entry: int
    head: str

    def __str__(self) -> str:
        return f"{self.complaints}-{self.entry}-{self.head}"

    @classmethod
    def of(cls, complaints: int, entry: int, hash_: str) -> Anchor:
        return cls(complaints, entry, hash_[:DIGITS])

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """Raises BadValue (`bad-anchor`)."""
        found = _FORM.fullmatch("".join(text.split()).lower())
        if found is None:
            raise BadValue("bad-anchor", value=text)
        return cls(int(found[1]), int(found[2]), found[3])


@dataclass(frozen=True)
class Reach:
    """What an anchor stands for: the events up to one, by its id; how many, of how many complaints, and the digest of all."""

    through: int = 0
    events: int = 0
    complaints: int = 0
    digest: str = ""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Reach:
        """Raises KeyError, TypeError for what is none."""
        read = cls(**{one.name: said[one.name] for one in fields(cls)})
        numbers = read.through, read.events, read.complaints
        if (
            not all(type(one) is int and 0 <= one <= LARGEST for one in numbers)
            or type(read.digest) is not str
        ):
            raise TypeError(said)
        return read

    def on(self, through: int, since: Iterable[tuple[int, str]]) -> Reach:
        """That of the next anchor: with the events `since`, each with its number in its complaint and its hash."""
        made = hashlib.sha256(self.digest.encode())
        events, complaints = self.events, self.complaints
        for seq, hash_ in since:
            made.update(f"\n{hash_}".encode())
            events += 1
            complaints += seq == 1
        return Reach(through, events, complaints, made.hexdigest())
