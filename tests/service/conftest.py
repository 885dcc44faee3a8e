"""The program at a fresh database of either engine."""

import pytest

from tests.cli.runner import LANGUAGES, Program


@pytest.fixture
def program(database: str) -> Program:
    """The program at a fresh database; the test runs once for each engine."""
    return Program(database)


@pytest.fixture
def sqlite_program(sqlite_database: str) -> Program:
    """The program at a fresh SQLite database, for tests to which the engine does not matter."""
    return Program(sqlite_database)


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    """Each language of the program."""
    language: str = request.param
    return language
