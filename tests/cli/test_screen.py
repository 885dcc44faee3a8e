"""Long answers on a terminal: as much as its window holds, and how many there are; all of it where nobody looks."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.cli.screen import BELOW, Extent, Screen, write
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import Words
from complaint_sla.wording.width import cells_wide
from tests.cli import screen as terminal
from tests.cli.runner import Program
from tests.published import rehearse

NOW = "2017-03-20 12:00"
SUBJECT = "ไฟฟ้าดับบ่อยครั้งที่หมู่บ้านน้ำใสตั้งแต่เที่ยงคืน ผู้ป่วยติดเตียงใช้เครื่องช่วยหายใจ กรุณาเร่งตรวจสอบ"
OPEN, LATE = 42, 5


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Iterator[Program]:
    """Two offices with many open complaints, five of them late, which the tests of this module only read."""
    path = tmp_path_factory.mktemp("office") / "complaints.db"
    path.write_bytes(sqlite_template().read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(path.parent))
        program = Program(rehearse(f"sqlite:///{path}"))
        for name, role in (("clerk", "agent"), ("sup", "supervisor")):
            program.hire(name, role)
        for n in range(25):
            program.found_office(f"O{n:02}")
        for n in range(OPEN):
            program.number(
                "residential", *(["--urgent"] if n < LATE else []), "--subject", f"{n} {SUBJECT}", "--office", "MAIN",
                *(["--owner", "clerk@example.org"] if n % 3 == 0 else []), *(["--channel", "line"] if n % 2 else []),
                "--customer", f"สมหญิง ใจดี {n}", "--phone", f"08123456{n:02}", now=f"2017-03-{1 + n % 15:02} 09:00",
            )  # fmt: skip
        program("close", "6003-40", "--outcome", "done", now="2017-03-19 09:00")
        yield program


def windowed(monkeypatch: pytest.MonkeyPatch, height: int | None = 24, width: int = 80) -> None:
    """As if the answer were written to such a window."""
    monkeypatch.setattr(Screen, "here", lambda: Screen(width, height))


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=40),
    st.integers(0, 3),
    st.integers(4, 30),
    st.booleans(),
)
def test_what_is_shown_fits_the_window_with_the_count_last(
    heights: list[int], heads: int, window: int, with_all: bool
) -> None:
    def drawn(shown: Any) -> str:
        return "head\n" * heads + "".join(f"{n}\n" * heights[n] for n in shown)

    out = io.StringIO()
    with redirect_stdout(out):
        found = list(range(len(heights)))
        write(Screen(80, window), found, drawn, lambda n: f"{n} shown", Extent(everything=with_all))
    *lines, last = out.getvalue().splitlines()

    shown = int(last.split()[0])
    assert lines == drawn(range(shown)).splitlines()
    assert shown == len(heights) or not with_all
    if not with_all:
        # The first is shown however small the window, and no room is left that the next one would take.
        assert shown == 1 or len(lines) + 1 + BELOW <= window
        assert shown == len(heights) or len(lines) + heights[shown] + 1 + BELOW > window


def test_a_list_shows_the_late_ones_first_and_how_many_there_are(
    office: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    windowed(monkeypatch)

    lines = office("list", lang="en", now=NOW).out.splitlines()

    assert len(lines) == 22
    assert [int(line.split("  ")[2].split()[0]) for line in lines[1:10:2]] == [16, 15, 14, 13, 12]
    assert lines[-1] == "10 of 41 shown · 5 late · all: list --all"
    assert max(map(cells_wide, lines)) <= 80
    some = office("list", "--office", "main", "--no-urgent", "--channel", "phone", lang="en", now=NOW).out
    assert some.endswith("10 of 18 shown · all: list --office main --no-urgent --channel phone --all\n")
    thai = office("list", lang="th", now=NOW).out.splitlines()
    assert thai[-1] == "แสดง 10 จาก 41 เรื่อง · เกินกำหนด 5 เรื่อง · ที่เหลือ: list --all"


def test_all_are_listed_where_they_are_asked_for_or_nobody_looks(
    office: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = office("list", now=NOW).out
    windowed(monkeypatch)
    every = office("list", "--all", now=NOW).out
    few = office("list", "--limit", "3", lang="en", now=NOW).out.splitlines()

    assert len(every.splitlines()) == 2 * 41 + 2
    assert [line.rstrip() for line in piped.splitlines()][-1] == "41 complaints · 5 late"
    assert len(piped.splitlines()) == len(every.splitlines())
    assert len(office("list", "--json", now=NOW).json) == 41
    assert len(few) == 8
    assert few[-1] == "3 of 41 shown · 5 late · all: list --all"
    assert "--limit" in office("list", "--limit", "3", "--all", now=NOW, code=2).err


def test_what_is_found_has_its_customer_and_the_open_ones_first(
    office: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    windowed(monkeypatch, 9)

    lines = office("find", "ใจดี 3", lang="en", now=NOW).out.splitlines()
    every = office("find", "ใจดี 3", "--all", lang="en", now=NOW).out.splitlines()

    assert lines[-1] == "2 of 13 shown · 12 open · all: find 'ใจดี 3' --all"
    assert every[-1] == "13 complaints · 12 open"
    assert every[1].startswith("C-6003-00014")
    assert "สมหญิง ใจดี 13 08x-xxx-5613" in every[2]
    assert every[-3].startswith("C-6003-00040")
    assert "closed in time" in every[-3]
    still = office("find", "ใจดี 3", "--open", "--json", now=NOW).json
    assert len(still) == 12
    assert {one["status"] for one in still} == {"open"}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["office", "list"], "all: office list --all"),
        (["staff", "list", "--retired"], None),
        (["journal", "--office", "O03"], None),
        (["journal", "--since", "2017-01-01"], "all: journal --since 2017-01-01 --all"),
    ],
)
def test_other_long_lists_end_in_the_window_as_well(
    office: Program, monkeypatch: pytest.MonkeyPatch, command: list[str], told: str | None
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    piped = office(*command, lang="en", now=NOW).out.splitlines()
    windowed(monkeypatch)

    lines = office(*command, lang="en", now=NOW).out.splitlines()

    assert len(lines) <= 24 - BELOW
    if told is None:
        assert lines == piped
    else:
        assert told in lines[-1]
        # The newest entries of the journal stand last, the offices by their tree.
        assert lines[-2] == piped[-1] if command[0] == "journal" else lines[1] == piped[1]
        assert office(*command, "--all", lang="en", now=NOW).out.splitlines() == piped


def test_nobody_gets_ten_and_all_at_once() -> None:
    with pytest.raises(BadValue, match="one-of-two"):
        Extent(limit=10, everything=True)


@pytest.mark.parametrize("colours", [True, False])
def test_the_late_ones_are_red_unless_colours_are_unwanted(
    monkeypatch: pytest.MonkeyPatch, *, colours: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "" if colours else "1")

    here = Screen.here()

    assert here.painted("late", "bold red") == ("\x1b[1;31mlate\x1b[0m" if colours else "\x1b[1mlate\x1b[0m")
    monkeypatch.setenv("TERM", "dumb")
    assert Screen.here().painted("late", "bold red") == "late"


def test_the_morning_stands_on_one_screen(office: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    windowed(monkeypatch)

    for lang, begin in (("en", "20 March 2017"), ("th", "20 มีนาคม 2560")):
        lines = office("today", "--office", "MAIN", lang=lang, now=NOW).out.splitlines()

        assert lines[0] == f"{begin} · MAIN"
        assert len(lines) <= 24 - BELOW
        assert max(map(cells_wide, lines)) <= 80
        assert lines[2].startswith("  C-6003-00001")
        assert lines[-1].endswith("complaint-sla queue --overdue --office MAIN")


def test_what_the_morning_counts_is_what_its_commands_list(program: Program) -> None:
    program.hire("clerk", "agent")
    program.found_office("EAST")
    given: list[tuple[str, list[str]]] = [
        ("2017-03-01 09:00", ["--urgent"]), ("2017-03-06 09:00", ["--owner", "clerk@example.org"]),
        ("2017-03-17 09:00", ["--urgent"]), ("2017-03-19 09:00", ["--office", "EAST"]), ("2017-02-23 09:00", []),
    ]  # fmt: skip
    for now, more in given:
        program.number("residential", *(more if "--office" in more else [*more, "--office", "MAIN"]), now=now)
    program("note", "6003-2", "asked the crew", now="2017-03-19 10:00")
    program("sweep", now=NOW)

    for where in ([], ["--office", "EAST"]):
        said = program("today", *where, "--json", now=NOW).json
        parts = {name: one for name, one in said.items() if isinstance(one, dict) and "command" in one}
        assert parts.pop("unheard")["command"] == "doctor"
        for name, part in parts.items():
            listed = program(*part["command"].split(), "--json", now=NOW).json
            assert (part["count"], part["first"]) == (len(listed), listed[:3]), name
        if not where:
            assert {name: part["count"] for name, part in parts.items()} == {
                "overdue": 1, "due_today": 2, "due_soon": 2, "urgent": 2, "unowned": 4, "silent": 2, "new": 2, "open": 5,
            }  # fmt: skip
    assert [one["quarter"] for one in said["quarters"]] == ["2017-Q1"]
    assert set(said["service"]) == {"alerts_raised_at", "mail_sent_at"}


def test_the_morning_tells_the_worst_of_the_plan_with_what_is_to_be_typed(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    windowed(monkeypatch)
    program, letter = sqlite_program, ("--source", "389/60", "--dated", "2560-03-18")
    assert program("today", "--json", now=NOW).json["plan"]["count"] == 0
    assert "plan" not in program("today", now=NOW).out
    program("plan", "enter", "sms-delivered", "2560-01", "3601/3963", *letter, now=NOW)

    for lang, period in (("en", "2017-01"), ("th", "2560-01")):
        lines = program("today", lang=lang, now=NOW).out.splitlines()
        assert len(lines) <= 24 - BELOW
        [head] = [at for at, line in enumerate(lines) if line.endswith("  plan due")]
        first = lines[head + 1]
        assert f"plan enter numbers-entered {period} N/D" in first
        assert max(map(cells_wide, lines)) <= 80
        assert ["plan enter" in line for line in lines[head + 2 : head + 5]] == [True, True, False]

    said = program("today", "--json", now=NOW).json["plan"]
    assert said["count"] == said["overdue"] > len(said["first"]) == 3
    assert said["first"][0] == {
        "office": "MAIN", "measure": "numbers-entered", "period": "2017-01", "calls": None, "due_on": "2017-02-10",
        "cure": "plan enter numbers-entered 2017-01 N/D --source TEXT --dated DAY",
    }  # fmt: skip


@pytest.fixture
def at_terminal(office: Program, tmp_path: Path) -> Callable[..., list[str]]:
    """What stands in a real window of 80x24 once a command has ended."""

    def shown(*command: str, **environment: str) -> list[str]:
        # As wide as the window is, not as the tests say.
        given = {"HOME": str(tmp_path), "COLUMNS": "", **environment}
        seen = terminal.Screen.of(*office.options(now=NOW, lang="th"), *command, environment=given)
        assert seen.end() == 0
        return [line for line in seen.lines if line]

    return shown


def test_in_a_real_window_the_late_ones_are_seen_without_a_key(
    at_terminal: Callable[..., list[str]],
) -> None:
    listed = at_terminal("list")
    assert sum("เกินกำหนด" in line and line.startswith("C-") for line in listed) == LATE
    assert "แสดง 10 จาก 41 เรื่อง · เกินกำหนด 5 เรื่อง · ที่เหลือ: list --all" in listed
    assert "20 มีนาคม 2560" in at_terminal("today")
    assert at_terminal("list", "--pager", PAGER="tail -n 2")[1:3][-1] == "41 เรื่อง · เกินกำหนด 5 เรื่อง"
    assert "41 เรื่อง · เกินกำหนด 5 เรื่อง" in at_terminal("list", "--pager", PAGER="/nowhere/pager")


def test_a_window_that_is_drawn_narrower_is_known_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    at = Terminal(Words("en"))
    for columns in (100, 60):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert at.width == columns
