"""A house to work in, on either engine, or on SQLite where the engine does not matter."""

import shutil
from collections.abc import Callable, Iterator

import pytest

from tests.servers.postgres import PostgresServer
from tests.work.desks import House

OpenHouse = Callable[..., House]


@pytest.fixture
def house(database: str) -> Iterator[House]:
    """An empty house on Sunday 5 March 2017, 10:00; the test runs once for each engine."""
    opened = House(database)
    yield opened
    opened.close()


@pytest.fixture
def small_house(sqlite_database: str) -> Iterator[House]:
    """The same on SQLite only."""
    opened = House(sqlite_database)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def lasting_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """An empty house for all tests of a module, which leave it as they find it; once for each engine."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("lasting") / "complaints.db"
        shutil.copy(request.getfixturevalue("sqlite_template")(), path)
        house = House(f"sqlite:///{path}")
        yield house
        house.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(request.getfixturevalue("postgresql_template")())
    house = House(server.url(name))
    yield house
    house.close()
    server.drop(name)
