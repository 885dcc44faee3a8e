"""`demo`: a sample quarter played through in a folder of its own, by the same work as always; then where to look.

Knows no settings of the user: the database, the mail folder and the rule book are the demo's own.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import typer
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlmodel import Session

from complaint_sla import bookshelf, resources
from complaint_sla.cli import pointers
from complaint_sla.cli.sample import offices as sample_offices
from complaint_sla.cli.sample import quarter as sample_quarter
from complaint_sla.cli.sample.steps import Does, Step
from complaint_sla.cli.terminal import Terminal, real_clock, system_user
from complaint_sla.core.calendars import at_local
from complaint_sla.core.errors import BadValue
from complaint_sla.mail.delivery import PostOffice
from complaint_sla.mail.transports import FolderTransport
from complaint_sla.service.rounds import Rounds
from complaint_sla.store import complaints, heartbeats
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.work import casework, intake, offices
from complaint_sla.work.casework import NoteKind
from complaint_sla.work.desk import Desk

SENDER = "complaint-sla@example.org"
# The book's stages fall due at this hour: a round then does what a service that looks each minute would do all day.
MORNING = time(8)
# After these something may be due at once.
_AT_ONCE = frozenset({Does.MAKE_URGENT, Does.REOPEN})
_NOTES = {
    Does.NOTE: None,
    Does.ASSESS: NoteKind.ASSESS,
    Does.INVESTIGATE: NoteKind.INVESTIGATE,
    Does.RESPOND: NoteKind.RESPOND,
    Does.COMMUNICATE: NoteKind.COMMUNICATE,
}


def play(terminal: Terminal, folder: Path | None, *, json: bool) -> None:
    """Plays the sample quarter into `folder`, which is empty or not there yet; without one, into a temporary one."""
    home = _home(folder)
    words = terminal.words
    # The sample speaks of the groups and categories of the book that ships, whatever book the user has.
    terminal.shelf = bookshelf.load(resources.rules())
    store = None
    try:
        store = Store.open(f"sqlite:///{home / 'complaints.db'}")
        _hurry(store)
        stage = Stage(terminal, store, home / "mail")
        stage.play()
        pointers.answer(terminal, stage.desk, home, stage.played, json=json)
    except BaseException:
        terminal.tell(
            words("The demo did not come to its end. What there is of it: {folder}", folder=plain(str(home)))
        )
        raise
    finally:
        if store is not None:
            store.close()
    if not stage.played.mail.all_well:
        terminal.tell(words("Mail can't leave: {fault}", fault=plain(str(stage.played.mail.fault))))
        raise typer.Exit(1)


def _home(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="complaint-sla-demo-"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise BadValue("file-unwritable", file=folder, problem=problem.strerror) from None
    return folder.absolute()


def _hurry(store: Store) -> None:
    """Doesn't wait for the disk at each commit: should the power fail in these seconds, the demo is played again."""

    @event.listens_for(store.engine, "checkout")
    def _checked_out(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.close()


class Stage:
    """The offices of the sample and all that happens there."""

    def __init__(self, terminal: Terminal, store: Store, mail: Path) -> None:
        self.terminal = terminal
        self.zone = terminal.zone
        self.end = sample_quarter.as_of(self.zone)
        self.desk = Desk(store, terminal.shelf, self.end.astimezone(UTC), real_clock, "demo", system_user())
        self.post = PostOffice(FolderTransport(mail), SENDER, cache(Words))
        self.played = pointers.Played()

    def play(self) -> None:
        """Everything from the first morning of the quarter to the sample's last, in the order of time."""
        steps = sample_quarter.steps(self.zone)
        happens: list[tuple[datetime, Step | None]] = [(step.at, step) for step in steps]
        first = sample_quarter.QUARTER.first_day
        days = [first + timedelta(days=n) for n in range((sample_quarter.LAST_DAY - first).days + 1)]
        happens += [(at_local(day, MORNING, self.zone), None) for day in days]
        happens.sort(key=lambda one: one[0])
        self.fill_offices(happens[0][0])
        with asyncio.Runner() as runner, _progress(self.terminal, len(happens)) as show:
            # SQLite has one writer: threads that wait for their turn only sleep too long.
            runner.get_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
            for at, step in happens:
                if step is not None:
                    self.take(step)
                if not _stands_still(at.date()) and (self.is_due(at) if step is None else _is_pressing(step)):
                    self.round(runner, at)
                show(at.date())
        # By the real clock all rounds were done just now: no command has to warn of a silence since 2560.
        self.desk.store.write(_beat_all)

    def at(self, moment: datetime, actor: str = "demo") -> Desk:
        """The desk at a moment of the sample, which is written down at that moment too."""
        now = moment.astimezone(UTC)
        return replace(self.desk, now=now, clock=lambda: now, actor=actor)

    def fill_offices(self, at: datetime) -> None:
        desk, reader = self.at(at), self.terminal.words.language
        for one in sample_offices.OFFICES:
            if one.parent is None:
                # A new database has this office already.
                offices.set_office(desk, one.code, name_th=one.name_th, name_en=one.name_en)
            else:
                offices.add_office(desk, one.code, one.name_th, one.name_en, one.parent)
        for person in sample_offices.STAFF:
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
        self.played.rounds += 1

    def take(self, step: Step) -> None:
        desk, numbers = self.at(step.at, step.actor), self.played.numbers
        self.played.changes += 1
        if step.intake is not None:
            numbers[step.case] = intake.log(desk, step.intake).complaint.number
            return
        if step.until is not None:
            offices.away(desk, step.text, step.until, step.to)
            return
        number, text, to = numbers[step.case], step.text, step.to
        match step.does:
            case Does.ACKNOWLEDGE:
                casework.acknowledge(desk, number)
            case Does.ASSIGN:
                casework.assign(desk, number, to)
            case Does.TRANSFER:
                casework.transfer(desk, number, to, text)
            case Does.REGROUP:
                casework.reclassify(desk, number, text, group=to)
            case Does.MAKE_URGENT:
                casework.reclassify(desk, number, text, urgent=True)
            case Does.CLOSE:
                casework.close(desk, number, text, step.dated)
            case Does.WITHDRAW:
                casework.withdraw(desk, number, text)
            case Does.DUPLICATE:
                casework.duplicate(desk, number, numbers[to])
            case Does.REOPEN:
                casework.reopen(desk, number, text)
            case _:
                casework.note(desk, number, text, _NOTES[step.does])


def _beat_all(session: Session) -> None:
    for job in heartbeats.JOBS:
        heartbeats.beat(session, job, real_clock(), None)


def _is_pressing(step: Step) -> bool:
    return step.does in _AT_ONCE or (step.intake is not None and step.intake.urgent)


def _stands_still(day: date) -> bool:
    first, last = sample_quarter.STANDSTILL
    return first <= day <= last


@contextmanager
def _progress(terminal: Terminal, total: int) -> Iterator[Callable[[date], None]]:
    """A bar on a terminal, else a line a month. What it yields is told the day after each thing done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    words = terminal.words
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    told: set[int] = set()
    if not console.is_terminal:

        def line(day: date) -> None:
            if day.month not in told:
                told.add(day.month)
                terminal.tell(words("Playing {month} …", month=words.month(f"{day:%Y-%m}")))

        yield line
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console, transient=True
    )
    with bar:
        task = bar.add_task("", total=total)

        def move(day: date) -> None:
            bar.update(task, advance=1, description=words.long_day(day))

        yield move
