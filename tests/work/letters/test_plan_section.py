"""The action plan in the daily summary: what is told, to whom, from which day on, and when nothing is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from complaint_sla.core.measures import Kind
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules
from complaint_sla.core.titles import Title
from complaint_sla.mail.compose import subject_of, text_of
from complaint_sla.store.offices import directory
from complaint_sla.store.tables import Drawn, FrozenFigure, Listed, Office, Request
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import notices, outbox, people_letter
from complaint_sla.work.letters.outbox import LEASE
from complaint_sla.work.letters.summary_letter import MOST, Summary
from complaint_sla.work.plans.due import outstanding_in
from complaint_sla.work.plans.enter import Pen, enter
from complaint_sla.work.plans.reminders import CallsLine, PlanLine, section
from complaint_sla.work.plans.submitted import Submitted
from tests.work.desks import DOMAIN, House
from tests.work.rivals import at_once

SUP, BOSS = "sup@example.org", "boss@example.org"
SUMMARY = DailySummary(frozenset(range(5)), time(8), (Role.SUPERVISOR, Role.MANAGER), when_nothing=False)
BRANCH = "BANSANG"
PHONE = Title("โทรศัพท์โดย กฟฟ. และ กฟส.", "Calls by the office")
# What is asked of the office above the branch.
OF_PARENT = {"division-new-meter", "division-lv-extension", "division-transformer", "division-mean"}


class Planning(House):
    """A branch with a supervisor below the main office with a manager, whose plan is in use."""

    rules = ServiceRules(summary=SUMMARY)

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=self.rules)

    def put_up(self) -> int:
        return notices.post(self.desk, DOMAIN)

    def classify(self, class_: str | None, code: str = BRANCH) -> None:
        statement = update(Office).where(col(Office.code) == code).values(class_=class_)
        self.store.write(lambda session: session.execute(statement))

    def enter(self, measure: str, period: str, figure: str | None = None, **more: object) -> None:
        """With its letter, unless one waits for it."""
        enter(self.desk, self._submitted(measure, period, figure, **more))

    def _submitted(self, measure: str, period: str, figure: str | None, **more: object) -> Submitted:
        letter = {} if "awaiting" in more else {"source": "389/60", "dated": self.desk.today}
        return Submitted(measure, period, figure, **{"office": BRANCH, **letter, **more})  # type: ignore[arg-type]

    @staticmethod
    def id_of(session: Session, code: str) -> int:
        office = directory(session).office(code)
        assert office is not None
        assert office.id is not None
        return office.id

    def enter_all(self, but: Collection[str] = (), until: date = date.max) -> None:
        """All that is not in and due by a day, each at its best."""
        figures = {Kind.SHARE: "10/10", Kind.MEAN: "50/10", Kind.COUNT: "5/5", Kind.DONE: None}

        def job(session: Session) -> None:
            pen = Pen(session, self.desk)
            for one in outstanding_in(session, self.desk, pen.directory, None):
                item = one.item
                over = item.measure.kind is Kind.DONE or item.period.last < self.desk.today
                if item.measure.key not in but and item.due_on <= until and over:
                    figure = figures[item.measure.kind]
                    submitted = self._submitted(item.measure.key, item.period.key, figure, office=item.office)
                    pen.enter(submitted, pen.office(submitted))

        self.store.write(job)

    def freeze(self, quarter: str = "2017-Q1") -> None:
        row = {
            "measure": "plan",
            "quarter": quarter,
            "version": 1,
            "content": "{}",
            "cases": "",
            "digest": quarter,
        }
        self.store.write(lambda session: session.add(FrozenFigure(**row, frozen_at=self.clock.at)))

    def written(self, at: str) -> dict[str, Summary]:
        """The summaries of a morning, by recipient."""
        self.at(at)
        self.put_up()
        found = {}
        for held in outbox.claim(self.desk, 99):
            letter = outbox.write(self.desk, held)
            if isinstance(letter, Summary):
                found[held.recipient] = letter
                assert outbox.begin(self.desk, held, "its digest", letter.written_at)
                outbox.record(self.desk, held, Answer.ACCEPTED, None)
        return found

    def told(self, at: str, email: str = SUP) -> list[tuple[str, str, int]]:
        """What the section tells somebody: measure, period, days late; nothing if no letter goes."""
        letter = self.written(at).get(email)
        return [] if letter is None else keys(letter)


def keys(letter: Summary) -> list[tuple[str, str, int]]:
    found = [one for one in letter.plan.lines if isinstance(one, PlanLine)]
    return [(one.item.measure.key, one.item.period.key, one.days_late) for one in found]


@pytest.fixture(autouse=True)
def nothing_is_told_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(notices.KINDS, people_letter.KIND)


@pytest.fixture
def unused(sqlite_database: str) -> Iterator[Planning]:
    house = Planning(sqlite_database, "2017-04-07 10:00")
    yield _manned(house)
    house.close()


@pytest.fixture
def house(unused: Planning) -> Planning:
    unused.classify("branch")
    unused.classify("region", "MAIN")
    return unused


@pytest.fixture
def both(database: str) -> Iterator[Planning]:
    """On either engine."""
    house = Planning(database, "2017-04-07 10:00")
    _manned(house)
    house.classify("branch")
    yield house
    house.close()


def _manned(house: Planning) -> Planning:
    house.hire("boss", Role.MANAGER)
    offices.add_office(house.desk, BRANCH, "กฟส.บ้านสร้าง", "Ban Sang branch", "MAIN")
    house.hire("sup", Role.SUPERVISOR, BRANCH)
    return house


# --- what, and from when on


def test_figures_are_told_on_the_day_they_are_due_and_counted_as_overdue_the_day_after(
    both: Planning,
) -> None:
    both.enter_all(but={"large-existing", "sms-existing", *OF_PARENT}, until=date(2017, 4, 10))
    letter = both.written("2017-04-10 08:00")[SUP]
    assert keys(letter) == [("large-existing", "2017-Q1", 0), ("sms-existing", "2017-Q1", 0)]
    assert subject_of(letter, Words("en")) == "[Summary] 2 figures of the plan due"
    letter = both.written("2017-04-11 08:00")[SUP]
    assert keys(letter) == [("large-existing", "2017-Q1", 1), ("sms-existing", "2017-Q1", 1)]
    assert subject_of(letter, Words("en")) == "[Summary] 2 figures of the plan overdue"
    assert "complaint-sla plan enter large-existing 1/2017 N/D --source" in text_of(letter, Words("en"))
    assert "complaint-sla plan enter large-existing 1/2560 N/D --source" in text_of(letter, Words("th"))


def test_what_was_entered_an_hour_before_is_left_out_and_with_all_in_no_letter_goes(house: Planning) -> None:
    house.enter_all(but={"large-existing"}, until=date(2017, 4, 15))
    house.at("2017-04-11 07:00")
    house.enter("large-existing", "1/2560", "90/95")
    assert house.written("2017-04-11 08:00") == {}
    assert house.messages() != [], "the day is done, and was found to have nothing"
    house.log("spp-area", office=BRANCH)
    assert house.written("2017-04-12 08:00")[SUP].plan.count == 0


def test_a_figure_is_told_from_so_many_days_before_it_is_due_as_the_plan_says(house: Planning) -> None:
    house.enter_all(but={"voc-summary"}, until=date(2017, 4, 30))
    assert house.told("2017-04-26 08:00") == []
    assert house.told("2017-04-27 08:00") == [("voc-summary", "2017-Q1", 0)]
    # The form is handed in without it, and it is owed all the same.
    house.at("2017-05-01 00:00")
    house.freeze()
    assert house.told("2017-05-01 08:00") == [("voc-summary", "2017-Q1", 1)]
    house.enter("voc-summary", "1/2560", dated=date(2017, 4, 30))
    assert house.told("2017-05-02 08:00") == []


def test_of_a_quarter_that_is_frozen_nothing_is_told_that_was_due_before_its_form(house: Planning) -> None:
    house.enter_all(but={"large-existing"}, until=date(2017, 4, 30))
    assert house.told("2017-05-02 08:00") == [("large-existing", "2017-Q1", 22)]
    house.freeze()
    assert house.told("2017-05-03 08:00") == []


def test_whom_one_waits_for_is_told_and_silences_nothing(house: Planning) -> None:
    house.enter_all(but={"voc-summary"}, until=date(2017, 4, 30))
    house.at("2017-04-20 09:00")
    house.enter("voc-summary", "1/2560", awaiting="กฟก.1")
    letter = house.written("2017-05-01 08:00")[SUP]
    [line] = letter.plan.lines
    assert (line.days_late, line.whom, line.since) == (1, "กฟก.1", date(2017, 4, 20))
    assert "awaiting กฟก.1 since 20 Apr 2017" in text_of(letter, Words("en"))


def test_what_is_for_other_classes_is_never_told_and_without_a_class_nobody_is_let_off(
    house: Planning,
) -> None:
    house.enter_all(but={"channels"}, until=date(2017, 12, 1))
    told = {}
    for day, class_ in ((28, "branch"), (29, "class-1"), (27, "class-1"), (30, None)):
        house.classify(class_)
        with house.store.read() as session:
            desk = house.at(f"2017-12-{day} 08:00")
            found = section(session, desk, directory(session), [BRANCH], desk.now, BRANCH, 99)
        told[day] = "channels" in {one.item.measure.key for one in found.lines}
    assert told == {28: False, 29: True, 27: False, 30: True}


# --- to whom


def test_what_is_asked_of_the_office_above_is_told_there_and_what_is_below_to_those_above(
    house: Planning,
) -> None:
    house.enter_all(but={"large-existing", *OF_PARENT}, until=date(2017, 4, 15))
    letters = house.written("2017-04-17 08:00")
    assert keys(letters[SUP]) == [("large-existing", "2017-Q1", 7)]
    assert {key for key, _, _ in keys(letters[BOSS])} == {"large-existing", *OF_PARENT}
    text = text_of(letters[BOSS], Words("en"))
    assert "plan enter division-mean 1/2017 SUM/N --source TEXT --dated DAY --office BANSANG" in text
    assert "asked of the office above" in text
    assert "--office" not in " ".join(
        one for one in text_of(letters[SUP], Words("en")).splitlines() if "plan enter" in one
    )


def test_only_those_who_have_to_see_to_something_are_written_to(house: Planning) -> None:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    house.classify("branch", "EAST")
    east = house.hire("east", Role.SUPERVISOR, "EAST")
    house.enter_all(but={"large-existing"}, until=date(2017, 4, 15))
    house.enter("large-existing", "1/2560", "1/1", office="EAST")
    assert set(house.written("2017-04-11 08:00")) == {SUP, BOSS}
    assert house.put_up() == 0
    assert east in {one.recipient for one in house.messages()}


def test_a_long_list_ends_with_how_many_more_there_are_and_the_command(house: Planning) -> None:
    letter = house.written("2017-04-12 08:00")[BOSS]
    assert (len(letter.plan.lines), letter.plan.more) == (MOST, letter.plan.count - MOST)
    assert letter.plan.lines[0].days_late == max(one.days_late for one in letter.plan.lines)
    text = text_of(letter, Words("en"))
    assert f"and {letter.plan.more} more:\n  complaint-sla plan due --office MAIN" in text


# --- what comes to be demanded


def test_it_says_by_what_an_improvement_plan_is_demanded(house: Planning) -> None:
    house.enter_all(until=date(2017, 4, 30))
    house.at("2017-04-17 09:00")
    house.enter("post-mean", "1/2560", "86/20")
    cause = "2.2 By post: 86 of 20 = 4.30, below 4.31"
    news = house.written("2017-04-18 08:00")[SUP]
    assert keys(news) == [("improvement-plan", "2017-Q1", 0)]
    assert cause in text_of(news, Words("en"))
    assert subject_of(news, Words("en")) == "[Summary] 1 demanded by the plan"
    # Until it is due it is told along with other things, and no letter goes for it.
    assert house.written("2017-04-19 08:00") == {}
    house.at("2017-05-01 00:00")
    house.freeze()
    assert house.written("2017-05-03 08:00") == {}
    house.enter_all(but={"improvement-plan"}, until=date(2017, 6, 30))
    house.at("2017-06-25 08:00")
    house.enter_all(but={"improvement-plan"}, until=date(2017, 6, 30))
    [due] = [one for one in house.written("2017-06-27 08:00")[SUP].plan.lines if one.causes]
    assert (due.item.due_on, [one.measure.key for one in due.causes]) == (date(2017, 6, 30), ["post-mean"])
    assert house.told("2017-07-03 08:00")[0] == ("improvement-plan", "2017-Q1", 3)
    house.enter("improvement-plan", "1/2560")
    assert "improvement-plan" not in {key for key, _, _ in house.told("2017-07-04 08:00")}


# --- whom to ask


def test_whom_to_ask_is_told_to_those_who_ask_with_the_day_of_the_first(house: Planning) -> None:
    def job(session: Session) -> None:
        place = {"office_id": house.id_of(session, BRANCH), "service": "new-meter"}
        for at, survey in enumerate(("phone", "phone", "division", "post")):
            day = date(2017, 3, 30 - at)
            request = Request(reference=f"6003-{at}", finished_on=day, listed=1, **place)
            session.add(request)
            session.flush()
            session.add(Drawn(survey=survey, request_id=request.id, drawn=1))

    house.store.write(job)
    house.enter_all(until=date(2017, 4, 15))
    letters = house.written("2017-04-10 08:00")
    [line] = letters[SUP].plan.lines
    assert line == CallsLine(
        BRANCH, Title("กฟส.บ้านสร้าง", "Ban Sang branch"), None, PHONE, 2, date(2017, 4, 13)
    )
    assert subject_of(letters[SUP], Words("en")) == "[Summary] 2 customers to ask"
    text = text_of(letters[SUP], Words("en"))
    assert "1. in 3 days: Calls by the office: 2 customers to ask\n   the first until 13 Apr 2017" in text
    assert "   complaint-sla survey list\n" in text
    # The one above asks its own, and hears of the others.
    assert letters[BOSS].plan.calls == 3
    # Nobody can be asked any more, and of forms that were sent an answer can come until the form is handed in.
    assert house.told("2017-04-17 08:00") == []
    assert house.written("2017-04-28 08:00")[SUP].plan.calls == 1


# --- a plan that nobody runs


def test_of_a_plan_that_nobody_runs_nothing_is_told(unused: Planning) -> None:
    assert unused.written("2017-04-11 08:00") == {}
    unused.log("spp-area", office=BRANCH)
    assert unused.written("2017-04-12 08:00")[SUP].plan.count == 0


@pytest.mark.parametrize("how", ["figure", "class", "list"])
def test_it_is_told_once_anybody_runs_it(unused: Planning, how: str) -> None:
    if how == "figure":
        unused.enter("large-existing", "1/2560", "90/95")
    elif how == "class":
        unused.classify("branch")
    else:
        day = date(2017, 4, 1)
        listed = {"office_id": 1, "service": "new-meter", "since": day, "through": day, "listed": 1}
        unused.store.write(lambda session: session.add(Listed(**listed)))
    assert set(unused.written("2017-04-11 08:00")) == {SUP, BOSS}


def test_a_plan_that_nobody_has_touched_for_a_year_is_not_told_of(unused: Planning) -> None:
    unused.enter("large-existing", "1/2560", "90/95")
    unused.freeze()
    assert unused.told("2019-06-03 08:00") == []


# --- once


def test_processes_that_post_at_once_make_one_row_a_person_of_the_plan_alone(both: Planning) -> None:
    both.at("2017-03-06 08:00")
    at_once(both.url, "", *["notice"] * 3)
    made = [(one.occasion, one.recipient, one.state) for one in both.messages()]
    assert made == [("2017-03-06", BOSS, "waiting"), ("2017-03-06", SUP, "waiting")]


def test_one_that_may_have_arrived_is_written_again_as_it_was(house: Planning) -> None:
    house.at("2017-04-10 08:00")
    house.put_up()
    held = {one.recipient: one for one in outbox.claim(house.desk, 9)}[SUP]
    first = outbox.write(house.desk, held)
    assert isinstance(first, Summary)
    assert outbox.begin(house.desk, held, "its digest", first.written_at)
    # Nobody hears an answer, and by the next day what was due is overdue.
    house.clock.at += timedelta(days=1) + LEASE
    held = {one.recipient: one for one in outbox.claim(house.desk, 9)}[SUP]
    again = outbox.write(house.desk, held)
    assert again == first
    assert text_of(again, Words("en")) == text_of(first, Words("en"))


def test_what_can_not_be_read_of_the_plan_keeps_no_summary(
    house: Planning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[PlanLine]:
        raise LookupError("a hand was here")

    monkeypatch.setattr("complaint_sla.work.plans.reminders.outstanding_in", broken)
    number = house.log("spp-area", office=BRANCH)
    letter = house.written("2017-04-11 08:00")[SUP]
    assert [one.number for one in letter.due.lines] == [number]
