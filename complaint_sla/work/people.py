"""Offices and people as the journal writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlmodel import Session

from complaint_sla.core.journal import JournalKind
from complaint_sla.core.people import NAME, WAS, Record, changed
from complaint_sla.store import figures, offices
from complaint_sla.store.house import the_house
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office, Staff
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


def office_record(directory: Directory, office: Office) -> Record:
    """An office in the terms of the journal."""
    parent = directory.code(office.parent_id) if office.parent_id is not None else None
    return {
        "code": office.code,
        "name_th": office.name_th,
        "name_en": office.name_en,
        "parent": parent,
        "class": office.class_,
    }


def staff_record(directory: Directory, person: Staff) -> Record:
    """A person in the terms of the journal, without their name."""
    return {
        "email": person.email,
        "office": directory.code(person.office_id),
        "role": person.role,
        "lang": person.language,
        "login": person.login,
        "away_until": _written(person.away_until),
        "deputy": directory.email(person.deputy_id),
        "retired_at": _written(person.retired_at),
        "unreachable_since": _written(person.failed_at),
    }


def figure_record(row: Mapping[str, object]) -> Record:
    """A frozen figure in the terms of the journal: which it is, and what it says by its digest."""
    names = ("measure", "quarter", "version", "digest", "frozen_at")
    return {name: _written(row[name]) for name in names}


def _written(value: object) -> object:
    """Days and moments as an event holds them, whatever time zone the database gave them in."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def enter_office(session: Session, desk: Desk, office: Office, before: Record | None) -> None:
    """Writes down that an office was added, or changed; nothing if it is as it was `before`."""
    after = office_record(offices.directory(session), office)
    if before is None:
        journal.record(session, desk, JournalKind.OFFICE_ADDED, after)
    elif after != before:
        journal.record(session, desk, JournalKind.OFFICE_CHANGED, {**after, WAS: changed(before, after)})


def enter_staff(
    session: Session, desk: Desk, kind: JournalKind, person: Staff, before: tuple[Record, str] | None
) -> None:
    """Writes down what became of a person, who was so `before`, with that name; nothing if nothing is otherwise."""
    after = staff_record(offices.directory(session), person)
    words: dict[str, str | None] = {NAME: person.name}
    data: Mapping[str, object] = after
    if before is not None:
        record, name = before
        if (record, name) == (after, person.name):
            return
        data = {**after, WAS: changed(record, after)}
        if name != person.name:
            words["name_was"] = name
    journal.record(session, desk, kind, data, words)


def take_stock(session: Session, desk: Desk) -> None:
    """Writes down what there is as the journal begins to hold it: who did it, and what was there before, nobody can say."""
    directory = offices.directory(session)
    people = directory.staff.values()
    data = {
        "rehearsal": the_house(session).rehearsal,
        "offices": [office_record(directory, one) for one in directory.offices.values()],
        "staff": [staff_record(directory, one) for one in people],
        "figures": [figure_record(row) for row in figures.register(session)],
    }
    journal.record(session, desk, JournalKind.STOCK_TAKEN, data, {one.email: one.name for one in people})
