"""Who may call which command: one table, and refused in words before anything is asked or changed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from complaint_sla import identity
from complaint_sla.cli.permits import ACTIONS
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.identity import SystemUser
from complaint_sla.core.permissions import AccessRole, Action, Permissions
from tests.cli.runner import SUNDAY, Program, log_command
from tests.cli.test_help import tree
from tests.core.test_permissions import READING
from tests.published import rehearse

STAFF = ["--name", "x", "--office", "MAIN", "--role", "agent"]
# Of each command that changes something, and of each that an option makes one.
CHANGING = {
    "log": log_command(),
    "queue": ["queue"],
    "note": ["note", "6003-1", "x"],
    "assign": ["assign", "6003-1", "sup@example.org"],
    "acknowledge": ["acknowledge", "6003-1"],
    "transfer": ["transfer", "6003-1", "--office", "OTHER", "--reason", "x"],
    "close": ["close", "6003-1", "--outcome", "x"],
    "reopen": ["reopen", "6003-1", "--reason", "x"],
    "withdraw": ["withdraw", "6003-1", "--reason", "x"],
    "duplicate": ["duplicate", "6003-1", "--of", "6003-2"],
    "reclassify": ["reclassify", "6003-1", "--urgent", "--reason", "x"],
    "correct": ["correct", "6003-1", "--subject", "y"],
    "erase": ["erase", "6003-1", "--reason", "x"],
    "import": ["import", "sheet.jsonl"],
    "sweep": ["sweep"],
    "deliver": ["deliver"],
    "run": ["run", "--once"],
    "report --freeze": ["report", "2017-Q1", "--freeze"],
    "report --email": ["report", "2017-Q1", "--email"],
    "plan enter": ["plan", "enter", "voc-summary", "1/2560", "--source", "x", "--dated", "2017-03-01"],
    "plan freeze": ["plan", "freeze", "2017-Q1"],
    "plan import": ["plan", "import", "sheet.jsonl"],
    "survey import": ["survey", "import", "sheet.jsonl", "--through", "2017-03-01"],
    "survey draw": ["survey", "draw"],
    "survey record": ["survey", "record", "6003-001", "5"],
    "restore": [],
    "init": ["init"],
    "office add": ["office", "add", "X", "--name-th", "x", "--name-en", "x"],
    "office set": ["office", "set", "MAIN", "--name-en", "x"],
    "office set --parent": ["office", "set", "OTHER", "--parent", "MAIN"],
    "staff add": ["staff", "add", "x@b.org", *STAFF],
    "staff add --login": ["staff", "add", "x@b.org", *STAFF, "--login", "x"],
    "staff set": ["staff", "set", "sup@example.org", "--name", "x"],
    "staff set --login": ["staff", "set", "sup@example.org", "--login", "x"],
    "staff away": [
        "staff",
        "away",
        "sup@example.org",
        "--until",
        "2017-05-05",
        "--deputy",
        "sup@example.org",
    ],
    "staff retire": ["staff", "retire", "sup@example.org"],
    "mail retry": ["mail", "retry"],
    "mail test": ["mail", "test", "a@b.org"],
    "person erase": ["person", "erase", "--phone", "0812345678", "--reason", "x", "--yes"],
    "retention": ["retention"],
    "rules publish": ["rules", "publish"],
}


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the process that of an ordinary user, who is not the owner of the file."""

    def be(name: str) -> None:
        monkeypatch.setattr(identity, "system_user", lambda _: SystemUser(name))
        monkeypatch.setattr(identity, "masters", lambda *_: False)

    return be


@pytest.fixture
def office(sqlite_database: str) -> Program:
    """With an agent, a supervisor and one who has left, each with a login."""
    program = Program(rehearse(sqlite_database))
    for name, role in (("agent", "agent"), ("sup", "supervisor"), ("head", "manager"), ("left", "manager")):
        program("staff", "set", program.hire(name, role), "--login", name)
    program("staff", "retire", "left@example.org")
    program.number()
    return program


def test_every_command_says_what_it_does() -> None:
    commands = {" ".join(path): command for path, command in tree("en") if not hasattr(command, "commands")}
    assert {name for name in ACTIONS if " --" not in name} == set(commands)
    for variant in ACTIONS:
        name, _, option = variant.partition(" --")
        assert not option or option in {one.name for one in commands[name].params}, variant


def test_every_command_that_changes_something_is_tried_here() -> None:
    changing = {name for name, actions in ACTIONS.items() if not set(actions) <= READING}
    assert changing == set(CHANGING)


