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
from complaint_sla.core.owed import AlertState, Row
from complaint_sla.core.replies import Answer
from complaint_sla.store import alerts, complaints, heartbeats, offices, outbox
from complaint_sla.store.outbox import ALERTS, MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work import journal, people
from complaint_sla.work.alerts import follow, refused
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import alert_letter, editions
from complaint_sla.work.letters.alert_letter import Letter

if TYPE_CHECKING:
    from complaint_sla.work.letters.notices import AnyNotice

# Whoever sends renews it as long as the conversation lasts, ten minutes and more: so a letter of a worker that has died is
# taken up soon, and one that a slow server has still to answer is not.
LEASE = timedelta(seconds=60)
# Between attempts; the last one holds from then on.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60))
# So long is waited for sweeps to finish, so that a person gets one letter and not two.
PATIENCE = timedelta(minutes=10)
# After so long without success the next in line hears of it too.
UNSENT = timedelta(hours=24)


_FOR_GOOD = (Answer.NO_ADDRESS, Answer.REFUSED)


@dataclass(frozen=True)
class Claim:
    """A letter in the hands of this worker until the lease ends. `perhaps_delivered`: it was found in sending.

    `digest` is that of what may have arrived under `message_id`.
    """

    id: int
    token: str
    recipient: str
    perhaps_delivered: bool
    kind: str
    message_id: str = ""
    digest: str | None = None


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
    if last is None or last.state != MessageState.DISSOLVED or last.answer in _FOR_GOOD:
        return unsent
    return [*unsent, last]


def claim(desk: Desk, most: int) -> list[Claim]:
    """Takes up to `most` letters in hand for the length of a lease."""
    token = secrets.token_hex(16)

    def job(session: Session) -> list[Claim]:
        taken = outbox.claim(session, desk.clock(), LEASE, PAUSES[-1], token, most)
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


def begin(desk: Desk, held: Claim, digest: str = "", written_at: datetime | None = None) -> bool:
    """Says that the letter goes out now, before it does. False if it may not: dissolved, or in other hands.

    `digest` is that of its bytes, which were written as things stood at `written_at`, now if that is not said.
    """
    at = written_at or desk.now
    return desk.store.write(
        lambda session: outbox.begin_sending(session, held.id, held.token, desk.clock(), LEASE, digest, at)
    )


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
            _pause(message, desk.clock(), Answer.UNWRITTEN, fault)

    desk.store.write(job)


def record(desk: Desk, held: Claim, answer: Answer, said: str | None, digest: str | None = None) -> None:
    """Writes down what came of sending, if the lease is still ours; otherwise whoever has it will.

    A yes to what went out with this `digest` counts however late it comes (a machine that slept, a process that was stopped),
    if no other answer came before: it need not be sent again. In the same transaction, where the person can't be reached, the
    next in line becomes owed what the letter held.
    """

    def job(session: Session) -> None:
        if answer is Answer.NO_ADDRESS:
            journal.hold(session)
        message = _answered(session, held, answer, digest)
        if message is None:
            return
        members = alerts.of_message(session, held.id)
        at = desk.clock()
        if answer is Answer.ACCEPTED:
            message.state, message.sent_at = MessageState.SENT, at
            message.answer, message.error = answer.value, None
            message.lease_until = message.lease_token = message.digest = None
            if not held.perhaps_delivered:
                message.unheard_at = None
            follow.arrived(session, desk, members)
            return
        if answer is not Answer.UNKNOWN:
            editions.refused(message, held.digest, perhaps_delivered=held.perhaps_delivered)
        # Complaints before their rows, as everybody else locks them.
        complaints.locked_all(session, {row.complaint_id for row in members})
        if answer in _FOR_GOOD:
            _refused_for_good(session, desk, message, members, answer, said)
            return
        if answer is not Answer.UNKNOWN and not held.perhaps_delivered:
            message.state = MessageState.WAITING
        _pause(message, at, answer, said)
        session.flush()
        if message.state == MessageState.WAITING:
            follow.straighten(session, desk, held.id)
        tried = message.first_tried_at
        if answer is Answer.SERVER:
            # What the server could not take is not held against the person.
            message.first_tried_at = None
        elif tried is not None and at - tried >= UNSENT:
            # It goes on being tried, and is sent if it is taken after all.
            members = alerts.of_message(session, held.id)
            alerts.write(session, owed.answered(members, AlertState.FAILED))
            follow.pass_on(session, desk, members)

    desk.store.write(job)


def _answered(session: Session, held: Claim, answer: Answer, digest: str | None) -> Message | None:
    """The letter that this is the answer to, locked; None if it is in other hands, and nobody waits for this answer."""
    message = outbox.held(session, held.id, held.token)
    if message is None and answer is Answer.ACCEPTED and digest is not None:
        return outbox.unanswered(session, held.id, digest)
    return message


def _refused_for_good(
    session: Session,
    desk: Desk,
    message: Message,
    members: Sequence[Row],
    answer: Answer,
    said: str | None,
) -> None:
    message.state, message.answer, message.error = MessageState.FAILED, answer.value, said
    message.lease_until = message.lease_token = None
    alerts.write(session, owed.answered(members, AlertState.FAILED))
    session.flush()
    if answer is Answer.NO_ADDRESS:
        _mark(session, desk, message.recipient, desk.clock(), said)
    follow.pass_on(session, desk, members)


def _pause(message: Message, at: datetime, answer: Answer, said: str | None) -> None:
    message.not_before = at + PAUSES[min(message.attempts, len(PAUSES)) - 1]
    message.answer, message.error = answer.value, said
    message.lease_until = message.lease_token = None


def _mark(session: Session, desk: Desk, recipient: str, at: datetime, said: str | None) -> None:
    """Marks an address that does not exist; whatever else the person is owed goes to the next in line."""
    person = offices.person_named(session, recipient)
    if person is None:
        return
    before = people.staff_record(offices.directory(session), person), person.name
    person.failed_at, person.failure = at, said
    session.flush()
    people.enter_staff(session, desk, JournalKind.STAFF_UNREACHABLE, person, before)
    follow.follow(session, desk, offices.directory(session), recipient)


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


def beat(desk: Desk, fault: str | None) -> None:
    """Notes that a round of deliveries was done, and what stopped mail from leaving if something did."""
    if fault is None:
        with desk.store.read() as session:
            # Between two tries nothing fails, and nothing leaves either.
            fault = outbox.pending_error(session, Answer.SERVER)
    desk.beat("deliver", fault)
