"""The command that logs a complaint."""

from typing import Annotated

from typer import Option

from complaint_sla.cli import answers, texts
from complaint_sla.cli.options import AsJson, Category, Channel, Group, Owner, UrgentOrNot
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words
from complaint_sla.work.complaints import log as intake
from complaint_sla.work.complaints.filing import Intake

# In the order in which they are missed.
NEEDED = ("group", "channel", "category", "subject")


def register(app: Commands, words: Words) -> None:
    log_panel = {"metavar": "TEXT"}

    @app.command("log")
    def log(
        terminal: Terminal,
        group: Group = None,
        urgent: UrgentOrNot = None,
        channel: Channel = None,
        category: Category = None,
        subject: Annotated[str | None, Option(help=words("in one line"), **log_panel)] = None,
        detail: Annotated[str | None, Option(help=words("at length"), **log_panel)] = None,
        customer: Annotated[str | None, Option(help=words("the customer's name"), **log_panel)] = None,
        phone: Annotated[str | None, Option(help=words("9 or 10 digits"), **log_panel)] = None,
        account: Annotated[
            str | None, Option(help=words("contract account (CA), 12 digits"), **log_panel)
        ] = None,
        email: Annotated[str | None, Option(help=words("the customer's e-mail"), **log_panel)] = None,
        office: Annotated[str | None, Option(help=words("office that handles it"), metavar="CODE")] = None,
        owner: Owner = None,
        received_at: Annotated[
            str | None, Option(help=words("when it came in, if not now"), metavar="MOMENT")
        ] = None,
        external_id: Annotated[
            str | None, Option(help=words("its id elsewhere; logged once"), **log_panel)
        ] = None,
        recover: Annotated[
            bool, Option("--recover", help=words("go on with what was typed and not logged"))
        ] = False,
        json: AsJson = False,
    ) -> None:
        detail = texts.read(detail, "--detail") if detail is not None else None
        given = {
            "group": group,
            "channel": channel,
            "category": category,
            "subject": subject,
            "detail": detail,
            "customer": customer,
            "phone": phone,
            "account": account,
            "email": email,
            "office": office,
            "owner": owner,
            "external_id": external_id,
        }
        if recover:
            from complaint_sla.cli import counter

            counter.recover(terminal, {**given, "received_at": received_at}, urgent, json=json)
            return
        received = terminal.moment(received_at)
        desk = terminal.desk(writes=True)
        if terminal.can_ask and not json:
            # A script, for which nobody answers, need not wait for it.
            from complaint_sla.cli import counter

            counter.take(terminal, desk, given, urgent, received)
            return
        missing = next((name for name in NEEDED if not given[name]), None)
        if missing is not None:
            raise terminal.missing(f"--{missing}")
        logged = intake.log(
            desk,
            Intake(
                group=group or "",
                channel=channel or "",
                category=category or "",
                subject=subject or "",
                urgent=bool(urgent),
                detail=detail,
                customer=customer,
                phone=phone,
                account=account,
                email=email,
                office=office,
                owner=owner,
                received_at=received,
                external_id=external_id,
            ),
        )
        answers.logged(terminal, desk, logged, json=json)
        answers.elsewhere(terminal, logged.elsewhere)
        answers.silent(terminal, desk)
