"""Who holds what on PostgreSQL: said and counted, not waited for in vain, and nothing held for the dead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlmodel import select

from complaint_sla.core.errors import DatabaseLocked
from complaint_sla.store import heartbeats, locks, problems
from complaint_sla.store.postgresql import is_open_wire
from complaint_sla.store.tables import Complaint
from complaint_sla.work.complaints import change
from complaint_sla.work.letters import outbox
from tests.cli.runner import Program
from tests.published import rehearse
from tests.work.desks import DOMAIN, House

LATE = "2017-03-31 09:00"
# Holds a complaint, and is in the middle of a statement that takes longer than anybody waits.
AT_WORK = """
import sys
from sqlalchemy import text
from complaint_sla.store.engine import Store
store = Store.open(sys.argv[1])
def job(session):
    session.connection().execute(text("SELECT id FROM complaint FOR UPDATE"))
    session.connection().execute(text("SELECT pg_sleep(3600)"))
store.write(job)
"""

pytestmark = pytest.mark.postgresql


@pytest.fixture
def house(postgresql_database: str) -> Iterator[House]:
    opened = House(postgresql_database)
    opened.hire("sup")
    yield opened
    opened.close()


@contextmanager
def forgotten(url: str, statement: str) -> Iterator[Connection]:
    """A transaction of somebody else's, in which something was done, and then nothing more."""
    other = create_engine(url, connect_args={"application_name": "psql"})
    with other.connect() as connection:
        connection.execute(text(statement))
        yield connection
    other.dispose()


def hold(number: str) -> str:
    return f"SELECT id FROM complaint WHERE number = '{number}' FOR UPDATE"


def test_a_sweep_counts_what_others_hold_and_raises_it_when_they_are_gone(house: House) -> None:
    held, free = house.log(), house.log()
    house.at(LATE)
    with forgotten(house.store.engine.url.render_as_string(False), hold(held)):
        for due in (1, 0):
            tally = house.sweep()
            assert (tally.due, tally.locked) == (due, 1)
        with house.store.read() as session:
            (beat,) = [one for one in heartbeats.all_beats(session) if one.job == "sweep"]
            assert (beat.locked, beat.fault) == (1, None)
    assert house.owed(held) == {}
    tally = house.sweep()
    assert (tally.due, tally.locked) == (1, 0)
    assert house.owed(held) == house.owed(free)
    with house.store.read() as session:
        assert [one.locked for one in heartbeats.all_beats(session)] == [0]


def test_whoever_was_killed_in_the_middle_of_a_statement_holds_nothing_for_long(house: House) -> None:
    house.log()
    url = house.store.engine.url.render_as_string(False)
    process = subprocess.Popen([sys.executable, "-c", AT_WORK, url], cwd=Path(__file__).parents[2])
    try:
        with house.store.engine.connect() as looking:
            at_work = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
            while looking.execute(text(at_work)).scalar() == 0:
                assert process.poll() is None
                looking.rollback()
    finally:
        process.kill()
        process.wait()
    # Otherwise the lock would be held for an hour, and this would end after a minute.
    with house.store.engine.begin() as connection:
        assert len(connection.execute(select(Complaint.id).with_for_update()).all()) == 1
    house.at(LATE)
    assert house.sweep().due == 1


def test_who_waits_for_too_long_is_told_so_and_one_that_is_held_keeps_no_other_from_its_letter(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "LOCK_SECONDS", 0.2)
    house = House(postgresql_database)
    house.hire("boss"), house.hire("sup")
    number = house.log()
    house.at(LATE)
    house.sweep()
    with forgotten(
        postgresql_database, "SELECT id FROM staff WHERE email = 'boss@example.org' FOR UPDATE"
    ) as psql:
        assert outbox.gather(desk := house.desk, DOMAIN) == 1
        assert [(one.about, one.problem.key) for one in desk.aside] == [
            ("boss@example.org", "database-locked")
        ]
        psql.execute(text(hold(number)))
        with pytest.raises(DatabaseLocked, match="database-locked"):
            change.do(house.desk, number, change.note("on the line"))
    assert outbox.gather(house.desk, DOMAIN) == 1
    change.do(house.desk, number, change.note("on the line"))
    house.close()


