"""How long a backup takes, and how long others wait for it: `python tests/benchmarks/backup.py [COMPLAINTS]`.

On SQLite, as ratios: the backup against a plain copy of the file, both with the file on the disk at the end; the longest
wait of a writer while backups run against its longest wait while none does. Times of machines can't be compared, ratios
can. The aim: a backup at most 10 times as long as a copy, and writers that wait no longer than a few times as long.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from complaint_sla.store.backup import back_up
from complaint_sla.work.sheets import exchange
from tests.published import make_rehearsal
from tests.work.desks import House

HEADER = "external_id,group,channel,category,subject,detail,received_at\n"
# As many logs by the second clerk as measure a wait, at least this long.
SECONDS = 5.0


def filled(folder: Path, complaints: int) -> House:
    sheet = folder / "sheet.csv"
    with sheet.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for index in range(complaints):
            at = f"2017-03-{index % 28 + 1:02} 10:00"
            file.write(f"V-{index},residential,phone,outage,ไฟดับทั้งหมู่บ้าน,{'ไฟดับ ' * 30},{at}\n")
    house = House(make_rehearsal(f"sqlite:///{folder}/complaints.db"), start="2017-04-01 10:00")
    exchange.import_file(house.desk, sheet)
    # All in one file, as a plain copy would need it.
    house.close()
    return House(house.url, start="2017-04-01 10:00")


def copied(path: Path, to: Path) -> float:
    begun = time.perf_counter()
    with path.open("rb") as source, to.open("wb") as target:
        while block := source.read(1 << 20):
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    return time.perf_counter() - begun


def waits(url: str, meanwhile: Callable[[], object]) -> list[float]:
    """How long each log of a clerk took while something else was done again and again, in seconds."""
    clerk = House(url, start="2017-04-01 10:00")
    found: list[float] = []
    stop = threading.Event()

    def log() -> None:
        while not stop.is_set():
            begun = time.perf_counter()
            clerk.log()
            found.append(time.perf_counter() - begun)

    worker = threading.Thread(target=log)
    worker.start()
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        meanwhile()
    stop.set()
    worker.join()
    clerk.close()
    return found


def main(complaints: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = filled(folder, complaints)
        path, backup, plain = folder / "complaints.db", folder / "backup.db", folder / "plain.db"

        def make() -> float:
            backup.unlink(missing_ok=True)
            begun = time.perf_counter()
            back_up(house.store, backup)
            return time.perf_counter() - begun

        ours = statistics.median(make() for _ in range(5))
        theirs = statistics.median(copied(path, plain) for _ in range(5))
        size = path.stat().st_size / 1e6
        print(
            f"{complaints:,} complaints, {size:,.0f} MB: a backup takes {ours / theirs:.1f} times a plain copy"
        )
        alone = waits(house.url, lambda: time.sleep(0.1))
        busy = waits(house.url, make)
        for what, of in (("median", statistics.median), ("longest", max)):
            print(f"{what} wait of a writer: {of(busy) / of(alone):.1f} times as long while backups run")
        print(f"a backup's time against the longest wait of a writer meanwhile: {ours / max(busy):.1f} times")
        house.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
