"""The queue: complaints that fit, one after the other; what is done to each, to those that are marked, and taken back.

Nothing is printed or asked here. Whoever shows it hands over, for each key, a desk of that moment.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from complaint_sla.core.complaints import EventKind
from complaint_sla.core.errors import BadValue, NotPossible, SeveralRefused
from complaint_sla.core.owed import AlertState
from complaint_sla.store import alerts, complaints, counter, filters, offices
from complaint_sla.store.counter import Place
from complaint_sla.store.filters import Filter
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.store.types import legible, whole
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.change import Act, Done
from complaint_sla.work.complaints.look import Wanted, filter_of
from complaint_sla.work.complaints.view import ComplaintView, CustomerView, view
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import person_called

# As many places as are asked for at once: nobody gets through more in an hour.
PAGE = 200
# What somebody has said of a complaint.
_SAID = (
    EventKind.NOTED,
    EventKind.ASSESSED,
    EventKind.INVESTIGATED,
    EventKind.RESPONDED,
    EventKind.COMMUNICATED,
)
# What nobody was told, or need not be told any more.
_UNTOLD = (AlertState.SUPERSEDED, AlertState.DROPPED)


@dataclass(frozen=True)
class Note:
    """What was said of a complaint, by whom."""

    at: datetime
    kind: EventKind
    actor: str
    text: str


@dataclass(frozen=True)
class Alerted:
    """The latest stage that was raised, and to whom, each with the state of that row."""

    stage: str
    occurrence: int
    stage_at: datetime
    recipients: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    """A complaint as it is shown: `events` is the length of its chain, and `fits` whether it is still asked for."""

    complaint: ComplaintView
    customer: CustomerView | None
    owner: str | None
    note: Note | None
    alerted: Alerted | None
    events: int
    fits: bool


@dataclass(frozen=True)
class Before:
    """With whom a complaint was before an act; `id` is its own."""

    id: int
    owner: str | None
    office: str


@dataclass(frozen=True)
class Stroke:
    """One act, and to which complaints: as each was before it, and how long each chain was before and after, by number."""

    kind: EventKind
    before: Mapping[str, Before]
    seen: Mapping[str, int]
    after: dict[str, int]


@dataclass
class Queue:
    """One run through the complaints that are `wanted`, each shown once, however they change on the way.

    `current` is None before the first and behind the last. `marks` are those that an act is to be done to together, each
    with the length of its chain when it was seen; `done` is what was done and not taken back, of that each kind in `tally`.
    """

    wanted: Wanted
    page: int = PAGE
    current: Shown | None = None
    marks: dict[str, int] = field(default_factory=dict)
    done: list[Stroke] = field(default_factory=list)
    tally: Counter[EventKind] = field(default_factory=Counter)
    taken_back: int = 0
    _fitting: Filter = field(init=False)
    _count: int = 0
    # The ids, in their order, as far as they were read; which of them is shown, and which have been.
    _ids: list[int] = field(default_factory=list)
    _at: int = -1
    _shown: set[int] = field(default_factory=set)
    _last: Place | None = None

    @property
    def position(self) -> int:
        """Which of them is shown, from 1 on."""
        return self._at + 1

    @property
    def count(self) -> int:
        """How many there are, of those that were there at the beginning and of those that have come since."""
        return max(self._count, len(self._ids))

    def begin(self, desk: Desk) -> int:
        """Shows the first; how many of all are open and late. Raises BadValue for an unknown office or person."""
        with desk.store.read() as session:
            # Whom and which offices it means is settled here: with hundreds of them, no key could wait for all.
            self._fitting = filter_of(desk, offices.directory(session), self.wanted)
            self._count, late = filters.count(session, self._fitting)
        self.forward(desk)
        return late

    def forward(self, desk: Desk) -> None:
        """Shows the next one that fits; what was done by others before it was reached is passed over."""
        with self._looking(desk) as look:
            self._forward(look)

    def back(self, desk: Desk) -> bool:
        """Shows the one before, whatever it has become; False if there is none."""
        here = self._at
        with self._looking(desk) as look:
            while self._at > 0:
                self._at -= 1
                if self._shows(look):
                    return True
        self._at = here
        return False

    def again(self, desk: Desk, *, only_fitting: bool = False) -> None:
        """Shows the same one as it is now; where it can't be seen any more, or does not fit, the next."""
        if 0 <= self._at < len(self._ids):
            with self._looking(desk) as look:
                if not self._shows(look, only_fitting=only_fitting):
                    self._forward(look)

    def go_on(self, desk: Desk) -> None:
        """Shows the same one as it is after an act, or the next where that has ended it or made it another's."""
        self.again(desk, only_fitting=True)

    def mark(self) -> bool:
        """Marks the one that is shown, or takes its mark away; whether it is marked."""
        assert self.current is not None
        number = self.current.complaint.number
        if self.marks.pop(number, None) is not None:
            return False
        self.marks[number] = self.current.events
        return True

    def do(self, desk: Desk, kind: EventKind, act: Act) -> list[Done]:
        """Does an act to the one that is shown. Raises as `change.done`, and NotPossible (`changed-since-seen`)."""
        assert self.current is not None
        return self._do(desk, kind, act, {self.current.complaint.number: self.current.events})

    def do_marked(self, desk: Desk, kind: EventKind, act: Act) -> list[Done]:
        """Does an act to all that are marked, or to none; the marks are gone then.

        Raises as `do`, and SeveralRefused: whatever is refused loses its mark, so that the act can be done to the others.
        """
        try:
            found = self._do(desk, kind, act, self.marks)
        except SeveralRefused as problem:
            for one in problem.refusals:
                if isinstance(one, BadValue):
                    # What was typed is wrong for each of them.
                    raise one from None
            for one in problem.refusals:
                self.marks.pop(str(one.values.get("number")), None)
            raise
        except NotPossible:
            # There was but one.
            self.marks.clear()
            raise
        self.marks.clear()
        return found

    def was_done(self, kind: EventKind, number: str) -> None:
        """Tells of what was done to one by other ways, which nobody takes back here."""
        self.done.append(Stroke(kind, {}, {}, {number: 0}))
        self.tally[kind] += 1

    def take_back(self, desk: Desk, reason: str) -> list[Done]:
        """Takes the last act back: by a reopening, or to the owner or the office before it; all of it or nothing.

        Raises NotPossible: `nothing-to-take-back`, `not-taken-back` for what was said, `changed-since-seen`, and what forbids
        the way back.
        """
        if not self.done:
            raise NotPossible("nothing-to-take-back")
        last = self.done[-1]
        found, _, _, after = _carry_out(desk, _way_back(last, reason), last.after, {})
        self.done.pop()
        self.tally[last.kind] -= len(found)
        self.taken_back += len(found)
        self._know(after)
        for earlier in self.done:
            for number in after.keys() & earlier.after.keys():
                # All that somebody has done since is the act and its taking back.
                if earlier.after[number] == last.seen[number]:
                    earlier.after[number] = after[number]
        if len(last.before) == 1:
            [before] = last.before.values()
            self._at = self._ids.index(before.id)
        return found

    def _do(self, desk: Desk, kind: EventKind, act: Act, seen: Mapping[str, int]) -> list[Done]:
        earlier = {number: length for stroke in self.done for number, length in stroke.after.items()}
        found, before, on_top_of, after = _carry_out(desk, act, seen, earlier)
        self.done.append(Stroke(kind, before, {**seen, **on_top_of}, after))
        self.tally[kind] += len(found)
        self._know(after)
        return found

    @contextmanager
    def _looking(self, desk: Desk) -> Iterator[_Look]:
        with desk.store.read() as session:
            yield _Look(session, desk, replace(self._fitting, now=desk.now))

    def _know(self, after: Mapping[str, int]) -> None:
        """What was marked and is changed by us was seen."""
        self.marks.update((number, events) for number, events in after.items() if number in self.marks)

    def _forward(self, look: _Look) -> None:
        while True:
            self._at = min(self._at + 1, len(self._ids))
            if self._at == len(self._ids) and not self._reads_on(look):
                self.current = None
                return
            if self._shows(look, only_fitting=True):
                return
            if self._ids[self._at] not in self._shown:
                del self._ids[self._at]
                self._at -= 1
                self._count -= 1

    def _shows(self, look: _Look, *, only_fitting: bool = False) -> bool:
        """Shows the one that it has come to; False where that is not seen any more, or does not fit."""
        id_ = self._ids[self._at]
        shown = look.at(id_)
        if shown is None or (only_fitting and not shown.fits):
            return False
        self.current = shown
        self._shown.add(id_)
        number = shown.complaint.number
        if number in self.marks:
            self.marks[number] = shown.events
        return True

    def _reads_on(self, look: _Look) -> bool:
        """Whether there are more; those that have moved behind their own place are not shown twice."""
        known = set(self._ids)
        while True:
            found = counter.places(look.session, look.wanted, self._last, self.page)
            if not found:
                return False
            self._last = found[-1]
            new = [place.id for place in found if place.id not in known]
            if new:
                self._ids += new
                return True


