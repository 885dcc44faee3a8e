"""What `doctor` says of files that must not be everybody's: passwords, and what was kept of customers."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import Error
from complaint_sla.wording import N_
from complaint_sla.work.health.exposure import exposed
from complaint_sla.work.health.findings import Finding

_CLOSE = N_("Keep it from others: {command}")
SENTENCES: Mapping[str, tuple[str, str]] = {
    "password-open": (
        N_("Everybody on this machine can read or change {file}, and a password stands in it."),
        _CLOSE,
    ),
    "records-open": (
        N_("Everybody on this machine can read or change {file}, and complaints stand in it."),
        _CLOSE,
    ),
    "mail-untried": (
        "{problem}",
        N_("Whether mail can leave, the user of the service sees: complaint-sla doctor"),
    ),
}


def look(terminal: Terminal) -> list[Finding]:
    """Looks at the files with passwords, at the database's and at the folder of mail."""
    if os.name != "posix":
        return []
    # That settings can't be used is said by whoever needs them.
    try:
        settings = terminal.settings
    except Error:
        return []
    records = []
    with suppress(Error, RuntimeError):
        records.append(_database_file(settings.database))
    with suppress(Error):
        target = terminal.opening.mail
        records.append(target if isinstance(target, Path) else None)
    return list(exposed(settings.secret_files, [path for path in records if path is not None]))


def _database_file(url: str) -> Path | None:
    """The file of an SQLite database, which need not be one that can be opened. Raises RuntimeError for a home of nobody."""
    scheme, found, path = url.partition(":///")
    return Path(path.partition("?")[0]).expanduser() if found and scheme.startswith("sqlite") else None
