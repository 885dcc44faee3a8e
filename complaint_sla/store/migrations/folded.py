"""Writes anew what is searched, of rows that were folded by an older program."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnClause, Connection, bindparam, column, select, table, update

from complaint_sla.core.fields import fold

# Table, key, what was typed, what is searched. Where nothing was typed, nothing is searched.
_SEARCHED = (
    ("complaint", "id", "subject", "subject_search"),
    ("customer", "complaint_id", "name", "name_search"),
)
# Rows that are in memory at once.
_BATCH = 1000


def fold_again(connection: Connection) -> None:
    """A batch at a time; what is as it should be is left alone. What a hand has made unreadable is for the audit to name."""
    for name, *columns in _SEARCHED:
        named: list[ColumnClause[Any]] = [column(one) for one in columns]
        key, typed, searched = named
        rows_of = table(name, key, typed, searched)
        page = (
            select(key, typed, searched)
            .where(key > bindparam("last"), typed.is_not(None))
            .order_by(key)
            .limit(_BATCH)
        )
        put = update(rows_of).where(key == bindparam("row")).values({searched: bindparam("folded")})
        last = 0
        while found := connection.execute(page, {"last": last}).all():
            folded = [(row, fold(text), was) for row, text, was in found if isinstance(text, str)]
            changed = [{"row": row, "folded": now} for row, now, was in folded if now != was]
            if changed:
                connection.execute(put, changed)
            last = found[-1][0]
