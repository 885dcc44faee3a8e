"""Letters that were sent: which the journal holds, and what of them it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlmodel import Session

from complaint_sla.core.owed import AlertState
from complaint_sla.store.tables import Alert, Message

_MESSAGE: Table = Message.__table__  # type: ignore[attr-defined]
_ALERT: Table = Alert.__table__  # type: ignore[attr-defined]

# What never changes of a letter once a mail server has taken it.
SETTLED = (
    *("id", "kind", "occasion", "recipient", "message_id", "state"),
    *("created_at", "first_tried_at", "sent_at", "attempts", "answer"),
)
MEMBER = ("complaint_id", "generation", "stage", "occurrence", "recipient")

# The word stands in the query itself: SQLite takes the partial index only where it sees the index's own condition.
_UNENTERED = (
    _MESSAGE.c.state == bindparam("sent", "sent", literal_execute=True),
    _MESSAGE.c.entry.is_(None),
)

Row = Mapping[str, Any]


def unentered(session: Session, most: int) -> Sequence[Row]:
    """Letters that were sent and that the journal does not hold yet, by id."""
    query = select(*(_MESSAGE.c[name] for name in SETTLED)).where(*_UNENTERED)
    found = session.connection().execute(query.order_by(_MESSAGE.c.id).limit(most)).mappings()
    return cast("Sequence[Row]", found.all())


def enter(session: Session, ids: Collection[int], entry: int) -> None:
    """Says in which entry of the journal these letters are held."""
    session.connection().execute(update(_MESSAGE).where(_MESSAGE.c.id.in_(ids)).values(entry=entry))


def members(session: Session, ids: Collection[int]) -> Mapping[int, Sequence[Row]]:
    """The alerts that these letters told, by letter; in an order that is no database's own, which a digest follows."""
    columns = (_ALERT.c.message_id, *(_ALERT.c[name] for name in MEMBER))
    query = select(*columns).where(_ALERT.c.message_id.in_(ids), _ALERT.c.state == AlertState.SENT.value)
    found: dict[int, list[Row]] = {}
    for row in session.connection().execute(query).mappings():
        found.setdefault(row["message_id"], []).append({name: row[name] for name in MEMBER})
    for rows in found.values():
        rows.sort(key=lambda row: tuple(row[name] for name in MEMBER))
    return found


def entered(session: Session) -> Iterator[Sequence[Row]]:
    """All letters that were sent, those of one entry of the journal together, and those of none; a page at a time."""
    columns = [_MESSAGE.c[name] for name in (*SETTLED, "entry")]
    query = select(*columns).where((_MESSAGE.c.state == "sent") | _MESSAGE.c.entry.is_not(None))
    rows = session.connection().execute(
        query.order_by(_MESSAGE.c.entry, _MESSAGE.c.id), execution_options={"yield_per": 500}
    )
    for page in rows.mappings().partitions():
        yield cast("Sequence[Row]", page)
