"""The clock in doubt: who is asked, who decides, and that a standstill of weeks stays possible."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from complaint_sla.core.chain import read
from complaint_sla.core.doubt import DRIFT, STANDSTILL, TOLERANCE, Statement, decide, doubt
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.service import witness
from complaint_sla.service.witness import GUARDED, Boot
from complaint_sla.store.house import entries_since
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.work.figures import freeze
from tests.cli.runner import Program
from tests.conftest import Databases, OpenPostbox
from tests.servers.smtp import Phase
from tests.work.desks import House, moment

WEEKS = timedelta(days=21)
NOW = moment("2017-03-05 10:00")


@pytest.fixture
def house(sqlite_databases: Databases) -> Iterator[House]:
    """The service has worked once; nobody has counted since when."""
    house = House(sqlite_databases.migrated())
    witness.require_right(house.desk, (), no_boot)
    house.sweep()
    yield house
    house.close()


def no_boot() -> Boot | None:
    return None


def says(at: datetime, *, independent: bool = True) -> Callable[[], Statement]:
    return lambda: Statement("somebody", at, independent)


@pytest.mark.parametrize(
    ("beats", "doubted"),
    [
        ([], None),
        ([NOW], None),
        ([NOW - STANDSTILL], None),
        ([NOW - STANDSTILL - timedelta(seconds=1)], NOW - STANDSTILL - timedelta(seconds=1)),
        ([NOW + DRIFT], None),
        ([NOW + DRIFT + timedelta(seconds=1), NOW], NOW + DRIFT + timedelta(seconds=1)),
        ([NOW - WEEKS, NOW - DRIFT], None),
    ],
)
def test_a_clock_is_doubted_beside_heartbeats_that_it_leaves_far_behind_or_that_lie_ahead(
    beats: list[datetime], doubted: datetime | None
) -> None:
    assert doubt(NOW, beats) == doubted


def test_the_first_who_knows_decides_and_the_others_are_not_asked() -> None:
    def not_asked() -> Statement:
        raise AssertionError

    right, same = says(NOW + TOLERANCE)(), says(NOW, independent=False)()
    decide(NOW, NOW, (one for one in (same, right)))
    decide(NOW, NOW, (one() for one in (says(NOW), not_asked)))
    with pytest.raises(NotPossible, match="clock-contradicted"):
        decide(NOW, NOW, [says(NOW + TOLERANCE + DRIFT, independent=False)(), right])
    with pytest.raises(NotPossible, match="clock-unconfirmed"):
        decide(NOW, NOW, [same])
    decide(NOW, NOW + DRIFT, [same])


def test_without_a_witness_a_clock_that_ran_ahead_raises_nothing_and_the_right_one_goes_on(
    house: House,
) -> None:
    right = house.clock.at
    house.later(days=400)
    with pytest.raises(NotPossible, match="clock-unconfirmed"):
        witness.require_right(house.desk, (), no_boot)
    house.clock.at = right
    house.later(hours=1)
    witness.require_right(house.desk, (), no_boot)


def test_a_standstill_of_weeks_passes_where_somebody_confirms_the_clock(house: House) -> None:
    house.later(days=21)
    with pytest.raises(NotPossible, match="clock-contradicted"):
        witness.require_right(house.desk, [says(house.clock.at - WEEKS)], no_boot)
    with pytest.raises(NotPossible, match="clock-unconfirmed"):
        witness.require_right(house.desk, [lambda: None], no_boot)
    witness.require_right(house.desk, [says(house.clock.at)], no_boot)
    # From then on it is trusted.
    witness.require_right(house.desk, (), no_boot)


def test_without_any_witness_a_person_is_one_and_the_journal_says_who(house: House) -> None:
    house.later(days=21)
    witness.confirm(house.desk)
    witness.require_right(house.desk, (), no_boot)
    witness.confirm(house.desk)
    with house.store.read() as session:
        (said,) = entries_since(session, "clock-confirmed", house.clock.at)
    assert said.actor == house.actor


def test_a_clock_behind_the_heartbeats_passes_unless_somebody_knows_better(house: House) -> None:
    """Those may be what a wrong clock has left."""
    right = house.clock.at
    house.later(days=-400)
    with pytest.raises(NotPossible, match="clock-contradicted"):
        witness.require_right(house.desk, [says(right, independent=False)], no_boot)
    witness.require_right(house.desk, (), no_boot)
    house.later(hours=1)
    witness.require_right(house.desk, [says(right)], no_boot)


def frozen(house: House) -> list[tuple[str, bool]]:
    """Every figure, and whether it stands."""
    with house.store.read() as session:
        rows = session.execute(select(FrozenFigure).order_by(FrozenFigure.quarter, FrozenFigure.version))
        return [(f"{row.quarter}/{row.version}", row.voided_at is None) for row in rows.scalars()]


def test_a_clock_that_fell_behind_makes_no_figure_void(house: House) -> None:
    """A flat battery: it is 2010, and nobody knows better; once it is set right, all is as it was."""
    house.log()
    freeze.freeze_final(house.at("2017-06-01 10:00"))
    house.at("2010-01-01 00:00")
    for counted in (5, 65):
        # The machine counts on from there, which proves nothing.
        boot = ("start", counted)
        asked = [says(house.clock.at, independent=False)]
        witness.require_right(house.desk, asked, lambda boot=boot: boot)
        house.sweep()
        freeze.freeze_final(house.desk)
        house.later(minutes=1)
    house.at("2017-06-01 10:00")
    witness.confirm(house.desk)
    freeze.freeze_final(house.desk)
    assert frozen(house) == [("2017-Q1/1", True)]


def test_what_a_clock_froze_that_ran_ahead_is_void_once_somebody_proves_the_right_one(house: House) -> None:
    house.log()
    freeze.freeze_final(house.at("2017-06-01 10:00"))
    house.at("2017-03-05 10:00")
    for _ in range(2):
        witness.require_right(house.desk, (), no_boot)
        house.sweep()
        freeze.freeze_final(house.desk)
    assert frozen(house) == [("2017-Q1/1", True)]
    with pytest.raises(NotPossible, match="clock-contradicted"):
        witness.require_right(house.desk, [says(moment("2017-06-01 11:00"))], no_boot)
    # What a witness, too, takes for a moment that may have been is left alone.
    house.at("2017-06-01 09:30")
    witness.require_right(house.desk, [says(moment("2017-06-01 10:00"))], no_boot)
    assert frozen(house) == [("2017-Q1/1", True)]
    house.at("2017-03-05 10:00")
    witness.require_right(house.desk, [says(house.clock.at)], no_boot)
    assert frozen(house) == [("2017-Q1/1", False)]


def test_a_person_who_says_that_the_clock_is_right_makes_void_what_lies_ahead(house: House) -> None:
    house.log()
    freeze.freeze_final(house.at("2017-06-01 10:00"))
    house.at("2017-03-05 10:00")
    # No heartbeat lies ahead any more.
    witness.require_right(house.desk, (), no_boot)
    witness.confirm(house.desk)
    assert frozen(house) == [("2017-Q1/1", False)]


def test_the_boot_clock_tells_a_leap_from_a_standstill(sqlite_databases: Databases) -> None:
    house, counted = House(sqlite_databases.migrated()), 5_000.0
    for _ in range(2):
        witness.require_right(house.desk, (), lambda: ("this start", counted))
        house.sweep()
    house.later(days=21)
    with pytest.raises(NotPossible, match="clock-contradicted"):
        witness.require_right(house.desk, (), lambda: ("this start", counted + 60))
    with pytest.raises(NotPossible, match="clock-unconfirmed"):
        witness.require_right(house.desk, (), lambda: ("another start", counted))
    witness.require_right(house.desk, (), lambda: ("this start", counted + WEEKS.total_seconds()))
    house.close()


def test_a_clock_that_was_put_right_goes_on_and_the_leap_is_told(sqlite_databases: Databases) -> None:
    """A hardware clock in local time: seven hours ahead, believed, then put right. The count knows no more than was believed."""
    house, counted = House(sqlite_databases.migrated()), 5_000.0
    right = house.clock.at
    for leap in (timedelta(hours=7), timedelta(hours=-7), timedelta(seconds=30), timedelta(minutes=1)):
        house.clock.at += leap
        counted += 60
        witness.require_right(house.desk, (), lambda counted=counted: ("this start", counted))
        house.sweep()
    with house.store.read() as session:
        [said] = entries_since(session, JournalKind.CLOCK_LEAPT, right - WEEKS)
    leapt = read(said.kind, said.data)
    assert datetime.fromisoformat(leapt["was"]) == right + timedelta(hours=7, minutes=1)
    assert datetime.fromisoformat(leapt["now"]) == right
    house.close()


def test_two_machines_whose_clocks_differ_do_not_fill_the_journal(sqlite_databases: Databases) -> None:
    house = House(sqlite_databases.migrated())
    right = house.clock.at
    for minute in range(10):
        for behind in (0, 1):
            house.clock.at = right + timedelta(minutes=minute) - behind * timedelta(minutes=20)
            count = 5_000 * (1 + behind) + 60.0 * minute
            witness.require_right(house.desk, (), lambda name=str(behind), count=count: (name, count))
            house.sweep()
    with house.store.read() as session:
        assert len(entries_since(session, JournalKind.CLOCK_LEAPT, right - WEEKS)) <= 1
    house.close()


def test_a_rehearsal_may_have_any_clock(house: House) -> None:
    house.sweep()
    house.store.is_rehearsal = True
    house.later(days=4000)
    witness.require_right(house.desk, [says(NOW)], no_boot)
    house.store.is_rehearsal = False
    with pytest.raises(NotPossible, match="clock-"):
        witness.require_right(house.desk, [says(NOW)], no_boot)


@pytest.mark.postgresql
def test_postgresql_contradicts_a_clock_that_is_not_its_own_and_confirms_none_that_is(
    postgresql_databases: Databases,
) -> None:
    house = House(postgresql_databases.migrated())
    house.sweep()
    house.later(days=21)
    with pytest.raises(NotPossible, match="clock-contradicted") as refused:
        witness.require_right(house.desk, (), no_boot)
    assert refused.value.values["by"] == "PostgreSQL"
    # On one machine both read the same clock.
    house.clock.at = datetime.now(UTC)
    with pytest.raises(NotPossible, match="clock-unconfirmed"):
        witness.require_right(house.desk, (), no_boot)
    house.close()


@pytest.mark.parametrize(
    "said",
    [
        "220 mx.example.org ESMTP Exim 4.96 Sun, 05 Mar 2017 10:00:00 +0700",
        "220 mx.example.org Microsoft ESMTP MAIL Service ready at Sun, 5 Mar 2017 03:00:00 +0000",
        "220 mx.example.org ESMTP Sendmail 8.14.4; Sun, 5 Mar 2017 03:00:00 GMT",
    ],
)
def test_many_mail_servers_greet_with_the_date(postbox: OpenPostbox, said: str) -> None:
    box = postbox()
    box.answer(Phase.GREETING, said)
    assert witness.greeting(box.host, box.port) == Statement(box.host, NOW)
    assert witness.greeting(box.host, box.port, elsewhere=False) == Statement(
        box.host, NOW, independent=False
    )


@pytest.mark.parametrize(
    "said", ["220 mx.example.org ESMTP", "554 No 5 Mar 2017 03:00:00 GMT", "220 99 Mar 2017 99:00:00 GMT"]
)
def test_a_greeting_without_a_date_says_nothing(postbox: OpenPostbox, said: str) -> None:
    box = postbox()
    box.answer(Phase.GREETING, said)
    assert witness.greeting(box.host, box.port) is None
    box.stop()
    assert witness.greeting(box.host, box.port) is None


def test_the_kernel_says_the_time_that_the_program_has() -> None:
    said = witness.kernel()
    assert said is None or abs(said.at - datetime.now(UTC)) < DRIFT


@pytest.fixture
def real_program(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Three weeks after its last round, on a machine that was started since, and whose kernel no time server keeps."""
    monkeypatch.setattr(witness, "kernel", lambda: None)
    program, then = Program(sqlite_database), datetime.now(UTC) - WEEKS
    assert program("run", "--once", code=None).code in (0, 1)
    with closing(sqlite3.connect(program.url.removeprefix("sqlite:///"))) as connection:
        long_ago = format(then, "%Y-%m-%d %H:%M:%S.%f")
        connection.execute(
            "UPDATE heartbeat SET ran_at = ?, succeeded_at = ?, machine = NULL", [long_ago] * 2
        )
        connection.commit()
    return program


