"""`kill -9` at the steps of settling, gathering, claiming, writing, sending and recording loses no alert."""

import pytest

from tests.conftest import Databases
from tests.faults.bureau import bureau_at
from tests.faults.kills import kill

# As many as it takes for every third step of a round, from its end to the first, which are those of settling, and a few for
# those that come from outside; others on the other engine.
KILLS = 18


@pytest.mark.slow
def test_whoever_dies_at_whatever_step_no_alert_is_lost(databases: Databases) -> None:
    every_third = slice(-3 if databases.engine == "sqlite" else -2, None, -3)
    with bureau_at(databases.migrated()) as bureau:
        kills = kill(bureau, KILLS, 4, every_third)
        count = bureau.oracle.count()
    assert bureau.oracle.problems == []
    assert count.lost == 0
    assert count.delivered > KILLS
    died_at = {step.partition(":")[0] for step in kills.at}
    assert died_at >= {"settle", "gather", "claim", "write", "begin", "send", "record"}
