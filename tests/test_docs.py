"""The documentation is true: the README's transcript is run, every command stands in it, every option has help."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from complaint_sla.cli.main import PROGRAM, build
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.bookfile import read_book
from complaint_sla.core.servicefile import read_service
from complaint_sla.core.sheets.mapfile import read_map
from complaint_sla.wording import LANGUAGES, Words
from tests.cli.runner import real, run, without_mark

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def between(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n(.*?)<!-- /{mark} -->", README, re.DOTALL)
    assert found is not None, f"README.md has no {mark}"
    return found[1].strip().removeprefix("```console").removeprefix("```sh").removesuffix("```").strip("\n")


def steps(mark: str) -> list[tuple[str, str]]:
    """(command, what it prints) of a transcript."""
    parts = re.split(r"^\$ ", between(mark), flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2].rstrip()) for part in parts]


@pytest.mark.parametrize("mark", ["transcript", "plan transcript"])
def test_the_transcript_of_the_readme_is_what_the_program_prints(
    monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    first = "complaint-sla init --rehearsal"
    assert f"`{first}`" in README.partition("<!-- transcript -->")[0]
    assert real(*shlex.split(first)[1:]).code == 0
    for command, expected in steps(mark):
        program, *arguments = shlex.split(command)
        assert program == PROGRAM
        done = run(arguments)
        printed = done.out + without_mark(done.err)
        assert "\n".join(line.rstrip() for line in printed.rstrip().splitlines()) == expected, command


def commands(context: typer.Context, path: str = "") -> Iterator[tuple[str, typer.core.TyperCommand]]:
    group = context.command
    assert isinstance(group, typer.core.TyperGroup)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(typer.Context(command, parent=context), f"{path}{name} ")
        else:
            assert isinstance(command, typer.core.TyperCommand)
            yield f"{path}{name}", command


def program(language: str) -> typer.Context:
    words = Words(language)
    return typer.Context(typer.main.get_command(build(words)), obj=Terminal(words))


def test_every_command_stands_in_the_readme() -> None:
    families = {name.split()[0] for name, _ in commands(program("en"))}
    missing = [name for name in families if not re.search(rf"`[^`]*\b{name}\b[^`]*`", README)]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_option_has_help_in_both_languages(language: str) -> None:
    silent = [name for name, command in commands(program(language)) if not command.help]
    silent += [
        f"{name} {option.name}"
        for name, command in commands(program(language))
        for option in command.params
        if not getattr(option, "help", None)
    ]
    assert silent == []


def test_help_is_not_the_same_in_both_languages() -> None:
    thai = {name: command.help for name, command in commands(program("th"))}
    english = {name: command.help for name, command in commands(program("en"))}
    assert thai.keys() == english.keys()
    assert [name for name in thai if thai[name] == english[name]] == []


def test_the_readme_shows_a_map_a_rule_of_the_shipped_book_and_settings_that_a_book_may_have() -> None:
    rule, sheet_map, counting, report = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    shipped = (ROOT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    assert read_map(sheet_map, "readme.toml").columns["received_at"].time == "เวลา"
    assert rule in shipped
    head, _, rest = shipped.partition("[counting]\n")
    book = read_book(head + counting + rest[rest.index("[target]") :], "readme.toml", lambda *_: {})
    assert book.counting.working
    assert [day.isoformat() for day in book.counting.holidays] == ["2017-10-26"]
    assert read_service(report, "readme.toml", lambda *_: {}).reports[0].office == "BANSANG"


def test_the_first_command_leaves_a_program_that_is_found_as_all_others_call_it() -> None:
    [line] = re.findall(r"`(export PATH=[^`]*)`", README.partition("<!-- transcript -->")[0])
    venv = re.findall(r"-m venv (\S+)", between("demo command"))
    assert line == f'export PATH="$PWD/{venv[0]}/bin:$PATH"'


def test_the_two_commands_are_one_line_each() -> None:
    for mark in ("demo command", "test command"):
        assert len(between(mark).splitlines()) == 1


def test_the_pictures_of_the_readme_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert [name for name in pictures if not (ROOT / name).is_file()] == []


def test_every_room_of_the_house_has_its_line() -> None:
    house = README.partition("## The house")[2]
    package = ROOT / "complaint_sla"
    rooms = {
        path.stem
        for path in package.rglob("*.py")
        if not path.stem.startswith("_") and "migrations" not in path.parts
    }
    named = {name.rpartition("/")[2] for name in re.findall(r"`([a-z_/]+)`", house)}

    assert rooms <= named, sorted(rooms - named)
