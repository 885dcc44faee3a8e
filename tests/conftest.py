"""What every test may ask for: fresh databases on both engines, a postbox, and a machine without settings."""

import itertools
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache

from tests.servers.postgres import SURROUNDINGS, PostgresServer
from tests.servers.smtp import Certificate, Postbox, authority

# The same examples on every run: a test that fails on one machine fails on all.
# `--hypothesis-profile=long` looks further, with new examples each time.
# Neither judges by the clock: a busy machine is no fault.
UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", derandomize=True, max_examples=100, **UNHURRIED)
settings.register_profile("long", max_examples=5000, print_blob=True, **UNHURRIED)
settings.load_profile("default")

# A process zone far from the office's, with summer time and half an hour over: what relies on it must not
# pass by luck.
os.environ["TZ"] = "America/St_Johns"
time.tzset()


class Compiled(LRUCache[Any, Any]):
    """Statements as one engine compiled them, for all others of the same driver. Each command that runs within this process
    opens an engine of its own, and would compile the same statements anew: a quarter of its time."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_driver(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_driver(key), value)


def _of_driver(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """What SQLAlchemy keeps a statement under begins with the engine's own dialect."""
    dialect, *rest = key
    return dialect.name, dialect.driver, *rest


COMPILED = Compiled(4000)


@event.listens_for(Engine, "engine_connect")
def _compile_once(connection: Connection) -> None:
    connection.engine._compiled_cache = COMPILED


@event.listens_for(Engine, "engine_connect")
def _plain(connection: Connection) -> None:
    """Where surroundings are tried that the program minds by itself, what the tests ask of a server is asked as ever."""
    if SURROUNDINGS == "hostile" and connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        if driver.info.get_parameters().get("application_name") != "complaint-sla":
            driver.execute(
                "SET DateStyle = 'ISO'; SET TimeZone = 'UTC'; SET row_security = on; SET statement_timeout = 0"
            )
            driver.execute("SET quote_all_identifiers = off")
            driver.execute(
                "SET default_transaction_isolation = 'read committed'; SET idle_in_transaction_session_timeout = 0"
            )


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for processes and servers of their own."""
    return (os.cpu_count() or 1) + 1


# Variables that would let the machine speak into a test: the program's own, libpq's, the terminal's.
FOREIGN_PREFIXES = ("COMPLAINT_SLA_", "PG", "LC_", "CLICOLOR")
FOREIGN = ("LANGUAGE", "FORCE_COLOR", "GITHUB_ACTIONS", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def clean_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings but the test's own, and a home that is empty and thrown away; the home."""
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES) or name in FOREIGN:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    # Should somebody work here with the program, too.
    monkeypatch.setattr("complaint_sla.settings.MACHINE", home / "etc/config.toml")
    monkeypatch.setenv("LANG", "C.UTF-8")
    # What is printed must not depend on the width of somebody's window.
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    return home


class Databases(Protocol):
    """Gives any number of fresh databases of one engine, as SQLAlchemy URLs; they go when the test ends."""

    engine: Literal["sqlite", "postgresql"]

    def empty(self) -> str:
        """A database without tables."""

    def migrated(self) -> str:
        """A database as the first command leaves it."""


def migrate(url: str) -> None:
    """Makes a real database of today's schema, with the shipped rules published."""
    # Imported here, so that the core's tests run without SQLModel.
    from complaint_sla.store.engine import Store
    from tests.published import publish_shipped

    store = Store.open(url, create=True)
    publish_shipped(store)
    store.close()


class SqliteFiles:
    engine: Literal["sqlite", "postgresql"] = "sqlite"

    def __init__(self, folder: Path, template: Callable[[], Path]) -> None:
        self._folder = folder
        self._template = template
        self._numbers = itertools.count(1)

    def empty(self) -> str:
        return f"sqlite:///{self._next()}"

    def migrated(self) -> str:
        path = self._next()
        shutil.copy(self._template(), path)
        return f"sqlite:///{path}"

    def _next(self) -> Path:
        # A folder for each: SQLite and the store put files of their own beside the database.
        folder = self._folder / f"database-{next(self._numbers)}"
        folder.mkdir()
        return folder / "complaints.db"


