"""`demo`: a sample quarter that plays to its end, is the same each time, and leaves the user's own things alone."""

import email
import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from dataclasses import replace
from email import policy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from complaint_sla import bookshelf, resources
from complaint_sla.cli.demo import tour
from complaint_sla.cli.demo.play import OF_PLAN, Demo
from complaint_sla.cli.demo.sample import FILE, Does, Sample, load
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.chain import Link
from complaint_sla.core.roster import Role
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.work.rules import publish
from tests.cli.runner import Program
from tests.published import publish_shipped
from tests.work.desks import shipped

ZONE = shipped().zone


def demo(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "complaint_sla", "--lang", "en", "demo", *options],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(home)},
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """One demo for all tests that look at what it left: its folder and its answer. It touches nothing of the user."""
    folder, home = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        # Settings that would fail if they were used, and a home that must stay as it is.
        patched.setenv("COMPLAINT_SLA_DB", "postgresql://nobody@192.0.2.1/none")
        patched.setenv("COMPLAINT_SLA_MAIL", "smtps://nobody@192.0.2.1:465")
        result = demo(home, "--json", "--folder", str(folder / "quarter"))
    assert result.returncode == 0, result.stderr
    assert list(home.rglob("*")) == []
    return folder / "quarter", json.loads(result.stdout)


@cache
def sample() -> Sample:
    return load(ZONE)


@cache
def logged() -> list[Any]:
    """(what the sample calls the complaint, what was said of it)"""
    return [(step.case, step.intake) for step in sample().steps if step.intake is not None]


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "complaints.db") as connection:
        return connection.execute(query).fetchall()


@pytest.mark.slow
def test_the_demo_answers_with_the_places_and_the_counts(played: tuple[Path, dict[str, Any]]) -> None:
    folder, answer = played
    assert answer["folder"] == str(folder)
    assert answer["database"] == f"sqlite:///{folder / 'complaints.db'}"
    assert answer["mail"] == f"folder:{folder / 'mail'}"
    assert set(answer["letters"]) == {"warning", "bundle", "escalation", "summary"}
    for path in (answer["report"], *answer["letters"].values()):
        assert Path(path).read_bytes()
    counts = answer["counts"]
    assert counts["complaints"] == answer["figure"]["received"] == len(logged())
    assert counts["messages"] == len(list((folder / "mail").glob("*.eml")))
    assert counts["unalertable"] == 0


@pytest.mark.slow
def test_the_quarter_of_the_demo_has_something_in_every_bucket(played: tuple[Path, dict[str, Any]]) -> None:
    figure = played[1]["figure"]
    assert (figure["quarter"], figure["state"], figure["met"]) == ("2017-Q1", "provisional", True)
    assert all(figure[bucket] > 1 for bucket in ("on_time", "late", "overdue", "pending", "excluded"))


@pytest.mark.slow
def test_everything_that_fell_due_was_sent(played: tuple[Path, dict[str, Any]]) -> None:
    folder, answer = played
    assert (
        rows(folder, "SELECT DISTINCT state FROM alert WHERE state NOT IN ('sent', 'superseded', 'dropped')")
        == []
    )
    assert rows(folder, "SELECT DISTINCT state FROM message WHERE state NOT IN ('sent', 'dissolved')") == []
    stages = {stage for (stage,) in rows(folder, "SELECT DISTINCT stage FROM alert WHERE state = 'sent'")}
    # And what nobody can plan: whoever got a complaint from somebody else was told.
    assert stages == {stage.key for stage in shipped().latest.stages} | {"handed-over"}
    # After the standstill one round told what was passed.
    assert answer["counts"]["superseded"] > 0


