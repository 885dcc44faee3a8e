"""Looks at frozen figures behind the counter, and a book that would have given them another target."""

from __future__ import annotations

from sqlalchemy import select

from complaint_sla.store.tables import FrozenFigure
from tests.core.books import read_shelf
from tests.published import publish_anyway
from tests.work.desks import RULES, House


def versions(house: House) -> list[tuple[str, int, str]]:
    """Quarter, version and text of everything that has been frozen."""
    with house.store.read() as session:
        query = select(FrozenFigure.quarter, FrozenFigure.version, FrozenFigure.content)
        return [
            tuple(row) for row in session.execute(query.order_by(FrozenFigure.quarter, FrozenFigure.version))
        ]


def lay_beside(house: House, start: str, more: str = "") -> None:
    """Lets the house work by the shipped book and, from a day on, by a copy of it whose target is 70 per cent."""
    text = RULES.read_text(encoding="utf-8")
    copy = text.replace('id = "pea-2560"', 'id = "pea-b"').replace("percent = 80", "percent = 70")
    copy = copy.replace('effective_from = "2017-01-01"', f'effective_from = "{start}"')
    if more:
        copy = copy.replace("days = 25", more)
    house.shelf = read_shelf([("a.toml", text), ("b.toml", copy)], lambda *_: {})
    publish_anyway(house.store, house.shelf)
