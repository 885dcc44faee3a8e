"""An office opened from its settings: its books, its database, what sends its mail, and the desk for work.

Every front begins here, the command line as well as a page or a process that stays. Nothing is asked or printed, and
neither the clock nor the environment is read: they are passed in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from complaint_sla import bookshelf, files
from complaint_sla.bookshelf import Drafts
from complaint_sla.core.errors import BookRefused, NotPossible
from complaint_sla.core.identity import SystemUser
from complaint_sla.core.permissions import AccessRole, Ground, Permissions, Standing
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.servicefile import ServiceRules
from complaint_sla.files import Kept
from complaint_sla.settings import Settings, data_folder
from complaint_sla.store.migrations import HEAD
from complaint_sla.wording.words import N_

if TYPE_CHECKING:
    from complaint_sla.mail.servers import SmtpServer
    from complaint_sla.mail.transports import Transport
    from complaint_sla.store.engine import Store
    from complaint_sla.work.desk import Aside, Desk

# What a letter in the mail folder says once it has been emptied.
EMPTIED = N_(
    "This letter named complaints of somebody who has been erased since (PDPA, section 33), and what it said was taken "
    "away. That it was sent, to whom and when, stands in the outbox: complaint-sla mail list."
)


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
        """The database. Raises DatabaseUnusable, where there is none, too, and BadValue (`nowhere-for-database`)."""
        # SQLModel is slow to import, and rule books can be looked at without a database.
        from complaint_sla.store.engine import Store

        return Store.open(self.settings.database)

    def keep(self, store: Store) -> None:
        """Makes a database that is open this office's; it is closed with the office."""
        self.store = store

    @cached_property
    def in_force(self) -> tuple[Shelf, ServiceRules]:
        """The rule books and the settings of the service that are published. Raises BookRefused, DatabaseUnusable."""
        from complaint_sla.work.desk import in_force

        self.store.require_today()
        return in_force(self.store)

    @cached_property
    def standing(self) -> Standing:
        """What whoever works here may do. Raises DatabaseUnusable."""
        from complaint_sla.store.logins import standing

        store = self.store
        is_master = store.file is not None and self.masters(store.file)
        if store.schema != HEAD:
            # An older one does not know who is who; it can be copied, and upgraded by who owns it.
            role = AccessRole.ADMINISTRATOR if is_master else AccessRole.READER
            return Standing(
                self.system_user.person, role, Ground.FILE if is_master else Ground.FILE_OF_OTHERS
            )
        return standing(store, self.system_user.person, masters_file=is_master)

    @cached_property
    def actor(self) -> str:
        """Who is said to act: as it is set; else by the address that their login has on the staff, if it is there."""
        from complaint_sla.store.logins import address_of

        said = self.settings.actor
        return said.value if said.source else address_of(self.store, self.system_user.person) or said.value

    @property
    def permissions(self) -> Permissions:
        """Who may do what, by the settings in force; as shipped where none can be read."""
        if self.store.schema != HEAD:
            return Permissions()
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
        broken = aside if aside is not None else []
        # Whoever names no folder of their own has no drafts to be wrong.
        folder = Path(self.settings.rules.value) if self.settings.rules.source else None
        return Desk(
            store=self.store,
            shelf=shelf,
            now=now,
            clock=self.clock,
            actor=self.actor,
            system_user=str(self.system_user),
            service=service,
            aside=broken,
            drafts=folder,
            recall=self._recall if self._mail_folders() else None,
            standing=self.standing,
        )

    def _mail_folders(self) -> list[Path]:
        """Where letters lie on this machine: the folder that is set, and the one that was until a server was named."""
        home, usual = data_folder(), []
        # A home of somebody else's can't be looked into, and holds none of ours.
        with suppress(OSError):
            usual = [one for one in [home / "mail"] if one.is_dir()] if home is not None else []
        kind, _, rest = self.settings.mail.value.strip().partition(":")
        if kind.lower() == "folder":
            with suppress(RuntimeError):
                return list(dict.fromkeys([Path(rest).expanduser(), *usual]))
        return usual

    def _recall(self, may_name: Mapping[str, Collection[str]]) -> Mapping[str, bool]:
        """As `mail.folder.take_back`. Raises BadValue (`file-unwritable`)."""
        # All that deals with mail is slow to import.
        from complaint_sla.mail.folder import take_back
        from complaint_sla.wording import Words

        words, folders = Words(self.settings.lang.value), self._mail_folders()
        subject, text = words("Emptied: who complained was erased"), words(EMPTIED)
        with files.unwritable(folders[0]):
            return take_back(folders, may_name, subject, text)

    @property
    def kept(self) -> Kept:
        """What no output may take the place of: the files of the database, the letters, and the rule books."""
        from complaint_sla.store import sqlitefile

        database = sqlitefile.named(self.settings.db.value)
        scheme, _, letters = self.settings.mail.value.strip().partition(":")
        folders = [(Path(self.settings.rules.value), ".toml")]
        if scheme.lower() == "folder":
            folders.append((Path(os.path.expanduser(letters)), ".eml"))  # noqa: PTH111 - a home of nobody is no error
        return Kept(tuple(sqlitefile.all_of(database)) if database is not None else (), tuple(folders))

    @property
    def mail(self) -> SmtpServer | Path:
        """How mail leaves, as set: by a server, without the password for it, or into a folder. Raises BadValue."""
        # All that deals with mail is slow to import, and most commands send none.
        from complaint_sla.mail.servers import parse_mail_url

        target = parse_mail_url(self.settings.mail_way, self.settings.mail_from.value)
        authority = self.settings.mail_ca
        if authority is None or isinstance(target, Path):
            return target
        return replace(target, authority=Path(authority.value))

    def transport(self) -> Transport:
        """What sends mail, as set; each call opens another.

        The password is read here, for here alone it is needed. Raises BadValue, and NotPossible (`rehearsal-mail`): what
        is only rehearsed must not reach real people.
        """
        from complaint_sla.mail.transports import open_transport

        target, password = self.mail, self.settings.password
        if not isinstance(target, Path) and target.user is not None and password is not None:
            target = replace(target, password=password.read())
        transport = open_transport(target)
        if transport.leaves_machine and self.store.is_rehearsal:
            raise NotPossible("rehearsal-mail", mail=self.settings.mail.value)
        return transport

    def close(self) -> None:
        if "store" in vars(self):
            self.store.close()
