"""Commands that log a complaint and change it."""

from typing import Annotated

from typer import Argument, Option

from complaint_sla.cli import answers
from complaint_sla.cli.options import AsJson, Category, Channel, Group, Number, Owner, Reason, UrgentOrNot
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import Words
from complaint_sla.work.complaints import change
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
            raise BadValue("missing-option", name=f"--{missing}")
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

    @app.command()
    def note(
        terminal: Terminal,
        number: Number,
        text: Annotated[str, Argument(help=words("what to write down"), metavar="TEXT")],
        kind: Annotated[
            str | None, Option(help="assess|investigate|respond|communicate", metavar="KIND")
        ] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        meant = answers.choice(kind, change.NoteKind, "--kind") if kind is not None else None
        answers.changed(
            terminal, desk, change.do(desk, number, change.note(text, meant)), words("noted"), json=json
        )

    @app.command()
    def assign(
        terminal: Terminal,
        number: Number,
        email: Annotated[str, Argument(help=words("who takes care of it"), metavar="EMAIL")],
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        found = change.do(desk, number, change.assign(email))
        answers.changed(terminal, desk, found, words("assigned to {owner}", owner=found.owner), json=json)

    @app.command()
    def acknowledge(terminal: Terminal, number: Number, json: AsJson = False) -> None:
        desk = terminal.desk(writes=True)
        answers.changed(
            terminal, desk, change.do(desk, number, change.acknowledge()), words("acknowledged"), json=json
        )

    @app.command()
    def transfer(
        terminal: Terminal,
        number: Number,
        office: Annotated[str, Option(help=words("code of the office"), metavar="CODE")],
        reason: Reason,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        found = change.do(desk, number, change.transfer(office, reason))
        answers.changed(
            terminal, desk, found, words("transferred to {office}", office=found.office), json=json
        )
        if not json:
            answers.without_owner(terminal, found)

    @app.command()
    def close(
        terminal: Terminal,
        number: Number,
        outcome: Annotated[str, Option(help=words("what was done"), metavar="TEXT")],
        at: Annotated[str | None, Option(help=words("when, if not now"), metavar="MOMENT")] = None,
        json: AsJson = False,
    ) -> None:
        moment = terminal.moment(at)
        desk = terminal.desk(writes=True)
        found = change.do(desk, number, change.close(outcome, moment))
        done = words("closed in time") if found.on_time else words("closed late")
        answers.changed(terminal, desk, found, done, json=json)

    @app.command()
    def reopen(terminal: Terminal, number: Number, reason: Reason, json: AsJson = False) -> None:
        desk = terminal.desk(writes=True)
        found = change.do(desk, number, change.reopen(reason))
        answers.changed(terminal, desk, found, words("open again"), json=json)
        if not json:
            answers.without_owner(terminal, found)

    @app.command()
    def withdraw(terminal: Terminal, number: Number, reason: Reason, json: AsJson = False) -> None:
        desk = terminal.desk(writes=True)
        answers.changed(
            terminal, desk, change.do(desk, number, change.withdraw(reason)), words("withdrawn"), json=json
        )

    @app.command()
    def duplicate(
        terminal: Terminal,
        number: Number,
        of: Annotated[str, Option(help=words("the complaint that goes on"), metavar="NUMBER")],
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        found = change.duplicate(desk, number, of)
        done = words("duplicate of {number}", number=found.duplicate_of)
        answers.changed(terminal, desk, found, done, json=json)

    @app.command()
    def reclassify(
        terminal: Terminal,
        number: Number,
        reason: Reason,
        group: Group = None,
        urgent: UrgentOrNot = None,
        channel: Channel = None,
        category: Category = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        given = {"group": group, "channel": channel, "category": category}
        found = change.do(desk, number, change.reclassify(reason, urgent=urgent, **given))
        answers.changed(terminal, desk, found, words("reclassified"), json=json)
