"""What `list` and its kin pick of all complaints: by any filters together, what a person with a pencil would pick."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.core.matching import ME
from complaint_sla.core.roster import Role
from complaint_sla.store.filters import Order
from complaint_sla.work import offices
from complaint_sla.work.complaints import change, look
from complaint_sla.work.complaints.look import NOBODY, Wanted
from complaint_sla.work.complaints.view import ComplaintView
from tests.work.desks import House, moment

TODAY = date(2017, 3, 31)
GROUPS = ("residential", "spp-area", "key-account", "industrial-commercial")
CHANNELS = ("phone", "walk-in", "letter")
CATEGORIES = ("outage", "other")


@dataclass(frozen=True)
class Case:
    """A complaint, and when somebody last did something to it."""

    seen: ComplaintView
    touched_at: datetime


@pytest.fixture(scope="module")
def drawer(lasting_house: House) -> tuple[House, list[Case]]:
    """Two dozen complaints of March, worked on here and there, looked at on the last of the month."""
    house = lasting_house
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    owners = [None, house.hire("clerk", Role.AGENT), house.hire("other", Role.AGENT, "EAST"), None]
    numbers = []
    for n in range(24):
        house.at(f"2017-03-{1 + n:02d} {n:02d}:30")
        numbers.append(
            house.log(
                GROUPS[n % 4], urgent=n % 5 == 0, channel=CHANNELS[n % 3], category=CATEGORIES[n % 2],
                office=("MAIN", "EAST")[n // 3 % 2], owner=owners[n * 7 // 3 % 4],
            )
        )  # fmt: skip
    house.at("2017-03-27 09:00")
    change.do(house.desk, numbers[1], change.note("asked the crew"))
    change.do(house.desk, numbers[22], change.acknowledge())
    house.at("2017-03-30 23:59")
    change.do(house.desk, numbers[7], change.note("asked again"))
    change.do(house.desk, numbers[2], change.reclassify("not so", group="residential"))
    house.shut(numbers[3])
    house.shut(numbers[23])
    change.do(house.desk, numbers[5], change.withdraw("changed mind"))
    house.at("2017-03-31 00:00")
    change.do(house.desk, numbers[9], change.note("and again"))
    house.at("2017-03-31 12:00")
    house.hire("sup")
    house.sweep()
    cases = []
    for number in numbers:
        found = look.show(house.desk, number)
        cases.append(Case(found.complaint, max(e.happened_at for e in found.events if e.kind != "alerts")))
    return house, cases


ORDERS: dict[Order, Callable[[Case], datetime]] = {
    Order.DUE: lambda case: case.seen.due_at,
    Order.RECEIVED: lambda case: case.seen.received_at,
    Order.TOUCHED: lambda case: case.touched_at,
}


def fits(case: Case, wanted: Wanted) -> bool:
    one = case.seen
    owner = {ME: "clerk@example.org", NOBODY: None}.get(wanted.owner or "", wanted.owner)
    return (
        (wanted.status is None or one.status == wanted.status)
        and (wanted.overdue is None or (one.is_open and (one.on_time is False) == wanted.overdue))
        and (wanted.due_within is None or one.due_on <= TODAY + timedelta(days=wanted.due_within))
        and (wanted.due is None or one.due_on == wanted.due)
        and (wanted.office in (None, "MAIN") or one.office == wanted.office)
        and all(
            getattr(wanted, name) in (None, getattr(one, name))
            for name in ("group", "urgent", "channel", "category")
        )
        and (wanted.owner is None or one.owner == owner)
        and (wanted.received_since is None or one.received_at >= moment(str(wanted.received_since)))
        and (
            wanted.silent is None
            or case.touched_at < moment(f"{TODAY}") - timedelta(days=wanted.silent) + timedelta(days=1)
        )
    )


def perhaps(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Most filters are not given: all at once would find nothing."""
    return st.integers(0, 3).flatmap(lambda n: st.none() if n else values)


days = st.dates(date(2017, 2, 27), date(2017, 4, 30))
wantings = st.builds(
    Wanted,
    status=perhaps(st.sampled_from(Status)),
    overdue=perhaps(st.booleans()),
    due_within=perhaps(st.integers(0, 40)),
    due=perhaps(days),
    office=perhaps(st.sampled_from(["MAIN", "EAST"])),
    group=perhaps(st.sampled_from(GROUPS)),
    urgent=perhaps(st.booleans()),
    channel=perhaps(st.sampled_from(CHANNELS)),
    category=perhaps(st.sampled_from(CATEGORIES)),
    owner=perhaps(st.sampled_from([ME, NOBODY, "clerk@example.org", "other@example.org"])),
    received_since=perhaps(days),
    silent=perhaps(st.integers(0, 35)),
    order=st.sampled_from(Order),
    limit=perhaps(st.integers(0, 5)),
)


@given(wanted=wantings)
def test_what_fits_all_filters_is_found_in_the_order_that_is_asked_for(
    drawer: tuple[House, list[Case]], wanted: Wanted
) -> None:
    house, cases = drawer
    fitting = sorted((case for case in cases if fits(case, wanted)), key=ORDERS[wanted.order])

    found = look.listed(house.desk, wanted)

    assert [one.number for one in found.first] == [case.seen.number for case in fitting][: wanted.limit]
    assert found.every == len(fitting)
    assert found.late == sum(case.seen.is_open and case.seen.on_time is False for case in fitting)
    assert look.find_all(house.desk, wanted) == list(found.first)


@pytest.mark.parametrize("wanted", [
    Wanted(due_within=10**30), Wanted(silent=10**30), Wanted(received_since=date.min), Wanted(received_since=date.max),
])  # fmt: skip
def test_days_beyond_the_calendar_are_as_good_as_its_ends(
    drawer: tuple[House, list[Case]], wanted: Wanted
) -> None:
    house, cases = drawer

    assert len(look.find_all(house.desk, wanted)) in (0, len(cases))


def test_who_is_nobody_on_the_staff_has_none_of_their_own(
    drawer: tuple[House, list[Case]], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = drawer
    monkeypatch.setattr(house, "actor", "guest@example.org")

    with pytest.raises(BadValue, match="nobody-acts"):
        look.find_all(house.desk, Wanted(owner=ME))
