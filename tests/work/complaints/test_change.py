"""What each command does to a complaint, and that a refused one does nothing."""

# ruff: noqa: ARG005

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from complaint_sla.core.errors import BadValue, Error, NotFound, NotPossible, SeveralRefused
from complaint_sla.core.roster import Role
from complaint_sla.work import offices
from complaint_sla.work.complaints import change, duplicates, look
from complaint_sla.work.complaints import log as intake
from complaint_sla.work.complaints.change import NoteKind
from complaint_sla.work.complaints.filing import Intake
from tests.work.desks import House, local, moment, verify_chains
from tests.work.rivals import at_once

SUBJECT = Intake("residential", "phone", "outage", "ไฟดับ")


def log(house: House, **more: object) -> intake.Logged:
    return intake.log(house.desk, Intake(**{**SUBJECT.__dict__, **more}))  # type: ignore[arg-type]


def test_a_logged_complaint_has_number_deadline_and_the_first_link_of_its_chain(house: House) -> None:
    logged = log(house, customer="สมชาย ใจดี", phone="081-234 5678", detail="ตั้งแต่เช้า")
    one = logged.complaint
    assert (one.number, one.rule_book, one.rule, one.days) == ("C-6003-00001", "pea-2560", "residential", 25)
    assert (one.due_on, local(one.due_at)) == (date(2017, 3, 30), "2017-03-31 00:00")
    assert (one.status, one.generation, one.on_time, one.owner) == ("open", 1, None, None)
    assert not logged.known
    dossier = look.show(house.desk, one.number)
    assert dossier.customer is not None
    assert dossier.customer.phone == "0812345678"
    (event,) = dossier.events
    assert event.kind == "logged"
    assert event.words == {
        "subject": "ไฟดับ",
        "detail": "ตั้งแต่เช้า",
        "customer": "สมชาย ใจดี",
        "phone": "0812345678",
    }
    assert event.data["due_at"] == "2017-03-30T17:00:00+00:00"
    assert [stage.stage.key for stage in dossier.coming] == ["warning-first", "warning-last", "due-today"]
    assert verify_chains(house.store) == 1


def test_numbers_count_within_the_month_of_receipt(house: House) -> None:
    assert house.log() == "C-6003-00001"
    assert house.log(received_at=moment("2017-02-28 23:59")) == "C-6002-00001"
    assert house.log(received_at=moment("2017-03-01 00:00")) == "C-6003-00002"
    assert house.complaint("C-6002-00001").month == "2017-02"


def test_the_same_external_id_logs_once_and_answers_with_the_first(house: House) -> None:
    first = log(house, external_id="V-1")
    again = log(house, external_id="V-1", subject="other words")
    assert again.known
    assert again.complaint == first.complaint
    assert house.log() == "C-6003-00002"


def test_open_complaints_of_the_same_phone_or_account_are_shown(house: House) -> None:
    phone = log(house, phone="0812345678").complaint.number
    account = log(house, account="020012345678").complaint.number
    house.shut(log(house, phone="0812345678").complaint.number)
    log(house, phone="0812345679")
    logged = log(house, phone="+66 81 234 5678", account="0200 1234 5678")
    assert {one.number for one in logged.same_customer} == {phone, account}
    assert log(house).same_customer == ()


def test_logging_says_which_stages_would_reach_nobody(house: House) -> None:
    nobody = log(house, urgent=True)
    assert nobody.all_silent
    assert nobody.silent_stages == (
        *("receipt", "warning-last", "due-today", "overdue", "escalation-1", "escalation-2"),
        "escalation-weekly",
    )
    house.hire("sup")
    some = log(house, owner="sup@example.org")
    assert not some.all_silent
    assert some.silent_stages == ("escalation-1", "escalation-2", "escalation-weekly")
    house.hire("boss", Role.MANAGER)
    assert log(house).silent_stages == ()


def test_a_complaint_is_at_the_office_of_who_acts_or_the_only_one(house: House) -> None:
    assert log(house).complaint.office == "MAIN"
    offices.add_office(house.desk, "bansang", "บ้านสร้าง", "Ban Sang", "MAIN")
    with pytest.raises(BadValue, match="office-needed"):
        log(house)
    house.hire("clerk", Role.AGENT, "BANSANG")
    assert log(house).complaint.office == "BANSANG"
    assert log(house, office="main").complaint.office == "MAIN"


