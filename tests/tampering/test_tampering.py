"""Whatever a hand does to the file is named by the audit. `python -m tests.tampering` prints the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from complaint_sla.work.desk import Desk
from tests.mistakes.office import without_wal
from tests.tampering.acts import BESIDE_A_BACKUP
from tests.tampering.office import TAMPERINGS, Office, Tampering, furnish, seen, tampered


@dataclass(frozen=True)
class Furnished:
    file: Path
    desk: Desk


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]) -> Furnished:
    file = tmp_path_factory.mktemp("furnished") / "complaints.db"
    file.write_bytes(sqlite_template().read_bytes())
    house = Office(f"sqlite:///{file}")
    furnish(house)
    house.close()
    without_wal(file)
    return Furnished(file, house.desk)


def test_the_office_is_in_order_before_anybody_has_touched_it(furnished: Furnished) -> None:
    assert seen(furnished.desk, furnished.file) == []
    assert seen(furnished.desk, furnished.file, furnished.file) == []


def test_there_are_sixty_of_them() -> None:
    assert len({one.name for one in TAMPERINGS}) == len(TAMPERINGS) >= 60


@pytest.mark.parametrize("one", TAMPERINGS, ids=lambda one: f"{one.about}: {one.name}")
def test_what_a_hand_has_done_is_named(furnished: Furnished, tmp_path: Path, one: Tampering) -> None:
    file = tampered(one, furnished.file, tmp_path)
    backup = furnished.file if one.beside_backup else None
    found = {each.check.value for each in seen(furnished.desk, file, backup)}
    assert found & one.seen if one.seen else found, found


@pytest.mark.parametrize("name", sorted(BESIDE_A_BACKUP))
def test_what_was_written_down_for_good_is_missed_beside_a_backup(
    furnished: Furnished, tmp_path: Path, name: str
) -> None:
    (one,) = (one for one in TAMPERINGS if one.name == name)
    file = tampered(one, furnished.file, tmp_path)
    found = {each.check.value for each in seen(furnished.desk, file, furnished.file)}
    assert any(check.startswith("backup-") for check in found), found
