"""What a reader asks next, from a real database, against what a person counts by hand over random histories."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product

import pytest

from complaint_sla.core.calendars import Quarter, local_day, midnight
from complaint_sla.core.errors import Error
from complaint_sla.core.figures import Counts
from complaint_sla.core.review import Concern
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.figures import freeze
from tests.work import desks
from tests.work.desks import House, moment

Q1, Q2 = Quarter(2017, 1), Quarter(2017, 2)
GROUPS = ("spp-area", "key-account", "industrial-commercial", "residential")


@dataclass
class Tale:
    """A complaint as a clerk's notebook has it: when it came in, and each end and reopening since."""

    office: str
    received: datetime
    turns: list[tuple[datetime, str]] = field(default_factory=list)

    def is_open(self, at: datetime) -> bool:
        """Just before `at`."""
        if self.received >= at:
            return False
        past = [what for when, what in self.turns if when < at]
        return not past or past[-1] == "reopened"


def lived(house: House, seed: int) -> dict[str, Tale]:
    """Half a year of a small office with a branch, day by day."""
    chance = random.Random(seed)
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    tales: dict[str, Tale] = {}
    for day in range(120):
        at = house.at("2017-01-08 00:00").now + timedelta(days=day, hours=chance.randrange(8, 17))
        house.clock.at = at
        if chance.random() < 0.4:
            office = chance.choice(("MAIN", "EAST"))
            received = at - timedelta(days=chance.choice((0, 0, 0, 1, 6)))
            number = house.log(chance.choice(GROUPS), office=office, received_at=received)
            tales[number] = Tale(office, received)
        if tales and chance.random() < 0.5:
            number = chance.choice(list(tales))
            turn(house, chance, number, tales[number], at)
    return tales


def turn(house: House, chance: random.Random, number: str, tale: Tale, at: datetime) -> None:
    what = chance.choice(("closed", "closed", "closed", "withdrawn", "reopened", "dated back"))
    try:
        if what == "closed":
            change.do(house.desk, number, change.close("done"))
        elif what == "withdrawn":
            change.do(house.desk, number, change.withdraw("x"))
        elif what == "reopened":
            change.do(house.desk, number, change.reopen("x"))
        else:
            change.do(house.desk, number, change.close("done", at := at - timedelta(days=3)))
            what = "closed"
    except Error:
        # The number has ended, is open, or was received later: as a clerk is told, too.
        return
    tale.turns.append((at, what))


@pytest.mark.slow
def test_the_register_balances_and_is_what_the_notebook_says(house: House) -> None:
    notebook = lived(house, 7)
    zone, now = house.desk.zone, house.desk.now
    for office, quarter in product((None, "EAST"), (Q1, Q2)):
        tales = [tale for tale in notebook.values() if office in (None, tale.office)]
        start = midnight(quarter.first_day, zone)
        end = min(midnight(quarter.following.first_day, zone), now + timedelta(microseconds=1))
        turns = [what for tale in tales for when, what in tale.turns if start <= when < end]

        register = desks.review(house.desk, quarter, office).register

        assert register.balances
        assert register.brought_forward == sum(tale.is_open(start) for tale in tales)
        assert register.received == sum(start <= tale.received < end for tale in tales)
        assert register.carried_forward == sum(tale.is_open(end) for tale in tales)
        assert (register.closed, register.withdrawn, register.reopened) == tuple(
            turns.count(what) for what in ("closed", "withdrawn", "reopened")
        )
        assert register.received > 0


@pytest.mark.slow
def test_everything_adds_up_at_every_office(house: House) -> None:
    lived(house, 11)
    house.later(days=3)
    whole, east = (desks.review(house.desk, Q2, office) for office in (None, "EAST"))
    for review in (whole, east):
        figure = review.figure
        for rows in (
            figure.by_group,
            figure.by_month,
            figure.by_office,
            figure.by_rule,
            figure.by_category,
            figure.by_channel,
        ):
            assert Counts().plus(_sum(rows)) == figure.counts
        first = desks.figure(house.desk, Q1, figure.office).counts
        assert review.year == first.plus(figure.counts)
        assert [past.quarter for past in review.quarters] == [Q1, Q2]
        assert [past.counts for past in review.quarters] == [first, figure.counts]
        assert sum(band.count for band in review.ages) == review.register.carried_forward
        assert sum(band.late for band in review.ages) >= figure.counts.overdue
        assert review.closing.count == _closed(house, figure.office)
    assert whole.figure.counts.received > east.figure.counts.received > 0