@pytest.mark.parametrize(
    ("key", "kind", "more"),
    [
        ("received-in-future", BadValue, {"received_at": moment("2017-03-05 10:01")}),
        ("before-first-book", BadValue, {"received_at": moment("2016-12-31 23:59")}),
        ("unknown-group", BadValue, {"group": "nobility"}),
        ("unknown-channel", BadValue, {"channel": "telegraph"}),
        ("unknown-category", BadValue, {"category": "weather"}),
        ("unknown-office", BadValue, {"office": "NOWHERE"}),
        ("unknown-person", BadValue, {"owner": "who@example.org"}),
        ("person-retired", BadValue, {"owner": "gone@example.org"}),
        ("empty-text", BadValue, {"subject": " \n "}),
        ("not-text", BadValue, {"subject": "a\0b"}),
        ("bad-phone", BadValue, {"phone": "12"}),
        ("bad-account", BadValue, {"account": "12"}),
        ("bad-email", BadValue, {"email": "nobody"}),
        ("unknown-office", BadValue, {"office": "a b"}),
        ("too-long", BadValue, {"external_id": "x" * 201}),
    ],
)
def test_what_cannot_be_logged_leaves_no_trace(
    small_house: House, key: str, kind: type[Error], more: dict[str, object]
) -> None:
    offices.retire(small_house.desk, small_house.hire("gone"))
    before = small_house.dump()
    with pytest.raises(kind, match=key):
        log(small_house, **more)
    assert small_house.dump() == before


def test_nothing_is_logged_under_a_book_that_was_not_published(small_house: House) -> None:
    from tests.core.books import read_shelf
    from tests.work.desks import RULES, _no_holidays

    small_house.log()
    text = RULES.read_text(encoding="utf-8").replace("days = 25", "days = 30")
    small_house.shelf = read_shelf([("pea-2560.toml", text)], _no_holidays)
    before = small_house.dump()
    with pytest.raises(NotPossible, match="books-changed"):
        small_house.log()
    assert small_house.dump() == before


def test_notes_stand_in_the_chain_and_the_first_response_is_the_response_time(house: House) -> None:
    number = house.log()
    kinds = [None, NoteKind.ASSESS, NoteKind.INVESTIGATE, NoteKind.COMMUNICATE]
    for kind in kinds:
        assert change.do(house.later(hours=1), number, change.note("words", kind)).responded_at is None
    first = change.do(house.later(hours=1), number, change.note("answered", NoteKind.RESPOND)).responded_at
    assert first == moment("2017-03-05 15:00")
    assert (
        change.do(house.later(hours=1), number, change.note("again", NoteKind.RESPOND)).responded_at == first
    )
    house.shut(number)
    change.do(house.later(hours=1), number, change.note("after the end"))
    assert [one.kind for one in house.events(number)] == [
        *("logged", "noted", "assessed", "investigated", "communicated", "responded", "responded"),
        *("closed", "noted"),
    ]
    assert verify_chains(house.store) == 9


def test_acknowledging_stops_nothing(house: House) -> None:
    number = house.log()
    due = house.complaint(number).next_alert_at
    assert change.do(house.later(days=1), number, change.acknowledge()).acknowledged_at == moment(
        "2017-03-06 10:00"
    )
    assert house.complaint(number).next_alert_at == due


def test_a_transfer_keeps_the_deadline_takes_off_the_owner_and_moves_what_waits(house: House) -> None:
    owner, sup = house.hire("owner", Role.AGENT), house.hire("sup")
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East")
    east = house.hire("east", Role.SUPERVISOR, "EAST")
    number = house.log(owner=owner, office="MAIN")
    house.at("2017-03-23 08:00")
    house.sweep()
    assert house.owed(number) == {("warning-first", owner): "waiting", ("warning-first", sup): "waiting"}
    house.gather()
    before = house.complaint(number)
    moved = change.do(house.desk, number, change.transfer("east", "their line"))
    assert (moved.office, moved.owner) == ("EAST", None)
    assert (house.complaint(number).came_from_id, before.came_from_id) == (before.office_id, None)
    assert (moved.due_at, moved.generation) == (before.due_at, 1)
    assert house.complaint(number).next_alert_at == before.next_alert_at
    assert house.owed(number) == {
        ("warning-first", owner): "superseded",
        ("warning-first", sup): "superseded",
        ("warning-first", east): "waiting",
    }
    assert house.post() == [east]
    verify_chains(house.store)


