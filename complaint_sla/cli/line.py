"""The line at which a person is asked: what is seen is what is stored, and what is pasted is one answer.

GNU readline edits it, for the terminal itself rubs out one cell for each mark of a Thai letter, and takes each line of a
pasted text for an answer. A text of several lines is one answer with newlines in it.
"""

from __future__ import annotations

import locale
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

try:
    import readline
except ImportError:  # Windows: its console edits lines by itself.
    readline = None  # type: ignore[assignment]

# What does nothing that is seen. A macro, even an empty one, waits for the next key, and is deaf to Ctrl-C meanwhile.
_NOTHING = "set-mark"
# Without key sequences that complete names of files, and with pastes as one answer.
_BINDINGS = ("set enable-bracketed-paste on", f'"\\t": {_NOTHING}')
# Escape alone may be the beginning of an arrow: before Enter it leaves the question. What readline has for comments ends
# the line at once, with a mark of ours before it.
_LEAVING, _LEAVES = ('"\\e\\C-m"', '"\\e\\e\\C-m"'), "insert-comment"
LEFT = "\x1b"
# Between the pieces of a pasted text, and for all of them, in seconds.
PAUSE, LONGEST_PASTE = 0.03, 2.0
# As the standard library knows them.
_STDIN, _STDOUT, _STDERR = 0, 1, 2


class Line:
    """The edit line of one run of the program; one's own answers to a question come back with the arrows, and are kept
    nowhere else. Where it may be left with Escape, LEFT is the answer then.
    """

    def __init__(self, *, may_leave: bool = False) -> None:
        self._is_open = False
        self._answers: dict[str, list[str]] = {}
        self._may_leave = may_leave
        if readline is not None:
            readline.set_auto_history(False)
            for binding in (*_BINDINGS, f"set comment-begin {LEFT}"):
                readline.parse_and_bind(binding)

    def ask(self, title: str, old: str = "", *, remember: bool = False) -> str:
        """One answer, without the spaces around it. `old` stands in the line to be edited.

        Raises EOFError where nothing more will come (Ctrl-D), KeyboardInterrupt.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        with _at_the_screen(), _as_unicode():
            if readline is not None:
                readline.clear_history()
                for one in self._answers.get(title, []):
                    readline.add_history(one)
                readline.set_pre_input_hook(_puts(old))
                for keys in _LEAVING:
                    # Once bound, they would leave every other line as well.
                    readline.parse_and_bind(f"{keys}: {_LEAVES if self._may_leave else _NOTHING}")
            self._is_open = True
            try:
                answer = input(f"{title}: ").strip()
            except ValueError:
                # NUL among what was pasted.
                answer = "\0"
            finally:
                if readline is not None:
                    readline.set_pre_input_hook(None)
        self._is_open = False
        if answer.startswith(LEFT):
            return LEFT
        if remember and answer and answer not in self._answers.setdefault(title, []):
            self._answers[title].append(answer)
        return answer

    @property
    def left(self) -> str:
        """What stands in a line that was left without an answer; nothing where the terminal itself has gone."""
        if readline is not None:
            return readline.get_line_buffer().strip() if self._is_open else ""
        return ""


def forget_typed_ahead() -> None:
    """Throws away what was typed or pasted beyond the last answer: it must answer nothing, and never reach the shell."""
    try:
        import termios
    except ImportError:
        return
    until = time.monotonic() + LONGEST_PASTE
    # A terminal that was closed has nothing any more.
    with suppress(OSError, termios.error):
        termios.tcflush(_STDIN, termios.TCIFLUSH)
        # A long text comes in pieces.
        while select.select([_STDIN], [], [], PAUSE)[0] and time.monotonic() < until:
            termios.tcflush(_STDIN, termios.TCIFLUSH)
        termios.tcflush(_STDIN, termios.TCIFLUSH)


@contextmanager
def terminal_kept() -> Iterator[None]:
    """Leaves the terminal as it was, however another program that had it for a while has ended."""
    try:
        import termios
    except ImportError:
        yield
        return
    try:
        before = termios.tcgetattr(_STDIN)
    except (OSError, termios.error):
        # There is none.
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError, termios.error):
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, before)


def _puts(old: str) -> Callable[[], None] | None:
    if not old:
        return None

    def hook() -> None:
        readline.insert_text(old)
        readline.redisplay()

    return hook


@contextmanager
def _at_the_screen() -> Iterator[None]:
    """Questions stand on the screen, where stderr is, though the answer may go to a file: readline writes to stdout."""
    kept = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    try:
        yield
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)


@contextmanager
def _as_unicode() -> Iterator[None]:
    """Readline asks the environment how letters are written; where it names no encoding for Thai, the program speaks
    UTF-8 all the same.
    """
    before: dict[str, Any] = {"LC_ALL": os.environ.get("LC_ALL")}
    kept = locale.setlocale(locale.LC_CTYPE)
    try:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, "")
        if locale.nl_langinfo(locale.CODESET).upper() != "UTF-8" and sys.stdin.encoding.upper() == "UTF-8":
            os.environ["LC_ALL"] = "C.UTF-8"
        yield
    finally:
        if before["LC_ALL"] is None:
            os.environ.pop("LC_ALL", None)
        else:
            os.environ["LC_ALL"] = before["LC_ALL"]
        locale.setlocale(locale.LC_CTYPE, kept)
