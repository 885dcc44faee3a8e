"""The flat CSV: the figures of the JSON in rows, and nothing that a spreadsheet would run."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import figure_json
from complaint_sla.core.titles import Title
from complaint_sla.files import guarded
from complaint_sla.forms.csv import quarter_csv

HEADER = "section,key,title,received,on_time,late,overdue,pending,excluded,numerator,denominator,rate"
NUMBERS = HEADER.split(",")[3:]


def read(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_excel_reads_it_by_its_mark_its_line_ends_and_its_header(document, busy_quarter):
    data = quarter_csv(document(busy_quarter, language="th"))
    assert data.startswith(b"\xef\xbb\xbf" + HEADER.encode() + b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == 1 + 1 + 3 + 4 + 5 + 2 + 19 + 12
    assert "การไฟฟ้าส่วนภูมิภาคสาขาบ้านสร้าง" in data.decode()


@pytest.mark.parametrize("name", ["busy_quarter", "seed_quarter"])
def test_its_figures_equal_the_json(document, request, name):
    figure = request.getfixturevalue(name)
    total, *rows = read(quarter_csv(document(figure)))
    answer = figure_json(figure, ZoneInfo("Asia/Bangkok"))
    assert total["section"] == "total"
    assert [total[key] for key in NUMBERS] == [_text(answer[key]) for key in NUMBERS]
    for section in ("group", "month", "office", "rule"):
        found = [[row[key] for key in ("key", *NUMBERS)] for row in rows if row["section"] == section]
        expected = [[_text(row[key]) for key in ("key", *NUMBERS)] for row in answer[f"by_{section}"]]
        # Offices stand with the worst first.
        assert found == (_worst_first(expected) if section == "office" else expected)


def _worst_first(rows):
    return sorted(rows, key=lambda row: (row[-1] == "", float(row[-1] or 0), -int(row[1])))


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_a_name_that_begins_like_a_formula_is_defused(begin):
    assert guarded(f"{begin}cmd|' /C calc'!A0") == f"'{begin}cmd|' /C calc'!A0"


def test_no_cell_of_a_hostile_office_begins_like_a_formula(document, figure):
    counts = Counts(on_time=1)
    offices = {"=1+1": counts, "B": Counts(), "C": Counts()}
    titles = {
        "=1+1": Title("x", '=HYPERLINK("http://evil","x")'),
        "B": Title("x", "\t=1"),
        "C": Title("x", '",\r\n=1'),
    }
    rows = read(quarter_csv(document(figure(counts, offices=offices, office=None), offices=titles)))
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert [row["title"] for row in rows if row["key"] == "C"] == ['",\\r\\n=1']
    assert None not in cells


def _text(value):
    return "" if value is None else str(value)
