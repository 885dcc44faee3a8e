"""The chain of a complaint's events, and the format of what they say.

Each hash covers the one before it, and personal words only by a salted digest.

Whoever holds a later hash can tell whether anything before it was changed. Erasing the words and their salt leaves
every hash as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from complaint_sla.core.errors import DatabaseUnusable, Error

# The number that the data of every new event bears. Whoever adds a key, or changes what one means, raises it, says in
# `ABSENT` what older events meant that lack the key, and keeps records of the format before in tests/records.
FORMAT = 5
# By the last format that could lack them, and the kind of event: keys, and what is meant where they are not there.
# Format 1 bears no number. Up to format 3 the data of `logged` hold the other system's number, for good; since then it is
# said in the words. An `erased` up to then lacks it, and left it in the row as it was. Up to format 4 nothing was corrected,
# and no other channel given when a complaint was reclassified: None leaves it as it is.
ABSENT: Mapping[int, Mapping[str, Mapping[str, object]]] = {
    1: {"logged": {"external_id": None}},
    4: {"reclassified": {"channel": None}},
}
# What comes of reading data of which a hand has made something else, with hashes that fit.
UNREADABLE = (Error, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Link:
    """One event as its hash sees it. Moments are aware; `data` and `words` as `canonical` writes them."""

    number: str
    seq: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    actor: str
    system_user: str
    data: str
    words_digest: str | None
    # Whom the database server knows; None where there is no server, and before it was asked.
    server_user: str | None = None

    def hash(self, before: str) -> str:
        """The hash (hex) of this event, after the one with hash `before`; empty for the first."""
        what = (self.number, self.seq, self.kind)
        when = (_moment(self.happened_at), _moment(self.recorded_at))
        said = (self.actor, self.system_user, self.data, self.words_digest)
        server = () if self.server_user is None else (self.server_user,)
        return _sha256(_listed(before, *what, *when, *said, *server))


# The columns of an event that its hash covers, beside the number of its complaint.
COVERED = tuple(one.name for one in fields(Link) if one.name != "number")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it is kept: beside what its hash covers the personal words, their salt, and the hash (hex) itself.

    Erased words and their salt are both None; their digest stays.
    """

    link: Link
    words: str | None
    salt: str | None
    hash: str

    @property
    def is_erased(self) -> bool:
        return self.words is None and self.salt is None and self.link.words_digest is not None


class Flaw(StrEnum):
    """What can be wrong with an event of a chain."""

    MISSING = "missing"
    HASH = "hash"
    WORDS = "words"


def flaws(chain: Iterable[Sealed]) -> Iterator[tuple[int, Flaw]]:
    """(seq, flaw) of what has been changed in a chain, given in the order of seq, with the link beside it untouched.

    Of a gap its first seq is named. The event after a gap can't be judged.
    """
    before, expected = "", 1
    for one in chain:
        if one.link.seq != expected:
            yield expected, Flaw.MISSING
        elif one.link.hash(before) != one.hash:
            yield one.link.seq, Flaw.HASH
        if not one.is_erased and one.link.words_digest != _digest_or_none(one.words, one.salt):
            yield one.link.seq, Flaw.WORDS
        before, expected = one.hash, one.link.seq + 1


def next_number_head(before: str, number: str, first: str) -> str:
    """The hash (hex) of the numbers given out in a month up to `number`, whose first event has the hash `first`.

    `before` is that of the numbers before; empty for the first. Whoever holds a later one can tell whether a complaint
    has vanished, the newest too.
    """
    return _sha256(_listed(before, number, first))


def _listed(*parts: str | int | None) -> str:
    """JSON without spaces: no two lists give the same."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def written(said: Mapping[str, object]) -> str:
    """The data of a new event."""
    return canonical({**said, "format": FORMAT})


def read(kind: str, data: str) -> dict[str, Any]:
    """What the data of an event say, of whatever format, in the terms of today's.

    Raises DatabaseUnusable (`event-newer`) for a format of a newer release; ValueError, TypeError, AttributeError for
    what is no data of an event.
    """
    said: dict[str, Any] = json.loads(data)
    number = said.pop("format", 1)
    if type(number) is not int or number < 1:
        raise ValueError(number)
    if number > FORMAT:
        raise DatabaseUnusable("event-newer", kind=kind, format=number, known=FORMAT)
    for last, absent in ABSENT.items():
        if number <= last:
            said = {**absent.get(kind, {}), **said}
    # In the order in which they are written, whichever of them were there.
    return dict(sorted(said.items()))


def format_of(data: str) -> int:
    """The format of the data of an event that could be read."""
    number: int = json.loads(data).get("format", 1)
    return number


def canonical(values: Mapping[str, object]) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text. Days and moments are written as ISO 8601."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_iso)


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(value)


def digest_of_words(words: str, salt: str) -> str:
    """What stands for personal words in the hash. Without the salt, no word can be guessed from it."""
    return _sha256(f"{salt}\0{words}")


def _digest_or_none(words: str | None, salt: str | None) -> str | None:
    return digest_of_words(words or "", salt or "") if words is not None or salt is not None else None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
