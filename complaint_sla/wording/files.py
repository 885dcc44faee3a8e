"""The words of errors about files: where an output may go, and who may open the file of the database."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.wording.words import N_

# Errors by their key, as `messages` has them.
ERRORS: Mapping[str, str] = {
    # outputs
    "output-kept": N_(
        "{file} belongs to the database, the letters or the rule books, under this name or another. Name another file."
    ),
    "output-database": N_("{file} is a database, and no output takes its place. Name another file."),
    "output-no-file": N_(
        "{file} is a link, a folder or a device, and nothing is written there. Name the file itself."
    ),
    # the database's file
    "database-closed": N_(
        "{file} may not be opened by you. Become its owner ({owner}) with sudo -u, or be put into its group; the owner makes "
        "it a group's with: complaint-sla init --group NAME."
    ),
    "database-read-only": N_(
        "{file} may only be read by you, and this would write into it. Become its owner ({owner}) with sudo -u, or be put "
        "into its group; the owner makes it a group's with: complaint-sla init --group NAME."
    ),
    "database-asleep": N_(
        "{file} may only be read by you, and its write-ahead log holds records that only who may write it can take up. Let "
        "its owner ({owner}) run `complaint-sla doctor` once, or start the service; then do it again."
    ),
    "database-stirred": N_(
        "{file} was written while it was read, so that nothing here is certain. Do it again."
    ),
    "no-such-group": N_("There is no group {value} on this machine. See which there are: getent group."),
    "not-in-group": N_(
        "You are not of the group {value}, so you can give it nothing. Do it as root, or as one of the group."
    ),
    "not-owner": N_("{file} belongs to {owner}. Do it as {owner}, or as root."),
    "folder-of-others": N_(
        "The folder {folder} holds other things, too ({names}), which would become the group's. Give the database a folder "
        "of its own."
    ),
    "group-without-file": N_(
        "{url} is no file: who may use it is for the database server to say. --group is for SQLite."
    ),
    # upgrades
    "upgrade-uncopied": N_(
        "{why} Without a copy of it nothing is upgraded: the database is as it was. Make room, or make the folder writable, "
        "then: complaint-sla init."
    ),
    "upgrade-unconfirmed": N_(
        "{url} would be upgraded from schema {version} to {head}, and nothing takes that back. Stop the services, make a "
        "backup (complaint-sla backup FILE), then: complaint-sla init --yes."
    ),
}
