"""Publishing into a database that is at work: what decides is what is in force, and only ever one thing is."""

from __future__ import annotations

import re
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import Session, col

from complaint_sla.bookshelf import Drafts
from complaint_sla.core.bookfile import read_drafts
from complaint_sla.core.errors import BookFaults, BookRefused, NotPossible
from complaint_sla.core.publishing import Outcome
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.servicefile import read_service
from complaint_sla.core.terms import key_of
from complaint_sla.store import books
from complaint_sla.store.tables import Book
from complaint_sla.work.audit.audit import Discrepancy, audit
from complaint_sla.work.complaints import log
from complaint_sla.work.desk import in_force
from complaint_sla.work.figures import freeze, report
from complaint_sla.work.rules.publish import publish
from tests.core.books import no_holidays
from tests.published import publish_only
from tests.work.desks import RULES, House, moment

SHIPPED = RULES.read_text(encoding="utf-8")


def text_of(id_: str, since: str, days: int = 25, comment: str = "") -> str:
    text = SHIPPED.replace('id = "pea-2560"', f'id = "{id_}"').replace("2017-01-01", since)
    return text.replace("days = 25", f"days = {days}") + comment


def drafts(*texts: str, service: str | None = None) -> Drafts:
    found, _ = read_drafts([(f"{n}.toml", text) for n, text in enumerate(texts)], no_holidays)
    settings_ = None if service is None else (read_service(service, "service.toml", no_holidays), service)
    return Drafts(found, (), settings_)


def renewed(house: House) -> House:
    """What somebody who comes now finds in force."""
    house.shelf = in_force(house.store)[0]
    return house


def audited(house: House) -> list[Discrepancy]:
    found: list[Discrepancy] = []
    audit(house.desk, found.append)
    return found


def test_what_is_published_decides_from_its_day_on_and_stands_in_the_journal(house: House) -> None:
    before = house.log()
    [made] = publish(house.at("2017-03-10 09:00"), drafts(text_of("next", "2017-04-01", days=7)))
    assert (made.outcome, made.than, made.effective_from) == (Outcome.NEW, "pea-2560", date(2017, 4, 1))
    assert [(one.key, one.was, one.now) for one in made.differences if one.field == "days"] == [
        ("residential", 25, 7)
    ]
    renewed(house).at("2017-04-02 09:00")
    after = house.log()
    assert (house.complaint(before).days, house.complaint(after).days) == (25, 7)
    assert audited(house) == []


def test_a_book_that_nobody_used_is_replaced_and_what_means_the_same_is_not(house: House) -> None:
    publish(house.desk, drafts(text_of("next", "2017-04-01", days=7)))
    [same] = publish(house.desk, drafts(text_of("next", "2017-04-01", days=7, comment="\n# a word\n")))
    [other] = publish(house.desk, drafts(text_of("next", "2017-05-01", days=8)))
    [back] = publish(house.desk, drafts(text_of("next", "2017-04-01", days=7)))
    assert [one.outcome for one in (same, other, back)] == [Outcome.SAME, Outcome.REPLACES, Outcome.REPLACES]
    assert [(one.id, one.effective_from) for one in in_force(house.store)[0].books] == [
        ("pea-2560", date(2017, 1, 1)),
        ("next", date(2017, 4, 1)),
    ]
    assert audited(house) == []


def test_of_each_book_the_first_and_the_last_receipt_count(house: House) -> None:
    publish(house.desk, drafts(text_of("next", "2017-06-01"), text_of("spare", "2018-01-01")))
    renewed(house)
    for day in ("2017-03-07", "2017-05-31", "2017-04-02", "2017-09-02", "2017-06-01", "2017-07-30"):
        house.at("2017-09-05 09:00")
        house.log(received_at=moment(f"{day} 00:30"))
    with house.store.read() as session:
        found = {book.id: books.receipts(session, book) for book in house.shelf.books}
        last = books.last_receipt(session)
    assert found == {
        "pea-2560": (moment("2017-03-07 00:30"), moment("2017-05-31 00:30")),
        "next": (moment("2017-06-01 00:30"), moment("2017-09-02 00:30")),
        "spare": None,
    }
    assert last == moment("2017-09-02 00:30")


def test_a_refused_publication_changes_nothing(house: House) -> None:
    house.log()
    before = house.dump()
    for faulty in (
        drafts(text_of("pea-2560", "2017-01-01", days=300)),
        drafts(text_of("mine", "2017-03-05", days=300)),
        drafts(text_of("good", "2017-06-01"), text_of("pea-2560", "2017-01-01", days=300)),
    ):
        with pytest.raises(BookFaults):
            publish(house.desk, faulty)
    publish(house.desk, drafts(text_of("good", "2017-06-01")), dry_run=True)
    assert house.dump() == before


