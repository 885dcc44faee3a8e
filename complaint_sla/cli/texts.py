"""Texts that are given to a command: as they are, from a file or standard input, from an editor, or line by line."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from complaint_sla.cli.line import Line, terminal_kept
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.keyboard import yes_or_no
from complaint_sla.files import NotTextError, text_of
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain

STDIN = "-"
_FILE = "@"
# No character takes more bytes; one more than is kept is too many.
_MOST_BYTES = 4 * (fields.PAGE + 1)
# Where nobody has said which; the last is that of Windows.
_EDITORS = ("editor", "nano", "vi", "notepad")


def standard_input(name: str, most: int | None = None) -> str:
    """All that comes on standard input. Raises BadValue: `input-not-utf8`, `too-long`."""
    raw = b"" if sys.stdin is None else sys.stdin.buffer.read(-1 if most is None else most)
    return _decoded(raw, "stdin", name, most)


def read(given: str, name: str, *, stdin_is_taken: bool = False) -> str:
    """What is meant by a text that was given: `-` is standard input, `@FILE` what is in a file, `@@…` begins with an @.

    Raises BadValue: `input-twice`, `input-not-utf8`, `text-unreadable`, `too-long`.
    """
    if given == STDIN:
        if stdin_is_taken:
            raise BadValue("input-twice", name=name)
        return standard_input(name, _MOST_BYTES)
    if given.startswith(_FILE * 2) or not given.startswith(_FILE) or given == _FILE:
        return given.removeprefix(_FILE) if given.startswith(_FILE * 2) else given
    file = Path(given.removeprefix(_FILE))
    try:
        return _from_file(file, name)
    except (OSError, ValueError) as problem:
        why = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
        raise BadValue("text-unreadable", value=given, file=str(file), problem=why) from None


def _from_file(file: Path, name: str) -> str:
    """Raises BadValue, OSError, ValueError for what is no name of a file."""
    with file.open("rb") as opened:
        return _decoded(opened.read(_MOST_BYTES), str(file), name, _MOST_BYTES)


def _decoded(raw: bytes, file: str, name: str, most: int | None) -> str:
    if most is not None and len(raw) >= most:
        raise BadValue("too-long", name=name, length=f"> {fields.PAGE}", most=fields.PAGE)
    try:
        return text_of(raw)
    except NotTextError:
        raise BadValue("input-not-utf8", file=file) from None


class Text:
    """A text that a command needs: given, or still to be written by whoever sits there.

    `name` is its option or argument, `title` what it is asked for with. Raises BadValue as `read`, and `missing-option`
    where nobody can be asked.
    """

    def __init__(
        self,
        terminal: Terminal,
        name: str,
        title: str,
        given: str | None,
        *,
        edit: bool = False,
        can_ask: bool,
        stdin_is_taken: bool = False,
    ) -> None:
        self._terminal, self._name, self._title, self._edit = terminal, name, title, edit
        self._given = read(given, name, stdin_is_taken=stdin_is_taken) if given is not None else None
        if given is None and not edit and not can_ask:
            raise terminal.missing(name)

    @property
    def is_missing(self) -> bool:
        """Whether it is still to be written."""
        return self._given is None or self._edit

    @contextmanager
    def said(self) -> Iterator[str]:
        """The text, for what is done with it; what was written for it is kept where that fails.

        Raises BadValue: `no-editor`, `editor-failed`, `empty-text`, and as `fields.page` does.
        """
        if self._given is not None and not self.is_missing:
            yield self._given
            return
        file = _draft(self._given or "")
        try:
            if self._edit:
                text = _from_editor(file, self._name)
            else:
                text = asked(self._terminal, self._title, self._name)
                file.write_text(text, encoding="utf-8")
            yield fields.page(self._name, text)
        except BaseException:
            if file.is_file() and file.stat().st_size:
                self._terminal.remark("What you wrote is kept in {file}", file=plain(str(file)))
            else:
                with suppress(OSError):
                    file.unlink()
            raise
        file.unlink(missing_ok=True)


def _draft(text: str) -> Path:
    """A file that nobody else reads."""
    number, name = tempfile.mkstemp(prefix="complaint-sla-", suffix=".txt")
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _from_editor(file: Path, name: str) -> str:
    """What has been written in the editor. It may have put something else in the place of the file, or nothing."""
    editor = _opened_in_editor(file)
    try:
        return _from_file(file, name)
    except OSError:
        raise BadValue("editor-failed", editor=editor) from None


def _opened_in_editor(file: Path) -> str:
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR") or next(filter(shutil.which, _EDITORS), "")
    if not wanted.strip():
        raise BadValue("no-editor")
    try:
        editor = subprocess.Popen([*shlex.split(wanted), str(file)])  # noqa: S603 - whoever sits here has named it
    except (OSError, ValueError):
        raise BadValue("editor-failed", editor=wanted) from None
    with _deaf_to_keys(), terminal_kept():
        if editor.wait():
            raise BadValue("editor-failed", editor=wanted)
    return wanted


@contextmanager
def _deaf_to_keys() -> Iterator[None]:
    """Ctrl-C and Ctrl-\\ are the editor's, which the terminal tells as well."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [
        number for name in ("SIGINT", "SIGQUIT") if (number := getattr(signal, name, None)) is not None
    ]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def asked(terminal: Terminal, title: str, name: str) -> str:
    """A text of several lines, which an empty one ends; asked again until it says something that can be kept."""
    while True:
        lines = [_answer(terminal, terminal.words("{title} (an empty line ends it)", title=title))]
        while lines[-1]:
            lines.append(_answer(terminal, "…"))
        try:
            return fields.page(name, "\n".join(lines))
        except Error as problem:
            _tell(terminal, problem)


def chosen(terminal: Terminal, title: str, meant: Callable[[str], str]) -> str:
    """What is meant by an answer; asked again until it means one. `meant` raises BadValue."""
    while True:
        try:
            return meant(_answer(terminal, title))
        except Error as problem:
            _tell(terminal, problem)


def agreed(terminal: Terminal, question: str) -> bool:
    """Yes or no, in either language and on either keyboard; Enter is no."""
    while True:
        try:
            return yes_or_no(_answer(terminal, question)) == "y"
        except Error as problem:
            _tell(terminal, problem)


def _answer(terminal: Terminal, title: str) -> str:
    try:
        return Line().ask(title)
    except (EOFError, KeyboardInterrupt):
        terminal.remark("\nNothing was changed.")
        raise KeyboardInterrupt from None


def _tell(terminal: Terminal, problem: Error) -> None:
    terminal.tell(message(terminal.words, problem, terminal.known_zone))
