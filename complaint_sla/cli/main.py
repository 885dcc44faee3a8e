"""The program: its options, the list of its commands, and the one place where errors become words and exit codes."""

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Annotated, Any, Self

import typer
from typer import Option
from typer.exceptions import TyperException

from complaint_sla import __version__
from complaint_sla.cli import usage
from complaint_sla.cli.terminal import Terminal, let_go_of
from complaint_sla.cli.usage import Commands, Group
from complaint_sla.core.errors import BadValue, Error, ReadTakenBack
from complaint_sla.settings import language
from complaint_sla.wording import N_, Words, screening

PROGRAM = "complaint-sla"
USAGE = 2
UNSAID = 1
BUG = 70
# So many seconds are waited before a read that the server took back begins anew: a standby is busy for as long as the
# primary clears up, a server that was started anew answers soon.
PAUSES = (0.5, 1.0, 2.0, 4.0)
INTERRUPTED = 130
# The options before the command that are followed by a value.
TAKE_VALUES = ("--db", "--rules", "--lang", "--as", "--now")
# Files of our own are named when they can't be written; what has no name is the output.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


# Every command in the order of `--help`: the room of its family, and what it is for.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "log": ("log", N_("Log a complaint; at a terminal, what is missing is asked for.")),
    "note": ("acts", N_("Add a note; the first of kind respond is the response time.")),
    "assign": ("acts", N_("Make somebody the owner of a complaint.")),
    "acknowledge": ("acts", N_("The customer was told that the complaint has been received.")),
    "transfer": ("acts", N_("Hand a complaint to another office; the deadline stays.")),
    "close": ("acts", N_("Close a complaint with its outcome.")),
    "reopen": ("acts", N_("Open an ended complaint again; its deadline stays.")),
    "withdraw": ("acts", N_("The customer has taken the complaint back.")),
    "duplicate": ("acts", N_("Mark a complaint as a duplicate of another.")),
    "reclassify": (
        "acts",
        N_(
            "Give another group, urgency, channel or category; the deadline counts from the original receipt."
        ),
    ),
    "correct": (
        "correct",
        N_("Correct what was typed wrongly; the deadline stays. At a terminal, each value can be edited."),
    ),
    "erase": (
        "person",
        N_("Erase who complained and in which words, for good; figures and audit stay intact."),
    ),
    "person": ("person", N_("A person's rights: what is held of them, over all complaints.")),
    "retention": ("person", N_("Erase what has been kept for the years that the settings say.")),
    "queue": ("queue", N_("One complaint after the other, worst first; one key does what is to be done.")),
    "list": ("look", N_("Complaints, earliest deadline first; the open ones unless asked otherwise.")),
    "today": (
        "today",
        N_(
            "The morning on one screen: what is late, due, without owner or untouched, each with its command."
        ),
    ),
    "find": (
        "look",
        N_(
            "Find by number, also another system's, telephone, account, e-mail, name, or words of the subject."
        ),
    ),
    "show": (
        "look",
        N_("All about one complaint: its deadline, what happened, who was alerted, what comes next."),
    ),
    "explain": ("look", N_("Why a deadline is what it is, day by day.")),
    "import": (
        "sheets",
        N_(
            "Take complaints in from a sheet, with our own columns or by what the office has; safe to repeat."
        ),
    ),
    "export": ("sheets", N_("Write all complaints to a sheet.")),
    "sweep": ("service", N_("Raise every alert that has newly become due. Safe to repeat.")),
    "deliver": ("service", N_("Send what waits in the outbox. Safe to repeat.")),
    "run": ("service", N_("The service: sweeps and delivers by the clock until it is stopped.")),
    "plan": ("plan", N_("The action plan: its activities and their marks, figures with their letters.")),
    "report": ("report", N_("The closure rate of a quarter, held against its target.")),
    "backup": ("backup", N_("Write a consistent copy of the whole database to one file.")),
    "restore": ("backup", N_("Take a backup into an empty database, SQLite or PostgreSQL.")),
    "audit": (
        "audit",
        N_("Re-derive deadlines, alerts, hashes and frozen figures; ends with 1 where they differ."),
    ),
    "journal": (
        "journal",
        N_("What was done that is no complaint's: people, offices, books, figures, exports; and by whom."),
    ),
    "init": ("setup", N_("Create the database, or upgrade an old one; says what to do next.")),
    "roles": ("roles", N_("The roles of PostgreSQL, as SQL: who may do what in the database itself.")),
    "doctor": ("doctor", N_("What is wrong or about to be, each with its cure.")),
    "demo": ("demo", N_("The whole job on sample data, in a throw-away folder; says where to look.")),
    "survey": ("survey", N_("Ask customers: finished requests in, whom the lot falls on, what they said.")),
    "office": ("offices", N_("The tree of offices.")),
    "staff": ("offices", N_("The people: who logs, who supervises, who manages.")),
    "mail": ("outbox", N_("The outbox: what waits, what went, what was refused.")),
    "rules": ("rules", N_("Rule books: check them, show them.")),
    "help": ("guide", N_("What a command does and which options it has, as COMMAND --help.")),
    "completion": ("guide", N_("Let Tab complete commands, options, keys and numbers in a shell.")),
}


