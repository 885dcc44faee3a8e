"""Every text of the tables through every door of the command line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.cli.runner import Program
from tests.hostile.doors import TEXT_DOORS, VALUE_DOORS, Door, Scene
from tests.hostile.texts import ALL
from tests.published import rehearse

DOORS = (*TEXT_DOORS, *VALUE_DOORS)
# Every text passes through some doors and every door sees some texts; `python -m tests.hostile` tries all in all.
SHARE = 1 if settings.default.max_examples > 1_000 else 110


@pytest.fixture(scope="module")
def scene(sqlite_template: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One for all doors: what came in through one must not trouble the others."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copy(sqlite_template(), folder / "complaints.db")
    return Scene(Program(rehearse(f"sqlite:///{folder}/complaints.db")), folder, 14 * (len(ALL) // SHARE + 1))


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_hostile_text_is_refused_whole_or_kept_and_shown_harmless(door: Door, scene: Scene) -> None:
    chosen = ALL[DOORS.index(door) % SHARE :: SHARE]
    outcomes = [scene.push(door, text) for _, text in chosen]
    assert len(outcomes) == len(chosen) > 0
    if door.keeps:
        assert scene.look(most=1) >= 4
