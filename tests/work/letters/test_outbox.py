"""From what is owed to letters that went: none lost, none doubled, and one to a person however long the outage."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from complaint_sla.core.errors import NotFound
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import ServiceRules, WorkingHours
from complaint_sla.work import offices
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.complaints import change
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import listing, outbox
from complaint_sla.work.letters.outbox import LEASE, PATIENCE, PAUSES
from tests.work.desks import House, moment

SUP, BOSS = "sup@example.org", "boss@example.org"


@pytest.fixture
def manned(house: House) -> House:
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    return house


@pytest.fixture
def owing(manned: House) -> tuple[House, str]:
    """A complaint whose first warning waits for the supervisor."""
    number = manned.log()
    manned.at("2017-03-23 08:00")
    manned.sweep()
    return manned, number


def states(house: House) -> list[tuple[str, str]]:
    return [(one.recipient, one.state) for one in house.messages()]


# --- gather


def test_a_person_gets_one_letter_with_the_newest_stage_of_each_complaint(manned: House) -> None:
    first, second = manned.log(), manned.log("key-account")
    for day in ("2017-03-19 08:00", "2017-03-21 08:00", "2017-03-23 08:00", "2017-03-29 08:00"):
        manned.at(day)
        manned.sweep()
    assert manned.gather() == 2
    assert manned.gather() == 0
    (letter,) = [one for one in manned.messages() if one.recipient == SUP]
    assert [row.stage for row in manned.members(letter.id)] == ["overdue", "warning-last"]
    assert manned.owed(first) == {("warning-first", SUP): "superseded", ("warning-last", SUP): "waiting"}
    assert manned.owed(second)["warning-last", SUP] == "superseded"
    assert manned.owed(second)["overdue", SUP] == "waiting"


def test_letters_wait_while_something_is_left_to_sweep_but_not_for_long(manned: House) -> None:
    manned.log()
    manned.at("2017-03-23 08:00")
    manned.sweep()
    manned.log(received_at=moment("2017-03-02 10:00"))
    assert manned.gather() == 0
    manned.clock.at += PATIENCE - timedelta(seconds=1)
    assert manned.gather() == 0
    manned.later(seconds=1)
    assert manned.gather() == 1


def test_urgent_matters_wait_for_no_sweep(manned: House) -> None:
    manned.log(urgent=True)
    manned.sweep()
    manned.log(received_at=moment("2017-02-01 10:00"))
    assert manned.gather() == 1


class Hours(House):
    """A house that writes from 09:00 until before 16:30 on working days; Friday 24 March 2017 is a public holiday."""

    @property
    def desk(self) -> Desk:
        days_off = {date(2017, 3, 24): "a holiday"}
        hours = WorkingHours(frozenset(range(5)), time(9), time(16, 30), lambda _year: days_off)
        return replace(super().desk, service=ServiceRules(working_hours=hours))


@pytest.fixture
def hours(database: str) -> Iterator[Hours]:
    opened = Hours(database)
    opened.hire("sup")
    opened.hire("boss", Role.MANAGER)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("raised", "written"),
    [
        ("2017-03-23 08:00", "2017-03-23 09:00"),
        ("2017-03-23 16:29", "2017-03-23 16:29"),
        # The holiday and the weekend.
        ("2017-03-23 16:30", "2017-03-27 09:00"),
    ],
)
def test_mail_waits_for_working_hours_and_raising_does_not(hours: Hours, raised: str, written: str) -> None:
    number = hours.log()
    hours.at(raised)
    assert hours.sweep().alerts == 1
    assert hours.owed(number) == {("warning-first", SUP): "waiting"}
    if raised != written:
        hours.clock.at = moment(written) - timedelta(minutes=1)
        assert hours.post() == []
    hours.at(written)
    assert hours.post() == [SUP]


def test_what_is_urgent_goes_at_once_and_takes_along_what_waits(hours: Hours) -> None:
    number = hours.log()
    hours.at("2017-03-23 20:00")
    hours.sweep()
    assert hours.gather() == 0
    urgent = hours.log(urgent=True)
    hours.sweep()
    assert hours.post() == [SUP]
    (letter,) = hours.messages()
    assert len(hours.members(letter.id)) == 2
    assert hours.owed(number)["warning-first", SUP] == hours.owed(urgent)["receipt", SUP] == "sent"


def test_however_long_something_was_left_unswept_mail_waits_for_working_hours(hours: Hours) -> None:
    hours.log()
    hours.at("2017-03-23 20:00")
    hours.sweep()
    hours.log(received_at=moment("2017-02-20 10:00"))
    hours.clock.at += 2 * PATIENCE
    assert hours.gather() == 0


def test_a_letter_made_in_time_is_tried_again_outside_working_hours(hours: Hours) -> None:
    hours.log()
    hours.at("2017-03-23 16:29")
    hours.sweep()
    assert hours.post(Answer.LATER, "451") == [SUP]
    hours.later(hours=2)
    assert hours.post() == [SUP]


def test_a_new_stage_joins_a_letter_that_has_not_gone(owing: tuple[House, str]) -> None:
    house, number = owing
    house.gather()
    house.at("2017-03-29 08:00")
    house.sweep()
    assert house.gather() == 1
    assert states(house) == [(SUP, "dissolved"), (SUP, "waiting")]
    assert house.owed(number) == {("warning-first", SUP): "superseded", ("warning-last", SUP): "waiting"}


def test_a_letter_in_other_hands_is_left_to_them(owing: tuple[House, str]) -> None:
    house, _ = owing
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    house.log(received_at=moment("2017-02-27 10:00"))
    house.sweep()
    assert house.gather() == 0
    assert outbox.begin(house.desk, held)
    # While it goes out, the next letter is made beside it.
    assert house.gather() == 1
    outbox.record(house.desk, held, Answer.ACCEPTED, None)
    assert house.post() == [SUP]
    assert {row.state for one in house.messages() for row in house.members(one.id)} == {"sent"}


def test_closing_or_handing_over_breaks_up_a_letter_that_has_not_gone(manned: House) -> None:
    offices.add_office(manned.desk, "EAST", "ตะวันออก", "East")
    east = manned.hire("east", Role.SUPERVISOR, "EAST")
    closed, moved, stays = (manned.log(office="MAIN") for _ in range(3))
    manned.at("2017-03-23 08:00")
    manned.sweep()
    manned.gather()
    (held,) = outbox.claim(manned.desk, 9)
    manned.shut(closed)
    change.do(manned.desk, moved, change.transfer("EAST", "theirs"))
    assert outbox.write(manned.desk, held) is None
    assert not outbox.begin(manned.desk, held)
    assert sorted(manned.post()) == sorted([east, SUP])
    assert manned.owed(closed) == {("warning-first", SUP): "dropped"}
    assert manned.owed(moved)["warning-first", east] == "sent"
    assert manned.owed(stays) == {("warning-first", SUP): "sent"}


def test_a_letter_that_loses_nobody_is_not_broken_up(owing: tuple[House, str]) -> None:
    house, number = owing
    house.gather()
    change.do(house.desk, number, change.assign(house.hire("owner", Role.AGENT)))
    assert states(house) == [(SUP, "waiting")]


# --- claim, lease, record


def test_no_letter_is_given_to_two_workers(house: House) -> None:
    for index in range(24):
        house.hire(f"sup{index:02d}")
    house.log(urgent=True)
    house.sweep()
    assert house.gather() == 24
    with ThreadPoolExecutor(8) as pool:
        handfuls = list(pool.map(lambda _: outbox.claim(house.desk, 3), range(8)))
    taken = [held.id for handful in handfuls for held in handful]
    assert len(taken) == len(set(taken))
    taken += [held.id for held in outbox.claim(house.desk, 99)]
    assert sorted(taken) == sorted(one.id or 0 for one in house.messages())
    assert outbox.claim(house.desk, 99) == []


def test_many_workers_gathering_at_once_make_one_letter_a_person(house: House) -> None:
    for index in range(6):
        house.hire(f"sup{index}")
    for _ in range(4):
        house.log(urgent=True)
    house.sweep()
    with ThreadPoolExecutor(8) as pool:
        made = sum(pool.map(lambda _: house.gather(), range(8)))
    assert made == 6
    assert all(len(house.members(one.id)) == 4 for one in house.messages())


def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_records_nothing(
    owing: tuple[House, str],
) -> None:
    house, number = owing
    house.gather()
    (slow,) = outbox.claim(house.desk, 9)
    assert outbox.begin(house.desk, slow)
    house.clock.at += LEASE - timedelta(seconds=1)
    assert outbox.claim(house.desk, 9) == []
    house.later(seconds=1)
    (quick,) = outbox.claim(house.desk, 9)
    assert (quick.id, quick.perhaps_delivered, slow.perhaps_delivered) == (slow.id, True, False)
    before = house.dump()
    for answer in Answer:
        outbox.record(house.desk, slow, answer, "too late")
        outbox.put_back(house.desk, slow, "too late")
        assert not outbox.begin(house.desk, slow)
        assert outbox.write(house.desk, slow) is None
    assert house.dump() == before
    assert outbox.begin(house.desk, quick)
    outbox.record(house.desk, quick, Answer.ACCEPTED, None)
    assert house.owed(number) == {("warning-first", SUP): "sent"}


def test_the_lease_begins_anew_when_the_letter_goes_out(owing: tuple[House, str]) -> None:
    house, _ = owing
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    house.later(seconds=59)
    assert outbox.begin(house.desk, held)
    house.later(seconds=59)
    assert outbox.claim(house.desk, 9) == []


def test_a_crash_while_sending_sends_again_under_the_same_id_with_the_same_members(
    owing: tuple[House, str],
) -> None:
    house, number = owing
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    first = outbox.write(house.desk, held)
    assert outbox.begin(house.desk, held)
    # The worker dies here. A stage, a closing and a sweep later the same letter goes again.
    change.do(house.desk, number, change.note("meanwhile"))
    house.at("2017-03-29 08:00")
    house.sweep()
    house.shut(number)
    (again,) = outbox.claim(house.desk, 9)
    second = outbox.write(house.desk, again)
    assert first is not None
    assert second is not None
    assert second.message_id == first.message_id
    assert [case.stage.key for case in second.cases] == ["warning-first"]
    assert second.cases[0].ended_at == moment("2017-03-29 08:00")
    assert outbox.begin(house.desk, again)
    outbox.record(house.desk, again, Answer.ACCEPTED, "250 ok")
    assert house.owed(number) == {("warning-first", SUP): "sent", ("warning-last", SUP): "dropped"}


def test_a_lease_given_by_a_clock_that_was_set_back_holds_nobody_up(owing: tuple[House, str]) -> None:
    house, _ = owing
    house.gather()
    outbox.claim(house.desk, 9)
    house.later(days=-30)
    assert house.post() == [SUP]


def test_a_pause_given_by_a_clock_that_was_set_back_holds_nobody_up(owing: tuple[House, str]) -> None:
    house, _ = owing
    assert house.post(Answer.LATER, "451") == [SUP]
    house.later(days=-1)
    assert house.post() == [SUP]


# --- what the server says


def test_a_letter_says_what_a_supervisor_needs(owing: tuple[House, str]) -> None:
    house, number = owing
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    letter = outbox.write(house.desk, held)
    assert letter is not None
    assert (letter.recipient, letter.name, letter.language) == (SUP, "Sup", "th")
    (case,) = letter.cases
    assert (case.number, case.stage.key, case.owner, case.ended_at) == (number, "warning-first", None, None)
    assert case.next is not None
    assert (case.next.title.en, case.next.people) == ("Last warning", ("Sup",))
    found = listing.preview(house.desk, held.id)
    assert found is not None
    assert found[1].cases == letter.cases
    assert listing.preview(house.desk, 99) is None


@pytest.mark.parametrize("answer", [Answer.LATER, Answer.SERVER])
def test_an_outage_of_three_days_ends_in_one_mail_with_the_newest_stage(
    manned: House, answer: Answer
) -> None:
    numbers = [manned.log("spp-area") for _ in range(3)]
    manned.at("2017-03-09 08:00")
    # 9 to 11 March: last warning, due today, overdue. What is refused for more than a day the manager hears too.
    tries = 0
    for _ in range(18 if answer is Answer.SERVER else 12):
        manned.sweep()
        tries += len(manned.post(answer, "not now"))
        manned.later(hours=3)
    assert tries >= 12
    manned.clock.at = max(manned.clock.at, moment("2017-03-11 08:30"))
    manned.sweep()
    manned.later(hours=2)
    assert manned.post().count(SUP) == 1
    (sent,) = [one for one in manned.messages() if one.state == "sent" and one.recipient == SUP]
    assert len(manned.members(sent.id)) == 3
    for number in numbers:
        assert manned.owed(number)["overdue", SUP] == "sent"
        assert manned.owed(number)["due-today", SUP] in ("superseded", "failed")


def test_pauses_grow_and_the_last_one_holds(owing: tuple[House, str]) -> None:
    house, _ = owing
    for pause in (*PAUSES, PAUSES[-1]):
        assert house.post(Answer.LATER, "451 greylisted") == [SUP]
        house.clock.at += pause - timedelta(seconds=1)
        assert house.post() == []
        house.later(seconds=1)
    (letter,) = house.messages()
    assert (letter.state, letter.attempts, letter.error, letter.answer) == (
        "waiting",
        7,
        "451 greylisted",
        "later",
    )


def test_an_address_that_does_not_exist_marks_the_person_and_the_next_in_line_hears(
    owing: tuple[House, str],
) -> None:
    house, number = owing
    other = house.log(received_at=moment("2017-02-27 10:00"))
    house.sweep()
    assert house.post(Answer.NO_ADDRESS, "550 5.1.1 no such user") == [SUP]
    people = {one.email: one for one in offices.list_staff(house.desk)}
    assert people[SUP].failed_at == moment("2017-03-23 08:00")
    assert people[SUP].failure == "550 5.1.1 no such user"
    assert house.owed(number) == {("warning-first", SUP): "failed", ("warning-first", BOSS): "waiting"}
    assert house.post() == [BOSS]
    assert house.owed(other)["warning-last", BOSS] == "sent"
    # What comes later goes to the manager at once, until somebody says that the address is right again.
    house.at("2017-03-29 08:00")
    house.sweep()
    assert house.owed(number)["warning-last", BOSS] == "waiting"
    assert offices.set_staff(house.desk, SUP, reachable=True).failed_at is None
    house.at("2017-03-30 08:00")
    house.sweep()
    assert house.owed(number)["due-today", SUP] == "waiting"


def test_the_line_goes_from_the_owner_over_the_tree_to_nobody(house: House) -> None:
    offices.add_office(house.desk, "AREA", "เขต", "Area")
    offices.set_office(house.desk, "MAIN", parent="AREA")
    owner = house.hire("owner", Role.AGENT)
    line = [house.hire("sup"), house.hire("boss", Role.MANAGER)]
    line += [house.hire("areasup", Role.SUPERVISOR, "AREA"), house.hire("area", Role.MANAGER, "AREA")]
    number = house.log(owner=owner, office="MAIN")
    house.at("2017-03-23 08:00")
    house.sweep()
    assert house.post(Answer.REFUSED, "554 no") == [owner, line[0]]
    for one in line[1:]:
        # Nobody is passed over at once because of it.
        house.later(hours=23)
        assert one not in house.post(Answer.REFUSED, "554 no")
        house.later(hours=1)
        assert one not in house.post(Answer.REFUSED, "554 no")
        assert one in house.post(Answer.REFUSED, "554 no")
    house.later(days=1)
    house.post(Answer.REFUSED, "554 no")
    # The owner's line and the supervisor's end at one place.
    assert [row.recipient for row in house.rows(number) if row.state == "unalertable"] == [
        "role:supervisor@MAIN"
    ]
    assert {one.failed_at for one in offices.list_staff(house.desk)} == {None}
    # Nobody who refused it is asked for once more by a sweep, but somebody new is; and what waits is taken after all.
    house.sweep()
    assert house.gather() == 0
    house.later(hours=1)
    new = house.hire("new")
    assert sorted(house.post()) == sorted([owner, new, *line])


def test_a_deputy_that_cannot_be_reached_passes_it_on(manned: House) -> None:
    deputy = manned.hire("deputy", Role.AGENT)
    number = manned.log()
    manned.at("2017-03-23 08:00")
    offices.away(manned.desk, SUP, manned.desk.today, deputy)
    manned.sweep()
    assert manned.post(Answer.NO_ADDRESS, "550 5.1.1") == [deputy]
    assert manned.owed(number) == {("warning-first", deputy): "failed", ("warning-first", BOSS): "waiting"}


def test_a_colleague_who_has_it_already_is_the_next_in_line(manned: House) -> None:
    other = manned.hire("other")
    number = manned.log()
    manned.at("2017-03-23 08:00")
    manned.sweep()
    manned.gather()
    claims = {held.recipient: held for held in outbox.claim(manned.desk, 9)}
    for who, answer in ((other, Answer.ACCEPTED), (SUP, Answer.NO_ADDRESS)):
        assert outbox.begin(manned.desk, claims[who])
        outbox.record(manned.desk, claims[who], answer, "554")
    assert manned.owed(number) == {("warning-first", other): "sent", ("warning-first", SUP): "failed"}


@pytest.mark.parametrize("answer", [Answer.SERVER, Answer.SENDER])
def test_what_holds_up_everybody_is_passed_on_after_a_day_and_no_further(
    owing: tuple[House, str], answer: Answer
) -> None:
    """The next in line hears it by the same server: whoever is above them needs no letter that can't leave either."""
    house, number = owing
    offices.add_office(house.desk, "AREA", "เขต", "Area")
    offices.set_office(house.desk, "MAIN", parent="AREA")
    house.hire("area", Role.SUPERVISOR, "AREA")
    for _ in range(9):
        assert SUP in house.post(answer, "535 5.7.8 login")
        assert house.owed(number) == {("warning-first", SUP): "waiting"}
        house.later(hours=2.5)
    for _ in range(30):
        house.later(hours=3)
        house.post(answer, "535 5.7.8 login")
    assert house.owed(number) == {("warning-first", SUP): "failed", ("warning-first", BOSS): "waiting"}
    assert {one.failed_at for one in offices.list_staff(house.desk)} == {None}
    house.later(hours=1)
    # Once it takes letters again, both have it.
    assert sorted(house.post()) == [BOSS, SUP]
    assert set(house.owed(number).values()) == {"sent"}


