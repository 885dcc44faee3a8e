"""What a hand does to the surveys is named: who was drawn, by which seed, what they said, and who there was."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from complaint_sla.core.surveys import Quota
from complaint_sla.work.audit.audit import Discrepancy
from complaint_sla.work.surveys import drawing
from complaint_sla.work.surveys.recording import Answer, record
from tests.work.desks import House
from tests.work.findings import after, findings
from tests.work.surveys.lists import rows, take_in

MINE = "request_id = (SELECT id FROM request WHERE reference = '6003-002') AND survey = 'phone'"
# What is done, and what must be named of it.
ACTS = {
    "a score is higher": (f"UPDATE drawn SET score = 5 WHERE {MINE}", "drawn phone MAIN 6003-002: register"),
    "an answer was a refusal": (
        f"UPDATE drawn SET outcome = 'refused', score = NULL WHERE {MINE}",
        "drawn phone MAIN 6003-002: register",
    ),
    "an answer came in time": (
        f"UPDATE drawn SET asked_on = '2017-04-02' WHERE {MINE}",
        "drawn phone MAIN 6003-002: register",
    ),
    "one who was drawn is not": (
        f"DELETE FROM drawn WHERE {MINE}",
        "drawn phone MAIN 6003-002: register-missing",
    ),
    "a friend was drawn": (
        (
            "INSERT INTO drawn (survey, request_id, drawn, attempts) SELECT 'phone', id, listed, 0 FROM request "
            "WHERE reference = '6003-001'"
        ),
        "drawn phone MAIN 6003-001: register-surplus",
    ),
    "another was drawn in the place of one": (
        "UPDATE drawn SET request_id = (SELECT id FROM request WHERE reference = '6003-001') WHERE " + MINE,
        "drawn phone MAIN 6003-001: register-surplus",
    ),
    "a lot had another seed": (
        "UPDATE lot SET seed = '01' WHERE survey = 'phone'",
        "lot MAIN phone new-meter 2017-03: register",
    ),
    "a request was finished on another day": (
        "UPDATE request SET finished_on = '2017-03-01' WHERE reference = '6003-009'",
        "request MAIN 6003-009: register",
    ),
    "a request is left out": (
        "UPDATE request SET left_out = 'x' WHERE reference = '6003-009'",
        "request MAIN 6003-009: register",
    ),
    "a request is gone": (
        "DELETE FROM request WHERE reference = '6003-001'",
        "request MAIN 6003-001: register-missing",
    ),
    "a list is complete for longer": (
        "UPDATE listed SET through = '2017-04-30' WHERE service = 'new-meter'",
        "list MAIN new-meter: register",
    ),
}


@pytest.fixture
def asked(house: House, tmp_path: Path) -> House:
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(10))
    house.at("2017-04-03 09:00")
    record(house.desk, "6003-002", Answer(4), survey="phone")
    record(house.desk, "6003-008", Answer(refused=True), survey="phone")
    take_in(house, tmp_path, rows(14))
    return house


def named(found: list[Discrepancy]) -> set[str]:
    return {f"{one.about}: {one.check.value}" for one in found}


def test_what_a_hand_does_to_a_survey_is_named(asked: House) -> None:
    assert findings(asked) == []
    for act, (statement, expected) in ACTS.items():
        assert expected in named(after(asked, text(statement))), act


def test_who_draws_by_other_means_is_found_out_though_the_journal_says_so(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.at("2017-04-01 09:00")
    with monkeypatch.context() as other:
        other.setattr(drawing, "lowest", lambda _seed, known, count: sorted(known)[-count:])
        take_in(house, tmp_path, rows(10))
    assert named(findings(house)) == {
        f"lot MAIN {survey} new-meter {period}: draw"
        for survey, period in (("phone", "2017-03"), ("division", "2017-Q1"), ("post", "2017-Q1"))
    }


def test_who_draws_more_than_is_owed_is_found_out(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a friend is among them, say."""
    house.at("2017-04-01 09:00")
    with monkeypatch.context() as other:
        other.setattr(Quota, "missing", lambda _self, poll: poll.undrawn)
        take_in(house, tmp_path, rows(10))
    assert "lot MAIN phone new-meter 2017-03: draw" in named(findings(house))
