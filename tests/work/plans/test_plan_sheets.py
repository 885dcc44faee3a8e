"""The plan's figures as sheets: given out, filled in, and taken in again."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Period, within
from complaint_sla.core.plan import Activity, PlannedMeasure
from complaint_sla.core.readings import standing
from complaint_sla.core.reckoning import card
from complaint_sla.store import offices, readings
from complaint_sla.store.books import plan_in
from complaint_sla.store.tables import Reading as ReadingRow
from complaint_sla.work.chronicle import view
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.enter import Pen, enter
from complaint_sla.work.plans.sheets.exporting import Exported, export
from complaint_sla.work.plans.sheets.importing import Imported, import_file
from complaint_sla.work.plans.sheets.rows import COLUMNS
from complaint_sla.work.plans.sight import sight_in
from complaint_sla.work.plans.submitted import Submitted
from tests.work.desks import House
from tests.work.sheet_desk import write_csv

LATER = "2017-05-02 09:00"
FIRST = Quarter(2017, 1)
LETTER = {"source": "ก.1กรท.(สบ.) 389/60", "dated": "10 เม.ย. 2560"}
EXISTING = {"office": "MAIN", "measure": "large-existing", "period": "1/2560", "n": "90", "d": "95", **LETTER}


def guide(activity: Activity, measure: PlannedMeasure, period: Period) -> tuple[str, str]:
    return f"{activity.no} {measure.title.th} {period.key}", measure.kind


def given_out(desk: Desk, path: Path) -> Exported:
    return export(desk, path, FIRST, guide)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def stands(desk: Desk) -> dict[tuple[str, str, str], tuple[object, ...]]:
    """What stands, with its letter and its note, by office, measure and period."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        every = set(session.exec(select(ReadingRow.period)).all())
        found = {}
        for one in standing(readings.of_periods(session, directory, every, None)).values():
            entry = view(readings.entries(session, [one.seq])[one.seq])
            said = entry.said or {}
            found[(one.office, one.measure, one.period)] = (
                one.kind, one.n, one.d, one.dated, said.get("source"), said.get("whom"), entry.words.get("note"),
            )  # fmt: skip
        return found


def keys(found: Imported) -> list[tuple[int, str]]:
    return [(one.line, one.error.key) for one in found.rejected]


def counts(found: Imported) -> tuple[int, int, int, int, int]:
    return found.entered, found.corrected, found.unchanged, found.empty, len(found.rejected)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
