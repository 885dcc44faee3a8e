"""What a person is told when something is refused: in both languages, with any value, and nothing that steers."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from datetime import UTC, date, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue, BookFaults, Error, Fault, NotPossible
from complaint_sla.wording import LANGUAGES, Words
from complaint_sla.wording.messages import ERRORS, FAULTS, LONGEST_VALUE, MOST_LISTED, fault, message

BANGKOK = ZoneInfo("Asia/Bangkok")
THAI, ENGLISH = Words("th"), Words("en")

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "a\r\nSubject: forged\n\n",
    "\u202egnp.exe\u2066",
    "{value} {0.__class__} {",
    "\x00\ud800\x9b",
    "ก" * 10_000,
    "\x1b" * 10_000,
    ["\x1b[31m" * 5] * 40,
    ("x\ny",),
    None,
    10**1000,
]


def filled(text: str, value: object) -> dict[str, object]:
    return {name: value for _, name, _, _ in Formatter().parse(text) if name}


def assert_harmless(shown: str, lines: int = 1) -> None:
    assert shown.count("\n") == lines - 1
    assert not [
        char for char in shown.replace("\n", "") if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
    ]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    shown.encode()


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_is_one_line_that_steers_nothing_whatever_was_typed(language, value):
    words = Words(language)
    for key, text in ERRORS.items():
        shown = message(words, Error(key, **filled(text, value)), BANGKOK)
        assert_harmless(shown)
        assert len(shown) < len(text) * 2 + text.count("{") * (LONGEST_VALUE + 3) * (MOST_LISTED + 1)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_is_one_line_that_steers_nothing_whatever_the_book_says(language, value):
    words = Words(language)
    for key, text in FAULTS.items():
        one = Fault("a\x1b[2J.toml", "rule[1]\n", key, tuple(filled(text, value).items()))
        assert_harmless(fault(words, one))


@given(
    value=st.text(st.characters() | st.sampled_from("\x1b\u202e\ud800\n{}")),
    language=st.sampled_from(LANGUAGES),
)
def test_a_value_is_shown_with_what_is_wrong_with_it(value, language):
    shown = message(Words(language), BadValue("bad-phone", value=value), None)
    assert_harmless(shown)
    assert shown.endswith(message(Words(language), BadValue("bad-phone", value="x"), None)[1:])


@pytest.mark.parametrize(
    ("error", "thai", "english"),
    [
        (
            BadValue("bad-phone", value="1129"),
            "1129 ไม่ใช่หมายเลขโทรศัพท์ ต้องขึ้นต้นด้วย 0 และมี 9 หรือ 10 หลัก",
            "1129 is no telephone number: 9 or 10 digits from 0.",
        ),
        (
            BadValue("unknown-office", value="X", known=["BANSANG", "MAIN"]),
            "ไม่มีสำนักงาน X สำนักงานที่มี: BANSANG, MAIN",
            "There is no office X. Offices: BANSANG, MAIN.",
        ),
        (
            NotPossible(
                "already-acknowledged", number="C-6003-00001", at=datetime(2017, 3, 5, 3, 0, tzinfo=UTC)
            ),
            (
                "แจ้งรับเรื่อง C-6003-00001 ไปแล้วเมื่อ 5 มี.ค. 2560 10:00 น. "
                "แจ้งลูกค้าเพิ่มเติม: complaint-sla note C-6003-00001 TEXT --kind communicate"
            ),
            (
                "C-6003-00001 was acknowledged at 5 Mar 2017 10:00. "
                "Tell the customer more with: complaint-sla note C-6003-00001 TEXT --kind communicate."
            ),
        ),
        (
            BadValue("before-first-book", day=date(2016, 12, 31), first=date(2017, 1, 1)),
            "ไม่มีหลักเกณฑ์ที่มีผล ณ 31 ธ.ค. 2559 ฉบับแรกมีผลตั้งแต่ 1 ม.ค. 2560",
            "No rule book is in force on 31 Dec 2016: the first one begins on 1 Jan 2017.",
        ),
    ],
)
def test_an_error_says_what_is_wrong_with_which_value_and_what_to_do(error, thai, english):
    assert message(THAI, error, BANGKOK) == thai
    assert message(ENGLISH, error, BANGKOK) == english


def test_a_moment_keeps_its_offset_where_the_books_zone_is_not_known():
    error = NotPossible("at-in-future", at=datetime(2017, 3, 5, 3, 0, tzinfo=UTC))
    assert message(ENGLISH, error, None).startswith("2017-03-05T03:00:00+00:00 is still to come.")


def test_a_long_list_is_cut_off_and_says_so_and_an_empty_one_is_a_dash():
    many = BadValue("unknown-office", value="X", known=[f"OFFICE{n}" for n in range(900)])
    shown = message(ENGLISH, many, None)
    assert shown.endswith("OFFICE6, OFFICE7, … (900 in all: complaint-sla office list).")
    assert len(shown) < 200
    either = BadValue("ambiguous", value="X", known=[f"OFFICE{n} (X)" for n in range(900)])
    assert message(ENGLISH, either, None).endswith("OFFICE7 (X), … (900 in all).")
    columns = BadValue("unknown-columns", columns=["x"], known=[f"column{n}" for n in range(50)])
    assert message(ENGLISH, columns, None).endswith("column38, column39, ….")
    none = BadValue("unknown-person", value="x@example.org", known=[])
    assert message(ENGLISH, none, None).endswith("Staff: –.")


def test_of_what_is_known_the_nearest_is_asked_for_and_stands_first():
    near = BadValue("unknown-office", value="OFICE250", known=[f"OFFICE{n}" for n in range(900)])
    assert "Did you mean OFFICE250?" in message(ENGLISH, near, None)
    assert "Offices: OFFICE250, OFFICE0," in message(ENGLISH, near, None)
    assert "หมายถึง OFFICE250 หรือไม่" in message(THAI, near, None)
    fault = BookFaults((Fault("a.toml", "qiet", "fault-unknown-key", (("near", ("quiet",)),)),))
    assert "Did you mean quiet?" in message(ENGLISH, fault, None)


def test_a_long_value_is_cut_off_and_says_so():
    shown = message(ENGLISH, BadValue("bad-phone", value="0" * 10_000), None)
    assert shown.startswith("0" * LONGEST_VALUE + "… is no")


def test_faults_of_books_stand_below_each_other_with_file_and_place():
    faults = BookFaults(
        (
            Fault("a.toml", "rule[2].days", "fault-number", (("value", 0), ("least", 1), ("most", 365))),
            Fault("a.toml", "", "fault-toml", (("problem", "expected '='"),)),
            Fault("", "", "fault-no-books"),
        )
    )
    assert message(ENGLISH, faults, None).splitlines() == [
        "The rule books can't be used. Faults (3):",
        "  a.toml: rule[2].days: 0 is not between 1 and 365.",
        "  a.toml: The file is no valid TOML: expected '='.",
        "  There is no rule book in the folder. Put one there, or name another folder with --rules.",
    ]
    assert message(THAI, faults, None).splitlines()[:2] == [
        "ใช้หลักเกณฑ์ไม่ได้ ข้อผิดพลาด (3):",
        "  a.toml: rule[2].days: 0 ไม่อยู่ระหว่าง 1 ถึง 365",
    ]


def test_english_words_end_as_sentences_do():
    assert [text for text in (*ERRORS.values(), *FAULTS.values()) if text[-1] not in ".:"] == []


def test_the_words_of_a_refusal_need_nothing_of_a_database() -> None:
    """They are said before one is opened, too, and all of it is slow to import."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, complaint_sla.wording.messages; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "complaint_sla.wording.plans" in loaded
    assert not {"sqlalchemy", "sqlmodel", "complaint_sla.store", "complaint_sla.work"} & {*loaded}
