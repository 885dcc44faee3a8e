"""Commands for rule books: check drafts, publish them, show what is in force."""

from pathlib import Path
from typing import Annotated

from typer import Argument

from complaint_sla import contract
from complaint_sla.bookshelf import Drafts, drafts
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.calendars import local_day
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.core.rulebook import Shelf
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    rules = Commands()
    app.add_typer(rules, name="rules")

    @rules.command(help=words("Check the rule books of a folder; every fault is listed."))
    def check(
        terminal: Terminal,
        folder: Annotated[
            Path | None, Argument(help=words("folder of rule books, or one of them"), metavar="[DIR|FILE]")
        ] = None,
        json: AsJson = False,
    ) -> None:
        found = _drafts(terminal, folder)
        if json:
            terminal.answer_json([contract.book(book) for book in found.books])
            return
        for book in found.books:
            terminal.answer(
                "{book}: in order. {rules} rules, {stages} stages, in force from {day}.",
                book=book.id,
                rules=len(book.rules),
                stages=len(book.stages),
                day=words.long_day(book.effective_from),
            )

    @rules.command(help=words("Show the rule book in force: deadlines, stages, keys."))
    def show(terminal: Terminal, json: AsJson = False) -> None:
        terminal.shelf = _shelf(terminal)
        book = terminal.shelf.in_force(local_day(terminal.now, terminal.zone))
        if json:
            terminal.answer_json(contract.book(book))
        else:
            from complaint_sla.cli import tables

            tables.book(terminal, book)


def _drafts(terminal: Terminal, path: Path | None) -> Drafts:
    return drafts(path) if path is not None else terminal.opening.drafts


def _shelf(terminal: Terminal) -> Shelf:
    """The books in force; the drafts where they are named, or where there is no database yet."""
    if terminal.options.get("rules") is not None:
        return terminal.opening.drafts.shelf
    try:
        return terminal.shelf
    except DatabaseUnusable as problem:
        if problem.key != "database-missing":
            raise
        return terminal.opening.drafts.shelf
