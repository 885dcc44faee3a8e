"""An office at work, in which somebody makes a mistake; and the list of those that are made.

Each mistake is one function: it makes it as people do, holds what must be true afterwards, and returns what was said.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from complaint_sla.service import witness
from complaint_sla.store.engine import Store
from complaint_sla.work.desk import Desk, in_force
from tests.cli.runner import PROJECT, Answer, Program, log_command

RULES = PROJECT / "rules"
NOW = datetime(2017, 3, 7, 2, tzinfo=UTC)


class Fate(StrEnum):
    """What becomes of a mistake: nothing was done, it was put right, or it is said what is wrong."""

    REFUSED = "refused"
    HEALED = "healed"
    NAMED = "named"


@dataclass
class Office:
    """A real database with two people and three complaints of the first week of March 2017, on the Tuesday after."""

    folder: Path
    at: datetime = NOW
    _stores: list[Store] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "complaints.db"

    @cached_property
    def program(self) -> Program:
        return Program(f"sqlite:///{self.file}")

    def __call__(self, *arguments: str, code: int | None = 0, **options: Any) -> Answer:
        """A command, at the office's own time."""
        with self.clock():
            return self.program(*arguments, code=code, **options)

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Lets the real clock say what time it is in the office, wherever the command line reads it."""
        rooms = [room for name, room in sys.modules.items() if name.startswith("complaint_sla.cli")]
        real = {room: room.real_clock for room in rooms if hasattr(room, "real_clock")}
        for room in real:
            room.real_clock = lambda: self.at  # type: ignore[attr-defined]
        # Nor is anybody there who could confirm the time.
        kernel, boot = witness.kernel, witness._BOOT_ID
        witness.kernel, witness._BOOT_ID = (lambda: None), self.folder / "no-boot"  # type: ignore[assignment]
        try:
            yield
        finally:
            witness.kernel, witness._BOOT_ID = kernel, boot
            for room, clock in real.items():
                room.real_clock = clock  # type: ignore[attr-defined]

    def log(self, group: str = "residential", *more: str) -> str:
        number: str = self(*log_command(group, *more), "--json").json["number"]
        return number

    def desk(self) -> Desk:
        """For what no command does: the work itself, at the office's time."""
        store = Store.open(self.program.url)
        self._stores.append(store)
        shelf, service = in_force(store)
        return Desk(store, shelf, self.at, lambda: self.at, "root", "root", service)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.file)) as connection:
            found = connection.execute(statement, values).fetchall()
            connection.commit()
        return found

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def draft(self, id_: str, since: str, *changes: tuple[str, str]) -> Path:
        """A file with a rule book like the shipped one, but for its id, its day and some changes."""
        text = (RULES / "pea-2560.toml").read_text(encoding="utf-8")
        for was, now in (('id = "pea-2560"', f'id = "{id_}"'), ("2017-01-01", since), *changes):
            assert was in text
            text = text.replace(was, now)
        return self.write(f"rules/{id_}.toml", text)

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding=encoding)
        return path

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is stored but for the heartbeats: equal if nothing was done."""
        return {name: rows for name, rows in self.program.dump().items() if name != "heartbeat"}

    def close(self) -> None:
        for store in self._stores:
            store.close()


@dataclass(frozen=True)
class Mistake:
    """`make` makes it; what it returns was said."""

    about: str
    name: str
    fate: Fate
    make: Callable[[Office], str]


MISTAKES: list[Mistake] = []


def mistake(about: str, fate: Fate) -> Callable[[Callable[[Office], str]], Callable[[Office], str]]:
    """Enters a function in the list, under its own name in words."""

    def enter(make: Callable[[Office], str]) -> Callable[[Office], str]:
        MISTAKES.append(Mistake(about, make.__name__.replace("_", " "), fate, make))
        return make

    return enter


def furnish(file: Path, template: Path) -> None:
    """Makes the office's database from a migrated one in which the shipped rules are published."""
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, file)
    office = Office(file.parent, NOW - timedelta(days=2))
    office.program.hire("sup")
    office.program.hire("boss", "manager")
    for group, more in (("residential", ()), ("spp-area", ()), ("residential", ("--urgent",))):
        office.log(group, *more)
    office("sweep")
    office.later(days=2)
    office("run", "--once")
    Path(f"{file}-wal").unlink(missing_ok=True)


def without_wal(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
