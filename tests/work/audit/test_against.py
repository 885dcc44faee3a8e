"""An older backup held against the database: what it has must be there, whatever has happened since."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.differences import Check
from complaint_sla.core.errors import BadValue, DatabaseUnusable
from complaint_sla.store import held
from complaint_sla.store.backup import back_up, open_file
from complaint_sla.store.engine import Store
from complaint_sla.store.restore import proved, restore
from complaint_sla.work.audit.against import Against, Held, require_own
from complaint_sla.work.audit.audit import Audited, Discrepancy, audit
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.complaints import erase
from complaint_sla.work.figures import freeze
from tests.store.test_upgrade import RECORD
from tests.work.audit.test_audit import LATE, NEXT_MONTH, OPEN, play
from tests.work.desks import House
from tests.work.frozen import lay_beside

Look = Callable[[House], tuple[Audited, list[Discrepancy]]]


def look(house: House, backup: Path) -> tuple[Audited, list[Discrepancy]]:
    found: list[Discrepancy] = []
    with proved(backup, held.READABLE) as older:
        done = audit(house.desk, found.append, against=(older, backup))
    return done, found


def work_on(house: House) -> None:
    """Everything that may be done after a backup was made."""
    casework.do(house.later(days=1), LATE, casework.reopen("not solved"))
    freeze.freeze(house.desk, Quarter(2017, 1))
    house.log(office="MAIN")
    house.later(days=8)
    house.sweep()
    house.post()
    house.shut(LATE)
    erase.erase(house.later(hours=1), LATE, "asked for")
    lay_beside(house, "2018-01-01")


@pytest.fixture
def backed_up(house: House, tmp_path: Path) -> tuple[House, Path]:
    play(house)
    freeze.freeze_final(house.desk)
    file = tmp_path / "backup.db"
    back_up(house.store, file)
    return house, file


def test_whatever_has_happened_since_is_in_order(backed_up: tuple[House, Path], tmp_path: Path) -> None:
    house, file = backed_up
    work_on(house)
    done, found = look(house, file)
    assert found == []
    with closing(sqlite3.connect(file)) as connection:
        count = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("complaint", "event", "journal", "figure", "book")
        }
        (sent,) = connection.execute("SELECT count(*) FROM message WHERE state = 'sent'").fetchone()
    assert done.against == Held(
        count["complaint"], count["event"], count["journal"], sent, count["figure"], count["book"]
    )
    # A copy that was taken back is the same office under another identity; so is what is made of that.
    there = Store.open(f"sqlite:///{tmp_path / 'moved.db'}", create=True)
    later = tmp_path / "later.db"
    back_up(house.store, later)
    with proved(later) as source:
        restore(there, source, later)
    moved = House(there.shown_url)
    moved.clock.at = house.clock.at
    assert moved.store.identity != house.store.identity
    assert look(moved, file)[1] == []
    moved.close()
    there.close()


def test_a_backup_of_the_revision_before_is_read(sqlite_database: str, tmp_path: Path) -> None:
    """As far as it goes: what was not recorded then can't be missed."""
    house = House(sqlite_database)
    play(house)
    file = tmp_path / "before.db"
    back_up(house.store, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in (
            *(f"ALTER TABLE {table} DROP COLUMN server_user" for table in ("event", "journal")),
            *(f"ALTER TABLE message DROP COLUMN {name}" for name in ("digest", "unheard_at")),
            "ALTER TABLE counter DROP COLUMN head",
            "ALTER TABLE house DROP COLUMN salt",
            "ALTER TABLE heartbeat DROP COLUMN locked",
            "UPDATE alembic_version SET version_num = '0003_the_truth'",
        ):
            connection.execute(statement)
    house.later(days=8)
    house.sweep()
    assert look(house, file)[1] == []
    house.close()


def test_what_a_backup_has_and_the_database_has_not_is_named(backed_up: tuple[House, Path]) -> None:
    """The other way round: everything that was done since is taken back."""
    house, file = backed_up
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.create_function("other", 1, lambda text: str(text)[::-1])
        late, its = (house.complaint(number).id for number in (LATE, OPEN))
        for statement in (
            f"UPDATE event SET hash = other(hash) WHERE seq = 2 AND complaint_id = {late}",
            f"UPDATE complaint SET number = 'C-6004-00077' WHERE number = '{NEXT_MONTH}'",
            "UPDATE counter SET serial = serial + 1 WHERE month = '2017-03'",
            "UPDATE message SET sent_at = NULL, answer = 'taken' WHERE id = 1",
            f"UPDATE alert SET state = 'sent', message_id = 1 WHERE id = (SELECT max(id) FROM alert WHERE complaint_id = {its})",
            "UPDATE figure SET frozen_at = '2017-01-01 00:00:00.000000'",
            "UPDATE book SET published_at = '2017-01-01 00:00:00.000000' WHERE kind = 'book'",
            "UPDATE journal SET hash = other(hash) WHERE seq = 2",
        ):
            assert connection.execute(statement).rowcount == 1, statement
    found = [(one.about, one.check, one.name) for one in look(house, file)[1]]
    assert [(about, check) for about, check, _ in found] == [
        ("C-6004-00077", Check.BACKUP_NUMBER),
        ("counter 2017-03", Check.BACKUP_COUNTER),
        (LATE, Check.BACKUP_EVENT),
        ("journal", Check.BACKUP_EVENT),
        ("message 1", Check.BACKUP_LETTER),
        (OPEN, Check.BACKUP_ALERT),
        ("figure 2017-Q1/1", Check.BACKUP_FIGURE),
        ("book pea-2560", Check.BACKUP_BOOK),
    ]
    assert {name for _, check, name in found if check is Check.BACKUP_EVENT} == {"2"}
    assert next(name for _, check, name in found if check is Check.BACKUP_LETTER) == "sent_at, answer"


def test_a_backup_that_can_not_be_used_is_refused(
    small_house: House, sqlite_databases, tmp_path: Path
) -> None:
    small_house.log()
    foreign = tmp_path / "foreign.db"
    other = House(sqlite_databases.migrated())
    other.store.write(lambda session: session.connection().exec_driver_sql("UPDATE house SET identity = 'x'"))
    other.store.write(
        lambda session: session.connection().exec_driver_sql("UPDATE journal SET hash = 'x' WHERE seq = 1")
    )
    back_up(other.store, foreign)
    with pytest.raises(BadValue, match="backup-of-another"):
        look(small_house, foreign)
    other.close()
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress(RECORD.read_bytes()))
    with pytest.raises(DatabaseUnusable, match="backup-too-old"):
        look(small_house, old)
    text = tmp_path / "text"
    text.write_text("no database")
    with pytest.raises(BadValue, match="backup-foreign"):
        look(small_house, text)


def test_whatever_a_hand_made_of_either_is_no_traceback(small_house: House, tmp_path: Path) -> None:
    play(small_house)
    file, damaged = tmp_path / "backup.db", tmp_path / "damaged.db"
    back_up(small_house.store, file)
    tables = ("complaint", "event", "journal", "message", "alert", "figure", "counter", "book", "house")
    with closing(sqlite3.connect(file)) as connection:
        columns = {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables
        }
    for table, names in columns.items():
        for name in names:
            shutil.copy(file, damaged)
            with closing(sqlite3.connect(damaged)) as connection, connection:
                try:
                    connection.execute(f"UPDATE {table} SET `{name}` = 'x'")
                except sqlite3.IntegrityError:
                    continue
            # Whatever restoring would refuse, too.
            with open_file(damaged, writable=False).connect() as older, small_house.store.read() as session:
                today = session.connection()
                if (table, name) not in (("house", "identity"), ("journal", "seq")):
                    require_own(today, older, damaged)
                list(Against(today, older).all())
                list(Against(older, today).all())
