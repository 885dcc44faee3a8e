"""What the daily summary tells of the action plan: figures that are not in, due within the days that the plan says or
overdue; what has come to be demanded; and calls to make.

Nothing of a plan that nobody runs: each database has the shipped one, and an office that handles complaints only would be
told each morning of thirty figures that it never promised. A plan is in use once anything was entered of the last year or
a list of requests brought in, at whatever office, or an office has its class: from then on the silence of the others is
what those above want to hear of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.periods import Every, so_far
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.core.reckoning import Reckoning
from complaint_sla.core.scorecard import Item, Sight
from complaint_sla.core.surveys import Poll
from complaint_sla.core.titles import Title
from complaint_sla.store import readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.offices import Directory
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.due import Outstanding, outstanding_in
from complaint_sla.work.plans.sight import next_to_hand_in, sight_in
from complaint_sla.work.surveys.calls import Call, calls_in


@dataclass(frozen=True)
class Cause:
    """A measure that was missed with n of d, and so demands something else. `least` is what it was held against."""

    activity: Activity
    measure: PlannedMeasure
    n: int
    d: int
    least: Fraction


@dataclass(frozen=True)
class PlanLine:
    """Something of the plan that is not in, at an office. `named`: the code of the office, for whoever is of another.

    `survey` is the title of the one that can feed it, where its own says only of which service it is.
    `pressing`: it is overdue, or due within the plan's days. `whom` one waits for, and `since` which local day, is what was
    said last. `poll`: how asking stands where a survey feeds it.
    """

    item: Item
    office: Title
    named: str | None
    days_late: int
    pressing: bool
    survey: Title | None = None
    whom: str | None = None
    since: date | None = None
    causes: tuple[Cause, ...] = ()
    poll: Poll | None = None

    @property
    def at(self) -> str:
        """The code of the office."""
        return self.item.office

    @property
    def due_on(self) -> date:
        return self.item.due_on


@dataclass(frozen=True)
class CallsLine:
    """So many customers whom a survey has to ask at an office (`at` its code), the first by the local day `due_on`; `named` as
    in PlanLine."""

    at: str
    office: Title
    named: str | None
    survey: Title
    count: int
    due_on: date


@dataclass(frozen=True)
class PlanSection:
    """The first of `count` lines, worst first. So many are `overdue`, so many `due` within the plan's days, so many only
    `demanded` by a later day; so many `calls` are to be made.

    `has_news`: it is worth a letter by itself. What is only demanded is told along with other things, and by itself on the
    morning after it came to be.
    """

    lines: tuple[PlanLine | CallsLine, ...] = ()
    count: int = 0
    overdue: int = 0
    due: int = 0
    demanded: int = 0
    calls: int = 0
    has_news: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class _Told:
    """`at` is the office that has to see to it: that of the figure, or of what others are asked the one above."""

    at: str
    due_on: date
    pressing: bool
    what: Outstanding | Sequence[Call]


def section(
    session: Session,
    desk: Desk,
    directory: Directory,
    offices: Sequence[str | None],
    since: datetime,
    own: str | None,
    most: int,
) -> PlanSection:
    """What is told of these offices and all below them (None: of all) to somebody of the office `own`. News is what came to be
    demanded since a moment (UTC)."""
    plan = plan_in_use(session, desk, directory)
    if plan is None:
        return PlanSection()
    found = [one for office in offices for one in _told(session, desk, directory, plan, office)]
    found.sort(key=lambda one: (not one.pressing, one.due_on))
    causes = _Causes(session, desk, directory)

    def line(one: _Told) -> PlanLine | CallsLine:
        if isinstance(one.what, Outstanding):
            return _line(directory, plan, one.what, own, causes, pressing=one.pressing)
        first = one.what[0]
        named = one.at if one.at != own else None
        return CallsLine(
            one.at, directory.title(one.at), named, first.survey_title, len(one.what), one.due_on
        )

    figures = [(one, one.what) for one in found if isinstance(one.what, Outstanding)]
    overdue = sum(one.days_late > 0 for _, one in figures)
    pressing = sum(one.pressing for one, _ in figures)
    return PlanSection(
        lines=tuple(line(one) for one in found[:most]),
        count=len(found),
        overdue=overdue,
        due=pressing - overdue,
        demanded=len(figures) - pressing,
        calls=sum(len(one.what) for one in found if not isinstance(one.what, Outstanding)),
        has_news=any(_is_news(one, causes, since) for one in found),
    )


def _line(
    directory: Directory, plan: Plan, one: Outstanding, own: str | None, causes: _Causes, *, pressing: bool
) -> PlanLine:
    item = one.item
    return PlanLine(
        item=item,
        office=directory.title(item.office),
        named=item.office if item.office != own else None,
        days_late=one.days_late,
        pressing=pressing,
        survey=_survey(plan, item.measure),
        whom=one.whom,
        since=one.since,
        causes=causes.of(item),
        poll=one.poll,
    )


def offices_with_news(session: Session, desk: Desk, directory: Directory, since: datetime) -> set[str]:
    """The codes of the offices that have to see to something that is worth a letter."""
    plan = plan_in_use(session, desk, directory)
    if plan is None:
        return set()
    causes = _Causes(session, desk, directory)
    found = _told(session, desk, directory, plan, None)
    return {one.at for one in found if _is_news(one, causes, since)}


def _is_news(one: _Told, causes: _Causes, since: datetime) -> bool:
    return one.pressing or not isinstance(one.what, Outstanding) or causes.is_new(one.what.item, since)


def offices_pressed(session: Session, desk: Desk, directory: Directory, plan: Plan) -> set[str]:
    """The codes of the offices that have to see to something that is overdue, or due within the plan's days."""
    return {one.at for one in _told(session, desk, directory, plan, None) if one.pressing}


