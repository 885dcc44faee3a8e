"""One round of the service: sweep, freeze, erase, post, deliver, each on its own; by the clock, from cron, or in the demo.

Where the clock is in doubt nothing is raised, frozen or posted; what is on its way goes out. A job that fails keeps no
other from running. What stopped it stands in its heartbeat, in words, and in what the round answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.errors import DatabaseMoved, NotPossible
from complaint_sla.mail.delivery import KEPT_IN, Delivered, PostOffice, deliver
from complaint_sla.service import clock, witness
from complaint_sla.service.witness import GUARDED, Witness
from complaint_sla.wording.messages import reason
from complaint_sla.work.alerts import sweep
from complaint_sla.work.alerts.sweep import Tally
from complaint_sla.work.desk import Aside, Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.letters import notices
from complaint_sla.work.person import retention
from complaint_sla.work.plans import freezing as plans
from complaint_sla.work.surveys import drawing, forgetting

# Seconds between two rounds of each job. An alert or a summary is due at a minute of the day, so the clock looks each
# minute; mail follows right behind it. A quarter becomes final at a midnight; its report goes in the morning.
# What has been kept for its years goes at a midnight, too, a bounded number each time.
PACES = {"sweep": 60, "quarter": 300, "retention": 300, "notices": 60, "deliver": 30}


@dataclass
class Round:
    """What the jobs did: complaints swept, closure rates and plans `frozen`, complaints `erased` as they were kept for their
    years, notices `posted`, letters delivered.

    `faults` holds what stopped a job, by its name; `aside` what the jobs could not handle and went on without. `published`
    names what is in force, if that is something else than when the job before began. `leap` is how far the clock went further
    than time since the job before; less than nothing where it was put back, None where it kept time.
    """

    swept: Tally = field(default_factory=Tally)
    frozen: int = 0
    erased: int = 0
    posted: int = 0
    delivered: Delivered = field(default_factory=Delivered)
    faults: dict[str, Exception] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    published: tuple[str, ...] = ()
    leap: timedelta | None = None

    @property
    def all_well(self) -> bool:
        return not self.faults and not self.aside and self.delivered.all_well


class Rounds:
    """The jobs at a desk, each at the moment of the desk's clock. `stop` ends what is in hand after the next piece of it.

    `witnesses` are asked, beside those that every database has, where that clock is in doubt.
    """

    def __init__(
        self,
        desk: Desk,
        office: PostOffice,
        stop: asyncio.Event | None = None,
        witnesses: Sequence[Witness] = (),
    ) -> None:
        self._desk = desk
        self._office = office
        self._stop = stop
        self._witnesses = witnesses
        self._gone: DatabaseMoved | None = None
        self._in_force = _in_force(desk)
        self._jobs: dict[str, Callable[[Desk, Round], Awaitable[None]]] = {
            "sweep": self._sweep,
            "quarter": self._freeze,
            "retention": self._erase,
            "notices": self._post,
            "deliver": self._deliver,
        }

    async def round(self) -> Round:
        """Every job once."""
        done = Round()
        for job in self._jobs:
            await self._do(job, done)
            self._end_if_gone()
        return done

    async def run(
        self,
        tell: Callable[[str, Round], None],
        pace: float = 1,
        hung_up: Callable[[], None] = lambda: None,
        seconds: Callable[[], float] = clock.counted,
    ) -> None:
        """Every job by the clock until `stop` is set; `tell` is told what came of each time that one ran, by its name.

        At a `pace` of 60 an hour of the clock passes in a minute. `seconds` is the machine's own count of them.
        """
        assert self._stop is not None, "only what can be stopped runs by the clock"  # noqa: S101 - for the type checker

        steadiness = clock.Steadiness(self._desk.clock, lambda: seconds() * pace)

        def by_the_clock(job: str) -> clock.Job:
            async def once() -> None:
                leap = steadiness.leap()
                # Clocks are put right by seconds all the time.
                done = Round(leap=leap if abs(leap) > DRIFT else None)
                await self._do(job, done)
                tell(job, done)

            return once

        await clock.run(
            {job: (by_the_clock(job), PACES[job] / pace) for job in self._jobs}, self._stop, hung_up, seconds
        )
        self._end_if_gone()

    def _end_if_gone(self) -> None:
        """Raises DatabaseUnusable (`database-moved`): there is nothing left to serve."""
        if self._gone is not None:
            raise self._gone

    async def _do(self, job: str, done: Round) -> None:
        desk = replace(self._desk, now=self._desk.clock(), aside=[])
        try:
            await asyncio.to_thread(desk.store.require_same)
            # Whatever was published since the last time holds.
            desk = await asyncio.to_thread(desk.renewed)
            before, self._in_force = self._in_force, _in_force(desk)
            if before != self._in_force:
                done.published = (*(book.id for book in desk.shelf.books), "service")
            if job in GUARDED:
                await self._guard(job, desk)
            await self._jobs[job](desk, done)
        except DatabaseMoved as problem:
            self._gone = problem
            if self._stop is not None:
                self._stop.set()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is said, and the other jobs are done
            done.faults[job] = problem
            why = reason(self._office.words(KEPT_IN), problem, desk.zone)
            # Where the database is what fails, there is nowhere to write it down.
            with suppress(Exception):
                await asyncio.to_thread(desk.beat, job, why)
        done.aside += desk.aside

    async def _guard(self, job: str, desk: Desk) -> None:
        """Raises as `witness.require_right`; of that the administrators hear."""
        try:
            await asyncio.to_thread(witness.require_right, desk, self._witnesses)
        except NotPossible:
            if job == "notices":
                await asyncio.to_thread(notices.post_doubt, desk, self._office.domain)
            raise

    async def _sweep(self, desk: Desk, done: Round) -> None:
        stopped = (lambda: False) if self._stop is None else self._stop.is_set
        done.swept = await asyncio.to_thread(sweep.sweep, desk, stopped=stopped)

    async def _freeze(self, desk: Desk, done: Round) -> None:
        done.frozen = len(await asyncio.to_thread(freeze.freeze_final, desk))
        # The plan stands on the closure rate, and comes after it.
        done.frozen += len(await asyncio.to_thread(plans.freeze_final, desk))
        # What is owed of a survey where somebody was not asked in time; lists that come in draw by themselves.
        await asyncio.to_thread(drawing.draw, desk)

    async def _erase(self, desk: Desk, done: Round) -> None:
        done.erased = await asyncio.to_thread(retention.erase_due, desk)
        await asyncio.to_thread(forgetting.forget_past, desk)
        await asyncio.to_thread(forgetting.forget_remarks, desk)

    async def _post(self, desk: Desk, done: Round) -> None:
        done.posted = await asyncio.to_thread(notices.post, desk, self._office.domain)

    async def _deliver(self, desk: Desk, done: Round) -> None:
        done.delivered = await deliver(desk, self._office, self._stop)


def _in_force(desk: Desk) -> tuple[object, ...]:
    """What tells that something else was published."""
    return tuple(book.digest for book in desk.shelf.books), desk.service
