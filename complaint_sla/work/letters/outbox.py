"""The outbox: what is owed becomes letters, one to a person; a worker claims one, says that it goes out, records the answer.

A letter that may have been delivered is sent again with the same members, and as it was, under the same Message-ID; where
that can't be, under the next one, which names those before. One that certainly was not is broken up and gathered anew, so
that an outage of days ends in one mail. Each function runs transactions of its own. `desk.now` dates what is done;
leases, pauses and attempts follow `desk.clock`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from complaint_sla.core import handover, owed
from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.errors import NotFound
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.owed import Row
from complaint_sla.core.replies import Answer
from complaint_sla.store import alerts, complaints, heartbeats, offices, outbox
from complaint_sla.store.outbox import ALERTS, MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work import journal
from complaint_sla.work.alerts import refused
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import alert_letter, answered, editions
from complaint_sla.work.letters.alert_letter import Letter
from complaint_sla.work.letters.answered import HOLDS_UP_ALL, PAUSES, Claim

if TYPE_CHECKING:
    from complaint_sla.work.letters.notices import AnyNotice

# Whoever sends renews it as long as the conversation lasts, ten minutes and more: so a letter of a worker that has died is
# taken up soon, and one that a slow server has still to answer is not.
LEASE = timedelta(seconds=60)
# So long is waited for sweeps to finish, so that a person gets one letter and not two.
PATIENCE = timedelta(minutes=10)


def gather(desk: Desk, domain: str) -> int:
    """Makes letters of what is owed, at most one new one a person; `domain` ends their Message-IDs. Returns how many.

    While there is something left to sweep, only urgent and long-waiting matters are gathered; outside working hours
    only urgent ones. A letter that goes takes everything along, so that it is one and not two.
    """
    at = desk.clock()
    at_work = desk.service.is_at_work(desk.now, desk.zone)
    with desk.store.read() as session:
        stranded = alerts.letters_waiting_in(session, MessageState.DISSOLVED)
    if stranded:
        # Broken up by somebody who sees a part of what they held, and could set free no more than that.
        desk.store.write(lambda session: alerts.free(session, stranded))
    with desk.store.read() as session:
        unswept = complaints.anything_due(session, desk.now, heartbeats.set_aside(session, "sweep"))
        patient = desk.now - PATIENCE if unswept else None
        recipients = {
            recipient
            for recipient, oldest, urgent in alerts.recipients_waiting(
                session, desk.now - handover.NEWS_WAITS
            )
            if urgent or (at_work and (patient is None or oldest <= patient))
        }
        recipients.update(outbox.recipients_unsent(session, at, LEASE, PAUSES[-1]))
    made = 0
    for recipient in sorted(recipients):
        with desk.apart(recipient):
            made += desk.store.write(lambda session, to=recipient: _gather(session, desk, to, domain, at))  # type: ignore[misc]
    return made


def _gather(session: Session, desk: Desk, recipient: str, domain: str, at: datetime) -> bool:
    """One letter for one person, under a lock on the person. False if there is nothing to say, or one is in other hands."""
    offices.person_named(session, recipient, lock=True)
    waiting = alerts.waiting_for(session, recipient)
    unsent = outbox.unsent_of(session, recipient)
    if not waiting or any(
        outbox.is_held(message, at, LEASE) or at < message.not_before <= at + 2 * PAUSES[-1]
        for message in unsent
        # One that can't be written holds up nothing else for the same person.
        if message.answer != Answer.UNWRITTEN
    ):
        return False
    outbox.dissolve(session, [message.id for message in unsent])
    if unsent:
        waiting = alerts.waiting_for(session, recipient)
    members = _still_owed(session, desk, recipient, waiting)
    if not handover.makes_letter(members, desk.now):
        return False
    occasion = secrets.token_hex(16)
    tried = _tried(session, recipient, unsent)
    message = Message(
        kind=ALERTS,
        occasion=occasion,
        recipient=recipient,
        message_id=f"<{occasion}@{domain}>",
        state=MessageState.WAITING,
        created_at=desk.now,
        attempts=max((one.attempts for one in tried), default=0),
        first_tried_at=min((one.first_tried_at for one in tried if one.first_tried_at), default=None),
        not_before=at,
    )
    session.add(message)
    session.flush()
    alerts.write(session, owed.gathered(members, message.id))
    return True


def _tried(session: Session, recipient: str, unsent: Sequence[Message]) -> Sequence[Message]:
    """The letters whose attempts the new one carries on: a person does not become reachable by a letter's being broken up."""
    last = outbox.last_of(session, recipient)
    if last is None or last.state != MessageState.DISSOLVED or last.answer == Answer.NO_ADDRESS:
        return unsent
    return [*unsent, last]


def claim(desk: Desk, most: int) -> list[Claim]:
    """Takes up to `most` letters in hand for the length of a lease; none while a limit of the server puts them off."""
    token = secrets.token_hex(16)

    def job(session: Session) -> list[Claim]:
        at = desk.clock()
        if outbox.put_off_until(session, at, PAUSES[-1]) is not None:
            return []
        taken = outbox.claim(session, at, LEASE, PAUSES[-1], token, most)
        return [
            Claim(
                message.id,
                token,
                message.recipient,
                message.state == MessageState.SENDING,
                message.kind,
                message.message_id,
                message.digest,
            )
            for message in taken
        ]

    return desk.store.write(job)


def is_limited(desk: Desk) -> bool:
    """Whether the last that was heard of the server is that it takes only so many letters."""
    with desk.store.read() as session:
        return outbox.any_put_off(session)


