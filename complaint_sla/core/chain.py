"""The chain of a complaint's events: each hash covers the one before it, and personal words only by a salted digest.

Whoever holds a later hash can tell whether anything before it was changed. Erasing the words and their salt leaves
every hash as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
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

    def hash(self, before: str) -> str:
        """The hash (hex) of this event, after the one with hash `before`; empty for the first."""
        parts = [
            before,
            self.number,
            self.seq,
            self.kind,
            _moment(self.happened_at),
            _moment(self.recorded_at),
            self.actor,
            self.system_user,
            self.data,
            self.words_digest,
        ]
        return _sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))


def canonical(values: Mapping[str, object]) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of_words(words: str, salt: str) -> str:
    """What stands for personal words in the hash. Without the salt, no word can be guessed from it."""
    return _sha256(f"{salt}\0{words}")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
