"""`journal`: who did what that is no complaint's."""

import shlex
from collections.abc import Sequence
from typing import Annotated

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from typer import Option

from complaint_sla import contract
from complaint_sla.cli import tables
from complaint_sla.cli.options import FIRST, AsJson, Everything, Limit, OfficeAndBelow, Pager
from complaint_sla.cli.screen import NO_SCREEN, Extent
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words
from complaint_sla.wording import journal as wording
from complaint_sla.work import chronicle
from complaint_sla.work.chronicle import EntryView


def register(app: Commands, words: Words) -> None:
    @app.command()
    def journal(
        terminal: Terminal,
        office: OfficeAndBelow = None,
        since: Annotated[str | None, Option(help=words("written down since then"), metavar="MOMENT")] = None,
        limit: Limit = None,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
    ) -> None:
        extent = Extent(limit, everything, pager)
        desk = terminal.desk(writes=False)
        most = extent.most(NO_SCREEN if json else terminal.screen, FIRST)
        found = chronicle.entries(desk, office=office, since=terminal.moment(since), most=most)
        if json:
            terminal.answer_json(
                contract.journal(found, lambda one: wording.told(words, one, desk.zone), desk.zone)
            )
            return
        if not found:
            terminal.answer("Nothing.")
            return
        margin = len(str(found[0].seq)) + 2

        def drawn(entries: Sequence[EntryView]) -> Group:
            # What was done has a line of its own: beside who did it, it could not be read on eighty columns.
            lines: list[Text | Padding] = []
            for one in reversed(entries):
                at = words.moment(one.recorded_at, desk.zone)
                by = f"{one.seq:>{margin - 2}}  {at}  {wording.who(words, one)}"
                told = Text(wording.told(words, one, desk.zone))
                lines += [Text(by, style="dim"), Padding(told, (0, 0, 0, margin), expand=False)]
            return Group(*lines)

        given = {"--office": office, "--since": since}
        typed = [part for name, value in given.items() if value is not None for part in (name, value)]
        tables.listed(terminal, found, drawn, extent, shlex.join(["journal", *typed]))
