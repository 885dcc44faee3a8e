"""`init`: the database is made or upgraded, its rules are published, and what to do next is said."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from sqlmodel import Session
from typer import Option

from complaint_sla import bookshelf, contract, resources
from complaint_sla.bookshelf import Drafts
from complaint_sla.cli import rules
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, DatabaseUnusable, Error, NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.plan import Plan, plan_of
from complaint_sla.core.rulebook import RuleKind
from complaint_sla.settings import without_secrets
from complaint_sla.store import books, mounts, sqlitefile
from complaint_sla.store.backup import back_up
from complaint_sla.store.engine import Store
from complaint_sla.store.migrations import HEAD
from complaint_sla.store.sharing import Sharing
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.rules import publish
from complaint_sla.work.rules.publish import Draft


def register(app: Commands, words: Words) -> None:
    @app.command()
    def init(
        terminal: Terminal,
        rehearsal: Annotated[
            bool, Option("--rehearsal", help=words("for trying out: nothing in it is ever real"))
        ] = False,
        group: Annotated[
            str | None,
            Option(help=words("the file is for the system's users of this group"), metavar="NAME"),
        ] = None,
        yes: Annotated[
            bool, Option("--yes", help=words("upgrade a server's database, of which there is a backup"))
        ] = False,
        json: AsJson = False,
    ) -> None:
        sharing = _sharing(terminal, group) if group is not None else None
        upgrade = Upgrading(terminal, confirmed=yes)
        store, published, waiting, plan = _made(terminal, upgrade, rehearsal=rehearsal)
        if sharing is not None:
            sharing.share()
        terminal.has_acted = True
        if json:
            _tell_of_network(terminal, store)
            ids = [one.id for one in published]
            terminal.answer_json(contract.made(store, terminal.settings, ids, upgrade.was, upgrade.copy))
            return
        if upgrade.was is not None:
            terminal.answer("Upgraded from schema {was} to {now}.", was=upgrade.was, now=store.schema)
        elif not store.is_new:
            terminal.answer("Nothing to upgrade: the schema is {now}.", now=store.schema)
        terminal.answer("The database is ready: {url}", url=store.shown_url)
        _tell_of_network(terminal, store)
        if published:
            terminal.answer("Published: {names}", names=", ".join(one.id for one in published))
        if plan is not None:
            rules.tell_of_more(terminal, plan)
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


def _tell_of_network(terminal: Terminal, store: Store) -> None:
    kind = mounts.network(store.file) if store.file is not None else None
    if kind is not None:
        # All that `doctor` looks at, which hardly anybody needs here.
        from complaint_sla.cli import places

        text, cure = places.SENTENCES["database-on-network"]
        terminal.remark(text, file=plain(str(store.file)), kind=kind)
        terminal.remark(cure)


@dataclass
class Upgrading:
    """What goes along with an upgrade: a copy of what was, and an entry in the journal.

    `was` is the revision before, `copy` the file; None where nothing was upgraded, or nothing copied.
    """

    terminal: Terminal
    confirmed: bool
    was: str | None = field(default=None, init=False)
    copy: Path | None = field(default=None, init=False)

    def before(self, store: Store, version: str) -> None:
        """Raises NotPossible (`upgrade-unconfirmed`, `now-in-earnest`), BadValue (`upgrade-uncopied`), DatabaseUnusable."""
        self.terminal.require_real_time(store.shown_url, rehearsal=store.is_rehearsal)
        if store.file is None:
            # Where a server's copy belongs only its people know.
            if not self.confirmed:
                raise NotPossible("upgrade-unconfirmed", url=store.shown_url, version=version, head=HEAD)
            return
        moment = real_clock().strftime("%Y%m%dT%H%M%SZ")
        file = store.file.with_name(f"{store.file.stem}-{version}-{moment}{store.file.suffix}")
        try:
            back_up(store, file)
        except BadValue as problem:
            why = message(self.terminal.words, problem, None)
            raise BadValue("upgrade-uncopied", why=why) from None
        self.copy = file
        # At once: whatever comes of the upgrade, there it is.
        self.terminal.remark("The database as it was, schema {was}: {file}", was=version, file=file)

    def after(self, store: Store, session: Session, version: str) -> None:
        """In the transaction of the upgrade."""
        self.was = version
        terminal = self.terminal
        terminal.opening.keep(store)
        # None that is published can be read by others yet.
        terminal.shelf = bookshelf.drafts(resources.rules()).shelf
        # Not the opening's, which would ask who this is in a transaction of its own: the tables are held by this one.
        who = terminal.settings.actor.value, str(terminal.system_user)
        desk = Desk(store, terminal.shelf, terminal.now, real_clock, *who)
        journal.record(session, desk, JournalKind.UPGRADED, {"from": version, "to": HEAD})


def _sharing(terminal: Terminal, group: str) -> Sharing:
    """Looks whether the file can be the group's before there is one. Raises BadValue."""
    file = sqlitefile.named(terminal.settings.database)
    if file is None:
        raise BadValue("group-without-file", url=without_secrets(terminal.settings.database))
    return Sharing.of(file.absolute(), group)


def _made(
    terminal: Terminal, upgrade: Upgrading, *, rehearsal: bool
) -> tuple[Store, list[Draft], list[str], Plan | None]:
    """The database, made or upgraded; what was published into it; the ids of drafts that are not in force; the plan that is."""
    url = terminal.settings.database
    terminal.permit_upgrade(url)
    try:
        store = Store.open(url, upgrade=True, along=upgrade)
    except DatabaseUnusable as problem:
        if problem.key != "database-missing":
            raise
        # Drafts that can't be published are refused before there is a database without any.
        terminal.shelf = terminal.opening.drafts.shelf
        terminal.require_real_time(without_secrets(url), rehearsal=rehearsal)
        store = Store.open(url, create=True, rehearsal=rehearsal)
    terminal.store_is(store, writes=True)
    if rehearsal and not store.is_rehearsal:
        raise NotPossible("no-rehearsal", url=store.shown_url)
    drafts = _drafts(terminal)
    terminal.shelf = (drafts if drafts.books else bookshelf.drafts(resources.rules())).shelf
    desk = terminal.opening.desk(terminal.now, shelf=terminal.shelf)
    published = publish.begin(desk, drafts, bookshelf.shipped())
    with store.read() as session:
        in_force = {row.book_id for kind in RuleKind for row in books.in_force(session, kind)}
        plan = plan_of(books.plans(session), Quarter.of(desk.today))
    drafted = [*(book.id for book in drafts.books), *(plan.id for plan in drafts.plans)]
    # What ships is not what an office has drafted.
    waiting = [id_ for id_ in drafted if id_ not in in_force] if terminal.settings.rules.source else []
    return store, published, waiting, plan


def _drafts(terminal: Terminal) -> Drafts:
    """What the folder holds; nothing if that can't be used, which is said: an upgrade must not wait for it."""
    try:
        return terminal.opening.drafts
    except Error as problem:
        terminal.tell(message(terminal.words, problem, None))
        return Drafts()
