"""The program as it is run by users whom the machine hardly knows: without a name, without a home, behind a unit's walls.

They are made by user namespaces, which any user may open on most machines; where none may, such tests are skipped.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import PATIENCE, PROJECT, Answer, without_mark

# Nobody's on any machine that we know.
UID = 12345
_BECOME = ["unshare", "-U", f"--map-user={UID}", f"--map-group={UID}", "env", "-i"]
# As systemd gives it to every unit.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"


def can(*command: str) -> bool:
    try:
        done = subprocess.run([*command, "true"], capture_output=True, timeout=PATIENCE, check=False)
    except OSError:
        return False
    return done.returncode == 0


strangers = pytest.mark.skipif(
    not can(*_BECOME) or not can("unshare", "-U", "-r", "-m"), reason="no user namespaces on this machine"
)


def as_stranger(environment: Mapping[str, str]) -> list[str]:
    """What goes before a command, so that user UID runs it, with this environment and nothing of ours."""
    return [*_BECOME, *(f"{name}={value}" for name, value in environment.items())]


# One start of Python for many commands, each in an environment of its own.
_IN_TURN = """
import json, os, sys
from tests.cli.runner import run
answers = []
for environment, arguments in json.loads(sys.argv[1]):
    os.environ.clear()
    os.environ.update(environment)
    answers.append(vars(run(arguments)))
print(json.dumps(answers))
"""


def stranger_in_turn(
    commands: Sequence[tuple[Mapping[str, str], Sequence[str]]], folder: Path
) -> list[Answer]:
    """Runs the program as user UID in a folder, once for each environment and its arguments."""
    done = answer_of(
        [sys.executable, "-c", _IN_TURN, json.dumps(commands)], folder, {"PYTHONPATH": str(PROJECT)}
    )
    assert done.code == 0, done.err
    return [Answer(**one) for one in done.json]


def answer_of(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Answer:
    done = subprocess.run(
        [*as_stranger({"PYTHONDONTWRITEBYTECODE": "1", **environment}), *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE * 2,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), without_mark(done.stderr.decode()))


def confined(spec: Mapping[str, Any], **how: Any) -> subprocess.Popen[str]:
    """Starts a command behind the walls of a unit; see `tests.walls` for what a `spec` holds."""
    walls = Path(__file__).with_name("walls.py")
    return subprocess.Popen(
        ["unshare", "-U", "-r", "-m", sys.executable, str(walls), json.dumps(spec)],
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **how,
    )
