"""Who may do what with the program: the roles, the actions, and which roles may take which.

A role here says what somebody may do, not which post they hold: of posts and whom they are told of, `roster` knows. What
a command does is one of the actions; those of `Permissions` are given out by the settings of the service, the others are
what they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from complaint_sla.core.errors import NotPossible
from complaint_sla.core.roster import Role


class AccessRole(StrEnum):
    """What somebody may do, least first."""

    READER = "reader"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    SERVICE = "service"
    ADMINISTRATOR = "administrator"


Roles = tuple[AccessRole, ...]
EVERYBODY: Roles = tuple(AccessRole)
_OFFICERS: Roles = (AccessRole.OFFICER, AccessRole.SUPERVISOR, AccessRole.ADMINISTRATOR)
_SUPERVISORS: Roles = (AccessRole.SUPERVISOR, AccessRole.ADMINISTRATOR)
_ADMINISTRATORS: Roles = (AccessRole.ADMINISTRATOR,)


class Action(StrEnum):
    """What a command does, as far as it matters who may."""

    READ = "read"
    # What would be wrong of a part of the complaints: proofs and copies of all.
    READ_ALL = "read-all"
    # Reading that leaves a trace in the journal.
    READ_CONTACTS = "read-contacts"
    TAKE_OUT = "take-out"
    WORK = "work"
    CLOSE = "close"
    RECLASSIFY = "reclassify"
    REOPEN = "reopen"
    ERASE = "erase"
    FREEZE = "freeze"
    PUBLISH = "publish"
    PEOPLE = "people"
    # Sweep, deliver, and what decides on letters to many.
    SERVE = "serve"
    ADMINISTER = "administer"


@dataclass(frozen=True)
class Permissions:
    """Who may do what an office decides for itself."""

    close: Roles = _OFFICERS
    reclassify: Roles = _OFFICERS
    reopen: Roles = _OFFICERS
    erase: Roles = _ADMINISTRATORS
    freeze: Roles = _ADMINISTRATORS
    publish: Roles = _ADMINISTRATORS
    people: Roles = _SUPERVISORS

    def allowed(self, action: Action, *, on_server: bool = False) -> Roles:
        """Who may take an action; `on_server` where a database server holds the roles as well."""
        if on_server and action in _HELD:
            return _ADMINISTRATORS
        return _FIXED[action] if action in _FIXED else getattr(self, action.value)


_FIXED: Mapping[Action, Roles] = {
    **dict.fromkeys((Action.READ, Action.READ_ALL, Action.READ_CONTACTS, Action.TAKE_OUT), EVERYBODY),
    Action.WORK: _OFFICERS,
    Action.SERVE: (AccessRole.SERVICE, AccessRole.ADMINISTRATOR),
    Action.ADMINISTER: _ADMINISTRATORS,
}
# `roles.sql` lets nobody else change events, figures and books, whatever the settings say.
_HELD = frozenset({Action.ERASE, Action.FREEZE, Action.PUBLISH})
# What must see every complaint, or it would tell or do less than it says.
WHOLE = frozenset({Action.READ_ALL, Action.TAKE_OUT, Action.FREEZE, Action.SERVE, Action.ERASE})

# By the post of whoever is on the staff.
BY_POST: Mapping[Role, AccessRole] = {
    Role.AGENT: AccessRole.OFFICER,
    Role.SUPERVISOR: AccessRole.SUPERVISOR,
    Role.MANAGER: AccessRole.SUPERVISOR,
}


class Ground(StrEnum):
    """Why somebody stands as they do."""

    SERVER_ROLE = "server-role"
    TABLES = "tables"
    FILE = "file"
    FILE_OF_OTHERS = "file-of-others"
    LOGIN = "login"
    STRANGER = "stranger"


@dataclass(frozen=True)
class Standing:
    """What somebody is here: `who`, as the system or the database server knows them, and on which `ground`.

    `on_server`: a database server holds the roles, too. Whoever is `confined` sees the complaints of `office` and of those
    below it only, and without one none.
    """

    who: str
    role: AccessRole
    ground: Ground
    office: str | None = None
    on_server: bool = False
    confined: bool = False

    def require(self, action: Action, permissions: Permissions) -> None:
        """Raises NotPossible: `not-permitted`, `login-without-office`, `login-without-role`, `sees-a-part`."""
        allowed = permissions.allowed(action, on_server=self.on_server)
        if self.role not in allowed:
            raise NotPossible("not-permitted", role=self.role, action=action, allowed=allowed, standing=self)
        if self.confined and self.office is None:
            is_known = self.ground is not Ground.STRANGER
            raise NotPossible("login-without-office" if is_known else "login-without-role", who=self.who)
        if self.confined and action in WHOLE:
            raise NotPossible("sees-a-part", action=action, office=self.office)

    def require_within(self, office: str, mine: Collection[str]) -> None:
        """Raises NotPossible (`office-not-yours`) for an office that is none of `mine`, where only those are seen."""
        if self.confined and office not in mine:
            raise NotPossible("office-not-yours", office=office, yours=self.office)


# Of desks that nobody sits at: the program's own rounds, and rehearsals in memory.
UNBOUND = Standing("", AccessRole.ADMINISTRATOR, Ground.FILE)
