"""The pen of the journal: what is done that is no complaint's is written down, and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from complaint_sla.core.journal import JOURNAL, JournalKind
from complaint_sla.store.house import the_house
from complaint_sla.store.tables import JournalEntry
from complaint_sla.work.casefile import next_event
from complaint_sla.work.desk import Desk

# As many complaints and figures as an event names; the chain of each complaint says it too.
MOST_NAMED = 20


def record(session: Session, desk: Desk, kind: JournalKind, data: Mapping[str, object]) -> None:
    """Appends an event of `desk.now`, with the transaction or not at all; until it ends nobody else writes in the journal."""
    house = the_house(session, lock=True)
    event = next_event(desk, JOURNAL, house.events + 1, house.head, kind, desk.now, data)
    house.events += 1
    house.head = event["hash"]
    session.add(JournalEntry(**event))
    session.flush()


def healed(
    session: Session,
    desk: Desk,
    wrong_at: datetime | None,
    complaints: Sequence[str] = (),
    figures: Sequence[str] = (),
) -> None:
    """Says that a clock was wrong, up to which moment (UTC), and what has been put right: complaints, figures (2017-Q1/1)."""
    named = {"complaints": complaints[:MOST_NAMED], "figures": figures[:MOST_NAMED]}
    data = {"wrong_at": wrong_at, "count": len(complaints), **named}
    record(session, desk, JournalKind.HEALED, data)
