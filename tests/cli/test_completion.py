"""Tab: what each shell offers, from a file that nobody else reads, and at once. No subject ever runs or steers a screen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaint_sla.cli.completion import cache
from complaint_sla.cli.main import COMMANDS
from tests.cli.runner import PROJECT, SUNDAY, Program, run
from tests.cli.screen import Screen
from tests.test_docs import commands
from tests.test_docs import program as documented

# On this machine a Tab takes 7 ms; what is promised, for a machine that does other things beside.
PROMISED_SECONDS = 0.15
ASK = r"""
source "$SCRIPT"
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE} COMP_WORDBREAKS=$' \t\n"'"'"'@><=;|&(:'
    # As readline cuts words: = and : end one, a @ begins one.
    word=${COMP_LINE##*[ =:]}
    [[ $word == *@* ]] && word=@${word##*@}
    _complaint_sla complaint-sla "$word"
    printf '%s\037' "${COMPREPLY[@]}"
    printf '\n'
done
"""


class Shell:
    """Bash, asked what it would offer, without anybody at a terminal."""

    def __init__(self, folder: Path, lang: str = "en") -> None:
        self.script = folder / "complaint-sla.bash"
        self.script.write_text(run(["--lang", lang, "completion", "bash"]).out, encoding="utf-8")

    def __call__(self, *lines: str, listing: bool = False, **environment: str) -> list[list[str]]:
        done = subprocess.run(
            ["bash", "--norc", "-c", ASK],
            input="".join(f"{line}\n" for line in lines),
            env={
                **os.environ, "SCRIPT": str(self.script), "COMP_TYPE": "63" if listing else "9", "LC_ALL": "C.UTF-8",
                **environment,
            },
            capture_output=True,
            encoding="utf-8",
            check=True,
        )  # fmt: skip
        assert done.stderr == ""
        return [[one for one in line.split("\x1f") if one] for line in done.stdout.splitlines()]


@pytest.fixture
def at_home(sqlite_program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """An office that the environment names, as at work; Nok sits there, and has pressed Tab before."""
    monkeypatch.setenv("COMPLAINT_SLA_DB", sqlite_program.url)
    monkeypatch.setenv("COMPLAINT_SLA_AS", "nok@example.org")
    for name in ("nok", "lek"):
        sqlite_program.hire(name, "agent")
    cache.folder().mkdir(mode=0o700, parents=True)
    return sqlite_program


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def work(*arguments: str, lang: str = "en") -> str:
    """A command as at work, with the database that the environment names."""
    answer = run(["--lang", lang, "--now", SUNDAY, *arguments])
    assert answer.code == 0, answer.err
    return answer.out


def logged(subject: str, *more: str) -> None:
    command = ["log", "--group", "residential", "--channel", "phone", "--category", "outage"]
    work(*command, "--subject", subject, *more)


def files() -> list[Path]:
    return sorted(cache.folder().glob("completion-*"))


def test_every_command_and_option_is_offered_with_no_database_there(shell: Shell) -> None:
    known = dict(commands(documented("en")))
    lines = [f"complaint-sla {name} --" for name in known]
    for name, offered in zip(known, shell(*lines), strict=True):
        names = {one for option in known[name].params for one in (*option.opts, *option.secondary_opts)}
        assert {one for one in names if one.startswith("--")} <= set(offered), name
    assert shell("complaint-sla ") == [list(COMMANDS)]
    assert shell("complaint-sla staff a", "complaint-sla help staff r") == [["add", "away"], ["retire"]]
    assert shell("complaint-sla --db x --lang th st", "complaint-sla --lang=") == [["staff"], ["th", "en"]]
    assert shell("complaint-sla note 6003-1 'it is' --kind ") == [
        ["assess", "investigate", "respond", "communicate"]
    ]
    assert shell("complaint-sla list --status c", "complaint-sla find ") == [["closed"], []]


def test_values_come_from_what_commands_leave_behind(at_home: Program, shell: Shell) -> None:
    at_home.found_office("E1201")
    logged("ไฟดับ ซอย 1", "--owner", "nok@example.org")
    logged("มิเตอร์เสีย", "--owner", "lek@example.org")
    logged("ไฟตก", "--owner", "nok@example.org")

    assert shell("complaint-sla list --group r", "complaint-sla log --channel ph") == [
        ["residential"],
        ["phone"],
    ]
    assert shell("complaint-sla list --group=r", "complaint-sla transfer 6003-1 --office e1") == [
        ["residential"], ["E1201"],
    ]  # fmt: skip
    assert shell("complaint-sla office set E1201 --class b", "complaint-sla office set E1201 --class class-") == [
        ["branch"], ["class-1", "class-2", "class-3"],
    ]  # fmt: skip
    # Readline takes @ and what follows for a word.
    assert shell("complaint-sla assign 6003-1 n", "complaint-sla assign 6003-1 nok@e") == [
        ["nok@example.org"], ["@example.org"],
    ]  # fmt: skip
    # One's own first; with a beginning, all that are open.
    assert shell("complaint-sla note ") == [["6003-1", "6003-3"]]
    assert shell("complaint-sla note 6003-", "complaint-sla show c-6003-00003") == [
        ["6003-1", "6003-3", "6003-2"], ["C-6003-00003"],
    ]  # fmt: skip
    work("close", "6003-3", "--outcome", "x")
    assert shell("complaint-sla reopen 6003-", "complaint-sla note 6003-") == [
        ["6003-3"],
        ["6003-1", "6003-2"],
    ]
    logged("ไฟตก", "--owner", "nok@example.org")
    # By what it is called: the one that it is a part of, and where it may be several, what was typed stays.
    assert shell("complaint-sla note มิเตอร์", "complaint-sla staff away Le") == [
        ["6003-2"],
        ["lek@example.org"],
    ]
    assert shell("complaint-sla note ไฟ", listing=True) == [[" 6003-1  (ไฟดับ ซอย 1)", "6003-4  (ไฟตก)"]]
    assert (
        shell("complaint-sla list --owner nok@example.org --status=", "complaint-sla import --rejects ")[1]
        == []
    )


def test_another_database_or_another_person_is_never_mixed_up(at_home: Program, shell: Shell) -> None:
    logged("ไฟดับ", "--owner", "nok@example.org")
    ask = "complaint-sla {}note "
    assert shell(ask.format("")) == [["6003-1"]]
    for other in ("--db sqlite:///other.db ", "--db=sqlite:////other.db ", "--as lek@example.org "):
        assert shell(ask.format(other)) == [[]]
    assert shell(ask.format(""), COMPLAINT_SLA_CONFIG="/else") == [[]]
    # Whoever names on the line what the environment named before has it, too, from then on.
    work("--as", "lek@example.org", "list")
    assert shell("complaint-sla --as lek@example.org note 6") == [["6003-1"]]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]), max_size=40))
def test_the_scripts_and_the_program_name_the_file_alike(shell: Shell, url: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPLAINT_SLA_DB", url)
        cache.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in files():
            old.unlink()
        cache.file_of().write_text("#\nCODE\tHERE\t\n")
        assert shell("complaint-sla list --office ") == [["HERE"]]


def test_whoever_has_never_pressed_tab_has_no_file_and_nobody_else_reads_one(
    at_home: Program, shell: Shell
) -> None:
    shutil.rmtree(cache.folder())
    logged("ไฟดับ")
    assert not cache.folder().exists()

    assert shell("complaint-sla note 6") == [[]]
    work("list")
    [file] = files()
    assert (cache.folder().stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert shell("complaint-sla note 6") == [["6003-1"]]

    # A folder that others may write to is none of ours; and what can't be kept keeps no command from its work.
    file.unlink()
    cache.folder().chmod(0o777)
    work("list")
    assert files() == []
    cache.folder().rmdir()
    cache.folder().write_text("a file")
    work("list")


def test_what_is_erased_is_gone_with_the_next_command_and_no_telephone_stands_there(at_home: Program) -> None:
    logged("โทรกลับ 081-234-5678 หรือ ๐๘๙๗๖๕๔๓๒๑, a.b@c.org", "--owner", "nok@example.org")
    [file] = files()
    text = file.read_text(encoding="utf-8")
    assert "โทรกลับ" in text
    assert [part for part in ("234-5678", "๘๙๗๖", "a.b@") if part in text] == []

    # By somebody else, somewhere else.
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("XDG_CACHE_HOME", "/nonexistent")
        work("close", "6003-1", "--outcome", "x")
        work("erase", "6003-1", "--reason", "x")
    assert "โทรกลับ" in file.read_text(encoding="utf-8")
    work("list")
    assert "โทรกลับ" not in file.read_text(encoding="utf-8")


def test_what_has_not_changed_is_not_written_again_and_what_is_old_is(at_home: Program) -> None:
    work("list")
    [file] = files()
    first = file.stat().st_ino
    work("list")
    assert file.stat().st_ino == first
    work("list", lang="th")
    second = file.stat().st_ino
    assert second != first
    os.utime(file, (time.time() - cache.OLDEST_SECONDS - 1,) * 2)
    work("list", lang="th")
    assert file.stat().st_ino != second


def test_the_script_leaves_something_for_the_first_tab(at_home: Program, tmp_path: Path) -> None:
    cache.folder().rmdir()
    logged("ไฟดับ")
    assert Shell(tmp_path)("complaint-sla note 6") == [["6003-1"]]


HOSTILE = (
    "$(touch pwned)", "`touch pwned`", "'; touch pwned; '", '"; touch pwned; "', "a\ttab\\n\\t%s%n %F{red}", "\\", "-x",
    "\u202eabc", "*", "~", "!!", "{a,b}", "COMPLAINT_SLA_TABLE", "@files",
)  # fmt: skip


def test_no_subject_and_no_name_ever_runs(at_home: Program, shell: Shell, tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE):
        logged(text, "--owner", "nok@example.org")
        at_home("office", "add", f"X{number}", "--name-th", text, "--name-en", text, now=SUNDAY)
        at_home("staff", "set", "lek@example.org", "--name", text, now=SUNDAY)
    work("list")
    lines = [
        "complaint-sla note ",
        "complaint-sla note 6003-",
        "complaint-sla list --office ",
        "complaint-sla assign 1 ",
    ]
    lines += [f"complaint-sla note {text}" for text in HOSTILE]
    for listing in (False, True):
        offered = shell(
            *lines, listing=listing, HOME=str(tmp_path), XDG_CACHE_HOME=os.environ["XDG_CACHE_HOME"]
        )
        assert len(offered[1]) == len(HOSTILE)
        assert all("\u202e" not in one for line in offered for one in line)
        if not listing:
            # Only what a shell takes as it stands may get into the line.
            assert [
                one
                for line in offered
                for one in line
                if not one.strip().replace("-", "").isalnum() and "@" not in one
            ] == []
    assert list(PROJECT.glob("pwned")) == list(tmp_path.rglob("pwned")) == []


INTERACTIVE = {
    "bash": (["--norc", "--noprofile", "-i"], "source {}\n", 3),
    "zsh": (["-f", "-i"], "autoload -Uz compinit && compinit -D -u && source {}\n", 2),
    "fish": (["--no-config", "-i"], "source {}\n", 1),
}


@pytest.mark.parametrize("name", INTERACTIVE)
def test_at_a_real_prompt_numbers_are_listed_with_their_subjects_and_nothing_runs(
    at_home: Program, tmp_path: Path, name: str
) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed here")
    for text in HOSTILE:
        logged(text, "--owner", "nok@example.org")
    logged("ไฟดับทั้งหมู่บ้าน", "--owner", "nok@example.org")
    script = tmp_path / f"script.{name}"
    script.write_text(run(["completion", name]).out, encoding="utf-8")
    arguments, source, tabs = INTERACTIVE[name]
    screen = Screen([name, *arguments], size=(80, 40), environment={"LC_ALL": "C.UTF-8", "PS1": "> "})
    screen.process.sendline(f"cd {tmp_path}; {source.format(script)}echo 'READ'Y")
    screen.expect("READY")
    screen.press(*"complaint-sla note 6003-", *["\t"] * tabs)
    shown = screen.expect("ไฟดับทั้งหมู่บ้าน")
    assert "6003-15" in shown
    assert "$(touch pwned)" in shown
    # Nothing but the number gets into the line.
    screen.press("\x15", *"complaint-sla sho", "\t", *"ทั้งหมู่", "\t")
    screen.expect("complaint-sla show 6003-15", since="ไฟดับทั้งหมู่บ้าน")
    screen.process.terminate(force=True)
    assert list(tmp_path.rglob("pwned")) == []


def test_a_tab_takes_no_time_to_be_noticed_where_there_are_900_offices(
    at_home: Program, shell: Shell
) -> None:
    work("list")
    [file] = files()
    rows = [f"CODE\tOFFICE{n}\tการไฟฟ้าส่วนภูมิภาค สาขาที่ {n}" for n in range(900)]
    rows += [f"EMAIL\tperson{n}@pea.example\tสมชาย ใจดี" for n in range(200)]
    rows += [f"NUMBER\tC-6911-{n:05d}\tไฟดับทั้งหมู่บ้านตั้งแต่เช้า หม้อแปลงเสียงดัง" for n in range(400)]
    with file.open("a", encoding="utf-8") as kept:
        kept.write("\n".join([*rows, ""]))
    lines = [
        "complaint-sla list --office ส",
        "complaint-sla note 69",
        "complaint-sla ",
        "complaint-sla assign 1 p",
    ] * 3
    shell(*lines)
    before = time.perf_counter()
    offered = shell(*lines)
    assert [len(one) for one in offered[1:4]] == [400, len(COMMANDS), 200]
    assert (time.perf_counter() - before) / len(lines) < PROMISED_SECONDS


def test_typers_own_variable_does_nothing(sqlite_program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("bash_source", "complete_zsh", "x"):
        monkeypatch.setenv("_COMPLAINT_SLA_COMPLETE", value)
        assert sqlite_program("list", "--json").json == []


def test_another_shell_is_named_with_those_that_there_are(lang: str) -> None:
    answer = run(["--lang", lang, "completion", "bsh"])
    assert answer.code == 2
    assert "bsh" in answer.err
    assert "bash, zsh, fish" in answer.err


def test_help_of_a_command_is_its_help(lang: str) -> None:
    say: Callable[[Sequence[str]], str] = lambda line: run(["--lang", lang, *line]).out  # noqa: E731
    for path in ([], ["log"], ["staff"], ["staff", "add"]):
        assert say(["help", *path]) == say([*path, "--help"])
    wrong = run(["--lang", lang, "help", "staff", "ad"])
    assert wrong.code == 2
    assert "add" in wrong.err


def test_where_there_may_be_several_numbers_the_next_is_a_number_or_what_follows_them(
    at_home: Program, shell: Shell
) -> None:
    logged("ไฟดับ", "--owner", "nok@example.org")
    script = shell.script.read_text(encoding="utf-8")
    several, found = re.subn(r"A\tassign\t1\+?\tNUMBER\n", "A\tassign\t1+\tNUMBER\n", script)
    assert found == 1
    shell.script.write_text(several, encoding="utf-8")
    assert shell(
        "complaint-sla assign ", "complaint-sla assign 6003-1 ", "complaint-sla assign 6003-1 6003-2 n"
    ) == [
        ["6003-1"],
        ["6003-1", "lek@example.org", "nok@example.org"],
        ["nok@example.org"],
    ]
