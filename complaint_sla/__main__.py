"""`python -m complaint_sla`, and the installed `complaint-sla`."""

import sys


def main() -> None:
    from complaint_sla.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
