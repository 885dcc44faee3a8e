"""How a plan stands equals what its design says in words, for plans, readings and days of every kind."""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from complaint_sla.core.measures import Kind, Mark, percent, two_places
from complaint_sla.core.periods import Every
from complaint_sla.core.plan import PlannedMeasure
from complaint_sla.core.reckoning import card
from complaint_sla.core.scorecard import Sight, State, judged, margin_of
from complaint_sla.core.titles import Title
from tests.plans.oracle import Stand
from tests.plans.random_plans import Case, cases


def stands(sight: Sight) -> dict[str, Stand]:
    return {
        line.measure.key: Stand(
            line.state.value, line.n, line.d, line.offices, line.missed_at, line.open_at, line.causes
        )
        for activity in card(sight)
        for line in activity.measures
    }


def marks(sight: Sight) -> dict[str, str]:
    return {one.activity.key: one.mark.value for one in card(sight)}


@given(cases())
def test_a_card_stands_and_is_marked_as_the_design_says_in_words(case: Case):
    assert stands(case.sight) == case.oracle.stands()
    assert marks(case.sight) == case.oracle.marks()


@given(cases(), st.randoms())
def test_no_mark_depends_on_the_order_in_which_offices_months_or_entries_come_in(case: Case, chance):
    log, offices = list(case.log), list(case.offices)
    chance.shuffle(log)
    chance.shuffle(offices)
    other = replace(case, log=tuple(log), offices=tuple(offices))
    readings = list(case.sight.readings.items())
    chance.shuffle(readings)

    def unordered(sight: Sight) -> dict[str, Stand]:
        return {
            key: replace(one, missed_at=tuple(sorted(one.missed_at)), open_at=tuple(sorted(one.open_at)))
            for key, one in stands(sight).items()
        }

    assert unordered(case.sight) == unordered(replace(other.sight, readings=dict(readings)))
    for before, after in zip(card(case.sight), card(other.sight), strict=True):
        for one, two in zip(before.measures, after.measures, strict=True):
            assert one.year == two.year
            assert [(p.n, p.d, p.met, p.missing) for p in one.periods] == [
                (p.n, p.d, p.met, p.missing) for p in two.periods
            ]


@given(cases())
def test_leaving_any_figure_out_never_turns_not_according_into_according(case: Case):
    before = marks(case.sight)
    assume(Mark.NOT_ACCORDING in before.values())
    readings = case.sight.readings
    asked = case.sight.reporting()
    for left_out in readings:
        sight = replace(case.sight, readings={key: one for key, one in readings.items() if key != left_out})
        # An office that only gathers, as nobody has said, is asked for nothing; that of the only figure was one.
        if sight.reporting() != asked:
            continue
        after = marks(sight)
        for key, mark in before.items():
            assert (mark, after[key]) != (Mark.NOT_ACCORDING, Mark.ACCORDING), left_out


@given(cases(least_offices=2))
def test_offices_together_are_their_sums(case: Case):
    assume(len(case.sight.reporting()) > 1)
    n, d = defaultdict(int), defaultdict(int)
    for office in case.sight.reporting():
        for key, one in stands(replace(case.sight, offices=[office])).items():
            n[key] += one.n or 0
            d[key] += one.d or 0
    for activity in card(case.sight):
        for line in activity.measures:
            if line.measure.kind in (Kind.SHARE, Kind.MEAN) and not line.measure.source:
                assert (line.n or 0, line.d or 0) == (n[line.measure.key], d[line.measure.key])


wholes = st.integers(1, 20_000)
leasts = st.sampled_from(
    [(Kind.SHARE, Fraction(one)) for one in ("0.8", "0.8952", "0.9", "1", "0.001")]
    + [(Kind.MEAN, Fraction(one)) for one in ("4.31", "1", "5", "4.3099")]
)


def measure(kind: Kind, least: Fraction | int) -> PlannedMeasure:
    return PlannedMeasure("m", Title("ก", "x"), kind, Fraction(least), Every.QUARTER)


@given(leasts, wholes, st.integers(0, 100_000))
def test_a_margin_says_by_how_many_of_n_exactly_the_least_value_is_safe_or_missed(least, d, n):
    one = measure(*least)
    margin = margin_of(one, n, d)
    assert judged(one, n, d) is (State.MET if Fraction(n, d) >= least[1] else State.MISSED)
    assert (judged(one, n, d) is State.MET) is (margin >= 0)
    assert judged(one, n - margin, d) is State.MET
    assert judged(one, n - margin - 1, d) is State.MISSED


@pytest.mark.parametrize(
    ("kind", "least", "n", "d", "reached", "margin", "printed"),
    [
        (Kind.SHARE, "0.8", 4, 5, True, 0, "80.00"),
        (Kind.SHARE, "0.8", 19_999, 25_000, False, -1, "79.99"),
        (Kind.SHARE, "0.9", 4307, 4811, False, -23, "89.52"),
        (Kind.SHARE, "0.8952", 4307, 4811, True, 0, "89.52"),
        (Kind.SHARE, "0.9", 3601, 3963, True, 34, "90.86"),
        (Kind.SHARE, "0.9", 4061, 4477, True, 31, "90.70"),
        (Kind.SHARE, "0.9", 11969, 13251, True, 43, "90.32"),
        (Kind.SHARE, "0.8", 90, 95, True, 14, "94.73"),
        (Kind.SHARE, "1", 0, 0, None, None, None),
        (Kind.SHARE, "0", 1, 2, None, None, "50.00"),
        (Kind.MEAN, "4.31", 862, 200, True, 0, "4.31"),
        (Kind.MEAN, "4.31", 431, 100, True, 0, "4.31"),
        (Kind.MEAN, "4.31", 861, 200, False, -1, "4.30"),
        (Kind.MEAN, "4.31", 4309, 1000, False, -1, "4.30"),
        (Kind.MEAN, "4.31", 0, 0, None, None, None),
        (Kind.COUNT, 3, 3, 14, True, 0, None),
        (Kind.COUNT, 3, 2, 14, False, -1, None),
        (Kind.COUNT, 3, 2, 2, True, 0, None),
        (Kind.COUNT, 3, 1, 2, False, -1, None),
        (Kind.COUNT, 3, 0, 0, None, None, None),
        (Kind.COUNT, 3, 4, None, True, 1, None),
        (Kind.COUNT, 3, 2, None, False, -1, None),
    ],
)
def test_exact_fractions_decide_and_are_printed_cut_off(kind, least, n, d, reached, margin, printed):
    one = measure(kind, Fraction(least))
    unjudged = State.SHOWN if d else State.NOTHING
    state = {True: State.MET, False: State.MISSED, None: unjudged}[reached]
    assert (judged(one, n, d), margin_of(one, n, d)) == (state, margin)
    if kind is not Kind.COUNT:
        share = Fraction(n, d) if d else None
        assert (percent(share) if kind is Kind.SHARE else two_places(share)) == printed
