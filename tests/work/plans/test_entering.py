"""Figures that are entered at the same moment, by processes of their own."""

from __future__ import annotations

from complaint_sla.store import archive
from complaint_sla.work import offices
from tests.work.desks import House
from tests.work.findings import findings
from tests.work.plans.figures import enter
from tests.work.rivals import at_once


def test_ten_who_enter_at_once_write_one_chain_and_each_corrects_the_one_before(house: House) -> None:
    offices.add_office(house.desk, "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")
    at_once(house.url, "-", *["enter"] * 10)

    house.at("2017-04-11 09:00")
    with house.store.read() as session:
        said = [one["kind"] for one in archive.journal(session) if one["kind"].startswith("plan")]
    # The same again is not written, nor is nothing taken back.
    assert {"plan-figure", "plan-withdrawn"} >= {*said} >= {"plan-figure"}
    assert said.count("plan-figure") > 10, said
    last = enter(house, "large-existing", "1/2560", "95/95")
    assert (last.replaces is None) == (said[-1] == "plan-withdrawn")
    assert findings(house) == []
