"""A house to work in, on either engine, or on SQLite where the engine does not matter."""

from collections.abc import Callable, Iterator

import pytest

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
