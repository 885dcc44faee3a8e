"""A complaint that is the same as another one, which goes on."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.callers import same
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.masking import masked_text
from complaint_sla.store import complaints, offices
from complaint_sla.store.tables import Complaint, Customer
from complaint_sla.work.casefile import CaseFile, caller_of, missing
from complaint_sla.work.complaints import change, erase
from complaint_sla.work.desk import Desk

# Who calls so long after a complaint has ended may still mean what it was about: one answer is for both.
SAME_MATTER = timedelta(days=7)


def mark(desk: Desk, number: str, of: str, reason: str | None = None) -> tuple[change.Done, change.Done]:
    """The same as another complaint, which goes on; both, as they then stand.

    Of somebody else's complaint only for a `reason`, which is kept with the words of the end. Raises NotFound, NotPossible
    (`duplicate-of-itself`, `original-withdrawn`, `original-ended`, `other-customer`).
    """
    reason = fields.page("reason", reason) if reason is not None else None

    def job(session: Session) -> tuple[change.Done, change.Done]:
        erase.get_ready(session)
        case, original = _take_both(session, desk, number, of)
        if original.status == Status.WITHDRAWN:
            # Else nobody would answer the one, and nobody count the other.
            raise NotPossible("original-withdrawn", number=case.row.number, of=original.number)
        if original.closed_at is not None and original.closed_at + SAME_MATTER < case.row.received_at:
            # Whoever was answered then, it was not this customer.
            raise NotPossible(
                "original-ended", number=case.row.number, of=original.number, at=original.closed_at
            )
        directory = offices.directory(session)
        rows = [case.row, original]
        customers = complaints.customers_of(session, [row.id for row in rows])
        if reason is None and same(*(caller_of(customers.get(row.id)) for row in rows)) is False:
            one, other = (_called(row.number, customers.get(row.id)) for row in rows)
            raise NotPossible("other-customer", one=one, other=other)
        change.end(case, directory, Status.DUPLICATE, original.number, None, original, reason)
        session.flush()
        mine, another = change.as_done(session, desk, directory, rows, customers, {})
        return mine, another

    return desk.store.write(job)


def _called(number: str, customer: Customer | None) -> str:
    return f"{number} ({masked_text(customer.name)})" if customer is not None and customer.name else number


def _take_both(session: Session, desk: Desk, number: str, of: str) -> tuple[CaseFile, Complaint]:
    """Both locked, in the order of their ids; the original must not lead back to the duplicate."""
    found = {}
    for wanted in (number, of):
        row = complaints.with_number(session, fields.number(wanted))
        if row is None:
            raise missing(session, desk, wanted)
        found[wanted] = row.id
    rows = {row.id: row for row in complaints.locked_all(session, sorted(set(found.values())))}
    for wanted, id_ in found.items():
        if id_ not in rows:
            raise missing(session, desk, wanted)
    mine, original = rows[found[number]], rows[found[of]]
    require_original(session, mine, original)
    return CaseFile(session, desk, mine), original


def require_original(session: Session, mine: Complaint, original: Complaint) -> None:
    """Raises NotPossible (`duplicate-of-itself`) if `original` is, over however many steps, a duplicate of `mine`."""
    step: Complaint | None = original
    # Two pairs that know nothing of each other may close a ring at one moment: going round it must end.
    seen: set[int] = set()
    while step is not None and step.id not in seen:
        if step.id == mine.id:
            raise NotPossible("duplicate-of-itself", number=mine.number, of=original.number)
        seen.add(step.id)
        step = session.get(Complaint, step.duplicate_of_id) if step.duplicate_of_id is not None else None
