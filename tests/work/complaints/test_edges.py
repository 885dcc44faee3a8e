"""Edges that were got wrong once: calendars that end, duplicates of what was withdrawn, calendars resolved anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from complaint_sla.bookshelf import Drafts, public_holidays
from complaint_sla.core.bookfile import Holidays
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BookRefused, NotPossible
from complaint_sla.core.publishing import Outcome
from complaint_sla.core.rulebook import Shelf
from complaint_sla.work.complaints import change, duplicates, look
from complaint_sla.work.complaints.look import Wanted
from complaint_sla.work.rules import publish
from complaint_sla.work.sheets import exchange
from tests.core.books import read_shelf
from tests.work import desks
from tests.work.desks import RULES, House


def working_days(through: int, holidays: Holidays = lambda *_: {}) -> Shelf:
    """The shipped book, counting working days of a calendar that ends with the year `through`."""
    text = RULES.read_text(encoding="utf-8").replace(
        'days = "calendar"', f'days = "working"\nholidays = "TH"\nholidays_through = {through}'
    )
    return read_shelf([("book.toml", text)], holidays)


def test_a_row_beyond_the_calendar_is_rejected_and_the_others_are_taken(
    sqlite_database: str, tmp_path: Path
) -> None:
    house = House(sqlite_database, "2018-12-31 09:00", working_days(2018))
    sheet = tmp_path / "rows.csv"
    sheet.write_text(
        "received_at,group,urgent,channel,category,subject\n"
        "2018-03-01 10:00,residential,false,phone,outage,first\n"
        "2018-12-20 10:00,residential,true,phone,outage,its stages lie beyond\n"
        "2018-03-02 10:00,residential,false,phone,outage,last\n",
        encoding="utf-8",
    )
    result = exchange.import_file(house.desk, sheet)
    assert (result.logged, [one.error.key for one in result.rejected]) == (2, ["calendar-not-covered"])
    house.close()


def test_a_row_with_a_number_that_is_no_text_is_rejected_alone(sqlite_database: str, tmp_path: Path) -> None:
    house = House(sqlite_database, "2017-04-01 09:00")
    row = '"received_at":"2017-03-01","group":"residential","channel":"phone","category":"outage"'
    sheet = tmp_path / "rows.jsonl"
    sheet.write_text(
        f'{{{row},"subject":"one"}}\n{{{row},"subject":"two\\u0000","number":"a\\u0000"}}\n{{{row},"subject":"three"}}\n',
        encoding="utf-8",
    )
    result = exchange.import_file(house.desk, sheet)
    assert (result.logged, len(result.rejected)) == (2, 1)
    house.close()


def test_a_quarter_at_the_end_of_the_calendar_has_a_report_all_the_same(sqlite_database: str) -> None:
    house = House(sqlite_database, "2018-11-01 09:00", working_days(2018))
    house.log()
    figure = desks.figure(house.at("2018-12-31 09:00"), Quarter(2018, 4))
    assert figure.counts.received == 1
    assert figure.final_at.astimezone(house.shelf.zone).date() == date(2019, 1, 1)
    with pytest.raises(BookRefused):
        house.log()
    house.close()


def test_nothing_is_a_duplicate_of_what_was_withdrawn(database: str) -> None:
    house = House(database)
    original, other = house.log(), house.log()
    change.do(house.desk, original, change.withdraw("solved by themselves"))
    with pytest.raises(NotPossible, match="original-withdrawn"):
        duplicates.mark(house.desk, other, original)
    assert look.show(house.desk, other).complaint.status == "open"
    house.close()


def test_what_others_wait_for_is_not_withdrawn_and_nobody_is_sent_to_what_ended_before(database: str) -> None:
    house = House(database)
    original, second, third = house.log(), house.log(), house.log()
    for number in (second, third):
        duplicates.mark(house.desk, number, original)
    with pytest.raises(NotPossible, match="has-duplicates") as refused:
        change.do(house.desk, original, change.withdraw("solved by themselves"))
    assert refused.value.values == {"number": original, "others": [second, third]}
    change.do(house.desk, second, change.reopen("their own"))
    change.do(house.desk, third, change.reopen("their own"))
    change.do(house.desk, third, change.withdraw("no longer wanted"))
    change.do(house.desk, original, change.withdraw("solved by themselves"))

    house.later(days=1)
    change.do(house.desk, second, change.close("mended"))
    house.later(days=7)
    duplicates.mark(house.desk, house.log(), second)
    house.later(seconds=1)
    late = house.log()
    with pytest.raises(NotPossible, match="original-ended"):
        duplicates.mark(house.desk, late, second)
    change.do(house.desk, second, change.reopen("again"))
    mine, _ = duplicates.mark(house.desk, late, second)
    assert mine.complaint.duplicate_of == second
    house.close()


def test_a_calendar_resolved_otherwise_today_leaves_a_used_book_as_it_was(database: str) -> None:
    house = House(database, shelf=working_days(2018))
    house.log()
    announced = working_days(2018, public_holidays)
    assert announced.latest.digest != house.shelf.latest.digest
    [published] = publish.publish(house.desk, Drafts(announced.books))
    assert published.outcome is Outcome.SAME
    assert house.desk.renewed().shelf == house.shelf
    house.close()


def test_the_cases_of_somebody_who_has_left_are_found_by_their_owner(database: str) -> None:
    house = House(database)
    somchai = house.hire("somchai")
    number = house.log(owner=somchai)
    change.do(house.desk, number, change.close("done"))
    from complaint_sla.core.complaints import Status
    from complaint_sla.work import offices

    offices.retire(house.desk, somchai)
    found = look.find_all(house.desk, Wanted(status=Status.CLOSED, owner=somchai))
    assert [one.number for one in found] == [number]
    house.close()


def test_a_complaint_is_found_by_the_last_digits_that_lists_show(database: str) -> None:
    house = House(database)
    number = house.log(phone="0812345678", account="020012345678")
    house.log(phone="0899999999")
    for digits in ("5678", "๕๖๗๘", "0812345678", "020012345678"):
        assert [one.number for one in look.search(house.desk, digits).first] == [number]
    assert look.search(house.desk, "678").first == ()
    house.close()
