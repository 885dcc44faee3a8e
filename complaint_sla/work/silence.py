"""Whether the service has been silent for longer than is normal: what every officer is told in passing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from complaint_sla.store import complaints, heartbeats, outbox
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Silence:
    """`job` has not done its work since a moment (UTC): no mail has left (`deliver`), or nothing was raised (`sweep`)."""

    job: str
    since: datetime


def silence(desk: Desk) -> Silence | None:
    """The silence that is worst, by the real clock; None while all is normal. One transaction, one query as a rule.

    Without mail nobody hears anything; without a sweep only what is new is missed. Where a job has never done its work,
    the silence began with the first complaint.
    """
    now = desk.clock()
    with desk.store.read() as session:
        succeeded = heartbeats.last_success(session)
        for job in ("deliver", "sweep"):
            since = succeeded.get(job)
            if since is not None and now - since <= desk.service.silence:
                continue
            since = _looked_up(session, job, since)
            if since is not None and now - since > desk.service.silence:
                return Silence(job, since)
    return None


def _looked_up(session: Session, job: str, since: datetime | None) -> datetime | None:
    """A round that one letter stopped is no success, and may have sent the others."""
    sent_at = outbox.last_sent_at(session) if job == "deliver" else None
    if since is None and sent_at is None:
        return complaints.first_recorded_at(session)
    return max(moment for moment in (since, sent_at) if moment is not None)
