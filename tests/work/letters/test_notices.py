"""Messages that are no complaint's alerts: who is due one, when, once, and what it says in the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules, WorkingHours
from complaint_sla.store import heartbeats
from complaint_sla.store.tables import Staff
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.desk import Desk
from complaint_sla.work.health.facts import vitals
from complaint_sla.work.letters import listing, notices, outbox, people_letter
from complaint_sla.work.letters.address_letter import Addresses
from complaint_sla.work.letters.outbox import LEASE
from complaint_sla.work.letters.summary_letter import MOST, Summary
from complaint_sla.work.letters.values import Listing
from tests.work import desks
from tests.work.desks import DOMAIN, House, moment
from tests.work.rivals import at_once

SUP, BOSS, ADMIN = "sup@example.org", "boss@example.org", "admin@example.org"
WORKDAYS = frozenset(range(5))
MONDAY = "2017-03-06 08:00"
SUMMARY = DailySummary(WORKDAYS, time(8), (Role.SUPERVISOR, Role.MANAGER), when_nothing=False)


class Noticing(House):
    """A house with a daily summary and an administrator; it posts before it delivers, as the service does."""

    rules = ServiceRules(administrators=(ADMIN,), summary=SUMMARY)

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=self.rules)

    def put_up(self) -> int:
        return notices.post(self.desk, DOMAIN)

    def said(self) -> dict[str, Summary | Addresses]:
        """Every notice that may go now, by recipient; they stay in hand."""
        found = {}
        for held in outbox.claim(self.desk, 99):
            letter = outbox.write(self.desk, held)
            if letter is not None:
                assert isinstance(letter, Summary | Addresses)
                found[letter.recipient] = letter
        return found

    def states(self, kind: str = "summary") -> list[tuple[str, str, str]]:
        return [(one.occasion, one.recipient, one.state) for one in self.messages() if one.kind == kind]


@pytest.fixture(autouse=True)
def nothing_is_told_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of who was hired the administrators hear in a letter that has tests of its own."""
    monkeypatch.delitem(notices.KINDS, people_letter.KIND)


@pytest.fixture
def house(database: str) -> Iterator[Noticing]:
    """On either engine, with a supervisor and a manager, on Sunday."""
    opened = Noticing(database)
    yield from _manned(opened)


@pytest.fixture
def small_house(sqlite_database: str) -> Iterator[Noticing]:
    """The same on SQLite only."""
    yield from _manned(Noticing(sqlite_database))


def _manned(opened: Noticing) -> Iterator[Noticing]:
    opened.hire("sup")
    opened.hire("boss", Role.MANAGER)
    yield opened
    opened.close()


def numbers(listing: Listing) -> list[str]:
    return [line.number for line in listing.lines]


def summary_of(house: Noticing, email: str = SUP) -> Summary:
    found = house.said()[email]
    assert isinstance(found, Summary)
    return found


# --- when, and to whom


@pytest.mark.parametrize(
    ("at", "posted"),
    [
        ("2017-03-05 12:00", 0),
        ("2017-03-06 07:59", 0),
        ("2017-03-06 08:00", 2),
        ("2017-03-06 23:59", 2),
        ("2017-03-11 09:00", 0),
    ],
)
def test_a_summary_is_due_on_its_days_from_its_time_until_the_days_end(
    small_house: Noticing, at: str, posted: int
) -> None:
    small_house.log("spp-area")
    small_house.at(at)
    assert small_house.put_up() == posted


def test_without_the_setting_there_is_no_summary(small_house: Noticing) -> None:
    small_house.rules = ServiceRules()
    small_house.log("spp-area")
    small_house.at(MONDAY)
    assert small_house.put_up() == 0
    assert small_house.messages() == []


def test_everybody_gets_it_once_a_day_whoever_posts_and_however_often(house: Noticing) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    with ThreadPoolExecutor(6) as pool:
        made = sum(pool.map(lambda _: house.put_up(), range(6)))
    assert made == 2
    assert house.states() == [("2017-03-06", BOSS, "waiting"), ("2017-03-06", SUP, "waiting")]
    assert sorted(house.post()) == [BOSS, SUP]
    # The clock is set back, and goes on: the day has had its summary.
    house.at("2017-03-06 07:00")
    house.put_up()
    house.at("2017-03-06 16:00")
    assert house.put_up() == 0
    assert house.post() == []
    house.at("2017-03-07 08:00")
    assert house.put_up() == 2


