"""Where the service's log is written: on stderr, or into the journal behind it. What can't be written ends nothing."""

import os
import select
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TextIO

from complaint_sla.service.log import Entry, Form, Level, line

# Seconds that a line may keep the service waiting for whoever reads what it says.
PATIENCE = 1.0


@dataclass
class Paper:
    """The log on a stream. `clock` tells the real moment (UTC), which is shown in `zone`."""

    stream: TextIO
    form: Form
    journald: bool
    clock: Callable[[], datetime]
    zone: tzinfo = UTC

    def put(self, entry: Entry) -> None:
        """Writes a line at once, and past what Python keeps back: it would be written, or fail, as the program ends."""
        at = self.clock().astimezone(self.zone)
        written = line(entry, at, self.form, journald=self.journald) + "\n"
        try:
            descriptor = self.stream.fileno()
        except (OSError, ValueError):
            # No file of the system's.
            self.stream.write(written)
            return
        with suppress(OSError):
            # A reader that has gone to sleep would keep the service from its work.
            if sys.platform == "win32" or select.select([], [descriptor], [], PATIENCE)[1]:
                os.write(descriptor, written.encode(self.stream.encoding, "backslashreplace"))

    def remark(self, text: str) -> None:
        """What a command would say on stderr."""
        self.put(Entry(Level.WARNING, "remark", message=text))


def read_by_journald(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether systemd has put the journal behind a stream: JOURNAL_STREAM names its device and inode (systemd.exec(5))."""
    with suppress(OSError, ValueError):
        found = os.fstat(stream.fileno())
        return environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
    return False
