"""The README's unit for systemd and its command for officers: each is enough as it stands, behind all its walls."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from complaint_sla.cli.main import build
from complaint_sla.cli.terminal import Terminal
from complaint_sla.wording import Words
from tests.cli.runner import PATIENCE, PROJECT, SUNDAY, Program
from tests.cli.test_service import with_the_book_alone
from tests.conftest import OpenPostbox
from tests.published import make_rehearsal
from tests.strangers import PATH, UID, as_stranger, confined, strangers

pytestmark = strangers

PASSWORD = "sésame"
OFFICER = 23456
STATE, SETTINGS = "/var/lib/complaint-sla", "/etc/complaint-sla"


def unit() -> dict[str, list[str]]:
    """Its lines by their keys."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8").partition("```ini\n")[2].partition("```")[0]
    lines: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, found, value = line.partition("=")
        if found:
            lines.setdefault(key, []).append(value)
    return lines


@pytest.fixture
def office(tmp_path: Path, postbox: OpenPostbox) -> Any:
    """A machine set up as the README says: settings, password and program in their places, and an alert that is owed."""
    box = postbox(login=("officer", PASSWORD))
    places = {name: tmp_path / name.replace("/", "_") for name in (STATE, SETTINGS, "/opt/complaint-sla/bin")}
    for place in places.values():
        place.mkdir()
    program = with_the_book_alone(Program(make_rehearsal(f"sqlite:///{places[STATE] / 'complaints.db'}")))
    program.hire("sup")
    program.number("residential", "--urgent")
    (places[SETTINGS] / "config.toml").write_text(
        f'db = "sqlite:///{STATE}/complaints.db"\n'
        f'mail = "smtp+plain://officer@127.0.0.1:{box.port}"\n'
        f'mail_password_file = "{SETTINGS}/mail-password"\n'
    )
    password = places[SETTINGS] / "mail-password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    (places["/opt/complaint-sla/bin"] / "complaint-sla").symlink_to(
        Path(sys.executable).with_name("complaint-sla")
    )
    return box, {name: str(place) for name, place in places.items()}


def spec(places: dict[str, str], home: str | None, command: list[str]) -> dict[str, Any]:
    """The unit's walls, and what systemd sets for a user with this home; of one whom nobody knows, nothing."""
    said = unit()
    assert {"ProtectHome=yes", "ProtectSystem=strict", "PrivateTmp=yes"} <= {
        f"{key}={value}" for key, values in said.items() for value in values
    }
    assert "EnvironmentFile" not in said
    environment = {"PATH": PATH, "LANG": "C.UTF-8", "STATE_DIRECTORY": STATE, "PYTHONDONTWRITEBYTECODE": "1"}
    assert said["User"] == ["complaints"]
    if home is not None:
        environment |= {"HOME": home, "LOGNAME": "complaints", "USER": "complaints", "SHELL": "/bin/sh"}
    environment |= dict(pair.split("=", 1) for line in said["Environment"] for pair in shlex.split(line))
    assert said["StateDirectory"] == [STATE.removeprefix("/var/lib/")]
    return behind_walls(places, home, as_stranger(environment) + command)


def behind_walls(places: dict[str, str], home: str | None, command: list[str]) -> dict[str, Any]:
    """The command on that machine, where user UID is `complaints` if a home is named, and an officer is malee."""
    users = f"malee:x:{OFFICER}:{OFFICER}::/home/malee:/bin/sh\n"
    return {
        "passwd": users + (f"complaints:x:{UID}:{UID}::{home}:/bin/sh\n" if home is not None else ""),
        "keep": [str(PROJECT), sys.prefix, sys.base_prefix],
        "places": places,
        "writable": [STATE],
        "command": command,
    }


HOMES = {"a home behind the wall": "/home/complaints", "no name and no home": None}


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_the_unit_starts_and_sends_whatever_home_its_user_has(office: Any, home: str | None) -> None:
    box, places = office
    service = confined(spec(places, home, shlex.split(unit()["ExecStart"][0])))
    try:
        letters = box.wait_for(1)
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=PATIENCE)
    finally:
        service.kill()
        service.wait()

    assert [letter.recipients for letter in letters] == [("sup@example.org",)], said
    assert service.returncode == 0
    # Nothing of its home is in the log either.
    assert "config" not in said


