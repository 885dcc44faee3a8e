"""New complaints as rows: the numbers that they are given, and many of them inserted at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert as core_insert
from sqlalchemy import update
from sqlmodel import Session, col, select

from complaint_sla.core.chain import next_number_head
from complaint_sla.core.errors import NotPossible
from complaint_sla.store.engine import upsert
from complaint_sla.store.tables import (
    Complaint,
    Counter,
    Customer,
    Event,
)


def take_serials(session: Session, month: str, count: int) -> int:
    """The first of `count` new serial numbers of a month. Others wait here until this transaction has ended.

    Whoever takes numbers of several months takes them in the order of the months, or two could wait for each other.
    Raises NotPossible (`record-damaged`) where a hand has left no number to count on from.
    """
    statement = (
        upsert(session)(Counter)
        .values(month=month, serial=count)
        .on_conflict_do_update(index_elements=["month"], set_={"serial": Counter.serial + count})
        .returning(col(Counter.serial))
    )
    last = session.connection().execute(statement).scalar_one()
    if not isinstance(last, int):
        raise NotPossible("record-damaged", about=f"counter {month}", columns=["serial"])
    return last - count + 1


def link_numbers(session: Session, month: str, given: Iterable[tuple[str, str]]) -> None:
    """Links numbers of a month that were just taken, in their order, each with the hash of its complaint's first event."""
    query = select(Counter.head).where(Counter.month == month)
    head = session.connection().execute(query).scalar_one()
    if not isinstance(head, str):
        raise NotPossible("record-damaged", about=f"counter {month}", columns=["head"])
    for number, first in given:
        head = next_number_head(head, number, first)
    session.connection().execute(update(Counter).where(col(Counter.month) == month).values(head=head))


def insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Inserts complaints, every column given but the id; the ids, by number."""
    if not rows:
        return {}
    session.connection().execute(core_insert(Complaint), list(rows))
    query = select(Complaint.number, Complaint.id).where(
        col(Complaint.number).in_([row["number"] for row in rows])
    )
    return dict(session.exec(query).all())


def insert_all(session: Session, of: type[Customer | Event], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.connection().execute(core_insert(of), list(rows))


def name_original(session: Session, id_: int, original_id: int) -> None:
    """Says what a new duplicate is a duplicate of."""
    statement = update(Complaint).where(col(Complaint.id) == id_).values(duplicate_of_id=original_id)
    session.connection().execute(statement)
