"""Freezing a quarter's plan once its day of handing in is past, and telling what has changed since.

It is frozen once for the whole tree of offices, as the closure rate is and after it: a row of the same table. Later readings
never alter it; a restatement is the next version, with what is otherwise.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce

from sqlmodel import Session

from complaint_sla.core.bookfile import digest_of
from complaint_sla.core.calendars import Quarter, midnight
from complaint_sla.core.errors import BadValue, BookRefused, Error, NotPossible
from complaint_sla.core.figures import PLAN, Counts, Figure, about_figure
from complaint_sla.core.frozen import digest
from complaint_sla.core.frozen import read_cases as read_complaints
from complaint_sla.core.frozen import read_content as read_figure
from complaint_sla.core.frozenplan import (
    FrozenPlan,
    Ground,
    Line,
    PinnedFigure,
    PlannedOffice,
    Restated,
    compared,
    each_line,
    lines_of,
    read_content,
    restated,
    turns_by_itself,
    write_content,
    write_lines,
)
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.periods import Every, Period, so_far
from complaint_sla.core.plan import Plan
from complaint_sla.core.readings import standing
from complaint_sla.core.roster import Office, Roster
from complaint_sla.core.rulebook import RuleKind
from complaint_sla.core.scorecard import Closure, Sight
from complaint_sla.core.titles import Title
from complaint_sla.store import books, figures, movements, offices, readings, surveys
from complaint_sla.store.house import the_house
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.work import journal
from complaint_sla.work.chronicle import view
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import frame, offices_of
from complaint_sla.work.figures.freeze import kept, readable
from complaint_sla.work.people import figure_record
from complaint_sla.work.plans.sight import (
    closure_in,
    closure_of,
    fed_by_survey,
    plan_in,
    plan_offices,
    sight_in,
)

# --- which quarters, and when


def freeze_final(desk: Desk) -> list[FrozenPlan]:
    """Freezes the plan of every quarter that has become final since the plan came into use. One transaction each.

    A quarter that can't be frozen is set aside, as the job `quarter` notes.
    """
    with desk.store.read() as session:
        waiting = list(due(session, desk))
    made = []
    for quarter in waiting:
        with desk.apart(about_figure(PLAN, quarter)):
            made.append(desk.store.write(lambda session, q=quarter: _first(session, desk, q)))  # type: ignore[misc]
    if waiting:
        desk.beat("quarter")
    return [one for one in made if one is not None]


def overdue(session: Session, desk: Desk) -> Iterator[Quarter]:
    """The quarters whose plan could have been frozen before the longest silence that is normal, and is not; also where
    only the closure rate is what is not frozen."""
    yield from due(session, desk.at(desk.now - desk.service.silence), waits=False)


def due(session: Session, desk: Desk, *, waits: bool = True) -> Iterator[Quarter]:
    """The quarters whose plan is to be frozen by `desk.now`, and is not: from the first one of which anything was entered,
    and not what was past already when the plan came into use here.

    If it `waits`, only those whose closure rate is frozen.
    """
    begun_at, quarter = readings.begun_at(session) or surveys.begun_at(session), _first_used(session)
    if begun_at is None or quarter is None:
        return
    known = figures.versions(session, PLAN)
    while quarter.last_day < desk.today:
        if str(quarter) not in known:
            try:
                final_at = _final_at(session, desk, quarter, plan_in(session, quarter))
            except Error:
                # Neither a plan nor a book was in force, or one whose calendar has ended: that is said elsewhere.
                final_at = None
            is_final = final_at is not None and begun_at < final_at <= desk.now
            if is_final and not (waits and _waits_for_closure(session, quarter)):
                yield quarter
        quarter = quarter.following


def _first_used(session: Session) -> Quarter | None:
    """The first quarter of which anything was entered, or a list of a survey came in; None if nothing ever did."""
    found = [Quarter.of(one.since) for one in surveys.listed(session).values()]
    year = readings.first_year(session)
    if year is not None:
        found.append(_first_entered(session, year))
    return min(found, default=None)


def _first_entered(session: Session, year: int) -> Quarter:
    """The first quarter of a year of which anything was entered. What is of the whole year is of that one whose form was next
    on the day of its letter."""
    quarters = [Quarter(year, number) for number in range(1, 5)]
    for quarter in quarters:
        if readings.any_of(session, [*quarter.months, str(quarter)]):
            break
    day = readings.first_dated(session, f"{year:04d}")
    if day is not None:
        quarter = min(quarter, max(quarters[0], Quarter.of(day).previous))
    return quarter


def _final_at(session: Session, desk: Desk, quarter: Quarter, plan: Plan) -> datetime:
    """The first moment at which the plan of a quarter can be frozen: after the day of handing in, and once its closure rate
    is final. Raises as `frame`, but for a quarter without a book."""
    handed_in = midnight(plan.hand_in.of(Period.of_quarter(quarter)) + timedelta(days=1), desk.zone)
    if figures.frozen(session, str(quarter)) is not None:
        return handed_in
    try:
        return max(handed_in, frame(session, desk, quarter).final_at)
    except BadValue:
        return handed_in


def _waits_for_closure(session: Session, quarter: Quarter) -> bool:
    """Whether the closure rate has to be frozen first: where anything had been received by the end of the quarter."""
    first = figures.first_month(session)
    return first is not None and first <= quarter.months[-1] and figures.frozen(session, str(quarter)) is None


# --- freezing


def freeze(desk: Desk, quarter: Quarter) -> FrozenPlan:
    """Freezes the plan as version 1, or restates it as the next version if it has changed. One transaction.

    Raises BookRefused (`book-unreadable`), NotPossible: `no-plan`, `plan-not-final-yet`, `plan-after-closure`,
    `plan-damaged`, `plan-nothing-to-restate`.
    """

    def job(session: Session) -> FrozenPlan:
        movements.freeze_alone(session)
        return _frozen_now(session, desk, quarter, desk.clock())

    return desk.store.write(job)


def _first(session: Session, desk: Desk, quarter: Quarter) -> FrozenPlan | None:
    movements.freeze_alone(session)
    if quarter not in due(session, desk):
        # Another process got there first.
        return None
    return _frozen_now(session, desk, quarter, desk.clock())


def _frozen_now(session: Session, desk: Desk, quarter: Quarter, frozen_at: datetime) -> FrozenPlan:
    """Freezes the plan as things stand, as the next version."""
    # In one order everywhere: figures, the house, the books. Nothing is entered or published until it is done.
    journal.hold(session)
    desk.shelf.require_whole()
    _require_whole_plans(session)
    plan, directory = plan_in(session, quarter), offices.directory(session)
    final_at = _final_at(session, desk, quarter, plan)
    if final_at > desk.now:
        raise NotPossible("plan-not-final-yet", quarter=str(quarter), final_at=final_at)
    if _waits_for_closure(session, quarter):
        raise NotPossible("plan-after-closure", quarter=str(quarter))
    if broken := readings.broken(session, directory, _periods(quarter)):
        raise NotPossible("plan-damaged", quarter=str(quarter), entries=broken)
    row = figures.frozen(session, str(quarter), measure=PLAN)
    version = figures.last_version(session, str(quarter), PLAN) + 1
    sight = sight_in(session, desk, directory, quarter, None)
    ground = _ground(session, directory, sight, row.digest if row is not None else None)
    made = list(lines_of(sight))
    differing: tuple[Restated, ...] = ()
    if row is not None:
        with readable(row):
            earlier, then = read_content(row.content, row.frozen_at), list(each_line(row.cases))
        differing = (*restated(earlier.ground, ground), *_changes(session, sight, then, made))
        if not differing:
            raise NotPossible("plan-nothing-to-restate", quarter=str(quarter), version=row.version)
    books.hold(session, desk.shelf)
    lines = write_lines(made)
    content = write_content(quarter, version, desk.now, final_at, ground, lines, differing, desk.zone)
    # Whoever got there first with this version makes the transaction begin anew.
    session.add(
        FrozenFigure(
            measure=PLAN,
            quarter=str(quarter),
            version=version,
            frozen_at=frozen_at,
            content=content,
            cases=lines,
            digest=digest(content),
        )
    )
    session.flush()
    kind = JournalKind.FROZEN if row is None else JournalKind.RESTATED
    said = {"measure": PLAN, "quarter": str(quarter), "version": version, "digest": digest(content)}
    journal.record(session, desk, kind, figure_record({**said, "frozen_at": frozen_at}))
    return read_content(content, frozen_at)


def _require_whole_plans(session: Session) -> None:
    """Raises BookRefused (`book-unreadable`) where a plan in force is not what was published."""
    for row in books.in_force(session, RuleKind.PLAN):
        if digest_of(row.text, {}) != row.digest:
            raise BookRefused("book-unreadable", book=row.book_id)


def _periods(quarter: Quarter) -> list[str]:
    """The keys of the periods that a card needs: from January on."""
    return [one.key for every in Every for one in so_far(every, quarter)]


def _ground(session: Session, directory: Directory, sight: Sight, before: str | None = None) -> Ground:
    """What the plan of a quarter stands on today."""
    house, quarter = the_house(session), sight.quarter
    earlier: tuple[PinnedFigure, ...] | None = None
    if sight.closure is not None and sight.closure.year is not None:
        quarters = (Quarter(quarter.year, number) for number in range(1, quarter.number))
        earlier = tuple(one for one in (_pinned(session, past) for past in quarters) if one is not None)
    return Ground(
        plan=sight.plan.id,
        plan_digest=digest_of(sight.plan.text, {}),
        hand_in=sight.hand_in,
        target=sight.closure.target if sight.closure is not None else None,
        closure=_pinned(session, quarter),
        earlier=earlier,
        offices=_offices(directory),
        seq=house.events,
        head=house.head,
        before=before,
        newest=figures.newest(session),
    )


def _pinned(session: Session, quarter: Quarter) -> PinnedFigure | None:
    """The newest closure figure of a quarter that stands."""
    row = figures.frozen(session, str(quarter))
    if row is None:
        return None
    with readable(row):
        counts = read_figure(row.content, row.frozen_at).figure.counts
    return PinnedFigure(str(quarter), row.version, row.digest, counts.numerator, counts.denominator)


def _offices(directory: Directory) -> tuple[PlannedOffice, ...]:
    roster, rows = directory.roster, {row.code: row for row in directory.offices.values()}
    _, codes, _ = offices_of(directory, None)
    return tuple(
        PlannedOffice(
            code, roster.offices[code].parent, rows[code].name_th, rows[code].name_en, rows[code].class_
        )
        for code in codes
    )


def _changes(session: Session, sight: Sight, then: Sequence[Line], now: Sequence[Line]) -> Iterator[Restated]:
    """The measures that stand otherwise; one that was only entered anew with the very same words does not."""
    for one, was, is_now in compared(sight.plan, sight.quarter, sight.hand_in, then, now):
        if one.name == "entry" and _said(session, was) == _said(session, is_now):
            continue
        yield one


def _said(session: Session, seqs: Sequence[int]) -> list[object]:
    """What entries say beside their words, in order; of one that can't be read, its number."""
    found = readings.entries(session, seqs)
    views = [(seq, view(found[seq]) if seq in found else None) for seq in seqs]
    return [(one.kind, one.said) if one is not None and one.said is not None else seq for seq, one in views]


