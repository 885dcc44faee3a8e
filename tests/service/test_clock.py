"""The clock of the service: each job at once and then by the clock, never twice at a time, and none cut off."""

import asyncio
import os
import signal
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain, count, pairwise, repeat

import pytest

from complaint_sla.service import clock

PATIENCE = 20
NOW = datetime(2017, 3, 5, 3, 0, tzinfo=UTC)
YEARS = timedelta(days=9 * 365)


async def test_every_job_runs_at_once_in_the_order_given() -> None:
    stop, ran = asyncio.Event(), list[str]()

    async def first() -> None:
        ran.append("first")

    async def second() -> None:
        ran.append("second")
        stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"first": (first, 3600), "second": (second, 3600)}, stop)

    assert ran == ["first", "second"]


async def test_a_job_comes_again_by_the_clock() -> None:
    stop, ran = asyncio.Event(), list[int]()

    async def job() -> None:
        ran.append(len(ran))
        if len(ran) == 3:
            stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"job": (job, 0.05)}, stop)

    assert ran == [0, 1, 2]


async def test_a_job_that_takes_longer_than_its_time_never_runs_twice_at_a_time_and_runs_late() -> None:
    stop, at_work, most, ran = asyncio.Event(), 0, 0, 0
    loop = asyncio.get_running_loop()

    async def slow() -> None:
        nonlocal at_work, most, ran
        at_work += 1
        most, ran = max(most, at_work), ran + 1
        if ran == 2:
            # Two of its times pass while it is at work.
            await asyncio.sleep(0.45)
        at_work -= 1
        if ran == 3:
            stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"slow": (slow, 0.2)}, stop)

    assert (most, ran) == (1, 3)
    assert loop.is_running()


async def test_a_standstill_of_the_whole_process_delays_a_job_and_drops_none() -> None:
    stop, ran = asyncio.Event(), list[float]()

    async def job() -> None:
        ran.append(time.monotonic())
        if len(ran) == 2:
            # Nothing runs for far longer than the second that APScheduler would forgive by itself.
            time.sleep(3.3)  # noqa: ASYNC251
        if len(ran) == 3:
            stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"job": (job, 1)}, stop)

    assert len(ran) == 3


async def test_stopping_waits_for_the_job_in_hand() -> None:
    stop, begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event(), list[str]()
    rounds = 0

    async def job() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            return
        begun.set()
        await go_on.wait()
        done.append("whole")

    async with asyncio.timeout(PATIENCE):
        running = asyncio.ensure_future(clock.run({"job": (job, 0.05)}, stop))
        await begun.wait()
        stop.set()
        await asyncio.sleep(0)
        assert not running.done()
        go_on.set()
        await running

    assert done == ["whole"]


async def test_a_stop_during_the_first_round_leaves_the_jobs_after_it_undone() -> None:
    stop, ran = asyncio.Event(), list[str]()

    async def first() -> None:
        ran.append("first")
        stop.set()

    async def second() -> None:
        ran.append("second")

    async with asyncio.timeout(PATIENCE):
        await clock.run({"first": (first, 3600), "second": (second, 3600)}, stop)

    assert ran == ["first"]


async def test_a_hangup_is_told_and_stops_nothing() -> None:
    stop, told = asyncio.Event(), list[str]()

    async def job() -> None:
        os.kill(os.getpid(), signal.SIGHUP)

    def hung_up() -> None:
        told.append("hung up")
        stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"job": (job, 3600)}, stop, hung_up)

    assert told == ["hung up"]


async def test_sigterm_and_sigint_stop_it() -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        stop = asyncio.Event()

        async def job(name: signal.Signals = name) -> None:
            os.kill(os.getpid(), name)

        async with asyncio.timeout(PATIENCE):
            await clock.run({"job": (job, 3600)}, stop)

        assert stop.is_set()


async def test_the_pace_is_what_the_machine_counts_whatever_the_time_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seven hours back, and nine years ahead: the scheduler asks no clock that somebody sets."""
    from apscheduler.schedulers import base

    told: Iterator[datetime] = chain([NOW] * 3, repeat(NOW - timedelta(hours=7), 3), repeat(NOW + YEARS))

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) if isinstance(tz, clock._Count) else next(told).astimezone(tz)

    monkeypatch.setattr(base, "datetime", Wrong)
    stop, ran = asyncio.Event(), list[int]()

    async def job() -> None:
        ran.append(len(ran))
        if len(ran) == 8:
            stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"job": (job, 0.05)}, stop)
    assert len(ran) == 8


async def test_after_years_of_standstill_a_job_runs_once_and_no_moment_of_them_is_kept() -> None:
    stop, ran, asleep = asyncio.Event(), list[float](), [0.0]

    def seconds() -> float:
        return time.monotonic() + asleep[0]

    async def job() -> None:
        ran.append(seconds())
        if len(ran) == 2:
            asleep[0] = YEARS.total_seconds()
        if len(ran) == 4:
            stop.set()

    tracemalloc.start()
    try:
        async with asyncio.timeout(PATIENCE):
            await clock.run({"job": (job, 0.05)}, stop, seconds=seconds)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [round(after - before) for before, after in pairwise(ran)] == [0, YEARS.total_seconds(), 0]
    assert most < 5_000_000


def test_a_leap_is_what_the_clock_went_beyond_the_count() -> None:
    told, seconds = [NOW], [0.0]
    look = clock.Steadiness(lambda: told[0], lambda: seconds[0])

    def later(told_by: timedelta, counted: timedelta) -> timedelta:
        told[0] += told_by
        seconds[0] += counted.total_seconds()
        return look.leap()

    minute, night = timedelta(minutes=1), timedelta(hours=8)
    assert later(minute, minute) == timedelta(0)
    # A laptop that slept.
    assert later(night, night) == timedelta(0)
    assert later(minute - night, minute) == -night
    assert later(minute, minute) == timedelta(0)
    assert later(YEARS, minute) == YEARS - minute


def test_what_kept_the_process_between_two_readings_is_no_leap() -> None:
    seconds = chain([0.0, 50.0], count(100.0, 0.001))
    told = count()
    look = clock.Steadiness(lambda: NOW + timedelta(seconds=50 * next(told)), lambda: next(seconds))
    assert abs(look.leap()) < timedelta(seconds=60)