def test_a_transfer_takes_away_even_an_owner_who_is_of_the_new_office(small_house: House) -> None:
    offices.add_office(small_house.desk, "EAST", "ตะวันออก", "East")
    owner = small_house.hire("owner", Role.AGENT, "EAST")
    number = small_house.log(owner=owner, office="MAIN")
    assert change.do(small_house.desk, number, change.transfer("EAST", "theirs")).owner is None
    (moved,) = [one for one in small_house.events(number) if one.kind == "transferred"]
    assert json.loads(moved.data)["owner"] is None


def test_another_owner_gets_what_the_first_is_still_owed(house: House) -> None:
    first, second = house.hire("first", Role.AGENT), house.hire("second", Role.AGENT)
    sup = house.hire("sup")
    number = house.log(owner=first)
    house.at("2017-03-23 08:00")
    house.sweep()
    assert change.do(house.desk, number, change.assign(second)).owner == second
    assert house.owed(number) == {
        ("warning-first", first): "superseded",
        ("warning-first", second): "waiting",
        ("warning-first", sup): "waiting",
    }


def test_closing_ends_the_timeline_and_drops_what_waits(house: House) -> None:
    sup = house.hire("sup")
    number = house.log()
    house.at("2017-03-29 08:00")
    house.sweep()
    house.at("2017-03-30 09:00")
    closed = house.shut(number)
    assert (closed.status, closed.outcome, closed.on_time) == ("closed", "done", True)
    assert house.complaint(number).next_alert_at is None
    assert house.owed(number) == {
        ("warning-first", sup): "superseded",
        ("warning-last", sup): "dropped",
        ("due-today", sup): "dropped",
    }
    assert house.post() == []


def test_a_closing_dated_before_the_due_moment_is_in_time_whenever_it_is_recorded(house: House) -> None:
    number = house.log()
    house.at("2017-04-02 12:00")
    house.sweep()
    closed = house.shut(number, moment("2017-03-30 23:59"))
    assert (closed.on_time, closed.breached_at) == (True, None)
    late = house.log(received_at=moment("2017-03-05 10:00"))
    closed = house.shut(late, moment("2017-03-31 00:00"))
    assert (closed.on_time, closed.breached_at) == (False, moment("2017-03-31 00:00"))


def test_a_closing_is_dated_back_as_far_as_the_book_that_is_pinned_lets_it(house: House) -> None:
    number = house.log()
    house.at("2017-03-29 17:00")
    for early in (moment("2017-03-25 23:59:59"), moment("2017-03-06 10:00")):
        with pytest.raises(NotPossible) as refused:
            house.shut(number, early)
        assert (refused.value.key, refused.value.exit_code) == ("at-too-far-back", 6)
        assert refused.value.values["earliest"] == moment("2017-03-26 00:00")
    assert house.complaint(number).status == "open"
    assert house.shut(number, moment("2017-03-26 00:00")).on_time


@pytest.mark.parametrize(
    ("what", "act"),
    [
        ("noted", change.note("still broken")),
        ("responded", change.note("x", change.NoteKind.RESPOND)),
        ("acknowledged", change.acknowledge()),
        ("assigned", change.assign("sup@example.org")),
        ("transferred", change.transfer("EAST", "theirs")),
    ],
)
def test_a_closing_is_not_dated_before_work_that_was_done_since(
    house: House, what: str, act: change.Act
) -> None:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    house.hire("sup")
    number = house.log(office="MAIN")
    change.do(house.at("2017-03-29 12:00"), number, act)
    house.at("2017-03-30 12:00")
    house.sweep()
    with pytest.raises(NotPossible) as refused:
        house.shut(number, moment("2017-03-29 11:59"))
    assert (refused.value.key, refused.value.values["kind"]) == ("at-before-touch", what)
    assert house.shut(number, moment("2017-03-29 12:00")).on_time


