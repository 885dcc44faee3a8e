"""What each command does, as far as it matters who may: one table, asked before anything is asked or changed."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from complaint_sla.core.permissions import Action

if TYPE_CHECKING:
    from complaint_sla.work.desk import Desk

# Every command; one that an option makes another stands with it, beside what it is without.
ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "log": (Action.WORK,),
    "note": (Action.WORK,),
    "assign": (Action.WORK,),
    "acknowledge": (Action.WORK,),
    "transfer": (Action.WORK,),
    "close": (Action.CLOSE,),
    "reopen": (Action.REOPEN,),
    # However a complaint ends.
    "withdraw": (Action.CLOSE,),
    "duplicate": (Action.CLOSE,),
    "reclassify": (Action.RECLASSIFY,),
    # Who it is, and how they are reached: a part of the work.
    "correct": (Action.WORK,),
    "erase": (Action.ERASE,),
    # Each of its acts is asked for as the command of that name is.
    "queue": (Action.WORK,),
    "list": (Action.READ,),
    "today": (Action.READ,),
    "find": (Action.READ,),
    "show": (Action.READ,),
    "show --contact": (Action.READ_CONTACTS,),
    "explain": (Action.READ,),
    # A sheet ends complaints, too.
    "import": (Action.WORK, Action.CLOSE),
    "export": (Action.TAKE_OUT,),
    "sweep": (Action.SERVE,),
    "deliver": (Action.SERVE,),
    "run": (Action.SERVE,),
    "report": (Action.READ,),
    "report --freeze": (Action.FREEZE,),
    "report --email": (Action.WORK,),
    "plan show": (Action.READ,),
    "plan enter": (Action.WORK,),
    "plan freeze": (Action.FREEZE,),
    "plan due": (Action.READ,),
    "plan import": (Action.WORK,),
    "plan export": (Action.READ,),
    "backup": (Action.READ_ALL,),
    "restore": (Action.ADMINISTER,),
    "audit": (Action.READ_ALL,),
    "init": (Action.ADMINISTER,),
    "journal": (Action.READ,),
    "doctor": (Action.READ,),
    # It makes a database of its own, and no other is touched.
    "demo": (),
    "office add": (Action.PEOPLE,),
    "office set": (Action.PEOPLE,),
    # Who stands above whom says who sees what.
    "office set --parent": (Action.ADMINISTER,),
    "office list": (Action.READ,),
    "staff add": (Action.PEOPLE,),
    "staff add --login": (Action.ADMINISTER,),
    "staff set": (Action.PEOPLE,),
    "staff set --login": (Action.ADMINISTER,),
    "staff away": (Action.PEOPLE,),
    "staff retire": (Action.PEOPLE,),
    "staff list": (Action.READ,),
    "mail list": (Action.READ,),
    "mail show": (Action.READ,),
    # A letter holds complaints of many offices; a test is sent in the name of all.
    "mail retry": (Action.SERVE,),
    "mail test": (Action.SERVE,),
    # A person's rights are over all that there is of them.
    "person show": (Action.READ_CONTACTS, Action.TAKE_OUT),
    "person export": (Action.TAKE_OUT,),
    "person erase": (Action.ERASE,),
    # By hand; the service does it by its rounds.
    "retention": (Action.ERASE,),
    "survey import": (Action.WORK,),
    "survey draw": (Action.WORK,),
    "survey list": (Action.READ,),
    "survey list --contact": (Action.READ_CONTACTS,),
    "survey record": (Action.WORK,),
    "roles": (Action.READ,),
    "rules check": (Action.READ,),
    "rules show": (Action.READ,),
    "rules publish": (Action.PUBLISH,),
    # What it leaves for a Tab is what whoever asks may read.
    "completion": (Action.READ,),
    "help": (),
}


def actions(command: str, given: Mapping[str, Any]) -> Iterator[Action]:
    """What a command does with these options."""
    yield from ACTIONS[command]
    for variant, more in ACTIONS.items():
        name, _, option = variant.partition(" --")
        if option and name == command and given.get(option) not in (None, False):
            yield from more


def require(desk: "Desk", command: str) -> None:
    """Refuses a command that whoever sits at the desk may not, by the settings in force there. Raises as `Standing.require`."""
    for action in ACTIONS[command]:
        desk.standing.require(action, desk.service.permissions)
