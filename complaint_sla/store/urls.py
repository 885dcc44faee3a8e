"""What the URL of a database names: an SQLite file, or a server; or why it names none."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import (
    ArgumentError,
)

from complaint_sla.core.errors import BadValue
from complaint_sla.store import postgresql, sqlitefile


def opened(url: str, *, create: bool) -> sqlitefile.Opened | postgresql.Server:
    """Raises BadValue (`several-hosts`, `bad-database-url`, `question-mark-in-url`), and as those who open it do."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        instead = postgresql.several_hosts(url)
        if instead is not None:
            raise BadValue("several-hosts", instead=instead) from None
        raise BadValue("bad-database-url", value=url.partition(":")[0].rpartition("@")[2]) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.query:
        # It would be another file that is opened, or made.
        raise BadValue("question-mark-in-url", value=url)
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        try:
            # SQLite opens no file whose name is no text: bytes that are no UTF-8 come in as halves of characters.
            url.encode()
            return sqlitefile.opened(Path(str(parsed.database)).expanduser(), create=create)
        except (RuntimeError, ValueError):
            # A home of nobody, or a NUL: no file can be there.
            raise BadValue("bad-database-url", value=url) from None
    if backend != "postgresql":
        shown = parsed.set(query={}).render_as_string(hide_password=True)
        raise BadValue("bad-database-url", value=shown)
    return postgresql.opened(parsed)
