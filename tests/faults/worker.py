"""A worker in a process of its own, who dies or falls asleep at a step named beforehand, or finds something broken.

The program has no hooks for this: the steps are seen from outside, by wrapping what it calls, in this process only.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import ssl
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from complaint_sla import files
from complaint_sla.bookshelf import Drafts
from complaint_sla.core.bookfile import read_drafts
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BookFaults, Error
from complaint_sla.mail import compose, conversation, delivery, smtp
from complaint_sla.mail.delivery import PostOffice
from complaint_sla.mail.folder import FolderTransport
from complaint_sla.mail.servers import Security, SmtpServer
from complaint_sla.mail.smtp import SmtpTransport
from complaint_sla.mail.transports import Transport
from complaint_sla.store import postgresql, problems
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.complaints import change
from complaint_sla.work.figures import freeze
from complaint_sla.work.plans import freezing
from complaint_sla.work.rules import publish
from complaint_sla.work.surveys import drawing, listing
from tests.core.books import no_holidays
from tests.load.simulated import SimulatedClock, serve_by
from tests.work.desks import RULES, House
from tests.work.plans import figures

SENDER = "complaints@sla.example.org"
# How a worker ends who was told by the program that something can't be used.
TURNED_AWAY = 3
# And one that met something that the program has no words for.
FELL_OVER = 1

# What a transaction does, by a name that occurs in its code; the first that fits.
_WORK = {
    "_sweep_batch": "settle",
    "fill_posts": "fill posts",
    "_gather": "gather",
    "enter_some": "enter letters",
    "begin_sending": "begin",
    "beat": "beat",
    "_first": "freeze",
    "_frozen_now": "restate",
    "_published": "publish",
    # Taking a list in draws, too.
    "_moved": "list",
    "draw_in": "draw",
    "Pen": "enter",
}


@dataclass(frozen=True)
class Errand:
    """What the worker is to do, at which moment, and what happens to it.

    `fate` strikes at the step named `at` when it is reached for the `time`-th time. `commands` come first: a word of
    `casework`, a number and what else it takes. With `service` it is the running service, whose clock that is.
    """

    url: str
    moment: datetime
    mail: SmtpServer | Path
    diary: Path
    authority: Path | None = None
    commands: tuple[tuple[str, ...], ...] = ()
    fate: signal.Signals | None = None
    at: str = ""
    time: int = 1
    lock_seconds: float | None = None
    frozen_seconds: int | None = None
    largest_file: int | None = None
    full_mail_folder: bool = False
    templates: Path | None = None
    service: SimulatedClock | None = None
    pace: float = 1.0


class Steps:
    """Every step is written into the diary as it is reached; there the fate strikes, if it is the one."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._diary = os.open(errand.diary, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._left = errand.time
        self._lock = threading.Lock()

    def reach(self, step: str) -> None:
        with self._lock:
            with suppress(OSError):
                # A full disk must not stop what watches it.
                os.write(self._diary, f"{step}\n".encode())
            if self._errand.fate is None or step != self._errand.at:
                return
            self._left -= 1
            if self._left == 0:
                # To this very thread: sent to the process, it would let this one go on until another has heard it.
                signal.pthread_kill(threading.get_ident(), self._errand.fate)


def work(errand: Errand) -> int:
    """One round of everything: the commands, a sweep, a delivery; or the service. The code to end with."""
    steps = Steps(errand)
    _watch_transactions(steps)
    _watch_mail(steps)
    _break(errand)
    try:
        if errand.service is not None:
            _serve(errand, errand.service)
            return 0
        house = House(errand.url)
        house.clock.at = errand.moment
        for name, *given in errand.commands:
            carry_out(house, name, *given)
        sweep(house.desk)
        asyncio.run(round_of(house, errand.mail, errand.authority))
        house.close()
    except Error as problem:
        steps.reach(f"turned away: {problem.key}")
        return TURNED_AWAY
    except BaseException:  # noqa: BLE001 - it is told by the code and in the diary
        steps.reach(f"fell over: {traceback.format_exc()}")
        return FELL_OVER
    return 0


def _serve(errand: Errand, clock: SimulatedClock) -> None:
    assert isinstance(errand.mail, SmtpServer)
    # What it says of each round that failed belongs to no test.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    serve_by(clock, errand.url, f"smtp+plain://{errand.mail.host}:{errand.mail.port}", errand.pace)


def carry_out(house: House, name: str, number: str, *given: str) -> None:
    """An officer's command; what is not possible any more is left."""
    match name:
        case "close":
            change.do(house.desk, number, change.close("done"))
        case "reopen":
            change.do(house.desk, number, change.reopen("dark again"))
        case "reclassify":
            change.do(house.desk, number, change.reclassify("wrong group", group=given[0]))
        case "freeze":
            freeze.freeze_final(house.desk)
        case "publish":
            text = (
                RULES.read_text(encoding="utf-8").replace("pea-2560", number).replace("2017-01-01", given[0])
            )
            with suppress(BookFaults):
                publish.publish(house.desk, Drafts(read_drafts([("book.toml", text)], no_holidays)[0]))
        case "restate":
            freeze.freeze(house.desk, Quarter.parse(number))
        case "list":
            through = date.fromisoformat(given[0])
            listing.import_file(house.desk, Path(number), through, seed="0" * 32)
        case "enter":
            figures.enter(house, number, "1/2560", given[0])
        case "freeze plan":
            freezing.freeze_final(house.desk)
        case "restate plan":
            freezing.freeze(house.desk, Quarter.parse(number))
        case "draw":
            drawing.draw(house.desk, "0" * 32)
        case _:
            raise ValueError(name)


