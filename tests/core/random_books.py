"""Random rule books for properties: of few values, so that two of them are often alike in part."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from complaint_sla.core.calendars import Counting
from complaint_sla.core.rulebook import Book, Rule, Stage, Term
from complaint_sla.core.titles import Title
from tests.core.books import BANGKOK

FEW = st.sampled_from("abcd")
TITLES = st.builds(Title, FEW, FEW)
DAYS = st.dates(date(2017, 1, 1), date(2017, 1, 3))
TERMS = st.builds(Term, FEW, TITLES, st.lists(FEW, max_size=2, unique=True).map(tuple))
SOME = st.none() | st.frozensets(FEW, max_size=2)


def listed(one: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(one, max_size=4, unique_by=lambda entry: entry.key).map(tuple)


BOOKS = st.builds(
    Book,
    id=FEW,
    title=TITLES,
    effective_from=DAYS,
    zone=st.sampled_from([BANGKOK, ZoneInfo("Asia/Tokyo")]),
    counting=st.builds(
        Counting,
        working=st.booleans(),
        weekend=st.frozensets(st.integers(5, 6)),
        holidays=st.dictionaries(DAYS, FEW, max_size=2),
        covers=st.none() | st.tuples(DAYS, DAYS),
    ),
    target=st.sampled_from([Fraction(4, 5), Fraction(7, 10)]),
    groups=listed(TERMS),
    channels=listed(TERMS),
    categories=listed(TERMS),
    rules=listed(st.builds(Rule, FEW, TITLES, st.integers(1, 2), SOME, urgent=st.none() | st.booleans())),
    stages=listed(
        st.builds(Stage, FEW, TITLES, st.just(("owner",)), st.none() | st.integers(-1, 1), rules=SOME)
    ),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Book, Book]:
    """Two books of which any number of fields are alike: entirely random ones would hardly ever be equal."""
    one, other = draw(BOOKS), draw(BOOKS)
    names = draw(st.sets(st.sampled_from([field.name for field in fields(Book)])))
    return one, replace(one, **{name: getattr(other, name) for name in names})
