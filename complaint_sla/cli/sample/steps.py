"""What a step of the sample is: at some moment, somebody does something to a complaint."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from complaint_sla.work.intake import Intake


class Does(StrEnum):
    LOG = "log"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    NOTE = "note"
    ASSESS = "assess"
    INVESTIGATE = "investigate"
    RESPOND = "respond"
    COMMUNICATE = "communicate"
    TRANSFER = "transfer"
    REGROUP = "regroup"
    MAKE_URGENT = "make-urgent"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    DUPLICATE = "duplicate"
    REOPEN = "reopen"
    AWAY = "away"


@dataclass(frozen=True)
class Step:
    """`case` names the complaint within the sample, `text` is what is said, `to` a person, office, group or case.

    `intake` is of a LOG, `dated` of a CLOSE that is written down later, `until` of an AWAY.
    """

    at: datetime
    actor: str
    does: Does
    case: str
    text: str = ""
    to: str = ""
    intake: Intake | None = None
    dated: datetime | None = None
    until: date | None = None
