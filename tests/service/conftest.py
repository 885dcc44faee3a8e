"""The program at a fresh database of either engine, as the tests of the command line have it."""

from tests.cli.conftest import lang, program, sqlite_program

__all__ = ["lang", "program", "sqlite_program"]
