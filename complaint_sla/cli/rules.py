"""Commands for rule books: check drafts, publish them, show what is in force."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from complaint_sla.bookshelf import Drafts, drafts
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import rules as shapes
from complaint_sla.core.calendars import local_day
from complaint_sla.core.errors import BookRefused
from complaint_sla.core.publishing import Outcome
from complaint_sla.core.rulebook import Shelf
from complaint_sla.wording import N_, Words
from complaint_sla.wording.rulediff import line
from complaint_sla.work.rules import publish as publishing
from complaint_sla.work.rules.publish import Published


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
            terminal.answer_json([shapes.book(book) for book in found.books])
            return
        for book in found.books:
            terminal.answer(
                "{book}: in order. {rules} rules, {stages} stages, in force from {day}.",
                book=book.id,
                rules=len(book.rules),
                stages=len(book.stages),
                day=words.long_day(book.effective_from),
            )

    @rules.command(
        help=words(
            "Put rule books, plans and the service's settings in force, all of them or none; says what that changes."
        )
    )
    def publish(
        terminal: Terminal,
        path: Annotated[
            Path | None, Argument(help=words("folder of rule books, or one of them"), metavar="[DIR|FILE]")
        ] = None,
        dry_run: Annotated[bool, Option("--dry-run", help=words("only say what would change"))] = False,
        json: AsJson = False,
    ) -> None:
        found = _drafts(terminal, path)
        terminal.store(writes=not dry_run)
        try:
            terminal.shelf  # noqa: B018 - read, to see whether there are any
        except BookRefused:
            # The first ones say in which zone a day begins.
            terminal.shelf = found.shelf
        desk = terminal.opening.desk(terminal.now, shelf=terminal.shelf)
        published = publishing.publish(desk, found, dry_run=dry_run)
        if json:
            said = ([line(words, each) for each in one.differences] for one in published)
            terminal.answer_json([shapes.published(*pair) for pair in zip(published, said, strict=True)])
            return
        for one in published:
            _tell(terminal, one, dry_run=dry_run)
        changed = {difference.kind for one in published for difference in one.differences}
        if "permissions" in changed and desk.standing.on_server and not dry_run:
            terminal.remark(
                "Tell the database server who may do what now: complaint-sla roles | psql DATABASE"
            )

    @rules.command(help=words("Show the rule book in force: deadlines, stages, keys."))
    def show(terminal: Terminal, json: AsJson = False) -> None:
        terminal.shelf = _shelf(terminal)
        book = terminal.shelf.in_force(local_day(terminal.now, terminal.zone))
        if json:
            terminal.answer_json(shapes.book(book))
        else:
            from complaint_sla.cli import tables

            tables.book(terminal, book)


def _tell(terminal: Terminal, one: Published, *, dry_run: bool) -> None:
    if one.outcome is Outcome.SAME:
        terminal.answer("{name}: as it is published already.", name=one.id)
        return
    said = N_("{name}: would be published.") if dry_run else N_("{name}: published.")
    terminal.say(terminal.words(said, name=one.id))
    if one.effective_from is not None:
        terminal.answer("  In force from {day}.", day=terminal.words.long_day(one.effective_from))
    if one.differences and one.than is not None:
        terminal.answer("  Other than {name}:", name=one.than)
        for difference in one.differences:
            terminal.say(f"    {line(terminal.words, difference)}")


def _drafts(terminal: Terminal, path: Path | None) -> Drafts:
    return drafts(path) if path is not None else terminal.opening.drafts


def _shelf(terminal: Terminal) -> Shelf:
    """The books in force, or the drafts where those are named."""
    if terminal.options.get("rules") is not None:
        return terminal.opening.drafts.shelf
    return terminal.shelf
