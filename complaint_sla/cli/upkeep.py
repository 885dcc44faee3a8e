"""Commands that set the program up, and show what it does: init, demo."""

from pathlib import Path
from typing import Annotated

import typer

from complaint_sla import contract
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain


def register(app: Commands, words: Words) -> None:
    as_json = typer.Option("--json", help=words("answer as JSON"))

    @app.command()
    def init(context: typer.Context, json: Annotated[bool, as_json] = False) -> None:
        terminal: Terminal = context.obj
        terminal.shelf  # noqa: B018 - books that can't be used are better known now than at the first complaint
        store = Store.open(terminal.settings.db.value, upgrade=True)
        store.close()
        shown = store.shown_url
        if json:
            terminal.answer_json(contract.made(shown, terminal.settings))
            return
        terminal.say(words("The database is ready: {url}", url=shown))
        terminal.say(words("Next:"))
        for line in (
            "complaint-sla office add CODE --name-th NAME --name-en NAME",
            "complaint-sla staff add EMAIL --name NAME --office CODE --role supervisor",
            "complaint-sla log",
            "complaint-sla run",
        ):
            terminal.say(f"  {line}")

    @app.command()
    def demo(
        context: typer.Context,
        folder: Annotated[
            Path | None, typer.Option(help=words("where to put it; must be empty"), metavar="DIR")
        ] = None,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadValue("folder-not-empty", folder=plain(str(folder)))
        # The whole program, for which `init` need not wait.
        from complaint_sla.cli import rehearsal

        rehearsal.play(terminal, folder, json=json)