def test_whoever_has_no_role_is_refused_by_each_that_changes_something_and_reads_all_the_same(
    office: Program, somebody: Callable[[str], None], lang: str
) -> None:
    before = office.dump()

    for name in ("stranger", "left"):
        somebody(name)
        for command in CHANGING.values():
            if command:
                refused = office(*command, code=6, lang=lang)
                assert refused.out == "", command
                assert f"{name}" in refused.err, command
        for command in (["list"], ["show", "6003-1"], ["report", "2017-Q1"], ["staff", "list"]):
            office(*command)
    assert office.dump() == before
    # Looking through all of it leaves word of that, and of nothing else.
    office("audit")


def test_each_does_as_much_as_their_post_and_the_settings_let_them(
    office: Program, somebody: Callable[[str], None], tmp_path: Path
) -> None:
    def refused(name: str) -> set[str]:
        somebody(name)
        found = set()
        for key, command in CHANGING.items():
            if command and key not in ("run", "deliver", "mail test"):
                said = office(*command, now=SUNDAY, code=None)
                if said.code == 6 and "You may not" in said.err:
                    found.add(key)
        return found

    for name, role in (("agent", AccessRole.OFFICER), ("head", AccessRole.SUPERVISOR)):
        shipped = Permissions()
        due = {
            key
            for key, actions in ACTIONS.items()
            if key in CHANGING and CHANGING[key] and any(role not in shipped.allowed(one) for one in actions)
        }
        assert refused(name) == due - {"run", "deliver", "mail test"}, name

    settings = tmp_path / "service.toml"
    settings.write_text('[permissions]\nclose = ["supervisor"]\npeople = ["officer"]', encoding="utf-8")
    with pytest.MonkeyPatch.context() as root:
        root.setattr(identity, "masters", lambda *_: True)
        office("rules", "publish", str(settings), now=SUNDAY)
    assert {"close", "withdraw", "duplicate", "import"} <= refused("agent")
    assert not {"office add", "staff set"} & refused("agent")


def test_words_say_who_somebody_is_and_who_may(office: Program, somebody: Callable[[str], None]) -> None:
    somebody("agent")
    said = office("report", "2017-Q1", "--freeze", now=SUNDAY, code=6).err
    assert said == (
        "Error: You may not freeze figures: here you count among officers, and that is for administrators (you are known "
        "as agent, a login of the staff).\n"
    )


def test_nobody_is_asked_anything_that_they_may_not_answer(
    office: Program, somebody: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "can_ask", True)
    somebody("stranger")
    refused = office("log", code=6)
    assert "Telephone" not in refused.err


def test_a_file_holds_no_roles(office: Program) -> None:
    assert "whoever may write it" in office("roles", code=6).err


def test_a_login_is_one_persons_and_administrators_give_it(
    office: Program, somebody: Callable[[str], None]
) -> None:
    assert {one["email"]: one["login"] for one in office("staff", "list", "--json").json} == {
        "agent@example.org": "agent", "head@example.org": "head", "sup@example.org": "sup"
    }  # fmt: skip
    assert "login agent" in office("staff", "list").out
    assert "agent@example.org" in office("staff", "set", "sup@example.org", "--login", "agent", code=6).err
    assert office("staff", "set", "agent@example.org", "--login", "", "--json").json["login"] is None
    office("staff", "set", "sup@example.org", "--login", "agent")

    somebody("sup")
    office("note", "6003-1", "x", code=6)


@pytest.mark.parametrize(
    ("uid", "owner", "sudo", "masters"),
    [
        (1000, 1000, None, True),
        (1000, 1000, "1000", True),
        (1000, 1000, "0", True),
        (1000, 1000, "1001", False),
        (1000, 1001, None, False),
        (0, 1001, None, True),
        (0, 1001, "1001", True),
    ],
)
def test_the_file_is_its_owners_and_roots_and_nobodys_who_came_by_sudo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, uid: int, owner: int, sudo: str | None, masters: bool
) -> None:
    class Found:
        st_uid = owner

    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setattr(Path, "stat", lambda _self, **_: Found)
    environment: dict[str, Any] = {} if sudo is None else {"SUDO_UID": sudo}
    assert identity.masters(tmp_path, environment) is masters


def test_nobody_but_its_owner_upgrades_a_file(somebody: Callable[[str], None], sqlite_database: str) -> None:
    program = Program(sqlite_database)
    somebody("stranger")
    assert "somebody else's" in program("init", code=6).err
    assert Action.ADMINISTER in ACTIONS["init"]
