"""Users without a home of their own, or without a name: what they are given is enough, what is missing is said in words."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import pytest

from tests.cli.runner import Program
from tests.strangers import UID, answer_of, stranger_in_turn, strangers

pytestmark = strangers

BUG = """
from complaint_sla.cli import bugs
from complaint_sla.wording import Words
try:
    1 / 0
except ZeroDivisionError as problem:
    print(bugs.told(Words("en"), problem))
"""


@pytest.fixture
def homes(tmp_path: Path) -> dict[str, dict[str, str]]:
    """What a service, a container or sudo leaves in HOME."""
    (tmp_path / "locked").mkdir(mode=0o000)
    (tmp_path / "file").touch()
    return {
        "none": {},
        "somebody else's": {"HOME": str(tmp_path / "locked")},
        "a file": {"HOME": str(tmp_path / "file")},
        "not there": {"HOME": "/nonexistent"},
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where they work; nothing may be left here."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_what_is_given_is_enough_and_what_is_missing_is_said(
    sqlite_program: Program, homes: dict[str, dict[str, str]], folder: Path, tmp_path: Path
) -> None:
    sqlite_program.hire("sup")
    number = sqlite_program.number()
    given = {"COMPLAINT_SLA_DB": sqlite_program.url, "COMPLAINT_SLA_MAIL": f"folder:{tmp_path / 'mail'}"}
    listed = stranger_in_turn([(home | given, ["list"]) for home in homes.values()], folder)
    assert [(one.code, one.err, number in one.out) for one in listed] == [(0, "", True)] * len(homes)
    nowhere, closed, done, no_mail, noted = stranger_in_turn(
        [
            ({}, ["list"]),
            (homes["somebody else's"], ["list"]),
            (given, ["run", "--once"]),
            ({"COMPLAINT_SLA_DB": sqlite_program.url}, ["run", "--once"]),
            (given, ["note", number, "seen"]),
        ],
        folder,
    )
    assert (nowhere.code, closed.code, no_mail.code) == (2, 5, 2)
    assert "COMPLAINT_SLA_DB" in nowhere.err
    assert "COMPLAINT_SLA_MAIL" in no_mail.err
    assert [len(one.err.splitlines()) for one in (nowhere, closed, no_mail)] == [1, 1, 1]
    assert (done.code, noted.code) == (0, 0), done.err + noted.err
    assert list((tmp_path / "mail").glob("*.eml"))
    # Who has no name is recorded by their number.
    assert sqlite_program.show(number)["events"][-1]["system_user"] == f"uid {UID}"
    assert list(folder.iterdir()) == []


def test_a_configuration_that_nobody_named_is_passed_over_and_one_that_was_is_not(
    sqlite_program: Program, tmp_path: Path, folder: Path
) -> None:
    config = tmp_path / "theirs/.config/complaint_sla/config.toml"
    config.parent.mkdir(parents=True)
    config.touch(mode=0o000)
    given = {"COMPLAINT_SLA_DB": sqlite_program.url, "HOME": str(tmp_path / "theirs")}

    passed_over, named = stranger_in_turn(
        [(given, ["list"]), (given | {"COMPLAINT_SLA_CONFIG": str(config)}, ["list"])], folder
    )

    assert passed_over.code == 0
    assert [str(config) in line for line in passed_over.err.splitlines()] == [True]
    assert named.code == 2
    assert str(config) in named.err


def test_a_bug_is_told_where_there_is_no_place_for_its_file(folder: Path) -> None:
    told = answer_of([sys.executable, "-c", BUG], folder, {})

    assert told.code == 0
    assert "ZeroDivisionError" in told.err
    assert "Details: above" in told.out
    assert list(folder.iterdir()) == []


def test_a_name_in_the_environment_is_nobodys_and_the_systems_user_is_shown_beside_a_claim(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = program.number()
    me = pwd.getpwuid(os.getuid()).pw_name
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "director")

    program("note", number, "a")
    program("note", number, "b", acting="director")

    own, claimed = program.show(number)["events"][-2:]
    assert (own["actor"], claimed["actor"]) == (me, "director")
    assert own["system_user"] == claimed["system_user"]
    assert own["system_user"].split(" ")[0] == me
    server = None if program.url.startswith("sqlite") else program.url.partition("://")[2].partition("@")[0]
    assert own["server_user"] == claimed["server_user"] == server
    for lang, database in ("en", "database"), ("th", "ฐานข้อมูล"):
        lines = program("show", number, lang=lang).out.splitlines()
        [line] = [line for line in lines if "director" in line]
        assert f"director ({claimed['system_user']}" in line
        assert (f", {database}: {server})" in line) is (server is not None)
