"""Which group, channel or category somebody means by what they typed."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.bookshelf import drafts
from complaint_sla.core.bookfile import read_book
from complaint_sla.core.errors import BadValue
from complaint_sla.core.everyday import EVERYDAY
from complaint_sla.core.rulebook import Shelf, Term
from complaint_sla.core.rulediff import differences
from complaint_sla.core.terms import key_in, key_of, may_mean
from complaint_sla.core.titles import Title
from complaint_sla.resources import rules
from tests.core.books import small

SMALL = small()
BOOK = drafts(rules()).books[-1]
CATEGORIES = (
    Term("outage", Title("ไฟฟ้าดับ", "Power outage"), ("ไฟดับ", "no power")),
    Term("frequent-outages", Title("ไฟฟ้าดับบ่อยครั้ง", "Frequent outages"), ("ไฟดับบ่อย",)),
    Term("abnormal-bill", Title("ค่าไฟฟ้าผิดปกติ", "Abnormal bill"), ("ค่าไฟแพง",)),
    Term("bill-not-received", Title("ไม่ได้รับใบแจ้งค่าไฟฟ้า", "Bill not received")),
    Term("line", Title("สายไฟ", "Line")),
)


def keys(answer, terms=CATEGORIES):
    return [one.term.key for one in may_mean(terms, answer)]


@pytest.mark.parametrize(
    "answer", ["3", "๓", "abnormal-bill", "ABN", "ค่าไฟแพง", " ค่า ไฟ แพง ", "Abnormal BILL"]
)
def test_a_number_a_key_its_beginning_a_title_or_what_everybody_says_means_that_term(answer):
    assert keys(answer) == ["abnormal-bill"]


def test_a_whole_word_goes_before_others_in_which_it_stands():
    assert keys("ไฟดับ") == keys("no power") == keys("ไฟฟ้าดับ") == ["outage"]
    assert keys("ไฟดับบ") == ["frequent-outages"]


def test_a_part_of_a_title_or_word_may_mean_every_term_in_which_it_stands():
    assert keys("ค่าไฟ") == ["abnormal-bill", "bill-not-received"]
    assert [one.number for one in may_mean(CATEGORIES, "ค่าไฟ")] == [3, 4]


@pytest.mark.parametrize("answer", ["", " ", "-", "/", "ุ", "ภ", "ฟ่", "0", "6", "99999999999", "\u200b"])
def test_one_letter_alone_or_a_number_that_is_none_means_nothing(answer):
    assert keys(answer) == []


def test_a_key_that_is_a_number_goes_before_the_number():
    terms = (Term("2", Title("ก", "a")), Term("b", Title("ข", "b")))
    assert keys("2", terms) == ["2"]


def test_a_key_is_refused_with_what_may_be_meant_or_with_all_there_are():
    book = replace(BOOK, categories=CATEGORIES)
    assert key_of(book, "category", "ไฟดับ") == "outage"
    with pytest.raises(BadValue) as unclear:
        key_of(book, "category", "ค่าไฟ")
    assert (unclear.value.key, [one.number for one in unclear.value.values["choices"]]) == (
        "unclear-category",
        [3, 4],
    )
    with pytest.raises(BadValue) as unknown:
        key_of(book, "group", "ไม่มี")
    assert (unknown.value.key, unknown.value.values["known"]) == (
        "unknown-group",
        [term.key for term in book.groups],
    )


def test_of_several_books_the_latest_gives_the_numbers_and_what_only_an_earlier_one_has_is_known():
    old = replace(BOOK, id="old", categories=(*CATEGORIES, Term("gone", Title("เลิกแล้ว", "Gone"))))
    shelf = Shelf((old, replace(BOOK, categories=CATEGORIES[::-1])))
    assert [key_in(shelf, "category", one) for one in ("1", "ไฟดับ", "gone", "เลิก", "6")] == [
        *("line", "outage", "gone", "gone", "gone"),
    ]
    with pytest.raises(BadValue, match="unclear-category"):
        key_in(shelf, "category", "ค่าไฟ")


def test_the_shipped_book_says_what_is_understood_where_a_book_says_nothing():
    silent = re.sub(r"^also = .*\n", "", BOOK.text, flags=re.MULTILINE)
    assert silent.count("\n") == BOOK.text.count("\n") - 35
    book = read_book(silent, "before.toml", lambda *_: {})
    assert differences(BOOK, book) == ()
    assert all(term.also for kind in EVERYDAY for term in book.terms(kind))
    assert {kind: set(words) for kind, words in EVERYDAY.items()} == {
        kind: {term.key for term in book.terms(kind)} for kind in EVERYDAY
    }


def test_a_word_that_means_another_term_of_a_book_is_not_taken_from_it():
    """An office that calls something else so is not contradicted."""
    own = SMALL.replace('en = "Bill"', 'en = "Bill"\nalso = ["no power"]').replace(
        'th = "ค่าไฟ"', 'th = "ไฟดับ"'
    )
    outage, bill = read_book(own, "own.toml", lambda *_: {}).categories
    assert bill.also == ("no power",)
    assert set(EVERYDAY["category"]["outage"]) - set(outage.also) == {"ไฟดับ", "no power"}
    none = SMALL.replace('en = "Outage"', 'en = "Outage"\nalso = []')
    assert read_book(none, "none.toml", lambda *_: {}).categories[0].also == ()


@given(st.sampled_from(["group", "channel", "category"]), st.data())
def test_whatever_names_a_term_of_the_shipped_book_means_it_and_nothing_else(kind, data):
    """Its key, its number, both titles and every word of it; and no other term is meant by any of them."""
    number, term = data.draw(st.sampled_from(list(enumerate(BOOK.terms(kind), 1))))
    answer = data.draw(st.sampled_from([term.key, str(number), term.title.th, term.title.en, *term.also]))
    assert keys(answer, BOOK.terms(kind)) == [term.key]