def test_processes_that_post_at_once_make_one_row_a_person(house: Noticing) -> None:
    house.log("spp-area")
    at_once(house.url, "", *["notice"] * 3)
    assert house.states() == [("2017-03-06", BOSS, "waiting"), ("2017-03-06", SUP, "waiting")]


def test_days_missed_are_not_made_up_for(small_house: Noticing) -> None:
    small_house.log("spp-area")
    small_house.at("2017-03-09 18:00")
    assert small_house.put_up() == 2
    assert {occasion for occasion, _, _ in small_house.states()} == {"2017-03-09"}


def test_only_the_roles_that_are_named_get_it(small_house: Noticing) -> None:
    small_house.hire("agent", Role.AGENT)
    small_house.rules = replace(
        small_house.rules, summary=replace(SUMMARY, roles=(Role.MANAGER,), when_nothing=True)
    )
    small_house.at(MONDAY)
    small_house.put_up()
    assert list(small_house.said()) == [BOSS]


def test_whoever_has_retired_or_can_not_be_reached_gets_none(small_house: Noticing) -> None:
    small_house.log("spp-area")
    mark(small_house, SUP)
    offices.retire(small_house.desk, BOSS)
    small_house.at(MONDAY)
    small_house.put_up()
    assert small_house.states() == []


def test_a_deputy_without_such_a_role_gets_the_summary_of_the_one_away(small_house: Noticing) -> None:
    offices.add_office(small_house.desk, "EAST", "ตะวันออก", "East")
    deputy = small_house.hire("deputy", Role.AGENT, "EAST")
    number = small_house.log("spp-area", office="MAIN")
    small_house.log("spp-area", office="EAST")
    small_house.at(MONDAY)
    offices.away(small_house.desk, SUP, small_house.desk.today, deputy)
    small_house.put_up()
    said = small_house.said()
    assert set(said) == {BOSS, deputy}
    summary = said[deputy]
    assert isinstance(summary, Summary)
    assert ([one.code for one in summary.offices], numbers(summary.due)) == (["MAIN"], [number])


def test_a_deputy_who_answers_for_an_office_already_gets_one_about_both(small_house: Noticing) -> None:
    offices.add_office(small_house.desk, "EAST", "ตะวันออก", "East")
    east = small_house.hire("east", Role.SUPERVISOR, "EAST")
    both = [small_house.log("spp-area", office=office) for office in ("MAIN", "EAST")]
    small_house.at(MONDAY)
    offices.away(small_house.desk, SUP, small_house.desk.today, east)
    small_house.put_up()
    summary = summary_of(small_house, east)
    assert {one.code for one in summary.offices} == {"MAIN", "EAST"}
    assert numbers(summary.due) == both
    assert [(office.code, figure.office) for office, figure in summary.figures] == [
        ("EAST", "EAST"),
        ("MAIN", "MAIN"),
    ]


def test_nobody_gets_one_where_there_is_nothing_to_say_and_none_later_on_that_day(house: Noticing) -> None:
    house.at(MONDAY)
    assert house.put_up() == 0
    house.at("2017-03-06 15:59")
    house.log("spp-area")
    house.later(minutes=1)
    assert house.put_up() == 0
    assert house.post() == []
    assert listing.letters(house.desk, failed_only=False, most=9) == []
    assert outbox.retry(house.desk, None) == 0
    house.at("2017-03-07 08:00")
    assert house.put_up() == 2


def test_whoever_wants_it_gets_one_that_says_nothing_too(small_house: Noticing) -> None:
    small_house.rules = ServiceRules(summary=replace(SUMMARY, when_nothing=True))
    small_house.at(MONDAY)
    assert small_house.put_up() == 2
    assert summary_of(small_house).new.count == 0


def test_only_those_with_something_in_their_own_offices_are_written_to(small_house: Noticing) -> None:
    for code in ("EAST", "WEST"):
        offices.add_office(small_house.desk, code, code, code, "MAIN")
        small_house.hire(code.lower(), Role.SUPERVISOR, code)
    small_house.log("spp-area", office="EAST")
    small_house.at(MONDAY)
    assert small_house.put_up() == 3
    assert set(small_house.said()) == {SUP, BOSS, "east@example.org"}


