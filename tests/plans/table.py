"""`python -m tests.plans.table`: every line of the document, entered as far as it can be, and what the program makes of it.

Prints n, d, value, state and the marks of 10 April and 1 May 2560, as `plan show` has them. What the document gives no
whole for is tried, too, and refused.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.runner import Program

ROWS = Path(__file__).parent / "seed_rows.tsv"
DAY, AFTER = "2560-04-10", "2560-05-01"
QUARTER = "1/2560"
OFFICE = "BANSANG"
ROLLED_OUT = ("sms-rolled-out", "2017")
# The letters that the document names; what it names none for stands in the report itself.
LARGE = ("ก.1กรท.(สจ) 374/2560", "2560-04-07")
SMALL = ("ก.1กรท.(สบ.) 389/60", "2560-04-10")
REPORT = ("รายงานผลการดำเนินงาน ไตรมาส 1/2560", "2560-04-10")
# Whom the document says that one waits for.
WAITED_FOR = {"to be done by กบล.ก.1": "กบล.ก.1", "awaiting data from กฟก.1": "กฟก.1"}
# What the lines of the document call not stated.
NOT_IN = ("missing", "pending", "awaiting")


@dataclass(frozen=True)
class Found:
    """A line, and what the program says of it."""

    row: dict[str, str]
    n: int | None = None
    d: int | None = None
    value: str | None = None
    margin: int | None = None
    state: str = ""
    marks: tuple[str, str] = ("", "")


def rows() -> list[dict[str, str]]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def prepare(program: Program) -> None:
    """Of a rehearsal."""
    program("office", "add", OFFICE, "--name-th", "กฟส.บ้านสร้าง", "--name-en", "Ban Sang")
    program("office", "set", OFFICE, "--class", "branch")


def enter(program: Program, lines: Sequence[dict[str, str]]) -> dict[str, int]:
    """Enters what can be; by what is typed, the exit code of what can't."""
    refused = {}
    waited_for = set()
    every = {
        one["key"]: one["periods"]
        for activity in card(program, DAY)["activities"]
        for one in activity["measures"]
        if one["same_as"] is None and activity["key"] != "complaints"
    }
    for row in lines:
        measure, period = row["measure"], row["period"]
        periods = [one["period"] for one in every.get(measure, ())]
        source, dated = LARGE if measure.startswith("large") else SMALL if "4.2" in row["no"] else REPORT
        letter = ("--source", source, "--dated", dated)
        where = ("plan", "enter", measure, period)
        if period in periods and row["kind"] in ("share", "mean", "count") and row["n"]:
            figure = "/".join(one for one in (row["n"], row["d"]) if one)
            done = program(*where, figure, *letter, "--office", OFFICE, now=DAY, code=None)
            if done.code:
                refused[f"{measure} {period} {figure}"] = done.code
        elif (measure, period) == ROLLED_OUT:
            program(*where, *letter, "--office", OFFICE, now=DAY)
        elif row["seed_says"] in WAITED_FOR and period in periods and measure not in waited_for:
            waited_for.add(measure)
            program(*where, "--awaiting", WAITED_FOR[row["seed_says"]], "--office", OFFICE, now=DAY)
    return refused


def card(program: Program, now: str) -> Any:
    return program("plan", "show", QUARTER, "--office", OFFICE, "--json", now=now).json


def table(program: Program) -> Iterator[Found]:
    """Each line with what `plan show` says of it."""
    on, after = ({one["key"]: one for one in card(program, day)["activities"]} for day in (DAY, AFTER))
    for row in rows():
        marks = (on[row["activity"]]["mark"], after[row["activity"]]["mark"])
        line = next((one for one in on[row["activity"]]["measures"] if one["key"] == row["measure"]), None)
        if line is None or row["kind"] in ("condition", "overprint"):
            yield Found(row, marks=marks)
            continue
        one = next((one for one in line["periods"] if one["period"] == row["period"]), None)
        if len(line["periods"]) == 1 or one is None:
            told, state = line, line["state"]
        else:
            told = one
            reached = {True: "met", False: "missed", None: "shown" if one["d"] else "nothing"}[one["met"]]
            state = "missing" if one["n"] is None else reached
        yield Found(row, told["n"], told["d"], told["value"], told["margin"], state, marks)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = Program(f"sqlite:///{folder}/complaints.db")
        program("init", "--rehearsal")
        prepare(program)
        refused = enter(program, rows())
        sys.stdout.write(
            "line no    measure                  period   n      d      value  margin state          10 April"
            "\n"
        )
        for one in table(program):
            cells = (
                f"{one.row['line']:>4} {one.row['no']:5} {one.row['measure']:24} {one.row['period']:8} ",
                *(f"{'–' if value is None else value:<7}" for value in (one.n, one.d, one.value, one.margin)),
                f"{one.state:15}{one.marks[0]:14} 1 May: {one.marks[1]}",
            )
            sys.stdout.write("".join(cells) + "\n")
        for what, code in refused.items():
            sys.stdout.write(f"plan enter {what}: exit {code}\n")


if __name__ == "__main__":
    main()
