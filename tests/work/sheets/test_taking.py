"""What an import says of itself, and what it leaves to a person: ids that were changed, ends forgotten, quarters past."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_sla.core.roster import Role
from complaint_sla.core.sheets.alike import alike
from complaint_sla.store.alerts import AlertState
from complaint_sla.work.figures import freeze
from complaint_sla.work.sheets.exchange import Imported, import_file
from complaint_sla.work.sheets.formats import Row
from complaint_sla.work.sheets.mending import Mender
from complaint_sla.work.sheets.opened import Look, Opened, by_our_heads
from tests.work.desks import House, verify_chains
from tests.work.sheet_desk import GOOD, standing, the_ledger, write_csv, write_jsonl

JUNE = "2017-06-01 12:00"
ENDED = {"closed_at": "2017-03-10 09:00", "outcome": "ซ่อมแล้ว"}


def take(house: House, folder: Path, *rows: dict[str, object], **options: object) -> Imported:
    return import_file(house.desk, write_csv(folder / "sheet.csv", rows), **options)  # type: ignore[arg-type]


def keys(done: Imported) -> list[str]:
    return [one.error.key for one in done.rejected]


# --- ids that a spreadsheet has changed

SAME = [
    ("00123", "123", "0123", "123.0", "๑๒๓", "'00123", "\u00a0123", "1\u200b23"),
    ("voc-007", "VOC-7", "VOC-007", "Voc-07"),
    ("1234567", "1,234,567", "01234567"),
]


def test_ids_are_alike_that_a_spreadsheet_makes_of_one_another_and_no_others() -> None:
    for names in SAME:
        assert len({alike(one) for one in names}) == 1, names
    others = ("123", "1230", "1203", "12.3", "123.5", "A-123", "A123", "", "0", "10", "100")
    assert len({alike(one) for one in others}) == len(others)


def test_a_row_whose_id_was_changed_is_no_other_complaint(house: House, tmp_path: Path) -> None:
    house.at(JUNE)
    first = [
        GOOD | {"external_id": names[0], "subject": names[0], "phone": "0812345678"} | ENDED for names in SAME
    ]
    assert take(house, tmp_path, *first).logged == len(SAME)
    before = house.dump()
    for nth, names in enumerate(SAME):
        for name in names[1:]:
            # It may have ended meanwhile: the receipt tells.
            done = take(house, tmp_path, first[nth] | {"external_id": name} | ENDED)
            assert keys(done) == ["looks-like-known"], name
            [reject] = done.rejected
            assert reject.error.values["number"] == f"C-6003-0000{nth + 1}"
            assert reject.error.values["like"] == names[0]
    assert house.dump() == before
    # What differs in anything else is another.
    assert take(house, tmp_path, first[0] | {"external_id": "123", "phone": "0812345679"}).logged == 1
    assert keys(take(house, tmp_path, GOOD | {"external_id": "1.2E+11"})) == ["digits-lost"]


def test_in_one_sheet_too_the_first_of_them_counts(small_house: House, tmp_path: Path) -> None:
    small_house.at(JUNE)
    rows = [GOOD | {"external_id": one, "subject": one.lower()} for one in ("A-1", "B-1")]
    rows += [GOOD | {"external_id": "b-01", "subject": "b-1"}, GOOD | {"external_id": "C-1"}]
    for batch in (1, 100):
        done = take(small_house, tmp_path, *rows, dry_run=True, batch=batch)
        assert (done.logged, keys(done)) == (3, ["looks-like-row"])
        assert done.rejected[0].error.values["line"] == 3
    assert keys(take(small_house, tmp_path, *rows, batch=1)) == ["looks-like-known"]


# --- ends that were forgotten


def test_what_is_old_and_open_by_silence_is_no_complaint_until_somebody_says_so(
    house: House, tmp_path: Path
) -> None:
    house.at("2018-06-01 12:00")
    old = GOOD | {"subject": "old", "closed_at": None, "outcome": None, "status": None}
    young = old | {"subject": "young", "received_at": "2017-06-02"}
    done = take(house, tmp_path, old, young)
    assert (done.logged, keys(done)) == (1, ["open-and-old"])
    # A sheet that was written for us may say it; one that speaks of no ends never can.
    assert take(house, tmp_path, old | {"subject": "said", "status": "open"}).logged == 1
    assert take(house, tmp_path, GOOD | {"subject": "mute"}).logged == 1
    assert take(house, tmp_path, old, open_too=True).logged == 1
    # That it is open is no news.
    assert keys(take(house, tmp_path, old)) == []
    assert take(house, tmp_path, old, young).unchanged == 2


def test_by_a_map_nothing_old_is_open_unless_whoever_imports_says_so(
    small_house: House, tmp_path: Path
) -> None:
    small_house.at("2018-06-01 12:00")
    sheet = write_csv(tmp_path / "sheet.csv", [GOOD, GOOD | {"status": "open", "subject": "x"}])

    def mapped(look: Look, *, in_full: bool = True) -> Opened:
        mender = Mender(small_house.shelf, small_house.desk.zone)
        return replace(by_our_heads(sheet, mender)(look, in_full=in_full), is_ours=False)

    assert keys(import_file(small_house.desk, mapped, dry_run=True)) == ["open-and-old"] * 2
    assert import_file(small_house.desk, mapped, open_too=True).logged == 2


def test_what_was_mended_is_counted_once_though_a_sheet_is_looked_at_before(
    small_house: House, tmp_path: Path
) -> None:
    small_house.at("2018-06-01 12:00")
    rows = [
        GOOD | ENDED | {"phone": "812345678", "subject": f"of {id_}", "external_id": id_}
        for id_ in ("A", None)
    ]
    opener = by_our_heads(
        write_csv(tmp_path / "sheet.csv", rows), Mender(small_house.shelf, small_house.desk.zone)
    )
    would = import_file(small_house.desk, opener, dry_run=True)
    assert (would.repaired, import_file(small_house.desk, opener).repaired) == ({"phone-zero": 2},) * 2
    # Whoever shows rows sees all of them mended.
    seen: list[Row] = []
    opener(seen.append)
    assert {row.cells["phone"] for row in seen} == {"0812345678"}


# --- what it changes


def test_it_says_by_quarter_what_it_changes_and_who_hears_of_it(house: House, tmp_path: Path) -> None:
    house.at("2017-03-05 10:00")
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    known = GOOD | {"external_id": "K-1", "closed_at": None, "outcome": None}
    take(house, tmp_path, known)
    house.log()
    house.at("2017-06-01 12:00")
    freeze.freeze_final(house.desk)
    rows = [
        known | {"closed_at": "2017-05-02", "outcome": "ok"},
        GOOD | {"subject": "in time"} | ENDED,
        GOOD | {"subject": "late", "closed_at": "2017-05-03", "outcome": "ok"},
        GOOD | {"subject": "overdue"},
        GOOD | {"subject": "overdue too", "received_at": "2017-04-05"},
        GOOD | {"subject": "coming", "received_at": "2017-05-31"},
        GOOD | {"subject": "older", "received_at": "2016-03-05"} | ENDED,
        {**GOOD, "group": "farmers"},
    ]
    rehearsed = take(house, tmp_path, *rows, dry_run=True)
    done = take(house, tmp_path, *rows)
    assert replace(rehearsed, rejected=()) == replace(done, rejected=())
    assert (done.rows, done.logged, done.ended, done.closed, done.open, done.late) == (8, 5, 2, 1, 3, 2)
    assert [one.line for one in done.rejected] == [8, 9]
    assert [
        (str(one.quarter), one.received, one.in_time, one.late, one.open, one.ended, one.restated, one.waits)
        for one in done.quarters
    ] == [
        ("2017-Q1", 3, 1, 2, 1, 1, 2, False),
        ("2017-Q2", 2, 0, 1, 2, 0, None, False),
    ]
    assert done.changes_the_past
    house.sweep()
    new = {row.id for row in standing(house.desk) if row.subject.startswith(("overdue", "coming"))}
    owed = [
        row for row in the_ledger(house.desk) if row.complaint_id in new and row.state == AlertState.WAITING
    ]
    assert (done.people, done.told) == (
        len({row.recipient for row in owed}),
        len({row.complaint_id for row in owed}),
    )
    assert done.told == 2


def test_a_past_quarter_of_sheets_alone_waits_for_a_person(house: House, tmp_path: Path) -> None:
    house.at(JUNE)
    done = take(house, tmp_path, GOOD | ENDED)
    assert [(one.waits, one.restated) for one in done.quarters] == [(True, None)]
    freeze.freeze(house.desk, done.quarters[0].quarter)
    done = take(house, tmp_path, GOOD | ENDED | {"subject": "one more"})
    assert [(one.waits, one.restated) for one in done.quarters] == [(False, 2)]


# --- a sheet read twice

IDS = (None, None, "7", "07", "A-1", "a-1", "1.2E+9")
ROW = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from(IDS),
        "subject": st.sampled_from("ab"),
        "received_at": st.sampled_from(("2017-03-05 10:00", "2017-03-06 00:00", "2016-01-05 10:00", "soon")),
        "closed_at": st.sampled_from(
            (None, None, "2017-03-07 09:00", "2017-03-01 09:00", "2018-01-01 09:00")
        ),
        "outcome": st.sampled_from((None, "ok", "ok")),
    }
)


@settings(max_examples=25)
@given(rows=st.lists(ROW, min_size=1, max_size=8), batch=st.sampled_from((1, 2, 100)))
def test_a_sheet_read_twice_changes_nothing_however_it_is_written_then(
    empty: Callable[[Path], House], rows: list[dict[str, str | None]], batch: int
) -> None:
    rows = [{**GOOD, **row} for row in rows]
    buddhist = [
        {
            name: value and value.replace("2017-", "2560-").replace("2018-", "2561-")
            if name.endswith("_at")
            else value
            for name, value in row.items()
        }
        for row in rows
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        house = empty(folder)
        rehearsed = take(house, folder, *rows, batch=batch, dry_run=True)
        done = take(house, folder, *rows, batch=batch)
        assert (rehearsed.logged, rehearsed.quarters) == (done.logged, done.quarters)
        before = house.dump()
        dialects = [
            write_csv(folder / "again.csv", rows),
            write_csv(folder / "buddhist.csv", buddhist),
            write_jsonl(folder / "again.jsonl", rows),
        ]
        semicolons = (folder / "again.csv").read_text("utf-8").replace(",", ";")
        (folder / "semicolons.csv").write_text("\ufeff" + semicolons, "utf-8")
        for sheet in (*dialects, folder / "semicolons.csv"):
            again = import_file(house.desk, sheet, batch=batch)
            assert (again.logged, again.closed, again.quarters) == (0, 0, ()), sheet.name
            assert len(again.rejected) == len(done.rejected), sheet.name
        assert house.dump() == before
        verify_chains(house.store)
        house.close()


@pytest.fixture(scope="module")
def empty(sqlite_template: Callable[[], Path]) -> Callable[[Path], House]:
    """A new house in a folder, in June."""

    def make(folder: Path) -> House:
        shutil.copy(sqlite_template(), folder / "complaints.db")
        return House(f"sqlite:///{folder / 'complaints.db'}", JUNE)

    return make
