"""Erasing the person behind a complaint (PDPA, section 33): identity and free texts go, figures and the chain stay.

The hashes of the chain cover personal words by a salted digest only; without word and salt the digest says nothing.
"""

from __future__ import annotations

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.core.errors import NotPossible
from complaint_sla.store import complaints, offices
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.complaints.view import ComplaintView, view
from complaint_sla.work.desk import Desk


def erase(desk: Desk, number: str, reason: str) -> ComplaintView:
    """Erases who complained and in which words; the reason is kept, and must name nobody. One transaction.

    The number of another system (`external_id`) stays, or its next sheet would bring the complaint back. Backups made
    before hold what was erased. Raises NotFound; NotPossible: `erase-open`, `nothing-to-erase`.
    """
    reason = fields.page("reason", reason)

    def job(session: Session) -> ComplaintView:
        case = CaseFile.take(session, desk, number)
        row = case.row
        if row.status == Status.OPEN:
            raise NotPossible("erase-open", number=row.number)
        customer = complaints.customer_of(session, row)
        spoken = [
            event
            for event in complaints.events_of(session, row)
            if event.words is not None and event.kind != EventKind.ERASED
        ]
        if customer is None and not spoken:
            raise NotPossible("nothing-to-erase", number=row.number)
        if customer is not None:
            session.delete(customer)
        for event in spoken:
            event.words = event.salt = None
        row.subject = row.subject_search = ""
        row.detail = row.outcome = None
        case.record(EventKind.ERASED, case.moment(), {}, {"reason": reason})
        session.flush()
        return view(session, offices.directory(session), row, desk.now)

    erased = desk.store.write(job)
    desk.store.empty_log()
    return erased
