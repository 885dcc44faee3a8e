"""The outbox: letters, who holds the lease on one, and what the mail server said. Moments follow the real clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, func, or_, update
from sqlmodel import Session, col, select

from complaint_sla.core.owed import OWED, AlertState, Row
from complaint_sla.core.replies import Answer
from complaint_sla.store import alerts
from complaint_sla.store.tables import Alert, Message
from complaint_sla.store.types import moment


class MessageState(StrEnum):
    """`waiting` was never handed over, `sending` may have been; `dissolved` is not sent, and its members are free again."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DISSOLVED = "dissolved"


# The kind of a letter that has members in the ledger; those of the other kinds are notices, and have none.
ALERTS = "alerts"

# What is sent last was made among the last: urgent ones overtake no more than so many.
_NEWEST = 1000
# More than a column of ids can hold is no id.
LARGEST_ID = 2**31 - 1

PENDING = (MessageState.WAITING, MessageState.SENDING)
# The words stand in the query itself: SQLite takes the partial index only where it sees the index's own condition.
_PENDING = col(Message.state).in_(
    bindparam("pending", [state.value for state in PENDING], expanding=True, literal_execute=True)
)

_WAITING = col(Alert.state) == bindparam("owed", AlertState.WAITING.value, literal_execute=True)


def _free(at: datetime, lease: timedelta) -> ColumnElement[bool]:
    """No lease, one that ran out, or one that no clock can have given (the clock was set back)."""
    until = col(Message.lease_until)
    return or_(until.is_(None), until <= at, until > at + 2 * lease)


def _due(at: datetime, longest_pause: timedelta) -> ColumnElement[bool]:
    return or_(col(Message.not_before) <= at, col(Message.not_before) > at + 2 * longest_pause)


def claim(
    session: Session, at: datetime, lease: timedelta, longest_pause: timedelta, token: str, most: int
) -> Sequence[Message]:
    """Takes a lease on pending letters that nobody holds; another worker gets others, and never the same.

    Those with something urgent first, then alerts: a thousand summaries of one morning hold up none of them. Among these
    what no server has refused for its own sake goes before what one has, the oldest first.
    """
    urgent = select(Alert.message_id).where(_WAITING, Alert.urgent, col(Alert.message_id).is_not(None))
    free = (
        select(Message.id)
        .where(_PENDING, _due(at, longest_pause), _free(at, lease))
        .order_by(
            col(Message.id).not_in(urgent),
            col(Message.kind) != ALERTS,
            func.coalesce(col(Message.answer), Answer.LIMIT) != Answer.LIMIT,
            col(Message.id),
        )
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = session.exec(free).all()
    statement = (
        update(Message)
        .where(col(Message.id).in_(ids))
        .values(lease_until=at + lease, lease_token=token)
        .returning(Message)
    )
    statement = statement.execution_options(populate_existing=True)
    taken = session.scalars(statement)
    return sorted(taken, key=lambda one: ids.index(one.id))


def unsent_of(session: Session, recipient: str) -> Sequence[Message]:
    """Letters with alerts for this person that have not been handed over yet, locked."""
    query = select(Message).where(
        Message.recipient == recipient, col(Message.state) == MessageState.WAITING, Message.kind == ALERTS
    )
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).all()


def is_held(message: Message, at: datetime, lease: timedelta) -> bool:
    """Whether a worker holds the lease at this moment."""
    until = message.lease_until
    return until is not None and at < until <= at + 2 * lease


def recipients_unsent(
    session: Session, at: datetime, lease: timedelta, longest_pause: timedelta
) -> Sequence[str]:
    """Who has a letter of alerts that nobody holds and that may be tried now."""
    query = select(Message).where(_PENDING, _due(at, longest_pause), _free(at, lease))
    # Asked for kind or state, or for each recipient once, SQLite would take an index of every letter that ever was.
    return sorted(
        {
            message.recipient
            for message in session.exec(query).all()
            if message.kind == ALERTS and message.state == MessageState.WAITING and message.recipient
        }
    )


