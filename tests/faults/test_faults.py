"""No fault of the mail server, the database, the disk, the templates or the clock loses an alert."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import PostgresqlDatabases, SqliteFiles
from tests.faults import live_service, mail_server, surroundings, two_workers
from tests.faults.bureau import Bureau, bureau_at
from tests.faults.mail_server import PHASES, REPLIES
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import Phase

# The long form goes through all of it. Here each kind comes on each engine, at one place or another.
SILENCES = [
    *(
        f"server: {how} at {phase.value}"
        for phase in (Phase.ACCEPTED, Phase.BODY)
        for how in ("hangs", "breaks off")
    )
]
OTHER_SERVERS = [name for name in mail_server.FAULTS if not any(mark in name for mark in (" at ", "TLS"))]
PLACES = [f"asleep beyond the lease after «{step}»" for step in two_workers.STEPS]
SLEEPERS = [name for name in two_workers.FAULTS if name not in PLACES]
CLOCKS = [name for name in surroundings.EITHER if name.startswith("clock")]
SURROUNDINGS = [name for name in surroundings.EITHER if not name.startswith("clock")]
SERVICES = list(live_service.EITHER)

ON_SQLITE = [
    *(f"server: {reply[:3]} at {PHASES[index % 6].value}" for index, reply in enumerate(REPLIES)),
    *SILENCES[:2],
    *OTHER_SERVERS[::2],
    "server: no STARTTLS where it is demanded",
    *PLACES[5:6],
    *SLEEPERS,
    *SURROUNDINGS,
    *CLOCKS[1:5:3],
    *SERVICES[::2],
    *(name for name in surroundings.SQLITE if not name.startswith("disk")),
]
ON_POSTGRESQL = [
    *(f"server: {reply[:3]} at {PHASES[(index + 3) % 6].value}" for index, reply in enumerate(REPLIES[::3])),
    *SILENCES[2:],
    *OTHER_SERVERS[1::2],
    "server: no TLS where it is demanded",
    *PLACES[3:4],
    *SLEEPERS,
    *SURROUNDINGS,
    *CLOCKS[9:],
    *SERVICES[1::2],
    *surroundings.POSTGRESQL,
    *live_service.POSTGRESQL,
]
FAULTS = {
    **mail_server.FAULTS,
    **two_workers.FAULTS,
    **surroundings.EITHER,
    **surroundings.SQLITE,
    **surroundings.POSTGRESQL,
    **live_service.EITHER,
    **live_service.POSTGRESQL,
}


Offices = Callable[[], Bureau]


def _one_after_another(fresh: Callable[[], str], server: PostgresServer | None) -> Iterator[Offices]:
    """The same bureau for all faults, which takes a third of the time; after a failure another one."""
    with ExitStack() as open_ones:
        bureaus: list[Bureau] = []

        def bureau() -> Bureau:
            if not bureaus or bureaus[-1].oracle.problems:
                bureaus.append(open_ones.enter_context(bureau_at(fresh(), server=server)))
            return bureaus[-1]

        yield bureau
        for one in bureaus:
            one.oracle.check_chains()


@pytest.fixture(scope="module")
def sqlite_bureau(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]
) -> Iterator[Offices]:
    yield from _one_after_another(
        SqliteFiles(tmp_path_factory.mktemp("faults"), sqlite_template).migrated, None
    )


@pytest.fixture(scope="module")
def postgresql_bureau(
    postgres_server: PostgresServer, postgresql_template: Callable[[], str]
) -> Iterator[Offices]:
    databases = PostgresqlDatabases(postgres_server, postgresql_template)
    yield from _one_after_another(databases.migrated, postgres_server)
    databases.drop_all()


def suffer(bureau: Bureau, fault: Callable[[Bureau], None]) -> None:
    before = bureau.oracle.count()
    try:
        fault(bureau)
    except BaseException:
        # Nobody knows what state it is in.
        bureau.oracle.problems.append("given up")
        raise
    count = bureau.oracle.count()
    assert bureau.oracle.problems == []
    assert count.lost == 0
    # Something was at stake.
    assert count.delivered > before.delivered


@pytest.mark.parametrize("fault", ON_SQLITE)
def test_on_sqlite_no_alert_is_lost_to(sqlite_bureau: Offices, fault: str) -> None:
    suffer(sqlite_bureau(), FAULTS[fault])


@pytest.mark.postgresql
@pytest.mark.parametrize("fault", ON_POSTGRESQL)
def test_on_postgresql_no_alert_is_lost_to(postgresql_bureau: Offices, fault: str) -> None:
    suffer(postgresql_bureau(), FAULTS[fault])


def test_full_disks_at_different_steps_of_a_round_lose_nothing(sqlite_bureau: Offices) -> None:
    bureau, ends = sqlite_bureau(), []
    for size in surroundings.DISKS:
        bureau.morning()
        _, steps = bureau.work(largest_file=size)
        if steps[-1].startswith("turned away"):
            ends.append(steps[-2:-1])
        bureau.check()
    assert bureau.oracle.problems == []
    assert [] in ends
    assert len({tuple(end) for end in ends}) > 2, ends
