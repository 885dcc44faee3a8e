"""What becomes of a letter, its alerts and its person by what the server has answered: whose matter it is decides who waits.

Only an address that surely does not exist passes its person over. A limit of the server is nobody's fault: all letters
wait for a short while together. Whatever else keeps a letter from arriving for a day is told to the next in line as well;
where it keeps everybody's letters, once, and only to people. In transactions of the caller's; moments follow `desk.clock`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from complaint_sla.core import owed
from complaint_sla.core.doubt import is_ahead
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.owed import AlertState, Row
from complaint_sla.core.replies import Answer
from complaint_sla.store import alerts, complaints, offices, outbox
from complaint_sla.store.outbox import MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work import journal, people
from complaint_sla.work.alerts import follow
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import editions

# Between attempts; the last one holds from then on.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60))
# A server that was away is asked again before an hour has passed: everybody's letters wait for it.
PAUSES_OF_SERVER = PAUSES[:4]
# Limits count by the minute, and cron comes by it: after a whole one every other round would come too early.
LIMITED = timedelta(seconds=45)
# One that lets nothing through for longer counts by the hour or the day, and is asked the less the longer it lasts.
LONGEST_LIMITED = timedelta(minutes=30)
# If nothing has left for so long though letters wait, somebody has to know: a limit, too, is an alarm then.
STALLED = timedelta(minutes=15)
# After so long without success the next in line hears of it too.
UNSENT = timedelta(hours=24)

# Whoever else is told hears it by the same server, from the same sender.
HOLDS_UP_ALL = (Answer.SERVER, Answer.SENDER)


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


def record(
    session: Session, desk: Desk, held: Claim, answer: Answer, said: str | None, digest: str | None
) -> None:
    """Writes down what came of sending, if the lease is still ours; otherwise whoever has it will.

    A yes to what went out with this `digest` counts however late it comes (a machine that slept, a process that was
    stopped), as long as no other answer does: it need not be sent again. In the same transaction, where the person can't be
    reached, the next in line becomes owed what the letter held.
    """
    if answer is Answer.NO_ADDRESS:
        journal.hold(session)
    message = outbox.held(session, held.id, held.token)
    if message is None and answer is Answer.ACCEPTED and digest is not None:
        message = outbox.unanswered(session, held.id, digest)
    if message is None:
        return
    if answer is Answer.ACCEPTED:
        _accepted(session, desk, message)
        if not held.perhaps_delivered:
            message.unheard_at = None
        return
    if answer is not Answer.UNKNOWN:
        editions.refused(message, held.digest, perhaps_delivered=held.perhaps_delivered)
    members = alerts.of_message(session, held.id)
    # Complaints before their rows, as everybody else locks them.
    complaints.locked_all(session, {row.complaint_id for row in members})
    if answer is Answer.NO_ADDRESS:
        _undeliverable(session, desk, message, members, said)
        return
    if answer is not Answer.UNKNOWN and not held.perhaps_delivered:
        message.state = MessageState.WAITING
    pause(session, message, desk.clock(), answer, said)
    session.flush()
    if message.state == MessageState.WAITING:
        follow.straighten(session, desk, held.id)
    _tell_next_in_line(session, desk, message, answer)


def take_back(session: Session, held: Claim) -> bool:
    """The letter was too large as it was, and is going to be written otherwise, in the same hands. False if it is in others."""
    message = outbox.held(session, held.id, held.token)
    if message is None:
        return False
    editions.refused(message, held.digest, perhaps_delivered=held.perhaps_delivered)
    message.attempts -= 1
    if not message.attempts:
        message.first_tried_at = None
    if not held.perhaps_delivered:
        message.state = MessageState.WAITING
    return True


def pause(session: Session, message: Message, at: datetime, answer: Answer, said: str | None) -> None:
    """Lets go of a letter until it is tried again."""
    message.answer, message.error = answer.value, said
    message.lease_until = message.lease_token = None
    if answer is Answer.LIMIT:
        # It was not this letter's turn; but tried it was.
        message.attempts = max(1, message.attempts - 1)
        message.not_before = at
        session.flush()
        lasts = standstill(session, at)
        waits = LIMITED if lasts < STALLED else min(lasts / 4, LONGEST_LIMITED)
        message.not_before = outbox.put_off_until(session, at, PAUSES[-1]) or at + waits
        return
    pauses = PAUSES_OF_SERVER if answer is Answer.SERVER else PAUSES
    message.not_before = at + pauses[min(max(message.attempts, 1), len(pauses)) - 1]


def standstill(session: Session, at: datetime) -> timedelta:
    """How long a limit of the server has let nothing through."""
    since = outbox.limited_since(session)
    sent_at = outbox.last_sent_at(session)
    # What a clock that ran ahead has dated says nothing.
    known = [one for one in (since, sent_at) if one is not None and not is_ahead(one, at)]
    return at - max(known) if since is not None and known else timedelta()


def _accepted(session: Session, desk: Desk, message: Message) -> None:
    message.state, message.sent_at = MessageState.SENT, desk.clock()
    message.answer, message.error = Answer.ACCEPTED.value, None
    message.lease_until = message.lease_token = message.digest = None
    follow.arrived(session, desk, alerts.of_message(session, message.id))


def _undeliverable(
    session: Session, desk: Desk, message: Message, members: Sequence[Row], said: str | None
) -> None:
    message.state, message.answer, message.error = MessageState.FAILED, Answer.NO_ADDRESS.value, said
    message.lease_until = message.lease_token = None
    alerts.write(session, owed.answered(members, AlertState.FAILED))
    session.flush()
    _mark(session, desk, message.recipient, desk.clock(), said)
    follow.pass_on(session, desk, members)


def _tell_next_in_line(session: Session, desk: Desk, message: Message, answer: Answer) -> None:
    """After a day without success; the letter goes on being tried, and is sent if it is taken after all."""
    tried = message.first_tried_at
    if answer is Answer.LIMIT or tried is None or desk.clock() - tried < UNSENT:
        return
    members = alerts.of_message(session, message.id)
    if answer in HOLDS_UP_ALL:
        members = follow.passed_on_once(session, desk, members)
    alerts.write(session, owed.answered(members, AlertState.FAILED))
    follow.pass_on(session, desk, members)


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
