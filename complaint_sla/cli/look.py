"""Commands that look: list, find, show, explain."""

from datetime import date
from typing import Annotated

from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli import answers
from complaint_sla.cli.options import AsJson, Category, Channel, Group, Number, OfficeAndBelow, Owner
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.core.journal import JournalKind
from complaint_sla.wording import Words
from complaint_sla.work import journal
from complaint_sla.work.complaints import look
from complaint_sla.work.complaints.view import ComplaintView
from complaint_sla.work.desk import Desk

MANY = 2**31


def register(app: Commands, words: Words) -> None:
    @app.command("list")
    def list_(
        terminal: Terminal,
        status: Annotated[str | None, Option(help="open|closed|withdrawn|duplicate", metavar="S")] = None,
        open_: Annotated[bool, Option("--open", help=words("the open ones"))] = False,
        overdue: Annotated[bool, Option("--overdue", help=words("open and late"))] = False,
        due_within: Annotated[
            int | None, Option(help=words("due within so many days"), metavar="DAYS")
        ] = None,
        office: OfficeAndBelow = None,
        group: Group = None,
        owner: Owner = None,
        limit: Annotated[int | None, Option(help=words("at most so many"), metavar="N")] = None,
        json: AsJson = False,
        csv: Annotated[bool, Option("--csv", help=words("answer as CSV"))] = False,
    ) -> None:
        for name, value in (("--limit", limit), ("--due-within", due_within)):
            if value is not None and value < 0:
                raise BadValue("bad-number", value=f"{name} {value}", least=0)
        if json and csv:
            raise BadValue("one-of-two", one="--json", two="--csv")
        desk = terminal.desk(writes=False)
        wanted_status = answers.choice(status, Status, "--status") if status is not None else None
        if wanted_status is not None and wanted_status is not Status.OPEN and (open_ or overdue):
            raise BadValue("one-of-two", one="--status", two="--open" if open_ else "--overdue")
        if group is not None:
            answers.known_group(desk.shelf, group)
        found = look.find_all(
            desk,
            look.Wanted(
                status=wanted_status or Status.OPEN,
                overdue=overdue,
                due_within=min(due_within, (date.max - desk.today).days) if due_within is not None else None,
                office=office,
                group=group,
                owner=owner,
                # More than any database holds is all there are.
                limit=min(limit, MANY) if limit is not None else None,
            ),
        )
        _answer(terminal, desk, found, json=json, csv=csv, all_shown=limit is None or len(found) < limit)

    @app.command()
    def find(
        terminal: Terminal,
        text: Annotated[str, Argument(help=words("what to look for"), metavar="TEXT")],
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=False)
        found = look.search(desk, text)
        _answer(terminal, desk, found, json=json, csv=False, all_shown=len(found) < look.MOST_FOUND)
        answers.elsewhere(terminal, look.elsewhere(desk, text))

    @app.command()
    def show(
        terminal: Terminal,
        number: Number,
        contact: Annotated[bool, Option("--contact", help=words("contact details in full"))] = False,
        slip: Annotated[
            bool, Option("--slip", help=words("a slip for the customer, for a receipt printer"))
        ] = False,
        json: AsJson = False,
    ) -> None:
        for name, also in (("--contact", contact), ("--json", json)):
            if slip and also:
                raise BadValue("one-of-two", one="--slip", two=name)
        desk = terminal.desk(writes=False)
        found = look.show(desk, number)
        if contact and found.customer is not None:
            # Before anything is shown: what can't be recorded is not read.
            journal.note(desk, JournalKind.CONTACT_READ, {"number": found.complaint.number})
        if slip:
            from complaint_sla.cli import slip as paper

            terminal.say("\n".join(paper.lines(words, desk, found)))
        elif json:
            terminal.answer_json(contract.dossier(found, terminal.zone, contact=contact))
        else:
            from complaint_sla.cli import show

            show.draw(terminal, desk, found, contact=contact)
        answers.silent(terminal, desk)

    @app.command()
    def explain(
        terminal: Terminal,
        number: Annotated[
            str | None, Argument(help=words("number of the complaint"), metavar="[NUMBER]")
        ] = None,
        group: Group = None,
        urgent: Annotated[bool, Option("--urgent", help=words("important and urgent"))] = False,
        channel: Channel = None,
        category: Category = None,
        received_at: Annotated[str | None, Option(help=words("when it came in"), metavar="MOMENT")] = None,
        json: AsJson = False,
    ) -> None:
        needed, of_case = (group, received_at), (group, received_at, channel, category)
        if None in needed if number is None else any(one is not None for one in of_case):
            raise BadValue("number-or-group")
        received = terminal.moment(received_at)
        if number is not None:
            found = look.explain(terminal.desk(writes=False), number)
        else:
            found = look.explain_case(
                terminal.shelf, group or "", urgent, received or terminal.now, channel, category
            )
        if json:
            terminal.answer_json(contract.explanation(found, terminal.zone))
        else:
            from complaint_sla.cli import show

            show.draw_explanation(terminal, found)


def _answer(
    terminal: Terminal, desk: Desk, found: list[ComplaintView], *, json: bool, csv: bool, all_shown: bool
) -> None:
    if json:
        terminal.answer_json(found)
    else:
        from complaint_sla.cli import tables

        if csv:
            terminal.say_bytes(tables.as_csv(terminal, found))
        else:
            tables.complaints(terminal, desk, found, all_shown=all_shown)
    answers.silent(terminal, desk)
