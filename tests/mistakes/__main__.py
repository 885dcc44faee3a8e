"""`python -m tests.mistakes`: makes every ordinary mistake in an office of its own, and prints what became of each.

`python -m tests.mistakes slips`: the same for slips of whoever types.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.conftest import migrate
from tests.mistakes import clocks, papers, paths, people  # noqa: F401 - each enters its mistakes in the list
from tests.mistakes.office import MISTAKES, Office, furnish, without_wal
from tests.mistakes.slips import campaign

WIDTH = 76


def main() -> int:
    failed = 0
    fates: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ |= {"HOME": name, "NO_COLOR": "1", "COLUMNS": "120", "LANG": "C.UTF-8"}
        os.environ |= {f"XDG_{kind}_HOME": f"{name}/{kind}" for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        migrate(f"sqlite:///{home / 'template.db'}")
        without_wal(home / "template.db")
        if sys.argv[1:] == ["slips"]:
            return campaign(home, sys.stdout.write)
        furnish(home / "furnished" / "complaints.db", home / "template.db")
        without_wal(home / "furnished" / "complaints.db")
        for number, one in enumerate(MISTAKES, 1):
            folder = home / f"office-{number}"
            folder.mkdir()
            shutil.copy(home / "furnished" / "complaints.db", folder)
            office = Office(folder)
            try:
                said = one.make(office)
                fate = one.fate.value
            except AssertionError as problem:
                said, fate, failed = str(problem), "FAILED", failed + 1
            finally:
                office.close()
            fates[fate] += 1
            sys.stdout.write(f"{number:>2}  {fate:<8} {one.about}: {one.name}\n")
            sys.stdout.write(f"             {' '.join(said.replace(name, '').split())[:WIDTH]}\n")
    sys.stdout.write(" · ".join(f"{count} {fate}" for fate, count in sorted(fates.items())) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
