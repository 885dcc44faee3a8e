"""Which status may follow which, and what each change does to the breach. A breach is for good.

It is judged by when things happened, never by when a program looked: an open complaint past its due moment is
late as of now, and becomes breached in its record by the next change that happened at or after that moment. A
closing dated before the due moment is therefore in time, whenever it was recorded.
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
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"
    ERASED = "erased"


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

    def is_late(self, now: datetime) -> bool:
        """Whether it counts as not closed in time, as things stand at `now`."""
        return self.breached_at is not None or (self.status is Status.OPEN and self.due_at <= now)


def begin(received_at: datetime, rule: str, due_at: datetime) -> State:
    return State(Status.OPEN, received_at, rule, due_at, changed_at=received_at)


def require_open(state: State, number: str) -> None:
    """Raises NotPossible (`not-open`) for a complaint that has ended."""
    if state.status is not Status.OPEN:
        raise NotPossible("not-open", number=number, status=state.status)


def end(state: State, status: Status, at: datetime) -> State:
    """Closed, withdrawn or duplicate at `at`; breached if that was at or after the due moment."""
    return replace(_open_until(state, at), status=status, ended_at=at, changed_at=at)


def reopen(state: State, at: datetime) -> State:
    """Open again, with the same deadline; at or after the due moment, it is breached from then on."""
    return _open_until(replace(state, status=Status.OPEN, ended_at=None, changed_at=at), at)


def reclassify(state: State, rule: str, due_at: datetime, at: datetime) -> State:
    """Another rule or deadline from `at` on: a new generation, and no deadline's breach is forgotten."""
    if (rule, due_at) == (state.rule, state.due_at):
        return state
    judged = _open_until(state, at)
    renewed = replace(judged, rule=rule, due_at=due_at, generation=state.generation + 1, changed_at=at)
    return _open_until(renewed, at)


def _open_until(state: State, at: datetime) -> State:
    """What being open up to and including `at` means: a breach, if the due moment was reached."""
    if state.breached_at is not None or at < state.due_at:
        return state
    return replace(state, breached_at=max(state.due_at, state.changed_at))


def moment_of(state: State, now: datetime, at: datetime | None) -> datetime:
    """When a change happens: at `at` if given, else now, and never before the last change.

    Raises NotPossible: `at-in-future`, `at-before-last-change`.
    """
    if at is None:
        return max(now, state.changed_at)
    if at > now:
        raise NotPossible("at-in-future", at=at)
    if at < state.changed_at:
        raise NotPossible("at-before-last-change", at=at, last=state.changed_at)
    return at
