"""The edit line: what is stored is what the screen shows, whatever keys were pressed on the way."""

import sys
from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cli.screen import (
    BACKSPACE,
    CTRL_C,
    CTRL_D,
    DELETE,
    END,
    ENTER,
    HOME,
    LEFT,
    RIGHT,
    UP,
    Screen,
    pasted,
)

# Asks until nothing more comes, and says what it took for the answer.
_ASKS = """
from itertools import count
from complaint_sla.cli.line import Line
line = Line()
for n in count(1):
    try:
        print(f"{n}=" + ascii(line.ask(f"{n}>", remember=True)) + f"={n}", flush=True)
    except EOFError:
        break
"""


class Asked:
    """A terminal at which one question after the other is asked."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.screen = Screen([sys.executable, "-c", _ASKS], size=(250, 50), environment=environment)
        self.count = 0

    def answer(self, *keys: str) -> tuple[str, str]:
        """What stands on the screen in the end, and what was taken for the answer."""
        self.count += 1
        asked, taken = f"{self.count}>:", f"{self.count}='"
        self.screen.expect(asked)
        self.screen.press(*keys, ENTER)
        said = self.screen.expect(f"={self.count}")
        shown = said.rpartition(asked)[2].partition(f"\n{taken}")[0]
        value = said.rpartition(taken)[2].partition(f"'={self.count}")[0]
        return shown.strip(), value.encode().decode("unicode_escape")

    def leave(self) -> None:
        self.screen.press(CTRL_D)
        assert self.screen.end() == 0


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    asked = Asked()
    yield asked
    asked.leave()


_LETTERS, _MARKS = [*"กขคงจชซดตทนบปพมยรลวสหอฮ", *"ะาำเแโใไ", *"๐๑๒ฯๆ"], [*"ัิีึืุู", *"่้๊๋็์"]
# A mark is typed after its letter: alone at the beginning of a line it would stand on the prompt.
_THAI = st.builds(
    lambda letter, marks: [letter, *marks],
    st.sampled_from(_LETTERS),
    st.lists(st.sampled_from(_MARKS), max_size=2),
)
_LATIN = st.sampled_from([*"abcXYZ019 -/.@"]).map(lambda key: [key])
_MOVES = st.sampled_from([LEFT, RIGHT, HOME, END, BACKSPACE, BACKSPACE, DELETE]).map(lambda key: [key])
_PASTES = st.lists(_THAI | st.just(["\n"]), max_size=4).map(lambda parts: [pasted("".join(chain(*parts)))])
_KEYS = st.lists(_THAI | _THAI | _LATIN | _MOVES | _PASTES, max_size=16).map(
    lambda parts: list(chain(*parts))
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
)
@given(_KEYS)
def test_what_is_stored_is_what_the_screen_shows(asked: Asked, keys: list[str]) -> None:
    shown, value = asked.answer(*keys)
    assert seen(value) == seen(shown)


def seen(text: str) -> list[str]:
    """What an eye can tell: no spaces at the end of a line."""
    return [line.rstrip() for line in text.split("\n")]


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"LC_ALL": "th_TH.TIS-620", "PYTHONUTF8": "1"}])
def test_so_it_is_where_the_environment_names_no_letters(environment: dict[str, str]) -> None:
    asked = Asked(environment)
    assert asked.answer(*"ที่ที่ที่", BACKSPACE, BACKSPACE, *"นี่") == ("ที่นี่", "ที่นี่")
    asked.leave()


def test_what_was_pasted_is_one_answer_and_ones_own_answers_come_back(asked: Asked) -> None:
    assert asked.answer(pasted("ไฟดับ\ntouch x\n")) == ("ไฟดับ\ntouch x", "ไฟดับ\ntouch x")
    assert asked.answer("\t", *"081234", LEFT, LEFT, "x", UP, HOME) == ("0812x34", "0812x34")


@pytest.mark.parametrize("keys", ["\t", "\x1b\r"], ids=["Tab", "Escape, Enter"])
def test_ctrl_c_is_heard_behind_a_key_that_does_nothing(keys: str) -> None:
    asked = Asked()
    asked.screen.expect("1>:")
    asked.screen.press("x", keys)
    asked.screen.settle()
    asked.screen.press(CTRL_C)
    asked.screen.expect("KeyboardInterrupt")
    assert asked.screen.end() == 130
