"""The measures of a plan reckoned office by office and together: what a card and a list of what is not in follow from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import Kind, Ratio
from complaint_sla.core.periods import Every, so_far, within
from complaint_sla.core.plan import Activity, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.scorecard import (
    OPEN,
    SETTLED,
    ActivityLine,
    Item,
    MeasureLine,
    PeriodLine,
    PlanOffice,
    Sight,
    State,
    judge_of,
    margin_of,
    mark_of,
    value_of,
)
from complaint_sla.core.surveys import Poll

# Of an office none of whose complaints is known.
_NONE = Counts()
# What stands of a measure, by period and office.
ByPeriod = Mapping[str, Mapping[str, Reading]]
_NOTHING: Mapping[str, Reading] = {}


class Tally(NamedTuple):
    """A measure at one office in a quarter: its state, and the n and d that are in so far (None: none is)."""

    state: State
    n: int | None = None
    d: int | None = None
    causes: tuple[str, ...] = ()


_NOT_APPLICABLE = Tally(State.NOT_APPLICABLE)


def card(sight: Sight) -> tuple[ActivityLine, ...]:
    """How every activity of the plan stands, the offices taken together."""
    reckoning = Reckoning(sight)
    whole = {key: reckoning.line(key) for key in reckoning.keys}
    found = []
    for activity in sight.plan.activities:
        lines = tuple(_with_other_whole(whole[one.key], whole) for one in activity.measures)
        found.append(ActivityLine(activity, mark_of(line.state for line in lines), lines))
    return tuple(found)


def _with_other_whole(line: MeasureLine, whole: Mapping[str, MeasureLine]) -> MeasureLine:
    other = whole.get(line.measure.same_whole or "")
    if other is None or {line.state, other.state} & {*OPEN} or None in (line.d, other.d) or line.d == other.d:
        return line
    return replace(line, other_whole=other.d)


def items(sight: Sight) -> Iterator[Item]:
    """What is not in of a quarter: neither what is fed, nor what need not be, nor what is not for the office."""
    reckoning = Reckoning(sight)
    for office, tallies in reckoning.by_office():
        for key, tally in tallies.items():
            one = reckoning.measures[key]
            if (
                one.measure.source
                or one.measure.same_as
                or tally.state in (State.NOT_APPLICABLE, State.NOT_NEEDED)
            ):
                continue
            if one.measure.when_missed and not tally.causes:
                continue
            yield from one.open_items(office, tally)


class _Prepared:
    """A measure in a quarter: everything about it that is the same for each office."""

    def __init__(self, activity: Activity, measure: PlannedMeasure, sight: Sight, entered: ByPeriod) -> None:
        self.activity, self.measure = activity, measure
        self.is_asked = sight.plan.asks(measure, sight.quarter.year)
        self.periods = within(measure.every, sight.quarter)
        self.dues = [measure.due.of(one) for one in self.periods]
        self.keys = [one.key for one in self.periods]
        self.so_far = [one.key for one in so_far(measure.every, sight.quarter)]
        # A year's measure counts by the day on which the quarter's form is handed in: June does not restate March.
        self.until = sight.hand_in if measure.every is Every.YEAR else None
        self.overdue = [sight.today > due and (self.until is None or due <= self.until) for due in self.dues]
        # What stands of each period, and those of it that count, by office.
        self.standing = [entered.get(key, _NOTHING) for key in self.keys]
        self.figures = [self._counting(entered.get(key, _NOTHING)) for key in self.keys]
        self._entered = entered
        self.judge = judge_of(measure)

    def _counting(self, readings: Mapping[str, Reading]) -> Mapping[str, Reading]:
        """The figures that count in the quarter. One of an earlier plan, in which the measure was a count of which nobody knew
        the whole, is no share."""
        is_count, until = self.measure.kind is Kind.COUNT, self.until
        return {
            office: one
            for office, one in readings.items()
            if one.kind is ReadingKind.FIGURE
            and (is_count or one.d is not None)
            and (until is None or one.dated is None or one.dated <= until)
        }

    def tallies(self, offices: Sequence[PlanOffice]) -> list[Tally]:
        """Of each office. Of a nation there are thousands: whatever is the same for all is asked once."""
        fits = {one: self.is_for(one) for one in {office.class_ for office in offices}}
        is_single = len(self.figures) == 1 and self.measure.kind is not Kind.DONE
        tally = self._tally_of_one if is_single else self.tally
        return [tally(one.code) if fits[one.class_] else _NOT_APPLICABLE for one in offices]

    def is_for(self, class_: str | None) -> bool:
        return self.is_asked and self.activity.is_for(class_)

    def _tally_of_one(self, office: str) -> Tally:
        """Where there is but one period."""
        one = self.figures[0].get(office)
        if one is None or one.n is None:
            return self.tally(office)
        return Tally(self.judge(one.n, one.d), one.n, one.d)

    def tally(self, office: str) -> Tally:
        """Of an office that the measure is for."""
        found = [figures.get(office) for figures in self.figures]
        if self.measure.kind is Kind.DONE:
            return self._done(office, found)
        known = [one for one in found if one is not None]
        if self.measure.latest or len(known) == 1:
            n, d = (known[-1].n, known[-1].d) if known else (None, None)
        else:
            n, d = _sum(known)
        if len(known) == len(found) and n is not None:
            return Tally(self.judge(n, d), n, d)
        return Tally(_gravest(self._open(at, office) for at, one in enumerate(found) if one is None), n, d)

    def _done(self, office: str, found: Sequence[Reading | None]) -> Tally:
        states = []
        for at, one in enumerate(found):
            if one is None:
                # What was to be done by a day, and is not, is missed, whoever is waited for.
                states.append(State.MISSED if self.overdue[at] else self._open(at, office))
            else:
                in_time = one.dated is None or one.dated <= self.dues[at]
                states.append(State.MET if in_time else State.MISSED)
        done = sum(one is not None for one in found)
        return Tally(_gravest(states), done or None, len(found) if done else None)

    def _open(self, at: int, office: str) -> State:
        reading = self.standing[at].get(office)
        if reading is not None and reading.kind is ReadingKind.AWAITING:
            return State.AWAITING
        return State.MISSING if self.overdue[at] else State.PENDING

    def open_items(self, office: str, tally: Tally) -> Iterator[Item]:
        for at, standing in enumerate(self.standing):
            one = standing.get(office)
            if one is not None and one.kind is ReadingKind.FIGURE:
                continue
            state = self._open(at, office)
            yield Item(
                office, self.activity, self.measure, self.periods[at], self.dues[at], state, tally.causes
            )

    def lines(self, offices: Sequence[str], *, several: bool) -> tuple[PeriodLine, ...]:
        # So many are to be counted at each office, in all periods together.
        in_parts = self.measure.kind is Kind.COUNT and (several or len(self.periods) > 1)
        found = []
        for at, period in enumerate(self.periods):
            figures = self.figures[at]
            mine = [figures[office] for office in offices if office in figures]
            n, d = _sum(mine)
            missing = len(offices) - len(mine)
            margin = None
            if n is not None and not missing and not in_parts and self.measure.kind is not Kind.DONE:
                margin = margin_of(self.measure, n, d)
            alone = self.standing[at].get(offices[0]) if offices and not several else None
            reached = None if margin is None else margin >= 0
            found.append(PeriodLine(period, self.dues[at], n, d, reached, missing, alone, margin))
        return tuple(found)

    def asked(self, offices: Sequence[str], sight: Sight) -> Poll | None:
        """How a survey that feeds it stands in the quarter, at all of these offices together."""
        if not sight.surveys:
            return None
        found = [
            poll
            for office in offices
            for period in self.keys
            if (poll := sight.surveys.get((office, self.measure.fed_by, period))) is not None
        ]
        return reduce(Poll.plus, found) if found else None

    def year(self, offices: Sequence[str]) -> tuple[int, int | None] | None:
        """From January on; of a stand the newest of each office."""
        if self.measure.kind is Kind.DONE:
            return None
        mine = set(offices)
        found: list[Reading] = []
        newest: dict[str, Reading] = {}
        known = dict(zip(self.keys, self.figures, strict=True))
        for period in self.so_far:
            figures = known.get(period) or self._counting(self._entered.get(period, _NOTHING))
            if self.measure.latest:
                newest |= figures
            else:
                found += [one for office, one in figures.items() if office in mine]
        found += [one for office, one in newest.items() if office in mine]
        n, d = _sum(found)
        return None if n is None else (n, d)


def _sum(figures: Sequence[Reading | Tally]) -> tuple[int | None, int | None]:
    """n and d together; no n where there is none at all, no d where one of them has none."""
    if not figures:
        return None, None
    wholes = [one.d for one in figures if one.d is not None]
    return sum([one.n or 0 for one in figures]), sum(wholes) if len(wholes) == len(figures) else None


def _gravest(states: Iterable[State]) -> State:
    """Of the states of parts that all have to be there; met where nothing is against it."""
    found = set(states)
    return next((one for one in (State.MISSED, *OPEN) if one in found), State.MET)


class Reckoning:
    """The measures of a sight, reckoned office by office and together."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        entered: dict[str, dict[str, dict[str, Reading]]] = {}
        for (office, measure, period), one in sight.readings.items():
            entered.setdefault(measure, {}).setdefault(period, {})[office] = one
        self.measures = {
            one.key: _Prepared(activity, one, sight, entered.get(one.fed_by, {}))
            for activity, one in sight.plan.measures
        }
        self.keys = tuple(self.measures)
        self._offices = sight.reporting()
        # By measure, in the order of the offices; what depends on others comes after them.
        self._tallies: dict[str, list[Tally]] = {}
        for key, mine in self.measures.items():
            if not mine.measure.when_missed:
                is_fed = bool(mine.measure.source)
                self._tallies[key] = self._closed(mine) if is_fed else mine.tallies(self._offices)
        for key, mine in self.measures.items():
            if causes := mine.measure.when_missed:
                self._tallies[key] = [
                    self._demanded(mine, office, {cause: self._tallies[cause][at] for cause in causes})
                    for at, office in enumerate(self._offices)
                ]

    def by_office(self) -> Iterator[tuple[str, Mapping[str, Tally]]]:
        """The tallies of each office that has figures of its own, by key of the measure."""
        for at, office in enumerate(self._offices):
            yield office.code, {key: self._tallies[key][at] for key in self.keys}

    def _closed(self, one: _Prepared) -> list[Tally]:
        """Of what the tracker feeds."""
        closure = self.sight.closure

        def tally(office: PlanOffice) -> Tally:
            if not one.is_for(office.class_):
                return _NOT_APPLICABLE
            if closure is None:
                return Tally(State.PENDING)
            counts = closure.by_office.get(office.code, _NONE)
            return Tally(closure.state(counts), counts.numerator, counts.denominator)

        return [tally(office) for office in self._offices]

    def _demanded(self, one: _Prepared, office: PlanOffice, found: Mapping[str, Tally]) -> Tally:
        """What has to be done only where something else is missed: nobody need ask whether it is."""
        if not one.is_for(office.class_):
            return _NOT_APPLICABLE
        causes = tuple(key for key in one.measure.when_missed if found[key].state is State.MISSED)
        tally = one.tally(office.code)
        if causes:
            return Tally(tally.state, tally.n, tally.d, causes)
        if tally.state is State.MET:
            return tally
        if all(found[key].state in SETTLED for key in one.measure.when_missed):
            return Tally(State.NOT_NEEDED, tally.n, tally.d)
        return Tally(State.PENDING, tally.n, tally.d)

    def line(self, key: str) -> MeasureLine:
        """A measure at all offices together."""
        one = self.measures[key]
        codes = [office.code for office in self._offices]
        # Those that have something to do with it.
        mine = [
            (code, tally)
            for code, tally in zip(codes, self._tallies[key], strict=True)
            if tally.state is not State.NOT_APPLICABLE
        ]
        state, n, d, offices = self._together(one, [tally for _, tally in mine])
        is_count = one.measure.kind in (Kind.COUNT, Kind.DONE)
        several = len(self._offices) > 1
        is_fed = bool(one.measure.source)
        margin = self._margin(one, n, d, state, several=several)
        at = [code for code, _ in mine]
        return MeasureLine(
            measure=one.measure,
            state=state,
            n=n,
            d=d,
            value=value_of(one.measure, n, d),
            margin=margin,
            due_on=one.dues[-1],
            periods=self._closure_lines(one) if is_fed else one.lines(at, several=several),
            year=self._closure_year() if is_fed else one.year(at),
            offices=offices if several and is_count and mine else None,
            missed_at=tuple(code for code, tally in mine if tally.state is State.MISSED) if several else (),
            open_at=tuple(code for code, tally in mine if tally.state in OPEN) if several else (),
            causes=tuple(
                cause for cause in one.measure.when_missed if any(cause in tally.causes for _, tally in mine)
            ),
            survey=one.asked(at, self.sight),
        )

    def _margin(
        self, one: _Prepared, n: int | None, d: int | None, state: State, *, several: bool
    ) -> int | None:
        if n is None or one.measure.kind is Kind.DONE or (several and one.measure.kind is Kind.COUNT):
            return None
        if one.measure.source:
            closure = self.sight.closure
            return None if closure is None or d is None else Ratio(n, d).margin(closure.target)
        return margin_of(one.measure, n, d) if state not in OPEN else None

    def _together(
        self, one: _Prepared, tallies: Sequence[Tally]
    ) -> tuple[State, int | None, int | None, tuple[int, int]]:
        if one.measure.source and self.sight.closure is not None:
            counts = _NONE
            # Also what was received where nobody fills a form.
            for office in self.sight.offices:
                counts = counts.plus(self.sight.closure.by_office.get(office.code, _NONE))
            return self.sight.closure.state(counts), counts.numerator, counts.denominator, (0, 0)
        if not tallies:
            return State.NOT_APPLICABLE, None, None, (0, 0)
        states = [tally.state for tally in tallies]
        n, d = _sum([tally for tally in tallies if tally.n is not None])
        must = [state for state in states if state not in (State.NOTHING, State.NOT_NEEDED)]
        offices = (states.count(State.MET), len(must))
        if one.measure.kind is Kind.DONE and len(self._offices) > 1:
            n, d = offices if must else (None, None)
        if one.measure.kind in (Kind.COUNT, Kind.DONE):
            if not must:
                return (State.NOT_NEEDED if State.NOT_NEEDED in states else State.NOTHING), n, d, offices
            return _gravest(must), n, d, offices
        for state in OPEN:
            if state in states:
                return state, n, d, offices
        return (one.judge(n, d) if n is not None else State.PENDING), n, d, offices

    def _closure_lines(self, one: _Prepared) -> tuple[PeriodLine, ...]:
        if self.sight.closure is None:
            return ()
        by_month = dict(self.sight.closure.by_month)
        found = []
        for period in within(Every.MONTH, self.sight.quarter):
            counts = by_month.get(period.key, _NONE)
            line = PeriodLine(period, one.dues[-1], counts.numerator, counts.denominator, None, 0)
            found.append(line)
        return tuple(found)

    def _closure_year(self) -> tuple[int, int] | None:
        closure = self.sight.closure
        if closure is None or closure.year is None:
            return None
        return closure.year.numerator, closure.year.denominator
