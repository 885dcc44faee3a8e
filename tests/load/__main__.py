"""Load by hand: `python -m tests.load WHAT [--database postgresql]`; prints a table.

crowd: twenty clerks at one SQLite file while 100,000 rows are imported. services: eight services, killed and started.
digest: a thousand complaints in one letter. outage: three days without a mail server. The soak: `python -m tests.load.soak`.
"""

from __future__ import annotations

import argparse
import random
import sys

from tests.load.crowd import Crowd, crowd_in
from tests.load.outage import digest, outage
from tests.load.places import ENGINES, database, home, table
from tests.load.services import Unrest, unrest
from tests.servers.smtp import Postbox


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    options.add_argument("what", choices=["crowd", "services", "digest", "outage"])
    options.add_argument("--database", choices=ENGINES)
    options.add_argument("--rows", type=int, default=100_000, help="of the crowd's sheet")
    options.add_argument("--leaps", type=int, default=60, help="of the services' clock")
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = options.parse_args()
    # A crowd is at one file; services side by side are many at a server.
    usual = "postgresql" if given.what == "services" else "sqlite"
    box = Postbox()
    box.start()
    with home() as folder, database(given.database or usual, folder) as url:
        shown: dict[str, object]
        match given.what:
            case "crowd":
                kind = Crowd(rows=given.rows, thinks=6.0, between_copies=15.0)
                shown = crowd_in(url, folder, kind).shown()
            case "services":
                shown = {"seed": given.seed}
                shown |= unrest(url, box, folder, Unrest(leaps=given.leaps), given.seed).shown()
            case "digest":
                shown = digest(url, box, folder, 1000).shown()
            case _:
                shown = outage(url, box, answers=given.seed % 2 == 0).shown()
    box.stop()
    print(table(shown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
