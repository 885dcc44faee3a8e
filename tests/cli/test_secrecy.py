"""Passwords: read by what sends mail and by nothing else, shown by nothing, and kept in files that are not everybody's."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.settings import without_secrets
from tests.cli.runner import Program, run
from tests.strangers import stranger_in_turn, strangers

SECRET = "hunter2"
# Nobody answers there.
ASKS = "smtp+plain://officer@127.0.0.1:1"

# --- read when mail is sent


def test_a_password_that_can_not_be_read_ends_only_what_sends_mail(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program, file = sqlite_program, tmp_path / "none"
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", ASKS)
    monkeypatch.setenv("COMPLAINT_SLA_MAIL_PASSWORD_FILE", str(file))
    program.hire("sup")
    number = program.number()
    before = program.dump()
    sends = (["deliver"], ["run", "--once"], ["run"], ["mail", "test", "a@b.org"])

    for command in sends:
        refused = program(*command, code=2)
        assert str(file) in refused.err, command
    assert program.dump() == before
    for command in (
        ["list"], ["find", "6003"], ["show", number], ["note", number, "x"], ["report", "2017-Q1"], ["sweep"], ["init"],
        ["audit"], ["mail", "list"], ["staff", "list"], ["export", str(tmp_path / "all.csv")],
    ):  # fmt: skip
        program(*command, code=0)
    [finding] = [one for one in doctor(program)["findings"] if one["about"] == "settings"]
    assert finding["wrong"]
    assert str(file) in finding["text"]
    # Into a folder mail goes without one.
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"folder:{tmp_path / 'mail'}")
    program("deliver")


@strangers
def test_whoever_works_beside_the_service_need_not_read_its_password(
    sqlite_program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(SECRET)
    file.chmod(0o000)
    given = {
        "COMPLAINT_SLA_DB": sqlite_program.url,
        "COMPLAINT_SLA_MAIL": ASKS,
        "COMPLAINT_SLA_MAIL_PASSWORD_FILE": str(file),
    }

    looked, refused = stranger_in_turn([(given, ["doctor", "--json"]), (given, ["deliver"])], tmp_path)

    # No finding that they could not cure.
    [mail] = [one for one in looked.json["findings"] if one["about"] == "mail"]
    assert str(file) in mail["text"]
    assert not mail["wrong"]
    assert refused.code == 2
    assert str(file) in refused.err


# --- shown by nothing

MAIL_URLS = (
    "u:{}@h", "smtp:u:{}@h", "smtp//u:{}@h", "smtp:/u:{}@h", "smtp://u:{}@h", "smtps://u:{}@h:x", "smtp://u:{}", "u:{}",
    "smtp://h?password={}", "smtp://h/?{}", "{}@h", " smtp://u:{}@h",
)  # fmt: skip
DATABASE_URLS = (
    "postgresql://u:{}@h/d", "postgresql:/u:{}@h/d", "postgresql:u:{}@h/d", "u:{}@h/d", "{}@h", "postgresql://u:{}",
    "postgresql://127.0.0.1:1/d?user=u&password={}", "mysql://u:{}@h/d", "mysql://h/d?password={}", "sqlite://u:{}@h/d",
)  # fmt: skip


@given(
    st.sampled_from([*MAIL_URLS, *DATABASE_URLS]), st.text(st.characters(min_codepoint=33, max_codepoint=126))
)
def test_what_may_be_a_password_is_left_out_of_a_url_however_it_is_written(form: str, more: str) -> None:
    assert SECRET not in without_secrets(form.format(SECRET + more))


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.org:587", "smtp+plain://[::1]:25", "mail.example.org:25", "folder:/var/a@b", "",
        "sqlite:////var/a:b@c.db", "postgresql://127.0.0.1:5432/d", "postgresql:///d",
    ],
)  # fmt: skip
def test_a_url_without_one_is_shown_as_it_is(url: str) -> None:
    assert without_secrets(url) == url


def test_no_command_shows_a_password_that_stands_in_a_wrong_place(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Of a URL of SQLite the host counts for nothing: a file is made here.
    monkeypatch.chdir(tmp_path)
    said = []
    for form in MAIL_URLS:
        monkeypatch.setenv("COMPLAINT_SLA_MAIL", form.format(SECRET))
        said += [
            sqlite_program(*command, code=None)
            for command in (["doctor", "--json"], ["mail", "test", "a@b.org"])
        ]
    said.append(sqlite_program("doctor", code=None))
    said.append(sqlite_program("init", "--json", code=None))
    for form in DATABASE_URLS:
        url = form.format(SECRET)
        said += [run(["--db", url, *command]) for command in (["doctor", "--json"], ["init", "--json"])]
        said.append(run(["--db", url, "--now", "2017-03-05 10:00", "init"]))

    assert [answer for answer in said if SECRET in answer.out + answer.err] == []
    assert [answer for answer in said if answer.code == 70] == []


# --- kept in files that are not everybody's


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that everybody may look into, as pytest's may not."""
    folder = Path(tempfile.mkdtemp()) / "a folder"
    folder.parent.chmod(0o755)
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder.parent)


