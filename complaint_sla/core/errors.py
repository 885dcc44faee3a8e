"""One tree of errors. The class carries the exit code, the instance a key and the values it speaks of.

The words for a key, in Thai and English, come from `wording`; the core knows neither language.
"""
# They are caught by name and read in tracebacks: `NotPossible` says more than `NotPossibleError`.
# ruff: noqa: N818

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class Error(Exception):
    """Something that the person at the terminal can understand and cure.

    `key` names the message in `wording.errors`; `values` fill it in. They are shown as they are, so a
    caller passes no personal data beyond what the person has just typed.
    """

    exit_code = 70

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return f"{self.key} {self.values}" if self.values else self.key


class BadValue(Error):
    """Wrong usage, a bad value, a missing extra, a file that can't be read or written."""

    exit_code = 2


class NotFound(Error):
    """No such complaint, message or version."""

    exit_code = 3


class BookRefused(Error):
    """The rule books can't be used as they are."""

    exit_code = 4


class DatabaseUnusable(Error):
    """The database is not reachable, or its schema is newer or older than this program."""

    exit_code = 5


class DatabaseMoved(DatabaseUnusable):
    """Another database, one of another schema, or none, is where the one was that is open."""


class DatabaseLocked(DatabaseUnusable):
    """Somebody else holds what one thing needs; all others may be free."""


class NotPossible(Error):
    """The state of things forbids it: closing a closed complaint, say."""

    exit_code = 6


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a rule book: which file, which key in it, what, and the values it speaks of."""

    file: str
    place: str
    key: str
    values: tuple[tuple[str, object], ...] = ()


class BookFaults(BookRefused):
    """Every fault of the rule books at once, so that they are mended in one go."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("book-faults", count=len(faults))
        self.faults = faults


class MapFaults(BadValue):
    """Every fault of a sheet's map at once, so that they are mended in one go."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("map-faults", count=len(faults))
        self.faults = faults


class SeveralRefused(Error):
    """One act on several complaints, of which some can't be done; none was. Ends as the first of the refusals does."""

    def __init__(self, count: int, refusals: Sequence[Error]) -> None:
        super().__init__("several-refused", count=count, refused=len(refusals))
        self.refusals = tuple(refusals)
        self.exit_code = self.refusals[0].exit_code
