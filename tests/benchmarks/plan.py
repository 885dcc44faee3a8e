"""What the card of the plan costs beside its own queries: 1,000 offices, 14 activities, ten years, each quarter complete.

    python -m tests.benchmarks.plan [--offices 1000] [--years 10] [--rounds 5] [--postgresql] [--keep FILE]

The program and the same statements, run bare by the driver, take turns in one process. Times of machines can't be
compared, the ratio of their medians can: the aim is at most 3 for the card of all offices. Then what is not in, for a list
and for the daily summary: a tenth of the offices has a month not in.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from complaint_sla import bookshelf, resources
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import within
from complaint_sla.core.plan import Plan
from complaint_sla.core.planfile import read_plan
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import JournalEntry, Office, Reading
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.card import card
from complaint_sla.work.plans.due import due
from complaint_sla.work.rules import publish
from tests.benchmarks.report import asked_by, compare, plans
from tests.servers.postgres import PostgresServer

REGION = "REGION"
FIRST = 2017
# The last quarter of the fifth year, for which the whole year is read.
QUARTER = Quarter(FIRST + 4, 4)
FIGURES = {Kind.SHARE: (96, 100), Kind.MEAN: (441, 100), Kind.COUNT: (3, 14), Kind.DONE: (1, 1)}
BATCH = 20_000


def fill(store: Store, offices: int, years: int) -> None:
    begin = datetime(FIRST, 1, 2, tzinfo=UTC)
    drafts = bookshelf.drafts(resources.rules())
    publish.begin(Desk(store, drafts.shelf, begin, lambda: begin, "root", "root"), drafts)
    path = resources.rules() / "plan-2560.toml"
    plan = read_plan(path.read_text(encoding="utf-8"), path.name)
    with store.engine.begin() as connection:
        (main,) = connection.execute(text("SELECT min(id) FROM office")).one()
        connection.execute(
            text("UPDATE office SET class = 'region', code = :code WHERE id = :id"),
            {"code": REGION, "id": main},
        )
        rows = [_office(number, main) for number in range(offices)]
        connection.execute(insert(Office.__table__), rows)  # type: ignore[attr-defined]
        ids = connection.execute(text("SELECT id FROM office WHERE class = 'branch'")).scalars().all()
        (last,) = connection.execute(text("SELECT max(seq) FROM journal")).one()
        _enter(connection, _readings(plan, [*ids], years, last + 1), begin)
        connection.exec_driver_sql("ANALYZE")


def _office(number: int, parent: int) -> dict[str, Any]:
    code = f"B{number:04d}"
    return {"code": code, "name_th": code, "name_en": code, "parent_id": parent, "class": "branch"}


def _readings(plan: Plan, ids: list[int], years: int, seq: int) -> Iterator[dict[str, Any]]:
    for year in range(FIRST, FIRST + years):
        for number in range(1, 5):
            quarter = Quarter(year, number)
            for activity, measure in plan.measures:
                if measure.source or measure.same_as or measure.when_missed or not activity.is_for("branch"):
                    continue
                n, d = FIGURES[measure.kind]
                for period in within(measure.every, quarter):
                    if period.quarter != quarter:
                        continue
                    for at, id_ in enumerate(ids):
                        # A tenth has the last month of the year not in.
                        if period.key.endswith("-12") and at % 10 == 0 and quarter == QUARTER:
                            continue
                        yield {
                            "seq": seq, "office_id": id_, "measure": measure.key, "period": period.key,
                            "kind": "figure", "n": n, "d": d, "dated": period.last + timedelta(days=5),
                        }  # fmt: skip
                        seq += 1


def _enter(connection: Connection, readings: Iterator[dict[str, Any]], begin: datetime) -> None:
    """Nobody reads the entries behind figures of many offices: they bear no words of their own, and no chain."""
    said = {
        "kind": "plan-figure", "happened_at": begin, "recorded_at": begin, "actor": "root", "system_user": "root",
        "data": "{}", "hash": "0" * 64,
    }  # fmt: skip
    batch: list[dict[str, Any]] = []

    def flush() -> None:
        entries = [{"seq": one["seq"], **said} for one in batch]
        connection.execute(insert(JournalEntry.__table__), entries)  # type: ignore[attr-defined]
        connection.execute(insert(Reading.__table__), batch)  # type: ignore[attr-defined]
        batch.clear()

    for one in readings:
        batch.append(one)
        if len(batch) == BATCH:
            flush()
    if batch:
        flush()


def measure(store: Store, rounds: int) -> None:
    shelf = bookshelf.drafts(resources.rules()).shelf
    now = datetime(QUARTER.year + 1, 1, 15, 5, tzinfo=UTC)
    desk = Desk(store, shelf, now, lambda: now, "benchmark", "benchmark")
    assert desk.today == date(now.year, 1, 15)

    def region() -> object:
        return card(desk, QUARTER, REGION)

    def first_quarter() -> object:
        return card(desk, Quarter(QUARTER.year, 1), REGION)

    def branch() -> object:
        return card(desk, QUARTER, "B0007")

    compare(desk, "region, Q4", region, rounds)
    compare(desk, "region, Q1", first_quarter, rounds)
    compare(desk, "one branch", branch, rounds)
    compare(desk, "plan due", lambda: due(desk, REGION), rounds)
    print("The queries of the region's card:")
    plans(desk, asked_by(desk, region))


def main(offices: int, years: int, rounds: int, keep: Path | None, *, postgresql: bool) -> None:
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
        store = Store.open(url) if there else Store.open(url, create=True, rehearsal=True)
        stack.callback(store.close)
        if not there:
            fill(store, offices, years)
        print(
            f"{'PostgreSQL' if postgresql else 'SQLite'}, ready after {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
        measure(store, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--offices", type=int, default=1_000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="an SQLite file that is made once, and measured again")
    given = parser.parse_args()
    main(given.offices, given.years, given.rounds, given.keep, postgresql=given.postgresql)
