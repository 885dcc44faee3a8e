"""Entries of the journal with right hashes and whatever data: by whoever may write into the table, program or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from complaint_sla.core.differences import Check
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules
from complaint_sla.store.house import page_before
from complaint_sla.wording import Words
from complaint_sla.wording import journal as wording
from complaint_sla.work import anchors, chronicle, deliveries, journal, offices
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.letters import notices
from tests.work.desks import DOMAIN, House
from tests.work.findings import findings

STEERING = "\x1b[2J\u202e"
VALUES: tuple[Any, ...] = (
    *(STEERING, None, 1, 2**70, float("inf"), True, [], {}, [{}], {"a": STEERING}, "2017-Q1"),
    *("0001-01-01T00:00:00+23:00", "2017-03-05", "{x}"),
)
MORE: dict[JournalKind, dict[str, object]] = {
    JournalKind.HEALED: {
        "wrong_at": "2017-03-05T00:00:00+00:00", "count": 1, "void": 1, "complaints": [], "figures": ["2017-Q1/1"],
    },
    JournalKind.OFFICE_CHANGED: {"code": "MAIN", "name_th": "ก", "name_en": "M", "parent": None, "was": {"name_en": "N"}},
    JournalKind.CONTACT_READ: {"number": "C-6003-00001"},
    JournalKind.ERASED: {"numbers": ["C-6003-00001"], "count": 1, "by": "person"},
}  # fmt: skip


@pytest.fixture
def busy(small_house: House) -> House:
    house = small_house
    house.hire("sup")
    offices.away(house.desk, house.hire("boss", Role.MANAGER), date(2017, 3, 20), "sup@example.org")
    number = house.log(urgent=True)
    house.sweep()
    house.post()
    deliveries.enter(house.desk)
    anchors.keep(house.desk)
    house.shut(number)
    freeze.freeze_final(house.at("2017-04-28 09:00"))
    return house


def morning(house: House) -> Desk:
    """A desk at which the summary of the day is due."""
    summary = DailySummary(frozenset(range(7)), time(8), (Role.SUPERVISOR,), when_nothing=True)
    return replace(house.desk, service=ServiceRules(summary=summary))


def bent(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in data:
        yield {key: one for key, one in data.items() if key != name}
        yield from ({**data, name: value} for value in VALUES)
    yield from ({**data, name: value} for name in ("was", "number", "numbers") for value in VALUES)


def test_whatever_an_entry_says_it_is_read_told_and_audited(busy: House) -> None:
    kinds = {JournalKind(one.kind): json.loads(one.data) for one in entries(busy)} | MORE
    for kind in (JournalKind.RESTATED, JournalKind.STAFF_CHANGED):
        kinds[kind] = kinds[JournalKind.FROZEN if kind is JournalKind.RESTATED else JournalKind.STAFF_AWAY]
    # Of anchors below: each is what the next one follows.
    del kinds[JournalKind.ANCHORED]

    def write(session: Any) -> None:
        for kind, data in kinds.items():
            for said in bent(data):
                journal.record(session, busy.desk, kind, said, {"name": STEERING, "name_was": "x"})

    busy.store.write(write)
    assert {Check.UNREADABLE} <= {one.check for one in findings(busy)}
    told = chronicle.entries(busy.desk, most=100_000)
    assert len(told) > 1000
    assert chronicle.entries(busy.desk, office="MAIN", most=100_000)
    for language in ("th", "en"):
        words = Words(language)
        said = [wording.told(words, one, busy.desk.zone) + wording.who(words, one) for one in told]
        assert not [one for one in said if "\x1b" in one or "\u202e" in one]
    desk = morning(busy)
    assert notices.post(desk, DOMAIN) == 1
    assert desk.aside == []


@pytest.mark.parametrize("data", [{"through": "x"}, {"events": None}, {"complaints": []}, {"digest": 5}])
def test_after_what_is_no_anchor_they_begin_anew(busy: House, data: Any) -> None:
    """Or nobody would get one any more, nor any summary of that day."""
    one = json.loads(next(one.data for one in entries(busy) if one.kind == JournalKind.ANCHORED))
    day = busy.desk.today.isoformat()
    said = {**one, "day": day, **data}
    busy.store.write(lambda session: journal.record(session, busy.desk, JournalKind.ANCHORED, said))
    desk = morning(busy)
    assert notices.post(desk, DOMAIN) == 1
    assert desk.aside == []
    with busy.store.read() as session:
        assert anchors.of_day(session, day) is not None
    assert {one.check for one in findings(busy)} == {Check.UNREADABLE}


def entries(house: House) -> list[Any]:
    with house.store.read() as session:
        return list(page_before(session, None, None, 100))
