"""A person over all complaints: found by any form of what is known of them, listed, given out, erased."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest
from sqlmodel import select

from complaint_sla.core.errors import BadValue, NotFound
from complaint_sla.core.roster import Role
from complaint_sla.store.tables import JournalEntry
from complaint_sla.work import offices
from complaint_sla.work.complaints import change, erase, look
from complaint_sla.work.complaints.erase import By
from complaint_sla.work.person import access
from complaint_sla.work.person.access import Who
from tests.work.desks import House
from tests.work.findings import findings

ALL = ["C-6003-00001", "C-6003-00002", "C-6003-00004"]


@pytest.fixture
def known(house: House) -> House:
    """Malee in two offices, open and ended; Malee Jaidee Suk and her husband beside her."""
    offices.add_office(house.desk, "BRANCH", "สาขา", "Branch", "MAIN")
    house.hire("sup", Role.SUPERVISOR)
    mine = {
        "customer": "Malee  JAIDEE",
        "phone": "0812345678",
        "account": "020012345678",
        "email": "m@example.org",
    }
    house.log(office="MAIN", **mine, detail="call me in the evening", external_id="VOC-77", urgent=True)
    house.log(office="BRANCH", **mine, subject="too dark")
    house.log(office="MAIN", customer="Malee Jaidee Suk", phone="0899999999")
    house.log(office="MAIN", **mine)
    house.later(hours=1)
    house.sweep()
    house.post()
    change.do(house.desk, ALL[0], change.note("Malee was not at home"))
    house.shut(ALL[0])
    return house


def who(**given: str) -> Who:
    return access.person(given)


@pytest.mark.parametrize(
    "given",
    [
        {"phone": "+66 81-234 5678"},
        {"phone": "๐๘๑๒๓๔๕๖๗๘"},
        {"account": "0200 1234 5678"},
        {"email": "M@Example.org"},
        {"name": " malee jaidee "},
    ],
    ids=str,
)
def test_somebody_is_found_over_all_offices_by_any_form_of_what_is_known(
    known: House, given: dict[str, str]
) -> None:
    found = access.find(known.desk, who(**given))
    assert found.numbers == ALL
    assert [(one.texts, one.letters, one.erase_at_end) for one in found.held] == [
        (3, 1, False),
        (1, 0, False),
        (1, 0, False),
    ]
    # Who is called otherwise is offered, and not meant.
    assert found.like == ((("Malee Jaidee Suk", 1),) if "name" in given else ())


def test_a_part_of_a_name_means_nobody(known: House) -> None:
    found = access.find(known.desk, who(name="Malee"))
    assert (found.held, [name for name, _ in found.like]) == ((), ["Malee JAIDEE", "Malee Jaidee Suk"])


def test_exactly_one_thing_says_who_is_meant() -> None:
    with pytest.raises(BadValue, match="person-needed"):
        who()
    with pytest.raises(BadValue, match="one-of-two"):
        who(phone="0812345678", name="Malee")
    with pytest.raises(BadValue, match="bad-phone"):
        who(phone="12")


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_what_is_given_out_is_all_that_is_held_and_nothing_of_whoever_worked_on_it(
    known: House, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"malee{ending}"
    assert access.export(known.desk, who(phone="0812345678"), path) == 3
    text = path.read_text("utf-8-sig")
    rows = (
        list(csv.DictReader(text.splitlines(keepends=True)))
        if ending == ".csv"
        else [json.loads(line) for line in text.splitlines()]
    )
    assert [row["number"] for row in rows] == ALL
    first = rows[0]
    for name in ("customer", "phone", "account", "email", "external_id", "detail", "outcome"):
        assert first[name].lstrip("'") in first["said"], name
    assert "2017-03-05T11:00:00+07:00 noted note: Malee was not at home" in first["said"].splitlines()
    assert "clerk@" not in text
    assert "Suk" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(NotFound, match="nobody-held"):
        access.export(known.desk, who(phone="0811111111"), tmp_path / "nobody.csv")
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ending] == [path.name]


def test_the_journal_says_that_it_was_done_and_never_of_whom(known: House, tmp_path: Path) -> None:
    access.show(known.desk, who(email="m@example.org"))
    access.export(known.desk, who(email="m@example.org"), tmp_path / "m.csv")
    erase.erase_all(known.desk, ALL, "asked for", By.PERSON)
    with known.store.read() as session:
        entries = session.exec(select(JournalEntry).order_by(JournalEntry.seq)).all()[-3:]
    said = [
        (one.kind, {key: value for key, value in json.loads(one.data).items() if key != "format"})
        for one in entries
    ]
    assert said == [
        ("contact-read", {"what": "person", "count": 3}),
        ("exported", {"what": "person", "count": 3}),
        ("erased", {"numbers": [ALL[0]], "count": 1, "by": "person"}),
    ]
    assert not any("m@example.org" in one.data or one.words for one in entries)
    assert findings(known) == []


def test_a_person_is_erased_from_what_has_ended_and_from_what_is_open_once_it_ends(known: House) -> None:
    done = erase.erase_all(known.desk, ALL, "letter 12", By.PERSON)
    assert [one.number for one in done.erased] == ALL[:1]
    assert [one.number for one in done.marked] == ALL[1:]
    assert done.copies.sent == 1
    # Whoever was stopped, or asks again, does no harm.
    again = erase.erase_all(known.desk, ALL, "letter 12", By.PERSON)
    assert (again.erased, again.marked) == ((), ())
    assert access.find(known.desk, who(phone="0812345678")).numbers == ALL[1:]
    for number in ALL[1:]:
        known.shut(number)
    assert access.find(known.desk, who(phone="0812345678")).held == ()
    assert look.search(known.desk, "m@example.org").first == ()
    assert [one.number for one in look.search(known.desk, "Suk").first] == ["C-6003-00003"]
    assert findings(known) == []


def test_the_search_finds_by_e_mail_and_by_the_number_of_another_system(known: House) -> None:
    assert [one.number for one in look.search(known.desk, "M@example.org").first] == ALL[::-1]
    assert [one.number for one in look.search(known.desk, "VOC-77").first] == ALL[:1]
