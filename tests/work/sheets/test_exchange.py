"""Importing and exporting complaints: what a row may say, what it may not, and that nothing happens twice."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from complaint_sla.core.errors import BadValue
from complaint_sla.core.roster import Role
from complaint_sla.core.sheets import offered
from complaint_sla.store.alerts import AlertState
from complaint_sla.work import offices
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.complaints import duplicates, look
from complaint_sla.work.sheets.exchange import Imported, export, import_file
from complaint_sla.work.sheets.sources import open_source
from tests.work.desks import House, verify_chains
from tests.work.sheet_desk import (
    GOOD,
    assert_numbers_without_gaps,
    at,
    kinds_of,
    standing,
    the_ledger,
    write_csv,
    write_jsonl,
)

JUNE = "2017-06-01 12:00"
ENDED = {"closed_at": "2017-03-10T09:00:00+07:00", "outcome": "ซ่อมแล้ว"}


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.logged, done.closed, done.unchanged, len(done.rejected)


def take(desk, tmp_path: Path, *rows, **options) -> Imported:
    return import_file(desk, write_csv(tmp_path / "sheet.csv", rows), **options)


def refused(desk, tmp_path: Path, row) -> tuple[str, dict]:
    """Why a row is rejected, while a good one beside it is taken."""
    done = take(desk, tmp_path, row, GOOD | {"subject": "อีกเรื่อง"})
    assert counts(done) == (1, 0, 0, 1)
    assert done.rejected[0].line == 2
    assert len(standing(desk)) == 1
    return done.rejected[0].error.key, done.rejected[0].error.values


def test_a_row_is_logged_with_the_deadline_of_its_book_and_without_an_alert(house, tmp_path):
    desk = house.at(JUNE)
    assert counts(take(desk, tmp_path, GOOD)) == (1, 0, 0, 0)
    row = standing(desk)[0]
    assert (row.number, row.status, row.due_at) == ("C-6003-00001", "open", at("2017-03-31", "00:00"))
    assert (row.received_at, row.changed_at) == (at("2017-03-05"), at("2017-03-05"))
    assert kinds_of(desk, row.number) == ["logged"]
    assert the_ledger(desk) == []
    assert sweep(desk).due == 1


def test_a_complaint_that_comes_ended_has_its_events_and_no_timeline(house, tmp_path):
    desk = house.at(JUNE)
    take(
        desk,
        tmp_path,
        GOOD | ENDED,
        GOOD | ENDED | {"closed_at": "2017-03-31T00:00:00+07:00", "status": "withdrawn"},
    )
    early, late = standing(desk)
    assert (early.status, early.closed_at, early.outcome) == ("closed", at("2017-03-10", "09:00"), "ซ่อมแล้ว")
    assert (early.breached_at, late.breached_at) == (None, at("2017-03-31", "00:00"))
    assert kinds_of(desk, early.number) == ["logged", "closed"]
    assert kinds_of(desk, late.number) == ["logged", "withdrawn"]
    assert sweep(desk).due == 0
    assert the_ledger(desk) == []
    assert verify_chains(house.store) == 4


def test_the_same_sheet_twice_is_the_same_as_once_and_equal_rows_are_complaints_of_their_own(house, tmp_path):
    desk = house.at(JUNE)
    rows = [GOOD, GOOD, GOOD | ENDED, GOOD | {"urgent": "yes"}, GOOD | {"urgent": "no"}]
    assert counts(take(desk, tmp_path, *rows)) == (5, 0, 0, 0)
    before = house.dump()
    assert counts(take(desk, tmp_path, *rows)) == (0, 0, 5, 0)
    assert house.dump() == before
    # The same receipt, written differently.
    again = GOOD | {"received_at": "2560-03-05 10:00", "subject": "  ไฟดับ "}
    assert counts(take(desk, tmp_path, again)) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("written", "urgent"),
    [("", False), ("TRUE", True), ("1", True), ("Yes", True), ("ใช่", True), ("0", False), ("ไม่", False)],
)
def test_urgency_is_written_in_many_ways(small_house, tmp_path, written, urgent):
    desk = small_house.at(JUNE)
    assert counts(take(desk, tmp_path, GOOD | {"urgent": written})) == (1, 0, 0, 0)
    assert standing(desk)[0].urgent is urgent


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2017-03-05", at("2017-03-05", "00:00")),
        ("2560-03-05", at("2017-03-05", "00:00")),
        ("๒๕๖๐-๐๓-๐๕ ๑๐:๐๐", at("2017-03-05")),
        ("2017-03-05T03:00:00Z", at("2017-03-05")),
        ("2017-03-05 10:00", at("2017-03-05")),
    ],
)
def test_moments_are_of_the_books_zone_and_in_both_eras(small_house, tmp_path, written, meant):
    desk = small_house.at(JUNE)
    take(desk, tmp_path, GOOD | {"received_at": written})
    assert standing(desk)[0].received_at == meant


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"subject": ""}, "empty-text"),
        ({"received_at": ""}, "empty-text"),
        ({"received_at": "5/3/2017"}, "day-or-month"),
        ({"received_at": "2560-02-29"}, "no-such-day"),
        ({"received_at": "2017-06-01T12:00:01+07:00"}, "received-in-future"),
        ({"received_at": "2016-12-31"}, "before-first-book"),
        ({"urgent": "perhaps"}, "bad-yes-no"),
        ({"group": "nobody"}, "unknown-group"),
        ({"channel": "pigeon"}, "unknown-channel"),
        ({"category": "weather"}, "unknown-category"),
        ({"office": "NOWHERE"}, "unknown-office"),
        ({"owner": "nobody@example.org"}, "unknown-person"),
        ({"subject": "a\0b"}, "not-text"),
        ({"subject": "x" * 501}, "too-long"),
        ({"status": "asleep"}, "unknown-status"),
        ({"status": "closed"}, "end-incomplete"),
        ({"closed_at": "2017-03-10"}, "end-incomplete"),
        ({"outcome": "done"}, "end-incomplete"),
        ({"status": "duplicate", **ENDED}, "end-incomplete"),
        ({"status": "open", **ENDED}, "status-contradicts"),
        ({"status": "closed", "duplicate_of": "X", **ENDED}, "status-contradicts"),
        ({"duplicate_of": "X"}, "status-contradicts"),
        (ENDED | {"closed_at": "2017-06-01T12:00:01+07:00"}, "at-in-future"),
        (ENDED | {"closed_at": "2017-03-05T09:59:59+07:00"}, "at-before-last-change"),
        ({"status": "duplicate", "duplicate_of": "X", **ENDED}, "unknown-original"),
        ({"rule_book": "pea-2561"}, "derived-differs"),
        ({"rule": "urgent"}, "derived-differs"),
        ({"days": "24"}, "derived-differs"),
        ({"days": "many"}, "derived-differs"),
        ({"due_on": "2017-03-31"}, "derived-differs"),
        ({"due_at": "2017-03-30T00:00:00+07:00"}, "derived-differs"),
        ({"on_time": "true"}, "derived-differs"),
        (ENDED | {"on_time": "false"}, "derived-differs"),
        (ENDED | {"breached_at": "2017-03-31"}, "derived-differs"),
        ({"acknowledged_at": "2017-03-05T09:00:00+07:00"}, "moment-out-of-order"),
        (ENDED | {"acknowledged_at": "2017-03-11"}, "moment-out-of-order"),
        ({"responded_at": "2017-06-02"}, "moment-out-of-order"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_and_the_others_are_taken(small_house, tmp_path, change, key):
    assert refused(small_house.at(JUNE), tmp_path, GOOD | change)[0] == key


def test_an_unknown_key_is_rejected_with_those_that_exist(small_house, tmp_path):
    key, values = refused(small_house.at(JUNE), tmp_path, GOOD | {"office": "NOWHERE"})
    assert (key, values["value"], values["known"]) == ("unknown-office", "NOWHERE", ["MAIN"])


def test_derived_columns_that_agree_are_taken_and_number_and_generation_are_ignored(small_house, tmp_path):
    desk = small_house.at(JUNE)
    row = GOOD | ENDED
    row |= {
        "number": "C-6001-00042",
        "generation": "7",
        "status": "CLOSED",
        "on_time": "true",
        "due_on": "2560-03-30",
    }
    row |= {"rule_book": "pea-2560", "rule": "residential", "days": "25", "due_at": "2017-03-30T17:00:00Z"}
    assert counts(take(desk, tmp_path, row)) == (1, 0, 0, 0)
    assert (standing(desk)[0].number, standing(desk)[0].generation) == ("C-6003-00001", 1)


def test_without_an_office_it_is_that_of_who_acts_or_the_only_one_or_a_reject(small_house, tmp_path):
    desk = small_house.at(JUNE)
    offices.add_office(desk, "BANSANG", "บ้านสร้าง", "Ban Sang")
    done = take(desk, tmp_path, GOOD)
    assert done.rejected[0].error.key == "office-needed"
    small_house.actor = small_house.hire("clerk", Role.AGENT, "BANSANG")
    desk = small_house.desk
    assert counts(take(desk, tmp_path, GOOD, GOOD | {"office": "main"})) == (2, 0, 0, 0)
    assert [view.office for view in look.find_all(desk, look.Wanted())] == ["BANSANG", "MAIN"]


def test_the_owner_of_an_open_complaint_is_on_the_staff_and_that_of_an_ended_one_may_have_left(
    small_house, tmp_path
):
    desk = small_house.at(JUNE)
    somchai = small_house.hire("somchai", Role.AGENT)
    row = GOOD | {"owner": somchai}
    assert counts(take(desk, tmp_path, row | {"external_id": "1"})) == (1, 0, 0, 0)
    offices.retire(desk, somchai, small_house.hire("heir"))
    done = take(desk, tmp_path, row | ENDED | {"external_id": "2"}, row | {"external_id": "3"})
    assert counts(done) == (1, 0, 0, 1)
    assert done.rejected[0].error.key == "person-retired"


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({"grupo": "x"}, "unknown-columns"),
        ({"Subject ": "x"}, "column-twice"),
    ],
)
def test_a_sheet_with_a_wrong_column_is_refused_whole(small_house, tmp_path, columns, key):
    desk = small_house.at(JUNE)
    with pytest.raises(BadValue) as caught:
        take(desk, tmp_path, GOOD | columns)
    assert caught.value.key == key
    assert caught.value.values["columns"] == [next(iter(columns)).strip().lower()]
    assert standing(desk) == []


def test_a_sheet_without_a_needed_column_is_refused_whole(small_house, tmp_path):
    desk = small_house.at(JUNE)
    row = {name: value for name, value in GOOD.items() if name != "received_at"}
    for sheet in (write_csv(tmp_path / "a.csv", [row]), write_jsonl(tmp_path / "a.jsonl", [row])):
        with pytest.raises(BadValue, match="missing-columns"):
            import_file(desk, sheet)


# --- Feeding from another system ------------------------------------------------------------------------------------


def test_a_nightly_sheet_closes_what_has_been_closed_since(house, tmp_path):
    desk = house.at("2017-03-20 12:00")
    supervisor = house.hire("sup")
    rows = [
        GOOD | {"external_id": f"CRM-{i}", "received_at": f"2017-03-0{i}T08:00:00+07:00"} for i in range(1, 6)
    ]
    assert counts(take(desk, tmp_path, *rows)) == (5, 0, 0, 0)
    desk = house.at("2017-03-28 09:00")
    assert sweep(desk).due == 5
    rows[0] |= {"closed_at": "2017-03-25T10:00:00+07:00", "outcome": "fixed"}
    rows[1] |= {"closed_at": "2017-03-28T08:00:00+07:00", "outcome": "fixed", "status": "closed"}
    rows[2] |= {"closed_at": "2017-03-21", "outcome": "no longer wanted", "status": "withdrawn"}
    rows.append(GOOD | {"external_id": "CRM-6"})
    assert counts(take(desk, tmp_path, *rows)) == (1, 3, 2, 0)
    found = {row.external_id: row for row in standing(desk)}
    # Received on the 1st, due by the end of the 26th, closed before: in time, though told afterwards.
    assert (found["CRM-1"].status, found["CRM-1"].breached_at) == ("closed", None)
    assert found["CRM-2"].breached_at == at("2017-03-28", "00:00")
    assert found["CRM-3"].status == "withdrawn"
    ended = {found[f"CRM-{i}"].id for i in (1, 2, 3)}
    assert {
        row.state for row in the_ledger(desk) if row.complaint_id in ended and row.recipient == supervisor
    } <= {
        AlertState.DROPPED,
        AlertState.SUPERSEDED,
    }
    before = house.dump()
    assert counts(take(desk, tmp_path, *rows)) == (0, 0, 6, 0)
    assert house.dump() == before
    verify_chains(house.store)


def test_what_contradicts_what_is_known_is_rejected_and_changes_nothing(house, tmp_path):
    desk = house.at(JUNE)
    known = GOOD | {"external_id": "A", "phone": "0812345678", "detail": "long"}
    take(desk, tmp_path, known, known | ENDED | {"external_id": "B"})
    before = house.dump()
    for change, key in (
        ({"subject": "another"}, "differs-from-known"),
        ({"phone": "0812345679"}, "differs-from-known"),
        ({"urgent": "yes"}, "differs-from-known"),
        ({"received_at": "2017-03-05T10:00:01+07:00"}, "differs-from-known"),
        ({"acknowledged_at": "2017-03-06"}, "differs-from-known"),
        ({"days": "3"}, "derived-differs"),
        (ENDED | {"external_id": "B", "closed_at": "2017-03-11"}, "ended-otherwise"),
        (ENDED | {"external_id": "B", "outcome": "other"}, "ended-otherwise"),
        (ENDED | {"external_id": "B", "status": "withdrawn"}, "ended-otherwise"),
        (ENDED | {"closed_at": "2017-06-02"}, "at-in-future"),
        (ENDED | {"closed_at": "2017-03-04"}, "at-before-last-change"),
        (ENDED | {"closed_at": "2017-03-05T00:00"}, "at-before-last-change"),
        ({"external_id": "B", "status": "open"}, "ended-here"),
        ({"external_id": "B", "closed_at": None}, "ended-here"),
    ):
        done = take(desk, tmp_path, known | change)
        assert (counts(done), done.rejected[0].error.key) == ((0, 0, 0, 1), key), change
    # An empty cell says nothing, and a sheet that has no column for it says of none that it is open.
    assert counts(take(desk, tmp_path, GOOD | {"external_id": "A"})) == (0, 0, 1, 0)
    assert counts(take(desk, tmp_path, known | {"external_id": "B"})) == (0, 0, 1, 0)
    assert house.dump() == before


def test_a_row_may_say_what_was_first_logged_or_what_stands_now(house, tmp_path):
    desk = house.at("2017-03-06 09:00")
    row = GOOD | {"external_id": "A", "days": "25", "due_on": "2017-03-30"}
    take(desk, tmp_path, row)
    casework.do(desk, "6003-1", casework.reclassify("mistaken", group="key-account"))
    assert counts(take(desk, tmp_path, row)) == (0, 0, 1, 0)
    now = row | {"group": "key-account", "days": "15", "due_on": "2017-03-20"}
    assert counts(take(desk, tmp_path, now)) == (0, 0, 1, 0)
    assert counts(take(desk, tmp_path, now | {"group": "spp-area"})) == (0, 0, 0, 1)
    assert counts(take(desk, tmp_path, row | {"due_on": "2017-03-19"})) == (0, 0, 0, 1)


def test_a_sheet_does_not_close_again_what_was_reopened_and_a_new_closing_before_that_is_rejected(
    house, tmp_path
):
    desk = house.at("2017-03-12 09:00")
    row = GOOD | {"external_id": "A"} | ENDED
    take(desk, tmp_path, row)
    casework.do(desk, "6003-1", casework.reopen("not fixed"))
    assert counts(take(desk, tmp_path, row)) == (0, 0, 1, 0)
    done = take(desk, tmp_path, row | {"closed_at": "2017-03-11"})
    assert done.rejected[0].error.key == "at-before-last-change"
    desk = house.at("2017-03-20 09:00")
    assert counts(take(desk, tmp_path, row | {"closed_at": "2017-03-19"})) == (0, 1, 0, 0)
    assert counts(take(desk, tmp_path, row)) == (0, 0, 1, 0)
    happened = [kind for kind in kinds_of(desk, "C-6003-00001") if kind != "alerts"]
    assert happened == ["logged", "closed", "reopened", "closed"]


def test_one_sheet_may_tell_the_history_of_a_complaint_in_several_rows(house, tmp_path):
    desk = house.at(JUNE)
    row = GOOD | {"external_id": "A"}
    other = GOOD | {"external_id": "B"}
    rows = [row, other, row, row | ENDED, row | ENDED, row | ENDED | {"outcome": "else"}]
    for dry_run in (True, False):
        assert counts(take(desk, tmp_path, *rows, dry_run=dry_run, batch=3)) == (2, 1, 2, 1)
    assert [view.status for view in standing(desk)] == ["closed", "open"]


# --- Duplicates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_a_duplicate_finds_its_original_before_or_after_it_by_external_id_or_by_the_sheets_number(
    house, tmp_path, batch
):
    desk = house.at(JUNE)
    dup = ENDED | {"status": "duplicate"}
    rows = [
        GOOD | dup | {"external_id": "A", "duplicate_of": "C", "number": "C-6003-00011"},
        GOOD | dup | {"external_id": "B", "duplicate_of": "A", "number": "C-6003-00012"},
        GOOD | {"external_id": "C", "number": "C-6003-00013"},
        # The second complaint of this database stands under another number in the sheet.
        GOOD | dup | {"external_id": "D", "duplicate_of": "6003-13", "number": "C-6003-00002"},
        GOOD | dup | {"external_id": "E", "duplicate_of": "C-6003-00002", "number": "C-6003-00015"},
    ]
    done = take(desk, tmp_path, *rows, batch=batch)
    assert (counts(done), [str(one.error) for one in done.rejected]) == ((5, 0, 0, 0), [])
    found = {row.external_id: row for row in standing(desk)}
    by_id = {row.id: row.external_id for row in found.values()}
    named = {row.external_id: by_id[row.duplicate_of_id] for row in found.values() if row.duplicate_of_id}
    assert named == {"A": "C", "B": "A", "D": "C", "E": "D"}
    assert counts(take(desk, tmp_path, *rows, batch=batch)) == (0, 0, 5, 0)
    assert_numbers_without_gaps(desk)
    verify_chains(house.store)
    # Without a number of that name in the sheet, it is one of this database.
    more = GOOD | dup | {"external_id": "F", "duplicate_of": found["C"].number}
    assert counts(take(desk, tmp_path, more)) == (1, 0, 0, 0)
    assert max(standing(desk), key=lambda row: row.id or 0).duplicate_of_id == found["C"].id


def test_duplicates_in_a_circle_are_rejected(house, tmp_path):
    desk = house.at(JUNE)
    dup = GOOD | ENDED | {"status": "duplicate"}
    done = take(
        desk,
        tmp_path,
        dup | {"external_id": "A", "duplicate_of": "B"},
        dup | {"external_id": "B", "duplicate_of": "A"},
        dup | {"external_id": "C", "duplicate_of": "C"},
    )
    assert [reject.error.key for reject in done.rejected] == ["unknown-original"] * 3
    take(desk, tmp_path, GOOD | {"external_id": "A"})
    done = take(
        desk,
        tmp_path,
        dup | {"external_id": "B", "duplicate_of": "A"},
        dup | {"external_id": "A", "duplicate_of": "B"},
    )
    assert (counts(done), done.rejected[0].error.key) == ((1, 0, 0, 1), "duplicate-of-itself")


def test_an_original_that_is_rejected_takes_its_duplicate_with_it(house, tmp_path):
    desk = house.at(JUNE)
    take(desk, tmp_path, GOOD | {"subject": "a stranger under that number"})
    done = take(
        desk,
        tmp_path,
        GOOD | {"number": "C-6003-00001", "group": "nobody"},
        GOOD | ENDED | {"status": "duplicate", "duplicate_of": "C-6003-00001", "number": "C-6003-00002"},
    )
    assert [reject.error.key for reject in done.rejected] == ["unknown-group", "unknown-original"]


# --- Batches, trials, rejects ---------------------------------------------------------------------------------------


def many(count: int) -> list[dict[str, str]]:
    return [
        GOOD
        | {"external_id": f"X{i}", "received_at": f"2017-0{1 + i % 4}-0{1 + i % 9}"}
        | (ENDED | {"closed_at": "2017-05-20"} if i % 3 else {})
        for i in range(count)
    ]


def test_what_was_cut_off_is_finished_by_the_next_run(house, tmp_path):
    desk = house.at(JUNE)
    rows = many(100)
    told: list[int] = []

    def cut_off(done: int) -> None:
        told.append(done)
        if done >= 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(desk, tmp_path, *rows, batch=20, progress=cut_off)
    assert told == [20, 40, 60]
    assert len(standing(desk)) == 60
    assert_numbers_without_gaps(desk)
    assert counts(take(desk, tmp_path, *rows, batch=30)) == (40, 0, 60, 0)
    assert_numbers_without_gaps(desk)
    verify_chains(house.store)


def test_a_trial_run_counts_as_the_run_does_and_writes_nothing(house, tmp_path):
    desk = house.at(JUNE)
    take(desk, tmp_path, *many(10))
    before = house.dump()
    rows = [
        *many(50),
        GOOD | {"group": "nobody"},
        GOOD | {"external_id": "X0"} | ENDED | {"received_at": "2017-01-01"},
    ]
    tried = take(desk, tmp_path, *rows, dry_run=True, batch=7)
    assert house.dump() == before
    done = take(desk, tmp_path, *rows, batch=7)
    assert counts(tried) == counts(done) == (40, 1, 10, 1)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rejected_rows_are_handed_back_as_they_came_and_can_be_mended(small_house, tmp_path, separator):
    desk = small_house.at(JUNE)
    sheet, back = tmp_path / "sheet.csv", tmp_path / "back.csv"
    names = [*GOOD, "detail"]
    bad = GOOD | {"group": "nobody", "detail": '=a,"b";\nc\td'}
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow([*names, "", ""])
        writer.writerow([*GOOD.values(), "", "", ""])
        writer.writerow([*bad.values(), "", ""])
        writer.writerow([])
        writer.writerow(["too", "few"])
    done = import_file(desk, sheet, rejects=back, say=lambda error: f"because: {error.key}")
    assert counts(done) == (1, 0, 0, 2)
    assert [reject.line for reject in done.rejected] == [3, 6]
    with back.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=separator))
    assert rows == [
        ["error", *names, "", ""],
        # What would run in a spreadsheet is guarded, and read as it was.
        ["because: unknown-group", *(bad | {"detail": f"'{bad['detail']}"}).values(), "", ""],
        ["because: wrong-width", "too", "few"],
    ]
    # Still wrong: not a second column of errors.
    again = tmp_path / "again.csv"
    assert counts(import_file(desk, back, rejects=again)) == (0, 0, 0, 2)
    assert again.read_text(encoding="utf-8-sig").splitlines()[0] == separator.join(["error", *names, "", ""])
    mended = back.read_text(encoding="utf-8-sig").replace("nobody", "spp-area")
    back.write_text(mended, encoding="utf-8")
    assert counts(import_file(desk, back)) == (1, 0, 0, 1)
    assert standing(desk)[1].detail == bad["detail"]


def test_rejected_lines_of_json_are_handed_back_and_can_be_mended(small_house, tmp_path):
    desk = small_house.at(JUNE)
    sheet, back = tmp_path / "sheet.jsonl", tmp_path / "back.jsonl"
    lines = [
        json.dumps(GOOD),
        "",
        '{"group": ',
        "[1]",
        json.dumps(GOOD | {"subject": ["x"]}),
        json.dumps(GOOD | {"subject": "half \ud800"}),
        json.dumps(GOOD)[:-1] + ', "group": "spp-area"}',
        json.dumps(GOOD)[:-1] + ', "days": NaN}',
        json.dumps(GOOD)[:-1] + ', "days": ' + "9" * 5000 + "}",
    ]
    sheet.write_text("\n".join(lines), encoding="utf-8")
    done = import_file(desk, sheet, rejects=back)
    assert [(reject.line, reject.error.key) for reject in done.rejected] == [
        (3, "bad-json"),
        (4, "bad-json"),
        (5, "bad-cell"),
        (6, "not-text"),
        (7, "column-twice"),
        (8, "bad-json"),
        (9, "bad-json"),
    ]
    text = back.read_text(encoding="utf-8")
    assert counts(import_file(desk, back)) == (0, 0, 0, 7)
    back.write_text(text.replace("\\ud800", "x").replace('["x"]', '"x"'), encoding="utf-8")
    assert counts(import_file(desk, back)) == (2, 0, 0, 5)


def test_rejects_go_nowhere_where_they_would_do_harm(small_house, tmp_path):
    desk = small_house.at(JUNE)
    sheet = write_csv(tmp_path / "sheet.csv", [GOOD])
    for rejects, key in (
        (sheet, "rejects-over-sheet"),
        (tmp_path / "back.jsonl", "rejects-ending"),
        (tmp_path / "back.txt", "unknown-ending"),
        (tmp_path / "no" / "back.csv", "file-unwritable"),
    ):
        with pytest.raises(BadValue) as caught:
            import_file(desk, sheet, rejects=rejects)
        assert caught.value.key == key
    assert standing(desk) == []


# --- There and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".xlsx"])
def test_what_is_exported_can_be_imported_into_an_empty_database_and_exported_again(
    databases, tmp_path, ending
):
    first, second = House(databases.migrated()), House(databases.migrated())
    try:
        desk = first.at("2017-03-10 09:00")
        owner = first.hire("owner", Role.AGENT)
        second.at("2017-03-10 09:00")
        second.hire("owner", Role.AGENT)
        numbers = [first.log(subject=f"เรื่อง {i}", customer="=สมชาย", phone="0812345678") for i in range(6)]
        first.log("key-account", detail="+one\n-two", owner=owner, urgent=True, external_id="@X")
        casework.do(desk, numbers[0], casework.acknowledge())
        casework.do(desk, numbers[0], casework.note("said", casework.NoteKind.RESPOND))
        casework.do(desk, numbers[5], casework.reclassify("mistaken", group="spp-area"))
        casework.do(first.at("2017-03-12 09:00"), numbers[4], casework.close("in time", at("2017-03-11")))
        desk = first.at("2017-05-10 09:00:00.5")
        casework.do(desk, numbers[0], casework.close("- done -"))
        casework.do(desk, numbers[1], casework.withdraw("no more"))
        duplicates.mark(desk, numbers[2], numbers[3])
        out, back = tmp_path / f"out{ending}", tmp_path / f"back{ending}"
        assert export(desk, out) == 7
        desk = second.at("2017-05-10 09:00:00.5")
        done = import_file(desk, out)
        assert (counts(done), [str(one.error) for one in done.rejected]) == ((7, 0, 0, 0), [])
        assert export(desk, back) == 7
        ours, theirs = (_without(read_sheet(one), *MADE_HERE) for one in (out, back))
        assert theirs == ours
        # And nothing is new here or there.
        before = first.dump(), second.dump()
        assert counts(import_file(first.desk, out)) == (0, 0, 7, 0)
        assert counts(import_file(second.desk, out)) == (0, 0, 7, 0)
        assert counts(import_file(second.desk, back)) == (0, 0, 7, 0)
        assert (first.dump(), second.dump()) == before
    finally:
        first.close()
        second.close()


# What another database makes anew, by its head.
MADE_HERE = ("external_id", "generation", offered.HEADS["external_id"].en, offered.HEADS["generation"].en)


def read_sheet(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".xlsx":
        head, *rows = (line.cells for line in open_source(path).tables[0].lines())
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(text.splitlines(keepends=True)))


def _without(rows: list[dict[str, object]], *names: str) -> list[dict[str, object]]:
    return [{key: value for key, value in row.items() if key not in names} for row in rows]


def test_an_export_is_written_for_spreadsheets_and_for_its_owner_alone(small_house, tmp_path):
    desk = small_house.at("2017-03-10 09:00")
    small_house.log(subject="=1+1", customer="ก")
    out = tmp_path / "out.csv"
    told: list[int] = []
    assert export(desk, out, told.append) == 1
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfnumber,office,group,urgent,")
    assert data.count(b"\r\n") == 2
    assert b",'=1+1," in data
    assert b"2017-03-10T09:00:00+07:00" in data
    assert out.stat().st_mode & 0o077 == 0
    assert told == [1]


def test_an_export_that_fails_leaves_what_was_there(small_house, tmp_path):
    desk = small_house.at(JUNE)
    small_house.log()
    out = tmp_path / "out.csv"
    out.write_text("old", encoding="utf-8")

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(desk, out, fail)
    assert out.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    with pytest.raises(BadValue, match="file-unwritable"):
        export(desk, tmp_path / "no" / "out.csv")
    with pytest.raises(BadValue, match="unknown-ending"):
        export(desk, tmp_path / "out.xls")


def test_an_empty_database_gives_an_empty_sheet(small_house, tmp_path):
    desk = small_house.at(JUNE)
    for ending in (".csv", ".jsonl", ".xlsx"):
        assert export(desk, tmp_path / f"out{ending}") == 0
        assert counts(import_file(desk, tmp_path / f"out{ending}")) == (0, 0, 0, 0)
