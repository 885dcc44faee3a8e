"""What a sheet as offices keep it tells of itself, what has to be asked of it, and what is refused."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.bookshelf import drafts
from complaint_sla.core.calendars import local_day, parse_moment
from complaint_sla.core.errors import BadValue, MapFaults
from complaint_sla.core.sheets import facts
from complaint_sla.core.sheets.guess import answered, guess, taken_back
from complaint_sla.core.sheets.guessed import File, Guess, Told
from complaint_sla.core.sheets.heads import find, score
from complaint_sla.core.sheets.map import Cell, Encoding, Era, Order, Several, SheetMap
from complaint_sla.core.sheets.mapfile import read_map
from complaint_sla.core.sheets.mapwriting import write_map
from complaint_sla.core.sheets.words import Known, form, meaning
from complaint_sla.resources import rules
from complaint_sla.store.engine import Store
from complaint_sla.wording import Words
from complaint_sla.wording.guess import in_map
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.mapped import by_map
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Line, Merged, Source, Table

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILES = Path(__file__).parent / "files"
SHELF = drafts(rules()).shelf
KNOWN = Known(
    SHELF,
    {"BANSANG": ("การไฟฟ้าส่วนภูมิภาคสาขาบ้านสร้าง", "Ban Sang"), "PRACHIN": ("กฟจ.ปราจีนบุรี", "Prachin Buri")},
    {"nok@pea.example": ("นก ศรีสุข",)},
    "BANSANG",
)


# What a map needs of a desk: its books.
DESK = Desk(cast("Store", None), SHELF, NOW, lambda: NOW, "nok@pea.example", "nok")


def guess_of(name: str, answers: Mapping[str, str] | None = None, known: Known = KNOWN) -> Guess:
    source = open_source(FILES / name, score=score)
    file = File(Encoding(source.encoding) if source.encoding else None, source.separator)
    return guess(file, facts.see(source.tables), known, answers or {})


def of(*rows: Sequence[Cell], known: Known = KNOWN, merged: tuple[Merged, ...] = (), **answers: str) -> Guess:
    lines = [Line(number, tuple(cells)) for number, cells in enumerate(rows, 1) if any(cells)]
    table = Table(None, lambda: iter(lines), merged)
    return guess(File(), facts.see([table]), known, answers)


def told(found: Guess) -> dict[Told, object]:
    return {
        one.told: next(iter(one.values.values()), None) if len(one.values) == 1 else one.values
        for one in found.remarks
    }


def asked(found: Guess) -> list[str]:
    return [one.key for one in found.questions]


def answer(found: Guess, *answers: str) -> Guess:
    for one in answers:
        found = answered(found, found.questions[0], one)
    return found


OFFICE = "all-rows:office"
# Each sheet with what is asked about it.
QUESTIONS = {
    "office-cp874.csv": ["two-digits", OFFICE],
    "titled-semicolons.csv": ["two-digits", OFFICE],
    "merged-heads.xlsx": ["column:channel", OFFICE],
    "thai-dates.csv": ["two-digits", "word:category:หม้อแปลง", OFFICE],
    "a-sheet-a-month.xlsx": ["column:channel"],
    "voc-export.csv": ["word:group:ราชการ", "word:status:ส่งต่อ กฟจ.", OFFICE, "rest"],
    "tabs-utf16.txt": ["order", "word:category:Billing"],
    "dirty-cells.csv": ["column:channel", "word:group:?", "word:category:ค่าไฟ", OFFICE, "all-rows:outcome"],
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_of_each_kind_of_sheet_only_what_it_does_not_tell_is_asked(name: str) -> None:
    assert asked(guess_of(name)) == QUESTIONS[name]


def test_old_encodings_separators_titles_and_totals_are_found() -> None:
    plain, titled = guess_of("office-cp874.csv"), guess_of("titled-semicolons.csv")
    assert (plain.map.encoding, plain.map.separator, plain.map.heads) == (Encoding.WINDOWS_874, ",", (1,))
    assert (titled.map.encoding, titled.map.separator, titled.map.heads) == (Encoding.UTF_8, ";", (3,))
    assert titled.map.skip == {"ลำดับ": "รวม*"}
    tabs = guess_of("tabs-utf16.txt")
    assert (tabs.map.encoding, tabs.map.separator) == (Encoding.UTF_16, "\t")

    settled = answer(plain, "1", "")
    assert not settled.questions
    assert settled.map.dates.two_digits is Era.BUDDHIST
    assert settled.map.dates.order is Order.DAY_FIRST
    assert settled.map.default == {"office": "BANSANG"}
    assert settled.map.repair.phone_zero
    assert settled.map.repair.account_zeros
    assert settled.map.leave_out == ("ลำดับ",)
    assert settled.map.values["channel"] == {
        "โทรศัพท์": "phone", "1129": "contact-center", "LINE": "line", "หนังสือ": "letter", "เดินเข้า": "walk-in",
    }  # fmt: skip
    # Who does not answer has these rows rejected.
    assert answer(plain, "", "").map.dates.two_digits is None


def test_heads_in_two_rows_are_joined_where_cells_are_merged() -> None:
    found = guess_of("merged-heads.xlsx")
    assert found.map.heads == (4, 5)
    assert {name: place.heads[0] for name, place in found.map.columns.items()} == {
        "received_at": "วันที่/รับเรื่อง",
        "closed_at": "วันที่/ปิด",
        "customer": "ลูกค้า/ชื่อ",
        "phone": "ลูกค้า/โทรศัพท์",
        "account": "ลูกค้า/CA",
        "group": "กลุ่มลูกค้า",
        "category": "ประเภท",
        "subject": "เรื่อง",
        "outcome": "ผลการดำเนินการ",
        "status": "สถานะ",
    }
    assert answer(found, "โทรศัพท์สำนักงาน").map.default["channel"] == "phone"
    # The same, saved as text: nothing says any more what was merged.
    upper = ["ลำดับ", "วันที่", "", "ลูกค้า", "", "", "กลุ่มลูกค้า", "เรื่อง"]
    lower = ["", "รับเรื่อง", "ปิด", "ชื่อ", "โทรศัพท์", "CA", "", ""]
    heads = find([Line(1, tuple(upper)), Line(2, tuple(lower))])
    assert heads is not None
    assert heads.texts == (
        "ลำดับ", "วันที่/รับเรื่อง", "วันที่/ปิด", "ลูกค้า/ชื่อ", "ลูกค้า/โทรศัพท์", "ลูกค้า/CA", "กลุ่มลูกค้า", "เรื่อง",
    )  # fmt: skip


def test_parts_of_a_table_say_which_of_two_equal_heads_is_which() -> None:
    """A text file does not say which cells are one. Without a head for the day of receipt a total is one all the same."""
    rows: list[list[Cell]] = [
        ["ที่", "การรับเรื่อง", None, "ผู้ร้อง", "ข้อร้องเรียน", None, "การแก้ไข", None],
        [None, "วันที่", "เวลา", "ชื่อ", "ประเภท", "เรื่อง", "วันที่", "ผล"],
        [1, "15/1/2568", "9.30", "ก", "ไฟดับ", "A", "16/1/2568", "แก้"],
        [2, "16/1/2568", "9.45", "ข", "ไฟดับ", "B", None, None],
        [None, "รวม", 2],
    ]
    found = of(*rows)
    received = found.map.columns["received_at"]
    assert (found.map.heads, received.heads, received.time) == ((1, 2), ("การรับเรื่อง/วันที่",), "การรับเรื่อง/เวลา")
    assert (found.rows, found.map.columns["subject"].heads) == (2, ("ข้อร้องเรียน/เรื่อง",))
    # What is a time of day already is offered for nothing else.
    group = next(one for one in found.questions if one.name == "group")
    assert "การรับเรื่อง/เวลา" not in [one.key for one in group.choices]
    unnamed = of(
        ["ที่", "วันเกิดเหตุ", "กลุ่มลูกค้า", "ประเภท", "เรื่อง"],
        *[[n, "15/1/2568", "บ้าน", "ไฟดับ", "A"] for n in (1, 2)],
        ["รวม", 45000],
    )
    assert (unnamed.rows, unnamed.map.skip) == (2, {"ที่": "รวม*"})


def test_a_hidden_sheet_is_passed_over_as_what_it_is() -> None:
    lines = [Line(1, ("วันที่รับเรื่อง", "กลุ่มลูกค้า", "เรื่อง")), Line(2, ("15/1/2568", "บ้าน", "A"))]
    tables = [Table(name, lambda: iter(lines), (), is_hidden=name == "ลับ") for name in ("ปี", "ลับ")]
    found = guess(File(), facts.see(tables), KNOWN)
    assert (found.map.sheets, told(found)[Told.HIDDEN]) == (("ปี",), ["ลับ"])
    assert Told.PASSED not in told(found)


def test_a_sheet_a_month_is_one_table_and_what_is_none_is_named() -> None:
    found = guess_of("a-sheet-a-month.xlsx")
    assert found.map.sheets == ("ม.ค.68", "ก.พ.68", "มี.ค.68")
    assert told(found)[Told.PASSED] == ["ปก", "สรุป"]
    assert found.map.columns["subject"].heads == ("รายละเอียด",)
    assert found.map.values["office"] == {"กฟส.บ้านสร้าง": "BANSANG"}


def test_times_of_their_own_thai_dates_and_more_than_one_telephone() -> None:
    thai = guess_of("thai-dates.csv")
    assert (thai.map.columns["received_at"].heads, thai.map.columns["received_at"].time) == (
        ("วันที่รับแจ้ง",),
        "เวลา",
    )
    export = guess_of("voc-export.csv")
    assert export.map.heads == (7,)
    assert export.map.columns["external_id"].heads == ("เลขที่ VOC",)
    assert export.map.repair.several_phones is Several.FIRST
    # A column without a meaning goes into the detail, or nowhere.
    assert answer(export, "", "", "", "").map.columns["detail"].heads == ("รายละเอียดเรื่อง", "คะแนนความพึงพอใจ")
    assert answer(export, "", "", "", "1").map.leave_out == ("ลำดับ", "คะแนนความพึงพอใจ")
    # What was not answered stands in no map; what was does.
    assert "ราชการ" not in answer(export, "", "", "", "").map.values["group"]
    assert answer(export, "4", "closed", "", "").map.values["status"]["ส่งต่อ กฟจ."] == "closed"


@pytest.mark.parametrize(
    ("name", "key"), [("swapped-days.xlsx", "dates-swapped"), ("counts-only.xlsx", "only-counts")]
)
def test_days_that_were_swapped_and_tables_of_counts_are_refused(name: str, key: str) -> None:
    with pytest.raises(BadValue, match=key):
        guess_of(name)


def test_whoever_says_that_days_are_swapped_is_heard() -> None:
    found = guess_of("swapped-days.xlsx", {"swapped": "true"})
    assert found.map.dates.swapped
    assert asked(found) == [OFFICE]
    assert found.map.columns["external_id"].heads == ("external_id",)


HEAD = ("วันที่รับเรื่อง", "กลุ่มลูกค้า", "ประเภท", "เรื่อง", "ช่องทาง", "การไฟฟ้า")


def row(day: Cell, group: Cell = "บ้าน") -> tuple[Cell, ...]:
    return day, group, "ไฟดับ", "ไฟดับ", "โทร", "BANSANG"


@pytest.mark.parametrize(
    ("days", "order", "asks"),
    [
        (["3/4/2025", "13/4/2025"], Order.DAY_FIRST, []),
        (["3/4/2025", "4/13/2025"], Order.MONTH_FIRST, []),
        (["3/4/2025", "13/4/2025", "4/13/2025"], None, ["order"]),
        (["3/4/2025"], None, ["order"]),
        (["4/4/2025"], Order.DAY_FIRST, []),
        (["3/4/2568"], Order.DAY_FIRST, []),
        # Some rows came from a system of another era: what they mean is told by none of the others.
        (["3/4/2568", "3/4/2025"], None, ["order"]),
        (["3/4/2568", "4/13/2568"], None, ["order"]),
        (["3/4/68"], None, ["two-digits"]),
        (["2025-04-03", "3 เม.ย. 2568", date(2025, 4, 3), 45750], Order.DAY_FIRST, []),
    ],
)
def test_day_and_month_are_told_by_a_number_that_is_no_month_or_asked(
    days: list[Cell], order: Order | None, asks: list[str]
) -> None:
    found = of(HEAD, *map(row, days))
    assert asked(found) == asks
    if order is not None:
        assert found.map.dates.order is order


def test_years_of_two_digits_settle_the_order_only_in_the_buddhist_era() -> None:
    found = of(HEAD, row("3/4/68"))
    assert asked(answer(found, "พ.ศ.")) == []
    assert asked(answer(found, "2")) == ["order"]
    assert answer(found, "2", "m/d").map.dates.order is Order.MONTH_FIRST
    # The way back.
    assert asked(taken_back(answer(found, "2"), found.questions[0])) == ["two-digits"]


def test_a_running_number_names_no_complaint_and_a_number_of_several_rows_neither() -> None:
    head = ("เลขที่เรื่อง", *HEAD)
    days = ["13/4/2568", "14/4/2568", "15/4/2568"]
    runs = of(head, *((number, *row(day)) for number, day in enumerate(days, 1)))
    assert "external_id" not in runs.map.columns
    assert runs.map.leave_out == ("เลขที่เรื่อง",)
    assert told(runs)[Told.ID_RUNS] == "เลขที่เรื่อง"
    repeated = of(head, *((number, *row(day)) for number, day in zip(["a", "b", "a"], days, strict=True)))
    assert repeated.map.columns["detail"].heads == ("เลขที่เรื่อง",)
    assert Told.ID_REPEATED in told(repeated)
    # Of a register that counts through the year, and where whole rows stand there twice.
    named = of(head, *((f"6800{n}", *row(day)) for n, day in enumerate([*days, days[-1]], 1)))
    twice = of(head, ("a", *row(days[0])), ("b", *row(days[1])), ("a", *row(days[0])))
    assert "external_id" in named.map.columns
    assert "external_id" in twice.map.columns


def test_two_columns_for_one_meaning_are_asked_or_refused() -> None:
    head = ("วันที่แจ้ง", *HEAD)
    found = of(head, ("12/4/2568", *row("13/4/2568")))
    assert asked(found) == ["column:received_at", "rest"]
    settled = answer(found, "2")
    assert settled.map.columns["received_at"].heads == ("วันที่รับเรื่อง",)
    assert asked(settled) == ["column:closed_at", "rest"]
    assert asked(answer(settled, "")) == ["rest"]
    with pytest.raises(BadValue, match="head-twice"):
        of(("วันที่รับเรื่อง", *HEAD), ("12/4/2568", *row("13/4/2568")))


def test_a_day_of_receipt_that_nobody_named_is_asked_for_and_none_at_all_refused() -> None:
    found = of(("วันที่", *HEAD[1:]), row("13/4/2568"))
    assert asked(found) == ["column:received_at", "rest"]
    assert answer(found, "1").map.columns["received_at"].heads == ("วันที่",)
    with pytest.raises(BadValue, match="no-receipt"):
        of(HEAD[1:], row("")[1:])
    with pytest.raises(BadValue, match="no-heads"):
        of(("a", "b"), ("c", "d"))


def test_rows_of_a_subject_that_begins_like_a_total_are_no_totals() -> None:
    head = ("เรื่อง", "วันที่รับเรื่อง", "กลุ่มลูกค้า", "ประเภท", "ช่องทาง", "การไฟฟ้า")
    found = of(head, ("รวมสายไฟไม่เรียบร้อย", "13/4/2568", "บ้าน", "ไฟดับ", "โทร", "BANSANG"), ("รวม", "1"))
    assert found.map.skip == {}
    repeated = of(HEAD, row("13/4/2568"), HEAD, ("รวม", "1"))
    assert repeated.map.skip == {"วันที่รับเรื่อง": "รวม*"}
    assert told(repeated)[Told.REPEATED_HEADS] == 1


def test_bad_answers_are_refused_with_what_may_be_answered() -> None:
    found = of(HEAD, row("13/4/2568", "ราชการ"))
    question = found.questions[0]
    for wrong in ("9", "ไม่มีทาง", "ลูกค้า"):
        with pytest.raises(BadValue, match=r"none-of-them|ambiguous"):
            answered(found, question, wrong)
    # As it is typed with the Thai keyboard on; by its number, a part of its title, its key.
    for right in ("ภ", "4", "บ้านอยู่", "residential"):
        assert answered(found, question, right).map.values["group"]["ราชการ"] == "residential"
    with pytest.raises(BadValue, match="answer-needed"):
        answered(of(HEAD, row("3/4/2025")), of(HEAD, row("3/4/2025")).questions[0], "")


def test_no_word_means_two_things() -> None:
    """Of our own lists, and with the rule book's; what may be two, such as a transformer, is none of them."""
    for name in ("group", "category", "channel", "status", "urgent"):
        keys = KNOWN.keys(name)
        for term in KNOWN.terms(name) if name in {"group", "category", "channel"} else ():
            assert keys[form(term.title.th)] == keys[form(term.title.en)] == term.key
    assert not {form(one) for one in ("หม้อแปลง", "ค่าไฟ", "มิเตอร์", "ไฟฟ้า")} & set(KNOWN.keys("category"))
    assert "ดำเนินการแล้ว" not in KNOWN.keys("status")
    assert [KNOWN.keys("group")[one] for one in ("1", "กลุ่มที่2", "กลุ่ม3", "group4")] == [
        "spp-area", "key-account", "industrial-commercial", "residential",
    ]  # fmt: skip
    assert meaning("ผู้รับเรื่อง/ชื่อ") is None
    assert meaning("วันที่") is None