def _sum(rows: tuple[tuple[str, Counts], ...]) -> Counts:
    total = Counts()
    for _, counts in rows:
        total = total.plus(counts)
    return total


def _closed(house: House, office: str | None) -> int:
    with house.store.read() as session:
        query = (
            "SELECT count(*) FROM complaint JOIN office ON office.id = office_id "
            "WHERE status = 'closed' AND month >= '2017-04'"
        )
        where = f" AND code = '{office}'" if office else ""
        return int(session.connection().exec_driver_sql(query + where).scalar_one())


def test_answers_and_closings_are_timed_from_receipt(small_house: House) -> None:
    house = small_house
    for days in (1, 2, 3):
        house.at("2017-03-05 10:00")
        number = house.log("spp-area")
        house.later(hours=days)
        change.do(house.desk, number, change.note("x", change.NoteKind.RESPOND))
        house.later(hours=-days, days=2 * days)
        house.shut(number)
    review = desks.review(house.desk, Q1)
    assert (review.answering.median, review.answering.ninetieth) == (timedelta(hours=2), timedelta(hours=3))
    assert (review.closing.median, review.closing.ninetieth) == (timedelta(days=4), timedelta(days=6))
    # The fifth day runs until midnight, so the time allowed is five days and fourteen hours.
    assert review.closing.within == (1, 2, 3)
    assert review.answering.within == (3, 3, 3)


def test_what_is_worth_a_look_is_named(small_house: House) -> None:
    house = small_house
    house.at("2017-03-05 10:00")
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    plain, moved, again, back, spared, early, passed, eased, sooner = (
        house.log("spp-area", office="MAIN") for _ in range(9)
    )
    # Neither a day that matters, nor a deadline that comes sooner.
    change.do(house.at("2017-03-06 09:00"), plain, change.transfer("EAST", "theirs"))
    change.do(house.at("2017-03-06 09:00"), sooner, change.reclassify("x", urgent=True))
    house.shut(sooner)
    house.at("2017-03-09 10:00")
    change.do(house.desk, spared, change.withdraw("x"))
    change.do(house.at("2017-03-06 10:00"), early, change.withdraw("x"))
    house.at("2017-03-09 11:00")
    house.shut(plain)
    house.shut(again)
    change.do(house.at("2017-03-10 23:50"), passed, change.transfer("EAST", "theirs"))
    change.do(house.at("2017-03-10 23:50"), eased, change.reclassify("x", group="residential"))
    house.at("2017-03-12 10:00")
    change.do(house.desk, again, change.reopen("x"))
    change.do(house.desk, moved, change.reclassify("x", group="residential"))
    house.shut(back, moment("2017-03-10 16:00"))
    late = house.log(office="MAIN", received_at=moment("2017-03-08 09:00"))
    house.log(office="MAIN", received_at=moment("2017-03-10 10:00"))

    found = [(one.concern, one.number) for one in desks.review(house.desk, Q1).notable]

    assert found == [
        (Concern.RECLASSIFIED, moved),
        (Concern.MOVED_OUT, eased),
        (Concern.REOPENED, again),
        (Concern.ENTERED_LATE, late),
        (Concern.DATED_BACK, back),
        (Concern.LAST_MINUTE, spared),
        (Concern.HANDED_ON, passed),
    ]


def test_past_quarters_are_shown_as_they_were_frozen(small_house: House) -> None:
    house = small_house
    house.at("2017-03-05 10:00")
    number = house.log()
    house.shut(number)
    house.at("2017-04-26 00:00")
    freeze.freeze(house.desk, Q1)
    change.do(house.desk, number, change.reopen("x"))
    house.log()

    review = desks.review(house.desk, Q2)

    assert [(past.version, past.counts.rate) for past in review.quarters] == [(1, 1), (None, None)]
    assert [past.is_final for past in review.quarters] == [True, False]
    # The year is what was handed in, and what has come since.
    assert review.year == Counts(on_time=1, pending=1)
    assert local_day(review.figure.as_of, house.desk.zone).isoformat() == "2017-04-26"
