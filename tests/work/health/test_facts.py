"""What is measured of the program itself, on both engines: silence, what waits, whom nobody hears, calendars that end."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from complaint_sla.core.errors import BookRefused
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import Shelf
from complaint_sla.store.heartbeats import JOBS, beat
from complaint_sla.store.tables import Office, Staff
from complaint_sla.work import offices
from complaint_sla.work.complaints import look
from complaint_sla.work.complaints.filing import Intake
from complaint_sla.work.complaints.log import log
from complaint_sla.work.health.facts import CalendarEnd, free_bytes, vitals
from complaint_sla.work.health.findings import Silence, silence
from complaint_sla.work.letters import outbox
from tests.core.books import read_shelf
from tests.work.desks import RULES, House, moment
from tests.work.findings import findings

SUP = "sup@example.org"


def by_hand(house: House, statement: Any) -> None:
    with house.store.engine.begin() as connection:
        connection.execute(statement)


def beat_all(house: House) -> None:
    for job in JOBS:
        house.store.write(lambda session, job=job: beat(session, job, house.clock(), None))


# --- silence


def test_a_house_that_has_just_begun_is_not_silent(house: House) -> None:
    assert silence(house.later(days=9)) is None
    begun = house.clock()
    house.log()
    assert silence(house.later(minutes=10)) is None
    assert silence(house.later(seconds=1)) == Silence("deliver", begun)


def test_silence_begins_with_the_last_round_that_did_its_work(house: House) -> None:
    house.log()
    house.later(days=1)
    beat_all(house)
    last = house.clock()
    assert silence(house.later(minutes=10)) is None
    assert silence(house.later(minutes=1)) == Silence("deliver", last)

    outbox.beat(house.desk, None)
    assert silence(house.desk) == Silence("sweep", last)
    house.sweep()
    assert silence(house.desk) is None


def test_a_round_that_is_still_to_come_says_that_a_clock_is_wrong(house: House) -> None:
    house.log()
    beat_all(house)
    told = house.clock()
    assert silence(house.later(hours=-7)) == Silence("clock", told)


def test_between_two_tries_a_server_that_refuses_is_still_silence(house: House) -> None:
    house.hire("sup")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    outbox.beat(house.desk, None)
    last = house.clock()
    house.post(Answer.SERVER, "535 login refused")
    outbox.beat(house.desk, "535 login refused")
    for _ in range(12):
        # No letter may be tried in these rounds, so none fails.
        house.later(seconds=55)
        house.sweep()
        outbox.beat(house.desk, None)
    assert silence(house.desk) == Silence("deliver", last, Answer.SERVER)
    assert [one.fault for one in vitals(house.desk).beats] == ["535 login refused", None]

    outbox.retry(house.desk, None)
    assert house.post() == [SUP]
    outbox.beat(house.desk, None)
    assert silence(house.desk) is None


def test_one_letter_that_the_server_refuses_is_no_silence_while_others_go(house: House) -> None:
    house.hire("sup")
    house.log()
    beat_all(house)
    house.at("2017-03-23 08:00")
    house.sweep()
    outbox.beat(house.desk, "550 5.7.1 policy")
    assert silence(house.desk) is not None
    house.post()
    assert silence(house.desk) is None


# --- vitals


def test_what_is_open_late_unswept_and_waiting_is_counted(house: House) -> None:
    house.hire("sup")
    for group in ("residential", "residential", "spp-area"):
        house.log(group)
    house.shut(house.log())
    house.at("2017-03-12 08:09")

    before = vitals(house.desk)
    unswept = vitals(house.later(minutes=2))
    house.sweep()
    house.gather()
    after = vitals(house.desk)

    assert (before.open, before.overdue, before.pending) == (3, 1, 0)
    assert (unswept.unswept, unswept.oldest_unswept_at) == (1, moment("2017-03-09 08:00"))
    assert (after.unswept, after.oldest_unswept_at) == (0, None)
    assert (after.pending, after.oldest_pending_at) == (1, house.clock())


def test_alerts_that_reach_nobody_are_counted_by_role_with_the_oldest(house: House) -> None:
    for day in ("2017-03-05 10:00", "2017-03-06 10:00"):
        house.at(day)
        house.log(urgent=True)
        house.sweep()

    (unheard,) = vitals(house.desk).unheard

    assert (unheard.role, unheard.alerts) == ("supervisor@MAIN", 2)
    assert unheard.oldest_at == moment("2017-03-05 10:00")


def test_offices_are_unattended_where_nobody_up_the_tree_hears(house: House) -> None:
    offices.add_office(house.desk, "NORTH", "เหนือ", "North", "MAIN")
    offices.add_office(house.desk, "SOUTH", "ใต้", "South", "MAIN")
    assert vitals(house.desk).unattended[Role.SUPERVISOR] == ("MAIN", "NORTH", "SOUTH")

    house.hire("sup", office="NORTH")
    assert vitals(house.desk).unattended[Role.SUPERVISOR] == ("MAIN", "SOUTH")
    house.hire("boss", Role.MANAGER)

    found = vitals(house.desk)
    assert found.unattended == {Role.SUPERVISOR: (), Role.MANAGER: ()}
    assert found.offices == 3


def test_a_retired_owner_is_counted_with_the_open_complaints_that_are_left(house: House) -> None:
    house.hire("sup")
    house.hire("owner", Role.AGENT)
    number = house.log(owner="owner@example.org")
    assert vitals(house.desk).retired_owners == ()
    # No command leaves it so.
    by_hand(house, update(Staff).values(retired_at=house.clock.at).where(Staff.role == "agent"))
    assert vitals(house.desk).retired_owners == (("owner@example.org", 1),)
    house.shut(number)
    assert vitals(house.desk).retired_owners == ()


def test_offices_that_a_hand_has_put_in_a_circle_are_named_and_all_listed(house: House) -> None:
    for code in ("EAST", "WEST"):
        offices.add_office(house.desk, code, code, code, "MAIN")
    assert vitals(house.desk).circles == ()
    parent = select(Office.id).where(Office.code == "WEST").scalar_subquery()
    by_hand(house, update(Office).values(parent_id=parent).where(Office.code == "MAIN"))
    assert vitals(house.desk).circles == (("MAIN", "WEST"),)
    assert [one.code for one in offices.list_offices(house.desk)] == ["MAIN", "EAST", "WEST"]
    number = house.log(office="EAST")
    assert [one.number for one in look.find_all(house.desk, look.Wanted(office="WEST"))] == [number]
    assert [(one.about, one.name) for one in findings(house)] == [
        ("office MAIN", "parent"),
        ("offices", "MAIN, WEST"),
    ]
    # What a hand did a command undoes.
    offices.set_office(house.desk, "MAIN", parent="")
    assert vitals(house.desk).circles == ()
    assert findings(house) == []


def test_an_absence_counts_until_its_day_while_nobody_stands_in(house: House) -> None:
    house.hire("sup")
    house.hire("deputy", Role.AGENT)
    house.hire("other", Role.AGENT)
    until = date(2017, 3, 20)
    offices.away(house.desk, SUP, until, "deputy@example.org")
    assert vitals(house.desk).absences == ()

    offices.away(house.desk, "deputy@example.org", date(2017, 3, 10), SUP)
    (absence,) = vitals(house.desk).absences
    assert (absence.email, absence.away_until, absence.deputy) == (SUP, until, "deputy@example.org")

    # An agent who is away is missed only by the complaints that are theirs.
    offices.away(house.desk, SUP, until, "other@example.org")
    house.log(owner="deputy@example.org")
    offices.retire(house.desk, "other@example.org")
    assert {one.email for one in vitals(house.desk).absences} == {SUP, "deputy@example.org"}
    assert vitals(house.at("2017-03-21 10:00")).absences == ()


# --- calendars


@cache
def working(*books: tuple[str, str, int]) -> Shelf:
    """The shipped book counted in working days: (id, first day, last year of the calendar)."""
    head, _, rest = RULES.read_text(encoding="utf-8").partition("[counting]\n")
    rest = rest[rest.index("[target]") :]
    files = []
    for name, first, through in books:
        changed = head.replace('id = "pea-2560"', f'id = "{name}"').replace("2017-01-01", first)
        counting = f'days = "working"\nholidays = "TH"\nholidays_through = {through}\n'
        files.append((f"{name}.toml", f"{changed}[counting]\n{counting}{rest}"))
    return read_shelf(files, lambda *_: {})


def test_a_calendar_that_ends_is_seen_in_time_and_names_the_first_day_that_is_refused(
    sqlite_database: str,
) -> None:
    house = House(sqlite_database, "2017-07-01 10:00", working(("a", "2017-01-01", 2017)))
    try:
        assert vitals(house.desk).calendar_end is None
        end = vitals(house.at("2017-10-01 10:00")).calendar_end
        assert end is not None
        house.at(f"{end.day} 10:00")
        with pytest.raises(BookRefused):
            house.log()
        log(house.later(days=-1), Intake("residential", "phone", "outage", "x"))
        assert vitals(house.at("2017-12-31 10:00")).calendar_end == CalendarEnd("a", date(2017, 12, 31))
        house.shelf = working(("a", "2017-01-01", 2017), ("b", str(end.day), 2018))
        assert vitals(house.at("2017-10-01 10:00")).calendar_end is None
        # Before the first book nothing is reckoned at all.
        assert vitals(house.at("2016-12-01 10:00")).calendar_end is None
    finally:
        house.close()


def test_books_of_calendar_days_never_end(house: House) -> None:
    assert vitals(house.at("2200-01-01 10:00")).calendar_end is None


# --- the machine


def test_room_is_measured_where_a_folder_will_be(tmp_path) -> None:
    assert abs(free_bytes(tmp_path / "not" / "yet") - free_bytes(tmp_path)) < 10_000_000


def test_a_small_file_is_read_through_and_a_server_s_is_not(house: House) -> None:
    assert vitals(house.desk).damage == (None if house.store.is_postgresql else ())


def test_the_normal_silence_is_the_desk_s_own(house: House) -> None:
    from dataclasses import replace

    house.log()
    patient = replace(
        house.later(hours=1), service=replace(house.desk.service, silence=timedelta(minutes=60))
    )
    assert silence(house.desk) is not None
    assert silence(patient) is None
