"""The plan is frozen once, after its day of handing in and its closure rate; what comes in later restates it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotFound, NotPossible
from complaint_sla.core.frozen import digest
from complaint_sla.core.frozenplan import Restated
from complaint_sla.core.measures import Mark
from complaint_sla.core.reckoning import card
from complaint_sla.core.scorecard import State
from complaint_sla.store import offices as rows_of_offices
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.wording import Words
from complaint_sla.wording.frozenplan import restated
from complaint_sla.work import offices
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze as closure
from complaint_sla.work.figures.voiding import void_early
from complaint_sla.work.plans import freezing, handed_in
from complaint_sla.work.plans.handed_in import Shown
from complaint_sla.work.surveys.recording import Answer, record
from tests.work.desks import House
from tests.work.findings import findings
from tests.work.plans.figures import enter
from tests.work.surveys.lists import drawn, take_in
from tests.work.surveys.lists import rows as requests

Q1, Q2 = Quarter(2017, 1), Quarter(2017, 2)
LAST, FINAL = "2017-04-30 23:59:59", "2017-05-01 00:00"


def job(desk: Desk) -> list[tuple[str, int]]:
    """The service's job `quarter`; which plans it froze."""
    closure.freeze_final(desk)
    return [(str(one.quarter), one.version) for one in freezing.freeze_final(desk)]


def rows(house: House, measure: str = "plan") -> list[tuple[str, int, str, str, str]]:
    """Quarter, version, head, lines and digest of all that was frozen of a measure."""
    columns = ("quarter", "version", "content", "cases", "digest")
    with house.store.read() as session:
        query = select(*(getattr(FrozenFigure, name) for name in columns)).where(
            FrozenFigure.measure == measure
        )
        return [
            tuple(row) for row in session.execute(query.order_by(FrozenFigure.quarter, FrozenFigure.version))
        ]


def shown(
    house: House, quarter: Quarter = Q1, office: str | None = None, version: int | None = None
) -> Shown:
    with house.store.read() as session:
        directory = rows_of_offices.directory(session)
        return handed_in.shown(session, house.desk, directory, quarter, office, version)


def told(found: tuple[Restated, ...]) -> list[str]:
    return restated(Words("en"), found)


def opened(house: House) -> House:
    """A branch with one complaint closed in time in March, and one figure of the plan, entered on 10 April."""
    offices.add_office(house.desk, "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")
    house.log(office="BANSANG")
    house.shut("C-6003-00001")
    house.at("2017-04-10 09:00")
    enter(house, "large-existing", "1/2560", "90/95")
    return house


@pytest.fixture
def branch(small_house: House) -> House:
    return opened(small_house)


@pytest.fixture
def each_branch(house: House) -> House:
    """The same on each engine."""
    return opened(house)


def test_it_is_frozen_at_midnight_after_the_day_of_handing_in(each_branch: House) -> None:
    branch = each_branch
    branch.at(LAST)
    assert job(branch.desk) == []
    with pytest.raises(NotPossible, match="plan-not-final-yet"):
        freezing.freeze(branch.desk, Q1)

    branch.at(FINAL)
    assert job(branch.desk) == [("2017-Q1", 1)]
    assert job(branch.desk) == []

    (row,) = rows(branch)
    head, lines = json.loads(row[2]), [json.loads(line) for line in row[3].splitlines()]
    assert row[4] == digest(row[2])
    assert head["lines"] == {"count": len(lines), "digest": digest(row[3])}
    assert (head["closure"]["n"], head["closure"]["d"], head["hand_in"]) == (1, 1, "2017-04-30")
    (line,) = [line for line in lines if line["measure"] == "large-existing"]
    assert (line["office"], line["state"], line["n"], line["d"]) == ("BANSANG", "met", 90, 95)
    assert line["readings"][0][:1] + line["readings"][0][2:] == ["2017-Q1", 90, 95, "2017-04-07"]
    assert findings(branch) == []


