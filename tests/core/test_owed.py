"""Who is still owed which stage after whatever happens, a sentence to each rule, on rows that no database has seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from complaint_sla.core import owed
from complaint_sla.core.deadlines import deadline
from complaint_sla.core.owed import AlertState, Change, Present, Row
from complaint_sla.core.roster import Office, Person, Role, Roster
from complaint_sla.core.timeline import Timeline
from tests.core.books import at, facts, shipped

W, SENT, FAILED, DROPPED, SUPERSEDED, UNALERTABLE = (
    *(AlertState.WAITING, AlertState.SENT, AlertState.FAILED),
    *(AlertState.DROPPED, AlertState.SUPERSEDED, AlertState.UNALERTABLE),
)
RECEIVED = "2017-03-05T10:00"
NOW = at("2017-04-12T12:00")
TODAY = date(2017, 4, 12)
# The stages that the rows of these tests are of, in the order in which they pass.
STAGES = ("warning-last", "due-today", "overdue", "escalation-1")
SUP, MAN, AGENT = Role.SUPERVISOR, Role.MANAGER, Role.AGENT
OFFICES = {code: Office(code, parent) for code, parent in [("HQ", None), ("B", "HQ"), ("C", "HQ")]}


def present(*people: Person, office: str = "B") -> Present:
    roster = Roster(OFFICES, {one.email: one for one in people})
    return Present(
        complaint_id=1,
        generation=1,
        urgent=False,
        now=NOW,
        choose=lambda roles, without: roster.chosen(roles, office, None, TODAY, without),
    )


ANNA, BEN, CARL, TOP = (
    Person("anna", "B", SUP),
    Person("ben", "B", MAN),
    Person("carl", "C", SUP),
    Person("top", "HQ", MAN),
)
EVERYBODY = (ANNA, BEN, CARL, TOP)


@cache
def stage_at(stage: str) -> datetime:
    return at("2017-04-01T08:00") + timedelta(days=STAGES.index(stage))


def row(stage: str, recipient: str, state: str = W, **more: object) -> Row:
    given = {"roles": ("supervisor",), "complaint_id": 1, "generation": 1, "id": 1, **more}
    return Row(
        stage=stage,
        occurrence=1,
        stands_for=1,
        recipient=recipient,
        stage_at=stage_at(stage),
        raised_at=stage_at(stage),
        urgent=False,
        state=state,
        **given,  # type: ignore[arg-type]
    )


def becomes(change: Change) -> dict[tuple[str, str], str]:
    """(stage, recipient) → state, of every row that is new or has another state now."""
    rows = (*change.new, *(now for was, now in change.moved if was.state != now.state))
    return {(one.stage, one.recipient): one.state for one in rows}


def settled(now: str, of: Present, unheard=(), fate: AlertState = W) -> Change:
    """What a first look at a complaint of 5 March 2017 raises at a moment."""
    which = facts(RECEIVED)
    found = deadline(shipped(), which)
    line = Timeline(shipped(), found.rule.key, found.rule.days, which.received_at, found.due_on)
    return owed.raised(of, line.settle(None, at(now)), unheard, fate)


# --- time passes ------------------------------------------------------------------------------------------------


def test_before_its_first_stage_nothing_is_owed():
    assert settled("2017-03-06T10:00", present(*EVERYBODY)) == Change()


def test_of_all_that_has_passed_the_latest_is_owed_to_everybody_and_the_rest_is_superseded():
    # Warnings, due, overdue, three days over: the last to the manager, who hears of the supervisor's too.
    change = settled("2017-04-03T12:00", present(*EVERYBODY))
    latest = change.new[0].stage
    assert {one.recipient: one.state for one in change.new if one.stage == latest} == {"anna": W, "ben": W}
    assert {one.state for one in change.new if one.stage != latest} == {SUPERSEDED}
    assert change.said is not None
    assert change.said["recipients"] == {"ben": ["manager"], "anna": ["supervisor"]}
    assert [one["stage"] for one in change.said["superseded"]] == [  # type: ignore[attr-defined]
        *("warning-first", "warning-last", "due-today", "overdue")
    ]


def test_a_role_that_nobody_fills_is_owed_the_latest_stage_and_no_older_one():
    old = row("warning-last", "role:supervisor@B", UNALERTABLE, roles=("supervisor",))
    change = settled("2017-04-05T12:00", present(), [old])
    assert UNALERTABLE in {one.state for one in change.new}
    assert change.moved == ((old, replace(old, state=SUPERSEDED)),)


def test_what_passed_before_an_end_is_written_down_and_told_to_nobody():
    for people in ((), EVERYBODY):
        change = settled("2017-04-05T12:00", present(*people), fate=DROPPED)
        assert {one.state for one in change.new} == {DROPPED, SUPERSEDED}


# --- people and places change -------------------------------------------------------------------------------------


def test_what_is_owed_follows_a_transfer_and_what_was_sent_stays():
    rows = [row("due-today", "anna", SENT), row("overdue", "anna", message_id=7)]
    change = owed.redirected(present(*EVERYBODY, office="C"), rows)
    assert becomes(change) == {("overdue", "anna"): SUPERSEDED, ("overdue", "carl"): W}
    assert change.broken == {7}
    assert change.said == {
        "generation": 1,
        "redirected": [{"stage": "overdue", "occurrence": 1, "recipients": {"carl": ["supervisor"]}}],
    }


def test_the_deputy_hears_for_somebody_away_and_somebody_above_for_a_post_that_is_empty():
    away = replace(ANNA, away_until=TODAY, deputy="carl")
    assert becomes(owed.redirected(present(away, CARL), [row("overdue", "anna")]))["overdue", "carl"] == W
    assert becomes(owed.redirected(present(BEN), [row("overdue", "anna")]))["overdue", "ben"] == W
    nobody = becomes(owed.redirected(present(), [row("overdue", "anna")]))
    assert nobody["overdue", "role:supervisor@B"] == UNALERTABLE


def test_what_nobody_could_hear_is_heard_by_whoever_takes_the_post():
    rows = [row("overdue", "role:supervisor@B", UNALERTABLE)]
    assert becomes(owed.redirected(present(ANNA), rows)) == {
        ("overdue", "role:supervisor@B"): SUPERSEDED,
        ("overdue", "anna"): W,
    }


def test_a_letter_that_is_going_out_keeps_its_members():
    rows = [row("overdue", "anna", message_id=7, handed_over=True)]
    assert owed.redirected(present(*EVERYBODY, office="C"), rows) == Change()
    assert owed.ended(rows) == Change()


def test_only_letters_that_lose_somebody_are_broken_up():
    rows = [
        row("overdue", "anna", id=1, message_id=7),
        row("overdue", "ben", id=2, message_id=8, roles=("manager",)),
    ]
    assert owed.redirected(present(CARL, BEN, TOP), rows).broken == {7}


def test_whoever_has_a_later_stage_is_not_told_an_earlier_one_again():
    rows = [row("due-today", "anna"), row("overdue", "carl", SENT, id=2)]
    change = owed.redirected(present(*EVERYBODY, office="C"), rows)
    assert becomes(change) == {("due-today", "anna"): SUPERSEDED, ("due-today", "carl"): SUPERSEDED}


def test_somebody_back_in_line_waits_again_on_their_old_row():
    rows = [row("overdue", "anna", SUPERSEDED, id=1), row("overdue", "ben", id=2)]
    change = owed.redirected(present(*EVERYBODY), rows)
    assert becomes(change) == {("overdue", "anna"): W, ("overdue", "ben"): SUPERSEDED}
    assert change.new == ()
    assert change.said is not None
    # Not with a stage that is older than what they have.
    later = row("escalation-1", "anna", SENT, id=3)
    assert becomes(owed.redirected(present(*EVERYBODY), [*rows, later])) == {("overdue", "ben"): SUPERSEDED}


def test_one_event_says_all_that_was_redirected_oldest_stage_first():
    rows = [row("due-today", "anna"), row("overdue", "ben", id=2, roles=("manager",))]
    change = owed.redirected(present(TOP), rows)
    assert change.said is not None
    assert [one["stage"] for one in change.said["redirected"]] == ["due-today", "overdue"]  # type: ignore[attr-defined]


def test_what_somebody_unreachable_was_owed_goes_to_the_next_in_line():
    rows = [row("overdue", "anna", FAILED, id=1)]
    assert becomes(owed.redirected(present(*EVERYBODY), rows, failed={1})) == {("overdue", "ben"): W}
    # Nobody asked for it, and nothing is owed: nothing happens.
    assert owed.redirected(present(*EVERYBODY), rows) == Change()


def test_what_holds_up_everybody_is_not_passed_on_to_nobody_by_one_of_several_roles():
    member = row("overdue", "ben", roles=("manager", "supervisor"))
    rows = [row("overdue", "anna", id=2), member]
    # Above Ben is nobody, and the other role leads back to Anna, who has it.
    assert owed.passed_on_once(present(ANNA, BEN), rows, [member]) == []
    assert owed.passed_on_once(present(*EVERYBODY), rows, [member]) == [member]


def test_nobody_is_tried_again_with_a_stage_that_did_not_reach_them():
    rows = [row("overdue", "anna", FAILED, id=1), row("overdue", "ben", id=2)]
    change = owed.redirected(present(ANNA, TOP), rows)
    assert becomes(change) == {("overdue", "ben"): SUPERSEDED, ("overdue", "top"): W}


def test_what_failed_to_arrive_is_owed_to_nobody_once_a_later_stage_has_been_sent():
    rows = [
        row("due-today", "ben", FAILED, id=1, roles=("manager",)),
        row("due-today", "role:manager@B", UNALERTABLE, id=2, roles=("manager",)),
        row("overdue", "ben", W, id=3, roles=("manager",)),
    ]
    assert owed.redirected(present(BEN), rows) == Change()
    rows[2] = replace(rows[2], state=SENT)
    assert becomes(owed.redirected(present(BEN), rows)) == {("due-today", "role:manager@B"): SUPERSEDED}
    # Who fills the post now has not heard of it yet.
    carla = replace(CARL, office="B", role=MAN)
    assert becomes(owed.redirected(present(BEN, carla), rows))["due-today", "carl"] == W


def test_what_is_owed_of_an_earlier_deadline_follows_as_that_of_this_one():
    rows = [row("overdue", "anna"), row("warning-last", "anna", generation=2, id=2)]
    change = owed.redirected(replace(present(CARL, office="C"), generation=2), rows)
    assert [(one.generation, one.stage, one.state) for one in change.new] == [
        (2, "warning-last", W),
        (1, "overdue", SUPERSEDED),
    ]
    assert change.said is not None
    said = [(one["stage"], one.get("generation")) for one in change.said["redirected"]]  # type: ignore[attr-defined]
    assert said == [("overdue", 1), ("warning-last", None)]


def test_another_reason_to_hear_of_the_same_is_noted_without_an_event():
    rows = [
        row("overdue", "ben", SENT, id=1, roles=("manager",)),
        row("overdue", "anna", id=2),
    ]
    change = owed.redirected(present(BEN), [rows[0], replace(rows[1], recipient="ben", id=1)])
    assert change == Change()
    change = owed.redirected(present(BEN), rows)
    (kept,) = (now for was, now in change.moved if was.recipient == "ben")
    assert (kept.state, kept.roles) == (SENT, ("manager", "supervisor"))


def test_a_deadline_that_runs_no_more_is_followed_by_nothing():
    assert owed.redirected(present(*EVERYBODY, office="C"), [row("overdue", "anna", runs=False)]) == Change()


def test_a_row_is_misplaced_when_its_roles_mean_somebody_else():
    assert not owed.is_misplaced(present(*EVERYBODY), [row("overdue", "anna")])
    assert owed.is_misplaced(present(*EVERYBODY, office="C"), [row("overdue", "anna")])


# --- an end, and a beginning again --------------------------------------------------------------------------------


def test_an_end_drops_what_nobody_was_sent():
    rows = [
        row("due-today", "anna", SENT),
        row("overdue", "anna", message_id=7),
        row("overdue", "role:manager@B", UNALERTABLE),
        row("warning-last", "ben", FAILED),
    ]
    change = owed.ended(rows)
    assert becomes(change) == {("overdue", "anna"): DROPPED, ("overdue", "role:manager@B"): DROPPED}
    assert (change.broken, change.said) == ({7}, None)


def test_a_reopening_gives_back_the_newest_that_was_dropped_to_whoever_has_nothing_newer():
    rows = [
        row("warning-last", "anna", DROPPED),
        row("warning-last", "ben", DROPPED),
        row("due-today", "anna", DROPPED),
        row("due-today", "role:manager@B", DROPPED),
        row("overdue", "ben", SENT),
        row("escalation-1", "anna", SUPERSEDED),
    ]
    change = owed.resumed(present(*EVERYBODY), rows)
    assert becomes(change) == {("due-today", "anna"): W, ("due-today", "role:manager@B"): UNALERTABLE}
    assert change.said is not None
    assert len(change.said["resumed"]) == 2  # type: ignore[arg-type]
    assert owed.resumed(present(*EVERYBODY), rows[-2:]) == Change()


def test_a_reopening_gives_back_what_failed_if_the_end_broke_its_letter_up():
    failed = row("overdue", "ben", FAILED, roles=("manager",))
    passed_up = row("overdue", "role:manager@B", DROPPED, id=2, roles=("manager",))
    change = owed.resumed(present(*EVERYBODY), [failed, passed_up])
    assert becomes(change) == {("overdue", "ben"): W, ("overdue", "role:manager@B"): UNALERTABLE}
    # What a letter that was refused for good holds, only `mail retry` gives back.
    assert owed.resumed(present(*EVERYBODY), [replace(failed, message_id=7)]) == Change()


def test_a_reopening_gives_back_nothing_of_a_deadline_that_gave_way_in_time():
    rows = [row("overdue", "anna", DROPPED, runs=False), row("warning-last", "ben", DROPPED, generation=2)]
    change = owed.resumed(replace(present(*EVERYBODY), generation=3), rows)
    assert becomes(change) == {("warning-last", "ben"): W}
    assert change.said == {
        "generation": 3,
        "resumed": [{"stage": "warning-last", "occurrence": 1, "generation": 2, "recipient": "ben"}],
    }


# --- letters ------------------------------------------------------------------------------------------------------


def test_a_letter_brings_of_each_complaint_the_newest_stage():
    rows = [row("due-today", "anna"), row("due-today", "anna", complaint_id=2), row("overdue", "anna")]
    members, change = owed.for_letter(rows, {})
    assert [(one.complaint_id, one.stage) for one in members] == [(1, "overdue"), (2, "due-today")]
    assert change.moved == ((rows[0], rows[0].becomes(SUPERSEDED)),)


@pytest.mark.parametrize(
    ("state", "told", "runs", "afterwards"),
    [
        (W, "due-today", True, None),
        (W, "overdue", True, None),
        (W, "escalation-1", True, SUPERSEDED),
        (W, None, False, DROPPED),
        # While its letter is tried it is still brought; afterwards it stays what the next in line was told of.
        (FAILED, None, True, None),
        (FAILED, "escalation-1", True, FAILED),
        (FAILED, None, False, FAILED),
        (SUPERSEDED, None, True, SUPERSEDED),
    ],
)
def test_a_letter_leaves_out_old_news_and_deadlines_that_have_ended(state, told, runs, afterwards):
    one = row("overdue", "anna", state, message_id=7, runs=runs)
    members, change = owed.for_letter([one], {1: (1, stage_at(told))} if told else {})
    if afterwards is None:
        assert (members, change) == ([one], Change())
    else:
        assert (members, change.moved) == ([], ((one, one.becomes(afterwards)),))


def test_what_was_told_of_a_later_deadline_is_newer_whatever_its_stage():
    """Each letter of a later deadline says that an earlier one was missed."""
    one = row("overdue", "anna", generation=2)
    assert owed.for_letter([one], {1: (1, stage_at("escalation-1"))})[0] == [one]
    assert owed.for_letter([one], {1: (3, stage_at("warning-last"))})[0] == []
    later = row("warning-last", "anna", generation=3)
    assert owed.for_letter([one, later], {})[0] == [later]


def test_a_letter_that_was_taken_or_refused_for_good_keeps_its_members():
    rows = [row("overdue", "anna", state, message_id=7) for state in AlertState]
    for answer in (SENT, FAILED):
        change = owed.answered(rows, answer)
        assert change.moved == tuple((one, replace(one, state=answer)) for one in (rows[0], rows[2]))


def test_a_refusal_makes_up_for_the_end_of_a_deadline_while_the_letter_went_out():
    rows = [row("overdue", "anna", message_id=7, runs=runs) for runs in (True, False)]
    assert owed.outlived(rows).moved == ((rows[1], rows[1].becomes(DROPPED)),)


@pytest.mark.parametrize(
    ("state", "runs", "freed"),
    [(W, True, W), (W, False, W), (FAILED, True, W), (FAILED, False, FAILED), (SENT, True, None)],
)
def test_what_a_broken_letter_held_waits_again_unless_it_has_come_to_nothing(state, runs, freed):
    one = row("overdue", "anna", state, message_id=7, runs=runs)
    assert owed.freed([one]).moved == (((one, one.becomes(freed)),) if freed else ())


# --- what may be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [*AlertState, "lost"])
def test_nothing_goes_to_a_role_that_nobody_fills(state):
    assert owed.can_be(state, "anna@b") is (state != "lost")
    assert owed.can_be(state, "role:supervisor@B") is (state in (DROPPED, SUPERSEDED, UNALERTABLE))


@pytest.mark.parametrize(
    ("status", "missed", "generations"),
    [
        ("open", None, {3}),
        ("open", 2, {2, 3}),
        ("open", 1, {1, 2, 3}),
        ("closed", None, set()),
        ("closed", 1, set()),
    ],
)
def test_what_is_owed_of_a_deadline_ends_with_it_unless_it_or_one_before_it_was_missed(
    status, missed, generations
):
    assert {one for one in (1, 2, 3) if owed.runs(status, 3, missed, one)} == generations
