"""The whole campaign: at each database every kind of fault once, and as many kills as are wanted; what came of it."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.faults import live_service, mail_server, surroundings, two_workers
from tests.faults.bureau import Bureau, bureau_at
from tests.faults.kills import kill
from tests.faults.oracle import Count
from tests.published import make_rehearsal
from tests.servers.postgres import PostgresServer

Engine = Literal["sqlite", "postgresql"]
Fault = Callable[[Bureau], None]
POSTGRESQL = {**surroundings.POSTGRESQL, **live_service.POSTGRESQL}
ENGINES: tuple[Engine, ...] = ("sqlite", "postgresql")
# So many kills between two looks at everything: the next worker, who may die too, finds what the one before left.
KILLS_BETWEEN = 3
# One bureau goes through so many deaths.
KILLS_A_BUREAU = 100


@dataclass
class Report:
    """What was forced at one database, by name, and what came of it."""

    engine: Engine
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    undisturbed: int = 0
    count: Count = field(default_factory=Count)
    problems: list[str] = field(default_factory=list)

    @property
    def forced(self) -> int:
        return self.kills.total() + self.faults.total()

    def take_in(self, bureau: Bureau) -> None:
        self.count += bureau.oracle.count()
        self.problems += bureau.oracle.problems

    def __add__(self, other: Report) -> Report:
        return Report(
            self.engine,
            self.kills + other.kills,
            self.faults + other.faults,
            self.undisturbed + other.undisturbed,
            self.count + other.count,
            self.problems + other.problems,
        )


def faults_at(engine: Engine) -> dict[str, Fault]:
    """Every kind of fault that is none of killing a worker, by name."""
    either = {**mail_server.FAULTS, **two_workers.FAULTS, **surroundings.EITHER, **live_service.EITHER}
    return {**either, **surroundings.SQLITE} if engine == "sqlite" else {**either, **POSTGRESQL}


def force_faults(engine: Engine, seed: int) -> Report:
    """Every kind of fault once, at a database of its own; says on stderr how far it has come."""
    report = Report(engine)
    rest = list(faults_at(engine).items())
    with databases(engine) as (fresh, server):
        while rest:
            with bureau_at(fresh(), seed, server) as bureau:
                rest = _force(bureau, rest, report)
                report.take_in(bureau)
    return report


def force_kills(engine: Engine, seed: int, kills: int) -> Report:
    """So many kills, at a database of its own."""
    report = Report(engine)
    with databases(engine) as (fresh, server), bureau_at(fresh(), seed, server) as bureau:
        done = kill(bureau, kills, KILLS_BETWEEN)
        report.kills, report.undisturbed = done.at, done.undisturbed
        report.take_in(bureau)
    _tell(f"{engine}: {done.total} kills in {done.seconds:.0f} s")
    return report


def campaign(engines: Sequence[Engine], kills: int, seed: int, at_once: int) -> list[Report]:
    """The whole campaign, `kills` shared out among the databases, so many processes at once; a report a database."""
    each = -(-kills // len(engines))
    with ProcessPoolExecutor(at_once, multiprocessing.get_context("spawn")) as pool:
        parts = [pool.submit(force_faults, engine, seed) for engine in engines]
        for index, done in enumerate(range(0, each, KILLS_A_BUREAU)):
            many = min(KILLS_A_BUREAU, each - done)
            parts += [pool.submit(force_kills, engine, seed + 1 + index, many) for engine in engines]
        reports = {engine: Report(engine) for engine in engines}
        for part in parts:
            found = part.result()
            reports[found.engine] += found
    return list(reports.values())


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def _force(bureau: Bureau, rest: list[tuple[str, Fault]], report: Report) -> list[tuple[str, Fault]]:
    """One fault after the other at one bureau, until something is wrong there; those that are left."""
    for index, (name, fault) in enumerate(rest):
        started = time.monotonic()
        try:
            fault(bureau)
        except Exception:  # noqa: BLE001 - one that can't be forced must not keep the others from it
            bureau.oracle.problems.append(traceback.format_exc())
        report.faults[name] += 1
        _tell(f"{report.engine}: {name}: {time.monotonic() - started:.1f} s")
        if bureau.oracle.problems:
            bureau.oracle.problems[:] = [f"{name}: {problem}" for problem in bureau.oracle.problems]
            return rest[index + 1 :]
    return []


@contextmanager
def databases(engine: Engine) -> Iterator[tuple[Callable[[], str], PostgresServer | None]]:
    """Gives fresh databases by URL, and their server if they have one."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="faults-") as home:

            def file() -> str:
                return make_rehearsal(f"sqlite:///{tempfile.mkdtemp(dir=home)}/complaints.db")

            yield file, None
        return
    server = PostgresServer()
    try:
        server.start()
        template = server.create()
        make_rehearsal(server.url(template))
        yield lambda: server.url(server.create(template)), server
    finally:
        server.stop()


def table(reports: list[Report]) -> str:
    """What was forced and what came of it, one column a database."""
    lines = []
    for title, of in (("Kills, by the step at which the worker died", "kills"), ("Other faults", "faults")):
        names = list(dict.fromkeys(name for report in reports for name in getattr(report, of)))
        rows = [[name, *(str(getattr(report, of)[name] or "") for report in reports)] for name in names]
        if of == "kills":
            rows.sort(key=lambda row: row[0])
        total = ["all", *(str(getattr(report, of).total()) for report in reports)]
        lines += [*_columns([title, *(report.engine for report in reports)], [*rows, total]), ""]
    results = [
        ("faults forced", [report.forced for report in reports]),
        ("stages that became due", [report.count.stages for report in reports]),
        ("alerts due (a stage for a person)", [report.count.due for report in reports]),
        ("alerts in the ledger, once each", [report.count.queued for report in reports]),
        ("alerts delivered", [report.count.delivered for report in reports]),
        ("alerts whose complaint ended first", [report.count.ended for report in reports]),
        ("letters that arrived", [report.count.letters for report in reports]),
        ("letters that arrived again (same ID, same bytes)", [report.count.doubled for report in reports]),
        ("alerts lost", [report.count.lost for report in reports]),
        ("anything else found wrong", [len(report.problems) for report in reports]),
    ]
    rows = [[name, *(f"{value:,}" for value in values), f"{sum(values):,}"] for name, values in results]
    lines += _columns(["Result", *(report.engine for report in reports), "both"], rows)
    return "\n".join(lines)


def _columns(head: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    return [
        "  ".join(
            text.ljust(width) if index == 0 else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, ["-" * width for width in widths], *rows)
    ]
