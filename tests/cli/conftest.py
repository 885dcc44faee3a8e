"""The program at a fresh database of either engine."""

import pytest

from tests.cli.runner import LANGUAGES, Program
from tests.published import rehearse


@pytest.fixture
def program(database: str) -> Program:
    """The program at a fresh rehearsal; the test runs once for each engine."""
    return Program(rehearse(database))


@pytest.fixture
def sqlite_program(sqlite_database: str) -> Program:
    """The program at a fresh rehearsal in SQLite, for tests to which the engine does not matter."""
    return Program(rehearse(sqlite_database))


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    """Each language of the program."""
    language: str = request.param
    return language
