"""Commands that keep the office's records safe: backup, and the way back."""

from pathlib import Path
from typing import Annotated

from rich.filesize import decimal
from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import NotPossible
from complaint_sla.settings import without_user
from complaint_sla.store import restore as restoring
from complaint_sla.store.backup import Copied, back_up
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    @app.command(
        help=words(
            "Write a consistent copy of the whole database to one new file, while others write. It is taken back with "
            "`restore`, or used as it is with --db sqlite:///FILE."
        )
    )
    def backup(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("a new file"), metavar="FILE")],
        json: AsJson = False,
    ) -> None:
        store = terminal.store()
        with progress("%", bar=False) as move:
            copied = back_up(store, file, move)
        if json:
            terminal.answer_json(contract.backed_up(file, store.shown_url, copied))
            return
        terminal.answer("Backup written: {file} ({size})", file=file, size=decimal(file.stat().st_size))
        _tell(terminal, copied)

    @app.command(
        help=words(
            "Take a backup into an empty database, the one that --db names, of either kind; all of it or nothing. Stop "
            "the service at the old database first."
        )
    )
    def restore(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("a file that `backup` has written"), metavar="FILE")],
        rehearsal: Annotated[
            bool, Option("--rehearsal", help=words("as a rehearsal: nothing in it is real any more"))
        ] = False,
        json: AsJson = False,
    ) -> None:
        # A file that can't be used is refused before a new database is made.
        with restoring.proved(file) as source:
            # What is no more than rehearsed never becomes real, nor does what is real become a rehearsal.
            rehearsed = rehearsal or restoring.is_rehearsal(source)
            url = terminal.settings.db.value
            terminal.require_real_time(without_user(url), rehearsal=rehearsed)
            store = Store.open(url, create=True, rehearsal=rehearsed)
            terminal.opening.keep(store)
            if not store.is_new:
                terminal.permit()
            if rehearsed and not store.is_rehearsal:
                raise NotPossible("no-rehearsal", url=store.shown_url)
            try:
                with progress("%", bar=False) as move:
                    copied = restoring.restore(store, source, file, move)
            except BaseException:
                store.discard()
                raise
        terminal.store()
        if json:
            terminal.answer_json(contract.restored(file, store.shown_url, copied))
            return
        terminal.answer("Restored: {url}", url=store.shown_url)
        _tell(terminal, copied)
        terminal.answer(
            "Start the service here only when it is stopped at the old database, or both send the same mail."
        )


def _tell(terminal: Terminal, copied: Copied) -> None:
    terminal.answer(
        "Complaints: {complaints} · events: {events} · letters: {letters}",
        **{name: f"{count:,}" for name, count in vars(copied).items()},
    )
