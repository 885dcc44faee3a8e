"""It says when it can't: one line beside an answer while the service is silent, and `doctor` with a cure for each thing."""

from __future__ import annotations

import builtins
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, text, update

from complaint_sla import __version__
from complaint_sla.store.engine import Store
from complaint_sla.store.heartbeats import JOBS, beat
from complaint_sla.store.migrations import HEAD
from complaint_sla.store.tables import Complaint, JournalEntry, Message, Office, Staff, Table
from complaint_sla.work.health.findings import ABOUTS
from tests.cli.runner import SUNDAY, Program, log_command, run
from tests.conftest import OpenPostbox
from tests.published import rehearse
from tests.servers.smtp import Certificate

RULES = Path(__file__).parents[2] / "rules"
CURE = "complaint-sla doctor"


def on(url: str, work: Callable[[Any], Any]) -> None:
    """Does something to the database behind the program's back."""
    store = Store.open(url)
    store.write(work)
    store.close()


def beats(url: str, ago: timedelta, *jobs: str, fault: str | None = None) -> None:
    """So long ago these jobs last did their work, or all; now they are stopped by `fault`, if there is one."""
    at = datetime.now(UTC)
    for job in jobs or JOBS:
        on(url, lambda session, job=job: beat(session, job, at - ago, None))
        if fault is not None:
            on(url, lambda session, job=job: beat(session, job, at, fault))


def put_letter(url: str, state: str, ago: timedelta) -> None:
    """A letter in the outbox, made so long ago."""
    at, name = datetime.now(UTC) - ago, secrets.token_hex(4)
    letter = {
        "kind": "alerts",
        "occasion": name,
        "recipient": "a@b.org",
        "message_id": f"<{name}>",
        "state": state,
    }
    sent_at = at if state == "sent" else None
    on(url, lambda session: session.add(Message(**letter, created_at=at, not_before=at, sent_at=sent_at)))


def recorded(url: str, ago: timedelta) -> None:
    """All complaints were written down so long ago."""
    on(url, lambda session: session.execute(update(Complaint).values(recorded_at=datetime.now(UTC) - ago)))


def findings(program: Program, about: str, *options: str, **how: Any) -> list[dict[str, Any]]:
    found = program(*options, "doctor", "--json", code=None, **how).json["findings"]
    return [finding for finding in found if finding["about"] == about]


@pytest.fixture
def program(sqlite_program: Program) -> Program:
    """SQLite only: what is measured is tested on both engines in tests/work/health/test_facts.py."""
    return sqlite_program


LONG, SHORT = timedelta(days=3), timedelta(minutes=2)


# --- the line beside an answer


def answers(program: Program, number: str) -> list[tuple[list[str], str]]:
    """Commands with what they say on stderr."""
    commands = [
        ["list"], ["list", "--json"], ["list", "--csv"], ["find", number], ["show", number], ["show", number, "--json"],
        log_command(), [*log_command(), "--json"],
    ]  # fmt: skip
    return [(command, program(*command, now=SUNDAY).err) for command in commands]


def test_while_the_service_is_silent_every_answer_says_so_in_one_line(program: Program) -> None:
    program.hire("sup")
    program.hire("boss", "manager")
    number = program.number()
    beats(program.url, LONG)

    for command, said in answers(program, number):
        assert said.count("\n") == 1, command
        assert "no e-mail has gone out since" in said, command
        assert CURE in said, command
    # What a program reads stays one document.
    assert program("list", "--json").json


def test_the_line_is_said_in_either_language(program: Program, lang: str) -> None:
    beats(program.url, LONG)

    said = program("list", lang=lang).err

    assert CURE in said
    assert len(said.splitlines()) == 1


def test_while_it_runs_nothing_is_said(program: Program) -> None:
    program.hire("sup")
    program.hire("boss", "manager")
    number = program.number()
    beats(program.url, SHORT)
    recorded(program.url, LONG)

    assert [said for _, said in answers(program, number)] == [""] * 8


def test_of_mail_and_sweep_the_worse_is_said(program: Program) -> None:
    program.number()
    beats(program.url, LONG, "sweep")
    beats(program.url, SHORT, "deliver")
    assert "no alert has been raised since" in program("list", now=SUNDAY).err

    beats(program.url, SHORT, "sweep")
    beats(program.url, LONG, "deliver")
    assert "no e-mail has gone out since" in program("list", now=SUNDAY).err


