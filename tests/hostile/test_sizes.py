"""A megabyte in a field is refused by the field's name and limit, and nothing of it is written or said again."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from tests.cli.runner import Program
from tests.hostile import sizes
from tests.hostile.books import steps_of
from tests.hostile.doors import TEXT_DOORS, VALUE_DOORS, Scene
from tests.published import rehearse

DOORS = {door.name: door for door in (*TEXT_DOORS, *VALUE_DOORS)}
FILLINGS = list(sizes.FILLINGS)


@pytest.fixture(scope="module")
def scene(sqlite_template: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("sizes")
    shutil.copy(sqlite_template(), folder / "complaints.db")
    return Scene(Program(rehearse(f"sqlite:///{folder}/complaints.db")), folder, 60)


@pytest.mark.parametrize("name", sizes.LIMITS)
def test_a_megabyte_is_refused_by_the_name_and_the_limit_of_its_field(name: str, scene: Scene) -> None:
    filling = FILLINGS[list(sizes.LIMITS).index(name) % len(FILLINGS)]
    for megabytes in sizes.MEGABYTES if settings.default.max_examples > 1_000 else (1,):
        assert sizes.push(scene, DOORS[name], filling, megabytes) == "refused"


@pytest.mark.parametrize("length", [0, 1, 499, 500, 501, 2_000, 2_001])
def test_what_a_line_holds_is_counted_after_its_spaces_and_marks_are_made_regular(length: int) -> None:
    for text in ("x" * length, " ".join("x" * ((length + 1) // 2)), "  x" * length):
        kept = " ".join(text.split())
        try:
            assert fields.line("subject", text) == kept
        except BadValue as refused:
            assert refused.key == ("empty-text" if not kept else "too-long")
            assert not 0 < len(kept) <= fields.LINE
    # Two characters become one.
    if 0 < length <= fields.LINE:
        assert fields.line("subject", "e\u0301" * length) == "\u00e9" * length


def test_marks_that_have_to_be_sorted_are_refused_before_they_are() -> None:
    """Sorting them takes the square of their number, in C, where no step is counted: they must not get there."""
    for marks in ("\u0301\u0327", "\u0327\u0301", "\u0e49\u0e38", "\u0301"):
        text = "a" + marks * 10_000
        with pytest.raises(BadValue) as refused:
            fields.page("note", text)
        assert refused.value.key == "not-text"
        assert steps_of(lambda text=text: _refused(text)) < 1_000
    assert fields.page("note", ("a" + "\u0301" * 30 + " ") * 600)


def _refused(text: str) -> None:
    with pytest.raises(BadValue):
        fields.page("note", text)
