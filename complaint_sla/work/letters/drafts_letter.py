"""The word to the administrators: the files in the office's folder can't be published, so what they changed does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from complaint_sla import bookshelf
from complaint_sla.core.errors import Error
from complaint_sla.store import offices
from complaint_sla.store.tables import Message
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.values import Notice, Occasion, head

KIND = "drafts"


@dataclass(frozen=True)
class FaultyDrafts(Notice):
    """What is wrong with the files of a folder; None if it is mended by now."""

    folder: Path | None
    problem: Error | None


def due(_session: Session, desk: Desk) -> Iterator[Occasion]:
    """Once a day, each administrator; nothing outside working hours."""
    administrators = desk.service.administrators
    if administrators and desk.service.is_at_work(desk.now, desk.zone) and _problem(desk) is not None:
        yield Occasion(desk.today.isoformat(), dict.fromkeys(administrators, True))


def written(desk: Desk, message: Message) -> FaultyDrafts:
    """What is wrong now."""
    with desk.store.read() as session:
        directory = offices.directory(session)
    problem = _problem(desk)
    return FaultyDrafts(
        **head(desk, directory, message),
        needed=problem is not None and message.recipient in desk.service.administrators,
        folder=desk.drafts,
        problem=problem,
    )


def _problem(desk: Desk) -> Error | None:
    if desk.drafts is None:
        return None
    try:
        bookshelf.drafts(desk.drafts)
    except Error as problem:
        return problem
    return None
