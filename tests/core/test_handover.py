"""That a complaint has changed hands is told beside the stages, and never instead of one: played on values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core import handover, owed
from complaint_sla.core.owed import AlertState, Change, Chosen, Present, Row
from complaint_sla.core.rulebook import HANDED_OVER

NOW = datetime(2017, 3, 20, tzinfo=UTC)
PEOPLE = ("a@example.org", "b@example.org", "role:supervisor@MAIN")
STAGES = ("warning-first", "warning-last", "overdue")


def row(id_: int, stage: str, recipient: str, state: str, hours: int, complaint: int, urgent: bool) -> Row:
    role = "owner" if recipient == PEOPLE[0] else "supervisor"
    at = NOW - timedelta(hours=hours)
    state = AlertState.UNALERTABLE if recipient == PEOPLE[2] and state == AlertState.WAITING else state
    return Row(complaint, 1, stage, 1, 1, recipient, (role,), at, at, urgent, state, id_)


STATES = st.sampled_from(list(AlertState))
ONE = st.tuples(
    st.sampled_from((*STAGES, HANDED_OVER.key)), st.sampled_from(PEOPLE), STATES,
    st.integers(0, 99), st.integers(1, 2), st.booleans(),
)  # fmt: skip
LEDGER = st.lists(ONE, max_size=12, unique_by=lambda one: (one[0], one[1], one[4])).map(
    lambda ones: sorted((row(id_, *one) for id_, one in enumerate(ones, 1)), key=lambda one: one.stage_at)
)


def present(*here: str) -> Present:
    def choose(roles: Collection[str], without: Collection[str]) -> Chosen:
        return {one: tuple(roles) for one in here if roles and one not in without}

    return Present(1, 1, False, NOW, choose)


def stages(rows: Iterable[Row]) -> list[Row]:
    return [one for one in rows if one.is_of_timeline]


def of_stages(change: Change) -> tuple[list[Row], list[tuple[Row, Row]]]:
    moved = [pair for pair in change.moved if pair[0].is_of_timeline]
    return stages(change.new), sorted(moved, key=lambda pair: pair[0].id or 0)


@given(ledger=LEDGER, heard=st.integers(0, 99))
def test_a_letter_brings_the_stages_that_it_would_bring_without(ledger: list[Row], heard: int) -> None:
    told = {1: (1, NOW - timedelta(hours=heard))}
    mine = [one for one in ledger if one.recipient == PEOPLE[0]]
    members, change = owed.for_letter(mine, told)
    plain, alone = owed.for_letter(stages(mine), told)
    assert sorted(stages(members), key=lambda one: one.id or 0) == sorted(plain, key=lambda one: one.id or 0)
    assert {becomes for _, becomes in of_stages(change)[1]} == {becomes for _, becomes in alone.moved}
    # Of a complaint whose stage is brought, nothing else is; and what is not brought does not wait.
    assert len({one.complaint_id for one in members}) == len(members)
    settled = {was.id for was, _ in change.moved} | {one.id for one in members}
    assert {one.id for one in mine if one.state == AlertState.WAITING} <= settled


@given(ledger=LEDGER, here=st.sets(st.sampled_from(PEOPLE[:2])))
def test_stages_follow_and_come_back_as_they_would_without(ledger: list[Row], here: set[str]) -> None:
    mine = [replace(one, complaint_id=1) for one in ledger if one.complaint_id == 1]
    now = present(*sorted(here))
    for step in (owed.redirected, owed.resumed):
        assert of_stages(step(now, mine)) == of_stages(step(now, stages(mine)))


@given(ledger=LEDGER, pressing=st.booleans(), by=st.sampled_from((*PEOPLE[:2], "clerk")))
def test_whoever_has_it_now_is_owed_the_news_or_hears_a_stage_no_later(
    ledger: list[Row], pressing: bool, by: str
) -> None:
    mine = [one for one in ledger if one.complaint_id == 1]
    change = handover.told(present(*PEOPLE), mine, "owner", pressing=pressing, by=by)
    new = {one.recipient: one for one in change.new}
    for person in PEOPLE:
        hears = [one for one in stages(mine) if one.recipient == person and one.state in owed.OWED]
        anyway = any(one.urgent or not pressing for one in hears)
        assert (person in new) is (person != by and not anyway)
    keys = {(one.stage, one.occurrence, one.recipient) for one in mine}
    for one in change.new:
        assert (one.stage, one.occurrence, one.recipient) not in keys
        assert (one.urgent, one.stage_at, one.raised_at) == (pressing, NOW, NOW)
        assert owed.can_be(one.state, one.recipient)
    assert handover.makes_letter(change.new, NOW) is (pressing and bool(new))
    assert handover.makes_letter(change.new, NOW + handover.NEWS_WAITS) is bool(new)


@given(ledger=LEDGER, role=st.sampled_from(("owner", "supervisor")))
def test_what_is_overtaken_is_news_only(ledger: list[Row], role: str) -> None:
    change = handover.overtaken(ledger, role)
    assert of_stages(change) == ([], [])
    left = {was.id for was, _ in change.moved}
    for one in ledger:
        waits = not one.is_of_timeline and one.state in owed.OWED
        assert (one.id in left) is (waits and (role == "supervisor" or one.roles == ("owner",)))


@given(minutes=st.integers(-9999, 9999), urgent=st.booleans(), breached=st.booleans())
def test_it_presses_if_urgent_breached_or_due_within_three_days(
    minutes: int, urgent: bool, breached: bool
) -> None:
    due_at = NOW + timedelta(minutes=minutes)
    pressing = handover.is_pressing(
        urgent=urgent, breached_at=NOW if breached else None, due_at=due_at, now=NOW
    )
    assert pressing is (urgent or breached or minutes <= 3 * 24 * 60)
