"""`kill -9` at every step of entering a figure of the plan, and of freezing it: all of it is there afterwards, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.work.figures import freeze as closure
from complaint_sla.work.plans import freezing
from tests.faults.nursery import dies
from tests.faults.worker import carry_out
from tests.work import desks
from tests.work.findings import findings
from tests.work.plans.figures import enter
from tests.work.plans.test_freezing import FINAL, opened, rows

# Each step, and the how manieth time it is reached; all that happens in one transaction.
STEPS = (("inside", 3), ("before commit", 1), ("after commit", 1))


@pytest.fixture
def house(database: str) -> Iterator[desks.House]:
    """A branch with a figure of the plan, after the day of handing in, on either engine."""
    house = opened(desks.House(database))
    closure.freeze_final(house.at(FINAL))
    yield house
    house.close()


@pytest.mark.parametrize(("step", "time"), STEPS)
def test_whoever_dies_while_entering_and_freezing_leaves_all_of_it_or_nothing(
    house: desks.House, tmp_path: Path, step: str, time: int
) -> None:
    command = ("enter", "large-new", "3/4")
    dies(house, tmp_path, command, f"enter: {step}", time)
    assert findings(house) == []
    assert len(house.dump()["reading"]) == (2 if step == "after commit" else 1)
    carry_out(house, *command)
    assert len(house.dump()["reading"]) == 2

    dies(house, tmp_path, ("freeze plan", "-"), f"freeze: {step}", time)
    assert findings(house) == []
    assert len(rows(house)) == (step == "after commit")
    freezing.freeze_final(house.desk)
    once = rows(house)
    assert [(quarter, version) for quarter, version, *_ in once] == [("2017-Q1", 1)]

    enter(house, "large-existing", "1/2560", "91/95")
    dies(house, tmp_path, ("restate plan", "2017-Q1"), f"restate: {step}", time)
    assert findings(house) == []
    if step != "after commit":
        freezing.freeze(house.desk, Quarter(2017, 1))
    assert [(quarter, version) for quarter, version, *_ in rows(house)] == [("2017-Q1", 1), ("2017-Q1", 2)]
    assert rows(house)[:1] == once
    assert findings(house) == []
