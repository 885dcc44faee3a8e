"""An office opened from its settings: its books, its database, what sends its mail, and the desk for work.

Every front begins here, the command line as well as a page or a process that stays. Nothing is asked or printed, and
neither the clock nor the environment is read: they are passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from complaint_sla import bookshelf
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.servicefile import ServiceRules
from complaint_sla.settings import Settings

if TYPE_CHECKING:
    from complaint_sla.mail.servers import SmtpServer
    from complaint_sla.mail.transports import Transport
    from complaint_sla.store.engine import Store
    from complaint_sla.work.desk import Aside, Desk


@dataclass
class Opening:
    """Each part is opened when it is first asked for; the database stays open until `close`.

    `clock` tells the real moment (UTC); `system_user` is whom the machine knows.
    """

    settings: Settings
    clock: Callable[[], datetime]
    system_user: str
    _closing: ExitStack = field(default_factory=ExitStack, init=False)

    @cached_property
    def shelf(self) -> Shelf:
        """The rule books of the folder. Raises as `bookshelf.load` does."""
        return bookshelf.load(Path(self.settings.rules.value))

    @cached_property
    def service(self) -> ServiceRules:
        """What the service keeps to. Raises as `bookshelf.load` does."""
        return bookshelf.load_service(Path(self.settings.rules.value))

    @cached_property
    def store(self) -> Store:
        """The database, created if it is empty. Raises DatabaseUnusable."""
        # SQLModel is slow to import, and rule books can be looked at without a database.
        from complaint_sla.store.engine import Store

        store = Store.open(self.settings.db.value)
        self._closing.callback(store.close)
        return store

    def desk(self, now: datetime, aside: list[Aside] | None = None) -> Desk:
        """The desk at a moment (UTC), with the books as the database has pinned them. `aside` takes what is broken.

        Books and settings are read before the database is opened, and perhaps created.
        """
        from complaint_sla.work.desk import Desk

        shelf, service, store = self.shelf, self.service, self.store
        if any(book.counting.needs_holidays for book in shelf.books):
            from complaint_sla.store import books

            with store.read() as session:
                shelf = books.as_pinned(session, shelf)
        actor = self.settings.actor.value
        broken = aside if aside is not None else []
        return Desk(store, shelf, now, self.clock, actor, self.system_user, service, broken)

    @property
    def mail(self) -> SmtpServer | Path:
        """How mail leaves, as set: by a server, or into a folder. Raises BadValue."""
        # All that deals with mail is slow to import, and most commands send none.
        from complaint_sla.mail.servers import parse_mail_url

        settings = self.settings
        password = settings.password.value if settings.password is not None else None
        return parse_mail_url(settings.mail.value, password, settings.mail_from.value)

    def transport(self) -> Transport:
        """What sends mail, as set; each call opens another. Raises BadValue."""
        from complaint_sla.mail.transports import open_transport

        return open_transport(self.mail)

    def close(self) -> None:
        self._closing.close()
