"""Rounds of the service: one, or by the clock until it is told to stop. Imported only by what needs an event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import cache

from complaint_sla import scheduler
from complaint_sla.cli import bugs
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.core.errors import Error
from complaint_sla.mail.delivery import Delivered, PostOffice, deliver, message_domain
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work import alerts, freezing, notices
from complaint_sla.work.desk import Desk

# An alert or a summary is due at a minute of the day, so the clock looks each minute; mail follows right behind it.
SWEEP_SECONDS = 60
NOTICES_SECONDS = 60
# A quarter becomes final at a midnight; its report goes in the morning.
QUARTER_SECONDS = 300
DELIVER_SECONDS = 30


def post_office(terminal: Terminal) -> PostOffice:
    """How letters leave, as set; the words of each language are loaded once."""
    return PostOffice(terminal.opening.transport(), terminal.settings.mail_from.value, cache(Words))


def notices_once(terminal: Terminal, desk: Desk) -> int:
    """Freezes what has become final, and puts into the outbox what is due and no complaint's alert.

    Returns how many are to be sent.
    """
    freezing.freeze_final(desk)
    return notices.post(desk, message_domain(terminal.settings.mail_from.value))


def deliver_once(terminal: Terminal, desk: Desk) -> Delivered:
    """One round of deliveries."""

    async def round_() -> Delivered:
        office = post_office(terminal)
        try:
            return await deliver(desk, office)
        finally:
            await office.transport.close()

    return asyncio.run(round_())


def serve(
    terminal: Terminal, desk: Desk, clock: Callable[[], datetime] = real_clock, pace: float = 1
) -> None:
    """The service until it is told to stop. A round that fails is said, and tried again at its next time.

    `clock` is what the rounds take for the time; at a `pace` of 60 an hour of it passes in a minute.
    """
    asyncio.run(_serve(terminal, replace(desk, clock=clock), pace))


async def _serve(terminal: Terminal, desk: Desk, pace: float) -> None:
    words, office, stop = terminal.words, post_office(terminal), asyncio.Event()

    async def sweep_now() -> None:
        await asyncio.to_thread(alerts.sweep, desk.at(desk.clock()), stopped=stop.is_set)

    async def freeze_now() -> None:
        await asyncio.to_thread(freezing.freeze_final, desk.at(desk.clock()))

    async def post_now() -> None:
        await asyncio.to_thread(notices.post, desk.at(desk.clock()), office.domain)

    async def deliver_now() -> None:
        delivered = await deliver(desk.at(desk.clock()), office, stop)
        if delivered.fault is not None:
            terminal.tell(words("Mail can't leave: {fault}", fault=plain(delivered.fault)))

    terminal.tell(
        words("The service runs; Ctrl-C ends it. Mail: {mail}", mail=plain(terminal.settings.mail.value))
    )
    jobs = {
        "sweep": (sweep_now, SWEEP_SECONDS),
        "quarter": (freeze_now, QUARTER_SECONDS),
        "notices": (post_now, NOTICES_SECONDS),
        "deliver": (deliver_now, DELIVER_SECONDS),
    }
    try:
        await scheduler.run(
            {name: (_tolerant(terminal, job), seconds / pace) for name, (job, seconds) in jobs.items()}, stop
        )
    finally:
        await office.transport.close()
    terminal.tell(words("The service has ended; nothing is in hand."))


def _tolerant(terminal: Terminal, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The job, such that no failure of one round ends the service: others must still be alerted."""

    async def tolerant() -> None:
        try:
            await job()
        except Error as problem:
            terminal.tell(message(terminal.words, problem, terminal.zone))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is written down, and the next round is tried
            terminal.tell(bugs.told(terminal.words, problem))

    return tolerant