def test_mail_that_is_stopped_is_told_although_rounds_are_made(program: Program) -> None:
    beats(program.url, SHORT)
    beats(program.url, LONG, "deliver", fault="535 login refused")

    assert "no e-mail has gone out since" in program("list").err
    # Others may have had theirs: one letter that the server refuses is no silence.
    put_letter(program.url, "sent", timedelta(0))
    assert program("list").err == ""


def test_somebody_who_has_just_begun_is_not_nagged(program: Program) -> None:
    assert program("list").err == ""
    number = program.number()
    assert program("show", number, now=SUNDAY).err == ""

    recorded(program.url, LONG)

    assert "no e-mail has gone out since" in program("show", number, now=SUNDAY).err


def test_how_long_a_silence_is_normal_is_set(program: Program, tmp_path: Path) -> None:
    beats(program.url, timedelta(hours=1))
    assert "no e-mail has gone out" in program("list").err
    shutil.copytree(RULES, tmp_path / "rules")
    (tmp_path / "rules" / "service.toml").write_text("silence_minutes = 120\n", encoding="utf-8")

    program("rules", "publish", str(tmp_path / "rules"))
    assert program("list").err == ""


def test_a_fault_in_this_look_takes_no_answer_away(program: Program) -> None:
    recorded_before = program.number()
    on(program.url, lambda session: session.execute(text("DROP TABLE heartbeat")))

    assert recorded_before in program("list", now=SUNDAY).out
    assert program(*log_command(), now=SUNDAY).out.startswith("C-6003-00002")


# --- doctor


def test_an_older_and_a_newer_database_are_told_with_their_cure(program: Program, lang: str) -> None:
    path = program.url.removeprefix("sqlite:///")
    for version, cure in (("0000_before", "complaint-sla"), ("9999_after", "complaint-sla")):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [version])
        connection.close()
        (finding,) = findings(program, "database", lang=lang)
        assert finding["wrong"]
        assert version in finding["text"]
        assert cure in finding["cure"]
        assert program("doctor", code=5).out


def test_what_can_not_be_opened_is_a_finding_and_mail_is_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, " * 100)
    unpublished = f"sqlite:///{tmp_path}/unpublished.db"
    Store.open(unpublished, create=True).close()
    for url, about in (
        (f"sqlite:///{tmp_path}/text.db", "database"),
        (f"sqlite:///{tmp_path}/nowhere.db", "database"),
        ("postgresql+psycopg://u:s3cret@127.0.0.1:1/none", "database"),
        (unpublished, "rules"),
    ):
        answer = run(["--db", url, "doctor", "--json"])
        assert answer.code == (5 if about == "database" else 4)
        wrong = [finding for finding in answer.json["findings"] if finding["wrong"]]
        assert [finding["about"] for finding in wrong] == [about]
        assert wrong[0]["cure"] or "complaint-sla init" in wrong[0]["text"]
        assert [one["about"] for one in answer.json["findings"]][-1] == "mail"
        assert answer.json["figures"] is None


def test_drafts_that_can_not_be_published_are_told_and_everything_else_goes_on(
    program: Program, tmp_path: Path, lang: str
) -> None:
    (tmp_path / "service.toml").write_text("silence_minutes = 0", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "nowhere"):
        options = ("--rules", str(folder))
        assert str(folder) in program(*options, "list", lang=lang).err
        (told,) = [one for one in findings(program, "rules", *options, lang=lang) if one["wrong"]]
        assert str(folder) in told["text"]
        assert "complaint-sla rules publish" in told["cure"]


def test_a_damaged_file_is_told(program: Program) -> None:
    path = Path(program.url.removeprefix("sqlite:///"))
    program.number()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_event_kind_happened_at'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = os.urandom(16) * (size // 16)
    path.write_bytes(content)

    wrong = [finding for finding in findings(program, "database") if finding["wrong"]]

    assert len(wrong) == 1
    assert wrong[0]["cure"]


