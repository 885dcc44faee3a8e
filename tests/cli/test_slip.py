"""The slip that a customer at the counter takes home."""

from __future__ import annotations

import pytest

from complaint_sla.wording.width import cells_wide
from tests.cli.runner import Program

NOW = "2026-11-28 10:00"


@pytest.fixture
def counter(sqlite_program: Program) -> Program:
    sqlite_program(
        "office", "set", "MAIN", "--name-th", "การไฟฟ้าส่วนภูมิภาคอำเภอบ้านสร้าง", "--name-en", "Ban Sang branch"
    )
    return sqlite_program


# Without the line that says so of a rehearsal; on a real one there are dashes.
SLIPS = {
    "en": """\
Ban Sang branch
Complaint no.  C-6911-00001
Say            6911-1
Received on    28 Nov 2026 10:00
About          Power outage
Answer by      18 December 2026
Telephone      08x-xxx-5678
Ask at         1129
""",
    "th": """\
การไฟฟ้าส่วนภูมิภาคอำเภอบ้านสร้าง
เลขที่เรื่อง    C-6911-00001
แจ้งเลข      6911-1
วันที่รับเรื่อง   28 พ.ย. 2569 10:00 น.
เกี่ยวกับ      ไฟฟ้าดับ
แจ้งผลภายใน  18 ธันวาคม 2569
โทรศัพท์      08x-xxx-5678
สอบถาม      1129
""",
}


def test_the_slip_says_what_the_customer_needs_and_not_who_it_is(counter: Program, lang: str) -> None:
    said = [
        "--customer",
        "สมชาย ใจดี",
        "--phone",
        "0812345678",
        "--account",
        "020012345678",
        "--detail",
        "บ้านเลขที่ 5",
    ]
    number = counter.number("industrial-commercial", "--subject", "ไฟดับ โทร 081-234-5678", *said, now=NOW)
    assert counter("show", number, "--slip", now=NOW, lang=lang).out == SLIPS[lang]


def test_a_slip_has_twelve_lines_of_forty_columns_at_most_whatever_stands_on_it(
    counter: Program, lang: str, tmp_path: object
) -> None:
    long = "สำนักงานที่มีชื่อยาวมาก " * 6
    counter("office", "set", "MAIN", "--name-th", long, "--name-en", "An office with a long name " * 5)
    number = counter.number("residential", "--category", "other", "--phone", "021234567", now=NOW)
    counter("close", number, "--outcome", "x", now=NOW)
    lines = counter("show", number, "--slip", now=NOW, lang=lang).out.splitlines()
    assert len(lines) < 12
    assert max(map(cells_wide, lines)) <= 40
    assert lines[1].endswith("…")


def test_a_slip_is_text_and_of_one_form(counter: Program) -> None:
    number = counter.number(now=NOW)
    for other in ("--json", "--contact"):
        assert "--slip" in counter("show", number, "--slip", other, code=2).err
