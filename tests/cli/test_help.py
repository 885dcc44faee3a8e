"""Help: every command and option has it, in either language, and asking for it costs next to nothing."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import typer

from complaint_sla.cli.main import COMMANDS, build
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words
from tests.cli.runner import Program, log_command, real, run

PROMISED = {
    "init", "office add", "office set", "office list", "staff add", "staff set", "staff list", "staff away",
    "staff retire", "log", "list", "today", "find", "show", "note", "assign", "acknowledge", "transfer", "close", "reopen",
    "withdraw", "duplicate", "reclassify", "correct", "explain", "import", "export", "sweep", "deliver", "run", "mail list",
    "mail show", "mail retry", "mail test", "report", "rules check", "rules show", "erase", "audit",
    "doctor", "backup", "restore", "demo", "person show", "person export", "person erase", "retention", "queue",
    "plan show", "plan enter", "plan due", "plan import", "plan export", "plan freeze",
}  # fmt: skip


def commands(context: typer.Context, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    group: Any = context.command
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(typer.Context(command, parent=context), (*path, name))


def tree(lang: str) -> list[tuple[tuple[str, ...], Any]]:
    words = Words(lang)
    return list(commands(typer.Context(typer.main.get_command(build(words)), obj=Terminal(words))))


def test_the_list_of_commands_names_every_command_with_the_family_that_has_it() -> None:
    for room in {room for room, _ in COMMANDS.values()}:
        family = Commands()
        import_module(f"complaint_sla.cli.{room}").register(family, Words("en"))
        listed = [name for name, (of, _) in COMMANDS.items() if of == room]
        assert sorted(typer.main.get_group(family).commands) == sorted(listed)


def test_every_command_that_is_promised_is_there() -> None:
    assert {" ".join(path) for path, _ in tree("en")} >= PROMISED


def test_every_command_and_option_has_help_in_either_language(lang: str) -> None:
    english = dict(tree("en"))
    for path, command in tree(lang):
        assert command.help, path
        if lang == "th":
            assert command.help != english[path].help, path
        for parameter in command.params:
            assert getattr(parameter, "help", None), (path, parameter.name)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_printed_for_every_command(lang: str, flag: str) -> None:
    for path, command in tree(lang):
        answer = run(["--lang", lang, *path, flag])
        assert (answer.code, answer.err) == (0, ""), path
        assert f"complaint-sla {' '.join(path)}" in answer.out
        for parameter in command.params:
            for name in parameter.opts:
                if name.startswith("--"):
                    assert name in answer.out, (path, name)
        assert "\x1b" not in answer.out


def test_help_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", "80")
    for path, _ in [((), None), *tree(lang)]:
        for line in run(["--lang", lang, *path, "--help"]).out.splitlines():
            assert cell_len(line) <= 80, (path, line)


def test_no_command_at_all_shows_what_there_is() -> None:
    answer = run([])

    assert answer.code == 2
    assert "Commands:" in answer.out


def imported(*arguments: str) -> set[str]:
    """The top-level modules that a command imports in a process of its own."""
    answer = real(*arguments, python=["-X", "importtime"])
    assert answer.code == 0, answer.err
    lines = (line for line in answer.err.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


SLOW = {
    "sqlmodel", "sqlalchemy", "rich", "jinja2", "aiosmtplib", "apscheduler", "holidays", "alembic", "pydantic",
    "psycopg",
}  # fmt: skip


def test_help_waits_for_nothing_slow() -> None:
    found = imported("--help")

    assert "complaint_sla" in found
    assert found & SLOW == set()


def test_logging_waits_for_nothing_that_it_does_not_need(sqlite_program: Program) -> None:
    found = imported("--db", sqlite_program.url, *log_command())

    assert "sqlmodel" in found
    assert found & (SLOW - {"sqlmodel", "sqlalchemy", "pydantic"}) == set()
