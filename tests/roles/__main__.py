"""`python -m tests.roles`: what people with logins of the wrong role try, and who refused it."""

from __future__ import annotations

import os
import sys
import tempfile

from tests.conftest import migrate
from tests.roles.acts import acts, tried
from tests.roles.logins import Logins
from tests.servers.postgres import PostgresServer

WIDTH = 76


def main() -> int:
    server = PostgresServer()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"HOME": home, "NO_COLOR": "1", "COLUMNS": "120", "LANG": "C.UTF-8"}
        server.start()
        try:
            url = server.url(server.create())
            migrate(url)
            at = Logins.open(url)
            before, verdicts = at.owner.dump(), [tried(at, act) for act in acts(at)]
            unchanged = at.owner.dump() == before
        finally:
            server.stop()
    for number, one in enumerate(verdicts, 1):
        sys.stdout.write(f"{number:>2}  {'refused' if one.held else 'PASSED':<8} {one.act.what}\n")
        sys.stdout.write(f"      program:  {one.program[:WIDTH] or '-'}\n")
        sys.stdout.write(f"      database: {one.database[:WIDTH] or '-'}\n")
    held = sum(one.held for one in verdicts)
    sys.stdout.write(f"{held} of {len(verdicts)} refused by both; ")
    sys.stdout.write("nothing was changed\n" if unchanged else "SOMETHING WAS CHANGED\n")
    return 0 if held == len(verdicts) and unchanged else 1


if __name__ == "__main__":
    sys.exit(main())