def test_it_waits_for_the_closure_rate(branch: House) -> None:
    branch.at(FINAL)
    with pytest.raises(NotPossible, match="plan-after-closure"):
        freezing.freeze(branch.desk, Q1)
    assert freezing.freeze_final(branch.desk) == []
    with branch.store.read() as session:
        assert list(freezing.overdue(session, branch.at("2017-05-02 00:00"))) == [Q1]
    closure.freeze(branch.desk, Q1)
    assert freezing.freeze(branch.desk, Q1).ground.closure is not None


def test_only_what_the_plan_was_in_use_for_is_frozen_by_itself(small_house: House) -> None:
    house = small_house
    house.log()
    assert job(house.at("2017-08-10 09:00")) == []
    # Begun in August, with figures of the second quarter and, beside them, of the first.
    enter(house, "large-existing", "1/2560", "80/95", office="MAIN", dated="2017-08-08")
    enter(house, "large-existing", "2/2560", "90/95", office="MAIN", dated="2017-08-08")
    assert job(house.at("2017-11-01 00:00")) == [("2017-Q3", 1)]
    # Whoever wants one of the others frozen says so.
    assert freezing.freeze(house.desk, Q1).version == 1
    assert findings(house) == []


def test_a_plan_without_any_complaint_needs_no_closure_rate(small_house: House) -> None:
    small_house.at("2017-04-10 09:00")
    enter(small_house, "large-existing", "1/2560", "90/95", office="MAIN")
    assert job(small_house.at(FINAL)) == [("2017-Q1", 1)]
    found = shown(small_house)
    assert found.frozen is not None
    assert found.frozen.ground.closure is None
    assert {line.activity.key: line.mark for line in card(found.sight)}[
        "smart-invoice-large"
    ] is Mark.NOT_STATED
    assert findings(small_house) == []


def test_a_correction_leaves_version_1_byte_for_byte_and_version_2_names_it(each_branch: House) -> None:
    branch = each_branch
    job(branch.at(FINAL))
    (first,) = rows(branch)
    with pytest.raises(NotPossible, match="plan-nothing-to-restate"):
        freezing.freeze(branch.desk, Q1)
    branch.at("2017-05-12 09:00")
    enter(branch, "large-existing", "1/2560", "91/95")

    before = shown(branch)
    assert before.frozen is not None
    lines = (one for activity in card(before.sight) for one in activity.measures)
    line = next(one for one in lines if one.measure.key == "large-existing")
    assert (line.n, line.d, line.state) == (90, 95, State.MET)
    assert told(before.differing) == ["large-existing 90/95 → 91/95 at BANSANG"]
    assert job(branch.desk) == []

    made = freezing.freeze(branch.desk, Q1)
    assert (made.version, told(made.restated)) == (2, ["large-existing 90/95 → 91/95 at BANSANG"])
    assert rows(branch)[0] == first
    assert shown(branch).differing == ()
    assert shown(branch, version=1).frozen == before.frozen
    with pytest.raises(NotFound, match="no-such-version"):
        shown(branch, version=3)
    assert findings(branch) == []
    # And back again: what was corrected twice stands as it did.
    enter(branch, "large-existing", "1/2560", "90/95")
    assert told(freezing.freeze(branch.desk, Q1).restated) == ["large-existing 91/95 → 90/95 at BANSANG"]
    assert findings(branch) == []


def test_another_letter_restates_and_the_same_words_again_do_not(branch: House) -> None:
    job(branch.at(FINAL))
    branch.at("2017-05-12 09:00")
    enter(branch, "large-existing", "1/2560", None, withdraw=True)
    enter(branch, "large-existing", "1/2560", "90/95")
    with pytest.raises(NotPossible, match="plan-nothing-to-restate"):
        freezing.freeze(branch.desk, Q1)
    enter(branch, "large-existing", "1/2560", "90/95", source="375/2560")
    assert told(freezing.freeze(branch.desk, Q1).restated) == [
        "large-existing 90/95 at BANSANG: entered anew"
    ]