# --- what it says


def test_it_tells_what_is_overdue_due_and_new_of_an_office_and_all_below_it(house: Noticing) -> None:
    offices.add_office(house.desk, "BELOW", "ล่าง", "Below", "MAIN")
    offices.add_office(house.desk, "BESIDE", "ข้าง", "Beside")
    house.at("2017-03-01 09:00")
    late, later = house.log("spp-area", office="BELOW"), house.log("residential", urgent=True, office="MAIN")
    house.log("spp-area", office="BESIDE")
    soon = house.log("key-account", office="MAIN")
    far = house.log("residential", office="BELOW", owner=SUP)
    closed = house.log("spp-area", office="MAIN")
    house.shut(closed)
    house.at("2017-03-09 09:00")
    # Written down today, received long ago: the day's news all the same.
    found = house.log("residential", office="MAIN", received_at=moment("2017-03-02 09:00"))
    house.at("2017-03-10 08:00")
    house.put_up()
    summary = summary_of(house)
    assert numbers(summary.overdue) == [later, late]
    assert numbers(summary.due) == [soon]
    assert numbers(summary.new) == [found]
    assert far not in numbers(summary.due)
    assert (summary.several, summary.since) == (True, moment("2017-03-09 08:00"))
    assert [(line.office.en, line.owner) for line in summary.overdue.lines] == [
        ("Main office", None),
        ("Below", None),
    ]
    (figure,) = [figure for _, figure in summary.figures]
    assert figure == desks.figure(house.desk, Quarter(2017, 1), "MAIN")
    assert (figure.counts.overdue, figure.counts.on_time, figure.counts.pending) == (2, 1, 3)


def test_new_on_monday_is_what_came_since_friday(small_house: Noticing) -> None:
    small_house.at("2017-03-03 07:59")
    small_house.log("residential")
    small_house.at("2017-03-03 08:00")
    friday = small_house.log("residential")
    small_house.at(MONDAY)
    small_house.put_up()
    assert numbers(summary_of(small_house).new) == [friday]


def test_a_deadline_once_missed_counts_as_overdue_however_much_time_a_new_one_gives(
    small_house: Noticing,
) -> None:
    number = small_house.log("spp-area")
    small_house.at("2017-03-13 08:00")
    small_house.sweep()
    change.do(small_house.desk, number, change.reclassify("wrong group", group="residential"))
    small_house.put_up()
    summary = summary_of(small_house)
    assert numbers(summary.overdue) == [number]
    assert summary.overdue.lines[0].breached


def test_long_lists_end_with_how_many_more_there_are(small_house: Noticing) -> None:
    for _ in range(MOST + 3):
        small_house.log("residential")
    small_house.at(MONDAY)
    small_house.put_up()
    new = summary_of(small_house).new
    assert (len(new.lines), new.count, new.more) == (MOST, MOST + 3, 3)


def test_it_names_what_reaches_nobody_and_the_role(small_house: Noticing) -> None:
    small_house.at("2017-03-02 10:00")
    number = small_house.log("residential", urgent=True)
    small_house.sweep()
    for _ in range(3):
        small_house.refuse()
    small_house.at(MONDAY)
    small_house.post(Answer.REFUSED, "554 no")
    small_house.put_up()
    (line,) = summary_of(small_house).unheard.lines
    assert (line.number, [role for role, _ in line.unheard]) == (number, ["supervisor"])


def test_the_quarter_before_is_told_while_it_can_still_change(small_house: Noticing) -> None:
    small_house.rules = ServiceRules(summary=replace(SUMMARY, when_nothing=True))
    small_house.at("2017-03-30 09:00")
    number = small_house.log("residential")
    told: dict[str, list[str]] = {}
    for day in ("2017-03-31 08:00", "2017-04-03 08:00", "2017-04-26 08:00"):
        small_house.at(day)
        small_house.put_up()
        told[day] = [str(figure.quarter) for _, figure in summary_of(small_house).figures]
        small_house.later(minutes=2)
        small_house.post()
    assert list(told.values()) == [["2017-Q1"], ["2017-Q2", "2017-Q1"], ["2017-Q2"]]
    assert small_house.complaint(number).status == "open"


