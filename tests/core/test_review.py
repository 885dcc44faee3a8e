"""Registers that balance, percentiles that are real times, bands of age, and by how many cases a target is missed."""

from datetime import timedelta
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.figures import Counts
from complaint_sla.core.review import Pace, Register, age_limits, pace
from tests.core.books import shipped

EIGHTY = Fraction(4, 5)


@pytest.mark.parametrize(
    ("on_time", "late", "margin"),
    [
        (0, 0, None),
        (1, 0, 0),
        (0, 1, -1),
        (8, 2, 0),
        (7, 3, -1),
        (78, 22, -2),
        (10, 0, 2),
        (799_960, 200_040, -40),
    ],
)
def test_the_margin_says_how_many_cases_the_target_is_safe_or_missed_by(
    on_time: int, late: int, margin: int | None
) -> None:
    assert Counts(on_time=on_time, late=late).ratio.margin(EIGHTY) == margin


@given(
    on_time=st.integers(0, 500), late=st.integers(0, 500), target=st.fractions(0, 1, max_denominator=10_000)
)
def test_so_many_more_or_fewer_in_time_would_just_reach_the_target(
    on_time: int, late: int, target: Fraction
) -> None:
    counts = Counts(on_time=on_time, late=late)
    margin = counts.ratio.margin(target)
    if margin is None:
        assert counts.received == 0
        return
    reached = Counts(on_time=on_time - margin, late=late + margin)
    assert reached.ratio.met(target)
    assert (margin >= 0) is counts.ratio.met(target)
    assert reached.on_time == 0 or not Counts(reached.on_time - 1, reached.late + 1).ratio.met(target)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_nothing_done_took_no_time() -> None:
    assert pace([]) == Pace(0, None, None, (0, 0, 0))


def test_the_measures_of_time_are_inclusive_and_exact() -> None:
    allowed = days(25)
    taken = [days(12.5), days(12.5) + timedelta(microseconds=1), days(25), days(50), days(51)]
    assert pace((one, allowed) for one in taken) == Pace(5, days(25), days(51), (1, 3, 4))


@given(
    st.lists(st.tuples(st.timedeltas(timedelta(0), days(400)), st.timedeltas(days(1), days(60))), min_size=1)
)
def test_half_take_the_median_at_most_and_nine_of_ten_the_ninetieth(
    spans: list[tuple[timedelta, timedelta]],
) -> None:
    found = pace(spans)
    taken = sorted(took for took, _ in spans)
    for value, share in ((found.median, Fraction(1, 2)), (found.ninetieth, Fraction(9, 10))):
        assert value in taken
        assert sum(took <= value for took in taken) >= share * len(taken)
        assert sum(took < value for took in taken) < share * len(taken)
    assert value is not None
    assert taken[ceil(len(taken) / 2) - 1] == found.median
    assert found.within[0] <= found.within[1] <= found.within[2] <= found.count


def test_a_register_balances_when_nothing_is_missing() -> None:
    right = Register(3, 10, 1, closed=8, withdrawn=1, duplicate=1, carried_forward=4)
    assert right.ended == 10
    assert right.balances
    assert not Register(3, 10, 1, closed=8, withdrawn=1, duplicate=0, carried_forward=4).balances


def test_bands_of_age_end_at_the_deadlines_of_the_book() -> None:
    assert age_limits([shipped()]) == (3, 5, 15, 20, 25, 50)