def plan_in_use(session: Session, desk: Desk, directory: Directory) -> Plan | None:
    """The plan of the form that is handed in next, if this database runs it; see above."""
    try:
        next_one = next_to_hand_in(session, desk)
        plan = plan_in(session, next_one)
    except NotPossible:
        return None
    has_class = any(one.class_ is not None for one in directory.offices.values())
    if has_class or readings.any_of(session, _of_last_year(desk)) or readings.any_listed(session):
        return plan
    return None


def _of_last_year(desk: Desk) -> set[str]:
    running = Quarter.of(desk.today)
    year = (running, Quarter(running.year - 1, 4))
    return {one.key for quarter in year for every in Every for one in so_far(every, quarter)}


def _told(
    session: Session, desk: Desk, directory: Directory, plan: Plan, office: str | None
) -> Iterator[_Told]:
    """What has to be seen to at an office and all below it, or at all."""
    soon = desk.today + timedelta(days=plan.remind_days)
    within = set(directory.roster.tree() if office is None else directory.roster.below(office))
    for one in outstanding_in(session, desk, directory, office):
        pressing = one.item.due_on <= soon
        at = _at(directory, one.item)
        if at in within and (pressing or one.item.causes):
            yield _Told(at, one.item.due_on, pressing, one)
    ids = None if office is None else directory.ids_below(office)
    calls: dict[tuple[str, str], list[Call]] = {}
    for call in calls_in(session, directory, desk.today, ids):
        # A form that was sent is answered in its own time: that it can still be told is said when it soon can't.
        if call.asked_by in within and (call.due_on <= soon or not call.is_sent):
            calls.setdefault((call.asked_by, call.survey), []).append(call)
    for (at, _), mine in calls.items():
        first = min(one.due_on for one in mine)
        yield _Told(at, first, first <= soon, mine)


def _survey(plan: Plan, measure: PlannedMeasure) -> Title | None:
    found = plan.survey(measure.survey) if measure.service is not None else None
    return found.title if found is not None else None


def _at(directory: Directory, item: Item) -> str:
    above = directory.roster.offices[item.office].parent if item.activity.by_parent else None
    return above or item.office


class _Causes:
    """By what something is demanded; looked up only where something is."""

    def __init__(self, session: Session, desk: Desk, directory: Directory) -> None:
        self._session, self._desk, self._directory = session, desk, directory
        self._sights: dict[tuple[Quarter, str], Sight] = {}

    def of(self, item: Item) -> tuple[Cause, ...]:
        return tuple(self._found(item)) if item.causes else ()

    def is_new(self, item: Item, since: datetime) -> bool:
        """Whether it has come to be demanded since a moment, as far as figures that were entered demand it."""
        if not item.causes:
            return False
        sight = self._sight(item)
        fed_by = {measure.fed_by for _, measure in sight.plan.measures if measure.key in item.causes}
        seqs = {one.seq for (_, measure, _), one in sight.readings.items() if measure in fed_by}
        entered = readings.entries(self._session, seqs).values()
        return any(one.happened_at >= since for one in entered)

    def _found(self, item: Item) -> Iterator[Cause]:
        sight = self._sight(item)
        [(_, tallies)] = Reckoning(sight).by_office()
        for activity, measure in sight.plan.measures:
            if measure.key not in item.causes:
                continue
            tally = tallies[measure.key]
            closure = sight.closure.target if measure.source and sight.closure is not None else None
            yield Cause(
                activity, measure, tally.n or 0, tally.d or 0, measure.least or closure or Fraction(0)
            )

    def _sight(self, item: Item) -> Sight:
        """The quarter of what is demanded, at its office alone."""
        key = item.period.quarter, item.office
        if key not in self._sights:
            sight = sight_in(self._session, self._desk, self._directory, *key)
            alone = [one for one in sight.offices if one.code == item.office]
            mine = {at: one for at, one in sight.readings.items() if at[0] == item.office}
            self._sights[key] = replace(sight, offices=alone, readings=mine)
        return self._sights[key]
