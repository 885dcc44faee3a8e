"""Done stays done where the answer can't be written: the code does not ask for it again, and the number is told all the same."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaint_sla.cli.main import COMMANDS, main
from tests.cli.runner import SUNDAY, Program, log_command

# Those that only read or look, and those that speak as long as they run.
OTHERS = {
    "roles",
    "help",
    "completion",
    "retention",
    "journal",
    "list",
    # It speaks to a terminal only.
    "queue",
    "today",
    "find",
    "show",
    "explain",
    "audit",
    "doctor",
    "run",
    "restore",
    "demo",
}


@contextlib.contextmanager
def unheard(where: str) -> Iterator[io.TextIOWrapper]:
    """A stdout that is full, or whose reader has gone; what is said on the other stream."""
    if where == "full":
        out = open("/dev/full", "w", encoding="utf-8")  # noqa: PTH123, SIM115
    else:
        reading, writing = os.pipe()
        os.close(reading)
        out = os.fdopen(writing, "w", encoding="utf-8")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield err
        err.flush()
    with contextlib.suppress(OSError):
        out.close()


def writing(folder: Path) -> dict[str, list[str]]:
    """Each command that writes, and what it is to do, in an order in which each can be done."""
    sheet, book = folder / "sheet.csv", Path("rules/pea-2560.toml").read_text(encoding="utf-8")
    sheet.write_text(
        "group,channel,category,subject,received_at,office\nresidential,phone,outage,x,2017-03-05,MAIN\n"
    )
    (folder / "rules").mkdir()
    new = book.replace('id = "pea-2560"', 'id = "new"').replace('"2017-01-01"', '"2019-01-01"')
    (folder / "rules" / "new.toml").write_text(new, encoding="utf-8")
    listed = folder / "listed.csv"
    listed.write_text("reference,service,finished_on\n6003-001,new-meter,2017-03-03\n")
    one = "C-6003-1"
    return {
        "log": log_command(),
        "office": ["office", "add", "EAST", "--name-th", "อ", "--name-en", "East"],
        "staff": ["staff", "add", "a@b.org", "--name", "A", "--office", "MAIN", "--role", "supervisor"],
        "assign": ["assign", one, "a@b.org"],
        "acknowledge": ["acknowledge", one],
        "note": ["note", one, "seen"],
        "reclassify": ["reclassify", one, "--group", "key-account", "--reason", "x"],
        "correct": ["correct", one, "--subject", "y"],
        "transfer": ["transfer", one, "--office", "EAST", "--reason", "x"],
        "close": ["close", one, "--outcome", "x"],
        "reopen": ["reopen", one, "--reason", "x"],
        "withdraw": ["withdraw", one, "--reason", "x"],
        "duplicate": ["duplicate", "C-6003-2", "--of", "C-6003-3", "--reason", "x"],
        "erase": ["erase", one, "--reason", "x"],
        "import": ["import", str(sheet)],
        "export": ["export", str(folder / "out.csv")],
        "sweep": ["sweep"],
        "deliver": ["deliver"],
        "mail": ["mail", "test", "a@b.org"],
        "rules": ["rules", "publish", str(folder / "rules")],
        "report": ["report", "1/2560", "--freeze"],
        "plan": [
            *("plan", "enter", "voc-summary", "1/2560", "--source", "x", "--dated", "2017-03-01"),
            *("--office", "MAIN"),
        ],
        "backup": ["backup", str(folder / "backup.db")],
        "person": ["person", "erase", "--phone", "0812345678", "--reason", "x", "--yes"],
        "survey": ["survey", "import", str(listed), "--through", "2017-03-04", "--office", "MAIN"],
        "init": ["init"],
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("where", ["full", "gone"])
def test_what_was_done_is_not_called_undone_and_is_told_on_the_other_stream(
    sqlite_program: Program, tmp_path: Path, where: str
) -> None:
    for phone in ("0811111111", "0822222222", "0812345678"):
        sqlite_program.number("residential", "--phone", phone)
    known = writing(tmp_path)
    # A command that is new is either among them, or only reads.
    assert set(COMMANDS) - OTHERS <= set(known)
    for name, command in known.items():
        before, files = sqlite_program.dump(), set(tmp_path.iterdir())
        now = {"report": "2017-05-02 09:00"}.get(name, SUNDAY)
        with unheard(where) as err:
            code = main([*sqlite_program.options(now=None if name in ("backup", "init") else now), *command])
        said = err.buffer.getvalue().decode()  # type: ignore[attr-defined]
        if name not in ("init", "mail"):
            assert sqlite_program.dump() != before or set(tmp_path.iterdir()) != files, (name, said)
        assert code == (1 if where == "full" else 0), (name, said)
        assert "It is done, and its answer could not be written:" in said, (name, said)
        if name == "log":
            assert "C-6003-00004" in said
        elif command[1:] and command[1].startswith("C-"):
            assert f"C-6003-0000{command[1][-1]}" in said, (name, said)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_where_nothing_was_done_it_is_said_so(sqlite_program: Program) -> None:
    sqlite_program.number()
    before = sqlite_program.dump()
    for command in (["list"], log_command("nobody"), ["sweep", "--dry-run"]):
        with unheard("full") as err:
            assert main([*sqlite_program.options(now=SUNDAY), *command]) == 2
        assert "It is done" not in err.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert sqlite_program.dump() == before