def test_what_holds_up_everybody_asks_nobody_to_fill_a_post_that_is_filled(house: House) -> None:
    house.hire("sup")
    number = house.log(urgent=True)
    house.sweep()
    for _ in range(20):
        house.post(Answer.SENDER, "554 5.2.252 SendAsDenied")
        house.later(hours=3)
    assert house.owed(number) == {("receipt", SUP): "waiting"}


@pytest.mark.parametrize("answer", [Answer.LATER, Answer.UNKNOWN])
def test_what_is_unsent_for_a_day_is_the_next_ones_too(owing: tuple[House, str], answer: Answer) -> None:
    house, number = owing
    house.post(answer, "452 full")
    house.later(hours=23, minutes=59)
    house.post(answer, "452 full")
    assert ("warning-first", BOSS) not in house.owed(number)
    house.later(hours=1)
    assert SUP in house.post(answer, "452 full")
    assert house.owed(number)["warning-first", BOSS] == "waiting"
    house.later(hours=1)
    assert sorted(house.post()) == sorted([BOSS, SUP])
    assert house.owed(number) == {("warning-first", SUP): "sent", ("warning-first", BOSS): "sent"}


def test_what_was_unsent_for_a_day_goes_along_with_the_next_letter(owing: tuple[House, str]) -> None:
    house, number = owing
    house.post(Answer.LATER, "452 full")
    house.later(hours=25)
    house.post(Answer.LATER, "452 full")
    assert house.owed(number)["warning-first", SUP] == "failed"
    # Something new breaks the old letter up.
    urgent = house.log(urgent=True)
    house.later(hours=2)
    house.sweep()
    assert sorted(house.post()) == sorted([BOSS, SUP])
    assert house.owed(number)["warning-first", SUP] == "sent"
    assert house.owed(urgent)["receipt", SUP] == "sent"