def test_a_book_can_t_be_laid_into_a_frozen_quarter(house: House) -> None:
    """A quarter that was missed would be met by a lower target."""
    from complaint_sla.core.calendars import Quarter
    from complaint_sla.work.figures.freeze import freeze

    freeze(house.at("2017-05-01 09:00"), Quarter(2017, 1))
    lowered = text_of("lowered", "2017-03-31").replace("80", "70")
    with pytest.raises(BookFaults) as refused:
        publish(house.desk, drafts(lowered))
    assert [fault.key for fault in refused.value.faults] == ["fault-frozen"]


def test_no_book_comes_in_force_within_a_quarter_that_is_just_being_frozen(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever publishes meanwhile waits, and is refused as if the quarter had been frozen long ago."""
    from complaint_sla.work.figures.freeze import freeze_final

    house.log()
    desk = house.at("2017-05-01 09:00")
    hold, publishing = books.hold, list[Future[object]]()
    with ThreadPoolExecutor(1) as pool:

        def meanwhile(session: Session, shelf: Shelf) -> None:
            publishing.append(pool.submit(publish, desk, drafts(text_of("late", "2017-03-31"))))
            # Nothing is to come of it: longer than a publication takes.
            wait(publishing, timeout=0.5)
            hold(session, shelf)

        monkeypatch.setattr(books, "hold", meanwhile)
        [made] = freeze_final(desk)
    assert [book.id for book in made.ground.books] == ["pea-2560"]
    with pytest.raises(BookFaults) as refused:
        publishing[0].result()
    assert [fault.key for fault in refused.value.faults] == ["fault-frozen"]


def test_a_quarter_that_was_missed_is_not_met_by_a_book_laid_there_after_it_has_ended(house: House) -> None:
    """Frozen or not: a target is published before the quarter is over, or not at all."""
    publish(house.desk, drafts(text_of("next", "2017-06-01")))
    renewed(house).log()
    lowered = ("closed_in_time_percent = 80", "closed_in_time_percent = 70")
    house.at("2017-04-01 00:00")
    for id_, since in (("lowered", "2017-03-31"), ("pea-2560", "2017-01-01")):
        with pytest.raises(BookFaults):
            publish(house.desk, drafts(text_of(id_, since).replace(*lowered)))
    house.at("2017-07-01 00:00")
    with pytest.raises(BookFaults) as refused:
        publish(house.desk, drafts(text_of("next", "2017-08-01").replace(*lowered)))
    assert [fault.key for fault in refused.value.faults] == ["fault-governs"]
    publish(house.desk, drafts(text_of("other", "2017-08-01").replace(*lowered)))


def test_the_settings_of_the_service_are_the_last_good_ones(house: House) -> None:
    [made] = publish(house.desk, drafts(service="silence_minutes = 45\n"))
    assert (made.id, made.outcome) == ("service", Outcome.REPLACES)
    assert in_force(house.store)[1].silence == timedelta(minutes=45)
    [same] = publish(house.desk, drafts(service="# three quarters of an hour\nsilence_minutes = 45\n"))
    assert same.outcome is Outcome.SAME
    assert audited(house) == []


def test_whoever_logs_by_books_that_were_followed_meanwhile_is_sent_back(house: House) -> None:
    """What was typed is not lost, and nobody gets a deadline of a book that does not govern the day."""
    publish(house.desk, drafts(text_of("today", "2017-03-05", days=7)))
    with pytest.raises(NotPossible, match="books-changed"):
        house.log()
    assert house.complaint(renewed(house).log()).days == 7


@pytest.mark.parametrize("alone", [True, False])
def test_while_a_book_in_force_cannot_be_read_it_is_named_and_no_deadline_given(
    house: House, alone: bool
) -> None:
    if not alone:
        publish(house.desk, drafts(text_of("next", "2017-06-01")))
    broken = update(Book).where(col(Book.book_id) == "pea-2560").values(text="=")
    house.store.write(lambda session: session.execute(broken))
    with pytest.raises(BookRefused, match="book-unreadable") as refused:
        renewed(house).log()
    assert refused.value.values == {"book": "pea-2560"}


def test_a_desk_that_stays_takes_up_what_was_published_since_it_was_opened(house: House) -> None:
    """A service that kept to the books of its start froze a wrong figure for good."""
    desk = house.desk
    publish(house.at("2017-03-27 09:00"), drafts(text_of("slow", "2017-03-25", days=60)))
    assert [book.id for book in desk.shelf.books] == ["pea-2560"]
    assert [book.id for book in desk.renewed().shelf.books] == ["pea-2560", "slow"]


def test_two_who_publish_at_once_and_many_who_log_leave_one_truth(house: House) -> None:
    """Each complaint got its deadline from the book that governs its day, whoever came first."""

    def put(n: int) -> str:
        try:
            publish(house.desk, drafts(text_of(f"book-{n}", f"2017-03-0{5 + n % 2}", days=30 + n)))
        except (BookFaults, NotPossible) as problem:
            return problem.key
        return "published"

    def write(_: int) -> str:
        try:
            desk = replace(house.desk, shelf=in_force(house.store)[0])
            log.log(desk, log.Intake("residential", "phone", "outage", "ไฟดับ"))
        except NotPossible as problem:
            return problem.key
        return "logged"

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(*one) for n in range(6) for one in ((put, n), (write, n))]
        said = [job.result() for job in jobs]
    assert set(said) <= {"published", "logged", "books-changed", "book-faults"}
    shelf = in_force(house.store)[0]
    with house.store.read() as session:
        used = {book.id for book in shelf.books if books.receipts(session, book) is not None}
    assert used <= {shelf.governing(house.clock.at).id}
    assert audited(house) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 28), st.integers(5, 9)), max_size=6))
def test_however_it_was_published_the_journal_tells_what_is_in_force(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: object, puts: list[tuple[str, int, int]]
) -> None:
    import shutil

    path: Path = tmp_path_factory.mktemp("journal") / "complaints.db"
    shutil.copy(sqlite_template(), path)  # type: ignore[operator]
    house = House(f"sqlite:///{path}")
    expected = {"pea-2560": (date(2017, 1, 1), 25)}
    for id_, day, days in puts:
        since = date(2017, 6, day)
        try:
            publish(house.desk, drafts(text_of(id_, since.isoformat(), days=days)))
        except BookFaults:
            assert any(known[0] == since for name, known in expected.items() if name != id_)
        else:
            expected[id_] = (since, days)
    found = {
        book.id: (book.effective_from, book.rule("residential").days)
        for book in in_force(house.store)[0].books
    }
    assert found == expected
    assert audited(house) == []
    house.close()


def test_new_words_take_the_place_of_a_book_in_use_and_no_figure_knows_of_it(house: House) -> None:
    """Nobody has to follow a book by another one because of a word, and nothing that was frozen is restated by it."""
    before = house.log()
    house.at("2017-05-02 09:00")
    [frozen] = freeze.freeze_final(house.desk)
    text = SHIPPED.replace('also = ["ไฟดับ", ', 'also = ["ไฟดับทั้งซอย", ')
    [made] = publish(house.desk, drafts(text))
    assert made.outcome is Outcome.REPLACES
    assert [(one.kind, one.key, one.field) for one in made.differences] == [("category", "outage", "also")]
    assert [one.outcome for one in publish(house.desk, drafts(text))] == [Outcome.SAME]
    renewed(house)
    after = house.log()
    assert house.complaint(before).book != house.complaint(after).book
    assert house.shelf.latest.categories[0].also[0] == "ไฟดับทั้งซอย"
    shown = report.report(house.desk, frozen.figure.quarter)
    assert (shown.differing, shown.moved) == ((), ())
    with pytest.raises(NotPossible, match="nothing-to-restate"):
        freeze.freeze(house.desk, frozen.figure.quarter)
    # It is used all the same, by the text of before as well.
    with pytest.raises(BookFaults) as refused:
        publish(house.desk, drafts(text.replace("days = 25", "days = 26")))
    [fault] = refused.value.faults
    assert (fault.key, dict(fault.values)["first"]) == ("fault-used", date(2017, 3, 5))
    # A restatement names the book by the digest that it had, and is proved by the audit.
    house.shut(before)
    again = freeze.freeze(house.desk, frozen.figure.quarter)
    assert (again.ground.books, again.restated) == (frozen.ground.books, ())
    assert audited(house) == []


def test_what_was_published_before_books_had_words_is_understood_as_what_ships(house: House) -> None:
    silent = re.sub(r"^also = .*\n", "", SHIPPED, flags=re.MULTILINE)
    [old] = drafts(silent).books
    publish_only(house.store, Shelf((old,)))
    renewed(house)
    house.log()
    assert key_of(house.shelf.latest, "category", "ไฟดับ") == "outage"
    [same] = publish(house.desk, drafts(SHIPPED))
    assert (same.outcome, same.differences) == (Outcome.SAME, ())
    assert audited(house) == []
