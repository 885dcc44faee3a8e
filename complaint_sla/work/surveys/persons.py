"""What finished requests hold of one person, as long as they do: found, given out, erased (PDPA, sections 30 and 33).

Once somebody was asked, or is past being asked, a request tells of nobody, and is found by nothing but its reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from json import loads

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.chain import UNREADABLE, read
from complaint_sla.core.journal import JournalKind
from complaint_sla.store import offices, surveys
from complaint_sla.store.tables import JournalEntry, Request
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class HeldRequest:
    """What a finished request holds of a person; `remarks` are what they said beside a score."""

    office: str
    reference: str
    service: str
    finished_on: date
    customer: str | None
    phone: str | None
    remarks: tuple[str, ...]


def held_in(session: Session, by: str, value: str) -> list[HeldRequest]:
    """The requests of whoever this telephone, or this folded name, is of."""
    rows = _rows(session, by, value)
    if not rows:
        return []
    directory = offices.directory(session)
    remarks: dict[tuple[str, str], list[str]] = {}
    for entry, key in _asked(session, rows):
        remarks.setdefault(key, []).extend(loads(entry.words or "{}").values())
    found = []
    for row in rows:
        code = directory.code(row.office_id)
        said = tuple(remarks.get((code, row.reference), ()))
        found.append(
            HeldRequest(code, row.reference, row.service, row.finished_on, row.name, row.phone, said)
        )
    return found


def erase(desk: Desk, by: str, value: str) -> int:
    """Empties name, telephone and remarks of a person's requests; of how many. One transaction."""

    def job(session: Session) -> int:
        rows = _rows(session, by, value)
        if not rows:
            return 0
        journal.hold(session)
        for entry, _ in _asked(session, rows):
            entry.words = entry.salt = None
        for row in rows:
            row.name = row.phone = None
        references = [row.reference for row in rows]
        data = {
            "what": "survey",
            "numbers": references[: journal.MOST_NAMED],
            "count": len(rows),
            "by": "person",
        }
        journal.record(session, desk, JournalKind.ERASED, data)
        return len(rows)

    return desk.store.write(job)


def _rows(session: Session, by: str, value: str) -> Sequence[Request]:
    if by == "phone":
        return surveys.of_phone(session, value)
    if by == "name_search":
        # There are never many: they are emptied within weeks.
        return [one for one in surveys.worded(session) if one.name and fields.fold(one.name) == value]
    return []


def _asked(session: Session, rows: Sequence[Request]) -> Iterator[tuple[JournalEntry, tuple[str, str]]]:
    """What the journal says of asking these, with office and reference."""
    directory = offices.directory(session)
    mine = {(directory.code(row.office_id), row.reference) for row in rows}
    for entry in surveys.asked_entries(session, [row.id for row in rows]):
        # What a hand has made unreadable is named by the audit.
        with suppress(*UNREADABLE):
            said = read(entry.kind, entry.data)
            if (key := (said["office"], said["reference"])) in mine:
                yield entry, key
