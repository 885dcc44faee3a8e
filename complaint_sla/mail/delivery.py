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
from typing import TYPE_CHECKING

from complaint_sla.core.errors import BadValue
from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail.fitting import Fitted, fitted
from complaint_sla.mail.servers import envelope_address
from complaint_sla.mail.transports import Transport
from complaint_sla.wording import Words
from complaint_sla.wording.messages import reason
from complaint_sla.work import deliveries
from complaint_sla.work.desk import PASSING, Desk
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.alert_letter import Letter
from complaint_sla.work.letters.answered import HOLDS_UP_ALL, Claim
from complaint_sla.work.letters.outbox import LEASE, PutOff

if TYPE_CHECKING:
    from complaint_sla.work.letters.notices import AnyNotice

# Letters in hand at once: twice as many as there are connections, so that none of these waits for a letter to be written.
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

    def count(self, reply: Reply) -> None:
        """Counts a letter by what was answered; one that a limit puts off was not its turn yet."""
        match reply.answer:
            case Answer.ACCEPTED:
                self.sent += 1
            case Answer.NO_ADDRESS:
                self.failed += 1
            case Answer.LIMIT:
                pass
            case _:
                self.retried += 1
        if reply.answer in HOLDS_UP_ALL:
            self.fault = _said(reply)


@dataclass(frozen=True)
class Pace:
    """Seconds: between two renewals of the lease, three to a lease; for what is on its way when the round is to end;
    after which a server that is at fault is asked nothing more in this round; and after which it is looked for new letters
    though others are still on their way.
    """

    renewal: float = LEASE.total_seconds() / 3
    grace: float = 10.0
    slow: float = 20.0
    look: float = 30.0


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
    await hands.settle()
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
        # How many bytes a letter may have, as far as the server has said it; how many answers in a row held up everybody.
        self._most: int | None = None
        self._struck = 0
        # As many as are taken up at once: after a limit one, and as it takes them, more.
        self._width = HANDFUL
        self._began = desk.clock()
        self._looked_at = time.monotonic()

    async def work(self, stop: asyncio.Event | None) -> None:
        stopping = asyncio.create_task((stop or asyncio.Event()).wait())
        if await asyncio.to_thread(outbox.is_limited, self.desk):
            self._width = 1
        try:
            while await self._take_up():
                first = asyncio.FIRST_COMPLETED
                await asyncio.wait({*self._held, stopping}, timeout=self.office.pace.look, return_when=first)
                self._put_down()
                if stopping.done():
                    await self.finish()
                elif time.monotonic() - self._looked_at >= self.office.pace.look:
                    await self._look_again()
        finally:
            stopping.cancel()

    async def _look_again(self) -> None:
        """What has come meanwhile waits for no slow conversation; nor does the word that the round goes on."""
        self._looked_at = time.monotonic()
        self._is_dry = False
        if not self._is_over:
            desk = self.desk.at(self.desk.now + (self.desk.clock() - self._began))
            await asyncio.to_thread(outbox.gather, desk, self.office.domain)
            await self.settle()

    async def settle(self) -> None:
        """Enters what was sent so far, and says that the round was done, and what stopped mail from leaving."""
        result = self.result
        await asyncio.to_thread(deliveries.enter, self.desk)
        result.put_off = await asyncio.to_thread(outbox.put_off, self.desk)
        if result.put_off is not None and result.put_off.stalled:
            result.fault = result.fault or result.put_off.said
        await asyncio.to_thread(outbox.beat, self.desk, result.fault)

    async def _take_up(self) -> bool:
        """Fills the hands where they are half empty. False if there is nothing in them."""
        is_half_empty = len(self._held) <= self._width // 2 and not (self._is_dry and self._held)
        if is_half_empty and not self._is_over:
            room = self._width - len(self._held)
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
        anew, refused, most = False, None, self._most
        while True:
            try:
                written = await self._written(claim, most, anew=anew)
            except PASSING:
                raise
            except Exception as problem:  # noqa: BLE001 - one that can't be written is not lost, and holds up no other
                why = reason(office.words(KEPT_IN), problem, desk.zone)
                await asyncio.to_thread(outbox.put_back, desk, claim, why)
                result.retried += 1
                result.unwritten[claim.id] = why
                return
            if written is None:
                result.dropped += 1
                return
            if self._is_over:
                await asyncio.to_thread(outbox.let_go, desk, claim)
                return
            letter, fit = written
            message = fit.message if fit is not None else b""
            left_out = fit.left_out if fit is not None else ()
            begin = partial(outbox.begin, desk, claim, _digest(message), letter.written_at, left_out)
            if not await asyncio.to_thread(begin):
                result.dropped += 1
                return
            if fit is not None:
                reply = await self._sent(claim, message)
            else:
                reply = refused or Reply(Answer.TOO_LARGE, None, f"the server takes {most} bytes")
            if reply.answer is not Answer.TOO_LARGE or fit is None:
                break
            # What is too large is never handed up unchanged. What no server has announced may be of this mailbox only.
            refused, most = reply, len(message) // 2
            if reply.most is not None and reply.most < len(message):
                most = self._most = reply.most
            if not await asyncio.to_thread(outbox.take_back, desk, claim):
                result.dropped += 1
                return
            # Under its Message-ID a larger one may have arrived.
            anew = claim.perhaps_delivered and letter.message_id == claim.message_id
        await asyncio.to_thread(outbox.record, desk, claim, reply.answer, _said(reply), _digest(message))
        result.count(reply)

    async def _written(
        self, claim: Claim, most: int | None, *, anew: bool
    ) -> tuple[Letter | AnyNotice, Fitted | None] | None:
        """The letter, and its bytes as far as so many can hold it; None if there is nothing left to say."""
        letter = await asyncio.to_thread(partial(outbox.write, self.desk, claim, anew=anew))
        if letter is None:
            return None
        fit = self._fitted(claim, letter, most)
        is_same = letter.message_id == claim.message_id
        if fit is not None and is_same and claim.digest not in (None, _digest(fit.message)):
            # Something has changed since a copy may have arrived: one Message-ID stands on one text.
            letter = await asyncio.to_thread(partial(outbox.write, self.desk, claim, anew=True))
            if letter is None:
                return None
            fit = self._fitted(claim, letter, most)
        return letter, fit

    def _fitted(self, claim: Claim, letter: Letter | AnyNotice, most: int | None) -> Fitted | None:
        words = self.office.words(letter.language)
        return fitted(letter, self.office.sender, words, most, whole=claim.perhaps_delivered)

    async def _sent(self, claim: Claim, message: bytes) -> Reply:
        began = time.monotonic()
        reply = await self.office.transport.send(claim.recipient, message)
        is_slow = time.monotonic() - began >= self.office.pace.slow
        if reply.answer is Answer.ACCEPTED:
            self._width = min(2 * self._width, HANDFUL)
        self._struck = self._struck + 1 if reply.answer in HOLDS_UP_ALL else 0
        if reply.answer is Answer.LIMIT or (
            reply.answer in HOLDS_UP_ALL and (is_slow or self._struck >= HANDFUL)
        ):
            # The others would be put off as well, or would wait for the same silence one after the other.
            self._is_over = True
        return reply


def _digest(message: bytes) -> str:
    """Of a message as it is handed over, before anything on the way adds to it."""
    return hashlib.sha256(message).hexdigest()


def _said(reply: Reply) -> str:
    return f"{reply.code} {reply.text}" if reply.code is not None else reply.text
