"""The map of a sheet as a file: what was written is what is read, and every fault is named at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue, MapFaults
from complaint_sla.core.sheets.map import (
    COLUMNS,
    JOINED,
    REQUIRED,
    Dates,
    Encoding,
    Era,
    Order,
    Place,
    Repair,
    Several,
    SheetMap,
)
from complaint_sla.core.sheets.mapfile import DEFAULTS, SEPARATORS, read_map
from complaint_sla.core.sheets.mapwriting import write_map
from complaint_sla.core.sheets.setting import altered, defaults
from complaint_sla.core.sheets.words import DATES, form
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.work.sheets import rows

KEYS = {"group": ["residential", "spp-area"], "channel": ["phone", "line"]}
SMALL = """
format = 1
[columns]
received_at = { head = "วันที่รับ", time = "เวลา" }
group = "กลุ่ม"
category = "ประเภท"
subject = "เรื่อง"
detail = ["หมายเหตุ", "อื่น ๆ"]
status = "สถานะ"
leave_out = ["ที่"]
[values.group]
"บ้าน" = "residential"
[values.status]
"ปิดแล้ว" = "closed"
"" = "open"
[default]
channel = "phone"
"""

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text
)


@st.composite
def maps(draw: st.DrawFn) -> SheetMap:
    heads = iter(
        draw(st.lists(TEXT, min_size=14, max_size=14, unique_by=lambda text: " ".join(text.split())))
    )
    names = [
        *REQUIRED,
        *draw(st.lists(st.sampled_from(sorted(set(COLUMNS) - set(REQUIRED))), max_size=4, unique=True)),
    ]
    columns = {}
    for name in names:
        several = (next(heads), next(heads)) if name in ("detail", "outcome") else (next(heads),)
        time = draw(st.booleans()) if name == "received_at" else False
        columns[name] = Place(several, next(heads) if time else None)
    free = st.dictionaries(TEXT, st.text("abc", min_size=1, max_size=5), min_size=1, max_size=3)
    words = {}
    for name in sorted({"group", "category", "channel", "office", "owner"} & set(columns)):
        found = draw(free)
        # Words of one form mean one thing.
        if len({form(word) for word in found}) == len(found):
            words[name] = found
    first = draw(st.integers(1, 30))
    return SheetMap(
        columns=columns,
        leave_out=tuple(list(heads)[:1]),
        encoding=draw(st.sampled_from([None, *Encoding])),
        separator=draw(st.sampled_from([None, *SEPARATORS])),
        sheets=draw(st.one_of(st.none(), st.lists(TEXT, min_size=1, max_size=3, unique=True).map(tuple))),
        heads=draw(st.sampled_from([(first,), (first, first + 1)])),
        skip=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        dates=Dates(
            draw(st.sampled_from(Order)),
            draw(st.sampled_from(Era)),
            draw(st.sampled_from([None, Era.BUDDHIST, Era.COMMON])),
            draw(st.booleans()),
        ),
        values=words,
        default=draw(st.dictionaries(st.sampled_from(["subject", "outcome", "office"]), TEXT, max_size=2)),
        repair=Repair(draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([None, *Several]))),
    )


@given(
    maps(),
    st.lists(st.tuples(st.sampled_from(["columns.channel", "values.group", "x"]), st.text()), max_size=3),
)
def test_a_map_that_was_written_is_read_as_it_was_with_its_open_questions(sheet_map, questions):
    text = write_map(sheet_map, questions, {"": "หัวเรื่อง\nsecond", "sheet.heads": "a\rb"})
    assert read_map(text, "map.toml") == sheet_map
    assert text.count("\n# ? ") + text.count("\n# ?\n") == len(questions)


def test_a_map_as_it_is_written_by_hand():
    found = read_map(SMALL, "map.toml", KEYS)
    assert found.columns["received_at"] == Place(("วันที่รับ",), "เวลา")
    assert found.columns["detail"].heads == ("หมายเหตุ", "อื่น ๆ")
    assert (found.heads, found.sheets, found.dates.order) == ((1,), None, Order.DAY_FIRST)
    assert found.values["status"] == {"ปิดแล้ว": "closed", "": "open"}


FAULTS = [
    ("format = 1", "format = 2", "format", "fault-format"),
    ("[columns]", "[sheet]\nencoding = 'cp874'\n[columns]", "sheet.encoding", "fault-choice"),
    ("[columns]", "[sheet]\nseparator = ':'\n[columns]", "sheet.separator", "fault-separator"),
    ("[columns]", "[sheet]\nheads = [5, 4]\n[columns]", "sheet.heads", "fault-heads"),
    ("[columns]", "[sheet]\nheads = 0\n[columns]", "sheet.heads", "fault-heads"),
    ("[columns]", "[sheet]\nskip = { 'a' = 1 }\n[columns]", "sheet.skip.a", "fault-type"),
    ("[columns]", "[sheets]\n[columns]", "sheets", "fault-unknown-key"),
    ("[columns]", "[dates]\nswapped = 1\n[columns]", "dates.swapped", "fault-type"),
    ("[columns]", "[dates]\ntwo_digits = 'by-size'\n[columns]", "dates.two_digits", "fault-choice"),
    ("[columns]", "[repair]\nphone_zeros = true\n[columns]", "repair.phone_zeros", "fault-unknown-key"),
    ("category =", "categry =", "columns.categry", "fault-unknown-key"),
    ("category = ", "# ", "columns.category", "fault-nowhere"),
    ("received_at = ", "closed_at = ", "columns.received_at", "fault-no-receipt"),
    ('"เรื่อง"', '"กลุ่ม"', "columns.subject", "fault-head-twice"),
    ('["ที่"]', '["สถานะ"]', "columns.leave_out[1]", "fault-head-twice"),
    ('"กลุ่ม"', '["กลุ่ม", "กลุ่มย่อย"]', "columns.group", "fault-one-head"),
    ('"เรื่อง"', '{ head = "เรื่อง", time = "x" }', "columns.subject.time", "fault-no-time"),
    ('"เรื่อง"', '""', "columns.subject", "fault-empty"),
    ('"residential"', '"residental"', "values.group.บ้าน", "fault-choice"),
    ('"residential"', '""', "values.group.บ้าน", "fault-empty"),
    ('"closed"', '"duplicate"', "values.status.ปิดแล้ว", "fault-duplicate"),
    ('"ปิดแล้ว" = "closed"', '"ปิดแล้ว" = "closed"\n"ปิด แล้ว" = "open"', "values.status.ปิด แล้ว", "fault-claimed"),
    ("status = ", "# ", "values.status", "fault-no-column"),
    ("[values.status]", "[values.statsu]\n[values.status]", "values.statsu", "fault-unknown-key"),
    ('channel = "phone"', 'channel = "fone"', "default.channel", "fault-choice"),
    ('channel = "phone"', 'channel = "phone"\nphone = "1129"', "default.phone", "fault-no-default"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "place", "key"), FAULTS)
def test_a_fault_of_a_map_has_its_place_and_its_cure(before, after, place, key):
    with pytest.raises(MapFaults) as refused:
        read_map(SMALL.replace(before, after, 1), "map.toml", KEYS)
    assert (place, key) in [(one.place, one.key) for one in refused.value.faults]
    assert refused.value.exit_code == 2
    for language in ("th", "en"):
        assert place in message(Words(language), refused.value, None)


def test_all_faults_of_a_map_are_named_at_once():
    faulty = SMALL
    changes = [one for one in FAULTS if one[3] in ("fault-choice", "fault-unknown-key", "fault-one-head")]
    for before, after, _, _ in changes[-4:]:
        faulty = faulty.replace(before, after, 1)
    with pytest.raises(MapFaults) as refused:
        read_map(faulty, "map.toml", KEYS)
    assert len(refused.value.faults) >= 4


def test_what_is_no_toml_is_a_fault_and_no_end():
    for text in ("", "format = ", "format = 1\n[columns]\nsubject = " + "[" * 2000, "a" * 600_000):
        with pytest.raises(MapFaults):
            read_map(text, "map.toml")


def test_a_map_knows_all_columns_of_a_sheet():
    assert set(COLUMNS) == set(rows.COLUMNS)
    assert REQUIRED == rows.REQUIRED
    assert set(DATES) | set(JOINED) | set(DEFAULTS) < set(COLUMNS)


def test_what_is_said_beside_a_map_stands_for_what_it_says():
    said = ["channel=line", "swapped=true", "order=month-day-year", "phone_zero=true", "separator=\\t"]
    found = altered(read_map(SMALL, "map.toml"), said, KEYS)
    assert (found.default["channel"], found.separator) == ("line", "\t")
    assert (found.dates.swapped, found.dates.order, found.repair.phone_zero) == (
        True,
        Order.MONTH_FIRST,
        True,
    )
    assert defaults(["channel=line"], KEYS) == {"channel": "line"}


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("channel", "set-form"),
        ("channel=", "set-form"),
        ("channel=fone", "set-value"),
        ("chanel=phone", "set-unknown"),
        ("phone=1129", "set-no-default"),
        ("swapped=yes", "set-value"),
        ("separator=:", "set-value"),
    ],
)
def test_what_can_not_be_said_beside_a_map_is_refused(setting, key):
    with pytest.raises(BadValue) as refused:
        altered(read_map(SMALL, "map.toml"), [setting], KEYS)
    assert refused.value.key == key
    assert re.sub(r"\W", "", message(Words("th"), refused.value, None))


def test_a_setting_of_a_map_needs_one():
    with pytest.raises(BadValue) as refused:
        defaults(["swapped=true"], KEYS)
    assert refused.value.key == "set-needs-map"