def test_jobs_are_judged_by_their_last_round(program: Program) -> None:
    never = findings(program, "service")
    assert [finding["wrong"] for finding in never] == [True] * len(JOBS)
    assert all("complaint-sla run" in finding["cure"] for finding in never)

    beats(program.url, SHORT)
    assert [finding["wrong"] for finding in findings(program, "service")] == [False] * len(JOBS)

    beats(program.url, LONG, "sweep")
    assert [finding["wrong"] for finding in findings(program, "service")].count(True) == 1


def test_what_stopped_the_mail_is_said_with_since_when(program: Program) -> None:
    beats(program.url, SHORT)
    beats(program.url, LONG, "deliver", fault="535 login refused")

    (stopped,) = [finding for finding in findings(program, "mail") if finding["wrong"]]

    assert "535 login refused" in stopped["text"]
    assert "complaint-sla mail retry" in stopped["cure"]


def test_a_clock_that_was_set_back_is_told(program: Program) -> None:
    beats(program.url, -LONG)

    told = findings(program, "clock")

    assert [finding["wrong"] for finding in told] == [True] * len(JOBS)
    assert "clock" in told[0]["cure"]


def test_complaints_that_nobody_swept_are_told(program: Program) -> None:
    assert findings(program, "alerts") == []
    program.number(now=SUNDAY)

    (told,) = findings(program, "alerts", now="2017-03-24 09:00")
    assert told["wrong"]
    assert ": 1," in told["text"]
    assert "23 Mar 2017 08:00" in told["text"]

    program("sweep", now="2017-03-24 09:00")
    assert findings(program, "alerts", now="2017-03-24 09:00") == []


def test_letters_that_wait_too_long_are_told_and_those_refused(program: Program) -> None:
    (calm,) = findings(program, "outbox")
    assert not calm["wrong"]
    for state in ("waiting", "waiting", "failed"):
        put_letter(program.url, state, LONG)

    waiting, refused = findings(program, "outbox")

    assert waiting["wrong"]
    assert ": 2," in waiting["text"]
    assert refused["wrong"]
    assert refused["text"].endswith(": 1")
    assert "mail list --failed" in waiting["cure"]


def test_offices_without_anybody_up_the_tree_are_named(program: Program) -> None:
    program.found_office("NORTH")
    program.found_office("NORTH-1", "NORTH")
    program.hire("sup", office="NORTH")
    # Of an office where nobody works and nothing is open, nobody need hear.
    assert [one["wrong"] for one in findings(program, "people")] == [False]
    program.number("residential", "--office", "MAIN")

    missing, hint = findings(program, "people")

    assert missing["wrong"]
    assert missing["text"].endswith(": MAIN")
    assert "--role supervisor" in missing["cure"]
    assert not hint["wrong"]
    # A supervisor above is no manager.
    assert hint["text"].endswith(": NORTH")
    assert "--role manager" in hint["cure"]


def test_alerts_that_reach_nobody_are_counted_by_role(program: Program) -> None:
    program.number("residential", "--urgent")
    program.number("residential", "--urgent")
    program("sweep", now=SUNDAY)

    (unheard,) = [one for one in findings(program, "people") if "supervisor@MAIN" in one["text"]]

    assert unheard["wrong"]
    assert ": 2," in unheard["text"]
    assert "5 Mar 2017 10:00" in unheard["text"]


def test_offices_in_a_circle_are_named_and_end_no_command(program: Program) -> None:
    program.found_office("EAST")
    program.found_office("WEST", "EAST")
    west = select(Office.id).where(Office.code == "WEST").scalar_subquery()
    on(
        program.url,
        lambda session: session.execute(update(Office).where(Office.code == "EAST").values(parent_id=west)),
    )
    assert "EAST, WEST" in str(findings(program, "database"))
    assert "circle: EAST, WEST" in program("audit", code=1).out
    for command in (
        ["office", "list"],
        ["list", "--office", "WEST"],
        ["report", "1/2560", "--office", "EAST"],
    ):
        program(*command, now=SUNDAY)
    assert [one["code"] for one in program("office", "list", "--json").json] == ["MAIN", "EAST", "WEST"]


