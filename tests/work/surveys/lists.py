"""Lists of finished requests for tests, and a house in which they come in."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.scorecard import Sight
from complaint_sla.store import offices
from complaint_sla.store.tables import Drawn, Request
from complaint_sla.work.plans import sight
from complaint_sla.work.surveys import listing
from complaint_sla.work.surveys.finished import COLUMNS
from complaint_sla.work.surveys.listing import Imported
from tests.work.desks import House

ZEROS = "0" * 32
MARCH = "2017-03-31"


def rows(
    count: int, day: str = "2017-03-25", service: str = "new-meter", first: int = 1
) -> list[dict[str, str]]:
    """So many finished requests, 6003-001 and so on, each with somebody who can be called."""
    return [
        {
            "reference": f"6003-{number:03d}",
            "service": service,
            "finished_on": day,
            "customer": f"ลูกค้า {number}",
            "phone": f"081234{number:04d}",
        }
        for number in range(first, first + count)
    ]


def write(folder: Path, given: Sequence[Mapping[str, str]], name: str = "list.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(given)
    return path


def take_in(
    house: House, folder: Path, given: Sequence[Mapping[str, str]], through: str = MARCH, **more: Any
) -> Imported:
    more.setdefault("seed", ZEROS)
    return listing.import_file(house.desk, write(folder, given), date.fromisoformat(through), **more)


def drawn(house: House, survey: str) -> dict[str, str | None]:
    """References that were drawn in a survey, with what came of each, in the order in which they were drawn."""
    query = select(Request.reference, Drawn.outcome).join(Drawn, Drawn.request_id == Request.id)  # type: ignore[arg-type,call-overload]
    with house.store.read() as session:
        found = session.connection().execute(query.where(Drawn.survey == survey).order_by(Drawn.id))  # type: ignore[arg-type]
        return {one.reference: one.outcome for one in found}


def words(house: House) -> dict[str, tuple[str | None, str | None]]:
    """Name and telephone of each request."""
    with house.store.read() as session:
        found = session.connection().execute(select(Request.reference, Request.name, Request.phone))  # type: ignore[call-overload]
        return {reference: (name, phone) for reference, name, phone in found}


def seen(house: House, quarter: str = "2017-Q1", office: str | None = None) -> Sight:
    with house.store.read() as session:
        return sight.sight_in(session, house.desk, offices.directory(session), Quarter.parse(quarter), office)