def doctor(program: Program, *options: str) -> Any:
    return program(*options, "doctor", "--json", code=None).json


def exposed(program: Program) -> list[dict[str, Any]]:
    return [one for one in doctor(program)["findings"] if one["about"] == "secrets"]


def test_doctor_names_each_file_of_secrets_that_is_everybodys_and_its_cure_closes_it(
    sqlite_program: Program, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("config.toml", "password", "complaints.db", "mail")
    config, password, database, mail = files = [open_folder / name for name in names]
    shutil.copy(sqlite_program.url.removeprefix("sqlite:///"), database)
    config.write_text(
        f'mail = "folder:{mail}"\nmail_password = "{SECRET}"\nmail_password_file = "{password}"\n'
    )
    password.write_text(SECRET)
    mail.mkdir()
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", str(config))
    program = Program(f"sqlite:///{database}")
    for file in files:
        file.chmod(0o755)

    found = exposed(program)

    assert sorted(str(file) for file in files) == sorted(
        str(file) for file in files if any(str(file) in one["text"] for one in found)
    )
    assert len(found) == len(files)
    assert {one["wrong"] for one in found} == {True}
    # In either language the cure is to be typed as it stands.
    monkeypatch.setenv("COMPLAINT_SLA_LANG", "th")
    for one in exposed(program):
        subprocess.run(one["cure"][one["cure"].index("chmod") :], shell=True, check=True)
    assert exposed(program) == []
    # What the owner's group may is the owner's business.
    assert {file.stat().st_mode & 0o777 for file in files} == {0o750}


def test_a_file_that_holds_no_secret_or_lies_behind_a_closed_folder_is_no_finding(
    sqlite_program: Program, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = open_folder / "config.toml"
    config.write_text('lang = "en"\ndb = "postgresql://u@h:1/d"\n')
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", str(config))
    assert exposed(sqlite_program) == []
    config.write_text(f'mail_password = "{SECRET}"\n')
    assert len(exposed(sqlite_program)) == 1
    open_folder.chmod(0o700)
    assert exposed(sqlite_program) == []


def test_the_passwords_of_a_database_server_are_secrets_too(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, passwords = open_folder / "config.toml", open_folder / ".pgpass"
    passwords.touch()
    monkeypatch.setenv("HOME", str(open_folder))
    program = Program("postgresql://u@127.0.0.1:1/d")
    [finding] = exposed(program)
    assert str(passwords) in finding["text"]
    other = open_folder / "other"
    other.touch()
    monkeypatch.setenv("PGPASSFILE", str(other))
    [finding] = exposed(program)
    assert str(other) in finding["text"]
    config.write_text(f'db = "postgresql://u:{SECRET}@127.0.0.1:1/d"\n')
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", str(config))
    assert {str(config) in one["text"] for one in exposed(program)} == {True, False}
