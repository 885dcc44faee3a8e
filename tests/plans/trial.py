"""`python -m tests.plans.trial [TRIALS] [SEED]`: offices enter, correct, wait for, withdraw, import and hand in figures of the
plan at random over a year, some of it wrong; after every few acts each card equals the oracle's.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Period, so_far, within
from complaint_sla.core.plan import Activity, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.reckoning import card as lines_of
from complaint_sla.core.scorecard import Sight
from complaint_sla.store import offices as rows_of_offices
from complaint_sla.work import offices
from complaint_sla.work.figures import freeze as closure
from complaint_sla.work.plans import freezing, handed_in
from complaint_sla.work.plans.card import card
from complaint_sla.work.plans.enter import enter
from complaint_sla.work.plans.sheets.importing import import_file
from complaint_sla.work.plans.sight import sight_in
from complaint_sla.work.plans.submitted import Submitted
from tests.conftest import migrate
from tests.plans.oracle import Oracle, Stand
from tests.plans.shipped import shipped
from tests.work.desks import House
from tests.work.findings import findings
from tests.work.sheet_desk import write_csv

TREE = (("DIV", "MAIN", "division"), ("B1", "DIV", "branch"), ("B2", "DIV", "branch"), ("C1", "MAIN", "class-1"),
        ("N", "MAIN", ""))  # fmt: skip
REPORTING = ("B1", "B2", "C1", "N")
ACTS = 40
YEAR = 2017
Told = dict[str, tuple[Stand, str]]


class Trial:
    """A house, and beside it what was entered, as its driver remembers it."""

    def __init__(self, house: House, folder: Path, seed: int) -> None:
        self.house, self.folder = house, folder
        self.chance = random.Random(seed)
        # Where one looks must not change what is done.
        self.glance = random.Random(seed)
        self.plan = shipped()
        self.log: list[Reading] = []
        self.frozen: dict[tuple[Quarter, int], Told] = {}
        self.done: Counter[str] = Counter()
        house.at("2017-03-20 09:00")
        for code, parent, class_ in TREE:
            offices.add_office(house.desk, code, code, code, parent, class_=class_)
        offices.set_office(house.desk, "MAIN", class_="region")
        self.by_hand = [
            (activity, one) for activity, one in self.plan.measures if not one.source and not one.same_as
        ]

    def run(self, acts: int = ACTS) -> None:
        acts_of = (
            self.enter,
            self.enter,
            self.enter,
            self.complete,
            self.sheet,
            self.wrong,
            self.wait,
            self.hand_in,
        )
        for number in range(acts):
            act = self.chance.choice(acts_of)
            act()
            self.done[act.__name__] += 1
            if number % 8 == 7:
                self.check()
        self.check()
        assert findings(self.house) == []

    # Acts.

    def enter(self) -> None:
        """A figure, whom one waits for, or that there is none: right or wrong, as chance has it."""
        self._submit(*self._any(), self.chance.choice(REPORTING))

    def complete(self) -> None:
        """All that can be in of a quarter at an office, but for one in ten."""
        quarter, office = Quarter.of(self._today).previous, self.chance.choice(REPORTING)
        if quarter.year < YEAR:
            return
        for activity, measure in self.by_hand:
            for period in within(measure.every, quarter):
                if self.chance.random() < 0.9 and self._may(activity, measure, period, office):
                    self._submit(activity, measure, period, office, kind=ReadingKind.FIGURE)

    def sheet(self) -> None:
        rows, meant = [], []
        for _ in range(self.chance.randint(1, 12)):
            (activity, measure, period), office = self._any(), self.chance.choice(REPORTING)
            place = (office, measure.key, period.key)
            if place in {one[1:4] for one in meant} or not self._may(activity, measure, period, office):
                continue
            n, d = self._figure(measure)
            dated = self._dated(period)
            rows.append(
                {
                    "office": office, "measure": measure.key, "period": period.key, "n": n,
                    "d": "" if d is None else d, "source": "sheet", "dated": dated.isoformat(),
                }
            )  # fmt: skip
            meant.append(Reading(0, *place, ReadingKind.FIGURE, n, d, dated))
        if not rows:
            return
        path = write_csv(self.folder / f"sheet-{len(self.log)}.csv", rows, list(rows[0]))
        found = import_file(self.house.desk, path)
        assert not found.rejected, found.rejected
        for one in meant:
            self._remember(one)
        again = import_file(self.house.desk, path)
        assert (again.entered, again.corrected, again.unchanged) == (0, 0, len(rows))

    def wrong(self) -> None:
        """What must be refused, with nothing changed."""
        _, measure, period = self._any()
        figure = {
            Kind.SHARE: ("5/4", "7", "90%", "4,5/9"), Kind.MEAN: ("6/1", "1/2", "4.31", "431"),
            Kind.COUNT: ("4/3", "3.0", "-1", ""), Kind.DONE: ("1", "yes", "1/1", "100%"),
        }[measure.kind]  # fmt: skip
        office = self.chance.choice(REPORTING)
        tries = (
            Submitted(measure.key, period.key, self.chance.choice(figure), "x", self._dated(), office=office),
            Submitted(measure.key, period.key, self._typed(measure), "x", office=office),
            Submitted(measure.key, "2017-Q9", self._typed(measure), "x", self._dated(), office=office),
            Submitted(measure.key, period.key, self._typed(measure), "x", self._dated(), office="DIV"),
            Submitted(
                measure.key, period.key, self._typed(measure), "x", self._today + timedelta(1), office=office
            ),
            Submitted("complaints", "2017-Q1", "1/1", "x", self._dated(), office=office),
            Submitted("sms-success", "2017-01", "1/1", "x", self._dated(), office=office),
            Submitted(measure.key, "2019", self._typed(measure), "x", self._dated(), office=office),
        )
        self._refused(self.chance.choice(tries))

    def wait(self) -> None:
        """Days pass; complaints come and go."""
        self.house.later(days=self.chance.choice((1, 5, 12, 30, 45)))
        if self.chance.random() < 0.5:
            number = self.house.log(office=self.chance.choice(REPORTING))
            if self.chance.random() < 0.7:
                self.house.shut(number)

    def hand_in(self) -> None:
        """What is final is frozen; or what was handed in is restated."""
        before = self._rows()
        closure.freeze_final(self.house.desk)
        made = freezing.freeze_final(self.house.desk)
        if not made and self.frozen:
            quarter = self.chance.choice(sorted({quarter for quarter, _ in self.frozen}, key=str))
            try:
                made = [freezing.freeze(self.house.desk, quarter)]
            except NotPossible as problem:
                assert problem.key == "plan-nothing-to-restate", problem
        for one in made:
            self.frozen[one.quarter, one.version] = self._told(self._oracle(one.quarter, None))
        assert self._rows()[: len(before)] == before

    # What is compared.

    def check(self) -> None:
        """Every card of today, and all that was handed in, as it was handed in."""
        for quarter in {Quarter.of(self._today), Quarter.of(self._today).previous}:
            if quarter.year != YEAR:
                continue
            for office in (None, "DIV", self.glance.choice(REPORTING)):
                sight, oracle = self._sight(quarter, office), self._oracle(quarter, office)
                assert self._shown(sight) == self._told(oracle), (quarter, office, self._today)
        for (quarter, version), told in self.frozen.items():
            with self.house.store.read() as session:
                directory = rows_of_offices.directory(session)
                found = handed_in.shown(session, self.house.desk, directory, quarter, None, version)
            assert self._shown(found.sight) == told, (quarter, version)
            assert card(self.house.desk, quarter, version=version).version == version

    def _sight(self, quarter: Quarter, office: str | None) -> Sight:
        with self.house.store.read() as session:
            directory = rows_of_offices.directory(session)
            return sight_in(session, self.house.desk, directory, quarter, office)

    def _oracle(self, quarter: Quarter, office: str | None) -> Oracle:
        sight = self._sight(quarter, office)
        return Oracle(self.plan, quarter, self._today, sight.offices, self.log, sight.closure)

    def _told(self, oracle: Oracle) -> Told:
        return {
            one.key: (oracle.stand(activity, one), oracle.mark(activity))
            for activity, one in self.plan.measures
        }

    def _shown(self, sight: Sight) -> Told:
        return {
            line.measure.key: (
                Stand(
                    line.state.value, line.n, line.d, line.offices, line.missed_at, line.open_at, line.causes
                ),
                one.mark.value,
            )
            for one in lines_of(sight)
            for line in one.measures
        }

    def _rows(self) -> list[object]:
        return sorted(self.house.dump()["figure"])

    # What chance has it.

    @property
    def _today(self) -> date:
        return self.house.desk.today

    def _any(self) -> tuple[Activity, PlannedMeasure, Period]:
        activity, measure = self.chance.choice(self.by_hand)
        return activity, measure, self.chance.choice(so_far(measure.every, Quarter.of(self._today)))

    def _figure(self, measure: PlannedMeasure) -> tuple[int, int | None]:
        d = self.chance.choice((0, 1, 2, 14, 95))
        if measure.kind is Kind.DONE:
            return 1, 1
        if measure.kind is Kind.MEAN:
            return self.chance.choice((5 * d, 4 * d, -(-431 * d // 100), 431 * d // 100)), d
        n = self.chance.choice((d, d, d - d // 10, d // 2))
        return n, self.chance.choice((d, None)) if measure.kind is Kind.COUNT else d

    def _typed(self, measure: PlannedMeasure) -> str | None:
        n, d = self._figure(measure)
        return None if measure.kind is Kind.DONE else f"{n}" if d is None else f"{n}/{d}"

    def _dated(self, period: Period | None = None) -> date:
        day = self._today - timedelta(days=self.chance.choice((0, 0, 3, 20)))
        return day if period is None else max(day, period.first)

    def _may(self, activity: Activity, measure: PlannedMeasure, period: Period, office: str) -> bool:
        class_ = next(class_ for code, _, class_ in TREE if code == office) or None
        begun = period.first <= self._today if measure.kind is Kind.DONE else period.last < self._today
        return begun and activity.is_for(class_)

    def _submit(
        self,
        activity: Activity,
        measure: PlannedMeasure,
        period: Period,
        office: str,
        kind: ReadingKind | None = None,
    ) -> None:
        kind = kind or self.chance.choice([*ReadingKind, ReadingKind.FIGURE])
        place = (office, measure.key, period.key)
        class_ = next(class_ for code, _, class_ in TREE if code == office) or None
        if kind is ReadingKind.FIGURE:
            n, d = self._figure(measure)
            dated = self._dated(period)
            typed = None if measure.kind is Kind.DONE else f"{n}" if d is None else f"{n}/{d}"
            one = Submitted(measure.key, period.key, typed, "letter", dated, office=office)
            may, reading = self._may(activity, measure, period, office), Reading(0, *place, kind, n, d, dated)
        elif kind is ReadingKind.AWAITING:
            one = Submitted(measure.key, period.key, awaiting="กฟก.1", office=office)
            may, reading = activity.is_for(class_), Reading(0, *place, kind)
        else:
            one = Submitted(measure.key, period.key, withdraw=True, office=office)
            oracle = Oracle(self.plan, Quarter.of(self._today), self._today, (), self.log)
            may = activity.is_for(class_) and oracle.last(office, measure, period.key) is not None
            reading = Reading(0, *place, kind)
        if not may:
            self._refused(one)
            return
        enter(self.house.desk, one)
        self._remember(reading)

    def _remember(self, reading: Reading) -> None:
        self.log.append(reading._replace(seq=len(self.log) + 1))

    def _refused(self, one: Submitted) -> None:
        before = self.house.dump()
        try:
            enter(self.house.desk, one)
        except Error:
            assert self.house.dump() == before
        else:
            raise AssertionError(f"taken: {one}")


def trial(url: str, folder: Path, seed: int, acts: int = ACTS) -> Trial:
    house = House(url)
    try:
        found = Trial(house, folder, seed)
        found.run(acts)
        return found
    finally:
        house.close()


def main(trials: int, seed: int) -> None:
    done: Counter[str] = Counter()
    frozen = 0
    for number in range(seed, seed + trials):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/complaints.db"
            migrate(url)
            try:
                found = trial(url, Path(folder), number)
            except BaseException:
                sys.stdout.write(f"seed {number}\n")
                raise
            done += found.done
            frozen += len(found.frozen)
    sys.stdout.write(f"{trials} trials: {dict(done)}, {frozen} versions handed in\n")


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    main(*(given + [100, 1][len(given) :]))
