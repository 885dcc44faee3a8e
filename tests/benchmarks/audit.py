"""Memory and time of the audit as databases grow: `python tests/benchmarks/audit.py [COMPLAINTS …]`.

Each database is made and each audit is run in a process of its own. The aim: memory within 20 % from 1,000 complaints to
1,000,000 (which takes an hour to make and as long to audit, and is therefore given by hand). A name of a file instead of a
number is a database that is there.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = ("1000", "30000")
HISTORY = Path(__file__).parent / "history.py"


def measured(url: str) -> tuple[int, float, float]:
    """Maximum resident memory (KiB), seconds and seconds of processor of one audit. Raises if it finds anything."""
    program = [sys.executable, "-m", "complaint_sla", "--db", url, "audit"]
    begun = time.perf_counter()
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, program)
    return used.ru_maxrss, time.perf_counter() - begun, used.ru_utime + used.ru_stime


def main(sizes: tuple[str, ...]) -> None:
    first = 0
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            made = size.isdecimal()
            path = Path(folder, f"{size}.db") if made else Path(size)
            if made:
                years = "1" if int(size) < 10_000 else "10"
                subprocess.run([sys.executable, str(HISTORY), f"sqlite:///{path}", size, years], check=True)
            memory, seconds, processor = measured(f"sqlite:///{path.absolute()}")
            first = first or memory
            print(
                f"{size:>9}  {memory / 1024:6.1f} MiB  {memory / first:4.2f} times  "
                f"{seconds:7.1f} s  {processor:7.1f} s of processor",
                flush=True,
            )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or SIZES)
