"""Rule books made to be slow are refused with their faults, in steps that grow with their length and no faster."""

from pathlib import Path

import pytest

from tests.cli.runner import LANGUAGES, SUNDAY, Program, log_command, run
from tests.conftest import Databases
from tests.core.books import STAGES, small
from tests.hostile import verdicts
from tests.hostile.books import BOMBS, TITLES, faults_of, steps_of, titled

# Lines of Python for one character of a book. The shipped book takes some 11.
STEPS = 25


def folder_of(path: Path, text: str) -> Path:
    path.mkdir(exist_ok=True)
    (path / "hostile.toml").write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", BOMBS)
def test_a_book_made_to_be_slow_is_refused_with_its_faults(name: str, tmp_path: Path) -> None:
    text = BOMBS[name](10_000)
    folder = folder_of(tmp_path / "books", text)

    refused = run(["--lang", LANGUAGES[len(name) % len(LANGUAGES)], "rules", "check", str(folder)])

    assert (refused.code, refused.out) == (4, "")
    # Of ten thousand strangers in one list each is named.
    found = verdicts.STEERING.search(refused.err)
    assert found is None
    assert "hostile.toml" in refused.err
    lines = refused.err.splitlines()
    assert 2 <= len(lines) == faults_of(text) + 1
    assert max(map(len, lines)) < 4_000


@pytest.mark.parametrize("name", [name for name in BOMBS if not name.startswith("holidays")])
def test_the_steps_of_reading_a_book_grow_with_its_length_and_no_faster(name: str) -> None:
    text = BOMBS[name](300)
    assert steps_of(lambda: faults_of(text)) < 5_000 + STEPS * len(text)


@pytest.mark.parametrize("name", TITLES)
def test_a_title_that_is_no_line_is_a_fault_wherever_it_stands(name: str, tmp_path: Path) -> None:
    text = titled(TITLES[name])
    assert faults_of(text) == text.count(TITLES[name])
    refused = run(["rules", "check", str(folder_of(tmp_path / "books", text))])
    assert refused.code == 4
    verdicts.screen(refused)


TITLE = "<b onclick=x>\u202e\u2066paid\u200f =1+1 {{7*7}} {n} %(n)s [red]x[/] --x & 'y'"


def test_a_title_that_reorders_or_marks_up_is_shown_as_it_is_written(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    """Direction marks may have their reasons in a title; on a screen, in a letter and in a report they are shown as escapes."""
    pages = []
    for name, title in (("evil", TITLE), ("good", "Plain")):
        program = under(sqlite_databases, folder_of(tmp_path / name, titled(title)))
        program.hire("sup")

        def do(*command: str, now: str = "2017-03-12 10:00", program: Program = program) -> str:
            answer = program(*command, now=now)
            verdicts.screen(answer)
            return answer.out

        do(*log_command("home"), now=SUNDAY)
        do(*log_command("works", "--urgent"), now=SUNDAY)
        do("sweep")
        for command in (
            ["rules", "show"],
            ["list"],
            ["show", "6003-1"],
            ["explain", "6003-1"],
            ["find", "x"],
            ["mail", "list"],
        ):
            do(*command)
        verdicts.screen(run(["rules", "check", str(tmp_path / name)]))
        verdicts.screen(program("rules", "publish", str(tmp_path / name)))
        for lang in LANGUAGES:
            do("--lang", lang, "report", "2017-Q1")
        pages.append(verdicts.Skeleton(do("report", "2017-Q1", "--format", "html")))
        verdicts.sheet(program("report", "2017-Q1", "--format", "csv").out)
    assert pages[0].bones == pages[1].bones
    assert "\\u202e" in pages[0].words


def under(databases: Databases, folder: Path) -> Program:
    """The program at a rehearsal under the books of a folder."""
    program = Program(databases.empty())
    program("--rules", str(folder), "init", "--rehearsal")
    return program


def test_five_hundred_stages_that_repeat_daily_are_told_in_one_letter_forty_years_late(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    stages = "".join(
        STAGES.replace('"overdue"', f'"overdue-{n}"').replace(
            "days_after = 1", "days_after = 0\nrepeat_every = 1"
        )
        for n in range(500)
    )
    program = under(sqlite_databases, folder_of(tmp_path / "books", small(stages=stages)))
    program.hire("sup")
    program(*log_command("home"), now=SUNDAY)

    swept = program("sweep", "--json", now="2057-03-05 10:00").json

    # The newest stage stands for all, 500 rows at most; 7 million occurrences have passed.
    assert swept["due"] == 1
    assert swept["alerts"] + swept["superseded"] <= 500
    assert program("deliver", "--json", now="2057-03-05 10:00").json["sent"] == 1
    shown = program("show", "6003-1", now="2057-03-05 10:00")
    verdicts.screen(shown)
    assert len(shown.out.splitlines()) < 600
