"""One key at a time, without Enter: what a key does, it does to what stands on the screen as it is pressed.

What was typed before it was asked for is thrown away, and more than one key at once, which is a paste, is none at all. The
terminal is as it was whenever nothing is waited for, however the program ends.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

try:
    import termios
    import tty
except ImportError:  # Windows: a letter and Enter.
    termios = None  # type: ignore[assignment]

_STDIN = 0
# Nothing more will come: Ctrl-D, or the terminal has gone.
NO_MORE = ""
# More than one key: a paste, most likely.
SEVERAL = "several"
# A key without a letter, such as an arrow.
OTHER = "other"
ENTER = "\n"
# What terminals are told so that they mark what is pasted, and how they do.
_MARK_PASTES, _MARK_NO_PASTES = "\x1b[?2004h", "\x1b[?2004l"
_PASTED = (b"\x1b[200~", b"\x1b[201~")
# A paste comes in pieces; after so long a silence it has ended.
_SILENCE = 0.1
# As long as the end of a marked one is waited for.
_PASTE_SECONDS = 2.0
_PIECE = 65536


def press() -> str:
    """The key that is pressed next: its character, or one of the names above. Raises KeyboardInterrupt."""
    sys.stdout.flush()
    sys.stderr.flush()
    if termios is None:
        return (input() or ENTER)[0]
    with _key_by_key():
        read = _read()
        while read and _is_begun(read):
            read += _read()
        if read.startswith(_PASTED[0]):
            _swallow(read)
            return SEVERAL
        return _meant(read)


def _meant(read: bytes) -> str:
    text = read.decode(errors="replace").replace("\r", ENTER)
    if text in ("", "\x04"):
        return NO_MORE
    if text.startswith("\x1b"):
        return OTHER
    if len(text) > 1:
        _swallow(b"")
        return SEVERAL
    return text


def _read() -> bytes:
    try:
        return os.read(_STDIN, _PIECE)
    except OSError:
        # The terminal has gone.
        return b""


def _is_begun(read: bytes) -> bool:
    """Whether it ends within a character."""
    try:
        read.decode()
    except UnicodeDecodeError as problem:
        return problem.reason == "unexpected end of data"
    return False


def _swallow(read: bytes) -> None:
    """Throws away what else comes of a paste."""
    is_marked = bool(read)
    while _PASTED[1] not in read:
        if not select.select([_STDIN], [], [], _PASTE_SECONDS if is_marked else _SILENCE)[0]:
            return
        more = _read()
        if not more:
            return
        # The mark may come in two pieces.
        read = read[-len(_PASTED[1]) :] + more


@contextmanager
def _key_by_key() -> Iterator[None]:
    before = termios.tcgetattr(_STDIN)

    def begin(*_: Any) -> None:
        tty.setcbreak(_STDIN, termios.TCSAFLUSH)

    # A shell sets its own ways while the program is stopped (Ctrl-Z).
    resumed = signal.signal(signal.SIGCONT, begin)
    try:
        begin()
        _say(_MARK_PASTES)
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, before)
        signal.signal(signal.SIGCONT, resumed)
        _say(_MARK_NO_PASTES)


def _say(mark: str) -> None:
    if os.environ.get("TERM") not in (None, "", "dumb"):
        with suppress(OSError):
            print(mark, end="", file=sys.stderr, flush=True)
