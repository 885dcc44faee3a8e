"""Commands that take complaints in from a file, and give them out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli import answers, imported
from complaint_sla.cli.acts import Yes
from complaint_sla.cli.options import AsJson, OnlySaid, Rejects
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import Error
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.work.sheets import exchange

STDIN = "-"


def register(app: Commands, words: Words) -> None:
    @app.command("import")
    def import_(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("the sheet: .csv or .jsonl"), metavar="FILE")],
        dry_run: OnlySaid = False,
        rejects: Rejects = None,
        open_too: Annotated[
            bool,
            Option(
                "--open-too",
                help=words("also what was received more than a year ago and has not ended"),
            ),
        ] = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        terminal.output(rejects)
        desk = terminal.desk(writes=not dry_run)

        def say(problem: Error) -> str:
            return message(words, problem, terminal.zone)

        if terminal.can_ask and not (dry_run or yes or json):
            with progress(words("rows looked at"), bar=False) as move:
                would = exchange.import_file(desk, file, dry_run=True, open_too=open_too, progress=move)
            imported.agree(terminal, would)
        with progress(words("rows"), bar=False) as move:
            result = exchange.import_file(
                desk, file, dry_run=dry_run, rejects=rejects, say=say, progress=move, open_too=open_too
            )
        if json:
            terminal.answer_json(contract.imported(result, say))
        else:
            for line in imported.lines(words, result):
                terminal.say(line)
            imported.tell_rejects(terminal, result.rejected, rejects)
        if result.rejected:
            raise typer.Exit(1)

    @app.command("export")
    def export(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("the sheet: .csv or .jsonl"), metavar="FILE")],
        json: AsJson = False,
    ) -> None:
        terminal.output(file)
        desk = terminal.desk(writes=False)
        with progress(words("rows"), bar=False) as move:
            count = exchange.export(desk, file, move)
        terminal.has_acted = True
        said = words.plural("{n} complaint written.", "{n} complaints written.", count)
        answers.done(terminal, contract.exported(count, file), said, json=json)


@contextmanager
def sheet_of(file: Path) -> Iterator[Path]:
    """The file, or what comes on standard input as one that nobody else reads: a sheet is gone through more than once."""
    if str(file) != STDIN:
        yield file
        return
    from complaint_sla.cli import texts

    said = texts.standard_input("FILE")
    ending = ".jsonl" if said.lstrip().startswith("{") else ".csv"
    with tempfile.TemporaryDirectory(prefix="complaint-sla-") as folder:
        path = Path(folder) / f"stdin{ending}"
        path.write_text(said, encoding="utf-8", newline="")
        yield path
