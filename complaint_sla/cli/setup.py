"""`init`: the database is made or upgraded, its rules are published, and what to do next is said."""

from typing import Annotated

from typer import Option

from complaint_sla import bookshelf, contract, resources
from complaint_sla.bookshelf import Drafts
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import DatabaseUnusable, Error, NotPossible
from complaint_sla.core.rulebook import RuleKind
from complaint_sla.settings import without_user
from complaint_sla.store import books
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.work.rules import publish
from complaint_sla.work.rules.publish import Draft


def register(app: Commands, words: Words) -> None:
    @app.command()
    def init(
        terminal: Terminal,
        rehearsal: Annotated[
            bool, Option("--rehearsal", help=words("for trying out: nothing in it is ever real"))
        ] = False,
        json: AsJson = False,
    ) -> None:
        store, published, waiting = _made(terminal, rehearsal=rehearsal)
        if json:
            ids = [one.id for one in published]
            terminal.answer_json(contract.made(store, terminal.settings, ids))
            return
        terminal.answer("The database is ready: {url}", url=store.shown_url)
        if published:
            terminal.answer("Published: {names}", names=", ".join(one.id for one in published))
        if waiting:
            terminal.remark(
                "Not in force yet: {names}. Publish them: complaint-sla rules publish",
                names=", ".join(waiting),
            )
        terminal.answer("Next:")
        for line in (
            "complaint-sla office add CODE --name-th NAME --name-en NAME",
            "complaint-sla staff add EMAIL --name NAME --office CODE --role supervisor",
            "complaint-sla log",
            "complaint-sla run",
        ):
            terminal.say(f"  {line}")


def _made(terminal: Terminal, *, rehearsal: bool) -> tuple[Store, list[Draft], list[str]]:
    """The database, made or upgraded; what was published into it; the ids of drafts that are not in force."""
    url = terminal.settings.db.value
    terminal.permit_upgrade(url)
    try:
        store = Store.open(url, upgrade=True)
    except DatabaseUnusable as problem:
        if problem.key != "database-missing":
            raise
        # Drafts that can't be published are refused before there is a database without any.
        terminal.shelf = terminal.opening.drafts.shelf
        terminal.require_real_time(without_user(url), rehearsal=rehearsal)
        store = Store.open(url, create=True, rehearsal=rehearsal)
    terminal.store_is(store, writes=True)
    if rehearsal and not store.is_rehearsal:
        raise NotPossible("no-rehearsal", url=store.shown_url)
    drafts = _drafts(terminal)
    terminal.shelf = (drafts if drafts.books else bookshelf.drafts(resources.rules())).shelf
    desk = terminal.opening.desk(terminal.now, shelf=terminal.shelf)
    published = publish.begin(desk, drafts)
    with store.read() as session:
        in_force = {row.book_id for kind in RuleKind for row in books.in_force(session, kind)}
    drafted = [*(book.id for book in drafts.books), *(plan.id for plan in drafts.plans)]
    # What ships is not what an office has drafted.
    waiting = [id_ for id_ in drafted if id_ not in in_force] if terminal.settings.rules.source else []
    return store, published, waiting


def _drafts(terminal: Terminal) -> Drafts:
    """What the folder holds; nothing if that can't be used, which is said: an upgrade must not wait for it."""
    try:
        return terminal.opening.drafts
    except Error as problem:
        terminal.tell(message(terminal.words, problem, None))
        return Drafts()
