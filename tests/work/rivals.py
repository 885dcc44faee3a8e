"""What processes of their own do to one complaint at once."""

import multiprocessing
import random
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import time
from multiprocessing.synchronize import Barrier

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotPossible, SeveralRefused
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules
from complaint_sla.store import filing
from complaint_sla.work.alerts import sweep as alerts
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.change import NoteKind
from complaint_sla.work.complaints.correct import correct
from complaint_sla.work.figures import freeze as freezing
from complaint_sla.work.letters import notices
from complaint_sla.work.plans import freezing as plans
from complaint_sla.work.surveys import drawing
from tests.work.desks import House
from tests.work.plans.figures import enter as enter_figure


class RegretError(Exception):
    """Raised on purpose after a serial was taken."""


def handle(house: House, number: str, chance: random.Random) -> None:
    """Notes, closings, reopenings and reclassifications at random."""
    for _ in range(12):
        house.later(hours=chance.randrange(30))
        with suppress(NotPossible):
            match chance.randrange(7):
                case 0 | 1:
                    change.do(house.desk, number, change.note("a note", chance.choice([None, *NoteKind])))
                case 2:
                    change.do(house.desk, number, change.close("done"))
                case 3:
                    change.do(house.desk, number, change.reopen("dark again"))
                case 4:
                    words = {
                        "subject": f"ไฟดับ {chance.randrange(3)}",
                        "phone": chance.choice(["", "0812345678"]),
                    }
                    correct(house.desk, number, words)
                case _:
                    group = chance.choice(["residential", "key-account"])
                    change.do(
                        house.desk, number, change.reclassify("x", group=group, urgent=chance.random() < 0.5)
                    )


def sweep(house: House, _number: str, _chance: random.Random) -> None:
    for _ in range(30):
        house.later(hours=12)
        alerts.sweep(house.desk)


def deliver(house: House, _number: str, _chance: random.Random) -> None:
    for _ in range(15):
        house.later(hours=24)
        house.post()


def share_out(house: House, joined: str, chance: random.Random) -> None:
    """Many at once to one of two people, in any order; whoever comes second may be told that they have them already."""
    numbers = joined.split()
    for _ in range(8):
        chance.shuffle(numbers)
        with suppress(SeveralRefused):
            change.do_all(house.desk, numbers, change.assign(chance.choice(["nok", "lek"])))


def count(house: House, _number: str, chance: random.Random) -> None:
    """Logs ten complaints and ten that others log too; every third transaction that takes a serial is thrown away."""

    def regret(session: Session) -> None:
        filing.take_serials(session, "2017-03", chance.randrange(1, 4))
        raise RegretError

    for index in range(10):
        with suppress(RegretError):
            house.store.write(regret)
        house.log()
        house.log(external_id=f"V-{index}")


def notice(house: House, _number: str, _chance: random.Random) -> None:
    rules = DailySummary(frozenset(range(5)), time(8), (Role.SUPERVISOR, Role.MANAGER), when_nothing=False)
    desk = replace(house.at("2017-03-06 08:00"), service=ServiceRules(summary=rules))
    for _ in range(5):
        notices.post(desk, "sla.example.org")


def freeze(house: House, _number: str, _chance: random.Random) -> None:
    freezing.freeze_final(house.at("2017-07-26 00:00"))


def restate(house: House, _number: str, _chance: random.Random) -> None:
    with suppress(NotPossible):
        freezing.freeze(house.at("2017-07-27 00:00"), Quarter(2017, 1))


def enter(house: House, _number: str, chance: random.Random) -> None:
    """Figures of one measure, each in the place of that of another, and now and then none any more."""
    house.at("2017-04-10 09:00")
    for _ in range(3):
        n = chance.randrange(96)
        enter_figure(house, "large-existing", "1/2560", f"{n}/95")
        with suppress(NotPossible):
            if not n % 7:
                enter_figure(house, "large-existing", "1/2560", withdraw=True)


def freeze_plan(house: House, _number: str, _chance: random.Random) -> None:
    house.at("2017-05-01 00:00")
    freezing.freeze_final(house.desk)
    plans.freeze_final(house.desk)


def restate_plan(house: House, _number: str, _chance: random.Random) -> None:
    with suppress(NotPossible):
        plans.freeze(house.at("2017-05-12 00:00"), Quarter(2017, 1))


def draw(house: House, _number: str, _chance: random.Random) -> None:
    drawing.draw(house.at("2017-04-01 09:00"))


def nothing(_house: House, _number: str, _chance: random.Random) -> None:
    """To have opened the database is all."""


JOBS = {
    "nothing": nothing,
    "handle": handle,
    "sweep": sweep,
    "deliver": deliver,
    "count": count,
    "notice": notice,
    "share out": share_out,
    "freeze": freeze,
    "restate": restate,
    "enter": enter,
    "draw": draw,
    "freeze plan": freeze_plan,
    "restate plan": restate_plan,
}


def work(url: str, job: str, number: str, seed: int, start: Barrier) -> None:
    # Opening it is a race of its own.
    start.wait(60)
    house = House(url)
    start.wait(60)
    JOBS[job](house, number, random.Random(seed))
    house.close()


def at_once(url: str, number: str, *jobs: str) -> None:
    """Runs each job in a process of its own, all from the same moment on; every one must end well."""
    # One server that has imported everything and forks is quicker than as many fresh starts; Windows has none.
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload([__name__])
    start = context.Barrier(len(jobs))
    started = [
        context.Process(target=work, args=(url, job, number, seed, start), daemon=True)
        for seed, job in enumerate(jobs)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * len(jobs)
