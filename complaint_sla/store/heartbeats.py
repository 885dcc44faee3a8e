"""When the jobs of the service last ran, by the real clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from complaint_sla.store.engine import upsert
from complaint_sla.store.tables import Heartbeat
from complaint_sla.store.types import moment

# The jobs that a round of the service does: one that has no heartbeat has never run.
JOBS = ("sweep", "quarter", "retention", "notices", "deliver")
# No job: when the clock was last believed, see `trust`.
_CLOCK = "clock"
# By these the clock is judged: mail goes out by whatever clock.
_TRUSTED = (_CLOCK, "sweep", "quarter", "retention", "notices")


@dataclass(frozen=True)
class Mark:
    """At a moment that was believed, a machine had counted so many `seconds` since its start `boot_id`."""

    at: datetime
    boot_id: str
    seconds: float


def beat(
    session: Session, job: str, at: datetime, fault: str | None, *, worked: bool = False, locked: int = 0
) -> None:
    """Notes that a job ran; `fault` is what stopped it, None if it did its work.

    One that `worked` all the same did so but for what `fault` names. So many complaints were `locked` by others.
    """
    done = {"succeeded_at": at} if worked or fault is None else {}
    values = {"ran_at": at, "fault": fault, "locked": locked} | done
    session.connection().execute(
        upsert(session)(Heartbeat)
        .values(job=job, **values)
        .on_conflict_do_update(index_elements=["job"], set_=values)
    )


def all_beats(session: Session) -> Sequence[Heartbeat]:
    return session.exec(
        select(Heartbeat).where(col(Heartbeat.job).in_(JOBS)).order_by(col(Heartbeat.job))
    ).all()


def set_aside(session: Session, job: str) -> list[str]:
    """What a job did its work without when it last ran."""
    beat = session.get(Heartbeat, job)
    return beat.fault.split(", ") if beat and beat.fault and beat.succeeded_at == beat.ran_at else []


def last_success(session: Session) -> dict[str, datetime | None]:
    """When each job that has ever run last did its work; None if it never did."""
    found = session.exec(select(Heartbeat.job, Heartbeat.succeeded_at)).all()
    return {job: moment(at) for job, at in found}


def trusted(session: Session) -> list[datetime]:
    """When the clock was believed: by jobs that did their work, by witnesses, by somebody who said so."""
    query = select(Heartbeat.succeeded_at).where(col(Heartbeat.job).in_(_TRUSTED))
    return [at for at in map(moment, session.exec(query).all()) if at is not None]


def trust(session: Session, at: datetime, boot: tuple[str, float] | None) -> None:
    """The clock is believed to be right at a moment; what lies ahead of that was told by a wrong one.

    `boot`: which start of which machine, and the seconds since.
    """
    machine = None if boot is None else f"{boot[0]} {boot[1]:.0f}"
    session.connection().execute(
        update(Heartbeat).where(col(Heartbeat.succeeded_at) > at).values(ran_at=at, succeeded_at=at)
    )
    values = {"ran_at": at, "succeeded_at": at, "machine": machine}
    session.connection().execute(
        upsert(session)(Heartbeat)
        .values(job=_CLOCK, **values)
        .on_conflict_do_update(index_elements=["job"], set_=values)
    )


def mark(session: Session) -> Mark | None:
    """What a machine had counted when the clock was last believed; None where nobody counted, or a hand wrote it."""
    query = select(Heartbeat.succeeded_at, Heartbeat.machine).where(Heartbeat.job == _CLOCK)
    found = session.exec(query).first()
    at, said = (moment(found[0]), found[1]) if found is not None else (None, None)
    boot_id, _, seconds = (said or "").rpartition(" ")
    return Mark(at, boot_id, float(seconds)) if at is not None and seconds.isdecimal() else None


def server_clock(session: Session) -> tuple[datetime, bool]:
    """What PostgreSQL says the time is (UTC), and whether it runs on another machine than this program."""
    found = session.connection().exec_driver_sql(
        "SELECT clock_timestamp(), inet_server_addr() IS DISTINCT FROM inet_client_addr()"
    )
    at, elsewhere = found.one()
    return at.astimezone(UTC), bool(elsewhere)
