"""When the jobs of the service last ran, by the real clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from complaint_sla.store.engine import upsert
from complaint_sla.store.tables import Heartbeat
from complaint_sla.store.types import moment

# The jobs that a round of the service does: one that has no heartbeat has never run.
JOBS = ("sweep", "quarter", "notices", "deliver")


def beat(session: Session, job: str, at: datetime, fault: str | None, *, worked: bool = False) -> None:
    """Notes that a job ran; `fault` is what stopped it, None if it did its work.

    One that `worked` all the same did so but for what `fault` names.
    """
    values = {"ran_at": at, "fault": fault} | ({"succeeded_at": at} if worked or fault is None else {})
    session.connection().execute(
        upsert(session)(Heartbeat)
        .values(job=job, **values)
        .on_conflict_do_update(index_elements=["job"], set_=values)
    )


def all_beats(session: Session) -> Sequence[Heartbeat]:
    return session.exec(select(Heartbeat).order_by(col(Heartbeat.job))).all()


def set_aside(session: Session, job: str) -> list[str]:
    """What a job did its work without when it last ran."""
    beat = session.get(Heartbeat, job)
    return beat.fault.split(", ") if beat and beat.fault and beat.succeeded_at == beat.ran_at else []


def last_success(session: Session) -> dict[str, datetime | None]:
    """When each job that has ever run last did its work; None if it never did."""
    found = session.exec(select(Heartbeat.job, Heartbeat.succeeded_at)).all()
    return {job: moment(at) for job, at in found}
