"""How the program itself is: what its jobs last did, what waits, what can't reach anybody. One reading transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaint_sla.store import books, heartbeats, ledger, outbox, people
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Beat:
    """When a job last ran and last succeeded, by the real clock; `fault` is what stopped it last."""

    job: str
    ran_at: datetime
    succeeded_at: datetime | None
    fault: str | None


@dataclass(frozen=True)
class Vitals:
    """What `doctor` judges. Roles are written `supervisor@OFFICE`."""

    beats: tuple[Beat, ...]
    pending: int
    oldest_pending_at: datetime | None
    refused: int
    unalertable: int
    unfilled_roles: tuple[str, ...]
    failed_addresses: tuple[str, ...]
    changed_books: tuple[str, ...]
    has_supervisor: bool


def vitals(desk: Desk) -> Vitals:
    with desk.store.read() as session:
        pending, oldest, refused = outbox.pending_summary(session)
        directory = people.directory(session)
        active = [person for person in directory.staff.values() if person.retired_at is None]
        return Vitals(
            beats=tuple(
                Beat(beat.job, beat.ran_at, beat.succeeded_at, beat.fault)
                for beat in heartbeats.all_beats(session)
            ),
            pending=pending,
            oldest_pending_at=oldest,
            refused=refused,
            unalertable=ledger.count_unalertable(session),
            unfilled_roles=tuple(role.partition(":")[2] for role in ledger.roles_unfilled(session)),
            failed_addresses=tuple(person.email for person in active if person.failed_at is not None),
            changed_books=tuple(books.changed(session, desk.shelf.books)),
            has_supervisor=any(person.role in ("supervisor", "manager") for person in active),
        )
