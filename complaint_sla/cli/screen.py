"""The window that an answer is written to: its size, its styles, and what to do where an answer is longer than it is high."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from complaint_sla.core.errors import BadValue
from complaint_sla.wording.width import cells_wide, wrapped

# Control sequences (ECMA-48, SGR). NO_COLOR asks for no colours; bold and dim are none.
_COLOURS = {"red": "31", "green": "32", "yellow": "33"}
_CODES = {"bold": "1", "dim": "2", **_COLOURS}
# Narrower than that nothing is drawn: lines break.
NARROWEST = 40
# COLUMNS may say anything; a line of so many cells is kept in memory.
WIDEST = 10_000
# Below an answer stand one remark, perhaps, and the prompt.
BELOW = 2
# Colours go through, a short answer is printed at once, and what was read stays on the screen.
LESS = "-RFX"

T = TypeVar("T")


@dataclass(frozen=True)
class Screen:
    """A window of so many cells and lines; no `height`: it is no terminal, and whoever reads it has room for all."""

    width: int
    height: int | None = None
    styles: frozenset[str] = frozenset()

    @classmethod
    def here(cls) -> "Screen":
        """That of standard output."""
        size = shutil.get_terminal_size((80, 24))
        width = min(max(NARROWEST, size.columns), WIDEST)
        if not sys.stdout.isatty():
            return cls(width)
        styles = frozenset(_CODES.keys() - (_COLOURS.keys() if os.environ.get("NO_COLOR") else ()))
        if os.environ.get("TERM") in (None, "", "dumb", "unknown"):
            styles = frozenset()
        return cls(width, min(max(1, size.lines), WIDEST), styles)

    def painted(self, text: str, style: str) -> str:
        """In a style, `bold red`, as far as the terminal has it; nothing else in it may steer the screen."""
        codes = [_CODES[one] for one in style.split() if one in self.styles]
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text


# Whoever reads JSON has room for all.
NO_SCREEN = Screen(NARROWEST)


@dataclass(frozen=True)
class Extent:
    """How much of a long answer is wanted: so many at most, all, all through a pager, or what the window holds.

    Raises BadValue (`one-of-two`).
    """

    limit: int | None = None
    everything: bool = False
    pager: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.everything:
            raise BadValue("one-of-two", one="--limit", two="--all")

    @property
    def is_said(self) -> bool:
        """Whether it does not depend on the window."""
        return self.limit is not None or self.everything or self.pager

    def most(self, screen: Screen, unless_said: int | None = None) -> int | None:
        """As many entries as can be shown; each has a line at the least. None is all of them.

        Whoever is no terminal gets so many `unless_said`.
        """
        if self.is_said:
            return self.limit
        return unless_said if screen.height is None else max(1, screen.height - BELOW)


def write(
    screen: Screen,
    found: Sequence[T],
    drawn: Callable[[Sequence[T]], str],
    below: Callable[[int], str],
    extent: Extent,
) -> None:
    """Writes entries, as they are `drawn`, and the line `below` so many of them: what one sees last is how many there are.

    Where not all of them fit into the window, the last ones are left out.
    """
    shown = found
    if not extent.is_said and screen.height is not None:
        shown = found[: extent.most(screen)]
        while len(shown) > 1 and not _fits(screen, drawn(shown), below(len(shown))):
            shown = shown[:-1]
    text = drawn(shown)
    last = below(len(shown))
    if last:
        text += "".join(f"{screen.painted(line, 'dim')}\n" for line in _lines(screen, last))
    if not (extent.pager and screen.height is not None and _paged(text)):
        print(text, end="")


def _fits(screen: Screen, text: str, below: str) -> bool:
    lines = text.count("\n") + (len(_lines(screen, below)) if below else 0)
    return screen.height is None or lines + BELOW <= screen.height


def _lines(screen: Screen, text: str) -> list[str]:
    return (
        [text] if screen.height is None or cells_wide(text) <= screen.width else wrapped(text, screen.width)
    )


def _paged(text: str) -> bool:
    """Shows it by $PAGER; whether that could be done."""
    sys.stdout.flush()
    try:
        command = shlex.split(os.environ.get("PAGER", "")) or ["less"]
        # Whoever sits here says what shows them texts.
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env={"LESS": LESS, **os.environ})  # noqa: S603
    except (OSError, ValueError):
        return False
    # Ctrl-C is the pager's now, which comes to its own end.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pager.communicate(text.encode(sys.stdout.encoding, "backslashreplace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return True
