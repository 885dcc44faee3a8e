"""`log` at a terminal: the call from the first question to the number, and what was typed kept where it does not come to that."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer

from complaint_sla.cli import answers, asking
from complaint_sla.cli.line import forget_typed_ahead
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import BadValue, DatabaseUnusable, Error, NotFound
from complaint_sla.core.masking import masked
from complaint_sla.settings import drafts_folder
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work.complaints import log
from complaint_sla.work.complaints.log import Logged
from complaint_sla.work.counter import deed, drafts
from complaint_sla.work.counter.deed import Done
from complaint_sla.work.counter.drafts import Draft
from complaint_sla.work.counter.questions import Form, Part
from complaint_sla.work.desk import Desk

# With a customer on the telephone nobody waits in silence for longer.
PATIENCE = 5
INTERRUPTED = 130
_STOPS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
Result = TypeVar("Result")


def take(
    terminal: Terminal,
    desk: Desk,
    given: Mapping[str, str | None],
    urgent: bool | None,
    received_at: datetime | None,
) -> None:
    """Asks for what is missing, and logs; or adds to what the customer has told before. Raises BadValue for what was
    given."""
    said = {**given, "urgent": None if urgent is None else "y" if urgent else "n"}
    form = Form.begin(desk, said, received_at)
    external_id = form.values.get("external_id")
    known = log.logged_before(desk, external_id) if external_id is not None else None
    if known is not None:
        answers.logged(terminal, desk, known, json=False)
        return
    draft = Draft(desk.store.identity, desk.actor, {})
    for one in _kept(desk)[:1]:
        terminal.remark(
            "What you typed at {moment} was not logged: complaint-sla log --recover",
            moment=terminal.words.moment(one.kept_at or desk.now, terminal.zone),
        )
    if not form.whole:
        terminal.remark("A single < goes back one question.")
    Call(terminal, desk, form, draft).run()


def recover(terminal: Terminal, given: Mapping[str, str | None], urgent: bool | None, *, json: bool) -> None:
    """Goes on with what was kept. Raises BadValue (`one-of-two`, `recover-unasked`), NotFound (`no-draft`)."""
    for name, value in {**given, "urgent": urgent}.items():
        if value is not None:
            raise BadValue("one-of-two", one="--recover", two=f"--{name.replace('_', '-')}")
    if json or not terminal.can_ask:
        raise BadValue("recover-unasked")
    desk = terminal.desk(writes=True)
    found = [(one, form) for one in _kept(desk) if (form := _form(desk, one)) is not None]
    if not found:
        raise NotFound("no-draft")
    draft, form = found[0] if len(found) == 1 else found[_which(terminal, found)]
    for problem in form.lost:
        asking.tell(terminal, problem)
    Call(terminal, desk, form, draft).run()


def _kept(desk: Desk) -> list[Draft]:
    """What whoever acts has kept, newest first, after what is too old was taken away."""
    folder = drafts_folder()
    if folder is None:
        return []
    drafts.clear(folder, desk.clock())
    return drafts.found(folder, desk.store.identity, desk.actor)


def _form(desk: Desk, draft: Draft) -> Form | None:
    try:
        return Form.resume(desk, draft.form)
    except (LookupError, TypeError, ValueError, AttributeError):
        # Of another release, or changed by a hand.
        return None


def _which(terminal: Terminal, found: list[tuple[Draft, Form]]) -> int:
    for number, (_, form) in enumerate(found, 1):
        values = masked(form.values)
        said = [values.get(name) for name in (Part.PHONE, Part.CUSTOMER, Part.SUBJECT)]
        moment = terminal.words.moment(form.began, terminal.zone)
        terminal.tell(
            terminal.cut(f"{number:3} {' · '.join([moment, *(plain(one) for one in said if one)])}")
        )
    return asking.one_of(terminal, terminal.words("Which one? (Enter: 1)"), len(found)) - 1


class Call:
    """One call. What was typed is kept unless it is logged, however it ends."""

    def __init__(self, terminal: Terminal, desk: Desk, form: Form, draft: Draft) -> None:
        self._terminal, self._desk, self._form, self._draft = terminal, desk, form, draft
        desk.store.patience = PATIENCE

    def run(self) -> None:
        """Raises typer.Exit where it does not come to an end."""
        try:
            done = self._done()
            self._answer(done)
        finally:
            # Nothing that was pasted or typed ahead reaches the shell.
            forget_typed_ahead()

    def _done(self) -> Done:
        try:
            done = self._asked()
        except (KeyboardInterrupt, typer.Abort):
            with _undisturbed():
                self._terminal.tell("")
                self._keep()
            raise typer.Exit(INTERRUPTED) from None
        except Error as problem:
            text = message(self._terminal.words, problem, self._terminal.known_zone)
            self._terminal.remark("Error: {message}", message=text)
            self._keep()
            raise typer.Exit(problem.exit_code) from None
        except Exception:
            self._keep()
            raise
        if self._draft.path is not None:
            drafts.forget(self._draft.path)
        return done

    def _asked(self) -> Done:
        form = self._form
        if self._draft.tried_at is not None and not form.lost:
            # Before anything is asked: all of it had been answered.
            done = self._patiently(self._done_before)
            if done is not None:
                return done
        while True:
            part = form.next()
            if part is not None:
                self._patiently(partial(asking.question, self._terminal, form, part))
            elif form.act is not None or form.whole or asking.last_look(self._terminal, form):
                try:
                    return self._patiently(self._finish)
                except BadValue as problem:
                    wrong = form.part_of(problem)
                    if wrong is None:
                        raise
                    asking.tell(self._terminal, problem)
                    form.ask_again(wrong)

    def _finish(self) -> Done:
        """Logs it once: what may have been done before its answer was lost is looked for first."""
        # The questions have taken minutes.
        self._desk.store.require_same()
        if self._draft.path is not None:
            self._draft = drafts.read(self._draft.path) or _gone()
        done = self._done_before()
        if done is not None:
            return done
        self._draft = replace(self._draft, tried_at=self._draft.tried_at or self._desk.clock())
        if self._draft.path is not None:
            self._write()
        return deed.do(self._form)

    def _done_before(self) -> Done | None:
        tried_at = self._draft.tried_at
        return deed.done_since(self._form, tried_at) if tried_at is not None else None

    def _patiently(self, job: Callable[[], Result]) -> Result:
        """Does what needs the database, again and again for as long as somebody wants it."""
        while True:
            try:
                return job()
            except DatabaseUnusable as problem:
                asking.tell(self._terminal, problem)
                forget_typed_ahead()
                asking.ask(self._terminal.words("Enter: try again · Ctrl-C: keep it for later"))

    def _answer(self, done: Done) -> None:
        terminal, desk = self._terminal, self._desk
        if isinstance(done, Logged):
            answers.logged(terminal, desk, done, json=False, shown_before=True)
            answers.elsewhere(terminal, done.elsewhere)
            answers.silent(terminal, desk)
            return
        words, act = terminal.words, self._form.act
        is_note = act is not None and act[0] is Part.NOTE
        answers.changed(terminal, desk, done, words("noted") if is_note else words("open again"), json=False)
        if not is_note:
            answers.without_owner(terminal, done)

    def _keep(self) -> None:
        """Says that nothing was logged, and where that is which was typed."""
        terminal = self._terminal
        if self._desk.store.has_written:
            # It was, and the answer is all that is missing.
            return
        part, left = self._form.next(), asking.line().left
        if part is not None and left:
            self._form.half[part] = left
        if not self._form.has_typed and not self._form.half:
            terminal.remark("Nothing was logged.")
            return
        try:
            path = self._write()
        except (OSError, BadValue) as problem:
            why = problem.strerror if isinstance(problem, OSError) else message(terminal.words, problem, None)
            terminal.remark(
                "Nothing was logged, and what you typed could not be kept: {problem}", problem=why
            )
            return
        terminal.remark(
            "Nothing was logged. What you typed is kept for a day in {file}. To go on: complaint-sla log --recover",
            file=plain(str(path)),
        )

    def _write(self) -> Path:
        folder = drafts_folder()
        if folder is None:
            raise BadValue("nowhere-for-drafts")
        path = drafts.keep(folder, replace(self._draft, form=self._form.kept()))
        self._draft = replace(self._draft, path=path)
        return path


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What is being kept is kept to its end: whoever says again that it is to stop is heard then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    numbers = [number for name in _STOPS if (number := getattr(signal, name, None)) is not None]
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number in heard:
        signal.raise_signal(number)


def _gone() -> Draft:
    """Somebody at another terminal has gone on with it. Raises NotFound (`no-draft`)."""
    raise NotFound("no-draft")
