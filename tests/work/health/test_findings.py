"""What of the measured is wrong: where each threshold lies, and that every finding has its sentence."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import complaint_sla
from complaint_sla.cli.cures import SENTENCES
from complaint_sla.core.doubt import DRIFT
from complaint_sla.mail.trust import Flaw
from complaint_sla.work.health.facts import Beat, Vitals, vitals
from complaint_sla.work.health.findings import (
    ABOUTS,
    LEAST_FREE,
    LONGEST_WAIT,
    Gravity,
    findings,
    of_disk,
    silence,
)
from tests.work.desks import House

MOMENT = timedelta(seconds=1)


@pytest.fixture
def house(small_house: House) -> House:
    return small_house


@pytest.fixture
def found(house: House) -> Vitals:
    return vitals(house.desk)


def gravity(house: House, found: Vitals, about: str, key: str) -> Gravity | None:
    judged = [one.gravity for one in findings(house.desk, found) if (one.about, one.key) == (about, key)]
    assert len(judged) <= 1
    return judged[0] if judged else None


def test_a_letter_may_wait_for_an_hour(house: House, found: Vitals) -> None:
    since = house.desk.now - LONGEST_WAIT
    patient = replace(found, pending=1, oldest_pending_at=since)
    late = replace(found, pending=1, oldest_pending_at=since - MOMENT)

    assert gravity(house, patient, "outbox", "letters-waiting") is Gravity.WELL
    assert gravity(house, late, "outbox", "letters-held-up") is Gravity.WRONG


@pytest.mark.parametrize(
    ("ago", "about", "key"),
    [
        (-DRIFT, "service", "job-ran"),
        (-DRIFT - MOMENT, "clock", "job-to-come"),
        (timedelta(minutes=10), "service", "job-ran"),
        (timedelta(minutes=10) + MOMENT, "service", "job-late"),
    ],
)
def test_a_job_is_judged_by_when_it_last_ran(
    house: House, found: Vitals, ago: timedelta, about: str, key: str
) -> None:
    at = house.desk.clock() - ago
    ran = replace(found, beats=(Beat("sweep", at, at, None),))

    assert gravity(house, ran, about, key) is (Gravity.WELL if key == "job-ran" else Gravity.WRONG)
    assert gravity(house, ran, "service", "service-stopped") is None


@pytest.mark.parametrize(("free", "judged"), [(LEAST_FREE, Gravity.WELL), (LEAST_FREE - 1, Gravity.WRONG)])
def test_a_disk_must_hold_a_year_of_a_region(free: int, judged: Gravity) -> None:
    assert of_disk("here", free).gravity is judged


def keys_of(said: ast.expr) -> list[str]:
    """The keys of findings that an expression may give."""
    match said:
        case ast.Constant(value):
            return [value]
        case ast.IfExp():
            return [*keys_of(said.body), *keys_of(said.orelse)]
        case ast.JoinedStr(values=[ast.Constant("mail-"), _]):
            return [f"mail-{flaw}" for flaw in Flaw]
    return []


def test_every_finding_has_a_sentence_and_a_cure_unless_all_is_well() -> None:
    made = {f"{about}-unusable" for about in ("settings", "rules", "database", "mail")}
    for path in Path(complaint_sla.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id=name) | ast.Attribute(attr=name),
                    args=[ast.Constant(about), said],
                ) if name in ("wrong", "hint", "well"):
                    assert about in ABOUTS
                    for key in keys_of(said):
                        assert bool(SENTENCES[key][1]) == (name != "well"), key
                        made.add(key)
    assert made == set(SENTENCES)


@pytest.mark.parametrize("job", ["deliver", "sweep"])
def test_a_heartbeat_of_a_wrong_clock_hides_no_silence(house: House, job: str) -> None:
    house.log()
    for one in ("deliver", "sweep"):
        house.desk.beat(one)
    house.later(days=400)
    house.desk.beat(job)
    house.later(days=-400, minutes=1)
    # By which clock nobody can tell: that is said at once, and not only once a job was silent for long.
    for hours in (0, 5):
        house.later(hours=hours)
        for one in {"deliver", "sweep"} - {job}:
            house.desk.beat(one)
        found = silence(house.desk)
        assert found is not None
        assert found.job == "clock"
