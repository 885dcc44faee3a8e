"""What may be typed in, and what is made of it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue

# Thai letters and marks, letters that fold or decompose oddly, white space of all kinds, control characters.
ODD = "กน้่ำาํุูaAßſİıKÅéẹ́ΐͅ\u0344 \t\n\r\x0b\x0c\x85\u2028\u00a0\u200b\x1b"
texts = st.text(st.sampled_from(ODD) | st.characters(), max_size=40)


def key_of(call, *arguments) -> str:
    with pytest.raises(BadValue) as refused:
        call(*arguments)
    return refused.value.key


def accepted(call, *arguments) -> str | None:
    """What is stored; None if it was refused."""
    try:
        return call(*arguments)
    except BadValue:
        return None


# --- Texts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "น\u0e49\u0e33",  # as a keyboard gives it
        "น\u0e49\u0e4d\u0e32",  # tone, nikhahit, sara aa
        "น\u0e4d\u0e49\u0e32",  # nikhahit, tone, sara aa
    ],
)
def test_the_decomposed_sara_am_is_made_one(typed):
    assert fields.line("subject", typed) == "น้ำ"
    assert fields.fold(typed) == "น้ำ"


def test_accents_are_composed():
    assert fields.line("subject", "cafe\u0301") == "caf\u00e9"


def test_a_line_has_single_spaces():
    assert fields.line("subject", "  no\tpower\r\nsince\u00a0noon \u2028") == "no power since noon"


def test_a_page_keeps_its_lines():
    assert fields.page("detail", "\r\n one\r\ntwo\rthree\n\n\tfour \n") == "one\ntwo\nthree\n\n\tfour"


@pytest.mark.parametrize("text", ["", " ", "\r\n\t", "\u00a0\u2003"])
def test_an_empty_text_is_refused(text):
    assert key_of(fields.line, "subject", text) == key_of(fields.page, "detail", text) == "empty-text"


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\udfff", "a\x1b[2Jb", "a\x07", "a\x7f", "a\x9bb"])
def test_what_no_database_no_mail_and_no_screen_can_carry_is_refused(text):
    assert key_of(fields.line, "subject", text) == key_of(fields.page, "detail", text) == "not-text"


def test_a_text_has_a_longest_length_after_it_was_made_regular():
    assert len(fields.line("subject", " " + "ก" * fields.LINE + " ")) == fields.LINE
    with pytest.raises(BadValue) as refused:
        fields.line("subject", "ก" * (fields.LINE + 1))
    assert refused.value.key == "too-long"
    assert refused.value.values == {"name": "subject", "length": 501, "most": 500}
    assert key_of(fields.page, "detail", "x" * (fields.PAGE + 1)) == "too-long"
    assert fields.line("outcome", "e\u0301" * 5, 5) == "é" * 5


@given(texts)
def test_making_a_text_regular_twice_changes_nothing(text):
    once = fields.normal(text)
    assert fields.normal(once) == once
    assert unicodedata.is_normalized("NFC", once)
    folded = fields.fold(text)
    assert fields.fold(folded) == folded


@given(texts)
def test_what_was_stored_may_be_typed_again(text):
    for call in (fields.line, fields.page):
        once = accepted(call, "text", text)
        if once is not None:
            assert call("text", once) == once
            assert once.encode()
            assert "\0" not in once


@given(texts)
def test_a_line_is_one_line_without_control_characters(text):
    once = accepted(fields.line, "subject", text)
    if once is not None:
        assert once.splitlines() == [once]
        assert once == once.strip()
        assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in once)


@given(texts)
def test_the_searched_form_does_not_depend_on_case(text):
    assert fields.fold(text) == fields.fold(fields.normal(text).casefold())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ไฟ\u200bดับ", "ไฟดับ"),
        ("เเจ้งหม้อเเปลง", "แจ้งหม้อแปลง"),
        ("เ\u200bเจ้ง", "แจ้ง"),
        ("ท\u0e49\u0e31งซอย", "ทั้งซอย"),
        ("ท\u0e31\u0e49\u0e49งซอย", "ทั้งซอย"),
        ("นำ้", "น้ำ"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("ต้นที่ ๑๒๓", "ต้นที่ 123"),
        ("ＰＥＡ　１２３", "pea 123"),
        ("สาย\u00adไฟ\ufeff", "สายไฟ"),
        ("\u202bซอย\u202c \u00a0 5", "ซอย 5"),
        ("ม. 5 – “ใหม่”", 'ม. 5 - "ใหม่"'),
        ("STRASSE", "straße"),
    ],
)
def test_what_looks_the_same_is_searched_as_the_same(one, other):
    assert fields.fold(one) == fields.fold(other)


THAI_LETTERS = [chr(code) for code in range(0x0E01, 0x0E2F)]
SYLLABLES = st.builds(
    lambda before, letter, above, tone, after: f"{before}{letter}{above}{tone}{after}",
    st.sampled_from(["", "เ", "แ", "โ"]),
    st.sampled_from(THAI_LETTERS),
    st.sampled_from(["", "\u0e31", "\u0e34", "\u0e35", "\u0e38", "\u0e39", "\u0e47"]),
    st.sampled_from(["", "\u0e48", "\u0e49", "\u0e4a"]),
    st.sampled_from(["", "า", "ำ", "ะ", " ", "5", "a"]),
)


@st.composite
def retyped(draw):
    """A text, and the same as other keyboards, pages and programs have it."""
    syllables = draw(st.lists(SYLLABLES, min_size=1, max_size=8))
    other = "".join(syllables)
    unseen = draw(st.sampled_from("\u200b\u200d\u00ad\ufeff\u200e\u2060"))
    if draw(st.booleans()):
        other = re.sub("([\u0e31\u0e34-\u0e39\u0e47])([\u0e48-\u0e4a])", r"\2\1", other)
    if draw(st.booleans()):
        other = re.sub("([\u0e48-\u0e4a])ำ", r"ำ\1", other)
    if draw(st.booleans()):
        other = other.replace("ำ", "\u0e4d\u0e32")
    if draw(st.booleans()):
        other = other.replace("แ", "เเ")
    if draw(st.booleans()):
        other = other.replace("5", "๕").replace("a", "Ａ").replace(" ", " \u00a0 ")
    at = draw(st.integers(0, len(other)))
    return "".join(syllables), f"{other[:at]}{unseen}{other[at:]}"


@given(retyped())
def test_a_text_is_found_by_whatever_looks_like_a_word_of_it(typed):
    stored, sought = map(fields.fold, typed)
    assert sought == stored
    assert all(word in stored for word in sought.split())


# --- Telephone numbers and contract accounts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0812345678", "0812345678"),
        ("081-234-5678", "0812345678"),
        (" 08 1234 5678 ", "0812345678"),
        ("(081) 234.5678", "0812345678"),
        ("+66812345678", "0812345678"),
        ("+66 (0)81 234 5678", "0812345678"),
        ("0066 81 234 5678", "0812345678"),
        ("๐๘๑-๒๓๔-๕๖๗๘", "0812345678"),
        ("081\u2013234\u20115678", "0812345678"),
        ("０８１－２３４－５６７８", "0812345678"),
        ("02-123-4567", "021234567"),
        ("+66 2 123 4567", "021234567"),
    ],
)
def test_a_telephone_number_is_nine_or_ten_digits_from_zero(typed, stored):
    assert fields.phone(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1129",
        "812345678",
        "08123456789",
        "08123456",
        "081234567x",
        "+44 20 7946 0958",
        "+66 0066123456",
        "0066123456",
        "00812345678",
        "٠٨١٢٣٤٥٦٧٨",
        "081234567\0",
        "0812345678 ext. 5",
    ],
)
def test_what_is_no_telephone_number_is_refused(typed):
    assert key_of(fields.phone, typed) == "bad-phone"


@pytest.mark.parametrize("typed", ["020001234567", "0200 0123 4567", "๐๒๐๐-๐๑๒๓-๔๕๖๗"])
def test_a_contract_account_has_twelve_digits(typed):
    assert fields.account(typed) == "020001234567"


@pytest.mark.parametrize("typed", ["", "02000123456", "0200012345678", "02000123456a", "02000123456\ud800"])
def test_what_is_no_contract_account_is_refused(typed):
    assert key_of(fields.account, typed) == "bad-account"


@given(st.from_regex(r"(\+66|0066)?[ (]?0{0,3}[1-9][ .-]?[0-9๐-๙]{7,8}", fullmatch=True))
@example("+66 0066123456")
def test_a_stored_telephone_number_may_be_typed_again(text):
    once = accepted(fields.phone, text)
    if once is not None:
        assert fields.phone(once) == once
        assert once.startswith("0")
        assert len(once) in (9, 10)
        assert once.isascii()


@given(st.from_regex(r"([0-9๐-๙][ -]?){11,13}", fullmatch=True))
def test_a_stored_account_may_be_typed_again(text):
    once = accepted(fields.account, text)
    if once is not None:
        assert fields.account(once) == once
        assert len(once) == 12


# --- E-mail addresses and codes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("somchai@example.org", "somchai@example.org"),
        (" Somchai.J@Example.ORG\n", "somchai.j@example.org"),
        ("a+b@x", "a+b@x"),
        ("o'neill_#1@sub.example.co.th", "o'neill_#1@sub.example.co.th"),
        ("x@1129.example", "x@1129.example"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
        ("a@" + "b" * 63 + ".org", "a@" + "b" * 63 + ".org"),
    ],
)
def test_an_address_is_stored_in_lower_case(typed, stored):
    assert fields.email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "a@",
        "@b",
        "a.b",
        "a@b@c",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a@b.",
        "a@.b",
        "a@b..c",
        "a@-b.org",
        "a@b-.org",
        "a b@c",
        '"a b"@c.org',
        "Somchai <a@b.org>",
        "a@b.org, c@d.org",
        "a@[127.0.0.1]",
        "a@b_c.org",
        "a@b.org\r\nBcc: all@example.org",
        "a@b.org\nx",
        "a\r\n@b.org",
        "a@b.org\0",
        "a@b\ud800.org",
        "สมชาย@example.org",
        "a@ตัวอย่าง.ไทย",
        "\u212aate@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
    ],
)
def test_what_no_mail_server_takes_is_refused(typed):
    assert key_of(fields.email, typed) == "bad-email"


def test_an_address_beyond_the_length_that_mail_servers_take_is_refused_with_its_length():
    assert key_of(fields.email, "a@" + ".".join(["b" * 60] * 5)) == "too-long"


@given(st.emails() | st.text(st.sampled_from("aZ0.@-+\r\n K<>\"',;:\0"), max_size=20))
def test_an_accepted_address_can_stand_in_a_header_and_be_typed_again(text):
    once = accepted(fields.email, text)
    if once is not None:
        assert fields.email(once) == once
        assert once.isascii()
        assert once.isprintable()
        assert not set(once) & set(' \r\n\t<>,;:"()[]\\')
        assert once.count("@") == 1
        assert len(once) <= 254


@pytest.mark.parametrize(
    ("typed", "stored"), [("bansang", "BANSANG"), (" A-1.b_2 ", "A-1.B_2"), ("x" * 20, "X" * 20)]
)
def test_the_code_of_an_office_is_in_capitals(typed, stored):
    assert fields.code(typed) == stored
    assert fields.code(stored) == stored


@pytest.mark.parametrize(
    "typed", ["", "-a", ".", "../x", "a b", "a\nb", "บ้าน", "straße", "ſ", "x" * 21, "A@B", "A:B"]
)
def test_what_is_no_code_is_refused(typed):
    assert key_of(fields.code, typed) == "bad-code"


@given(
    st.dates(), st.integers(1, 10**9 - 1), st.sampled_from(["", "C", "c", "C-", "c ", "C\u2013"]),
    st.sampled_from(["-", " ", "/", "", " - ", *"\u2010\u2011\u2013\u2014\u2212\u00ad\u200b\uff0d\uff0f\u00a0"]),
    st.sampled_from(["0123456789", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９"]), st.booleans(),
)  # fmt: skip
def test_a_complaints_number_may_be_typed_in_any_way(day, serial, head, between, digits, is_short):
    stored = f"C-{day:%y%m}-{serial:05d}"
    typed = f" {head}{day:%y%m}{between}{serial if is_short else format(serial, '05d')} "
    assert fields.number(typed.translate(str.maketrans("0123456789", digits))) == stored
    assert fields.is_number(typed)
    assert fields.spoken(stored) == f"{day:%y%m}-{serial}"
    assert fields.number(fields.spoken(stored)) == stored


@pytest.mark.parametrize(
    "typed", ["no power", "00307", "6903", "2017-03-05", "C-6903", "690-3-1", "6913307", "x6903-1"]
)
def test_what_is_no_complaints_number_stays_as_it_was_typed(typed):
    assert fields.number(f" {typed} ") == typed.upper()
    assert not fields.is_number(typed)


@given(texts)
def test_a_complaints_number_made_regular_twice_is_the_same(text):
    assume(not re.search("[\0\ud800-\udfff]", text))
    assert fields.number(fields.number(text)) == fields.number(text)
