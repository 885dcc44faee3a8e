"""The ledger of alerts: who is owed which stage of which complaint, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, case, delete, func, or_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from complaint_sla.core import owed
from complaint_sla.core.complaints import Status
from complaint_sla.core.owed import AlertState, Change, Row
from complaint_sla.core.rulebook import HANDED_OVER
from complaint_sla.store import complaints
from complaint_sla.store.engine import upsert
from complaint_sla.store.tables import Alert, Complaint, Message, Staff
from complaint_sla.store.types import moment

_ALERT: Table = Alert.__table__  # type: ignore[attr-defined]
# The word stands in the query itself: SQLite takes the partial index only where it sees the index's own condition.
_WAITING = col(Alert.state) == bindparam("waiting", AlertState.WAITING.value, literal_execute=True)
_OF_TIMELINE = col(Alert.stage) != HANDED_OVER.key
# A handing-over that is not pressing goes along with the next letter.
_PRESSING = or_(_OF_TIMELINE, col(Alert.urgent))
_NEW = [column.name for column in _ALERT.columns if column.name != "id"]
_MOVE = (
    update(_ALERT)
    .where(_ALERT.c.id == bindparam("row"), _ALERT.c.state == bindparam("was"))
    .values(state=bindparam("now"), message_id=bindparam("in"))
)
_LEAD = _MOVE.values(roles=bindparam("why"))
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def write(session: Session, *changes: Change) -> list[str]:
    """Writes rows down, in at most four rounds; those that have moved elsewhere meanwhile stay. The states of the new ones.

    Roles are written where they change only: what led to somebody else may have come to lead here since a row was read.

    A stage that somebody has already is not written again: a clock that ran ahead may have had it sent before its time.
    """
    added = [
        {name: getattr(row, name) for name in _NEW} | {"roles": " ".join(row.roles)}
        for change in changes
        for row in change.new
    ]
    moved, led = [], []
    for was, row in (pair for change in changes for pair in change.moved):
        one = {"row": row.id, "was": was.state, "now": row.state, "in": row.message_id}
        if row.roles == was.roles:
            moved.append(one)
        else:
            led.append(one | {"why": " ".join(row.roles)})
    gone = [row.id for change in changes for row in change.gone]
    if gone:
        session.connection().execute(delete(_ALERT).where(_ALERT.c.id.in_(gone)))
    if moved:
        session.connection().execute(_MOVE, moved)
    if led:
        session.connection().execute(_LEAD, led)
    if not added:
        return []
    new = upsert(session)(_ALERT).on_conflict_do_nothing().returning(_ALERT.c.state)
    return list(session.connection().execute(new, added).scalars())


# Rows as the core sees them: deadline by deadline, oldest stage first.
_ROWS = (
    columns(_ALERT, col(Complaint.status), col(Complaint.generation).label("present"))
    .join(Complaint, col(Complaint.id) == _ALERT.c.complaint_id)
    .order_by(_ALERT.c.generation, _ALERT.c.stage_at, _ALERT.c.id)
)


def _rows(session: Session, query: Select[Any]) -> list[Row]:
    # What has been changed of the complaints counts.
    session.flush()
    found = [dict(one) for one in session.connection().execute(query).mappings()]
    earlier = {
        one["complaint_id"]
        for one in found
        if one["status"] == Status.OPEN and one["generation"] != one["present"]
    }
    missed = complaints.missed(session, earlier)
    rows = []
    for one in found:
        gone = missed.get(one["complaint_id"])
        first = gone.generation if gone is not None else None
        one["runs"] = owed.runs(one.pop("status"), one.pop("present"), first, one["generation"])
        rows.append(Row(**one | {"roles": tuple(one["roles"].split())}))
    return rows


def unalertable_of(session: Session, ids: Collection[int]) -> list[Row]:
    """What these complaints owe to roles that nobody fills."""
    mine = _ALERT.c.complaint_id.in_(ids)
    return _rows(session, _ROWS.where(mine, _ALERT.c.state == AlertState.UNALERTABLE)) if ids else []


def of_complaint(session: Session, complaint_id: int) -> Sequence[tuple[Alert, str | None]]:
    """Every row of a complaint, oldest stage first, with the Message-ID under which it went out."""
    query = (
        select(Alert, Message.message_id)
        .outerjoin(Message, col(Message.id) == col(Alert.message_id))
        .where(Alert.complaint_id == complaint_id)
        .order_by(col(Alert.stage_at), col(Alert.id))
    )
    return [(alert, message_id) for alert, message_id in session.exec(query).all()]


def of_all_generations(session: Session, complaint_id: int) -> list[Row]:
    """The rows of a complaint; no letter takes them in until the transaction ends."""
    return _rows(session, _ROWS.where(_ALERT.c.complaint_id == complaint_id).with_for_update(of=_ALERT))


def of_message(session: Session, message_id: int) -> list[Row]:
    return _rows(session, _ROWS.where(_ALERT.c.message_id == message_id))


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


def complaints_owing(session: Session, recipient: str) -> Sequence[int]:
    """Ids of complaints of which something is owed to this recipient."""
    query = (
        select(Alert.complaint_id)
        .where(Alert.recipient == recipient, col(Alert.state).in_(owed.OWED))
        .distinct()
        .order_by(col(Alert.complaint_id))
    )
    return session.exec(query).all()


def complaints_failed(session: Session, recipient: str) -> Sequence[int]:
    """Ids of open complaints of which something failed to reach this recipient."""
    query = (
        select(Complaint.id)
        .join(Alert, col(Alert.complaint_id) == col(Complaint.id))
        .where(
            # The few that are open lead to their rows; of what failed, ever, there is no index.
            col(Complaint.status) == bindparam("open", Status.OPEN.value, literal_execute=True),
            Alert.recipient == recipient,
            col(Alert.state) == AlertState.FAILED,
        )
        .distinct()
        .order_by(col(Complaint.id))
    )
    return session.exec(query).all()


def oldest_pressing_at(session: Session) -> datetime | None:
    """When the oldest of what waits for people was raised, but for handings-over that may wait; None if nothing does."""
    return moment(session.exec(select(func.min(col(Alert.raised_at))).where(_WAITING, _PRESSING)).one())


def complaints_waiting(session: Session, recipients: Collection[str], before: datetime) -> Sequence[int]:
    """Ids of complaints of which something that was raised before a moment waits for one of these people."""
    query = (
        select(Alert.complaint_id)
        .where(_WAITING, col(Alert.recipient).in_(recipients), Alert.raised_at < before)
        .distinct()
        .order_by(col(Alert.complaint_id))
    )
    return session.exec(query).all()


def recipients_waiting(session: Session, news_before: datetime) -> Sequence[tuple[str, datetime, bool]]:
    """Who is owed something that is in no letter yet and makes one: (recipient, oldest raising, any urgent).

    A handing-over that is not pressing does if it was raised by `news_before`.
    """
    urgent = func.max(case((col(Alert.urgent), 1), else_=0))
    query = (
        select(col(Alert.recipient), func.min(col(Alert.raised_at)), urgent)
        .where(
            _WAITING,
            col(Alert.message_id).is_(None),
            or_(_PRESSING, col(Alert.raised_at) <= news_before),
        )
        .group_by(col(Alert.recipient))
    )
    return [
        # What was raised at a moment that can't be read has waited for longest.
        (recipient, moment(oldest) or _EARLIEST, bool(any_urgent))
        for recipient, oldest, any_urgent in session.exec(query).all()
    ]


def waiting_for(session: Session, recipient: str) -> list[Row]:
    """What is owed to somebody and in no letter yet, locked."""
    mine = _ROWS.where(_ALERT.c.recipient == recipient, _WAITING, _ALERT.c.message_id.is_(None))
    return _rows(session, mine.with_for_update(of=_ALERT))


def told(
    session: Session, recipient: str, rows: Iterable[Row], until: datetime
) -> dict[int, tuple[int, datetime]]:
    """The latest stage up to a moment that somebody has been sent of these rows' complaints, by complaint.

    (generation, moment of the stage).
    """
    deadline = (col(Alert.complaint_id), col(Alert.generation))
    query = select(*deadline, func.max(col(Alert.stage_at))).where(
        col(Alert.complaint_id).in_({row.complaint_id for row in rows}),
        Alert.recipient == recipient,
        col(Alert.state) == AlertState.SENT,
        col(Alert.stage_at) <= until,
        _OF_TIMELINE,
    )
    found = session.exec(query.group_by(*deadline).order_by(*deadline)).all()
    return {one: (generation, at) for one, generation, at in found}


def members(session: Session, message_ids: Collection[int]) -> dict[int, int]:
    """How many rows each of these letters holds."""
    query = (
        select(col(Alert.message_id), func.count())
        .where(col(Alert.message_id).in_(message_ids))
        .group_by(col(Alert.message_id))
    )
    return {id_ or 0: count for id_, count in session.exec(query).all()} if message_ids else {}


def free(session: Session, message_ids: Collection[int | None]) -> None:
    """Takes out of letters that will not go what they held, to wait again."""
    if message_ids:
        write(session, owed.freed(_members(session, message_ids)))


def give_up(session: Session, message_ids: Collection[int]) -> None:
    """Takes out of letters that were refused for good what they held."""
    if message_ids:
        write(session, owed.given_up(_members(session, message_ids)))


def _members(session: Session, message_ids: Collection[int | None]) -> list[Row]:
    return _rows(session, _ROWS.where(_ALERT.c.message_id.in_(message_ids)).with_for_update(of=_ALERT))


def letters_waiting_in(session: Session, state: str) -> Sequence[int]:
    """Letters of that state in which there is something that waits."""
    query = (
        select(Message.id)
        .join(Alert, col(Alert.message_id) == col(Message.id))
        .where(_WAITING, Message.state == state)
        .distinct()
    )
    return session.exec(query.order_by(col(Message.id))).all()


def unalertable(session: Session) -> Sequence[tuple[str, int, datetime | None]]:
    """What is owed to roles that nobody fills: (`role:…@OFFICE`, rows, when the oldest was raised), by role."""
    query = (
        select(col(Alert.recipient), func.count(), func.min(col(Alert.raised_at)))
        .where(col(Alert.state) == AlertState.UNALERTABLE)
        .group_by(col(Alert.recipient))
        .order_by(col(Alert.recipient))
    )
    return [(recipient, count, moment(oldest)) for recipient, count, oldest in session.exec(query).all()]
