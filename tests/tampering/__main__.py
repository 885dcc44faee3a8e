"""`python -m tests.tampering`: tampers with the file of an office in every way, and prints which check saw what."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import tests.tampering.acts  # noqa: F401 - they are known once it is read
from tests.conftest import migrate
from tests.mistakes.office import without_wal
from tests.tampering.office import TAMPERINGS, Office, furnish, seen, tampered


def main() -> int:
    os.environ["TZ"] = "America/St_Johns"
    time.tzset()
    fates: Counter[str] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        furnished = Path(name, "furnished.db")
        migrate(f"sqlite:///{furnished}")
        house = Office(f"sqlite:///{furnished}")
        furnish(house)
        house.close()
        without_wal(furnished)
        for number, one in enumerate(TAMPERINGS, 1):
            file = tampered(one, furnished, Path(name))
            alone = {each.check.value for each in seen(house.desk, file)}
            beside = {each.check.value for each in seen(house.desk, file, furnished)} - alone
            named = alone | beside if one.beside_backup else alone
            is_seen = bool(named & one.seen if one.seen else named)
            failed += not is_seen
            fates["by the audit" if alone else "beside a backup only" if beside else "not seen"] += 1
            said = ", ".join(sorted(alone)) or "–"
            more = f" · beside a backup: {', '.join(sorted(beside))}" if beside else ""
            sys.stdout.write(f"{number:>2}  {one.about}: {one.name}\n        {said}{more}\n")
    sys.stdout.write(" · ".join(f"{count} {fate}" for fate, count in sorted(fates.items())) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
