"""A quarter's figures of the plan given out: what stands, and an empty row for each that is not in, to be filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.periods import Period, within
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, standing
from complaint_sla.core.reckoning import items
from complaint_sla.core.scorecard import Closure, Sight
from complaint_sla.store import offices, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.offices import Directory
from complaint_sla.work.chronicle import EntryView, view
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import offices_of
from complaint_sla.work.plans.sheets.rows import COLUMNS, FILLED
from complaint_sla.work.plans.sight import acting_office, closure_in, plan_offices
from complaint_sla.work.sheets.writing import new_sheet
from complaint_sla.work.surveys.feed import fed
from complaint_sla.work.whom import own_office_meant

# Offices whose figures are read at a time: some two thousand rows.
PAGE = 50

# What is said to whoever fills in the row of a measure's period: what it is, and what n and d are.
Guide = Callable[[Activity, PlannedMeasure, Period], tuple[str, str]]


@dataclass(frozen=True)
class Exported:
    """Rows of a sheet: what stands, and what is not in."""

    standing: int
    empty: int


def export(
    desk: Desk,
    path: Path,
    quarter: Quarter,
    guide: Guide,
    office: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Exported:
    """Writes the figures of an office and all below it, office by office in the order of the plan. Without one it is that of
    who acts; of who has none, all.

    The file is there whole or not at all, read in one transaction. Raises BadValue: `unknown-ending`, `file-unwritable`,
    `unknown-office`, `ambiguous`; NotPossible: `no-plan`, `office-not-yours`.
    """
    with new_sheet(path, COLUMNS) as write, desk.store.read() as session:
        sheet = _Export(session, desk, quarter, guide, office)
        stands = empty = 0
        for is_in, values in sheet.rows(progress):
            write(values)
            stands, empty = stands + is_in, empty + (not is_in)
    return Exported(stands, empty)


class _Export:
    """One quarter, read office by office."""

    def __init__(
        self, session: Session, desk: Desk, quarter: Quarter, guide: Guide, office: str | None
    ) -> None:
        self._session, self._desk, self._quarter = session, desk, quarter
        self._directory: Directory = offices.directory(session)
        self._plan: Plan = plan_in(session, quarter)
        acting = acting_office(desk, self._directory)
        meant = own_office_meant(desk, self._directory, office) if office is not None else acting
        code, self._codes, _ = offices_of(self._directory, meant.code if meant is not None else None)
        self._closure: Closure | None = closure_in(session, desk, self._directory, quarter, code)
        # Of every measure that is entered, its periods, and the columns that say what is to be filled in.
        self._asked = [
            (measure.key, period.key, (*guide(activity, measure, period), measure.due.of(period).isoformat()))
            for activity, measure in self._plan.measures
            if not measure.source and measure.same_as is None
            for period in within(measure.every, quarter)
        ]

    def rows(self, progress: Callable[[int], None] | None) -> Iterator[tuple[bool, Sequence[object]]]:
        """Each row's values in the order of COLUMNS, and whether its figure, or for whom one waits, stands."""
        done = 0
        for at in range(0, len(self._codes), PAGE):
            for row in self._page(self._codes[at : at + PAGE]):
                yield row
                done += 1
            self._session.expunge_all()
            if progress is not None:
                progress(done)

    def _page(self, codes: Sequence[str]) -> Iterator[tuple[bool, Sequence[object]]]:
        session, plan, quarter = self._session, self._plan, self._quarter
        ids = self._directory.ids_of(codes)
        periods = {period for _, period, _ in self._asked}
        typed = standing(readings.of_periods(session, self._directory, periods, ids))
        surveyed = fed(session, plan, self._directory, quarter, self._desk.today, ids)
        sight = Sight(
            plan=plan,
            quarter=quarter,
            today=self._desk.today,
            offices=plan_offices(self._directory, codes),
            readings=surveyed.over(typed),
            closure=self._closure,
            surveys=surveyed.polls,
        )
        empty = {(one.office, one.measure.key, one.period.key) for one in items(sight)}
        entries = {
            seq: view(entry)
            for seq, entry in readings.entries(session, [one.seq for one in typed.values()]).items()
        }
        for code in codes:
            for measure, period, told in self._asked:
                place = (code, measure, period)
                # Nobody enters what a survey feeds.
                if place in surveyed.polls:
                    continue
                stands = typed.get(place)
                if stands is not None or place in empty:
                    entry = entries.get(stands.seq) if stands is not None else None
                    yield stands is not None, (*place, *told, *_filled(stands, entry))


def _filled(stands: Reading | None, entry: EntryView | None) -> Sequence[object]:
    """In the order of FILLED."""
    if stands is None:
        return (None,) * len(FILLED)
    said = (entry.said or {}) if entry is not None else {}
    dated = stands.dated.isoformat() if stands.dated is not None else None
    note = entry.words.get("note") if entry is not None else None
    return (stands.n, stands.d, said.get("source"), dated, said.get("whom"), note)
