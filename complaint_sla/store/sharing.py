"""An SQLite file for several of the system's users: they are of one group, and the file and its folder are the group's."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from complaint_sla import files
from complaint_sla.core.errors import BadValue
from complaint_sla.store import sqlitefile

# The group writes what the owner writes, and nobody else reads it. What is made in the folder is the group's, so that
# SQLite's log and index are, whoever makes them; they bear the file's mode, whatever the umask.
FILE, FOLDER = 0o660, 0o2770
# As many as are named of what else lies in a folder.
MOST_NAMED = 3


@dataclass(frozen=True)
class Sharing:
    """A file that can be a group's, or will be once it is made."""

    file: Path
    group: int

    @classmethod
    def of(cls, file: Path, group: str) -> Sharing:
        """Raises BadValue: `no-such-group`, `not-in-group`, `not-owner`, `folder-of-others`."""
        try:
            import grp

            number = grp.getgrnam(group).gr_gid
        except (KeyError, ModuleNotFoundError):
            raise BadValue("no-such-group", value=group) from None
        user = os.geteuid()
        if user != 0 and number not in {os.getegid(), *os.getgroups()}:
            raise BadValue("not-in-group", value=group)
        found = cls(file, number)
        for path in (file.parent, file):
            if path.exists() and user not in (0, path.stat().st_uid):
                raise BadValue("not-owner", file=path, owner=sqlitefile.owner(path))
        if file.parent.exists() and not found._is_groups_own(file.parent):
            foreign = sorted(one.name for one in file.parent.iterdir() if not _is_of(one, file))
            if foreign:
                raise BadValue("folder-of-others", folder=file.parent, names=foreign[:MOST_NAMED])
        return found

    def share(self) -> None:
        """Gives file and folder to the group. Raises BadValue (`file-unwritable`)."""
        if not self._is_groups_own(self.file.parent):
            _give(self.file.parent, self.group, FOLDER)
        for path in sqlitefile.all_of(self.file):
            if path.exists():
                _give(path, self.group, FILE)

    def _is_groups_own(self, folder: Path) -> bool:
        """Whether it has been made for the group already, with whatever else lies there."""
        found = folder.stat()
        wanted = stat.S_ISGID | stat.S_IRWXG
        return found.st_gid == self.group and found.st_mode & wanted == wanted


def _is_of(path: Path, file: Path) -> bool:
    """Whether it belongs to the database: its files, the copies that upgrades have made, the mail folder beside it."""
    return path.name.startswith(file.stem) or path.name == "mail"


def _give(path: Path, group: int, mode: int) -> None:
    found = path.stat()
    if (found.st_gid, stat.S_IMODE(found.st_mode)) == (group, mode):
        return
    with files.unwritable(path):
        os.chown(path, -1, group)
        # After the owner, which takes such marks off.
        path.chmod(mode)