def test_reopening_keeps_deadline_and_generation(house: House) -> None:
    number = house.log()
    house.at("2017-03-10 10:00")
    house.shut(number)
    again = change.do(house.at("2017-03-12 10:00"), number, change.reopen("dark again"))
    assert (again.status, again.outcome, again.closed_at, again.generation) == ("open", None, None, 1)
    assert again.due_on == date(2017, 3, 30)
    assert local(house.complaint(number).next_alert_at) == "2017-03-23 08:00"  # type: ignore[arg-type]


def test_reopening_raises_the_latest_stage_passed_meanwhile(house: House) -> None:
    sup = house.hire("sup")
    number = house.log()
    house.at("2017-03-10 10:00")
    house.shut(number)
    change.do(house.at("2017-03-30 10:00"), number, change.reopen("dark again"))
    assert house.owed(number) == {
        ("warning-first", sup): "superseded",
        ("warning-last", sup): "superseded",
        ("due-today", sup): "waiting",
    }


def test_reopening_gives_back_what_the_end_dropped(house: House) -> None:
    sup, boss = house.hire("sup"), house.hire("boss", Role.MANAGER)
    number = house.log()
    house.at("2017-03-31 08:00")
    house.sweep()
    house.shut(number)
    assert house.owed(number)["overdue", sup] == "dropped"
    change.do(house.at("2017-03-31 09:00"), number, change.reopen("dark again"))
    assert house.owed(number)["overdue", sup] == "waiting"
    house.shut(number)
    # What passes meanwhile is the manager's; the supervisor still has not heard of the day before.
    change.do(house.at("2017-04-02 09:00"), number, change.reopen("and again"))
    assert house.owed(number)["escalation-1", boss] == "waiting"
    assert house.owed(number)["overdue", sup] == "waiting"


def test_what_an_end_dropped_goes_to_whoever_it_concerns_at_the_reopening(house: House) -> None:
    sup, boss = house.hire("sup"), house.hire("boss", Role.MANAGER)
    number = house.log()
    house.at("2017-03-31 08:00")
    house.sweep()
    house.shut(number)
    offices.retire(house.desk, sup)
    change.do(house.at("2017-03-31 09:00"), number, change.reopen("dark again"))
    assert house.owed(number)["overdue", sup] == "superseded"
    assert house.owed(number)["overdue", boss] == "waiting"


def test_reopening_tells_nobody_again_what_was_sent(house: House) -> None:
    sup = house.hire("sup")
    number = house.log()
    house.at("2017-03-31 08:00")
    house.sweep()
    assert house.post() == [sup]
    house.shut(number)
    change.do(house.at("2017-03-31 09:00"), number, change.reopen("dark again"))
    assert house.post() == []


def test_a_withdrawal_before_the_due_moment_is_excluded_and_late_after_it(house: House) -> None:
    early, late = house.log(), house.log()
    assert change.do(house.at("2017-03-30 23:59"), early, change.withdraw("paid")).on_time is None
    assert change.do(house.at("2017-03-31 00:00"), late, change.withdraw("paid")).on_time is False


def test_a_duplicate_names_its_original_and_never_leads_back_to_itself(house: House) -> None:
    a, b, c = house.log(), house.log(), house.log()
    assert duplicates.mark(house.desk, a, b)[0].complaint.duplicate_of == b
    assert duplicates.mark(house.desk, b, c)[0].complaint.duplicate_of == c
    before = house.dump()
    for one in (a, b, c):
        with pytest.raises(NotPossible, match="duplicate-of-itself"):
            duplicates.mark(house.desk, c, one)
    with pytest.raises(NotFound, match="no-such-complaint"):
        duplicates.mark(house.desk, c, "C-6003-00009")
    assert house.dump() == before
    assert change.do(house.desk, b, change.reopen("another fault")).duplicate_of is None
    duplicates.mark(house.desk, c, a)
    with pytest.raises(NotPossible, match="duplicate-of-itself"):
        duplicates.mark(house.desk, b, c)


