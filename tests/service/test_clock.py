"""The clock of the service: each job at once and then by the clock, never twice at a time, and none cut off."""

import asyncio
import os
import signal

from complaint_sla.service import clock

PATIENCE = 20


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
        await clock.run({"job": (job, 1)}, stop)

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
            await asyncio.sleep(2.2)
        at_work -= 1
        if ran == 3:
            stop.set()

    async with asyncio.timeout(PATIENCE):
        await clock.run({"slow": (slow, 1)}, stop)

    assert (most, ran) == (1, 3)
    assert loop.is_running()


async def test_a_standstill_of_the_whole_process_delays_a_job_and_drops_none() -> None:
    import time

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
        running = asyncio.ensure_future(clock.run({"job": (job, 1)}, stop))
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
