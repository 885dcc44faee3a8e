"""The closure rate: buckets, exact shares, bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Bucket, Status, bucket
from complaint_sla.core.figures import Counts, Figure, Part, gathered
from complaint_sla.core.measures import percent, plain_percent

TARGET = Fraction(4, 5)
few = st.integers(0, 4)
many = st.integers(0, 50_000)
targets = st.fractions(0, 1, max_denominator=1000)


@pytest.mark.parametrize(
    ("status", "breached", "ended_before_due", "due_passed"), list(product(Status, *[(False, True)] * 3))
)
def test_every_complaint_is_in_exactly_one_bucket(status, breached, ended_before_due, due_passed):
    ended, bad_end = status is not Status.OPEN, breached or not ended_before_due
    tests = {
        Bucket.ON_TIME: status is Status.CLOSED and not bad_end,
        Bucket.LATE: ended and bad_end,
        Bucket.OVERDUE: not ended and (breached or due_passed),
        Bucket.PENDING: not ended and not breached and not due_passed,
        Bucket.EXCLUDED: status in (Status.WITHDRAWN, Status.DUPLICATE) and not bad_end,
    }
    found = bucket(status, breached=breached, ended_before_due=ended_before_due, due_passed=due_passed)
    assert [one for one, fits in tests.items() if fits] == [found]


@given(st.lists(st.tuples(st.sampled_from(Bucket), st.integers(0, 100)), max_size=30))
def test_what_was_received_is_the_sum_of_the_buckets(pairs):
    counts = Counts.of(pairs)
    assert counts.received == sum(count for _, count in pairs)
    assert (
        counts.numerator == counts.on_time == sum(count for where, count in pairs if where is Bucket.ON_TIME)
    )
    assert counts.denominator == counts.received - counts.pending - counts.excluded


def test_the_figure_of_the_contract_is_computed_so():
    counts = Counts(on_time=8, late=1, overdue=1, pending=2)
    assert (counts.received, counts.numerator, counts.denominator) == (12, 8, 10)
    assert (percent(counts.rate), percent(counts.worst), percent(counts.best)) == ("80.00", "66.66", "83.33")
    assert (counts.ratio.met(TARGET), counts.ratio.certain(TARGET)) == (True, None)


def test_exactly_eighty_per_cent_reaches_the_target_and_a_hair_less_does_not():
    assert Counts(on_time=4, late=1).ratio.met(TARGET) is True
    almost = Counts(on_time=19_999, late=5_001)
    assert percent(almost.rate) == "79.99"
    assert almost.rate == Fraction("0.79996")
    assert almost.ratio.met(TARGET) is False


def test_no_complaints_are_no_rate_and_neither_met_nor_missed():
    for counts in (Counts(), Counts(excluded=3)):
        assert (counts.rate, counts.worst, counts.best) == (None, None, None)
        assert (counts.ratio.met(TARGET), counts.ratio.certain(TARGET)) == (None, None)
    assert percent(None) is None


def test_only_pending_complaints_are_no_rate_yet_but_have_bounds():
    counts = Counts(pending=3)
    assert (counts.rate, counts.ratio.met(TARGET)) == (None, None)
    assert (counts.worst, counts.best, counts.ratio.certain(TARGET)) == (0, 1, None)


def test_one_complaint_in_a_quarter_is_all_or_nothing():
    assert percent(Counts(on_time=1).rate) == "100.00"
    assert percent(Counts(overdue=1).rate) == "0.00"


@given(few, few, few, few, few, targets)
def test_the_bounds_are_the_least_and_the_greatest_of_all_that_can_become_of_the_pending(
    on_time, late, overdue, pending, excluded, target
):
    """A pending complaint is closed in time, closed late or left open, withdrawn or found a duplicate."""
    counts = Counts(on_time, late, overdue, pending, excluded)
    outcomes = product((Bucket.ON_TIME, Bucket.LATE, Bucket.OVERDUE, Bucket.EXCLUDED), repeat=pending)
    ends = [
        Counts(
            on_time + outcome.count(Bucket.ON_TIME),
            late + outcome.count(Bucket.LATE),
            overdue + outcome.count(Bucket.OVERDUE),
            0,
            excluded + outcome.count(Bucket.EXCLUDED),
        )
        for outcome in outcomes
    ]
    rates = [one.rate for one in ends if one.rate is not None]
    assert (counts.worst, counts.best) == (min(rates, default=None), max(rates, default=None))
    verdicts = {rate >= target for rate in rates}
    assert counts.ratio.certain(target) is (verdicts.pop() if len(verdicts) == 1 else None)


@given(many, many, many, many, targets)
def test_the_rate_lies_between_the_bounds_and_what_is_certain_is_so_today(
    on_time, late, overdue, pending, target
):
    counts = Counts(on_time, late, overdue, pending)
    if counts.rate is not None:
        assert counts.worst <= counts.rate <= counts.best
        assert counts.ratio.certain(target) in (None, counts.ratio.met(target))
    if not pending:
        assert counts.ratio.certain(target) is counts.ratio.met(target)


@given(many, many)
def test_a_percentage_is_cut_off_and_never_rounded_up(part, rest):
    share = Fraction(part, part + rest) if part + rest else None
    text = percent(share)
    if share is None:
        assert text is None
    else:
        assert len(text.partition(".")[2]) == 2
        assert Fraction(text) <= share * 100 < Fraction(text) + Fraction(1, 100)


@given(many, many, st.integers(0, 10_000))
def test_no_printed_rate_reads_as_a_target_that_was_not_reached(part, rest, hundredths):
    counts, target = Counts(on_time=part, late=rest), Fraction(hundredths, 10_000)
    if counts.rate is not None:
        assert (Fraction(percent(counts.rate)) / 100 >= target) is counts.ratio.met(target)


@given(st.integers(0, 1_000_000))
def test_a_target_is_printed_as_it_was_written(ten_thousandths):
    text = plain_percent(Fraction(ten_thousandths, 1_000_000))
    assert Fraction(text) == Fraction(ten_thousandths, 10_000)
    assert not text.endswith(".")
    assert "." not in text or not text.endswith("0")


def test_targets_as_people_write_them():
    assert [plain_percent(Fraction(text) / 100) for text in ("80", "79.5", "100", "0", "99.9999")] == [
        "80", "79.5", "100", "0", "99.9999",
    ]  # fmt: skip


def test_a_figure_is_provisional_until_the_last_deadline_has_passed():
    final_at = datetime(2017, 4, 25, 17, tzinfo=UTC)
    counts = Counts(on_time=4, late=1)
    figures = [
        Figure(Quarter(2017, 1), None, as_of, final_at, TARGET, counts, (), (), (), ())
        for as_of in (datetime(2017, 4, 25, 16, 59, tzinfo=UTC), final_at)
    ]
    assert [figure.is_final for figure in figures] == [False, True]
    assert (figures[0].met, figures[0].certain) == (True, True)
    assert not replace(figures[1], counts=Counts(on_time=4, pending=1)).is_final


@given(few, few, few, few, few, st.booleans(), targets)
def test_certain_is_said_once_the_quarter_has_ended_and_holds_whatever_is_dated_back(
    on_time, late, overdue, pending, redeemable, has_ended, target
):
    """Of the overdue ones some may still be closed in time, dated back; all others stay where they are."""
    redeemable = min(redeemable, overdue)
    counts = Counts(on_time, late, overdue, pending, redeemable=redeemable)
    at = datetime(2017, 4, 25, 17, tzinfo=UTC)
    figure = Figure(Quarter(2017, 1), None, at, at, target, counts, (), (), (), (), has_ended=has_ended)
    ends = [
        Counts(on_time + saved + back, late, overdue - back + pending - saved).rate
        for saved, back in product(range(pending + 1), range(redeemable + 1))
    ]
    rates = [rate for rate in ends if rate is not None]
    assert (counts.worst, counts.best) == (min(rates, default=None), max(rates, default=None))
    verdicts = {rate >= target for rate in rates}
    assert figure.certain is (verdicts.pop() if has_ended and len(verdicts) == 1 else None)


def test_what_may_be_dated_back_is_summed_with_the_parts():
    whole = Part("2017-03", "MAIN", "residential", "residential", "outage", "phone", Bucket.OVERDUE, 3)
    parts = gathered([whole, replace(whole, count=0, redeemable=2), replace(whole, count=1, redeemable=1)])
    assert parts == [replace(whole, count=4, redeemable=3)]
    assert Counts.of([(Bucket.OVERDUE, 4)], 3).plus(Counts(late=1)) == Counts(late=1, overdue=4, redeemable=3)
