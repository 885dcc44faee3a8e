"""Column types that mean the same on SQLite and PostgreSQL, and whether a row holds what its columns can hold.

SQLite keeps whatever a hand or a broken disk puts into a column. A moment or a day that is none is read as it stands: it
fails where it is used, so that one row keeps none of the others from being read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Dialect, Table, inspect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

from complaint_sla.core.errors import BadValue, NotPossible

# Stands for a text that can't be read, and for a name or code that is not there.
UNKNOWN = "?"


class _Readable:
    """What can't be read is given back as it is stored."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        read = super().result_processor(dialect, coltype)  # type: ignore[misc]

        def readable(value: Any) -> Any:
            try:
                return value if read is None else read(value)
            except (TypeError, ValueError):
                return value

        return readable


class Day(_Readable, TypeDecorator[date]):
    """A local day."""

    impl = Date
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        # A year has few days, and of a nation there are hundreds of thousands of rows.
        return lru_cache(maxsize=1024, typed=True)(super().result_processor(dialect, coltype))


class Moment(_Readable, TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite keeps it as text of fixed width, so that it sorts and compares as it should."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class ByBytes(ColumnElement[str]):
    """A text as it sorts by its bytes: in the same order wherever it is kept. A server sorts as its locale says."""

    inherit_cache = True

    def __init__(self, column: Any) -> None:
        self.column = column
        self.type = column.type

    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as SQLAlchemy has it


@compiles(ByBytes)
def _as_it_is(element: ByBytes, compiler: Any, **given: Any) -> str:
    return str(compiler.process(element.column, **given))


@compiles(ByBytes, "postgresql")
def _without_locale(element: ByBytes, compiler: Any, **given: Any) -> str:
    return f'{compiler.process(element.column, **given)} COLLATE "C"'


def moment(value: Any) -> datetime | None:
    """The least or greatest moment of many, as the database gives it; None if that can't be read."""
    return value if isinstance(value, datetime) else None


@cache
def _kinds(table: Table) -> Mapping[str, tuple[type, ...]]:
    """What each column may hold."""
    return {
        column.key: (_plain(column.type).python_type, *([type(None)] if column.nullable else []))
        for column in table.columns
    }


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return _plain(kind.impl_instance) if isinstance(kind, TypeDecorator) else kind


def unreadable(table: Table, values: Mapping[str, Any]) -> list[str]:
    """The columns, of those in `values`, that hold what they can't hold."""
    kinds = _kinds(table)
    return [name for name, value in values.items() if name in kinds and not isinstance(value, kinds[name])]


def whole(about: str, row: Any, *names: str, table: Table | None = None) -> None:
    """Raises NotPossible (`record-damaged`) if a row, or what was read of a row of `table`, can't be read.

    All of it, or the columns of these names.
    """
    values = {name: getattr(row, name) for name in names} if names else vars(row)
    columns = unreadable(inspect(row).mapper.local_table if table is None else table, values)
    if columns:
        raise NotPossible("record-damaged", about=about, columns=columns)


@contextmanager
def legible(about: str) -> Iterator[None]:
    """Reads what is kept as text. Raises NotPossible (`record-damaged`) where a hand has made something else of it."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, BadValue) as problem:
        kind = problem.key if isinstance(problem, BadValue) else type(problem).__name__
        raise NotPossible("record-damaged", about=about, columns=[kind]) from problem


def mended(row: Any) -> list[str]:
    """Lets a row that was read be shown although some of its columns can't be read; which. The database stays as it is.

    A text becomes `?`, and what may be empty is empty.
    """
    table: Table = inspect(row).mapper.local_table
    wrong = unreadable(table, vars(row))
    for name in wrong:
        nullable = table.columns[name].nullable
        if nullable or _kinds(table)[name] == (str,):
            set_committed_value(row, name, None if nullable else UNKNOWN)
    return wrong
