"""Records that an earlier release wrote, kept as files: what is read of them is what was meant, and work goes on."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from complaint_sla.core.chain import FORMAT
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.differences import Check
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store.migrations.handers import name_handers
from complaint_sla.store.migrations.numbers import link_numbers
from complaint_sla.store.tables import Event, Table
from complaint_sla.store.types import Day, Moment
from complaint_sla.work.complaints import change, erase, log, look
from complaint_sla.work.complaints.correct import correct
from complaint_sla.work.complaints.erase import By
from complaint_sla.work.desk import in_force
from complaint_sla.work.sheets.exchange import export, import_file
from tests.published import publish_shipped
from tests.work.audit.test_audit import AGAIN, LATE, NEXT_MONTH, OPEN, REGROUPED
from tests.work.desks import House
from tests.work.findings import findings

FOLDER = Path(__file__).parents[2] / "records"
# A line for each row of each table, in an order in which they can be inserted; made by `test_audit.play`.
RECORDS = sorted(FOLDER.glob("events-*.jsonl"))


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def put(house: House, path: Path) -> None:
    """Fills a new house with the rows of a file, as an upgrade leaves it: its books stand in the journal."""
    tables = {table.name: table for table in Table.metadata.sorted_tables}
    with house.store.engine.begin() as connection:
        for table in reversed(tables.values()):
            if table.name != "house":
                connection.execute(table.delete())
        connection.execute(tables["house"].update().values(events=0, head=""))
        for row in rows(path):
            table = tables[row.pop("table")]
            if table.name == "event":
                # Nobody asked the server then.
                row["server_user"] = None
            if "first_used_at" in row:
                # What the migration makes of it.
                row |= {"kind": "book", "published_at": row.pop("first_used_at")}
            connection.execute(
                table.insert(), {name: value_of(table, name, one) for name, one in row.items()}
            )
        link_numbers(connection)
        name_handers(connection)
        if house.store.is_postgresql:
            for name, table in tables.items():
                if "id" in table.columns:
                    last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                    connection.execute(text(last))
    publish_shipped(house.store)
    # The book that these complaints have pinned; the one that ships today means the same.
    house.shelf = in_force(house.store)[0]


def value_of(table: Any, name: str, value: Any) -> Any:
    read = {Moment: datetime.fromisoformat, Day: date.fromisoformat}.get(type(table.columns[name].type))
    return read(value) if read is not None and value is not None else value


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def old_house(request: pytest.FixtureRequest, house: House) -> House:
    """A house with the records of an earlier release, on the day after they end."""
    put(house, request.param)
    house.at("2017-04-27 09:00")
    return house


def test_every_kind_of_event_of_an_earlier_release_is_read_and_found_in_order(old_house: House) -> None:
    numbers = [one.number for one in look.find_all(old_house.desk, look.Wanted())]
    shown = [event for number in numbers for event in look.show(old_house.desk, number).events]
    # What has come since.
    newer = {EventKind.ERASURE_DUE, EventKind.CORRECTED}
    assert {event.kind for event in shown} | newer == set(EventKind)
    assert findings(old_house) == []


def test_work_goes_on_where_an_earlier_release_left_off(old_house: House) -> None:
    change.do(old_house.desk, LATE, change.reopen("not solved"))
    change.do(old_house.later(hours=1), REGROUPED, change.reclassify("wrong group", group="key-account"))
    change.do(old_house.later(hours=1), AGAIN, change.transfer("BRANCH", "theirs"))
    change.do(old_house.later(hours=1), NEXT_MONTH, change.assign("bob@example.org"))
    correct(old_house.desk, LATE, {"external_id": "X-2", "channel": "line", "phone": "0899999999"})
    correct(old_house.desk, LATE, {"external_id": ""})
    old_house.later(days=2)
    old_house.sweep()
    old_house.post()
    old_house.shut(OPEN)
    assert findings(old_house) == []
    # Old and new events stand in one chain; of their formats nobody is told.
    assert [f'"format":{FORMAT}' in one.data for one in old_house.events(LATE)][-2:] == [True, True]
    assert old_house.complaint(LATE).external_id is None
    assert not any("format" in one.data for one in look.show(old_house.desk, LATE).events)


def test_an_erasure_says_of_which_an_earlier_release_wrote_another_systems_number_for_good(
    old_house: House,
) -> None:
    assert old_house.complaint(LATE).external_id == "X-1"
    old_house.shut(REGROUPED)
    for_good = '"external_id":"X-1"' in old_house.events(LATE)[0].data
    done = erase.erase_all(old_house.desk, [LATE, REGROUPED], "asked for", By.PERSON)
    assert (len(done.erased), done.copies.ids) == (2, (LATE,) if for_good else ())
    assert (old_house.complaint(LATE).external_id or "").startswith("erased:")
    again = log.log(old_house.desk, log.Intake("residential", "phone", "outage", "x", external_id="X-1"))
    assert (again.known, again.complaint.number) == (True, LATE)
    assert findings(old_house) == []


def test_records_of_every_earlier_format_are_kept() -> None:
    assert {int(path.stem.removeprefix("events-")) for path in RECORDS} == set(range(1, FORMAT))


def test_an_event_of_a_newer_release_stops_nobody_but_whoever_asks_for_its_complaint(
    small_house: House,
) -> None:
    put(small_house, RECORDS[0])
    desk = small_house.at("2017-04-27 09:00")
    event = Event.__table__
    with small_house.store.engine.begin() as connection:
        connection.execute(
            event.update()
            .where(event.c.complaint_id == small_house.complaint(OPEN).id, event.c.seq == 1)
            .values(data=f'{{"format":{FORMAT + 1},"number":"{OPEN}"}}')
        )
    assert [(one.about, one.check) for one in findings(small_house)] == [
        (OPEN, Check.HASH),
        (OPEN, Check.NEWER),
    ]
    with pytest.raises(DatabaseUnusable, match="event-newer"):
        look.show(desk, OPEN)
    assert len(look.find_all(desk, look.Wanted())) == 8
    assert small_house.sweep().due == 2
    small_house.shut(OPEN)


def test_a_sheet_agrees_with_what_an_earlier_release_logged(old_house: House, tmp_path: Path) -> None:
    sheet = tmp_path / "all.csv"
    export(old_house.desk, sheet)
    # A sheet written before the group was corrected says what was logged first.
    line = next(one for one in sheet.read_text("utf-8-sig").splitlines() if REGROUPED in one)
    sheet.write_text(
        sheet.read_text("utf-8-sig").replace(line, line.replace("spp-area", "industrial-commercial")), "utf-8"
    )
    done = import_file(old_house.desk, sheet)
    assert (done.unchanged, done.logged, done.closed) == (7, 0, 0)
    assert [(one.error.key, one.error.values["name"]) for one in done.rejected] == [("empty-text", "subject")]
