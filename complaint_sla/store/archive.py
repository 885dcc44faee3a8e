"""The whole record, read from end to end a page at a time: every complaint with its events, alerts and customer.

Plain rows, in a constant number of queries a page, so that neither memory nor time per complaint grows with what is
there. What belongs to no complaint comes with the page in whose range of ids it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, Table, exists, func, or_, select
from sqlalchemy.engine import Connection
from sqlmodel import Session, col

from complaint_sla.store.outbox import ALERTS, MessageState
from complaint_sla.store.tables import Alert, Complaint, Counter, Customer, Event, JournalEntry, Message

# Large enough that the fixed queries of a page don't count, small enough that nobody notices its memory.
PAGE = 500

# By name of the column.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Complaints in the order of their ids, and what belongs to the ids up to the last of them, by complaint's id.

    Events are in the order of seq. An alert bears `letter_kind`, `letter_state`, `letter_to` and `letter_attempts` of the
    letter it is in, if it is in one.
    `originals` are numbers, by id.
    """

    complaints: Sequence[Row]
    events: Mapping[int, Sequence[Row]]
    alerts: Mapping[int, Sequence[Row]]
    customers: Mapping[int, Sequence[Row]]
    originals: Mapping[int, str]


COMPLAINT: Table = Complaint.__table__  # type: ignore[attr-defined]
_CUSTOMER: Table = Customer.__table__  # type: ignore[attr-defined]
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]
JOURNAL: Table = JournalEntry.__table__  # type: ignore[attr-defined]
_ALERT: Table = Alert.__table__  # type: ignore[attr-defined]
LETTER: Table = Message.__table__  # type: ignore[attr-defined]

_EVENTS = select(_EVENT).order_by(_EVENT.c.complaint_id, _EVENT.c.seq)
_ALERTS = (
    select(
        _ALERT,
        LETTER.c.kind.label("letter_kind"),
        LETTER.c.state.label("letter_state"),
        LETTER.c.recipient.label("letter_to"),
        LETTER.c.attempts.label("letter_attempts"),
    )
    .outerjoin(LETTER, LETTER.c.id == _ALERT.c.message_id)
    .order_by(_ALERT.c.complaint_id)
)
_CUSTOMERS = select(_CUSTOMER)
_IS_OF_ALERTS = LETTER.c.kind == ALERTS


def count(session: Session) -> int:
    """How many complaints there are."""
    return int(session.connection().execute(select(func.count()).select_from(COMPLAINT)).scalar_one())


def journal(session: Session, kinds: Iterable[str] | None = None) -> Iterator[Row]:
    """Every entry of the journal, or of some kinds, oldest first."""
    query = select(JOURNAL).order_by(JOURNAL.c.seq)
    if kinds is not None:
        query = query.where(JOURNAL.c.kind.in_(list(kinds)))
    found = session.connection().execute(query, execution_options={"yield_per": PAGE})
    for page in found.mappings().partitions():
        yield from cast("Sequence[Row]", page)


def pages(session: Session, size: int = PAGE) -> Iterator[Page]:
    """Everything there is, within the caller's transaction. The last page has fewer complaints than `size`, or none."""
    connection = session.connection()
    last: int | None = None
    more = True
    while more:
        query = select(COMPLAINT).order_by(COMPLAINT.c.id).limit(size)
        found = _rows(connection, query if last is None else query.where(COMPLAINT.c.id > last))
        more = len(found) == size
        upto: int | None = found[-1]["id"] if more else None
        yield Page(
            found,
            _by_complaint(connection, _EVENTS, _EVENT.c.complaint_id, last, upto),
            _by_complaint(connection, _ALERTS, _ALERT.c.complaint_id, last, upto),
            _by_complaint(connection, _CUSTOMERS, _CUSTOMER.c.complaint_id, last, upto),
            _numbers(connection, {row["duplicate_of_id"] for row in found} - {None}),
        )
        last = upto


def _by_complaint(
    connection: Connection, query: Select[Any], owner: Any, after: int | None, upto: int | None
) -> Mapping[int, Sequence[Row]]:
    if after is not None:
        query = query.where(owner > after)
    if upto is not None:
        query = query.where(owner <= upto)
    result: dict[int, list[Row]] = {}
    for row in _rows(connection, query):
        result.setdefault(row["complaint_id"], []).append(row)
    return result


def _numbers(connection: Connection, ids: Iterable[int]) -> Mapping[int, str]:
    wanted = list(ids)
    query = select(COMPLAINT.c.id, COMPLAINT.c.number).where(COMPLAINT.c.id.in_(wanted))
    return {row["id"]: row["number"] for row in _rows(connection, query)} if wanted else {}


def _rows(connection: Connection, query: Select[Any]) -> Sequence[Row]:
    return cast("Sequence[Row]", connection.execute(query).mappings().all())


def letters(session: Session) -> Iterator[Row]:
    """Every letter of the outbox, by id."""
    query = select(LETTER).order_by(LETTER.c.id).execution_options(yield_per=PAGE)
    yield from cast("Iterable[Row]", session.connection().execute(query).mappings())


def without_members(session: Session) -> Iterator[int]:
    """Letters of alerts that were sent, and about nothing."""
    member = exists().where(_ALERT.c.message_id == LETTER.c.id)
    query = select(LETTER.c.id).where(_IS_OF_ALERTS, LETTER.c.state == MessageState.SENT, ~member)
    yield from session.connection().execute(query.order_by(LETTER.c.id)).scalars()


def hesitated(session: Session) -> set[str]:
    """Whose letters of alerts something may have left: one attempt was not enough, or it is not answered for good."""
    has_answer = LETTER.c.state.in_([MessageState.SENT.value, MessageState.FAILED.value])
    is_tried = or_(LETTER.c.attempts >= 2, ~has_answer & (LETTER.c.attempts >= 1))
    query = select(LETTER.c.recipient).where(_IS_OF_ALERTS, is_tried)
    return set(session.connection().execute(query.distinct()).scalars())


def counters(session: Session) -> Mapping[str, tuple[int, str]]:
    """The last serial number given in each month (2017-03), and the head of its links."""
    query = select(col(Counter.month), col(Counter.serial), col(Counter.head))
    found = session.connection().execute(query).all()
    return {str(month): (serial, head) for month, serial, head in found}


def numbers_of_month(session: Session, month: str) -> Iterator[str]:
    """The numbers of the complaints of a month, in no order."""
    query = select(COMPLAINT.c.number).where(COMPLAINT.c.month == month)
    # One that is no text has been named.
    yield from (one for one in session.connection().execute(query).scalars() if isinstance(one, str))
