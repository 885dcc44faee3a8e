"""What is entered of the action plan: a figure with its letter, whom one waits for, that there is none after all.

An entry of the journal and a reading, in one transaction. Whoever enters at the same time waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.calendars import Quarter, local_day
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.figures import PLAN
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every, Period
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind, figure
from complaint_sla.core.reckoning import Reckoning
from complaint_sla.core.scorecard import state_in
from complaint_sla.store import figures, offices, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.tables import Office
from complaint_sla.work import journal
from complaint_sla.work.chronicle import EntryView, view
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.sight import office_of, own_sight_in, reporting
from complaint_sla.work.plans.submitted import LETTER, Checked, Entered, Submitted
from complaint_sla.work.surveys.feed import Fed, fed

_ENTRIES: Mapping[ReadingKind, JournalKind] = {
    ReadingKind.FIGURE: JournalKind.PLAN_FIGURE,
    ReadingKind.AWAITING: JournalKind.PLAN_AWAITING,
    ReadingKind.WITHDRAWN: JournalKind.PLAN_WITHDRAWN,
}


def enter(desk: Desk, submitted: Submitted) -> Entered:
    """One transaction. Raises as `Pen.office` and `Pen.enter` do."""
    return desk.store.write(partial(_entered, desk, submitted))


def measure_meant(desk: Desk, submitted: Submitted) -> PlannedMeasure:
    """What is to be entered, before anybody is asked for it. Raises as `Pen.office` and `Pen.measure`."""
    with desk.store.read() as session:
        pen = Pen(session, desk, rehearsal=True)
        return pen.measure(submitted, pen.office(submitted))


def _entered(desk: Desk, submitted: Submitted, session: Session) -> Entered:
    pen = Pen(session, desk)
    found = pen.enter(submitted, pen.office(submitted))
    return pen.with_lines(found)


class Pen:
    """Enters one or many things in a transaction of the caller's; nobody else enters anything meanwhile.

    In a `rehearsal` it only checks, and nobody has to wait.
    """

    def __init__(self, session: Session, desk: Desk, *, rehearsal: bool = False) -> None:
        # Whoever had to wait sees what the one before has entered, and the plan as it was published.
        if not rehearsal:
            journal.hold(session)
        self.directory = offices.directory(session)
        self._session, self._desk = session, desk
        self._plans: dict[Quarter, Plan] = {}
        self._handed_in: dict[Quarter, bool] = {}
        self._offices: dict[tuple[Quarter, str | None], Office] = {}
        self._known: dict[readings.Place, Sequence[tuple[EntryView, Reading | None]]] = {}
        self._fed: dict[tuple[Quarter, int], Fed] = {}

    def office(self, submitted: Submitted) -> Office:
        """The office that is meant. Raises BadValue: `bad-period`, `office-needed`, `unknown-office`, `ambiguous`; NotPossible:
        `no-plan`, `office-not-yours`."""
        period, text = Period.parse(submitted.period), submitted.office
        key = (period.quarter, text)
        if key not in self._offices:
            found = office_of(self._desk, self.directory, self.plan(period), text)
            if found is None:
                raise BadValue("office-needed", known=sorted(reporting(self.directory, self.plan(period))))
            self._offices[key] = found
        return self._offices[key]

    def enter(self, submitted: Submitted, office: Office) -> Entered:
        """Puts down what is entered for an office; the same again is not put down. Raises as `check`."""
        checked = self.check(submitted, office)
        if not checked.is_new:
            assert checked.before is not None, "it is the same as what stands"
            return self._answer(checked, checked.before, checked.entries)
        reading = self.put(checked)
        added = [view(one) for one in readings.entries(self._session, [reading.seq]).values()]
        found = self._answer(checked, reading, [*checked.entries, *added])
        return replace(found, replaces=checked.before, replaced=checked.replaced)

    def check(self, submitted: Submitted, office: Office) -> Checked:
        """What is entered for an office, if it can be; nothing is put down.

        Raises BadValue: `one-of-two`, `bad-period`, `unknown-measure`, `period-not-month` (`-quarter`, `-year`), as
        `core.readings.figure` does, `letter-needed`, `day-to-come`, `period-to-come`, `period-not-begun`,
        `day-before-period`; NotPossible: `no-plan`, `fed-by-tracker`, `fed-by-survey`, `same-figures`, `office-gathers`,
        `not-for-office`, `nothing-to-withdraw`.
        """
        kind, period, measure = (
            submitted.kind,
            Period.parse(submitted.period),
            self.measure(submitted, office),
        )
        plan = self.plan(period)
        said, n, d = self._said(submitted, measure, period, kind)
        note = None if submitted.note is None else fields.line("--note", submitted.note)

        entries, before, replaced = self.standing(office, measure, period)
        is_new = before is None or replaced is None or not _is_same(before, replaced, kind, said, note)
        checked = Checked(
            plan, measure, period, office, kind, said, n, d, note, entries, before, replaced, is_new
        )
        if before is None and kind is ReadingKind.WITHDRAWN:
            raise NotPossible("nothing-to-withdraw", **checked.where)
        return checked

    def measure(self, submitted: Submitted, office: Office) -> PlannedMeasure:
        """The measure that is meant, if it is entered for that period and office. Raises as `check`, but for what is entered."""
        period = Period.parse(submitted.period)
        plan = self.plan(period)
        activity, measure = measure_called(plan, submitted.measure)
        if period.every is not measure.every:
            raise _wrong_period(measure, submitted.period)
        self._require_by_hand(plan, activity, measure, period, office)
        return measure

    def put(self, checked: Checked) -> Reading:
        """Puts down what was checked in this transaction."""
        where = checked.where
        data = {**where, **checked.said}
        seq = journal.record(self._session, self._desk, _ENTRIES[checked.kind], data, {"note": checked.note})
        reading = Reading(
            seq, **where, kind=checked.kind, n=checked.n, d=checked.d, dated=checked.said.get("dated")
        )
        office_id = checked.office.id or 0
        readings.append(self._session, office_id, reading)
        self._known.pop((office_id, reading.measure, reading.period), None)
        return reading

    def with_lines(self, found: Entered) -> Entered:
        """The same, and how what it feeds stands in the quarter; of what is of a year no quarter is meant."""
        if found.period.every is Every.YEAR:
            return found
        office = self.directory.office(found.office)
        plan = self.plan(found.period)
        assert office is not None, "it was entered for"
        sight = own_sight_in(self._session, self._desk, self.directory, found.period.quarter, plan, office)
        reckoning = Reckoning(sight)
        lines = tuple(
            (activity, reckoning.line(measure.key))
            for activity, measure in plan.measures
            if measure.fed_by == found.measure.key and activity.is_for(office.class_)
        )
        return replace(found, lines=lines)

    def plan(self, period: Period) -> Plan:
        """The plan that governs a period. Raises NotPossible (`no-plan`)."""
        quarter = period.quarter
        if quarter not in self._plans:
            self._plans[quarter] = plan_in(self._session, quarter)
        return self._plans[quarter]

    def _require_by_hand(
        self, plan: Plan, activity: Activity, measure: PlannedMeasure, period: Period, office: Office
    ) -> None:
        """Refuses what nobody enters, and what is not for the office."""
        if measure.source:
            raise NotPossible("fed-by-tracker", measure=measure.key)
        if measure.same_as is not None:
            raise NotPossible("same-figures", measure=measure.key, of=measure.same_as)
        if office.class_ in plan.gathering:
            raise NotPossible("office-gathers", office=office.code, class_=office.class_)
        if not activity.is_for(office.class_):
            known = sorted(activity.only_for or ())
            raise NotPossible(
                "not-for-office", measure=measure.key, office=office.code, class_=office.class_, known=known
            )
        if measure.survey is None:
            return
        quarter, mine = period.quarter, office.id or 0
        if (quarter, mine) not in self._fed:
            self._fed[quarter, mine] = fed(
                self._session, plan, self.directory, quarter, self._desk.today, [mine]
            )
        if (office.code, measure.key, period.key) in self._fed[quarter, mine].polls:
            raise NotPossible("fed-by-survey", measure=measure.key, office=office.code)

    def _said(
        self, submitted: Submitted, measure: PlannedMeasure, period: Period, kind: ReadingKind
    ) -> tuple[dict[str, Any], int | None, int | None]:
        """What the entry says beside where it belongs; n and d."""
        if kind is ReadingKind.WITHDRAWN:
            return {}, None, None
        if kind is ReadingKind.AWAITING:
            return {"whom": fields.line("--awaiting", submitted.awaiting or "", LETTER)}, None, None
        n, d = figure(measure, submitted.figure)
        if submitted.source is None or submitted.dated is None:
            raise BadValue("letter-needed", measure=measure.key)
        today = self._desk.today
        day_of_letter(submitted.dated, today)
        if measure.kind is not Kind.DONE and period.last >= today:
            raise BadValue("period-to-come", value=submitted.period, last=period.last)
        if period.first > today:
            raise BadValue("period-not-begun", value=submitted.period, first=period.first)
        if submitted.dated < period.first:
            # A slip of the year would make what was late in time.
            raise BadValue("day-before-period", value=submitted.dated, first=period.first)
        source = fields.line("--source", submitted.source, LETTER)
        return {"n": n, "d": d, "source": source, "dated": submitted.dated}, n, d

    def standing(
        self, office: Office, measure: PlannedMeasure, period: Period
    ) -> tuple[Sequence[EntryView], Reading | None, EntryView | None]:
        """The entries of a measure's period at an office, oldest first; what stands of them, and its entry."""
        place = (office.id or 0, measure.key, period.key)
        if place not in self._known:
            self.look_up([place])
        known = self._known[place]
        entries = [entry for entry, _ in known]
        for entry, reading in reversed(known):
            if reading is not None:
                is_there = reading.kind is not ReadingKind.WITHDRAWN
                return entries, reading if is_there else None, entry if is_there else None
        return entries, None, None

    def look_up(self, places: Collection[readings.Place]) -> None:
        """Looks at once at what has been entered of many, for whoever is going to ask of each."""
        found = readings.of_places(self._session, self.directory, places)
        seqs = [seq for known in found.values() for seq, _ in known]
        entries = {seq: view(one) for seq, one in readings.entries(self._session, seqs).items()}
        for place, known in found.items():
            self._known[place] = [(entries[seq], reading) for seq, reading in known if seq in entries]

    def _answer(self, checked: Checked, reading: Reading, entries: Sequence[EntryView]) -> Entered:
        measure, period = checked.measure, checked.period
        stands = None if reading.kind is ReadingKind.WITHDRAWN else reading
        due_on = measure.due.of(period)
        return Entered(
            office=checked.office.code,
            measure=measure,
            period=period,
            reading=stands,
            entry=entries[-1] if stands is not None else None,
            state=state_in(measure, period, stands, self._desk.today),
            due_on=due_on,
            late_days=late_days(entries, due_on, self._desk.zone),
            is_new=checked.is_new,
            frozen=self.frozen(checked),
        )

    def frozen(self, checked: Checked) -> tuple[Quarter, ...]:
        """The quarters that it counts in and that were handed in before."""
        period, dated = checked.period, checked.said.get("dated")
        quarters = [period.quarter]
        if period.every is Every.YEAR:
            # What is done in June counts from the second quarter on.
            every = [Quarter(period.first.year, number) for number in range(1, 5)]
            hand_in = checked.plan.hand_in
            quarters = [one for one in every if dated is None or dated <= hand_in.of(Period.of_quarter(one))]
        return tuple(one for one in quarters if self._is_frozen(one))

    def _is_frozen(self, quarter: Quarter) -> bool:
        if quarter not in self._handed_in:
            found = figures.frozen(self._session, str(quarter), measure=PLAN)
            self._handed_in[quarter] = found is not None
        return self._handed_in[quarter]


