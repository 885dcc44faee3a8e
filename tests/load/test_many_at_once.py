"""Many at once, in short: `python -m tests.load` does the same by the hundred thousand, and prints what it took."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import OpenPostbox
from tests.load.crowd import Crowd, crowd_in
from tests.load.outage import Outage, digest, outage
from tests.load.services import Unrest, unrest
from tests.published import rehearse

pytestmark = pytest.mark.slow


@pytest.fixture
def database(database: str) -> str:
    """All clocks here are other than the real one."""
    return rehearse(database)


@pytest.fixture
def sqlite_database(sqlite_database: str) -> str:
    return rehearse(sqlite_database)


@pytest.fixture
def postgresql_database(postgresql_database: str) -> str:
    return rehearse(postgresql_database)


def test_twenty_clerks_log_while_a_sheet_comes_in_and_alerts_go_out_and_copies_are_made(
    sqlite_database: str, tmp_path: Path
) -> None:
    crowd = Crowd(rounds=1, rows=600, real_clerks=1, between_copies=0.5)
    measured = crowd_in(sqlite_database, tmp_path, crowd)
    assert measured.logged >= crowd.clerks
    assert measured.copies >= 1
    assert measured.letters >= 1


@pytest.mark.postgresql
def test_eight_services_that_are_killed_and_started_at_random_leave_no_twin_and_nobody_behind(
    postgresql_database: str, tmp_path: Path, postbox: OpenPostbox
) -> None:
    outcome = unrest(postgresql_database, postbox(), tmp_path, Unrest(leaps=3, killed=2))
    assert outcome.kills == 6
    assert outcome.recipients >= 2


def test_hundreds_of_complaints_due_at_once_are_one_letter(
    database: str, tmp_path: Path, postbox: OpenPostbox
) -> None:
    found = digest(database, postbox(), tmp_path, 300)
    assert found.complaints == 300
    assert found.size > found.html > 0


@pytest.mark.parametrize("answers", [True, False])
def test_after_three_days_without_a_mail_server_each_gets_one_letter_with_the_newest_stages(
    sqlite_database: str, answers: bool, postbox: OpenPostbox
) -> None:
    _after_three_days(outage(sqlite_database, postbox(), answers=answers, many=8, hours=4))


# How the server fails is nothing to the database.
@pytest.mark.postgresql
def test_so_it_is_on_postgresql(postgresql_database: str, postbox: OpenPostbox) -> None:
    _after_three_days(outage(postgresql_database, postbox(), answers=False, many=8, hours=4))


def _after_three_days(found: Outage) -> None:
    assert found.tried > 0
    # Three owners, their supervisor, and the manager: after a day on which no server took a letter, the next in line is
    # told as well, and above the supervisor that is the manager.
    assert found.letters == found.recipients == 5
    assert found.stages > found.letters