def test_a_day_is_a_day_though_letters_are_broken_up_in_it(manned: House) -> None:
    full, closing = manned.log(), [manned.log() for _ in range(3)]
    manned.at("2017-03-23 08:00")
    manned.sweep()
    for number in closing:
        manned.post(Answer.LATER, "452 full")
        manned.later(hours=9)
        manned.shut(number)
    manned.post(Answer.LATER, "452 full")
    assert manned.owed(full)["warning-first", BOSS] == "waiting"


def test_a_letter_perhaps_delivered_stays_so_whatever_is_said_later(owing: tuple[House, str]) -> None:
    house, number = owing
    house.post(Answer.UNKNOWN, "line broke")
    (letter,) = house.messages()
    assert letter.state == "sending"
    house.later(minutes=2)
    house.post(Answer.LATER, "451")
    (same,) = house.messages()
    assert (same.state, same.message_id) == ("sending", letter.message_id)
    house.shut(number)
    house.later(hours=1)
    assert house.post() == [SUP]
    assert house.owed(number) == {("warning-first", SUP): "sent"}


def test_what_ended_while_it_went_out_and_came_back_is_dropped(owing: tuple[House, str]) -> None:
    house, number = owing
    other = house.log(received_at=moment("2017-03-05 10:00"))
    house.sweep()
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    assert outbox.begin(house.desk, held)
    house.shut(number)
    change.do(house.desk, other, change.reclassify("wrong", group="key-account"))
    assert house.owed(number) == {("warning-first", SUP): "waiting"}
    outbox.record(house.desk, held, Answer.LATER, "451")
    assert house.owed(number) == {("warning-first", SUP): "dropped"}
    assert [row.state for row in house.rows(other)] == ["dropped"]
    house.later(hours=1)
    (again,) = outbox.claim(house.desk, 9)
    assert outbox.write(house.desk, again) is None
    assert states(house) == [(SUP, "dissolved")]


