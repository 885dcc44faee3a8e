"""What a mail server has taken is entered into the journal, a round of deliveries at a time."""

from __future__ import annotations

from sqlmodel import Session

from complaint_sla.core.delivery import digest_of
from complaint_sla.core.journal import JOURNAL, JournalKind
from complaint_sla.store import deliveries
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk

# As many letters as one entry holds.
MOST = 500


def enter(desk: Desk) -> None:
    """Enters the letters that were sent since. Whoever was killed before it leaves them to the next round."""
    # A journal that a hand has damaged keeps no letter from going out.
    with desk.apart(JOURNAL):
        while desk.store.write(lambda session: enter_some(session, desk)) == MOST:
            pass


def enter_some(session: Session, desk: Desk) -> int:
    """Enters as many as one entry holds; how many there were."""
    if not deliveries.unentered(session, 1):
        return 0
    # Of two who do it at once the second finds it done.
    journal.hold(session)
    letters = deliveries.unentered(session, MOST)
    if letters:
        ids = [one["id"] for one in letters]
        members = deliveries.members(session, ids)
        digest = digest_of((one, members.get(one["id"], ())) for one in letters)
        data = {"letters": len(ids), "first": ids[0], "last": ids[-1], "digest": digest}
        entry = journal.record(session, desk, JournalKind.DELIVERED, data)
        deliveries.enter(session, ids, entry)
    return len(letters)
