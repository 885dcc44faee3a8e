"""What it costs to read a large sheet, beside the library's bare reading of the same workbook, and to import it.

    python -m tests.benchmarks.sheets [--rows 300000] [--imported 20000] [--rounds 3]

Each way runs in a process of its own, so that its peak of memory is its own, and they take turns. Rates of machines can't be
compared; the ratios and the memory can: a table is gone through twice by an import, and held by nobody.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

from complaint_sla import files
from complaint_sla.work.sheets.sources import open_source

HEADS = (
    "external_id",
    "group",
    "channel",
    "category",
    "received_at",
    "subject",
    "phone",
    "account",
    "customer",
    "detail",
    "closed_at",
    "outcome",
)
FIRST = datetime(2017, 1, 1)
NOW = "2018-06-01 10:00"


def row(number: int) -> list[object]:
    at = FIRST + timedelta(minutes=number % 400_000)
    return [
        f"X-{number:06}",
        "residential",
        "phone",
        "outage",
        at,
        f"ไฟดับ หมู่ {number % 20}",
        f"08{number:08}",
        f"02{number:010}",
        f"นายทดสอบ {number}",
        "ไฟดับทั้งหมู่บ้านตั้งแต่เมื่อคืน",
        at + timedelta(days=3),
        "ต่อสายแล้ว",
    ]


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = files.csv_writer(file)
        writer.writerow(HEADS)
        writer.writerows(map(row, range(rows)))


def write_xlsx(path: Path, rows: int) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, moment = book.add_worksheet("1"), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_row(0, 0, HEADS)
        for number in range(rows):
            for column, value in enumerate(row(number)):
                if isinstance(value, datetime):
                    sheet.write_datetime(number + 1, column, value, moment)
                else:
                    sheet.write_string(number + 1, column, value)


def bare(path: Path) -> int:
    from python_calamine import CalamineWorkbook

    return sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def ours(path: Path) -> int:
    return sum(1 for _ in open_source(path).tables[0].lines())


WAYS: dict[str, Callable[[Path], int]] = {"bare": bare, "ours": ours}


def measured(way: str, path: Path) -> dict[str, float]:
    """In a process of its own: seconds, and the peak of its memory, with that of its children, in MB."""
    command = [sys.executable, "-m", "tests.benchmarks.sheets", "--way", way, str(path)]
    said = subprocess.run(command, capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(said.stdout)
    return found


def one_way(way: str, path: Path) -> None:
    before, begin = _peak(), time.perf_counter()
    rows = WAYS[way](path)
    seconds = time.perf_counter() - begin
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "grown": _peak() - before, "child": child}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def import_of(path: Path, rows: int) -> tuple[float, float]:
    """Seconds and the peak of memory in MB of `import --dry-run`."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "complaint_sla", "--db", f"sqlite:///{folder}/x.db"]
        subprocess.run([*program, "init", "--rehearsal"], capture_output=True, check=True)
        code = (
            "import resource, sys; from complaint_sla.__main__ import main\n"
            "try: main()\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        options = [*program[3:], "--now", NOW, "import", str(path), "--dry-run", "--json"]
        begin = time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-c", code, *options], capture_output=True, check=True, text=True
        )
        seconds = time.perf_counter() - begin
    assert json.loads(said.stdout)["logged"] == rows
    return seconds, int(said.stderr.split()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--imported", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", nargs=2)
    arguments = parser.parse_args()
    if arguments.way:
        one_way(arguments.way[0], Path(arguments.way[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book, text = folder / "a.xlsx", folder / "a.csv"
        write_xlsx(book, arguments.rows)
        write_csv(text, arguments.rows)
        ways = {"xlsx, bare": ("bare", book), "xlsx": ("ours", book), "csv": ("ours", text)}
        found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for _ in range(arguments.rounds):
            for way, (how, path) in ways.items():
                found[way].append(measured(how, path))
        first = statistics.median(one["seconds"] for one in found["xlsx, bare"])
        print(f"{arguments.rows:,} rows of {len(HEADS)} cells, gone through once:")
        for way, runs in found.items():
            seconds = statistics.median(one["seconds"] for one in runs)
            grown, child = (max(one[key] for one in runs) for key in ("grown", "child"))
            print(
                f"  {way:10} {seconds:6.2f} s  {arguments.rows / seconds:9,.0f} rows/s  {seconds / first:5.2f} times bare  "
                f"memory +{grown:4.0f} MB, of its helper {child:4.0f} MB"
            )
        if not arguments.imported:
            return
        print("import --dry-run:")
        for count in (arguments.imported // 4, arguments.imported):
            for write, path in ((write_xlsx, book), (write_csv, text)):
                write(path, count)
                seconds, peak = import_of(path, count)
                print(
                    f"  {path.suffix:6} {count:9,} rows  {seconds:6.1f} s  {count / seconds:7,.0f} rows/s  peak {peak:4.0f} MB"
                )


if __name__ == "__main__":
    main()
