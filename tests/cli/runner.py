"""The program, run as its users run it: within this process, as a process of its own, and at a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy import select as select_

from complaint_sla.cli.main import main
from complaint_sla.wording.words import CATALOGUES, DOMAIN
from tests.published import publish_folder

PROJECT = Path(__file__).parents[2]
SUNDAY = "2017-03-05 10:00"
# How long a test waits for what must come. Reached only by a test that fails.
PATIENCE = 30.0

MARKS = ("Rehearsal: nothing here is real.", "การซ้อม: ไม่มีสิ่งใดในนี้เป็นจริง")
LANGUAGES = ("en", "th") if (CATALOGUES / "th" / "LC_MESSAGES" / f"{DOMAIN}.mo").exists() else ("en",)


@dataclass(frozen=True)
class Answer:
    """What the program answered with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout, which must be exactly one JSON document."""
        return json.loads(self.out)


class Program:
    """The program at one database. Called with a command it runs it here, and expects it to end with `code`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(
        self,
        *arguments: str,
        now: str | None = None,
        acting: str | None = None,
        lang: str | None = None,
        code: int | None = 0,
        stdin: bytes = b"",
    ) -> Answer:
        answer = run([*self.options(now, acting, lang), *arguments], stdin)
        if code is not None:
            assert answer.code == code, f"{arguments} ended with {answer.code}\n{answer.out}\n{answer.err}"
        return answer

    def options(
        self, now: str | None = None, acting: str | None = None, lang: str | None = None
    ) -> list[str]:
        options = ["--db", self.url]
        for name, value in (("--now", now), ("--as", acting), ("--lang", lang)):
            if value is not None:
                options += [name, value]
        return options

    def log(
        self, group: str = "residential", *more: str, now: str | None = SUNDAY, acting: str | None = None
    ) -> Any:
        """Logs a complaint; what `log --json` says of it."""
        return self(*log_command(group, *more), "--json", now=now, acting=acting).json

    def number(self, group: str = "residential", *more: str, now: str = SUNDAY) -> str:
        number: str = self.log(group, *more, now=now)["number"]
        return number

    def show(self, number: str, now: str | None = None) -> Any:
        return self("show", number, "--json", now=now).json

    def hire(self, name: str, role: str = "supervisor", office: str = "MAIN", lang: str = "en") -> str:
        email = f"{name}@example.org"
        self(
            "staff", "add", email, "--name", name.title(), "--office", office, "--role", role, "--lang", lang
        )
        return email

    def found_office(self, code: str, parent: str | None = "MAIN") -> str:
        above = ["--parent", parent] if parent else []
        self("office", "add", code, "--name-th", f"ที่ {code}", "--name-en", f"At {code}", *above)
        return code

    def publish(self, folder: Path) -> None:
        """As if nothing but what this folder holds had ever been published."""
        publish_folder(self.url, folder)

    def spawn(
        self, *arguments: str, environment: Mapping[str, str] | None = None, **how: Any
    ) -> subprocess.Popen[str]:
        """The real program, started on its own; its streams are pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "complaint_sla", "--db", self.url, *arguments],
            cwd=PROJECT,
            env={**os.environ, **(environment or {})},
            text=True,
            encoding="utf-8",
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
        )

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table: two dumps are equal if nothing was changed."""
        return dump(self.url)


def log_command(group: str = "residential", *more: str) -> list[str]:
    given = {"--channel": "phone", "--category": "outage", "--subject": "ไฟดับทั้งหมู่บ้าน"}
    for name in [name for name in given if name in more]:
        del given[name]
    return ["log", "--group", group, *(part for pair in given.items() for part in pair), *more]


