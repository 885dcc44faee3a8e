"""A day's jobs at the counter, done at a real terminal: how many keys each takes, and how long one waits.

`python -m tests.benchmarks.jobs` prints the table. Keys are those of the command, typed whole, with its Enter, and of the
answers; seconds are the wall's, from Enter to the first question or the answer, cold.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from complaint_sla.store.engine import Store
from tests.cli.runner import Program
from tests.cli.screen import BACKSPACE, ENTER, Screen
from tests.published import publish_shipped

NOW = "2017-03-20 09:00"
ME = "lek@example.org"
PHONE = "0812345678"
FILTERS = ("--owner", "none")


class Counter:
    """An office of 300 open complaints, half of them nobody's, some late; and whoever sits there."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'complaints.db'}"
        store = Store.open(url, create=True, rehearsal=True)
        publish_shipped(store)
        store.close()
        self.program = Program(url)
        for name in ("lek", "nok"):
            self.program.hire(name)
        given = {"group": "residential", "channel": "phone", "category": "outage", "office": "MAIN"}
        rows = [
            given | {
                "subject": f"ไฟดับที่บ้านเลขที่ {n}", "external_id": f"V-{n}", "phone": f"0{n + 200000000}",
                "received_at": "2017-03-16 10:00" if n > 5 else "2017-02-20 10:00",
                **({"owner": ME} if n % 2 else {}),
            }
            for n in range(300)
        ]  # fmt: skip
        sheet = folder / "rows.jsonl"
        sheet.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        self.program("import", str(sheet), now=NOW)
        self.waited = 0.0

    def __call__(self, *arguments: str, until: str) -> Screen:
        """Types a command and waits for `until`."""
        began = time.monotonic()
        screen = Screen.of(*self.program.options(NOW, ME, "en"), *arguments)
        screen.expect(until)
        self.waited = time.monotonic() - began
        screen.keys += len(" ".join(["complaint-sla", *arguments])) + 1
        return screen


def new_caller(at: Counter) -> Screen:
    screen = at("log", until="Telephone")
    for question, answer in (
        ("Telephone", PHONE), ("Customer's name", ""), ("residential and other", "4"), ("urgent?", ""),
        ("Office of the ERC", "3"), ("Slow service", "1"), ("Subject", "x"), ("Enter: log it", ""),
    ):  # fmt: skip
        screen.expect(question)
        screen.type(answer)
    return screen


def same_caller(at: Counter) -> Screen:
    screen = at("log", until="Telephone")
    screen.type(PHONE)
    screen.expect("no owner · x")
    reached = screen.keys
    screen.press("\x03")
    screen.keys = reached
    return screen


def wrong_digit(at: Counter) -> Screen:
    [found] = at.program("find", PHONE, "--json", now=NOW).json
    screen = at("correct", found["number"].removeprefix("C-"), until="Number to correct")
    screen.press("4", ENTER)
    screen.expect(f": {PHONE}")
    screen.press(BACKSPACE, "9", ENTER)
    screen.expect("*4 ")
    screen.press(ENTER)
    screen.expect("→ 08x-xxx-5679")
    return screen


def late_ones(at: Counter) -> Screen:
    screen = at("list", until="all: list --all")
    assert sum("late" in line for line in screen.lines) >= 3, screen.lines
    return screen


def by_queue(at: Counter) -> Screen:
    screen = at("queue", *FILTERS, until="1/15")
    for n in range(1, 41):
        screen.expect(f"{n}/15", since=f"{n - 1}/15" if n > 1 else None)
        screen.expect("q end", since=f"{n}/15")
        screen.press("a")
        screen.expect("Assign to", since=f"{n}/15")
        screen.press(*("nok" if n == 1 else ""), ENTER)
    screen.expect("41/15")
    done = screen.keys
    screen.expect("q end", since="41/15")
    screen.press("q")
    screen.keys = done
    return screen


def plain(*arguments: str, until: str) -> Callable[[Counter], Screen]:
    return lambda at: at(*arguments, until=until)


JOBS: tuple[tuple[str, Callable[[Counter], Screen], int | None], ...] = (
    ("log by prompts, new caller, with a subject of one letter", new_caller, 39),
    ("same caller again, to the right complaint", same_caller, 29),
    ("by telephone: find 0812345678", plain("find", PHONE, until="6003"), 30),
    ("wrong digit of a telephone mended", wrong_digit, None),
    ("the late ones on the screen: list", late_ones, 29),
    ("mine: list --mine", plain("list", "--mine", until="shown"), 47),
    ("nobody's: list --owner none", plain("list", *FILTERS, until="shown"), None),
    ("this morning: today", plain("today", until="queue"), None),
    ("close 6003-9 with an outcome", plain("close", "6003-9", "--outcome", "x", "--yes", until="closed"), 42),
    ("40 of those without an owner assigned: queue", by_queue, 1840),
)  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        at = Counter(Path(folder))
        print(f"{'job':58}{'keys':>6}{'before':>8}{'waited':>9}")
        for name, job, before in JOBS:
            screen = job(at)
            waited = at.waited
            screen.end()
            print(f"{name:58}{screen.keys:6}{before or '–':>8}{waited:8.1f}s")


if __name__ == "__main__":
    main()