async def round_of(house: House, mail: SmtpServer | Path, authority: Path | None) -> delivery.Delivered:
    """One round of deliveries."""
    transport: Transport
    if isinstance(mail, Path):
        transport = FolderTransport(mail)
    else:
        tls = None
        if mail.security is not Security.PLAIN:
            tls = ssl.create_default_context(cafile=authority)
        transport = SmtpTransport(mail, tls=tls)
    try:
        return await delivery.deliver(house.desk, PostOffice(transport, SENDER, cache(Words)))
    finally:
        await transport.close()


def _title(job: Callable[..., Any]) -> str:
    job = job.func if isinstance(job, partial) else job
    names = job.__code__.co_names
    return next((work for name, work in _WORK.items() if name in names), job.__qualname__.partition(".")[0])


def _watch_transactions(steps: Steps) -> None:
    """Before a transaction, inside it before each change, before its commit, and after."""
    at_work = threading.local()
    original = Store.write

    def write(store: Store, job: Callable[..., Any]) -> Any:
        at_work.name = _title(job)
        steps.reach(f"{at_work.name}: before")
        try:
            result = original(store, job)
            steps.reach(f"{at_work.name}: after commit")
            return result
        finally:
            at_work.name = None

    def changing(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        name = getattr(at_work, "name", None)
        if name and statement.startswith(("INSERT", "UPDATE", "DELETE")):
            steps.reach(f"{name}: inside")

    def committing(_connection: object) -> None:
        name = getattr(at_work, "name", None)
        if name:
            steps.reach(f"{name}: before commit")

    Store.write = write  # type: ignore[method-assign,assignment]
    event.listen(Engine, "before_cursor_execute", changing)
    event.listen(Engine, "commit", committing)


def _watch_mail(steps: Steps) -> None:
    """Before each command to the server, when the text has been handed over, and when the server has taken it."""
    ask, write, answer = conversation.ask, conversation.write, conversation.answer
    connected = SmtpTransport._connected
    file = FolderTransport._write
    sync = files.os.fsync

    async def asking(line: Any, *command: bytes, **how: Any) -> Any:
        steps.reach(f"send: before {command[0].decode()}")
        return await ask(line, *command, **how)

    async def connecting(self: SmtpTransport, attempt: Any) -> Any:
        steps.reach("send: before connecting")
        return await connected(self, attempt)

    async def writing(line: Any, attempt: Any) -> None:
        steps.reach("send: before the text")
        await write(line, attempt)
        steps.reach("send: text handed over")

    async def answered(line: Any) -> Any:
        response = await answer(line)
        steps.reach("send: after the 250")
        return response

    def filing(self: FolderTransport, name: str | None, content: bytes) -> None:
        steps.reach("send: before the file")
        file(self, name, content)
        steps.reach("send: after the file")

    def syncing(handle: int) -> None:
        steps.reach("send: half a file")
        sync(handle)

    for room in (conversation, smtp):
        room.ask, room.write, room.answer = asking, writing, answered  # type: ignore[attr-defined]
    SmtpTransport._connected = connecting  # type: ignore[method-assign]
    FolderTransport._write = filing  # type: ignore[method-assign]
    files.os.fsync = syncing


def _break(errand: Errand) -> None:
    """Disks that are full, templates that are broken, a database that is waited for only so long."""
    # Otherwise the signal would end the process before the error is seen.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if errand.lock_seconds is not None:
        problems.LOCK_SECONDS = errand.lock_seconds  # type: ignore[assignment]
    if errand.frozen_seconds is not None:
        postgresql.FROZEN_SECONDS = errand.frozen_seconds
    if errand.templates is not None:
        compose._environment.cache_clear()
        compose.templates = lambda: errand.templates  # type: ignore[assignment,return-value]
    if errand.full_mail_folder:
        _fill_mail_folder()
    if errand.largest_file is not None:
        _allow_files_of(errand.largest_file)


def _allow_files_of(size: int) -> None:
    """No file of this process grows beyond so many bytes: what it writes there fails as on a full disk."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))


def _fill_mail_folder() -> None:
    """There is no room for letters; the database lies on another disk."""
    file = FolderTransport._write
    one_at_a_time = threading.Lock()

    def filing(self: FolderTransport, name: str | None, content: bytes) -> None:
        with one_at_a_time:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            _allow_files_of(len(content) // 2)
            try:
                file(self, name, content)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

    FolderTransport._write = filing  # type: ignore[method-assign]
