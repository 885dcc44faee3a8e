"""Correcting what was typed wrongly: what was said first stays in the record, and nothing but the words moves."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, update

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.corrections import FIELDS, Correction
from complaint_sla.core.differences import Check
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.rulebook import Shelf
from complaint_sla.store.tables import Complaint, Customer, Table
from complaint_sla.work.complaints import change, erase, log, look
from complaint_sla.work.complaints.correct import Corrected, as_it_stands, correct
from complaint_sla.work.counter.caller import caller
from complaint_sla.work.figures import freeze, report
from complaint_sla.work.letters import outbox
from complaint_sla.work.person import access
from complaint_sla.work.sheets.exchange import export, import_file
from tests.core.books import read_shelf
from tests.core.test_replay import BY_LINE
from tests.work.desks import DOMAIN, RULES, House, verify_chains
from tests.work.findings import findings

TYPED = {
    "subject": "ไฟดบ",
    "detail": "ทั้งซอย\nสองวัน",
    "customer": "สมชาย ใจดี",
    "phone": "0812345678",
    "account": "123456789012",
    "email": "c@example.org",
    "external_id": "VOC-1",
}
MEANT = {
    "subject": "ไฟดับ",
    "detail": "ทั้งซอย\nสามวัน",
    "customer": "สมชัย ใจดี",
    "phone": "0812345679",
    "account": "123456789013",
    "email": "d@example.org",
    "external_id": "VOC-2",
    "channel": "line",
}
# What a correction leaves as it is.
STANDS = [
    name for name in Complaint.model_fields if name not in (*FIELDS, "subject_search", "events", "head")
]


def row(house: House, number: str, table: type[Table]) -> dict[str, Any]:
    with house.store.read() as session:
        complaint = house.complaint(number)
        found = complaint if table is Complaint else session.get(table, complaint.id)
        return {} if found is None else {name: getattr(found, name) for name in table.model_fields}


def put_right(house: House, number: str, **given: str) -> Corrected:
    return correct(house.desk, number, given)


def test_each_field_is_put_right_and_the_event_holds_what_it_was(house: House) -> None:
    number = house.log(**TYPED)
    before = row(house, number, Complaint)
    house.later(hours=1)
    found = put_right(house, number, **MEANT)

    was = {**TYPED, "channel": "phone"}
    assert found.corrections == tuple(Correction(name, was[name], MEANT[name]) for name in FIELDS)
    now = row(house, number, Complaint)
    assert {name: now[name] for name in STANDS} == {name: before[name] for name in STANDS}
    assert (now["subject"], now["subject_search"], now["channel"], now["external_id"]) == (
        *("ไฟดับ", "ไฟดับ", "line", "VOC-2"),
    )
    assert row(house, number, Customer)["name_search"] == "สมชัย ใจดี"

    event = house.events(number)[-1]
    data, words = json.loads(event.data), json.loads(event.words or "")
    assert (data["fields"], data["channel"], data["was"]) == (list(FIELDS), "line", {"channel": "phone"})
    assert {words[name + "_was"] for name in TYPED} == set(TYPED.values())
    # The hash covers the words by their salted digest alone: no hashed data hold any of them.
    assert not [text for text in (*TYPED.values(), *MEANT.values()) if text != "line" and text in event.data]
    assert as_it_stands(house.desk, number).said == MEANT
    assert findings(house) == []
    verify_chains(house.store)


def test_whoever_looks_finds_the_right_words_and_not_the_wrong_ones(house: House) -> None:
    number = house.log(**TYPED)
    put_right(house, number, **MEANT)

    def found(text: str) -> list[str]:
        return [one.number for one in look.search(house.desk, text).first]

    right = ("ไฟดับ", "สมชัย", "0812345679", "9013", "d@example.org", "VOC-2")
    wrong = ("ไฟดบ", "สมชาย", "0812345678", "9012", "c@example.org", "VOC-1")
    assert [found(text) for text in right] == [[number]] * 6
    assert [found(text) for text in wrong] == [[]] * 6
    assert [one.complaint.number for one in caller(house.desk, "0812345679", None).earlier] == [number]
    assert caller(house.desk, "0812345678", None).earlier == ()


def test_an_empty_value_takes_away_what_need_not_be_there_and_a_new_one_is_put_where_none_was(
    house: House,
) -> None:
    number = house.log(**TYPED)
    taken = dict.fromkeys(("detail", "customer", "phone", "account", "email", "external_id"), " ")
    put_right(house, number, **taken)
    assert as_it_stands(house.desk, number).said == {
        **dict.fromkeys(taken),
        "subject": "ไฟดบ",
        "channel": "phone",
    }
    assert findings(house) == []
    put_right(house, number, phone="๐๘๑-๒๓๔-๕๖๗๘")
    # Nobody was named when it was logged.
    other = house.log()
    put_right(house, other, customer="สมหญิง", phone="0899999999")
    assert [row(house, one, Customer)["phone"] for one in (number, other)] == ["0812345678", "0899999999"]
    assert findings(house) == []


def by_line(house_shelf: str = "by-line") -> Shelf:
    """The shipped book, in which a complaint by LINE has a deadline of its own."""
    first = '[[rule]]\nkey = "urgent"'
    text = (
        RULES.read_text(encoding="utf-8").replace(first, BY_LINE + first).replace("pea-2560", house_shelf, 1)
    )
    return read_shelf([("b.toml", text.replace('id = "pea-2560"', f'id = "{house_shelf}"'))], lambda *_: {})


@pytest.mark.parametrize(
    ("key", "kind", "of_ended", "given"),
    [
        ("nothing-to-correct", BadValue, False, {}),
        ("nothing-corrected", NotPossible, False, {"phone": "+66 81 234 5678"}),
        ("empty-text", BadValue, False, {"subject": " "}),
        ("unknown-channel", BadValue, False, {"channel": ""}),
        ("unclear-channel", BadValue, False, {"channel": "PEA"}),
        ("bad-phone", BadValue, False, {"phone": "1129", "subject": "x"}),
        ("erased-id", BadValue, False, {"external_id": "erased:1"}),
        ("not-open", NotPossible, True, {"channel": "line", "subject": "x"}),
        ("external-id-taken", NotPossible, True, {"external_id": "VOC-1"}),
    ],
)
def test_what_can_not_be_corrected_is_refused_and_nothing_is_changed(
    small_house: House, key: str, kind: type[Error], of_ended: bool, given: dict[str, str]
) -> None:
    open_, ended = small_house.log(**TYPED), small_house.log()
    small_house.shut(ended)
    before = small_house.dump()
    with pytest.raises(kind) as problem:
        put_right(small_house, ended if of_ended else open_, **given)
    assert problem.value.key == key
    assert small_house.dump() == before


def test_an_id_that_another_complaint_has_had_is_taken_though_it_was_erased(house: House) -> None:
    gone, other = house.log(**TYPED), house.log()
    house.shut(gone)
    erase.erase(house.desk, gone, "asked for")
    with pytest.raises(NotPossible) as problem:
        put_right(house, other, external_id="VOC-1")
    assert (problem.value.key, problem.value.values["number"]) == ("external-id-taken", gone)


def test_a_channel_that_gives_another_deadline_is_given_by_a_new_classification(sqlite_database: str) -> None:
    house = House(sqlite_database, shelf=by_line())
    number = house.log("key-account")
    put_right(house, number, channel="อีเมล")
    with pytest.raises(NotPossible) as problem:
        put_right(house, number, channel="line", subject="x")
    assert (problem.value.key, problem.value.values["days"]) == ("channel-decides", 2)
    assert house.complaint(number).subject == "ไฟดับ"

    found = change.do(house.desk, number, change.reclassify("it came by LINE", channel="line"))
    assert (found.channel, found.rule, found.days, found.generation) == ("line", "by-line", 2, 2)
    said = json.loads(house.events(number)[-1].data)
    assert (said["channel"], said["was"]["channel"]) == ("line", "email")
    # Both are proved by the events alone.
    assert findings(house) == []
    house.close()


def test_of_what_has_ended_words_are_put_right_and_no_figure_changes(house: House) -> None:
    number, late = house.log(**TYPED), house.log()
    house.shut(number)
    house.at("2017-05-02 09:00")
    [frozen] = freeze.freeze_final(house.desk)
    words = {name: text for name, text in MEANT.items() if name != "channel"}
    put_right(house, number, **words)
    put_right(house, late, subject="ไฟดับทั้งซอย")
    shown = report.report(house.desk, Quarter(2017, 1))
    assert (shown.differing, shown.moved) == ((), ())
    assert shown.frozen is not None
    assert shown.frozen.digest == frozen.digest
    with pytest.raises(NotPossible, match="nothing-to-restate"):
        freeze.freeze(house.desk, Quarter(2017, 1))
    # A channel is counted by: of what is still open it is restated, with why.
    put_right(house, late, channel="line", customer="สมชาย")
    [moved] = freeze.freeze(house.desk, Quarter(2017, 1)).changes
    assert (moved.number, moved.why) == (late, ("corrected",))
    assert findings(house) == []


def test_a_correction_is_no_work_before_which_nothing_was_closed(house: House) -> None:
    number = house.log(**TYPED)
    before = house.later(days=1).now
    put_right(house, number, phone="0812345679")
    assert house.shut(number, before).closed_at == before
    later = house.log(received_at=house.later(days=1).now)
    at = house.later(hours=2).now
    house.later(hours=2)
    put_right(house, later, subject="x")
    assert house.shut(later, at).closed_at == at
    assert findings(house) == []


def test_an_erasure_takes_the_old_words_too_and_nothing_is_corrected_afterwards(house: House) -> None:
    number = house.log(**TYPED)
    put_right(house, number, **MEANT)
    put_right(house, number, phone="")
    assert [
        one.complaint.number
        for one in access.find(house.desk, access.person({"account": "123456789013"})).held
    ]
    house.shut(number)
    erase.erase(house.desk, number, "asked for")
    left = repr(house.dump())
    assert not [
        text for text in (*TYPED.values(), *MEANT.values()) if text not in ("line", "ไฟดับ") and text in left
    ]
    assert findings(house) == []
    change.do(house.desk, number, change.reopen("x"))
    for tried in (lambda: put_right(house, number, subject="x"), lambda: as_it_stands(house.desk, number)):
        with pytest.raises(NotPossible, match="words-erased"):
            tried()
    [corrected, _] = [one for one in look.show(house.desk, number).events if one.kind == "corrected"]
    assert (corrected.words, corrected.data["fields"]) == ({}, list(FIELDS))


def test_what_is_given_out_of_a_person_holds_the_old_words(house: House, tmp_path: Path) -> None:
    number = house.log(**TYPED)
    put_right(house, number, **MEANT)
    who = access.person({"phone": "0812345679"})
    assert access.export(house.desk, who, tmp_path / "person.csv") == 1
    [line] = csv.DictReader((tmp_path / "person.csv").read_text("utf-8-sig").splitlines(keepends=True))
    assert (line["number"], line["phone"]) == (number, "0812345679")
    assert all(text in line["said"] for text in (*TYPED.values(), *(MEANT[name] for name in TYPED)))
    with pytest.raises(Error, match="nobody-held"):
        access.export(house.desk, access.person({"phone": "0812345678"}), tmp_path / "none.csv")


def test_a_letter_that_is_written_afterwards_bears_the_right_subject(small_house: House) -> None:
    small_house.hire("sup")
    number = small_house.log(urgent=True, **TYPED)
    small_house.sweep()
    outbox.gather(small_house.desk, DOMAIN)
    put_right(small_house, number, subject="ไฟดับ", phone="0812345679")
    [held] = outbox.claim(small_house.desk, 10)
    letter = outbox.write(small_house.desk, held)
    assert [(one.subject, one.phone) for one in letter.cases] == [("ไฟดับ", "0812345679")]  # type: ignore[union-attr]


def test_a_sheet_of_before_or_between_two_corrections_speaks_of_the_same_complaint(
    small_house: House, tmp_path: Path
) -> None:
    here = {name: text for name, text in TYPED.items() if name != "external_id"}
    number = small_house.log(**here)
    sheets = [tmp_path / f"{n}.csv" for n in range(4)]
    export(small_house.desk, sheets[0])
    put_right(small_house, number, subject="ไฟดับ", phone="0812345679", channel="line")
    export(small_house.desk, sheets[1])
    put_right(small_house, number, subject="ไฟตก", phone="", channel="letter")
    export(small_house.desk, sheets[2])
    put_right(small_house, number, external_id="VOC-9")
    export(small_house.desk, sheets[3])
    for sheet in sheets:
        done = import_file(small_house.desk, sheet)
        assert (done.unchanged, done.logged, done.rejected) == (1, 0, ()), sheet.name
    # What was never so is refused as ever.
    text = sheets[1].read_text("utf-8-sig").replace("ทั้งซอย", "อีกซอย")
    sheets[1].write_text(text, "utf-8")
    assert len(import_file(small_house.desk, sheets[1]).rejected) == 1


@pytest.mark.parametrize("column", ["subject", "detail", "external_id", "channel"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_hand_that_changes_a_word_before_or_after_a_correction_is_found(
    small_house: House, column: str, when: str
) -> None:
    number = small_house.log(**TYPED)

    def by_hand(session: Session) -> None:
        session.execute(update(Complaint).values({column: "letter"}))

    if when == "before":
        small_house.store.write(by_hand)
        put_right(small_house, number, **{column: MEANT[column]})
    else:
        put_right(small_house, number, **MEANT)
        small_house.store.write(by_hand)
    found = findings(small_house)
    assert {one.check for one in found} <= {Check.TEXT, Check.COLUMN, Check.EVENT}
    assert found


def test_two_who_correct_at_once_or_want_one_id_are_served_one_after_the_other(house: House) -> None:
    one, other = house.log(**TYPED), house.log()
    desk, seen = house.desk, {"phone": "0812345678"}

    def outcome(work: Callable[[], object]) -> str:
        try:
            work()
        except NotPossible as problem:
            return problem.key
        return ""

    with ThreadPoolExecutor(2) as pool:
        keys = list(
            pool.map(
                outcome,
                [lambda n=n: correct(desk, one, {"phone": f"081111111{n}"}, seen) for n in range(2)],
            )
        )
        assert sorted(keys) == ["", "corrected-meanwhile"]
        keys = list(
            pool.map(outcome, [lambda n=n: put_right(house, n, external_id="X-1") for n in (one, other)])
        )
        assert sorted(keys) == ["", "external-id-taken"]
    assert findings(house) == []


def test_a_complaint_of_the_same_id_as_another_system_then_logs_once(small_house: House) -> None:
    number = small_house.log()
    put_right(small_house, number, external_id="VOC-3")
    again = log.log(small_house.desk, log.Intake("residential", "phone", "outage", "x", external_id="VOC-3"))
    assert (again.known, again.complaint.number) == (True, number)
