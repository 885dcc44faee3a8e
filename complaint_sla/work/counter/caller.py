"""Who is on the line: what this telephone or account has told us before, so that one matter is not logged twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from complaint_sla.core.complaints import EventKind
from complaint_sla.core.masking import masked_text
from complaint_sla.store import offices, person
from complaint_sla.work.complaints.log import RECENT
from complaint_sla.work.complaints.view import ComplaintView, with_rows
from complaint_sla.work.desk import Desk

# Not everybody says their name each time: so many of their complaints are looked through for it.
LOOKED_AT = 20
NOTES = (
    EventKind.NOTED,
    EventKind.ASSESSED,
    EventKind.INVESTIGATED,
    EventKind.RESPONDED,
    EventKind.COMMUNICATED,
)


@dataclass(frozen=True)
class Earlier:
    """A complaint of the caller's. `owner` is a name; `said` is how it ended, or what was noted last."""

    complaint: ComplaintView
    owner: str | None
    said: str | None


@dataclass(frozen=True)
class Caller:
    """What is open and what has ended of late, newest first, the open ones before the others; and what the caller said of
    themselves the last time."""

    earlier: tuple[Earlier, ...] = ()
    customer: str | None = None
    group: str | None = None
    office: str | None = None


def caller(desk: Desk, phone: str | None, account: str | None) -> Caller:
    """By telephone and account in their regular forms."""
    with desk.store.read() as session:
        last = person.last_of_customer(session, phone, account, LOOKED_AT)
        if not last:
            return Caller()
        directory = offices.directory(session)
        rows = person.lately_of_customer(session, phone, account, desk.now - RECENT)
        noted = person.last_words(session, [row.id or 0 for row in rows], NOTES)
        found = [
            Earlier(one, directory.name(row.owner_id), one.outcome or _note(noted.get(row.id or 0)))
            for row, one in with_rows(session, desk, directory, rows)
        ]
        complaint = last[0][0]
        return Caller(
            tuple(sorted(found, key=lambda one: not one.complaint.is_open)),
            next((customer.name for _, customer in last if customer.name), None),
            complaint.group,
            directory.code(complaint.office_id),
        )


def _note(words: str | None) -> str | None:
    # What a hand has made unreadable is named by the audit.
    with suppress(ValueError):
        said = json.loads(words) if words is not None else None
        return masked_text(str(said["note"])) if isinstance(said, Mapping) and said.get("note") else None
    return None