PROBE = """
import pwd, os
assert pwd.getpwuid(os.getuid()).pw_name == "complaints"
def refused(*arguments):
    try:
        os.open(*arguments)
    except OSError as problem:
        return type(problem).__name__ if problem.errno != 30 else "read-only"
    return "open"
print(refused("/home/complaints/.config", os.O_RDONLY), refused("/etc/new", os.O_CREAT | os.O_RDWR),
      refused("/var/lib/complaint-sla/new", os.O_CREAT | os.O_RDWR))
"""


def test_the_walls_are_such_as_the_unit_says(office: Any) -> None:
    _, places = office
    probe = confined(spec(places, "/home/complaints", [sys.executable, "-c", PROBE]))

    said, problem = probe.communicate(timeout=PATIENCE)

    assert said.split() == ["PermissionError", "read-only", "open"], problem


# --- officers, who come to the service's user by sudo


def officers_command() -> str:
    found = re.search(
        r"<!-- officers command -->\n```sh\n(.*?)```",
        (PROJECT / "README.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert found is not None
    return found[1]


def test_an_officer_is_recorded_by_sudos_word_and_chooses_neither_database_nor_name_nor_file(
    office: Any,
) -> None:
    _, places = office
    url = f"sqlite:///{places[STATE]}/complaints.db"
    number = Program(url).number()
    Program(url)("staff", "set", Program(url).hire("malee", "agent"), "--login", "malee")
    (Path(places[SETTINGS]) / "officers").write_text(officers_command())
    before = Program(url).dump()
    refused = [
        *(["--db", "sqlite:////tmp/x.db", "list"], ["--as", "director", "note", number, "x"], ["--now", SUNDAY, "list"], []),
        *(["report", "2017-Q1", "--output", f"{STATE}/complaints.db"], ["report", "2017-Q1", f"--output={STATE}/x"]),
        *(["report", "2017-Q1", "--freeze"], ["report", "2017-Q1", "--email"], ["report", "2017-Q1", "--clock-is-right"]),
        *(["export", "/tmp/x.csv"], ["erase", number, "--reason", "x"], ["staff", "list"], ["doctor", "--output", "/tmp/x"]),
    ]  # fmt: skip
    # As sudo starts it, had its rules kept all that an officer may have set.
    environment = {
        "PATH": PATH, "LANG": "C.UTF-8", "HOME": "/home/complaints", "USER": "complaints", "LOGNAME": "complaints",
        "SUDO_USER": "malee", "SUDO_UID": str(OFFICER), "COMPLAINT_SLA_DB": "sqlite:////tmp/x.db",
        "COMPLAINT_SLA_AS": "director", "PYTHONPATH": "/tmp",
    }  # fmt: skip

    def ask(*commands: list[str]) -> tuple[str, str]:
        script = "".join(f"sh {SETTINGS}/officers {shlex.join(command)}; echo $?\n" for command in commands)
        command = [*as_stranger(environment), "sh", "-c", script]
        return confined(behind_walls(places, "/home/complaints", command)).communicate(timeout=PATIENCE)

    codes, said = ask(*refused)
    assert codes.split() == ["6"] * len(refused), said
    assert Program(url).dump() == before
    out, said = ask(["note", number, "seen --output of the meter"])
    assert out.split()[-1] == "0", said
    event = Program(url).show(number)["events"][-1]
    assert (event["actor"], event["system_user"]) == ("malee@pea.example", "complaints (sudo malee)")
    shown = Program(url)("show", number).out
    assert "malee@pea.example (complaints (sudo malee))" in " ".join(shown.split())


def test_no_command_that_is_the_officers_has_another_option_for_a_file() -> None:
    """Whoever gives one of them such an option must have the officers' command refuse it."""
    allowed = {
        name
        for line in re.findall(r"^([a-z| ]+)\) ;;$", officers_command(), re.MULTILINE)
        for name in line.split(" | ")
    }
    assert {"log", "list", "close"} <= allowed
    words = Words("en")
    context = typer.Context(typer.main.get_command(build(words)), obj=Terminal(words))
    group = context.command
    assert isinstance(group, typer.core.TyperGroup)
    for name in allowed:
        command = group.get_command(context, name)
        assert command is not None, name
        files = [option.opts for option in command.params if "path" in type(option.type).__name__.lower()]
        assert files == ([["--output"]] if name == "report" else []), name
