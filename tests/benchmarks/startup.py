"""How long commands take against a bare interpreter, as medians of one run: `python tests/benchmarks/startup.py [ROUNDS]`.

Times of machines can't be compared, ratios can. The aim: --help at most 10 times `python -c pass`, log at most 60 times.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

LOG = ["log", "--group", "residential", "--channel", "phone", "--category", "outage", "--subject", "x"]
COMMANDS = {
    "pass": [sys.executable, "-c", "pass"],
    "--help": [sys.executable, "-m", "complaint_sla", "--help"],
    "log": [sys.executable, "-m", "complaint_sla", *LOG],
}


def main(rounds: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COMPLAINT_SLA_DB": f"sqlite:///{folder}/complaints.db"}
        # The first round makes the database and the compiled files, and does not count.
        for round_ in range(rounds + 1):
            for name, command in COMMANDS.items():
                begun = time.perf_counter()
                subprocess.run(command, env=environment, capture_output=True, check=True)
                if round_:
                    times[name].append(time.perf_counter() - begun)
    bare = statistics.median(times["pass"])
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{name:7} {median * 1000:7.0f} ms  {median / bare:5.1f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
