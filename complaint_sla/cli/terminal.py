"""One invocation: its options, its words, its streams; the office is opened by `complaint_sla.opening`."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.settings import Settings, load
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import REHEARSAL

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from complaint_sla.cli.screen import Screen
    from complaint_sla.core.identity import SystemUser
    from complaint_sla.core.rulebook import Shelf
    from complaint_sla.opening import Opening
    from complaint_sla.store.engine import Store
    from complaint_sla.work.desk import Aside, Desk

# As many broken things as are named one by one; `audit` names all.
MOST_TOLD = 10


def real_clock() -> datetime:
    """The one reading of the clock in the program."""
    return datetime.now(UTC)


def let_go_of(stream: TextIO) -> None:
    """What is still to be written goes nowhere, so that the interpreter does not stumble over it as it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@dataclass
class Terminal:
    """What a command needs from outside. Settings, books and database are opened when they are first asked for."""

    words: Words
    options: Mapping[str, str | None] = field(default_factory=dict)
    now_text: str | None = None
    # Which command is called, by its names, with its options; None for what calls none.
    called: tuple[str, Mapping[str, Any]] | None = None
    # As whoever called the program has it; while a command runs we set some of it for others.
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    closing: ExitStack = field(default_factory=ExitStack)
    aside: "list[Aside]" = field(default_factory=list)
    # Where what is said on stderr goes instead; the service writes a log.
    voice: Callable[[str], None] | None = None
    # Whether something was done that outlasts the command, beside what the database has committed.
    has_acted: bool = field(default=False, init=False)
    # What was answered, of a command that writes: it is told on the other stream where the answer can't be written.
    answered: list[str] = field(default_factory=list, init=False)
    _writes: bool = field(default=False, init=False)
    _is_marked: bool = field(default=False, init=False)
    # Whether a command that was taken back by the server is run once more.
    tries_again: bool = field(default=True, init=False)
    # Whether anything of the answer has been said.
    _has_said: bool = field(default=False, init=False)
    # The desk that the command works at; None as long as it has none.
    at: "Desk | None" = field(default=None, init=False)

    @cached_property
    def settings(self) -> Settings:
        settings = load(self.options, self.environment, self.system_user.person)
        if settings.passed_over is not None:
            self.remark(
                "The configuration {file} can't be read, and is passed over.",
                file=plain(str(settings.passed_over)),
            )
        return settings

    @cached_property
    def system_user(self) -> "SystemUser":
        # `--help` asks nobody who they are.
        from complaint_sla import identity

        return identity.system_user(os.environ)

    @cached_property
    def opening(self) -> "Opening":
        # It reads rule books: `--help` needs none.
        from complaint_sla import identity
        from complaint_sla.opening import Opening

        def masters(file: Path) -> bool:
            return identity.masters(file, os.environ)

        opening = Opening(self.settings, real_clock, self.system_user, masters)
        self.closing.callback(opening.close)
        return opening

    @cached_property
    def shelf(self) -> "Shelf":
        """The rule books in force."""
        return self.opening.in_force[0]

    @property
    def zone(self) -> "ZoneInfo":
        return self.shelf.zone

    @property
    def known_zone(self) -> "ZoneInfo | None":
        """The zone, or None if the rule books can't be used: that must not keep a command from saying so."""
        try:
            return self.zone
        except Error:
            return None

    @cached_property
    def now(self) -> datetime:
        """The moment at which the command acts: --now, or the real one."""
        from complaint_sla.core.calendars import parse_moment

        now = real_clock()
        return now if self.now_text is None else parse_moment(self.now_text, self.zone, now)

    def store(self, *, writes: bool = False) -> "Store":
        """The database, for what needs no rule book. Raises DatabaseUnusable, and as `desk` does."""
        return self.store_is(self.opening.store, writes=writes)

    def store_is(self, store: "Store", *, writes: bool) -> "Store":
        """The database from now on, which the command may have made. Raises NotPossible: `now-in-earnest`, as `permit`."""
        self.opening.keep(store)
        if not store.is_new:
            self.permit()
        if writes:
            self.require_real_time(store.shown_url, rehearsal=store.is_rehearsal)
            store.require_writable()
            self._writes = True
        if store.is_rehearsal and not self._is_marked:
            self._is_marked = True
            self.remark(REHEARSAL)
        return store

    @property
    def is_done(self) -> bool:
        """Whether what the command was for has been done, and stays so: doing it again would do it twice."""
        return self.has_acted or (self._writes and self.opening.store.has_written)

    @property
    def may_begin_again(self) -> bool:
        """Whether the command has only read so far, and nobody has seen any of its answer."""
        return self.tries_again and not (
            self._writes or self.has_acted or self._has_said or "console" in vars(self)
        )

    def begin_again(self) -> None:
        """The command is run anew in this terminal, on the database that is open."""
        self.remark("The server has ended the reading, and it begins again.")
        self.aside.clear()

    def permit(self) -> None:
        """Refuses what whoever works here may not, before anything is asked or changed. Raises as `Standing.require`."""
        if self.called is None:
            return
        from complaint_sla.cli import permits

        for action in permits.actions(*self.called):
            self.opening.standing.require(action, self.opening.permissions)

    def missing(self, name: str) -> BadValue:
        """That an option or argument was not given, where nobody can be asked for it: with the whole line."""
        from complaint_sla.cli.options import FORMS

        command = self.called[0] if self.called is not None else ""
        return BadValue("missing-option", name=name, example=f"complaint-sla {FORMS[command]}")

    def permit_upgrade(self, url: str) -> None:
        """Refuses whoever does not own the file of a database that is there; a server refuses by itself. Raises NotPossible.

        An older one can't be asked for more.
        """
        from complaint_sla.core.permissions import AccessRole, Action, Ground, Permissions, Standing
        from complaint_sla.store import sqlitefile

        file = sqlitefile.named(url)
        # Who may not even write to it is told which file it is, by whoever opens it.
        if file is not None and os.access(file, os.W_OK) and not self.opening.masters(file):
            standing = Standing(self.system_user.person, AccessRole.READER, Ground.FILE_OF_OTHERS)
            standing.require(Action.ADMINISTER, Permissions())

    def require_real_time(self, shown_url: str, *, rehearsal: bool) -> None:
        """Refuses to write into what is real with --now. Raises NotPossible (`now-in-earnest`)."""
        if self.now_text is not None and not rehearsal:
            # What was done at another time would silence what is due now.
            raise NotPossible("now-in-earnest", url=shown_url)

    def desk(self, *, writes: bool) -> "Desk":
        """The desk. A command that writes refuses --now in a real database (NotPossible, `now-in-earnest`)."""
        self.store(writes=writes)
        desk = self.opening.desk(self.now, self.aside)
        if self.options.get("rules") is not None:
            self.remark(
                "--rules names drafts; what decides is what was published: complaint-sla rules publish"
            )
        if desk.drafts is not None:
            self._look_at_drafts(desk.drafts)
        if self.now_text is not None and not writes:
            self._tell_if_recorded_since(desk)
        if writes:
            self._mind_who_acts(desk)
        self.at = desk
        return desk

    def renewed(self, desk: "Desk") -> "Desk":
        """The desk for what the same command does next: of that moment, with what is in force by then; --now stays.

        Raises as `Store.require_same`, and as `desk` does.
        """
        desk.store.require_same()
        later = replace(desk.renewed(), aside=self.aside)
        return later if self.now_text is None else later.at(self.now)

    def _mind_who_acts(self, desk: "Desk") -> None:
        """Says that nobody has the address under which something is done: it may be mistyped, and stays on record."""
        actor = self.settings.actor
        if actor.source and "@" in actor.value:
            from complaint_sla.work.whom import nearly_acting

            near = nearly_acting(desk)
            if near:
                self.remark(
                    "Nobody on the staff is {email}. Did you mean {near}?", email=actor.value, near=near[0]
                )
            elif near is not None:
                self.remark(
                    "Nobody on the staff is {email}; it is recorded so all the same.", email=actor.value
                )

    def _tell_if_recorded_since(self, desk: "Desk") -> None:
        """Reading with --now dates the answer, and takes nothing back: who expects the past must not be misled."""
        from complaint_sla.store import complaints

        with desk.store.read() as session:
            last = complaints.last_event_at(session)
        if last is not None and desk.now < last:
            self.remark("--now is no look back: what was recorded since then is shown as it is today.")

    def _look_at_drafts(self, folder: Path) -> None:
        """Says that they can't be published as they are: whoever changed them believes that they hold."""
        try:
            self.opening.drafts  # noqa: B018 - read, to see whether they can
        except Error:
            self.remark(
                "The files in {folder} can't be published; what was published before holds. Why: complaint-sla rules check",
                folder=plain(str(folder)),
            )

    def moment(self, text: str | None) -> datetime | None:
        """A moment that was typed. Raises BadValue."""
        from complaint_sla.core.calendars import parse_moment

        return None if text is None else parse_moment(text, self.zone, self.now)

    def day(self, text: str) -> date:
        """A day that was typed. Raises BadValue."""
        from complaint_sla.core.calendars import local_day, parse_day

        return parse_day(text, local_day(self.now, self.zone))

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to be asked."""
        # One that was closed is no stream at all.
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def screen(self) -> "Screen":
        """As it is now: whoever sits at questions or a queue may have drawn the window wider or narrower."""
        # It loads what measures texts: `--help` and `log` need none of it.
        from complaint_sla.cli.screen import Screen

        return Screen.here()

    @property
    def width(self) -> int:
        return self.screen.width

    @cached_property
    def console(self) -> "Console":
        """Where tables are drawn; plain when it is no terminal."""
        from rich.console import Console

        return Console(width=self.width, highlight=False, markup=False, emoji=False, soft_wrap=False)

    def say(self, text: str) -> None:
        """The answer, on stdout. Line ends are kept, everything else that could steer the screen is shown as escapes."""
        self._keep_answer(text)
        self._has_said = True
        self._print(text, sys.stdout)

    def tell(self, text: str) -> None:
        """Messages and progress, on stderr. What can't be written there changes nothing in what was done."""
        if self.voice is not None:
            self.voice(text)
            return
        try:
            self._print(text, sys.stderr)
        except OSError:
            let_go_of(sys.stderr)

    def answer(self, text: str, /, **values: object) -> None:
        """The answer in words: an English text, said in the person's language with its `{places}` filled."""
        self.say(self.words(text, **values))

    def remark(self, text: str, /, **values: object) -> None:
        """A message in words."""
        self.tell(self.words(text, **values))

    def _print(self, text: str, stream: TextIO) -> None:
        lines = plain(text, keep="\n").split("\n")
        if stream.isatty():
            # A screen cuts lines in the middle of Thai words; what is indented is there to be copied.
            lines = [
                part for line in lines for part in ([line] if line.startswith(" ") else self.wrapped(line))
            ]
        print("\n".join(lines), file=stream)

    def cut(self, line: str) -> str:
        """A line that fits, ending in … if it had to be cut."""
        from complaint_sla.wording.width import cut

        return cut(line, self.width)

    def wrapped(self, line: str) -> list[str]:
        """A line, or as many as it takes."""
        from complaint_sla.wording.width import cells_wide, wrapped

        return [line] if cells_wide(line) <= self.width else wrapped(line, self.width)

    def answer_json(self, data: Any) -> None:
        """The one JSON document of a command."""
        text = self.json_text(data)
        self._keep_answer(text)
        self.say_text(f"{text}\n")

    def _keep_answer(self, text: str) -> None:
        # Lists may be long; what is done is told in a few lines.
        if self._writes or self.has_acted:
            self.answered.append(text)

    def json_text(self, data: Any) -> str:
        from zoneinfo import ZoneInfo

        from complaint_sla.contract import values

        return values.document(data, self.known_zone or ZoneInfo("UTC"))

    def tell_aside(self) -> int:
        """Says what the command went on without, for it is broken: 1 if there was anything, as an exit code."""
        if self.aside:
            from complaint_sla.wording.messages import reason

            for one in self.aside[:MOST_TOLD]:
                why = reason(self.words, one.problem, self.known_zone)
                self.remark("Set aside: {about}: {why}", about=one.about, why=why)
            if len(self.aside) > MOST_TOLD:
                self.remark("… and {n} more.", n=len(self.aside) - MOST_TOLD)
        return int(bool(self.aside))

    def say_text(self, content: str) -> None:
        """What a program will read, on stdout: in UTF-8 (RFC 8259, 8.1), whatever this terminal speaks."""
        # Halves of surrogate pairs come from file names that are no text: JSON knows the escape.
        self.say_bytes(content.encode(errors="backslashreplace"))

    def say_bytes(self, content: bytes) -> None:
        """A file's content on stdout, as it is."""
        self._has_said = True
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()

    def output(self, path: Path | None) -> Path | None:
        """Where an output is to go, before anything is done for it. Raises BadValue as `files.refuse` does."""
        from complaint_sla import files

        if path is not None:
            try:
                kept = self.opening.kept
            except Error:
                # Settings that can't be read are told by whoever needs them; a database is known by its content, too.
                kept = files.Kept()
            files.refuse(path, kept)
        return path

    def write_file(self, path: Path, content: str | bytes, *, private: bool) -> None:
        """Writes a whole file or leaves what was there. What lists cases is `private`. Raises as `output`, and
        BadValue (`file-unwritable`).
        """
        from complaint_sla import files

        self.output(path)
        mode = files.PRIVATE if private else files.SHARED
        with files.unwritable(path):
            files.write(path, content.encode() if isinstance(content, str) else content, mode)
