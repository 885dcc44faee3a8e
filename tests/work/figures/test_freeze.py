"""Freezing a quarter's figure: once, for good, restated with what changed; told again byte for byte."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from complaint_sla.contract.quarter import report as report_json
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, BookRefused, NotFound, NotPossible
from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import read_cases
from complaint_sla.forms import render
from complaint_sla.store import figures
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.complaints import erase
from complaint_sla.work.desk import in_force
from complaint_sla.work.figures import cohort, freeze
from complaint_sla.work.figures import report as reports
from complaint_sla.work.sheets.exchange import import_file
from tests.core.books import read_shelf
from tests.work import desks
from tests.work.desks import RULES, House, moment
from tests.work.findings import findings
from tests.work.frozen import lay_beside
from tests.work.sheet_desk import GOOD, write_csv

Q1 = Quarter(2017, 1)
FINAL = "2017-04-26 00:00"


def cases_of(house: House, quarter: Quarter, version: int) -> list[str]:
    with house.store.read() as session:
        row = figures.frozen(session, str(quarter), version)
        assert row is not None
        return [f"{case.number} {case.part.office} {case.part.bucket}" for case in read_cases(row.cases)]


@pytest.fixture
def quarter(small_house: House) -> House:
    """Three complaints of March: closed in time, closed late, never closed; and one of April."""
    house = small_house
    house.at("2017-03-05 10:00")
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    first, second, _third = (house.log(office="MAIN") for _ in range(3))
    house.at("2017-03-20 10:00")
    house.shut(first)
    house.at("2017-04-10 10:00")
    house.log(office="MAIN")
    house.shut(second)
    return house


def test_a_quarter_is_frozen_when_it_is_final_and_not_before(quarter: House) -> None:
    quarter.at("2017-04-25 23:59:59")
    assert freeze.freeze_final(quarter.desk) == []
    with pytest.raises(NotPossible, match="not-final-yet"):
        freeze.freeze(quarter.desk, Q1)
    assert reports.report(quarter.desk, Q1).frozen is None

    quarter.at(FINAL)
    made = freeze.freeze_final(quarter.desk)
    assert [(str(one.figure.quarter), one.version) for one in made] == [("2017-Q1", 1)]
    assert made[0].figure.counts == Counts(on_time=1, late=1, overdue=1)
    assert freeze.freeze_final(quarter.desk) == []


def test_every_quarter_since_the_first_complaint_is_frozen_even_an_empty_one(quarter: House) -> None:
    made = freeze.freeze_final(quarter.at("2018-01-30 00:00"))
    assert [str(one.figure.quarter) for one in made] == ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    assert made[2].figure.counts == Counts()
    assert made[2].figure.counts.rate is None


def test_the_service_freezes_only_what_ended_after_a_complaint_was_first_logged_by_hand(
    house: House, tmp_path: Path
) -> None:
    waiting = lambda: _unserved(house)  # noqa: E731
    named, unnamed = {**GOOD, "external_id": "V-1"}, {**GOOD, "subject": "no name"}
    ended = {"closed_at": "2017-03-06 10:00", "outcome": "ok"}
    house.at("2018-02-01 10:00")
    import_file(house.desk, write_csv(tmp_path / "old.csv", [named | ended, unnamed | ended]))
    # Neither what a sheet brings nor what bears the id of another system; and erased, a sheet's complaint stays one.
    house.log(external_id="V-2")
    erase.erase(house.desk, "C-6003-00001", "asked")
    assert freeze.freeze_final(house.desk) == []
    assert waiting() == (["2017-Q1"], True)

    # When it was typed counts, and not when it was received.
    house.log(received_at=moment("2017-12-30 10:00"))
    assert freeze.freeze_final(house.desk) == []
    assert waiting() == (["2017-Q1", "2017-Q4"], False)
    house.at("2018-05-30 00:00")
    assert [str(one.figure.quarter) for one in freeze.freeze_final(house.desk)] == ["2018-Q1"]

    # A person who knows that all is in freezes the others.
    freeze.freeze(house.desk, Q1)
    assert waiting() == (["2017-Q4"], False)


def _unserved(house: House) -> tuple[list[str], bool]:
    with house.store.read() as session:
        found = cohort.unserved(session, house.desk)
    return [str(one) for one in found.quarters], found.is_of_sheets


def test_a_later_change_never_alters_a_frozen_figure(quarter: House) -> None:
    quarter.at(FINAL)
    made = freeze.freeze(quarter.desk, Q1)
    late = "C-6003-00003"
    quarter.later(days=3)
    casework.do(quarter.desk, "C-6003-00001", casework.reopen("not mended"))
    quarter.shut(late)
    casework.do(quarter.desk, "C-6003-00001", casework.transfer("EAST", "theirs"))
    offices.set_office(quarter.desk, "EAST", name_en="Elsewhere")

    again = reports.report(quarter.desk, Q1, version=1).frozen

    assert again is not None
    assert again.content == made.content
    assert again.digest == made.digest
    assert desks.figure(quarter.desk, Q1).counts == Counts(late=2, overdue=1)
    moved = {change.number: change for change in reports.report(quarter.desk, Q1).moved}
    assert set(moved) == {"C-6003-00001", late}
    assert moved[late].why == ("closed",)
    assert moved["C-6003-00001"].why == ("reopened", "transferred")


def test_a_restatement_lists_what_changed_and_why(quarter: House) -> None:
    quarter.at(FINAL)
    first = freeze.freeze(quarter.desk, Q1)
    with pytest.raises(NotPossible, match="nothing-to-restate"):
        freeze.freeze(quarter.desk, Q1)
    # A note changes the chain, and nothing that counts.
    casework.do(quarter.desk, "C-6003-00001", casework.note("called again"))
    with pytest.raises(NotPossible, match="nothing-to-restate"):
        freeze.freeze(quarter.desk, Q1)
    entered = quarter.log(office="MAIN", received_at=moment("2017-03-31 16:00"))
    quarter.later(days=1)
    casework.do(quarter.desk, "C-6003-00001", casework.reopen("not mended"))

    second = freeze.freeze(quarter.desk, Q1)

    assert second.version == 2
    changes = {change.number: change for change in second.changes}
    assert list(changes) == ["C-6003-00001", entered]
    assert changes["C-6003-00001"].was is not None
    assert changes["C-6003-00001"].was.bucket == "on_time"
    assert changes["C-6003-00001"].now is not None
    assert changes["C-6003-00001"].now.bucket == "overdue"
    assert changes["C-6003-00001"].why == ("reopened",)
    assert changes[entered].was is None
    assert changes[entered].why == ("logged",)
    again = reports.report(quarter.desk, Q1, version=1).frozen
    assert again is not None
    assert again.content == first.content
    newest = reports.report(quarter.desk, Q1).frozen
    assert newest is not None
    assert newest.content == second.content
    assert reports.report(quarter.desk, Q1).moved == ()


def test_a_frozen_figure_is_told_for_any_office_of_the_tree_as_it_was(small_house: House) -> None:
    house = small_house
    house.at("2017-03-05 10:00")
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    offices.add_office(house.desk, "EAST-1", "ย่อย", "Branch", "EAST")
    for office in ("MAIN", "EAST", "EAST-1"):
        house.log(office=office)
    before = {code: desks.figure(house.at(FINAL), Q1, code).counts for code in ("EAST", "EAST-1", "MAIN")}
    freeze.freeze(house.desk, Q1)
    # The branch moves, and takes its complaints along.
    offices.set_office(house.desk, "EAST-1", parent="MAIN")

    for code, counts in before.items():
        figure = reports.report(house.desk, Q1, code.lower(), 1).figure
        assert figure.counts == counts
        assert figure.office == code
        assert figure.version == 1
        assert sum(row.received for _, row in figure.by_office) == counts.received
    assert [code for code, _ in reports.report(house.desk, Q1, "EAST", 1).figure.by_office] == [
        "EAST",
        "EAST-1",
    ]
    with pytest.raises(BadValue, match="unknown-office"):
        reports.report(house.desk, Q1, "WEST", 1)


def test_an_office_founded_since_was_not_there_then(quarter: House) -> None:
    quarter.at(FINAL)
    freeze.freeze(quarter.desk, Q1)
    offices.add_office(quarter.later(days=1), "NEW", "ใหม่", "New", "EAST")
    quarter.log(office="NEW", received_at=moment("2017-03-31 16:00"))

    for version in (None, 1):
        report = reports.report(quarter.desk, Q1, "new", version)
        assert report.is_before_the_office
        assert report.figure.counts == Counts()
        assert report.figure.by_office == (("NEW", Counts()),)
        for language, said in (("en", "founded after"), ("th", "ตั้งขึ้นหลังจาก")):
            words = Words(language)
            document = render.document_of(report, quarter.shelf, words)
            assert said in document.result.mark_text
            assert said in render.plan_of(report, quarter.shelf, words).notes[0]
    assert not reports.report(quarter.desk, Q1, "EAST").is_before_the_office
    assert not reports.report(quarter.desk, Q1).is_before_the_office


def test_the_frozen_text_is_the_figure_of_the_moment_and_its_cases_add_up(quarter: House) -> None:
    quarter.at(FINAL)
    expected = desks.figure(quarter.desk, Q1)
    made = freeze.freeze(quarter.desk, Q1)
    data = json.loads(made.content)

    assert made.figure.counts == expected.counts
    assert (made.figure.by_group, made.figure.by_month, made.figure.by_office) == (
        expected.by_group,
        expected.by_month,
        expected.by_office,
    )
    assert (made.figure.target, made.figure.final_at, made.figure.as_of) == (
        expected.target,
        expected.final_at,
        expected.as_of,
    )
    assert data["version"] == 1
    assert data["state"] == "final"
    assert data["books"] == ["pea-2560"]
    assert data["cases"]["count"] == 3
    assert cases_of(quarter, Q1, 1) == [
        "C-6003-00001 MAIN on_time",
        "C-6003-00002 MAIN late",
        "C-6003-00003 MAIN overdue",
    ]


def test_a_quarter_is_not_final_while_a_complaint_of_it_may_still_become_due(small_house: House) -> None:
    """By the book of its receipt, whichever the desk that looks has: a service started before that book was published."""
    house = small_house
    house.at("2017-03-28 10:00")
    before = house.shelf
    lay_beside(house, "2017-03-25", "days = 60")
    number = house.log()
    assert house.complaint(number).due_on.isoformat() == "2017-05-27"

    house.at(FINAL)
    house.shelf = before
    assert freeze.freeze_final(house.desk) == []
    with pytest.raises(NotPossible) as refused:
        freeze.freeze(house.desk, Q1)
    assert refused.value.key == "not-final-yet"
    assert refused.value.values["final_at"] == moment("2017-05-28 00:00")
    figure = desks.figure(house.desk, Q1)
    assert (figure.final_at, figure.is_final) == (moment("2017-05-28 00:00"), False)
    assert not desks.review(house.desk, Q1).quarters[-1].is_final

    house.at("2017-05-31 00:00")
    assert freeze.freeze_final(house.desk) == [], "by books that are not in force nothing is frozen"
    house.shelf = in_force(house.store)[0]
    made = freeze.freeze_final(house.desk)
    assert [one.figure.counts.pending for one in made] == [0]


def test_while_a_book_is_lost_nothing_is_frozen_and_the_target_is_only_a_stand_in(quarter: House) -> None:
    """It might be the one that gives the target."""
    lay_beside(quarter, "2017-03-31")
    first = freeze.freeze(quarter.at(FINAL), Q1)
    with closing(sqlite3.connect(str(quarter.store.file))) as connection:
        connection.execute("UPDATE book SET text = 'x' WHERE book_id = 'pea-b'")
        connection.commit()
    desk = quarter.at("2017-08-01 00:00").renewed()
    assert freeze.freeze_final(desk) == []
    assert [(one.about, getattr(one.problem, "key", "")) for one in desk.aside] == [
        ("2017-Q2", "book-unreadable")
    ]
    for try_ in (freeze.freeze, reports.report_if_frozen):
        with pytest.raises(BookRefused, match="book-unreadable") as refused:
            try_(desk, Q1)
        assert refused.value.values["book"] == "pea-b", (
            "the message names the book that is to be brought back"
        )

    again = reports.report(desk, Q1)
    assert (again.frozen, again.lost, again.differing) == (first, (), ())
    running = reports.report(desk, Quarter(2017, 2))
    assert json.loads(report_json(running, desk.zone))["books_lost"] == ["pea-b"]
    for language, said in (("en", "only a stand-in"), ("th", "ใช้แทนชั่วคราวเท่านั้น")):
        words = Words(language)
        document = render.document_of(running, desk.shelf, words)
        plan = render.plan_of(running, reports.with_plans(desk), words)
        for told in (
            *(render.rendered(document, form, 200) for form in ("text", "html")),
            render.signed(plan, "html"),
        ):
            assert said in str(told)


def test_a_restatement_names_the_target_before_all_else_and_is_one_by_that_alone(quarter: House) -> None:
    first = freeze.freeze(quarter.at(FINAL), Q1)
    lay_beside(quarter, "2017-03-31")
    seen = reports.report(quarter.desk, Q1)
    assert (seen.moved, [one.name for one in seen.differing_today]) == ((), ["target", "books"])

    second = freeze.freeze(quarter.desk, Q1)

    assert second.changes == ()
    assert next((one.name, one.was, one.now) for one in second.restated) == ("target", "80", "70")
    data = json.loads(second.content)
    assert list(data).index("restated") < list(data).index("changes")
    assert data["books"] == ["pea-2560", "pea-b"]
    book = quarter.shelf.latest
    assert data["target_book"] == {"id": "pea-b", "digest": book.digest}
    assert (data["before"], data["newest"]) == (first.digest, first.digest)
    assert (first.ground.before, first.ground.newest) == (None, None)
    for language, said in (("en", "Target: 80 → 70; Rule books: pea-2560"), ("th", "เป้าหมาย: 80 → 70; ")):
        words = Words(language)
        document = render.document_of(reports.report(quarter.desk, Q1), quarter.shelf, words)
        for form in ("text", "html"):
            assert said in str(render.rendered(document, form, 200))
    with pytest.raises(NotPossible, match="nothing-to-restate"):
        freeze.freeze(quarter.desk, Q1)
    # The book that gave the target is kept, though no complaint is under it: the audit knows its target.
    assert findings(quarter) == []
    third = freeze.freeze_final(quarter.at("2017-08-01 00:00"))
    assert [one.ground.newest for one in third] == [second.digest]


def test_an_office_that_has_moved_is_restated_and_does_not_weigh_on_the_figure(quarter: House) -> None:
    freeze.freeze(quarter.at(FINAL), Q1)
    offices.set_office(quarter.desk, "EAST", name_en="Elsewhere")
    assert reports.report(quarter.desk, Q1).differing_today == ()

    again = freeze.freeze(quarter.desk, Q1)

    assert [(one.name, one.code, one.now) for one in again.restated] == [
        ("office", "EAST", "MAIN · ตะวันออก · Elsewhere")
    ]


def test_what_was_looked_at_is_frozen_or_nothing_is(quarter: House) -> None:
    quarter.at(FINAL)
    before = quarter.dump()
    seen = reports.report_if_frozen(quarter.desk, Q1)
    assert quarter.dump() == before
    assert seen.frozen is not None
    assert seen.review is not None
    assert seen.review.quarters[-1].version == 1
    quarter.shut("C-6003-00003", moment("2017-04-25 10:00"))
    with pytest.raises(NotPossible, match="changed-meanwhile"):
        freeze.freeze(quarter.desk, Q1, seen.frozen)
    assert reports.report(quarter.desk, Q1).frozen is None
    again = reports.report_if_frozen(quarter.desk, Q1).frozen
    assert again is not None
    assert freeze.freeze(quarter.later(hours=0), Q1, again).content == again.content


def test_nobody_waits_for_who_looks_at_what_would_be_frozen(quarter: House) -> None:
    quarter.at(FINAL)

    def look(session: Session) -> int:
        with closing(sqlite3.connect(str(quarter.store.file), timeout=0)) as elsewhere:
            elsewhere.execute("BEGIN IMMEDIATE")
        return figures.last_version(session, str(Q1))

    assert freeze.rehearsed(quarter.desk, Q1, look) == 1


def test_a_version_that_is_not_there_is_named_with_those_that_are(quarter: House) -> None:
    quarter.at(FINAL)
    freeze.freeze(quarter.desk, Q1)
    with pytest.raises(NotFound, match="no-such-version"):
        reports.report(quarter.desk, Q1, version=2)


def test_a_clock_set_back_unfreezes_nothing(quarter: House) -> None:
    quarter.at(FINAL)
    made = freeze.freeze(quarter.desk, Q1)
    quarter.clock.at -= timedelta(days=30)
    again = reports.report(quarter.desk, Q1).frozen
    assert again is not None
    assert again.content == made.content
    assert freeze.freeze_final(quarter.desk) == []


def test_nothing_that_becomes_of_books_offices_and_people_alters_the_text(quarter: House) -> None:
    """Holidays resolved anew, a book swapped, offices moved and renamed, a customer erased."""
    quarter.log(office="EAST", received_at=moment("2017-03-31 16:00"), customer="สมชาย", phone="0812345678")
    quarter.shut("C-6004-00001")
    quarter.at(FINAL)
    content = freeze.freeze(quarter.desk, Q1).content
    of_east = reports.report(quarter.desk, Q1, "EAST", 1).figure

    offices.add_office(quarter.desk, "AREA", "เขต", "Area")
    offices.set_office(quarter.desk, "MAIN", parent="AREA", name_en="Head")
    offices.set_office(quarter.desk, "EAST", parent="AREA", name_th="อื่น")
    quarter.shut("C-6003-00004")
    erase.erase(quarter.desk, "C-6003-00004", "asked for")
    text = RULES.read_text(encoding="utf-8").replace("days = 25", "days = 3")
    text = text.replace('days = "calendar"', 'days = "calendar"\nholidays = "TH"')
    songkran = moment("2017-04-13 00:00").date()
    quarter.shelf = read_shelf([("pea-2560.toml", text)], lambda *_: {songkran: "Songkran"})

    again = reports.report(quarter.desk, Q1, version=1).frozen
    assert again is not None
    assert again.content == content
    assert reports.report(quarter.desk, Q1, "EAST", 1).figure == of_east
    assert "สมชาย" not in content