# --- what was frozen, and what would be otherwise today


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
    is_closed_alike = _pinned(session, quarter) == ground.closure
    if not is_closed_alike:
        closure = closure_in(session, desk, directory, quarter, None)
    today = replace(then, plan=plan, today=desk.today, closure=closure)
    mine = {one.code for one in then.offices} | set(offices_of(directory, office)[1])
    changed = list(restated(ground, _ground(session, directory, today)))
    yield from (one for one in changed if one.office is None or one.office in mine)
    # Most often a few were entered anew, and the others need not be looked at.
    surveyed = fed_by_survey(session, plan, directory, quarter, _ids(directory, mine), desk.today)
    if plan == then.plan and is_closed_alike and not turns_by_itself(plan, quarter, frozen.as_of, desk.today):
        touched = {where for where, _, _ in surveyed.polls}
        touched |= readings.offices_since(session, directory, _periods(quarter), ground.seq)
        touched |= {one.office for one in changed if one.office is not None}
        known = directory.roster.offices
        # One without class that gets its first office below fills no form of its own any more.
        mine &= touched | {known[code].parent for code in touched if code in known}
    codes = sorted(mine & directory.roster.offices.keys())
    stands = standing(readings.of_periods(session, directory, _periods(quarter), _ids(directory, mine)))
    today = replace(
        today, offices=plan_offices(directory, codes), readings=surveyed.over(stands), surveys=surveyed.polls
    )
    was = [one for one in lines if one.office in mine]
    yield from _changes(session, today, was, list(lines_of(today)))


def _ids(directory: Directory, codes: Container[str]) -> list[int]:
    return [id_ for id_, one in directory.offices.items() if one.code in codes]
