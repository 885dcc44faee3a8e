"""The clock in doubt: who is asked, and what `doctor` says of one that was wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import Error
from complaint_sla.wording import N_
from complaint_sla.wording.clock import HEALED, LEAPT

if TYPE_CHECKING:
    from complaint_sla.core.doubt import Statement
    from complaint_sla.service.witness import Witness
    from complaint_sla.work.desk import Desk

_ROUND = N_("With the clock right: complaint-sla run --once")
# Findings of `doctor` by key: what is said, and what to do about it.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "settled-ahead": (
        N_("Open complaints whose alerts a wrong clock has raised before their time: {n}"),
        _ROUND,
    ),
    "frozen-ahead": (
        N_("Figures that were frozen later than now: {names}"),
        N_("If this machine's clock is right: complaint-sla run --once --clock-is-right"),
    ),
    "dated-ahead": (
        N_("Events dated later than now, by a wrong clock: {n}, the latest {when}."),
        N_(
            "See of which complaints: complaint-sla audit; what is recorded stays, and this ends on that day."
        ),
    ),
    "clock-leapt": (
        LEAPT,
        N_("Set it right if it is wrong, and let a time server keep it."),
    ),
    "clock-healed": (HEALED, N_("See why this machine's clock was wrong, and let a time server keep it.")),
}


def require_right(terminal: Terminal, desk: "Desk", *, confirmed: bool) -> None:
    """Asks witnesses where the clock is in doubt, or takes the word of whoever `confirmed` it. Raises as `require_right`."""
    from complaint_sla.service import witness

    if confirmed:
        witness.confirm(desk)
    else:
        witness.require_right(desk, witnesses(terminal))


def witnesses(terminal: Terminal) -> "list[Witness]":
    """Who, beside the database's server, can be asked what time it is: the kernel, and the mail server, if one is set."""
    from complaint_sla.service import witness

    def mail_server() -> "Statement | None":
        from complaint_sla.mail import trust
        from complaint_sla.mail.servers import Security, SmtpServer

        try:
            server = terminal.opening.mail
            if not isinstance(server, SmtpServer):
                return None
            tls = trust.context(server.authority) if server.security is Security.TLS else None
        except Error:
            # That mail can't leave is said elsewhere.
            return None
        return witness.greeting(server.host, server.port, tls=tls, elsewhere=not server.is_loopback)

    return [witness.kernel, mail_server]


def tell_healed(terminal: Terminal, desk: "Desk") -> None:
    """Says what a wrong clock had ever done and what was put right of it: no difference, and yet to be known."""
    from complaint_sla.work import journal

    with desk.store.read() as session:
        found = journal.healed_since(session, datetime.min.replace(tzinfo=UTC))
    if found is not None:
        moments = {
            name: terminal.words.moment(vars(found)[name], terminal.zone) for name in ("at", "wrong_at")
        }
        terminal.remark(HEALED, **(vars(found) | moments))
