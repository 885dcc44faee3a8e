"""A clock that was wrong, or is put right: what it raised is taken back, and every stage is told at its own time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.store.tables import Alert
from complaint_sla.work import offices
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.complaints import change
from complaint_sla.work.letters import outbox
from tests.conftest import Databases
from tests.work.desks import STAGES, House, entries, local, moment, verify_chains
from tests.work.findings import findings

WRONG = "2030-01-01 09:00"
HEARD = {
    "owner": "own@example.org",
    "supervisor": "sup@example.org",
    "manager": "boss@example.org",
    "parent:manager": "boss@example.org",
}
ROLES = {stage.key: {HEARD[role] for role in stage.roles} for stage in STAGES}
# The due days of a household's complaint of Sunday 5 March 2017, and what is told of them.
AFTER_SUNDAY = [
    ("2017-03-23 08:00", "warning-first"),
    ("2017-03-29 08:00", "warning-last"),
    ("2017-03-30 08:00", "due-today"),
    ("2017-03-31 08:00", "overdue"),
    ("2017-04-02 08:00", "escalation-1"),
    ("2017-04-06 08:00", "escalation-2"),
    ("2017-04-13 08:00", "escalation-weekly"),
]


def manned(house: House) -> House:
    house.hire("own", Role.AGENT)
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    return house


def wrongly(house: House, at: datetime, then: str = "") -> None:
    """One round by a clock that says `at`; `then` is what becomes of the letters."""
    right, house.clock.at = house.clock.at, at
    house.sweep()
    if then == "gathered":
        house.gather()
    elif then in set(Answer):
        house.post(Answer(then))
    elif then == "going out":
        house.gather()
        for held in outbox.claim(house.desk, 10):
            outbox.write(house.desk, held)
            outbox.begin(house.desk, held)
    house.clock.at = right


def told_by_day(house: House, number: str, first: str, days: int) -> list[tuple[str, str]]:
    """(moment, stage) of everything raised by a service that looks each morning from now on."""
    known, start = {row.id for row in house.rows(number)}, moment(first)
    found = []
    for day in range(days):
        house.clock.at = start + timedelta(days=day)
        house.sweep()
        house.post()
    for row in house.rows(number):
        if row.id not in known:
            assert row.raised_at == row.stage_at
            assert row.state == "sent"
            found.append((local(row.stage_at), row.stage))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("then", ["", "gathered", "refused", "later"])
def test_a_round_with_a_wrong_clock_silences_nothing(house: House, then: str) -> None:
    number = manned(house).log(owner=HEARD["owner"])
    wrongly(house, moment(WRONG), then)
    assert house.complaint(number).alerted_through == moment(WRONG)

    healed = house.sweep()

    assert (healed.healed, healed.wrong_at, healed.due) == ([number], moment(WRONG), 0)
    assert house.rows(number) == []
    assert findings(house) == []
    assert house.sweep().healed == []
    assert told_by_day(house, number, "2017-03-06 08:00", 40) == AFTER_SUNDAY
    assert findings(house) == []
    verify_chains(house.store)


def test_what_the_wrong_clock_really_sent_is_not_sent_again(house: House) -> None:
    number = manned(house).log(owner=HEARD["owner"])
    wrongly(house, moment("2017-04-06 09:00"), "accepted")
    (early,) = {row.stage for row in house.rows(number) if row.state == "sent"}
    assert early == "escalation-2"

    house.sweep()
    told = told_by_day(house, number, "2017-03-06 08:00", 40)

    assert told == [one for one in AFTER_SUNDAY if one[1] != early]
    assert len([row for row in house.rows(number) if row.stage == early]) == len(HEARD) - 1
    assert findings(house) == []


def test_what_waited_when_the_clock_went_wrong_is_owed_again(house: House) -> None:
    number = manned(house).log("residential", urgent=True)
    house.sweep()
    assert house.owed(number) == {("receipt", HEARD["supervisor"]): "waiting"}
    wrongly(house, moment(WRONG), "gathered")
    assert house.owed(number)["receipt", HEARD["supervisor"]] == "superseded"

    house.sweep()

    assert house.owed(number) == {("receipt", HEARD["supervisor"]): "waiting"}
    assert house.post() == [HEARD["supervisor"]]
    assert findings(house) == []


def test_what_a_wrong_clock_overtook_of_a_missed_deadline_is_owed_again(house: House) -> None:
    number = manned(house).log("key-account")
    house.at("2017-03-21 09:00")
    house.sweep()

    def of_missed() -> list[tuple[str, str]]:
        rows = [row for row in house.rows(number) if row.generation == 1]
        return [(row.stage, row.state) for row in rows if row.stage == "overdue"]

    change.do(house.desk, number, change.reclassify("wrong group", group="residential"))
    assert of_missed() == [("overdue", "waiting")]
    wrongly(house, house.clock.at + timedelta(days=30), "gathered")
    assert of_missed() == [("overdue", "superseded")]

    house.sweep()

    assert of_missed() == [("overdue", "waiting")]
    assert house.post() == [HEARD["supervisor"]]
    assert of_missed() == [("overdue", "sent")]
    assert findings(house) == []


@pytest.mark.parametrize("wrong_first", [False, True])
def test_whoever_a_complaint_was_handed_to_is_told_after_all(house: House, wrong_first: bool) -> None:
    number = manned(house).log()
    offices.add_office(house.desk, "NORTH", "เหนือ", "North")
    north = house.hire("north", Role.SUPERVISOR, "NORTH")
    ahead = house.clock.at + timedelta(days=20)
    if wrong_first:
        wrongly(house, ahead)
    change.do(house.desk, number, change.transfer("NORTH", "their line"))
    if not wrong_first:
        wrongly(house, ahead, "gathered")
        assert house.owed(number)["handed-over", north] == "superseded"

    house.sweep()

    assert house.owed(number) == {("handed-over", north): "waiting"}
    assert findings(house) == []


def test_a_handing_over_that_another_has_overtaken_is_not_told_after_all(house: House) -> None:
    number = manned(house).log(urgent=True)
    offices.add_office(house.desk, "NORTH", "เหนือ", "North")
    north = house.hire("north", Role.SUPERVISOR, "NORTH")
    right = house.clock.at
    house.later(days=20)
    change.do(house.desk, number, change.transfer("NORTH", "their line"))
    house.clock.at = right
    change.do(house.desk, number, change.transfer("MAIN", "ours after all"))
    change.do(house.desk, number, change.transfer("NORTH", "theirs all the same"))
    assert house.post() == [north]
    wrongly(house, right + timedelta(days=20))

    house.sweep()

    of_north = [row for row in house.rows(number) if (row.stage, row.recipient) == ("handed-over", north)]
    assert {row.occurrence: row.state for row in of_north} == {1: "superseded", 3: "sent"}


def test_a_clock_ahead_is_healed_by_a_change_too(house: House) -> None:
    number = manned(house).log()
    wrongly(house, moment(WRONG))
    house.at("2017-04-01 09:00")
    change.do(house.desk, number, change.close("done"))
    change.do(house.desk, number, change.reopen("not solved"))
    house.sweep()
    assert house.complaint(number).alerted_through == house.clock.at
    assert {row.stage for row in house.rows(number) if row.state == "waiting"} == {"overdue"}
    assert findings(house) == []


def test_a_dry_run_says_what_would_be_healed_and_heals_nothing(house: House) -> None:
    number = manned(house).log()
    wrongly(house, moment(WRONG))
    before = house.dump()
    assert sweep(house.desk, dry_run=True).healed == [number]
    assert house.dump() == before


def test_no_complaint_is_read_where_none_is_ahead(small_house: House) -> None:
    said: list[str] = []
    event.listen(small_house.store.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    small_house.sweep()
    (query,) = [one for one in said if "alerted_through >" in one]
    with small_house.store.read() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("2017", 1, 0)).all()
    assert "SEARCH complaint USING INDEX ix_complaint_open_alerted_through" in str(plan)


AHEAD = st.sampled_from(
    [
        *(timedelta(minutes=6), timedelta(hours=5), timedelta(days=2), timedelta(days=9)),
        *(timedelta(days=27), timedelta(days=60), timedelta(days=400), timedelta(days=4000)),
    ]
)
THEN = st.sampled_from(["", "gathered", "going out", "accepted", "unknown", "later", "refused"])
STEPS = st.lists(
    st.tuples(st.sampled_from([2, 26, 90, 200, 500]), st.booleans(), AHEAD, THEN), min_size=1, max_size=5
)


def _stage(row: Alert) -> tuple[str, int]:
    return row.stage, row.occurrence


def _has_it(row: Alert, rows: Sequence[Alert], now: datetime) -> bool:
    """Whether somebody was sent it, be it early, is going to be, or could not be, and the next in line knows."""
    if row.state == "failed":
        return any(_stage(one) == _stage(row) and one.recipient != row.recipient for one in rows)
    return row.state == "sent" or (
        row.state == "waiting" and (row.stage_at <= now or row.message_id is not None)
    )


def _hears_all_that_is_owed(house: House, number: str) -> None:
    now = house.clock.at
    row = house.complaint(number)
    rows = house.rows(number)
    newest: dict[str, datetime] = {}
    for at, stage, _ in entries(row, now):
        newest.update(dict.fromkeys(ROLES[stage], at))
    for person, at in newest.items():
        mine = [one for one in rows if one.recipient == person and one.stage_at >= at]
        assert any(_has_it(one, rows, now) for one in mine), (
            person,
            at,
            [(*_stage(one), one.state) for one in mine],
        )
    for one in rows:
        # Of what is still to come there is nothing but what has gone out.
        assert one.stage_at <= now or one.state in ("sent", "failed") or one.message_id is not None


def _play(house: House, steps: Sequence[tuple[int, bool, timedelta, str]]) -> None:
    manned(house)
    numbers = [house.log(owner=HEARD["owner"]), house.log("key-account", urgent=True, owner=HEARD["owner"])]
    for hours, mailed, ahead, then in steps:
        house.later(hours=hours)
        house.sweep()
        if mailed:
            house.post()
        wrongly(house, house.clock.at + ahead, then)
    house.sweep()
    assert findings(house) == []
    for _ in range(4):
        for number in numbers:
            _hears_all_that_is_owed(house, number)
            next_at = house.complaint(number).next_alert_at
            assert next_at is not None
            assert house.clock.at < next_at < house.clock.at + timedelta(days=30)
        house.later(hours=60)
        house.sweep()
        house.post()
    assert findings(house) == []
    verify_chains(house.store)


@settings(
    deadline=None, suppress_health_check=list(HealthCheck), max_examples=settings.default.max_examples // 10
)
@given(steps=STEPS)
def test_whatever_a_wrong_clock_did_one_right_sweep_heals_it(
    sqlite_databases: Databases, steps: list[tuple[int, bool, timedelta, str]]
) -> None:
    house = House(sqlite_databases.migrated())
    try:
        _play(house, steps)
    finally:
        house.close()
