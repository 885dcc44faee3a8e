"""An office's sheet by its map: however it is written, it says the same of the same complaints."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_sla.bookshelf import drafts
from complaint_sla.core.errors import BadValue, MapFaults
from complaint_sla.core.sheets.kept import Mended
from complaint_sla.core.sheets.map import Cell, Dates, Encoding, Era, Place, Repair, Several, SheetMap
from complaint_sla.resources import rules
from complaint_sla.store.engine import Store
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.formats import Row
from complaint_sla.work.sheets.mapped import by_map
from complaint_sla.work.sheets.mending import Mender
from complaint_sla.work.sheets.opened import Opened, by_our_heads
from complaint_sla.work.sheets.rows import Reader, Statement
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Line, Merged, Source, Table
from tests.work.sheet_desk import GOOD, write_csv

SHELF = drafts(rules()).shelf
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DESK = Desk(cast("Store", None), SHELF, NOW, lambda: NOW, "nok@pea.example", "nok")
FIRST = datetime(1899, 12, 30)

HEADS = {
    "received_at": "วันที่รับเรื่อง",
    "closed_at": "วันที่ปิด",
    "group": "กลุ่มลูกค้า",
    "category": "ประเภท",
    "subject": "เรื่อง",
    "customer": "ชื่อ",
    "phone": "โทรศัพท์",
    "account": "CA",
    "status": "สถานะ",
    "outcome": "ผล",
}
WORDS = {
    "group": {"บ้านอยู่อาศัย": "residential", "รายสำคัญ": "key-account"},
    "category": {"ไฟดับ": "outage", "ไฟตก": "low-voltage"},
    "status": {"ปิดแล้ว": "closed", "ยกเลิก": "withdrawn", "รอ": "open"},
}
MAP = SheetMap(
    columns={name: Place((head,)) for name, head in HEADS.items()},
    leave_out=("ที่",),
    skip={"ที่": "รวม*"},
    dates=Dates(two_digits=Era.BUDDHIST),
    values=WORDS,
    default={"channel": "phone", "outcome": "ไม่ได้บันทึกไว้"},
    repair=Repair(phone_zero=True, account_zeros=True, several_phones=Several.FIRST),
)


@dataclass(frozen=True)
class Said:
    """One complaint, whatever it is written in."""

    received: datetime
    group: str
    category: str
    subject: str
    customer: str
    phone: str
    account: str
    status: str
    closed: datetime | None
    outcome: str


# As windows-874 has them, too.
TEXT = (
    st.text("กขคงจไฟดับบ่อย ab12/,;|\"'", min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: any(map(str.isalpha, text)))
)
MOMENT = st.datetimes(datetime(2017, 1, 1), datetime(2025, 12, 31)).map(
    lambda one: one.replace(second=0, microsecond=0)
)


@st.composite
def complaints(draw: st.DrawFn) -> Said:
    status = draw(st.sampled_from(list(WORDS["status"])))
    received = draw(MOMENT)
    ended = WORDS["status"][status] != "open"
    return Said(
        received=received,
        group=draw(st.sampled_from(list(WORDS["group"]))),
        category=draw(st.sampled_from(list(WORDS["category"]))),
        subject=draw(TEXT),
        customer=draw(TEXT),
        phone=draw(st.sampled_from(["0812345678", "021234567", ""])),
        account=draw(st.sampled_from(["020000000001", "000123456789", ""])),
        status=status,
        closed=received + timedelta(minutes=draw(st.integers(1, 90_000))) if ended else None,
        outcome=draw(st.sampled_from(["แก้แล้ว", ""])) if ended else "",
    )


def moment(at: datetime | None, how: str) -> Cell:
    if at is None:
        return None
    match how:
        case "buddhist":
            return f"{at.day}/{at.month}/{at.year + 543} {at:%H.%M} น."
        case "short":
            return f"{at.day:02d}-{at.month:02d}-{at.year - 1957:02d} {at:%H:%M}"
        case "common":
            return f"{at:%d/%m/%Y %H:%M:%S}"
        case "cell":
            return at
        case _:
            return (at - FIRST) / timedelta(days=1)


def cells(one: Said, number: int, how: str) -> list[Cell]:
    """As a spreadsheet keeps them, or as a text file has them."""
    typed = how in ("cell", "serial")
    phone = float(one.phone) if typed and one.phone else one.phone.removeprefix("0")
    account = float(one.account) if typed and one.account else one.account.lstrip("0")
    return [
        float(number) if typed else str(number),
        moment(one.received, how),
        moment(one.closed, how),
        *(one.group, one.category, one.subject, one.customer),
        *(phone or None, account or None, one.status, one.outcome or None),
    ]


def lines(said: Sequence[Said], how: str, heads: tuple[int, ...]) -> list[list[Cell]]:
    """A table with titles, heads in one row or in two, a total, a repeated head and blank rows."""
    names: list[Cell] = ["ที่", *HEADS.values()]
    above: list[list[Cell]] = [[], ["รายงานข้อร้องเรียน", *[None] * 10]][: heads[0] - 1]
    above += [[None] * 11] * (heads[0] - 1 - len(above))
    two = [["ที่", *["แฟ้ม"] * 10], [None, *HEADS.values()]] if len(heads) > 1 else [names]
    rows = [cells(one, number, how) for number, one in enumerate(said, 1)]
    return [*above, *two, *rows[:1], two[-1], [None] * 11, *rows[1:], ["รวมทั้งหมด", len(rows), *[None] * 9]]


def map_of(heads: tuple[int, ...]) -> SheetMap:
    if len(heads) == 1:
        return replace(MAP, heads=heads)
    columns = {name: Place((f"แฟ้ม/{head}",)) for name, head in HEADS.items()}
    return replace(MAP, heads=heads, columns=columns)


def statements(opened: Opened, seen: Sequence[Row]) -> list[tuple[object, ...]]:
    reader = Reader(DESK.zone)
    for row in seen:
        reader.count(row)
    rejected: list[object] = []
    found = [
        one
        for together in reader.together(
            opened.rows(), opened.columns, lambda row, why: rejected.append((row, why))
        )
        for one in together
    ]
    assert not rejected
    return sorted(map(meaning, found), key=repr)


def meaning(one: Statement) -> tuple[object, ...]:
    return one.intake, one.urgent, one.end, one.acknowledged_at


def read(source: Source, sheet_map: SheetMap) -> tuple[Opened, list[tuple[object, ...]]]:
    seen: list[Row] = []
    opened = by_map(source, sheet_map, DESK)(seen.append)
    return opened, statements(opened, seen)


def plainly(said: Sequence[Said], folder: Path) -> list[tuple[object, ...]]:
    """The same complaints under our own heads, regular."""
    known = [
        {
            "received_at": one.received.isoformat(),
            "group": WORDS["group"][one.group],
            "category": WORDS["category"][one.category],
            "channel": "phone",
            **{name: getattr(one, name) for name in ("subject", "customer", "phone", "account")},
            "status": WORDS["status"][one.status],
            "closed_at": one.closed.isoformat() if one.closed is not None else "",
            "outcome": (one.outcome or "ไม่ได้บันทึกไว้") if one.closed is not None else "",
        }
        for one in said
    ]
    seen: list[Row] = []
    mender = Mender(SHELF, DESK.zone)
    opened = by_our_heads(write_csv(folder / "plain.csv", known), mender)(seen.append)
    assert not mender.count
    return statements(opened, seen)


def table(rows: Sequence[Sequence[Cell]]) -> Table:
    def through() -> Iterator[Line]:
        return (Line(number, tuple(row)) for number, row in enumerate(rows, 1) if any(row))

    return Table(None, through)


ROWS = st.sampled_from([(1,), (3,), (2, 3)])
SOME = st.lists(complaints(), min_size=1, max_size=4)


@given(SOME, ROWS, st.sampled_from(["cell", "serial", "buddhist", "short", "common"]))
def test_a_table_says_the_same_of_the_same_complaints_whatever_its_cells_are(
    tmp_path_factory, said, heads, how
):
    folder = tmp_path_factory.mktemp("sheet")
    source = Source(folder / "x", (table(lines(said, how, heads)),))
    opened, found = read(source, map_of(heads))
    assert found == plainly(said, folder)
    # The repeated heads and the total.
    assert opened.skipped == 2


@settings(max_examples=40)
@given(
    SOME,
    ROWS,
    st.sampled_from(list(Encoding)),
    st.sampled_from(",;\t|"),
    st.sampled_from(["buddhist", "short"]),
)
def test_a_text_file_says_the_same_in_every_dialect(tmp_path_factory, said, heads, encoding, separator, how):
    folder = tmp_path_factory.mktemp("sheet")
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(lines(said, how, heads))
    codec = {"windows-874": "cp874", "utf-8": "utf-8-sig"}.get(encoding, encoding)
    (folder / "sheet.csv").write_bytes(text.getvalue().encode(codec))
    sheet_map = replace(map_of(heads), encoding=encoding, separator=separator)
    source = open_source(folder / "sheet.csv", encoding=encoding, separator=separator)
    assert read(source, sheet_map)[1] == plainly(said, folder)


@settings(max_examples=4)
@given(SOME, ROWS, st.sampled_from(["cell", "serial", "buddhist"]))
def test_a_workbook_with_a_sheet_a_month_says_the_same(tmp_path_factory, said, heads, how):
    folder = tmp_path_factory.mktemp("sheet")
    with xlsxwriter.Workbook(folder / "sheet.xlsx", {"default_date_format": "d/m/yyyy h:mm"}) as book:
        book.add_worksheet("ปก").write(0, 0, "ข้อร้องเรียน")
        for name, some in (("ม.ค.", said[:1]), ("ก.พ.", said[1:])):
            page = book.add_worksheet(name)
            for number, row in enumerate(lines(some, how, heads)):
                for column, cell in enumerate(row):
                    if cell is not None:
                        page.write(number, column, cell)
    # The cover is passed over where all sheets are meant.
    opened, found = read(open_source(folder / "sheet.xlsx"), map_of(heads))
    assert (opened.tables, found) == (2, plainly(said, folder))


def test_what_was_undone_is_counted_and_what_is_kept_stands_in_the_detail():
    rows: list[list[Cell]] = [
        ["ที่", *HEADS.values()],
        [1, "5/1/2568", None, "รายสำคัญ", "ไฟดับ", "A", "-", 812345678.0, 20000000001.0, "รอ", "รออะไหล่"],
        [2, 45662.0, None, "รายสำคัญ", "ไฟดับ", "B", "ข", "0812345678/0898765432", "123", "", None],
    ]
    opened = by_map(Source(Path("x"), (table(rows),)), MAP, DESK)(lambda _: None)
    seen = list(opened.rows())
    assert opened.repaired == {
        Mended.PHONE_ZERO: 1,
        Mended.ACCOUNT_ZEROS: 2,
        Mended.SEVERAL_PHONES: 1,
        Mended.SERIALS: 1,
    }
    assert seen[0].cells["detail"] == "ผล: รออะไหล่"
    assert not {"outcome", "customer"} & set(seen[0].cells)
    assert seen[1].cells["detail"] == "โทรศัพท์: 0812345678/0898765432"
    assert "status" not in seen[1].cells


@pytest.mark.parametrize(
    ("column", "cell", "key"),
    [
        ("received_at", "1/13/2568", "bad-moment"),
        ("subject", "#N/A", "cell-faulty"),
        ("account", "1.20012E+11", "digits-lost"),
        ("received_at", "1/1/2017 10:70", "bad-moment"),
    ],
)
def test_a_row_that_says_what_can_not_be_is_a_fault_and_the_others_stand(column, cell, key):
    good: list[Cell] = [1, "5/1/2568", None, "รายสำคัญ", "ไฟดับ", "A", None, None, None, "รอ", None]
    bad = list(good)
    bad[1 + list(HEADS).index(column)] = cell
    seen: list[Row] = []
    by_map(Source(Path("x"), (table([["ที่", *HEADS.values()], bad, good]),)), MAP, DESK)(seen.append)
    assert seen[0].fault is not None
    assert seen[0].fault.key == key
    assert seen[1].fault is None


def test_all_in_which_a_map_and_a_sheet_do_not_fit_is_named_at_once():
    heads = ["ที่", *HEADS.values(), "ผู้รับ", "โทรศัพท์"]
    heads[5] = "หัวเรื่อง"
    with pytest.raises(MapFaults) as refused:
        by_map(Source(Path("x.csv"), (table([heads]),)), MAP, DESK)(lambda _: None)
    assert [(one.key, dict(one.values)["value"]) for one in refused.value.faults] == [
        ("fault-no-head", "เรื่อง"),
        ("fault-two-columns", "โทรศัพท์"),
        ("fault-unnamed", "หัวเรื่อง"),
        ("fault-unnamed", "ผู้รับ"),
    ]
    for sheet_map, key in ((replace(MAP, heads=(7,)), "fault-no-head-row"),):
        with pytest.raises(MapFaults) as refused:
            by_map(Source(Path("x.csv"), (table([heads]),)), sheet_map, DESK)(lambda _: None)
        assert refused.value.faults[0].key == key


def test_heads_that_are_merged_across_are_joined_with_those_below():
    rows: list[list[Cell]] = [
        ["ที่", "วันที่", None, *list(HEADS.values())[2:]],
        [None, "รับเรื่อง", "ปิด", *[None] * 8],
        [1, "5/1/2568", None, "รายสำคัญ", "ไฟดับ", "A", None, None, None, "รอ", None],
    ]
    columns = {**MAP.columns, "received_at": Place(("วันที่/รับเรื่อง",)), "closed_at": Place(("วันที่/ปิด",))}
    one = replace(table(rows), merged=(Merged(1, 2, 1, 3),))
    seen: list[Row] = []
    by_map(Source(Path("x"), (one,)), replace(MAP, heads=(1, 2), columns=columns), DESK)(seen.append)
    assert [row.cells["received_at"] for row in seen] == ["2025-01-05"]


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "812345678"},
        {"account": "20000000001"},
        {"group": "กลุ่มที่ 4 ลูกค้าบ้านอยู่อาศัยและกลุ่มอื่น ๆ"},
        {"group": "Group 4: residential and other customers"},
        {"category": "ไฟฟ้าดับ"},
        {"urgent": "ด่วน"},
        {"received_at": "5 มี.ค. 2560 10.00 น."},
        {"received_at": "42799.4166666667"},
        {"email": "-"},
    ],
)
def test_a_complaint_has_the_same_id_however_it_is_written(tmp_path, change):
    known = GOOD | {"phone": "0812345678", "account": "020000000001", "urgent": "true", "email": ""}
    found = []
    for number, row in enumerate((known, known | change)):
        seen: list[Row] = []
        path = write_csv(tmp_path / f"{number}.csv", [row])
        found.append(statements(by_our_heads(path, Mender(SHELF, DESK.zone))(seen.append), seen))
    assert found[0] == found[1]


def test_a_title_that_is_another_key_in_each_of_two_books_is_refused(tmp_path):
    """Which of them is meant only the day of receipt could tell, and a word may not change its meaning with it."""
    book = (rules() / "pea-2560.toml").read_text(encoding="utf-8")
    later = book.replace('"pea-2560"', '"pea-2570"').replace("2017-01-01", "2027-01-01")
    (tmp_path / "one.toml").write_text(book, encoding="utf-8")
    (tmp_path / "two.toml").write_text(later.replace('key = "outage"', 'key = "power-cut"'), encoding="utf-8")
    mender = Mender(drafts(tmp_path).shelf, DESK.zone)
    with pytest.raises(BadValue, match="title-of-several") as refused:
        mender.cells({"category": "ไฟฟ้าดับ"})
    assert set(refused.value.values["known"]) == {"outage", "power-cut"}
    assert mender.cells({"category": "power-cut"})[0]["category"] == "power-cut"