def begin_sending(
    session: Session,
    message_id: int,
    token: str,
    at: datetime,
    lease: timedelta,
    digest: str,
    written_at: datetime,
) -> bool:
    """Says, before it happens, that the letter may go out. False if it was dissolved or the lease is another's now.

    The lease begins anew: however long the writing took, nobody else takes the letter up while it goes out. `digest` is
    of what goes out, as things stood at `written_at`: so it can be written again if no answer is heard.
    """
    statement = (
        update(Message)
        .where(col(Message.id) == message_id, col(Message.lease_token) == token, _PENDING)
        .values(
            state=MessageState.SENDING,
            lease_until=at + lease,
            attempts=col(Message.attempts) + 1,
            first_tried_at=func.coalesce(col(Message.first_tried_at), at),
            digest=digest,
            unheard_at=written_at,
        )
    )
    return bool(session.connection().execute(statement).rowcount)


def renew(
    session: Session, ids: Collection[int], tokens: Collection[str], at: datetime, lease: timedelta
) -> None:
    """Begins the lease of these letters anew, of those that are still ours."""
    ours = col(Message.id).in_(ids) & col(Message.lease_token).in_(tokens)
    session.connection().execute(update(Message).where(ours, _PENDING).values(lease_until=at + lease))


def unanswered(session: Session, message_id: int, digest: str) -> Message | None:
    """The letter, locked, if nobody has recorded an answer to what went out with this digest."""
    query = select(Message).where(
        Message.id == message_id, col(Message.state) == MessageState.SENDING, Message.digest == digest
    )
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def held(session: Session, message_id: int, token: str) -> Message | None:
    """The letter, locked, if the lease is still ours."""
    query = select(Message).where(Message.id == message_id, Message.lease_token == token).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def with_letters_held(session: Session, rows: Sequence[Row]) -> list[Row]:
    """These rows of the ledger, with what is `handed_over`; the letters of the others stay until the transaction ends."""
    held = {row.message_id for row in rows if row.message_id is not None and row.state in OWED}
    query = select(Message.id).where(col(Message.id).in_(held), col(Message.state) == MessageState.WAITING)
    loose = set(session.exec(query.order_by(col(Message.id)).with_for_update()).all() if held else ())
    return [replace(row, handed_over=row.message_id not in {None, *loose}) for row in rows]


def with_letters_going(session: Session, rows: Sequence[Row]) -> list[Row]:
    """These rows, with what is `handed_over` and unanswered; no letter of the others begins until the transaction ends."""
    letters = {row.message_id for row in rows if row.message_id is not None}
    query = select(Message.id, Message.state).where(col(Message.id).in_(letters))
    found = session.exec(query.order_by(col(Message.id)).with_for_update()).all() if letters else ()
    going = {id_ for id_, state in found if state == MessageState.SENDING}
    return [replace(row, handed_over=row.message_id in going) for row in rows]


def last_of(session: Session, recipient: str) -> Message | None:
    """The letter of alerts that was made last for this person, whatever became of it."""
    query = select(Message).where(Message.recipient == recipient, Message.kind == ALERTS)
    return session.exec(query.order_by(col(Message.id).desc()).limit(1)).first()


def dissolve(session: Session, ids: Collection[int]) -> None:
    """Breaks up those letters that were never handed over; their members wait again."""
    if not ids:
        return
    statement = (
        update(Message)
        .where(col(Message.id).in_(ids), col(Message.state) == MessageState.WAITING)
        .values(state=MessageState.DISSOLVED, lease_until=None, lease_token=None)
        .returning(col(Message.id))
    )
    alerts.free(session, session.connection().execute(statement).scalars().all())


def _only(message_id: int | None) -> list[ColumnElement[bool]]:
    """That it is this letter; nothing for None, which is all."""
    return [] if message_id is None else [col(Message.id) == message_id]


def hurry(session: Session, message_id: int | None, at: datetime) -> int:
    """Makes pending letters due at once, all or one; what a limit of the server puts off waits no longer either way."""
    statement = update(Message).where(_PENDING).values(not_before=at)
    hurried = session.connection().execute(statement.where(*_only(message_id))).rowcount
    session.connection().execute(statement.where(col(Message.answer) == Answer.LIMIT))
    return int(hurried)


