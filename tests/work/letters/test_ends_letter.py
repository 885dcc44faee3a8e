"""What an owner hears of: complaints of theirs that somebody else has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from complaint_sla.core.replies import Answer
from complaint_sla.core.servicefile import ServiceRules, WorkingHours
from complaint_sla.mail.compose import compose, text_of
from complaint_sla.wording import Words
from complaint_sla.work.complaints import change, duplicates, erase
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import ends_letter, notices, outbox, people_letter
from complaint_sla.work.letters.ends_letter import EndedByOthers
from complaint_sla.work.letters.people_letter import PeopleChanged
from complaint_sla.work.sheets import exchange
from tests.work.desks import DOMAIN, House
from tests.work.sheet_desk import GOOD, write_csv

NOK, LEK, ADMIN = "nok@example.org", "lek@example.org", "admin@example.org"
MONDAY = "2017-03-06 10:00"


class Office(House):
    """People at work from Monday to Friday, one of them at the desk, and one who hears of who is hired."""

    rules = ServiceRules(
        working_hours=WorkingHours(frozenset(range(5)), time(8), time(17), lambda _: {}),
        administrators=(ADMIN,),
    )

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=self.rules)

    def put_up(self, kind: str = ends_letter.KIND) -> int:
        made: int = notices._post(self.desk, DOMAIN, {kind: notices.KINDS[kind]})
        return made

    def no_luck(self) -> None:
        """What goes now is refused for now."""
        for held in outbox.claim(self.desk, 99):
            letter = outbox.write(self.desk, held)
            assert letter is not None
            assert outbox.begin(self.desk, held, "its digest", letter.written_at)
            outbox.record(self.desk, held, Answer.LATER, "busy")

    def read(self) -> dict[str, EndedByOthers]:
        """What goes now, by recipient; it arrives."""
        found = {}
        for held in outbox.claim(self.desk, 99):
            letter = outbox.write(self.desk, held)
            if letter is not None:
                assert isinstance(letter, EndedByOthers)
                assert outbox.begin(self.desk, held, "its digest", letter.written_at)
                outbox.record(self.desk, held, Answer.ACCEPTED, None)
                found[letter.recipient] = letter
        return found


@pytest.fixture
def office(database: str) -> Iterator[Office]:
    opened = Office(database)
    opened.hire("nok")
    opened.hire("lek")
    opened.at(MONDAY)
    yield opened
    opened.close()


def test_an_owner_learns_once_what_others_have_ended(office: Office) -> None:
    mine = [office.log(owner=NOK, subject=f"เรื่องที่ {n}", phone="0812345678") for n in range(5)]
    theirs = office.log(owner=LEK)
    office.actor = LEK
    office.shut(mine[0])
    change.do(office.desk, mine[1], change.withdraw("ขอถอน"))
    duplicates.mark(office.desk, mine[2], theirs, "หม้อแปลงเดียวกัน")
    office.shut(theirs)
    # Somebody may go on.
    assert office.put_up() == 0
    change.do(office.later(minutes=5), mine[1], change.reopen("ยังไม่เสร็จ"))
    office.actor = NOK
    office.shut(mine[3])

    office.later(minutes=10)
    assert [office.put_up() for _ in range(2)] == [1, 0]

    # What was open again by then is not told.
    letter = office.read()[NOK]
    assert [(one.line.number, one.how, one.by, one.of) for one in letter.ends] == [
        (mine[2], "duplicate", "Lek", theirs),
        (mine[0], "closed", "Lek", None),
    ]
    text = text_of(letter, Words("en"))
    assert "Others have ended 2 complaints of yours" in text
    assert f"1. {mine[2]} เรื่องที่ 2\n   Duplicate of {theirs} by Lek, 6 Mar 2017 10:00" in text
    assert "0812345678" not in text
    assert "5678" not in text

    # Once a day; what came meanwhile is told at the beginning of the next.
    office.actor = LEK
    office.shut(mine[4])
    office.later(hours=2)
    assert office.put_up() == 0
    office.at("2017-03-07 07:59")
    assert office.put_up() == 0
    office.at("2017-03-07 08:00")
    assert office.put_up() == 1
    assert [one.line.number for one in office.read()[NOK].ends] == [mine[4]]
    office.at("2017-03-08 08:00")
    assert office.put_up() == 0


def test_a_letter_that_goes_again_has_the_same_bytes(office: Office) -> None:
    number, later = office.log(owner=NOK), office.log(owner=NOK)
    office.actor = LEK
    office.shut(number)
    office.later(minutes=11)
    office.put_up()
    (held,) = outbox.claim(office.desk, 9)
    first = outbox.write(office.desk, held)
    assert isinstance(first, EndedByOthers)
    written = compose(first, "SLA <sla@example.org>", Words("th"))
    assert outbox.begin(office.desk, held, "its digest", first.written_at)
    # Nobody heard whether it arrived. Meanwhile more is ended, and this is opened again.
    office.shut(later)
    change.do(office.later(minutes=30), number, change.reopen("ผิดเรื่อง"))

    (again,) = outbox.claim(office.later(hours=2), 9)
    letter = outbox.write(office.desk, again)

    assert isinstance(letter, EndedByOthers)
    assert compose(letter, "SLA <sla@example.org>", Words("th")) == written


def test_of_what_is_erased_a_number_is_told_and_of_old_news_nothing(office: Office) -> None:
    number = office.log(owner=NOK, subject="ความลับ")
    office.log(owner=LEK)
    office.actor = LEK
    office.shut(number)
    erase.erase(office.desk, number, "asked for")
    office.later(minutes=11)
    assert office.put_up() == 1
    assert "ความลับ" not in text_of(office.read()[NOK], Words("th"))

    old = office.log(owner=NOK)
    office.shut(old)
    office.later(days=21)
    assert office.put_up() == 0


def test_what_nobody_needs_to_hear_any_more_does_not_go(office: Office) -> None:
    number = office.log(owner=NOK)
    office.actor = LEK
    office.shut(number)
    office.later(minutes=11)
    assert office.put_up() == 1
    change.do(office.desk, number, change.reopen("ผิดเรื่อง"))
    assert office.read() == {}
    assert [one.state for one in office.messages()] == ["dissolved"]
    office.later(hours=1)
    assert office.put_up() == 0


def test_a_letter_that_waits_while_a_later_one_goes_is_not_lost(office: Office) -> None:
    first, second = office.log(owner=NOK), office.log(owner=NOK)
    office.actor = LEK
    office.shut(first)
    office.later(minutes=11)
    assert office.put_up() == 1
    office.at("2017-03-07 07:59")
    office.shut(second)
    # The server takes nothing, and is let alone for a while.
    for _ in range(5):
        office.no_luck()
        office.later(minutes=11)
    assert office.put_up() == 1
    told: list[str] = []
    for _ in range(9):
        told += [one.line.number for letter in office.read().values() for one in letter.ends]
        office.later(minutes=20)
    assert told == [second, first]


def test_so_it_is_with_the_letter_of_who_was_hired(office: Office) -> None:
    assert office.put_up(people_letter.KIND) == 1
    for _ in range(5):
        office.no_luck()
        office.later(minutes=11)
    office.hire("som")
    office.later(minutes=11)
    assert office.put_up(people_letter.KIND) == 1
    told = list[int]()
    for _ in range(9):
        for held in outbox.claim(office.desk, 99):
            letter = outbox.write(office.desk, held)
            assert isinstance(letter, PeopleChanged)
            assert outbox.begin(office.desk, held, "its digest", letter.written_at)
            outbox.record(office.desk, held, Answer.ACCEPTED, None)
            told.append(len(letter.entries))
        office.later(minutes=20)
    assert sorted(told) == [1, 2]


def test_what_a_sheet_brings_in_as_ended_nobody_has_ended_here(office: Office, tmp_path: Path) -> None:
    office.actor = LEK
    is_open = write_csv(tmp_path / "open.csv", [{**GOOD, "owner": NOK, "external_id": "X-1"}])
    exchange.import_file(office.desk, is_open)
    ended = {"status": "closed", "closed_at": "2017-03-06T10:30:00+07:00", "outcome": "done", "owner": NOK}
    rows = [{**GOOD, **ended, "external_id": f"X-{n}"} for n in (1, 2, 3)]
    exchange.import_file(office.later(hours=1), write_csv(tmp_path / "old.csv", rows))
    office.later(minutes=11)
    assert office.put_up() == 1
    assert [one.line.number for one in office.read()[NOK].ends] == ["C-6003-00001"]
