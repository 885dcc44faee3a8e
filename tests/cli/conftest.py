"""The program at a fresh database of either engine."""

import signal
from collections.abc import Iterator

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


@pytest.fixture(autouse=True)
def hears() -> Iterator[None]:
    """Started in the background, or by nohup, the tests would be deaf to what ends a command, and so would all they start."""
    heard = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    deaf = [number for number in heard if signal.getsignal(number) is signal.SIG_IGN]
    for number in deaf:
        signal.signal(number, heard[number])
    yield
    for number in deaf:
        signal.signal(number, signal.SIG_IGN)
