"""Commands for rule books: check a folder, show what is in force."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words

if TYPE_CHECKING:
    from complaint_sla.core.rulebook import Book


def register(app: Commands, words: Words) -> None:
    rules = Commands(words("Rule books: check them, show them."))
    app.add_typer(rules, name="rules")
    as_json = typer.Option("--json", help=words("answer as JSON"))

    @rules.command(help=words("Check the rule books of a folder; every fault is listed."))
    def check(
        context: typer.Context,
        folder: Annotated[
            Path | None, typer.Argument(help=words("folder of rule books"), metavar="[DIR]")
        ] = None,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        from complaint_sla.bookshelf import load, load_service

        shelf = load(folder) if folder is not None else terminal.shelf
        load_service(folder or Path(terminal.settings.rules.value))
        if json:
            terminal.answer_json([book_json(book) for book in shelf.books])
            return
        for book in shelf.books:
            terminal.say(
                words(
                    "{book}: in order. {rules} rules, {stages} stages, in force from {day}.",
                    book=book.id,
                    rules=len(book.rules),
                    stages=len(book.stages),
                    day=words.long_day(book.effective_from),
                )
            )

    @rules.command(help=words("Show the rule book in force: deadlines, stages, keys."))
    def show(context: typer.Context, json: Annotated[bool, as_json] = False) -> None:
        terminal: Terminal = context.obj
        from complaint_sla.core.calendars import local_day

        book = terminal.shelf.in_force(local_day(terminal.now, terminal.zone))
        if json:
            terminal.answer_json(book_json(book))
        else:
            from complaint_sla.cli import tables

            tables.book(terminal, book)


def book_json(book: "Book") -> dict[str, object]:
    """A book as data: what it decides, not how its file is laid out."""
    from complaint_sla.core.measure import plain_percent

    return {
        "id": book.id,
        "title": {"th": book.title.th, "en": book.title.en},
        "effective_from": book.effective_from.isoformat(),
        "timezone": book.zone.key,
        "days": "working" if book.counting.working else "calendar",
        "last_day_on_holiday": "next-working-day" if book.counting.move_last_day else "keep",
        "target": plain_percent(book.target),
        "digest": book.digest,
        "rules": [
            {"key": rule.key, "days": rule.days, "th": rule.title.th, "en": rule.title.en}
            for rule in book.rules
        ],
        "stages": [
            {
                "key": stage.key,
                "offset": stage.offset,
                "at": f"{stage.at:%H:%M}",
                "repeat_every": stage.repeat_every,
                "from_days": stage.from_days,
                "rules": sorted(stage.rules) if stage.rules is not None else None,
                "to": list(stage.roles),
                "th": stage.title.th,
                "en": stage.title.en,
            }
            for stage in book.stages
        ],
        **{
            name: [{"key": term.key, "th": term.title.th, "en": term.title.en} for term in terms]
            for name, terms in (
                ("groups", book.groups),
                ("channels", book.channels),
                ("categories", book.categories),
            )
        },
    }
