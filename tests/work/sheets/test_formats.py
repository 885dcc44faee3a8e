"""Sheets by themselves: any text survives, no cell is a formula, and what can't be read is said."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue
from complaint_sla.files import guarded, unguarded
from complaint_sla.work.sheets.formats import open_sheet
from complaint_sla.work.sheets.writing import new_sheet

COLUMNS = ("one", "two", "three")
hostile = st.text(
    st.one_of(
        st.sampled_from("'=+-@\t\r\n,;\"\\ \u2028\u0085\ufeffกำ"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=12,
)


def read(path: Path) -> list[dict[str, str]]:
    return [dict(row.cells) for row in open_sheet(path, COLUMNS, (), lambda _: None).rows()]


@given(hostile)
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text):
    assert guarded(text)[:1] not in set("=+-@\t\r")
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(hostile, hostile, hostile), max_size=5))
def test_any_text_comes_back_from_a_sheet_as_it_was(tmp_path, ending, rows):
    path = tmp_path / f"sheet{ending}"
    with new_sheet(path, COLUMNS) as write:
        for row in rows:
            write(row)
    expected = [
        {name: text for name, text in zip(COLUMNS, row, strict=True) if text and not text.isspace()}
        for row in rows
    ]
    # A row of blanks says nothing: in CSV it is none.
    assert [row for row in read(path) if row] == [row for row in expected if row]
    if ending == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert all(cell[:1] not in set("=+-@\t\r") for cell in cells)


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("a.doc", b"", "unknown-ending"),
        ("a", b"", "unknown-ending"),
        ("missing.csv", None, "file-unreadable"),
        ("missing.jsonl", None, "file-unreadable"),
        ("latin1.csv", "one\nrésumé à côté\n".encode("latin-1"), "not-utf8"),
        ("tis620.jsonl", '{"one": "การไฟฟ้าส่วนภูมิภาค"}'.encode("tis-620"), "not-utf8"),
        ("a.csv", b'one,two\n"never closed,1\n2,3\n', "sheet-broken"),
        ("a.csv", b'"one,two\n', "sheet-broken"),
        ("a.csv", b"one,four\n", "unknown-columns"),
        ("a.csv", b"one,,two\n", "unknown-columns"),
        ("a.jsonl", b'{"one": 1}\n{"two": 2, "four": 4}\n', "unknown-columns"),
        ("a.csv", b"one,One\n", "column-twice"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused_before_any_row(tmp_path, name, data, key):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(BadValue) as caught:
        open_sheet(path, COLUMNS, (), lambda _: None)
    assert caught.value.key == key


def test_an_unknown_ending_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(BadValue) as caught:
        open_sheet(tmp_path / "a.doc", COLUMNS, (), lambda _: None)
    assert caught.value.values == {"value": ".doc", "known": [".csv", ".xlsx", ".jsonl"]}


def test_a_folder_is_no_sheet(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(BadValue, match="file-unreadable"):
        open_sheet(tmp_path / "a.csv", COLUMNS, (), lambda _: None)


def test_a_row_is_named_by_the_line_on_which_it_begins(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'one,two\r\n"a\r\nb",1\r\n\r\n,\r\nc,2\r\nd\r\n')
    rows = list(open_sheet(path, COLUMNS, (), lambda _: None).rows())
    assert [(row.line, dict(row.cells)) for row in rows] == [
        (2, {"one": "a\r\nb", "two": "1"}),
        (6, {"one": "c", "two": "2"}),
        (7, {}),
    ]
    assert rows[2].fault is not None


def test_numbers_and_truth_in_json_read_as_they_are_written(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(
        '\ufeff{"one": 3, "two": true, "three": null}\r\n{"one": 2.5, "two": ""}\n', encoding="utf-8"
    )
    assert read(path) == [{"one": "3", "two": "true"}, {"one": "2.5"}]