def test_what_moved_while_it_went_out_and_came_back_follows(owing: tuple[House, str]) -> None:
    house, number = owing
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East")
    east = house.hire("east", Role.SUPERVISOR, "EAST")
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    assert outbox.begin(house.desk, held)
    change.do(house.desk, number, change.transfer("EAST", "theirs"))
    # Perhaps the letter is taken, and nothing follows: so the new office is told that it has the complaint.
    news = {("handed-over", east): "waiting"}
    assert house.owed(number) == {("warning-first", SUP): "waiting"} | news
    outbox.record(house.desk, held, Answer.SERVER, "421")
    after = {("warning-first", SUP): "superseded", ("warning-first", east): "waiting"}
    assert house.owed(number) == after | news


def test_a_letter_that_cannot_be_written_waits_for_better_words(owing: tuple[House, str]) -> None:
    house, number = owing
    house.gather()
    (held,) = outbox.claim(house.desk, 9)
    outbox.put_back(house.desk, held, "template: UndefinedError")
    assert outbox.claim(house.desk, 9) == []
    (letter,) = house.messages()
    assert (letter.state, letter.error, letter.attempts) == ("waiting", "template: UndefinedError", 1)
    house.later(minutes=1)
    assert house.post() == [SUP]
    assert house.owed(number) == {("warning-first", SUP): "sent"}


def test_retrying_hurries_what_waits_and_writes_again_what_was_refused(owing: tuple[House, str]) -> None:
    house, number = owing
    house.post(Answer.LATER, "451")
    assert outbox.retry(house.desk, house.messages()[0].id) == 1
    assert house.post(Answer.REFUSED, "554 no") == [SUP]
    (refused,) = listing.letters(house.desk, failed_only=True, most=9)
    assert (refused.state, refused.complaints, refused.error) == ("waiting", 1, "554 no")
    before = house.dump()
    with pytest.raises(NotFound, match="no-such-message"):
        outbox.retry(house.desk, 99)
    assert house.dump() == before
    assert outbox.retry(house.desk, None) == 1
    assert house.post(Answer.NO_ADDRESS, "550 5.1.1 nobody") == [SUP]
    (failed,) = listing.letters(house.desk, failed_only=True, most=9)
    assert (failed.state, failed.complaints, failed.error) == ("failed", 1, "550 5.1.1 nobody")
    offices.set_staff(house.desk, SUP, reachable=True)
    assert house.post() == [SUP]
    assert house.owed(number)["warning-first", SUP] == "sent"
    assert [len(listing.letters(house.desk, failed_only=one, most=9)) for one in (True, False)] == [0, 1]


def test_retrying_writes_nothing_of_what_has_ended(owing: tuple[House, str]) -> None:
    house, number = owing
    house.post(Answer.NO_ADDRESS, "550 5.1.1 nobody")
    house.shut(number)
    outbox.retry(house.desk, None)
    assert set(house.owed(number).values()) == {"failed", "dropped"}
    assert house.post() == []


