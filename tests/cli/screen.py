"""A real terminal with somebody at its keyboard: what stands on the screen is read as an eye does, cell by cell."""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from collections.abc import Sequence
from typing import Any

import pexpect
import pyte

from tests.cli.runner import PATIENCE, PROJECT, hear_all

# As terminals send them.
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
BACKSPACE, ENTER, CTRL_C, CTRL_D = "\x7f", "\r", "\x03", "\x04"


def pasted(text: str) -> str:
    """What a terminal of today sends for a paste, where the program has asked for the marks."""
    return f"\x1b[200~{text}\x1b[201~".replace("\n", "\r")


class _Glass(pyte.HistoryScreen):
    """A screen on which marks stand over their letter: pyte knows those only that Unicode calls combining, few of Thai."""

    def draw(self, data: str) -> None:
        for char in data:
            if unicodedata.category(char) in ("Mn", "Me"):
                line, at = self.buffer[self.cursor.y], max(0, self.cursor.x - 1)
                line[at] = line[at]._replace(data=line[at].data + char)
            else:
                super().draw(char)

    def text(self, line: Any) -> str:
        return "".join(line[column].data for column in range(self.columns)).rstrip()


def _environment() -> dict[str, str]:
    """Without what would say more of the window than the window itself."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


class Screen:
    """A program at a terminal of its own."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environment: dict[str, str] | None = None,
    ) -> None:
        columns, lines = size
        self._screen = _Glass(columns, lines, history=10_000, ratio=0.5)
        self._stream = pyte.ByteStream(self._screen)
        self.keys = 0
        """Keys that were pressed; a paste is one."""
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(PROJECT),
            env={**_environment(), "TERM": "xterm", "LANG": "C.UTF-8", **(environment or {})},
            dimensions=(lines, columns),
            timeout=PATIENCE,
            preexec_fn=hear_all,
        )
        # It waits a moment before each key otherwise.
        self.process.delaybeforesend = None
        self.seen = b""
        """All that was written to it."""

    @classmethod
    def of(cls, *arguments: str, **how: Any) -> Screen:
        """The program of this project."""
        return cls([sys.executable, "-m", "complaint_sla", *arguments], **how)

    @property
    def lines(self) -> list[str]:
        """What stands there now, without the empty end of each line."""
        return [self._screen.text(self._screen.buffer[y]) for y in range(self._screen.lines)]

    @property
    def text(self) -> str:
        """All that has stood there, what was scrolled away as well."""
        above = [self._screen.text(line) for line in self._screen.history.top]
        return "\n".join([*above, *self.lines]).rstrip()

    @property
    def asked(self) -> str:
        """The line on which the cursor stands, up to its end."""
        return self.lines[self._screen.cursor.y]

    def press(self, *keys: str) -> None:
        """Presses keys one by one: a text is its characters, one of the names above one key."""
        for key in keys:
            self.keys += 1
            self.process.send(key)

    def type(self, text: str) -> None:
        """Types a text and Enter."""
        self.press(*text, ENTER)

    def expect(self, text: str, *, since: str | None = None) -> str:
        """Waits until a text stands somewhere; all that has stood there by then. `since`: after that text."""

        def is_there() -> bool:
            found = self.text
            return text in (found if since is None else found.rpartition(since)[2])

        until = time.monotonic() + PATIENCE
        while not is_there():
            if time.monotonic() > until or not self._read(until - time.monotonic()):
                raise AssertionError(f"{text!r} did not come. The screen:\n{self.text}")
        return self.text

    def settle(self) -> str:
        """Waits until what was typed is on the screen, by asking the terminal's driver; what stands there."""
        while self._read(0.05):
            pass
        return self.text

    def end(self) -> int:
        """Waits for the program to end; its exit code, as a shell has it."""
        until = time.monotonic() + PATIENCE
        while self._read(max(0.0, until - time.monotonic())):
            pass
        self.process.close()
        signal = self.process.signalstatus
        return int(128 + signal if signal is not None else self.process.exitstatus)

    def _read(self, seconds: float) -> bool:
        """More of what it writes; False where nothing more came in that time, or ever will."""
        try:
            more = self.process.read_nonblocking(65536, timeout=seconds)
        except (pexpect.EOF, pexpect.TIMEOUT):
            return False
        self.seen += more
        self._stream.feed(more)
        return True
