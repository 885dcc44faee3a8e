"""`journal`: who did what that is no complaint's."""

from typing import Annotated

from rich.padding import Padding
from rich.text import Text
from typer import Option

from complaint_sla import contract
from complaint_sla.cli.options import AsJson, OfficeAndBelow
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words
from complaint_sla.wording import journal as wording
from complaint_sla.work import chronicle


def register(app: Commands, words: Words) -> None:
    @app.command()
    def journal(
        terminal: Terminal,
        office: OfficeAndBelow = None,
        since: Annotated[str | None, Option(help=words("written down since then"), metavar="MOMENT")] = None,
        limit: Annotated[int, Option(help=words("at most so many"), metavar="N", min=1, max=1_000_000)] = 100,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=False)
        found = chronicle.entries(desk, office=office, since=terminal.moment(since), most=limit)
        if json:
            terminal.answer_json(
                contract.journal(found, lambda one: wording.told(words, one, desk.zone), desk.zone)
            )
            return
        if not found:
            terminal.answer("Nothing.")
            return
        # What was done has a line of its own: beside who did it, it could not be read on eighty columns.
        margin = len(str(found[0].seq)) + 2
        for one in reversed(found):
            at = words.moment(one.recorded_at, desk.zone)
            by = Text(f"{one.seq:>{margin - 2}}  {at}  {wording.who(words, one)}", style="dim")
            terminal.console.print(by)
            told = Text(wording.told(words, one, desk.zone))
            terminal.console.print(Padding(told, (0, 0, 0, margin), expand=False))
