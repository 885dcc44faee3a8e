"""Whatever happens in whatever order, every stage that passes is accounted for once, and somebody has it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from complaint_sla.core.errors import NotPossible
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.store import offices as people
from complaint_sla.store.tables import Alert, Complaint
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.correct import correct
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.outbox import Claim
from tests.conftest import Databases
from tests.work.desks import (
    DOMAIN,
    NUDGE_STAGE,
    STAGES,
    House,
    accounted_by_events,
    accounted_by_rows,
    entries,
    of_stages,
    shipped_with_nudge,
    verify_chains,
)
from tests.work.findings import findings

ALL_STAGES = (*STAGES, NUDGE_STAGE)
OFFICES = ("MAIN", "AREA", "BRANCH")
UP = {"BRANCH": ("BRANCH", "MAIN", "AREA"), "MAIN": ("MAIN", "AREA"), "AREA": ("AREA",)}
GROUPS = ("residential", "industrial-commercial", "key-account", "spp-area")
LIVE = ("waiting", "sent", "unalertable")
OWED = ("waiting", "unalertable")
JUMPS = (
    *(timedelta(minutes=1), timedelta(hours=7), timedelta(hours=25), timedelta(days=3)),
    *(timedelta(days=7), timedelta(days=24), timedelta(days=40)),
)


class Bureau(RuleBasedStateMachine):
    """Commands, sweeps and deliveries at random. What should have come of them is worked out from outside."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.house = House(self.databases.migrated(), shelf=shipped_with_nudge())
        self.house.store.engine.dispose()
        offices.add_office(self.house.desk, "AREA", "ก", "Area")
        offices.set_office(self.house.desk, "MAIN", parent="AREA")
        offices.add_office(self.house.desk, "BRANCH", "ข", "Branch", "MAIN")
        self.numbers: list[str] = []
        self.people: list[str] = []
        # Up to when each generation of each complaint has been settled.
        self.through: dict[tuple[str, int], datetime] = {}
        # The first generation of each complaint that had been missed when it gave way to another.
        self.missed: dict[str, int] = {}
        self.claims: list[Claim] = []
        self.going: dict[int, set[int]] = {}
        self.refused = False
        self.latest = self.house.clock.at
        self.deputies: set[str] = set()
        # Something to work with from the start, or most of a play is spent before the curtain rises.
        for role, office in ((Role.SUPERVISOR, "BRANCH"), (Role.MANAGER, "MAIN"), (Role.SUPERVISOR, "AREA")):
            self.hire(role, office)
        self.log("residential", False, "BRANCH", 10, 0)
        self.log("key-account", False, "MAIN", 10, None)

    def teardown(self) -> None:
        verify_chains(self.house.store)
        # What the clock dated before it was set back is still to come by it.
        self.house.clock.at = self.latest
        assert findings(self.house) == []
        self.house.close()

    # --- what people do

    def _any(self, pick: int) -> str:
        return self.numbers[pick % len(self.numbers)]

    def _somebody(self, pick: int) -> str:
        return self.people[pick % len(self.people)]

    def _settled(self, number: str, generation: int | None = None) -> None:
        """As far as the clock; one that was set back by more than clocks differ takes up what lies ahead of it again."""
        key = (number, generation or self.house.complaint(number).generation)
        now, before = self.house.clock.at, self.through.get(key)
        is_back = before is None or before > now + timedelta(minutes=5)
        self.through[key] = now if is_back else max(now, before)  # type: ignore[type-var]

    @rule(
        group=st.sampled_from(GROUPS),
        urgent=st.booleans(),
        office=st.sampled_from(OFFICES),
        ago=st.sampled_from([0, 1, 10, 26, 40]),
        owner=st.none() | st.integers(0, 9),
    )
    def log(self, group: str, urgent: bool, office: str, ago: int, owner: int | None) -> None:
        if len(self.numbers) == 4:
            return
        active = [one.email for one in offices.list_staff(self.house.desk)]
        self.numbers.append(
            self.house.log(
                group,
                urgent=urgent,
                office=office,
                received_at=self.house.clock.at - timedelta(days=ago, hours=3),
                owner=active[owner % len(active)] if owner is not None and active else None,
            )
        )

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), how=st.sampled_from(["close", "withdraw"]))
    def end(self, pick: int, how: str) -> None:
        number = self._any(pick)
        was_open = self.house.complaint(number).status == "open"
        with suppress(NotPossible):
            if how == "close":
                self.house.shut(number)
            else:
                change.do(self.house.desk, number, change.withdraw("took it back"))
        if was_open:
            self._settled(number)

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9))
    def reopen(self, pick: int) -> None:
        number = self._any(pick)
        if self.house.complaint(number).status != "open":
            change.do(self.house.desk, number, change.reopen("not solved"))
            self._settled(number)

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), group=st.sampled_from(GROUPS), urgent=st.booleans())
    def reclassify(self, pick: int, group: str, urgent: bool) -> None:
        number = self._any(pick)
        before = self.house.complaint(number)
        owed = [
            one
            for one in self.house.rows(number)
            if one.state in OWED and self._is_right(one, before.generation)
        ]
        with suppress(NotPossible):
            change.do(self.house.desk, number, change.reclassify("wrong group", group=group, urgent=urgent))
        if self.house.complaint(number).generation != before.generation:
            self._settled(number, before.generation)
            if before.due_at <= max(self.house.clock.at, before.changed_at):
                self.missed.setdefault(number, before.generation)
            if number in self.missed:
                self._nothing_is_taken_back(number, owed)

    @precondition(lambda self: self.numbers)
    @rule(
        pick=st.integers(0, 9),
        given=st.dictionaries(
            st.sampled_from(["subject", "customer", "phone", "channel"]), st.integers(0, 2), min_size=1
        ),
    )
    def correct(self, pick: int, given: dict[str, int]) -> None:
        """What it says is otherwise; what is owed, to whom and when, is not."""
        values = {
            "subject": ("ไฟดับ", "ไฟตก", "x"),
            "customer": ("", "สมชาย", "สมหญิง"),
            "phone": ("", "0812345678", "0812345679"),
            "channel": ("phone", "line", "letter"),
        }
        number = self._any(pick)
        before = [(one.id, one.state, one.stage_at) for one in self.house.rows(number)]
        stood = self.house.complaint(number)
        with suppress(NotPossible):
            correct(self.house.desk, number, {name: values[name][at] for name, at in given.items()})
        now = self.house.complaint(number)
        assert before == [(one.id, one.state, one.stage_at) for one in self.house.rows(number)]
        assert (stood.due_at, stood.next_alert_at, stood.status, stood.changed_at) == (
            *(now.due_at, now.next_alert_at, now.status, now.changed_at),
        )

    def _is_right(self, one: Alert, present: int) -> bool:
        """Not of a clock that ran ahead: of the present deadline that is taken back, and raised anew in its own time."""
        return one.generation < present or max(one.raised_at, one.stage_at) <= self.house.clock.at

    @staticmethod
    def _rank(one: Alert) -> tuple[bool, int, datetime]:
        """What is told rather than something else: no stage gives way to a handing-over."""
        return one.stage != "handed-over", one.generation, one.stage_at

    def _nothing_is_taken_back(self, number: str, owed: list[Alert]) -> None:
        """What was owed of a missed deadline still is; an empty role is owed the latest only."""

        def key(one: Alert) -> tuple[int, str, int, str]:
            return one.generation, one.stage, one.occurrence, one.recipient

        rows = {key(one): one for one in self.house.rows(number)}
        for one in owed:
            assert rows[key(one)].state == one.state or any(
                (other.recipient, other.state) == (one.recipient, "unalertable")
                and self._rank(other) >= self._rank(one)
                for other in rows.values()
            )

    def _is_alive(self, row: Complaint, generation: int) -> bool:
        """Whether what is owed of a generation still is."""
        return row.status == "open" and generation >= self.missed.get(row.number, row.generation)

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), office=st.sampled_from(OFFICES))
    def transfer(self, pick: int, office: str) -> None:
        with suppress(NotPossible):
            change.do(self.house.desk, self._any(pick), change.transfer(office, "theirs"))

    @precondition(lambda self: self.numbers and self.people)
    @rule(pick=st.integers(0, 9), who=st.integers(0, 9))
    def assign(self, pick: int, who: int) -> None:
        active = [one.email for one in offices.list_staff(self.house.desk)]
        if active:
            with suppress(NotPossible):
                change.do(self.house.desk, self._any(pick), change.assign(active[who % len(active)]))

    @rule(role=st.sampled_from(Role), office=st.sampled_from(OFFICES))
    def hire(self, role: Role, office: str) -> None:
        if len(self.people) < 6:
            self.people.append(self.house.hire(f"p{len(self.people)}", role, office))

    @precondition(lambda self: self.people)
    @rule(who=st.integers(0, 9), to=st.integers(0, 9))
    def retire(self, who: int, to: int) -> None:
        active = [one.email for one in offices.list_staff(self.house.desk)]
        if len(active) > 1:
            with suppress(NotPossible):
                offices.retire(self.house.desk, active[who % len(active)], active[to % len(active)])

    @precondition(lambda self: self.people)
    @rule(who=st.integers(0, 9), deputy=st.integers(0, 9), days=st.integers(0, 30))
    def go_away(self, who: int, deputy: int, days: int) -> None:
        active = [one.email for one in offices.list_staff(self.house.desk)]
        if len(active) > 1:
            with suppress(NotPossible):
                until = self.house.desk.today + timedelta(days=days)
                self.deputies.add(active[deputy % len(active)])
                offices.away(self.house.desk, active[who % len(active)], until, active[deputy % len(active)])

    @precondition(lambda self: self.people)
    @rule(who=st.integers(0, 9), role=st.sampled_from(Role), office=st.sampled_from(OFFICES))
    def move(self, who: int, role: Role, office: str) -> None:
        offices.set_staff(
            self.house.desk, self._somebody(who), role=role, office=office, back=True, reachable=True
        )

    # --- what the service does

    @rule()
    def sweep(self) -> None:
        self.house.sweep()
        for number in self.numbers:
            if self.house.complaint(number).status == "open":
                self._settled(number)
        self._posts_are_really_empty()

    @rule(jump=st.sampled_from(JUMPS))
    def time_passes(self, jump: timedelta) -> None:
        self.house.later(seconds=jump.total_seconds())
        self.latest = max(self.latest, self.house.clock.at)

    @rule(jump=st.sampled_from(JUMPS[2:6]))
    def time_passes_and_is_swept(self, jump: timedelta) -> None:
        self.time_passes(jump)
        self.sweep()

    @rule(jump=st.sampled_from(JUMPS[:5]))
    def the_clock_is_set_back(self, jump: timedelta) -> None:
        self.house.later(seconds=-jump.total_seconds())

    @rule()
    def gather(self) -> None:
        outbox.gather(self.house.desk, DOMAIN)

    @rule(most=st.integers(1, 3))
    def claim(self, most: int) -> None:
        self.claims += outbox.claim(self.house.desk, most)

    @precondition(lambda self: self.claims)
    @rule(pick=st.integers(0, 9), answer=st.none() | st.sampled_from(Answer))
    def send(self, pick: int, answer: Answer | None) -> None:
        """A worker goes on with a letter it claimed some time ago, or dies with it going out (None)."""
        held = self.claims.pop(pick % len(self.claims))
        outbox.write(self.house.desk, held)
        if not outbox.begin(self.house.desk, held):
            return
        members = {one.id or 0 for one in self.house.members(held.id)}
        assert self.going.setdefault(held.id, members) == members
        if not held.perhaps_delivered:
            self._is_no_old_news(held)
        if answer is None:
            return
        self.refused |= answer in (Answer.REFUSED, Answer.LATER, Answer.UNKNOWN, Answer.TOO_LARGE)
        outbox.record(self.house.desk, held, answer, "said")
        if next(one.state for one in self.house.messages() if one.id == held.id) != "sending":
            del self.going[held.id]

    def _is_no_old_news(self, held: Claim) -> None:
        """Nobody is told an earlier stage after a later one, nor an earlier deadline's after a later deadline's."""
        members = {one.complaint_id: (one.generation, one.stage_at) for one in self.house.members(held.id)}
        for number in self.numbers:
            for one in self.house.rows(number):
                if (one.recipient, one.state) == (held.recipient, "sent") and one.complaint_id in members:
                    assert (one.generation, one.stage_at) <= members[one.complaint_id]

    @rule()
    def the_post_works(self) -> None:
        self.house.post()
        self.going = {
            one.id or 0: self.going.get(one.id or 0, {row.id or 0 for row in self.house.members(one.id)})
            for one in self.house.messages()
            if one.state == "sending"
        }

    @rule()
    def retry(self) -> None:
        outbox.retry(self.house.desk, None)

    # --- what must hold

    def _generations(self) -> Iterator[tuple[Complaint, list[Alert], int]]:
        for number in self.numbers:
            row = self.house.complaint(number)
            rows = self.house.rows(number)
            for generation in range(1, row.generation + 1):
                through = self.through.get((row.number, generation))
                # What had gone out before the clock was set back beyond it waits for its own time.
                early = [one for one in rows if through is not None and one.stage_at > through]
                yield (
                    row,
                    [one for one in rows if one.generation == generation and one not in early],
                    generation,
                )

    @invariant()
    def every_passed_stage_is_accounted_for_once(self) -> None:
        for row, rows, generation in self._generations():
            by_events = accounted_by_events(self.house.events(row.number), generation)
            assert len(set(by_events)) == len(by_events)
            by_rows = accounted_by_rows(rows)
            assert len(set(by_rows)) == len(by_rows)
            assert set(by_rows) == set(by_events)
            if generation == row.generation:
                through = self.through.get((row.number, generation))
                expected = entries(row, through, ALL_STAGES) if through is not None else []
                assert Counter(by_events) == Counter((stage, many) for _, stage, many in expected)

    @invariant()
    def the_next_look_is_at_the_next_stage(self) -> None:
        for number in self.numbers:
            row = self.house.complaint(number)
            if row.status != "open":
                assert row.next_alert_at is None
                continue
            through = self.through.get((number, row.generation))
            horizon = max(through or row.received_at, row.due_at) + timedelta(days=30)
            ahead = [at for at, _, _ in entries(row, horizon, ALL_STAGES) if through is None or at > through]
            # A look that was without effect may have moved the bound further, past no stage.
            assert row.next_alert_at == min(ahead)

    @invariant()
    def whoever_it_was_owed_to_has_it_or_a_later_one(self) -> None:
        roles_of = {stage.key: stage.roles for stage in ALL_STAGES}
        for row, all_rows, generation in self._generations():
            rows = of_stages(all_rows)
            if not self._is_alive(row, generation):
                continue
            of_all = [one for one in self.house.rows(row.number) if self._is_alive(row, one.generation)]
            groups: dict[tuple[str, int], list[Alert]] = {}
            for one in rows:
                groups.setdefault((one.stage, one.occurrence), []).append(one)
            for (stage, _), members in groups.items():
                for role in roles_of[stage]:
                    if role == "owner":
                        continue
                    meant = [one for one in members if role in one.roles.split()]
                    assert meant, (stage, role)
                    # Of a later stage the same is asked, so that the line ends with somebody who has it.
                    assert any(one.state in LIVE or self._has_later(of_all, one) for one in meant), (
                        *(row.number, stage, role),
                        [(one.recipient, one.state) for one in members],
                    )

    def _has_later(self, rows: list[Alert], this: Alert) -> bool:
        """Whether its recipient has a row of a later stage, or of another at the same moment that was raised."""
        return any(
            one.recipient == this.recipient
            and (
                (one.generation, one.stage_at) > (this.generation, this.stage_at)
                or ((one.generation, one.stage_at) == (this.generation, this.stage_at) and one.state in LIVE)
            )
            for one in rows
        )

    @invariant()
    def a_role_is_owed_only_where_nobody_is(self) -> None:
        for _, rows, _ in self._generations():
            for one in rows:
                if one.state == "unalertable":
                    assert one.recipient.startswith("role:")
                if one.state in ("waiting", "sent", "failed"):
                    assert "@" in one.recipient
                    assert not one.recipient.startswith("role:")

    @invariant()
    def nothing_of_an_ended_deadline_waits(self) -> None:
        sending = {one.id for one in self.house.messages() if one.state == "sending"}
        for row, rows, generation in self._generations():
            if not self._is_alive(row, generation):
                for one in rows:
                    assert one.state not in OWED or one.message_id in sending, (one.stage, one.state)

    @invariant()
    def a_letter_that_goes_out_keeps_its_members(self) -> None:
        for id_, members in self.going.items():
            assert {one.id for one in self.house.members(id_)} == members

    @invariant()
    def no_letter_holds_two_stages_of_one_complaint(self) -> None:
        for message in self.house.messages():
            if message.state in ("waiting", "sending"):
                members = self.house.members(message.id)
                assert len({one.complaint_id for one in members}) == len(members)
                assert {one.recipient for one in members} <= {message.recipient}

    @invariant()
    def nothing_waits_for_the_retired(self) -> None:
        gone = {
            one.email
            for one in offices.list_staff(self.house.desk, retired=True)
            if one.retired_at is not None
        }
        sending = {one.id for one in self.house.messages() if one.state == "sending"}
        for _, rows, _ in self._generations():
            for one in rows:
                assert one.recipient not in gone or one.state != "waiting" or one.message_id in sending

    @invariant()
    def what_waits_is_for_people_whom_it_concerns(self) -> None:
        """The owner, somebody at the office or above it, or one who stands or stood in for them."""
        office_of = {one.email: one.office for one in offices.list_staff(self.house.desk, retired=True)}
        with self.house.store.read() as session:
            directory = people.directory(session)
        sending = {one.id for one in self.house.messages() if one.state == "sending"}
        for row, rows, generation in self._generations():
            if not self._is_alive(row, generation):
                continue
            concerned = {
                email for email, office in office_of.items() if office in UP[directory.code(row.office_id)]
            } | self.deputies
            for one in rows:
                if one.state == "waiting" and one.message_id not in sending:
                    assert one.recipient in concerned | {directory.email(row.owner_id)}

    def _posts_are_really_empty(self) -> None:
        """After a sweep a role is owed only if nobody at that office or above could have it."""
        if self.refused:
            return
        today = self.house.desk.today
        there = {
            one.office
            for one in offices.list_staff(self.house.desk)
            if one.role == "manager"
            and one.failed_at is None
            and (one.away_until or today) <= today - timedelta(1)
        } | {
            one.office
            for one in offices.list_staff(self.house.desk)
            if one.role == "manager" and one.failed_at is None and one.away_until is None
        }
        for number in self.numbers:
            for one in self.house.rows(number):
                if one.state == "unalertable":
                    office = one.recipient.partition("@")[2]
                    assert not there & set(UP[office]), (one.recipient, there)


def _play(databases: Databases, **how: object) -> None:
    machine = type("Bureau", (Bureau,), {"databases": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **how,  # type: ignore[arg-type]
        ),
    )


@pytest.mark.slow
def test_no_stage_is_lost_or_told_twice_whatever_happens(sqlite_databases: Databases) -> None:
    # Few: that work and store do what the core says. What the core says is played on values, hundreds of times.
    _play(sqlite_databases, max_examples=settings.default.max_examples // 20, stateful_step_count=35)


@pytest.mark.slow
@pytest.mark.postgresql
def test_no_stage_is_lost_or_told_twice_on_postgresql(postgresql_databases: Databases) -> None:
    _play(postgresql_databases, max_examples=settings.default.max_examples // 40, stateful_step_count=25)
