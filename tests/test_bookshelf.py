"""The folder of drafts: what is read as a book, what is refused, which holidays are known."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from complaint_sla import bookshelf
from complaint_sla.bookshelf import Drafts
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, BookFaults, BookRefused
from complaint_sla.core.servicefile import ServiceRules

SHIPPED = Path(__file__).parents[1] / "rules" / "pea-2560.toml"


def test_every_toml_of_the_folder_is_a_book_or_a_plan_but_the_settings_of_the_service(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "first.toml").write_text(text, encoding="utf-8")
    later = text.replace('"pea-2560"', '"pea-2561"').replace('"2017-01-01"   #', '"2561-01-01"   #')
    # A byte order mark is what editors of some systems put there.
    (tmp_path / "second.toml").write_text(later, encoding="utf-8-sig")
    (tmp_path / "service.toml").write_text("silence_minutes = 45", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("nor this", encoding="utf-8")

    found = bookshelf.drafts(tmp_path)

    assert [(book.id, book.effective_from) for book in found.books] == [
        ("pea-2560", date(2017, 1, 1)),
        ("pea-2561", date(2018, 1, 1)),
    ]
    assert found.shelf.books == found.books
    assert found.service == (ServiceRules(silence=timedelta(minutes=45)), "silence_minutes = 45")


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(text.replace("days = 25", "days = 0"), encoding="utf-8")
    (tmp_path / "b.toml").write_text("= broken", encoding="utf-8")
    (tmp_path / "service.toml").write_text("silence_minutes = 0", encoding="utf-8")

    with pytest.raises(BookFaults) as refused:
        bookshelf.drafts(tmp_path)

    assert {fault.file for fault in refused.value.faults} == {"a.toml", "b.toml", "service.toml"}


def test_the_plan_of_its_year_governs_a_quarter_and_else_the_newest_before_it(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    bare = bookshelf.drafts(tmp_path).shelf
    assert bare.plans == ()
    # Where no plan was published the one that ships is used.
    assert bookshelf.plan_of(bare, Quarter(2017, 1)).id == "pea-plan-2560"

    text = SHIPPED.with_name("plan-2560.toml").read_text(encoding="utf-8")
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    later = text.replace("pea-plan-2560", "plan-2563").replace('"2560-', '"2563-')
    (tmp_path / "another.toml").write_text(later, encoding="utf-8-sig")
    shelf = bookshelf.drafts(tmp_path).shelf
    assert [book.id for book in shelf.books] == ["pea-2560"]
    governing = {
        year: bookshelf.plan_of(shelf, Quarter(year, 1)).id for year in (2016, 2017, 2019, 2020, 2021)
    }
    assert governing == {
        **dict.fromkeys((2016, 2017, 2019), "pea-plan-2560"),
        **dict.fromkeys((2020, 2021), "plan-2563"),
    }


def test_faults_of_plans_are_told_with_those_of_the_books(tmp_path: Path) -> None:
    text = SHIPPED.with_name("plan-2560.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text(text.replace('no = "2.4"', ""), encoding="utf-8")
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    (tmp_path / "d.toml").write_text("= broken", encoding="utf-8")

    with pytest.raises(BookFaults) as refused:
        bookshelf.drafts(tmp_path)

    assert sorted((fault.file, fault.place) for fault in refused.value.faults) == [
        ("b.toml", "activity[5].no"),
        ("c.toml", "effective_from"),
        ("c.toml", "id"),
        ("d.toml", ""),
    ]


def test_one_file_is_read_by_itself(tmp_path: Path) -> None:
    settings, broken = tmp_path / "service.toml", tmp_path / "other.toml"
    broken.write_text("= broken", encoding="utf-8")
    settings.write_text("silence_minutes = 45", encoding="utf-8-sig")
    plan = SHIPPED.with_name("plan-2560.toml")

    assert [book.id for book in bookshelf.drafts(SHIPPED).books] == ["pea-2560"]
    assert bookshelf.drafts(plan).plans[0].text == plan.read_text(encoding="utf-8")
    found = bookshelf.drafts(settings)
    assert (found.books, found.plans, found.service and found.service[0].silence) == (
        (), (), timedelta(minutes=45),
    )  # fmt: skip
    with pytest.raises(BookRefused, match="no-books-published"):
        found.shelf  # noqa: B018
    settings.write_bytes(b"\xff\xfe")
    with pytest.raises(BadValue, match="rules-unreadable"):
        bookshelf.drafts(settings)


def test_a_folder_may_hold_the_settings_of_the_service_alone(tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text("", encoding="utf-8")
    assert bookshelf.drafts(tmp_path) == Drafts(service=(ServiceRules(), ""))


def test_an_empty_folder_holds_no_book(tmp_path: Path) -> None:
    found = bookshelf.drafts(tmp_path)

    assert found == Drafts()
    with pytest.raises(BookRefused, match="no-books-published"):
        found.shelf  # noqa: B018


def test_a_folder_that_is_none_or_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="rules-unreadable"):
        bookshelf.drafts(tmp_path / "none")
    (tmp_path / "book.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadValue, match="rules-unreadable"):
        bookshelf.drafts(tmp_path)
    (tmp_path / "book.toml").unlink()
    (tmp_path / "book.toml").mkdir()
    with pytest.raises(BadValue, match="rules-unreadable"):
        bookshelf.drafts(tmp_path)


def test_thai_holidays_are_known_by_both_names_whatever_the_machine_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    bookshelf.public_holidays.cache_clear()

    found = bookshelf.public_holidays("TH", 2017, 2018)

    assert found[date(2017, 4, 13)] == "วันสงกรานต์ (Songkran Festival)"
    assert {day.year for day in found} == {2017, 2018}


def test_holidays_of_a_country_that_is_none_are_refused() -> None:
    with pytest.raises(BadValue, match="unknown-country"):
        bookshelf.public_holidays("XX", 2017, 2017)
