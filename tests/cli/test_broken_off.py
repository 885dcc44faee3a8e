"""A call that breaks off, at whichever question and however: nothing is half logged, and what was typed is logged once later."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer
from sqlalchemy import NullPool, create_engine, make_url, text

from complaint_sla.cli import counter
from complaint_sla.core.errors import BadValue
from complaint_sla.work.complaints import log
from tests.cli.runner import Program
from tests.cli.screen import CTRL_C, CTRL_D, Screen
from tests.cli.typist import Answer, typing
from tests.work.desks import SUNDAY

PHONE = "0812345678"
CTRL_U, CTRL_BACKSLASH = "\x15", "\x1c"
# To each question in its turn, the last look among them.
ANSWERS = [PHONE, "สมชาย ใจดี", "4", "", "3", "1", "ไฟดับ\nทั้งซอย", ""]
FOUND = ("residential", "phone", "outage", "ไฟดับ", "ทั้งซอย")


@pytest.fixture
def folder(clean_machine: Path) -> Path:
    return clean_machine / ".local/state/complaint_sla/drafts"


def logged(program: Program) -> list[tuple[str, ...]]:
    names = ("group", "channel", "category", "subject", "detail")
    return [tuple(one[name] for name in names) for one in program("list", "--json", now=SUNDAY).json]


def ctrl_d() -> NoReturn:
    raise typer.Abort


def told(number: signal.Signals) -> Callable[[], str]:
    def tell() -> str:
        assert threading.current_thread() is threading.main_thread()
        signal.raise_signal(number)
        raise AssertionError("it went on")

    return tell


WAYS: dict[str, tuple[Answer, int]] = {
    "Ctrl-C": (told(signal.SIGINT), 130),
    "Ctrl-D": (ctrl_d, 130),
    "SIGHUP": (told(signal.SIGHUP), 129),
    "SIGTERM": (told(signal.SIGTERM), 143),
}


@pytest.mark.parametrize("way", WAYS)
def test_broken_off_at_each_question_it_is_gone_on_with_and_logged_once(
    sqlite_program: Program, folder: Path, way: str
) -> None:
    breaks, code = WAYS[way]
    for place in range(len(ANSWERS)):
        # Each of another customer, of whom nothing is known.
        answers = [f"081234567{place}", *ANSWERS[1:]]
        before = sqlite_program.dump()
        with typing(*answers[:place], breaks):
            left = sqlite_program("log", now=SUNDAY, code=code)
        assert left.out == ""
        assert sqlite_program.dump() == before
        if not place:
            # Nothing was typed: nothing is kept.
            assert left.err.rstrip().endswith("Nothing was logged.")
            assert sqlite_program("log", "--recover", code=2).err.startswith(
                "Error: Nobody can be asked here"
            )
            with typing():
                assert "Nothing that you typed is kept" in sqlite_program("log", "--recover", code=3).err
            continue
        [kept] = folder.iterdir()
        assert f"What you typed is kept for a day in {kept}." in left.err
        assert kept.stat().st_mode & 0o777 == 0o600
        with typing(*answers[place:]):
            assert "due 30 March 2017" in sqlite_program("log", "--recover", now=SUNDAY).out
        assert list(folder.iterdir()) == []
    assert logged(sqlite_program) == [FOUND] * (len(ANSWERS) - 1)


def test_at_a_real_terminal_it_is_broken_off_in_the_same_ways(sqlite_program: Program, folder: Path) -> None:
    def hang_up(screen: Screen) -> int:
        screen.process.ptyproc.fileobj.close()
        screen.process.closed = screen.process.ptyproc.closed = True
        return os.waitstatus_to_exitcode(os.waitpid(screen.process.pid, 0)[1])

    def press(*keys: str) -> Callable[[Screen], int]:
        return lambda screen: screen.press(*keys) or screen.end()

    def stop(screen: Screen) -> int:
        screen.process.kill(signal.SIGTERM)
        return screen.end()

    # Twice, as people press a key that seems unheard. Ctrl-D is one on an empty line only.
    for break_off, code, left in (
        (press(CTRL_C * 2), 130, "ใช"),
        (press(CTRL_U, CTRL_D), 130, ""),
        (press(CTRL_BACKSLASH), 131, "ใช"),
        (stop, 143, "ใช"),
        (hang_up, 129, ""),
    ):
        screen = Screen.of(*sqlite_program.options(SUNDAY), "log", "--phone", PHONE, "--group", "residential")
        screen.expect("Customer's name")
        screen.type("สมชาย ใจดี")
        screen.expect("urgent?")
        screen.press(*"ใช")
        screen.expect("ใช")
        assert break_off(screen) == code
        assert "Traceback" not in screen.text
        # The terminal takes pastes as it did before.
        assert break_off is hang_up or screen.seen.rfind(b"\x1b[?2004l") > screen.seen.rfind(b"\x1b[?2004h")
        [kept] = folder.iterdir()
        # The line that was left half typed stands there to be gone on with.
        with typing(ctrl_d) as typist:
            sqlite_program("log", "--recover", now=SUNDAY, code=130)
        assert typist.asked[0] == ("Important and urgent? (y/n, Enter: no)", left)
        kept.unlink()
    assert logged(sqlite_program) == []


class Held:
    """Somebody who holds what logging needs, until they let go."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite"):
            self._connection: Any = sqlite3.connect(str(make_url(url).database), isolation_level=None)
            self._connection.execute("BEGIN IMMEDIATE")
        else:
            server = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
            self._connection = server.connect()
            self._connection.execute(text("LOCK TABLE counter IN EXCLUSIVE MODE"))

    def go(self) -> str:
        self._connection.rollback()
        self._connection.close()
        return ""


