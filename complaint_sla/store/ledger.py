"""The ledger of alerts: who is owed which stage of which complaint, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, case, func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from complaint_sla.store.tables import Alert, Complaint, Message, Staff
from complaint_sla.store.types import moment


class AlertState(StrEnum):
    """`unalertable` is owed to a role that nobody fills; `dropped` was owed to somebody when the complaint ended."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    SUPERSEDED = "superseded"
    UNALERTABLE = "unalertable"


# The word stands in the query itself: SQLite takes the partial index only where it sees the index's own condition.
_WAITING = col(Alert.state) == bindparam("waiting", AlertState.WAITING.value, literal_execute=True)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows, in one round."""
    if rows:
        session.connection().execute(insert(Alert), list(rows))


def of_complaints(
    session: Session, ids: Collection[int], states: Iterable[AlertState], *, lock: bool = False
) -> Sequence[Alert]:
    """The rows of these complaints in these states, oldest stage first.

    With `lock`, no letter takes them in until the transaction ends.
    """
    query = (
        select(Alert)
        .where(col(Alert.complaint_id).in_(ids), col(Alert.state).in_([state.value for state in states]))
        .order_by(col(Alert.stage_at), col(Alert.id))
        .execution_options(populate_existing=True)
    )
    return session.exec(query.with_for_update() if lock else query).all() if ids else []


def of_complaint(session: Session, complaint_id: int) -> Sequence[tuple[Alert, str | None]]:
    """Every row of a complaint, oldest stage first, with the Message-ID under which it went out."""
    query = (
        select(Alert, Message.message_id)
        .outerjoin(Message, col(Message.id) == col(Alert.message_id))
        .where(Alert.complaint_id == complaint_id)
        .order_by(col(Alert.stage_at), col(Alert.id))
    )
    return [(alert, message_id) for alert, message_id in session.exec(query).all()]


def of_generation(session: Session, complaint: Complaint) -> Sequence[Alert]:
    """The rows of a complaint's present generation, oldest stage first; no letter takes them in until the end."""
    query = (
        select(Alert)
        .where(Alert.complaint_id == complaint.id, Alert.generation == complaint.generation)
        .order_by(col(Alert.stage_at), col(Alert.id))
        .with_for_update()
    )
    return session.exec(query.execution_options(populate_existing=True)).all()


def with_ids(session: Session, ids: Collection[int]) -> Sequence[Alert]:
    query = select(Alert).where(col(Alert.id).in_(ids)).order_by(col(Alert.id))
    return session.exec(query.execution_options(populate_existing=True)).all() if ids else []


def of_message(session: Session, message_id: int) -> Sequence[Alert]:
    query = select(Alert).where(Alert.message_id == message_id).order_by(col(Alert.id))
    return session.exec(query.execution_options(populate_existing=True)).all()


def roles_unfilled(session: Session) -> Sequence[str]:
    """The recipients of unalertable rows, `role:…@OFFICE`, each once."""
    query = select(Alert.recipient).where(col(Alert.state) == AlertState.UNALERTABLE).distinct()
    return session.exec(query.order_by(col(Alert.recipient))).all()


def retired_waiting(session: Session) -> Sequence[str]:
    """Retired people to whom something is still owed."""
    query = (
        select(Alert.recipient)
        .join(Staff, col(Staff.email) == col(Alert.recipient))
        .where(col(Alert.state) == AlertState.WAITING, col(Staff.retired_at).is_not(None))
        .distinct()
    )
    return session.exec(query.order_by(col(Alert.recipient))).all()


def complaints_owing(session: Session, recipient: str, states: Iterable[AlertState]) -> Sequence[int]:
    """Ids of complaints with a row for this recipient in one of these states."""
    query = (
        select(Alert.complaint_id)
        .where(Alert.recipient == recipient, col(Alert.state).in_([state.value for state in states]))
        .distinct()
        .order_by(col(Alert.complaint_id))
    )
    return session.exec(query).all()


def recipients_waiting(session: Session) -> Sequence[tuple[str, datetime, bool]]:
    """Who is owed something that is in no letter yet: (recipient, oldest raising, any urgent)."""
    urgent = func.max(case((col(Alert.urgent), 1), else_=0))
    query = (
        select(col(Alert.recipient), func.min(col(Alert.raised_at)), urgent)
        .where(_WAITING, col(Alert.message_id).is_(None))
        .group_by(col(Alert.recipient))
    )
    return [
        # What was raised at a moment that can't be read has waited for longest.
        (recipient, moment(oldest) or _EARLIEST, bool(any_urgent))
        for recipient, oldest, any_urgent in session.exec(query).all()
    ]


