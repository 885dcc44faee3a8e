"""What the state of an alert can be: what a complaint's events make of it, and what letters may, which leave no events.

An event is exact about what waits. What is going out in a letter at that moment keeps its place and follows when the
answer is there, unseen by any event; what was refused may be written again. So each alert has two fates: one if no
letter with it ever met with anything but being taken, and one if that may have been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from complaint_sla.core.owed import AlertState
from complaint_sla.core.roster import Role, is_nobody
from complaint_sla.core.rulebook import HANDED_OVER

# What events can make of an alert; of what can't be decided, several.
OWED, SUPERSEDED, DROPPED = 1, 2, 4
_FATE_OF = {AlertState.SUPERSEDED: SUPERSEDED, AlertState.DROPPED: DROPPED}


class AlertKey(NamedTuple):
    """What is unique in the ledger of one complaint."""

    generation: int
    stage: str
    occurrence: int
    recipient: str

    def __str__(self) -> str:
        return f"{self.generation}/{self.stage}/{self.occurrence} → {self.recipient}"


@dataclass(slots=True)
class Fate:
    """`can` and `going` are flags: without a letter that was refused or unheard, and with one.

    `raised_by` and `owed_by` are numbers of events. `was_owed`: it may ever have been in a letter.
    """

    raised_by: int
    can: int
    going: int
    owed_by: int
    was_owed: bool

    @classmethod
    def begun(cls, seq: int, fate: int) -> Fate:
        return cls(seq, fate, fate, seq, bool(fate & OWED))

    def owe(self, seq: int, *, surely: bool = True) -> None:
        """It waits, again or still; not `surely`: unless its recipient has something later."""
        self.can = OWED if surely else self.can | OWED
        self.going = OWED if surely else self.going | OWED
        self.owed_by, self.was_owed = seq, True

    def lose(self, to: int, *, surely: bool = True) -> None:
        """If it waits, it is superseded or dropped."""
        if self.can & OWED:
            self.can = (self.can & ~OWED if surely else self.can) | to
        if self.going & OWED:
            self.going |= to

    def states(self, recipient: str) -> str:
        """In words of the ledger."""
        owed = AlertState.UNALERTABLE if is_nobody(recipient) else AlertState.WAITING
        names = {OWED: owed, **{flag: state for state, flag in _FATE_OF.items()}}
        return " ".join(state.value for flag, state in names.items() if self.can & flag)


class Owed(Protocol):
    """A row as the events have it."""

    stage_at: datetime
    roles: set[str]
    fate: Fate


Ledger = Mapping[AlertKey, Owed]
# A stored row, with what its letter says of itself.
Stored = Mapping[str, Any]


def raised(ledger: Ledger, empty: Iterable[str]) -> None:
    """Something later is owed to roles that are still `empty`: the earlier is not, before the new rows are there."""
    empty = set(empty)
    if empty:
        for key, row in ledger.items():
            if key.recipient in empty:
                row.fate.lose(SUPERSEDED)


def redirected(
    ledger: Ledger, seq: int, of: tuple[int, str, int], chosen: Iterable[str], new: Iterable[str]
) -> None:
    """One occurrence is meant for those `chosen` now; `new` of them had no row. Of several the newest first."""
    chosen, new = set(chosen), set(new)
    mine = {key: row for key, row in ledger.items() if key[:3] == of}
    place = next(((key.generation, row.stage_at) for key, row in mine.items()), None)
    later = {
        key.recipient
        for key, row in ledger.items()
        if place is not None and _is_stage(key) and key[:3] != of and (key.generation, row.stage_at) >= place
    }
    for key, row in mine.items():
        if key.recipient not in chosen:
            row.fate.lose(SUPERSEDED)
            continue
        # An empty role hears nothing, if those whom it failed to reach have heard something later.
        has_later = bool(later) if is_nobody(key.recipient) else key.recipient in later
        if key.recipient in new:
            row.fate = Fate.begun(seq, OWED | SUPERSEDED if has_later else OWED)
        else:
            row.fate.owe(seq, surely=not has_later)
            if has_later and is_nobody(key.recipient):
                row.fate.can |= SUPERSEDED


def moved_on(ledger: Ledger, role: str) -> None:
    """The owner changes, or (`role` is the supervisor) the office: nobody is told of earlier handings-over any more."""
    for key, row in ledger.items():
        if not _is_stage(key):
            row.fate.lose(SUPERSEDED, surely=role == Role.SUPERVISOR or role in row.roles)


def ended(ledger: Ledger, *, surely: bool = True) -> None:
    """The complaint ends, or a deadline that had not passed."""
    for row in ledger.values():
        row.fate.lose(DROPPED, surely=surely)


def healed(ledger: Ledger, losers: Iterable[str]) -> None:
    """Something was taken back from these people: what it had overtaken may stay so, although nothing is later now."""
    losers = set(losers)
    for key, row in ledger.items():
        if key.recipient in losers and row.fate.was_owed:
            row.fate.can |= SUPERSEDED


def follows(
    key: AlertKey, ledger: Ledger, stored: Mapping[AlertKey, Stored], hesitated: Callable[[str], bool]
) -> bool:
    """Whether a row's state follows from the events, and from what letters may have done between them.

    `hesitated`: whether a letter to that person was ever refused for a time, given up, or not heard of. Whether the
    letter that the row names is such a one is not asked.
    """
    fate, row = ledger[key].fate, stored[key]
    state, in_letter = row["state"], row["message_id"] is not None
    if state in (AlertState.SENT, AlertState.FAILED):
        # What failed leaves its letter when that is given up, and may stay so.
        return fate.was_owed and (in_letter or state == AlertState.SENT or hesitated(key.recipient))
    flag = _FATE_OF.get(state, OWED)
    is_so = (
        bool(fate.can & flag)
        or (flag == SUPERSEDED and _is_overtaken(key, ledger, stored))
        or (bool(fate.going & flag) and not is_nobody(key.recipient) and hesitated(key.recipient))
    )
    if state == AlertState.UNALERTABLE:
        return is_so and not in_letter and is_nobody(key.recipient)
    if state != AlertState.WAITING:
        return is_so and not in_letter
    return is_so and (in_letter or not _was_passed_over(key, ledger, stored) or hesitated(key.recipient))


def _is_overtaken(key: AlertKey, ledger: Ledger, stored: Mapping[AlertKey, Stored]) -> bool:
    """Whether gathering can have superseded it: the same person was owed something that is told rather than it.

    So too an empty role, once somebody has been sent that stage or a later one.
    """
    mine = ledger[key]
    if not mine.fate.was_owed:
        return False
    if is_nobody(key.recipient):
        place = (key.generation, mine.stage_at)
        return any(
            one["state"] == AlertState.SENT and (other.generation, one["stage_at"]) >= place
            for other, one in stored.items()
        )
    return any(
        other.recipient == key.recipient and row.fate.was_owed and _is_told_rather(other, row, key, mine)
        for other, row in ledger.items()
        if other != key
    )


def _was_passed_over(key: AlertKey, ledger: Ledger, stored: Mapping[AlertKey, Stored]) -> bool:
    """Whether a letter brought its recipient something later, raised while this waited: it would have taken this along."""
    mine = ledger[key]
    return any(
        other.recipient == key.recipient
        and other in stored
        and stored[other]["state"] == AlertState.SENT
        and row.fate.raised_by > mine.fate.owed_by
        and _is_told_rather(other, row, key, mine)
        for other, row in ledger.items()
        if other != key
    )


def _is_told_rather(one: AlertKey, its: Owed, than: AlertKey, its_own: Owed) -> bool:
    """No stage gives way to a handing-over; otherwise the later is told."""
    if not _is_stage(than):
        return _is_stage(one) or (one.generation, one.occurrence) > (than.generation, than.occurrence)
    return _is_stage(one) and (one.generation, its.stage_at) >= (than.generation, its_own.stage_at)


def _is_stage(key: AlertKey) -> bool:
    return key.stage != HANDED_OVER.key
