"""What the journal holds of letters that were sent: a digest over them and what they told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from complaint_sla.core.chain import canonical


def digest_of(letters: Iterable[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> str:
    """SHA-256 (hex) over letters in the order of their ids, each with its members in their order.

    Moments count as moments, whatever zone they come in.
    """
    made = hashlib.sha256()
    for letter, members in letters:
        told = [_plain(one) for one in members]
        made.update(f"{canonical({**_plain(letter), 'members': told})}\n".encode())
    return made.hexdigest()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }
