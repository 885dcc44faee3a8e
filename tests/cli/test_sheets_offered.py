"""Workbooks in the words of an office, written here, filled in there, and taken in without a question."""

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from complaint_sla.core.sheets.offered import EXAMPLES, HEADS, HINTS, STATUS, YES_NO
from complaint_sla.core.sheets.words import meaning
from complaint_sla.work.sheets.sources import open_source
from tests.cli.runner import SUNDAY, Program

LATER = "2017-06-01 10:00"


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_template_is_filled_in_and_taken_in_and_its_examples_never_are(
    program: Program, tmp_path: Path, lang: str
) -> None:
    empty, filled, back = (tmp_path / f"{name}.xlsx" for name in ("empty", "filled", "back"))
    program("import", "--template", str(empty), now=SUNDAY, lang=lang)
    assert program("import", str(empty), "--json", now=SUNDAY).json["logged"] == 0
    table, lists, guide = open_source(empty).tables
    (heads,) = (line.cells for line in table.lines())
    assert lists.is_hidden
    with zipfile.ZipFile(empty) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<dataValidation ") == 5
    assert "<autoFilter" in sheet
    assert 'state="frozen"' in sheet
    # Whoever copies the examples of the guide into the table, and adds what the guide asks for.
    rows = {line.cells[0]: line.cells[2:] for line in guide.lines()}
    when = {HEADS[name].of(lang): datetime(2017, 3, 5, 9, 30) for name in ("received_at", "closed_at")}
    with xlsxwriter.Workbook(filled) as book:
        page, moment = book.add_worksheet("1"), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        page.write_row(0, 0, heads)
        for number in (0, 1):
            for at, head in enumerate(heads):
                value = rows[head][number]
                if isinstance(value, datetime):
                    page.write_datetime(number + 1, at, when[head], moment)
                elif value is not None:
                    page.write_string(number + 1, at, value)
                elif head == HEADS["phone"].of(lang):
                    page.write_string(number + 1, at, "0812345678")
    assert program("import", str(filled), "--json", now=LATER).json["logged"] == 2
    logged = {one["status"]: one for one in program("list", "--status", "closed", "--json", now=LATER).json}
    logged |= {one["status"]: one for one in program("list", "--json", now=LATER).json}
    assert (logged["closed"]["urgent"], logged["open"]["urgent"]) == (True, False)
    assert logged["closed"]["received_at"] == "2017-03-05T09:30:00+07:00"
    title = EXAMPLES["subject"][0]
    assert title is not None
    assert logged["closed"]["subject"] == title.of(lang)
    # And out again, in the same words.
    program("export", str(back), now=LATER, lang=lang)
    first = open_source(back).tables[0]
    shown, *lines = (line.cells for line in first.lines())
    assert shown == tuple(title.of(lang) for title in _in_order(shown, lang))
    closed = next(line for line in lines if STATUS["closed"].of(lang) in line)
    row = dict(zip(shown, closed, strict=True))
    assert row[HEADS["received_at"].of(lang)] == datetime(2017, 3, 5, 9, 30)
    assert row[HEADS["phone"].of(lang)] == "0812345678"
    assert row[HEADS["urgent"].of(lang)] == YES_NO[True].of(lang)
    before = program.dump()
    assert program("import", str(back), "--json", now=LATER).json["unchanged"] == 2
    assert program.dump() == before


def _in_order(shown: tuple[object, ...], lang: str):
    of_head = {title.of(lang): title for title in HEADS.values()}
    return [of_head[str(head)] for head in shown]


@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_word_that_is_offered_means_one_thing(lang: str) -> None:
    heads = [title.of(lang) for title in HEADS.values()]
    assert len({head.lower() for head in heads}) == len(heads)
    # A guess takes the heads of a template for what they are.
    assert {name: meaning(HEADS[name].of(lang)) for name in HINTS} == {name: name for name in HINTS}


def test_a_template_is_a_workbook_and_takes_the_place_of_nothing_that_is_kept(
    sqlite_program: Program, tmp_path: Path
) -> None:
    for name in ("a.csv", "-"):
        refused = sqlite_program("import", "--template", str(tmp_path / name), code=2)
        assert (refused.out, bool(re.search("xlsx", refused.err))) == ("", True)
    assert list(tmp_path.glob("a.*")) == []
