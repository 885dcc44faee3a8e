"""What the queue costs over many open complaints: to its first one, and from a key to the next.

    python -m tests.benchmarks.queue [--many 100000] [--rounds 50] [--postgresql]

The aim is at most 50 ms from a key to what is drawn. A key is the desk made anew, the act, and the look at what comes next.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack

from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.store.filters import Order
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.look import NOBODY, Wanted
from complaint_sla.work.counter.queue import Queue
from complaint_sla.work.desk import Desk
from tests.benchmarks.sweep import BEYOND, LOGGED, copy, filled
from tests.servers.postgres import PostgresServer

# As in a large region.
OFFICES, PEOPLE = 900, 140
# No complaint has so many events.
EVENT = {"id": "i * 1000 + id", "complaint_id": BEYOND + "complaint_id"}
OPEN = {
    "the open ones": Wanted(status=Status.OPEN),
    "nobody's": Wanted(status=Status.OPEN, owner=NOBODY),
    "silent": Wanted(status=Status.OPEN, silent=1),
    "by touch": Wanted(status=Status.OPEN, order=Order.TOUCHED),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--postgresql", action="store_true")
    wanted = parser.parse_args()
    with ExitStack() as stack:
        if wanted.postgresql:
            server = PostgresServer()
            server.start()
            stack.callback(server.stop)
            url = server.url(server.create())
        else:
            url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/complaints.db"
        measure(peopled(filled(url, wanted.many), wanted.many), wanted.rounds)


def peopled(desk: Desk, count: int) -> Desk:
    with desk.store.engine.begin() as connection:
        copy(connection, "event", count // LOGGED - 1, EVENT)
        copy(connection, "office", OFFICES, {"id": "i + 1", "code": "'O' || i", "parent_id": "1"})
        copy(connection, "staff", PEOPLE, {"id": "i + 1", "email": "'p' || i || '@example.org'"})
        if desk.store.is_postgresql:
            # What was copied with its id was not counted.
            connection.exec_driver_sql("SELECT setval('event_id_seq', max(id)) FROM event")
    return desk


def measure(desk: Desk, rounds: int) -> None:
    told("the desk made anew", desk.renewed, rounds)
    for name, one in OPEN.items():
        begun = time.perf_counter()
        queue = Queue(one)
        queue.begin(desk)
        print(f"{(time.perf_counter() - begun) * 1000:7.1f} ms  to the first of {queue.count}, {name}")
        told("next", lambda queue=queue: queue.forward(desk), rounds)
    queue = Queue(OPEN["nobody's"])
    queue.begin(desk)

    def assign() -> None:
        queue.do(desk, EventKind.ASSIGNED, change.assign("sup@example.org"))
        queue.go_on(desk)

    told("assign, and the next", assign, rounds)
    told("take back", lambda: (queue.take_back(desk, "x"), queue.again(desk)), rounds)
    for _ in range(rounds):
        queue.mark()
        queue.forward(desk)
    begun = time.perf_counter()
    queue.do_marked(desk, EventKind.ASSIGNED, change.assign("sup@example.org"))
    print(f"{(time.perf_counter() - begun) * 1000:7.1f} ms  assign {rounds} that are marked")


def told(about: str, what: Callable[[], object], rounds: int) -> None:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        what()
        times.append((time.perf_counter() - begun) * 1000)
    print(f"{statistics.median(times):7.1f} ms  {about} (at most {max(times):.1f})")


if __name__ == "__main__":
    main()
