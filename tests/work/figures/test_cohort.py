"""The figure of a quarter from a real database agrees with what a person would say of each case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.roster import Role
from complaint_sla.work import offices
from complaint_sla.work.complaints import change, look
from tests.work import desks
from tests.work.desks import SUNDAY, House, moment

Q1 = Quarter(2017, 1)
SHORT, LONG = timedelta(days=4), timedelta(days=16)
RECEIVED = moment("2017-03-05 00:00")


@dataclass
class Story:
    """The same as a person tells it: was it open at a moment when its deadline had passed?"""

    due: datetime
    status: str = "open"
    ended: datetime | None = None
    changed: datetime = RECEIVED
    late: bool = False

    def _open_until(self, at: datetime) -> None:
        self.late = self.late or at >= self.due

    def act(self, what: str, now: datetime, at: datetime | None = None) -> None:
        when = max(now, self.changed) if at is None else at
        if what in ("close", "withdraw"):
            self._open_until(when)
            self.status, self.ended = ("closed" if what == "close" else "withdrawn"), when
        elif what == "reopen":
            self.status, self.ended = "open", None
            self._open_until(when)
        else:
            due = RECEIVED + (SHORT if what == "shorten" else LONG)
            if due != self.due:
                self._open_until(when)
                self.due = due
                self._open_until(when)
            else:
                return
        self.changed = when

    def bucket(self, now: datetime) -> str:
        if self.status == "open":
            return "overdue" if self.late or now >= self.due else "pending"
        if self.late:
            return "late"
        return "on_time" if self.status == "closed" else "excluded"


def do(house: House, number: str, what: str, at: datetime | None) -> None:
    if what == "close":
        change.do(house.desk, number, change.close("done", at))
    elif what == "withdraw":
        change.do(house.desk, number, change.withdraw("x"))
    elif what == "reopen":
        change.do(house.desk, number, change.reopen("x"))
    else:
        change.do(house.desk, number, change.reclassify("x", urgent=what == "shorten"))


# Days after receipt: before and after each of the two deadlines, and on their very moments.
DAYS = (2.0, 4.0, 10.0, 16.0, 20.0)
FIRST = ("close", "back-dated", "withdraw", "shorten")
SECOND = ("reopen", "lengthen", "close", "back-dated")
THIRD = ("close", "shorten", None)


@pytest.mark.slow
def test_every_story_of_three_changes_ends_in_the_bucket_that_a_person_would_name(small_house: House) -> None:
    """Each change as soon as it is possible at each of the moments, in turn."""
    house = small_house
    told = 0
    stories = [
        (tuple(zip(kinds, days, strict=True)))
        for kinds in product(FIRST, SECOND, THIRD)
        for days in ((2, 4, 10), (2, 10, 20), (4, 16, 20), (10, 16, 16), (2, 2, 20), (16, 20, 20))
    ][::5]
    for index, story in enumerate(stories):
        # A quarter for each, so that a figure is of one case.
        month = f"{2018 + index // 4}-{3 * (index % 4) + 1:02d}"
        start = moment(f"{month}-05 00:00")
        shift = start - RECEIVED
        house.clock.at = start
        number = house.log("key-account")
        plain = Story(RECEIVED + LONG)
        for what, day in story:
            if what is None:
                continue
            now = RECEIVED + timedelta(days=day)
            house.clock.at = now + shift
            at = now - timedelta(days=1) if what == "back-dated" else None
            kind = "close" if what == "back-dated" else what
            try:
                do(house, number, kind, at + shift if at is not None else None)
            except NotPossible:
                continue
            plain.act(kind, now, at)
        for day in DAYS:
            now = max(RECEIVED + timedelta(days=day), plain.changed)
            house.clock.at = now + shift
            quarter = (
                Quarter.of(house.desk.today) if day < 20 else Quarter.of((start + timedelta(days=1)).date())
            )
            counts = desks.figure(house.desk, quarter).counts
            assert counts.received == 1
            assert getattr(counts, plain.bucket(now)) == 1, (story, day, counts, plain)
            view = look.show(house.desk, number).complaint
            expected = {"on_time": True, "late": False, "overdue": False}.get(plain.bucket(now))
            assert view.on_time is expected
            told += 1
    assert told == len(stories) * len(DAYS)


def test_a_quarter_is_counted_by_group_month_office_and_rule_and_each_sums(house: House) -> None:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    offices.add_office(house.desk, "WEST", "ตะวันตก", "West")
    house.hire("sup", Role.SUPERVISOR)
    house.at("2017-01-10 10:00")
    for office in ("MAIN", "EAST", "WEST"):
        house.shut(house.log(office=office))
    house.log("spp-area", office="EAST")
    change.do(house.desk, house.log(office="WEST"), change.withdraw("paid"))
    house.at("2017-03-31 23:59")
    house.log(office="EAST", urgent=True)
    house.at("2017-04-01 00:00")
    house.log(office="EAST")
    figure = desks.figure(house.desk, Q1)
    counts = figure.counts
    assert (counts.on_time, counts.late, counts.overdue, counts.pending, counts.excluded) == (3, 0, 1, 1, 1)
    for rows in (figure.by_group, figure.by_month, figure.by_office, figure.by_rule):
        assert sum(row.received for _, row in rows) == 6
    assert [key for key, _ in figure.by_month] == ["2017-01", "2017-02", "2017-03"]
    assert {key: row.received for key, row in figure.by_office} == {"MAIN": 1, "EAST": 3, "WEST": 2}
    assert dict(figure.by_rule)["urgent"].pending == 1
    below = desks.figure(house.desk, Q1, "main")
    assert (below.office, below.counts.received) == ("MAIN", 4)
    assert [key for key, _ in below.by_office] == ["MAIN", "EAST"]
    assert not figure.is_final
    assert figure.final_at == moment("2017-04-26 00:00")
    with pytest.raises(BadValue, match="unknown-office"):
        desks.figure(house.desk, Q1, "NORTH")
    with pytest.raises(BadValue, match="before-first-book"):
        desks.figure(house.desk, Quarter(2016, 4))


def test_an_open_complaint_is_overdue_from_its_due_moment_on_without_any_sweep(house: House) -> None:
    house.log()
    assert desks.figure(house.at("2017-03-30 23:59"), Q1).counts.pending == 1
    assert desks.figure(house.at("2017-03-31 00:00"), Q1).counts.overdue == 1
    assert SUNDAY == "2017-03-05 10:00"
