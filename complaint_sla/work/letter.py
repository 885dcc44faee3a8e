"""What a letter has to say, as values: the mailbag fills it in, `mail.letters` puts it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from complaint_sla.core.closure import Figure
from complaint_sla.core.lifecycle import Status
from complaint_sla.core.review import CaseFact
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import Shelf, Stage, Title
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.work.reports import Report


@dataclass(frozen=True)
class NextStage:
    """What happens next if nothing is done: which stage, when (UTC), and the people who will hear of it (names)."""

    title: Title
    level: int | None
    at: datetime
    people: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One complaint as a letter tells it, in the state of the moment of writing. Moments are UTC, days local.

    `stage` is why it is told, `occurrence` counts a stage that repeats; `due_on` is the last good day.
    `phone` is as it is kept: a letter shows it masked.
    `breached`: it counts as late for good, however much time an easier deadline gave it since.
    `ended_at` is set where the complaint has ended since the letter was decided on; `next` is empty then.
    """

    number: str
    office: Title
    group: Title
    category: Title
    subject: str
    urgent: bool
    status: Status
    received_at: datetime
    due_on: date
    due_at: datetime
    stage: Stage
    occurrence: int
    owner: str | None
    phone: str | None
    next: NextStage | None
    ended_at: datetime | None = None
    breached: bool = False


@dataclass(frozen=True)
class Addressed:
    """To whom a message goes, under which fixed Message-ID, in which language. `written_at` (UTC) dates it.

    `name` is empty for somebody who is not on the staff.
    """

    message_id: str
    recipient: str
    name: str
    language: str
    written_at: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.written_at.astimezone(self.zone).date()


@dataclass(frozen=True)
class Letter(Addressed):
    """Alerts, in one letter to one person: the cases, worst first."""

    cases: tuple[Case, ...]


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
        subject=row.subject,
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


@dataclass(frozen=True)
class Summary(Notice):
    """How the offices that a person answers for stand, each with all below it.

    `overdue` and `due` (within `days_ahead` days) are open; `new` are the open ones received or written down since a
    moment; `unheard` has alerts that reach nobody. `figures` gives the quarter so far for each of `offices`, and the one
    before where that can still change. `several`: there is more than one office in it.
    """

    day: date
    offices: tuple[OfficeName, ...]
    several: bool
    overdue: Listing
    due: Listing
    new: Listing
    unheard: Listing
    since: datetime
    days_ahead: int
    figures: tuple[tuple[OfficeName, Figure], ...]


@dataclass(frozen=True)
class DeadAddress:
    """Somebody on the staff whom no mail reaches, since when, by which words of the server, and who hears instead."""

    email: str
    name: str
    office: Title
    role: Role
    since: datetime
    failure: str
    instead: tuple[str, ...]


@dataclass(frozen=True)
class Addresses(Notice):
    """The addresses of the staff that do not exist, newest first: for whoever administers the program."""

    dead: tuple[DeadAddress, ...]


@dataclass(frozen=True)
class QuarterReport(Notice):
    """A quarter's report: why it is sent (`phase`), what it says, and which files go with it.

    `office` None is all offices. `saving` are the open complaints that can still be closed in time; told in a warning.
    `cases` is filled where a sheet of them goes along.
    """

    phase: str
    office: OfficeName | None
    report: Report
    shelf: Shelf
    cases: tuple[CaseFact, ...]
    attach: tuple[str, ...]
    saving: Listing


AnyNotice = Summary | Addresses | QuarterReport
AnyLetter = Letter | AnyNotice
