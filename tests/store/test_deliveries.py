"""What a letter told comes in one order from every database: one that was restored elsewhere has the same digests."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, insert, text

from complaint_sla.store import deliveries
from complaint_sla.store.tables import Alert
from tests.work.desks import House

A: Table = Alert.__table__


@pytest.mark.postgresql
def test_the_order_is_not_that_of_the_language_of_the_database(postgresql_database: str) -> None:
    house = House(postgresql_database)
    house.hire("sup")
    number = house.log(urgent=True)
    house.sweep()
    house.post()
    [told] = house.rows(number)
    house.store.write(
        lambda session: session.execute(text('ALTER TABLE alert ALTER stage TYPE text COLLATE "und-x-icu"'))
    )
    another = {one.name: getattr(told, one.name) for one in A.columns if one.name != "id"} | {
        "stage": "Z-late"
    }
    house.store.write(lambda session: session.execute(insert(A).values(another)))
    with house.store.read() as session:
        members = deliveries.members(session, [told.message_id or 0])
    assert [one["stage"] for one in members[told.message_id or 0]] == ["Z-late", told.stage]
    house.close()
