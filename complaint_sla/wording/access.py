"""The words of who may do what: roles, actions, on which ground somebody stands as they do, and how they are refused."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.core.permissions import AccessRole, Action, Ground, Standing
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import N_, Words

ERRORS: Mapping[str, str] = {
    "not-permitted": N_(
        "You may not {action}: here you count among {role}, and that is for {allowed} ({standing})."
    ),
    "login-without-office": N_(
        "No office is known for the login {who}, so there are no complaints to see. An administrator says whose it is: "
        "complaint-sla staff set EMAIL --login '{who}'."
    ),
    "bad-role-prefix": N_(
        "{value} can't begin the names of roles: small letters, digits and underscores, 40 at most, a letter first."
    ),
    "roles-without-server": N_(
        "{url} is a file: whoever may write it may do everything with it, and no SQL can hold them. Roles are held by "
        "PostgreSQL."
    ),
    "login-without-role": N_(
        "The database server knows you as {who}, a login without a role here, and shows you nothing. An administrator gives "
        "it one (complaint-sla roles)."
    ),
    "sees-a-part": N_(
        "You see the complaints of {office} and below only, and it would be wrong to {action} by a part of them. "
        "Ask somebody who sees all: a reader, the service, or an administrator."
    ),
    "office-not-yours": N_("{office} is not within your offices: you see {yours} and what is below it."),
    "office-of-others": N_(
        "{number} is at {office}, which is not within your offices: only they can see it."
    ),
    "handed-over": N_("{number} was handed over to {office}: you can still see it, and they work on it."),
    "logged-elsewhere": N_(
        "{external_id} was logged before, as {number} at {office}, which is not within your offices."
    ),
    "reach-beyond": N_(
        "{email} is owed alerts, or owns complaints, of other offices than yours: an administrator has to change that."
    ),
    "login-taken": N_(
        "{login} is the login of {email}. Take it off there first: complaint-sla staff set {email} --login ''."
    ),
}

ROLES: Mapping[AccessRole, str] = {
    AccessRole.READER: N_("readers"),
    AccessRole.OFFICER: N_("officers"),
    AccessRole.SUPERVISOR: N_("supervisors"),
    AccessRole.SERVICE: N_("the service"),
    AccessRole.ADMINISTRATOR: N_("administrators"),
}

# Said after "you may not".
ACTIONS: Mapping[Action, str] = {
    Action.READ: N_("read"),
    Action.READ_ALL: N_("prove or copy the whole database"),
    Action.READ_CONTACTS: N_("read contact details in full"),
    Action.TAKE_OUT: N_("take complaints out"),
    Action.WORK: N_("work on complaints"),
    Action.CLOSE: N_("end complaints"),
    Action.RECLASSIFY: N_("reclassify complaints"),
    Action.REOPEN: N_("reopen complaints"),
    Action.ERASE: N_("erase who complained"),
    Action.FREEZE: N_("freeze figures"),
    Action.PUBLISH: N_("publish rules"),
    Action.PEOPLE: N_("change offices and people"),
    Action.SERVE: N_("do the work of the service"),
    Action.ADMINISTER: N_("administer the database"),
}

_GROUNDS: Mapping[Ground, str] = {
    Ground.SERVER_ROLE: N_("the database server knows you as {who}, and that login has this role there"),
    Ground.TABLES: N_("the database server knows you as {who}, whose the tables are"),
    Ground.FILE: N_("the system knows you as {who}, whose the database file is"),
    Ground.FILE_OF_OTHERS: N_("the system knows you as {who}, and the database file is somebody else's"),
    Ground.LOGIN: N_("you are known as {who}, a login of the staff"),
    Ground.STRANGER: N_(
        "you are known as {who}, nobody's login here; an administrator says whose it is: "
        "complaint-sla staff set EMAIL --login '{who}'"
    ),
}


def said(words: Words, one: AccessRole | Action | Standing) -> str:
    """A role, an action, or who somebody is here and why."""
    if isinstance(one, Standing):
        return words(_GROUNDS[one.ground], who=plain(one.who))
    return words(ROLES[one] if isinstance(one, AccessRole) else ACTIONS[one])
