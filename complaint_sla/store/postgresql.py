"""A server of PostgreSQL: how it is opened, what each session of it is set to, and whether others can listen.

Row locks; a transaction that the server breaks off because of a deadlock is run again (`engine`).
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from complaint_sla.core.errors import BadValue
from complaint_sla.store import problems

# After so long PostgreSQL ends a transaction in which nothing happens: a worker that was frozen in the middle of one
# would hold up everybody's alerts for as long as it sleeps.
FROZEN_SECONDS = 120
# How often PostgreSQL looks whether whoever is waiting for a statement is still there: one that was killed would hold its
# locks until the statement has ended. Known from this version on, and not on every system that PostgreSQL runs on.
LOOK_SECONDS = 2
_LOOKS_SINCE = 140000
# Any other mode of libpq goes without where the server, or somebody on the way, says that it has none.
_TLS_DEMANDED = ("require", "verify-ca", "verify-full")


def opened(url: URL) -> Engine:
    """Raises BadValue (`missing-extra`)."""
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "complaint-sla"},
        )
    except ModuleNotFoundError:
        raise BadValue("missing-extra", extra="postgresql") from None

    @event.listens_for(engine, "connect")
    def _wake(connection: DBAPIConnection, _record: object) -> None:
        # Not among the options of the connection, which poolers between us and the server refuse.
        cursor = connection.cursor()
        cursor.execute(
            f"SET idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'; SET lock_timeout = '{problems.LOCK_SECONDS}s'"
        )
        connection.commit()
        if connection.info.server_version >= _LOOKS_SINCE:
            # A server on a system that can't look refuses it, and goes on as before.
            with suppress(connection.Error):
                cursor.execute(f"SET client_connection_check_interval = '{LOOK_SECONDS}s'")
            connection.commit()
        cursor.close()

    @event.listens_for(engine, "begin")
    def _hurry(connection: Connection) -> None:
        seconds = connection.get_execution_options().get("lock_seconds")
        if seconds is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{seconds}s'")

    return engine


def is_open_wire(host: str, address: str, sslmode: str) -> bool:
    """Whether a connection may go unencrypted where others can listen: not on this machine, and TLS is not demanded."""
    if sslmode in _TLS_DEMANDED or host.startswith(("/", "@")) or host == "localhost":
        return False
    try:
        return not ip_address(address or host).is_loopback
    except ValueError:
        return True