def taken(by: SheetMap, days: Sequence[str], rows: Sequence[tuple[date, str, str]]) -> list[tuple[int, str]]:
    """Which rows a map finds nothing wrong with, by their number, and on which day they were received."""
    cells = [HEAD, *(row(day, group) for day, (_, _, group) in zip(days, rows, strict=True))]
    lines = [Line(number, tuple(one)) for number, one in enumerate(cells, 1)]
    opened = by_map(Source(Path("x.csv"), (Table(None, lambda: iter(lines)),)), by, DESK)(lambda _: None)
    found = []
    for one in opened.rows():
        if one.fault is None and one.cells["group"] in {term.key for term in KNOWN.terms("group")}:
            with suppress(BadValue):
                received_at = parse_moment(one.cells["received_at"], DESK.zone)
                found.append((one.line - 2, local_day(received_at, DESK.zone).isoformat()))
    return found


UNKNOWN = st.text(string.ascii_lowercase, min_size=9, max_size=12).map("zz{}".format)
GROUPS = st.one_of(st.sampled_from(["บ้าน", "รายสำคัญ", "SPP", "กลุ่มที่ 3", "4"]), UNKNOWN)
A_DAY = st.dates(date(2020, 1, 1), date(2026, 1, 1))


@given(
    st.lists(st.tuples(A_DAY, st.sampled_from(["ce", "be", "short"]), GROUPS), min_size=1, max_size=8),
    st.data(),
)
def test_nothing_stands_in_the_map_that_could_be_two_things(
    rows: list[tuple[date, str, str]], data: st.DataObject
) -> None:
    """Unknown words, dates that may be two days, years of two digits: each is open until it is answered, and stays out."""
    forms = {"ce": "%-d/%-m/%Y", "be": "%-d/%-m/", "short": "%-d/%-m/"}
    written = [
        day.strftime(forms[kind])
        + {"ce": "", "be": f"{day.year + 543}", "short": f"{(day.year + 543) % 100:02}"}[kind]
        for day, kind, _ in rows
    ]
    found = of(HEAD, *(row(text, group) for text, (_, _, group) in zip(written, rows, strict=True)))
    unknown = {group for _, _, group in rows if group.startswith("zz")}
    assert {one.word for one in found.questions if one.name == "group"} == unknown
    assert not set(found.map.values.get("group", {})) & unknown
    assert ("two-digits" in asked(found)) == any(kind == "short" for _, kind, _ in rows)
    assert found.map.dates.two_digits is None
    plainly = any(day.day > 12 for day, _, _ in rows)
    in_doubt = any(kind == "ce" and day.day != day.month for day, kind, _ in rows)
    assert ("order" in asked(found)) == (in_doubt and not plainly)
    # Where nobody has answered, and by the map that says so.
    text = write_map(found.map, in_map(Words("en"), found.questions))
    if "order" in asked(found):
        with pytest.raises(MapFaults):
            read_map(text, "map")
    else:
        assert read_map(text, "map") == found.map
        assert {row for row, _ in taken(found.map, written, rows)} == {
            number
            for number, (_, kind, group) in enumerate(rows)
            if kind != "short" and not group.startswith("zz")
        }
    while found.questions:
        question = found.questions[0]
        text = "1" if question.default is None else data.draw(st.sampled_from(["", "1"]))
        found = answered(found, question, text)
    by_day_first = found.map.dates.order is Order.DAY_FIRST
    for number, day in taken(found.map, written, rows):
        of_row, kind, group = rows[number]
        assert not group.startswith("zz") or found.answers[f"word:group:{group}"]
        assert kind != "short" or found.answers["two-digits"]
        assert not by_day_first or day == of_row.isoformat()
    given_words = {word for word in unknown if found.answers[f"word:group:{word}"]}
    assert set(found.map.values.get("group", {})) & unknown == given_words


def test_a_long_table_is_gone_through_in_little_memory() -> None:
    """A column of texts is not kept: no more than its first so many words are."""
    first = date(2020, 1, 1)

    def lines() -> Sequence[Line]:
        yield Line(1, ("เลขที่คำร้อง", *HEAD))  # type: ignore[misc]
        for number in range(2, 20_000):
            day = first + timedelta(days=number % 1000)
            yield Line(number, (f"VOC-{number}", *row(day.strftime("%d/%m/%Y")), f"text {number}"))

    seen = facts.see([Table(None, lambda: iter(lines()))])
    (sight,) = seen.sights
    assert sight.rows == 19_998
    assert max(len(one.words) for one in sight.columns) <= facts.MOST_WORDS
    assert "external_id" in guess(File(), seen, KNOWN).map.columns
