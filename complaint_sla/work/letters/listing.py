"""The outbox as people look at it: what waits, went, was refused; a letter as it would be written now. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from complaint_sla.store import alerts, outbox
from complaint_sla.store.outbox import ALERTS
from complaint_sla.store.tables import Message
from complaint_sla.store.types import whole
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import alert_letter, editions
from complaint_sla.work.letters.alert_letter import Letter

if TYPE_CHECKING:
    from complaint_sla.work.letters.notices import AnyNotice


@dataclass(frozen=True)
class LetterView:
    """A letter of the outbox. `error` is what the mail server last said, `answer` what of that is told apart: whose matter it
    is. `complaints` counts what it is about.

    A copy that was written at `unheard_at` may have arrived, though nobody heard so.
    """

    id: int
    kind: str
    recipient: str
    state: str
    complaints: int
    created_at: datetime
    attempts: int
    sent_at: datetime | None
    next_try_at: datetime | None
    error: str | None
    message_id: str
    unheard_at: datetime | None
    answer: str | None = None


def preview(desk: Desk, message_id: int) -> tuple[LetterView, Letter | AnyNotice] | None:
    """A letter of the outbox as it would be written now; None if there is none of that id."""
    with desk.store.read() as session:
        message = outbox.with_id(session, message_id)
        if message is None:
            return None
        members = alerts.of_message(session, message_id)
        view = _letter_view(message, len(members))
        if message.kind == ALERTS:
            return view, alert_letter.letter(session, editions.as_it_was(message, desk), message, members)
    from complaint_sla.work.letters import notices

    return view, notices.written(editions.as_it_was(message, desk), message)


def letters(desk: Desk, *, failed_only: bool, most: int | None) -> list[LetterView]:
    """Letters, newest first, without those that were broken up."""
    with desk.store.read() as session:
        found = outbox.letters(session, failed_only=failed_only, most=most)
        counts = alerts.members(session, [message.id for message in found])
        views = []
        for message in found:
            with desk.apart(f"message {message.id}"):
                whole(f"message {message.id}", message)
                views.append(_letter_view(message, counts.get(message.id, 0)))
        return views


def _letter_view(message: Message, complaints_in: int) -> LetterView:
    return LetterView(
        id=message.id,
        kind=message.kind,
        recipient=message.recipient,
        state=message.state,
        complaints=complaints_in,
        created_at=message.created_at,
        attempts=message.attempts,
        sent_at=message.sent_at,
        next_try_at=message.not_before if message.state in outbox.PENDING else None,
        error=message.error,
        message_id=message.message_id,
        unheard_at=message.unheard_at,
        answer=message.answer,
    )
