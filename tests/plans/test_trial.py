"""What offices do at random over a year stands, and was handed in, as the oracle has it; `tests.plans.trial` tries hundreds."""

from pathlib import Path

from tests.conftest import Databases
from tests.plans.trial import trial


def test_whatever_offices_do_each_card_is_the_oracles_and_what_was_handed_in_stays(
    databases: Databases, tmp_path: Path
) -> None:
    found = trial(databases.migrated(), tmp_path, 4, 24)
    # In this one a quarter is handed in, and restated.
    assert len(found.frozen) == 2
    assert found.done["wrong"]
