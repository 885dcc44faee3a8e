"""Imports of a plan's sheet that are killed, and that meet: real processes on real databases, forked from this one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from complaint_sla.core.calendars import Quarter
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import JournalEntry, Reading
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.sheets.exporting import export
from complaint_sla.work.plans.sheets.importing import import_file
from tests.work.desks import House, moment, shipped
from tests.work.plans.test_plan_sheets import counts, given_out, rows_of
from tests.work.sheet_desk import write_csv

LATER = "2017-05-02 09:00"
BATCH = 4


def sheet_of(house: House, folder: Path, count: int) -> Path:
    """A quarter's sheet of which so many rows are filled in."""
    given_out(house.at(LATER), folder / "out.csv")
    rows = [row for row in rows_of(folder / "out.csv") if row["fill_in"] == "share"][:count]
    filled = [row | {"n": "3", "d": "5", "source": "389/60", "dated": "10/4/2560"} for row in rows]
    return write_csv(folder / "in.csv", filled)


def forked(work: Callable[[], None]) -> int:
    """Starts a process that does it and ends; its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def importer(url: str, sheet: Path, kill_at: int = 0, until: int | None = None) -> Callable[[], None]:
    """Takes a sheet in, from when `until` is closed on; dies at that reading of the clock, which each row's entry takes."""
    calls = 0

    def clock() -> datetime:
        nonlocal calls
        calls += 1
        if calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return datetime.now(UTC)

    def work() -> None:
        store = Store.open(url)
        desk = Desk(store, shipped(), moment(LATER), clock, "me@example.org", "tester")
        if until is not None:
            os.read(until, 1)
        import_file(desk, sheet, batch=BATCH)
        store.close()

    return work


def readings(house: House) -> list[tuple[str, str]]:
    """What was put down, which must be what the journal says, in its order."""
    with house.store.read() as session:
        rows = session.exec(select(Reading).order_by(Reading.seq)).all()
        query = select(JournalEntry.seq).where(JournalEntry.kind == "plan-figure").order_by(JournalEntry.seq)
        assert list(session.exec(query).all()) == [row.seq for row in rows]
        return [(row.measure, row.period) for row in rows]


def test_killed_at_a_commit_or_in_a_batch_it_leaves_whole_batches_and_the_next_one_ends_it(
    house: House, tmp_path: Path
) -> None:
    sheet = sheet_of(house, tmp_path, 4 * BATCH - 1)
    wanted = [(row["measure"], row["period"]) for row in rows_of(sheet)]
    # At the first row after a commit; in the middle of the batch after the next.
    for kill_at, done in ((BATCH + 1, BATCH), (BATCH + 2, 2 * BATCH)):
        _, status = os.waitpid(forked(importer(house.url, sheet, kill_at)), 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert readings(house) == wanted[:done]
    found = import_file(house.desk, sheet, batch=BATCH)
    assert counts(found) == (2 * BATCH - 1, 0, 2 * BATCH, 0, 0)
    assert readings(house) == wanted


def test_two_imports_of_one_sheet_at_once_enter_each_figure_once(house: House, tmp_path: Path) -> None:
    sheet = sheet_of(house, tmp_path, 20)
    waiting, go = os.pipe()
    children = [forked(importer(house.url, sheet, until=waiting)) for _ in range(2)]
    os.write(go, b"..")
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    os.close(waiting)
    os.close(go)
    assert sorted(readings(house)) == sorted((row["measure"], row["period"]) for row in rows_of(sheet))


def test_nobody_waits_for_a_dry_run(house: House, tmp_path: Path) -> None:
    sheet = sheet_of(house, tmp_path, 8)
    entered: list[int] = []

    def meanwhile(_done: int) -> None:
        if not entered:
            entered.append(import_file(house.desk, sheet).entered)

    rehearsed = import_file(house.desk, sheet, dry_run=True, progress=meanwhile, batch=BATCH)
    assert entered == [8]
    assert rehearsed.entered + rehearsed.unchanged == 8
    assert export(house.desk, tmp_path / "out.csv", Quarter(2017, 1), lambda *_: ("", "")).standing == 8