def write(desk: Desk, held: Claim, *, anew: bool = False) -> Letter | AnyNotice | None:
    """The letter in the state of this moment; None if there is nothing left to say, and it is dissolved by that.

    What may have arrived is written as it was then; `anew`, as things stand now, under the next Message-ID.
    """
    if held.kind != ALERTS:
        # What notices are made of, no alert waits for.
        from complaint_sla.work.letters import notices

        return notices.write(desk, held.id, held.token, anew=anew)

    def job(session: Session) -> Letter | None:
        message = outbox.held(session, held.id, held.token)
        if message is None:
            return None
        if refused.has_left(session, held.recipient):
            # What it held is their successor's, as soon as somebody looks after the posts.
            editions.give_up(session, desk, message)
            return None
        members = alerts.of_message(session, held.id)
        if message.state != MessageState.WAITING:
            return alert_letter.letter(session, editions.ready(message, desk, anew=anew), message, members)
        members = _still_owed(session, desk, message.recipient, members)
        if not handover.makes_letter(members, desk.now):
            outbox.dissolve(session, [held.id])
            return None
        letter, untold = alert_letter.as_far_as_can_be(session, desk, message, members)
        # They wait, and are gathered into a letter of their own.
        alerts.write(session, owed.freed(row for row in members if row.id in untold))
        return letter

    return desk.store.write(job)


def _still_owed(session: Session, desk: Desk, recipient: str, rows: Sequence[Row]) -> list[Row]:
    """What a letter to somebody brings of these rows; the others are settled with that."""
    members, change = owed.for_letter(rows, alerts.told(session, recipient, rows, desk.now + DRIFT))
    alerts.write(session, change)
    return members


def begin(
    desk: Desk,
    held: Claim,
    digest: str = "",
    written_at: datetime | None = None,
    left_out: Collection[int | None] = (),
) -> bool:
    """Says that the letter goes out now, before it does. False if it may not: dissolved, or in other hands.

    `digest` is that of its bytes, which were written as things stood at `written_at`, now if that is not said. Members
    that had no room in it are `left_out` (ids): they wait, and are gathered into a letter of their own.
    """
    at = written_at or desk.now

    def job(session: Session) -> bool:
        begun = outbox.begin_sending(session, held.id, held.token, desk.clock(), LEASE, digest, at)
        if begun and left_out:
            rows = alerts.of_message(session, held.id)
            alerts.write(session, owed.freed(row for row in rows if row.id in left_out))
        return begun

    return desk.store.write(job)


def renew(desk: Desk, held: Collection[Claim]) -> None:
    """Begins the lease of letters in hand anew."""
    ids, tokens = {one.id for one in held}, {one.token for one in held}
    desk.store.write(lambda session: outbox.renew(session, ids, tokens, desk.clock(), LEASE))


def let_go(desk: Desk, held: Claim) -> None:
    """Gives a letter back that no server was asked to take: whoever comes next may claim it at once."""

    def job(session: Session) -> None:
        message = outbox.held(session, held.id, held.token)
        if message is not None:
            message.lease_until = message.lease_token = None

    desk.store.write(job)


def put_back(desk: Desk, held: Claim, fault: str) -> None:
    """The letter could not be written, for this reason: it waits until that is mended, and nothing of it is lost."""

    def job(session: Session) -> None:
        message = outbox.held(session, held.id, held.token)
        if message is not None:
            message.attempts += 1
            answered.pause(session, message, desk.clock(), Answer.UNWRITTEN, fault)

    desk.store.write(job)


def record(desk: Desk, held: Claim, answer: Answer, said: str | None, digest: str | None = None) -> None:
    """Writes down what came of sending what has this `digest`, in one transaction; see `answered.record`."""
    desk.store.write(lambda session: answered.record(session, desk, held, answer, said, digest))


def take_back(desk: Desk, held: Claim) -> bool:
    """The letter was too large as it was, and is going to be written otherwise. False if it is in other hands."""
    return desk.store.write(lambda session: answered.take_back(session, held))


def retry(desk: Desk, message_id: int | None) -> int:
    """Lets letters that wait be tried at once, and what was refused for good be sent to the same person again.

    One letter, or all. Returns how many. Raises NotFound (`no-such-message`).
    """

    def job(session: Session) -> int:
        journal.hold(session)
        if message_id is not None and outbox.with_id(session, message_id) is None:
            raise NotFound("no-such-message", id=message_id)
        failed = outbox.failed(session, message_id)
        hurried = outbox.hurry(session, message_id, desk.clock())
        refused.take_up(session, desk, failed)
        count = hurried + len(failed)
        if count:
            journal.record(session, desk, JournalKind.RETRIED, {"letter": message_id, "letters": count})
        return count

    return desk.store.write(job)


@dataclass(frozen=True)
class PutOff:
    """So many letters wait together `until` a moment, as a limit of the server put one off with these words.

    `stalled`: it has let nothing through for so long that somebody has to know.
    """

    letters: int
    until: datetime
    said: str
    stalled: bool


def put_off(desk: Desk) -> PutOff | None:
    """What a limit of the server puts off now; None if nothing is."""
    at = desk.clock()
    with desk.store.read() as session:
        until = outbox.put_off_until(session, at, PAUSES[-1])
        if until is None:
            return None
        said = outbox.pending_error(session, Answer.LIMIT) or ""
        stalled = answered.standstill(session, at) >= answered.STALLED
        return PutOff(outbox.count_due(session, until, PAUSES[-1]), until, said, stalled)


def beat(desk: Desk, fault: str | None) -> None:
    """Notes that a round of deliveries was done, and what stopped mail from leaving if something did."""
    if fault is None:
        with desk.store.read() as session:
            # Between two tries nothing fails, and nothing leaves either.
            fault = outbox.pending_error(session, *HOLDS_UP_ALL)
    desk.beat("deliver", fault)
