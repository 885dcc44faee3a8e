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
from complaint_sla.work.complaints.view import ComplaintView


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
        _say_without_owner(terminal, found, json=json)

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
        _say_without_owner(terminal, found, json=json)

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


def _say_without_owner(terminal: Terminal, found: ComplaintView, *, json: bool) -> None:
    if found.owner is None and not json:
        terminal.remark(
            "It has no owner now. Assign one: complaint-sla assign {number} EMAIL", number=found.number
        )
