"""Where workers come from: one process that has lived through a quiet day, and forks one for each errand.

What a process reads and compiles once (rule book, templates, words, tables) is then there in every worker: a fresh start
takes fifty times as long.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from complaint_sla.core.roster import Role
from tests.faults.worker import Errand, round_of, work
from tests.published import make_rehearsal
from tests.work.desks import House

# What is waited for here comes within milliseconds; reached only where something hangs.
PATIENCE = 60.0


@dataclass(frozen=True)
class Worker:
    """One at work on an errand, or dead."""

    pid: int
    nursery: Connection

    def code(self, seconds: float = PATIENCE) -> int | None:
        """How it ended, as `exitcode` of a process has it; None if it has not, after so many seconds."""
        self.nursery.send((self.pid, seconds))
        code: int | None = self.nursery.recv()
        return code

    def ended(self) -> int:
        """Waits for its end. Raises TimeoutError if it hangs."""
        code = self.code()
        if code is None:
            self.signal(signal.SIGKILL)
            self.code()
            raise TimeoutError("The worker hangs")
        return code

    def signal(self, what: signal.Signals) -> None:
        # Until its end has been asked for, nobody else can have its number.
        os.kill(self.pid, what)


def start(errand: Errand) -> Worker:
    """A worker, at work."""
    nursery = _nursery()
    nursery.send(errand)
    pid: int = nursery.recv()
    # Zero and less would mean a group of processes, or all there are.
    assert pid > 1
    return Worker(pid, nursery)


@cache
def _nursery() -> Connection:
    # Not the fork server of multiprocessing: there is one of it for all tests, and it has loaded what the first wanted.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    context.Process(target=serve, args=(there,), name="nursery", daemon=True).start()
    there.close()
    return here


def serve(orders: Connection) -> None:
    """Forks a worker for each errand, and tells how a worker ended, until nobody orders any more."""
    _live_a_day()
    codes: dict[int, int] = {}
    with contextlib.suppress(EOFError):
        while True:
            order = orders.recv()
            if isinstance(order, Errand):
                pid = os.fork()
                if pid == 0:
                    os._exit(work(order))
                orders.send(pid)
            else:
                orders.send(_waited(codes, *order))


def _waited(codes: dict[int, int], pid: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while pid not in codes:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            codes[pid] = os.waitstatus_to_exitcode(status)
        elif time.monotonic() > until:
            return None
        else:
            time.sleep(0.001)
    return codes[pid]


def _live_a_day() -> None:
    with tempfile.TemporaryDirectory(prefix="nursery-") as name:
        house = House(make_rehearsal(f"sqlite:///{name}/complaints.db"))
        house.hire("somebody")
        house.hire("somebody-else", Role.MANAGER)
        # One letter about one complaint, then one about several.
        for moment, count in (("2017-03-23 08:00", 1), ("2017-05-08 08:00", 2)):
            for _ in range(count):
                house.log()
            house.at(moment)
            house.sweep()
            asyncio.run(round_of(house, Path(name) / "mail", None))
        house.close()


def dies(house: House, folder: Path, command: tuple[str, ...], step: str, time: int = 1) -> None:
    """A worker carries a command out, and is killed when it comes to a step for the `time`th time."""
    errand = Errand(
        house.url,
        house.clock.at,
        folder,
        folder / "diary",
        commands=(command,),
        fate=signal.SIGKILL,
        at=step,
        time=time,
    )
    assert start(errand).ended() == -signal.SIGKILL
