"""The anchor of a day: the journal takes up the hashes of all events since the one before, and its hash leaves by mail.

What was recorded before can't be changed, added or taken away afterwards without that being seen by whoever has kept
the mail, whatever program it is done with.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from sqlmodel import Session

from complaint_sla.core.anchor import Anchor, Reach
from complaint_sla.core.chain import UNREADABLE, read
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
        made = _made(entry)
        if made is not None and made[0] == day:
            return Anchor.of(made[1].complaints, entry.seq, entry.hash)
    return None


def _make(session: Session, desk: Desk, day: str, through: int) -> None:
    last = last_entries(session, JournalKind.ANCHORED, 1)
    # What a hand has made unreadable is named by the audit; the anchors begin anew.
    _, before = (_made(last[0]) if last else None) or ("", Reach())
    through = max(through, before.through)
    reach = before.on(through, events_between(session, before.through, through))
    journal.record(session, desk, JournalKind.ANCHORED, {"day": day, **asdict(reach)})


def _made(entry: JournalEntry) -> tuple[str, Reach] | None:
    """The day of an anchor and what it stands for; None if it can't be read."""
    with suppress(*UNREADABLE):
        said = read(entry.kind, entry.data)
        return str(said["day"]), Reach.read(said)
    return None
