"""A crowd at one SQLite file: clerks at the counter, while a sheet is imported, alerts go out and copies are made.

By hand: `python -m tests.load crowd`.
"""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from complaint_sla.core.roster import Role
from complaint_sla.store import sqlitefile
from complaint_sla.work.desk import Desk
from tests.cli.runner import PROJECT, Answer, log_command, run
from tests.load.crew import begin, context, ended
from tests.work.desks import House, verify_chains
from tests.work.sheet_desk import GOOD, assert_numbers_without_gaps, standing, write_csv

NOW = "2017-06-01 12:00"
# The same commands, in the same month as the sheet's last rows: all take turns at one counter of numbers.
MONTHS = ("2017-03", "2017-04", "2017-05", "2017-06-01T11")


@dataclass(frozen=True)
class Crowd:
    """How many clerks, how many of them start the program anew for each command, how often each logs at least; the
    sheet's rows; the longest that a clerk thinks between two commands, in seconds. `copies` wait so long for each other.
    """

    clerks: int = 20
    real_clerks: int = 2
    rounds: int = 2
    rows: int = 2000
    thinks: float = 0.0
    between_copies: float = 0.0


@dataclass(frozen=True)
class Measured:
    """Seconds: each `log` of a forked clerk, and how long it stood waiting for the lock; the import. Then counts."""

    logs: list[float]
    waits: list[float]
    import_seconds: float
    logged: int
    commands: int
    copies: int
    sweeps: int
    letters: int

    def shown(self) -> dict[str, object]:
        return {
            "commands, none refused": self.commands,
            "complaints logged by clerks": self.logged,
            "import took (s)": self.import_seconds,
            "sweeps and deliveries": self.sweeps,
            "letters": self.letters,
            "copies, each whole": self.copies,
            "log, median (s)": statistics.median(self.logs),
            "log, worst (s)": max(self.logs),
            "of that waiting for the lock, median (s)": statistics.median(self.waits),
            "of that waiting for the lock, worst (s)": max(self.waits),
        }


def clerk(url: str, crowd: Crowd, seed: int, start: Any, sheet_is_in: Any) -> list[list[Any]]:
    """Logs, and in between notes, closes, lists and finds: (command, exit code, seconds, seconds waited, out, err)."""
    chance = random.Random(seed)
    ask: Callable[..., Answer] = started_anew if seed < crowd.real_clerks else lambda *given: run(given)
    waited = _clock_waiting()
    answers = []

    def do(*command: str) -> Answer:
        time.sleep(chance.random() * crowd.thinks)
        waited[0], begun = 0.0, time.perf_counter()
        answer = ask("--db", url, "--now", NOW, "--as", f"clerk{seed}@example.org", *command)
        answers.append(
            (command[0], answer.code, time.perf_counter() - begun, waited[0], answer.out, answer.err)
        )
        return answer

    start.wait(60)
    for round_ in count(1):
        logged = do(*log_command("residential", "--phone", f"08{seed:04d}{round_:04d}", "--json"))
        if logged.code:
            break
        number = logged.json["number"]
        do("note", number, "โทรกลับแล้ว")
        match chance.randrange(3):
            case 0:
                do("close", number, "--outcome", "ซ่อมแล้ว")
            case 1:
                do("list", "--limit", "20", "--json")
            case _:
                do("find", number, "--json")
        if round_ >= crowd.rounds and (not crowd.thinks or sheet_is_in.is_set()):
            break
    return [list(one) for one in answers]


