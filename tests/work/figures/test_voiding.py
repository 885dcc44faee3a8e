"""What a clock that ran ahead has frozen is void: kept and told by its number, and the quarter is frozen when it is final."""

import json

import pytest

from complaint_sla.contract.quarter import report as report_json
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.frozen import digest
from complaint_sla.forms import render
from complaint_sla.store import figures
from complaint_sla.wording import Words
from complaint_sla.work import journal, offices
from complaint_sla.work.figures import freeze
from complaint_sla.work.figures import report as reports
from complaint_sla.work.figures.voiding import void_early
from tests.work.desks import House, moment
from tests.work.findings import findings

Q1 = Quarter(2017, 1)
FINAL = "2017-04-26 00:00"
WRONG = "2018-03-05 10:00"


@pytest.fixture
def frozen_early(small_house: House) -> House:
    """Four quarters frozen by one round of a clock that was a year ahead; it is right again the day after."""
    house = small_house
    house.log()
    made = freeze.freeze_final(house.at(WRONG))
    assert len(made) == 4
    house.at("2017-03-06 10:00")
    return house


def test_a_clock_that_is_proved_makes_void_what_was_frozen_too_early(frozen_early: House) -> None:
    house = frozen_early
    assert [one.about for one in findings(house)] == [
        f"figure {year}/1" for year in ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
    ]

    # A round by itself can't know which of the two clocks was wrong.
    assert freeze.freeze_final(house.desk) == []
    assert reports.report(house.desk, Q1).frozen is not None

    prove(house)

    assert findings(house) == []
    with house.store.read() as session:
        assert figures.versions(session) == {}
        healed = journal.healed_since(session, house.clock.at)
    assert healed == journal.Healed(house.clock.at, moment(WRONG), complaints=0, figures=4)
    assert reports.report(house.desk, Q1).frozen is None
    void = reports.report(house.desk, Q1, version=1)
    for language, said in (("en", "void"), ("th", "โมฆะ")):
        document = render.document_of(void, house.shelf, Words(language))
        assert said in next(fact.value for fact in document.facts if fact.key == "version")
        plan = render.plan_of(void, reports.with_plans(house.desk), Words(language))
        assert said in str(render.signed(plan, "html"))


def test_what_comes_in_later_is_not_missing_in_a_void_figure(frozen_early: House) -> None:
    prove(frozen_early)
    frozen_early.log()
    frozen_early.later(days=1)
    frozen_early.log()
    assert findings(frozen_early) == []


def prove(house: House) -> None:
    """A witness says that the clock is right."""
    house.store.write(lambda session: void_early(session, house.desk, house.clock.at))


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_quarter_is_frozen_as_the_next_version_when_it_is_truly_final(
    frozen_early: House, by_hand: bool
) -> None:
    house = frozen_early
    prove(house)
    if by_hand:
        with pytest.raises(NotPossible, match="not-final-yet"):
            freeze.freeze(house.desk, Q1)
        made = freeze.freeze(house.at(FINAL), Q1)
    else:
        freeze.freeze_final(house.desk)
        (made,) = freeze.freeze_final(house.at(FINAL))

    assert (made.figure.quarter, made.version, made.changes) == (Q1, 2, ())
    assert made.figure.as_of == moment(FINAL)
    assert reports.report(house.desk, Q1).frozen == made
    assert findings(house) == []
    # And that one can be restated like any other.
    house.shut("C-6003-1")
    assert [change.number for change in freeze.freeze(house.desk, Q1).changes] == ["C-6003-00001"]
    assert findings(house) == []


def test_two_versions_by_one_wrong_clock_are_void_together_and_the_second_names_the_first(
    frozen_early: House,
) -> None:
    house = frozen_early
    offices.set_office(house.at("2018-03-05 11:00"), "MAIN", name_en="Elsewhere")
    assert freeze.freeze(house.desk, Q1).version == 2
    house.at("2017-03-06 10:00")
    prove(house)
    assert findings(house) == []
    (made,) = freeze.freeze_final(house.at(FINAL))
    assert (made.version, made.ground.before) == (3, None)
    assert findings(house) == []


def test_what_restated_a_figure_of_a_wrong_clock_stands_when_that_becomes_void(frozen_early: House) -> None:
    house = frozen_early
    house.shut("C-6003-1")
    made = freeze.freeze(house.at(FINAL), Q1)
    assert (made.version, [one.number for one in made.changes]) == (2, ["C-6003-00001"])
    prove(house)
    assert findings(house) == []
    assert reports.report(house.desk, Q1).frozen == made


def test_the_json_of_a_version_is_what_was_printed_and_says_beside_it_if_it_does_not_count(
    frozen_early: House,
) -> None:
    house = frozen_early
    printed = reports.report(house.desk, Q1, version=1).frozen

    def told(office: str | None = None) -> str:
        return report_json(reports.report(house.desk, Q1, office, version=1), house.shelf.zone)

    assert printed is not None
    assert told() == printed.content
    prove(house)
    void = {"voided_at": "2017-03-06T10:00:00+07:00"}
    said = json.loads(told())
    assert said == said | json.loads(printed.content) | void
    assert json.loads(told("MAIN"))["voided_at"] == void["voided_at"]
    house.store.is_rehearsal = True
    rehearsed = json.loads(told())
    assert (rehearsed["voided_at"], rehearsed["rehearsal"]) == (void["voided_at"], True)
    assert rehearsed["digest"] == digest(printed.content)