def measure_called(plan: Plan, text: str) -> tuple[Activity, PlannedMeasure]:
    """Raises BadValue (`unknown-measure`), naming those that can be entered."""
    key = text.strip().lower()
    for activity, measure in plan.measures:
        if measure.key == key:
            return activity, measure
    known = [one.key for _, one in plan.measures if not one.source and one.same_as is None]
    raise BadValue("unknown-measure", value=text, plan=plan.id, known=known)


def _wrong_period(measure: PlannedMeasure, text: str) -> BadValue:
    """That a measure is told by other periods."""
    match measure.every:
        case Every.MONTH:
            return BadValue("period-not-month", value=text, measure=measure.key)
        case Every.QUARTER:
            return BadValue("period-not-quarter", value=text, measure=measure.key)
    return BadValue("period-not-year", value=text, measure=measure.key)


def day_of_letter(day: date, today: date) -> date:
    """Raises BadValue (`day-to-come`)."""
    if day > today:
        raise BadValue("day-to-come", value=day, today=today)
    return day


def late_days(entries: Sequence[EntryView], due_on: date, zone: ZoneInfo) -> int:
    """So many days after it was due a figure of a period came in first, of its entries, oldest first; a correction of it is
    none the later. 0 where none stands."""
    first = None
    for one in entries:
        if one.kind != JournalKind.PLAN_FIGURE:
            first = None
        elif first is None:
            first = local_day(one.happened_at, zone)
    return 0 if first is None else max(0, (first - due_on).days)


def _is_same(
    before: Reading, entry: EntryView, kind: ReadingKind, said: Mapping[str, Any], note: str | None
) -> bool:
    """Whether what is entered says nothing that does not stand there already."""
    if before.kind is not kind or entry.said is None:
        return False
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return told == {name: entry.said.get(name) for name in told} and note in (None, entry.words.get("note"))
