"""The card of the action plan: how its activities stand in a quarter, each figure with its letter and who entered it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter, midnight
from complaint_sla.core.frozenplan import FrozenPlan, Restated
from complaint_sla.core.plan import Plan
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.reckoning import card as activity_lines
from complaint_sla.core.scorecard import ActivityLine, Sight
from complaint_sla.core.titles import Title
from complaint_sla.store import offices, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.offices import Directory
from complaint_sla.work.chronicle import EntryView, view
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.enter import late_days, measure_called
from complaint_sla.work.plans.handed_in import Shown, shown
from complaint_sla.work.plans.sight import next_to_hand_in, office_of


@dataclass(frozen=True)
class Written:
    """How what stands of a period came to be: its entry, so many days after it was due a figure came in first, and how
    often it was corrected since.
    """

    entry: EntryView
    late_days: int
    corrections: int


@dataclass(frozen=True)
class Card:
    """The plan of a quarter at an office and all below it, or at all (None): as things stand, or the `frozen` one.

    Final from `final_at` (UTC) on, and not before the closure rate is. `written` is of the readings on it, by their number,
    where there is one office only. `history`: all that was ever entered of the one measure that was asked for. `differing`:
    what is otherwise today than in the newest version.
    """

    plan: Plan
    quarter: Quarter
    office: str | None
    title: Title | None
    final_at: datetime
    is_final: bool
    activities: tuple[ActivityLine, ...]
    frozen: FrozenPlan | None = None
    written: Mapping[int, Written] = field(default_factory=dict)
    history: tuple[EntryView, ...] | None = None
    differing: tuple[Restated, ...] = ()

    @property
    def version(self) -> int | None:
        return self.frozen.version if self.frozen is not None else None


@readings.uncollected()
def card(
    desk: Desk,
    quarter: Quarter | None = None,
    office: str | None = None,
    measure: str | None = None,
    version: int | None = None,
) -> Card:
    """As it was frozen, or else as things stand: of the quarter that is handed in next, and of the office of who acts, where
    none is named.

    One reading transaction. Raises NotPossible: `no-plan`, `office-not-yours`, `record-damaged`; BadValue: `unknown-office`,
    `ambiguous`, `unknown-measure`; NotFound (`no-such-version`).
    """
    with desk.store.read() as session:
        directory = offices.directory(session)
        wanted = quarter if quarter is not None else next_to_hand_in(session, desk)
        plan = plan_in(session, wanted)
        meant = office_of(desk, directory, plan, office)
        code = meant.code if meant is not None else None
        if measure is not None:
            measure_called(plan, measure)
        return card_of(
            session, desk, directory, shown(session, desk, directory, wanted, code, version), code, measure
        )


def card_of(
    session: Session,
    desk: Desk,
    directory: Directory,
    found: Shown,
    office: str | None,
    measure: str | None = None,
) -> Card:
    """The card that follows from what is shown; with one measure only, and its history."""
    sight, is_frozen = found.sight, found.frozen is not None
    activities = activity_lines(sight)
    history = None
    if measure is not None:
        activities, history = _only(session, directory, activities, sight, measure)
    final_at = final_from(desk, sight)
    return Card(
        plan=sight.plan,
        quarter=sight.quarter,
        office=office,
        title=found.titles[office] if office is not None else None,
        final_at=final_at,
        is_final=is_frozen or (desk.now >= final_at and (sight.closure is None or sight.closure.is_final)),
        activities=activities,
        frozen=found.frozen,
        written=_written(session, desk, directory, activities),
        history=history,
        differing=found.differing,
    )


def final_from(desk: Desk, sight: Sight) -> datetime:
    """The first moment (UTC) after the day on which the form is handed in, and never before the closure rate is final."""
    after = midnight(sight.hand_in + timedelta(days=1), desk.zone)
    closure = sight.closure.final_at if sight.closure is not None else None
    return after if closure is None else max(after, closure)


def _only(
    session: Session,
    directory: Directory,
    activities: Iterable[ActivityLine],
    sight: Sight,
    measure: str,
) -> tuple[tuple[ActivityLine, ...], tuple[EntryView, ...]]:
    """What is of one measure, and all that was entered of it."""
    _, wanted = measure_called(sight.plan, measure)
    found = tuple(
        ActivityLine(one.activity, one.mark, lines)
        for one in activities
        if (lines := tuple(line for line in one.measures if line.measure.key == wanted.key))
    )
    periods = {line.period.key for one in found for measured in one.measures for line in measured.periods}
    ids = directory.ids_of({one.code for one in sight.offices})
    entries = readings.history(session, ids, wanted.fed_by, periods)
    return found, tuple(view(one) for one in entries)


def _written(
    session: Session, desk: Desk, directory: Directory, activities: Iterable[ActivityLine]
) -> dict[int, Written]:
    lines = [
        (line.reading, line.due_on)
        for activity in activities
        for measured in activity.measures
        for line in measured.periods
        if line.reading is not None
    ]
    if not lines:
        return {}
    every: dict[tuple[str, str, str], list[Reading]] = {}
    ids = directory.ids_of({reading.office for reading, _ in lines})
    for one in readings.of_periods(session, directory, {reading.period for reading, _ in lines}, ids):
        every.setdefault((one.office, one.measure, one.period), []).append(one)
    entries = {
        seq: view(entry)
        for seq, entry in readings.entries(
            session, {one.seq for mine in every.values() for one in mine}
        ).items()
    }
    found = {}
    for reading, due_on in lines:
        # What a survey feeds was never entered.
        mine = sorted(
            every.get((reading.office, reading.measure, reading.period), []), key=lambda one: one.seq
        )
        told = [entries[one.seq] for one in mine if one.seq <= reading.seq and one.seq in entries]
        if reading.seq in entries:
            found[reading.seq] = Written(
                entries[reading.seq], late_days(told, due_on, desk.zone), _corrections(mine, reading)
            )
    return found


def _corrections(mine: Iterable[Reading], reading: Reading) -> int:
    """How often a figure took the place of another, up to a reading."""
    found, before = 0, None
    for one in mine:
        if one.seq <= reading.seq:
            found += before is ReadingKind.FIGURE and one.kind is ReadingKind.FIGURE
            before = one.kind
    return found
