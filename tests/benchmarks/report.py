"""What a quarter's figure and its review cost beside the queries they ask, with ten years in the database.

    python -m tests.benchmarks.report [--complaints 1000000] [--rounds 7] [--postgresql] [--keep FILE]

The program and the same statements, run bare by the driver, take turns in one process. Times of machines can't be
compared, the ratio of their medians can: the aim is at most 3. Then come what freezing the quarter takes, as so many
times its bare figure, and the plans; a `!` stands before one that reads a large table through.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text

from complaint_sla import bookshelf, resources
from complaint_sla.core.calendars import Quarter
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Table
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from tests.benchmarks.history import fill
from tests.servers.postgres import PostgresServer
from tests.work import desks

YEARS = 10
# In the middle of the ten years.
QUARTER = Quarter(2021, 3)
# One of twenty.
OFFICE = "O007"
# So many complaints have lives of their own; the others are their copies, received at the same moments.
LIVED = 5_000
# What is changed in the copies. Each copied row has the number `i`, from 1 on. Chains are not copied: nothing here
# reads them, and no event of an alert is counted by any register.
CHANGED = {
    "complaint": {"id": f"i * {LIVED} + id", "number": "number || '-' || i"},
    "event": {"id": None, "complaint_id": f"i * {LIVED} + complaint_id", "data": "'{}'", "words": "NULL"},
}
ONLY = {"complaint": "", "event": " WHERE kind <> 'alerts'"}
LARGE = ("complaint", "event", "alert", "message", "customer")


def filled(url: str, complaints: int) -> datetime:
    """Fills a fresh database; the moment that it is then."""
    end = fill(url, min(complaints, LIVED), YEARS)
    store = Store.open(url)
    with store.engine.begin() as connection:
        for table in CHANGED:
            _copy(connection, table, complaints // LIVED - 1)
    with store.engine.connect() as connection:
        # As a database knows its tables after a while.
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    if store.is_postgresql:
        with create_engine(store.engine.url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM")
    store.close()
    return end


def _copy(connection: Connection, table: str, times: int) -> None:
    values = {column.name: f'"{column.name}"' for column in Table.metadata.tables[table].columns}
    values |= CHANGED[table]
    wanted = {name: value for name, value in values.items() if value is not None}
    columns = ", ".join(f'"{name}"' for name in wanted)
    connection.execute(
        text(
            "WITH RECURSIVE copies(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM copies WHERE i < :times) "
            f'INSERT INTO "{table}" ({columns}) SELECT {", ".join(wanted.values())} '
            f'FROM copies, "{table}"{ONLY[table]}'
        ),
        {"times": times},
    )


Asked = list[tuple[str, Any]]


def asked_by(desk: Desk, what: Callable[[], object]) -> Asked:
    """The queries of a piece of work, with their parameters."""
    asked: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    event.listen(desk.store.engine, "before_cursor_execute", note)
    what()
    event.remove(desk.store.engine, "before_cursor_execute", note)
    return asked


def bare(desk: Desk, asked: Asked) -> None:
    connection = desk.store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement, parameters in asked:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        cursor.close()
    finally:
        connection.rollback()
        connection.close()


def taken(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def compare(desk: Desk, name: str, what: Callable[[], object], rounds: int) -> float:
    """Both in turn; the first round, which fills caches, does not count. The median of the bare queries, in seconds."""
    asked = asked_by(desk, what)
    pairs = [(taken(what), taken(lambda: bare(desk, asked))) for _ in range(rounds + 1)][1:]
    ours, theirs = (statistics.median(one) for one in zip(*pairs, strict=True))
    print(
        f"{name:14} {ours * 1000:8.1f} ms, bare {theirs * 1000:8.1f} ms: {ours / theirs:5.2f} times",
        flush=True,
    )
    return theirs


def plans(desk: Desk, asked: Asked) -> None:
    explain, scan = "EXPLAIN QUERY PLAN", "SCAN {}"
    if desk.store.is_postgresql:
        explain, scan = "EXPLAIN", "Seq Scan on {} "
    with desk.store.engine.connect() as connection:
        for statement, parameters in asked:
            took = taken(lambda s=statement, p=parameters: connection.exec_driver_sql(s, p).fetchall())  # type: ignore[misc]
            print(f"  {took * 1000:7.1f} ms  {' '.join(statement.split())[:120]}")
            for row in connection.exec_driver_sql(f"{explain} {statement}", parameters):
                step = str(row[-1])
                # A partial index holds what is open, and not what ever was.
                through = any(scan.format(name) in step for name in LARGE) and "INDEX" not in step
                print(f"  {'!' if through else ' '}   {step[:140]}")


def measure(url: str, end: datetime, rounds: int) -> None:
    store = Store.open(url)
    desk = Desk(store, bookshelf.drafts(resources.rules()).shelf, end, lambda: end, "benchmark", "benchmark")

    def figure() -> object:
        return desks.figure(desk, QUARTER)

    def review() -> object:
        return desks.review(desk, QUARTER)

    def review_of_one() -> object:
        return desks.review(desk, QUARTER, OFFICE)

    received = desks.figure(desk, QUARTER).counts.received
    print(f"{QUARTER}: {received:,} complaints received", flush=True)
    of_figure = compare(desk, "figure", figure, rounds)
    compare(desk, "review", review, rounds)
    compare(desk, f"of {OFFICE}", review_of_one, rounds)
    with store.engine.begin() as connection:
        # A file that is measured again has it from the last time.
        connection.exec_driver_sql("DELETE FROM figure")
    froze = taken(lambda: freeze.freeze(desk, QUARTER))
    print(f"{'freeze':14} {froze * 1000:8.1f} ms: {froze / of_figure:5.2f} times the bare figure", flush=True)
    for name, what in (("figure", figure), ("review", review), (f"review of {OFFICE}", review_of_one)):
        print(f"The queries of the {name}:")
        plans(desk, asked_by(desk, what))
    store.close()


def main(complaints: int, rounds: int, keep: Path | None, *, postgresql: bool) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = keep or Path(folder, "complaints.db")
        url = f"sqlite:///{path}"
        if postgresql:
            server = PostgresServer()
            stack.callback(server.stop)
            server.start()
            url = server.url(server.create())
        begun = time.perf_counter()
        there = not postgresql and path.exists()
        end = _end_of(url) if there else filled(url, complaints)
        print(
            f"{'PostgreSQL' if postgresql else 'SQLite'}, ready after {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
        measure(url, end, rounds)


def _end_of(url: str) -> datetime:
    """After all that is there."""
    store = Store.open(url)
    with store.read() as session:
        (last,) = session.connection().execute(text("SELECT max(recorded_at) FROM event")).one()
    store.close()
    return datetime.fromisoformat(f"{last}+00:00")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--complaints", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="an SQLite file that is made once, and measured again")
    given = parser.parse_args()
    main(given.complaints, given.rounds, given.keep, postgresql=given.postgresql)
