"""The lot: who is drawn follows from the seed and from who there is, and from nothing that anybody could choose."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.draw import lowest, owed, seed, ticket
from complaint_sla.core.errors import BadValue
from complaint_sla.core.measures import Kind

ZEROS = "0" * 32
TEN = [f"6003-{number:03d}" for number in range(1, 11)]


def test_the_lowest_tickets_of_a_seed_are_drawn_and_late_ones_disturb_nobody() -> None:
    begin = {one: ticket(ZEROS, one)[:12] for one in ("6003-002", "6003-008", "6003-006")}
    assert begin == {"6003-002": "0c88b8523c33", "6003-008": "425bb3e0e84d", "6003-006": "911d0259491b"}
    assert lowest(ZEROS, TEN, 3) == ["6003-002", "6003-008", "6003-006"]
    more = [*TEN, "6003-011", "6003-012"]
    assert lowest(ZEROS, more, 4) == ["6003-002", "6003-008", "6003-011", "6003-006"]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (30, {0: 0, 1: 1, 3: 1, 4: 2, 10: 3, 14: 5, 18: 6, 50: 15}),
        (80, {4: 4, 5: 4, 10: 8}),
        (100, {7: 7}),
    ],
)
def test_of_a_share_as_many_are_owed_as_reach_it(share: int, expected: dict[int, int]) -> None:
    assert {total: owed(Kind.SHARE, Fraction(share, 100), total) for total in expected} == expected


def test_of_a_count_as_many_are_owed_as_there_are_at_most() -> None:
    assert [owed(Kind.COUNT, Fraction(3), total) for total in (0, 2, 3, 14)] == [0, 2, 3, 3]


references = st.sets(st.integers(1, 400).map("6003-{:03d}".format), max_size=80)
seeds = st.integers(0, 2**128 - 1).map("{:032x}".format)


@given(references, seeds, st.sampled_from([10, 30, 80, 100]), st.randoms(use_true_random=False))
def test_in_whatever_batches_requests_come_in_exactly_what_is_owed_is_drawn(
    there: set[str], lot: str, share: int, chance: object
) -> None:
    """The order within a batch decides nothing; of all that come at once, those of the lowest tickets are drawn."""
    least = Fraction(share, 100)
    waiting = sorted(there)
    chance.shuffle(waiting)  # type: ignore[attr-defined]
    known: list[str] = []
    drawn: list[str] = []
    while waiting:
        size = chance.randint(1, 12)  # type: ignore[attr-defined]
        batch, waiting = waiting[:size], waiting[size:]
        undrawn = [one for one in (*known, *batch) if one not in drawn]
        missing = owed(Kind.SHARE, least, len(known) + len(batch)) - len(drawn)
        more = lowest(lot, undrawn, missing)
        assert more == lowest(lot, reversed(undrawn), missing)
        # Nobody who was left had a lower ticket than one who was drawn.
        left = [ticket(lot, one) for one in undrawn if one not in more]
        assert not more or not left or max(ticket(lot, one) for one in more) < min(left)
        drawn += more
        known += batch
    assert len(drawn) == len(set(drawn)) == ceil(least * len(there))
    assert lowest(lot, there, len(there)) == sorted(there, key=lambda one: ticket(lot, one))


@given(references, references, seeds)
def test_who_comes_late_changes_the_order_of_nobody_else(here: set[str], late: set[str], lot: str) -> None:
    order = lowest(lot, here | late, 200)
    assert [one for one in order if one in here] == lowest(lot, here, 200)


def test_a_seed_is_of_hexadecimal_digits() -> None:
    assert seed(" 12AB-34 ") == "12ab34"
    assert seed("๔๑๒๓๙๒") == "412392"
    for wrong in ("", "lottery", "0x12", "1" * 65):
        with pytest.raises(BadValue, match="bad-seed"):
            seed(wrong)
