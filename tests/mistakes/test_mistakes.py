"""Ordinary mistakes, each refused, healed or named. `python -m tests.mistakes` prints the table."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mistakes import clocks, papers, paths, people  # noqa: F401 - each enters its mistakes in the list
from tests.mistakes.office import MISTAKES, Mistake, Office, furnish, without_wal


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]) -> Path:
    file = tmp_path_factory.mktemp("furnished") / "complaints.db"
    furnish(file, sqlite_template())
    without_wal(file)
    return file


def test_there_are_forty_of_them() -> None:
    assert len({one.name for one in MISTAKES}) >= 40


@pytest.mark.parametrize("one", MISTAKES, ids=lambda one: one.name)
def test_a_mistake_is_refused_healed_or_named(furnished: Path, tmp_path: Path, one: Mistake) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    shutil.copy(furnished, folder / "complaints.db")
    office = Office(folder)
    try:
        assert one.make(office).strip(), "nothing was said"
    finally:
        office.close()
