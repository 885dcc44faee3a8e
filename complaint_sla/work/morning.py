"""How things stand this morning, of all that one sees or of an office: what the daily summary tells, for a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from complaint_sla.core.calendars import local_day
from complaint_sla.core.figures import Figure
from complaint_sla.store import heartbeats, offices, summary
from complaint_sla.store.summary import Section
from complaint_sla.work.complaints.look import Listed, Wanted, listed_in
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import summary_letter
from complaint_sla.work.plans import reminders
from complaint_sla.work.plans.reminders import PlanSection
from complaint_sla.work.plans.sight import office_of
from complaint_sla.work.whom import own_office_meant

# As many of a part as are named: the worst.
WORST = 3


@dataclass(frozen=True)
class Morning:
    """`parts` are what was asked for, by name, each with its first complaints; `unheard` have alerts that reach nobody.

    `figures` are the quarter so far, and the one before where that can still change. `plan` is what is told of the action
    plan. `raised_at` and `sent_at` are when the
    service last did its rounds, by the real clock.
    """

    day: date
    office: str | None
    parts: Mapping[str, Listed]
    unheard: int
    figures: tuple[Figure, ...]
    plan: PlanSection
    raised_at: datetime | None
    sent_at: datetime | None


def new_since(desk: Desk) -> date:
    """The day of the summary before today's: what has been received since is new."""
    return local_day(summary_letter.since(desk.service.summary, desk.today, desk.zone), desk.zone)


def morning(desk: Desk, wanted: Mapping[str, Wanted], office: str | None = None) -> Morning:
    """One reading transaction. Raises BadValue (`unknown-office`, `ambiguous`), NotPossible (`office-not-yours`)."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        office = office or desk.standing.office
        code = own_office_meant(desk, directory, office).code if office is not None else None
        office_ids = directory.ids_below(code) if code is not None else list(directory.offices)
        view = summary_letter.view(desk, desk.service.summary, desk.today)
        succeeded = heartbeats.last_success(session)
        plan = reminders.plan_in_use(session, desk, directory)
        own = office_of(desk, directory, plan, None) if plan is not None else None
        own_code = own.code if own is not None else None
        return Morning(
            day=desk.today,
            office=code,
            parts={name: listed_in(session, desk, directory, one) for name, one in wanted.items()},
            unheard=summary.section(session, view, Section.UNHEARD, office_ids, 0)[0],
            figures=tuple(summary_letter.figures_so_far(session, desk, directory, code)),
            plan=reminders.section(session, desk, directory, [code], view.since, own_code, WORST),
            raised_at=succeeded.get("sweep"),
            sent_at=succeeded.get("deliver"),
        )
