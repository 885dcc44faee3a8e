"""The program: its options before the command, its commands, and the one place where errors become words and exit codes."""

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated, TextIO

import typer
from typer.exceptions import TyperException

from complaint_sla import __version__
from complaint_sla.cli import (
    auditing,
    casework,
    erasing,
    exchange,
    keeping,
    letterbox,
    lookup,
    people,
    reporting,
    rulebooks,
    service,
    upkeep,
    usage,
)
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.wording import Words

PROGRAM = "complaint-sla"
USAGE = 2
BUG = 70
INTERRUPTED = 130
# The options before the command that are followed by a value.
TAKE_VALUES = ("--db", "--rules", "--lang", "--as", "--now")
# Files of our own are named when they can't be written; what has no name is the output.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def build(words: Words) -> Commands:
    """The commands, with their help in the language of `words`."""
    app = Commands(
        words(
            "Complaints, their deadlines, the alerts before and after them, and the quarter's closure rate."
        )
    )

    def show_version(asked: bool) -> None:
        if asked:
            print(f"{PROGRAM} {__version__}")
            raise typer.Exit

    @app.callback(no_args_is_help=True)
    def options(
        context: typer.Context,
        db: Annotated[str | None, typer.Option(help=words("database URL"), metavar="URL")] = None,
        rules: Annotated[str | None, typer.Option(help=words("folder of rule books"), metavar="DIR")] = None,
        lang: Annotated[str | None, typer.Option(help=words("language: th or en"), metavar="th|en")] = None,
        acting: Annotated[str | None, typer.Option("--as", help=words("who acts"), metavar="EMAIL")] = None,
        now: Annotated[
            str | None, typer.Option(help=words("act as if it were then"), metavar="MOMENT")
        ] = None,
        version: Annotated[
            bool,
            typer.Option("--version", help=words("show the version"), callback=show_version, is_eager=True),
        ] = False,
    ) -> None:
        del version  # Its callback has answered.
        terminal: Terminal = context.obj
        terminal.options = {"db": db, "rules": rules, "lang": lang, "as": acting}
        terminal.now_text = now

    families = (
        casework,
        erasing,
        lookup,
        people,
        exchange,
        letterbox,
        service,
        reporting,
        rulebooks,
        keeping,
        auditing,
        upkeep,
    )
    for family in families:
        family.register(app, words)
    return app


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one for each way to end
    """Runs one command and returns its exit code. Nothing but that and what is printed leaves here."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None or sys.stderr is None:
        # Whoever closed them wants to hear nothing; the exit code still says what came of it.
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the program runs
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show Thai gets escapes, not a crash.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    words = Words("en")
    terminal = Terminal(words)
    try:
        terminal.words = words = Words(_language(given))
        usage.speak(words)
        with terminal.closing:
            command = typer.main.get_command(build(words))
            result = command.main(given, prog_name=PROGRAM, standalone_mode=False, obj=terminal)
            # What can't be written must be known now: when the interpreter ends, it is too late for an exit code.
            sys.stdout.flush()
            aside = terminal.tell_aside()
            return int(result or 0) or aside
    except typer.Exit as leaving:
        return leaving.exit_code
    except TyperException as problem:
        return _usage(words, problem)
    except Error as problem:
        return _refuse(words, terminal, problem)
    except (KeyboardInterrupt, typer.Abort):
        print(file=sys.stderr)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Whoever read the output has had enough; nothing more can be said to them. Typer and Rich see it first, and
        # would end the program as if it had failed.
        _let_go_of(sys.stdout)
        return 0
    except Exception as problem:  # noqa: BLE001 - whatever a bug raises ends here
        if isinstance(problem, OSError) and problem.filename is None and problem.errno in DISK_FULL:
            _let_go_of(sys.stdout)
            return _refuse(
                words, terminal, BadValue("file-unwritable", file="stdout", problem=problem.strerror)
            )
        from complaint_sla.cli import bugs

        print(bugs.told(words, problem), file=sys.stderr)
        return BUG


def _let_go_of(stream: TextIO) -> None:
    """What is still to be written goes nowhere, so that the interpreter does not stumble over it as it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _language(arguments: Sequence[str]) -> str:
    from complaint_sla.settings import language

    wanted, rest = None, list(arguments)
    # Behind the command, --lang is the language of somebody's mails.
    while rest and rest[0].startswith("-"):
        name, given, value = rest.pop(0).partition("=")
        if name in TAKE_VALUES and not given:
            value = rest.pop(0) if rest else ""
        if name == "--lang":
            wanted = value
    return language({"lang": wanted}, os.environ)


def _usage(words: Words, problem: TyperException) -> int:
    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":
        print(problem.format_message())
        return USAGE
    if context is not None:
        print(context.get_usage(), file=sys.stderr)
        print(words("`{command} --help` shows what there is.", command=context.command_path), file=sys.stderr)
    print(words("Error: {message}", message=usage.said(words, problem)), file=sys.stderr)
    return USAGE


def _refuse(words: Words, terminal: Terminal, problem: Error) -> int:
    from complaint_sla.wording.messages import message

    try:
        zone = terminal.zone
    except Error:
        # The books themselves may be what is wrong.
        zone = None
    terminal.tell(words("Error: {message}", message=message(words, problem, zone)))
    return problem.exit_code
