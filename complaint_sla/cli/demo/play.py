"""Plays the sample: everything that is done in the quarter, and the rounds of the service, in the order of time."""

import asyncio
import csv
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlmodel import Session

from complaint_sla.cli.demo.sample import Does, Sample, Step
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.core.calendars import at_local, midnight
from complaint_sla.mail.delivery import Delivered, PostOffice
from complaint_sla.mail.folder import FolderTransport
from complaint_sla.service.rounds import Rounds
from complaint_sla.store import complaints, heartbeats
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.alerts.sweep import Tally
from complaint_sla.work.complaints import change, duplicates, log
from complaint_sla.work.complaints.change import NoteKind
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.enter import enter
from complaint_sla.work.surveys import finished, listing, recording

SENDER = "complaint-sla@example.org"
# The list of requests that is taken in, as a file to open; whose customers they are, and by whom they are asked.
REQUESTS, SERVICE, SURVEY = "requests.csv", "new-meter", "phone"
# The book's stages fall due at this hour: a round then does what a service that looks each minute would do all day.
MORNING = time(8)
OF_PLAN = frozenset({Does.CLASSIFY, Does.ENTER, Does.LIST, Does.ANSWER})
# After these something may be due at once.
_AT_ONCE = frozenset({Does.MAKE_URGENT, Does.REOPEN})


@dataclass
class Played:
    """What was done, in figures; `numbers` are the complaints' numbers by the sample's names for them."""

    numbers: dict[str, str] = field(default_factory=dict)
    changes: int = 0
    raised: Tally = field(default_factory=Tally)
    mail: Delivered = field(default_factory=Delivered)


