"""The manual: a page for each command in either language, of the form that `man` reads, saying all that `--help` says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from complaint_sla.cli import manual
from complaint_sla.cli.main import COMMANDS, PROGRAM
from complaint_sla.wording import Words
from tests.test_docs import commands
from tests.test_docs import program as documented

SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO")
# What may begin a line: all that these pages use of roff.
REQUESTS = {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".BR", ".ad", ".nh"}


def plain(page: str) -> str:
    """What a page says, without what steers the typesetter."""
    return re.sub(r"\\f[BRIP]|\\&", "", page).replace("\\-", "-").replace("\\(aq", "'").replace("\\(ga", "`")


def test_there_is_a_page_for_the_program_and_for_each_command(tmp_path: Path) -> None:
    written = {str(path.relative_to(tmp_path)) for path in manual.write(tmp_path)}
    names = [PROGRAM, *(f"{PROGRAM}-{name}" for name in COMMANDS)]
    assert written == {f"{place}/{name}.1" for place in ("man1", "th/man1") for name in names}


def test_each_page_has_its_sections_and_nothing_that_the_typesetter_would_take_amiss(lang: str) -> None:
    words = Words(lang)
    for name, page in manual.pages(lang).items():
        lines = page.splitlines()
        assert lines[0].startswith(f".TH {name.upper().replace('-', chr(92) + '-')} 1 ")
        heads = [plain(line.removeprefix(".SH ")) for line in lines if line.startswith(".SH ")]
        assert [one for one in heads if one != words("COMMANDS")] == [words(one) for one in SECTIONS], name
        assert {line.split()[0] for line in lines if line.startswith(".")} <= REQUESTS, name
        assert [line for line in lines if not line or line.startswith("'") or "\\x" in line] == [], name
        # An item of a list is followed by what it means.
        for item, about in zip(lines, lines[2:], strict=False):
            assert item != ".TP" or not about.startswith("."), (name, about)


def test_each_page_says_what_the_help_says(lang: str) -> None:
    pages = {name: plain(page) for name, page in manual.pages(lang).items()}
    for path, command in commands(documented(lang)):
        page = pages[f"{PROGRAM}-{path.split()[0]}"]
        assert " ".join(command.help.split("\n\n")[0].split()) in page, path
        for option in command.params:
            assert Words(lang)(option.help) in page, (path, option.name)
            for name in option.opts:
                if name.startswith("--"):
                    assert f"{name}" in page, (path, name)
    for name in COMMANDS:
        assert f"{PROGRAM}-{name} (1)" in pages[PROGRAM]


def test_the_names_of_all_commands_and_settings_are_the_same_in_both_languages() -> None:
    english, thai = manual.pages("en"), manual.pages("th")
    typed = re.compile(r"--[a-z-]+|COMPLAINT_SLA_[A-Z_]+|~/\.[a-z/_.]+")
    for name, page in english.items():
        assert sorted(set(typed.findall(plain(page)))) == sorted(set(typed.findall(plain(thai[name])))), name
        assert page != thai[name]


@pytest.mark.parametrize(
    "checking",
    [("mandoc", "-T", "lint", "-W", "warning"), ("groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z")],
)
def test_the_typesetters_find_nothing_to_warn_of(tmp_path: Path, checking: tuple[str, ...]) -> None:
    if shutil.which(checking[0]) is None:
        pytest.skip(f"{checking[0]} is not installed here; the pages' form is held by the tests above")
    pages = list(map(str, manual.write(tmp_path)))
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*checking, *pages], env=environment, capture_output=True, text=True, check=False)
    # The day of a page would change it with every build.
    said = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
    assert said == []
