"""An office opened from its settings: its books, its database, what sends its mail, and the desk for work.

Every front begins here, the command line as well as a page or a process that stays. Nothing is asked or printed, and
neither the clock nor the environment is read: they are passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from complaint_sla import bookshelf
from complaint_sla.bookshelf import Drafts
from complaint_sla.core.errors import BookRefused, NotPossible
from complaint_sla.core.identity import SystemUser
from complaint_sla.core.permissions import Permissions, Standing
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

    `clock` tells the real moment (UTC); `system_user` is whom the system knows, and `masters` whether they may do with a
    file whatever its owner may.
    """

    settings: Settings
    clock: Callable[[], datetime]
    system_user: SystemUser
    masters: Callable[[Path], bool] = lambda _: True

    @cached_property
    def store(self) -> Store:
        """The database. Raises DatabaseUnusable, where there is none, too."""
        # SQLModel is slow to import, and rule books can be looked at without a database.
        from complaint_sla.store.engine import Store

        return Store.open(self.settings.db.value)

    def keep(self, store: Store) -> None:
        """Makes a database that is open this office's; it is closed with the office."""
        self.store = store

    @cached_property
    def in_force(self) -> tuple[Shelf, ServiceRules]:
        """The rule books and the settings of the service that are published. Raises BookRefused, DatabaseUnusable."""
        from complaint_sla.work.desk import in_force

        return in_force(self.store)

    @cached_property
    def standing(self) -> Standing:
        """What whoever works here may do. Raises DatabaseUnusable."""
        from complaint_sla.store.logins import standing

        store = self.store
        is_master = store.file is not None and self.masters(store.file)
        return standing(store, self.system_user.person, masters_file=is_master)

    @property
    def permissions(self) -> Permissions:
        """Who may do what, by the settings in force; as shipped where none can be read."""
        try:
            return self.in_force[1].permissions
        except BookRefused:
            return Permissions()

    @cached_property
    def drafts(self) -> Drafts:
        """What the folder of drafts holds. Raises as `bookshelf.drafts` does."""
        return bookshelf.drafts(Path(self.settings.rules.value))

    def desk(self, now: datetime, aside: list[Aside] | None = None, shelf: Shelf | None = None) -> Desk:
        """The desk at a moment (UTC), with what is in force, or with the books of a `shelf` where none may be yet.

        `aside` takes what is broken.
        """
        from complaint_sla.work.desk import Desk

        shelf, service = (shelf, ServiceRules()) if shelf is not None else self.in_force
        actor = self.settings.actor.value
        broken = aside if aside is not None else []
        # Whoever names no folder of their own has no drafts to be wrong.
        folder = Path(self.settings.rules.value) if self.settings.rules.source else None
        return Desk(
            store=self.store,
            shelf=shelf,
            now=now,
            clock=self.clock,
            actor=actor,
            system_user=str(self.system_user),
            service=service,
            aside=broken,
            drafts=folder,
            standing=self.standing,
        )

    @property
    def mail(self) -> SmtpServer | Path:
        """How mail leaves, as set: by a server, or into a folder. Raises BadValue."""
        # All that deals with mail is slow to import, and most commands send none.
        from complaint_sla.mail.servers import parse_mail_url

        settings = self.settings
        password = settings.password.value if settings.password is not None else None
        return parse_mail_url(settings.mail.value, password, settings.mail_from.value)

    def transport(self) -> Transport:
        """What sends mail, as set; each call opens another.

        Raises BadValue, and NotPossible (`rehearsal-mail`): what is only rehearsed must not reach real people.
        """
        from complaint_sla.mail.transports import open_transport

        transport = open_transport(self.mail)
        if transport.leaves_machine and self.store.is_rehearsal:
            raise NotPossible("rehearsal-mail", mail=self.settings.mail.value)
        return transport

    def close(self) -> None:
        if "store" in vars(self):
            self.store.close()
