"""The queue: each complaint once, worst first; an act does what it says to what was seen, and is taken back whole."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.core.errors import Error, NotPossible, SeveralRefused
from complaint_sla.store import offices as rows_of_offices
from complaint_sla.store.filters import Order
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.change import Act, NoteKind
from complaint_sla.work.complaints.look import NOBODY, Wanted
from complaint_sla.work.counter.queue import Queue
from tests.conftest import Databases
from tests.work.desks import House
from tests.work.findings import findings

OPEN, UNOWNED = Wanted(status=Status.OPEN), Wanted(status=Status.OPEN, owner=NOBODY)
ASSIGNED, CLOSED = EventKind.ASSIGNED, EventKind.CLOSED


def begun(house: House, wanted: Wanted = OPEN, page: int = 200) -> Queue:
    queue = Queue(wanted, page)
    queue.begin(house.desk)
    return queue


def walked(house: House, queue: Queue) -> list[str]:
    """All that is shown from here on."""
    found = []
    while queue.current is not None:
        found.append(queue.current.complaint.number)
        queue.forward(house.desk)
    return found


def number(queue: Queue) -> str:
    assert queue.current is not None
    return queue.current.complaint.number


def mark(house: House, queue: Queue, many: int) -> None:
    for _ in range(many):
        queue.mark()
        queue.forward(house.desk)


def refused(done: Any) -> str:
    with pytest.raises(Error) as problem:
        done()
    return problem.value.key


@pytest.mark.parametrize("order", Order)
def test_each_that_fits_is_shown_once_worst_first_however_small_the_pages(house: House, order: Order) -> None:
    groups = ("residential", "key-account", "spp-area", "residential", "key-account")
    numbers = [house.log(group) for group in groups]
    ended, deadlines = house.log(), {one: house.complaint(one).due_at for one in numbers}
    house.shut(ended)
    queue = begun(house, Wanted(status=Status.OPEN, order=order), page=2)
    assert queue.count == len(numbers)

    # What is touched goes to the end of that order, and is not shown again there.
    house.later(hours=1)
    queue.do(house.desk, EventKind.NOTED, change.note("x"))
    came = house.log()

    due = sorted(numbers, key=lambda one: (deadlines[one], one))
    found = walked(house, queue)
    assert sorted(found) == sorted([*numbers, came])
    assert [one for one in found if one != came] == (due if order is Order.DUE else numbers)
    assert queue.count == len(numbers) + 1


def test_what_was_ended_or_taken_by_others_before_it_was_reached_is_passed_over(house: House) -> None:
    first, second, third = (house.log() for _ in range(3))
    owner = house.hire("owner")
    queue = begun(house, UNOWNED)
    change.do(house.desk, second, change.assign(owner))
    assert (number(queue), queue.position, queue.count) == (first, 1, 3)
    queue.forward(house.desk)
    assert (number(queue), queue.position, queue.count) == (third, 2, 2)
    # Those that were shown are there, whatever they have become.
    queue.do(house.desk, ASSIGNED, change.assign(owner))
    queue.go_on(house.desk)
    assert queue.current is None
    assert queue.back(house.desk)
    assert (number(queue), queue.current and queue.current.fits) == (third, False)
    assert queue.back(house.desk)
    assert (number(queue), queue.back(house.desk)) == (first, False)
    assert (number(queue), queue.position) == (first, 1)


def test_what_somebody_has_changed_since_it_was_seen_is_not_touched_until_it_is_seen_anew(
    house: House,
) -> None:
    one = house.log()
    queue = begun(house)
    # Nobody has done anything by that.
    house.at("2017-04-10 09:00")
    house.sweep()
    queue.do(house.desk, EventKind.NOTED, change.note("called"))
    queue.again(house.desk)

    change.do(house.desk, one, change.note("meanwhile"))
    before = house.dump()
    with pytest.raises(NotPossible) as problem:
        queue.do(house.desk, CLOSED, change.close("done"))
    assert (problem.value.key, problem.value.values["kind"]) == ("changed-since-seen", EventKind.NOTED)
    assert house.dump() == before
    queue.again(house.desk)
    queue.do(house.desk, CLOSED, change.close("done"))
    assert queue.tally == {EventKind.NOTED: 1, CLOSED: 1}


def test_an_act_is_done_to_all_that_are_marked_or_to_none(house: House) -> None:
    numbers = [house.log() for _ in range(5)]
    owner = house.hire("owner")
    queue = begun(house)
    mark(house, queue, 4)
    queue.back(house.desk)
    assert not queue.mark()
    change.do(house.desk, numbers[0], change.note("meanwhile"))
    change.do(house.desk, numbers[1], change.assign(owner))

    before = house.dump()
    # One name that nobody has is wrong once, and no mark is lost by it.
    assert refused(lambda: queue.do_marked(house.desk, ASSIGNED, change.assign("nobody"))) == "unknown-person"
    assert list(queue.marks) == numbers[:3]
    with pytest.raises(SeveralRefused) as problem:
        queue.do_marked(house.desk, ASSIGNED, change.assign(owner))
    assert [one.key for one in problem.value.refusals] == ["changed-since-seen"] * 2
    assert (house.dump(), list(queue.marks)) == (before, numbers[2:3])
    house.shut(numbers[2])
    assert (
        refused(lambda: queue.do_marked(house.desk, ASSIGNED, change.assign(owner))) == "changed-since-seen"
    )
    assert not queue.marks

    mark(house, queue, 2)
    assert len(queue.do_marked(house.desk, ASSIGNED, change.assign("own"))) == 2
    assert (queue.marks, queue.tally) == ({}, {ASSIGNED: 2})


def test_the_last_act_is_taken_back_to_where_each_was(house: House) -> None:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    ann, ben = house.hire("ann"), house.hire("ben")
    one, two = (house.log(office="MAIN") for _ in range(2))
    change.do(house.desk, one, change.assign(ann))
    queue = begun(house)
    assert refused(lambda: queue.take_back(house.desk, "x")) == "nothing-to-take-back"

    mark(house, queue, 2)
    queue.do_marked(house.desk, ASSIGNED, change.assign(ben))
    queue.back(house.desk)
    queue.do(house.desk, EventKind.TRANSFERRED, change.transfer("EAST", "theirs"))
    queue.back(house.desk)
    queue.do(house.desk, CLOSED, change.close("done"))
    queue.go_on(house.desk)

    for _ in range(2):
        queue.take_back(house.desk, "by mistake")
        queue.again(house.desk)
    assert number(queue) == two
    queue.take_back(house.desk, "by mistake")
    queue.again(house.desk)
    rows = [house.complaint(each) for each in (one, two)]
    assert [row.status for row in rows] == ["open", "open"]
    assert [owner(house, each) for each in (one, two)] == [ann, None]
    said = [json.loads(event.data) for event in house.events(two) if event.kind != "alerts"]
    assert [one.get("to") or one["owner"] for one in said[-3:]] == ["MAIN", ben, None]
    assert (dict(+queue.tally), queue.taken_back) == ({}, 4)
    assert findings(house) == []

    queue.do(house.desk, EventKind.NOTED, change.note("said"))
    assert refused(lambda: queue.take_back(house.desk, "x")) == "not-taken-back"


def test_alerts_that_were_raised_meanwhile_keep_nothing_from_being_taken_back(house: House) -> None:
    ann, ben = house.hire("ann"), house.hire("ben")
    one = house.log()
    queue = begun(house)
    for owner_ in (ann, ben, ann):
        queue.do(house.desk, ASSIGNED, change.assign(owner_))
        house.later(days=10)
        house.sweep()
        queue.again(house.desk)
    for before in (ben, ann, None):
        queue.take_back(house.desk, "by mistake")
        assert owner(house, one) == before
        house.later(days=10)
        house.sweep()
        queue.again(house.desk)
    assert (dict(+queue.tally), queue.taken_back) == ({}, 3)


def test_what_others_have_gone_on_with_is_not_taken_back(house: House) -> None:
    ann, ben, kim = (house.hire(name) for name in ("ann", "ben", "kim"))
    one = house.log()
    queue = begun(house)
    for owner in (ann, ben):
        queue.do(house.desk, ASSIGNED, change.assign(owner))
        change.do(house.desk, one, change.note("meanwhile"))
        queue.again(house.desk)
    assert refused(lambda: queue.take_back(house.desk, "x")) == "changed-since-seen"
    queue.do(house.desk, ASSIGNED, change.assign(kim))
    queue.take_back(house.desk, "x")
    assert refused(lambda: queue.take_back(house.desk, "x")) == "changed-since-seen"
    assert queue.tally == {ASSIGNED: 2}


def test_what_a_hand_has_damaged_keeps_nobody_from_the_others(house: House) -> None:
    numbers = [house.log() for _ in range(3)]
    with house.store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE complaint SET status = 'lost', closed_at = received_at, next_alert_at = NULL WHERE number = '{numbers[1]}'"
        )
    queue = Queue(Wanted(), 200)
    desk = house.desk
    queue.begin(desk)
    assert walked(house, queue) == [numbers[0], numbers[2]]


# What somebody may do at the queue, and to what; `other` does it elsewhere, to any of the complaints.
_PEOPLE, _PLACES = ("ann@example.org", "ben@example.org"), ("MAIN", "EAST")
_ACTS = st.one_of(
    st.tuples(st.just(ASSIGNED), st.sampled_from(_PEOPLE)),
    st.tuples(
        st.sampled_from([EventKind.NOTED, EventKind.RESPONDED, EventKind.ACKNOWLEDGED, CLOSED]), st.just("x")
    ),
    st.tuples(st.just(EventKind.TRANSFERRED), st.sampled_from(_PLACES)),
)
_MOVES = st.tuples(st.sampled_from(["next", "back", "mark", "take back", "sweep"]), st.none())
_HERE = st.tuples(st.sampled_from(["act", "act", "act on the marked"]), _ACTS)
_STEPS = _MOVES | _HERE | _HERE | st.tuples(st.just("other"), st.tuples(st.integers(0, 1), _ACTS))


def act_of(kind: EventKind, said: str) -> Act:
    match kind:
        case EventKind.ASSIGNED:
            return change.assign(said)
        case EventKind.CLOSED:
            return change.close(said)
        case EventKind.ACKNOWLEDGED:
            return change.acknowledge()
        case EventKind.TRANSFERRED:
            return change.transfer(said, "x")
        case _:
            return change.note(said, NoteKind.RESPOND if kind is EventKind.RESPONDED else None)


@dataclass
class Kept:
    """What should stand in the record of a complaint; `touched` counts what was done to it, `seen` as much as was seen."""

    status: str = "open"
    owner: str | None = None
    office: str = "MAIN"
    acknowledged: bool = False
    touched: int = 0

    def allows(self, kind: EventKind, said: str) -> bool:
        if kind in (EventKind.NOTED, EventKind.RESPONDED):
            return True
        same = {ASSIGNED: self.owner == said, EventKind.TRANSFERRED: self.office == said}.get(kind, False)
        return (
            self.status == "open" and not same and not (kind is EventKind.ACKNOWLEDGED and self.acknowledged)
        )

    def undergoes(self, kind: EventKind, said: str) -> None:
        self.touched += 1
        if kind is ASSIGNED:
            self.owner = said
        elif kind is CLOSED:
            self.status = "closed"
        elif kind is EventKind.ACKNOWLEDGED:
            self.acknowledged = True
        elif kind is EventKind.TRANSFERRED:
            self.owner, self.office = None, said


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@example([("other", (0, (EventKind.NOTED, "x"))), ("act", (EventKind.NOTED, "y"))], False)
@given(steps=st.lists(_STEPS, min_size=12, max_size=25), unowned=st.booleans())
def test_whatever_is_pressed_the_record_holds_what_the_sum_says_and_is_sound(
    sqlite_databases: Databases, steps: list[tuple[str, Any]], unowned: bool
) -> None:
    house = House(sqlite_databases.migrated())
    try:
        Play(house, unowned).play(steps)
    finally:
        house.close()


class Play:
    """Somebody at the queue, and a second ledger of what they and the others do."""

    def __init__(self, house: House, unowned: bool) -> None:
        offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
        for name in ("ann", "ben"):
            house.hire(name)
        self.house, self.unowned = house, unowned
        self.kept = {house.log(office="MAIN"): Kept() for _ in range(2)}
        self.tally: Counter[EventKind] = Counter()
        self.taken_back = 0
        self.queue = begun(house, UNOWNED if unowned else OPEN)
        self.seen: dict[str, int] = {}
        self.look()

    def look(self) -> None:
        if self.queue.current is not None:
            one = number(self.queue)
            self.seen[one] = self.kept[one].touched
            kept, shown = self.kept[one], self.queue.current.complaint
            assert (shown.status, shown.owner, shown.office) == (kept.status, kept.owner, kept.office)

    def play(self, steps: list[tuple[str, Any]]) -> None:
        for step, what in steps:
            self.house.later(hours=7)
            self.step(step, what)
        for one, kept in self.kept.items():
            row = self.house.complaint(one)
            assert (row.status, owner(self.house, one)) == (kept.status, kept.owner)
            assert row.acknowledged_at is None or kept.acknowledged
        assert (+self.queue.tally, self.queue.taken_back) == (+self.tally, self.taken_back)
        assert findings(self.house) == []

    def step(self, step: str, what: Any) -> None:
        queue, desk = self.queue, self.house.desk
        if queue.current is None and step != "take back":
            # Behind the last one there is little to do.
            step = "back"
        if step == "next":
            queue.forward(desk)
            fits = queue.current is None or queue.current.fits
            assert fits
        elif step == "back":
            if not queue.back(desk):
                return
        elif step == "mark" and queue.current is not None:
            queue.mark()
            return
        elif step == "sweep":
            self.house.sweep()
            return
        elif step == "other":
            self.elsewhere(*what)
            return
        elif step == "act" and queue.current is not None:
            self.act([number(queue)], *what, do=queue.do)
        elif step == "act on the marked" and queue.marks:
            self.act(list(queue.marks), *what, do=queue.do_marked)
        elif step == "take back":
            self.take_back()
        else:
            return
        self.look()

    def elsewhere(self, at: int, act: tuple[EventKind, str]) -> None:
        one = list(self.kept)[at]
        if self.kept[one].allows(*act):
            change.do(self.house.desk, one, act_of(*act))
            self.kept[one].undergoes(*act)

    def act(self, numbers: list[str], kind: EventKind, said: str, do: Any) -> None:
        allowed = all(
            self.kept[one].allows(kind, said) and self.kept[one].touched == self.seen[one] for one in numbers
        )
        try:
            do(self.house.desk, kind, act_of(kind, said))
        except Error:
            assert not allowed
            self.queue.again(self.house.desk)
            return
        assert allowed
        for one in numbers:
            self.kept[one].undergoes(kind, said)
            # Marked ones are not shown anew.
            self.seen[one] = self.kept[one].touched
        self.tally[kind] += len(numbers)
        self.queue.go_on(self.house.desk)

    def take_back(self) -> None:
        last = self.queue.done[-1] if self.queue.done else None
        try:
            self.queue.take_back(self.house.desk, "x")
        except Error:
            self.queue.again(self.house.desk)
            return
        assert last is not None
        for one, before in last.before.items():
            kept = self.kept[one]
            kept.touched += 1
            kept.status = "open"
            kept.owner, kept.office = before.owner, before.office
            self.seen[one] = kept.touched
        self.tally[last.kind] -= len(last.before)
        self.taken_back += len(last.before)
        self.queue.again(self.house.desk)


def owner(house: House, one: str) -> str | None:
    with house.store.read() as session:
        return rows_of_offices.directory(session).email(house.complaint(one).owner_id)
