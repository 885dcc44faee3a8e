"""`sweep` and `run`: what the service does by the clock, and how it ends."""

import signal
import subprocess
import threading
from datetime import datetime
from pathlib import Path

import pytest

from complaint_sla import resources
from tests.cli.runner import PATIENCE, SUNDAY, Program
from tests.conftest import OpenPostbox
from tests.servers.smtp import Phase


@pytest.fixture
def program(program: Program) -> Program:
    return with_the_book_alone(program)


@pytest.fixture
def sqlite_program(sqlite_program: Program) -> Program:
    return with_the_book_alone(sqlite_program)


def with_the_book_alone(program: Program) -> Program:
    """A summary would be due on some days of a week and not on others."""
    program.publish(resources.rules() / "pea-2560.toml")
    return program


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    """Blocks until the service has said it; a service that ends without it fails the test."""
    assert process.stderr is not None
    # Whoever waits in vain must not wait for ever: the service ends, and with it what it says.
    too_late = threading.Timer(PATIENCE, process.kill)
    too_late.start()
    said = ""
    for line in process.stderr:
        said += line
        if text in line:
            too_late.cancel()
            return
    raise AssertionError(f"{text!r} was not said:\n{said}")


def test_a_sweep_counts_complaints_and_rows_and_repeating_it_raises_nothing(program: Program) -> None:
    program.hire("sup")
    program.number("spp-area")
    program.number("residential")
    late = "2017-03-13 09:00"

    rehearsed = program("sweep", "--dry-run", "--json", now=late).json
    before = program.dump()["alert"]
    swept = program("sweep", "--json", now=late).json

    assert before == []
    # Overdue and the first escalation, both passed: the later one is raised, to the recipients of both.
    assert list(swept) == ["due", "alerts", "superseded", "unalertable", "locked"]
    assert swept["due"] == 1
    assert swept == rehearsed
    assert program("sweep", "--json", now=late).json == {
        "due": 0,
        "alerts": 0,
        "superseded": 0,
        "unalertable": 0,
        "locked": 0,
    }
    assert "Complaints with something due: 0" in program("sweep", now=late).out


def test_what_nobody_fills_is_counted_and_waits_for_somebody(program: Program) -> None:
    program.number("residential", "--urgent")

    swept = program("sweep", "--json", now=SUNDAY).json

    assert (swept["alerts"], swept["unalertable"]) == (0, 1)
    assert [alert["state"] for alert in program.show("6003-1")["alerts"]] == ["unalertable"]
    assert "supervisor@MAIN" in program("doctor", code=1).out
    program(
        "staff",
        "add",
        "sup@example.org",
        "--name",
        "S",
        "--office",
        "MAIN",
        "--role",
        "supervisor",
        now=SUNDAY,
    )
    assert "waiting" in [alert["state"] for alert in program.show("6003-1")["alerts"]]


def test_one_round_sweeps_and_delivers(program: Program, clean_machine: Path) -> None:
    program.hire("sup")
    program.number("residential", "--urgent", now=datetime.now().astimezone().isoformat())

    first = program("run", "--once", "--json").json
    second = program("run", "--once", "--json").json

    assert first == {
        "due": 1, "alerts": 1, "superseded": 0, "unalertable": 0, "locked": 0, "notices": 0,
        "sent": 1, "retried": 0, "failed": 0, "dropped": 0,
    }  # fmt: skip
    assert set(second.values()) == {0}
    assert len(list((clean_machine / ".local/share/complaint_sla/mail").glob("*.eml"))) == 1
    assert "Messages sent: 0" in program("run", "--once").out


DAILY = """
[summary]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
at = "00:00"
"""


def publish_settings(program: Program, folder: Path, text: str) -> None:
    (folder / "service.toml").write_text(text, encoding="utf-8")
    program("rules", "publish", str(folder / "service.toml"))


