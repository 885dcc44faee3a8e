"""Plans, offices and logs of readings as hypothesis draws them: small, but of every kind that a plan file can say."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import COMPLAINTS, Counts
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every, so_far
from complaint_sla.core.plan import Activity, Due, Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind, standing
from complaint_sla.core.scorecard import Closure, PlanOffice, Sight
from complaint_sla.core.titles import Title
from tests.plans.oracle import Oracle

TITLE = Title("ก", "x")
CLASSES = ("class-1", "branch", "region")
YEAR = 2017
LEAST = {
    Kind.SHARE: (0, "0.1", "0.8", "0.895", "0.9", 1),
    Kind.MEAN: (1, "4.31", 5),
    Kind.COUNT: (1, 3),
    Kind.DONE: (1,),
}


@dataclass(frozen=True)
class Case:
    plan: Plan
    quarter: Quarter
    today: date
    offices: tuple[PlanOffice, ...]
    log: tuple[Reading, ...]
    closure: Closure | None

    @property
    def sight(self) -> Sight:
        readings = standing(self.log)
        return Sight(self.plan, self.quarter, self.today, self.offices, readings, self.closure)

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.plan, self.quarter, self.today, self.offices, self.log, self.closure)


dues = st.one_of(
    st.builds(Due, days=st.sampled_from((1, 10, 15))),
    st.builds(Due, months=st.integers(1, 4)),
    st.builds(Due, on=st.dates(date(YEAR, 2, 1), date(YEAR + 1, 1, 31))),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    measures: list[PlannedMeasure] = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(Kind))
        measures.append(
            PlannedMeasure(
                key=f"m{number}", title=TITLE, kind=kind,
                least=Fraction(draw(st.sampled_from(LEAST[kind]))),
                every=draw(st.sampled_from(Every)), due=draw(dues), latest=draw(st.booleans()),
            )
        )  # fmt: skip
    if draw(st.booleans()):
        measures.append(PlannedMeasure(COMPLAINTS, TITLE, Kind.SHARE, None, source=COMPLAINTS))
    own = [one for one in measures if not one.source]
    if draw(st.booleans()):
        other = draw(st.sampled_from(own))
        least = Fraction(draw(st.sampled_from(LEAST[other.kind])))
        again = PlannedMeasure(
            "again", TITLE, other.kind, least, other.every, draw(dues), other.latest, same_as=other.key
        )
        measures.append(again)
    if draw(st.booleans()):
        causes = draw(st.lists(st.sampled_from([one.key for one in measures]), min_size=1, unique=True))
        measures.append(
            PlannedMeasure(
                "if-missed", TITLE, Kind.DONE, Fraction(1), due=draw(dues), when_missed=tuple(causes)
            )
        )
    activities, rest = [], draw(st.permutations(measures))
    while rest:
        size = draw(st.integers(1, len(rest)))
        only_for = draw(st.sampled_from((None, None, frozenset({"class-1"}), frozenset({"branch"}))))
        activities.append(Activity(f"a{len(activities)}", "1", TITLE, tuple(rest[:size]), only_for=only_for))
        rest = rest[size:]
    return Plan(
        "p", TITLE, date(YEAR, 1, 1), None, tuple(activities), "",
        classes=CLASSES, gathering=frozenset({"region"}),
    )  # fmt: skip


@st.composite
def figures(draw: st.DrawFn, kind: Kind) -> tuple[int, int | None]:
    if kind is Kind.DONE:
        return 1, 1
    d = draw(st.sampled_from((0, 1, 2, 3, 5, 10, 100)))
    if kind is Kind.MEAN:
        return draw(st.integers(d, 5 * d)), d
    # Mostly well done: what is missed anyway hides the rest.
    n = max(0, d - draw(st.sampled_from((0, 0, 0, 1, 2, 10, 100))))
    return n, draw(st.sampled_from((d, d, None))) if kind is Kind.COUNT else d


@st.composite
def logs(
    draw: st.DrawFn, plan: Plan, quarter: Quarter, offices: tuple[PlanOffice, ...]
) -> tuple[Reading, ...]:
    log: list[Reading] = []
    for office in offices:
        for _, measure in plan.measures:
            if measure.same_as or measure.source:
                continue
            for period in so_far(measure.every, quarter):
                kinds = draw(
                    st.sampled_from(
                        ((), ("figure",), ("figure",), ("figure",), ("awaiting",), ("figure", "figure"),
                         ("awaiting", "figure"), ("figure", "awaiting"), ("figure", "withdrawn"))
                    )
                )  # fmt: skip
                for kind in kinds:
                    n, d = draw(figures(measure.kind)) if kind == "figure" else (None, None)
                    dated = (
                        measure.due.of(period) + timedelta(days=draw(st.sampled_from((-90, -1, 0, 1, 40))))
                        if kind == "figure"
                        else None
                    )
                    log.append(
                        Reading(
                            len(log), office.code, measure.key, period.key, ReadingKind(kind), n, d, dated
                        )
                    )
    # Whoever comes first: of one figure the number of its entry says what is later.
    return tuple(draw(st.permutations(log))) if len(log) < 60 else tuple(log)


@st.composite
def cases(draw: st.DrawFn, least_offices: int = 1, most_offices: int = 3) -> Case:
    plan = draw(plans())
    quarter = Quarter(YEAR, draw(st.integers(1, 4)))
    offices = tuple(
        PlanOffice(f"O{number}", draw(st.sampled_from((None, *CLASSES, "branch"))), draw(st.booleans()))
        for number in range(draw(st.integers(least_offices, most_offices)))
    )
    month = 3 * quarter.number
    ended = date(YEAR, month, monthrange(YEAR, month)[1])
    today = ended + timedelta(days=draw(st.integers(-60, 130)))
    closure = None
    if draw(st.booleans()):
        is_final = draw(st.booleans())
        few = st.integers(0, 2)
        counts = st.builds(
            Counts,
            on_time=st.integers(0, 9),
            late=few,
            overdue=st.just(2),
            redeemable=few,
            pending=st.just(0) if is_final else few,
        )
        closure = Closure(
            Fraction(4, 5),
            has_ended=draw(st.booleans()),
            is_final=is_final,
            by_office={one.code: draw(counts) for one in offices},
        )
    return Case(plan, quarter, today, offices, draw(logs(plan, quarter, offices)), closure)
