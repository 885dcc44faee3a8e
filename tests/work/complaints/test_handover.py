"""Whoever gets a complaint from somebody else is told: at once where it presses, else with the next letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest
from sqlalchemy import text

from complaint_sla.core.bookfile import read_book
from complaint_sla.core.errors import BookFaults
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import ServiceRules, WorkingHours
from complaint_sla.mail.compose import subject_of, text_of
from complaint_sla.store import alerts
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.alert_letter import Letter
from tests.work.desks import NUDGE, RULES, House, moment
from tests.work.findings import findings

NEWS = "handed-over"
NORTH, AGENT, SUP = "north@example.org", "agent@example.org", "sup@example.org"
SATURDAY = "2017-03-04 20:00"
# Three days and some minutes before what is logged then is due.
JUST_ENOUGH = "2017-03-26 23:50"


class Weekdays(House):
    """A house in which nobody works at night or at the weekend."""

    @property
    def desk(self) -> Desk:
        hours = WorkingHours(frozenset(range(5)), time(8), time(16, 30), lambda _year: {})
        return replace(super().desk, service=ServiceRules(working_hours=hours))

    def news(self, number: str) -> dict[tuple[str, int], str]:
        """(recipient, which handing-over) → state."""
        return {(row.recipient, row.occurrence): row.state for row in self.rows(number) if row.stage == NEWS}


@pytest.fixture
def here(database: str) -> Iterator[Weekdays]:
    """On a Saturday evening: a supervisor at MAIN, and one with an agent at NORTH."""
    opened = Weekdays(database, SATURDAY)
    offices.add_office(opened.desk, "NORTH", "เหนือ", "North")
    opened.hire("sup")
    opened.hire("north", Role.SUPERVISOR, "NORTH")
    opened.hire("agent", Role.AGENT, "NORTH")
    yield opened
    assert findings(opened) == []
    opened.close()


def moved(house: House, number: str) -> None:
    change.do(house.later(minutes=1), number, change.transfer("NORTH", "their line"))


def test_an_urgent_one_is_told_of_at_once_to_the_office_and_then_to_its_owner(here: Weekdays) -> None:
    number = here.log(office="MAIN", urgent=True)
    here.sweep()
    assert here.post() == [SUP]
    moved(here, number)
    assert here.post() == [NORTH]
    change.do(here.later(minutes=1), number, change.assign(AGENT))
    assert here.post() == [AGENT]
    assert here.news(number) == {(NORTH, 1): "sent", (AGENT, 2): "sent"}
    # Nobody is told twice, and nobody misses a stage for it.
    assert here.post() == []
    here.at("2017-03-06 08:00")
    here.sweep()
    assert sorted(here.post()) == [AGENT, NORTH]


@pytest.mark.parametrize("at", [JUST_ENOUGH, "2017-03-27 00:00", "2017-03-30 06:00"])
def test_so_is_a_breached_or_nearly_due_one_and_no_other(here: Weekdays, at: str) -> None:
    number = here.log(office="MAIN")
    assert here.complaint(number).due_at == moment("2017-03-30 00:00")
    here.at("2017-03-22 08:00")
    here.sweep()
    assert here.post() == [SUP]
    here.at("2017-03-29 09:00" if at > "2017-03-29" else at)
    here.sweep()
    here.post()
    here.at(at)
    change.do(here.desk, number, change.transfer("NORTH", "their line"))
    told = here.post() == [NORTH]
    assert told == (at != JUST_ENOUGH)
    change.do(here.later(minutes=1), number, change.assign(AGENT))
    assert here.post() == ([AGENT] if told else [])


def test_any_other_goes_along_with_the_next_letter_or_goes_after_a_day(here: Weekdays) -> None:
    here.at("2017-03-06 08:30")
    first, other = here.log(office="MAIN"), here.log(office="NORTH")
    moved(here, first)
    change.do(here.later(minutes=1), first, change.assign(AGENT))
    here.at("2017-03-06 16:00")
    assert here.post() == []
    assert here.news(first) == {(NORTH, 1): "waiting", (AGENT, 2): "waiting"}
    change.do(here.desk, other, change.reclassify("wires down", urgent=True))
    here.sweep()
    assert here.post() == [NORTH]
    assert here.news(first) == {(NORTH, 1): "sent", (AGENT, 2): "waiting"}
    here.at("2017-03-07 08:30")
    assert here.post() == []
    here.at("2017-03-07 08:32")
    assert here.post() == [AGENT]
    # What is told of it later stands in for what still waits.
    change.do(here.at("2017-03-23 16:00"), first, change.assign(NORTH))
    change.do(here.later(minutes=1), first, change.assign(AGENT))
    here.at("2017-03-24 08:00")
    here.sweep()
    assert sorted(here.post()) == [AGENT, NORTH]
    assert here.news(first)[AGENT, 4] == "superseded"


def test_who_takes_it_is_not_told_and_who_gets_it_by_a_retirement_is(here: Weekdays) -> None:
    number = here.log(office="NORTH", urgent=True)
    here.sweep()
    here.post()
    here.actor = AGENT
    change.do(here.later(minutes=1), number, change.assign(AGENT))
    assert here.news(number) == {}
    here.actor, heir = "clerk@example.org", here.hire("heir", Role.AGENT, "NORTH")
    offices.retire(here.later(minutes=1), AGENT, heir)
    assert here.post() == [heir]


def test_a_role_that_nobody_fills_is_owed_the_news_until_somebody_does(here: Weekdays) -> None:
    offices.add_office(here.desk, "SOUTH", "ใต้", "South")
    number = here.log(office="MAIN", urgent=True)
    here.sweep()
    here.post()
    change.do(here.later(minutes=1), number, change.transfer("SOUTH", "their line"))
    assert here.news(number) == {("role:supervisor@SOUTH", 1): "unalertable"}
    south = here.hire("south", Role.SUPERVISOR, "SOUTH")
    assert here.post() == [south]


def test_whoever_is_back_gets_it_on_the_first_day_and_no_sweep_looks_for_it_later(
    here: Weekdays, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may wait for months, and each minute all who were ever away would be gone through again."""
    number, deputy = here.log(office="MAIN"), here.hire("deputy", Role.AGENT, "NORTH")
    offices.away(here.desk, NORTH, here.desk.today, deputy)
    moved(here, number)
    assert here.news(number) == {(deputy, 1): "waiting"}
    here.later(days=1)
    here.sweep()
    assert here.news(number) == {(deputy, 1): "superseded", (NORTH, 1): "waiting"}
    looked: list[object] = []
    monkeypatch.setattr(alerts, "complaints_waiting", lambda *asked: looked.append(asked) or ())
    here.later(days=1)
    here.sweep()
    assert looked == []


