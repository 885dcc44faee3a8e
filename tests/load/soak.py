"""The service under simulated weeks of load: `python -m tests.load.soak --minutes 20 --weeks 8 [--database postgresql]`.

The service is a process of its own with a simulated clock; another process logs, notes, closes and reopens. Prints what
the service takes in its first minutes and in its last, and ends with 1 if memory has grown by more than a fifth.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import signal
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from complaint_sla.core.errors import NotPossible
from complaint_sla.core.roster import Role
from complaint_sla.store.tables import Alert, Complaint, Event, Message
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.change import NoteKind
from complaint_sla.work.sheets.exchange import import_file
from tests.cli.runner import without_mark
from tests.load.places import ENGINES, database, home, table
from tests.load.simulated import SimulatedClock
from tests.servers.smtp import Postbox
from tests.work.desks import SUNDAY, House, moment, verify_chains
from tests.work.sheet_desk import write_csv

PROJECT = Path(__file__).parents[2]
GROUPS = ("residential", "residential", "key-account", "spp-area")
OFFICES = ("BANGNA", "BANSANG", "MAESOT")
# What is open when the load begins, and stays open on average: a service that starts with nothing to do would grow by
# getting work.
BACKLOG = 300
# Seconds that the processes have to start before the clock does.
LEAD = 15.0
# How many things happen in a second of the run.
PER_SECOND = 4
SAMPLE_SECONDS = 3.0
# Part of the run that is compared at either end, and the warming-up before: the first rounds import what they need.
COMPARED, WARMING = 0.15, 0.05
LARGEST_RATIO = 1.2


@dataclass(frozen=True)
class Sample:
    """The service at one moment: seconds since its start, memory in kB, files, threads; the database in bytes."""

    at: float
    rss: int
    files: int
    threads: int
    database: int


def found_house(house: House, folder: Path) -> None:
    """Offices with people in them, and a month's complaints that are open."""
    for code in OFFICES:
        offices.add_office(house.desk, code, f"กฟภ. {code}", f"PEA {code}", "MAIN")
        house.hire(f"sup.{code.lower()}", Role.SUPERVISOR, code)
        house.hire(f"boss.{code.lower()}", Role.MANAGER, code)
    house.hire("boss", Role.MANAGER)
    received = house.clock.at
    rows = [
        {
            "external_id": f"OLD-{index}",
            "group": GROUPS[index % len(GROUPS)],
            "channel": "phone",
            "category": "outage",
            "subject": "ไฟดับ",
            "office": OFFICES[index % len(OFFICES)],
            "received_at": (received - timedelta(hours=2 * index)).isoformat(),
        }
        for index in range(BACKLOG)
    ]
    import_file(house.desk, write_csv(folder / "old.csv", rows))


def work(url: str, clock: SimulatedClock, until: float, seed: int) -> None:
    """What the office does, at random, until that moment of the monotonic clock."""
    house, chance = House(url), random.Random(seed)
    time.sleep(max(0.0, clock.epoch - time.monotonic()))
    with house.store.read() as session:
        still_open = list(session.execute(select(Complaint.number)).scalars())
    ended: list[str] = []
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, chance.expovariate(PER_SECOND)))
        house.clock.at = clock()
        number = chance.choice(still_open)
        with suppress(NotPossible):
            match chance.randrange(10):
                case 0 | 1 | 2 | 3 if len(still_open) < 1.2 * BACKLOG:
                    still_open.append(
                        house.log(
                            chance.choice(GROUPS),
                            office=chance.choice(OFFICES),
                            urgent=chance.random() < 0.1,
                            phone=f"08{chance.randrange(10**8):08d}",
                        )
                    )
                case 4 | 5:
                    change.do(house.desk, number, change.note("a note", chance.choice([None, *NoteKind])))
                case 6 if ended:
                    again = ended.pop(chance.randrange(len(ended)))
                    change.do(house.desk, again, change.reopen("dark again"))
                    still_open.append(again)
                case 7:
                    change.do(house.desk, number, change.reclassify("x", group=chance.choice(GROUPS)))
                case _ if len(still_open) > 0.8 * BACKLOG:
                    change.do(house.desk, number, change.close("done"))
                    still_open.remove(number)
                    ended.append(number)
    house.close()


def sample(pid: int, begun: float, house: House) -> Sample:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    )
    return Sample(
        time.monotonic() - begun,
        int(status["VmRSS"].split()[0]),
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        int(status["Threads"]),
        size_of(house),
    )


def size_of(house: House) -> int:
    if house.store.is_postgresql:
        with house.store.read() as session:
            return int(session.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    path = Path(str(house.store.engine.url.database))
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))


