"""The way back: a backup goes into an empty database of either kind, and the office works on where it stood."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, DatabaseUnusable, Error, NotPossible
from complaint_sla.core.roster import Role
from complaint_sla.mail import delivery
from complaint_sla.mail.compose import compose
from complaint_sla.mail.delivery import Delivered, PostOffice
from complaint_sla.mail.servers import parse_mail_url
from complaint_sla.mail.transports import open_transport
from complaint_sla.store.backup import Copied, back_up
from complaint_sla.store.engine import Store
from complaint_sla.store.restore import is_rehearsal, proved, restore
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.audit.audit import Discrepancy, audit
from complaint_sla.work.figures import freeze as closures
from complaint_sla.work.letters import outbox
from complaint_sla.work.plans import freezing as plans
from tests.cli.runner import dump, office
from tests.conftest import Databases
from tests.servers.smtp import Postbox
from tests.store.copies import MANY, fill_with_odd_rows, filled_house
from tests.work.desks import House, verify_chains
from tests.work.plans.figures import enter

SENDER = "Complaints <complaints@pea.example>"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def others(request: pytest.FixtureRequest) -> Databases:
    """Databases to restore into; with `databases`, each engine meets each."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture(scope="session")
def finished_backup(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]) -> Path:
    folder = tmp_path_factory.mktemp("backup")
    shutil.copy(sqlite_template(), folder / "complaints.db")
    house = filled_house(f"sqlite:///{folder}/complaints.db")
    house.later(days=30)
    house.sweep()
    house.gather()
    back_up(house.store, folder / "backup.db")
    house.close()
    return folder / "backup.db"


@pytest.fixture
def backup(finished_backup: Path, tmp_path: Path) -> Path:
    """A backup of an office with a few complaints, an alert and a letter."""
    return Path(shutil.copy(finished_backup, tmp_path / "backup.db"))


def take_back(path: Path, url: str, *, rehearsal: bool = False) -> Copied:
    with proved(path) as source:
        store = Store.open(url, create=True, rehearsal=rehearsal or is_rehearsal(source))
        try:
            return restore(store, source, path)
        finally:
            store.close()


def moved(house: House, url: str, path: Path) -> House:
    """The same office, by way of a backup, in another database; the old one is shut."""
    back_up(house.store, path)
    house.close()
    take_back(path, url)
    other = House(url)
    other.clock.at = house.clock.at
    return other


def test_every_row_of_every_table_comes_back_as_it_was(
    databases: Databases, others: Databases, tmp_path: Path
) -> None:
    url, other = databases.migrated(), others.empty()
    fill_with_odd_rows(url)
    store = Store.open(url)
    copied = back_up(store, tmp_path / "backup.db")
    store.close()

    assert take_back(tmp_path / "backup.db", other) == copied
    assert office(dump(other)) == office(dump(url))
    # It is another database than the one that was copied.
    assert dump(other)["house"] != dump(url)["house"]


@pytest.mark.parametrize(
    ("was", "asked", "is_one"), [(False, True, True), (True, False, True), (False, False, False)]
)
def test_a_copy_is_as_real_as_what_was_copied_or_a_rehearsal_of_it(
    databases: Databases, tmp_path: Path, was: bool, asked: bool, is_one: bool
) -> None:
    store = Store.open(databases.empty(), create=True, rehearsal=was)
    back_up(store, tmp_path / "backup.db")
    store.close()
    url = databases.empty()
    take_back(tmp_path / "backup.db", url, rehearsal=asked)
    store = Store.open(url)
    assert store.is_rehearsal == is_one
    store.close()


