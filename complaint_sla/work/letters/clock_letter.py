"""The word to the administrators: the clock is in doubt, so nothing is raised or frozen until somebody confirms it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from complaint_sla.core.doubt import doubt
from complaint_sla.store import heartbeats, offices
from complaint_sla.store.tables import Message
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.values import Notice, Occasion, head

KIND = "clock"


@dataclass(frozen=True)
class DoubtedClock(Notice):
    """`beat` (UTC) is when the service last worked by a clock that was believed; None if there is no doubt any more."""

    beat: datetime | None


def due(session: Session, desk: Desk) -> Iterator[Occasion]:
    """Each administrator, once for each standstill or leap, at any hour: meanwhile nobody hears of anything."""
    beat = doubt(desk.now, heartbeats.trusted(session))
    if beat is not None:
        yield Occasion(beat.isoformat(), dict.fromkeys(desk.service.administrators, True))


def written(desk: Desk, message: Message) -> DoubtedClock:
    """What is in doubt now."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        beat = doubt(desk.now, heartbeats.trusted(session))
    needed = beat is not None and message.recipient in desk.service.administrators
    return DoubtedClock(**head(desk, directory, message), needed=needed, beat=beat)