def longest_delay(house: House) -> tuple[timedelta, int]:
    """From a stage's moment to its sending, of complaints to which nothing happened that moves stages; and of how many."""
    moved = select(Event.complaint_id).where(Event.kind.in_(["reopened", "reclassified"]))
    query = (
        select(Alert.stage_at, Complaint.recorded_at, Message.sent_at)
        .join(Message, Message.id == Alert.message_id)
        .join(Complaint, Complaint.id == Alert.complaint_id)
        .where(Alert.state == "sent", Alert.complaint_id.not_in(moved))
    )
    with house.store.read() as session:
        delays = [
            sent - max(stage, recorded)
            for stage, recorded, sent in session.execute(query).all()
            if sent is not None
        ]
    return max(delays, default=timedelta()), len(delays)


def count(house: House, what: type[Alert] | type[Event] | type[Complaint]) -> int:
    with house.store.read() as session:
        return int(session.execute(select(func.count()).select_from(what)).scalar_one())


def soak(engine: str, minutes: float, weeks: float, pace: float, seed: int) -> tuple[dict[str, object], bool]:
    """What is printed, and whether all was well."""
    speed = weeks * 7 * 24 * 60 / minutes
    samples: list[Sample] = []
    with home() as folder, database(engine, folder) as url:
        box = Postbox()
        box.start()
        house = House(url, SUNDAY)
        found_house(house, folder)
        clock = SimulatedClock(moment(SUNDAY), time.monotonic() + LEAD, speed)
        until = clock.epoch + minutes * 60
        mail = f"smtp+plain://{box.host}:{box.port}"
        given = (url, mail, clock.start.isoformat(), clock.epoch, clock.speed, pace)
        with (folder / "service.err").open("w+", encoding="utf-8") as said:
            service = subprocess.Popen(
                [sys.executable, "-m", "tests.load.simulated", *map(str, given)],
                cwd=PROJECT,
                stderr=said,
            )
            load = multiprocessing.get_context("spawn").Process(target=work, args=(url, clock, until, seed))
            load.start()
            try:
                while time.monotonic() < until and service.poll() is None:
                    samples.append(sample(service.pid, clock.epoch, house))
                    time.sleep(min(SAMPLE_SECONDS, max(0.1, until - time.monotonic())))
                load.join()
            finally:
                load.kill()
                service.send_signal(signal.SIGTERM)
                code = service.wait(60)
            said.seek(0)
            words = without_mark(said.read())
        box.stop()
        events = verify_chains(house.store)
        delay, delays = longest_delay(house)
        whole = minutes * 60
        warm = [one for one in samples if one.at > WARMING * whole]
        first = [one for one in warm if one.at <= (WARMING + COMPARED) * whole]
        last = [one for one in warm if one.at > (1 - COMPARED) * whole]
        ratio = mean(last, "rss") / mean(first, "rss")
        twice = len(box.received) - len({letter.message_id for letter in box.received})
        well = (
            ratio <= LARGEST_RATIO
            and (code, load.exitcode, twice) == (0, 0, 0)
            and not [line for line in words.splitlines() if "service" not in line]
        )
        rows = {
            "database": engine,
            "minutes, simulated weeks": f"{minutes:g}, {weeks:g}",
            "memory, first minutes (MB)": mean(first, "rss") / 1024,
            "memory, last minutes (MB)": mean(last, "rss") / 1024,
            f"ratio (at most {LARGEST_RATIO})": ratio,
            "memory, largest (MB)": max(one.rss for one in samples) / 1024,
            "open files, first and last": f"{mean(first, 'files'):.1f}, {mean(last, 'files'):.1f}",
            "threads, first and last": f"{mean(first, 'threads'):.1f}, {mean(last, 'threads'):.1f}",
            "database, first and last (MB)": f"{first[0].database / 2**20:.1f}, {last[-1].database / 2**20:.1f}",
            "complaints": count(house, Complaint),
            "events, every chain whole": events,
            "alerts raised": count(house, Alert),
            "letters sent": len(box.received),
            "letters that came twice": twice,
            "stages measured": delays,
            "longest from a stage to its sending": f"{delay.total_seconds() / 60:.0f} simulated minutes"
            f" ({delay.total_seconds() / speed:.2f} s; a round each {speed / pace:.0f} simulated minutes)",
            "the service said": words.strip().replace("\n", " | ")[-500:],
        }
        house.close()
    return rows, well


def mean(samples: list[Sample], name: str) -> float:
    return statistics.fmean(getattr(one, name) for one in samples)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    options.add_argument("--minutes", type=float, default=20)
    options.add_argument("--weeks", type=float, default=8)
    options.add_argument("--database", choices=ENGINES, default="sqlite")
    options.add_argument("--pace", type=float, default=600, help="how much faster than in life rounds follow")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    rows, well = soak(given.database, given.minutes, given.weeks, given.pace, given.seed)
    print(table(rows))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
