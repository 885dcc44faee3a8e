"""What was kept for its years is erased, no earlier, a bounded number a round; and what was handed in stays proved."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.calendars import Quarter, midnight
from complaint_sla.core.errors import BadValue
from complaint_sla.core.servicefile import GroupYears, Retention, ServiceRules
from complaint_sla.store import person
from complaint_sla.work.complaints import change, erase, look
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze, report
from complaint_sla.work.person import retention
from tests.work.complaints.test_erase import PERSONAL, dump, ended, journal_of, logged
from tests.work.desks import House
from tests.work.findings import findings

BANGKOK = ZoneInfo("Asia/Bangkok")
TEN = Retention(10, (GroupYears("key-account", 15),))


def keeping(house: House, settings: Retention | None) -> Desk:
    return replace(house.desk, service=ServiceRules(retention=settings))


def erased(house: House) -> list[str]:
    return [one.number for one in look.find_all(house.desk, look.Wanted()) if not one.subject]


def test_what_ended_longer_ago_than_its_years_is_erased_and_nothing_else(house: House) -> None:
    number, key = ended(house), house.log("key-account")
    house.shut(key)
    still_open = logged(house)
    house.at("2027-03-05 23:59")
    assert retention.erase_due(keeping(house, TEN)) == 0
    assert retention.erase_due(keeping(house, None)) == 0
    house.at("2027-03-06 00:00")
    assert [(one.complaint.number, one.goes_on) for one in retention.due(keeping(house, TEN))] == [
        (number, date(2027, 3, 6))
    ]
    assert erased(house) == []

    assert retention.erase_due(keeping(house, TEN)) == 1

    assert erased(house) == [number]
    assert retention.erase_due(keeping(house, TEN)) == 0
    assert journal_of(house) == [{"numbers": [number], "count": 1, "by": "retention"}]
    house.at("2032-03-06 00:00")
    assert retention.erase_due(keeping(house, TEN)) == 1
    assert sorted(erased(house)) == [number, key]
    change.do(house.desk, still_open, change.withdraw("x"))
    assert retention.due(keeping(house, TEN)) == []
    assert findings(house) == []


def test_a_frozen_figure_stays_proved_and_words_said_after_an_erasure_go_too(house: House) -> None:
    number = ended(house)
    frozen = freeze.freeze(house.at("2017-04-26 00:00"), Quarter(2017, 1))
    desk = keeping(house, TEN)
    house.at("2027-03-06 00:00")
    assert retention.erase_due(replace(desk, now=house.clock.at)) == 1
    again = report.report(house.desk, Quarter(2017, 1), version=1)
    assert again.frozen is not None
    assert (again.frozen.content, again.moved) == (frozen.content, ())
    assert findings(house) == []
    change.do(house.desk, number, change.reopen("สมชาย โทรมาอีก"))
    change.do(house.later(hours=1), number, change.close("ซ่อมแล้วที่บ้านสมศรี"))
    house.at("2037-03-08 00:00")
    assert retention.erase_due(replace(desk, now=house.clock.at)) == 1
    assert not [text for text in PERSONAL if text in dump(house)]
    assert findings(house) == []


def test_a_round_erases_so_many_and_the_next_ones_the_others(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 2)
    for _ in range(5):
        small_house.shut(small_house.log())
    small_house.at("2030-01-01 00:00")
    desk = keeping(small_house, TEN)
    assert [retention.erase_due(desk) for _ in range(4)] == [2, 2, 1, 0]


def test_a_group_that_no_book_knows_lets_nothing_go(small_house: House) -> None:
    small_house.shut(small_house.log())
    desk = keeping(small_house, Retention(10, (GroupYears("key-acount", 15),)))
    small_house.at("2030-01-01 00:00")
    with pytest.raises(BadValue, match="unknown-group"):
        retention.erase_due(replace(desk, now=small_house.clock.at))
    assert erased(small_house) == []


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.integers(1, 100))
def test_the_day_that_is_told_is_the_first_on_which_it_goes(ended_on: date, years: int) -> None:
    kept = Retention(None, (GroupYears("a", years),))
    last_moment = midnight(ended_on + timedelta(days=1), BANGKOK) - timedelta(seconds=1)
    day = kept.goes_on("a", ended_on)
    assert day is not None
    assert kept.goes_on("b", ended_on) is None
    for today, goes in ((day - timedelta(days=1), False), (day, True), (day + timedelta(days=1), True)):
        of_groups, of_others = kept.ended_before(today, BANGKOK)
        assert of_others is None
        assert (last_moment < of_groups["a"]) is goes


def test_what_was_ended_by_somebody_who_may_not_erase_is_erased_in_the_next_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = logged(house)
    erase.erase(house.desk, number, "letter 12", at_end=True)
    with monkeypatch.context() as officer:
        # As the roles of PostgreSQL have it.
        officer.setattr(person, "may_erase", lambda _session: False)
        house.shut(number)
    assert (house.complaint(number).erase_at_end, house.complaint(number).subject) == (True, "ไฟดับบ้านสมศรี")
    assert findings(house) == []
    assert [retention.erase_due(keeping(house, None)) for _ in range(2)] == [1, 0]
    assert not [text for text in PERSONAL if text in dump(house)]
    assert house.events(number)[-1].kind == "erased"
    assert findings(house) == []