def test_a_database_in_other_hands_is_said_soon_and_tried_again_or_kept(
    program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter, "PATIENCE", 0.2)
    before = program.dump()
    held = Held(program.url)
    with typing(*ANSWERS, "", told(signal.SIGINT)) as typist:
        left = program("log", now=SUNDAY, code=130)
    assert typist.titles[-2:] == ["Enter: try again · Ctrl-C: keep it for later"] * 2
    assert (
        left.err.count("Somebody else has held for 0.2 seconds what this needs, and nothing was changed.")
        == 2
    )
    assert "complaint-sla doctor" in left.err
    assert len(list(folder.iterdir())) == 1

    with typing("", held.go):
        program("log", "--recover", now=SUNDAY)

    assert logged(program) == [FOUND]
    assert list(folder.iterdir()) == []
    assert before != program.dump()


def test_a_note_that_could_not_be_written_is_written_once_later(
    sqlite_program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter, "PATIENCE", 0.2)
    sqlite_program.number("residential", "--phone", PHONE, "--subject", "ไฟตก")
    held = Held(sqlite_program.url)
    with typing(PHONE, "n", "โทรมาอีก\nสองครั้ง", told(signal.SIGINT)):
        sqlite_program("log", now=SUNDAY, code=130)
    held.go()

    with typing("โทรมาอีก สองครั้ง") as typist:
        taken = sqlite_program("log", "--recover", now=SUNDAY)

    assert typist.asked == [("Note", "โทรมาอีก\nสองครั้ง")]
    assert "→ C-6003-00001 ไฟตก" in taken.err
    assert taken.out.startswith("C-6003-00001 ไฟตก: noted")
    notes = [one["words"]["note"] for one in sqlite_program.show("6003-1")["events"][1:]]
    assert notes == ["โทรมาอีก สองครั้ง"]
    assert list(folder.iterdir()) == []


@contextmanager
def lost(url: str) -> Iterator[None]:
    """The database is not there for a while."""
    if url.startswith("sqlite"):
        path = Path(str(make_url(url).database))
        away = path.rename(path.with_name("away.db"))
        yield
        away.rename(path)
        return
    place = make_url(url).set(drivername="postgresql+psycopg")
    server = create_engine(place.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{place.database}" ALLOW_CONNECTIONS false'))
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(end), {"name": place.database})
        yield
        connection.execute(text(f'ALTER DATABASE "{place.database}" ALLOW_CONNECTIONS true'))
    server.dispose()


