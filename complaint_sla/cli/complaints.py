"""The command that logs a complaint."""

from typing import Annotated

from typer import Option

from complaint_sla.cli import answers, texts
from complaint_sla.cli.options import AsJson, Category, Channel, Group, Owner, UrgentOrNot
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import Words
from complaint_sla.work.complaints import log as intake
from complaint_sla.work.complaints.filing import Intake


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
        json: AsJson = False,
    ) -> None:
        received = terminal.moment(received_at)
        detail = texts.read(detail, "--detail") if detail is not None else None
        desk = terminal.desk(writes=True)

        given: dict[str, str | None] = {
            "group": group,
            "channel": channel,
            "category": category,
            "subject": subject,
            "customer": customer,
            "phone": phone,
            "account": account,
            "office": office,
        }
        missing = [name for name in ("group", "channel", "category", "subject") if not given[name]]
        if terminal.can_ask and not json:
            # A script, for which nobody answers, need not wait for it.
            from complaint_sla.cli import asking

            if missing:
                book = desk.shelf.governing(received or desk.now)
                given, urgent = asking.complete(terminal, desk, book, given, urgent)
            elif given["office"] is None:
                given["office"] = asking.office(terminal, desk)
        elif missing:
            raise BadValue("missing-option", name=f"--{missing[0]}")
        logged = intake.log(
            desk,
            Intake(
                group=given["group"] or "",
                channel=given["channel"] or "",
                category=given["category"] or "",
                subject=given["subject"] or "",
                urgent=bool(urgent),
                detail=detail,
                customer=given["customer"],
                phone=given["phone"],
                account=given["account"],
                email=email,
                office=given["office"],
                owner=owner,
                received_at=received,
                external_id=external_id,
            ),
        )
        answers.logged(terminal, desk, logged, json=json, shown_before=bool(missing))
        answers.elsewhere(terminal, logged.elsewhere)
        answers.silent(terminal, desk)
