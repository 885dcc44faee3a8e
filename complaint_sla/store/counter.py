"""Complaints one by one, as they come to the counter: where the next ones stand, what was said of one, and done to it since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, true
from sqlmodel import Session, col, select

from complaint_sla.core.complaints import EventKind
from complaint_sla.store.complaints import of_kinds
from complaint_sla.store.filters import BY_SOMEBODY, Filter, conditions, order
from complaint_sla.store.tables import Complaint, Event


@dataclass(frozen=True)
class Place:
    """Where a complaint stands in an order."""

    at: datetime
    id: int


def places(session: Session, wanted: Filter, after: Place | None, most: int) -> Sequence[Place]:
    """The places of the first complaints that fit, behind one that was reached before."""
    first, id_ = order(wanted.order)
    query = select(first, id_).where(*conditions(wanted))
    if after is not None:
        query = query.where(first >= after.at, or_(first > after.at, id_ > after.id))
    return [Place(*row) for row in session.exec(query.order_by(first, id_).limit(most)).all()]


def one(session: Session, wanted: Filter, id_: int) -> tuple[Complaint, bool] | None:
    """A complaint, and whether it fits; None where it is not seen any more."""
    fits = and_(true(), *conditions(wanted))
    row = session.exec(select(Complaint, fits).where(col(Complaint.id) == id_)).first()
    return None if row is None else (row[0], bool(row[1]))


def last_of_kinds(session: Session, complaint_id: int, kinds: Collection[str]) -> Event | None:
    query = select(Event).where(Event.complaint_id == complaint_id, of_kinds(kinds))
    return session.exec(query.order_by(col(Event.seq).desc()).limit(1)).first()


def done_since(session: Session, complaint_id: int, seq: int) -> tuple[EventKind, str] | None:
    """What somebody did last to a complaint after the event `seq`, and who; raising alerts is nobody's doing."""
    query = select(Event.kind, Event.actor).where(
        Event.complaint_id == complaint_id, col(Event.seq) > seq, BY_SOMEBODY
    )
    row = session.exec(query.order_by(col(Event.seq).desc()).limit(1)).first()
    return None if row is None else (EventKind(row[0]), row[1])
