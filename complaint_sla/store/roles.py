"""The roles of PostgreSQL as SQL, for whoever administers the server to run: `roles.sql` with its names filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from complaint_sla.core.complaints import ENDS, EventKind
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.journal import OF_PLAN
from complaint_sla.core.permissions import AccessRole, Action, Permissions
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Table

# What the names of the roles begin with: roles are the whole server's, where two databases may need roles of their own.
PREFIX = "complaint"
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Whoever has a role has those before it, as far as people go.
_PEOPLE = (AccessRole.OFFICER, AccessRole.SUPERVISOR, AccessRole.ADMINISTRATOR)
_FILE = Path(__file__).with_name("roles.sql")


# What the settings give out, and the events that say that it was done.
_DECIDED = {
    "CLOSE": (Action.CLOSE, ENDS),
    "REOPEN": (Action.REOPEN, (EventKind.REOPENED,)),
    "RECLASSIFY": (Action.RECLASSIFY, (EventKind.RECLASSIFIED,)),
}


def roles_sql(store: Store, permissions: Permissions, prefix: str = PREFIX) -> str:
    """The SQL that makes the roles and says what each may do, by the settings that give it out.

    Raises BadValue (`bad-role-prefix`), NotPossible (`roles-without-server`).
    """
    if not _PREFIX.fullmatch(prefix):
        raise BadValue("bad-role-prefix", value=prefix)
    if not store.is_postgresql:
        raise NotPossible("roles-without-server", url=store.shown_url)
    with store.read() as session:
        schema = session.connection().execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    people = next(role for role in _PEOPLE if role in (*permissions.people, AccessRole.ADMINISTRATOR))
    names = {
        "SCHEMA": schema,
        "ROLE": prefix,
        "TABLES": ", ".join(sorted(Table.metadata.tables)),
        "PEOPLE": f"{prefix}_{people}",
        "PLAN": _listed(sorted(OF_PLAN)),
    }
    for name, (action, kinds) in _DECIDED.items():
        roles = permissions.allowed(action)
        names[name] = f"kind NOT IN ({_listed(kinds)}) OR (SELECT complaint_sla_role()) IN ({_listed(roles)})"
    return re.sub(r"@([A-Z]+)@", lambda found: str(names[found[1]]), _FILE.read_text(encoding="utf-8"))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