@pytest.mark.slow
def test_the_chain_of_every_complaint_of_the_demo_holds(played: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = played
    from sqlmodel import col, select

    from complaint_sla.store.tables import Complaint, Event

    store = Store.open(f"sqlite:///{folder / 'complaints.db'}")
    try:
        with store.read() as session:
            complaints = session.exec(select(Complaint)).all()
            events = session.exec(select(Event).order_by(col(Event.complaint_id), col(Event.seq))).all()
    finally:
        store.close()
    for complaint in complaints:
        head = ""
        chain = [event for event in events if event.complaint_id == complaint.id]
        assert [event.seq for event in chain] == list(range(1, complaint.events + 1))
        for event in chain:
            link = Link(
                complaint.number,
                event.seq,
                event.kind,
                event.happened_at,
                event.recorded_at,
                event.actor,
                event.system_user,
                event.data,
                event.words_digest,
                event.server_user,
            )
            head = link.hash(head)
            assert event.hash == head
        assert complaint.head == head


@pytest.mark.slow
def test_the_plan_of_the_branch_was_completed_after_its_summary_had_said_what_is_overdue(
    played: tuple[Path, dict[str, Any]],
) -> None:
    folder, answer = played
    said = Path(answer["letters"]["summary"]).read_bytes()
    subject = email.message_from_bytes(said, policy=policy.default)["Subject"]
    assert "5 figures of the plan overdue" in subject
    program = Program(answer["database"])
    card = program("plan", "show", "1/2560", "--office", "BANSANG", "--json", now="2017-04-20 09:00").json
    found = {one["key"]: one for activity in card["activities"] for one in activity["measures"]}
    assert (found["large-existing"]["value"], found["sms-success"]["value"]) == ("94.73", "90.32")
    open_ = {key for key, one in found.items() if one["state"] in ("missing", "pending", "awaiting")}
    assert open_ == {"plan-from-market-survey", "improvement-plan", "voc-summary"} | ({"complaints"} & open_)
    assert b"94.73" in (folder / "plan.html").read_bytes()
    program("plan", "freeze", "1/2560", now="2017-04-30 08:00", code=6)


@pytest.mark.slow
def test_the_audit_finds_the_demo_in_order(played: tuple[Path, dict[str, Any]]) -> None:
    answer = Program(played[1]["database"])("audit", "--json").json
    assert answer["discrepancies"] == []
    assert answer["complaints"] == played[1]["counts"]["complaints"]


@pytest.mark.slow
def test_the_demo_is_the_same_each_time(
    played: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of its first weeks, played once more, each thing that happened is what happened before."""
    folder = tmp_path / "a quarter"
    folder.mkdir()
    drafts = bookshelf.drafts(resources.rules())
    begun = replace(sample(), steps=sample().steps[:150], end=sample().steps[150].at)
    terminal = Terminal(Words("en"))
    terminal.shelf = drafts.shelf
    store = Store.open(f"sqlite:///{folder / 'complaints.db'}", create=True, rehearsal=True)
    again = Demo(terminal, store, folder, begun)
    publish.begin(again.at(again.begins), drafts)
    again.play()
    # The tour of the whole names complaints that only its end has.
    again.played.numbers |= dict.fromkeys([*tour.FORGOTTEN.values(), tour.PENDING], "C-6003-00001")
    tour._done(again)
    tour._files(again, [], [])
    tour._commands(again)
    store.close()

    happened, before = happenings(folder), happenings(played[0])
    assert len(happened) > 30
    assert {number: before[number][: len(mine)] for number, mine in happened.items()} == happened
    shown = capsys.readouterr().out
    for line in ("What was done", "Files to open", "Commands to try"):
        assert line in shown
    # Paths with spaces can be pasted as they stand.
    assert f"export COMPLAINT_SLA_DB='sqlite:///{folder / 'complaints.db'}'" in shown


def happenings(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for number, *event in rows(
        folder,
        "SELECT number, seq, kind, happened_at, data FROM event JOIN complaint c ON c.id = complaint_id ORDER BY number, seq",
    ):
        found.setdefault(number, []).append(tuple(event))
    return found


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = demo(tmp_path / "home", "--folder", str(tmp_path))
    assert result.returncode == 2
    assert str(tmp_path) in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "mine.txt"]


def test_a_demo_whose_mail_did_not_leave_still_says_what_there_is_to_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(Words("en"))
    terminal.shelf = shipped()
    store = Store.open(f"sqlite:///{tmp_path / 'complaints.db'}", create=True, rehearsal=True)
    try:
        publish_shipped(store)
        tour._files(Demo(terminal, store, tmp_path, sample()), [("report.html", "the report")], [])
    finally:
        store.close()
    shown = capsys.readouterr().out
    assert "report.html  the report" in shown
    assert "all 0 e-mails" in shown


def test_the_sample_has_every_kind_of_step() -> None:
    assert {step.does for step in sample().steps} == set(Does)


def test_the_steps_are_in_the_order_of_time_and_end_before_the_sample_does() -> None:
    moments = [step.at for step in sample().steps]
    assert moments == sorted(moments)
    assert moments[-1] < sample().end


def test_each_complaint_of_the_sample_is_received_in_its_quarter_before_anything_is_done_about_it() -> None:
    quarter, begun = sample().quarter, set[str]()
    for step in sample().steps:
        if step.intake is not None:
            assert quarter.first_day <= step.at.date() <= quarter.last_day, step
            assert step.case not in begun, step
            begun.add(step.case)
        else:
            assert step.does in (Does.AWAY, *OF_PLAN) or step.case in begun, step
    assert {*tour.FORGOTTEN.values(), tour.PENDING} <= begun


def test_the_sample_speaks_of_the_categories_channels_and_groups_of_the_shipped_book() -> None:
    book = shipped().latest
    for used, known in (
        ([one.category for _, one in logged()], book.categories),
        ([one.channel for _, one in logged()], book.channels),
        ([one.group for _, one in logged()], book.groups),
    ):
        assert set(used) == {term.key for term in known}


def test_the_sample_names_only_people_and_offices_that_it_has() -> None:
    offices = {one.code for one in sample().offices}
    people = {one.email for one in sample().staff}
    agents = {one.email for one in sample().staff if one.role is Role.AGENT}
    cases = {case for case, _ in logged()}
    groups = {term.key for term in shipped().latest.groups}
    assert {one.office for one in sample().staff} == offices
    assert {one.language for one in sample().staff} == {"", "en", "th"}
    for _, intake in logged():
        assert intake.office in offices
        assert intake.owner is None or intake.owner in agents
    # Whom or what a step is directed to, by what it does.
    known = {
        Does.ASSIGN: agents,
        Does.TRANSFER: offices,
        Does.REGROUP: groups,
        Does.DUPLICATE: cases,
        Does.AWAY: people,
        Does.CLASSIFY: {"region", "branch", "class-1", "class-2", "class-3"},
        Does.ANSWER: {one["reference"] for step in sample().steps for one in step.requests},
    }
    for step in sample().steps:
        assert step.by in people, step
        assert step.to in known.get(step.does, {""}), step
        assert (step.until is not None) == (step.does in (Does.AWAY, Does.LIST)), step
        assert step.dated is None or (step.does is Does.CLOSE and step.dated < step.at), step


def test_the_file_of_the_sample_has_no_key_that_is_not_read() -> None:
    # Those of offices, people, complaints and steps are fields, and anything else is refused when it is read.
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert set(content) == {
        "quarter", "end", "standstill", "planned", "office", "letter", "survey", "absence", "complaint",
    }  # fmt: skip
    assert set(content["standstill"]) == {"first", "last"}
    assert {key for one in content["absence"] for key in one} == {"at", "by", "who", "until", "deputy"}


def test_nobody_real_can_be_reached_by_what_the_sample_names() -> None:
    assert all(person.email.endswith(".example.org") for person in sample().staff)
    for _, intake in logged():
        assert intake.phone is None or intake.phone.startswith(("01", "0370"))
        assert intake.account is None or intake.account.startswith("99")
        assert intake.email is None or intake.email.endswith("@example.com")
    asked = [one for step in sample().steps for one in step.requests]
    assert all(one["phone"].startswith("0370") for one in asked)