async def test_after_a_restore_the_office_works_on_and_sends_nothing_twice(
    databases: Databases, others: Databases, tmp_path: Path, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    house = House(databases.migrated())
    # The child stands before its parent, and the original after its duplicate, in the order of their ids.
    offices.add_office(house.desk, "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")
    for name in ("somchai", "wichai", "malee"):
        house.hire(name, office="BANSANG")
    house.hire("boss", Role.MANAGER)
    house.log("residential", office="BANSANG", phone="0812345678", detail="ก็ว่า\n😀")
    house.log("key-account", office="BANSANG", urgent=True)
    house.at("2017-03-05 10:01")
    house.sweep()
    assert (await deliver(house, box)).sent == 3
    house.at("2017-03-23 08:00")
    house.sweep()
    house.gather()
    # One letter goes out, and the program ends before it hears that it was taken; the others were never handed over.
    [held, *_] = outbox.claim(house.desk, 8)
    letter = outbox.write(house.desk, held)
    assert letter is not None
    message = compose(letter, SENDER, Words(letter.language))
    assert outbox.begin(house.desk, held, delivery._digest(message), letter.written_at)
    unsure = {one.message_id for one in house.messages() if one.state == "sending"}
    known = {one.message_id for one in house.messages() if one.state == "sent"}
    before = office(house.dump())
    assert (len(unsure), len(known)) == (1, 3)

    house = moved(house, others.empty(), tmp_path / "backup.db")

    assert office(house.dump()) == before
    assert house.log(office="BANSANG") == "C-6003-00003"
    sent_before = len(box.received)
    house.later(minutes=2)
    house.sweep()
    await deliver(house, box)
    new = [letter.message_id for letter in box.received[sent_before:]]
    assert unsure <= set(new)
    assert not known & set(new)
    assert len(new) == len(set(new))
    assert await deliver(house, box) == Delivered()
    assert house.hire("new")
    with house.store.read() as session:
        owed = session.execute(text("SELECT count(*) FROM alert WHERE state = 'waiting'")).scalar_one()
    assert owed == 0
    verify_chains(house.store)
    found: list[Discrepancy] = []
    audit(house.desk, found.append)
    assert found == []
    house.close()


async def deliver(house: House, box: Postbox) -> Delivered:
    transport = open_transport(parse_mail_url(f"smtp+plain://{box.host}:{box.port}", SENDER))
    try:
        return await delivery.deliver(house.desk, PostOffice(transport, SENDER, Words))
    finally:
        await transport.close()


def test_the_audit_of_a_restored_office_is_clean(
    databases: Databases, others: Databases, tmp_path: Path
) -> None:
    house = filled_house(databases.migrated())
    # By hand: what bears another system's id does not begin what the service freezes.
    house.log()
    house.later(days=30)
    house.sweep()
    house.post()
    house.shut("6003-1")
    # A plan that was handed in, and what came in after it.
    enter(house, "large-existing", "1/2560", "90/95", office="MAIN", dated="2017-04-03")
    house.later(days=60)
    closures.freeze_final(house.desk)
    assert plans.freeze_final(house.desk)
    enter(house, "large-existing", "1/2560", "91/95", office="MAIN", dated="2017-04-03")
    house = moved(house, others.migrated(), tmp_path / "backup.db")
    assert plans.freeze(house.desk, Quarter(2017, 1)).version == 2
    found: list[Discrepancy] = []
    assert audit(house.desk, found.append).complaints > 0
    assert found == []
    house.close()


def test_a_service_that_found_nothing_to_do_is_no_hindrance(database: str, backup: Path) -> None:
    house = House(database)
    outbox.beat(house.desk, None)
    house.close()
    assert take_back(backup, database).complaints == MANY


def _log(house: House) -> object:
    return house.log()


def _hire(house: House) -> object:
    return house.hire("somchai")


def _found_office(house: House) -> object:
    return offices.add_office(house.desk, "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")


def _rename_office(house: House) -> object:
    return offices.set_office(house.desk, "MAIN", name_en="Bang Pa-in")


@pytest.mark.parametrize(
    ("do", "tables"),
    [
        (_log, ["complaint", "counter", "event"]),
        (_hire, ["staff"]),
        (_found_office, ["office"]),
        (_rename_office, ["office"]),
    ],
)
def test_a_database_that_holds_anything_is_left_alone(
    database: str, backup: Path, do: Callable[[House], object], tables: list[str]
) -> None:
    house = House(database)
    do(house)
    before = house.dump()
    with pytest.raises(NotPossible, match="database-not-empty") as refused:
        take_back(backup, database)
    assert refused.value.values["tables"] == tables
    assert house.dump() == before
    house.close()


def test_of_two_who_restore_at_once_one_is_refused(empty_database: str, backup: Path) -> None:
    start = threading.Barrier(2)
    came: list[object] = []

    def one() -> None:
        start.wait(30)
        try:
            came.append(take_back(backup, empty_database))
        except Error as problem:
            came.append(problem.key)

    workers = [threading.Thread(target=one) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(came, key=str) == [
        Copied(complaints=MANY, events=2 * MANY, letters=2),
        "database-not-empty",
    ]


def test_broken_off_on_the_way_nothing_has_come(database: str, backup: Path) -> None:
    def stop(_percent: int) -> None:
        raise KeyboardInterrupt

    before = dump(database)
    store = Store.open(database)
    with proved(backup) as source, pytest.raises(KeyboardInterrupt):
        restore(store, source, backup, stop)
    store.close()
    assert dump(database) == before
    assert take_back(backup, database).complaints == MANY


def spoil(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


SPOILT = {
    "no day": "UPDATE complaint SET due_on = 'soon' WHERE id = 3",
    "no moment": "UPDATE message SET created_at = 17",
    "orphan": "DELETE FROM book",
    "no table": "DROP TABLE alert",
    "no column": "ALTER TABLE counter DROP COLUMN serial",
}
SPOILT_FOR_POSTGRESQL = {
    "no number": "UPDATE complaint SET days = 'private' WHERE id = 3",
    "too large": "UPDATE complaint SET days = 99999999999 WHERE id = 3",
    "NUL": "UPDATE complaint SET detail = 'a' || char(0) WHERE id = 3",
}


@pytest.mark.parametrize("statement", SPOILT.values(), ids=SPOILT.keys())
def test_a_backup_whose_rows_make_no_sense_changes_nothing(
    sqlite_database: str, backup: Path, statement: str
) -> None:
    assert_refused_for_its_rows(sqlite_database, backup, statement)


@pytest.mark.postgresql
def test_what_postgresql_does_not_take_changes_nothing_and_is_not_told(
    postgresql_database: str, finished_backup: Path, tmp_path: Path
) -> None:
    for name, statement in (SPOILT | SPOILT_FOR_POSTGRESQL).items():
        path = Path(shutil.copy(finished_backup, tmp_path / f"{name}.db"))
        assert_refused_for_its_rows(postgresql_database, path, statement)


def assert_refused_for_its_rows(url: str, path: Path, statement: str) -> None:
    spoil(path, statement)
    before = dump(url)
    with pytest.raises(BadValue, match="backup-damaged") as refused:
        take_back(path, url)
    assert "private" not in str(refused.value)
    assert dump(url) == before


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, backup: Path) -> None:
    empty, page, foreign, bare = (tmp_path / name for name in ("empty", "page.html", "other.db", "bare.db"))
    empty.touch()
    page.write_text("<p>" * 1000)
    spoil(foreign, "CREATE TABLE invoices (id INTEGER)")
    spoil(bare, "PRAGMA user_version = 1")
    for path in (empty, page, foreign, bare):
        with pytest.raises(BadValue, match="backup-foreign"), proved(path):
            pass
    for missing in (tmp_path / "none", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(BadValue, match="file-unreadable"), proved(missing):
            pass
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_backup_in_a_pipe_is_not_called_damaged_nor_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "backup.db"
    os.mkfifo(pipe)
    with pytest.raises(BadValue, match="backup-piped"), proved(pipe):
        pass


@pytest.mark.parametrize("kept", [0.5, 0.999])
def test_a_backup_that_was_cut_off_is_refused(backup: Path, kept: float) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BadValue, match="backup-damaged"), proved(backup):
        pass


def test_a_backup_with_a_damaged_page_is_refused(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    backup.write_bytes(content)
    with pytest.raises(BadValue, match="backup-damaged"), proved(backup):
        pass


def test_a_backup_of_another_revision_is_refused(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(backup, "UPDATE alembic_version SET version_num = '9999_the_future'")
    with pytest.raises(DatabaseUnusable, match="backup-new"), proved(backup):
        pass
    monkeypatch.setattr("complaint_sla.store.restore.KNOWN", ("0000_the_past", "0001_the_house"))
    spoil(backup, "UPDATE alembic_version SET version_num = '0000_the_past'")
    with pytest.raises(DatabaseUnusable, match="backup-old"), proved(backup):
        pass


def test_a_backup_is_read_where_nothing_can_be_written(backup: Path, sqlite_databases: Databases) -> None:
    folder = backup.with_name("tape")
    folder.mkdir()
    tape = Path(shutil.copy(backup, folder / "b.db"))
    tape.chmod(0o400)
    folder.chmod(0o500)
    before = tape.read_bytes()
    assert take_back(tape, sqlite_databases.empty()).complaints == MANY
    assert tape.read_bytes() == before
    assert list(folder.iterdir()) == [tape]
    folder.chmod(0o700)


def test_a_backup_can_be_used_as_it_is(backup: Path) -> None:
    house = House(f"sqlite:///{backup}")
    assert house.log() == f"C-6003-{MANY + 1:05}"
    house.close()
