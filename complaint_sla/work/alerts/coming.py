"""What comes next: the stages still ahead of a complaint, and who would hear of them. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaint_sla.core.calendars import local_day
from complaint_sla.core.complaints import Status
from complaint_sla.core.rulebook import Book, Stage
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.work.casefile import timeline_of
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class ComingStage:
    """A stage still ahead, and who would hear of it: whoever is there on its day, as far as is known."""

    stage: Stage
    at: datetime
    recipients: tuple[str, ...]


def coming(
    desk: Desk, directory: Directory, row: Complaint, book: Book, most: int, *, in_the_past: bool = False
) -> tuple[ComingStage, ...]:
    """The next stages of an open complaint if nothing happens, and the e-mails of those who would hear of them.

    `in_the_past`: as they were to come at the desk's moment, whatever has been raised since.
    """
    if row.status != Status.OPEN:
        return ()
    timeline = timeline_of(row, book)
    through = desk.now if in_the_past else max(desk.now, row.alerted_through or desk.now)
    office, owner = directory.code(row.office_id), directory.email(row.owner_id)
    return tuple(
        ComingStage(
            ahead.stage,
            ahead.moment,
            tuple(
                directory.roster.chosen(ahead.stage.roles, office, owner, local_day(ahead.moment, book.zone))
            ),
        )
        for ahead in timeline.upcoming(through, most)
    )
