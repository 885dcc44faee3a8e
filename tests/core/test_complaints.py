"""Ends, reopenings and new deadlines, and that a breach is for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.complaints import Bucket, EventKind, State, Status, is_redeemable, require_reach
from complaint_sla.core.errors import NotPossible

DAY_0 = datetime(2017, 3, 5, tzinfo=UTC)


def day(number: float) -> datetime:
    return DAY_0 + timedelta(days=number)


def complaint(days: int = 10) -> State:
    return State.begin(day(0), "rule", day(days))


# --- The breach test -------------------------------------------------------------------------------------------

# Three deadlines, as rules of 10, 20 and 30 days give them. Things happen at one of three times: before all of them,
# to the instant of the middle one (late for 10 and 20, early for 30), or after all.
DUES = {"short": day(10), "middle": day(20), "long": day(30)}
LONGER = {"short": "middle", "middle": "long", "long": "long"}
SHORTER = {"short": "short", "middle": "short", "long": "middle"}
TIMES = (day(5), day(20), day(35))
# A closing is dated back to before every deadline, or to just before the middle one.
BACK = (day(6), DUES["middle"] - timedelta(seconds=1))
HORIZON = day(40)


def oracle(story: list[tuple[datetime, str, datetime]]) -> Bucket:
    """The bucket on day 40, from the story alone: (since when, status, due), in order."""
    breached = False
    for (_, status, due), (until, *_) in zip(story, [*story[1:], (HORIZON,)], strict=True):
        # Open from `since` to `until`, both included; a deadline is missed once it is reached.
        if status == "open" and until >= due:
            breached = True
    _, status, _ = story[-1]
    if status == "open":
        return Bucket.OVERDUE if breached else Bucket.PENDING
    if breached:
        return Bucket.LATE
    return Bucket.ON_TIME if status == "closed" else Bucket.EXCLUDED


def actions(state: State):
    """Everything that can be tried now: (what, when it is done, the day it is dated)."""
    for now in TIMES:
        if state.status is Status.OPEN:
            for what in ("close", "withdraw", "up", "down"):
                yield what, now, None
            for back in BACK:
                yield "close", now, back
        else:
            yield "reopen", now, None


def act(state: State, what: str, now: datetime, dated: datetime | None) -> tuple[State, datetime]:
    at = state.moment_of(now, dated)
    if what == "reopen":
        return state.reopened(at), at
    state.require_open("C-6003-00001")
    if what in ("up", "down"):
        rule = (LONGER if what == "up" else SHORTER)[state.rule]
        return state.reclassified(rule, DUES[rule], at), at
    return state.ended(Status.CLOSED if what == "close" else Status.WITHDRAWN, at), at


def test_once_breached_nothing_brings_a_complaint_back_into_the_numerator_or_among_the_excluded():
    """Every sequence of up to five actions, each at three times."""
    tried = refused = 0

    def explore(state, story, deep):
        nonlocal tried, refused
        tried += 1
        assert state.bucket(HORIZON) is oracle(story), story
        if state.breached_at is not None:
            assert state.bucket(HORIZON) in (Bucket.LATE, Bucket.OVERDUE)
            assert state.is_late(DAY_0)
        if deep == 5:
            return
        for what, now, dated in actions(state):
            allowed = dated is None or story[-1][0] <= dated <= now
            try:
                after, at = act(state, what, now, dated)
            except NotPossible:
                assert not allowed
                refused += 1
                continue
            assert allowed
            assert after.generation == state.generation + (after.rule != state.rule)
            if state.breached_at is not None:
                assert after.breached_at == state.breached_at
            told = (at, str(after.status), after.due_at)
            explore(after, story if after is state else [*story, told], deep + 1)

    explore(State.begin(day(0), "middle", DUES["middle"]), [(day(0), "open", DUES["middle"])], 0)
    # Should the actions ever be cut down by mistake, the test would still pass, and prove little.
    assert tried > 50_000
    assert refused > 5_000


# --- Single sentences ------------------------------------------------------------------------------------------


def test_a_complaint_begins_open_in_its_first_generation():
    state = complaint()
    assert (state.status, state.generation, state.breached_at, state.changed_at) == (
        Status.OPEN,
        1,
        None,
        day(0),
    )


def test_an_open_complaint_is_late_from_its_due_moment_on():
    assert not complaint().is_late(day(10) - timedelta(microseconds=1))
    assert complaint().is_late(day(10))


def test_closing_before_the_due_moment_is_in_time_and_at_it_is_not():
    early = complaint().ended(Status.CLOSED, day(10) - timedelta(microseconds=1))
    assert (early.breached_at, early.bucket(HORIZON)) == (None, Bucket.ON_TIME)
    assert not early.is_late(HORIZON)
    late = complaint().ended(Status.CLOSED, day(10))
    assert (late.breached_at, late.ended_at, late.bucket(HORIZON)) == (day(10), day(10), Bucket.LATE)


def test_a_closing_recorded_after_the_due_moment_but_dated_before_it_is_in_time():
    state = complaint()
    closed = state.ended(Status.CLOSED, state.moment_of(now=day(30), at=day(9)))
    assert closed.bucket(HORIZON) is Bucket.ON_TIME


def test_a_closing_cannot_be_dated_back_beyond_a_change_of_status():
    state = complaint().ended(Status.CLOSED, day(5)).reopened(day(12))
    assert state.breached_at == day(12)
    with pytest.raises(NotPossible) as refused:
        state.moment_of(now=day(30), at=day(9))
    assert (refused.value.key, refused.value.exit_code) == ("at-before-last-change", 6)
    assert refused.value.values == {"at": day(9), "last": day(12)}


def test_a_closing_cannot_be_dated_back_beyond_a_new_deadline():
    state = complaint().reclassified("other", day(20), day(11))
    with pytest.raises(NotPossible, match="at-before-last-change"):
        state.moment_of(now=day(15), at=day(9))


def test_a_closing_is_dated_back_as_far_as_the_book_lets_it_and_not_before_what_was_done_since():
    require_reach(day(9), day(9), 3, None)
    require_reach(day(9), day(9), 3, (EventKind.NOTED, day(9)))
    with pytest.raises(NotPossible) as refused:
        require_reach(day(9) - timedelta(microseconds=1), day(9), 3, None)
    assert (refused.value.key, refused.value.exit_code) == ("at-too-far-back", 6)
    assert refused.value.values["earliest"] == day(9)
    with pytest.raises(NotPossible) as refused:
        require_reach(day(9), day(9), 3, (EventKind.TRANSFERRED, day(9) + timedelta(microseconds=1)))
    assert (refused.value.key, refused.value.values["kind"]) == ("at-before-touch", EventKind.TRANSFERRED)


@given(st.lists(st.integers(0, 40), min_size=3, max_size=3), st.none() | st.integers(0, 40))
def test_what_is_redeemable_is_what_some_moment_before_the_due_one_could_still_close(hours, touched):
    due, changed, earliest = (day(10) + timedelta(hours=hour) for hour in hours)
    touched_at = None if touched is None else day(10) + timedelta(hours=touched)

    def may_close(at):
        if at < changed:
            return False
        try:
            require_reach(at, earliest, 3, touched_at and (EventKind.NOTED, touched_at))
        except NotPossible:
            return False
        return True

    moments = (day(10) + timedelta(hours=hour) for hour in range(41))
    assert is_redeemable(due, changed, earliest, touched_at) is any(
        may_close(at) for at in moments if at < due
    )


def test_nothing_happens_in_the_future():
    with pytest.raises(NotPossible, match="at-in-future"):
        complaint().moment_of(now=day(5), at=day(5) + timedelta(microseconds=1))


def test_without_a_date_a_change_happens_now_or_when_the_last_one_did_if_the_clock_was_set_back():
    state = complaint().ended(Status.CLOSED, day(5))
    assert state.moment_of(now=day(6), at=None) == day(6)
    assert state.moment_of(now=day(4), at=None) == day(5)
    assert state.moment_of(now=day(6), at=day(5)) == day(5)


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.DUPLICATE])
def test_a_withdrawal_or_duplicate_is_excluded_before_the_due_moment_and_late_from_it_on(status):
    assert complaint().ended(status, day(9)).bucket(HORIZON) is Bucket.EXCLUDED
    assert complaint().ended(status, day(10)).bucket(HORIZON) is Bucket.LATE


def test_a_complaint_closed_in_time_and_reopened_in_time_has_its_old_deadline_again():
    state = complaint().ended(Status.CLOSED, day(5)).reopened(day(6))
    assert (state.status, state.ended_at, state.breached_at, state.generation) == (Status.OPEN, None, None, 1)
    assert state.bucket(day(7)) is Bucket.PENDING
    assert state.ended(Status.CLOSED, day(9)).bucket(HORIZON) is Bucket.ON_TIME


def test_a_new_deadline_in_time_replaces_the_old_one():
    state = complaint().reclassified("other", day(20), day(9))
    assert (state.rule, state.due_at, state.generation, state.breached_at) == ("other", day(20), 2, None)
    assert state.ended(Status.CLOSED, day(19)).bucket(HORIZON) is Bucket.ON_TIME


def test_a_longer_deadline_does_not_forget_that_the_shorter_one_was_missed():
    state = complaint().reclassified("other", day(20), day(11))
    assert (state.breached_at, state.generation) == (day(10), 2)
    assert state.ended(Status.CLOSED, day(12)).bucket(HORIZON) is Bucket.LATE


def test_a_shorter_deadline_that_has_passed_already_is_missed_from_the_moment_it_was_given():
    assert complaint().reclassified("other", day(3), day(5)).breached_at == day(5)
    assert complaint().reclassified("other", day(5), day(5)).breached_at == day(5)


def test_the_same_rule_and_deadline_change_nothing():
    state = complaint()
    assert state.reclassified("rule", day(10), day(5)) is state
    assert state.reclassified("renamed", day(10), day(5)).generation == 2


def test_what_has_ended_is_not_open():
    complaint().require_open("C-6003-00001")
    with pytest.raises(NotPossible) as refused:
        complaint().ended(Status.WITHDRAWN, day(1)).require_open("C-6003-00001")
    assert refused.value.values == {"number": "C-6003-00001", "status": "withdrawn"}


def test_every_status_but_open_is_reached_by_an_event_of_its_name():
    assert {status.value for status in Status} - {"open"} <= {kind.value for kind in EventKind}
