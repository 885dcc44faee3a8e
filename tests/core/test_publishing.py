"""What putting rule books and plans in force does, and what forbids it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.bookfile import Holidays, read_drafts
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BookFaults
from complaint_sla.core.plan import Plan
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.publishing import Outcome, Publication, publication
from complaint_sla.core.rulebook import Book, Shelf
from complaint_sla.core.rulediff import differences
from complaint_sla.core.titles import Title
from tests.core.books import HEAD, SHIPPED, book, no_holidays, small

Q1, Q2 = Quarter(2017, 1), Quarter(2017, 2)
PLAN_TEXT = (SHIPPED.parent / "plan-2560.toml").read_text("utf-8")


def dated(name: str, begins: str, target: int = 80, zone: str = "Asia/Bangkok", comment: str = "") -> Book:
    head = HEAD.replace('"small"', f'"{name}"').replace("2017-01-01", begins)
    head = head.replace("= 80", f"= {target}").replace("Asia/Bangkok", zone)
    return book(small(head=head) + comment)


def plan(name: str, begins: str, title: str = "a") -> Plan:
    text = PLAN_TEXT.replace("pea-plan-2560", name).replace("2560-01-01", begins)
    return read_plan(text.replace('en = "Action plan', f'en = "{title}'), name)


def publish(
    published: Shelf | None,
    *drafts: Book | Plan,
    used: Mapping[str, tuple[date, date]] | None = None,
    over: Collection[Quarter] = (),
    frozen: Collection[Quarter] = (),
    entered: Collection[Quarter] = (),
    holidays: Holidays = no_holidays,
) -> Publication:
    return publication(
        published,
        [one for one in drafts if isinstance(one, Book)],
        [one for one in drafts if isinstance(one, Plan)],
        used=lambda book: (used or {}).get(book.digest),
        last_received=max((last for _, last in (used or {}).values()), default=date.min),
        over=over,
        frozen=frozen,
        entered=entered,
        holidays=holidays,
    )


def refused(published: Shelf | None, *drafts: Book | Plan, **known: object) -> list[tuple[str, str, object]]:
    """(file, key, first day that is free) of each fault."""
    with pytest.raises(BookFaults) as problem:
        publish(published, *drafts, **known)  # type: ignore[arg-type]
    assert problem.value.exit_code == 4
    return [(one.file, one.key, dict(one.values).get("free")) for one in problem.value.faults]


def outcomes(done: Publication) -> dict[str, str]:
    return {step.draft.id: step.outcome.value for step in (*done.books, *done.plans)}


def received(one: Book, first: str, last: str) -> dict[str, tuple[date, date]]:
    return {one.digest: (date.fromisoformat(first), date.fromisoformat(last))}


OLD = dated("old", "2017-01-01")


def test_into_a_database_without_books_any_day_is_free():
    done = publish(None, dated("b", "2017-07-01"), dated("a", "2560-01-01"), plan("p", "2560-01-01"))
    assert outcomes(done) == {"a": "new", "b": "new", "p": "new"}
    assert [one.id for one in done.shelf.books] == ["a", "b"]
    assert done.shelf.plans == tuple(step.draft for step in done.plans)
    assert [key for _, key, _ in refused(None, plan("p", "2560-01-01"))] == ["fault-no-books"]
    assert [key for _, key, _ in refused(done.shelf)] == ["fault-no-books"]


def test_a_used_book_can_be_followed_and_not_replaced():
    used = received(OLD, "2017-01-05", "2017-03-10")
    shelf = Shelf((OLD,))
    assert refused(shelf, dated("old", "2017-01-01", 70), used=used) == [
        ("old", "fault-used", date(2017, 3, 11))
    ]
    assert refused(shelf, dated("next", "2017-03-10", 70), used=used) == [
        ("next", "fault-received", date(2017, 3, 11))
    ]
    done = publish(shelf, OLD, dated("next", "2017-03-11", 70), used=used)
    assert outcomes(done) == {"old": "same", "next": "new"}
    assert [one.id for one in done.shelf.books] == ["old", "next"]


def test_a_book_that_nothing_has_used_can_be_replaced_by_another_day_and_zone():
    done = publish(Shelf((OLD,)), other := dated("old", "2017-02-01", 70, "Asia/Tokyo"))
    assert outcomes(done) == {"old": "replaces"}
    assert done.books[0].published == OLD
    assert done.shelf == Shelf((other,))


def test_what_gave_a_frozen_quarter_its_figure_stays():
    shelf = Shelf((OLD, dated("mid", "2017-03-31"), dated("late", "2017-07-01")))
    assert refused(shelf, dated("old", "2017-07-02"), frozen=[Q1]) == [
        ("old", "fault-governs", date(2017, 4, 1))
    ]
    assert refused(shelf, dated("mid", "2017-07-02"), frozen=[Q1]) == [
        ("mid", "fault-governs", date(2017, 4, 1))
    ]
    assert refused(shelf, dated("new", "2017-03-31"), frozen=[Q1])[0] == (
        "new",
        "fault-frozen",
        date(2017, 4, 1),
    )
    assert refused(shelf, dated("new", "2017-06-30"), frozen=[Q2, Q1]) == [
        # 1 July is free of figures, and another book's own day.
        ("new", "fault-frozen", date(2017, 7, 2))
    ]
    assert outcomes(publish(shelf, dated("late", "2017-07-05", 70), frozen=[Q1, Q2])) == {"late": "replaces"}


def test_ids_days_and_zones_are_of_all_that_is_published_and_all_drafts_together():
    shelf = Shelf((OLD, later := dated("later", "2018-01-01")))
    assert refused(shelf, dated("other", "2018-01-01")) == [("other", "fault-twice", None)]
    assert refused(shelf, dated("other", "2017-06-01", zone="Asia/Tokyo")) == [("other", "fault-zones", None)]
    moved = publish(shelf, dated("other", "2018-01-01"), dated("later", "2018-06-01"))
    assert [one.id for one in moved.shelf.books] == ["old", "other", "later"]
    assert outcomes(publish(shelf, later)) == {"later": "same"}


def test_a_comment_or_another_spelling_of_a_value_is_no_new_meaning():
    used = received(OLD, "2017-01-05", "2017-03-10")
    commented = dated("old", "2560-01-01", comment="\n# Only said better.\n")
    done = publish(Shelf((OLD,)), commented, used=used, frozen=[Q1])
    assert outcomes(done) == {"old": "same"}
    assert done.shelf == Shelf((OLD,))


WORKING = '[counting]\ndays = "working"\nholidays = "TH"\nholidays_through = 2017\n'
EXTRA = 'extra_holidays = { "2017-10-26" = "cremation" }\n'
NOT = 'not_holidays = ["2017-05-01"]\n'


def library(*days: str) -> Holidays:
    known = {date.fromisoformat(day): "known" for day in days}
    return lambda _country, _first, _last: known


@pytest.mark.parametrize(
    ("published", "draft", "outcome"),
    [
        (WORKING, WORKING, Outcome.SAME),
        (WORKING, f"{WORKING}# a comment\n", Outcome.SAME),
        (WORKING + EXTRA + NOT, f"{WORKING}{NOT}# a comment\n{EXTRA}", Outcome.SAME),
        (WORKING, WORKING + EXTRA, Outcome.REPLACES),
        (WORKING + EXTRA, WORKING, Outcome.REPLACES),
        (WORKING, WORKING + NOT, Outcome.REPLACES),
        (WORKING + NOT, WORKING, Outcome.REPLACES),
        (WORKING + EXTRA, WORKING + EXTRA.replace("cremation", "funeral"), Outcome.REPLACES),
    ],
)
def test_a_calendar_that_is_known_otherwise_today_is_no_new_meaning_but_a_day_that_a_book_names_is(
    published, draft, outcome
):
    then = library("2017-04-06", "2017-05-01", "2017-12-05")
    today = library("2017-04-06", "2017-05-01", "2017-07-28")
    shelf = Shelf((book(small(counting=published), then),))
    done = publish(shelf, book(small(counting=draft), today), holidays=today)
    assert done.books[0].outcome is outcome


def spoken(one: Book, *words: str) -> str:
    """The text of a book in which these words stand for its first category."""
    listed = ", ".join(f'"{word}"' for word in words)
    return one.text.replace('en = "Outage"', f'en = "Outage"\nalso = [{listed}]')


def test_what_everybody_says_may_be_said_otherwise_in_a_book_that_is_used_and_nothing_else_with_it():
    used = received(OLD, "2017-01-05", "2017-03-10")
    shelf = Shelf((OLD,))
    done = publish(shelf, book(spoken(OLD, "dark")), used=used, over=[Q1], frozen=[Q1])
    assert outcomes(done) == {"old": "replaces"}
    assert done.shelf.books[0].categories[0].also == ("dark",)
    # A book that says nothing of it says what everybody does, as those that were published before it could.
    silent, loud = OLD, book(spoken(OLD, *OLD.categories[0].also))
    assert (silent.text != loud.text, silent.categories) == (True, loud.categories)
    assert outcomes(publish(shelf, loud, used=used, frozen=[Q1])) == {"old": "same"}
    # With a word more it would be replaced; with a day more it can't be.
    slow = book(spoken(OLD, "dark").replace("days = 5", "days = 6"))
    assert [key for _, key, _ in refused(shelf, slow, used=used)] == ["fault-used"]


def test_new_words_are_published_with_the_calendar_that_the_book_was_resolved_to():
    then, today = library("2017-04-06", "2017-05-01"), library("2017-04-06", "2017-07-28")
    old = book(small(counting=WORKING), then)
    used = received(old, "2017-01-05", "2017-03-10")
    draft = book(spoken(old, "dark"), today)
    [step] = publish(Shelf((old,)), draft, used=used, holidays=today).books
    assert (step.outcome, step.draft.counting) == (Outcome.REPLACES, old.counting)
    assert (step.draft.digest != draft.digest, step.draft.categories[0].also) == (True, ("dark",))


def test_a_plan_can_be_replaced_until_anything_of_a_quarter_that_it_governs_is_frozen_or_entered():
    shelf = Shelf((OLD,), (first := plan("first", "2017-01-01"), plan("second", "2017-06-01")))
    changed = plan("first", "2017-01-01", "b")
    assert outcomes(publish(shelf, changed)) == {"first": "replaces"}
    assert outcomes(publish(shelf, changed, frozen=[Q2], entered=[Q2])) == {"first": "replaces"}
    assert outcomes(publish(shelf, plan("second", "2017-05-01", "b"), frozen=[Q1])) == {"second": "replaces"}
    assert outcomes(publish(shelf, first, frozen=[Q1, Q2], entered=[Q1])) == {"first": "same"}
    assert refused(shelf, changed, frozen=[Q1]) == [("first", "fault-governs", date(2017, 4, 1))]
    assert refused(shelf, changed, entered=[Q1]) == [("first", "fault-plan-used", date(2017, 4, 1))]
    assert outcomes(publish(Shelf((OLD,)), first, frozen=[Q1])) == {"first": "new"}
    # The first plan also serves the quarters before it.
    only = Shelf((OLD,), (plan("only", "2017-06-01"),))
    assert refused(only, plan("only", "2017-06-01", "b"), frozen=[Q1])[0][:2] == ("only", "fault-governs")


def test_a_plan_may_follow_in_any_quarter_of_which_nothing_is_frozen():
    shelf = Shelf((OLD,), (plan("first", "2017-01-01"), plan("second", "2017-07-01")))
    assert refused(shelf, plan("third", "2017-02-01"), frozen=[Q1]) == [
        ("third", "fault-plan-frozen", date(2017, 4, 1))
    ]
    # 1 April is free of what is frozen and 1 July is another plan's own day.
    assert refused(shelf, plan("third", "2017-04-01"), frozen=[Q1, Q2])[0][2] == date(2017, 10, 1)
    assert outcomes(publish(shelf, plan("third", "2017-04-01"), frozen=[Q1], entered=[Q1, Q2])) == {
        "third": "new"
    }
    # What begins before the first plan, and leaves it the quarter that is frozen, takes nothing away.
    assert outcomes(publish(shelf, plan("third", "2016-10-01"), frozen=[Q1])) == {"third": "new"}


QUARTERS = [Quarter(year, number) for year in (2016, 2017) for number in (1, 2, 3, 4)]


@given(
    begins=st.lists(st.sampled_from(QUARTERS), min_size=1, max_size=3, unique=True).map(sorted),
    frozen=st.sets(st.sampled_from(QUARTERS), max_size=3),
    entered=st.sets(st.sampled_from(QUARTERS), max_size=3),
    draft=st.tuples(st.integers(0, 3), st.sampled_from(QUARTERS), st.sampled_from("ab"), st.integers(0, 60)),
)
def test_no_quarter_that_is_frozen_comes_under_another_plan_nor_a_figure_under_another_text_and_the_cure_cures(
    begins: Sequence[Quarter],
    frozen: set[Quarter],
    entered: set[Quarter],
    draft: tuple[int, Quarter, str, int],
):
    base = plan("p", "2017-01-01")
    plans = tuple(replace(base, id=f"p{n}", effective_from=one.first_day) for n, one in enumerate(begins))
    shelf = Shelf((OLD,), plans)
    number, begin, title, later = draft
    since = begin.first_day + timedelta(later)
    new = replace(base, id=f"p{number}", effective_from=since, title=Title("ก", title))
    try:
        done = publish(shelf, new, frozen=frozen, entered=entered)
    except BookFaults as problem:
        for fault in problem.faults:
            if (cure := dict(fault.values).get("free")) is not None:
                id_ = "cured" if fault.place == "id" else new.id
                cured = replace(new, id=id_, effective_from=cure)
                publish(shelf, cured, frozen=frozen, entered=entered)
        return
    for quarter in QUARTERS:
        before, after = shelf.plan_of(quarter), done.shelf.plan_of(quarter)
        assert before is not None
        assert after is not None
        if quarter in frozen:
            assert differences(before, after) == ()
        if quarter in entered and after.id == before.id:
            assert differences(before, after) == ()


OFFSETS = st.integers(0, 300)


@given(
    begins=st.lists(OFFSETS, min_size=1, max_size=4, unique=True).map(sorted),
    uses=st.lists(st.none() | st.tuples(OFFSETS, OFFSETS), min_size=4, max_size=4),
    frozen=st.sets(st.sampled_from([Q1, Q2])),
    over=st.sets(st.sampled_from([Q1, Q2])),
    draft=st.tuples(st.integers(0, 4), OFFSETS, st.sampled_from([70, 80])),
)
def test_no_day_of_receipt_and_no_frozen_quarter_comes_under_another_book_and_the_cure_cures(
    begins: Sequence[int],
    uses: Sequence[tuple[int, int] | None],
    frozen: set[Quarter],
    over: set[Quarter],
    draft: tuple[int, int, int],
):
    start = date(2017, 1, 1)
    books = tuple(dated(f"b{n}", (start + timedelta(day)).isoformat()) for n, day in enumerate(begins))
    shelf = Shelf(books)
    days = {}
    for one, use, following in zip(books, uses, (*books[1:], None), strict=False):
        if use is not None:
            end = following.effective_from if following is not None else date(2018, 6, 1)
            within = [min(one.effective_from + timedelta(each), end - timedelta(1)) for each in sorted(use)]
            days[one.digest] = (within[0], within[1])
    number, day, target = draft
    new = dated(f"b{number}", (start + timedelta(day)).isoformat(), target)
    try:
        done = publish(shelf, new, used=days, over=over, frozen=frozen)
    except BookFaults as problem:
        for fault in problem.faults:
            if (cure := dict(fault.values).get("free")) is not None:
                assert isinstance(cure, date)
                # Where the id is what is wrong, the cure names another one.
                id_ = "cured" if fault.place == "id" else new.id
                publish(shelf, dated(id_, cure.isoformat(), target), used=days, over=over, frozen=frozen)
        return
    for digest, span in days.items():
        for each in span:
            assert done.shelf.in_force(each).digest == digest
    for quarter in frozen | over:
        governing = [one for one in books if one.effective_from <= quarter.last_day]
        if governing:
            assert done.shelf.within(quarter) == shelf.within(quarter)


def test_drafts_are_read_from_a_folder_or_from_a_single_file_of_either_kind():
    assert read_drafts([("plan.toml", PLAN_TEXT)], no_holidays) == ((), (read_plan(PLAN_TEXT, ""),))
    assert read_drafts([("book.toml", OLD.text)], no_holidays) == ((OLD,), ())
    with pytest.raises(BookFaults):
        read_drafts([("a.toml", OLD.text), ("b.toml", OLD.text)], no_holidays)
