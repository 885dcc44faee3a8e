"""A server of PostgreSQL: how it is opened, what each transaction begins with, and whether others can listen.

A setting may come from anywhere: the server's file, its database, the role, the address, a service file, or whoever had the
connection before, where a pooler stands between us and the server and gives each transaction another one. So all that the
program relies on is said in the message with which a transaction begins, for that transaction, and nothing is left behind in
a connection: no setting, no prepared statement, no lock of the session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError

from complaint_sla.core.errors import BadValue, DatabaseUnusable
from complaint_sla.store import problems

# The oldest server whose SQL is spoken here; older ones get no security fixes.
LEAST = 13
# After so long PostgreSQL ends a transaction in which nothing happens: a worker that was frozen in the middle of one
# would hold up everybody's alerts for as long as it sleeps.
FROZEN_SECONDS = 120
# How often PostgreSQL looks whether whoever is waiting for a statement is still there: one that was killed would hold its
# locks until the statement has ended. Known from this version on, and not on every system that PostgreSQL runs on.
LOOK_SECONDS = 2
_LOOKS_SINCE = 140000
# From this version on a transaction can be given a time in which it must end.
_ENDS_SINCE = 170000
# Any other mode of libpq goes without where the server, or somebody on the way, says that it has none.
_TLS_DEMANDED = ("require", "verify-ca", "verify-full")
# What every transaction is set to: how moments are written, that no statement is broken off for its length (what is waited
# for has its own limits), that the roles' policies hold, and how the catalogue names types.
_RELIED_ON = {
    "DateStyle": "'ISO'",
    "TimeZone": "'UTC'",
    "client_encoding": "'UTF8'",
    "standard_conforming_strings": "on",
    "row_security": "on",
    "quote_all_identifiers": "off",
    "statement_timeout": "0",
}
# One state of the database throughout, and nothing is written: a standby can give it, too.
_TO_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Whether it may be written to is the administrators' to say (`default_transaction_read_only`).
_TO_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_TO_WRITE_OF_ONE_STATE = "BEGIN ISOLATION LEVEL REPEATABLE READ"


@dataclass
class Server:
    """A server, and what is known of it once somebody is connected, and once it was looked at (`server.Premises`)."""

    engine: Engine
    # Where the tables are. What has their names elsewhere is not taken for them.
    schema: str | None = None
    is_standby: bool = False
    # Whether it answers before what was committed is on the disk.
    is_hasty: bool = False
    version: int = 0
    # Whether it can look who is still there; None if that was not tried yet.
    looks: bool | None = None

    @property
    def in_schema(self) -> str:
        """What lets a transaction see the tables of the schema, and no others of their names."""
        # Last what is only a connection's own: a table that somebody left there would stand before ours.
        return f"SET LOCAL search_path = {quoted(str(self.schema))}, pg_temp"

    def beginning(self, options: Mapping[str, Any]) -> str:
        """The statements with which a transaction begins, by the options of its connection."""
        seconds = options.get("lock_seconds", problems.LOCK_SECONDS)
        settings = {
            **_RELIED_ON,
            "lock_timeout": f"'{seconds}s'",
            "idle_in_transaction_session_timeout": f"'{FROZEN_SECONDS}s'",
        }
        if self.looks:
            settings["client_connection_check_interval"] = f"'{LOOK_SECONDS}s'"
        if self.version >= _ENDS_SINCE:
            settings["transaction_timeout"] = "0"
        if self.is_hasty:
            # Nothing that was said to be done is lost with the power.
            settings["synchronous_commit"] = "local"
        begin = _TO_WRITE_OF_ONE_STATE if options.get("one_state", False) else _TO_WRITE
        begin = _TO_READ if options.get("only_reads", False) else begin
        said = [begin, *(f"SET LOCAL {name} = {value}" for name, value in settings.items())]
        return "; ".join(said if self.schema is None else [*said, self.in_schema])


def opened(url: URL) -> Server:
    """Raises BadValue (`missing-extra`)."""
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            use_native_hstore=False,
            connect_args={
                "connect_timeout": 10,
                "application_name": "complaint-sla",
                # As the address has it the driver would read texts in another encoding.
                "client_encoding": "utf8",
                # A pooler's next connection knows none of them.
                "prepare_threshold": None,
                # Transactions are begun below, in one message with what they are set to.
                "autocommit": True,
            },
        )
    except ModuleNotFoundError:
        raise BadValue("missing-extra", extra="postgresql") from None
    server = Server(engine)

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: object, arguments: Any, options: Any) -> DBAPIConnection:
        connection = dialect.connect(*arguments, **options)
        server.version = connection.info.server_version
        if server.version // 10000 < LEAST:
            connection.close()
            version = f"{server.version // 10000}.{server.version % 10000}"
            raise DatabaseUnusable("server-old", version=version, least=LEAST)
        # What SQLAlchemy asks of a new connection it asks in this: a standby that is set to `serializable` would answer
        # nothing outside.
        try:
            connection.execute(server.beginning({"only_reads": True}))
        except BaseException:
            connection.close()
            raise
        return connection  # type: ignore[no-any-return]

    @event.listens_for(engine, "connect")
    def _settle(connection: DBAPIConnection, _record: object) -> None:
        connection.rollback()
        if server.looks is None:
            server.looks = server.version >= _LOOKS_SINCE and _can_look(connection)

    @event.listens_for(engine, "checkout")
    def _prove(connection: DBAPIConnection, record: Any, _proxy: object) -> None:
        """A connection that was kept may have been ended: another is made."""
        if record.info.setdefault("is_new", True):
            record.info["is_new"] = False
            return
        try:
            # An empty message: it takes no snapshot, which a standby might not give.
            connection.cursor().execute("")
        except connection.Error as problem:
            raise DisconnectionError from problem

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        beginning = server.beginning(connection.get_execution_options())
        connection.exec_driver_sql(beginning, execution_options={"no_parameters": True})

    return server


def several_hosts(url: str) -> str | None:
    """An URL that names several servers as libpq has it (`a:1,b:2`), as it must be written here; None for any other."""
    found = re.fullmatch(r"postgres\w*(?:\+\w+)?://(?:([^@/]*)@)?([^/?]*,[^/?]*)(/[^?]*)?(?:\?(.*))?", url)
    if found is None:
        return None
    user, hosts, database, query = found.groups()
    # A password is not told.
    user = f"{user.partition(':')[0]}{':…' if ':' in user else ''}@" if user else ""
    asked = "&".join([*(f"host={one}" for one in hosts.split(",")), *([query] if query else [])])
    return f"postgresql+psycopg://{user}{database or '/'}?{asked}"


def _can_look(connection: DBAPIConnection) -> bool:
    """A server on a system that can't look whether who asks is still there refuses to be told to."""
    able = False
    with suppress(connection.Error):
        connection.cursor().execute(f"BEGIN; SET LOCAL client_connection_check_interval = '{LOOK_SECONDS}s'")
        able = True
    connection.rollback()
    return able


def quoted(name: str) -> str:
    """A name as it stands in SQL."""
    return '"{}"'.format(name.replace('"', '""'))


def is_open_wire(host: str, address: str, sslmode: str) -> bool:
    """Whether a connection may go unencrypted where others can listen: not on this machine, and TLS is not demanded."""
    if sslmode in _TLS_DEMANDED or host.startswith(("/", "@")) or host == "localhost":
        return False
    try:
        return not ip_address(address or host).is_loopback
    except ValueError:
        return True
