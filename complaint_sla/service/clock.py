"""The clock of the service: the only room that knows APScheduler. It keeps no facts; each job does whatever is due by now.

The pace is the machine's own count of seconds, which nobody sets: what time it is may be put right, or wrong, meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

Job = Callable[[], Awaitable[None]]

_START = datetime(2000, 1, 1)  # noqa: DTZ001 - a count of seconds has no zone


def counted() -> float:
    """The seconds that the machine has counted, sleep included where it counts that."""
    # Linux; elsewhere the monotonic clock goes on while the machine sleeps, or Python knows no better one.
    of_sleep_too = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if of_sleep_too is None else time.clock_gettime(of_sleep_too)


class _Count(tzinfo):
    """APScheduler asks its time zone what time it is: this one answers with what the machine has counted."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds

    def fromutc(self, _moment: datetime) -> datetime:
        return (_START + timedelta(seconds=self._seconds())).replace(tzinfo=self)

    def utcoffset(self, _moment: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _moment: datetime | None) -> None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return "count"


class _Every(BaseTrigger):  # type: ignore[misc]
    """Every so many seconds. After a standstill, however long, one time is due: none of those passed by is counted."""

    def __init__(self, seconds: float) -> None:
        self._pace = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        following = (previous_fire_time or now) + self._pace
        return following if following > now else now + self._pace


async def run(
    jobs: Mapping[str, tuple[Job, float]],
    stop: asyncio.Event,
    hung_up: Callable[[], None] = lambda: None,
    seconds: Callable[[], float] = counted,
) -> None:
    """Runs each job at once and then every so many `seconds`, never twice at a time, until `stop` is set.

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
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=_Count(seconds),
    )
    for job_name, (job, pace) in jobs.items():
        scheduler.add_job(start(job), _Every(pace), id=job_name)
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


class Steadiness:
    """Compares what time it is with what the machine has counted since the last look."""

    def __init__(self, clock: Callable[[], datetime], seconds: Callable[[], float] = counted) -> None:
        self._clock = clock
        self._seconds = seconds
        self._last = self._both()

    def leap(self) -> timedelta:
        """By how much the clock has gone further than time since the last look; less than nothing if it was put back."""
        last, self._last = self._last, self._both()
        return (self._last[0] - last[0]) - timedelta(seconds=self._last[1] - last[1])

    def _both(self) -> tuple[datetime, float]:
        while True:
            before = self._seconds()
            now = self._clock()
            # Between the two nothing may have kept the process, or that would be taken for a leap.
            if self._seconds() - before < 1:
                return now.astimezone(UTC), before