@dataclass(frozen=True)
class _Look:
    """One look at the database, at a moment."""

    session: Session
    desk: Desk
    wanted: Filter

    def at(self, id_: int) -> Shown | None:
        """None for what is not seen any more, or is damaged: that is set aside."""
        with self.desk.apart(f"#{id_}"):
            found = counter.one(self.session, self.wanted, id_)
            return None if found is None else _shown(self, *found)
        return None


def _carry_out(
    desk: Desk, act: Act, seen: Mapping[str, int], earlier: Mapping[str, int]
) -> tuple[list[Done], dict[str, Before], dict[str, int], dict[str, int]]:
    """Does an act to complaints that nobody has changed since they were `seen`; as each was, and how long its chain is now.

    And those of `earlier`, the lengths that our acts before it left, since which nobody but the alerts has done anything.
    """
    before, on_top_of, after = dict[str, Before](), dict[str, int](), dict[str, int]()

    def noted(case: CaseFile, directory: Directory) -> None:
        row = case.row
        assert row.id is not None
        before[row.number] = Before(row.id, directory.email(row.owner_id), directory.code(row.office_id))
        left = earlier.get(row.number)
        if left is not None and counter.done_since(case.session, row.id, left) is None:
            on_top_of[row.number] = left
        act.change(case, directory)
        after[row.number] = row.events

    found = change.done(desk, list(seen), change.unless_changed(replace(act, change=noted), seen))
    return found, before, on_top_of, after