def test_nobody_is_told_an_earlier_stage_after_a_later_one(manned: House) -> None:
    owner = manned.hire("owner", Role.AGENT)
    number = manned.log("spp-area", owner=owner)
    manned.at("2017-03-09 08:00")
    manned.sweep()
    manned.gather()
    for held in outbox.claim(manned.desk, 9):
        assert outbox.begin(manned.desk, held)
        answer = Answer.UNKNOWN if held.recipient == owner else Answer.ACCEPTED
        outbox.record(manned.desk, held, answer, "")
    manned.at("2017-03-10 08:00")
    manned.sweep()
    assert SUP in manned.post(Answer.ACCEPTED)
    # The owner's earlier letter turns out to be undeliverable; the supervisor knows worse by now.
    (old,) = [one for one in manned.messages() if one.state == "sending"] or [None]
    if old is not None:
        (held,) = outbox.claim(manned.desk, 9)
        outbox.record(manned.desk, held, Answer.REFUSED, "554")
    assert manned.post() == []
    assert manned.owed(number)["due-today", SUP] == "sent"


def test_a_letter_that_came_back_is_old_news_once_a_later_one_went(owing: tuple[House, str]) -> None:
    house, number = owing
    house.gather()
    (old,) = outbox.claim(house.desk, 9)
    assert outbox.begin(house.desk, old)
    house.clock.at = moment("2017-03-29 08:00")
    house.sweep()
    house.gather()
    taken = {held.id: held for held in outbox.claim(house.desk, 9)}
    again = taken.pop(old.id)
    (new,) = taken.values()
    assert outbox.begin(house.desk, new)
    outbox.record(house.desk, new, Answer.ACCEPTED, None)
    # Perhaps it was delivered: then it goes once more as it was. If it was refused for good, nobody needs it.
    assert outbox.begin(house.desk, again)
    outbox.record(house.desk, again, Answer.NO_ADDRESS, "550 5.1.1 nobody")
    outbox.retry(house.desk, old.id)
    assert SUP not in house.post()
    assert house.owed(number)["warning-last", SUP] == "sent"
    assert house.owed(number)["warning-first", SUP] == "failed"


def test_a_heartbeat_tells_when_mail_last_left(small_house: House) -> None:
    from complaint_sla.store import heartbeats

    outbox.beat(small_house.desk, None)
    outbox.beat(small_house.later(minutes=5), "535 login")
    sweep(small_house.desk)
    with small_house.store.read() as session:
        beats = {one.job: one for one in heartbeats.all_beats(session)}
    assert set(beats) == {"deliver", "sweep"}
    assert (beats["deliver"].fault, beats["deliver"].succeeded_at) == (
        "535 login",
        moment("2017-03-05 10:00"),
    )