class Demo:
    """The sample, and what comes of it in a new database at `home`, whose mail goes into a folder there."""

    def __init__(self, terminal: Terminal, store: Store, home: Path, sample: Sample) -> None:
        self.terminal = terminal
        self.home = home
        self.sample = sample
        self.desk = Desk(
            store, terminal.shelf, sample.end.astimezone(UTC), real_clock, "demo", str(terminal.system_user)
        )
        self.post = PostOffice(FolderTransport(home / "mail"), SENDER, cache(Words))
        self.played = Played()

    def play(self) -> None:
        """Everything from the first morning of the quarter to the sample's end."""
        sample = self.sample
        _hurry(self.desk.store)
        happens: list[tuple[datetime, Step | None]] = [(step.at, step) for step in sample.steps]
        first = sample.quarter.first_day
        days = [first + timedelta(days=n) for n in range((sample.end.date() - first).days + 1)]
        happens += [(at_local(day, MORNING, self.desk.zone), None) for day in days]
        happens.sort(key=lambda one: one[0])
        self.fill_offices(happens[0][0])
        with asyncio.Runner() as runner, _progress(self.terminal, len(happens)) as show:
            # SQLite has one writer: threads that wait for their turn only sleep too long.
            runner.get_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
            for at, step in happens:
                if step is not None:
                    self.take(step) if step.does not in OF_PLAN else self.take_of_plan(step)
                stands_still = sample.standstill[0] <= at.date() <= sample.standstill[1]
                if not stands_still and (self.is_due(at) if step is None else _is_pressing(step)):
                    self.round(runner, at)
                show(at.date())
        # By the real clock all rounds were done just now: no command has to warn of a silence since 2560.
        self.desk.store.write(_beat_all)

    @property
    def begins(self) -> datetime:
        """The first moment of the quarter that is played."""
        return midnight(self.sample.quarter.first_day, self.desk.zone)

    def at(self, moment: datetime, actor: str = "demo") -> Desk:
        """The desk at a moment of the sample, which is written down at that moment too."""
        now = moment.astimezone(UTC)
        return replace(self.desk, now=now, clock=lambda: now, actor=actor)

    def fill_offices(self, at: datetime) -> None:
        desk, reader = self.at(at), self.terminal.words.language
        for one in self.sample.offices:
            if one.parent is None:
                # A new database has this office already.
                offices.set_office(desk, one.code, name_th=one.name_th, name_en=one.name_en)
            else:
                offices.add_office(desk, one.code, one.name_th, one.name_en, one.parent)
        for person in self.sample.staff:
            offices.add_staff(
                desk, person.email, person.name, person.office, person.role, person.language or reader
            )

    def is_due(self, at: datetime) -> bool:
        """Whether a sweep would find anything: most rounds of a service don't, and need not be played."""
        with self.desk.store.read() as session:
            return complaints.anything_due(session, at.astimezone(UTC))

    def round(self, runner: asyncio.Runner, at: datetime) -> None:
        """What the service does when something is due."""
        done = runner.run(Rounds(self.at(at), self.post).round())
        for problem in done.faults.values():
            raise problem
        self.played.raised.add(done.swept)
        mail, now = self.played.mail, done.delivered
        mail.sent += now.sent
        mail.retried += now.retried
        mail.failed += now.failed
        mail.dropped += now.dropped
        mail.fault = now.fault or mail.fault

    def take(self, step: Step) -> None:
        desk, numbers = self.at(step.at, step.by), self.played.numbers
        self.played.changes += 1
        if step.intake is not None:
            numbers[step.case] = log.log(desk, step.intake).complaint.number
            return
        if step.until is not None:
            offices.away(desk, step.text, step.until, step.to)
            return
        number, text, to = numbers[step.case], step.text, step.to
        match step.does:
            case Does.ACKNOWLEDGE:
                change.do(desk, number, change.acknowledge())
            case Does.ASSIGN:
                change.do(desk, number, change.assign(to))
            case Does.TRANSFER:
                change.do(desk, number, change.transfer(to, text))
            case Does.REGROUP:
                change.do(desk, number, change.reclassify(text, group=to))
            case Does.MAKE_URGENT:
                change.do(desk, number, change.reclassify(text, urgent=True))
            case Does.CLOSE:
                change.do(desk, number, change.close(text, step.dated))
            case Does.WITHDRAW:
                change.do(desk, number, change.withdraw(text))
            case Does.DUPLICATE:
                duplicates.mark(desk, number, numbers[to], text)
            case Does.REOPEN:
                change.do(desk, number, change.reopen(text))
            case _:
                change.do(
                    desk, number, change.note(text, None if step.does is Does.NOTE else NoteKind(step.does))
                )

    def take_of_plan(self, step: Step) -> None:
        desk = self.at(step.at, step.by)
        if step.does is Does.CLASSIFY:
            offices.set_office(desk, step.text, class_=step.to)
        elif step.does is Does.ENTER:
            for one in step.figures:
                enter(desk, one)
        elif step.does is Does.LIST and step.until is not None:
            file = self.home / REQUESTS
            with file.open("w", encoding="utf-8-sig", newline="") as sheet:
                writer = csv.DictWriter(sheet, finished.COLUMNS[1:])
                writer.writeheader()
                writer.writerows({"service": SERVICE, **one} for one in step.requests)
            listing.import_file(desk, file, step.until, services=[SERVICE], seed=step.text)
        else:
            recording.record(desk, step.to, recording.Answer(step.score), survey=SURVEY)


def _hurry(store: Store) -> None:
    """Doesn't wait for the disk at each commit: should the power fail in these seconds, the demo is played again."""

    @event.listens_for(store.engine, "checkout")
    def _checked_out(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.close()


def _beat_all(session: Session) -> None:
    for job in heartbeats.JOBS:
        heartbeats.beat(session, job, real_clock(), None)


def _is_pressing(step: Step) -> bool:
    return step.does in _AT_ONCE or (step.intake is not None and step.intake.urgent)


@contextmanager
def _progress(terminal: Terminal, total: int) -> Iterator[Callable[[date], None]]:
    """A bar on a terminal, else a line a month. What it yields is told the day after each thing done."""
    words = terminal.words
    told: set[int] = set()
    done = count(1)

    def line(day: date) -> None:
        if day.month not in told:
            told.add(day.month)
            terminal.remark("Playing {month} …", month=words.month(f"{day:%Y-%m}"))

    with progress("", bar=True) as move:
        yield line if move is None else lambda day: move(next(done), total, words.long_day(day))
