"""What was refused and then taken, refused after a copy may have arrived, or given up: nothing of it is lost or cried over."""

from typing import Any

import pytest

from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.work import offices
from complaint_sla.work.alerts import follow
from complaint_sla.work.complaints import change
from complaint_sla.work.health.facts import vitals
from complaint_sla.work.health.findings import findings
from complaint_sla.work.letters import listing, outbox
from tests.work.desks import House
from tests.work.findings import findings as discrepancies

SUP, BOSS = "sup@example.org", "boss@example.org"


@pytest.fixture
def bossed(house: House) -> tuple[House, str]:
    """Only a manager, to whom a letter about a complaint that is 20 days late could not be sent for a day."""
    house.hire("boss", Role.MANAGER)
    number = house.log("spp-area")
    house.at("2017-03-30 08:00")
    house.sweep()
    for _ in range(8):
        house.post(Answer.LATER, "451 later")
        house.later(hours=4)
    assert {state for (_, to), state in house.owed(number).items() if to != BOSS} == {"unalertable"}
    return house, number


def owed_to(house: House, number: str, recipient: str) -> list[tuple[str, str]]:
    return [
        (one.stage, one.state)
        for one in house.rows(number)
        if one.recipient == recipient and one.state != "superseded"
    ]


def said_of_people(house: House) -> list[str]:
    return [one.key for one in findings(house.desk, vitals(house.desk)) if one.about == "people"]


def test_what_failed_is_told_after_a_closing_by_mistake(bossed: tuple[House, str]) -> None:
    house, number = bossed
    house.shut(number)
    house.later(hours=1)
    change.do(house.desk, number, change.reopen("it was not"))
    assert house.post() == [BOSS]
    assert owed_to(house, number, BOSS) == [("escalation-weekly", "sent")]
    assert "post-empty" not in said_of_people(house)
    assert discrepancies(house) == []


def test_what_is_taken_after_all_has_reached_whoever_fills_the_post(bossed: tuple[House, str]) -> None:
    house, number = bossed
    assert "post-empty" in said_of_people(house)
    assert house.post() == [BOSS]
    # No sweep has come since; a complaint that ends now leaves nothing behind either.
    assert set(house.owed(number).values()) == {"sent", "superseded"}
    assert "post-empty" not in said_of_people(house)
    assert discrepancies(house) == []


def test_a_later_stage_tells_whoever_fills_the_post_what_had_reached_nobody(house: House) -> None:
    house.hire("boss", Role.MANAGER)
    number = house.log("spp-area")
    house.at("2017-03-30 08:00")
    house.sweep()
    assert house.refuse() == [BOSS]
    house.at("2017-04-01 08:00")
    house.sweep()
    assert "post-empty" in said_of_people(house)
    assert house.post() == [BOSS]
    assert "post-empty" not in said_of_people(house)
    assert owed_to(house, number, BOSS)[-1] == ("escalation-weekly", "sent")
    assert discrepancies(house) == []


@pytest.mark.parametrize("is_broken_up", [False, True])
def test_whoever_can_be_reached_after_all_is_sent_the_newest_stage_that_failed(
    house: House, is_broken_up: bool
) -> None:
    house.hire("sup")
    number, ended = house.log("spp-area"), house.log("spp-area")
    house.at("2017-03-09 08:00")
    house.sweep()
    assert house.post(Answer.NO_ADDRESS, "550 5.1.1 nobody") == [SUP]
    house.shut(ended)
    if is_broken_up:
        # While the address is taken to be dead, nothing goes there.
        assert outbox.retry(house.desk, None) == 1
        assert house.post() == []
        house.shut(number)
        change.do(house.desk, number, change.reopen("it was not"))
    offices.set_staff(house.desk, SUP, reachable=True)
    assert listing.letters(house.desk, failed_only=True, most=9) == []
    assert outbox.retry(house.desk, None) == 0
    assert house.post() == [SUP]
    assert owed_to(house, number, SUP) == [("warning-last", "sent")]
    assert owed_to(house, ended, SUP) in ([("warning-last", "failed")], [("warning-last", "dropped")])
    assert said_of_people(house) == ["no-manager"]
    assert discrepancies(house) == []


