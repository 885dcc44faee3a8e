"""All that a card of the plan follows from, read in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.core.frozen import read_cases, read_content
from complaint_sla.core.periods import Every, Period, so_far
from complaint_sla.core.plan import Plan
from complaint_sla.core.readings import standing
from complaint_sla.core.scorecard import Closure, PlanOffice, Sight
from complaint_sla.store import figures, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.figures.cohort import figure_in, offices_of
from complaint_sla.work.surveys.feed import fed
from complaint_sla.work.whom import office_called, own_office_meant


def sight_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Sight:
    """How the plan of a quarter stands as of `desk.today`, at an office and all below it, or at all offices (None).

    Raises NotPossible (`no-plan`), BadValue (`unknown-office`).
    """
    plan = plan_in(session, quarter)
    _, codes, ids = offices_of(directory, office)
    closure = closure_in(session, desk, directory, quarter, office)
    return _sight(session, desk, directory, quarter, plan, plan_offices(directory, codes), ids, closure)


def own_sight_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, plan: Plan, office: Office
) -> Sight:
    """How the plan of a quarter stands at one office by itself, without what the tracker says."""
    own = (PlanOffice(office.code, office.class_),)
    return _sight(session, desk, directory, quarter, plan, own, [office.id or 0], None)


def _sight(
    session: Session,
    desk: Desk,
    directory: Directory,
    quarter: Quarter,
    plan: Plan,
    offices: Sequence[PlanOffice],
    ids: Collection[int] | None,
    closure: Closure | None,
) -> Sight:
    periods = [one.key for every in Every for one in so_far(every, quarter)]
    typed = standing(readings.of_periods(session, directory, periods, ids))
    surveyed = fed(session, plan, directory, quarter, desk.today, ids)
    return Sight(
        plan=plan,
        quarter=quarter,
        today=desk.today,
        offices=offices,
        readings=surveyed.over(typed),
        closure=closure,
        surveys=surveyed.polls,
    )


def reporting(directory: Directory, plan: Plan) -> list[str]:
    """The codes of the offices that fill a form of their own, whether they have entered anything or not."""
    offices = plan_offices(directory, directory.roster.tree())
    return [
        one.code
        for one in offices
        if one.class_ not in plan.gathering and (one.class_ is not None or not one.has_below)
    ]


def office_of(desk: Desk, directory: Directory, plan: Plan, text: str | None) -> Office | None:
    """The office that is meant by a text; without one that of who acts, else the only one that reports, else None.

    Raises as `own_office_meant`.
    """
    if text is not None:
        return own_office_meant(desk, directory, text)
    if (own := acting_office(desk, directory)) is not None:
        return own
    codes = reporting(directory, plan)
    return office_called(directory, codes[0]) if len(codes) == 1 else None


def acting_office(desk: Desk, directory: Directory) -> Office | None:
    """The office of who acts; None of who has none here."""
    if desk.standing.office is not None:
        # Where the server holds them to their office, the claim to be somebody else decides nothing.
        return office_called(directory, desk.standing.office)
    acting = directory.person(desk.actor)
    if acting is not None and acting.retired_at is None and acting.office_id in directory.offices:
        return directory.offices[acting.office_id]
    return None


def plan_offices(directory: Directory, codes: Iterable[str]) -> tuple[PlanOffice, ...]:
    """Offices as the plan sees them."""
    parents = {one.parent for one in directory.roster.offices.values()}
    rows = {one.code: one for one in directory.offices.values()}
    return tuple(PlanOffice(code, rows[code].class_, code in parents) for code in codes)


def closure_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Closure | None:
    """The closure rate that was handed in, or as things stand; None where no book was in force in the quarter."""
    try:
        figure = _handed_in(session, desk, directory, quarter, office)
    except BadValue as problem:
        if problem.key != "before-first-book":
            raise
        return None
    return closure_of(figure, _year(session, desk, directory, figure, office))


def closure_of(figure: Figure, year: Counts | None) -> Closure:
    """What a closure figure says to a card; `year`: that of the quarters from January on."""
    return Closure(
        target=figure.target,
        has_ended=figure.has_ended,
        is_final=figure.is_final,
        by_office=dict(figure.by_office),
        by_month=figure.by_month,
        year=year,
        final_at=figure.final_at,
    )


def _handed_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Figure:
    row = figures.frozen(session, str(quarter))
    if row is None:
        return figure_in(session, desk, directory, quarter, office)
    with freeze.readable(row):
        frozen = read_content(row.content, row.frozen_at)
        return frozen.figure if office is None else frozen.of_office(office, read_cases(row.cases))


def _year(
    session: Session, desk: Desk, directory: Directory, figure: Figure, office: str | None
) -> Counts | None:
    """From January to the quarter's end, by the same figures as were handed in; None where one of them can't be told."""
    total = figure.counts
    for number in range(1, figure.quarter.number):
        try:
            earlier = _handed_in(session, desk, directory, Quarter(figure.quarter.year, number), office)
        except BadValue:
            return None
        total = total.plus(earlier.counts)
    return total


def to_hand_in(desk: Desk, plan_hand_in: Plan) -> Quarter:
    """The quarter whose form is handed in next: the one that ended last, until its day is past."""
    ended = Quarter.of(desk.today).previous
    last = plan_hand_in.hand_in.of(Period.of_quarter(ended))
    return ended if desk.today <= last else ended.following


def next_to_hand_in(session: Session, desk: Desk) -> Quarter:
    """The quarter whose form is handed in next. Raises NotPossible (`no-plan`) where no plan is in force."""
    running = Quarter.of(desk.today)
    with suppress(NotPossible):
        return to_hand_in(desk, plan_in(session, running.previous))
    plan_in(session, running)
    return running
