"""A command that is told to stop ends as by Ctrl-C: what was in hand is taken back, nothing lies about, the code says why."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from complaint_sla.cli.main import Stops
from complaint_sla.opening import Opening
from tests.cli.runner import PATIENCE, PROJECT, Program, hear_all, log_command

# Says when it has come to a place, and goes on from there only after an hour.
HANGS = """
import sys, time
import {room} as room

def hang(*_, **__):
    print("there", flush=True)
    time.sleep(3600)

room.{place} = hang
from complaint_sla.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
# Where a copy is whole and not yet proved, and where a complaint is written and not yet committed.
COPYING = ("complaint_sla.store.backup", "_prove")
LOGGING = ("sqlmodel", "Session.commit")


def hanging(at: tuple[str, str], program: Program, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HANGS.format(room=at[0], place=at[1]), *program.options(), *arguments],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_all,  # noqa: PLW1509
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda how: how.name
)
def test_what_is_stopped_is_taken_back(sqlite_program: Program, tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    before = sqlite_program.dump()
    for at, command in ((COPYING, ("backup", f"{folder}/backup.db")), (LOGGING, log_command())):
        with hanging(at, sqlite_program, *command) as process:
            process.send_signal(how)
            _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err.strip()) == (128 + how, "Rehearsal: nothing here is real.")
    assert list(folder.iterdir()) == []
    assert sqlite_program.dump() == before
    # Nobody holds it any more.
    assert sqlite_program.number() == "C-6003-00001"


def test_what_a_killed_backup_left_the_next_one_takes_away(sqlite_program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with hanging(COPYING, sqlite_program, "backup", f"{folder}/first.db") as process:
        process.kill()
    [left] = folder.iterdir()
    assert left.stat().st_mode & 0o777 == 0o700

    sqlite_program("backup", f"{folder}/second.db")

    assert list(folder.iterdir()) == [folder / "second.db"]


def test_whoever_is_told_not_to_listen_goes_on() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stops():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_who_says_once_more_that_it_is_to_stop_breaks_off_no_putting_away(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    close, closed = Opening.close, []

    def told(opening: Opening) -> None:
        signal.raise_signal(number)
        close(opening)
        closed.append(opening)

    monkeypatch.setattr(Opening, "close", told)

    assert "Main office" in sqlite_program("office", "list", lang="en", code=code).out
    assert closed
