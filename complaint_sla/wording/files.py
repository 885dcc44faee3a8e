"""The words of errors about files: where an output may go, who may open the file of the database, and its backups."""

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
    "output-no-file": N_("{file} is a link or a device, and nothing is written there. Name the file itself."),
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
    # backups
    "backup-damaged": N_("The backup {file} is damaged ({problem}). Take another one."),
    "backup-piped": N_("{file} is a pipe, and a backup is read more than once. Write it to a file first."),
    "backup-foreign": N_(
        "{file} is no backup of complaint-sla. Name a file that its command backup has written."
    ),
    "backup-new": N_(
        "The backup {file} was made by a newer complaint-sla (revision {version}). Upgrade the program."
    ),
    "backup-old": N_(
        "The backup {file} is of an older complaint-sla (revision {version}, needed {head}). Make a copy of it, run "
        "complaint-sla --db sqlite:///COPY init, and restore the copy."
    ),
    "backup-of-another": N_(
        "The backup {file} is of another database: neither its identity nor the first entry of its journal is this one's. "
        "Name a backup of this database, or of the one that it was restored from."
    ),
    "backup-too-old": N_(
        "The backup {file} is of a complaint-sla that kept no journal yet (revision {version}). Name a later one, or make a "
        "copy of it and run complaint-sla --db sqlite:///COPY init."
    ),
    "backup-over-database": N_("{file} belongs to the database itself. Name another file for its backup."),
    "copy-damaged": N_(
        "The copy did not pass its check ({problem}) and was thrown away. The database itself may be damaged: keep the "
        "backups that there are."
    ),
    "file-exists": N_("{file} is there already, and a backup replaces nothing. Name a new file."),
}
