"""`kill -9` at every step of taking a list in and of drawing: afterwards all of an office is there or nothing, and whoever
does it again ends it with the same customers drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from complaint_sla.work import offices
from tests.faults.nursery import dies
from tests.faults.worker import carry_out
from tests.work.desks import House
from tests.work.findings import findings
from tests.work.surveys.lists import MARCH, drawn, rows, write

# Each step, and the how manieth time it is reached: the first office's transaction, and the second's.
STEPS = (("inside", 1), ("inside", 8), ("before commit", 1), ("after commit", 1), ("before commit", 2))
OFFICES = ("BANSANG", "MAIN")
# Those of the lowest tickets, whose days are over sooner.
SOONER = {"6003-002", "6003-008", "6003-006"}


@pytest.fixture
def house(database: str) -> Iterator[House]:
    """Two offices on 1 April 2017, on either engine."""
    house = House(database)
    offices.add_office(house.at("2017-04-01 09:00"), "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")
    yield house
    house.close()


def sheet(folder: Path) -> Path:
    given = [
        {**one, "office": office, "finished_on": "2017-03-20" if one["reference"] in SOONER else "2017-03-31"}
        for office in OFFICES
        for one in rows(10)
    ]
    return write(folder, given)


@pytest.mark.parametrize(("step", "time"), STEPS)
def test_whoever_dies_while_a_list_is_taken_in_leaves_whole_offices_to_whoever_does_it_again(
    house: House, tmp_path: Path, step: str, time: int
) -> None:
    command = ("list", str(sheet(tmp_path)), MARCH)
    dies(house, tmp_path, command, f"list: {step}", time)
    assert len(house.dump()["listed"]) in (0, 3, 6)
    assert findings(house) == []

    carry_out(house, *command)

    assert (len(house.dump()["request"]), len(house.dump()["listed"])) == (20, 6)
    # Three by telephone at each office.
    assert len(house.dump()["drawn"]) == 2 * (3 + 3 + 1)
    assert set(drawn(house, "phone")) == SOONER
    assert findings(house) == []


@pytest.mark.parametrize(("step", "time"), STEPS)
def test_whoever_dies_while_drawing_nobody_is_drawn_twice(
    house: House, tmp_path: Path, step: str, time: int
) -> None:
    carry_out(house, "list", str(sheet(tmp_path)), MARCH)
    # Nobody has asked those who were drawn, and now it is too late for them.
    house.at("2017-04-05 09:00")
    dies(house, tmp_path, ("draw", "-"), f"draw: {step}", time)
    assert findings(house) == []

    carry_out(house, "draw", "-")
    before = house.dump()
    carry_out(house, "draw", "-")

    assert house.dump() == before
    assert len(before["drawn"]) == 2 * (6 + 6 + 1)
    assert findings(house) == []
