"""What every table is made of: names that do not depend on the engine, and indexes of some rows only."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict
from sqlalchemy import (
    Index,
    MetaData,
    text,
)
from sqlmodel import SQLModel

# Names that don't depend on the engine, so that migrations can speak of constraints.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def partial(name: str, *columns: str, where: str) -> Index:
    """An index of those rows only of which `where` is true."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Table(SQLModel):
    # Rows are made of values that have been checked above: no validator is ever asked for, so none is built.
    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]
    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)
