"""What the tests of backups share: an office that never rests, rows as odd as a database can hold, and what a copy must be."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Text, create_engine, func, select, update
from sqlalchemy import Table as SqlTable

from complaint_sla.core.errors import Error
from complaint_sla.core.roster import Role
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Alert, Complaint, Counter, Message, Table
from complaint_sla.store.types import Day, Moment
from complaint_sla.work.complaints import change
from tests.work.desks import SUNDAY, House, moment, verify_chains

# A copy of this takes several steps, between which others write.
BULK = "ไฟดับทั้งหมู่บ้าน " * 1100
MANY = 4


@dataclass
class RunningClock:
    """Two days a second, the same for all processes that know when it began."""

    began: float

    @property
    def at(self) -> datetime:
        return moment(SUNDAY) + timedelta(days=2 * (time.time() - self.began))

    def __call__(self) -> datetime:
        return self.at


def filled_house(url: str) -> House:
    """An office with people, and complaints of some length."""
    house = House(url)
    house.hire("somchai")
    house.hire("malee", Role.MANAGER)
    for index in range(MANY):
        house.log(detail=BULK, external_id=f"V-{index}", urgent=index % 3 == 0, phone="0812345678")
    return house


def _turn(house: House, job: str, chance: random.Random) -> None:
    match job:
        case "log":
            house.log(urgent=chance.random() < 0.5)
        case "close":
            # Numbers are of the month in which it all began; one that isn't there yet is passed over.
            number = f"6003-{chance.randrange(1, 200)}"
            change.do(house.desk, number, change.note("ตรวจสอบแล้ว"))
            house.shut(number)
        case "sweep":
            house.sweep()
        case "deliver":
            house.post()


def _work(url: str, job: str, began: float, at_work: Semaphore, stop: Event) -> None:
    house = House(url)
    house.clock = RunningClock(began)  # type: ignore[assignment]
    chance = random.Random(job)
    for turn in range(sys.maxsize):
        if stop.is_set():
            break
        with suppress(Error):
            _turn(house, job, chance)
        if turn == 1:
            at_work.release()
    house.close()


@contextmanager
def busy_office(url: str) -> Iterator[None]:
    """Four processes that log, close, sweep and deliver without a pause, until the block ends; each must end well."""
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload([__name__])
    at_work, stop = context.Semaphore(0), context.Event()
    jobs = ("log", "close", "sweep", "deliver")
    began = time.time()
    workers = [
        context.Process(target=_work, args=(url, job, began, at_work, stop), daemon=True) for job in jobs
    ]
    for worker in workers:
        worker.start()
    try:
        for _ in workers:
            assert at_work.acquire(timeout=60)
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * len(jobs)


def assert_one_state(url: str) -> None:
    """Chains, counters, alerts and letters are those of one moment."""
    store = Store.open(url)
    try:
        verify_chains(store)
        with store.read() as session:
            counted = select(Complaint.month, func.count()).group_by(Complaint.month)
            serials = session.execute(select(Counter.month, Counter.serial)).all()
            assert dict(session.execute(counted).all()) == dict(serials)
            states = dict(session.execute(select(Message.id, Message.state)).all())
            members = session.execute(select(Alert.message_id, Alert.state)).all()
            lettered = {(states[id_], state) for id_, state in members if id_ is not None}
            assert lettered <= {
                ("waiting", "waiting"), ("sending", "waiting"), ("sent", "sent"), ("waiting", "superseded"),
                ("waiting", "dropped"), ("sending", "dropped"), ("sent", "dropped"),
                ("sending", "superseded"), ("sent", "superseded"), ("dissolved", "superseded"),
                ("dissolved", "dropped"),
            }  # fmt: skip
    finally:
        store.close()


def schema(url: str) -> dict[str, str]:
    """What an SQLite file is made of, and its revision."""
    engine = create_engine(url)
    with engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT type || ' ' || name, sql FROM sqlite_master")
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        found = {**dict(made.all()), "revision": version}
    engine.dispose()
    return found


def sole_file(path: Path) -> bool:
    """Whether nothing lies in the file's folder but the file."""
    return list(path.parent.iterdir()) == [path]


# Odd rows, made from the tables themselves, so that a new table has them too.

ODD = "ก็ 😀\u200d น้ำ \\N \\. \t\r\n '\"; %s {x} \x1b[2J \u202e e\u0301 "
MOMENTS = (
    datetime(2017, 3, 5, 3, 0, 0, 123456, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2599, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
)
DAYS = (date(2017, 3, 30), date(1, 1, 1), date(9999, 12, 31))
NUMBERS = (3, 7, 2**31 - 2)
# What checks ask of a row.
NOTHING: tuple[dict[str, Any], ...] = ({}, {}, {})
MUST_BE: dict[str, tuple[dict[str, Any], ...]] = {
    "complaint": (
        {"status": "open", "closed_at": None},
        {"status": "closed", "closed_at": MOMENTS[0], "next_alert_at": None},
        {"status": "open", "closed_at": None, "next_alert_at": None},
    )
}


# There is one house.
HOW_MANY = {"house": 1}


def fill_with_odd_rows(url: str) -> None:
    """Three rows in each table: what can be empty is, once, and a row may refer to a later one."""
    store = Store.open(url)

    def job(session: Any) -> None:
        connection = session.connection()
        for table in reversed(Table.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in Table.metadata.sorted_tables:
            kept = [column for column in table.columns if not _own(table, column)]
            wanted = [
                {column.name: _value(table, column, row) for column in table.columns}
                | MUST_BE.get(table.name, NOTHING)[row]
                for row in range(HOW_MANY.get(table.name, 3))
            ]
            connection.execute(
                table.insert(), [{column.name: row[column.name] for column in kept} for row in wanted]
            )
            for column in set(table.columns) - set(kept):
                for row in wanted:
                    key = next(iter(table.primary_key.columns))
                    connection.execute(
                        update(table).where(key == row[key.name]).values({column.name: row[column.name]})
                    )

    store.write(job)
    store.close()


def _reference(column: Column[Any]) -> ForeignKey | None:
    return next(iter(column.foreign_keys), None)


def _own(table: SqlTable, column: Column[Any]) -> bool:
    reference = _reference(column)
    return reference is not None and reference.column.table is table


def _value(table: SqlTable, column: Column[Any], row: int) -> Any:
    if column.nullable and row == 2:
        return None
    reference = _reference(column)
    if reference is not None:
        other = reference.column
        return _value(other.table, other, (row + 1) % 3 if other.table is table else row)
    kinds: tuple[tuple[type, tuple[Any, ...]], ...] = (
        (Moment, MOMENTS), (Day, DAYS), (Boolean, (False, True, False)), (Integer, NUMBERS),
        (Text, (ODD + BULK * 5, "", ODD)),
    )  # fmt: skip
    for kind, values in kinds:
        if isinstance(column.type, kind):
            return values[row]
    return f"{row}{ODD}"
