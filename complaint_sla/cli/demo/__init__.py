"""`demo`: a sample quarter played through in a folder of its own, by the same work as always; then where to look.

Knows no settings of the user: the database, the mail folder and the rule book are the demo's own.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from complaint_sla import bookshelf, resources
from complaint_sla.cli.demo import sample, tour
from complaint_sla.cli.demo.play import Demo
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.work.rules import publish


def register(app: Commands, words: Words) -> None:
    @app.command()
    def demo(
        terminal: Terminal,
        folder: Annotated[
            Path | None, Option(help=words("where to put it; must be empty"), metavar="DIR")
        ] = None,
        json: AsJson = False,
    ) -> None:
        # Leaves with 1 when mail could not be written.
        home = _home(folder)
        # The sample speaks of the groups and categories of the book that ships, whatever book the user has.
        drafts = bookshelf.drafts(resources.rules())
        terminal.shelf = drafts.shelf
        store = None
        try:
            store = Store.open(f"sqlite:///{home / 'complaints.db'}", create=True, rehearsal=True)
            demo = Demo(terminal, store, home, sample.load(terminal.zone))
            publish.begin(demo.at(demo.begins), drafts)
            demo.play()
            tour.show(demo, json=json)
        except BaseException:
            terminal.remark(
                "The demo did not come to its end. What there is of it: {folder}", folder=plain(str(home))
            )
            raise
        finally:
            if store is not None:
                store.close()
        if not demo.played.mail.all_well:
            terminal.remark("Mail can't leave: {fault}", fault=plain(str(demo.played.mail.fault)))
            raise typer.Exit(1)


def _home(folder: Path | None) -> Path:
    """A new temporary folder, or the one that is named: empty, or not there yet.

    Raises BadValue (`folder-not-empty`, `file-unwritable`).
    """
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="complaint-sla-demo-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadValue("folder-not-empty", folder=plain(str(folder)))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise BadValue("file-unwritable", file=folder, problem=problem.strerror) from None
    return folder.absolute()
