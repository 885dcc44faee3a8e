"""What was refused for good is taken up again: because somebody asks for it, or since the person can be reached after all.

In transactions of the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from complaint_sla.core import owed
from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.owed import Row
from complaint_sla.store import alerts, complaints, offices, outbox
from complaint_sla.store.outbox import ALERTS, MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work.alerts import follow
from complaint_sla.work.desk import Desk


def reach_again(session: Session, desk: Desk, recipient: str) -> None:
    """Somebody can be reached after all: what was refused is sent to them again, of each complaint the newest stage."""
    take_up(session, desk, outbox.failed(session, recipient=recipient))
    follow.tell_again(session, desk, recipient, alerts.complaints_failed(session, recipient))


def take_up(session: Session, desk: Desk, letters: Sequence[Message]) -> None:
    """Of letters that were refused for good, one of which a copy may have arrived waits as it is; others are made anew."""
    again: list[tuple[str, set[int]]] = []
    for letter in letters:
        members = alerts.of_message(session, letter.id) if letter.kind == ALERTS else []
        if letter.unheard_at is not None and (
            letter.kind != ALERTS or _wanted(session, desk, letter, members)
        ):
            letter.state = MessageState.SENDING
        elif letter.kind != ALERTS:
            # Nothing else would write it anew.
            letter.state = MessageState.WAITING
        else:
            letter.state = MessageState.DISSOLVED
            again.append((letter.recipient, {row.complaint_id for row in members}))
        letter.not_before = desk.clock()
    session.flush()
    # Complaints before their rows, as everybody else locks them.
    complaints.locked_all(session, set().union(*(ids for _, ids in again)))
    alerts.give_up(session, [letter.id for letter in letters if letter.state == MessageState.DISSOLVED])
    for recipient, ids in again:
        follow.tell_again(session, desk, recipient, sorted(ids))


def _wanted(session: Session, desk: Desk, letter: Message, members: Sequence[Row]) -> bool:
    """Whether a letter is to be sent again as it was: there is somebody to get it, and something of it to be told."""
    told = alerts.told(session, letter.recipient, members, desk.now + DRIFT)
    return not has_left(session, letter.recipient) and bool(owed.for_letter(members, told)[0])


def has_left(session: Session, recipient: str) -> bool:
    """Whether somebody is on the staff no more."""
    person = offices.person_named(session, recipient)
    return person is not None and person.retired_at is not None
