"""The word to an owner: which of their complaints others have ended, so that a slip is seen by whoever can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from complaint_sla.core.calendars import local_day
from complaint_sla.store import complaints, movements, notices, offices
from complaint_sla.store.tables import Message
from complaint_sla.store.types import whole
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.values import Line, Notice, Occasion, head, line

KIND = "ends"
# Whoever ends one may go on: that is one letter, which waits no longer than this. What is being written just then, under
# an earlier number, has its say as well.
QUIET = timedelta(minutes=10)
LONGEST = timedelta(hours=1)
# What was recorded before it is news no more. By then a holiday is over.
_LATEST_NEWS = timedelta(days=14)
# Nobody reads on beyond so many; a command shows all of them.
MOST = 25


@dataclass(frozen=True)
class End:
    """A complaint that somebody else has ended: how (the status), at which moment (UTC), and by whom (a name, or what the
    machine calls them); `of` is the number of a duplicate's original.
    """

    line: Line
    how: str
    at: datetime
    by: str
    of: str | None


@dataclass(frozen=True)
class EndedByOthers(Notice):
    """The first of what others have ended since the last such letter, newest first, and how many there are in all."""

    ends: tuple[End, ...]
    count: int


def due(session: Session, desk: Desk) -> Iterator[Occasion]:
    """Which owners have something of the kind to hear; once a day, and nothing outside working hours."""
    if not desk.service.is_at_work(desk.now, desk.zone):
        return
    at = desk.clock()
    found = movements.ended_by_others(
        session,
        desk.now - _LATEST_NEWS,
        recorded_after=at - _LATEST_NEWS,
        as_entered=desk.store.is_rehearsal,
    )
    last = notices.last_notices(session, KIND) if found else {}
    for owner, ends in found.items():
        before, told_at = last.get(owner, (None, None))
        if told_at is not None and local_day(told_at, desk.zone) >= desk.today:
            continue
        untold = [one for one in ends if one.event_id > _number(before) and one.recorded_at <= at]
        if untold and (at - untold[-1].recorded_at >= QUIET or at - untold[0].recorded_at >= LONGEST):
            settled = [one.event_id for one in untold if at - one.recorded_at >= QUIET]
            yield Occasion(f"{settled[-1]:012d}", {owner: True})


def written(desk: Desk, message: Message) -> EndedByOthers:
    """What this letter tells stays the same, whenever it is written; what was open again by then is left out."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        before, upto = _number(notices.noticed_before(session, message)), _number(message.occasion)
        since = message.created_at - _LATEST_NEWS
        found = movements.ended_by_others(
            session, since, until=desk.now, owner=message.recipient, as_entered=desk.store.is_rehearsal
        )
        told = [one for one in found.get(message.recipient, ()) if before < one.event_id <= upto]
        shown = told[: -MOST - 1 : -1]
        rows = {row.id: row for row in complaints.with_ids(session, {one.complaint_id for one in shown})}
        originals = {row.duplicate_of_id for row in rows.values() if row.duplicate_of_id is not None}
        numbers = complaints.numbers_of(session, originals)
        ends = []
        for one in shown:
            row, actor = rows[one.complaint_id], directory.person(one.actor)
            with desk.apart(row.number):
                whole(row.number, row, "number", "subject", "urgent", "received_at", "due_on")
                by = actor.name if actor is not None else one.actor
                of = numbers.get(row.duplicate_of_id or 0)
                ends.append(End(line(directory, row), one.kind, one.happened_at, by, of))
    return EndedByOthers(
        **head(desk, directory, message), needed=bool(ends), ends=tuple(ends), count=len(told)
    )


def _number(occasion: str | None) -> int:
    return int(occasion) if occasion is not None and occasion.isdecimal() else 0