def test_what_was_given_out_is_filled_in_and_taken_in_once(house: House, tmp_path: Path, ending: str) -> None:
    desk = house.at(LATER)
    house.actor = "officer@example.org"
    enter(desk, Submitted("large-existing", "1/2560", "90/95", "=389/60", date(2017, 4, 10), note="-"))
    enter(desk, Submitted("sms-existing", "1/2560", awaiting="กฟก.1"))
    path = tmp_path / f"out.{ending}"
    told = given_out(desk, path)
    before = house.dump()
    assert counts(import_file(desk, path)) == (0, 0, 2, told.empty, 0)
    assert house.dump() == before

    given_out(desk, tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    assert list(rows[0]) == list(COLUMNS)
    assert {row["measure"] for row in rows}.isdisjoint({"complaints", "sms-success"})
    [there] = [row for row in rows if row["measure"] == "large-existing"]
    assert (there["n"], there["d"], there["source"], there["note"]) == ("90", "95", "'=389/60", "'-")
    for row in rows:
        if row["measure"] == "sms-new":
            row |= {"n": "36", "d": "36", **LETTER}
        elif row["measure"] == "voc-summary":
            row.update(LETTER)
        elif row["measure"] == "sms-existing":
            # Nobody has emptied the cell that says who was waited for.
            row |= {"n": "7209", "d": "8684", **LETTER}
        elif row["measure"] == "large-existing":
            row["n"] = "91"
    filled = write_csv(tmp_path / "filled.csv", rows)
    rehearsed = import_file(desk, filled, dry_run=True)
    assert counts(rehearsed) == (5, 1, 0, told.empty - 4, 0)
    assert house.dump() == before
    found = import_file(desk, filled)
    assert counts(found) == counts(rehearsed)
    [correction] = found.corrections
    assert (correction.checked.n, correction.checked.before.n) == (91, 90)
    now = stands(desk)
    assert now["MAIN", "sms-existing", "2017-Q1"][1:3] == (7209, 8684)
    assert now["MAIN", "voc-summary", "2017-Q1"][1:5] == (1, 1, date(2017, 4, 10), LETTER["source"])
    assert counts(import_file(desk, filled)) == (0, 0, 6, told.empty - 4, 0)
    assert given_out(desk, path).standing == 6


def test_figures_are_taken_as_offices_type_them(small_house: House, tmp_path: Path) -> None:
    desk = small_house.at("2017-05-20 09:00")

    def taken(**cells: str) -> tuple[object, ...]:
        row = {**EXISTING, **cells}
        found = import_file(desk, write_csv(tmp_path / "in.csv", [row]))
        assert not found.rejected, (cells, found.rejected)
        return stands(desk).popitem()[1][1:4] if len(stands(desk)) == 1 else stands(desk)

    april = date(2017, 4, 10)
    for cells in (
        {},
        {"n": "90/95", "d": ""},
        {"n": "๙๐", "d": " 95 "},
        {"n": "90.0", "d": "95.00"},
        {"dated": "10/4/2560"},
        {"dated": "2017-04-10 00:00:00"},
        {"dated": "ลว. ๑๐ เมษายน ๒๕๖๐"},
        {"period": "2017-Q1", "office": "main"},
        {"measure": "Large-Existing", "office": "สำนักงานหลัก"},
        # A spreadsheet shows the day of the letter so; the row says nothing new.
        {"dated": "10/4/2017"},
        {"dated": "4/10/2017"},
    ):
        assert taken(**cells) == (90, 95, april), cells
    with desk.store.read() as session:
        assert len(session.exec(select(ReadingRow.seq)).all()) == 1
    for period in ("2560-03", "Mar-17", "Mar-60", "มี.ค.-60", "มีนาคม 2560"):
        taken(measure="sms-new", period=period, n="1,036", d="1,036")
    assert stands(desk)["MAIN", "sms-new", "2017-03"][1:3] == (1036, 1036)
    taken(measure="voc-summary", n="1", d="1")
    assert len(stands(desk)) == 3


def test_what_is_not_plain_is_refused_with_its_row_and_the_others_are_taken(
    small_house: House, tmp_path: Path
) -> None:
    desk = small_house.at(LATER)
    enter(desk, Submitted("large-existing", "1/2560", "90/95", "1/60", date(2017, 4, 10)))
    wrong: Iterable[tuple[str, Mapping[str, str]]] = [
        ("figure-percent", {"n": "94.73%", "d": ""}),
        ("figure-percent", {"n": "0.9473", "d": "95"}),
        ("figure-of-what", {"n": "90", "d": ""}),
        ("empty-text", {"n": "", "d": "95"}),
        ("bad-figure", {"n": "90/95", "d": "95"}),
        ("figure-too-many", {"n": "96", "d": "95"}),
        ("figure-missing", {"n": "", "d": ""}),
        ("letter-needed", {"source": ""}),
        ("day-or-month", {"n": "91", "dated": "10/4/2017"}),
        ("day-or-month", {"dated": "11/4/2017"}),
        ("short-year", {"dated": "10 เม.ย. 60"}),
        ("day-to-come", {"dated": "3 พ.ค. 2560"}),
        ("day-before-period", {"dated": "10 เม.ย. 2559"}),
        ("day-before-period", {"dated": "31 ธ.ค. 2559"}),
        ("figure-and-awaiting", {"awaiting": "กฟก.1"}),
        ("unknown-office", {"office": "NOWHERE"}),
        ("unknown-measure", {"measure": "large"}),
        ("empty-text", {"measure": ""}),
        ("bad-period", {"period": "ไตรมาสแรก"}),
        ("period-not-quarter", {"period": "2560-03"}),
        ("period-to-come", {"period": "2/2560"}),
        ("no-plan", {"period": "1/2559"}),
        ("fed-by-tracker", {"measure": "complaints"}),
        ("same-figures", {"measure": "sms-success", "period": "2560-03"}),
        ("figure-done", {"measure": "voc-summary", "n": "0", "d": ""}),
    ]
    base = {**EXISTING, "awaiting": "", "note": "", "source": "1/60"}
    good = {**base, "measure": "sms-new", "period": "2560-01"}
    before = stands(desk)
    rejects = tmp_path / "rejects.csv"
    for key, cells in wrong:
        sheet = write_csv(tmp_path / "in.csv", [{**base, **cells}, good])
        rehearsed = import_file(desk, sheet, dry_run=True)
        found = import_file(desk, sheet, rejects=rejects, say=lambda problem: problem.key, batch=1)
        assert keys(found) == keys(rehearsed) == [(2, key)], cells
        assert counts(found) == counts(rehearsed)
        assert rows_of(rejects) == [{"error": key, **base, **cells}]
    assert {place: one for place, one in stands(desk).items() if place in before} == before
    assert len(stands(desk)) == 2
    # Mended, they are read as they lie there.
    assert counts(import_file(desk, write_csv(tmp_path / "again.csv", [{"error": "x", **good}])))[2] == 1


def test_rows_of_one_figure_that_differ_are_refused_with_all_their_lines(
    small_house: House, tmp_path: Path
) -> None:
    desk = small_house.at(LATER)
    other = {**EXISTING, "n": "91"}
    again = {**EXISTING, "measure": "sms-existing", "period": "2560-Q1", "office": "main"}
    twice = {**again, "office": "MAIN", "period": "1/2560", "n": "90/95", "d": ""}
    empty = {**EXISTING, "n": "", "d": "", "source": "", "dated": ""}
    sheet = write_csv(tmp_path / "in.csv", [EXISTING, again, other, twice, empty])
    for dry_run in (True, False):
        found = import_file(desk, sheet, dry_run=dry_run)
        assert counts(found) == (1, 0, 1, 1, 2)
        assert [(one.line, one.error.key, one.error.values["lines"]) for one in found.rejected] == [
            (2, "row-twice", [2, 4]),
            (4, "row-twice", [2, 4]),
        ]


def test_what_is_left_empty_withdraws_nothing_and_awaiting_takes_the_place_of_a_figure(
    small_house: House, tmp_path: Path
) -> None:
    desk = small_house.at(LATER)
    import_file(desk, write_csv(tmp_path / "in.csv", [EXISTING]))
    bare = {**EXISTING, "n": "", "d": "", "source": "", "dated": "", "awaiting": ""}
    before = small_house.dump()
    assert counts(import_file(desk, write_csv(tmp_path / "bare.csv", [bare]))) == (0, 0, 0, 1, 0)
    assert small_house.dump() == before
    waits = write_csv(tmp_path / "waits.csv", [{**bare, "awaiting": "กฟก.1"}])
    assert counts(import_file(desk, waits)) == (0, 1, 0, 0, 0)
    assert counts(import_file(desk, waits)) == (0, 0, 1, 0, 0)
    assert stands(desk)["MAIN", "large-existing", "2017-Q1"][5] == "กฟก.1"


def test_one_sheet_holds_many_offices_and_names_one_for_the_rest(small_house: House, tmp_path: Path) -> None:
    desk = small_house.at(LATER)
    for code in ("EAST", "WEST"):
        found_office(desk, code)
    rows = [{**EXISTING, "office": code} for code in ("EAST", "WEST", "")]
    sheet = write_csv(tmp_path / "in.csv", rows)
    assert [one.line for one in import_file(desk, sheet, dry_run=True, office="WEST").rejected] == []
    assert counts(import_file(desk, sheet, office="WEST")) == (2, 0, 1, 0, 0)
    assert {office for office, _, _ in stands(desk)} == {"EAST", "WEST"}
    out = tmp_path / "out.csv"
    told = export(desk, out, FIRST, guide, "EAST")
    assert told.standing == 1
    assert {row["office"] for row in rows_of(out)} == {"EAST"}
    assert given_out(desk, out).standing == 2


def found_office(desk: Desk, code: str) -> None:
    from complaint_sla.work.offices import add_office

    add_office(desk, code, code, code, "MAIN")


# --- Out and in again ------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=12)
DATED = st.dates(date(2017, 1, 1), date(2017, 4, 30))


def submitted(measure: PlannedMeasure, period: Period, chance: random.Random, words: list[str]) -> Submitted:
    """Something right of a measure, with hostile words."""
    word = chance.choice(words)
    office, note = chance.choice(["MAIN", "EAST"]), chance.choice([None, word])
    if chance.random() < 0.2:
        return Submitted(measure.key, period.key, awaiting=f"ก {word}", note=note, office=office)
    d = chance.randint(0, 50)
    n = chance.randint(d, 5 * d) if measure.kind is Kind.MEAN else chance.randint(0, d)
    typed = str(n) if measure.kind is Kind.COUNT and chance.random() < 0.5 else f"{n}/{d}"
    dated = max(period.first, date(2017, chance.randint(1, 4), chance.randint(1, 28)))
    return Submitted(
        measure.key,
        period.key,
        None if measure.kind is Kind.DONE else typed,
        f"{word} ก",
        dated,
        note=note,
        office=office,
    )


@given(st.integers(), st.lists(TEXT.filter(lambda text: text.strip() and text.isprintable()), min_size=1))
@settings(max_examples=4, phases=[Phase.generate])
def test_out_and_into_an_empty_copy_the_same_stands_whatever_the_order(
    copies: Callable[[], House], tmp_path_factory: pytest.TempPathFactory, seed: int, words: list[str]
) -> None:
    chance, folder = random.Random(seed), tmp_path_factory.mktemp("sheets")
    one, other, third = copies(), copies(), copies()
    try:
        desk = one.at(LATER)
        with desk.store.read() as session:
            plan = plan_in(session, FIRST)
        places = [
            (measure, period)
            for _, measure in plan.measures
            if not measure.source and measure.same_as is None
            for period in within(measure.every, FIRST)
        ]

        def write(session: Any) -> None:
            pen = Pen(session, desk)
            for measure, period in chance.choices(places, k=30):
                said = submitted(measure, period, chance, words)
                checked = pen.check(said, pen.office(said))
                if checked.is_new:
                    pen.put(checked)

        desk.store.write(write)
        path = folder / chance.choice(["out.csv", "out.jsonl"])
        told = given_out(desk, path)
        before = one.dump()
        assert counts(import_file(desk, path)) == (0, 0, told.standing, told.empty, 0)
        assert one.dump() == before

        found = import_file(other.at(LATER), path, batch=7)
        assert counts(found) == (told.standing, 0, 0, told.empty, 0), found.rejected
        shuffled = path.with_name(f"shuffled{path.suffix}")
        head, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines = [head, *lines] if path.suffix == ".jsonl" else lines
        chance.shuffle(lines)
        shuffled.write_text("".join(lines if path.suffix == ".jsonl" else [head, *lines]), encoding="utf-8")
        assert counts(import_file(third.at(LATER), shuffled)) == counts(found)
        assert stands(desk) == stands(other.desk) == stands(third.desk)
        assert cards(desk) == cards(other.desk) == cards(third.desk)
    finally:
        for house in (one, other, third):
            house.close()


def cards(desk: Desk) -> object:
    """The card of the quarter, without the numbers that entries have."""
    with desk.store.read() as session:
        sight = sight_in(session, desk, offices.directory(session), FIRST, None)
        return [
            (line.mark, [(one.measure.key, one.state, one.n, one.d, one.year) for one in line.measures])
            for line in card(sight)
        ]


@pytest.fixture(scope="module")
def copies(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]
) -> Callable[[], House]:
    """Opens as many empty houses of two offices as are asked for."""
    folder = tmp_path_factory.mktemp("houses")
    house = House(f"sqlite:///{shutil.copy(sqlite_template(), folder / 'template.db')}")
    found_office(house.desk, "EAST")
    house.close()

    def opened() -> House:
        number = len(list(folder.glob("*.db")))
        return House(f"sqlite:///{shutil.copy(folder / 'template.db', folder / f'{number}.db')}")

    return opened
