"""What a sweep with nothing due costs with 1,000,000 open complaints against 1,000.

    python -m tests.benchmarks.sweep [--many 1000000] [--rounds 200] [--postgresql]

The two databases take turns in one process. Times of machines can't be compared, the ratio of their medians can: the aim
is at most 1.5. Then come the queries of a sweep and of an empty round of deliveries with their plans; a `!` stands before
one that reads a large table through.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, event, text

from complaint_sla import bookshelf, resources
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Table
from complaint_sla.work import offices
from complaint_sla.work.alerts import sweep as alerts
from complaint_sla.work.complaints import log
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import outbox
from tests.published import make_rehearsal
from tests.servers.postgres import PostgresServer

FEW = 1_000
# So many complaints are logged and warned of by the program; the others are their copies.
LOGGED = 10
# The day after the last first warning: nothing is due until the next one.
SWEPT = datetime(2017, 3, 24, 3, tzinfo=UTC)
# What is added to a column of the copies. Each copied row has the number `i`, from 1 on.
BEYOND = f"i * {LOGGED} + "
CHANGED = {
    "complaint": {"id": BEYOND + "id", "number": f"'C-6003-' || (100000 + {BEYOND}id)"},
    "customer": {"complaint_id": BEYOND + "complaint_id"},
    "message": {"id": BEYOND + "id", "occasion": "occasion || i", "message_id": "message_id || i"},
    "alert": {
        "id": BEYOND + "id",
        "complaint_id": BEYOND + "complaint_id",
        "message_id": BEYOND + "message_id",
    },
}
LARGE = ("complaint", "customer", "message", "alert", "event")


def filled(url: str, count: int) -> Desk:
    """A desk at a fresh database of so many open complaints, each warned of once, with nothing due."""
    store = Store.open(make_rehearsal(url))
    desk = Desk(
        store, bookshelf.drafts(resources.rules()).shelf, SWEPT, lambda: SWEPT, "benchmark", "benchmark"
    )
    offices.add_staff(desk, "sup@example.org", "Sup", "MAIN", Role.SUPERVISOR)
    for hours in range(LOGGED):
        received = SWEPT - timedelta(days=18, hours=hours)
        taken = log.Intake("residential", "phone", "outage", "x", phone="0812345678", received_at=received)
        log.log(desk, taken)
    alerts.sweep(desk)
    outbox.gather(desk, "example.org")
    for held in outbox.claim(desk, LOGGED):
        outbox.write(desk, held)
        outbox.begin(desk, held)
        outbox.record(desk, held, Answer.ACCEPTED, None)
    with store.engine.begin() as connection:
        for table, changed in CHANGED.items():
            copy(connection, table, count // LOGGED - 1, changed)
    with store.engine.connect() as connection:
        # As a database knows its tables after a while.
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return desk


def copy(connection: Connection, table: str, times: int, changed: Mapping[str, str]) -> None:
    names = [column.name for column in Table.metadata.tables[table].columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    connection.execute(
        text(
            "WITH RECURSIVE copies(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM copies WHERE i < :times) "
            f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM copies, "{table}"'
        ),
        {"times": times},
    )


def sweep(desk: Desk) -> None:
    assert alerts.sweep(desk).due == 0


def deliver(desk: Desk) -> None:
    assert outbox.gather(desk, "example.org") == 0
    assert outbox.claim(desk, 8) == []
    outbox.beat(desk, None)


def compare(few: Desk, many: Desk, what: Callable[[Desk], None], rounds: int) -> None:
    """Both in turn; the first round, which fills caches, does not count."""
    times: dict[str, list[float]] = {"few": [], "many": []}
    for round_ in range(rounds + 1):
        for name, desk in (("few", few), ("many", many)):
            begun = time.perf_counter()
            what(desk)
            if round_:
                times[name].append(time.perf_counter() - begun)
    less, more = (statistics.median(times[name]) for name in ("few", "many"))
    print(f"{what.__name__:8} {less * 1000:6.2f} ms  {more * 1000:6.2f} ms  {more / less:5.2f} times")


def plans(desk: Desk, what: Callable[[Desk], None]) -> None:
    asked: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
            asked.setdefault(statement, parameters)

    event.listen(desk.store.engine, "before_cursor_execute", note)
    what(desk)
    event.remove(desk.store.engine, "before_cursor_execute", note)
    explain, scan = "EXPLAIN QUERY PLAN", "SCAN {}"
    if desk.store.is_postgresql:
        explain, scan = "EXPLAIN", "Seq Scan on {} "
    with desk.store.engine.connect() as connection:
        for statement, parameters in asked.items():
            print(f"  {' '.join(statement.split())[:110]}")
            for row in connection.exec_driver_sql(f"{explain} {statement}", parameters):
                step = str(row[-1])
                # A partial index holds what waits, and not what ever was.
                through = any(scan.format(name) in step for name in LARGE) and "INDEX" not in step
                print(f"  {'!' if through else ' '}   {step}")


def main(many: int, rounds: int, *, postgresql: bool) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = [f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db"]
        if postgresql:
            server = PostgresServer()
            stack.callback(server.stop)
            server.start()
            urls = [server.url(server.create()) for _ in urls]
        desks = []
        for url, count in zip(urls, (FEW, many), strict=True):
            desks.append(filled(url, count))
            stack.callback(desks[-1].store.close)
        print(f"{'PostgreSQL' if postgresql else 'SQLite'}: {FEW:,} open complaints against {many:,}")
        for what in (sweep, deliver):
            compare(*desks, what, rounds)
        for what in (sweep, deliver):
            print(f"The queries of {what.__name__}:")
            plans(desks[1], what)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    main(given.many, given.rounds, postgresql=given.postgresql)
