"""Commands for rule books: check a folder, show what is in force."""

from pathlib import Path
from typing import Annotated

from typer import Argument

from complaint_sla import contract
from complaint_sla.bookshelf import load, load_service
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.calendars import local_day
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    rules = Commands()
    app.add_typer(rules, name="rules")

    @rules.command(help=words("Check the rule books of a folder; every fault is listed."))
    def check(
        terminal: Terminal,
        folder: Annotated[Path | None, Argument(help=words("folder of rule books"), metavar="[DIR]")] = None,
        json: AsJson = False,
    ) -> None:
        shelf = load(folder) if folder is not None else terminal.shelf
        load_service(folder or Path(terminal.settings.rules.value))
        if json:
            terminal.answer_json([contract.book(book) for book in shelf.books])
            return
        for book in shelf.books:
            terminal.answer(
                "{book}: in order. {rules} rules, {stages} stages, in force from {day}.",
                book=book.id,
                rules=len(book.rules),
                stages=len(book.stages),
                day=words.long_day(book.effective_from),
            )

    @rules.command(help=words("Show the rule book in force: deadlines, stages, keys."))
    def show(terminal: Terminal, json: AsJson = False) -> None:
        book = terminal.shelf.in_force(local_day(terminal.now, terminal.zone))
        if json:
            terminal.answer_json(contract.book(book))
        else:
            from complaint_sla.cli import tables

            tables.book(terminal, book)
