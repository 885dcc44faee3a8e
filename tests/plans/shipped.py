"""The plan that ships, and what is entered of it, as values: what the numbered cases of its design are tried on."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts
from complaint_sla.core.plan import Plan
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.readings import Reading, ReadingKind, figure, standing
from complaint_sla.core.reckoning import card, items
from complaint_sla.core.scorecard import ActivityLine, Closure, Item, MeasureLine, PlanOffice, Sight
from complaint_sla.resources import rules

FILE = "plan-2560.toml"
Q1 = Quarter(2017, 1)
APRIL_10 = date(2017, 4, 10)


def shipped() -> Plan:
    return read_plan((rules() / FILE).read_text(encoding="utf-8"), FILE)


@dataclass
class Papers:
    """What offices have entered; B is the branch, and the only one unless others are given."""

    plan: Plan = field(default_factory=shipped)
    quarter: Quarter = Q1
    offices: tuple[PlanOffice, ...] = (PlanOffice("B", "branch"),)
    closure: Closure | None = None
    log: list[Reading] = field(default_factory=list)

    def enter(
        self,
        measure: str,
        period: str,
        text: str | None = None,
        dated: date = APRIL_10,
        office: str = "B",
    ) -> None:
        n, d = figure(self.plan.measure(measure), text)
        self._put(office, measure, period, ReadingKind.FIGURE, n, d, dated)

    def awaiting(self, measure: str, period: str) -> None:
        self._put("B", measure, period, ReadingKind.AWAITING)

    def withdraw(self, measure: str, period: str) -> None:
        self._put("B", measure, period, ReadingKind.WITHDRAWN)

    def complaints(self, on_time: int, late: int) -> None:
        counts = Counts(on_time=on_time, late=late)
        self.closure = Closure(Fraction(4, 5), has_ended=True, is_final=True, by_office={"B": counts})

    def card(self, today: date = APRIL_10) -> dict[str, ActivityLine]:
        return {one.activity.key: one for one in card(self._sight(today))}

    def line(self, measure: str, today: date = APRIL_10) -> MeasureLine:
        return next(
            line for one in self.card(today).values() for line in one.measures if line.measure.key == measure
        )

    def state(self, measure: str, today: date = APRIL_10) -> str:
        return self.line(measure, today).state.value

    def mark(self, activity: str, today: date = APRIL_10) -> str:
        return self.card(today)[activity].mark.value

    def items(self, today: date = APRIL_10) -> list[Item]:
        return list(items(self._sight(today)))

    def _put(
        self,
        office: str,
        measure: str,
        period: str,
        kind: ReadingKind,
        n: int | None = None,
        d: int | None = None,
        dated: date | None = None,
    ) -> None:
        self.log.append(Reading(len(self.log) + 1, office, measure, period, kind, n, d, dated))

    def _sight(self, today: date) -> Sight:
        return Sight(self.plan, self.quarter, today, self.offices, standing(self.log), self.closure)
