"""Whatever happens in whatever order, nothing that is owed is lost, and nobody is told old news: played on values."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from complaint_sla.core import handover, owed
from complaint_sla.core.calendars import local_day, midnight
from complaint_sla.core.complaints import State, Status
from complaint_sla.core.deadlines import deadline
from complaint_sla.core.doubt import DRIFT, is_ahead
from complaint_sla.core.healing import healed, is_settled_ahead, rightly_settled
from complaint_sla.core.owed import AlertState, Change, Present, Row
from complaint_sla.core.roster import Office, Person, Role, Roster, is_nobody
from complaint_sla.core.rulebook import Facts
from complaint_sla.core.timeline import Timeline
from tests.core.books import BANGKOK, SHIPPED, at, book

# A stage that speaks to the owner only, and to the supervisor where there is none: the shipped book has none.
NUDGE = """
[[stage]]
key = "nudge"
th = "เตือนผู้รับผิดชอบ"
en = "Nudge"
days_before = 3
at = "08:00"
to = ["owner"]
"""
BOOK = book(SHIPPED.read_text("utf-8").replace("# --- Customer groups", NUDGE + "# --- Customer groups", 1))
OFFICES = {code: Office(code, up) for code, up in (("AREA", None), ("MAIN", "AREA"), ("BRANCH", "MAIN"))}
GROUPS = ("residential", "industrial-commercial", "key-account", "spp-area")
OWED = (AlertState.WAITING, AlertState.UNALERTABLE)
LIVE = (*OWED, AlertState.SENT)
JUMPS = (
    *(timedelta(minutes=1), timedelta(hours=7), timedelta(hours=25), timedelta(days=3)),
    *(timedelta(days=7), timedelta(days=24), timedelta(days=40)),
)
PLACES = {stage.key: place for place, stage in enumerate(BOOK.stages)}
PICK = st.integers(0, 9)
OFFICE = st.sampled_from(tuple(OFFICES))


@dataclass
class Complaint:
    id: int
    facts: Facts
    state: State
    timeline: Timeline
    office: str
    owner: str | None
    # Up to when each generation has been settled.
    settled: dict[int, datetime | None] = field(default_factory=dict)
    # The first generation that had been missed when it gave way.
    missed: int | None = None
    # (generation, stage, occurrence) → the occurrence that stands for it and its moment, for each that has been raised.
    said: dict[tuple[int, str, int], tuple[int, datetime]] = field(default_factory=dict)
    # The `alerts` events: when, and their data.
    events: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def through(self) -> datetime | None:
        return self.settled.get(self.state.generation)

    def is_early(self, row: Row) -> bool:
        """Had gone out, or failed to, before the clock was set back beyond its moment: it waits for its own time."""
        through = self.settled.get(row.generation)
        return through is not None and row.stage_at > through


@dataclass
class Letter:
    recipient: str
    state: str = "waiting"
    members: frozenset[int] = frozenset()


def position(row: Row) -> tuple[int, datetime, int]:
    """Where a row stands in the timelines: of two stages at one moment, the later one in the book is the later."""
    return row.generation, row.stage_at, PLACES.get(row.stage, -1)


def rank(row: Row) -> tuple[bool, tuple[int, datetime, int]]:
    """What is told rather than something else: no stage gives way to a handing-over."""
    return row.is_of_timeline, position(row)


class Ledger(RuleBasedStateMachine):
    """The storeys above in miniature: rows in a dictionary, letters in another, and whatever the core says is done."""

    def __init__(self) -> None:
        super().__init__()
        self.now = at("2017-03-05T10:00")
        self.complaints: list[Complaint] = []
        self.people: dict[str, Person] = {}
        self.rows: dict[int, Row] = {}
        self.ids = itertools.count(1)
        self.letters: dict[int, Letter] = {}
        # What is tried again waits for its old recipient, be it one who has retired, until the next sweep.
        self.retried = False
        # Refused for good after the end: a reopening gives that to nobody.
        self.in_vain: set[int | None] = set()

    # --- what work and store do

    @property
    def roster(self) -> Roster:
        return Roster(OFFICES, self.people)

    def present(self, one: Complaint) -> Present:
        roster, today = self.roster, local_day(self.now, BANGKOK)
        return Present(
            complaint_id=one.id,
            generation=one.state.generation,
            urgent=one.facts.urgent,
            now=self.now,
            choose=lambda roles, without: roster.chosen(roles, one.office, one.owner, today, without),
        )

    def seen(self, row: Row) -> Row:
        """A row as it is read: with what its complaint and its letter say of it."""
        one = self.complaints[row.complaint_id]
        going = row.message_id is not None and self.letters[row.message_id].state != "waiting"
        runs = owed.runs(one.state.status, one.state.generation, one.missed, row.generation)
        return replace(row, runs=runs, handed_over=going)

    def read(self, rows: Iterable[Row]) -> list[Row]:
        return sorted(map(self.seen, rows), key=lambda row: (row.generation, row.stage_at, row.id))

    def of(self, one: Complaint) -> list[Row]:
        return self.read(row for row in self.rows.values() if row.complaint_id == one.id)

    def members(self, id_: int) -> list[Row]:
        return self.read(row for row in self.rows.values() if row.message_id == id_)

    def dissolve(self, ids: Collection[int]) -> None:
        for id_ in ids:
            assert self.letters[id_].state != "sending", "a letter that goes out is not broken up"
            if self.letters[id_].state == "waiting":
                self.letters[id_].state = "dissolved"
                self.write(owed.freed(self.members(id_)))

    def write(self, change: Change, one: Complaint | None = None) -> None:
        self.dissolve(change.broken)
        for row in change.gone:
            assert row.state != AlertState.SENT, "what was sent stays"
            del self.rows[row.id or 0]
        for was, row in change.moved:
            assert was.id == row.id is not None
            if self.rows[row.id].state == was.state:
                self.rows[row.id] = replace(row, runs=True, handed_over=False)
        keys = {self.key(row): row for row in self.rows.values()}
        for row in change.new:
            if self.key(row) in keys:
                # A clock that ran ahead had it sent.
                assert any("healed" in said for _, said in self.complaints[row.complaint_id].events)
                continue
            keys[self.key(row)] = row
            id_ = next(self.ids)
            self.rows[id_] = replace(row, id=id_)
        if one is not None and change.said is not None:
            one.events.append((self.now, change.said))
            self.listen(one, change.said)

    def listen(self, one: Complaint, event: Mapping[str, Any]) -> None:
        for said in (event["raised"], *event["superseded"]) if "raised" in event else ():
            for back in range(said["stands_for"]):
                key = (one.state.generation, said["stage"], said["occurrence"] - back)
                assert key not in one.said, "raised twice"
                one.said[key] = said["occurrence"], datetime.fromisoformat(said["stage_at"])

    @staticmethod
    def key(row: Row) -> tuple[object, ...]:
        return row.complaint_id, row.generation, row.stage, row.occurrence, row.recipient

    def settle(self, one: Complaint, fate: AlertState = AlertState.WAITING) -> None:
        was_ahead = is_settled_ahead(one.through, self.now)
        if was_ahead:
            self.heal(one)
        settlement = one.timeline.settle(one.through, self.now)
        one.settled[one.state.generation] = max(self.now, one.through or self.now)
        unheard = [row for row in self.of(one) if row.state == AlertState.UNALERTABLE]
        self.write(owed.raised(self.present(one), settlement, unheard, fate), one)
        if was_ahead:
            self.redirect(one)

    def heal(self, one: Complaint) -> None:
        generation = one.state.generation
        mine = ((at, said) for at, said in one.events if said["generation"] == generation)
        through = rightly_settled(mine, self.now)
        going = {id_ for id_, letter in self.letters.items() if letter.state == "sending"}
        rows = [replace(row, handed_over=row.message_id in going) for row in self.of(one)]
        self.write(healed(self.present(one), rows, through), one)
        one.settled[generation] = through
        one.said = {
            key: (by, moment)
            for key, (by, moment) in one.said.items()
            if key[0] != generation or (through is not None and moment <= through)
        }

    def redirect(self, one: Complaint, failed: Collection[int] = ()) -> None:
        self.write(owed.redirected(self.present(one), self.of(one), failed))

    def hand_over(self, one: Complaint, role: str, by: str) -> None:
        self.write(handover.overtaken(self.of(one), role))
        self.redirect(one)
        pressing = handover.is_pressing(
            urgent=one.facts.urgent,
            breached_at=one.state.breached_at,
            due_at=one.state.due_at,
            now=self.now,
        )
        self.write(handover.told(self.present(one), self.of(one), role, pressing=pressing, by=by))

    def follow(self, recipient: str) -> None:
        for one in self.complaints:
            if any(row.recipient == recipient and row.state in OWED for row in self.rows.values()):
                self.redirect(one)

    def is_filled(self, recipient: str) -> bool:
        role, _, office = recipient.partition(":")[2].partition("@")
        found = self.roster.recipients(role, office, None, local_day(self.now, BANGKOK))
        return not any(map(is_nobody, found))

    def fill_posts(self) -> None:
        unheard = {row.recipient for row in self.rows.values() if row.state == AlertState.UNALERTABLE}
        for recipient in sorted(filter(self.is_filled, unheard)):
            self.follow(recipient)
        for person in sorted(self.people.values(), key=lambda one: one.email):
            if person.retired:
                self.follow(person.email)
        for person, back_at in self.returned():
            stood_in = self.roster.hearing_for(person.email, local_day(back_at, BANGKOK) - timedelta(days=1))
            for one in self.complaints:
                if any(
                    row.recipient in stood_in and row.state == AlertState.WAITING and row.raised_at < back_at
                    for row in self.of(one)
                ):
                    self.redirect(one)
        self.retried = False

    def returned(self) -> list[tuple[Person, datetime]]:
        """Who is back from an absence, with its end."""
        today = local_day(self.now, BANGKOK)
        return [
            (one, midnight(one.away_until + timedelta(days=1), BANGKOK))
            for one in self.people.values()
            if one.away_until is not None and one.away_until < today and not one.retired
        ]

    def end_timeline(self, one: Complaint) -> None:
        self.settle(one, AlertState.DROPPED)
        self.write(owed.ended(self.of(one)))

    # --- what people do

    def any(self, pick: int) -> Complaint:
        return self.complaints[pick % len(self.complaints)]

    def somebody(self, pick: int) -> Person:
        return self.people[sorted(self.people)[pick % len(self.people)]]

    def changed(self, person: Person) -> None:
        self.people[person.email] = person
        self.follow(person.email)
        self.fill_posts()

    @initialize()
    def begin(self) -> None:
        for number, (role, office) in enumerate(
            [(Role.SUPERVISOR, "BRANCH"), (Role.MANAGER, "MAIN"), (Role.SUPERVISOR, "AREA")]
        ):
            self.people[f"p{number}"] = Person(f"p{number}", office, role)
        self.log("residential", False, "BRANCH", 10, 0)
        self.log("key-account", False, "MAIN", 10, None)

    @rule(
        group=st.sampled_from(GROUPS),
        urgent=st.booleans(),
        office=OFFICE,
        ago=st.sampled_from([0, 1, 10, 26, 40]),
        owner=st.none() | PICK,
    )
    def log(self, group: str, urgent: bool, office: str, ago: int, owner: int | None) -> None:
        if len(self.complaints) == 4:
            return
        facts = Facts(self.now - timedelta(days=ago, hours=3), group, urgent, "phone", "outage")
        due = deadline(BOOK, facts)
        state = State.begin(facts.received_at, due.rule.key, due.due_at)
        line = Timeline(BOOK, due.rule.key, due.rule.days, facts.received_at, due.due_on)
        email = self.somebody(owner).email if owner is not None else None
        self.complaints.append(Complaint(len(self.complaints), facts, state, line, office, email))

    @rule(pick=PICK)
    def end(self, pick: int) -> None:
        one = self.any(pick)
        if one.state.status is Status.OPEN:
            self.end_timeline(one)
            one.state = one.state.ended(Status.CLOSED, max(self.now, one.state.changed_at))

    @rule(pick=PICK)
    def reopen(self, pick: int) -> None:
        one = self.any(pick)
        if one.state.status is not Status.OPEN:
            one.state = one.state.reopened(max(self.now, one.state.changed_at))
            self.settle(one)
            before = self.of(one)
            change = owed.resumed(self.present(one), before)
            given_back = {now.recipient: now for _, now in change.moved}
            for row in before:
                # The newest that was dropped, and nothing where something newer is owed or went out.
                back = given_back.get(row.recipient)
                if back is not None and row.runs and rank(row) > rank(back):
                    is_early = row.state == AlertState.SENT and is_ahead(row.stage_at, self.now)
                    assert row.state == AlertState.SUPERSEDED or is_early
            if change.moved:
                self.write(change)
                self.redirect(one)

    @rule(pick=PICK, group=st.sampled_from(GROUPS), urgent=st.booleans())
    def reclassify(self, pick: int, group: str, urgent: bool) -> None:
        one = self.any(pick)
        facts = replace(one.facts, group=group, urgent=urgent)
        due = deadline(BOOK, facts)
        moment = max(self.now, one.state.changed_at)
        renewed = one.state.reclassified(due.rule.key, due.due_at, moment)
        if one.state.status is Status.OPEN and renewed.generation != one.state.generation:
            before = [
                row for row in self.of(one) if row.runs and row.state in OWED and self.is_right(row, one)
            ]
            if one.state.is_late(moment):
                self.settle(one)
                self.nothing_is_taken_back(before)
            else:
                self.end_timeline(one)
            if one.missed is None and one.state.due_at <= moment:
                one.missed = one.state.generation
            one.facts, one.state = facts, renewed
            one.timeline = Timeline(BOOK, due.rule.key, due.rule.days, facts.received_at, due.due_on)

    def is_right(self, row: Row, one: Complaint) -> bool:
        """Not of a clock that ran ahead: of the present deadline that is taken back, and raised anew in its own time."""
        return row.generation < one.state.generation or max(row.raised_at, row.stage_at) <= self.now

    def nothing_is_taken_back(self, before: list[Row]) -> None:
        """What was owed of a deadline that had passed is owed after a change of deadline, or a role is owed a later stage."""
        rows = {self.key(row): row for row in self.rows.values()}
        for row in before:
            now = rows[self.key(row)]
            later = [other for other in self.rows.values() if other.complaint_id == row.complaint_id]
            assert now.state == row.state or (
                is_nobody(row.recipient)
                and any(
                    other.recipient == row.recipient
                    and other.state == AlertState.UNALERTABLE
                    and rank(other) > rank(row)
                    for other in later
                )
            )

    @rule(pick=PICK, office=OFFICE, by=PICK)
    def transfer(self, pick: int, office: str, by: int) -> None:
        one = self.any(pick)
        if one.state.status is Status.OPEN and one.office != office:
            one.office, one.owner = office, None
            self.hand_over(one, Role.SUPERVISOR, self.somebody(by).email)

    @rule(pick=PICK, owner=PICK, by=PICK)
    def assign(self, pick: int, owner: int, by: int) -> None:
        one, person = self.any(pick), self.somebody(owner)
        if one.state.status is Status.OPEN and not person.retired:
            one.owner = person.email
            self.hand_over(one, "owner", self.somebody(by).email)

    @rule(role=st.sampled_from(Role), office=OFFICE)
    def hire(self, role: Role, office: str) -> None:
        if len(self.people) < 6:
            email = f"p{len(self.people)}"
            self.people[email] = Person(email, office, role)
            self.fill_posts()

    @rule(who=PICK, role=st.sampled_from(Role), office=OFFICE)
    def move(self, who: int, role: Role, office: str) -> None:
        self.changed(Person(self.somebody(who).email, office, role))

    @rule(who=PICK, deputy=PICK, days=st.integers(0, 30))
    def go_away(self, who: int, deputy: int, days: int) -> None:
        until = local_day(self.now, BANGKOK) + timedelta(days=days)
        person, other = self.somebody(who), self.somebody(deputy)
        if person != other:
            self.changed(replace(person, away_until=until, deputy=other.email))

    @rule(who=PICK, heir=st.none() | PICK)
    def retire(self, who: int, heir: int | None) -> None:
        gone = self.somebody(who)
        self.people[gone.email] = replace(gone, retired=True)
        for one in self.complaints:
            if one.owner == gone.email and one.state.status is Status.OPEN:
                one.owner = self.somebody(heir).email if heir is not None else None
                self.redirect(one)
        self.changed(self.people[gone.email])

    # --- what the service does

    @rule(jump=st.sampled_from(JUMPS), back=st.sampled_from([False] * 7 + [True]))
    def time_passes(self, jump: timedelta, back: bool) -> None:
        self.now += -jump if back else jump

    @rule()
    def sweep(self) -> None:
        self.fill_posts()
        for one in self.complaints:
            if one.state.status is Status.OPEN:
                self.settle(one)
        for row in self.rows.values():
            if row.state == AlertState.UNALERTABLE and self.is_filled(row.recipient):
                # Only whoever could not be reached with this very stage, nor with a later one, is still passed over.
                of = self.key(row)[:-1]
                assert any(
                    self.key(other)[:-1] == of and other.state == AlertState.FAILED
                    for other in self.rows.values()
                )
                one = self.complaints[row.complaint_id]
                assert not all(
                    any(
                        (other.recipient, other.state) == (who, AlertState.SENT)
                        and other.is_of_timeline
                        and self.now >= other.stage_at
                        and position(other) > position(row)
                        for other in self.of(one)
                    )
                    for who in self.present(one).choose(row.roles, ())
                )
        self.nobody_stands_in_any_more()

    def nobody_stands_in_any_more(self) -> None:
        """What was raised during an absence that is over waits for nobody whom it is not meant for now."""
        for person, back_at in self.returned():
            stood_in = self.roster.hearing_for(person.email, local_day(back_at, BANGKOK) - timedelta(days=1))
            for row in map(self.seen, self.rows.values()):
                if row.recipient in stood_in and row.raised_at < back_at and row.state == AlertState.WAITING:
                    failed = {
                        other.recipient
                        for other in self.rows.values()
                        if self.key(other)[:-1] == self.key(row)[:-1] and other.state == AlertState.FAILED
                    }
                    meant = self.present(self.complaints[row.complaint_id]).choose(row.roles, failed)
                    assert row.handed_over or row.recipient in meant

    @rule(jump=st.sampled_from(JUMPS[2:6]))
    def time_passes_and_is_swept(self, jump: timedelta) -> None:
        self.now += jump
        self.sweep()

    def told(self, recipient: str) -> dict[int, tuple[int, datetime]]:
        told: dict[int, tuple[int, datetime]] = {}
        for row in self.read(self.rows.values()):
            is_heard = row.is_of_timeline and row.stage_at <= self.now + DRIFT
            if row.recipient == recipient and row.state == AlertState.SENT and is_heard:
                told[row.complaint_id] = (row.generation, row.stage_at)
        return told

    def waiting_for(self, recipient: str) -> list[Row]:
        mine = (row for row in self.rows.values() if row.recipient == recipient and row.message_id is None)
        return self.read(row for row in mine if row.state == AlertState.WAITING)

    @rule()
    def gather(self) -> None:
        for recipient in sorted(self.people):
            if self.waiting_for(recipient):
                mine = [id_ for id_, one in self.letters.items() if one.recipient == recipient]
                self.dissolve([id_ for id_ in mine if self.letters[id_].state == "waiting"])
                members, change = owed.for_letter(self.waiting_for(recipient), self.told(recipient))
                self.write(change)
                if handover.makes_letter(members, self.now):
                    id_ = len(self.letters) + 1
                    self.letters[id_] = Letter(recipient)
                    self.write(owed.gathered(members, id_))

    @rule()
    def gather_after_a_sweep(self) -> None:
        self.sweep()
        self.gather()

    @precondition(lambda self: any(one.state == "waiting" for one in self.letters.values()))
    @rule(pick=PICK)
    def a_letter_goes_out(self, pick: int) -> None:
        waiting = [id_ for id_, one in self.letters.items() if one.state == "waiting"]
        id_ = waiting[pick % len(waiting)]
        letter = self.letters[id_]
        told = self.told(letter.recipient)
        members, change = owed.for_letter(self.members(id_), told)
        self.write(change)
        if not handover.makes_letter(members, self.now):
            self.dissolve([id_])
            return
        letter.state, letter.members = "sending", frozenset(row.id or 0 for row in members)
        for row in members:
            assert row.runs
            this = (row.generation, row.stage_at)
            assert not row.is_of_timeline or told.get(row.complaint_id, this) <= this, "old news"

    @precondition(lambda self: any(one.state == "sending" for one in self.letters.values()))
    @rule(
        pick=PICK,
        answer=st.sampled_from(["accepted", "accepted", "no-address", "refused", "later", "too long"]),
    )
    def an_answer_comes(self, pick: int, answer: str) -> None:
        """`too long`: it is refused for now, and has been tried for a day: the next in line is to hear of it."""
        sending = [id_ for id_, one in self.letters.items() if one.state == "sending"]
        id_ = sending[pick % len(sending)]
        letter, members = self.letters[id_], self.members(id_)
        if answer == "accepted":
            letter.state = "sent"
            self.write(owed.answered(members, AlertState.SENT))
            return
        if answer in ("no-address", "refused"):
            letter.state = "failed"
            self.write(owed.answered(members, AlertState.FAILED))
            self.in_vain.update(row.id for row in members if not row.runs)
            if answer == "no-address":
                self.people[letter.recipient] = replace(self.people[letter.recipient], unreachable=True)
                self.follow(letter.recipient)
        else:
            letter.state = "waiting"
            members = self.members(id_)
            self.write(owed.outlived(members))
            for one in self.complaints:
                mine = [row for row in members if row.complaint_id == one.id]
                if mine and owed.is_misplaced(self.present(one), mine):
                    self.redirect(one)
            if answer == "later":
                return
            members = self.members(id_)
            self.write(owed.answered(members, AlertState.FAILED))
        for one in self.complaints:
            failed = {row.id or 0 for row in members if row.complaint_id == one.id}
            if failed:
                self.redirect(one, failed)

    @rule()
    def retry(self) -> None:
        self.retried = True
        for id_, one in self.letters.items():
            if one.state == "failed":
                one.state = "dissolved"
                self.write(owed.given_up(self.members(id_)))
                for complaint in self.complaints:
                    rows = self.of(complaint)
                    self.write(owed.forgiven(self.present(complaint), rows, one.recipient), complaint)

    # --- what must hold

    @invariant()
    def every_passed_stage_is_accounted_for_once(self) -> None:
        for one in self.complaints:
            mine = [
                row
                for row in self.rows.values()
                if row.complaint_id == one.id and row.is_of_timeline and not one.is_early(row)
            ]
            stands_for = {(row.generation, row.stage, row.occurrence): row.stands_for for row in mine}
            by_rows = {(g, s, n - back) for (g, s, n), many in stands_for.items() for back in range(many)}
            assert by_rows == set(one.said)
            if one.through is not None:
                passed = one.timeline.settle(None, one.through).passed
                expected = Counter({entry.stage.key: entry.stands_for for entry in passed})
                here = Counter(stage for g, stage, _ in one.said if g == one.state.generation)
                assert here == expected

    @invariant()
    def whoever_it_was_owed_to_has_it_or_a_later_one(self) -> None:
        roles_of = {stage.key: stage.roles for stage in BOOK.stages}
        for one in self.complaints:
            rows = self.of(one) if one.state.status is Status.OPEN else []
            # However often the deadline has changed since it was missed.
            rows = [row for row in rows if row.runs and row.is_of_timeline]
            # Of those that others stand for there is at most what a clock that ran ahead has had sent.
            for generation, stage, occurrence in [key for key, (by, _) in one.said.items() if key[2] == by]:
                this = (generation, stage, occurrence)
                members = [row for row in rows if (row.generation, row.stage, row.occurrence) == this]
                if not members:
                    assert not owed.runs(one.state.status, one.state.generation, one.missed, generation)
                    continue
                for role in set(roles_of[stage]) - {"owner"} or {"owner"}:
                    # What only an owner was to hear, the supervisor has heard where there was none.
                    meant = [row for row in members if role in (*row.roles, "owner")]
                    assert meant, (stage, role)
                    # Of a later stage the same is asked, so that the line ends with somebody who has it.
                    assert any(
                        row.state in LIVE or row.id in self.in_vain or self.has_later(rows, row)
                        for row in meant
                    ), (stage, role)

    def has_later(self, rows: list[Row], this: Row) -> bool:
        return any(row.recipient == this.recipient and position(row) > position(this) for row in rows)

    @invariant()
    def each_row_is_in_a_state_that_its_recipient_can_be_in(self) -> None:
        for row in map(self.seen, self.rows.values()):
            assert owed.can_be(row.state, row.recipient)
            assert row.state != AlertState.UNALERTABLE or is_nobody(row.recipient)
            assert row.runs or not owed.may_change(row.state, row.handed_over), "nothing that has ended waits"
            if row.state == AlertState.WAITING and not row.handed_over and not self.retried:
                assert not self.people[row.recipient].retired

    @invariant()
    def a_letter_holds_one_stage_of_a_complaint_and_keeps_it_while_it_goes_out(self) -> None:
        for id_, letter in self.letters.items():
            members = self.members(id_) if letter.state in ("waiting", "sending") else []
            assert len({row.complaint_id for row in members}) == len(members)
            assert {row.recipient for row in members} <= {letter.recipient}
            if letter.state == "sending":
                assert {row.id for row in members} == letter.members


def test_nothing_that_is_owed_is_lost_and_nobody_is_told_old_news() -> None:
    many = settings.default.max_examples // 2
    run_state_machine_as_test(Ledger, settings=settings(max_examples=many, stateful_step_count=50))
