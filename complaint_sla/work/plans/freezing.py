"""Freezing a quarter's plan once its day of handing in is past, and telling what has changed since.

It is frozen once for the whole tree of offices, as the closure rate is and after it: a row of the same table. Later readings
never alter it; a restatement is the next version, with what is otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from complaint_sla.core.bookfile import digest_of
from complaint_sla.core.calendars import Quarter, midnight
from complaint_sla.core.errors import BadValue, BookRefused, Error, NotPossible
from complaint_sla.core.figures import PLAN, about_figure
from complaint_sla.core.frozen import read_content as read_figure
from complaint_sla.core.frozenplan import (
    FrozenPlan,
    Ground,
    Line,
    PinnedFigure,
    PlannedOffice,
    Restated,
    each_line,
    lines_of,
    read_content,
    write_content,
    write_lines,
)
from complaint_sla.core.periods import Every, Period, so_far
from complaint_sla.core.plan import Plan
from complaint_sla.core.planchanges import compared, restated
from complaint_sla.core.rulebook import RuleKind
from complaint_sla.core.scorecard import Sight
from complaint_sla.store import books, figures, movements, offices, readings, surveys
from complaint_sla.store.books import plan_in
from complaint_sla.store.house import the_house
from complaint_sla.store.offices import Directory
from complaint_sla.work import journal
from complaint_sla.work.chronicle import view
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import first_served, frame, offices_of
from complaint_sla.work.figures.freeze import keep, readable
from complaint_sla.work.plans.sight import sight_in

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
    only the closure rate is what is not frozen, unless that waits for a person."""
    waiting = list(due(session, desk.at(desk.now - desk.service.silence), waits=False))
    first = first_served(session, desk) if waiting else None
    for quarter in waiting:
        if not _waits_for_closure(session, quarter) or (first is not None and first <= quarter):
            yield quarter


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
    if broken := readings.broken(session, directory, periods_of(quarter)):
        raise NotPossible("plan-damaged", quarter=str(quarter), entries=broken)
    row = figures.frozen(session, str(quarter), measure=PLAN)
    version = figures.last_version(session, str(quarter), PLAN) + 1
    sight = sight_in(session, desk, directory, quarter, None)
    ground = ground_of(session, directory, sight, row.digest if row is not None else None)
    made = list(lines_of(sight))
    differing: tuple[Restated, ...] = ()
    if row is not None:
        with readable(row):
            earlier, then = read_content(row.content, row.frozen_at), list(each_line(row.cases))
        differing = (*restated(earlier.ground, ground), *changes_of(session, sight, then, made))
        if not differing:
            raise NotPossible("plan-nothing-to-restate", quarter=str(quarter), version=row.version)
    books.hold(session, desk.shelf)
    lines = write_lines(made)
    content = write_content(quarter, version, desk.now, final_at, ground, lines, differing, desk.zone)
    keep(session, desk, PLAN, quarter, version, frozen_at, content, lines, is_first=row is None)
    return read_content(content, frozen_at)


def _require_whole_plans(session: Session) -> None:
    """Raises BookRefused (`book-unreadable`) where a plan in force is not what was published."""
    for row in books.in_force(session, RuleKind.PLAN):
        if digest_of(row.text, {}) != row.digest:
            raise BookRefused("book-unreadable", book=row.book_id)


def periods_of(quarter: Quarter) -> list[str]:
    """The keys of the periods that a card needs: from January on."""
    return [one.key for every in Every for one in so_far(every, quarter)]


def ground_of(session: Session, directory: Directory, sight: Sight, before: str | None = None) -> Ground:
    """What the plan of a quarter stands on today."""
    house, quarter = the_house(session), sight.quarter
    earlier: tuple[PinnedFigure, ...] | None = None
    if sight.closure is not None and sight.closure.year is not None:
        quarters = (Quarter(quarter.year, number) for number in range(1, quarter.number))
        earlier = tuple(one for one in (pinned(session, past) for past in quarters) if one is not None)
    return Ground(
        plan=sight.plan.id,
        plan_digest=digest_of(sight.plan.text, {}),
        hand_in=sight.hand_in,
        target=sight.closure.target if sight.closure is not None else None,
        closure=pinned(session, quarter),
        earlier=earlier,
        offices=_offices(directory),
        seq=house.events,
        head=house.head,
        before=before,
        newest=figures.newest(session),
    )


def pinned(session: Session, quarter: Quarter) -> PinnedFigure | None:
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


def changes_of(
    session: Session, sight: Sight, then: Sequence[Line], now: Sequence[Line]
) -> Iterator[Restated]:
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