def test_it_follows_an_absence_goes_no_further_than_the_complaint_and_ends_with_it(here: Weekdays) -> None:
    number = here.log(office="MAIN", urgent=True)
    here.sweep()
    here.post()
    moved(here, number)
    deputy = here.hire("deputy", Role.AGENT, "NORTH")
    offices.away(here.later(minutes=1), NORTH, here.desk.today, deputy)
    assert here.news(number) == {(NORTH, 1): "superseded", (deputy, 1): "waiting"}
    change.do(here.later(minutes=1), number, change.assign(AGENT))
    change.do(here.later(minutes=1), number, change.assign(deputy))
    assert here.news(number) == {
        (NORTH, 1): "superseded",
        (deputy, 1): "waiting",
        (AGENT, 2): "superseded",
        (deputy, 3): "waiting",
    }
    change.do(here.later(minutes=1), number, change.transfer("MAIN", "ours after all"))
    assert set(here.news(number).values()) == {"superseded", "waiting"}
    assert [who for who, state in here.news(number).items() if state == "waiting"] == [(SUP, 4)]
    here.shut(number)
    assert here.post() == []
    assert here.news(number)[SUP, 4] == "dropped"
    change.do(here.later(minutes=1), number, change.reopen("not solved"))
    assert here.news(number)[SUP, 4] in {"waiting", "dropped"}


