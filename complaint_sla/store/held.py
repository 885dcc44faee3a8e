"""What an older backup and the database itself say of the same things, row for row in one order, a few rows at a time.

Only columns that every revision from the journal on has are read. Keys are the ids, which backups and restoring keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from complaint_sla.core.fates import AlertKey
from complaint_sla.core.owed import AlertState
from complaint_sla.store.migrations import KNOWN
from complaint_sla.store.outbox import MessageState
from complaint_sla.store.tables import (
    Alert,
    Book,
    Complaint,
    Counter,
    Event,
    FrozenFigure,
    House,
    JournalEntry,
    Message,
)

# From here on there is a journal, which says whose backup it is.
READABLE = KNOWN[KNOWN.index("0003_the_truth") :]

# Rows that are in memory at once; of those that may be whole documents, few.
CHUNK = 2000
DOCUMENTS = 5

Key = tuple[int, ...]
Value = tuple[Any, ...]
Rows = Iterator[tuple[Key, Value]]


def _table(of: type) -> Table:
    table: Table = of.__table__  # type: ignore[attr-defined]
    return table


_ALERT, _BOOK, _COMPLAINT = _table(Alert), _table(Book), _table(Complaint)
_COUNTER, _EVENT, _FIGURE = _table(Counter), _table(Event), _table(FrozenFigure)
_HOUSE, _JOURNAL, _MESSAGE = _table(House), _table(JournalEntry), _table(Message)

LETTER = (
    "kind",
    "occasion",
    "recipient",
    "message_id",
    "created_at",
    "attempts",
    "first_tried_at",
    "sent_at",
    "answer",
)
ALERT = (*AlertKey._fields, "complaint_id", "message_id")
FIGURE = ("measure", "quarter", "version", "frozen_at", "content", "cases", "digest")


def identity(connection: Connection) -> str | None:
    return connection.execute(select(_HOUSE.c.identity)).scalar()


def is_rehearsal(connection: Connection) -> bool:
    return connection.execute(select(_HOUSE.c.rehearsal)).scalar() is True


def first_entry(connection: Connection) -> str | None:
    """The hash of the first entry of the journal."""
    return connection.execute(select(_JOURNAL.c.hash).where(_JOURNAL.c.seq == 1)).scalar()


def numbers(connection: Connection) -> Rows:
    """The number of each complaint, by id."""
    return _rows(connection, select(_COMPLAINT.c.id, _COMPLAINT.c.number).order_by(_COMPLAINT.c.id), 1)


def events(connection: Connection) -> Rows:
    """The hash of each event, by id of the complaint and number of the event."""
    key = (_EVENT.c.complaint_id, _EVENT.c.seq)
    return _rows(connection, select(*key, _EVENT.c.hash).order_by(*key), 2)


def entries(connection: Connection) -> Rows:
    """The hash of each entry of the journal, by its number."""
    return _rows(connection, select(_JOURNAL.c.seq, _JOURNAL.c.hash).order_by(_JOURNAL.c.seq), 1)


def sent_letters(connection: Connection) -> Rows:
    """What is kept of each letter that was sent (`LETTER`), by id."""
    sent = _MESSAGE.c.state == MessageState.SENT
    query = select(_MESSAGE.c.id, *(_MESSAGE.c[name] for name in LETTER)).where(sent)
    return _rows(connection, query.order_by(_MESSAGE.c.id), 1)


def sent_alerts(connection: Connection) -> Rows:
    """Each alert that was sent, with its letter (`ALERT`), by id."""
    sent = _ALERT.c.state == AlertState.SENT
    query = select(_ALERT.c.id, *(_ALERT.c[name] for name in ALERT)).where(sent)
    return _rows(connection, query.order_by(_ALERT.c.id), 1)


def figures(connection: Connection) -> Rows:
    """Each figure that was frozen, whole (`FIGURE`), by id."""
    query = select(_FIGURE.c.id, *(_FIGURE.c[name] for name in FIGURE))
    return _rows(connection, query.order_by(_FIGURE.c.id), 1, DOCUMENTS)


def counters(connection: Connection) -> Mapping[str, int]:
    """The last serial given out in each month."""
    found = connection.execute(select(_COUNTER.c.month, _COUNTER.c.serial)).all()
    return {month: serial for month, serial in found if isinstance(serial, int)}


def books(connection: Connection) -> Mapping[str, Value]:
    """What was published, by digest; last the moment at which it was replaced, None if it is in force."""
    names = ("kind", "book_id", "text", "holidays", "published_at", "replaced_at")
    found = connection.execute(select(_BOOK.c.digest, *(_BOOK.c[name] for name in names))).all()
    return {digest: tuple(rest) for digest, *rest in found}


def number(connection: Connection, complaint_id: int) -> str:
    """The number of a complaint; `#…` of one that is not there."""
    found = connection.execute(select(_COMPLAINT.c.number).where(_COMPLAINT.c.id == complaint_id)).scalar()
    return str(found) if found is not None else f"#{complaint_id}"


def _rows(connection: Connection, query: Select[Any], key: int, most: int = CHUNK) -> Rows:
    """What a hand has given a key that is none is not found under any."""
    with connection.execute(query, execution_options={"yield_per": most}) as result:
        for row in result:
            found: Sequence[Any] = tuple(row)
            if all(isinstance(one, int) for one in found[:key]):
                yield tuple(found[:key]), tuple(found[key:])