def test_reclassifying_down_and_up_begins_a_generation_each_and_keeps_both_on_record(house: House) -> None:
    number = house.log()
    house.at("2017-03-06 10:00")
    urgent = change.do(house.desk, number, change.reclassify("a hospital", urgent=True))
    assert (urgent.rule, urgent.days, urgent.due_on) == ("urgent", 3, date(2017, 3, 8))
    assert (urgent.generation, urgent.on_time) == (2, None)
    assert house.complaint(number).alerted_through is None
    calm = change.do(house.desk, number, change.reclassify("no hospital", urgent=False, group="key-account"))
    assert (calm.rule, calm.days, calm.due_on, calm.generation) == ("key-account", 15, date(2017, 3, 20), 3)
    (*_, first, second) = [json.loads(one.data) for one in house.events(number) if one.kind == "reclassified"]
    assert (first["was"]["rule"], first["rule"], first["generation"]) == ("residential", "urgent", 2)
    assert (second["was"]["rule"], second["rule"], second["generation"]) == ("urgent", "key-account", 3)
    assert second["was"]["due_at"] == "2017-03-08T17:00:00+00:00"


def test_a_deadline_shortened_into_the_past_is_broken_at_that_moment_and_for_good(house: House) -> None:
    number = house.log()
    late = change.do(house.at("2017-03-20 10:00"), number, change.reclassify("a hospital", urgent=True))
    assert (late.breached_at, late.on_time) == (moment("2017-03-20 10:00"), False)
    back = change.do(house.at("2017-03-21 10:00"), number, change.reclassify("no hospital", urgent=False))
    assert (back.generation, back.on_time) == (3, False)
    assert house.shut(number).on_time is False


def test_a_category_that_changes_no_deadline_begins_no_generation(house: House) -> None:
    sup = house.hire("sup")
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    same = change.do(house.desk, number, change.reclassify("a tree", category="unsafe-lines"))
    assert (same.category, same.generation) == ("unsafe-lines", 1)
    assert house.owed(number) == {("warning-first", sup): "waiting"}


def test_the_new_generation_is_told_from_the_receipt_and_the_old_one_dropped(house: House) -> None:
    sup, boss = house.hire("sup"), house.hire("boss", Role.MANAGER)
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    change.do(house.desk, number, change.reclassify("a hospital", urgent=True))
    assert [row.state for row in house.rows(number)] == ["dropped"]
    house.sweep()
    owed = house.owed(number)
    assert owed["escalation-weekly", boss] == "waiting"
    assert owed["escalation-weekly", sup] == "waiting"
    assert owed["receipt", sup] == "superseded"
    assert set(owed.values()) == {"waiting", "superseded"}


