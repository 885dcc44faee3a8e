"""Delivering the outbox: gather, claim, write, say that it goes out, send, record. Any number of workers at once.

The database is asked from threads, so that a slow one holds up no conversation with a mail server.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
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
from complaint_sla.work.letters.outbox import LEASE, Claim

# Letters in hand at once: twice as many as there are connections, so that none of these waits for a letter to be written.
HANDFUL = 8
# The language of faults that are kept for whoever looks later.
KEPT_IN = "en"


@dataclass
class Delivered:
    """What a round of deliveries did, in letters.

    `fault` is what kept mail from leaving, if the server was at fault; `unwritten` holds why a letter could not
    be written, by its id.
    """

    sent: int = 0
    retried: int = 0
    failed: int = 0
    dropped: int = 0
    fault: str | None = None
    unwritten: dict[int, str] = field(default_factory=dict)

    @property
    def all_well(self) -> bool:
        return self.retried == 0 and self.failed == 0


@dataclass(frozen=True)
class Pace:
    """Seconds: between two renewals of the lease, three to a lease; for what is on its way when the round is to end; and
    after which a server that is at fault is asked nothing more in this round.
    """

    renewal: float = LEASE.total_seconds() / 3
    grace: float = 10.0
    slow: float = 20.0


@dataclass(frozen=True)
class PostOffice:
    """How letters leave: by which transport, from whom, in which words, and at which pace."""

    transport: Transport
    sender: str
    words: Callable[[str], Words]
    pace: Pace = Pace()

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
    """One round: everything that may be tried now is tried once.

    `stop`, and a cancellation, end it: no letter is taken up any more, and those on their way have a while to be answered.
    """
    result = Delivered()
    await asyncio.to_thread(outbox.gather, desk, office.domain)
    hands = _Hands(desk, office, result)
    renewing = asyncio.create_task(hands.renew())
    try:
        await hands.work(stop)
    except asyncio.CancelledError:
        await hands.finish()
        raise
    finally:
        renewing.cancel()
    if hands.befallen is not None:
        raise hands.befallen
    await asyncio.to_thread(deliveries.enter, desk)
    await asyncio.to_thread(outbox.beat, desk, result.fault)
    return result


class _Hands:
    """The letters of a round that are on their way, a few at a time: as some are done, others are taken up."""

    def __init__(self, desk: Desk, office: PostOffice, result: Delivered) -> None:
        self.desk = desk
        self.office = office
        self.result = result
        self.befallen: BaseException | None = None
        self._is_over = False
        self._is_dry = False
        self._held: dict[asyncio.Task[None], Claim] = {}

    async def work(self, stop: asyncio.Event | None) -> None:
        stopping = asyncio.create_task((stop or asyncio.Event()).wait())
        try:
            while await self._take_up():
                await asyncio.wait({*self._held, stopping}, return_when=asyncio.FIRST_COMPLETED)
                self._put_down()
                if stopping.done():
                    await self.finish()
        finally:
            stopping.cancel()

    async def _take_up(self) -> bool:
        """Fills the hands where they are half empty. False if there is nothing in them."""
        is_half_empty = len(self._held) <= HANDFUL // 2 and not (self._is_dry and self._held)
        if is_half_empty and not self._is_over:
            room = HANDFUL - len(self._held)
            claims = await asyncio.to_thread(outbox.claim, self.desk, room)
            self._is_dry = len(claims) < room
            for claim in claims:
                self._held[asyncio.create_task(self._one(claim))] = claim
        return bool(self._held)

    def _put_down(self) -> None:
        for task in [task for task in self._held if task.done()]:
            claim, problem = self._held.pop(task), task.exception()
            if isinstance(problem, Exception) and not isinstance(problem, PASSING):
                self.result.retried += 1
                self.desk.set_aside(f"message {claim.id}", problem)
            elif problem is not None:
                # Whatever has befallen one, the others in hand are sent and recorded first.
                self.befallen = self.befallen or problem
                self._is_over = True

    async def finish(self) -> None:
        """Waits a while for what is on its way; then it is given up, and what has become of it is recorded all the same."""
        self._is_over = True
        if self._held:
            await asyncio.wait(self._held, timeout=self.office.pace.grace)
            self.office.transport.give_up()
            await asyncio.wait(self._held)
        self._put_down()

    async def renew(self) -> None:
        """Keeps the letters in hand in ours while the servers take their time."""
        while True:
            await asyncio.sleep(self.office.pace.renewal)
            if self._held:
                # A database that can't be reached now may be by the time the lease ends.
                with contextlib.suppress(*PASSING):
                    await asyncio.to_thread(outbox.renew, self.desk, [*self._held.values()])

    async def _one(self, claim: Claim) -> None:
        desk, office, result = self.desk, self.office, self.result
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
        if self._is_over:
            await asyncio.to_thread(outbox.let_go, desk, claim)
            return
        if not await asyncio.to_thread(outbox.begin, desk, claim, _digest(message), letter.written_at):
            result.dropped += 1
            return
        began = time.monotonic()
        reply = await office.transport.send(claim.recipient, message)
        is_slow = time.monotonic() - began >= office.pace.slow
        if reply.answer is Answer.LIMIT or (reply.answer is Answer.SERVER and is_slow):
            # The others would be put off as well, or would wait for the same silence one after the other.
            self._is_over = True
        await asyncio.to_thread(outbox.record, desk, claim, reply.answer, _said(reply), _digest(message))
        if reply.answer is Answer.ACCEPTED:
            result.sent += 1
        elif reply.answer in (Answer.NO_ADDRESS, Answer.REFUSED):
            result.failed += 1
        else:
            result.retried += 1
        if reply.answer in (Answer.SERVER, Answer.SENDER):
            result.fault = _said(reply)


def _digest(message: bytes) -> str:
    """Of a message as it is handed over, before anything on the way adds to it."""
    return hashlib.sha256(message).hexdigest()


def _said(reply: Reply) -> str:
    return f"{reply.code} {reply.text}" if reply.code is not None else reply.text
