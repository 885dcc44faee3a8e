"""Delivering the outbox: gather, claim, write, say that it goes out, send, record. Any number of workers at once.

The database is asked from threads, so that a slow one holds up no conversation with a mail server.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from complaint_sla.core.errors import BadValue
from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail.compose import compose
from complaint_sla.mail.servers import envelope_address
from complaint_sla.mail.transports import Transport
from complaint_sla.wording import Words
from complaint_sla.wording.messages import reason
from complaint_sla.work import deliveries
from complaint_sla.work.desk import PASSING, Desk
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.answered import HOLDS_UP_ALL, Claim
from complaint_sla.work.letters.outbox import PutOff

# Letters taken in hand at once: few enough that all are tried well within the lease.
HANDFUL = 8
# The language of faults that are kept for whoever looks later.
KEPT_IN = "en"


@dataclass
class Delivered:
    """What a round of deliveries did, in letters.

    `fault` is what kept mail from leaving, if the server was at fault or our access to it; `unwritten` holds why a letter
    could not be written, by its id. `put_off` are those that a limit of the server makes wait, however many were tried.
    """

    sent: int = 0
    retried: int = 0
    failed: int = 0
    dropped: int = 0
    fault: str | None = None
    unwritten: dict[int, str] = field(default_factory=dict)
    put_off: PutOff | None = None

    @property
    def all_well(self) -> bool:
        return self.retried == 0 and self.failed == 0 and self.fault is None


@dataclass(frozen=True)
class PostOffice:
    """How letters leave: by which transport, from whom, in which words."""

    transport: Transport
    sender: str
    words: Callable[[str], Words]

    @property
    def domain(self) -> str:
        return message_domain(self.sender)


def message_domain(sender: str) -> str:
    """What Message-IDs end in."""
    try:
        return envelope_address(sender).partition("@")[2]
    except BadValue:
        # Into a folder mail goes from whomever.
        return "localhost"


async def deliver(desk: Desk, office: PostOffice, stop: asyncio.Event | None = None) -> Delivered:
    """One round: everything that may be tried now is tried once. `stop` ends it after the letters in hand."""
    result = Delivered()
    await asyncio.to_thread(outbox.gather, desk, office.domain)
    while stop is None or not stop.is_set():
        claims = await asyncio.to_thread(outbox.claim, desk, HANDFUL)
        if not claims:
            break
        ended = await asyncio.gather(
            *(_one(desk, office, claim, result) for claim in claims), return_exceptions=True
        )
        # Whatever has befallen one, the others in hand are sent and recorded first.
        for claim, problem in zip(claims, ended, strict=True):
            if isinstance(problem, Exception) and not isinstance(problem, PASSING):
                result.retried += 1
                desk.set_aside(f"message {claim.id}", problem)
            elif problem is not None:
                raise problem
    await asyncio.to_thread(deliveries.enter, desk)
    result.put_off = await asyncio.to_thread(outbox.put_off, desk)
    if result.put_off is not None and result.put_off.stalled:
        result.fault = result.fault or result.put_off.said
    await asyncio.to_thread(outbox.beat, desk, result.fault)
    return result


async def _one(desk: Desk, office: PostOffice, claim: Claim, result: Delivered) -> None:
    try:
        letter = await asyncio.to_thread(outbox.write, desk, claim)
        if letter is None:
            result.dropped += 1
            return
        message = compose(letter, office.sender, office.words(letter.language))
        is_same = letter.message_id == claim.message_id
        if is_same and claim.digest not in (None, _digest(message)):
            # Something has changed since a copy may have arrived: one Message-ID stands on one text.
            letter = await asyncio.to_thread(partial(outbox.write, desk, claim, anew=True))
            if letter is None:
                result.dropped += 1
                return
            message = compose(letter, office.sender, office.words(letter.language))
    except PASSING:
        raise
    except Exception as problem:  # noqa: BLE001 - one that can't be written is not lost, and holds up no other
        why = reason(office.words(KEPT_IN), problem, desk.zone)
        await asyncio.to_thread(outbox.put_back, desk, claim, why)
        result.retried += 1
        result.unwritten[claim.id] = why
        return
    if not await asyncio.to_thread(outbox.begin, desk, claim, _digest(message), letter.written_at):
        result.dropped += 1
        return
    reply = await office.transport.send(claim.recipient, message)
    await asyncio.to_thread(outbox.record, desk, claim, reply.answer, _said(reply))
    if reply.answer is Answer.ACCEPTED:
        result.sent += 1
    elif reply.answer is Answer.NO_ADDRESS:
        result.failed += 1
    elif reply.answer is not Answer.LIMIT:
        result.retried += 1
    if reply.answer in HOLDS_UP_ALL:
        result.fault = _said(reply)


def _digest(message: bytes) -> str:
    """Of a message as it is handed over, before anything on the way adds to it."""
    return hashlib.sha256(message).hexdigest()


def _said(reply: Reply) -> str:
    return f"{reply.code} {reply.text}" if reply.code is not None else reply.text
