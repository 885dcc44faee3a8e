"""Looks at frozen figures behind the counter."""

from __future__ import annotations

from sqlalchemy import select

from complaint_sla.store.tables import FrozenFigure
from tests.work.desks import House


def versions(house: House) -> list[tuple[str, int, str]]:
    """Quarter, version and text of everything that has been frozen."""
    with house.store.read() as session:
        query = select(FrozenFigure.quarter, FrozenFigure.version, FrozenFigure.content)
        return [
            tuple(row) for row in session.execute(query.order_by(FrozenFigure.quarter, FrozenFigure.version))
        ]
