"""What an erasure takes and what it leaves (PDPA, section 33): nobody can be told by a complaint any more, and figures,
facts and the chain stand as they did.

Up to an event `erased` no event but one of that kind has words or their salt, there is no customer, and the row is as
`LEFT` says. The other system's number stands in that event and in the row as a digest, so that its next sheet does not
bring the complaint back.
"""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.core.chain import digest_of_words

# The personal columns of a complaint: what stands in them once they have been erased, and nothing has been said since.
LEFT: Mapping[str, str | None] = {"subject": "", "subject_search": "", "detail": None, "outcome": None}

# Before the digest of an id; no id that is given begins so.
MARK = "erased:"


def digest_of_id(external_id: str, salt: str) -> str:
    """What stands for the other system's number once it has been erased. `salt` is that of the whole database."""
    return MARK + digest_of_words(external_id, salt)


def is_erased(external_id: str | None) -> bool:
    """Whether it is a digest, which is no number of anybody's and is never shown."""
    return external_id is not None and external_id.startswith(MARK)
