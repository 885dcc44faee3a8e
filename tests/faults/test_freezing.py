"""`kill -9` at every step of freezing: afterwards there is one version of each quarter, and it is proved."""

from pathlib import Path

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.work.complaints import change
from complaint_sla.work.figures import freeze, report
from tests.faults.nursery import dies
from tests.work import desks
from tests.work.desks import House
from tests.work.findings import findings
from tests.work.frozen import versions

Q1, Q2 = Quarter(2017, 1), Quarter(2017, 2)
STEPS = ("before", "inside", "before commit", "after commit")
# The figure, the journal's head and its entry.
CHANGES = 3


@pytest.fixture
def house(database: str) -> House:
    """Two quarters with complaints, both final."""
    house = House(database)
    for _ in range(3):
        house.log()
    house.shut("C-6003-00001")
    house.at("2017-04-20 10:00")
    house.log()
    house.at("2017-07-26 00:00")
    house.sweep()
    return house


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_whoever_dies_while_freezing_each_quarter_is_frozen_once(
    house: House, tmp_path: Path, step: str, time: int
) -> None:
    nth = 1 + (time - 1) * CHANGES if step == "inside" else time
    dies(house, tmp_path, ("freeze", "-"), f"freeze: {step}", nth)
    assert len(versions(house)) == time - (step != "after commit")

    freeze.freeze_final(house.desk)

    assert [(quarter, version) for quarter, version, _ in versions(house)] == [("2017-Q1", 1), ("2017-Q2", 1)]
    for quarter in (Q1, Q2):
        frozen = report.report(house.desk, quarter).frozen
        assert frozen is not None
        assert frozen.figure.counts == desks.figure(house.desk, quarter).counts
    assert findings(house) == []
    house.close()


@pytest.mark.parametrize("step", STEPS)
def test_whoever_dies_while_restating_there_is_one_restatement(
    house: House, tmp_path: Path, step: str
) -> None:
    freeze.freeze(house.desk, Q1)
    change.do(house.later(days=1), "C-6003-00001", change.reopen("x"))
    dies(house, tmp_path, ("restate", str(Q1)), f"restate: {step}")
    assert len(versions(house)) == (2 if step == "after commit" else 1)

    if step != "after commit":
        freeze.freeze(house.desk, Q1)

    assert [(quarter, version) for quarter, version, _ in versions(house)] == [("2017-Q1", 1), ("2017-Q1", 2)]
    assert report.report(house.desk, Q1).moved == ()
    assert findings(house) == []
    house.close()