def _shown(look: _Look, row: Complaint, fits: bool) -> Shown:
    session, directory = look.session, offices.of_complaint(look.session, row)
    complaint = view(session, directory, row, look.desk.now)
    customer = complaints.customer_of(session, row)
    if customer is not None:
        whole(row.number, customer)
    with legible(row.number):
        return Shown(
            complaint,
            CustomerView(customer.name, customer.phone, customer.account, customer.email)
            if customer is not None
            else None,
            directory.name(row.owner_id),
            _last_note(session, row),
            _last_alert(session, row),
            row.events,
            fits,
        )


def _last_note(session: Session, row: Complaint) -> Note | None:
    assert row.id is not None
    event = counter.last_of_kinds(session, row.id, [kind.value for kind in _SAID])
    if event is None:
        return None
    whole(row.number, event)
    text = str(dict(json.loads(event.words)).get("note", "")) if event.words is not None else ""
    return Note(event.happened_at, EventKind(event.kind), event.actor, text)


def _last_alert(session: Session, row: Complaint) -> Alerted | None:
    assert row.id is not None
    raised = [
        alert
        for alert, _ in alerts.of_complaint(session, row.id)
        if alert.generation == row.generation and alert.state not in _UNTOLD
    ]
    if not raised:
        return None
    for alert in raised:
        whole(row.number, alert)
    last = raised[-1]
    same = [one for one in raised if (one.stage, one.occurrence) == (last.stage, last.occurrence)]
    return Alerted(
        last.stage, last.occurrence, last.stage_at, tuple((one.recipient, one.state) for one in same)
    )


def _way_back(done: Stroke, reason: str) -> Act:
    """Raises NotPossible (`not-taken-back`)."""
    if done.kind is EventKind.CLOSED:
        return change.reopen(reason)
    if done.kind is EventKind.ASSIGNED:
        return Act(lambda case, directory: _give_back(case, directory, done.before[case.row.number].owner))
    if done.kind is EventKind.TRANSFERRED:

        def return_it(case: CaseFile, directory: Directory) -> None:
            before = done.before[case.row.number]
            change.transfer(before.office, reason).change(case, directory)
            if before.owner is not None:
                _give_back(case, directory, before.owner)

        return Act(return_it)
    raise NotPossible("not-taken-back", kind=done.kind, numbers=list(done.after))


def _give_back(case: CaseFile, directory: Directory, owner: str | None) -> None:
    case.require_open()
    change.give(case, directory, person_called(directory, owner).id if owner is not None else None)
