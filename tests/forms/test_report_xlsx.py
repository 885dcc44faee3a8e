"""The workbook: figures as numbers, texts as texts, a sheet of cases, and the same bytes for the same figures."""

import io
import re
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from complaint_sla.core.errors import BadValue
from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import figure_json
from complaint_sla.core.titles import Title
from complaint_sla.forms.plan_xlsx import plan_xlsx
from complaint_sla.forms.report_xlsx import quarter_xlsx
from complaint_sla.forms.workbook import _lines
from tests.forms.conftest import LONG_NAME, OFFICES, filled

NUMBERS = ("received", "on_time", "late", "overdue", "pending", "excluded", "denominator", "rate")
NAMES = {**OFFICES, "LONG": Title(LONG_NAME, LONG_NAME)}


def sheets(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def table(rows, title):
    """The rows of a table below its title and head, up to the empty line."""
    at = next(i for i, row in enumerate(rows) if row[0] == title) + 2
    end = next((i for i in range(at, len(rows)) if not any(cell != "" for cell in rows[i])), len(rows))
    return [[cell for cell in row if cell != ""] for row in rows[at:end]]


def part(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read(name).decode()


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("name", ["no_complaints", "seed_quarter", "sixty"])
def test_its_figures_equal_the_json_and_are_numbers(document, request, name, language):
    figure = request.getfixturevalue(name)
    report = document(figure, language=language, offices=NAMES)
    found = sheets(quarter_xlsx(report))
    answer = figure_json(figure, ZoneInfo("Asia/Bangkok"))
    for breakdown in report.breakdowns:
        *rows, total = table(found[report.tables_title], breakdown.title)
        if f"by_{breakdown.key}" not in answer:
            continue
        parts = answer[f"by_{breakdown.key}"]
        if breakdown.key == "office":
            parts = sorted(parts, key=lambda part: [row.key for row in breakdown.rows].index(part["key"]))
        for row, expected in zip((*rows, total), (*parts, answer), strict=True):
            assert row[1:] == _cells(expected)
    summary = {row[0]: row[1] for row in found[report.summary_title]}
    assert (
        summary[report.result.title] == (float(answer["rate"]) if answer["rate"] else "–")
        or answer["received"]
    )
    buckets = [row[1] for row in table(found[report.summary_title], report.buckets.title)]
    assert buckets == (_cells(answer)[1:6] + _cells(answer)[:1])


def _cells(row):
    if not row["received"]:
        return ["–"] * len(NUMBERS)
    return [*(row[key] for key in NUMBERS[:-1]), float(row["rate"]) if row["rate"] else "–"]


def test_a_rate_is_cut_off_in_the_cell_too(document, figure):
    report = document(figure(Counts(on_time=79_996, late=20_004)))
    rows = table(sheets(quarter_xlsx(report))["Tables"], "By month of receipt")
    assert rows[2] == ["March 2017", 100_000, 79_996, 20_004, 0, 0, 0, 100_000, 79.99]


def test_what_a_review_adds_stands_in_it(document, sixty):
    found = sheets(quarter_xlsx(filled(document(sixty, offices=NAMES))))
    assert list(found) == ["Summary", "Charts", "Tables", "To look at", "Cases"]
    assert table(found["Tables"], "How long it took") == [
        ["Answering", 1_234, 4.5, 79.99, "–"],
        ["Closing", 7, 21.0, 100.0, 0],
    ]
    by_quarter = table(found["Charts"], "By quarter")
    assert by_quarter[:2] == [["1/2016", 80.0, 75.0], ["2/2016", 75.0]]
    assert by_quarter[-1] == ["1/2017", 79.99, 80.0]
    assert table(found["Charts"], "By age")[-1] == ["more", 1_200, 1]
    assert found["To look at"][0] == ["number", "Why"]


def test_its_charts_draw_the_cells_of_their_tables(document, sixty):
    content = quarter_xlsx(filled(document(sixty, offices=NAMES)))
    found = sheets(content)
    drawn = []
    for number in (1, 2, 3):
        chart = part(content, f"xl/charts/chart{number}.xml")
        for sheet, first, last in re.findall(r"<c:cat>.*?<c:f>(\w+)!\$A\$(\d+):\$A\$(\d+)</c:f>", chart):
            drawn.append([row[0] for row in found[sheet][int(first) - 1 : int(last)]])
    quarters = [f"{n}/2016" for n in range(1, 8)] + ["1/2017"]
    groups = [row[0] for row in table(found["Tables"], "By customer group")[:-1]]
    ages = ["up to 3 days", "4 to 5 days", "more"]
    assert drawn == [quarters] * 2 + [groups] * 5 + [ages] * 2


@pytest.mark.parametrize("language", ["en", "th"])
def test_cases_have_days_and_moments_a_filter_and_a_head_that_stays(document, sixty, language):
    content = quarter_xlsx(filled(document(sixty, language=language, offices=NAMES), cases=5_000))
    rows = sheets(content)["Cases"]
    assert rows[0] == ["number", "days", "received", "due", "ended"]
    assert len(rows) == 5_001
    moment = datetime(2017, 3, 1, 9, 30) + timedelta(minutes=5_000)
    assert rows[-1] == ["C-6003-05000", 20, moment, date(2017, 3, 26), "–"]
    last = len(sheets(content))
    sheet = part(content, f"xl/worksheets/sheet{last}.xml")
    assert '<autoFilter ref="A1:E5001"/>' in sheet
    assert 'state="frozen"' in sheet
    assert "fitToWidth" not in sheet
    assert 'fitToHeight="0"' in sheet
    assert "Cases!$1:$1" in part(content, "xl/workbook.xml")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "http://", "mailto:", "{="])
