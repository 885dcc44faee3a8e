"""What differs between a plan as it was frozen and as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.frozenplan import Ground, Line, PinnedFigure, PlannedOffice, Restated
from complaint_sla.core.periods import Every, within
from complaint_sla.core.plan import Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.scorecard import State


def restated(then: Ground, now: Ground) -> Iterator[Restated]:
    """What is otherwise on the ground that a plan stands on: the plan, its day, the closure rate, then the offices."""
    for name, was, is_now in (
        ("plan", f"{then.plan} ({then.plan_digest[:12]})", f"{now.plan} ({now.plan_digest[:12]})"),
        ("hand_in", then.hand_in.isoformat(), now.hand_in.isoformat()),
        ("closure", _closure_text(then.closure), _closure_text(now.closure)),
    ):
        if was != is_now:
            yield Restated(name, was, is_now)
    before, after = ({one.code: one for one in some.offices} for some in (then, now))
    for code in sorted(before | after):
        old, new = (_office_text(some.get(code)) for some in (before, after))
        if old != new:
            yield Restated("office", old, new, code)


def _closure_text(figure: PinnedFigure | None) -> str | None:
    return None if figure is None else f"{figure.version}: {figure.n}/{figure.d}"


def _office_text(office: PlannedOffice | None) -> str | None:
    if office is None:
        return None
    return " · ".join(filter(None, (office.parent, office.th, office.en, office.class_)))


def compared(
    plan: Plan, quarter: Quarter, hand_in: date, then: Iterable[Line], now: Iterable[Line]
) -> Iterator[tuple[Restated, tuple[int, ...], tuple[int, ...]]]:
    """The measures that stand otherwise now, by office, in the order of the plan; with the numbers of the entries that
    count in the quarter, then and now.

    Of a measure that the plan no longer has, or an office that has no figure yet and had none, nothing is said.
    """
    measures = {measure.key: measure for _, measure in plan.measures}
    order = {key: at for at, key in enumerate(measures)}
    before, after = ({(one.office, one.measure): one for one in some} for some in (then, now))
    for office, key in sorted(
        before.keys() | after.keys(), key=lambda one: (one[0], order.get(one[1], len(order)), one[1])
    ):
        measure = measures.get(key)
        if measure is None:
            continue
        old, new = before.get((office, key)), after.get((office, key))
        was, is_now = (None if one is None else one.figure for one in (old, new))
        if old is None or new is None:
            if was != is_now:
                yield Restated("figure", was, is_now, office, key), (), ()
            continue
        seqs = tuple(
            tuple(one.seq for one in line.readings if _counts(one, measure, quarter, hand_in))
            for line in (old, new)
        )
        turned = (old.state, new.state) if old.state is not new.state else None
        if (
            turned is not None
            and measure.every is Every.YEAR
            and {*turned} == {State.PENDING, State.AWAITING}
        ):
            # For whom one waits in June is nothing that March has said.
            turned = None
        if was != is_now or turned is not None:
            name = "state" if was == is_now else "figure"
        elif seqs[0] != seqs[1]:
            name = "entry"
        else:
            continue
        yield Restated(name, was, is_now, office, key, turned), seqs[0], seqs[1]


def _counts(reading: Reading, measure: PlannedMeasure, quarter: Quarter, hand_in: date) -> bool:
    """Whether it says anything of the quarter: neither of an earlier one, nor what is done in the year after its form."""
    if measure.every is Every.YEAR:
        in_time = reading.dated is None or reading.dated <= hand_in
        return reading.kind is ReadingKind.FIGURE and in_time
    return reading.period in {one.key for one in within(measure.every, quarter)}


def turns_by_itself(plan: Plan, quarter: Quarter, then: date, now: date) -> bool:
    """Whether anything of a quarter may have become overdue between two days, though nobody entered anything."""
    for _, measure in plan.measures:
        if measure.every is Every.YEAR or measure.source:
            continue
        if any(then <= measure.due.of(one) < now for one in within(measure.every, quarter)):
            return True
    return False
