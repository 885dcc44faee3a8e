"""What an operator follows: the lines of a service that runs, in each form, and a service that nobody can hear any more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from complaint_sla import resources
from tests.cli.runner import PATIENCE, Program, real
from tests.conftest import OpenPostbox


@pytest.fixture
def program(sqlite_program: Program) -> Program:
    """With a complaint that is told at once, and without a summary that would be due on some days only."""
    sqlite_program.publish(resources.rules() / "pea-2560.toml")
    sqlite_program.hire("sup")
    now = datetime.now().astimezone().isoformat()
    sqlite_program.number("residential", "--urgent", "--customer", "สมชาย", "--subject", "ความลับ", now=now)
    return sqlite_program


@pytest.fixture
def services() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_each_event_is_a_document_and_a_hangup_ends_nothing(
    program: Program, postbox: OpenPostbox, services: list[subprocess.Popen[str]]
) -> None:
    box = postbox()
    process = program.spawn(
        "run", "--log", "json", environment={"COMPLAINT_SLA_MAIL": f"smtp+plain://127.0.0.1:{box.port}"}
    )
    services.append(process)
    assert process.stderr is not None
    said = []
    for told in process.stderr:
        said.append(json.loads(told))
        if said[-1]["job"] == "deliver":
            # The first round has been done.
            process.send_signal(signal.SIGHUP)
        if said[-1]["event"] == "hangup":
            process.send_signal(signal.SIGTERM)

    assert process.wait(PATIENCE) == 0
    assert {tuple(one) for one in said} == {("time", "level", "job", "event", "counts", "message")}
    assert [(one["job"], one["event"]) for one in said] == [
        (None, "remark"),
        (None, "started"),
        ("sweep", "done"),
        ("deliver", "done"),
        (None, "hangup"),
        (None, "stopped"),
    ]
    assert said[2]["counts"] == {"due": 1, "raised": 1, "superseded": 0, "unalertable": 0, "locked": 0}
    assert said[3]["counts"]["sent"] == 1
    assert datetime.fromisoformat(said[2]["time"]).utcoffset() is not None
    for part in ("สมชาย", "ความลับ", "sup@", "C-"):
        assert part not in json.dumps(said, ensure_ascii=False)


def test_the_journal_of_systemd_gets_the_level_and_no_time(
    program: Program, tmp_path: Path, services: list[subprocess.Popen[str]]
) -> None:
    with (tmp_path / "journal").open("w") as journal:
        found = os.fstat(journal.fileno())
        behind = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        process = program.spawn("run", environment=behind, stderr=journal)
        services.append(process)
        until = time.monotonic() + PATIENCE
        while "deliver" not in (tmp_path / "journal").read_text() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    said = (tmp_path / "journal").read_text().splitlines()
    assert [one[:3] for one in said] == ["<4>", *["<6>"] * 4]
    assert said[2] == "<6>sweep due=1 raised=1 superseded=0 unalertable=0 locked=0"


@pytest.mark.parametrize("where", ["a full disk", "a reader that has gone"])
def test_a_service_that_nobody_can_hear_goes_on_and_ends_as_it_is_told_to(
    program: Program,
    postbox: OpenPostbox,
    services: list[subprocess.Popen[str]],
    where: str,
    clean_machine: Path,
) -> None:
    box = postbox()
    reader, writer = os.pipe()
    target = os.open("/dev/full", os.O_WRONLY) if where == "a full disk" else writer
    os.close(reader)
    process = program.spawn(
        "run", environment={"COMPLAINT_SLA_MAIL": f"smtp+plain://127.0.0.1:{box.port}"}, stderr=target
    )
    services.append(process)
    for descriptor in {target, writer}:
        os.close(descriptor)
    box.wait_for(1)
    process.send_signal(signal.SIGTERM)

    assert process.wait(PATIENCE) == 0
    assert not list((clean_machine / ".local/state").rglob("bug-*"))


def test_the_code_of_a_command_does_not_hang_on_who_hears_its_remarks(program: Program) -> None:
    with Path("/dev/full").open("w") as full:
        process = program.spawn("--now", "2017-03-05", "run", "--once", stderr=full)
        process.communicate(timeout=PATIENCE)
        # As if it had been heard.
        assert process.returncode == 6
        process = program.spawn("run", "--once", "--json", stderr=full)
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert json.loads(out)["sent"] == 1


def test_what_keeps_a_service_from_starting_is_a_line_too(tmp_path: Path) -> None:
    answer = real("--db", f"sqlite:///{tmp_path}/none.db", "run", "--log", "json")
    assert answer.code == 5
    (said,) = map(json.loads, answer.err.splitlines())
    assert (said["level"], said["event"]) == ("error", "ended")
    assert "none.db" in said["message"]


def test_an_unknown_form_and_a_log_of_one_round_are_refused(program: Program) -> None:
    assert "text, json" in program("run", "--log", "xml", code=2).err
    assert "--once" in program("run", "--once", "--log", "json", code=2).err
