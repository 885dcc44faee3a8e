"""Looking complaints up."""

from datetime import date

import pytest

from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.core.roster import Role
from complaint_sla.work import offices
from complaint_sla.work.complaints import change, look
from complaint_sla.work.complaints.look import Wanted
from tests.work.desks import House, moment


def numbers(house: House, **wanted: object) -> list[str]:
    return [one.number for one in look.find_all(house.desk, Wanted(**wanted))]  # type: ignore[arg-type]


def test_the_list_is_by_due_moment_and_narrows_by_what_is_asked(house: House) -> None:
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    owner = house.hire("owner", Role.AGENT, "EAST")
    slow = house.log(office="MAIN")
    quick = house.log(urgent=True, office="EAST", owner=owner)
    key = house.log("key-account", office="MAIN")
    ended = house.log("spp-area", office="EAST")
    house.shut(ended)
    assert numbers(house) == [quick, ended, key, slow]
    assert numbers(house, status=Status.OPEN) == [quick, key, slow]
    assert numbers(house, status=Status.OPEN, limit=2) == [quick, key]
    assert numbers(house, office="east") == [quick, ended]
    assert numbers(house, office="MAIN", status=Status.OPEN) == [quick, key, slow]
    assert numbers(house, group="key-account") == [key]
    assert numbers(house, owner=owner) == [quick]
    assert numbers(house, status=Status.OPEN, due_within=3) == [quick]
    assert numbers(house, status=Status.OPEN, due_within=15) == [quick, key]
    assert numbers(house, overdue=True) == []
    house.at("2017-03-09 00:00")
    assert numbers(house, overdue=True) == [quick]
    with pytest.raises(BadValue, match="unknown-person"):
        numbers(house, owner="who@example.org")


def test_a_complaint_is_found_by_number_phone_account_name_and_words(house: House) -> None:
    number = house.log(
        subject="ไฟดับ หน้า Soi Straße 7",
        customer="สมชาย ใจดี",
        phone="0812345678",
        account="020012345678",
    )
    other = house.log(subject="100% dark_night", customer="Somsri")
    for text in (
        number,
        "6003-1",
        "c-6003-1",
        "081-234 5678",
        "+66 81 234 5678",
        "๐๘๑๒๓๔๕๖๗๘",
        "020012345678",
        "สมชาย",
        "ใจดี สมชาย",
        "STRASSE soi",
    ):
        assert [one.number for one in look.search(house.desk, text).first] == [number], text
    for text in ("100%", "dark_", "SOMSRI"):
        assert [one.number for one in look.search(house.desk, text).first] == [other], text
    assert look.search(house.desk, "สมชาย Somsri").first == ()
    assert [one.number for one in look.search(house.desk, "6003").first] == [other, number]
    with pytest.raises(BadValue, match="empty-text"):
        look.search(house.desk, "  ")


def test_a_dossier_shows_who_hears_next_and_whom_it_was_sent_to(house: House) -> None:
    sup, boss = house.hire("sup"), house.hire("boss", Role.MANAGER)
    number = house.log()
    house.at("2017-03-31 08:00")
    house.sweep()
    house.post()
    dossier = look.show(house.desk, number)
    sent = dossier.alerts[-1]
    assert (sent.stage, sent.recipient, sent.state) == ("overdue", sup, "sent")
    assert sent.message_id is not None
    assert sent.message_id.endswith("@sla.example.org>")
    assert [(one.stage.key, one.recipients) for one in dossier.coming] == [
        ("escalation-1", (boss,)),
        ("escalation-2", (boss,)),
        ("escalation-weekly", (boss,)),
    ]
    assert dossier.deadline.due_on == date(2017, 3, 30)
    house.shut(number)
    assert look.show(house.desk, number).coming == ()


def test_a_deadline_explains_itself_by_the_book_that_governed(house: House) -> None:
    number = house.log()
    explained = look.explain(house.desk, number)
    assert (explained.deadline.rule.key, explained.deadline.due_on) == ("residential", date(2017, 3, 30))
    free = look.explain_case(house.shelf, "residential", True, moment("2017-03-05 10:00"))
    assert (free.number, free.deadline.due_on) == (None, date(2017, 3, 8))
    with pytest.raises(BadValue, match="unknown-group"):
        look.explain_case(house.shelf, "nobility", True, moment("2017-03-05 10:00"))


def test_everything_read_is_in_utc(house: House) -> None:
    from datetime import UTC, datetime

    number = house.log()
    change.do(house.desk, number, change.acknowledge())
    house.at("2017-03-31 08:00")
    house.sweep()
    house.gather()
    house.shut(number)
    dossier = look.show(house.desk, number)
    found = [dossier.complaint, *dossier.events, *dossier.alerts, *house.messages()]
    moments = [value for one in found for value in vars(one).values() if isinstance(value, datetime)]
    assert len(moments) > 10
    assert all(value.tzinfo is UTC for value in moments)
