"""Slips of whoever types, each told by its value and a cure that works, in either language, with nothing lost or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaint_sla.cli.main import COMMANDS
from complaint_sla.cli.slips import CALLED
from complaint_sla.wording import Words
from complaint_sla.wording.nearest import asked
from tests.cli.runner import LANGUAGES, run
from tests.mistakes.office import Office
from tests.mistakes.slips import HANDS, ORDER, WORDING, Copies, Slip, furnish_for_slips, make, slips

# Those that need what is not there yet are made by hand: `python -m tests.mistakes slips`.
TRIED = [one for one in slips() if not one.needs]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]) -> Copies:
    home = tmp_path_factory.mktemp("slips")
    file = home / "furnished" / "complaints.db"
    furnish_for_slips(file, sqlite_template())
    return Copies(file, home)


@pytest.fixture(scope="module")
def office(copies: Copies) -> Office:
    """One in which nothing ever changes."""
    return copies()


def test_there_are_sixty_of_them() -> None:
    kinds = Counter(one.about for one in TRIED)
    assert min(kinds[WORDING], kinds[ORDER], kinds[HANDS]) >= 20
    assert len({one.line for one in slips()}) == len(slips())


def test_what_others_call_a_command_is_called_something_here() -> None:
    assert set(CALLED.values()) <= set(COMMANDS)
    assert set(CALLED) & set(COMMANDS) == set()


@pytest.mark.parametrize("one", TRIED, ids=lambda one: one.line)
def test_a_slip_is_told_with_a_cure_or_understood(office: Office, copies: Copies, one: Slip) -> None:
    make(office, one, copies)


TOKENS = (
    "list", "show", "staff", "office", "note", "close", "help", "add", "set", "retire", "completion", "สรหะ", "", " ", "-", "--",
    "---", "-x", "-group", "--group", "--group=", "--grup=x", "--json", "--json=1", "--lang", "--lang=th", "--as", "--db",
    "--limit", "--limit=x", "--text", "—", "–json", "6003-1", "\x1b[2J", "a b", "x" * 5000, "\udcff", "=", "--=", "--version",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(TOKENS), max_size=6))
def test_whatever_is_typed_is_answered_in_words(office: Office, line: list[str]) -> None:
    for lang in LANGUAGES:
        answer = office("--lang", lang, *line, code=None)
        assert answer.code in (0, 2, 3, 5, 6), (line, answer)
        assert answer.code == 0 or answer.err or answer.out
        assert "\x1b" not in answer.err
        assert len(answer.err) < 4000


def test_a_mistyped_key_of_a_file_is_told_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "service.toml").write_text("silence_minuts = 20\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text('mial = "folder:x"\n', encoding="utf-8")
    for lang in LANGUAGES:
        said = run(["--lang", lang, "rules", "check", str(tmp_path / "service.toml")])
        assert "silence_minuts" in said.out + said.err
        assert asked(Words(lang), ["silence_minutes"]) in said.out + said.err
        with monkeypatch.context() as environment:
            environment.setenv("COMPLAINT_SLA_CONFIG", str(tmp_path / "config.toml"))
            assert asked(Words(lang), ["mail"]) in run(["--lang", lang, "list"]).err


def test_a_line_that_is_said_again_says_no_password() -> None:
    url = "postgresql+psycopg://clerk:s3cret@db.example/x"
    said = run(["--db", url, "list", "--as", "a@b.org"]).err
    assert "list" in said
    assert "s3cret" not in said