class PostgresqlDatabases:
    engine: Literal["sqlite", "postgresql"] = "postgresql"

    def __init__(self, server: PostgresServer, template: Callable[[], str], *, pooled: bool = True) -> None:
        self._server = server
        self._template = template
        self._pooled = pooled
        self._made: list[str] = []

    def empty(self) -> str:
        return self._url(self._server.create())

    def migrated(self) -> str:
        return self._url(self._server.create(self._template()))

    def drop_all(self) -> None:
        for name in self._made:
            self._server.drop(name)

    def _url(self, name: str) -> str:
        self._made.append(name)
        return self._server.url(name, pooled=self._pooled)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the tests of this process."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """The migrated file that others are copied from, made at the first call."""
    path = tmp_path_factory.mktemp("template") / "complaints.db"

    def made() -> Path:
        if not path.exists():
            migrate(f"sqlite:///{path}")
            # Whatever still stands in the write-ahead log belongs into the one file that is copied.
            connection = sqlite3.connect(path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        return path

    return made


@pytest.fixture(scope="session")
def postgresql_template(request: pytest.FixtureRequest) -> Callable[[], str]:
    """The name of the migrated database that others are copied from, made at the first call."""
    made: list[str] = []

    def name() -> str:
        if not made:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            template = server.create()
            migrate(server.url(template))
            made.append(template)
        return made[0]

    return name


@pytest.fixture
def sqlite_databases(tmp_path: Path, sqlite_template: Callable[[], Path]) -> Databases:
    return SqliteFiles(tmp_path, sqlite_template)


@pytest.fixture
def postgresql_databases(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, postgresql_template: Callable[[], str]
) -> Iterator[Databases]:
    pooled = request.node.get_closest_marker("own_session") is None
    databases = PostgresqlDatabases(postgres_server, postgresql_template, pooled=pooled)
    yield databases
    databases.drop_all()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Databases of either engine: the test runs once for each."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def database(databases: Databases) -> str:
    """The URL of a fresh, migrated database; the test runs once for each engine."""
    return databases.migrated()


@pytest.fixture
def empty_database(databases: Databases) -> str:
    """The URL of a database without tables; the test runs once for each engine."""
    return databases.empty()


@pytest.fixture
def sqlite_database(sqlite_databases: Databases) -> str:
    """The URL of a fresh, migrated SQLite database, for tests to which the engine does not matter."""
    return sqlite_databases.migrated()


@pytest.fixture
def postgresql_database(postgresql_databases: Databases) -> str:
    """The URL of a fresh, migrated PostgreSQL database, for what only PostgreSQL does (mark those tests)."""
    return postgresql_databases.migrated()


class OpenPostbox(Protocol):
    def __call__(
        self,
        *,
        tls: Literal["none", "offered", "required", "implicit"] = "none",
        login: tuple[str, str] | None = None,
        certificate: Certificate = Certificate.GOOD,
        **limits: Any,
    ) -> Postbox: ...


@pytest.fixture
def postbox() -> Iterator[OpenPostbox]:
    """Opens postboxes, which close with the test: `postbox()`, `postbox(tls="required", login=(…, …))`."""
    opened: list[Postbox] = []

    def open_one(
        *,
        tls: Literal["none", "offered", "required", "implicit"] = "none",
        login: tuple[str, str] | None = None,
        certificate: Certificate = Certificate.GOOD,
        **limits: Any,
    ) -> Postbox:
        box = Postbox(tls=tls, login=login, certificate=certificate, **limits)
        box.start()
        opened.append(box)
        return box

    yield open_one
    for box in opened:
        box.stop()
    assert [error for box in opened for error in box.errors] == []


@pytest.fixture(scope="session")
def authority_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the authority behind the postboxes, in PEM."""
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def trusted_authority(authority_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes this process and its children trust the postboxes' GOOD certificate, as OpenSSL's default."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    return authority_file