def test_a_retired_owner_of_open_complaints_is_named(program: Program) -> None:
    program.hire("sup")
    owner = program.hire("owner", "agent")
    program.number("residential", "--owner", owner)
    assert findings(program, "people", now=SUNDAY)[1:] == []
    on(
        program.url,
        lambda session: session.execute(
            update(Staff).where(Staff.email == owner).values(retired_at=datetime.now(UTC))
        ),
    )

    (retired,) = [one for one in findings(program, "people", now=SUNDAY) if owner in one["text"]]

    assert retired["wrong"]
    assert retired["text"].endswith(": 1")
    assert f"list --owner {owner}" in retired["cure"]
    assert program("list", "--owner", owner, "--json", now=SUNDAY).json


def test_an_absence_is_hinted_at_if_the_deputy_can_not_stand_in(program: Program) -> None:
    sup, deputy = program.hire("sup"), program.hire("deputy", "agent")
    program.hire("boss", "manager")
    program("staff", "away", sup, "--until", "2017-03-20", "--deputy", deputy, now=SUNDAY)
    assert findings(program, "people", now=SUNDAY) == []
    program("staff", "retire", deputy, now=SUNDAY)

    (absence,) = findings(program, "people", now=SUNDAY)

    assert not absence["wrong"]
    assert deputy in absence["text"]
    assert f"staff away {sup} --until 2017-03-20" in absence["cure"]
    assert findings(program, "people", now="2017-03-21 10:00") == []


def test_without_a_book_in_force_today_nothing_can_be_logged_and_doctor_says_so(
    program: Program,
) -> None:
    wrong = [one for one in findings(program, "rules", now="2016-12-31") if one["wrong"]]

    assert len(wrong) == 1
    assert "1 Jan 2017" in wrong[0]["text"]
    assert wrong[0]["cure"]


def test_a_disk_that_fills_up_is_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    room = findings(program, "disk")
    assert [one["wrong"] for one in room] == [False, False]
    usage = shutil.disk_usage(program.url.removeprefix("sqlite:///"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100_000_000))

    assert [one["wrong"] for one in findings(program, "disk")] == [True, True]


# --- forms


