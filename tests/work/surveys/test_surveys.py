"""A survey from the list to the figure: who is drawn, what counts of what they say, and when the figure is in."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from complaint_sla.core.draw import lowest
from complaint_sla.core.errors import BadValue, NotFound, NotPossible
from complaint_sla.core.reckoning import Reckoning
from complaint_sla.core.scorecard import State
from complaint_sla.core.servicefile import Retention, ServiceRules
from complaint_sla.work import offices
from complaint_sla.work.plans.enter import enter
from complaint_sla.work.plans.submitted import Submitted
from complaint_sla.work.sheets.formats import Row
from complaint_sla.work.surveys import calls, drawing, forgetting, listing
from complaint_sla.work.surveys.finished import Reading
from complaint_sla.work.surveys.recording import Answer, Recorded, record
from tests.work import rivals
from tests.work.desks import House
from tests.work.findings import findings
from tests.work.surveys.lists import ZEROS, drawn, rows, seen, take_in, words

FIRST_THREE = ["6003-002", "6003-008", "6003-006"]


def say(house: House, reference: str, score: int | None = None, **more: Any) -> Recorded:
    return record(house.desk, reference, Answer(score, **more), survey="phone")


def test_what_a_list_owes_is_drawn_as_it_comes_in_and_of_what_it_lacks_when_that_comes(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-04-01 09:00")

    first = take_in(house, tmp_path, rows(10))
    more = take_in(house, tmp_path, rows(12))

    assert (first.listed, more.listed, more.unchanged, more.late) == (10, 2, 10, 2)
    assert list(drawn(house, "phone")) == [*FIRST_THREE, "6003-011"]
    assert [one.references for one in first.drawn if one.survey == "phone"] == [tuple(FIRST_THREE)]
    # Of a quarter three for the division, whatever else comes; a tenth by post.
    assert list(drawn(house, "division")) == FIRST_THREE
    assert list(drawn(house, "post")) == ["6003-002", "6003-008"]
    again = take_in(house, tmp_path, rows(12))
    assert (again.listed, again.unchanged, again.drawn) == (0, 12, ())
    assert drawing.draw(house.desk) == []


def test_a_list_imported_twice_changes_nothing(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(5))
    before = house.dump()
    take_in(house, tmp_path, rows(5))
    assert house.dump() == before


@pytest.mark.parametrize(
    ("through", "problem"),
    [("2017-04-02", "through-in-future"), ("2017-02-28", "through-backwards")],
)
def test_the_day_through_which_a_list_is_complete_has_passed_and_goes_forwards(
    small_house: House, tmp_path: Path, through: str, problem: str
) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(3))
    before = house.dump()
    with pytest.raises((BadValue, NotPossible), match=problem):
        take_in(house, tmp_path, rows(4, "2017-02-01", first=20), through)
    assert house.dump() == before


def test_a_list_with_rejected_rows_is_not_complete_and_nobody_is_drawn_of_it(
    small_house: House, tmp_path: Path
) -> None:
    """Else a bad row would be a way to leave somebody out."""
    house = small_house
    house.at("2017-04-01 09:00")
    wrong = [
        {"reference": "a", "service": "nothing", "finished_on": "2017-03-01"},
        {"reference": "b", "service": "new-meter", "finished_on": "2017-03-32"},
        {"reference": "c", "service": "new-meter", "finished_on": "2017-03-03", "phone": "12"},
        {"reference": "d", "service": "new-meter", "finished_on": "2017-03-03", "left_out": "yes"},
        {"reference": "", "service": "new-meter", "finished_on": "2017-03-03"},
        # The same reference twice, of two days.
        *rows(1, "2017-03-02"),
        *rows(1, "2017-03-03"),
    ]
    rejects = tmp_path / "rejects.csv"

    found = take_in(house, tmp_path, [*rows(10, first=2), *wrong], rejects=rejects)

    assert [one.error.key for one in found.rejected] == [
        *("unknown-service", "bad-day", "bad-phone", "left-out-without-reason", "empty-text"),
        "request-otherwise",
    ]
    assert (found.listed, found.complete, found.drawn, drawn(house, "phone")) == (11, (), (), {})
    with rejects.open(encoding="utf-8-sig") as file:
        assert [row["reference"] for row in csv.DictReader(file)] == ["a", "b", "c", "d", "", "6003-001"]
    # Mended, it is.
    mended = take_in(house, tmp_path, [*rows(1, "2017-03-02"), *rows(10, first=2)])
    assert (mended.complete, mended.unchanged, len(drawn(house, "phone"))) == (("MAIN",), 11, 4)


def test_a_list_is_read_as_a_spreadsheet_and_an_office_have_left_it(small_house: House) -> None:
    """Telephones without their zero, with an extension or none at all; services by their titles."""
    given = [
        {"reference": str(number), "service": service, "finished_on": "25/3/2560", "phone": phone}
        for number, (service, phone) in enumerate(
            (("new-meter", "812345678"), ("New meter", "0812345679 ต่อ 3"), ("new-meter", "-"))
        )
    ]
    reading = Reading(small_house.desk, date(2017, 3, 31), None, ())
    reading.read([Row(number, cells, ()) for number, cells in enumerate(given)])
    assert not reading.rejected
    assert [(one.service, one.phone) for of in reading.by_office.values() for one in of] == [
        ("new-meter", "0812345678"),
        ("new-meter", "0812345679"),
        ("new-meter", None),
    ]


def test_what_was_finished_after_the_day_waits_for_the_next_list(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-05 09:00")
    found = take_in(house, tmp_path, [*rows(2), *rows(1, "2017-04-01", first=9)])
    assert [one.error.key for one in found.rejected] == ["finished-after-through"]
    assert (found.listed, found.complete) == (2, ("MAIN",))


def test_who_is_left_out_is_counted_and_neither_drawn_nor_kept(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    estate = [{**one, "left_out": "หมู่บ้านจัดสรร"} for one in rows(20, first=100)]
    found = take_in(house, tmp_path, [*rows(1), *estate])
    assert (found.left_out, found.reasons) == (20, (("หมู่บ้านจัดสรร", 20),))
    assert list(drawn(house, "phone")) == ["6003-001"]
    assert {one for key, one in words(house).items() if key != "6003-001"} == {(None, None)}
    # To be left out of the lot afterwards is too late.
    again = take_in(house, tmp_path, [{**rows(1)[0], "left_out": "หมู่บ้านจัดสรร"}])
    assert [one.error.key for one in again.rejected] == ["request-otherwise"]


def test_whoever_refuses_or_is_not_reached_three_times_is_followed_by_the_next_ticket(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(10))
    order = lowest(ZEROS, [one["reference"] for one in rows(10)], 10)

    say(house, order[0], refused=True)
    assert list(drawn(house, "phone")) == order[:4]
    for attempt in (1, 2, 3):
        assert len(drawn(house, "phone")) == 4
        found = say(house, order[1])
        assert found.attempts == attempt
    assert list(drawn(house, "phone")) == order[:5]
    assert drawn(house, "phone")[order[1]] == "not-reached"
    with pytest.raises(NotPossible, match="asked-already"):
        say(house, order[1])
    assert findings(house) == []


def test_whom_nobody_has_asked_in_time_is_followed_by_those_who_still_can_be(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-03-16 09:00")
    take_in(house, tmp_path, rows(4, "2017-03-10"), "2017-03-15")
    before = list(drawn(house, "phone"))
    house.at("2017-04-01 09:00")

    late = rows(6, "2017-03-31", first=5)
    take_in(house, tmp_path, [*rows(4, "2017-03-10"), *late])

    assert len(before) == 2
    assert list(drawn(house, "phone"))[2:] == lowest(ZEROS, [one["reference"] for one in late], 3)
    poll = Reckoning(seen(house)).line("phone-new-meter").survey
    assert poll is not None
    assert (poll.drawn, poll.not_reached, poll.waiting) == (5, 2, 3)


def test_who_was_not_drawn_cannot_be_recorded(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(10))
    before = house.dump()
    with pytest.raises(NotPossible, match="not-drawn"):
        say(house, "6003-001", 5)
    with pytest.raises(NotFound, match="no-such-request"):
        say(house, "6003-999", 5)
    with pytest.raises(BadValue, match="unknown-survey"):
        record(house.desk, "6003-002", Answer(5), survey="fax")
    with pytest.raises(BadValue, match="survey-needed"):
        record(house.desk, "6003-002", Answer(5))
    with pytest.raises(BadValue, match="bad-score"):
        say(house, "6003-002", 6)
    assert house.dump() == before


def test_an_answer_after_the_fifteenth_day_is_kept_and_does_not_count(
    small_house: House, tmp_path: Path
) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(3, "2017-03-25"))
    reference = next(iter(drawn(house, "phone")))
    house.at("2017-04-10 09:00")
    house.at("2017-04-09 23:59")
    assert say(house, reference, 4).counts
    house.at("2017-04-10 00:00")
    # Whoever corrects a score has not asked again.
    corrected = say(house, reference, 5)
    assert (corrected.counts, corrected.replaces, corrected.attempts) == (True, 4, 1)
    late = record(house.desk, next(iter(drawn(house, "division"))), Answer(3), survey="division")
    assert (late.outcome, late.late_days, late.counts) == ("too-late", 1, False)
    poll = Reckoning(seen(house)).line("division-mean").survey
    assert poll is not None
    assert (poll.late, poll.answered) == (1, 0)


def test_an_answer_stays_one(small_house: House, tmp_path: Path) -> None:
    """Else a bad one could be made a refusal or too late, and the next be drawn."""
    house = small_house
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(3))
    reference = next(iter(drawn(house, "phone")))
    say(house, reference, 1)
    with pytest.raises(NotPossible, match="asked-already"):
        say(house, reference, refused=True)
    house.at("2017-04-20 09:00")
    with pytest.raises(NotPossible, match="answer-counts"):
        say(house, reference, 1, on=date(2017, 4, 20))


def test_a_day_of_asking_lies_between_the_draw_and_today(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-03 09:00")
    take_in(house, tmp_path, rows(3))
    house.at("2017-04-10 09:00")
    reference = next(iter(drawn(house, "phone")))
    with pytest.raises(BadValue, match="asked-before-drawn"):
        say(house, reference, 5, on=date(2017, 4, 2))
    with pytest.raises(BadValue, match="asked-in-future"):
        say(house, reference, 5, on=date(2017, 4, 11))
    assert say(house, reference, 5, on=date(2017, 4, 9)).counts


def states(house: House, *keys: str) -> list[tuple[State, int | None, int | None]]:
    reckoning = Reckoning(seen(house))
    return [(line.state, line.n, line.d) for line in map(reckoning.line, keys)]


def test_a_figure_is_in_once_the_lists_are_complete_and_all_that_is_owed_has_answered(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-03-20 09:00")
    take_in(house, tmp_path, rows(10, "2017-03-10"), "2017-03-19")
    for reference, score in zip(FIRST_THREE, (5, 4, 4), strict=True):
        say(house, reference, score)
        record(house.desk, reference, Answer(5), survey="division")
    # The lists are not complete.
    assert [state for state, *_ in states(house, "phone-new-meter", "phone-mean")] == [State.PENDING] * 2
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(10, "2017-03-10"))

    # January and February: there was nothing, by the word of whoever brought the list.
    assert states(house, "phone-new-meter", "phone-lv-extension", "phone-mean", "division-new-meter") == [
        *((State.MET, 3, 10), (State.NOTHING, 0, 0), (State.MET, 13, 3), (State.MET, 3, 10)),
    ]
    assert states(house, "post-new-meter", "post-mean") == [(State.MET, 1, 10), (State.PENDING, None, None)]
    poll = Reckoning(seen(house)).line("phone-new-meter").survey
    assert poll is not None
    assert poll.told == {
        "finished": 10,
        "left_out": 0,
        "drawn": 3,
        "answered": 3,
        "refused": 0,
        "not_reached": 0,
        "waiting": 0,
        "late": 0,
        "seed": ZEROS,
    }
    house.at("2017-04-11 09:00")
    # Forms come back when they do.
    assert states(house, "post-mean") == [(State.NOTHING, 0, 0)]
    assert findings(house) == []


def test_without_answers_a_figure_is_in_when_the_days_are_over(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(10, "2017-03-31"))
    say(house, FIRST_THREE[0], 5)
    house.at("2017-04-15 09:00")
    assert states(house, "phone-new-meter") == [(State.PENDING, 0, 0)]
    house.at("2017-04-16 00:00")
    assert states(house, "phone-new-meter", "phone-mean") == [(State.MISSED, 1, 10), (State.MET, 5, 1)]
    poll = Reckoning(seen(house)).line("phone-new-meter").survey
    assert poll is not None
    assert (poll.drawn, poll.answered, poll.not_reached, poll.waiting) == (3, 1, 2, 0)


def test_an_empty_list_says_that_there_was_nothing_and_none_says_nothing(
    small_house: House, tmp_path: Path
) -> None:
    house = small_house
    house.at("2017-04-20 09:00")
    assert states(house, "phone-new-meter") == [(State.MISSING, None, None)]
    take_in(house, tmp_path, [], "2017-03-30")
    # Of March nobody knows yet whether it is all.
    assert states(house, "phone-new-meter") == [(State.MISSING, 0, 0)]
    take_in(house, tmp_path, [])
    assert states(house, "phone-new-meter", "division-new-meter", "post-mean") == [(State.NOTHING, 0, 0)] * 3


def test_what_a_survey_feeds_is_not_typed_and_what_was_typed_before_stands_where_lists_have_nothing(
    small_house: House, tmp_path: Path
) -> None:
    house = small_house
    house.at("2017-04-01 09:00")

    def typed(measure: str, period: str, figure: str) -> None:
        enter(house.desk, Submitted(measure, period, figure, source="x", dated=date(2017, 4, 1)))

    typed("phone-new-meter", "2017-01", "14/40")
    typed("phone-new-meter", "2017-03", "1/2")
    take_in(house, tmp_path, rows(3, "2017-03-31"))
    reference = next(iter(drawn(house, "phone")))
    say(house, reference, 5)
    assert states(house, "phone-new-meter") == [(State.MET, 15, 43)]
    with pytest.raises(NotPossible, match="fed-by-survey"):
        typed("phone-new-meter", "2017-03", "2/2")
    with pytest.raises(NotPossible, match="fed-by-survey"):
        typed("phone-mean", "2017-03", "10/2")
    # What nobody surveys is typed.
    typed("numbers-entered", "2017-03", "2/2")


def test_the_division_asks_of_the_requests_of_the_office_below_it(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-01 09:00")
    offices.add_office(house.desk, "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")
    take_in(house, tmp_path, rows(3), office="BANSANG")
    found = calls.calls(house.desk)
    assert {(one.survey, one.office, one.asked_by) for one in found} == {
        ("division", "BANSANG", "MAIN"),
        ("phone", "BANSANG", "BANSANG"),
        ("post", "BANSANG", "BANSANG"),
    }
    assert {one.phone for one in found} <= {f"08x-xxx-000{n}" for n in (1, 2, 3)}
    assert {one.phone for one in calls.calls(house.desk, contact=True)} <= {
        f"081234000{n}" for n in (1, 2, 3)
    }
    line = Reckoning(seen(house, office="BANSANG")).line("division-new-meter")
    assert (line.survey and line.survey.waiting) == 3


def test_names_and_telephones_are_gone_once_somebody_was_asked_or_nobody_may_ask_them(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, [*rows(3, service="transformer"), *rows(1, "2016-12-01", first=50)])
    assert words(house)["6003-050"] == (None, None)
    reference = next(iter(drawn(house, "division")))
    record(house.desk, reference, Answer(5), survey="division")
    # By telephone and by post they are still asked.
    assert words(house)[reference] != (None, None)
    record(house.desk, reference, Answer(5), survey="phone")
    record(house.desk, reference, Answer(5), survey="post")
    assert words(house)[reference] == (None, None)
    assert forgetting.forget_past(house.at("2017-04-30 23:00")) == 0
    assert forgetting.forget_past(house.at("2017-05-01 00:00")) == 2
    assert set(words(house).values()) == {(None, None)}
    # What was forgotten does not come back with the list.
    take_in(house, tmp_path, rows(3, service="transformer"))
    assert set(words(house).values()) == {(None, None)}


def test_whoever_was_asked_in_one_survey_can_still_be_called_for_another(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(10))
    first, *_ = drawn(house, "phone")
    (following,) = record(house.desk, first, Answer(refused=True), survey="phone").drawn[0].references
    record(house.desk, following, Answer(5), survey="phone")
    assert words(house)[following] != (None, None)
    unlucky = next(one for one in drawn(house, "division") if one != following)
    while following not in drawn(house, "division"):
        record(house.desk, unlucky, Answer(refused=True), survey="division")
        unlucky = next(iter(set(drawn(house, "division")) - {unlucky, following}), unlucky)
    assert words(house)[following] != (None, None)


def test_what_was_said_beside_a_score_goes_after_the_years_of_the_settings(
    house: House, tmp_path: Path
) -> None:
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(3))
    say(house, next(iter(drawn(house, "phone"))), 2, remark="สายหลุดสองครั้ง")
    kept = replace(house.at("2020-04-01 00:00"), service=ServiceRules(retention=Retention(3)))
    assert forgetting.forget_remarks(kept) == 0
    kept = replace(house.at("2020-04-02 00:00"), service=kept.service)
    assert forgetting.forget_remarks(house.desk) == 0
    assert forgetting.forget_remarks(kept) == 1
    assert forgetting.forget_remarks(kept) == 0
    assert "สายหลุด" not in str(house.dump())
    assert findings(house) == []


def test_ten_at_once_draw_once(house: House, tmp_path: Path) -> None:
    house.at("2017-04-01 09:00")
    take_in(house, tmp_path, rows(30, "2017-03-25"))
    assert len(drawn(house, "phone")) == 9
    say(house, next(iter(drawn(house, "phone"))), refused=True)
    before = list(drawn(house, "phone"))
    with house.store.engine.begin() as connection:
        # As if nobody had drawn yet.
        connection.execute(text("DELETE FROM drawn WHERE survey <> 'post'"))
    rivals.at_once(house.url, "", *(["draw"] * 10))
    assert len(drawn(house, "phone")) == 9
    assert len(before) == 10
    assert len(drawn(house, "division")) == 3


def test_a_dry_run_says_the_same_and_writes_nothing(house: House, tmp_path: Path) -> None:
    house.at("2017-04-01 09:00")
    before = house.dump()
    said = take_in(house, tmp_path, rows(10), dry_run=True)
    assert house.dump() == before
    done = take_in(house, tmp_path, rows(10))
    assert (said.listed, said.complete, said.drawn) == (done.listed, done.complete, done.drawn)


def test_a_list_of_many_rows_is_taken_in_by_parts_and_ended_by_whoever_takes_it_in_again(
    small_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BATCH", 4)
    small_house.at("2017-04-01 09:00")
    found = take_in(small_house, tmp_path, rows(10))
    assert (found.listed, found.complete, len(drawn(small_house, "phone"))) == (10, ("MAIN",), 3)
    assert list(drawn(small_house, "phone")) == FIRST_THREE
    assert findings(small_house) == []


def test_a_list_of_one_service_says_nothing_of_the_others(small_house: House, tmp_path: Path) -> None:
    house = small_house
    house.at("2017-04-20 09:00")
    found = take_in(house, tmp_path, rows(1, service="transformer"), services=["new-meter"])
    assert [one.error.key for one in found.rejected] == ["unknown-service"]
    take_in(house, tmp_path, [], services=["new-meter"])
    assert states(house, "phone-new-meter", "phone-lv-extension") == [
        (State.NOTHING, 0, 0),
        (State.MISSING, None, None),
    ]
