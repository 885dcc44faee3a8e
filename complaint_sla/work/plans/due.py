"""What is not in of the action plan, and who hears of it: for a list, and for whoever is reminded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter, local_day
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.figures import PLAN
from complaint_sla.core.periods import Every, Period, within
from complaint_sla.core.plan import Plan
from complaint_sla.core.readings import Reading
from complaint_sla.core.reckoning import items
from complaint_sla.core.roster import Role
from complaint_sla.core.scorecard import Item
from complaint_sla.core.surveys import Poll
from complaint_sla.store import figures, offices, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.offices import Directory
from complaint_sla.work.chronicle import EntryView, view
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.sight import next_to_hand_in, office_of, sight_in


@dataclass(frozen=True)
class Outstanding:
    """A figure that is not in: so many days late, and who hears of it: whom the `roles` mean at its office (`up:` the one
    above). `whom` one waits for, as was said last, `since` a local day. `poll`: how asking stands where a survey feeds it, so
    that nobody enters it.
    """

    item: Item
    days_late: int
    roles: tuple[str, ...]
    recipients: tuple[str, ...]
    whom: str | None = None
    since: date | None = None
    poll: Poll | None = None


@dataclass(frozen=True)
class Due:
    """What is not in at an office and all below it, or at all (None); `own` is the office that is meant where none is named."""

    office: str | None
    own: str | None
    outstanding: tuple[Outstanding, ...]


def due(desk: Desk, office: str | None = None) -> Due:
    """One reading transaction. Raises NotPossible: `no-plan`, `office-not-yours`; BadValue: `unknown-office`, `ambiguous`."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        plan = plan_in(session, next_to_hand_in(session, desk))
        own = office_of(desk, directory, plan, None)
        meant = office_of(desk, directory, plan, office)
        code = meant.code if meant is not None else None
        found = outstanding_in(session, desk, directory, code)
        return Due(code, own.code if own is not None else None, tuple(found))


@readings.uncollected()
def outstanding_in(
    session: Session, desk: Desk, directory: Directory, office: str | None
) -> list[Outstanding]:
    """What is not in at an office and all below it, or at all offices: the longest overdue first.

    Of the quarter that is handed in next and of the running one. Of the one before all while something was entered of it and
    its form is not frozen; then what was due with the form or later, and is owed all the same. Raises NotPossible (`no-plan`).
    """
    next_one = next_to_hand_in(session, desk)
    quarters = [next_one, Quarter.of(desk.today)]
    before = next_one.previous
    is_closed = _is_closed(session, before)
    with suppress(NotPossible):
        if not is_closed or _comes_later(plan_in(session, before), before):
            quarters.append(before)
    found: dict[tuple[str, str, str], Item] = {}
    awaited: dict[tuple[str, str, str], Reading] = {}
    asking: dict[tuple[str, str, str], Poll] = {}
    for quarter in dict.fromkeys(quarters):
        sight = sight_in(session, desk, directory, quarter, office)
        for one in items(sight):
            if quarter == before and is_closed and one.due_on < sight.hand_in:
                continue
            key = (one.office, one.measure.key, one.period.key)
            found.setdefault(key, one)
            if key in sight.surveys:
                asking[key] = sight.surveys[key]
            if key in sight.readings:
                awaited[key] = sight.readings[key]
    entries = readings.entries(session, {one.seq for one in awaited.values()})
    said = {key: view(entries[one.seq]) for key, one in awaited.items() if one.seq in entries}
    listed = sorted(found.items(), key=lambda pair: pair[1].due_on)
    # An office has many items, and the same people hear of them.
    recipients = cache(lambda role, office: directory.roster.recipients(role, office, None, desk.today))
    return [
        replace(_outstanding(desk, one, said.get(key), recipients), poll=asking.get(key))
        for key, one in listed
    ]


def _is_closed(session: Session, quarter: Quarter) -> bool:
    """Whether a quarter that is over was handed in, or its plan was not in use."""
    if figures.frozen(session, str(quarter), measure=PLAN) is not None:
        return True
    own = (one.key for every in (Every.MONTH, Every.QUARTER) for one in within(every, quarter))
    return not readings.any_of(session, set(own))


def _comes_later(plan: Plan, quarter: Quarter) -> bool:
    """Whether anything of a quarter is due only with its form or later. What is of a year stands in the next one, too."""
    hand_in = plan.hand_in.of(Period.of_quarter(quarter))
    return any(
        measure.every is not Every.YEAR and measure.due.of(period) >= hand_in
        for _, measure in plan.measures
        for period in within(measure.every, quarter)
    )


def _outstanding(
    desk: Desk,
    one: Item,
    entry: EntryView | None,
    recipients: Callable[[str, str], tuple[str, ...]],
) -> Outstanding:
    role = f"up:{Role.SUPERVISOR}" if one.activity.by_parent else Role.SUPERVISOR.value
    whom = entry.said.get("whom") if entry is not None and entry.said is not None else None
    return Outstanding(
        item=one,
        days_late=one.days_late(desk.today),
        roles=(role,),
        recipients=recipients(role, one.office),
        whom=str(whom) if whom is not None else None,
        since=local_day(entry.happened_at, desk.zone) if entry is not None else None,
    )