def test_a_summary_goes_out_once_a_day_and_stands_in_the_outbox(program: Program, tmp_path: Path) -> None:
    publish_settings(program, tmp_path, DAILY)
    program.hire("sup")
    program.number("residential")

    first = program("run", "--once", "--json").json
    second = program("run", "--once", "--json").json

    assert (first["notices"], first["sent"]) == (1, 2)
    # Midnight may have passed between the two.
    assert second["notices"] in (0, 1)
    kinds = [one["kind"] for one in program("mail", "list", "--json").json]
    assert sorted(set(kinds)) == ["alerts", "summary"]
    shown = {one["kind"]: one["id"] for one in program("mail", "list", "--json").json}["summary"]
    said = program("mail", "show", str(shown)).out
    assert "[Summary]" in said
    assert "C-6003-00001" in said
    assert "daily summary" in program("mail", "list").out


def test_the_service_writes_summaries_by_the_clock(
    sqlite_program: Program, tmp_path: Path, postbox: OpenPostbox
) -> None:
    publish_settings(sqlite_program, tmp_path, DAILY)
    box = postbox()
    sqlite_program.hire("sup")
    sqlite_program.number("residential", now=datetime.now().astimezone().isoformat())

    process = sqlite_program.spawn(
        "run", environment={"COMPLAINT_SLA_MAIL": f"smtp+plain://127.0.0.1:{box.port}"}
    )
    box.wait_for(1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "[Summary]" in box.received[0].message["Subject"]


def test_one_round_that_could_not_send_ends_with_1(
    sqlite_program: Program, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    box.answer(Phase.MAIL, "451 4.3.0 Out of order")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp+plain://127.0.0.1:{box.port}")
    sqlite_program.hire("sup")
    sqlite_program.number("residential", "--urgent", now=datetime.now().astimezone().isoformat())

    assert sqlite_program("run", "--once", "--json", code=1).json["retried"] == 1


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_the_service_sweeps_delivers_and_ends_when_told_to(
    program: Program, postbox: OpenPostbox, name: signal.Signals
) -> None:
    box = postbox()
    program.hire("sup")
    program.number("residential", "--urgent", now=datetime.now().astimezone().isoformat())

    process = program.spawn("run", environment={"COMPLAINT_SLA_MAIL": f"smtp+plain://127.0.0.1:{box.port}"})
    wait_for_line(process, "The service runs")
    box.wait_for(1)
    process.send_signal(name)
    _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "nothing is in hand" in err
    assert "Traceback" not in err
    assert len(box.received) == 1
    assert [one["state"] for one in program("mail", "list", "--json").json] == ["sent"]


def test_a_letter_in_the_hands_of_the_server_is_waited_for_and_recorded_once(
    program: Program, postbox: OpenPostbox
) -> None:
    box = postbox()
    held = box.hold(Phase.BODY)
    program.hire("sup")
    program.number("residential", "--urgent", now=datetime.now().astimezone().isoformat())

    process = program.spawn("run", environment={"COMPLAINT_SLA_MAIL": f"smtp+plain://127.0.0.1:{box.port}"})
    held.wait()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert [one["state"] for one in program("mail", "list", "--json").json] == ["sending"]
    held.release()
    _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, err
    assert len(box.received) == 1
    [message] = program("mail", "list", "--json").json
    assert (message["state"], message["attempts"]) == ("sent", 1)
    assert program("deliver", "--json").json["sent"] == 0


def test_the_service_goes_on_where_mail_can_not_leave(sqlite_program: Program, postbox: OpenPostbox) -> None:
    box = postbox()
    box.answer(Phase.MAIL, "530 5.7.0 Out of order")
    sqlite_program.hire("sup")
    sqlite_program.number("residential", "--urgent", now=datetime.now().astimezone().isoformat())

    process = sqlite_program.spawn(
        "run", environment={"COMPLAINT_SLA_MAIL": f"smtp+plain://127.0.0.1:{box.port}"}
    )
    wait_for_line(process, "Out of order")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