def refusals() -> list[tuple[str, type[Error], Callable[[House, str, str], object]]]:
    """(key, kind, what somebody tries); `open_` is an open complaint, `ended` a closed one."""
    return [
        ("not-open", NotPossible, lambda h, open_, ended: h.shut(ended)),
        ("not-open", NotPossible, lambda h, open_, ended: change.do(h.desk, ended, change.withdraw("x"))),
        ("not-open", NotPossible, lambda h, open_, ended: duplicates.mark(h.desk, ended, open_)),
        ("not-open", NotPossible, lambda h, open_, ended: change.do(h.desk, ended, change.acknowledge())),
        (
            "not-open",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, ended, change.assign("sup@example.org")),
        ),
        (
            "not-open",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, ended, change.transfer("EAST", "x")),
        ),
        (
            "not-open",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, ended, change.reclassify("x", urgent=True)),
        ),
        ("already-open", NotPossible, lambda h, open_, ended: change.do(h.desk, open_, change.reopen("x"))),
        (
            "already-acknowledged",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, open_, change.acknowledge()),
        ),
        (
            "already-owner",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, open_, change.assign("sup@example.org")),
        ),
        (
            "already-there",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, open_, change.transfer("main", "x")),
        ),
        (
            "at-in-future",
            NotPossible,
            lambda h, open_, ended: h.shut(open_, h.clock.at + timedelta(seconds=1)),
        ),
        (
            "at-before-last-change",
            NotPossible,
            lambda h, open_, ended: h.shut(open_, moment("2017-03-05 09:59")),
        ),
        (
            "same-classification",
            NotPossible,
            lambda h, open_, ended: change.do(h.desk, open_, change.reclassify("x", urgent=False)),
        ),
        (
            "duplicate-of-itself",
            NotPossible,
            lambda h, open_, ended: duplicates.mark(h.desk, open_, open_),
        ),
        (
            "nothing-to-reclassify",
            BadValue,
            lambda h, open_, ended: change.do(h.desk, open_, change.reclassify("x")),
        ),
        (
            "unknown-group",
            BadValue,
            lambda h, open_, ended: change.do(h.desk, open_, change.reclassify("x", group="nobility")),
        ),
        (
            "unknown-person",
            BadValue,
            lambda h, open_, ended: change.do(h.desk, open_, change.assign("who@example.org")),
        ),
        (
            "person-retired",
            BadValue,
            lambda h, open_, ended: change.do(h.desk, open_, change.assign("gone@example.org")),
        ),
        (
            "unknown-office",
            BadValue,
            lambda h, open_, ended: change.do(h.desk, open_, change.transfer("WEST", "x")),
        ),
        ("empty-text", BadValue, lambda h, open_, ended: change.do(h.desk, open_, change.note(" "))),
        ("not-text", BadValue, lambda h, open_, ended: change.do(h.desk, open_, change.close("\ud800"))),
        ("too-long", BadValue, lambda h, open_, ended: change.do(h.desk, ended, change.reopen("x" * 20_001))),
        (
            "no-such-complaint",
            NotFound,
            lambda h, open_, ended: change.do(h.desk, "C-6003-99999", change.note("x")),
        ),
        ("no-such-complaint", NotFound, lambda h, open_, ended: look.show(h.desk, "C-6003-99999")),
        ("no-such-complaint", NotFound, lambda h, open_, ended: look.explain(h.desk, "C-6003-99999")),
        (
            "no-number",
            NotFound,
            lambda h, open_, ended: duplicates.mark(h.desk, open_, "nonsense"),
        ),
        ("owns-complaints", NotPossible, lambda h, open_, ended: offices.retire(h.desk, "sup@example.org")),
        (
            "own-heir",
            NotPossible,
            lambda h, open_, ended: offices.retire(h.desk, "sup@example.org", "sup@example.org"),
        ),
        (
            "own-deputy",
            NotPossible,
            lambda h, open_, ended: offices.away(
                h.desk, "sup@example.org", date(2018, 1, 1), "sup@example.org"
            ),
        ),
        (
            "day-passed",
            BadValue,
            lambda h, open_, ended: offices.away(
                h.desk, "sup@example.org", date(2017, 3, 31), "boss@example.org"
            ),
        ),
        ("nothing-to-set", BadValue, lambda h, open_, ended: offices.set_staff(h.desk, "sup@example.org")),
        ("nothing-to-set", BadValue, lambda h, open_, ended: offices.set_office(h.desk, "MAIN")),
        (
            "unknown-office",
            BadValue,
            lambda h, open_, ended: offices.set_staff(
                h.desk, "sup@example.org", name="New", role=Role.AGENT, office="WEST"
            ),
        ),
        (
            "unknown-person",
            BadValue,
            lambda h, open_, ended: offices.set_staff(h.desk, "who@x.org", back=True),
        ),
        ("person-exists", NotPossible, lambda h, open_, ended: h.hire("sup")),
        ("office-exists", NotPossible, lambda h, open_, ended: offices.add_office(h.desk, "east", "ก", "E")),
        (
            "office-loop",
            NotPossible,
            lambda h, open_, ended: offices.set_office(h.desk, "MAIN", parent="EAST"),
        ),
        (
            "office-loop",
            NotPossible,
            lambda h, open_, ended: offices.set_office(h.desk, "MAIN", parent="MAIN"),
        ),
        (
            "unknown-office",
            BadValue,
            lambda h, open_, ended: look.find_all(h.desk, look.Wanted(office="X")),
        ),
    ]