def test_a_stage_that_is_owed_is_told_rather_than_it_and_at_once_if_it_presses(here: Weekdays) -> None:
    number = here.log(office="MAIN")
    # Overdue on a Saturday: the stage waits for Monday, and moves with the complaint.
    here.at("2017-04-01 09:00")
    here.sweep()
    moved(here, number)
    assert here.owed(number)["escalation-1", NORTH] == "waiting"
    assert here.post() == [NORTH]
    assert here.owed(number)["escalation-1", NORTH] == "sent"
    assert here.news(number) == {(NORTH, 1): "superseded"}
    # In working hours the stage needs no help.
    other = here.log(office="MAIN")
    here.at("2017-04-19 09:00")
    here.sweep()
    moved(here, other)
    assert here.news(other) == {}


def test_whoever_has_heard_of_it_still_hears_the_stage_that_comes_to_them(here: Weekdays) -> None:
    number = here.log(office="MAIN", urgent=True)
    here.sweep()
    here.gather()
    (held,) = outbox.claim(here.desk, 9)
    assert outbox.begin(here.desk, held)
    change.do(here.later(seconds=1), number, change.transfer("NORTH", "their line"))
    assert here.post() == [NORTH]
    # The letter that was going out comes back: its stage is older than the news.
    outbox.record(here.desk, held, Answer.SERVER, "421")
    assert here.owed(number)["receipt", NORTH] == "waiting"
    here.later(minutes=5)
    assert here.post() == [NORTH]
    assert here.owed(number)["receipt", NORTH] == "sent"


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        ("DELETE FROM alert WHERE stage = 'handed-over'", "missing-alert"),
        ("UPDATE alert SET urgent = 1 - urgent WHERE stage = 'handed-over'", "alert"),
        ("UPDATE alert SET roles = 'manager' WHERE stage = 'handed-over'", "alert"),
        ("UPDATE alert SET recipient = 'sup@example.org' WHERE stage = 'handed-over'", "surplus-alert"),
        ("UPDATE alert SET stage_at = raised_at, raised_at = '2017-03-01 00:00:00.000000' WHERE stage = 'handed-over'", "alert"),
        ("UPDATE alert SET occurrence = 2 WHERE stage = 'handed-over'", "surplus-alert"),
    ],
)  # fmt: skip
def test_a_hand_in_its_rows_is_found(small_house: House, edit: str, name: str) -> None:
    offices.add_office(small_house.desk, "NORTH", "เหนือ", "North")
    small_house.hire("north", Role.SUPERVISOR, "NORTH")
    number = small_house.log(office="MAIN")
    moved(small_house, number)
    assert findings(small_house) == []
    with small_house.store.engine.begin() as connection:
        connection.execute(text(edit))
    assert name in {one.check for one in findings(small_house)}


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_letter_says_who_handed_it_over_and_to_whom(here: Weekdays, language: str) -> None:
    here.actor = SUP
    number = here.log(office="MAIN", urgent=True, customer="สมชาย ใจดี")
    here.sweep()
    here.post()
    moved(here, number)
    change.do(here.later(minutes=1), number, change.assign(AGENT))
    here.gather()
    letters = {}
    for held in outbox.claim(here.desk, 9):
        letter = outbox.write(here.desk, held)
        assert isinstance(letter, Letter)
        letters[held.recipient] = letter
    words = Words(language)
    said = {to: text_of(letter, words) for to, letter in letters.items()}
    office = {"en": "Handed over to your office by Sup", "th": "Sup โอนเรื่องให้สำนักงานของท่าน"}[language]
    owner = {"en": "Handed over to you by Sup", "th": "Sup มอบหมายเรื่องให้ท่าน"}[language]
    assert office in said[NORTH]
    assert owner in said[AGENT]
    assert not any("สมชาย" in one for one in said.values())
    tag = {"en": "[Handed over] ", "th": "[รับเรื่องต่อ] "}[language]
    assert all(subject_of(letter, words).startswith(tag + "") for letter in letters.values())


def test_no_book_has_a_stage_of_its_key() -> None:
    shipped = RULES.read_text(encoding="utf-8")
    nudge = NUDGE.replace('key = "nudge"', f'key = "{NEWS}"')
    with pytest.raises(BookFaults) as caught:
        read_book(shipped + nudge, "x.toml", lambda *_: {})
    assert [(one.key, one.place.partition("]")[2]) for one in caught.value.faults] == [
        ("fault-reserved", ".key")
    ]
