"""How long `list` takes over many complaints: for people against `--json`, as medians of one run.

    python -m tests.benchmarks.listing [--complaints 10000] [--rounds 5]

Times of machines can't be compared, ratios can. The aim: as text at most once the time of --json. Besides: a screenful, by
each filter and order.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from complaint_sla.cli.screen import Screen
from tests.benchmarks.history import fill
from tests.cli.runner import Program

# Nearly all that is long past has ended so.
CLOSED = ["list", "--status", "closed"]
WAYS = {"json": [*CLOSED, "--json"], "csv": [*CLOSED, "--csv"], "text": CLOSED}
PAGES = (
    ["list"],
    [*CLOSED, "--urgent"],
    [*CLOSED, "--channel", "phone"],
    [*CLOSED, "--owner", "none"],
    [*CLOSED, "--silent", "30"],
    [*CLOSED, "--sort", "received"],
    [*CLOSED, "--sort", "touched"],
    ["find", "meter"],
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--complaints", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'complaints.db'}"
        now = fill(url, wanted.complaints).isoformat()
        program = Program(url)

        def took(command: list[str]) -> float:
            begun = time.perf_counter()
            program(*command, now=now)
            return time.perf_counter() - begun

        times: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(wanted.rounds):
            for name, command in WAYS.items():
                times[name].append(took(command))
        medians = {name: statistics.median(measured) for name, measured in times.items()}
        for name, median in medians.items():
            print(f"{name:5} {median:6.2f} s  {median / medians['json']:5.2f} times")
        with patch.object(Screen, "here", lambda: Screen(80, 24)):
            for command in PAGES:
                median = statistics.median(took(command) for _ in range(wanted.rounds))
                print(f"{median:6.2f} s  {' '.join(command)}")


if __name__ == "__main__":
    main()
