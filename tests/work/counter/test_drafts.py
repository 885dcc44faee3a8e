"""What was typed and not logged: its owner's alone, found again, gone after a day."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from complaint_sla.work.counter import deed, drafts
from complaint_sla.work.counter.drafts import Draft
from complaint_sla.work.counter.questions import Form, Part
from tests.work.counter.test_questions import say
from tests.work.desks import House

NOW = datetime.now(UTC)


def test_a_draft_is_its_owners_alone_and_found_by_whose_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "drafts"
    first = drafts.keep(folder, Draft("one", "nok", {"a": "ก"}))
    second = drafts.keep(folder, Draft("one", "nok", {"a": "ข"}, tried_at=NOW))
    drafts.keep(folder, Draft("two", "nok", {}))
    drafts.keep(folder, Draft("one", "lek", {}))
    (folder / "draft-9.json").write_text("{")

    assert (first.name, second.name) == ("draft-1.json", "draft-2.json")
    assert {path.stat().st_mode & 0o777 for path in (first, second)} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    os.utime(first, (0, second.stat().st_mtime + 5))
    found = drafts.found(folder, "one", "nok")
    assert [(one.path, one.form, one.tried_at) for one in found] == [
        (first, {"a": "ก"}, None),
        (second, {"a": "ข"}, NOW),
    ]
    # Kept again, it stays where it is.
    assert drafts.keep(folder, found[0]) == first
    drafts.forget(first)
    drafts.forget(first)
    assert drafts.read(first) is None
    assert len(drafts.found(folder, "one", "nok")) == 1


def test_after_a_day_it_is_gone_whatever_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    drafts.keep(folder, Draft("one", "nok", {}))
    (folder / "draft-2.json").touch()
    drafts.clear(folder, NOW + timedelta(hours=23))
    assert len(list(folder.iterdir())) == 2

    drafts.clear(folder, NOW + timedelta(hours=25))

    assert list(folder.iterdir()) == []
    drafts.clear(tmp_path / "not there", NOW)


def test_what_is_gone_on_with_was_received_when_it_was_told(small_house: House) -> None:
    form = say(
        Form.begin(small_house.desk, {"owner": small_house.hire("nok")}), "0812345678", "", "4", "", "1", "1"
    )
    kept = form.kept()
    small_house.later(hours=20)

    again = Form.resume(small_house.desk, kept)

    assert again.next() is Part.SUBJECT
    say(again, "ไฟดับ")
    assert deed.intake(again).received_at == small_house.later(hours=-20).now
    assert (deed.intake(again).phone, deed.intake(again).owner) == ("0812345678", "nok@example.org")


def test_what_can_not_be_taken_any_more_is_asked_again_or_named(small_house: House) -> None:
    nok = small_house.hire("nok")
    kept = say(Form.begin(small_house.desk, {"owner": nok}), "", "", "", "4", "", "1", "1", "x").kept()
    kept["values"] |= {"channel": "pigeon", "owner": "gone@example.org"}

    again = Form.resume(small_house.desk, kept)

    assert again.next() is Part.CHANNEL
    assert {problem.key for problem in again.lost} == {"unknown-channel", "unknown-person"}


def test_a_deed_whose_answer_was_lost_is_known_by_its_words(house: House) -> None:
    form = say(Form.begin(house.desk, {}), "0812345678", "", "4", "", "1", "1", "ไฟดับ\nทั้งซอย")
    tried_at = house.clock()
    assert deed.done_since(form, tried_at) is None
    first = deed.do(form)

    known = deed.done_since(form, tried_at)

    assert isinstance(known, type(first))
    assert (known.complaint.number, known.known) == (first.complaint.number, True)  # type: ignore[union-attr]
    # Of somebody else, with other words, or before that, it is none of these.
    house.later(seconds=1)
    assert deed.done_since(form, house.clock()) is None
    form.answer(Part.DETAIL, "ทั้งหมู่บ้าน")
    assert deed.done_since(form, tried_at) is None
    form.answer(Part.DETAIL, "ทั้งซอย")
    house.actor = "lek@example.org"
    form.desk = house.desk
    assert deed.done_since(form, tried_at) is None
