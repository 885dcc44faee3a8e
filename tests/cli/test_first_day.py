"""The README's way from nothing to ten officers at work, run as it stands on a machine that is clean, and thrown away after."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.runner import PATIENCE, PROJECT
from tests.cli.somebody import AS_ROOT
from tests.strangers import can
from tests.test_docs import between

pytestmark = [
    AS_ROOT,
    pytest.mark.skipif(
        not can("unshare", "-m", "sh", "-c", "mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w && "
        "mount -t overlay o -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc && command -v useradd runuser"),
        reason="no mounts of one's own on this machine, or no users",
    ),
]  # fmt: skip

NAMED = ("somchai", "malee", "nok")
OTHERS = ("lek", "daeng", "noi", "ton", "fah", "may", "boy")

# As what follows the README's lines: seven more officers in the same way, ten calls at once, and a round of the service.
THEN = f"""
import grp, json, os, pickle, pkgutil, pwd, stat, subprocess, sys
from importlib import import_module
from pathlib import Path
sys.path.insert(0, os.getcwd())
import complaint_sla
from complaint_sla.settings import load
from tests.cli.runner import log_command, run
for module in pkgutil.walk_packages(complaint_sla.__path__, "complaint_sla."):
    if ".versions." not in module.name and not module.name.endswith("__main__"):
        import_module(module.name)

def ask(name, *commands, umask):
    reading, writing = os.pipe()
    if os.fork() == 0:
        user = pwd.getpwnam(name)
        os.umask(umask)
        os.initgroups(name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.environ.pop("SUDO_USER", None)
        os.environ |= {{"HOME": user.pw_dir, "USER": name, "LOGNAME": name}}
        os.write(writing, json.dumps([vars(run(one)) for one in commands]).encode())
        os._exit(0)
    os.close(writing)
    return reading

def hear(reading):
    with os.fdopen(reading) as answer:
        return json.load(answer)

for name in {OTHERS!r}:
    subprocess.run(["usermod", "--append", "--groups", "callcenter", name], check=True)
    hired = run(["staff", "add", f"{{name}}@pea.example", "--name", name, "--office", "MAIN", "--role", "agent", "--login", name])
    assert hired.code == 0, hired.err
asking = [
    ask(name, log_command("residential", "--urgent", "--json"), ["list"], umask=umask)
    for name, umask in zip({(*NAMED, *OTHERS)!r}, (0o22, 0o77, 0o02, 0o27, 0o07) * 2)
]
heard = [hear(one) for one in asking]
[stranger] = hear(ask("nobody", ["list"], umask=0o22))
shown = run(["show", json.loads(heard[1][0]["out"])["number"], "--json"])
# The folder that was tried is root's, who tried it.
os.environ["COMPLAINT_SLA_MAIL"] = "folder:/var/lib/complaint-sla/letters"
[round_] = hear(ask("complaints", ["run", "--once", "--json"], umask=0o07))
records = [Path("/var/lib/complaint-sla"), Path("/var/lib/complaint-sla/complaints.db"), Path("/etc/complaint-sla/mail-password")]
print(json.dumps({{
    "asked": asked,
    "heard": heard,
    "stranger": stranger,
    "event": json.loads(shown.out)["events"][0],
    "round": round_,
    "letters": [one.name for one in Path(os.environ["COMPLAINT_SLA_MAIL"].removeprefix("folder:")).glob("*.eml")],
    "records": [
        [pwd.getpwuid(one.stat().st_uid).pw_name, grp.getgrgid(one.stat().st_gid).gr_name, oct(stat.S_IMODE(one.stat().st_mode))]
        for one in records
    ],
    "mail": load({{}}, {{}}, "root").mail.value,
    "password": load({{}}, {{}}, "root").password.read(),
}}))
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What came of it; the README's text is run without a letter changed."""
    folder = tmp_path_factory.mktemp("day")
    spec = {
        "people": (*NAMED, *OTHERS),
        "script": between("first day"),
        # No server of the office's is here.
        "environment": {
            "COMPLAINT_SLA_MAIL": "folder:/var/lib/complaint-sla-tried", "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/nonexistent", "LANG": "C.UTF-8",
        },
        "then": THEN,
    }  # fmt: skip
    (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    done = subprocess.run(
        [
            "unshare",
            "-m",
            sys.executable,
            str(PROJECT / "tests" / "clean_machine.py"),
            str(folder / "spec.json"),
        ],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE * 6,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict = json.loads(done.stdout)
    return found


def test_ten_officers_work_at_once_on_the_machine_that_the_readme_sets_up(day: dict) -> None:
    assert [[one["code"] for one in officer] for officer in day["heard"]] == [[0, 0]] * 10, day["heard"]
    numbers = {json.loads(officer[0]["out"])["number"] for officer in day["heard"]}
    assert len(numbers) == 10
    assert {json.loads(officer[0]["out"])["office"] for officer in day["heard"]} == {"MAIN"}
    # In whose name it stands needs no option: the login says it.
    assert (day["event"]["actor"], day["event"]["system_user"]) == ("malee@pea.example", "malee")
    # Whoever is none of them gets nothing.
    assert day["stranger"]["code"] == 5


def test_its_records_are_the_groups_and_its_password_the_services_alone(day: dict) -> None:
    assert day["records"] == [
        ["complaints", "callcenter", "0o2770"],
        ["complaints", "callcenter", "0o660"],
        ["complaints", "root", "0o600"],
    ]
    assert (day["mail"], day["password"]) == ("smtp://complaints@mail.pea.example:587", "sésame")
    assert day["asked"].split() == ["install", "-q", "-c", "constraints.txt", ".[pdf,xlsx]"]


def test_its_service_sends_what_is_due(day: dict) -> None:
    assert day["round"]["code"] == 0, day["round"]
    assert len(day["letters"]) >= 1