def test_once_all_are_closed_the_quarter_before_is_told_no_more(small_house: Noticing) -> None:
    small_house.at("2017-03-30 09:00")
    number = small_house.log("residential")
    small_house.at("2017-04-02 09:00")
    small_house.shut(number)
    small_house.log("residential")
    small_house.at("2017-04-03 08:00")
    small_house.put_up()
    assert [str(figure.quarter) for _, figure in summary_of(small_house).figures] == ["2017-Q2"]


# --- from the outbox to the reader


def test_it_tells_how_things_stand_when_it_goes_not_when_it_was_posted(small_house: Noticing) -> None:
    first, second = small_house.log("spp-area"), small_house.log("spp-area")
    small_house.at(MONDAY)
    small_house.put_up()
    small_house.shut(first)
    assert numbers(summary_of(small_house).due) == [second]


def test_one_with_nothing_left_to_say_is_dissolved(house: Noticing) -> None:
    number = house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    house.shut(number)
    assert house.post() == []
    assert {state for _, _, state in house.states()} == {"dissolved"}


def test_one_for_somebody_who_answers_for_nothing_any_more_is_dissolved(small_house: Noticing) -> None:
    small_house.log("spp-area")
    small_house.at(MONDAY)
    small_house.put_up()
    offices.retire(small_house.desk, BOSS)
    assert small_house.post() == [SUP]


def test_a_crash_between_posting_and_sending_loses_nothing(house: Noticing) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    house.store.close()
    again = Noticing(house.url, MONDAY)
    assert sorted(again.post()) == [BOSS, SUP]
    assert {state for _, _, state in again.states()} == {"sent"}
    again.close()


def test_a_crash_while_sending_sends_again_under_the_same_id(house: Noticing) -> None:
    number = house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    first = {held.recipient: held for held in outbox.claim(house.desk, 9)}[SUP]
    before = outbox.write(house.desk, first)
    assert outbox.begin(house.desk, first)
    # The worker dies here, all is closed, and the next day's has been posted.
    house.shut(number)
    house.clock.at += LEASE + timedelta(minutes=1)
    again = {held.recipient: held for held in outbox.claim(house.desk, 9)}[SUP]
    after = outbox.write(house.desk, again)
    assert before is not None
    assert after is not None
    assert again.perhaps_delivered
    assert after.message_id == before.message_id
    assert outbox.begin(house.desk, again)
    outbox.record(house.desk, again, Answer.ACCEPTED, "250 ok")
    assert ("2017-03-06", SUP, "sent") in house.states()


@pytest.mark.parametrize("answer", [Answer.LATER, Answer.SERVER])
def test_an_outage_of_days_ends_in_one_summary_the_newest(house: Noticing, answer: Answer) -> None:
    house.log("key-account")
    for day in range(14, 18):
        house.at(f"2017-03-{day} 08:00")
        house.put_up()
        assert sorted(house.post(answer, "not now")) == [BOSS, SUP]
    house.later(hours=2)
    assert sorted(house.post()) == [BOSS, SUP]
    house.later(days=1)
    assert house.post() == []
    assert [one for one in house.states() if one[2] != "dissolved"] == [
        ("2017-03-17", BOSS, "sent"),
        ("2017-03-17", SUP, "sent"),
    ]


def test_one_that_waits_is_not_overtaken_by_a_day_with_nothing_to_say(small_house: Noticing) -> None:
    number = small_house.log("residential")
    small_house.at(MONDAY)
    small_house.put_up()
    small_house.post(Answer.LATER, "451")
    small_house.at("2017-03-08 08:00")
    assert small_house.put_up() == 0
    assert numbers(summary_of(small_house).new) == [number]


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.UNKNOWN, Answer.LATER, Answer.SERVER])
def test_a_refused_summary_harms_nothing_and_owes_nobody_anything(house: Noticing, answer: Answer) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    before = {name: rows for name, rows in house.dump().items() if name not in ("message", "heartbeat")}
    house.post(answer, "554 no")
    house.later(days=2)
    house.post(answer, "554 no")
    after = {name: rows for name, rows in house.dump().items() if name not in ("message", "heartbeat")}
    assert after == before


