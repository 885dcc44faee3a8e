"""The clock of the service: the only room that knows APScheduler. It keeps no facts; each job does whatever is due by now."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Job = Callable[[], Awaitable[None]]


async def run(
    jobs: Mapping[str, tuple[Job, float]], stop: asyncio.Event, hung_up: Callable[[], None] = lambda: None
) -> None:
    """Runs each job at once and then every so many seconds, never twice at a time, until `stop` is set.

    Jobs in hand are finished first: the scheduler would cancel a running coroutine, so each runs in a task of its own.
    SIGTERM and SIGINT set `stop`. SIGHUP, which ends no service, is told to `hung_up`.
    """
    loop = asyncio.get_running_loop()
    heard = {signal.SIGTERM: stop.set, signal.SIGINT: stop.set, signal.SIGHUP: hung_up}
    for name, act in heard.items():
        loop.add_signal_handler(name, act)
    in_hand: set[asyncio.Task[None]] = set()

    def start(job: Job) -> Callable[[], Awaitable[None]]:
        async def in_own_task() -> None:
            task = asyncio.ensure_future(job())
            in_hand.add(task)
            task.add_done_callback(in_hand.discard)
            # At its end the scheduler cancels the waiting, not the job, and would report that as a failure.
            with suppress(asyncio.CancelledError):
                await asyncio.shield(task)

        return in_own_task

    # That a job still runs when its time comes again is no news: it does whatever is due then.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # A late job is run late, once: missing a minute must never mean missing an alert.
    scheduler = AsyncIOScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
    )
    for job_name, (job, seconds) in jobs.items():
        scheduler.add_job(start(job), "interval", seconds=seconds, id=job_name)
    try:
        for job, _ in jobs.values():
            if not stop.is_set():
                await job()
        scheduler.start()
        await stop.wait()
    finally:
        if scheduler.running:
            scheduler.shutdown(wait=False)
        while in_hand:
            await asyncio.wait(in_hand)
        for name in heard:
            loop.remove_signal_handler(name)
