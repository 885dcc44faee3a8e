"""What a letter has to say, as values: the mailbag fills it in, `mail.letters` puts it into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from complaint_sla.core.lifecycle import Status
from complaint_sla.core.rulebook import Stage, Title


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
class Letter:
    """One message to one person: its fixed Message-ID, and the cases, worst first. `written_at` (UTC) dates it."""

    message_id: str
    recipient: str
    name: str
    language: str
    written_at: datetime
    zone: ZoneInfo
    cases: tuple[Case, ...]

    @property
    def today(self) -> date:
        return self.written_at.astimezone(self.zone).date()
