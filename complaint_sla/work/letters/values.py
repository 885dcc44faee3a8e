"""What letters of all kinds have to say, as values; what one kind says besides lies in the room that fills it in.

`mail.letters` puts it into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.editions import earlier
from complaint_sla.core.masking import masked_text
from complaint_sla.core.titles import Title
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint, Message
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Addressed:
    """To whom a message goes, under which fixed Message-ID, in which language. `written_at` (UTC) dates it.

    `name` is empty for somebody who is not on the staff. `rehearsal`: nothing in it is real.
    """

    message_id: str
    recipient: str
    name: str
    language: str
    written_at: datetime
    zone: ZoneInfo
    rehearsal: bool = field(default=False, kw_only=True)

    @property
    def earlier(self) -> tuple[str, ...]:
        """The Message-IDs of those that this one replaces, since they may have arrived with other words."""
        return earlier(self.message_id)

    @property
    def today(self) -> date:
        return self.written_at.astimezone(self.zone).date()


def head(desk: Desk, directory: Directory, message: Message) -> dict[str, Any]:
    """The fields of `Addressed` for a message of the outbox, written now."""
    person = directory.person(message.recipient)
    return {
        "message_id": message.message_id,
        "recipient": message.recipient,
        "name": person.name if person is not None else "",
        "language": person.language if person is not None else "th",
        "written_at": desk.now,
        "zone": desk.zone,
        "rehearsal": desk.store.is_rehearsal,
    }


def names(directory: Directory, recipients: Iterable[str]) -> tuple[str, ...]:
    """Names of people; a role that nobody fills is left out."""
    found = (directory.person(one) for one in recipients)
    return tuple(person.name for person in found if person is not None)


@dataclass(frozen=True)
class Notice(Addressed):
    """A message that is no complaint's alert. `needed`: whether it would still be written now.

    One that was perhaps delivered goes again all the same.
    """

    needed: bool


@dataclass(frozen=True)
class Occasion:
    """What a notice is written for, and who is due one now.

    False stands for somebody to whom there is nothing to say: that is written down too, so that what happens later on
    does not count any more.
    """

    name: str
    recipients: Mapping[str, bool]


@dataclass(frozen=True)
class Line:
    """One complaint in a summary. Moments are UTC, `due_on` is the last good local day.

    `unheard` are the roles in which its alerts reach nobody, each with its office; looked up only where that is told.
    """

    number: str
    office: Title
    subject: str
    urgent: bool
    received_at: datetime
    due_on: date
    breached: bool
    owner: str | None
    unheard: tuple[tuple[str, Title], ...]


def line(directory: Directory, row: Complaint, unheard: tuple[tuple[str, Title], ...] = ()) -> Line:
    return Line(
        number=row.number,
        office=directory.offices[row.office_id].title,
        subject=masked_text(row.subject),
        urgent=row.urgent,
        received_at=row.received_at,
        due_on=row.due_on,
        breached=row.breached_at is not None,
        owner=directory.staff[row.owner_id].name if row.owner_id is not None else None,
        unheard=unheard,
    )


@dataclass(frozen=True)
class Listing:
    """The first complaints of a section of a summary, and how many there are in all."""

    lines: tuple[Line, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class OfficeName:
    code: str
    title: Title
