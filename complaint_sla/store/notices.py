"""Letters of the outbox that tell of no alert: unique by kind, occasion and recipient."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from complaint_sla.store.engine import upsert
from complaint_sla.store.outbox import ALERTS, HANDED_OVER, MessageState
from complaint_sla.store.tables import Message
from complaint_sla.store.types import moment


def add_notice(
    session: Session,
    kind: str,
    occasion: str,
    recipient: str,
    domain: str,
    state: MessageState,
    created_at: datetime,
    at: datetime,
) -> bool:
    """Puts a notice in, to be tried from `at` on, under a Message-ID of `domain` that nobody can guess.

    False if there is one of that kind, occasion and recipient.
    """
    statement = (
        upsert(session)(Message)
        .values(
            kind=kind,
            occasion=occasion,
            recipient=recipient,
            message_id=f"<{secrets.token_hex(16)}@{domain}>",
            state=state,
            created_at=created_at,
            attempts=0,
            not_before=at,
        )
        .on_conflict_do_nothing(index_elements=["kind", "occasion", "recipient"])
        .returning(col(Message.id))
    )
    return session.connection().execute(statement).scalar() is not None


def noticed(session: Session, kind: str, first: str, last: str) -> set[str]:
    """Who has a notice of that kind for an occasion from `first` to `last`, whatever became of it."""
    query = select(Message.recipient).where(
        Message.kind == kind, col(Message.occasion) >= first, col(Message.occasion) <= last
    )
    return set(session.exec(query).all())


def last_noticed(session: Session, kind: str, recipient: str) -> str | None:
    """The last occasion for which somebody has a notice of that kind; None if they never had one."""
    query = select(func.max(col(Message.occasion))).where(
        Message.kind == kind, Message.recipient == recipient, col(Message.state) != MessageState.DISSOLVED
    )
    return session.exec(query).first()


def last_notices(session: Session, kind: str) -> dict[str, tuple[str, datetime]]:
    """By recipient: the last occasion for which they have a notice of that kind, and when the last of them was made."""
    query = select(
        Message.recipient, func.max(col(Message.occasion)), func.max(col(Message.created_at))
    ).where(Message.kind == kind, col(Message.state) != MessageState.DISSOLVED)
    rows = session.exec(query.group_by(col(Message.recipient))).all()
    return {
        recipient: (occasion, made) for recipient, occasion, at in rows if (made := moment(at)) is not None
    }


def noticed_before(session: Session, notice: Message) -> str | None:
    """The last occasion before it for which its recipient has a notice of that kind; None if there is none."""
    query = select(func.max(col(Message.occasion))).where(
        Message.kind == notice.kind,
        Message.recipient == notice.recipient,
        col(Message.occasion) < notice.occasion,
        col(Message.state) != MessageState.DISSOLVED,
    )
    return session.exec(query).first()


def told(session: Session, kind: str, prefix: str) -> set[str]:
    """Who has a notice of that kind, with something to say, for an occasion that begins so."""
    query = select(Message.recipient).where(
        Message.kind == kind,
        col(Message.occasion).startswith(prefix, autoescape=True),
        col(Message.state) != MessageState.DISSOLVED,
    )
    return set(session.exec(query).all())


def is_overtaken(session: Session, notice: Message) -> bool:
    """Whether a later notice of the same kind was put in for the same person, and had something to say."""
    query = select(Message.id).where(
        Message.kind == notice.kind,
        Message.recipient == notice.recipient,
        col(Message.id) > notice.id,
        col(Message.state) != MessageState.DISSOLVED,
    )
    return session.exec(query.limit(1)).first() is not None


def notices_between(session: Session, first: datetime, last: datetime) -> Sequence[tuple[str, datetime]]:
    """(Message-ID, moment) of the notices that were made in a time and handed over: any of them may name a complaint."""
    made_at = col(Message.created_at)
    query = select(Message.message_id, Message.created_at).where(col(Message.kind) != ALERTS, HANDED_OVER)
    return session.exec(query.where(made_at >= first, made_at <= last)).all()
