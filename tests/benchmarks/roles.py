"""What the roles of PostgreSQL cost: the same queries as the owner, as the service, and as an officer of one office.

    python -m tests.benchmarks.roles [--complaints 20000] [--rounds 20]

The owner passes the walls by; the service has to pass through them and sees all; an officer sees an office. Times of machines
can't be compared, ratios of medians can.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import create_engine, make_url, text

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.permissions import AccessRole, Permissions
from complaint_sla.store.engine import Store
from complaint_sla.store.logins import standing
from complaint_sla.store.roles import roles_sql
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.complaints import look
from complaint_sla.work.desk import Desk, in_force
from complaint_sla.work.figures.report import report
from tests.benchmarks.history import fill
from tests.servers.postgres import PostgresServer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--complaints", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    wanted = parser.parse_args()
    server = PostgresServer()
    server.start()
    try:
        measure(server.url(server.create()), wanted.complaints, wanted.rounds)
    finally:
        server.stop()


def measure(url: str, complaints: int, rounds: int) -> None:
    now = fill(url, complaints)
    owner = Store.open(url)
    with owner.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
        connection.execute(text("CREATE ROLE robot LOGIN"))
        connection.execute(text("CREATE ROLE malee LOGIN"))
        email = connection.execute(
            text("SELECT email FROM staff WHERE role = 'agent' ORDER BY id LIMIT 1")
        ).scalar()
        connection.execute(text("UPDATE staff SET login = 'malee' WHERE email = :email"), {"email": email})
    sql = roles_sql(owner, Permissions())
    with create_engine(owner.engine.url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(sql.replace("%", "%%"))
        connection.exec_driver_sql("GRANT complaint_service TO robot; GRANT complaint_officer TO malee")
    desks = {}
    for name in ("postgres", "robot", "malee"):
        store = Store.open(make_url(url).set(username=name).render_as_string())
        shelf, service = in_force(store)
        known = standing(store, name, masters_file=False)
        desks[name] = Desk(store, shelf, now, lambda: now, name, name, service, standing=known)
    print(
        f"{complaints:,} complaints, {desks['malee'].standing.office} sees "
        f"{len(look.find_all(desks['malee'], look.Wanted()))} open ones"
    )
    quarter = Quarter.parse("2017-Q2")
    work: dict[str, Callable[[Desk], object]] = {
        "list (first 100)": lambda desk: look.find_all(desk, look.Wanted(limit=100)),
        "list (all open)": lambda desk: look.find_all(desk, look.Wanted()),
        "find by words": lambda desk: look.search(desk, "meter"),
        "find by telephone": lambda desk: look.search(desk, "0812345678"),
        "report": lambda desk: report(
            desk, quarter, "MAIN" if desk.standing.role is not AccessRole.OFFICER else None
        ),
    }
    for about, job in work.items():
        times: dict[str, list[float]] = {name: [] for name in desks}
        for _ in range(rounds):
            for name, desk in desks.items():
                start = time.perf_counter()
                job(desk)
                times[name].append(time.perf_counter() - start)
        tell(about, times)
    times = {name: [] for name in ("postgres", "robot")}
    for step in range(rounds):
        name = ("postgres", "robot")[step % 2]
        desk = desks[name].at(now + timedelta(days=step + 1))
        start = time.perf_counter()
        tally = sweep(desk)
        times[name].append((time.perf_counter() - start) / max(1, tally.due))
    tell("sweep (a complaint)", times)


def tell(about: str, times: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ratios = "  ".join(
        f"{name} {taken * 1000:8.2f} ms ({taken / medians['postgres']:.2f})"
        for name, taken in medians.items()
    )
    print(f"{about:<20} {ratios}")


if __name__ == "__main__":
    main()
