"""The real service under a simulated clock: the same code as `run`, months in minutes.

As a process of its own: `python -m tests.load.simulated DB MAIL START EPOCH SPEED PACE`.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from complaint_sla.cli.service import serve
from complaint_sla.cli.terminal import Terminal
from complaint_sla.wording import Words


@dataclass(frozen=True)
class SimulatedClock:
    """Shows `start` at `epoch` (of the monotonic clock, which all processes of a machine share), then runs `speed` times as fast.

    `jumped`, a shared number, is how many seconds it has been set forward since.
    """

    start: datetime
    epoch: float
    speed: float = 1.0
    jumped: Any = None

    def __call__(self) -> datetime:
        # Before, it stands still: whoever needs it has time to start.
        seconds = max(0.0, time.monotonic() - self.epoch) * self.speed
        return self.start + timedelta(seconds=seconds + (self.jumped.value if self.jumped is not None else 0))


def serve_by(clock: SimulatedClock, url: str, mail: str, pace: float) -> None:
    """The service until it is told to stop, or killed. Its rounds follow each other `pace` times as fast as in life."""
    os.environ["COMPLAINT_SLA_MAIL"] = mail
    terminal = Terminal(Words("en"), {"db": url})
    with terminal.closing:
        serve(terminal, terminal.desk(writes=True), clock, pace)


if __name__ == "__main__":
    db, mail_, start, epoch, speed, pace_ = sys.argv[1:]
    serve_by(
        SimulatedClock(datetime.fromisoformat(start), float(epoch), float(speed)), db, mail_, float(pace_)
    )
