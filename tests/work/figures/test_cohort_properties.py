"""What holds of a quarter's figure whatever happens in two quarters, at every moment that somebody looks."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from complaint_sla.core.calendars import Quarter, midnight
from complaint_sla.core.errors import Error
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.correct import correct
from tests.work import desks
from tests.work.desks import House, moment
from tests.work.findings import findings

Q1, Q2 = Quarter(2017, 1), Quarter(2017, 2)
GROUPS = ("spp-area", "key-account", "industrial-commercial", "residential")
ROWS = ("by_group", "by_month", "by_office", "by_rule", "by_category", "by_channel")
# Histories are short, so that they come to much in little time; each has its own seed, and fails again by it.
TURNS = 30


@dataclass
class Look:
    """A quarter's figure as somebody saw it; `upset` once one of its complaints was reopened or entered."""

    figure: Figure
    upset: bool = False


@dataclass
class History:
    """Random work at two offices from early March to late July."""

    house: House
    chance: random.Random
    numbers: dict[str, Quarter] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)

    def live(self) -> None:
        offices.add_office(self.house.desk, "EAST", "ตะวันออก", "East", "MAIN")
        self.house.at("2017-03-05 10:00")
        for _ in range(TURNS):
            # A wait that often steps over the end of a quarter, or the due moment of what is open.
            self.house.later(days=self.chance.choice((0, 0, 1, 3, 7)), hours=self.chance.randrange(24))
            self.turn()
            self.look()

    def turn(self) -> None:
        chance, desk = self.chance, self.house.desk
        what = chance.choice(
            (
                "log",
                "log",
                "log",
                "close",
                "close",
                "back",
                "back",
                "reopen",
                "withdraw",
                "regroup",
                "move",
                "correct",
                "note",
            )
        )
        if what == "log" or not self.numbers:
            received = desk.now - timedelta(days=chance.choice((0, 0, 0, 2, 15)))
            office = chance.choice(("MAIN", "EAST"))
            received = max(received, moment("2017-01-01 00:00"))
            number = self.house.log(
                chance.choice(GROUPS), office=office, urgent=chance.random() < 0.2, received_at=received
            )
            self.numbers[number] = Quarter.of(received.astimezone(desk.zone).date())
            self.upset(number)
            return
        number = chance.choice(list(self.numbers))
        try:
            match what:
                case "close":
                    change.do(desk, number, change.close("done"))
                case "back":
                    change.do(
                        desk,
                        number,
                        change.close("done", desk.now - timedelta(hours=chance.randrange(1, 100))),
                    )
                case "note":
                    change.do(desk, number, change.note("called"))
                case "correct":
                    correct(desk, number, {"subject": f"ไฟดับ {chance.randrange(9)}", "phone": "0812345678"})
                case "withdraw":
                    change.do(desk, number, change.withdraw("x"))
                case "reopen":
                    change.do(desk, number, change.reopen("x"))
                    self.upset(number)
                case "regroup":
                    change.do(desk, number, change.reclassify("x", group=chance.choice(GROUPS), urgent=False))
                case _:
                    change.do(desk, number, change.transfer(chance.choice(("MAIN", "EAST")), "x"))
        except Error:
            # It has ended, is open, is there already, is dated too far back: as a clerk is told, too.
            return

    def upset(self, number: str) -> None:
        for look in self.looks:
            look.upset |= look.figure.quarter == self.numbers[number]

    def look(self) -> None:
        desk = self.house.desk
        for quarter in (Q1, Q2):
            figure = desks.figure(desk, quarter)
            check(figure)
            if desk.today > quarter.last_day:
                self.looks.append(Look(figure))

    def check_registers(self) -> None:
        for quarter in (Q1, Q2):
            start = midnight(quarter.first_day, self.house.desk.zone)
            for office in (None, "MAIN"):
                register = desks.review(self.house.desk, quarter, office).register
                assert register.balances
                # In the region's own register nothing can come or go by a transfer.
                assert register.brought_forward >= 0
                assert start <= self.house.desk.now or register.received == 0

    def check_bounds(self) -> int:
        """Each provisional figure against the final one; how many there were with nothing upset in between."""
        held = 0
        for quarter in (Q1, Q2):
            final = desks.figure(self.house.at("2017-08-30 00:00"), quarter)
            for figure in (
                final,
                *(desks.figure(self.house.desk, quarter, one) for one in ("MAIN", "EAST")),
            ):
                check(figure)
            assert final.counts.pending == 0
            for look in self.looks:
                if look.figure.quarter == quarter and not look.upset:
                    held += contains(look.figure, final)
        return held


def check(figure: Figure) -> None:
    counts = figure.counts
    assert counts.received == counts.denominator + counts.pending + counts.excluded
    for name in ROWS:
        total = Counts()
        for _, row in getattr(figure, name):
            total = total.plus(row)
        assert total == counts, name
    if counts.rate is not None:
        assert counts.worst is not None
        assert counts.best is not None
        assert 0 <= counts.worst <= counts.rate <= counts.best <= 1
        assert 0 <= counts.redeemable <= counts.overdue
    if figure.certain is not None and counts.rate is not None:
        assert figure.met is figure.certain


def contains(seen: Figure, final: Figure) -> bool:
    """Whether the bounds say something, and if so, that they hold; what is withdrawn in time leaves the rate."""
    counts, then = seen.counts, final.counts
    # What was in a bucket for good is in it still.
    assert then.late + then.overdue >= counts.late + counts.overdue - counts.redeemable
    assert then.on_time >= counts.on_time
    if counts.worst is None or counts.best is None or then.rate is None:
        return False
    assert counts.worst <= then.rate <= counts.best
    if seen.certain is not None:
        assert final.met is seen.certain
    return True


def live(url: str, seed: int) -> int:
    house = House(url)
    try:
        history = History(house, random.Random(seed))
        history.live()
        history.check_registers()
        held = history.check_bounds()
        assert findings(house) == []
        return held
    finally:
        house.close()


@pytest.mark.parametrize("seed", range(5))
def test_it_holds_of_any_history(sqlite_databases, seed: int) -> None:
    assert live(sqlite_databases.migrated(), seed) > 0


@pytest.mark.postgresql
@pytest.mark.parametrize("seed", [101, 102])
def test_it_holds_of_a_few_on_the_server_too(postgresql_databases, seed: int) -> None:
    assert live(postgresql_databases.migrated(), seed) > 0