def waiting_for(session: Session, recipient: str) -> Sequence[tuple[Alert, Complaint]]:
    """What is owed to somebody and in no letter yet, with its complaints, oldest stage first. The rows are locked."""
    query = (
        select(Alert, Complaint)
        .join(Complaint, col(Complaint.id) == col(Alert.complaint_id))
        .where(
            Alert.recipient == recipient,
            _WAITING,
            col(Alert.message_id).is_(None),
        )
        .order_by(col(Alert.stage_at), col(Alert.id))
        .with_for_update(of=Alert)
        .execution_options(populate_existing=True)
    )
    return [(alert, complaint) for alert, complaint in session.exec(query).all()]


_LATER = aliased(Alert)
# Made once: to put it together takes longer than to run it.
_OVERTAKEN = select(col(Alert.id)).where(
    col(Alert.id).in_(bindparam("ids", expanding=True)),
    select(_LATER.id)
    .where(
        col(_LATER.complaint_id) == col(Alert.complaint_id),
        col(_LATER.generation) == col(Alert.generation),
        col(_LATER.recipient) == col(Alert.recipient),
        col(_LATER.state) == AlertState.SENT,
        col(_LATER.stage_at) > col(Alert.stage_at),
    )
    .exists(),
)


def overtaken(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these rows whose recipient has been sent a later stage of the same deadline."""
    if not ids:
        return set()
    found = session.connection().execute(_OVERTAKEN, {"ids": list(ids)}).scalars()
    return {int(id_ or 0) for id_ in found}


def members(session: Session, message_ids: Collection[int]) -> dict[int, int]:
    """How many rows each of these letters holds."""
    query = (
        select(col(Alert.message_id), func.count())
        .where(col(Alert.message_id).in_(message_ids))
        .group_by(col(Alert.message_id))
    )
    return {int(id_ or 0): count for id_, count in session.exec(query).all()} if message_ids else {}


def set_state(
    session: Session, ids: Collection[int], state: AlertState, *, was: AlertState = AlertState.WAITING
) -> int:
    """Moves rows from one state to another; those that have moved elsewhere meanwhile stay. Returns how many moved."""
    if not ids:
        return 0
    statement = update(Alert).where(col(Alert.id).in_(ids), col(Alert.state) == was).values(state=state)
    return int(session.connection().execute(statement).rowcount)


def attach(session: Session, ids: Collection[int], message_id: int) -> None:
    """Makes waiting rows the members of a letter."""
    statement = update(Alert).where(col(Alert.id).in_(ids), col(Alert.state) == AlertState.WAITING)
    session.connection().execute(statement.values(message_id=message_id))


def release(session: Session, message_ids: Collection[int]) -> None:
    """Takes the waiting members out of letters that will not go."""
    if message_ids:
        statement = update(Alert).where(
            col(Alert.message_id).in_(message_ids), col(Alert.state) == AlertState.WAITING
        )
        session.connection().execute(statement.values(message_id=None))


def detach(session: Session, ids: Collection[int]) -> None:
    """Takes rows out of the letter they are in."""
    if ids:
        session.connection().execute(update(Alert).where(col(Alert.id).in_(ids)).values(message_id=None))


def revive(session: Session, message_ids: Collection[int]) -> None:
    """Lets the failed members of letters that have been given up wait again, unless their deadline has ended."""
    if message_ids:
        still_open = (
            select(Complaint.id)
            .where(
                Complaint.id == Alert.complaint_id,
                Complaint.status == "open",
                Complaint.generation == Alert.generation,
            )
            .exists()
        )
        statement = update(Alert).where(
            col(Alert.message_id).in_(message_ids), col(Alert.state) == AlertState.FAILED, still_open
        )
        session.connection().execute(statement.values(state=AlertState.WAITING, message_id=None))


def unalertable(session: Session) -> Sequence[tuple[str, int, datetime | None]]:
    """What is owed to roles that nobody fills: (`role:…@OFFICE`, rows, when the oldest was raised), by role."""
    query = (
        select(col(Alert.recipient), func.count(), func.min(col(Alert.raised_at)))
        .where(col(Alert.state) == AlertState.UNALERTABLE)
        .group_by(col(Alert.recipient))
        .order_by(col(Alert.recipient))
    )
    return [(recipient, count, moment(oldest)) for recipient, count, oldest in session.exec(query).all()]
