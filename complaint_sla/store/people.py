"""Offices and staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from complaint_sla.core.roster import Office as RosterOffice
from complaint_sla.core.roster import Person, Role, Roster
from complaint_sla.store.tables import Office, Staff


def offices(session: Session) -> Sequence[Office]:
    """All offices, by code."""
    return session.exec(select(Office).order_by(Office.code)).all()


def office_named(session: Session, code: str) -> Office | None:
    return session.exec(select(Office).where(Office.code == code)).first()


def staff(session: Session) -> Sequence[Staff]:
    """Everybody, the retired too, by e-mail."""
    return session.exec(select(Staff).order_by(Staff.email)).all()


def person_named(session: Session, email: str, *, lock: bool = False) -> Staff | None:
    """The person with that address; with `lock`, nobody else changes or locks the row until the transaction ends."""
    query = select(Staff).where(Staff.email == email)
    return session.exec(query.with_for_update() if lock else query).first()


@dataclass(frozen=True)
class Directory:
    """Everybody and every office, as one transaction sees them: the core's roster, and the rows behind it."""

    roster: Roster
    offices: dict[int, Office]
    staff: dict[int, Staff]

    def code(self, office_id: int) -> str:
        return self.offices[office_id].code

    def email(self, staff_id: int | None) -> str | None:
        return None if staff_id is None else self.staff[staff_id].email

    def office(self, code: str) -> Office | None:
        return next((office for office in self.offices.values() if office.code == code), None)

    def person(self, email: str) -> Staff | None:
        return next((person for person in self.staff.values() if person.email == email), None)

    def ids_below(self, code: str) -> list[int]:
        """The ids of an office and all below it."""
        wanted = set(self.roster.below(code))
        return [id_ for id_, office in self.offices.items() if office.code in wanted]


def lock_tree(session: Session) -> None:
    """Nobody else changes the tree until the transaction ends: two moves at once could close a circle."""
    session.exec(select(Office.id).order_by(col(Office.id)).with_for_update()).all()


def directory(session: Session) -> Directory:
    """The whole tree and everybody in it, in two queries."""
    offices_by_id = {office.id: office for office in offices(session) if office.id is not None}
    staff_by_id = {person.id: person for person in staff(session) if person.id is not None}
    roster = Roster(
        offices={
            office.code: RosterOffice(
                office.code, offices_by_id[office.parent_id].code if office.parent_id is not None else None
            )
            for office in offices_by_id.values()
        },
        people={
            person.email: Person(
                email=person.email,
                office=offices_by_id[person.office_id].code,
                role=Role(person.role),
                away_until=person.away_until,
                deputy=staff_by_id[person.deputy_id].email if person.deputy_id is not None else None,
                retired=person.retired_at is not None,
                unreachable=person.failed_at is not None,
            )
            for person in staff_by_id.values()
        },
    )
    return Directory(roster, offices_by_id, staff_by_id)
