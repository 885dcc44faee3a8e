"""Commands that look after the program itself: init, doctor, demo."""

from pathlib import Path
from typing import Annotated

import typer

from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import Words

DOCTOR_FORMS = ("text", "json", "prometheus")


def register(app: Commands, words: Words) -> None:
    as_json = typer.Option("--json", help=words("answer as JSON"))

    @app.command(help=words("Create the database, or upgrade an old one; says what to do next."))
    def init(context: typer.Context, json: Annotated[bool, as_json] = False) -> None:
        terminal: Terminal = context.obj
        from complaint_sla.store.engine import Store

        terminal.shelf  # noqa: B018 - books that can't be used are better known now than at the first complaint
        store = Store.open(terminal.settings.db.value, upgrade=True)
        store.close()
        shown = store.shown_url
        if json:
            from complaint_sla.mail.servers import without_user

            terminal.answer_json({"database": shown, "mail": without_user(terminal.settings.mail.value)})
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

    @app.command(help=words("What is wrong or about to be, each with its cure."))
    def doctor(
        context: typer.Context,
        form: Annotated[
            str | None, typer.Option("--format", help="|".join(DOCTOR_FORMS), metavar="FORM")
        ] = None,
        output: Annotated[Path | None, typer.Option(help=words("write it to a file"), metavar="FILE")] = None,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        if json and form not in (None, "json"):
            raise BadValue("one-of-two", one="--json", two=f"--format {form}")
        chosen = "json" if json else form or "text"
        from complaint_sla.cli import checkup, telling

        telling.one_of(chosen, DOCTOR_FORMS, "--format")
        found = checkup.examine(terminal)
        checkup.answer(terminal, found, chosen, output)
        if found.wrong:
            raise typer.Exit(1)

    @app.command(help=words("The whole job on sample data, in a throw-away folder; says where to look."))
    def demo(
        context: typer.Context,
        folder: Annotated[
            Path | None, typer.Option(help=words("where to put it; must be empty"), metavar="DIR")
        ] = None,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        from complaint_sla.cli.demo import run

        run(context.obj, folder, json=json)