def test_what_was_refused_after_an_unheard_copy_says_so_and_goes_again_as_it_was(house: House) -> None:
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    number, other = house.log("spp-area"), house.log("spp-area")
    house.at("2017-03-09 08:00")
    house.sweep()
    house.post(Answer.UNKNOWN, "no answer within 30 s (text)")
    (first,) = house.messages()
    house.later(hours=1)
    assert house.post(Answer.NO_ADDRESS, "550 5.1.1 no") == [SUP]

    (failed,) = listing.letters(house.desk, failed_only=True, most=9)
    assert (failed.state, failed.unheard_at) == ("failed", first.unheard_at)
    assert failed.unheard_at is not None
    said = {one.key: one.values for one in findings(house.desk, vitals(house.desk)) if one.about == "outbox"}
    assert said["letters-perhaps-arrived"] == {"n": 1}
    assert "letters-refused" not in said
    # The next in line is told, and one of the two ends.
    house.shut(other)
    assert house.post() == [BOSS]

    assert outbox.retry(house.desk, None) == 1
    (held,) = outbox.claim(house.desk, 9)
    letter = outbox.write(house.desk, held)
    assert letter is not None
    assert (held.id, letter.message_id) == (first.id, first.message_id)
    assert sorted(case.number for case in letter.cases) == [number, other]  # type: ignore[union-attr]
    assert outbox.begin(house.desk, held)
    outbox.record(house.desk, held, Answer.ACCEPTED, None)
    assert house.owed(number) == {("warning-last", SUP): "sent", ("warning-last", BOSS): "sent"}
    assert discrepancies(house) == []


def test_nothing_is_sent_to_whoever_has_left_however_it_was_refused(house: House) -> None:
    house.hire("sup")
    number = house.log("spp-area")
    house.at("2017-03-09 08:00")
    house.sweep()
    house.post(Answer.UNKNOWN, "line broke")
    house.later(hours=1)
    new = house.hire("new")
    assert SUP in house.post(Answer.LATER, "452 full")
    offices.retire(house.desk, SUP)
    house.later(hours=2)
    assert SUP not in house.post()
    house.sweep()
    house.post()
    assert house.owed(number)["warning-last", new] == "sent"
    assert {one.state for one in house.messages() if one.recipient == SUP} == {"dissolved"}
    assert vitals(house.desk).pending == 0
    assert discrepancies(house) == []


def test_what_was_in_a_letter_to_somebody_who_left_waits_no_more_once_it_has_ended(house: House) -> None:
    house.hire("boss", Role.MANAGER)
    house.hire("sup")
    ended, still_open = house.log("spp-area"), house.log("spp-area")
    house.at("2017-03-13 08:00")
    house.sweep()
    assert SUP in house.post(Answer.UNKNOWN, "no answer")
    change.do(house.later(hours=1), ended, change.withdraw("took it back"))
    offices.retire(house.desk, SUP)
    house.later(hours=1)
    house.post(most=100)
    assert SUP not in [to for (_, to), state in house.owed(ended).items() if state == "waiting"]
    assert discrepancies(house) == []
    house.sweep()
    assert SUP not in [to for (_, to), state in house.owed(still_open).items() if state == "waiting"]


@pytest.mark.postgresql
def test_what_comes_to_lead_to_somebody_while_their_letter_is_answered_is_not_lost(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker records that the owner's letter was taken; another one, that nobody is there whom it went to as well."""
    house = House(postgresql_database)
    house.hire("boss", Role.MANAGER)
    house.hire("sup")
    number = house.log("spp-area", owner=BOSS)
    house.at("2017-03-09 08:00")
    house.sweep()
    house.gather()
    claims = {one.recipient: one for one in outbox.claim(house.desk, 9)}
    for held in claims.values():
        outbox.write(house.desk, held)
        assert outbox.begin(house.desk, held)
    arrived = follow.arrived

    def overtaken(*given: Any) -> None:
        outbox.record(house.desk, claims[SUP], Answer.NO_ADDRESS, "550 nobody")
        arrived(*given)

    monkeypatch.setattr(follow, "arrived", overtaken)
    outbox.record(house.desk, claims[BOSS], Answer.ACCEPTED, "ok")
    [told] = [one for one in house.rows(number) if (one.recipient, one.state) == (BOSS, "sent")]
    assert set(told.roles.split()) == {"owner", "supervisor"}
    assert discrepancies(house) == []
    house.close()
