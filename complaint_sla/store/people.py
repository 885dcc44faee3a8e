"""Offices and staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session, col, select

from complaint_sla.core.roster import Office as RosterOffice
from complaint_sla.core.roster import Person, Role, Roster
from complaint_sla.store.tables import Office, Staff


def offices(session: Session) -> Sequence[Office]:
    """All offices, by code."""
    return session.exec(select(Office).order_by(Office.code)).all()


def staff(session: Session) -> Sequence[Staff]:
    """Everybody, the retired too, by e-mail."""
    return session.exec(select(Staff).order_by(Staff.email)).all()


def person_named(session: Session, email: str, *, lock: bool = False) -> Staff | None:
    """The person with that address; with `lock`, nobody else changes or locks the row until the transaction ends."""
    query = select(Staff).where(Staff.email == email)
    return session.exec(query.with_for_update() if lock else query).first()


@dataclass(frozen=True)
class Directory:
    """Everybody and every office, as one transaction sees them: the rows, and the core's roster made of them."""

    offices: dict[int, Office]
    staff: dict[int, Staff]

    @cached_property
    def roster(self) -> Roster:
        """Made when it is first asked for: most changes of a complaint ask nobody."""
        return Roster(
            offices={
                one.code: RosterOffice(one.code, None if one.parent_id is None else self.code(one.parent_id))
                for one in self.offices.values()
            },
            people={
                one.email: Person(
                    email=one.email,
                    office=self.code(one.office_id),
                    role=Role(one.role),
                    away_until=one.away_until,
                    deputy=self.email(one.deputy_id),
                    retired=one.retired_at is not None,
                    unreachable=one.failed_at is not None,
                )
                for one in self.staff.values()
            },
        )

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
    return Directory(
        offices={office.id: office for office in offices(session) if office.id is not None},
        staff={person.id: person for person in staff(session) if person.id is not None},
    )