def test_the_closure_rate_alone_restates_it(branch: House) -> None:
    job(branch.at(FINAL))
    branch.at("2017-05-12 09:00")
    branch.log(office="BANSANG", received_at=branch.clock.at.replace(month=3))
    closure.freeze(branch.desk, Q1)
    made = freezing.freeze(branch.desk, Q1)
    assert told(made.restated) == [
        "Frozen closure rate (version: n/d): 1: 1/1 → 2: 1/2",
        "complaints 1/1 → 1/2 at BANSANG (met → missed)",
    ]
    assert findings(branch) == []


def test_what_is_done_in_june_does_not_restate_march(branch: House) -> None:
    job(branch.at(FINAL))
    branch.at("2017-06-20 09:00")
    enter(branch, "plan-from-market-survey", "2560", None, dated="2017-06-19")
    enter(branch, "voc-summary", "1/2560", None, dated="2017-06-19")
    assert told(shown(branch).differing) == ["voc-summary – → 1/1 at BANSANG"]
    made = freezing.freeze(branch.desk, Q1)
    assert told(made.restated) == ["voc-summary – → 1/1 at BANSANG"]


def test_offices_that_come_and_go_in_the_tree_are_named(branch: House) -> None:
    job(branch.at(FINAL))
    offices.add_office(branch.desk, "EAST", "ตะวันออก", "East", "BANSANG")
    assert told(shown(branch, office="BANSANG").differing)[0] == "Office EAST: – → BANSANG · ตะวันออก · East"
    late = shown(branch, office="EAST")
    assert (late.is_before_the_office, late.sight.offices) == (True, ())
    made = freezing.freeze(branch.desk, Q1)
    assert told(made.restated)[0] == "Office EAST: – → BANSANG · ตะวันออก · East"
    assert findings(branch) == []


def test_the_card_of_a_frozen_plan_is_the_one_that_was_handed_in(branch: House) -> None:
    offices.add_office(branch.desk, "WEST", "ตะวันตก", "West", "MAIN")
    enter(branch, "sms-delivered", "2560-01", "3601/3963")
    enter(branch, "sms-delivered", "2560-02", "4061/4477")
    enter(branch, "sms-delivered", "2560-03", "4307/4811", office="WEST")
    enter(branch, "voc-summary", "1/2560", None, awaiting="กฟก.1")
    branch.at(FINAL)
    before = {
        office: card(shown(branch, office=office).sight) for office in (None, "MAIN", "BANSANG", "WEST")
    }
    job(branch.desk)
    assert shown(branch).frozen is not None
    # Whatever is entered, published or founded since.
    branch.at("2017-07-12 09:00")
    enter(branch, "sms-delivered", "2560-01", "1/3963")
    branch.log(office="WEST")
    for office, then in before.items():
        assert card(shown(branch, office=office).sight) == then


def test_a_clock_that_ran_ahead_froze_it_in_vain(branch: House) -> None:
    assert job(branch.at("2018-03-05 10:00"))[0] == ("2017-Q1", 1)
    branch.at("2017-04-12 10:00")
    branch.store.write(lambda session: void_early(session, branch.desk, branch.clock.at))
    assert shown(branch).frozen is None
    void = shown(branch, version=1).frozen
    assert void is not None
    assert void.voided_at is not None
    assert findings(branch) == []
    assert job(branch.at(FINAL)) == [("2017-Q1", 2)]
    assert findings(branch) == []


def test_what_a_survey_fed_is_frozen_with_how_asking_stood(branch: House, tmp_path: Path) -> None:
    branch.at("2017-04-01 09:00")
    take_in(branch, tmp_path, requests(10), office="BANSANG")
    for reference in drawn(branch, "phone"):
        record(branch.desk, reference, Answer(5), survey="phone")
    branch.at(FINAL)
    before = card(shown(branch).sight)
    (calls,) = (
        one for activity in before for one in activity.measures if one.measure.key == "phone-new-meter"
    )
    assert calls.survey is not None
    assert job(branch.desk) == [("2017-Q1", 1)]
    found = shown(branch)
    assert found.frozen is not None
    assert card(found.sight) == before
    assert (found.differing, findings(branch)) == ((), [])
