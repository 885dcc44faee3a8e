"""How those who answer for the action plan are told of it: only of a plan that this database runs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.plan import plan_of
from complaint_sla.store import books
from complaint_sla.store.offices import Directory
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.summary_letter import who_answers
from complaint_sla.work.plans.reminders import offices_pressed, plan_in_use
from complaint_sla.work.plans.sight import reporting


@dataclass(frozen=True)
class PlanReminders:
    """Of the plan that is in use (None: none is): whether the daily summary `is_told` to anybody; the offices without a
    class, where it tells classes apart; those that have to see to something that nobody hears of. `unused`: the plan that is in
    force all the same."""

    plan: str | None = None
    is_told: bool = True
    classless: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    unused: str | None = None


def reminders(session: Session, desk: Desk, directory: Directory) -> PlanReminders:
    plan = plan_in_use(session, desk, directory)
    if plan is None:
        in_force = plan_of(books.plans(session), Quarter.of(desk.today))
        return PlanReminders(unused=in_force.id if in_force is not None and in_force.is_entered else None)
    rules = desk.service.summary
    is_told = rules is not None and bool(rules.roles and rules.weekdays)
    tells_apart = bool(plan.gathering) or any(one.only_for is not None for one in plan.activities)
    classless = sorted(one.code for one in directory.offices.values() if one.class_ is None)
    unheard: set[str] = set()
    if rules is not None and is_told:
        roster = directory.roster
        heard = {
            below
            for offices in who_answers(roster, rules.roles, desk.today).values()
            for office in offices
            for below in roster.below(office)
        }
        # What is asked of the office above is heard there.
        if not heard.issuperset(directory.roster.offices) and not heard.issuperset(
            reporting(directory, plan)
        ):
            unheard = offices_pressed(session, desk, directory, plan) - heard
    return PlanReminders(plan.id, is_told, tuple(classless) if tells_apart else (), tuple(sorted(unheard)))
