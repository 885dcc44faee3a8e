"""When the jobs of the service last ran, by the real clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from complaint_sla.store.engine import upsert
from complaint_sla.store.tables import Heartbeat

# The jobs that a round of the service does: one that has no heartbeat has never run.
JOBS = ("sweep", "quarter", "notices", "deliver")


def beat(session: Session, job: str, at: datetime, fault: str | None) -> None:
    """Notes that a job ran; `fault` is what stopped it, None if it did its work."""
    values = {"ran_at": at, "fault": fault} | ({"succeeded_at": at} if fault is None else {})
    session.connection().execute(
        upsert(session)(Heartbeat)
        .values(job=job, **values)
        .on_conflict_do_update(index_elements=["job"], set_=values)
    )


def all_beats(session: Session) -> Sequence[Heartbeat]:
    return session.exec(select(Heartbeat).order_by(col(Heartbeat.job))).all()


def last_success(session: Session) -> dict[str, datetime | None]:
    """When each job that has ever run last did its work; None if it never did."""
    return dict(session.exec(select(Heartbeat.job, Heartbeat.succeeded_at)).all())
