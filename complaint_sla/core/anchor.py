"""An anchor: one line that stands for all that had been recorded, and that is kept outside, in mails that were sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from complaint_sla.core.errors import BadValue

# So much of a hash stands in a line that people copy: nobody finds another record of the same.
DIGITS = 32

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


def next_digest(before: str, hashes: Iterable[str]) -> str:
    """The digest (hex) over all events up to an anchor: that up to the anchor before, and the hashes of those since.

    Empty before the first anchor.
    """
    made = hashlib.sha256(before.encode())
    for one in hashes:
        made.update(f"\n{one}".encode())
    return made.hexdigest()
