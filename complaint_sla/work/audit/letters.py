"""The outbox: whether each letter's columns can stand beside its state.

That a letter was sent, and when, follows from nothing else here: the journal's entry of what was delivered proves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session

from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.replies import Answer
from complaint_sla.store import archive
from complaint_sla.store.archive import Row
from complaint_sla.store.outbox import ALERTS, PENDING, MessageState
from complaint_sla.store.types import unreadable

_FOR_GOOD = (Answer.NO_ADDRESS, Answer.REFUSED)
_DATED = ("created_at", "first_tried_at", "sent_at")


class Letters:
    """`letters` counts them. `latest`: nothing can be dated after it; None where any clock may be, or was."""

    def __init__(self, session: Session, latest: datetime | None) -> None:
        self._session = session
        self._latest = latest
        self.letters = 0

    def all(self) -> Iterator[tuple[str, Difference]]:
        for row in archive.letters(self._session):
            self.letters += 1
            about = f"message {row['id']}"
            if damaged := unreadable(archive.LETTER, row):
                yield about, Difference(Check.RECORD, ", ".join(damaged))
                continue
            for name in _amiss(row):
                yield about, Difference(Check.LETTER_STATE, name, row[name], row["state"])
            for name in _DATED:
                if self._latest is not None and row[name] is not None and row[name] > self._latest:
                    yield about, Difference(Check.TO_COME, name, row[name])
        for id_ in archive.without_members(self._session):
            yield f"message {id_}", Difference(Check.LETTER_EMPTY, ALERTS)


def _amiss(row: Row) -> Iterator[str]:
    """The columns that no letter in this state has."""
    state = row["state"]
    if state not in set(MessageState):
        yield "state"
        return
    is_sent, is_held = state == MessageState.SENT, row["lease_token"] is not None
    if (row["sent_at"] is not None) is not is_sent:
        yield "sent_at"
    if (row["answer"] == Answer.ACCEPTED) is not is_sent or (
        state == MessageState.FAILED and row["answer"] not in _FOR_GOOD
    ):
        yield "answer"
    is_tried = state in (MessageState.SENDING, MessageState.SENT, MessageState.FAILED)
    if row["attempts"] < (is_tried or row["first_tried_at"] is not None):
        yield "attempts"
    if is_sent and row["first_tried_at"] is None:
        yield "first_tried_at"
    if (is_held or row["lease_until"] is not None) and state not in PENDING:
        yield "lease_until"
    if is_sent and row["error"] is not None:
        yield "error"
    if not _is_message_id(row["message_id"]):
        yield "message_id"
    if not row["recipient"]:
        yield "recipient"


def _is_message_id(text: Any) -> bool:
    """`<…@…>`, as RFC 5322 has it."""
    left, at, domain = text[1:-1].partition("@")
    return bool(text.startswith("<") and text.endswith(">") and left and at and domain)
