"""How long requests tell of anybody: until they were asked, else until nobody may ask them any more; and what they said
beside a score for the years that the settings say."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session

from complaint_sla.core.journal import JournalKind
from complaint_sla.store import surveys
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.surveys.quotas import Plans

# Without a plan that says otherwise, nobody is asked for longer.
_LONGEST = timedelta(days=200)
# In one transaction, and in one round.
MOST = 100


def forget_past(desk: Desk) -> int:
    """Empties names and telephones of those whom nobody may ask any more; of how many requests. One transaction."""
    with desk.store.read() as session:
        due = _due(session, desk.today)
    if not due:
        return 0
    return desk.store.write(
        lambda session: sum(surveys.forget(session, service, through) for service, through in due)
    )


def forget_remarks(desk: Desk) -> int:
    """Erases remarks that have been kept for their years, a bounded number at a time; how many. One transaction."""
    settings = desk.service.retention
    before = settings.ended_before(desk.today, desk.zone)[1] if settings is not None else None
    if before is None:
        return 0
    with desk.store.read() as session:
        if not surveys.remarks_before(session, before, 1):
            return 0

    def job(session: Session) -> int:
        journal.hold(session)
        entries = surveys.remarks_before(session, before, MOST, lock=True)
        for one in entries:
            one.words = one.salt = None
        data = {"what": "survey", "numbers": [], "count": len(entries), "by": "retention"}
        journal.record(session, desk, JournalKind.ERASED, data)
        return len(entries)

    return desk.store.write(job)


def _due(session: Session, today: date) -> list[tuple[str, date]]:
    """Services of which somebody is to be forgotten, with the last day of whose requests."""
    plans = Plans(session)
    found = []
    for service in surveys.services_worded(session, today):
        through = _past(plans, service, today)
        if service in surveys.services_worded(session, through):
            found.append((service, through))
    return found


def _past(plans: Plans, service: str, today: date) -> date:
    """The last day of whose requests no survey asks any more."""
    day = today
    while day > today - _LONGEST and plans.asking(service, day, today):
        day -= timedelta(days=1)
    return day
