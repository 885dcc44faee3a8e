"""Entering and freezing the plan while others do the same: one of each, on either engine."""

from tests.work.desks import House
from tests.work.findings import findings
from tests.work.plans.figures import enter
from tests.work.plans.test_freezing import opened, rows
from tests.work.rivals import at_once


def test_ten_processes_freeze_it_once_and_restate_it_once(house: House) -> None:
    opened(house)
    at_once(house.url, "-", *["freeze plan"] * 10)
    once = rows(house)
    assert [(quarter, version) for quarter, version, *_ in once] == [("2017-Q1", 1)]
    assert len(rows(house, "complaints")) == 1

    house.at("2017-05-11 10:00")
    enter(house, "large-existing", "1/2560", "91/95")
    at_once(house.url, "-", *["restate plan"] * 3)
    assert [(quarter, version) for quarter, version, *_ in rows(house)] == [("2017-Q1", 1), ("2017-Q1", 2)]
    assert rows(house)[:1] == once
    house.at("2017-05-12 10:00")
    assert findings(house) == []
