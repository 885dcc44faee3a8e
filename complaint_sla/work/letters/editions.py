"""What may have arrived under a Message-ID goes again as it was, or under the next one: one ID never stands on two texts.

Works on a letter that the caller holds, in the caller's transaction.
"""

from __future__ import annotations

from sqlmodel import Session

from complaint_sla.core.doubt import is_ahead
from complaint_sla.core.editions import following
from complaint_sla.core.replies import Answer
from complaint_sla.store import alerts, complaints
from complaint_sla.store.outbox import MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work.alerts import follow
from complaint_sla.work.desk import Desk

# Certainly nothing was taken. The others are no answers.
_NO = tuple(set(Answer) - {Answer.ACCEPTED, Answer.UNKNOWN, Answer.UNWRITTEN})


def as_it_was(message: Message, desk: Desk) -> Desk:
    """The desk at the moment as of which a letter is to be written: that of what may have arrived under its Message-ID."""
    return desk if message.digest is None or message.unheard_at is None else desk.at(message.unheard_at)


def ready(message: Message, desk: Desk, *, anew: bool) -> Desk:
    """The same of a letter that goes out again.

    `anew`, and where a clock that ran ahead had written it or nothing is known of its bytes, it gets its next Message-ID.
    """
    then = message.unheard_at
    if anew or then is None or is_ahead(then, desk.now):
        message.message_id = following(message.message_id)
        message.digest = None
        message.unheard_at = then or message.first_tried_at or desk.now
    return as_it_was(message, desk)


def refused(message: Message, before: str | None, *, perhaps_delivered: bool) -> None:
    """A server has refused a letter: nothing of this attempt was taken. `before` is the digest that it went out with before."""
    if message.digest != before:
        message.digest = None
    if not perhaps_delivered:
        message.unheard_at = None


def is_refused(message: Message) -> bool:
    """Whether the last answer was a no, though an earlier attempt may have arrived unheard."""
    return message.answer in _NO


def give_up(session: Session, desk: Desk, message: Message) -> None:
    """Sends a letter no more, though a copy of it may have arrived; what it held waits again, for whomever it concerns now."""
    message.state = MessageState.DISSOLVED
    message.lease_until = message.lease_token = None
    session.flush()
    members = alerts.of_message(session, message.id)
    # Complaints before their rows, as everybody else locks them.
    complaints.locked_all(session, {row.complaint_id for row in members})
    follow.straighten(session, desk, message.id)
    alerts.free(session, [message.id])
