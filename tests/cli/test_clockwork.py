"""A clock that was wrong, as people at the terminal hear of it."""

from datetime import UTC, datetime, timedelta

import pytest

from complaint_sla.service import witness
from complaint_sla.work.figures import freeze
from tests.cli.runner import Program
from tests.work.desks import House

WRONG = datetime.now(UTC) + timedelta(days=400)


@pytest.fixture
def after_a_wrong_round(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A real office after one round of a clock that was far ahead; the program has the real one."""
    monkeypatch.setattr(witness, "kernel", lambda: None)
    house = House(sqlite_database)
    house.clock.at = WRONG - timedelta(days=400)
    house.hire("sup")
    house.log()
    house.sweep()
    house.clock.at = WRONG
    freeze.freeze_final(house.desk)
    house.sweep()
    house.close()
    return Program(sqlite_database)


def test_what_a_wrong_clock_did_is_named_healed_and_told(after_a_wrong_round: Program, lang: str) -> None:
    program = after_a_wrong_round
    before = program("audit", "--json", code=1).json["discrepancies"]
    assert {one["check"] for one in before} == {"to-come"}
    assert {one["name"] for one in before} == {"2 alerts", "alerted_through", "frozen_at"}
    wrong = [one for one in program("doctor", "--json", code=1).json["findings"] if one["about"] == "clock"]
    assert len(wrong) == 4
    assert all(one["wrong"] and one["cure"] for one in wrong)

    round_ = program("run", "--once", "--clock-is-right", "--json", code=None)

    assert round_.json["healed"] == 1
    audit = program("audit", lang=lang)
    said = {"en": "A clock was wrong, and told", "th": "นาฬิกาเคยไม่ตรงและบอกเวลา"}[lang]
    assert said in audit.err
    hints = [
        one for one in program("doctor", "--json", lang=lang).json["findings"] if one["about"] == "clock"
    ]
    assert [(one["wrong"], said in one["text"]) for one in hints] == [(False, True)]


def test_a_sweep_by_hand_says_what_it_healed(after_a_wrong_round: Program) -> None:
    assert "Taken up again: 1" in after_a_wrong_round("sweep").err
    assert "Taken up again" not in after_a_wrong_round("sweep").err
