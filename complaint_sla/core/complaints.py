"""Where a complaint stands: which status may follow which, what each change does to the breach, and where it counts.

A breach is for good. It is judged by when things happened, never by when a program looked: an open complaint past its
due moment is late as of now, and becomes breached in its record by the next change that happened at or after that
moment. A closing dated before the due moment is therefore in time, whenever it was recorded: how far back it may be
dated is said by the rule book, and by what has been done since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from complaint_sla.core.errors import NotPossible


class Status(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


class EventKind(StrEnum):
    """What can happen to a complaint. The words of ISO 10002:2018 where it has one."""

    LOGGED = "logged"
    ALERTS = "alerts"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    NOTED = "noted"
    ASSESSED = "assessed"
    INVESTIGATED = "investigated"
    RESPONDED = "responded"
    COMMUNICATED = "communicated"
    RECLASSIFIED = "reclassified"
    CORRECTED = "corrected"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"
    # Who complained has asked to be erased, which is done once the complaint has ended.
    ERASURE_DUE = "erasure-due"
    ERASED = "erased"


# Work that somebody did on an open complaint: before it, it was not closed. A correction is none: whoever mends a letter
# of what was typed has done nothing for the customer, and often does so when the matter itself is long settled.
TOUCHES = (
    EventKind.ACKNOWLEDGED,
    EventKind.ASSIGNED,
    EventKind.TRANSFERRED,
    EventKind.NOTED,
    EventKind.ASSESSED,
    EventKind.INVESTIGATED,
    EventKind.RESPONDED,
    EventKind.COMMUNICATED,
)
ENDS = (EventKind.CLOSED, EventKind.WITHDRAWN, EventKind.DUPLICATE)


class Bucket(StrEnum):
    """Where a complaint counts in a figure. Source: activity 2.4, "close not less than 80 % within the criteria"."""

    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"
    PENDING = "pending"
    EXCLUDED = "excluded"


def bucket(status: Status, *, breached: bool, ended_before_due: bool, due_passed: bool) -> Bucket:
    """Where a complaint counts.

    `ended_before_due` is meant for ended ones, `due_passed` (as of now) for open ones.
    """
    if status is Status.OPEN:
        return Bucket.OVERDUE if breached or due_passed else Bucket.PENDING
    if breached or not ended_before_due:
        return Bucket.LATE
    return Bucket.ON_TIME if status is Status.CLOSED else Bucket.EXCLUDED


def require_reach(
    at: datetime, earliest: datetime, days: int, touched: tuple[EventKind, datetime] | None
) -> None:
    """Whether a closing may be dated back to `at`.

    `earliest` is the first moment to which the book lets it, `days` back; `touched` the latest of TOUCHES, its kind and
    when it happened. Raises NotPossible: `at-too-far-back`, `at-before-touch`.
    """
    if at < earliest:
        raise NotPossible("at-too-far-back", at=at, earliest=earliest, days=days)
    if touched is not None and at < touched[1]:
        raise NotPossible("at-before-touch", at=at, kind=touched[0], last=touched[1])


def is_redeemable(
    due_at: datetime, changed_at: datetime, earliest: datetime, touched_at: datetime | None
) -> bool:
    """Whether what is open and overdue, but not breached yet, may still be closed in time, dated back.

    `earliest` is the first moment to which the book lets it, `touched_at` the latest of TOUCHES.
    """
    return max(changed_at, earliest, touched_at or changed_at) < due_at


@dataclass(frozen=True)
class State:
    """Where a complaint stands. All moments are aware.

    `changed_at` is the last change of status or deadline: nothing may be dated before it. `generation` counts
    the deadlines that the complaint has had.
    """

    status: Status
    received_at: datetime
    rule: str
    due_at: datetime
    changed_at: datetime
    generation: int = 1
    breached_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def begin(cls, received_at: datetime, rule: str, due_at: datetime) -> State:
        return cls(Status.OPEN, received_at, rule, due_at, changed_at=received_at)

    # --- where it counts

    def bucket(self, now: datetime) -> Bucket:
        """Where it counts as of `now`."""
        return bucket(
            self.status,
            breached=self.breached_at is not None,
            ended_before_due=self.ended_at is not None and self.ended_at < self.due_at,
            due_passed=self.due_at <= now,
        )

    def is_late(self, now: datetime) -> bool:
        """Whether it counts as not closed in time, as things stand at `now`."""
        return self.bucket(now) in (Bucket.LATE, Bucket.OVERDUE)

    def on_time(self, now: datetime) -> bool | None:
        """Whether it was closed in time; None while it can go both ways, and for what does not count."""
        where = self.bucket(now)
        return None if where in (Bucket.PENDING, Bucket.EXCLUDED) else where is Bucket.ON_TIME

    def columns(self) -> dict[str, object]:
        """The columns of a complaint that hold it, beside those of its deadline and its facts."""
        return {
            "status": self.status.value,
            "generation": self.generation,
            "changed_at": self.changed_at,
            "breached_at": self.breached_at,
            "closed_at": self.ended_at,
        }

    # --- what happens to it

    def require_open(self, number: str) -> None:
        """Raises NotPossible (`not-open`) for a complaint that has ended."""
        if self.status is not Status.OPEN:
            raise NotPossible("not-open", number=number, status=self.status)

    def moment_of(self, now: datetime, at: datetime | None) -> datetime:
        """When a change happens: at `at` if given, else now, and never before the last change.

        Raises NotPossible: `at-in-future`, `at-before-last-change`.
        """
        if at is None:
            return max(now, self.changed_at)
        if at > now:
            raise NotPossible("at-in-future", at=at)
        if at < self.changed_at:
            raise NotPossible("at-before-last-change", at=at, last=self.changed_at)
        return at

    def ended(self, status: Status, at: datetime) -> State:
        """Closed, withdrawn or duplicate at `at`; breached if that was at or after the due moment."""
        return replace(_open_until(self, at), status=status, ended_at=at, changed_at=at)

    def reopened(self, at: datetime) -> State:
        """Open again, with the same deadline; at or after the due moment, it is breached from then on."""
        return _open_until(replace(self, status=Status.OPEN, ended_at=None, changed_at=at), at)

    def reclassified(self, rule: str, due_at: datetime, at: datetime) -> State:
        """Another rule or deadline from `at` on: a new generation, and no deadline's breach is forgotten."""
        if (rule, due_at) == (self.rule, self.due_at):
            return self
        judged = _open_until(self, at)
        renewed = replace(judged, rule=rule, due_at=due_at, generation=self.generation + 1, changed_at=at)
        return _open_until(renewed, at)


@dataclass(frozen=True)
class Replaced:
    """The deadline of a generation, which gave way to another `at` a moment. Moments are aware."""

    generation: int
    due_at: datetime
    at: datetime

    @property
    def was_missed(self) -> bool:
        """Whether it had passed by then: what was owed of it, or is of any later one, no change of deadline takes back."""
        return self.due_at <= self.at


def _open_until(state: State, at: datetime) -> State:
    """What being open up to and including `at` means: a breach, if the due moment was reached."""
    if state.breached_at is not None or at < state.due_at:
        return state
    return replace(state, breached_at=max(state.due_at, state.changed_at))