def started_anew(*given: str) -> Answer:
    """The real program, however long it takes on a machine that has much else to do."""
    command = [sys.executable, "-m", "complaint_sla", *given]
    done = subprocess.run(command, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


def _clock_waiting() -> list[float]:
    """Measures the waiting for SQLite's lock in this process; the seconds stand in the one element."""
    waited, take = [0.0], sqlitefile._when_free

    def timed(job: Callable[[], object], *patience: float) -> None:
        begun = time.perf_counter()
        take(job, *patience)
        waited[0] += time.perf_counter() - begun

    sqlitefile._when_free = timed
    return waited


def import_sheet(url: str, sheet: str, start: Any, sheet_is_in: Any) -> list[Any]:
    start.wait(60)
    begun = time.perf_counter()
    try:
        answer = run(["--db", url, "--now", NOW, "import", sheet, "--json"])
    finally:
        sheet_is_in.set()
    return [answer.code, time.perf_counter() - begun, answer.out, answer.err]


def service(url: str, start: Any, end: Any) -> list[Any]:
    """Rounds as by cron, and rehearsals of them, until all others are done."""
    start.wait(60)
    answers = []
    while not end.is_set() or len(answers) < 3:
        for command in (["sweep", "--dry-run", "--json"], ["sweep", "--json"], ["deliver", "--json"]):
            answer = run(["--db", url, "--now", NOW, *command])
            answers.append([answer.code, answer.out, answer.err])
    return answers


def copies(url: str, folder: str, pause: float, start: Any, end: Any) -> list[Any]:
    start.wait(60)
    answers: list[Any] = []
    while not end.is_set() or not answers:
        file = str(Path(folder) / f"copy-{len(answers)}.db")
        answer = run(["--db", url, "backup", file])
        answers.append([answer.code, file, answer.err])
        end.wait(pause)
    return answers


def crowd_in(url: str, folder: Path, crowd: Crowd) -> Measured:
    """All of them at once; raises AssertionError for any error that reached anybody, and for anything lost."""
    os.environ["COMPLAINT_SLA_MAIL"] = f"folder:{folder / 'mail'}"
    house = House(url, NOW)
    house.hire("sup"), house.hire("boss", Role.MANAGER)
    sheet = write_csv(folder / "sheet.csv", rows_of_sheet(crowd.rows))
    start, sheet_is_in, end = context.Barrier(crowd.clerks + 3), context.Event(), context.Event()
    answers = {
        name: folder / f"{name}.json"
        for name in ("import", "service", "copies", *map(str, range(crowd.clerks)))
    }
    # For machines on which much else runs.
    patience = 120 + crowd.rows / 20
    importing = begin(import_sheet, url, str(sheet), start, sheet_is_in, answer=answers["import"])
    serving = begin(service, url, start, end, answer=answers["service"])
    copying = begin(copies, url, str(folder), crowd.between_copies, start, end, answer=answers["copies"])
    clerks = [
        begin(clerk, url, crowd, seed, start, sheet_is_in, answer=answers[str(seed)])
        for seed in range(crowd.clerks)
    ]
    try:
        by_clerk = [ended(process, answers[str(seed)], patience) for seed, process in enumerate(clerks)]
        imported = ended(importing, answers["import"], patience)
        end.set()
        rounds = ended(serving, answers["service"], patience)
        made = ended(copying, answers["copies"], patience)
    finally:
        for process in (importing, serving, copying, *clerks):
            process.kill()
            process.join()

    said = [one for answers_ in by_clerk for one in answers_]
    failed = [one for one in said if one[1] != 0]
    assert failed == [], failed
    assert imported[0] == 0, imported
    assert [one for one in (*rounds, *made) if one[0] != 0] == []
    logs = [one for one in said if one[0] == "log"]
    forked = [one for answers_ in by_clerk[crowd.real_clerks :] for one in answers_ if one[0] == "log"]
    numbers = [Answer(0, one[4], "").json["number"] for one in logs]
    assert_all_there(house.desk, numbers, crowd.rows)
    report = Answer(0, imported[2], "").json
    assert (report["logged"], report["unchanged"], report["rejected"]) == (crowd.rows, 0, [])
    # A last round, and nothing is left to say.
    for command in (["sweep", "--json"], ["deliver", "--json"]):
        assert run(["--db", url, "--now", NOW, *command]).code == 0
    assert {alert.state for number in numbers[:5] for alert in house.rows(number)} <= {"sent", "dropped"}
    for _, file, _ in made:
        assert_copy_whole(Path(file), chains=crowd.rows <= 5000 or file == made[-1][1])
    letters = len(list((folder / "mail").glob("*.eml")))
    house.close()
    return Measured(
        [one[2] for one in forked],
        [one[3] for one in forked],
        imported[1],
        len(numbers),
        len(said) + len(rounds) + len(made) + 1,
        len(made),
        len(rounds),
        letters,
    )


def rows_of_sheet(how_many: int) -> list[dict[str, str]]:
    """Of four months, the last of them that in which the clerks log; two in three have ended."""
    rows = []
    for index in range(how_many):
        month = MONTHS[index % len(MONTHS)]
        received = (
            f"{month}:{index % 60:02d}:00" if "T" in month else f"{month}-{1 + index % 28:02d}T09:00:00"
        )
        row = GOOD | {"external_id": f"I-{index}", "received_at": f"{received}+07:00"}
        if index % 3:
            row |= {"closed_at": "2017-06-01T11:59:00+07:00", "outcome": "done"}
        rows.append(row)
    return rows


def assert_all_there(desk: Desk, numbers: list[str], imported: int) -> None:
    """Each number that was answered is there once, as is each row of the sheet; no month has a gap, no chain a hole."""
    assert len(set(numbers)) == len(numbers)
    rows = standing(desk)
    assert len(rows) == len(numbers) + imported
    assert set(numbers) == {row.number for row in rows if row.external_id is None}
    assert len({row.external_id for row in rows if row.external_id is not None}) == imported
    assert_numbers_without_gaps(desk)
    verify_chains(desk.store)


def assert_copy_whole(file: Path, *, chains: bool) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    if chains:
        house = House(f"sqlite:///{file}", NOW)
        assert_numbers_without_gaps(house.desk)
        verify_chains(house.store)
        house.close()
