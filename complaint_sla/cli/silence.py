"""The line that says, beside an answer, that the service has been silent for too long."""

from typing import TYPE_CHECKING

from complaint_sla.cli.terminal import Terminal
from complaint_sla.wording import N_
from complaint_sla.work.silence import silence

if TYPE_CHECKING:
    from complaint_sla.work.desk import Desk

# With a date of the usual length they fit into eighty columns.
SAYINGS = {
    "deliver": N_("Warning: no e-mail has gone out since {when} → complaint-sla doctor"),
    "sweep": N_("Warning: no alert has been raised since {when} → complaint-sla doctor"),
}


def warn(terminal: Terminal, desk: "Desk") -> None:
    """One line on stderr if the service has been silent for longer than is normal; else nothing."""
    try:
        found = silence(desk)
    except Exception:  # noqa: BLE001 - the answer has been given: nothing in this look may undo it
        return
    if found is not None:
        when = terminal.words.moment(found.since, terminal.zone)
        terminal.tell(terminal.words(SAYINGS[found.job], when=when))