class Program(Group):
    """All commands. A family is loaded when one of its commands is called, so that `--help` waits for none."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self._load(cmd_name, ctx.obj.words)
        return self.commands.get(cmd_name)

    def _load(self, name: str, words: Words) -> None:
        room, about = COMMANDS[name]
        family = Commands()
        import_module(f"complaint_sla.cli.{room}").register(family, words)
        # Typer looks at each parameter of a command that it makes: of the family, only the one that is called.
        family.keep(name)
        command = typer.main.get_group(family).commands[name]
        command.short_help = words(about)
        command.help = command.help or command.short_help
        self.commands[name] = command

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        words: Words = ctx.obj.words
        with formatter.section(words("Commands")):
            formatter.write_dl([(name, words(about)) for name, (_, about) in COMMANDS.items()])


def build(words: Words) -> Commands:
    """The commands, with their help in the language of `words`."""
    app = Commands(
        words(
            "Complaints, their deadlines, the alerts before and after them, and the quarter's closure rate."
        ),
        Program,
    )

    def show_version(asked: bool) -> None:
        if asked:
            print(f"{PROGRAM} {__version__}")
            raise typer.Exit

    @app.callback(no_args_is_help=True)
    def options(
        context: typer.Context,
        db: Annotated[str | None, Option(help=words("database URL"), metavar="URL")] = None,
        rules: Annotated[str | None, Option(help=words("folder of rule books"), metavar="DIR")] = None,
        lang: Annotated[str | None, Option(help=words("language: th or en"), metavar="th|en")] = None,
        acting: Annotated[str | None, Option("--as", help=words("who acts"), metavar="EMAIL")] = None,
        now: Annotated[str | None, Option(help=words("act as if it were then"), metavar="MOMENT")] = None,
        version: Annotated[
            bool,
            Option("--version", help=words("show the version"), callback=show_version, is_eager=True),
        ] = False,
    ) -> None:
        del version  # Its callback has answered.
        terminal: Terminal = context.obj
        terminal.options = {"db": db, "rules": rules, "lang": lang, "as": acting}
        terminal.now_text = now

    return app


def context(terminal: Terminal) -> typer.Context:
    """The program itself, for whoever looks at its commands and calls none."""
    command: Any = typer.main.get_command(build(terminal.words))
    return typer.Context(command, info_name=PROGRAM, obj=terminal, **command.context_settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code. Nothing but that and what is printed leaves here."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdin is None:
        # Closed: there is nobody who could be asked. First, since what is opened next takes its place.
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the program runs
    if sys.stdout is None or sys.stderr is None:
        # Whoever closed them wants to hear nothing; the exit code still says what came of it.
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the program runs
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show Thai gets escapes, not a crash.
        stream.reconfigure(errors=screening.NEAREST)  # type: ignore[union-attr]
    terminal = Terminal(Words("en"))
    # A refusal is told while the database is still open: in the zone of the books that are published there.
    with Stops() as stops:
        try:
            try:
                code = _answered(terminal, given)
            finally:
                with stops.unheard():
                    terminal.closing.close()
        except KeyboardInterrupt:
            code = INTERRUPTED
    return stops.code or code


def _answered(terminal: Terminal, given: list[str]) -> int:  # noqa: PLR0911 - one for each way to end
    words = terminal.words
    try:
        terminal.words = words = Words(_language(given))
        terminal.closing.enter_context(usage.speaking(words))
        result = _called(terminal, given)
        # What can't be written must be known now: when the interpreter ends, it is too late for an exit code.
        sys.stdout.flush()
        aside = terminal.tell_aside()
        _leave_for_tab(terminal)
        return int(result or 0) or aside
    except typer.Exit as leaving:
        return leaving.exit_code
    except TyperException as problem:
        return _usage(words, problem, given)
    except Error as problem:
        return _refuse(words, terminal, problem)
    except (KeyboardInterrupt, typer.Abort):
        # A terminal that was closed hears nothing any more.
        with suppress(OSError):
            print(file=sys.stderr)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Whoever read the output has had enough; nothing more can be said to them. Typer and Rich see it first, and
        # would end the program as if it had failed.
        let_go_of(sys.stdout)
        _say_aside(terminal)
        return 0
    except Exception as problem:  # noqa: BLE001 - whatever a bug raises ends here
        if isinstance(problem, OSError) and problem.filename is None and problem.errno in DISK_FULL:
            let_go_of(sys.stdout)
            code = _refuse(
                words, terminal, BadValue("file-unwritable", file="stdout", problem=problem.strerror)
            )
            return UNSAID if _say_aside(terminal) else code
        # Nobody waits for it otherwise.
        from complaint_sla.cli import bugs

        print(bugs.told(words, problem), file=sys.stderr)
        return BUG


def _called(terminal: Terminal, given: list[str]) -> Any:
    """The command is run; what only reads, and was taken back by the server before it said anything, is run again."""
    for pause in (*PAUSES, None):
        command = typer.main.get_command(build(terminal.words))
        terminal.tries_again = pause is not None
        try:
            return command.main(given, prog_name=PROGRAM, standalone_mode=False, obj=terminal)
        except ReadTakenBack:
            if pause is None or not terminal.may_begin_again:
                raise
            terminal.begin_again()
            time.sleep(pause)
    raise AssertionError("unreachable")


def _leave_for_tab(terminal: Terminal) -> None:
    """What the shell completes with, where a command was at work in an office. What goes wrong there is no fault of it."""
    if terminal.at is None:
        return
    with suppress(Exception):
        from complaint_sla.cli.completion import cache

        cache.keep(terminal, terminal.at)


class Stops:
    """SIGTERM, SIGHUP and SIGQUIT (Ctrl-\\) end a command as Ctrl-C does: what is in hand is taken back, and the terminal
    stays as it was. The service minds its own.
    """

    def __init__(self) -> None:
        # What a command ends with that was stopped, as shells have it; 0 as long as it is not.
        self.code = 0
        self._before: dict[int, Any] = {}
        self._puts_away = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
                number = getattr(signal, name, None)
                # Who is told not to listen (nohup) goes on.
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """What is put away is put away to its end, whoever says once more that it is to stop."""
        self._puts_away = True
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or before is None:
            yield
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _stop(self, number: int, _frame: object) -> None:
        if not self.code:
            self.code = 128 + number
            if not self._puts_away:
                raise KeyboardInterrupt
        # Said once is enough: what is being taken back is taken back to its end.


def _say_aside(terminal: Terminal) -> bool:
    """Says on the other stream what a command has done and could not say: a number is told to a customer. Whether it did."""
    if not terminal.is_done:
        return False
    with suppress(OSError):
        terminal.remark("It is done, and its answer could not be written:")
        for text in terminal.answered:
            terminal.tell(text)
    return True


def _language(arguments: Sequence[str]) -> str:
    wanted, rest = None, list(arguments)
    # Behind the command, --lang is the language of somebody's mails.
    while rest and rest[0].startswith("-"):
        name, given, value = rest.pop(0).partition("=")
        if name in TAKE_VALUES and not given:
            value = rest.pop(0) if rest else ""
        if name == "--lang":
            wanted = value
    return language({"lang": wanted}, os.environ)


def _usage(words: Words, problem: TyperException, given: Sequence[str]) -> int:
    # Who gets an answer need not wait for it.
    from complaint_sla.cli import slips

    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":
        print(problem.format_message())
        return USAGE
    if context is not None:
        print(context.get_usage(), file=sys.stderr)
        print(words("`{command} --help` shows what there is.", command=context.command_path), file=sys.stderr)
    print(words("Error: {message}", message=slips.said(words, problem, given)), file=sys.stderr)
    return USAGE


def _refuse(words: Words, terminal: Terminal, problem: Error) -> int:
    # Who gets an answer need not wait for the words of all errors.
    from complaint_sla.wording.messages import message

    terminal.remark("Error: {message}", message=message(words, problem, terminal.known_zone))
    return problem.exit_code
