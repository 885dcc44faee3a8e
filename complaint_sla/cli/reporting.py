"""The quarter's figure, in the form that is asked for."""

from pathlib import Path
from typing import Annotated

import typer

from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import Words

FORMS = ("text", "html", "csv", "json")
ENDINGS = {".html": "html", ".csv": "csv", ".json": "json", ".txt": "text", "": "text"}


def register(app: Commands, words: Words) -> None:
    @app.command(help=words("The closure rate of a quarter, held against its target."))
    def report(
        context: typer.Context,
        quarter: Annotated[str, typer.Argument(help=words("2017-Q1, 2560-Q1 or 1/2560"), metavar="QUARTER")],
        office: Annotated[
            str | None, typer.Option(help=words("an office and all below it"), metavar="CODE")
        ] = None,
        form: Annotated[str | None, typer.Option("--format", help="|".join(FORMS), metavar="FORM")] = None,
        output: Annotated[Path | None, typer.Option(help=words("write it to a file"), metavar="FILE")] = None,
        json: Annotated[bool, typer.Option("--json", help=words("answer as JSON"))] = False,
    ) -> None:
        terminal: Terminal = context.obj
        from complaint_sla.core.calendars import Quarter

        wanted = Quarter.parse(quarter)
        chosen = _form(form, output, json=json)
        desk = terminal.desk(writes=False)
        from complaint_sla.work import offices, quarters

        figure = quarters.figure(desk, wanted, office)
        if chosen == "json":
            from complaint_sla.forms.figure_json import figure_json

            if output is None:
                terminal.answer_json(figure_json(figure, terminal.zone))
                return
            content: str | bytes = terminal.json_text(figure_json(figure, terminal.zone))
        else:
            from complaint_sla.core.rulebook import Title
            from complaint_sla.forms.quarter import quarter_document

            titles = {one.code: Title(one.name_th, one.name_en) for one in offices.list_offices(desk)}
            document = quarter_document(figure, desk.shelf, titles, words)
            content = _rendered(document, chosen, terminal.width if output is None else 80)
        if output is not None:
            terminal.write_file(output, content)
            terminal.tell(words("Written: {file}", file=output))
        elif isinstance(content, bytes):
            terminal.say_bytes(content)
        else:
            terminal.say(content)


def _form(form: str | None, output: Path | None, *, json: bool) -> str:
    """The form by its name, by --json, or by the ending of the file.

    Raises BadValue: `unknown-choice`, `unknown-ending`, `one-of-two`.
    """
    if json and form not in (None, "json"):
        raise BadValue("one-of-two", one="--json", two=f"--format {form}")
    ending = output.suffix.lower() if output else ""
    if not json and form is None and ending not in ENDINGS:
        raise BadValue("unknown-ending", value=ending, known=[one for one in ENDINGS if one])
    chosen = "json" if json else form or ENDINGS[ending]
    if chosen not in FORMS:
        raise BadValue("unknown-choice", name="--format", value=chosen, known=list(FORMS))
    return chosen


def _rendered(document, form: str, width: int) -> str | bytes:  # type: ignore[no-untyped-def]
    if form == "html":
        from complaint_sla.forms.html import quarter_html

        return quarter_html(document)
    if form == "csv":
        from complaint_sla.forms.table import quarter_csv

        return quarter_csv(document)
    from complaint_sla.forms.text import quarter_text

    return quarter_text(document, width)
