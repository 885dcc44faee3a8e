"""Commands that look: list, find, show, explain."""

import shlex
from typing import Annotated

from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli import answers, rows
from complaint_sla.cli.filters import Filters, filtered
from complaint_sla.cli.options import AsJson, Category, Channel, Everything, Group, NumberApart, Pager
from complaint_sla.cli.screen import Extent
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.core.journal import JournalKind
from complaint_sla.wording import Words
from complaint_sla.work import journal
from complaint_sla.work.complaints import look

MANY = 2**31


def register(app: Commands, words: Words) -> None:
    @app.command("list")
    @filtered
    def list_(
        terminal: Terminal,
        asked: Filters,
        limit: Annotated[int | None, Option(help=words("at most so many"), metavar="N")] = None,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
        csv: Annotated[bool, Option("--csv", help=words("answer as CSV"))] = False,
    ) -> None:
        if limit is not None and limit < 0:
            raise BadValue("bad-number", value=f"--limit {limit}", least=0)
        if json and csv:
            raise BadValue("one-of-two", one="--json", two="--csv")
        # More than any database holds is all there are.
        extent = Extent(min(limit, MANY) if limit is not None else None, everything, pager)
        desk = terminal.desk(writes=False)
        if json or csv:
            found = look.find_all(desk, asked.wanted(desk, extent.limit))
            if json:
                terminal.answer_json(found)
            else:
                terminal.say_bytes(rows.as_csv(terminal, found))
        else:
            listed = look.listed(desk, asked.wanted(desk, extent.most(terminal.screen)))
            rows.listed(terminal, desk, listed, extent, f"list {asked}")
        answers.silent(terminal, desk)

    @app.command()
    def find(
        terminal: Terminal,
        said: Annotated[list[str], Argument(help=words("what to look for"), metavar="TEXT")],
        open_: Annotated[bool, Option("--open", help=words("the open ones"))] = False,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
    ) -> None:
        text = " ".join(said)
        desk = terminal.desk(writes=False)
        most = None if everything or pager else look.MOST_FOUND
        found = look.search(desk, text, only_open=open_, most=most)
        if json:
            terminal.answer_json(found.first)
        else:
            command = ["find", text, *(["--open"] if open_ else [])]
            rows.found(terminal, desk, found, Extent(None, everything, pager), shlex.join(command))
        answers.silent(terminal, desk)
        answers.elsewhere(terminal, look.elsewhere(desk, text))

    @app.command()
    def show(
        terminal: Terminal,
        said: NumberApart,
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
        found = look.show(desk, " ".join(said))
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
        said: Annotated[
            list[str] | None, Argument(help=words("number of the complaint"), metavar="[NUMBER]")
        ] = None,
        group: Group = None,
        urgent: Annotated[bool, Option("--urgent", help=words("important and urgent"))] = False,
        channel: Channel = None,
        category: Category = None,
        received_at: Annotated[str | None, Option(help=words("when it came in"), metavar="MOMENT")] = None,
        json: AsJson = False,
    ) -> None:
        needed, of_case = (group, received_at), (group, received_at, channel, category)
        if any(one is not None for one in of_case) if said else None in needed:
            raise BadValue("number-or-group")
        received = terminal.moment(received_at)
        if said:
            found = look.explain(terminal.desk(writes=False), " ".join(said))
        else:
            found = look.explain_case(
                terminal.shelf, group or "", urgent, received or terminal.now, channel, category
            )
        if json:
            terminal.answer_json(contract.explanation(found, terminal.zone))
        else:
            from complaint_sla.cli import show

            show.draw_explanation(terminal, found)