def test_in_doubt_nothing_is_raised_frozen_or_posted_and_mail_goes_out(real_program: Program) -> None:
    refused = real_program("sweep", code=6).err
    assert "nobody can be asked which is right" in refused
    assert "--clock-is-right" in refused
    for _ in range(2):
        round_ = real_program("run", "--once", "--json", code=1).json
        assert sorted(round_["faults"]) == sorted(GUARDED)
    assert "nothing was raised or frozen" in real_program("doctor", code=1).out
    assert real_program("report", "1/2560", "--freeze", code=6).err == refused


def test_in_doubt_the_administrators_hear_of_it_once(
    real_program: Program, tmp_path: Path, lang: str
) -> None:
    settings = tmp_path / "service.toml"
    settings.write_text('administrators = ["admin@example.org"]\n', encoding="utf-8")
    real_program("rules", "publish", str(settings))
    for _ in range(2):
        real_program("run", "--once", code=1)
    [told] = [one for one in real_program("mail", "list", "--json").json if one["kind"] == "clock"]
    assert (told["recipient"], told["state"]) == ("admin@example.org", "sent")
    assert "run --once --clock-is-right" in real_program("mail", "show", str(told["id"]), lang=lang).out
    real_program("sweep", "--clock-is-right")
    assert "--clock-is-right" not in real_program("mail", "show", str(told["id"]), lang=lang).out


@pytest.mark.parametrize("command", [("sweep",), ("run", "--once")])
def test_who_says_that_the_clock_is_right_lets_the_service_go_on(
    real_program: Program, command: tuple[str, ...]
) -> None:
    real_program(*command, "--clock-is-right")
    assert "faults" not in real_program("run", "--once", "--json").json
