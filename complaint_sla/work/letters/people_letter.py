"""The word to the administrators: who gets alerts has changed, how, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from complaint_sla.core.people import OF_OFFICES, OF_STAFF
from complaint_sla.store import house, notices, offices
from complaint_sla.store.tables import Message
from complaint_sla.work import chronicle
from complaint_sla.work.chronicle import EntryView
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.values import Notice, Occasion, head

KIND = "people"
KINDS = OF_OFFICES | OF_STAFF
# Whoever enters a whole office goes on for a while: that is one letter, which waits no longer than this.
QUIET = timedelta(minutes=10)
LONGEST = timedelta(hours=1)


@dataclass(frozen=True)
class PeopleChanged(Notice):
    """What was done to people and offices since the last such letter, oldest first."""

    entries: tuple[EntryView, ...]


def due(session: Session, desk: Desk) -> Iterator[Occasion]:
    """Which administrators have not heard of the newest change; nothing outside working hours."""
    if not desk.service.administrators or not desk.service.is_at_work(desk.now, desk.zone):
        return
    newest = house.newest_of(session, KINDS)
    if newest is None:
        return
    occasion = _occasion(newest.seq)
    told = notices.noticed(session, KIND, occasion, occasion)
    missing = [one for one in desk.service.administrators if one not in told]
    if not missing or not _is_over(session, desk, missing, newest.seq):
        return
    # Who has become an administrator since hears of what comes.
    yield Occasion(occasion, dict.fromkeys(missing, True))


def _is_over(session: Session, desk: Desk, missing: list[str], newest: int) -> bool:
    """Whether nobody has changed anything for a while, or somebody has waited for long enough."""
    first = min(_heard(session, one) for one in missing)
    untold = chronicle.of_kinds_after(session, KINDS, first, newest)
    at = desk.clock()
    return bool(untold) and (at - untold[-1].recorded_at >= QUIET or at - untold[0].recorded_at >= LONGEST)


def written(desk: Desk, message: Message) -> PeopleChanged:
    """What this letter tells stays the same, whenever it is written."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        before = notices.noticed_before(session, message)
        entries = chronicle.of_kinds_after(session, KINDS, _number(before), _number(message.occasion))
    return PeopleChanged(
        **head(desk, directory, message),
        needed=bool(entries) and message.recipient in desk.service.administrators,
        entries=tuple(entries),
    )


def _heard(session: Session, recipient: str) -> int:
    return _number(notices.last_noticed(session, KIND, recipient))


def _occasion(seq: int) -> str:
    """A number as text that sorts as the numbers do."""
    return f"{seq:012d}"


def _number(occasion: str | None) -> int:
    return int(occasion) if occasion is not None and occasion.isdecimal() else 0
