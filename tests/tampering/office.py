"""A rich office, and what is done to its file by somebody who has it open; each act with the checks that must see it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.replies import Answer
from complaint_sla.store.engine import Store
from complaint_sla.store.restore import proved
from complaint_sla.work import anchors, deliveries, offices
from complaint_sla.work.audit.audit import Discrepancy, audit
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.desk import Desk, in_force
from complaint_sla.work.figures import freeze
from complaint_sla.work.letters import notices
from complaint_sla.work.plans import freezing
from tests.work.audit.test_audit import LATE, play
from tests.work.desks import DOMAIN, House
from tests.work.frozen import lay_beside
from tests.work.plans.figures import enter

Act = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True)
class Tampering:
    """`seen` are checks of which one must be named; empty: any. `beside_backup`: only an older backup tells."""

    about: str
    name: str
    act: Act
    seen: frozenset[str]
    beside_backup: bool = False


TAMPERINGS: list[Tampering] = []


def tampering(about: str, *seen: str, beside_backup: bool = False) -> Callable[[Act], Act]:
    """Enters what a function does in the list; its docstring says what that is."""

    def enter(act: Act) -> Act:
        name = " ".join((act.__doc__ or "").split()).rstrip(".")
        TAMPERINGS.append(Tampering(about, name, act, frozenset(seen), beside_backup))
        return act

    return enter


def statements(
    about: str, name: str, *sql: str, seen: Sequence[str] = (), beside_backup: bool = False
) -> None:
    """Enters what a few statements of SQL do, each of which must hit something."""

    def act(connection: sqlite3.Connection) -> None:
        for one in sql:
            assert connection.execute(one).rowcount, f"nothing was hit by {one}"

    TAMPERINGS.append(Tampering(about, name, act, frozenset(seen), beside_backup))


class Office(House):
    """By the settings that are published, which the desks of tests do not have otherwise."""

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=in_force(self.store)[1])


def furnish(house: Office) -> None:
    """All that `play` plays, and then: summaries, letters refused, two versions of a figure, a plan, a book, an absence."""
    play(house)
    house.at("2017-06-20 09:00")
    freeze.freeze_final(house.desk)
    enter(house, "large-existing", "1/2560", "90/95", office="MAIN")
    freezing.freeze(house.desk, Quarter(2017, 1))
    assert notices.post(house.desk, DOMAIN)
    house.post()
    casework.do(house.later(days=1), LATE, casework.reopen("not solved"))
    freeze.freeze(house.desk, Quarter(2017, 1))
    house.hire("deputy", office="BRANCH")
    house.log(urgent=True, office="BRANCH", customer="สมหมาย", phone="0877777777")
    house.later(hours=1)
    house.sweep()
    # Who is left must have word of it, and something must wait at the end.
    house.post(Answer.NO_ADDRESS, "550 5.1.1", only=("deputy@example.org", "boss@example.org"))
    house.hire("second", office="BRANCH")
    offices.away(house.desk, "sup@example.org", house.desk.today + timedelta(days=5), "boss@example.org")
    house.later(days=1)
    assert notices.post(house.desk, DOMAIN)
    house.sweep()
    house.post(most=2)
    # Owed to nobody, and owed and waiting.
    offices.add_office(house.desk, "FAR", "ไกล", "Far")
    house.log(urgent=True, office="FAR")
    house.log(urgent=True, office="BRANCH", customer="สมใจ")
    house.later(hours=1)
    house.sweep()
    lay_beside(house, "2018-01-01")
    deliveries.enter(house.desk)
    anchors.keep(house.desk)
    house.later(hours=1).beat("deliver")


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """As a tool that knows nothing of foreign keys opens it."""
    with closing(sqlite3.connect(file)) as connection, connection:
        yield connection
    for ending in ("-wal", "-shm"):
        with suppress(OSError):
            file.with_name(file.name + ending).unlink()


def seen(desk: Desk, file: Path, backup: Path | None = None) -> list[Discrepancy]:
    """What the audit says of a file, as `desk` would look at it."""
    found: list[Discrepancy] = []
    store = Store.open(f"sqlite:///{file}")
    try:
        its = replace(desk, store=store)
        if backup is None:
            audit(its, found.append)
        else:
            with proved(backup) as older:
                audit(its, found.append, against=(older, backup))
    finally:
        store.close()
    return found


def tampered(one: Tampering, furnished: Path, folder: Path) -> Path:
    """A copy of the office's file, after the act."""
    file = folder / "complaints.db"
    shutil.copy(furnished, file)
    with opened(file) as connection:
        one.act(connection)
    return file
