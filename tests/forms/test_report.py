"""The document of a quarter: what is said, before any form gives it a look."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from complaint_sla.core.calendars import Counting
from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import Mark
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import shown

LOST = "The target is lost, even if all that may still be dated back by hand is."
RUNNING = datetime(2017, 3, 20, tzinfo=UTC)
AFTER = datetime(2017, 4, 10, tzinfo=UTC)
LONG_AFTER = datetime(2017, 4, 26, tzinfo=UTC)


def rows(document, key):
    table = next(table for table in document.breakdowns if table.key == key)
    return {row.key: [shown(cell) for cell in row.cells] for row in table.rows}


def test_the_seeds_quarter_is_according_to_plan_with_dashes_for_january_and_february(document, seed_quarter):
    report = document(seed_quarter)
    assert report.heading == "Complaint-handling report, quarter 1/2017"
    assert report.result.share.text == "1 of 1, 100.00 %"
    assert (report.result.mark, report.result.mark_title) == (Mark.ACCORDING, "According to plan")
    assert report.result.target == "Not less than 80 percent"
    months = rows(report, "month")
    assert months["2017-01"] == ["January 2017", *"––––––––"]
    assert months["2017-02"] == ["February 2017", *"––––––––"]
    assert months["2017-03"] == ["March 2017", "1", "1", "0", "0", "0", "0", "1 of 1", "100.00"]
    assert report.is_final
    assert report.outlook is None


def test_the_thai_report_bears_thai_titles_and_the_buddhist_year(document, seed_quarter):
    report = document(seed_quarter, language="th")
    assert "1/2560" in report.heading
    assert report.facts[0].value == "การไฟฟ้าส่วนภูมิภาคสาขาบ้านสร้าง"
    assert rows(report, "group")["spp-area"][0] == "กลุ่มที่ 1 ลูกค้าในพื้นที่แข่งขันกับ SPP"


def test_no_complaints_are_neither_met_nor_missed(document, figure):
    report = document(figure())
    assert report.result.mark is Mark.NOT_STATED
    assert report.result.share.text == "–"
    assert report.result.mark_text == "No complaints: neither met nor missed."
    assert [shown(row.cells[1]) for row in report.buckets.rows] == ["–"] * 6


def test_a_quarter_of_pending_ones_only_can_not_be_judged_yet(document, figure):
    report = document(figure(Counts(pending=2), as_of=AFTER))
    assert report.result.mark is Mark.NOT_STATED
    assert report.result.mark_text.startswith("No complaint of the quarter can be judged yet")
    assert rows(report, "month")["2017-03"][1:] == ["2", "0", "0", "0", "2", "0", "–", "–"]


@pytest.mark.parametrize(
    ("counts", "rate", "mark"),
    [
        (Counts(on_time=4, late=1), "80.00", Mark.ACCORDING),
        (Counts(on_time=79_996, late=20_004), "79.99", Mark.NOT_ACCORDING),
        (Counts(on_time=79_999, overdue=20_001), "79.99", Mark.NOT_ACCORDING),
    ],
)
def test_exactly_80_percent_is_met_and_what_reads_less_is_not(document, figure, counts, rate, mark):
    report = document(figure(counts))
    assert (report.result.share.percent, report.result.mark) == (rate, mark)


@pytest.mark.parametrize(
    ("counts", "as_of", "certain", "text"),
    [
        (Counts(on_time=8, late=2, pending=2), AFTER, None, "Open: it depends"),
        (
            Counts(on_time=9, pending=1),
            AFTER,
            True,
            "The target is safe, unless something closed is reopened",
        ),
        (Counts(on_time=1, late=9, pending=1), AFTER, False, LOST),
        (Counts(on_time=7, overdue=3, redeemable=1), AFTER, None, "Open: it depends"),
        (Counts(on_time=7, overdue=3, redeemable=1), LONG_AFTER, None, "Open: it depends"),
        (Counts(on_time=6, overdue=4, redeemable=1), LONG_AFTER, False, LOST),
        (Counts(on_time=8, late=2, pending=2), RUNNING, None, "Open: the quarter is still running"),
        (Counts(on_time=9, pending=1), RUNNING, None, "Open: the quarter is still running"),
        (Counts(on_time=1, late=9, pending=1), RUNNING, None, "Open: the quarter is still running"),
    ],
)
def test_bounds_say_what_can_still_come_and_nothing_is_settled_in_a_running_quarter(
    document, figure, counts, as_of, certain, text
):
    outlook = document(figure(counts, as_of=as_of)).outlook
    assert outlook.certain is certain
    assert outlook.text.startswith(text)


def test_a_provisional_figure_says_from_when_it_is_final(document, busy_quarter):
    report = document(busy_quarter)
    assert report.state == "Provisional"
    assert "Provisional; final from 26 Apr 2017 00:00" in [fact.value for fact in report.facts]
    assert report.outlook.worst.text == "8 of 12, 66.66 %"
    assert report.outlook.best.text == "10 of 12, 83.33 %"
    assert report.result.mark_text == "The target is met. Provisional."


def test_the_buckets_sum_to_what_was_received(document, busy_quarter):
    *parts, total = [row.cells[1] for row in document(busy_quarter).buckets.rows]
    assert sum(parts) == total == 15


def test_offices_are_shown_only_where_there_are_several(document, busy_quarter, seed_quarter):
    assert "office" in [table.key for table in document(busy_quarter).printed]
    assert "office" not in [table.key for table in document(seed_quarter).printed]


def test_where_there_is_one_office_only_it_is_named_unasked(document, figure):
    assert document(figure(office=None)).facts[0].value == "PEA Ban Sang Branch"


def test_an_office_without_title_shows_its_code_and_one_without_complaints_a_dash(document, figure):
    counts = Counts(on_time=1)
    report = document(figure(counts, offices={"X1": counts, "X2": Counts()}, office=None), offices={})
    assert report.facts[0].value == "All offices"
    assert rows(report, "office")["X1"][:2] == ["X1", "1"]
    assert rows(report, "office")["X2"] == ["X2", *"––––––––"]


def test_the_notes_say_how_the_book_counts(document, figure, shelf):
    calendar = document(figure()).notes
    assert any("calendar days" in note and "stays the last day" in note for note in calendar)
    assert "An urgent complaint has the urgent deadline, whatever its customer group." in calendar
    book = shelf.latest
    moving = replace(book, counting=Counting(move_last_day=True))
    assert any("moves to the next working day" in note for note in _notes(document, figure(), moving))
    working = replace(book, counting=Counting(working=True), rules=book.rules[1:])
    notes = _notes(document, figure(), working)
    assert any("working days" in note and "holiday" not in note for note in notes)
    assert "The first rule of the book that fits a complaint gives its deadline." in notes


def test_two_books_in_a_quarter_are_both_named_and_the_later_one_gives_the_target(document, figure, shelf):
    old = shelf.latest
    longer = tuple(replace(rule, days=rule.days + (rule.key == "residential")) for rule in old.rules[:-1])
    new = replace(
        old,
        id="new",
        title=Title("ใหม่", "New criteria"),
        effective_from=date(2017, 3, 1),
        target=Fraction(795, 1000),
        rules=(*longer, replace(old.rules[-1], days=30)),
    )
    report = document(replace(figure(), target=new.target), books=Shelf((old, new)))
    assert report.result.target == "Not less than 79.5 percent"
    assert any(note.endswith("31 Mar 2017: New criteria.") for note in report.notes)
    assert any("(received up to 28 Feb 2017)" in note for note in report.notes)
    by_rule = rows(report, "rule")
    assert by_rule["residential"][0] == "Residential and other customers"
    assert by_rule["urgent"][0] == "Important and urgent complaints: within 3 days"


def test_a_key_that_no_book_knows_is_shown_as_it_is(document, figure):
    strange = replace(figure(), by_group=(("gone", Counts(late=1)),))
    assert rows(document(strange), "group")["gone"][0] == "gone"


def test_control_and_direction_marks_in_names_are_made_visible(document, seed_quarter):
    report = document(seed_quarter, offices={"BANSANG": Title("x", "A\x1b[2J\u202eB\nC")})
    assert report.facts[0].value == "A\\x1b[2J\\u202eB\\nC"


def _notes(document, figure, book):
    return document(figure, books=Shelf((book,))).notes


def test_the_office_with_the_lowest_rate_stands_first_and_one_without_a_rate_last(document, figure):
    offices = {
        "A": Counts(on_time=9, late=1),
        "B": Counts(),
        "C": Counts(on_time=1, late=1),
        "D": Counts(on_time=5, late=5),
    }
    report = document(figure(Counts(on_time=15, late=7), offices=offices, office=None))
    (table,) = [one for one in report.breakdowns if one.key == "office"]
    assert [row.key for row in table.rows] == ["D", "C", "A", "B", ""]


def test_by_how_many_cases_it_is_safe_or_missed_follows_from_the_figure_that_is_shown(document, figure):
    for counts, said in (
        (Counts(on_time=7, late=3), "1 more in time would have met it."),
        (Counts(on_time=10), "It would be met with 2 fewer in time."),
        (Counts(on_time=8, late=2), ""),
        (Counts(), ""),
    ):
        text = document(figure(counts)).result.mark_text
        assert text.endswith(said)
        assert ("in time" in text) is bool(said)
