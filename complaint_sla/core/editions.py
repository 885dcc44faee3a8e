"""Message-IDs of a letter that has to be written otherwise after a copy of it may have arrived: each names those before.

One Message-ID stands on one text only: programs for mail drop what bears the ID of something that they have.
"""

from __future__ import annotations

import re

# Of the program's own IDs, in which no other dot stands before the @.
_EDITION = re.compile(r"(?P<stem>.*?)(?:\.(?P<number>[1-9][0-9]{0,8}))?(?P<domain>(?:@[^@]*)?>)?", re.DOTALL)


def _parts(message_id: str) -> tuple[str, int, str]:
    found = _EDITION.fullmatch(message_id)
    assert found is not None  # noqa: S101 - anything fits
    return found["stem"], int(found["number"] or 1), found["domain"] or ""


def _edition(stem: str, number: int, domain: str) -> str:
    return f"{stem}.{number}{domain}" if number > 1 else f"{stem}{domain}"


def following(message_id: str) -> str:
    """The Message-ID of the next edition: `<a@b>`, `<a.2@b>`, `<a.3@b>`."""
    stem, number, domain = _parts(message_id)
    return _edition(stem, number + 1, domain)


def earlier(message_id: str) -> tuple[str, ...]:
    """The Message-IDs of the editions before, oldest first."""
    stem, number, domain = _parts(message_id)
    return tuple(_edition(stem, one, domain) for one in range(1, number))
