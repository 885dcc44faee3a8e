"""What a summary looks up: open complaints by section, for some offices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, not_, or_
from sqlmodel import Session, col, select

from complaint_sla.core.owed import AlertState
from complaint_sla.store.complaints import IS_OPEN, late
from complaint_sla.store.tables import Alert, Complaint


class Section(StrEnum):
    OVERDUE = "overdue"
    DUE = "due"
    NEW = "new"
    UNHEARD = "unheard"


@dataclass(frozen=True)
class View:
    """How things stand at `now` (UTC): due is what ends by the local day `due_by`, new what came since a moment (UTC)."""

    now: datetime
    due_by: date
    since: datetime

    def shows(self, section: Section) -> ColumnElement[bool]:
        """The condition on open complaints."""
        overdue = late(self.now)
        match section:
            case Section.OVERDUE:
                return overdue
            case Section.DUE:
                return and_(not_(overdue), col(Complaint.due_on) <= self.due_by)
            case Section.NEW:
                # A letter of last week that was written down today is new too. In a rehearsal everything is written down
                # later than it plays: there only the receipt counts.
                return or_(
                    col(Complaint.received_at) >= self.since,
                    col(Complaint.recorded_at).between(self.since, self.now),
                )
            case Section.UNHEARD:
                owed = select(Alert.complaint_id).where(col(Alert.state) == AlertState.UNALERTABLE)
                return col(Complaint.id).in_(owed)


def offices_with_any(session: Session, view: View) -> set[int]:
    """The ids of the offices that have something in any section."""
    shown = or_(*(view.shows(section) for section in Section))
    query = select(Complaint.office_id).where(IS_OPEN, shown).distinct()
    return set(session.exec(query).all())


def section(
    session: Session, view: View, part: Section, office_ids: Collection[int], most: int
) -> tuple[int, Sequence[Complaint]]:
    """How many complaints of these offices stand in a section, and the first of them: what is due first, newest first."""
    here = (IS_OPEN, col(Complaint.office_id).in_(office_ids), view.shows(part))
    count = int(session.exec(select(func.count()).select_from(Complaint).where(*here)).one())
    order = (
        (col(Complaint.received_at).desc(), col(Complaint.id).desc())
        if part is Section.NEW
        else (col(Complaint.due_at), col(Complaint.id))
    )
    rows = session.exec(select(Complaint).where(*here).order_by(*order).limit(most)).all() if count else []
    return count, rows
