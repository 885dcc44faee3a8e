"""Whom the database server or the staff knows under a login, and what they may do by it."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, text
from sqlmodel import Session, col, select

from complaint_sla.core.permissions import BY_POST, AccessRole, Ground, Standing
from complaint_sla.core.roster import Role
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Office, Staff

# The function that `roles.sql` makes: it knows under which names this database has its roles.
ROLE_FUNCTION = "complaint_sla_role"


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
    by_login, office = _by_login(session, login)
    if has_roles(connection):
        held = connection.execute(text(f"SELECT {ROLE_FUNCTION}()")).scalar()
        role = AccessRole(held) if held is not None else None
        confined = role in (AccessRole.OFFICER, AccessRole.SUPERVISOR)
        if role is not None:
            ground = Ground.SERVER_ROLE
            return Standing(login, role, ground, office if confined else None, True, confined)
        return Standing(login, AccessRole.READER, Ground.STRANGER, None, True)
    owns = (
        "SELECT pg_has_role(session_user, relowner, 'MEMBER') FROM pg_class WHERE oid = 'complaint'::regclass"
    )
    if connection.execute(text(owns)).scalar():
        return Standing(login, AccessRole.ADMINISTRATOR, Ground.TABLES)
    return Standing(login, by_login or AccessRole.READER, Ground.LOGIN if by_login else Ground.STRANGER)


def has_roles(connection: Connection) -> bool:
    """Whether `roles.sql` was run on a database of PostgreSQL."""
    found = connection.execute(text("SELECT to_regproc(:name) IS NOT NULL"), {"name": ROLE_FUNCTION})
    return bool(found.scalar())


def _by_login(session: Session, login: str) -> tuple[AccessRole | None, str | None]:
    """What somebody on the staff may do, and the code of their office; None for whoever is not, or has retired."""
    query = select(Staff.role, Office.code).join(Office, col(Office.id) == col(Staff.office_id))
    found = session.exec(query.where(Staff.login == login, col(Staff.retired_at).is_(None))).first()
    # What a hand has made of a post is nobody's.
    with suppress(ValueError):
        return (None, None) if found is None else (BY_POST[Role(found[0])], found[1])
    return None, None
