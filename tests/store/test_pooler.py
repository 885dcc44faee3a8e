"""Behind a pooler by transactions nothing is left to others, and nothing of theirs is met; what is taken back begins again."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlmodel import Session

from complaint_sla.cli import main
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store import heartbeats
from complaint_sla.store.engine import Store
from complaint_sla.store.filing import take_serials
from tests.cli.runner import Program
from tests.conftest import Databases
from tests.servers.pooler import LEFT, Pooler
from tests.servers.postgres import PostgresServer

pytestmark = [pytest.mark.postgresql, pytest.mark.own_session("it has a pooler of its own")]

# What a standby says when it has to replay what takes the rows away.
TAKEN_BACK = ("40001", "terminating connection due to conflict with recovery")


@pytest.fixture
def pooler(postgres_server: PostgresServer) -> Iterator[Pooler]:
    made = Pooler(postgres_server.home, left=LEFT)
    made.start()
    yield made
    made.stop()


def test_all_of_a_day_is_done_by_a_pooler_in_which_others_have_left_their_settings(
    pooler: Pooler, postgresql_databases: Databases, tmp_path: Path
) -> None:
    program = Program(pooler.url(postgresql_databases.empty()))
    program("init")
    program.hire("sup")
    number = program.log(now=None)["number"]
    sheet = tmp_path / "sheet.csv"
    rows = [f"residential,phone,outage,row {n},2026-01-0{n % 9 + 1} 10:00" for n in range(30)]
    sheet.write_text("\n".join(["group,channel,category,subject,received_at", *rows]))
    program("import", str(sheet))
    program("close", number, "--outcome", "x")
    assert len(program("list", "--json").json) == 30
    assert program("show", number, "--json").json["status"] == "closed"
    program("run", "--once", code=None)
    program("audit")
    program("report", "2026-Q1")
    assert pooler.offences == []
    assert min(pooler.served) > 10


def test_more_work_at_once_than_a_pooler_has_connections_is_all_done(
    pooler: Pooler, postgresql_databases: Databases
) -> None:
    url, at_once, each = pooler.url(postgresql_databases.migrated()), 6, 10
    stores = [Store.open(url) for _ in range(at_once)]
    taken: list[int] = []

    def work(store: Store) -> None:
        for n in range(each):
            taken.append(store.write(lambda session: take_serials(session, "2017-03", 1)))
            with store.read() as session:
                assert len(heartbeats.all_beats(session)) == 0, n

    threads = [Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == list(range(1, at_once * each + 1))
    assert pooler.offences == []
    for store in stores:
        store.close()


def test_a_setting_of_the_url_that_a_pooler_refuses_is_said_with_what_lets_it_pass(
    pooler: Pooler, postgresql_database: str
) -> None:
    url = f"{pooler.url(postgresql_database)}&options=-csearch_path%3Dpublic"
    assert "ignore_startup_parameters" in Program(url)("list", code=5).err


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("list", "--json"),
        ("report", "2017-Q1"),
        ("audit",),
        ("doctor",),
        ("find", "x"),
        ("journal",),
    ],
)
def test_what_only_reads_and_is_taken_back_begins_again(
    pooler: Pooler, postgresql_database: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(main, "PAUSES", (0, 0, 0))
    program = Program(pooler.url(postgresql_database))
    told = program(*command, code=None)
    # At the opening, at the first question after it, and twice.
    for taken in ([TAKEN_BACK], [TAKEN_BACK, TAKEN_BACK], [("57P01", "terminating connection")]):
        pooler.refusals = list(taken)
        again = program(*command, code=None)
        assert (again.code, pooler.refusals) == (told.code, [])
        assert len(again.out.splitlines()) == len(told.out.splitlines())
    pooler.refusals = [TAKEN_BACK] * 50
    answer = program(*command, code=5)
    assert "hot_standby_feedback" in answer.err + answer.out


def test_what_writes_is_not_begun_again_by_itself(pooler: Pooler, postgresql_database: str) -> None:
    url = pooler.url(postgresql_database)
    store = Store.open(url)
    tries: list[int] = []

    def job(session: Session) -> int:
        tries.append(take_serials(session, "2017-03", 1))
        session.connection().exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        return 0

    with pytest.raises(DatabaseUnusable, match="server-lost"):
        store.write(job)
    assert tries == [1]
    assert store.write(lambda session: take_serials(session, "2017-03", 1)) == 1
    store.close()
    # A connection that has gone while nobody used it is made anew.
    store = Store.open(url)
    pooler.refusals = [TAKEN_BACK]
    assert store.write(lambda session: take_serials(session, "2017-03", 1)) == 2
    assert pooler.refusals == []
    store.close()