def test_an_address_that_does_not_exist_is_marked_by_a_summary_as_by_any_letter(house: Noticing) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    house.post(Answer.NO_ADDRESS, "550 5.1.1 no such user")
    marked = {one.email: one.failure for one in offices.list_staff(house.desk)}
    assert marked == {SUP: "550 5.1.1 no such user", BOSS: "550 5.1.1 no such user"}


def test_the_outbox_lists_shows_and_retries_them(house: Noticing) -> None:
    number = house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    house.post(Answer.REFUSED, "554 no")
    listed = listing.letters(house.desk, failed_only=True, most=9)
    assert [(one.kind, one.state, one.complaints, one.error) for one in listed] == [
        ("summary", "waiting", 0, "554 no")
    ] * 2
    found = listing.preview(house.desk, listed[0].id)
    assert found is not None
    letter = found[1]
    assert isinstance(letter, Summary)
    assert numbers(letter.due) == [number]
    assert outbox.retry(house.desk, listed[0].id) == 1
    assert house.post() == [listed[0].recipient]
    # A day later it is old news: whoever retries it gets the newer one only.
    house.at("2017-03-07 08:00")
    house.put_up()
    assert outbox.retry(house.desk, None) == 3
    assert sorted(house.post()) == [BOSS, SUP]
    assert [state for occasion, _, state in house.states() if occasion == "2017-03-06"] in (
        ["sent", "dissolved"],
        ["dissolved", "sent"],
    )


def test_a_clock_that_once_ran_ahead_silences_no_later_day(small_house: Noticing) -> None:
    small_house.log("residential")
    small_house.at("2029-03-06 08:00")
    small_house.put_up()
    small_house.post(Answer.LATER, "451")
    small_house.at(MONDAY)
    assert small_house.put_up() == 2
    assert sorted(small_house.post()) == [BOSS, SUP]
    assert [one for one in small_house.states() if one[2] == "sent"] == [
        ("2017-03-06", BOSS, "sent"),
        ("2017-03-06", SUP, "sent"),
    ]


def test_a_heartbeat_tells_that_the_notices_were_looked_after(small_house: Noticing) -> None:
    small_house.put_up()
    with small_house.store.read() as session:
        assert [one.job for one in heartbeats.all_beats(session)] == ["notices"]


# --- dead addresses


def mark(house: House, email: str, at: datetime | None = None, said: str = "550 5.1.1 unknown") -> None:
    def job(session: Session) -> None:
        session.connection().execute(
            update(Staff).where(Staff.email == email).values(failed_at=at or house.clock(), failure=said)  # type: ignore[arg-type]
        )

    house.store.write(job)


def addresses_of(house: Noticing, to: str = ADMIN) -> Addresses:
    found = house.said()[to]
    assert isinstance(found, Addresses)
    return found


def test_an_administrator_is_told_once_of_each_newly_dead_address(house: Noticing) -> None:
    agent = house.hire("agent", Role.AGENT)
    assert house.put_up() == 0
    mark(house, SUP)
    assert house.put_up() == 1
    assert house.put_up() == 0
    assert house.post() == [ADMIN]
    house.later(hours=1)
    mark(house, agent, said="550 5.1.1 gone")
    assert house.put_up() == 1
    told = addresses_of(house)
    assert (told.name, told.language) == ("", "th")
    assert [(one.email, one.role, one.failure, one.instead) for one in told.dead] == [
        (agent, Role.AGENT, "550 5.1.1 gone", ("Boss",)),
        (SUP, Role.SUPERVISOR, "550 5.1.1 unknown", ("Boss",)),
    ]


def test_what_the_server_says_of_a_summary_reaches_the_administrator(house: Noticing) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    house.post(Answer.NO_ADDRESS, "550 5.1.1 no such user")
    house.later(minutes=1)
    assert house.put_up() == 1
    told = addresses_of(house)
    assert [(one.email, one.instead) for one in told.dead] == [(BOSS, ()), (SUP, ())]
    assert {one.since for one in told.dead} == {moment(MONDAY)}


def test_curing_the_newest_is_no_news_of_the_one_before(small_house: Noticing) -> None:
    mark(small_house, SUP)
    mark(small_house, BOSS, small_house.clock() + timedelta(minutes=5))
    small_house.later(minutes=10)
    small_house.put_up()
    small_house.post()
    offices.set_staff(small_house.desk, BOSS, reachable=True)
    assert small_house.put_up() == 0