def test_a_person_reads_marks_texts_and_cures_within_eighty_columns(
    program: Program, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", "80")
    program.number("residential", "--urgent")
    program("sweep", now=SUNDAY)

    drawn = program("doctor", lang=lang, code=1).out
    as_json = program("doctor", "--json", lang=lang, code=1).json

    _, _, told = drawn.partition("\n\n")
    assert max(cell_len(line) for line in told.splitlines()) <= 80
    # Where a line is broken no word is lost, and a path that is longer than a line only cut.
    flat = "".join(told.split())
    for finding in as_json["findings"]:
        assert "".join(finding["text"].split()) in flat
        assert "".join(finding["cure"].split()) in flat
    assert told.count("✗") == sum(finding["wrong"] for finding in as_json["findings"])


def metrics(said: str) -> dict[str, float]:
    """`name{label}` → value."""
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


def test_monitoring_reads_what_doctor_found(database: str) -> None:
    program = Program(rehearse(database))
    program.number("residential", "--urgent")
    program("sweep", now="2017-03-20 10:00")
    beats(program.url, SHORT, "sweep")

    said = program("doctor", "--format", "prometheus", now="2017-03-20 10:00", code=1).out
    found = metrics(said)

    assert found["complaint_sla_up"] == 1
    assert found["complaint_sla_open_complaints"] == 1
    assert found["complaint_sla_overdue_complaints"] == 1
    assert found["complaint_sla_unraised_complaints"] == 0
    assert found["complaint_sla_unalertable_alerts"] == 2
    assert found["complaint_sla_outbox_pending"] == 0
    assert found["complaint_sla_outbox_oldest_seconds"] == 0
    assert found["complaint_sla_refused_letters"] == 0
    assert found["complaint_sla_disk_free_bytes[mail]"] > 0
    assert found[f"complaint_sla_database_version[{HEAD}]"] == 1
    ago = datetime.now(UTC).timestamp() - found["complaint_sla_job_last_success_timestamp_seconds[sweep]"]
    assert SHORT.total_seconds() <= ago < LONG.total_seconds()
    assert found["complaint_sla_job_last_success_timestamp_seconds[deliver]"] == 0
    judged = {about: found[f"complaint_sla_finding[{about}]"] for about in ABOUTS}
    assert (judged["service"], judged["people"], judged["database"]) == (1, 1, 0)
    figures = program("doctor", "--format", "json", now="2017-03-20 10:00", code=1).json["figures"]
    assert (figures["open"], figures["overdue"], figures["pending"]) == (1, 1, 0)


def test_metrics_name_nobody(program: Program) -> None:
    program.hire("somchai")
    program.number("residential", "--subject", "ความลับ", "--customer", "สมหญิง", "--phone", "0812345678")

    said = program("doctor", "--format", "prometheus", code=1).out

    for part in ("somchai", "ความลับ", "สมหญิง", "0812345678", "C-6003"):
        assert part not in said


def test_without_its_database_monitoring_still_hears_that_it_is_down(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, " * 100)

    answer = run(["--db", f"sqlite:///{tmp_path}/text.db", "doctor", "--format", "prometheus"])

    assert answer.code == 5
    found = metrics(answer.out)
    assert found["complaint_sla_up"] == 0
    assert found["complaint_sla_finding[database]"] == 1
    assert "complaint_sla_open_complaints" not in found


def _broken_config(folder: Path) -> dict[str, str]:
    (folder / "config.toml").write_text('db = "sqlite:///elsewhere')
    return {"COMPLAINT_SLA_CONFIG": str(folder / "config.toml")}


def _missing_password(folder: Path) -> dict[str, str]:
    return {
        "COMPLAINT_SLA_MAIL_PASSWORD_FILE": str(folder / "gone"),
        "COMPLAINT_SLA_MAIL": "smtp://u@127.0.0.1:1",
    }


def _bad_actor(_: Path) -> dict[str, str]:
    return {"COMPLAINT_SLA_AS": "x" * 300}


@pytest.mark.parametrize("broken", [_broken_config, _missing_password, _bad_actor])
def test_settings_that_are_broken_are_its_first_finding_and_not_its_end(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[Path], dict[str, str]],
    lang: str,
) -> None:
    program.number()
    for name, value in broken(tmp_path).items():
        monkeypatch.setenv(name, value)
    target = tmp_path / "found.prom"
    target.write_text('complaint_sla_finding{about="settings"} 0\n')

    found = program("doctor", "--json", lang=lang, code=1).json
    drawn = program("doctor", lang=lang, code=1).out
    program("doctor", "--format", "prometheus", "--output", str(target), lang=lang, code=1)

    first = found["findings"][0]
    assert (first["about"], first["wrong"]) == ("settings", True)
    assert first["cure"]
    assert "✗" in drawn
    # What was named outright is looked at all the same.
    assert found["figures"]["open"] == 1
    assert [one["about"] for one in found["findings"] if one["about"] == "database"] == ["database"]
    assert found["settings"]["db"]["source"] == "--db"
    written = metrics(target.read_text())
    assert written["complaint_sla_finding[settings]"] == 1
    assert written["complaint_sla_up"] == 1


def test_where_settings_are_broken_no_database_is_looked_for_that_nobody_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", _broken_config(tmp_path)["COMPLAINT_SLA_CONFIG"])
    target = tmp_path / "found.prom"
    target.write_text('complaint_sla_up 1\ncomplaint_sla_finding{about="service"} 0\n')
    answer = run(["doctor", "--json"])
    assert answer.code == 1
    assert [one["about"] for one in answer.json["findings"]] == ["settings"]
    assert "db" not in answer.json["settings"]
    assert run(["doctor", "--format", "prometheus", "--output", str(target)]).code == 1
    found = metrics(target.read_text())
    assert found["complaint_sla_up"] == 0
    assert found["complaint_sla_written_timestamp_seconds"] > 0
    # Nothing says that all is well where nobody has looked.
    assert [name for name in found if "finding" in name] == ["complaint_sla_finding[settings]"]


def test_monitoring_hears_when_it_was_written_by_which_program_and_of_the_last_backup_and_audit(
    program: Program,
) -> None:
    def told() -> dict[str, float]:
        return metrics(program("doctor", "--format", "prometheus", code=1).out)

    begun = datetime.now(UTC).timestamp()
    before = told()
    assert begun <= before["complaint_sla_written_timestamp_seconds"] <= datetime.now(UTC).timestamp()
    assert before[f"complaint_sla_build_info[{__version__}]"] == 1
    assert before["complaint_sla_last_audit_timestamp_seconds"] == 0
    assert before["complaint_sla_last_backup_timestamp_seconds"] == 0
    assert before["complaint_sla_locked_complaints"] == 0

    program("audit")
    on(program.url, lambda session: beat(session, "sweep", datetime.now(UTC), None, locked=3))
    entry = update(JournalEntry).where(JournalEntry.kind == "audited")
    on(program.url, lambda session: session.execute(entry.values(kind="backed-up")))
    after = told()

    assert after["complaint_sla_last_backup_timestamp_seconds"] >= begun
    assert after["complaint_sla_last_audit_timestamp_seconds"] == 0
    assert after["complaint_sla_locked_complaints"] == 3
    program("audit", code=None)
    assert told()["complaint_sla_last_audit_timestamp_seconds"] >= begun


def test_a_server_whose_authority_nobody_knows_is_cured_by_naming_it(
    program: Program,
    postbox: OpenPostbox,
    authority_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
) -> None:
    for certificate in (Certificate.GOOD, Certificate.WRONG_NAME):
        box = postbox(tls="required", certificate=certificate)
        monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp://127.0.0.1:{box.port}")
        (told,) = findings(program, "mail", lang=lang)
        assert told["wrong"]
        if certificate is Certificate.GOOD:
            assert "COMPLAINT_SLA_MAIL_CA" in told["cure"]
        monkeypatch.setenv("COMPLAINT_SLA_MAIL_CA", str(authority_file))
    box = postbox(tls="required")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp://127.0.0.1:{box.port}")
    assert not findings(program, "mail", lang=lang)[0]["wrong"]


def test_a_database_that_is_spoken_to_in_the_open_is_told(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [one for one in findings(program, "database") if "sslmode" in one["cure"]]
    monkeypatch.setattr(Store, "open_wire", True)
    (told,) = [one for one in findings(program, "database") if "sslmode" in one["cure"]]
    assert told["wrong"]


@pytest.mark.parametrize("form", ["text", "json", "prometheus"])
def test_a_file_is_written_whole(program: Program, tmp_path: Path, form: str) -> None:
    target = tmp_path / "found.prom"
    target.write_text("old")

    answer = program("doctor", "--format", form, "--output", str(target), code=1)

    assert answer.out == ""
    written = target.read_text(encoding="utf-8")
    assert written.endswith("\n")
    assert "\x1b" not in written
    assert {"text": "✗", "json": '"findings"', "prometheus": "complaint_sla_up 1.0"}[form] in written
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["found.prom"]
    refused = program("doctor", "--format", form, "--output", str(tmp_path / "no" / "x"), code=2)
    assert "no/x" in refused.err


def test_an_unknown_form_or_two_of_them_are_refused(program: Program) -> None:
    assert "text, json, prometheus" in program("doctor", "--format", "xml", code=2).err
    assert "--json" in program("doctor", "--format", "prometheus", "--json", code=2).err


def test_without_the_extra_its_name_is_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("prometheus_client"):
            raise ModuleNotFoundError(name)
        return real_import(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)

    assert "complaint-sla[monitoring]" in program("doctor", "--format", "prometheus", code=2).err


def test_looking_changes_nothing(program: Program) -> None:
    program.number("residential", "--urgent")
    before = program.dump()

    program("doctor", code=1)
    program("list", now=SUNDAY)

    assert program.dump() == before
    assert set(before) == {table.name for table in Table.metadata.sorted_tables}


def test_a_report_that_is_ordered_for_an_office_that_is_not_there_is_said(
    program: Program, tmp_path: Path, lang: str
) -> None:
    books = tmp_path / "books"
    shutil.copytree(RULES, books)
    with (books / "service.toml").open("a", encoding="utf-8") as file:
        file.write('[[report]]\nto = ["chief@example.org"]\noffice = "NOWHERE"\n')

    program("rules", "publish", str(books))
    told = program("doctor", "--json", lang=lang, code=1)

    (found,) = [one for one in told.json["findings"] if "NOWHERE" in one["text"]]
    assert found["wrong"]
    assert "office list" in found["cure"]
