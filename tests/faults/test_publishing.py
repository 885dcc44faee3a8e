"""`kill -9` at every step of publishing and of healing: afterwards all of it is there or nothing, and another ends it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.desk import in_force
from tests.faults.nursery import start
from tests.faults.worker import Errand, carry_out
from tests.work.desks import House
from tests.work.findings import findings

STEPS = ("before", "inside", "before commit", "after commit")


@pytest.fixture
def house(database: str) -> Iterator[House]:
    """An office on a Sunday of March 2017, on either engine."""
    opened = House(database)
    yield opened
    opened.close()


def dies(house: House, folder: Path, step: str, *commands: tuple[str, ...], time: int = 1) -> None:
    errand = Errand(
        house.url,
        house.clock.at,
        folder,
        folder / "diary",
        commands=commands,
        fate=signal.SIGKILL,
        at=step,
        time=time,
    )
    assert start(errand).ended() == -signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
def test_whoever_dies_while_publishing_a_book_is_in_force_with_its_entry_or_not_at_all(
    house: House, tmp_path: Path, step: str
) -> None:
    house.log()
    book = ("publish", "next", "2017-06-01")
    dies(house, tmp_path, f"publish: {step}", book)
    there = [one.id for one in in_force(house.store)[0].books]
    assert there == (["pea-2560", "next"] if step == "after commit" else ["pea-2560"])
    assert findings(house) == []

    carry_out(house, *book)

    assert [one.id for one in in_force(house.store)[0].books] == ["pea-2560", "next"]
    assert findings(house) == []


@pytest.mark.parametrize("step", STEPS)
def test_whoever_dies_while_healing_leaves_the_timelines_to_the_next(
    house: House, tmp_path: Path, step: str
) -> None:
    house.hire("sup")
    number = house.log("spp-area")
    right = house.clock.at
    sweep(house.later(days=400))
    house.clock.at = right
    dies(house, tmp_path, f"settle: {step}")

    for _ in range(8):
        house.later(days=1)
        house.sweep()
        house.post()

    told = [row.stage for row in house.rows(number) if row.state in ("sent", "superseded")]
    assert {"warning-last", "due-today", "overdue"} <= set(told)
    assert findings(house) == []
