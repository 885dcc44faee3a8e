"""The command that puts right what was typed wrongly; at a terminal, each value can be edited."""

from typing import Annotated

from typer import Option

from complaint_sla import contract
from complaint_sla.cli.options import AsJson, Channel, Number
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import N_, Words
from complaint_sla.wording.corrections import done
from complaint_sla.work.complaints import correct as correcting
from complaint_sla.work.complaints.correct import Corrected
from complaint_sla.work.desk import Desk

_OPTIONAL = N_("'' takes it away")


def register(app: Commands, words: Words) -> None:
    panel = {"metavar": "TEXT"}

    @app.command()
    def correct(
        terminal: Terminal,
        number: Number,
        subject: Annotated[str | None, Option(help=words("in one line"), **panel)] = None,
        detail: Annotated[str | None, Option(help=words(_OPTIONAL), **panel)] = None,
        customer: Annotated[str | None, Option(help=words(_OPTIONAL), **panel)] = None,
        phone: Annotated[str | None, Option(help=words(_OPTIONAL), **panel)] = None,
        account: Annotated[str | None, Option(help=words(_OPTIONAL), **panel)] = None,
        email: Annotated[str | None, Option(help=words(_OPTIONAL), **panel)] = None,
        channel: Channel = None,
        external_id: Annotated[str | None, Option(help=words(_OPTIONAL), **panel)] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        options = {
            "subject": subject,
            "detail": detail,
            "customer": customer,
            "phone": phone,
            "account": account,
            "email": email,
            "channel": channel,
            "external_id": external_id,
        }
        given = {name: text for name, text in options.items() if text is not None}
        tell(terminal, desk, correcting.correct(desk, number, given), json=json)


def tell(terminal: Terminal, desk: Desk, found: Corrected, *, json: bool = False) -> None:
    """A line for each field."""
    if json:
        terminal.answer_json(contract.corrected(found, terminal.zone))
        return
    titles = desk.shelf.titles(found.complaint.rule_book)
    for one in found.corrections:
        terminal.say(f"{found.complaint.number}: {done(terminal.words, titles, one)}")
