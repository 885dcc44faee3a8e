"""Imports that meet, and imports that are killed: real processes on real databases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from complaint_sla.work.sheets.exchange import import_file
from tests.work.desks import verify_chains
from tests.work.sheet_desk import GOOD, assert_numbers_without_gaps, standing, write_csv

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
ENDED = {"closed_at": "2017-05-20", "outcome": "done"}

# Reads what to do from the command line; says that it is ready, and waits for a line, so that several begin at once.
# `kill_at` kills the process, as the kernel would, at that call of the clock: in the middle of a batch.
WORKER = """
import json, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tests.work.desks import moment, shipped
from complaint_sla.store.engine import Store
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.exchange import import_file

url, sheet, batch, kill_at = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
calls = 0

def clock():
    global calls
    calls += 1
    if calls == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return datetime.now(UTC)

store = Store.open(url)
desk = Desk(store, shipped(), moment("2017-06-01 12:00"), clock, "me@example.org", "tester")
print("ready", flush=True)
sys.stdin.readline()
done = import_file(desk, sheet, batch=batch)
print(json.dumps([done.logged, done.closed, done.unchanged, [one.error.key for one in done.rejected]]))
store.close()
"""


def begin(url: str, sheet: Path, *, batch: int = 100, kill_at: int = 0) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(sheet), str(batch), str(kill_at)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def finish(workers: list[subprocess.Popen[str]]) -> list[list[object]]:
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    said = [worker.communicate(timeout=120) for worker in workers]
    assert [(worker.returncode, errors) for worker, (_, errors) in zip(workers, said, strict=True)] == [
        (0, "") for _ in workers
    ]
    return [json.loads(out) for out, _ in said]


def rows(name: str, count: int) -> list[dict[str, str]]:
    return [
        GOOD
        | {"external_id": f"{name}-{i}", "received_at": f"2017-0{1 + (i * 7) % 4}-0{1 + i % 9}"}
        | (ENDED if i % 3 else {})
        for i in range(count)
    ]


def test_two_imports_of_one_sheet_at_once_log_each_complaint_once(house, tmp_path):
    desk = house.at("2017-06-01 12:00")
    sheet = write_csv(tmp_path / "sheet.csv", rows("A", 300))
    one, two = finish([begin(house.url, sheet), begin(house.url, sheet, batch=70)])
    assert one[3] == two[3] == []
    assert one[0] + two[0] == 300
    assert one[2] + two[2] == 300
    assert len(standing(desk)) == 300
    assert_numbers_without_gaps(desk)
    verify_chains(house.store)


def test_two_imports_at_once_of_which_one_has_lost_the_zeros_log_each_complaint_once(house, tmp_path):
    desk = house.at("2017-06-01 12:00")
    whole = [row | {"external_id": f"00{i + 1}", "subject": str(i)} for i, row in enumerate(rows("A", 30))]
    bare = [row | {"external_id": row["external_id"].lstrip("0")} for row in whole]
    sheets = [write_csv(tmp_path / "whole.csv", whole), write_csv(tmp_path / "bare.csv", bare)]
    done = finish([begin(house.url, sheet, batch=5) for sheet in sheets])
    assert sum(one[0] for one in done) == len(standing(desk)) == 30
    assert {key for one in done for key in one[3]} == {"looks-like-known"}
    assert sum(len(one[3]) for one in done) == 30


def test_imports_of_different_sheets_at_once_number_without_gaps(house, tmp_path):
    desk = house.at("2017-06-01 12:00")
    names = ("A", "B", "C")
    sheets = [write_csv(tmp_path / f"{name}.csv", rows(name, 200)) for name in names]
    done = finish([begin(house.url, sheet, batch=40) for sheet in sheets])
    assert done == [[200, 0, 0, []]] * 3
    assert len({row.number for row in standing(desk)}) == 600
    assert_numbers_without_gaps(desk)


def test_two_nightly_sheets_at_once_close_each_complaint_once(house, tmp_path):
    desk = house.at("2017-06-01 12:00")
    opened = [row | {"closed_at": "", "outcome": ""} for row in rows("A", 60)]
    import_file(desk, write_csv(tmp_path / "old.csv", opened))
    ended = [row | ENDED for row in opened]
    sheets = [write_csv(tmp_path / "a.csv", ended), write_csv(tmp_path / "b.csv", reversed(ended))]
    one, two = finish([begin(house.url, sheet, batch=10) for sheet in sheets])
    assert one[3] == two[3] == []
    assert (one[1] + two[1], one[2] + two[2]) == (60, 60)
    assert {row.status for row in standing(desk)} == {"closed"}
    verify_chains(house.store)


@pytest.mark.parametrize("kill_at", [50, 266])
def test_an_import_killed_in_the_middle_of_a_batch_leaves_whole_batches_and_is_finished_by_the_next(
    house, tmp_path, kill_at
):
    desk = house.at("2017-06-01 12:00")
    opened = [row | {"closed_at": "", "outcome": ""} for row in rows("OLD", 30)]
    import_file(desk, write_csv(tmp_path / "old.csv", opened))
    # Every batch logs some and ends some, so that there is a half that could be left.
    fresh = rows("NEW", 180)
    mixed = [
        row for i, row in enumerate(fresh) for row in ([opened[i // 6] | ENDED] if i % 6 == 0 else []) + [row]
    ]
    sheet = write_csv(tmp_path / "sheet.csv", mixed)
    worker = begin(house.url, sheet, batch=35, kill_at=kill_at)
    assert worker.stdin is not None
    worker.communicate("\n", timeout=120)
    assert worker.returncode == -9
    left = standing(desk)
    taken = {row.external_id for row in left if row.external_id.startswith("NEW") or row.status == "closed"}
    assert len(taken) % 35 == 0
    assert {row["external_id"] for row in mixed[: len(taken)]} == taken
    assert_numbers_without_gaps(desk)
    verify_chains(house.store)
    done = import_file(desk, sheet, batch=35)
    assert done.logged + done.closed == 210 - len(taken)
    assert not done.rejected
    assert len(standing(desk)) == 210
    assert_numbers_without_gaps(desk)
    verify_chains(house.store)