def test_a_refused_command_changes_nothing_at_all(house: House) -> None:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    sup, _ = house.hire("sup"), house.hire("boss", Role.MANAGER)
    offices.retire(house.desk, house.hire("gone"))
    open_, ended = house.log(office="MAIN", owner=sup), house.log(office="MAIN")
    change.do(house.desk, open_, change.acknowledge())
    house.shut(ended)
    house.at("2017-04-01 12:00")
    before = house.dump()
    for key, kind, attempt in refusals():
        with pytest.raises(kind) as refused:
            attempt(house, open_, ended)
        assert refused.value.key == key
        assert house.dump() == before, key


def test_retiring_hands_over_open_complaints_and_what_waits(house: House) -> None:
    owner, heir = house.hire("owner", Role.AGENT), house.hire("heir", Role.AGENT)
    house.hire("sup")
    number, ended = house.log(owner=owner), house.log(owner=owner)
    house.shut(ended)
    house.at("2017-03-23 08:00")
    house.sweep()
    assert offices.retire(house.desk, owner, heir).retired_at == moment("2017-03-23 08:00")
    assert look.show(house.desk, number).complaint.owner == heir
    assert look.show(house.desk, ended).complaint.owner == owner
    assert house.owed(number)["warning-first", heir] == "waiting"
    assert house.owed(number)["warning-first", owner] == "superseded"
    assert owner not in {one.email for one in offices.list_staff(house.desk)}
    assert owner in {one.email for one in offices.list_staff(house.desk, retired=True)}
    # Reopened, it is still the retired one's: the line goes on to the supervisor.
    change.do(house.desk, ended, change.reopen("dark again"))
    assert house.owed(ended) == {("warning-first", "sup@example.org"): "waiting"}


def test_a_retired_supervisors_alerts_go_up_to_the_manager(house: House) -> None:
    sup, boss = house.hire("sup"), house.hire("boss", Role.MANAGER)
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    house.gather()
    offices.retire(house.desk, sup)
    assert house.owed(number) == {("warning-first", sup): "superseded", ("warning-first", boss): "waiting"}
    assert house.post() == [boss]
    # Taken back on, and the next stage is the supervisor's again.
    offices.set_staff(house.desk, sup, back=True)
    house.at("2017-03-29 08:00")
    house.sweep()
    assert house.owed(number)["warning-last", sup] == "waiting"


def test_the_deputy_hears_what_is_meant_for_somebody_away_until_they_are_back(house: House) -> None:
    sup, deputy = house.hire("sup"), house.hire("deputy", Role.AGENT)
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    offices.away(house.desk, sup, date(2017, 3, 29), deputy)
    assert house.owed(number) == {("warning-first", sup): "superseded", ("warning-first", deputy): "waiting"}
    house.at("2017-03-29 08:00")
    house.sweep()
    assert house.owed(number)["warning-last", deputy] == "waiting"
    house.at("2017-03-30 08:00")
    house.sweep()
    assert house.owed(number)["due-today", sup] == "waiting"
    offices.set_staff(house.desk, sup, back=True)
    assert {one.email: one.away_until for one in offices.list_staff(house.desk)}[sup] is None


def test_somebody_new_in_a_post_gets_what_nobody_had(house: House) -> None:
    number = house.log()
    house.at("2017-03-31 08:00")
    assert house.sweep().unalertable == 1
    assert house.owed(number)["overdue", "role:supervisor@MAIN"] == "unalertable"
    sup = house.hire("sup")
    assert house.owed(number)["overdue", "role:supervisor@MAIN"] == "superseded"
    assert house.owed(number)["overdue", sup] == "waiting"
    assert house.post() == [sup]