def run(arguments: Sequence[str], stdin: bytes = b"", *, marked: bool = False) -> Answer:
    """Runs the program within this process, with nobody at the keyboard; `stdin` is piped into it.

    `marked`: with the line above a rehearsal's answers.
    """
    streams = [io.TextIOWrapper(io.BytesIO(given), encoding="utf-8") for given in (stdin, b"", b"")]
    piped, out, err = streams
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        before, sys.stdin = sys.stdin, piped
        try:
            code = main(arguments)
        finally:
            sys.stdin = before
    said = []
    for stream in (out, err):
        stream.flush()
        said.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return Answer(code, *(said if marked else map(without_mark, said)))


def without_mark(said: str) -> str:
    """What was said, without the line that stands above every answer of a rehearsal."""
    return "".join(line for line in said.splitlines(keepends=True) if line.rstrip() not in MARKS)


def real(*arguments: str, environment: Mapping[str, str] | None = None, python: Sequence[str] = ()) -> Answer:
    """Runs the real program to its end."""
    done = subprocess.run(
        [sys.executable, *python, "-m", "complaint_sla", *arguments],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE * 2,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), without_mark(done.stderr.decode()))


@cache
def _engine(url: str) -> Any:
    from sqlalchemy.pool import NullPool

    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)


def dump(url: str) -> dict[str, list[tuple[Any, ...]]]:
    from complaint_sla.store.tables import Table

    with _engine(url).connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select_(table).order_by(*table.primary_key.columns))
            ]
            for table in Table.metadata.sorted_tables
        }


def office(dumped: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """A dump without what tells the database from its copies: equal for one office in two places."""
    from complaint_sla.store.tables import House

    place = list(House.__table__.columns.keys()).index("identity")  # type: ignore[attr-defined]
    return {**dumped, "house": [row[:place] + row[place + 1 :] for row in dumped["house"]]}


def entries(program: Program) -> list[dict[str, Any]]:
    """What the journal says, oldest first."""
    from complaint_sla.core.chain import read
    from complaint_sla.store import archive
    from complaint_sla.store.engine import Store

    store = Store.open(program.url)
    with store.read() as session:
        found = [{"kind": row["kind"], **read(row["kind"], row["data"])} for row in archive.journal(session)]
    store.close()
    return found


_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def hear_all() -> None:
    """In a new process: whoever starts the tests in the background, or by nohup, is deaf to what ends a command."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def _sit_down(slave: int) -> None:
    """Makes it the terminal that Ctrl-C is heard from."""
    hear_all()
    os.login_tty(slave)


@dataclass
class Keyboard:
    """The real program at a terminal of its own, at which the test types."""

    process: subprocess.Popen[bytes]
    master: int
    seen: str = field(default="", init=False)
    """All that stood on the screen."""
    _from: int = field(default=0, init=False)

    @classmethod
    def at(cls, *arguments: str) -> Keyboard:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "complaint_sla", *arguments],
            cwd=PROJECT,
            preexec_fn=lambda: _sit_down(slave),  # noqa: PLW1509
            close_fds=True,
            pass_fds=[slave],
        )
        os.close(slave)
        return cls(process, master)

    def expect(self, text: str) -> str:
        """Waits until the text stands on the screen, after what was waited for before; what stood before it."""
        until = time.monotonic() + PATIENCE
        while (found := self.seen.find(text, self._from)) < 0:
            if not self._read(until - time.monotonic()):
                raise AssertionError(f"{text!r} did not come. The screen:\n{self.seen}")
        before = self.seen[self._from : found]
        self._from = found + len(text)
        return before

    def type(self, text: str) -> None:
        os.write(self.master, f"{text}\r".encode())

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    def end(self, *, again: str = "") -> int:
        """Waits for the program to end; its exit code. `again` is pressed as people press a key that seems unheard."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            if not self._read(min(5.0, until - time.monotonic())) and again and self.process.poll() is None:
                self.press(again)
        while self._read(0):
            pass
        try:
            return self.process.wait(PATIENCE)
        finally:
            os.close(self.master)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            more = os.read(self.master, 65536)
        except OSError:
            # The other side has gone.
            return False
        self.seen += _STEERING.sub("", more.decode(errors="replace")).replace("\r\n", "\n")
        return bool(more)