def failed(
    session: Session, message_id: int | None = None, recipient: str | None = None
) -> Sequence[Message]:
    """Letters that were refused for good, all, one, or somebody's, locked."""
    query = select(Message).where(col(Message.state) == MessageState.FAILED, *_only(message_id))
    if recipient is not None:
        query = query.where(Message.recipient == recipient)
    query = query.order_by(col(Message.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all()


def letters(session: Session, *, failed_only: bool, most: int | None) -> Sequence[Message]:
    """Letters, newest first, without the dissolved ones. `failed_only`: those refused for good, or refused so far."""
    query = select(Message).where(col(Message.state) != MessageState.DISSOLVED)
    if failed_only:
        refused = _PENDING & col(Message.error).is_not(None)
        query = query.where(or_(col(Message.state) == MessageState.FAILED, refused))
    return session.exec(query.order_by(col(Message.id).desc()).limit(most)).all()


def with_id(session: Session, message_id: int) -> Message | None:
    if not 0 < message_id <= LARGEST_ID:
        return None
    return session.exec(select(Message).where(Message.id == message_id)).first()


def pending_summary(session: Session) -> tuple[int, datetime | None, int, int]:
    """(letters pending, the moment the oldest was made, letters refused for good, those of which a copy may have arrived)."""
    pending = session.exec(select(func.count(), func.min(col(Message.created_at))).where(_PENDING)).one()
    refused, unheard = session.exec(
        select(func.count(), func.count(col(Message.unheard_at))).where(
            col(Message.state) == MessageState.FAILED
        )
    ).one()
    return int(pending[0]), moment(pending[1]), int(refused), int(unheard)


HANDED_OVER = col(Message.state).in_((MessageState.SENT, MessageState.SENDING))


def letters_about(session: Session, ids: Collection[int]) -> Sequence[tuple[str, int]]:
    """(Message-ID, complaint's id) of every letter of alerts about these that was handed over."""
    query = select(Message.message_id, Alert.complaint_id).join(
        Alert, col(Alert.message_id) == col(Message.id)
    )
    return session.exec(query.where(col(Alert.complaint_id).in_(ids), HANDED_OVER).distinct()).all()


def put_off_until(session: Session, at: datetime, longest_pause: timedelta) -> datetime | None:
    """Until when the letters wait together, as a limit of the server put one off; None if they need not wait any more."""
    query = select(func.max(col(Message.not_before))).where(
        _PENDING,
        Message.answer == Answer.LIMIT,
        col(Message.not_before) > at,
        col(Message.not_before) <= at + 2 * longest_pause,
    )
    return moment(session.exec(query).first())


def any_put_off(session: Session) -> bool:
    """Whether a limit of the server has put off a letter that still waits."""
    return (
        session.exec(select(Message.id).where(_PENDING, Message.answer == Answer.LIMIT).limit(1)).first()
        is not None
    )


def limited_since(session: Session) -> datetime | None:
    """When the first of the letters that a limit of the server puts off was tried; None if there is no such letter."""
    query = select(func.min(col(Message.first_tried_at))).where(_PENDING, Message.answer == Answer.LIMIT)
    return moment(session.exec(query).first())


def count_due(session: Session, at: datetime, longest_pause: timedelta) -> int:
    """Pending letters that may be tried at a moment, whoever holds them."""
    return int(session.exec(select(func.count()).where(_PENDING, _due(at, longest_pause))).one())


def last_sent_at(session: Session) -> datetime | None:
    """When a mail server last took a letter, of those made last."""
    query = select(Message.sent_at).where(col(Message.state) == MessageState.SENT)
    newest = query.order_by(col(Message.id).desc()).limit(_NEWEST).subquery()
    return moment(session.exec(select(func.max(newest.c.sent_at))).one())


def in_trouble(session: Session, answer: str, most: int) -> Sequence[tuple[int, str]]:
    """Ids of pending letters that last got this answer, with what was said."""
    query = select(Message.id, Message.error).where(_PENDING, Message.answer == answer)
    return [(id_, error or "") for id_, error in session.exec(query.order_by(col(Message.id)).limit(most))]


def pending_error(session: Session, *answers: str) -> str | None:
    """What was said of a pending letter that last got one of these answers; None if there is no such letter."""
    query = select(Message.error).where(_PENDING, col(Message.answer).in_(answers))
    return session.exec(query.order_by(col(Message.not_before)).limit(1)).first()


def pending_answers(session: Session) -> Sequence[tuple[str, int, str]]:
    """Of the pending letters that were tried: (answer, letters, what was said of one)."""
    query = select(col(Message.answer), func.count(), func.max(col(Message.error)))
    query = query.where(_PENDING, col(Message.answer).is_not(None)).group_by(col(Message.answer))
    rows = session.exec(query.order_by(col(Message.answer))).all()
    return [(answer or "", count, said or "") for answer, count, said in rows]
