"""The command that erases the person behind a complaint."""

from typing import Annotated

import typer

from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    @app.command(
        help=words("Erase who complained and in which words, for good; figures and audit stay intact.")
    )
    def erase(
        context: typer.Context,
        number: Annotated[str, typer.Argument(help=words("number of the complaint"), metavar="NUMBER")],
        reason: Annotated[str, typer.Option(help=words("why; it is kept, so name nobody"), metavar="TEXT")],
        json: Annotated[bool, typer.Option("--json", help=words("answer as JSON"))] = False,
    ) -> None:
        terminal: Terminal = context.obj
        desk = terminal.desk(writes=True)
        from complaint_sla.work.erasure import erase

        erased = erase(desk, number, reason)
        if json:
            terminal.answer_json(erased)
            return
        terminal.say(words("{number}: who complained and in which words is erased.", number=erased.number))
        terminal.tell(words("Backups made before still hold it: keep them no longer than you must."))
