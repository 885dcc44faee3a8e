"""Offices and people as the journal tells of them: each entry holds all of what it is about as it leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from complaint_sla.core.journal import JournalKind

# What an entry holds, in the words that it is told in; the name of a person stands in the erasable words.
OFFICE = ("code", "name_th", "name_en", "parent", "class")
STAFF = (
    *("email", "office", "role", "lang", "login"),
    *("away_until", "deputy", "retired_at", "unreachable_since"),
)
NAME = "name"
# Under this name stand the values that were changed, as they were; of the name in the words, `name_was`.
WAS = "was"

OF_OFFICES = frozenset({JournalKind.OFFICE_ADDED, JournalKind.OFFICE_CHANGED})
OF_STAFF = frozenset(
    {
        JournalKind.STAFF_ADDED,
        JournalKind.STAFF_CHANGED,
        JournalKind.STAFF_AWAY,
        JournalKind.STAFF_RETIRED,
        JournalKind.STAFF_UNREACHABLE,
    }
)

# What entries lack that were made before there was such a thing: None is what they mean.
_LATER = frozenset({"class"})

# By column; moments and days as they are written in an event.
Record = Mapping[str, object]


def changed(before: Record, after: Record) -> dict[str, object]:
    """What was otherwise before: the values that are gone, by column."""
    return {name: value for name, value in before.items() if after.get(name) != value}


@dataclass
class Register:
    """All offices by code and all people by e-mail, as the entries taken so far leave them.

    Until stock was taken nobody had written down who there was: then it is not `known`. A name that was erased is None.
    """

    known: bool = False
    offices: dict[str, Record] = field(default_factory=dict)
    staff: dict[str, Record] = field(default_factory=dict)
    names: dict[str, str | None] = field(default_factory=dict)

    def take(self, kind: str, said: Mapping[str, Any], words: Mapping[str, Any] | None) -> None:
        """The next entry of the journal: its data, and its words, None where they were erased.

        Raises KeyError, TypeError, AttributeError for what is none.
        """
        if kind == JournalKind.STOCK_TAKEN:
            self.known = True
            self.offices = {one["code"]: _only(OFFICE, one) for one in said["offices"]}
            self.staff = {one["email"]: _only(STAFF, one) for one in said["staff"]}
            self.names = {email: None if words is None else words.get(email) for email in self.staff}
        elif kind in OF_OFFICES:
            self.offices[said["code"]] = _only(OFFICE, said)
        elif kind in OF_STAFF:
            self.staff[said["email"]] = _only(STAFF, said)
            self.names[said["email"]] = None if words is None else words.get(NAME)


def _only(names: tuple[str, ...], said: Mapping[str, Any]) -> Record:
    return {name: said.get(name) if name in _LATER else said[name] for name in names}
