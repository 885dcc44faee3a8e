"""`python -m tests.faults`: the campaign, long or short. Ends with 1 if anything was lost or told falsely."""

import argparse
import os
import sys
import time

from tests.faults.campaign import ENGINES, campaign, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--kills", type=int, default=2000, help="how many workers to kill, over all databases"
    )
    parser.add_argument("--database", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2, help="how many processes to share the work among")
    given = parser.parse_args()
    engines = ENGINES if given.database == "both" else (given.database,)
    # Far from the office's zone, as in all tests.
    os.environ["TZ"] = "America/St_Johns"
    time.tzset()
    reports = campaign(engines, given.kills, given.seed, given.at_once)
    sys.stdout.write(table(reports) + "\n")
    problems = [f"{report.engine}: {problem}" for report in reports for problem in report.problems]
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems or any(report.count.lost for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