def test_a_name_never_becomes_a_formula_or_a_link(document, plan, figure, begin):
    counts = Counts(on_time=1)
    name = f"{begin}evil.example/cmd|' /C calc'!A0"
    hostile = figure(counts, offices={"X": counts, "Y": Counts()}, office="X")
    titles = {"X": Title(name, name), "Y": Title("<b>&amp;", "[x]:*?/\\")}
    for content in (
        quarter_xlsx(document(hostile, offices=titles)),
        plan_xlsx(plan(hostile, offices=titles)),
    ):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            for member in file.namelist():
                text = file.read(member).decode()
                assert "<f>" not in text
                assert "<hyperlink" not in text
        shown = name.replace("\t", "\\t")
        assert any(shown in str(cell) for rows in sheets(content).values() for row in rows for cell in row)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", 1), ("a" * 10, 1), ("a" * 11, 2), ("ที่" * 10, 1), ("ที่" * 11, 2), ("漢" * 5, 1), ("漢" * 6, 2)],
)
def test_what_fits_into_a_column_takes_one_line(text, lines):
    assert _lines(text, 12) == lines


def test_titles_that_no_sheet_may_bear_are_made_bearable(document, sixty):
    report = filled(document(sixty))
    by = report.further[2]
    tables = tuple(replace(by, title=title) for title in ("A/B: [*]?", "A B", "x" * 40, "X" * 40, "'", ""))
    names = list(sheets(quarter_xlsx(replace(report, further=tables))))
    assert len({name.casefold() for name in names}) == len(names) == 3 + 6 + 1
    assert all(1 <= len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


def test_the_same_figures_give_the_same_bytes_with_their_own_date(document, plan, sixty):
    report, form = filled(document(sixty, offices=NAMES)), plan(sixty, offices=NAMES)
    for make, made_of in ((quarter_xlsx, report), (plan_xlsx, form)):
        content = make(made_of)
        assert make(made_of) == content
        dates = re.findall(r"\d{4}-\d\d-\d\dT[0-9:]+Z", part(content, "docProps/core.xml"))
        assert set(dates) == {"2017-04-10T03:00:00Z"}
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            assert {member.date_time[0] for member in file.infolist()} == {1980}


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("name", ["no_complaints", "seed_quarter", "sixty"])
def test_the_plans_form_has_the_quarters_figures_on_one_sheet(plan, request, name, language):
    figure = request.getfixturevalue(name)
    form = plan(figure, language=language, offices=NAMES, year=Counts(on_time=900, late=100))
    (rows,) = sheets(plan_xlsx(form)).values()
    answer = figure_json(figure, ZoneInfo("Asia/Bangkok"))
    quarter = {row[4]: row[5:8] for row in rows}
    for row, expected in zip(form.quarter.tables[0].rows, (*answer["by_month"], answer), strict=True):
        received, _, rate = quarter[row.cells[0]]
        assert received == (expected["received"] or "–")
        assert rate == (float(expected["rate"]) if expected["rate"] else "–")
    year = {row[8]: row[9] for row in rows}
    assert year[form.year.received_title] == 1_000
    assert year[form.year.share_title] == 90.0
    ticked = [row[8] for row in rows if str(row[8]).startswith("☑")]
    assert ticked == [f"☑ {dict(form.marks)[form.mark]}"]


def test_without_its_writer_it_says_what_to_install(document, plan, seed_quarter, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    for make in (lambda: quarter_xlsx(document(seed_quarter)), lambda: plan_xlsx(plan(seed_quarter))):
        with pytest.raises(BadValue) as refused:
            make()
        assert (refused.value.key, refused.value.values["extra"]) == ("missing-extra", "xlsx")
