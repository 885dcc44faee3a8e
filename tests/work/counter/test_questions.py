"""The questions of `log`, without a terminal: which comes next, what an answer means, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.permissions import AccessRole, Ground, Permissions, Standing
from complaint_sla.core.servicefile import ServiceRules
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.counter import deed
from complaint_sla.work.counter.questions import Form, Part
from tests.work.desks import House

# As the keys of these digits lie on the Thai keyboard.
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
TYPED_IN_THAI = str.maketrans("1234567890yn", "ๅ/-ภถุึคตจัื")
PHONE = "0812345678"


def asked(form: Form) -> list[str]:
    """What is asked from here on, if each is answered."""
    answers = {Part.URGENT: "", Part.EARLIER: "", Part.SUBJECT: "x", Part.CUSTOMER: "-", Part.OFFICE: "main"}
    parts = []
    while (part := form.next()) is not None:
        parts.append(part.value)
        form.answer(part, answers.get(part, "" if part in (Part.PHONE, Part.ACCOUNT) else "1"))
    return parts


def say(form: Form, *answers: str) -> Form:
    for answer in answers:
        part = form.next()
        assert part is not None
        form.answer(part, answer)
    return form


def found(house: House, number: str) -> Any:
    row = house.complaint(number)
    return row.group, row.channel, row.category, row.subject, row.detail


def test_the_telephone_comes_first_and_the_office_early_where_it_is_in_doubt(small_house: House) -> None:
    everything = ["phone", "account", "customer", "group", "urgent", "channel", "category", "subject"]
    assert asked(Form.begin(small_house.desk, {})) == everything

    offices.add_office(small_house.desk, "BANSANG", "บ้านแซง", "Ban Sang", "MAIN")
    assert asked(Form.begin(small_house.desk, {})) == [*everything[:2], "office", *everything[2:]]

    small_house.actor = small_house.hire("sup")
    assert asked(Form.begin(small_house.desk, {})) == everything
    # The customer was another office's the last time.
    small_house.shut(small_house.log(phone=PHONE, office="BANSANG"))
    small_house.later(days=40)
    form = say(Form.begin(small_house.desk, {}), PHONE)
    assert (form.next(), form.default(Part.OFFICE)) == (Part.OFFICE, "BANSANG")


def test_what_was_given_is_checked_before_anything_is_asked(small_house: House) -> None:
    for name, value in {
        "group": "x", "channel": "x", "category": "ค่าไฟ", "phone": "1", "account": "1", "email": "bad", "office": "x",
        "owner": "nok", "external_id": "\0", "subject": "\x1b", "customer": "x" * 201,
    }.items():  # fmt: skip
        with pytest.raises(BadValue):
            Form.begin(small_house.desk, {name: value})
    with pytest.raises(BadValue, match="received-in-future"):
        Form.begin(small_house.desk, {}, small_house.later(days=1).now.replace(year=2018))
    form = Form.begin(small_house.desk, {"group": "4", "account": "020012345678", "urgent": "y"})
    assert asked(form) == ["customer", "channel", "category", "subject"]
    assert form.values[Part.GROUP] == "residential"


def test_a_digit_is_the_same_choice_on_either_keyboard(small_house: House) -> None:
    for part, most in ((Part.GROUP, 4), (Part.CHANNEL, 12), (Part.CATEGORY, 19)):
        for number in range(1, most + 1):
            form = Form.begin(small_house.desk, {})
            form.answer(part, str(number))
            for typed in (
                str(number).translate(TYPED_IN_THAI),
                f" {number} ".translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
            ):
                again = Form.begin(small_house.desk, {})
                again.answer(part, typed)
                assert again.values == form.values == {part: form.terms(part)[number - 1].key}
                assert again.old(part) == str(number)
    form = Form.begin(small_house.desk, {})
    form.answer(Part.PHONE, PHONE.translate(TYPED_IN_THAI))
    form.answer(Part.URGENT, "y".translate(TYPED_IN_THAI))
    assert form.values == {Part.PHONE: PHONE, Part.URGENT: "y"}
    form.answer(Part.URGENT, "n".translate(TYPED_IN_THAI))
    assert form.values[Part.URGENT] == "n"


@pytest.mark.parametrize(
    ("part", "answer", "key"),
    [
        (Part.GROUP, "9", "none-of-them"),
        (Part.GROUP, "-group", "none-of-them"),
        # One letter alone is a slip: many titles have it.
        (Part.CATEGORY, "ฟ", "none-of-them"),
        (Part.CATEGORY, "ค่าไฟ", "unclear-category"),
        (Part.CATEGORY, "", "answer-needed"),
        (Part.URGENT, "4", "neither-yes-nor-no"),
        (Part.PHONE, "12345", "bad-phone"),
        (Part.CUSTOMER, "นาย ก\n3\nไฟตก", "one-line-asked"),
        (Part.SUBJECT, "", "answer-needed"),
        (Part.EARLIER, "x", "neither-n-nor-r"),
        (Part.OFFICE, "กบินทร์", "none-of-them"),
    ],
)  # fmt: skip
def test_what_can_not_be_an_answer_changes_nothing(
    small_house: House, part: Part, answer: str, key: str
) -> None:
    form = Form.begin(small_house.desk, {})
    before = form.kept()

    with pytest.raises(Error) as refused:
        form.answer(part, answer)

    assert refused.value.key == key
    assert form.kept() == before


def test_of_a_pasted_text_the_first_line_is_the_subject_and_the_rest_the_detail(small_house: House) -> None:
    form = Form.begin(small_house.desk, {"detail": "given"})
    for _ in range(2):
        # Pasted once more it is not there twice.
        form.answer(Part.SUBJECT, "ไฟดับ\r\ntouch x\nโทรกลับด้วย\n")
        assert form.values == {Part.SUBJECT: "ไฟดับ", Part.DETAIL: "given\ntouch x\nโทรกลับด้วย"}
    form.answer(Part.DETAIL, "")
    assert form.values == {Part.SUBJECT: "ไฟดับ"}


def test_offices_are_listed_only_where_one_can_look_through_them(small_house: House) -> None:
    desk = small_house.desk
    for number in range(19):
        offices.add_office(desk, f"B{number:02}", f"กฟส.ที่ {number}", f"Branch {number}", "MAIN")
    form = Form.begin(desk, {})
    assert len(form.offices()) == 20
    form.answer(Part.OFFICE, "2")
    assert form.values[Part.OFFICE] == "B01"

    offices.add_office(desk, "20", "กฟส.กบินทร์บุรี", "Kabin Buri", "MAIN")
    form = Form.begin(desk, {})
    assert form.offices() == []
    for answer in ("20", "กบินทร์", "kabin"):
        form.answer(Part.OFFICE, answer)
        assert form.values[Part.OFFICE] == "20"
    for answer, key in (("branch", "ambiguous"), ("สระแก้ว", "no-such-name")):
        with pytest.raises(BadValue, match=key):
            form.answer(Part.OFFICE, answer)


def test_what_an_office_may_be_is_said_in_the_language_of_whoever_asks(small_house: House) -> None:
    desk = small_house.desk
    offices.add_office(desk, "KB1", "กบินทร์บุรี", "Kabin Buri", "MAIN")
    offices.add_office(desk, "KB2", "กบินทร์เหนือ", "Kabin North", "MAIN")
    with pytest.raises(BadValue) as told:
        Form.begin(desk, {"office": "kabin"})
    assert message(Words("en"), told.value, None) == "kabin may mean: KB1 (Kabin Buri), KB2 (Kabin North)."
    assert "KB1 (กบินทร์บุรี)" in message(Words("th"), told.value, None)


def test_what_the_caller_has_told_comes_before_their_name(house: House) -> None:
    nok = house.hire("nok")
    owned = house.log(phone=PHONE, subject="ไฟตก", owner=nok, customer="สมชาย ใจดี", group="key-account")
    change.do(house.desk, owned, change.note("แจ้งช่างแล้ว"))
    change.do(house.desk, owned, change.note("ช่างจะไปพรุ่งนี้", change.NoteKind.RESPOND))
    long_ago = house.log(phone=PHONE)
    house.shut(long_ago)
    house.later(days=31)
    ended = house.log(phone=PHONE, subject="บิลแพง")
    house.shut(ended)
    house.log(phone="0899999999")

    form = say(Form.begin(house.desk, {}), PHONE)

    assert form.next() is Part.EARLIER
    first, second = form.caller.earlier
    assert (first.complaint.number, first.owner, first.said) == (owned, "Nok", "ช่างจะไปพรุ่งนี้")
    assert (second.complaint.number, second.owner, second.said) == (ended, None, "done")
    say(form, "")
    assert (form.next(), form.default(Part.CUSTOMER)) == (Part.CUSTOMER, "สมชาย ใจดี")
    say(form, "", "")
    assert form.values == {Part.PHONE: PHONE, Part.CUSTOMER: "สมชาย ใจดี", Part.GROUP: "residential"}


def test_a_note_or_a_reopening_is_the_commands_own_act_and_ends_the_call(house: House) -> None:
    open_, ended = house.log(phone=PHONE), house.log(phone=PHONE)
    house.shut(ended)

    for answers, number, kind in (
        (("n 1", "โทรมาอีก"), open_, "noted"),
        # With the Thai keyboard on.
        (("n2".translate(TYPED_IN_THAI), "โทรมาอีก"), ended, "noted"),
        (("พ", "ยังไม่หาย"), ended, "reopened"),
    ):
        form = say(Form.begin(house.desk, {}), PHONE, *answers)
        assert form.next() is None
        began = house.desk.clock()
        assert deed.done_since(form, began) is None
        deed.do(form)
        assert house.events(number)[-1].kind == kind
        assert deed.done_since(form, began) is not None

    form = say(Form.begin(house.desk, {}), PHONE)
    with pytest.raises(BadValue, match="which-of-them"):
        form.answer(Part.EARLIER, "n")
    with pytest.raises(NotPossible, match="already-open"):
        form.answer(Part.EARLIER, "r 1")
    # Thought better of it.
    say(form, "n 1")
    assert form.next() is Part.NOTE
    assert form.back()
    assert (form.next(), form.act) == (Part.EARLIER, None)


def test_whoever_may_not_reopen_is_told_so_at_the_question(small_house: House) -> None:
    small_house.shut(small_house.log(phone=PHONE))
    desk = replace(
        small_house.desk,
        standing=Standing("nok", AccessRole.OFFICER, Ground.LOGIN),
        service=ServiceRules(permissions=Permissions(reopen=(AccessRole.SUPERVISOR,))),
    )
    form = say(Form.begin(desk, {}), PHONE)

    with pytest.raises(NotPossible, match="not-permitted"):
        form.answer(Part.EARLIER, "r")
    assert form.next() is Part.EARLIER


def test_where_the_telephone_is_mended_another_customer_is_met(small_house: House) -> None:
    small_house.log(phone=PHONE)
    form = say(Form.begin(small_house.desk, {}), "0812345679", "", "4", "", "1", "1", "ไฟดับ")
    assert form.next() is None

    form.ask_again(Part.PHONE)
    assert (form.next(), form.old(Part.PHONE)) == (Part.PHONE, "0812345679")
    say(form, PHONE)

    assert form.next() is Part.EARLIER
    say(form, "")
    assert form.next() is None
    assert form.values[Part.SUBJECT] == "ไฟดับ"


_ANSWERS = {
    Part.PHONE: ["", PHONE, "0899999999", "bad"], Part.ACCOUNT: ["", "020012345678", "1"], Part.EARLIER: ["", "n 1", "q"],
    Part.NOTE: ["", "a\nb"], Part.CUSTOMER: ["", "สมชาย", "-"], Part.GROUP: ["4", "ภ", "x"], Part.URGENT: ["", "ั", "x"],
    Part.CHANNEL: ["2", "/", ""], Part.CATEGORY: ["1", "outage", "0"], Part.SUBJECT: ["ไฟดับ", "ไฟดับ\nทั้งซอย", ""],
    Part.DETAIL: ["", "x"],
}  # fmt: skip
_AT_LAST = {
    **dict.fromkeys((Part.GROUP, Part.CHANNEL, Part.CATEGORY), "1"),
    Part.SUBJECT: "x",
    Part.NOTE: "x",
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_whichever_way_one_goes_what_is_logged_is_what_was_looked_over(
    small_house: House, data: st.DataObject
) -> None:
    """Answers, refused ones, steps back, parts asked again, breaks after which it is taken up: in any order."""
    if not small_house.desk.store.has_written:
        small_house.log(phone=PHONE, customer="สมหญิง", group="key-account")
    form = Form.begin(small_house.desk, {})
    for _ in range(data.draw(st.integers(8, 30))):
        step = data.draw(st.sampled_from(["answer", "answer", "answer", "answer", "back", "again", "break"]))
        part = form.next()
        if step == "back":
            assert form.back() == (form.next() != part)
        elif step == "again" and part is None and form.act is None:
            form.ask_again(data.draw(st.sampled_from(form.parts())))
        elif step == "break":
            form = Form.resume(small_house.desk, form.kept())
            assert form.next() == part or form.again is None
        elif part is not None:
            before = form.kept()
            try:
                form.answer(part, data.draw(st.sampled_from(_ANSWERS[part])))
            except BadValue:
                assert form.kept() == before
    while (part := form.next()) is not None:
        form.answer(
            part,
            {Part.SUBJECT: "x", Part.NOTE: "x", Part.GROUP: "1", Part.CHANNEL: "1", Part.CATEGORY: "1"}.get(
                part, ""
            ),
        )
    if form.act is None:
        said = deed.intake(form)
        assert said.regular() == said
        assert said.urgent is (form.values.get(Part.URGENT) == "y")
        shown = {part: form.values.get(part) for part in form.parts() if part is not Part.URGENT}
        assert {part: getattr(said, part) for part in shown} == shown
