"""Reports by mail: on the first working day, when final, and in time to save the target; each once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import text

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.replies import Answer
from complaint_sla.core.servicefile import ReportOrder, ServiceRules, WorkingHours
from complaint_sla.mail.compose import compose, subject_of, text_of
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.letters import notices, outbox, report_letter
from complaint_sla.work.letters.report_letter import QuarterReport
from tests.work.desks import DOMAIN, House
from tests.work.frozen import lay_beside

CHIEF, CLERK = "chief@example.org", "clerk@example.org"
Q1 = Quarter(2017, 1)


class Reporting(House):
    """A house whose chief gets the reports of all offices, and whose clerk those of one."""

    rules = ServiceRules(
        reports=(
            ReportOrder((CHIEF,), None, ("report.html",)),
            ReportOrder((CLERK, CHIEF), "EAST", ("plan.html", "report.html")),
        )
    )

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=self.rules)

    def put_up(self) -> int:
        return notices.post(self.desk, DOMAIN)

    def said(self) -> list[QuarterReport]:
        """Every report that may go now; they are taken as sent."""
        found = []
        for held in outbox.claim(self.desk, 99):
            letter = outbox.write(self.desk, held)
            assert isinstance(letter, QuarterReport)
            assert outbox.begin(self.desk, held)
            outbox.record(self.desk, held, Answer.ACCEPTED, None)
            found.append(letter)
        return sorted(found, key=lambda one: (one.recipient, one.office is not None))

    def occasions(self) -> set[str]:
        return {
            one.occasion
            for one in self.messages()
            if one.kind == report_letter.KIND and one.state != "dissolved"
        }


@pytest.fixture
def house(database: str) -> Iterator[Reporting]:
    yield from _with_a_branch(Reporting(database))


@pytest.fixture
def small_house(sqlite_database: str) -> Iterator[Reporting]:
    yield from _with_a_branch(Reporting(sqlite_database))


def _with_a_branch(opened: Reporting) -> Iterator[Reporting]:
    offices.add_office(opened.desk, "EAST", "ตะวันออก", "East", "MAIN")
    yield opened
    opened.close()


def a_quarter(house: Reporting) -> None:
    """One in time at each office, and one of the branch that is never closed."""
    house.at("2017-03-20 10:00")
    for office in ("MAIN", "EAST"):
        house.shut(house.log(office=office))
    house.log("residential", office="EAST")


def test_the_provisional_report_goes_on_the_first_working_day_and_the_final_one_when_it_is_final(
    house: Reporting,
) -> None:
    a_quarter(house)
    # The first of April 2017 is a Saturday.
    for quiet in ("2017-04-01 09:00", "2017-04-02 09:00", "2017-04-03 07:59"):
        house.at(quiet)
        assert house.put_up() == 0
    house.at("2017-04-03 08:00")
    assert house.put_up() == 3
    assert house.put_up() == 0
    letters = house.said()
    assert [(one.recipient, one.phase, one.office.code if one.office else None) for one in letters] == [
        (CHIEF, "provisional", None),
        (CHIEF, "provisional", "EAST"),
        (CLERK, "provisional", "EAST"),
    ]
    assert [one.report.figure.counts.received for one in letters] == [3, 2, 2]

    house.at("2017-04-26 00:00")
    assert house.put_up() == 0
    freeze.freeze_final(house.desk)
    assert house.put_up() == 3
    final = house.said()
    assert {one.phase for one in final} == {"final"}
    assert [one.report.figure.version for one in final] == [1, 1, 1]
    assert final[0].report.frozen is not None
    assert final[0].report.frozen.digest in text_of(final[0], Words("en"))
    # A restatement is handed in by whoever made it.
    change.do(house.desk, "C-6003-00001", change.reopen("x"))
    freeze.freeze(house.desk, Q1)
    assert house.put_up() == 0


def test_a_service_that_starts_later_sends_the_report_that_still_holds(small_house: Reporting) -> None:
    a_quarter(small_house)
    small_house.at("2017-05-30 12:00")
    freeze.freeze_final(small_house.desk)
    assert small_house.put_up() == 3
    assert {one.phase for one in small_house.said()} == {"final"}
    # Of older quarters nobody is told any more.
    small_house.at("2017-08-30 12:00")
    freeze.freeze_final(small_house.desk)
    small_house.put_up()
    assert {one.partition(" ")[0] for one in small_house.occasions()} == {"2017-Q1", "2017-Q2"}


def test_of_several_who_post_at_once_one_makes_it(house: Reporting) -> None:
    a_quarter(house)
    house.at("2017-04-03 08:00")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: house.put_up(), range(4)))
    assert sum(made) == 3
    assert len(house.occasions()) == 2


def test_a_warning_names_what_can_still_save_the_target_nearest_deadline_first(house: Reporting) -> None:
    house.at("2017-02-20 10:00")
    late = house.log("spp-area", office="EAST")
    house.at("2017-02-27 10:00")
    house.shut(late)
    second, first = house.log("residential", office="EAST"), house.log("key-account", office="EAST")
    # In danger since February, but the last month has not begun.
    assert house.put_up() == 0
    house.at("2017-03-01 08:00")
    assert house.put_up() == 3
    letters = house.said()
    assert {one.phase for one in letters} == {"warning"}
    assert [line.number for line in letters[0].saving.lines] == [first, second]
    text = text_of(letters[0], Words("en"))
    assert text.index(first) < text.index(second)
    assert "0.00 %" in text
    house.at("2017-03-02 08:00")
    assert house.put_up() == 0


def test_without_danger_nothing_is_said_until_there_is(small_house: Reporting) -> None:
    house = small_house
    house.at("2017-03-01 07:00")
    for _ in range(4):
        house.shut(house.log(office="MAIN"))
    house.at("2017-03-01 09:00")
    assert house.put_up() == 0
    house.log("spp-area", office="MAIN")
    # It was looked at today already.
    assert house.put_up() == 0
    house.at("2017-03-02 09:00")
    # Four of five would still do.
    assert house.put_up() == 0
    house.log("residential", office="MAIN")
    house.at("2017-03-03 09:00")
    assert house.put_up() == 1
    assert house.occasions() == {"2017-Q1 warning * 2017-03-03"}


def test_nothing_is_posted_outside_working_hours_or_when_nobody_gets_reports(small_house: Reporting) -> None:
    a_quarter(small_house)
    small_house.rules = replace(  # type: ignore[misc]
        small_house.rules,
        working_hours=WorkingHours(frozenset({1}), time(9), time(16), lambda _year: {date(2017, 4, 4): "x"}),
    )
    for quiet in ("2017-04-03 10:00", "2017-04-04 10:00", "2017-04-11 08:59"):
        small_house.at(quiet)
        assert small_house.put_up() == 0
    small_house.at("2017-04-11 09:00")
    assert small_house.put_up() == 3
    small_house.rules = ServiceRules()  # type: ignore[misc]
    small_house.at("2017-07-04 10:00")
    assert small_house.put_up() == 0


def test_an_office_that_is_not_there_holds_up_no_other_report(small_house: Reporting) -> None:
    a_quarter(small_house)
    small_house.rules = ServiceRules(  # type: ignore[misc]
        reports=(ReportOrder((CHIEF,), "WEST", ()), ReportOrder((CLERK,), None, ()))
    )
    small_house.at("2017-04-03 08:00")
    assert small_house.put_up() == 1


def ask(desk: Desk, quarter: Quarter, office: str | None, domain: str) -> list[str]:
    recipients, job = report_letter.asked(desk, quarter, office, domain)
    desk.store.write(job)
    return recipients


def test_a_report_that_is_asked_for_goes_at_once_as_often_as_it_is_asked_for(small_house: Reporting) -> None:
    a_quarter(small_house)
    assert ask(small_house.desk, Q1, "EAST", DOMAIN) == [CLERK, CHIEF]
    small_house.later(minutes=1)
    assert ask(small_house.desk, Q1, None, DOMAIN) == [CHIEF]
    assert [(one.recipient, one.phase) for one in small_house.said()] == [
        (CHIEF, "asked"), (CHIEF, "asked"), (CLERK, "asked")
    ]  # fmt: skip
    with pytest.raises(BadValue, match="nobody-gets-reports"):
        ask(small_house.desk, Q1, "MAIN", DOMAIN)


def test_a_report_that_is_asked_for_goes_to_whoever_the_settings_name_and_to_nobody_else(
    small_house: Reporting,
) -> None:
    a_quarter(small_house)
    ask(small_house.desk, Q1, None, DOMAIN)
    forged = text("UPDATE message SET recipient = 'mallory@example.com'")
    small_house.desk.store.write(lambda session: session.execute(forged))
    [held] = outbox.claim(small_house.desk, 99)
    assert outbox.write(small_house.desk, held) is None


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_files_go_along_and_one_that_can_not_be_made_is_named(
    small_house: Reporting, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_quarter(small_house)
    small_house.at("2017-04-03 08:00")
    small_house.put_up()
    letter = replace(small_house.said()[2], language=language)
    words = Words(language)

    from email import message_from_bytes, policy

    message = message_from_bytes(compose(letter, "SLA <sla@example.org>", words), policy=policy.default)
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert list(files) == ["plan-2017-Q1-EAST.html", "report-2017-Q1-EAST.html"]
    assert all(content.startswith("<!DOCTYPE html>") for content in files.values())
    # The whole form of the plan.
    assert files["plan-2017-Q1-EAST.html"].count('<td class="mark" data-mark=') == 14
    assert message["Auto-Submitted"] == "auto-generated"
    assert "100.00 %" in subject_of(letter, words)
    body = message.get_body(("plain",))
    assert body is not None
    assert "report-2017-Q1-EAST.html" in body.get_content()

    def without_the_extra(*_: object) -> bytes:
        raise BadValue("missing-extra", extra="pdf")

    monkeypatch.setattr("complaint_sla.mail.report_letter.whole_rendered", without_the_extra)
    message = message_from_bytes(compose(letter, "SLA <sla@example.org>", words), policy=policy.default)
    assert [part.get_filename() for part in message.iter_attachments()] == ["report-2017-Q1-EAST.html"]
    body = message.get_body(("plain",))
    assert body is not None
    assert "plan.html: " in body.get_content()
    assert "complaint-sla[pdf]" in body.get_content()


def test_a_report_says_first_that_another_target_was_laid_beside_it(small_house: Reporting) -> None:
    a_quarter(small_house)
    small_house.at("2017-04-26 00:00")
    freeze.freeze_final(small_house.desk)
    lay_beside(small_house, "2017-03-31")
    small_house.rules = ServiceRules(reports=(ReportOrder((CHIEF,), None, ()),))
    assert small_house.put_up() == 1
    (letter,) = small_house.said()
    assert "Otherwise today: Target: 80 → 70; Rule books: pea-2560" in text_of(letter, Words("en"))

    freeze.freeze(small_house.desk, Q1)

    ask(small_house.later(hours=1), Q1, None, DOMAIN)
    (letter,) = small_house.said()
    for language, said in (("en", "Restated: Target: 80 → 70; "), ("th", "แก้ไขตัวเลข: เป้าหมาย: 80 → 70; ")):
        assert said in text_of(letter, Words(language))
        assert "Otherwise today" not in text_of(letter, Words(language))


def test_a_report_ordered_for_an_office_that_was_not_there_then_says_so(small_house: Reporting) -> None:
    a_quarter(small_house)
    small_house.at("2017-04-26 00:00")
    freeze.freeze_final(small_house.desk)
    offices.add_office(small_house.desk, "NEW", "ใหม่", "New", "EAST")
    small_house.rules = ServiceRules(reports=(ReportOrder((CHIEF,), "NEW", ("plan.html", "report.html")),))
    assert small_house.put_up() == 1
    (letter,) = small_house.said()
    assert "founded after this figure was frozen" in text_of(letter, Words("en"))
    assert "ตั้งขึ้นหลังจากตรึงตัวเลข" in text_of(letter, Words("th"))


def test_a_report_says_that_its_target_is_a_stand_in_while_a_book_is_lost(small_house: Reporting) -> None:
    a_quarter(small_house)
    small_house.at("2017-04-03 08:00")
    small_house.put_up()
    letter = small_house.said()[0]
    lost = replace(letter, report=replace(letter.report, lost=("pea-b",)))
    for language, said in (("en", "Target: only a stand-in"), ("th", "เป้าหมาย: ใช้แทนชั่วคราวเท่านั้น")):
        assert said in text_of(lost, Words(language))
        assert said not in text_of(letter, Words(language))
