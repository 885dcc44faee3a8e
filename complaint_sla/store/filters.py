"""Complaints looked for: by what they are and how they stand, or by what somebody remembers of one. All of it in the query."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, or_
from sqlmodel import Session, col, select

from complaint_sla.core.complaints import EventKind
from complaint_sla.store.complaints import IS_OPEN, late
from complaint_sla.store.tables import Complaint, Customer, Event


class Order(StrEnum):
    """What stands first: the earliest due moment, the earliest receipt, or what nobody has touched for longest."""

    DUE = "due"
    RECEIVED = "received"
    TOUCHED = "touched"


@dataclass(frozen=True)
class Filter:
    """What `find_all` looks for; None and False don't restrict. Days are local, moments aware.

    `late`: whether it counts as not closed in time, of open ones; `unowned`: without an owner; `untouched_since`: nobody
    has done anything to it from then on.
    """

    now: datetime
    status: str | None = None
    late: bool | None = None
    due_by: date | None = None
    due_on: date | None = None
    office_ids: Collection[int] | None = None
    group: str | None = None
    urgent: bool | None = None
    channel: str | None = None
    category: str | None = None
    owner_id: int | None = None
    unowned: bool = False
    received_since: datetime | None = None
    untouched_since: datetime | None = None
    order: Order = Order.DUE
    limit: int | None = None


def find_all(session: Session, wanted: Filter) -> Sequence[Complaint]:
    """Complaints that fit, in the order that is wanted."""
    query = select(Complaint).where(*conditions(wanted)).order_by(*order(wanted.order))
    return session.exec(query.limit(wanted.limit) if wanted.limit is not None else query).all()


def count(session: Session, wanted: Filter) -> tuple[int, int]:
    """(complaints that fit, the open ones of them that are late), whatever the limit."""
    overdue = case((and_(IS_OPEN, late(wanted.now)), 1), else_=0)
    query = select(func.count(), func.sum(overdue)).select_from(Complaint).where(*conditions(wanted))
    every, overdue_ones = session.exec(query).one()
    return int(every), int(overdue_ones or 0)


# What a person does. Alerts are raised by the service, whether or not anybody looks.
BY_SOMEBODY = col(Event.kind) != EventKind.ALERTS.value


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What holds of the complaints that fit."""
    equal: dict[Any, object] = {
        Complaint.status: wanted.status,
        Complaint.due_on: wanted.due_on,
        Complaint.group: wanted.group,
        Complaint.urgent: wanted.urgent,
        Complaint.channel: wanted.channel,
        Complaint.category: wanted.category,
        Complaint.owner_id: wanted.owner_id,
    }
    conditions = [col(column) == value for column, value in equal.items() if value is not None]
    if wanted.late is not None:
        conditions += [IS_OPEN, late(wanted.now) if wanted.late else not_(late(wanted.now))]
    if wanted.due_by is not None:
        conditions.append(col(Complaint.due_on) <= wanted.due_by)
    if wanted.office_ids is not None:
        conditions.append(col(Complaint.office_id).in_(wanted.office_ids))
    if wanted.unowned:
        conditions.append(col(Complaint.owner_id).is_(None))
    if wanted.received_since is not None:
        conditions.append(col(Complaint.received_at) >= wanted.received_since)
    if wanted.untouched_since is not None:
        since = col(Event.happened_at) >= wanted.untouched_since
        conditions.append(~exists().where(col(Event.complaint_id) == col(Complaint.id), BY_SOMEBODY, since))
    return conditions


def order(order: Order) -> tuple[Any, Any]:
    """What they are sorted by: a moment, and where that is the same, the id."""
    touched = select(func.max(Event.happened_at)).where(
        col(Event.complaint_id) == col(Complaint.id), BY_SOMEBODY
    )
    first: dict[Order, Any] = {
        Order.DUE: Complaint.due_at,
        Order.RECEIVED: Complaint.received_at,
        Order.TOUCHED: touched.correlate(Complaint).scalar_subquery(),
    }
    return first[order], Complaint.id


# The digits of a telephone at least: fewer of them may stand anywhere in a text.
WHOLE_NUMBER = 9


@dataclass(frozen=True)
class Remembered:
    """What `matching` looks for: a part of the number, the last digits of a telephone or an account, folded words that all
    stand in the subject or all in the name, an e-mail, or the other system's number. A whole telephone or account is found
    in the subject, too.
    """

    number: str | None
    digits: str | None
    words: Sequence[str]
    email: str | None
    external_id: str
    only_open: bool = False

    @property
    def condition(self) -> ColumnElement[bool]:
        hits: list[ColumnElement[bool]] = [col(Complaint.external_id) == self.external_id]
        if self.email:
            hits.append(col(Customer.email) == self.email)
        if self.number:
            hits.append(col(Complaint.number).contains(self.number, autoescape=True))
        if self.digits:
            # A list shows the last digits only; whoever has those finds the number by them.
            ends = [column.endswith(self.digits) for column in (col(Customer.phone), col(Customer.account))]
            hits.append(or_(*ends, col(Complaint.number).contains(self.digits, autoescape=True)))
            if len(self.digits) >= WHOLE_NUMBER:
                # In a subject it may be written with gaps, and as it is dialled from abroad.
                close: Any = col(Complaint.subject_search)
                for gap in " -.()":
                    close = func.replace(close, gap, "")
                hits.append(close.contains(self.digits.removeprefix("0")))
        if self.words:
            hits += [
                and_(*(column.contains(word, autoescape=True) for word in self.words))
                for column in (col(Complaint.subject_search), col(Customer.name_search))
            ]
        return and_(IS_OPEN, or_(*hits)) if self.only_open else or_(*hits)


def matching(session: Session, wanted: Remembered, most: int | None) -> Sequence[Complaint]:
    """The open ones first, then those that have ended; of each the newest first."""
    query = (
        select(Complaint)
        .outerjoin(Customer, col(Customer.complaint_id) == col(Complaint.id))
        .where(wanted.condition)
        .order_by(case((IS_OPEN, 0), else_=1), col(Complaint.received_at).desc(), col(Complaint.id).desc())
        .limit(most)
    )
    return session.exec(query).all()


def count_matching(session: Session, wanted: Remembered) -> tuple[int, int]:
    """(complaints that are meant, the open ones of them)."""
    query = (
        select(func.count(), func.sum(case((IS_OPEN, 1), else_=0)))
        .select_from(Complaint)
        .outerjoin(Customer, col(Customer.complaint_id) == col(Complaint.id))
        .where(wanted.condition)
    )
    every, still_open = session.exec(query).one()
    return int(every), int(still_open or 0)