def test_who_has_been_cured_before_it_goes_is_not_named_and_with_nobody_left_it_does_not_go(
    small_house: Noticing,
) -> None:
    mark(small_house, SUP)
    small_house.put_up()
    offices.set_staff(small_house.desk, SUP, reachable=True)
    assert small_house.post() == []
    assert [state for _, _, state in small_house.states("addresses")] == ["dissolved"]


def test_who_has_retired_is_no_dead_address(small_house: Noticing) -> None:
    mark(small_house, SUP)
    offices.retire(small_house.desk, SUP)
    assert small_house.put_up() == 0


def test_an_administrator_whose_own_address_is_dead_is_not_written_to(small_house: Noticing) -> None:
    small_house.rules = ServiceRules(administrators=(ADMIN, SUP, BOSS))
    mark(small_house, SUP)
    assert small_house.put_up() == 2
    assert set(small_house.said()) == {ADMIN, BOSS}


def test_without_administrators_nobody_is_told(small_house: Noticing) -> None:
    small_house.rules = ServiceRules()
    mark(small_house, SUP)
    assert small_house.put_up() == 0


def test_an_administrator_on_the_staff_is_told_by_name_in_their_own_language(small_house: Noticing) -> None:
    offices.add_staff(small_house.desk, ADMIN, "Ada", "MAIN", Role.AGENT, "en")
    mark(small_house, SUP)
    small_house.put_up()
    told = addresses_of(small_house)
    assert (told.name, told.language) == ("Ada", "en")


def test_dead_addresses_wait_for_working_hours(small_house: Noticing) -> None:
    hours = WorkingHours(WORKDAYS, time(8, 30), time(16, 30), lambda _year: {})
    small_house.rules = ServiceRules(administrators=(ADMIN,), working_hours=hours)
    mark(small_house, SUP)
    assert small_house.put_up() == 0
    small_house.at("2017-03-06 08:29")
    assert small_house.put_up() == 0
    small_house.at("2017-03-06 08:30")
    assert small_house.put_up() == 1


def test_an_outage_ends_in_one_word_about_all_dead_addresses(small_house: Noticing) -> None:
    for email in (SUP, BOSS):
        small_house.later(hours=3)
        mark(small_house, email)
        small_house.put_up()
        small_house.post(Answer.SERVER, "421")
    small_house.later(hours=3)
    small_house.put_up()
    assert small_house.post() == [ADMIN]
    assert [state for _, _, state in small_house.states("addresses")] == ["dissolved", "sent"]


def test_alerts_take_no_notice_of_notices(house: Noticing) -> None:
    number = house.log("residential", urgent=True)
    house.at(MONDAY)
    house.put_up()
    house.sweep()
    assert sorted(house.post()) == [BOSS, SUP, SUP]
    assert house.owed(number) == {("receipt", SUP): "sent"}
    (alerts,) = [one for one in house.messages() if one.kind == "alerts"]
    assert len(house.members(alerts.id)) == 1
    assert len(house.dump()["alert"]) == 1


def test_alerts_are_claimed_before_the_summaries_of_the_morning(house: Noticing) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    house.log(urgent=True)
    house.sweep()
    house.gather()
    assert [held.kind for held in outbox.claim(house.desk, 1)] == ["alerts"]


def test_a_notice_that_nobody_needs_any_more_is_given_up_once_it_was_refused(house: Noticing) -> None:
    house.log("spp-area")
    house.at(MONDAY)
    house.put_up()
    assert sorted(house.post(Answer.UNKNOWN, "line broke")) == [BOSS, SUP]
    house.later(hours=1)
    # Perhaps it has arrived: it goes again all the same.
    house.rules = ServiceRules()
    assert sorted(house.post(Answer.NO_ADDRESS, "550 5.1.1 nobody")) == [BOSS, SUP]
    assert vitals(house.desk).perhaps_arrived == 2
    assert outbox.retry(house.desk, None) == 2
    assert house.post() == []
    assert {state for _, _, state in house.states()} == {"dissolved"}
    assert vitals(house.desk).perhaps_arrived == 0
