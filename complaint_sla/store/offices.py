"""Offices and staff."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from complaint_sla.core.roster import Office as RosterOffice
from complaint_sla.core.roster import Person, Role, Roster
from complaint_sla.core.titles import Title
from complaint_sla.store.tables import Complaint, Office, Staff
from complaint_sla.store.types import UNKNOWN, ByBytes, mended

_ROLES = frozenset(Role)
# The first is spoken to whoever is said to speak none of them.
_LANGUAGES = ("th", "en")


def offices(session: Session) -> Sequence[Office]:
    """All offices, by code."""
    return session.exec(select(Office).order_by(ByBytes(col(Office.code)))).all()


def staff(session: Session) -> Sequence[Staff]:
    """Everybody, the retired too, by e-mail."""
    return session.exec(select(Staff).order_by(ByBytes(col(Staff.email)))).all()


def returned(session: Session, today: date) -> Sequence[tuple[str, date]]:
    """Who was away and is back, with the last local day of the absence."""
    query = select(Staff).where(col(Staff.away_until) < today, col(Staff.retired_at).is_(None))
    return [(one.email, one.away_until) for one in session.exec(query) if isinstance(one.away_until, date)]


def person_named(session: Session, email: str, *, lock: bool = False) -> Staff | None:
    """The person with that address; with `lock`, nobody else changes or locks the row until the transaction ends."""
    query = select(Staff).where(Staff.email == email)
    return session.exec(query.with_for_update() if lock else query).first()


@dataclass(frozen=True)
class Directory:
    """Everybody and every office, as one transaction sees them: the rows, and the core's roster made of them.

    An id that leads nowhere is an office `?`, or nobody. Who has no role or address that can be read is in no post.
    `damaged` names the rows that can't be read whole, with the column: `staff 3: role`.
    """

    offices: dict[int, Office]
    staff: dict[int, Staff]
    damaged: tuple[str, ...] = ()

    @cached_property
    def roster(self) -> Roster:
        """Made when it is first asked for: most changes of a complaint ask nobody."""
        return Roster(
            offices={
                one.code: RosterOffice(
                    one.code, self.code(one.parent_id) if one.parent_id in self.offices else None
                )
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
                if one.role in _ROLES and one.email != UNKNOWN
            },
        )

    def code(self, office_id: int | None) -> str:
        return self.offices[office_id].code if office_id in self.offices else UNKNOWN

    def email(self, staff_id: int | None) -> str | None:
        return self.staff[staff_id].email if staff_id in self.staff else None

    def name(self, staff_id: int | None) -> str | None:
        return self.staff[staff_id].name if staff_id in self.staff else None

    def title(self, code: str) -> Title:
        """What an office is called."""
        office = self.office(code)
        return Title(office.name_th, office.name_en) if office is not None else Title(UNKNOWN, UNKNOWN)

    @cached_property
    def _by_code(self) -> dict[str, Office]:
        """Of two that a hand has given one code, the first."""
        return {office.code: office for office in reversed(self.offices.values())}

    def office(self, code: str) -> Office | None:
        return self._by_code.get(code)

    def person(self, email: str) -> Staff | None:
        return next((person for person in self.staff.values() if person.email == email), None)

    def ids_below(self, code: str) -> list[int]:
        """The ids of an office and all below it."""
        return self.ids_of(set(self.roster.below(code)))

    def ids_of(self, codes: Container[str]) -> list[int]:
        """The ids of the offices with these codes."""
        return [id_ for id_, office in self.offices.items() if office.code in codes]


def lock_tree(session: Session) -> None:
    """Nobody else changes the tree until the transaction ends: two moves at once could close a circle."""
    session.exec(select(Office.id).order_by(col(Office.id)).with_for_update()).all()


def of_complaint(session: Session, row: Complaint) -> Directory:
    """Where a complaint is and who owns it, and nobody else."""
    office, owner = session.get(Office, row.office_id), session.get(Staff, row.owner_id or 0)
    for one in (office, owner):
        if one is not None:
            mended(one)
    return Directory(
        {row.office_id: office} if office is not None else {},
        {owner.id: owner} if owner is not None and owner.id is not None else {},
    )


def directory(session: Session) -> Directory:
    """The whole tree and everybody in it, in two queries."""
    all_offices, everybody = offices(session), staff(session)
    damaged = [(f"office {one.id}", name) for one in all_offices for name in mended(one)]
    damaged += [(f"staff {one.id}", name) for one in everybody for name in mended(one)]
    known = {office.id: office for office in all_offices if office.id is not None}
    people = {person.id: person for person in everybody if person.id is not None}
    damaged += [
        (f"office {one.id}", "parent_id")
        for one in all_offices
        if one.parent_id is not None and one.parent_id not in known
    ]
    for one in everybody:
        if one.role not in _ROLES:
            damaged.append((f"staff {one.id}", "role"))
        if one.language not in _LANGUAGES:
            damaged.append((f"staff {one.id}", "language"))
            set_committed_value(one, "language", _LANGUAGES[0])
        if one.office_id not in known:
            damaged.append((f"staff {one.id}", "office_id"))
        if one.deputy_id is not None and one.deputy_id not in people:
            damaged.append((f"staff {one.id}", "deputy_id"))
    return Directory(known, people, tuple(": ".join(one) for one in dict.fromkeys(damaged)))
