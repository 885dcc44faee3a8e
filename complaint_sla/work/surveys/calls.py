"""Whom to ask by when: those whom the lot has fallen on, and whom nobody has asked to an end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from complaint_sla.core.journal import JournalKind
from complaint_sla.core.masking import masked_phone, masked_text
from complaint_sla.core.titles import Title
from complaint_sla.store import offices, surveys
from complaint_sla.store.offices import Directory
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.surveys.drawing import ids_seen
from complaint_sla.work.surveys.quotas import Plans


@dataclass(frozen=True)
class Call:
    """Somebody to be asked, of a request of `office`, by `asked_by`: that office or the one above it. `due_on` is the last local
    day on which an answer counts. `is_sent`: by a form that is sent, not by telephone."""

    office: str
    reference: str
    service: str
    survey: str
    due_on: date
    attempts: int
    phone: str | None
    customer: str | None
    asked_by: str
    service_title: Title
    survey_title: Title
    is_sent: bool


def calls_in(
    session: Session, directory: Directory, today: date, office_ids: Collection[int] | None
) -> list[Call]:
    """Those to be asked as of a local day at these offices, by the last day for it; telephones in full."""
    plans = Plans(session)
    found = []
    for request, drawn in surveys.waiting(session, office_ids):
        plan = plans.of(request.finished_on)
        quota = plans.quota(drawn.survey, request.service, request.finished_on)
        last = plans.last_day(drawn.survey, request.service, request.finished_on)
        if plan is None or quota is None or last is None or last < today:
            continue
        code = directory.code(request.office_id)
        parent = directory.roster.offices[code].parent if code in directory.roster.offices else None
        service = plan[0].service(request.service)
        found.append(
            Call(
                office=code,
                reference=request.reference,
                service=request.service,
                survey=drawn.survey,
                due_on=last,
                attempts=drawn.attempts,
                phone=request.phone,
                customer=request.name,
                asked_by=parent if quota.activity.by_parent and parent is not None else code,
                service_title=service.title if service is not None else quota.measure.title,
                survey_title=quota.survey.title,
                is_sent=quota.survey.counts_drawn,
            )
        )
    return sorted(found, key=lambda one: (one.due_on, one.survey, one.office, one.reference))


def calls(desk: Desk, office: str | None = None, *, contact: bool = False) -> list[Call]:
    """The same of an office and all below it, or of all that whoever sits here sees; telephones masked.

    With `contact` they are given in full, and the journal says so. Raises BadValue (`unknown-office`).
    """
    with desk.store.read() as session:
        directory = offices.directory(session)
        found = calls_in(session, directory, desk.today, ids_seen(desk, directory, office))
    if contact:
        data = {"what": "survey", "count": len(found)}
        # Before anything is shown: what can't be recorded is not given out.
        desk.store.write(lambda session: journal.record(session, desk, JournalKind.CONTACT_READ, data))
        return found
    return [_masked(one) for one in found]


def _masked(one: Call) -> Call:
    masked = {
        "phone": masked_phone(one.phone) if one.phone else None,
        "customer": masked_text(one.customer) if one.customer else None,
    }
    return Call(**{**vars(one), **masked})