def test_a_database_that_is_lost_meanwhile_loses_nothing(program: Program, folder: Path) -> None:
    with ExitStack() as until_it_is_back:

        def lose() -> str:
            until_it_is_back.enter_context(lost(program.url))
            return ""

        with typing(*ANSWERS[:-1], lose, "", told(signal.SIGTERM)) as typist:
            left = program("log", now=SUNDAY, code=143)
    assert typist.titles.count("Enter: try again · Ctrl-C: keep it for later") == 2
    assert "Traceback" not in left.err
    assert logged(program) == []
    assert len(list(folder.iterdir())) == 1

    with typing(""):
        program("log", "--recover", now=SUNDAY)

    assert logged(program) == [FOUND]


def test_what_was_logged_before_its_answer_was_lost_is_not_logged_again(
    sqlite_program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = log.log

    def killed(*given: Any) -> NoReturn:
        logs(*given)
        # As if the program had been killed before it could take the draft away: whatever it does then, it did not do.
        raise MemoryError

    with typing(*ANSWERS[:-1], told(signal.SIGINT)):
        sqlite_program("log", now=SUNDAY, code=130)
    [kept] = folder.iterdir()
    with monkeypatch.context() as patch, typing(""):
        patch.setattr(log, "log", killed)
        sqlite_program("log", "--recover", now=SUNDAY, code=70)
    assert kept.exists()
    assert logged(sqlite_program) == [FOUND]

    with typing():
        again = sqlite_program("log", "--recover", now=SUNDAY)

    assert again.out.startswith("Logged before, as:\nC-6003-00001")
    assert logged(sqlite_program) == [FOUND]
    assert not kept.exists()


def test_of_several_one_is_chosen_and_what_is_left_goes_after_a_day(
    sqlite_program: Program, folder: Path
) -> None:
    for phone in ("0811111111", "0822222222"):
        with typing(phone, "X", told(signal.SIGINT)):
            left = sqlite_program("log", now=SUNDAY, code=130)
    assert "was not logged: complaint-sla log --recover" in left.err
    # Another person has none.
    with typing():
        sqlite_program("log", "--recover", now=SUNDAY, acting="lek@example.org", code=3)
        sqlite_program("log", "--recover", "--group", "x", now=SUNDAY, code=2)

    with typing("9", "2", "4", "", "3", "1", "x", ""):
        listed = sqlite_program("log", "--recover", now=SUNDAY)

    assert "2 5 Mar 2017 10:00 · 08x-xxx-1111 · X" in listed.err
    assert sqlite_program("list", "--json", now=SUNDAY).json[0]["subject"] == "x"
    [kept] = folder.iterdir()
    assert kept.name == "draft-2.json"
    os.utime(kept, (0, kept.stat().st_mtime - 25 * 3600))
    sqlite_program("doctor", code=None)
    assert list(folder.iterdir()) == []


def test_what_is_refused_at_the_end_is_asked_again_or_kept(
    sqlite_program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_program.hire("nok")
    sqlite_program.found_office("BANSANG")

    def retire() -> str:
        sqlite_program("staff", "retire", "nok@example.org")
        return ""

    with typing(PHONE, "bansang", *ANSWERS[1:-1], retire):
        left = sqlite_program("log", "--owner", "nok", now=SUNDAY, code=2)
    assert left.err.index("nok@example.org is retired") < left.err.index("Nothing was logged. What you typed")
    with typing("") as typist:
        taken = sqlite_program("log", "--recover", now=SUNDAY)
    assert "nok@example.org is retired" in taken.err
    assert typist.titles[0].startswith("Enter: log it")
    assert logged(sqlite_program) == [FOUND]

    logs = log.log

    def refuses_once(*given: Any) -> Any:
        monkeypatch.setattr(log, "log", logs)
        raise BadValue("unknown-category", value="outage", known=["other"], book="pea-2560")

    monkeypatch.setattr(log, "log", refuses_once)
    with typing("0899999999", "bansang", *ANSWERS[1:], "other", "") as typist:
        sqlite_program("log", now=SUNDAY)
    assert typist.asked[-2] == ("Number or key", "1")
    assert logged(sqlite_program)[-1][2] == "other"