def test_an_office_put_under_a_manned_one_is_heard_there(house: House) -> None:
    number = house.log()
    for code in ("EMPTY", "MANNED"):
        offices.add_office(house.desk, code, "ก", code)
    offices.set_office(house.desk, "MAIN", parent="EMPTY")
    boss = house.hire("boss", Role.MANAGER, "MANNED")
    house.at("2017-04-06 08:00")
    house.sweep()
    assert house.owed(number)["escalation-2", "role:manager@EMPTY"] == "unalertable"
    moved = offices.set_office(house.desk, "MAIN", parent="MANNED", name_th="ใหญ่", name_en="Big")
    assert (moved.parent, moved.name_en) == ("MANNED", "Big")
    assert house.owed(number)["escalation-2", boss] == "waiting"
    assert "unalertable" not in house.owed(number).values()
    assert offices.set_office(house.desk, "MAIN", parent="").parent is None


def test_the_chain_holds_through_everything_and_hides_personal_words(house: House) -> None:
    sup, other = house.hire("sup"), house.hire("other", Role.AGENT)
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East")
    number, twin = house.log(office="MAIN", phone="0812345678"), house.log(office="MAIN")
    change.do(house.later(hours=1), number, change.note("secret words", NoteKind.RESPOND))
    change.do(house.desk, number, change.assign(other))
    change.do(house.desk, number, change.acknowledge())
    change.do(house.later(days=3), number, change.reclassify("a hospital", urgent=True))
    house.sweep()
    change.do(house.desk, number, change.transfer("EAST", "theirs"))
    duplicates.mark(house.later(days=2), number, twin)
    change.do(house.desk, number, change.reopen("not the same"))
    change.do(house.later(days=9), number, change.withdraw("enough"))
    change.do(house.desk, number, change.reopen("not enough"))
    house.shut(number)
    offices.retire(house.desk, sup)
    assert verify_chains(house.store) > 12
    spoken = "".join(one.data for one in house.events(number))
    assert "secret" not in spoken
    assert "0812345678" not in spoken
    assert {one.actor for one in house.events(number)} == {"clerk@example.org"}


def test_a_word_changed_by_hand_breaks_the_chain(small_house: House) -> None:
    from sqlalchemy import text

    number = small_house.log()
    small_house.shut(number)
    small_house.store.write(
        lambda session: session.execute(text("UPDATE event SET happened_at = '2017-03-04 00:00:00.000000'"))
    )
    with pytest.raises(AssertionError):
        verify_chains(small_house.store)


def test_one_act_on_many_is_done_to_all_or_to_none(house: House) -> None:
    nok, lek = house.hire("nok"), house.hire("lek")
    numbers = [house.log() for _ in range(3)]
    found = change.do_all(house.desk, [*numbers, numbers[0]], change.assign("nok"))
    assert [(one.number, one.owner) for one in found] == [(number, nok) for number in numbers]

    house.shut(numbers[1])
    with pytest.raises(SeveralRefused) as refused:
        change.do_all(house.desk, [*numbers, "C-6003-00099"], change.assign(lek))
    assert [one.key for one in refused.value.refusals] == ["no-such-complaint", "not-open"]
    assert refused.value.exit_code == NotFound.exit_code
    assert [house.complaint(number).owner_id for number in numbers] == [
        house.complaint(numbers[0]).owner_id
    ] * 3


def test_people_are_meant_by_a_part_of_their_name_and_by_me(house: House) -> None:
    nok, noy = house.hire("nok"), house.hire("noy")
    number = house.log()
    with pytest.raises(BadValue) as unsure:
        change.do(house.desk, number, change.assign("no"))
    assert [one.en for one in unsure.value.values["known"]] == [f"{nok} (Nok)", f"{noy} (Noy)"]  # type: ignore[attr-defined]
    assert change.do(house.desk, number, change.assign("noy")).owner == noy
    assert change.do(replace(house.desk, actor=nok), number, change.assign("me")).owner == nok
    # A whole address is nobody else's beginning.
    with pytest.raises(BadValue, match="unknown-person"):
        change.do(house.desk, number, change.assign("noy@example.or"))


def test_two_who_act_on_the_same_many_at_once_never_mix(house: House) -> None:
    house.hire("nok"), house.hire("lek")
    numbers = [house.log() for _ in range(4)]

    at_once(house.url, " ".join(numbers), "share out", "share out")

    assert len({house.complaint(number).owner_id for number in numbers}) == 1
    assert len({len(house.events(number)) for number in numbers}) == 1
    assert verify_chains(house.store)
