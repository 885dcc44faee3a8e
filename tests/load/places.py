"""Where load is put: databases and homes of their own, for runs by hand."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.published import make_rehearsal
from tests.servers.postgres import PostgresServer

ENGINES = ("sqlite", "postgresql")


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a new rehearsal; a server goes with its data."""
    if engine == "sqlite":
        yield make_rehearsal(f"sqlite:///{folder / 'complaints.db'}")
        return
    server = PostgresServer()
    try:
        server.start()
        yield make_rehearsal(server.url(server.create()))
    finally:
        server.stop()


@contextmanager
def home() -> Iterator[Path]:
    """A folder that is thrown away, and the home of whatever is started: no settings but the run's own."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        for name in [name for name in os.environ if name.startswith(("COMPLAINT_SLA_", "XDG_"))]:
            del os.environ[name]
        os.environ["HOME"] = folder
        yield Path(folder)


def table(rows: dict[str, object]) -> str:
    """Two columns, as they are printed."""
    width = max(map(len, rows))
    return "\n".join(f"{name:{width}}  {_shown(value)}" for name, value in rows.items())


def _shown(value: object) -> str:
    return (
        f"{value:,.3f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
