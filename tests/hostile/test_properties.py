"""For any text: refused and nothing changed, or kept in NFC; and what comes out is clean. The tables' doors, other texts."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from complaint_sla.files import guarded, unguarded
from tests.cli.runner import Program
from tests.hostile import verdicts
from tests.hostile.doors import TEXT_DOORS, VALUE_DOORS, Scene
from tests.hostile.texts import ALPHABET
from tests.published import rehearse

NASTY = st.text(st.sampled_from(ALPHABET), max_size=40)
LONG = settings.default.max_examples > 1_000


@pytest.fixture(scope="module")
def scene(sqlite_template: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("properties")
    shutil.copy(sqlite_template(), folder / "complaints.db")
    return Scene(Program(rehearse(f"sqlite:///{folder}/complaints.db")), folder, 20_000 if LONG else 100)


@settings(max_examples=2_000 if LONG else 8)
@given(door=st.sampled_from(TEXT_DOORS), text=NASTY)
def test_any_text_is_refused_whole_or_kept(scene: Scene, door, text) -> None:
    assert scene.push(door, text) in {"taken", "refused"}


def test_what_was_kept_is_shown_harmless(scene: Scene) -> None:
    kept = "a\u202e b <b> \u2028=1"
    outcomes = [scene.push(door, kept) for door in TEXT_DOORS[::4]]
    assert outcomes == ["taken"] * len(outcomes)
    assert scene.look(most=None if LONG else 6) > 4


@settings(max_examples=2_000 if LONG else 8)
@given(door=st.sampled_from(VALUE_DOORS), text=NASTY)
def test_any_value_is_known_or_refused(scene: Scene, door, text) -> None:
    if "/" not in text:
        assert scene.push(door, text) in {"taken", "refused", "impossible"}


@given(NASTY | st.text())
def test_any_line_that_is_kept_is_one_line_and_kept_again_as_it_is(text) -> None:
    try:
        kept = fields.line("subject", text)
    except BadValue:
        return
    assert verdicts.squeezed(kept) == verdicts.squeezed(text)
    assert len(kept.splitlines()) == 1
    verdicts.stored({"kept": [(kept,)]})
    assert fields.line("subject", kept) == kept


@given(NASTY | st.text())
def test_any_cell_is_no_formula_once_it_is_guarded_and_is_read_back(text) -> None:
    assert verdicts.FORMULA.match(guarded(text)) is None
    assert unguarded(guarded(text)) == text
