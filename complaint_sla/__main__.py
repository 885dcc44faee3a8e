"""`python -m complaint_sla`, and the installed `complaint-sla`."""

import gc
import sys


def main() -> None:
    # What is imported lives as long as the program: looking through it for rubbish again and again only costs.
    gc.set_threshold(50_000)
    from complaint_sla.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
