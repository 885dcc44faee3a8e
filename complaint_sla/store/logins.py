"""Whom the database server or the staff knows under a login, and what they may do by it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session, col, select

from complaint_sla.core.permissions import BY_POST, AccessRole, Ground, Standing
from complaint_sla.core.roster import Role
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Office, Staff

# Functions that `roles.sql` makes. The first knows under which names this database has its roles.
_ROLE = text("SELECT complaint_sla_role()")
_HAS_ROLES = text("SELECT to_regproc('complaint_sla_role') IS NOT NULL")
_ELSEWHERE = text(
    "SELECT number, office, external_id FROM complaint_sla_elsewhere(:phone, :account, :email, :ids, :number)"
)
_REACHES_BEYOND = text("SELECT complaint_sla_reaches_beyond(:email)")
_OWNS_TABLES = text(
    "SELECT pg_has_role(session_user, relowner, 'MEMBER') FROM pg_class WHERE oid = 'complaint'::regclass"
)


def standing(store: Store, person: str, *, masters_file: bool) -> Standing:
    """What somebody may do. `person` is whom the system knows; a database server is asked itself.

    `masters_file`: the process may do with the file of an SQLite database whatever its owner may.
    """
    if not store.is_postgresql and masters_file:
        return Standing(person, AccessRole.ADMINISTRATOR, Ground.FILE)
    with store.read() as session:
        if store.is_postgresql:
            return _on_server(session, str(store.server_user))
        role, _ = _by_login(session, person)
    return Standing(person, role or AccessRole.READER, Ground.LOGIN if role else Ground.STRANGER)


def _on_server(session: Session, login: str) -> Standing:
    connection = session.connection()
    post, office = _by_login(session, login)
    if connection.execute(_HAS_ROLES).scalar():
        held = connection.execute(_ROLE).scalar()
        if held is None:
            # The server shows them nothing: that must not pass for nothing's being there.
            return Standing(login, AccessRole.READER, Ground.STRANGER, on_server=True, confined=True)
        role = AccessRole(held)
        confined = role in (AccessRole.OFFICER, AccessRole.SUPERVISOR)
        seen = office if confined else None
        return Standing(login, role, Ground.SERVER_ROLE, seen, on_server=True, confined=confined)
    if connection.execute(_OWNS_TABLES).scalar():
        return Standing(login, AccessRole.ADMINISTRATOR, Ground.TABLES)
    return Standing(login, post or AccessRole.READER, Ground.LOGIN if post else Ground.STRANGER)


@dataclass(frozen=True)
class Elsewhere:
    """A complaint of an office that somebody does not see: its number and where it is, and no more."""

    number: str
    office: str
    external_id: str | None = None


def elsewhere(
    session: Session,
    *,
    phone: str | None = None,
    account: str | None = None,
    email: str | None = None,
    external_ids: Collection[str] = (),
    number: str | None = None,
) -> list[Elsewhere]:
    """What other offices have of a telephone, an account, an e-mail, these external ids or a number, newest first.

    To be asked only for somebody who is confined: `roles.sql` makes the function that answers.
    """
    given = {"phone": phone, "account": account, "email": email, "ids": list(external_ids), "number": number}
    return [Elsewhere(*one) for one in session.connection().execute(_ELSEWHERE, given)]


def reaches_beyond(session: Session, email: str) -> bool:
    """Whether somebody is owed alerts, or owns open complaints, that whoever asks does not see; for the confined only."""
    return bool(session.connection().execute(_REACHES_BEYOND, {"email": email}).scalar())


def address_of(store: Store, person: str) -> str | None:
    """Under which address somebody works, whom the system, or the database server, knows by a login."""
    login = str(store.server_user) if store.is_postgresql else person
    with store.read() as session:
        query = select(Staff.email).where(Staff.login == login, col(Staff.retired_at).is_(None))
        return session.exec(query).first()


def _by_login(session: Session, login: str) -> tuple[AccessRole | None, str | None]:
    """What somebody on the staff may do, and the code of their office; None for whoever is not, or has retired."""
    query = select(Staff.role, Office.code).join(Office, col(Office.id) == col(Staff.office_id))
    found = session.exec(query.where(Staff.login == login, col(Staff.retired_at).is_(None))).first()
    # What a hand has made of a post is nobody's.
    with suppress(ValueError):
        return (None, None) if found is None else (BY_POST[Role(found[0])], found[1])
    return None, None
