"""The pen of the journal: what is done that is no complaint's is written down, and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from complaint_sla.core.chain import UNREADABLE, read
from complaint_sla.core.journal import JOURNAL, JournalKind
from complaint_sla.store.house import entries_since, free_number, the_house
from complaint_sla.store.tables import JournalEntry
from complaint_sla.work.casefile import next_event
from complaint_sla.work.desk import Desk

# As many complaints and figures as an event names; the chain of each complaint says it too.
MOST_NAMED = 20


def record(
    session: Session,
    desk: Desk,
    kind: JournalKind,
    data: Mapping[str, object],
    words: Mapping[str, str | None] | None = None,
) -> int:
    """Appends an entry of `desk.now`, with the transaction or not at all; until it ends nobody else writes in the journal.

    Returns its number. `words` are personal, and can be erased. Whoever changes what complaints, letters or books hold
    in the same transaction takes the house in hand first (`hold`), or two could wait for each other.
    """
    house = the_house(session, lock=True)
    number = free_number(session, house.events)
    event = next_event(desk, JOURNAL, number, house.head, kind, desk.now, data, words)
    house.events, house.head = number, event["hash"]
    session.add(JournalEntry(**event))
    session.flush()
    return house.events


def hold(session: Session) -> None:
    """Lets nobody else write in the journal until the transaction ends."""
    the_house(session, lock=True)


def note(desk: Desk, kind: JournalKind, data: Mapping[str, object]) -> None:
    """Writes down what is done outside the database, at the moment of the clock. One transaction.

    Raises DatabaseUnusable where it can't be written to: what can't be recorded is not to be done.
    """
    at = desk.at(desk.clock())
    desk.store.write(lambda session: record(session, at, kind, data))


def healed(
    session: Session,
    desk: Desk,
    wrong_at: datetime,
    complaints: Sequence[str] = (),
    figures: Sequence[str] = (),
) -> None:
    """Says that a clock was wrong, up to which moment (UTC), and what has been put right: complaints, figures (2017-Q1/1)."""
    named = {"complaints": complaints[:MOST_NAMED], "figures": figures[:MOST_NAMED]}
    data = {"wrong_at": wrong_at, "count": len(complaints), "void": len(figures), **named}
    record(session, desk, JournalKind.HEALED, data)


@dataclass(frozen=True)
class Leapt:
    """A machine's clock told `now`, where by its count it had to be `was` (UTC)."""

    was: datetime
    now: datetime


def leapt_since(session: Session, since: datetime) -> Leapt | None:
    """The last leap of a clock that was noticed since a moment."""
    for one in reversed(entries_since(session, JournalKind.CLOCK_LEAPT, since)):
        with suppress(*UNREADABLE):
            said = read(one.kind, one.data)
            moments = (datetime.fromisoformat(said[name]).astimezone(UTC) for name in ("was", "now"))
            return Leapt(*moments)
    return None


@dataclass(frozen=True)
class Healed:
    """What a wrong clock had done was put right, last `at` a moment (UTC): so many complaints, so many void figures.

    `wrong_at` is the latest moment that it told.
    """

    at: datetime
    wrong_at: datetime
    complaints: int
    figures: int


def healed_since(session: Session, since: datetime) -> Healed | None:
    """All that was put right since a moment, in one."""
    entries = entries_since(session, JournalKind.HEALED, since)
    found: list[Healed] = []
    for one in entries:
        # What a hand has made unreadable is named by the audit.
        with suppress(*UNREADABLE):
            said = read(one.kind, one.data)
            wrong_at = datetime.fromisoformat(said["wrong_at"]).astimezone(UTC)
            found.append(Healed(one.happened_at, wrong_at, int(said["count"]), int(said["void"])))
    if not found:
        return None
    return Healed(
        at=found[-1].at,
        wrong_at=max(one.wrong_at for one in found),
        complaints=sum(one.complaints for one in found),
        figures=sum(one.figures for one in found),
    )
