"""What a mail server answers reaches the outbox, the staff's remarks and `doctor`: screened, and without secrets."""

import pytest
from hypothesis import settings as settings_of_run

from complaint_sla.mail.replies import screened
from complaint_sla.mail.servers import Security, SmtpServer
from tests.cli.runner import SUNDAY, Program
from tests.conftest import OpenPostbox
from tests.hostile import verdicts
from tests.hostile.books import steps_of
from tests.hostile.servers import ANSWERS, CODES, PASSWORD, PHASES, SECRETS, USER
from tests.hostile.siege import settings
from tests.servers.smtp import Phase

SERVER = SmtpServer("127.0.0.1", 25, Security.PLAIN, "sla@example.org", USER, PASSWORD)


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.value)
def test_a_hostile_answer_is_shown_harmless_wherever_it_is_kept(
    phase: Phase, sqlite_program: Program, postbox: OpenPostbox
) -> None:
    sqlite_program.hire("sup")
    sqlite_program.number("residential", "--urgent")
    sqlite_program("sweep", now=SUNDAY)
    every = 1 if settings_of_run.default.max_examples > 1_000 else len(PHASES)
    for number, (name, said) in enumerate(list(ANSWERS.items())[PHASES.index(phase) :: every]):
        box = postbox(login=(USER, PASSWORD))
        box.answer(phase, f"{CODES[number % len(CODES)]} {said}".rstrip())
        with settings(MAIL=f"smtp+plain://{USER}@127.0.0.1:{box.port}", MAIL_PASSWORD=PASSWORD):
            verdicts.screen(sqlite_program("deliver", now=SUNDAY, code=None))
            shown = [
                sqlite_program(*command, now=SUNDAY, code=None)
                for command in (["mail", "list"], ["mail", "show", "1"])
            ]
            if number % 4 == 0:
                shown += [sqlite_program(*command, code=None) for command in (["staff", "list"], ["doctor"])]
        for answer in shown:
            verdicts.screen(answer)
            for secret in SECRETS:
                assert secret not in answer.out + answer.err, (name, secret)
        for text in verdicts.stored(sqlite_program.dump()):
            assert not any(secret in text for secret in SECRETS), name
        sqlite_program("staff", "set", "sup@example.org", "--reachable")
        sqlite_program("mail", "retry", now=SUNDAY)


@pytest.mark.parametrize("said", ANSWERS)
def test_an_answer_is_kept_in_one_short_line(said: str) -> None:
    for text in (
        ANSWERS[said],
        ANSWERS[said] * 50,
        "\u202e\u2066\u2028\x9b" + ANSWERS[said],
        f"{ANSWERS[said]}\r\n" * 9,
    ):
        kept = screened(text, SERVER)
        assert len(kept) <= 200
        assert verdicts.STEERING.search(kept + "\n"[1:]) is None
        assert "\n" not in kept
        assert not any(secret in kept for secret in SECRETS)


@pytest.mark.parametrize("unit", ["x", "@", "a@", "%40", "a%", "x ", "\u202e", "<", "=", "a.b@c.d"])
def test_a_long_answer_costs_no_more_than_its_length(unit: str) -> None:
    """Read from every character of it anew, an answer of a megabyte would hold all other mail up for hours."""
    assert steps_of(lambda: screened(unit * 2_000, SERVER)) < 20 * 2_000 * len(unit)
