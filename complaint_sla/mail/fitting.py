"""Letters made to fit: what a server or a mailbox takes no more of than so many bytes is written with less in it.

First the details go, then the HTML form, then the files, whose places are named instead. What is still too large for one
letter becomes several, each whole in itself; or, where that would be many, one with the counts, the worst ones, and where to
see the rest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from complaint_sla.mail.alert_letter import ranked
from complaint_sla.mail.compose import compose
from complaint_sla.mail.room import Room
from complaint_sla.wording import Words
from complaint_sla.work.letters.alert_letter import Letter

if TYPE_CHECKING:
    from complaint_sla.work.letters.notices import AnyNotice

# More than so many letters about one morning are a heap that nobody reads.
MOST_LETTERS = 5
# From the best look to the barest that still names everything.
_ROOMS = (
    *(Room(), Room(detailed=10), Room(detailed=3)),
    *(Room(html=False), Room(detailed=3, html=False), Room(detailed=0, html=False)),
)
# What a letter about one complaint still says where its own words are too long.
_BARE = Room(detailed=0, html=False, text=80)
# Lines of each section of a summary.
_LINES = (10, 3, 0)


@dataclass(frozen=True)
class Fitted:
    """The bytes of a letter, and the members that had no room in it (ids of the ledger)."""

    message: bytes
    left_out: frozenset[int | None] = frozenset()


def fitted(
    letter: Letter | AnyNotice, sender: str, words: Words, most: int | None, *, whole: bool = False
) -> Fitted | None:
    """The letter in at most so many bytes; None if it can't be said in so few. `whole`: it has to keep its members."""

    def written(one: Letter | AnyNotice, room: Room) -> bytes | None:
        message = compose(one, sender, words, room)
        return message if most is None or len(message) <= most else None

    if not isinstance(letter, Letter):
        tries = (written(one, room) for one, room in _narrower(letter))
        message = next((one for one in tries if one is not None), None)
        return Fitted(message) if message is not None else None
    for room in _ROOMS:
        if (message := written(letter, room)) is not None:
            return Fitted(message)
    cases = [one.case for one in ranked(letter)]

    def first(count: int) -> bytes | None:
        return written(replace(letter, cases=tuple(cases[:count])), _BARE)

    if not whole and (room_for := _largest(len(cases) - 1, first)) * MOST_LETTERS >= len(cases):
        left_out = frozenset(one.alert for one in cases[room_for:])
        return Fitted(first(room_for) or b"", left_out)

    def short(count: int) -> bytes | None:
        return written(letter, replace(_BARE, named=count))

    message = short(_largest(len(cases), short))
    return Fitted(message) if message is not None else None


def _largest(most: int, written: Callable[[int], bytes | None]) -> int:
    """The largest count up to `most` with which something can be written; 0 if there is none."""
    return bisect_left(range(1, most + 1), True, key=lambda count: written(count) is None)


def _narrower(letter: AnyNotice) -> Iterator[tuple[AnyNotice, Room]]:
    """A notice in ever less room."""
    yield letter, Room()
    yield letter, Room(files=False)
    yield letter, Room(files=False, html=False)
    for lines in _LINES:
        yield _shortened(letter, lines), Room(files=False, html=False)


def _shortened(letter: AnyNotice, lines: int) -> AnyNotice:
    """With so many lines of whatever it lists; the counts stay."""
    listed: dict[str, Any] = {one.name: getattr(letter, one.name) for one in fields(letter)}
    return replace(
        letter,
        **{
            name: replace(value, lines=value.lines[:lines])
            for name, value in listed.items()
            if hasattr(value, "lines")
        },
    )
