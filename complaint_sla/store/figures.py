"""Raw facts of a cohort, grouped by the database in one pass over an index. Which bucket they are is said by the core."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, text
from sqlmodel import Session, col, select

from complaint_sla.store.tables import Complaint


@dataclass(frozen=True)
class Group:
    """So many complaints that are alike in all that a figure depends on."""

    month: str
    office_id: int
    group: str
    rule: str
    status: str
    breached: bool
    ended_before_due: bool
    due_passed: bool
    count: int


def cohort(
    session: Session, months: Collection[str], office_ids: Collection[int] | None, as_of: datetime
) -> Sequence[Group]:
    """What was received in these months (2017-03), at these offices or at all; `due_passed` is as of `as_of`."""
    breached = case((col(Complaint.breached_at).is_not(None), 1), else_=0)
    before_due = case((col(Complaint.closed_at) < col(Complaint.due_at), 1), else_=0)
    passed = case((col(Complaint.due_at) <= as_of, 1), else_=0)
    facts = (
        col(Complaint.month),
        col(Complaint.office_id),
        col(Complaint.group),
        col(Complaint.rule),
        col(Complaint.status),
    )
    query = select(*facts, breached, before_due, passed, func.count()).where(col(Complaint.month).in_(months))  # type: ignore[call-overload]
    if office_ids is not None:
        query = query.where(col(Complaint.office_id).in_(office_ids))
    # By position: to PostgreSQL two bound moments are two expressions.
    rows = session.connection().execute(query.group_by(*facts, text("6"), text("7"), text("8"))).all()
    return [
        Group(month, office, group, rule, status, bool(one), bool(two), bool(three), count)
        for month, office, group, rule, status, one, two, three, count in rows
    ]
