"""What was handed in of the plan, and what would be otherwise today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.figures import PLAN, Counts, Figure
from complaint_sla.core.frozen import read_cases as read_complaints
from complaint_sla.core.frozen import read_content as read_figure
from complaint_sla.core.frozenplan import (
    FrozenPlan,
    Line,
    PinnedFigure,
    Restated,
    each_line,
    lines_of,
    read_content,
)
from complaint_sla.core.plan import Plan
from complaint_sla.core.planchanges import restated, turns_by_itself
from complaint_sla.core.readings import standing
from complaint_sla.core.roster import Office, Roster
from complaint_sla.core.scorecard import Closure, Sight
from complaint_sla.core.titles import Title
from complaint_sla.store import books, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.offices import Directory
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import offices_of
from complaint_sla.work.figures.freeze import kept, readable
from complaint_sla.work.plans.freezing import changes_of, ground_of, periods_of, pinned
from complaint_sla.work.plans.sight import closure_in, closure_of, plan_offices, sight_in
from complaint_sla.work.surveys.feed import fed


@dataclass(frozen=True)
class Shown:
    """How the plan of a quarter is shown: `sight` is that of the `frozen` one if there is one, else as things stand.

    `differing` is what is otherwise today than in the newest version; nothing of an old one that was asked for by its
    number. `titles` names the offices, those of a frozen plan as they were called then. `is_before_the_office`: the one
    that is asked for was founded since.
    """

    sight: Sight
    frozen: FrozenPlan | None = None
    differing: tuple[Restated, ...] = ()
    titles: Mapping[str, Title] = field(default_factory=dict)
    is_before_the_office: bool = False


def shown(
    session: Session,
    desk: Desk,
    directory: Directory,
    quarter: Quarter,
    office: str | None = None,
    version: int | None = None,
) -> Shown:
    """The plan of a quarter, of an office and all below it or of all offices.

    Raises BadValue (`unknown-office`), NotFound (`no-such-version`), NotPossible: `no-plan`, `record-damaged`.
    """
    titles = {code: directory.title(code) for code in directory.roster.offices}
    row = kept(session, quarter, version, PLAN)
    if row is None:
        return Shown(sight_in(session, desk, directory, quarter, office), titles=titles)
    with readable(row):
        frozen = read_content(row.content, row.frozen_at, row.voided_at)
        code = offices_of(directory, office)[0]
        codes = _below(frozen, code)
        lines = list(each_line(row.cases, None if code is None else frozenset(codes)))
    sight = frozen.sight(
        _plan_then(session, frozen), lines, closure_then(session, frozen, code), frozenset(codes)
    )
    return Shown(
        sight=sight,
        frozen=frozen,
        differing=()
        if version is not None
        else tuple(_differing(session, desk, directory, frozen, sight, lines, code)),
        titles=titles | {one.code: Title(one.th, one.en) for one in frozen.ground.offices},
        is_before_the_office=code is not None and not frozen.had(code),
    )


def _below(frozen: FrozenPlan, office: str | None) -> list[str]:
    """That office and all below it, or all, in the tree as it was."""
    tree = Roster({one.code: Office(one.code, one.parent) for one in frozen.ground.offices}, {})
    if office is None:
        return tree.tree()
    return list(tree.below(office)) if frozen.had(office) else []


def _plan_then(session: Session, frozen: FrozenPlan) -> Plan:
    """The plan as it was published. Raises NotPossible (`record-damaged`) where a hand has made something else of it."""
    plan = books.plan_under(session, frozen.ground.plan_digest)
    if plan is None:
        raise NotPossible("record-damaged", about=f"plan {frozen.ground.plan}", columns=["text"])
    return plan


def closure_then(session: Session, frozen: FrozenPlan, office: str | None) -> Closure | None:
    """The closure rate as it was handed in with the plan."""
    ground = frozen.ground
    if ground.closure is None:
        # Nothing had been received.
        return None if ground.target is None else Closure(ground.target, has_ended=True, is_final=True)
    figure = _figure_then(session, ground.closure, office)
    year = None
    if ground.earlier is not None:
        past = (_figure_then(session, one, office).counts for one in ground.earlier)
        year = reduce(Counts.plus, past, figure.counts)
    return closure_of(figure, year)


def _figure_then(session: Session, pinned: PinnedFigure, office: str | None) -> Figure:
    row = kept(session, Quarter.parse(pinned.quarter), pinned.version)
    assert row is not None, "a version that is asked for is there"
    with readable(row):
        frozen = read_figure(row.content, row.frozen_at)
        return frozen.figure if office is None else frozen.of_office(office, read_complaints(row.cases))


def _differing(
    session: Session,
    desk: Desk,
    directory: Directory,
    frozen: FrozenPlan,
    then: Sight,
    lines: Sequence[Line],
    office: str | None,
) -> Iterator[Restated]:
    """What is otherwise today than in a frozen plan, at an office and all below it, then or now, or at all offices."""
    quarter, ground = frozen.quarter, frozen.ground
    try:
        plan = plan_in(session, quarter)
    except NotPossible:
        # While it is lost nobody knows what would be.
        return
    closure = then.closure
    is_closed_alike = pinned(session, quarter) == ground.closure
    if not is_closed_alike:
        closure = closure_in(session, desk, directory, quarter, None)
    today = replace(then, plan=plan, today=desk.today, closure=closure)
    mine = {one.code for one in then.offices} | set(offices_of(directory, office)[1])
    changed = list(restated(ground, ground_of(session, directory, today)))
    yield from (one for one in changed if one.office is None or one.office in mine)
    # Most often a few were entered anew, and the others need not be looked at.
    surveyed = fed(session, plan, directory, quarter, desk.today, directory.ids_of(mine))
    if plan == then.plan and is_closed_alike and not turns_by_itself(plan, quarter, frozen.as_of, desk.today):
        touched = {where for where, _, _ in surveyed.polls}
        touched |= readings.offices_since(session, directory, periods_of(quarter), ground.seq)
        touched |= {one.office for one in changed if one.office is not None}
        known = directory.roster.offices
        # One without class that gets its first office below fills no form of its own any more.
        mine &= touched | {known[code].parent for code in touched if code in known}
    codes = sorted(mine & directory.roster.offices.keys())
    stands = standing(readings.of_periods(session, directory, periods_of(quarter), directory.ids_of(mine)))
    today = replace(
        today, offices=plan_offices(directory, codes), readings=surveyed.over(stands), surveys=surveyed.polls
    )
    was = [one for one in lines if one.office in mine]
    yield from changes_of(session, today, was, list(lines_of(today)))
