"""The anchor of a day: the journal takes up the hashes of all events since the one before, and its hash leaves by mail.

What was recorded before can't be changed, added or taken away afterwards without that being seen by whoever has kept
the mail, whatever program it is done with.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlmodel import Session

from complaint_sla.core.anchor import Anchor, next_digest
from complaint_sla.core.chain import read
from complaint_sla.core.errors import Error
from complaint_sla.core.journal import JournalKind
from complaint_sla.store.house import last_entries
from complaint_sla.store.sequence import events_between, settled_through
from complaint_sla.store.tables import JournalEntry
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk

# As many of the last ones as are looked through for that of a day.
_RECENT = 40


def keep(desk: Desk) -> None:
    """Makes the anchor of today if there is none yet. One transaction."""
    day = desk.today.isoformat()
    with desk.store.read() as session:
        if of_day(session, day) is not None:
            return

    def job(session: Session) -> None:
        through = settled_through(session)
        # Of two who do it at once the second finds it done.
        journal.hold(session)
        if of_day(session, day) is None:
            _make(session, desk, day, through)

    desk.store.write(job)


def of_day(session: Session, day: str) -> Anchor | None:
    """The anchor that was made on a local day (2017-03-05); None if there is none."""
    for entry in last_entries(session, JournalKind.ANCHORED, _RECENT):
        said = _said(entry)
        if said is not None and said.get("day") == day:
            return Anchor.of(said["complaints"], entry.seq, entry.hash)
    return None


def _make(session: Session, desk: Desk, day: str, through: int) -> None:
    last = last_entries(session, JournalKind.ANCHORED, 1)
    # What a hand has made unreadable is named by the audit; the anchors begin anew.
    before = (_said(last[0]) if last else None) or {"through": 0, "digest": "", "events": 0, "complaints": 0}
    hashes = []
    begun = 0
    for _, seq, hash_ in events_between(session, before["through"], through):
        hashes.append(hash_)
        begun += seq == 1
    data = {
        "day": day,
        "through": max(through, before["through"]),
        "events": before["events"] + len(hashes),
        "complaints": before["complaints"] + begun,
        "digest": next_digest(before["digest"], hashes),
    }
    journal.record(session, desk, JournalKind.ANCHORED, data)


def _said(entry: JournalEntry) -> dict[str, Any] | None:
    with suppress(Error, LookupError, TypeError, ValueError, AttributeError):
        return read(entry.kind, entry.data)
    return None
