"""What was typed wrongly and is put right: what the event of a correction says, and what stands after it.

The old words and the new ones are erasable words of the event; the channel, a fact, stands in its hashed data with what it
was. Deadline, group, urgency and receipt are not corrected but reclassified, or stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What somebody says of a complaint: kept in erasable words. None stands where nothing was said.
WORDS = ("subject", "detail", "customer", "phone", "account", "email", "external_id")
# What a figure counts by.
FACTS = ("channel",)
FIELDS = (*WORDS, *FACTS)
# What no complaint is without.
NEEDED = frozenset({"subject", "channel"})

# After the name of a field: as it was.
_WAS = "_was"

Said = Mapping[str, str | None]


@dataclass(frozen=True)
class Correction:
    """One field, as it was and as it is; None is nothing. Personal data, but for the channel."""

    field: str
    was: str | None
    now: str | None


def corrections(was: Said, now: Said) -> tuple[Correction, ...]:
    """What differs of the fields that `now` has, in their order."""
    return tuple(
        Correction(name, was[name], now[name]) for name in FIELDS if name in now and now[name] != was[name]
    )


def data_of(found: Iterable[Correction]) -> dict[str, object]:
    """The hashed data of the event: which fields, and the facts among them."""
    found = list(found)
    facts = [one for one in found if one.field in FACTS]
    return {
        "fields": [one.field for one in found],
        **{one.field: one.now for one in facts},
        **({"was": {one.field: one.was for one in facts}} if facts else {}),
    }


def words_of(found: Iterable[Correction]) -> dict[str, str | None]:
    """The erasable words of the event."""
    words: dict[str, str | None] = {}
    for one in found:
        if one.field in WORDS:
            words |= {one.field: one.now, one.field + _WAS: one.was}
    return words


def in_words(fields: Iterable[str], words: Said) -> tuple[Correction, ...]:
    """What the words of an event say of these fields."""
    return tuple(
        Correction(name, words.get(name + _WAS), words.get(name)) for name in fields if name in WORDS
    )


def in_data(said: Mapping[str, Any]) -> tuple[Correction, ...]:
    """What the hashed data of an event say."""
    return tuple(Correction(name, said["was"][name], said[name]) for name in said["fields"] if name in FACTS)


def fields_of(said: Mapping[str, Any]) -> Sequence[str]:
    """The fields that an event names. Raises KeyError, TypeError, ValueError for what a hand has made of them."""
    fields: list[str] = said["fields"]
    if not fields or not set(fields) <= set(FIELDS):
        raise ValueError(fields)
    return tuple(fields)


def field_of(word: str) -> str:
    """The field that a word of an event is of, now or as it was."""
    return word.removesuffix(_WAS)