@pytest.mark.own_session("a pooler's sessions bear its own names")
def test_doctor_names_who_holds_what_is_due_as_far_as_the_server_tells(postgresql_database: str) -> None:
    program = Program(rehearse(postgresql_database))
    number = program.number()
    with forgotten(program.url, hold(number)) as psql:
        pid = psql.execute(text("SELECT pg_backend_pid()")).scalar_one()
        swept = program("sweep", "--json", now=LATE)
        assert swept.json["locked"] == 1
        assert "in other hands: 1" in program("sweep", now=LATE).err
        assert program("sweep", "--dry-run", "--json", now=LATE).json["locked"] == 1

        def told(url: str) -> tuple[list[str], list[str]]:
            found = Program(url)("doctor", "--json", now=LATE, code=1).json["findings"]
            alerts = [one for one in found if one["about"] == "alerts"]
            return [one["text"] for one in alerts], [one["cure"] for one in alerts]

        texts, cures = told(program.url)
        assert texts[0].startswith("Complaints waiting to be raised: 1,")
        assert texts[1].startswith(f"Session {pid} of postgres (psql) on the database's server holds")
        assert ", since " in texts[1]
        assert not any("complaint-sla sweep" in cure for cure in cures)
        assert f"pg_terminate_backend({pid})" in cures[1]
        with as_reader(program.url) as url:
            texts, _ = told(url)
            assert f"Session {pid} of postgres (psql)" in texts[1]
            assert "pg_read_all_stats" in texts[1]
            # Whoever may only read leaves no word of an audit, and none is missed.
            before = program.dump()["journal"]
            assert Program(url)("audit", now=LATE).err == ""
            assert program.dump()["journal"] == before
    texts = told(program.url)[0]
    assert [text_.partition(":")[0] for text_ in texts] == ["Complaints waiting to be raised"]


def test_doctor_that_has_to_wait_itself_says_for_whom(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "LOCK_SECONDS", 0.2)
    program = Program(postgresql_database)
    with forgotten(program.url, "LOCK TABLE complaint IN ACCESS EXCLUSIVE MODE") as psql:
        pid = psql.execute(text("SELECT pg_backend_pid()")).scalar_one()
        found = program("doctor", "--json", code=5).json["findings"]
        assert program("list", code=5).err.startswith("Error: Somebody else has held for 0.2 seconds")
    wrong = [one for one in found if one["wrong"]]
    assert [one["about"] for one in wrong] == ["database", "alerts"]
    assert f"Session {pid} of postgres" in wrong[1]["text"]


@contextmanager
def as_reader(url: str) -> Iterator[str]:
    """The URL of somebody who may only read."""
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("CREATE ROLE lock_reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO lock_reader"))
        try:
            yield url.replace("postgres@", "lock_reader@")
        finally:
            connection.execute(text("DROP OWNED BY lock_reader"))
            connection.execute(text("DROP ROLE lock_reader"))
    owner.dispose()


@pytest.mark.own_session("three are at work at once, and the pooler has two sessions")
def test_whoever_waits_is_no_holder_and_what_is_short_is_no_finding(house: House) -> None:
    number = house.log()
    url = house.store.engine.url.render_as_string(False)
    with house.store.read() as session:
        assert list(locks.holders(session)) == []
    with forgotten(url, hold(number)) as psql:
        waiting = subprocess.Popen([sys.executable, "-c", AT_WORK, url], cwd=Path(__file__).parents[2])
        try:
            with house.store.engine.connect() as looking:
                blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                while looking.execute(blocked).scalar() == 0:
                    assert waiting.poll() is None
                    looking.rollback()
            with house.store.read() as session:
                found = [one.pid for one in locks.holders(session)]
            assert found == [psql.execute(text("SELECT pg_backend_pid()")).scalar_one()]
        finally:
            waiting.kill()
            waiting.wait()


def test_every_connection_gives_up_in_time(house: House) -> None:
    with house.store.engine.connect() as connection:
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar()
            for name in (
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "client_connection_check_interval",
            )
        ]
    assert shown == ["1min", "2min", "2s"]
    assert not house.store.open_wire


@pytest.mark.parametrize(
    ("host", "address", "sslmode", "is_open"),
    [
        ("/run/postgresql", "", "", False),
        ("localhost", "127.0.0.1", "prefer", False),
        ("::1", "", "disable", False),
        ("db.example.org", "10.0.0.5", "", True),
        ("db.example.org", "", "", True),
        ("10.0.0.5", "10.0.0.5", "prefer", True),
        ("db.example.org", "10.0.0.5", "require", False),
        ("db.example.org", "10.0.0.5", "verify-full", False),
        ("db.example.org", "127.0.0.1", "allow", False),
    ],
)
def test_a_wire_is_open_where_others_can_listen_and_tls_is_not_demanded(
    host: str, address: str, sslmode: str, is_open: bool
) -> None:
    assert is_open_wire(host, address, sslmode) is is_open
