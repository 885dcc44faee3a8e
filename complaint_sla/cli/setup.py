"""`init`: the database is made or upgraded, and what to do next is said."""

from complaint_sla import contract
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    del words  # What it says, the terminal puts into words.

    @app.command()
    def init(terminal: Terminal, json: AsJson = False) -> None:
        terminal.shelf  # noqa: B018 - books that can't be used are better known now than at the first complaint
        store = Store.open(terminal.settings.db.value, upgrade=True)
        store.close()
        shown = store.shown_url
        if json:
            terminal.answer_json(contract.made(shown, terminal.settings))
            return
        terminal.answer("The database is ready: {url}", url=shown)
        terminal.answer("Next:")
        for line in (
            "complaint-sla office add CODE --name-th NAME --name-en NAME",
            "complaint-sla staff add EMAIL --name NAME --office CODE --role supervisor",
            "complaint-sla log",
            "complaint-sla run",
        ):
            terminal.say(f"  {line}")
