"""Freezing while others freeze, or go on working: one version, of one moment, and nobody waits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from complaint_sla.core.calendars import Quarter
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.figures import freeze, report
from tests.work import desks
from tests.work.desks import House, moment
from tests.work.findings import findings
from tests.work.frozen import versions
from tests.work.rivals import at_once

Q1 = Quarter(2017, 1)
# What is waited for here comes within a second; reached only where somebody is blocked.
PATIENCE = 60


def test_several_processes_that_freeze_at_once_make_one_version(house: House) -> None:
    for _ in range(5):
        house.log()
    house.shut("C-6003-00001")
    at_once(house.url, "-", *["freeze"] * 3)
    house.at("2017-07-26 00:00")
    once = versions(house)
    assert [(quarter, version) for quarter, version, _ in once] == [("2017-Q1", 1), ("2017-Q2", 1)]

    casework.do(house.desk, "C-6003-00001", casework.reopen("x"))
    at_once(house.url, "-", *["restate"] * 3)

    assert [(quarter, version) for quarter, version, _ in versions(house)] == [
        ("2017-Q1", 1),
        ("2017-Q1", 2),
        ("2017-Q2", 1),
    ]
    assert [one for one in versions(house) if one[1] == 1] == once
    # The last of them was frozen by a clock that was a day further.
    house.later(days=1)
    assert findings(house) == []


@pytest.mark.postgresql
def test_a_figure_is_of_one_moment_whatever_others_do_while_it_is_frozen(postgresql_database: str) -> None:
    """The freezing is held up between what it reads and what it writes; others go on, and are not held up."""
    house, others = House(postgresql_database), House(postgresql_database)
    for _ in range(4):
        house.log()
    prompt, late, gone, _ = (f"C-6003-{serial:05d}" for serial in range(1, 5))
    house.shut(prompt)
    before = desks.figure(house.at("2017-04-26 00:00"), Q1).counts
    others.at("2017-04-26 00:00")
    read, go_on = threading.Event(), threading.Event()

    def hold(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM complaint" in statement and "complaint.head" in statement:
            read.set()
            assert go_on.wait(PATIENCE)

    event.listen(house.store.engine, "after_cursor_execute", hold)
    with ThreadPoolExecutor(2) as pool:
        freezing_it = pool.submit(freeze.freeze, house.desk, Q1)
        try:
            assert read.wait(PATIENCE)
            for what in (
                lambda: casework.do(others.desk, prompt, casework.reopen("x")),
                lambda: others.shut(late),
                lambda: casework.do(others.desk, gone, casework.reclassify("x", group="key-account")),
                lambda: others.log(received_at=moment("2017-03-30 10:00")),
            ):
                pool.submit(what).result(PATIENCE)
            assert not freezing_it.done()
        finally:
            go_on.set()
        made = freezing_it.result(PATIENCE)
    event.remove(house.store.engine, "after_cursor_execute", hold)

    assert made.figure.counts == before
    assert findings(house) == []
    # What the others did is told as changed since, all of it and nothing else.
    assert [change.number for change in report.report(house.desk, Q1).moved] == [
        prompt,
        late,
        gone,
        "C-6003-00005",
    ]
    again = freeze.freeze(house.later(days=1), Q1)
    assert again.figure.counts == desks.figure(house.desk, Q1).counts
    assert findings(house) == []
    house.close()
    others.close()
