"""Commands that keep the office's records safe: backup, and the way back."""

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

from rich.filesize import decimal
from sqlmodel import Session
from typer import Argument, Option

from complaint_sla import bookshelf, contract, resources
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.settings import without_secrets
from complaint_sla.store import restore as restoring
from complaint_sla.store.backup import Copied, back_up
from complaint_sla.store.engine import Store
from complaint_sla.store.house import the_house
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


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
        store = terminal.store_is(Store.open(terminal.settings.database, any_schema=True), writes=False)
        with progress("%", bar=False) as move:
            copied = back_up(store, file, move)
        terminal.has_acted = True
        with file.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        _enter(terminal, store, {"file": file.name, **vars(copied), "sha256": digest})
        if json:
            terminal.answer_json(contract.backed_up(file, digest, store, copied))
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
            url = terminal.settings.database
            terminal.require_real_time(without_secrets(url), rehearsal=rehearsed)
            store = Store.open(url, create=True, rehearsal=rehearsed)
            terminal.opening.keep(store)
            if not store.is_new:
                terminal.permit()
            if rehearsed and not store.is_rehearsal:
                raise NotPossible("no-rehearsal", url=store.shown_url)
            try:
                with progress("%", bar=False) as move:
                    copied = restoring.restore(store, source, file, move, partial(_restored, terminal, file))
            except BaseException:
                store.discard()
                raise
        terminal.store()
        terminal.has_acted = True
        if json:
            terminal.answer_json(contract.restored(file, store.shown_url, copied))
            return
        terminal.answer("Restored: {url}", url=store.shown_url)
        _tell(terminal, copied)
        terminal.answer(
            "Start the service here only when it is stopped at the old database, or both send the same mail."
        )


def _desk(terminal: Terminal) -> Desk:
    """For the journal, which needs no rule book that can be used; what is kept is done now, whatever is rehearsed in it."""
    return terminal.opening.desk(real_clock(), shelf=bookshelf.drafts(resources.rules()).shelf)


def _enter(terminal: Terminal, store: Store, data: Mapping[str, object]) -> None:
    """Into the journal of what was copied, if it may be written: the copy is as good without."""
    try:
        store.require_today()
        journal.note(_desk(terminal), JournalKind.BACKED_UP, data)
    except Error as problem:
        why = message(terminal.words, problem, None)
        terminal.remark("The backup is not entered in the journal: {why}", why=why)


def _restored(terminal: Terminal, file: Path, session: Session) -> None:
    """The journal came along; that it goes on in another database is its next entry."""
    house = the_house(session)
    data = {
        "file": file.name,
        "entries": house.events,
        "head": house.head,
        "rehearsal": house.rehearsal,
    }
    journal.record(session, _desk(terminal), JournalKind.RESTORED, data)


def _tell(terminal: Terminal, copied: Copied) -> None:
    terminal.answer(
        "Complaints: {complaints} · events: {events} · letters: {letters}",
        **{name: f"{count:,}" for name, count in vars(copied).items()},
    )
