"""A complaint gets into other hands, and whoever has it now is told: rows of the ledger beside those of the timeline.

They hide no stage: having heard of a handing-over is not having heard a stage, and a stage that is owed is told rather
than it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from complaint_sla.core.doubt import is_ahead
from complaint_sla.core.owed import OWED, AlertState, Change, Present, Row, ended, owed_to
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import HANDED_OVER
from complaint_sla.core.timeline import Entry

# As long as an urgent complaint has in all: whoever gets one with no more time left can't wait for the next letter.
NEARLY_DUE = timedelta(days=3)
# What is not pressing goes along with the next letter; if none goes for so long, it is one of its own.
NEWS_WAITS = timedelta(days=1)


def is_pressing(*, urgent: bool, breached_at: datetime | None, due_at: datetime, now: datetime) -> bool:
    """Whether a complaint that changes hands at `now` is told of at once: urgent, breached, due or nearly due."""
    return urgent or breached_at is not None or due_at - now <= NEARLY_DUE


def occurrence(so_far: Iterable[int]) -> int:
    """The number of the next handing-over of a generation, after those of these numbers."""
    return 1 + max(so_far, default=0)


def overtaken(rows: Iterable[Row], role: str) -> Change:
    """The complaint moves on: what is owed of earlier handings-over is not told any more.

    `role` is whose hands change: the `owner`, or the office's `supervisor` and with that the owner.
    """
    mine = [row for row in rows if not row.is_of_timeline and role in (*row.roles, Role.SUPERVISOR)]
    return ended(mine, AlertState.SUPERSEDED)


def told(present: Present, rows: Iterable[Row], role: str, *, pressing: bool, by: str) -> Change:
    """Whoever has `role` now is owed the news, but for `by`, who did it, and those who are owed a stage anyway.

    `rows` are all of the complaint. A stage that waits for working hours does not do for what is `pressing`.
    """
    rows = list(rows)
    hearing = {
        row.recipient
        for row in rows
        if row.is_of_timeline and row.state in OWED and (row.urgent or not pressing)
        # What a wrong clock has raised is going to be taken back.
        if not is_ahead(row.stage_at, present.now)
    }
    chosen = {
        recipient: roles
        for recipient, roles in present.choose((role,), ()).items()
        if recipient != by and recipient not in hearing
    }
    if not chosen:
        return Change()
    mine = (row for row in rows if not row.is_of_timeline and row.generation == present.generation)
    number = occurrence(row.occurrence for row in mine)
    entry = Entry(HANDED_OVER, number, present.now)
    new = (present.row(entry, *one, owed_to(one[0])) for one in chosen.items())
    people = {recipient: list(roles) for recipient, roles in chosen.items()}
    return Change(
        new=tuple(replace(row, urgent=pressing) for row in new),
        said={"generation": present.generation, "handed_over": {"occurrence": number, "recipients": people}},
    )


def makes_letter(members: Iterable[Row], now: datetime) -> bool:
    """Whether there is more to tell than of handings-over that are not pressing: those wait for the next letter, or a day."""
    return any(row.is_of_timeline or row.urgent or row.raised_at <= now - NEWS_WAITS for row in members)
