"""Rows without an external id that are equal in their receipt: told apart by what became of them, not by their order."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_sla.core.roster import Role
from complaint_sla.work.complaints import change
from complaint_sla.work.sheets import rows as rows_of_sheets
from complaint_sla.work.sheets.exchange import Imported, export, import_file
from tests.work.desks import House, verify_chains
from tests.work.findings import findings
from tests.work.sheet_desk import GOOD, at, standing, write_csv, write_jsonl

JUNE = "2017-06-01 12:00"
OPEN: Mapping[str, object] = GOOD | {"closed_at": None, "outcome": None}
Sheet = Sequence[Mapping[str, object]]


def closed(day: int, outcome: str = "done", **more: object) -> Mapping[str, object]:
    return OPEN | {"closed_at": f"2017-03-{day:02}T09:00:00+07:00", "outcome": outcome, **more}


def take(house: House, folder: Path, rows: Sheet, batch: int = 100) -> Imported:
    return import_file(house.desk, write_csv(folder / "sheet.csv", rows), batch=batch)


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.logged, done.closed, done.unchanged, len(done.rejected)


def stands(house: House) -> Counter[tuple[object, ...]]:
    return Counter(
        (one.subject, one.status, one.closed_at, one.outcome, one.owner_id) for one in standing(house.desk)
    )


def test_two_that_change_places_in_the_nightly_sheet_change_nothing(house: House, tmp_path: Path) -> None:
    house.at(JUNE)
    assert counts(take(house, tmp_path, [OPEN, OPEN])) == (2, 0, 0, 0)
    assert counts(take(house, tmp_path, [OPEN, closed(10)])) == (0, 1, 1, 0)
    before = house.dump()
    for batch in (1, 100):
        assert counts(take(house, tmp_path, [closed(10), OPEN], batch)) == (0, 0, 2, 0)
    assert counts(take(house, tmp_path, [closed(10)])) == (0, 0, 1, 0)
    assert house.dump() == before
    assert counts(take(house, tmp_path, [closed(12), closed(10)])) == (0, 1, 1, 0)
    assert sorted(one.closed_at for one in standing(house.desk) if one.closed_at) == [
        at("2017-03-10", "09:00"),
        at("2017-03-12", "09:00"),
    ]


def test_one_that_was_reopened_is_known_by_its_former_end(house: House, tmp_path: Path) -> None:
    house.at("2017-03-20 09:00")
    take(house, tmp_path, [closed(10), OPEN])
    [number] = [one.number for one in standing(house.desk) if one.status == "closed"]
    change.do(house.desk, number, change.reopen("not solved"))
    before = house.dump()
    assert counts(take(house, tmp_path, [OPEN, closed(10)])) == (0, 0, 2, 0)
    assert house.dump() == before


def test_what_else_is_told_of_them_tells_them_apart_too(house: House, tmp_path: Path) -> None:
    house.at(JUNE)
    ann, bob = house.hire("ann", Role.AGENT), house.hire("bob", Role.AGENT)
    mine, theirs = OPEN | {"owner": ann}, OPEN | {"owner": bob}
    assert counts(take(house, tmp_path, [mine, theirs])) == (2, 0, 0, 0)
    assert counts(take(house, tmp_path, [theirs, mine])) == (0, 0, 2, 0)
    assert counts(take(house, tmp_path, [closed(10, owner=bob), mine])) == (0, 1, 1, 0)
    assert {(one.owner_id, one.status) for one in standing(house.desk)} == {(1, "open"), (2, "closed")}


def test_no_more_are_logged_than_there_are_and_what_ended_here_is_refused(
    house: House, tmp_path: Path
) -> None:
    house.at(JUNE)
    take(house, tmp_path, [OPEN, OPEN])
    house.shut("6003-1")
    for rows in ([OPEN, OPEN, OPEN], [OPEN, OPEN, OPEN]):
        done = take(house, tmp_path, rows)
        assert [one.error.key for one in done.rejected] == ["ended-here"]
    assert stands(house).total() == 3


def test_a_row_that_cannot_be_understood_leaves_the_others_what_is_theirs(
    house: House, tmp_path: Path
) -> None:
    house.at(JUNE)
    take(house, tmp_path, [OPEN, closed(10), OPEN])
    broken = OPEN | {"closed_at": "soon", "outcome": "x"}
    done = take(house, tmp_path, [broken, closed(10), OPEN], batch=1)
    assert (counts(done), done.rejected[0].line) == ((0, 0, 2, 1), 2)


def test_a_bare_day_of_closing_is_its_midnight_and_never_before_the_receipt(
    house: House, tmp_path: Path
) -> None:
    house.at(JUNE)
    days = [OPEN | {"closed_at": f"2560-03-{day}", "outcome": "done"} for day in ("05", "06", "04")]
    done = take(house, tmp_path, days)
    assert (counts(done), done.rejected[0].error.key) == ((2, 0, 0, 1), "at-before-last-change")
    assert sorted(one.closed_at for one in standing(house.desk) if one.closed_at) == [
        at("2017-03-05", "10:00"),
        at("2017-03-06", "00:00"),
    ]
    assert counts(take(house, tmp_path, days[:2][::-1])) == (0, 0, 2, 0)


def test_an_export_names_each_of_them(house: House, tmp_path: Path) -> None:
    house.at(JUNE)
    house.log(received_at=at("2017-03-05"))
    house.log(received_at=at("2017-03-05"))
    take(house, tmp_path, [OPEN, closed(10)])
    house.shut("6003-2")
    export(house.desk, tmp_path / "out.csv")
    before = house.dump()
    assert counts(import_file(house.desk, tmp_path / "out.csv")) == (0, 0, 4, 0)
    assert house.dump() == before


def test_what_was_cut_off_is_finished_by_another_run(house: House, tmp_path: Path) -> None:
    house.at(JUNE)
    rows = [GOOD | {"subject": f"s{i % 4}", "closed_at": None, "outcome": None} for i in range(12)]
    sheet = write_jsonl(tmp_path / "sheet.jsonl", rows)

    def stop(done: int) -> None:
        raise KeyboardInterrupt(done)

    with pytest.raises(KeyboardInterrupt):
        import_file(house.desk, sheet, batch=3, progress=stop)
    assert stands(house).total() == 3
    assert counts(import_file(house.desk, sheet, batch=3)) == (9, 0, 3, 0)
    assert findings(house) == []


def test_of_very_many_the_order_counts_and_all_are_there(
    small_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_of_sheets, "MOST_TOGETHER", 3)
    small_house.at(JUNE)
    rows = [OPEN, closed(9), OPEN, OPEN]
    assert counts(take(small_house, tmp_path, rows, 2)) == (4, 0, 0, 0)
    assert counts(take(small_house, tmp_path, rows, 3)) == (0, 0, 4, 0)


# One complaint of the other system, night by night: from when on it is there, and from when on closed, and how.
LIFE = st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(1, 5), st.integers(6, 8))


@settings(max_examples=15)
@given(data=st.data(), lives=st.lists(LIFE, min_size=1, max_size=7), batch=st.sampled_from((1, 2, 100)))
def test_however_the_rows_lie_each_night_what_stands_is_the_same(
    empty: Callable[[Path], House], data: st.DataObject, lives: list[tuple[str, int, int, int]], batch: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        house = empty(folder)
        for night in range(4):
            rows = [
                (closed(day) if night >= until else OPEN) | {"subject": subject}
                for subject, since, until, day in lives
                if since <= night
            ]
            if not rows:
                continue
            done = take(house, folder, data.draw(st.permutations(rows)), batch)
            assert done.rejected == ()
            assert stands(house) == Counter(
                (
                    row["subject"],
                    "closed" if row["closed_at"] else "open",
                    at(str(row["closed_at"])[:10], "09:00") if row["closed_at"] else None,
                    row["outcome"],
                    None,
                )
                for row in rows
            )
            before = house.dump()
            assert take(house, folder, data.draw(st.permutations(rows)), batch).unchanged == len(rows)
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
