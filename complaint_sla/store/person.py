"""Whose complaints they are: found by what is known of a person, and by what is to be erased of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, text
from sqlmodel import Session, col, select

from complaint_sla.store.complaints import IS_OPEN, of_kinds
from complaint_sla.store.tables import ENDED_WITH_WORDS, TO_BE_ERASED, Complaint, Customer, Event
from complaint_sla.store.types import ByBytes


def lately_of_customer(
    session: Session, phone: str | None, account: str | None, ended_since: datetime
) -> Sequence[Complaint]:
    """Complaints with the same telephone or contract account, newest first: those that are open, and those that ended at
    `ended_since` or later."""
    if phone is None and account is None:
        return []
    query = (
        select(Complaint)
        .join(Customer, col(Customer.complaint_id) == col(Complaint.id))
        .where(_same(phone, account), or_(IS_OPEN, col(Complaint.closed_at) >= ended_since))
    )
    return session.exec(query.order_by(col(Complaint.received_at).desc(), col(Complaint.id).desc())).all()


def last_of_customer(
    session: Session, phone: str | None, account: str | None, most: int
) -> Sequence[tuple[Complaint, Customer]]:
    """The latest complaints of this telephone or contract account, open or not, with what was said of the customer."""
    if phone is None and account is None:
        return []
    query = (
        select(Complaint, Customer)
        .join(Customer, col(Customer.complaint_id) == col(Complaint.id))
        .where(_same(phone, account))
        .order_by(col(Complaint.received_at).desc(), col(Complaint.id).desc())
        .limit(most)
    )
    return session.exec(query).all()


def _same(phone: str | None, account: str | None) -> ColumnElement[bool]:
    """That it is of this telephone or of this account, of which one is known."""
    known = ((col(Customer.phone), phone), (col(Customer.account), account))
    return or_(*(column == value for column, value in known if value is not None))


def last_words(session: Session, ids: Collection[int], kinds: Collection[str]) -> dict[int, str]:
    """The words (JSON) of the latest event of these kinds of each of these complaints, where it has some left."""
    query = select(Event.complaint_id, Event.words).where(
        col(Event.complaint_id).in_(ids), of_kinds(kinds), col(Event.words).is_not(None)
    )
    rows = session.exec(query.order_by(col(Event.complaint_id), col(Event.seq))).all() if ids else []
    return {id_: words for id_, words in rows if words is not None}


def logged_with(
    session: Session, actor: str, since: datetime, subject: str
) -> Sequence[tuple[Complaint, Event]]:
    """What somebody has logged with this subject since a moment, each with its first event."""
    query = (
        select(Complaint, Event)
        .join(Event, and_(col(Event.complaint_id) == col(Complaint.id), col(Event.seq) == 1))
        .where(col(Complaint.recorded_at) >= since, Complaint.subject == subject, Event.actor == actor)
    )
    return session.exec(query.order_by(col(Complaint.id))).all()


def of_person(session: Session, column: str, value: str) -> Sequence[tuple[Complaint, Customer]]:
    """The complaints of whoever this telephone, account, e-mail or folded name is of, oldest first."""
    query = select(Complaint, Customer).join(Customer, col(Customer.complaint_id) == col(Complaint.id))
    query = query.where(col(getattr(Customer, column)) == value)
    return session.exec(query.order_by(col(Complaint.received_at), col(Complaint.id))).all()


def names_like(session: Session, words: Sequence[str], most: int) -> Sequence[tuple[str, int]]:
    """Names in which all of these folded words stand, with how many complaints each has."""
    query = select(Customer.name, func.count()).where(col(Customer.name).is_not(None))
    query = query.where(*(col(Customer.name_search).contains(word, autoescape=True) for word in words))
    found = session.exec(
        query.group_by(col(Customer.name)).order_by(ByBytes(col(Customer.name))).limit(most)
    ).all()
    return [(name, count) for name, count in found if name is not None]


def count_texts(session: Session, ids: Collection[int]) -> dict[int, int]:
    """How many events of each of these hold words."""
    query = select(Event.complaint_id, func.count()).where(
        col(Event.complaint_id).in_(ids), col(Event.words).is_not(None)
    )
    return dict(session.exec(query.group_by(col(Event.complaint_id))).all()) if ids else {}


def may_erase(session: Session) -> bool:
    """Whether whoever is at the database may take words out of it: `roles.sql` lets not everybody who ends complaints."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    asked = text(
        "SELECT has_column_privilege('event', 'words', 'UPDATE') AND has_table_privilege('customer', 'DELETE')"
    )
    return bool(session.connection().execute(asked).scalar())


def left_over(session: Session, most: int) -> Sequence[Complaint]:
    """What has ended and is still to be erased, locked; what is in other hands is left to them."""
    query = select(Complaint).where(text(TO_BE_ERASED), ~IS_OPEN).order_by(col(Complaint.id)).limit(most)
    return session.exec(query.with_for_update(skip_locked=True)).all()


def any_to_be_erased(session: Session) -> bool:
    """Whether of some open complaint is noted that it is erased once it has ended."""
    return session.exec(select(Complaint.id).where(text(TO_BE_ERASED)).limit(1)).first() is not None


def ended_before(
    session: Session,
    of_groups: Mapping[str, datetime],
    of_others: datetime | None,
    most: int | None = None,
    *,
    lock: bool = False,
) -> Sequence[Complaint]:
    """What ended before the moment of its group, or of all other groups, and can be erased; longest ended first.

    With `lock` what is in other hands is left to them.
    """
    ended, group = col(Complaint.closed_at), col(Complaint.group)
    past = [and_(group == key, ended < at) for key, at in of_groups.items()]
    if of_others is not None:
        past.append(and_(group.not_in(of_groups), ended < of_others))
    # The last of these moments by itself: by an alternative neither engine walks an index.
    last = max([*of_groups.values(), *([of_others] if of_others is not None else [])])
    query = select(Complaint).where(text(ENDED_WITH_WORDS), ended < last, or_(*past)).order_by(ended)
    query = query if most is None else query.limit(most)
    return session.exec(query.with_for_update(skip_locked=True) if lock else query).all()
