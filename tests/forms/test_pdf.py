"""The report on paper: its figures, its Thai as it is copied out, and nothing that a name could do to it."""

import json
import sys
from dataclasses import replace
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from complaint_sla.core.errors import BadValue
from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import figure_json
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import shown
from complaint_sla.forms.pdf import plan_pdf, quarter_pdf
from tests.forms.conftest import LONG_NAME, OFFICES, filled

BUCKETS = ("on_time", "late", "overdue", "pending", "excluded")
NAMES = {**OFFICES, "LONG": Title(LONG_NAME, LONG_NAME)}
A4 = (595, 842)


def pages(content):
    """The text of each page as it is copied out, in single spaces, and the page's size in points."""
    pdf = pypdfium2.PdfDocument(content)
    found = [
        (" ".join(page.get_textpage().get_text_range().split()), tuple(map(round, page.get_size())))
        for page in pdf
    ]
    pdf.close()
    return found


def text_of(content):
    return " ".join(text for text, _ in pages(content))


def in_order(text, parts):
    at = 0
    for part in parts:
        at = text.index(part, at) + len(part)


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("name", ["no_complaints", "seed_quarter", "sixty"])
def test_its_figures_equal_the_json(document, request, name, language):
    figure = request.getfixturevalue(name)
    report = document(figure, language=language, offices=NAMES)
    text = text_of(quarter_pdf(report))
    answer = json.loads(json.dumps(figure_json(figure, ZoneInfo("Asia/Bangkok"))))
    for table in report.printed:
        rows = {row["key"]: row for row in (*answer.get(f"by_{table.key}", ()), {**answer, "key": ""})}
        expected = [table.title]
        for row in table.rows:
            counts = row.counts
            if row.key in rows:
                assert [counts.received, counts.denominator] == [
                    rows[row.key]["received"],
                    rows[row.key]["denominator"],
                ]
                numbers = [str(rows[row.key][key]) for key in ("received", *BUCKETS)]
                share = row.cells[7] or "–"
                expected.append(
                    " ".join([*numbers, share, rows[row.key]["rate"] or "–"]) if counts.received else "– " * 7
                )
        in_order(text, expected)
    in_order(text, [table.title for table in report.printed])


# A tone on a vowel, on a tall letter, over a mark below; sara am; a letter whose foot gives way.
THAI = """ที่ น้ำ กำหนด ไม่ต่ำกว่า สิ้นสุด ทั้งหมด ครั้ง ตั้งแต่ ขึ้น ผู้จัดทำ พื้นที่ ยี่สิบ เครื่อง ซื้อ ปั๊ม ฝั่ง ปี่ ฟ้า ฬ่ ศักดิ์ องค์
ญี่ปุ่น ฐานะ ญู ฐุ ก็ เป็น เล็ก ฯลฯ ๆ จิ๋ว"""


@pytest.mark.parametrize("large", [True, False])
def test_copied_thai_is_the_thai_that_was_written(document, seed_quarter, large):
    report = document(seed_quarter, language="th")
    words = tuple(THAI.split())
    if large:
        # A line each, in the largest type and weight.
        report = replace(report, result=replace(report.result, mark_title="\n".join(words)))
    else:
        report = replace(report, notes=words)
    in_order(text_of(quarter_pdf(report)), words)


def test_what_a_review_adds_stands_in_it(document, sixty):
    text = text_of(quarter_pdf(filled(document(sixty, offices=NAMES))))
    in_order(
        text, ["By quarter", "80.00", "1/2016", "8/10", "3/2016", "0/3", "79.99", "1/2017", "79,999/100,000"]
    )
    in_order(text, ["By age", "up to 3 days", "more", "1,201"])
    in_order(text, ["How long it took", "Answering 1,234 4.5 79.99 –", "Closing 7 21.0 100.00 0"])
    in_order(text, ["Nothing to look at", "–", "To look at", "C-6003-00001", "C-6003-00002"])
    assert "C-6003-00003" not in text


def test_a_long_list_repeats_its_head_and_pages_are_numbered(document, sixty):
    report = filled(document(sixty, offices=NAMES))
    rows = tuple(replace(report.further[2].rows[0], cells=(f"C-{at}", "Why not")) for at in range(150))
    report = replace(report, further=(replace(report.further[2], rows=rows),))
    found = pages(quarter_pdf(report))
    assert {size for _, size in found} == {A4}
    with_rows = [text for text, _ in found if "Why not" in text]
    assert len(with_rows) > 2
    assert all("number Why" in text for text in with_rows)
    assert all(f"{at} / {len(found)}" in text for at, (text, _) in enumerate(found, 1))


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("name", ["no_complaints", "seed_quarter", "sixty"])
def test_the_plans_form_is_one_landscape_page_with_the_quarters_figures(plan, request, name, language):
    figure = request.getfixturevalue(name)
    form = plan(figure, language=language, offices=NAMES, year=Counts(on_time=900, late=100))
    ((text, size),) = pages(plan_pdf(form))
    assert size == (A4[1], A4[0])
    for table in form.quarter.tables:
        in_order(text, [" ".join(shown(cell) for cell in row.cells[1:]) for row in table.rows])
    in_order(text, [form.year.title, "1,000", form.year.share.text])
    assert "900" in form.year.share.text
    for _, title in form.marks:
        assert title in text


@pytest.mark.parametrize(
    "name",
    [
        "#panic()",
        "*bold* _x_ `raw`",
        '#read("/etc/passwd")',
        "$x$ @ref <label> \\ // /* =",
        ']#image("x")[',
        "{{ 7*7 }}",
    ],
)
def test_a_hostile_name_stays_text(document, plan, seed_quarter, name):
    offices = {"BANSANG": Title(name, name)}
    assert name in text_of(quarter_pdf(document(seed_quarter, offices=offices)))
    assert name in text_of(plan_pdf(plan(seed_quarter, offices=offices)))


def test_the_same_figures_give_the_same_bytes_with_their_own_date(document, plan, seed_quarter):
    report = document(seed_quarter, language="th")
    assert quarter_pdf(report) == quarter_pdf(report)
    assert plan_pdf(plan(seed_quarter)) == plan_pdf(plan(seed_quarter))
    pdf = pypdfium2.PdfDocument(quarter_pdf(report))
    metadata = pdf.get_metadata_dict()
    pdf.close()
    assert metadata["CreationDate"] == "D:20170425170000Z"
    assert metadata["Title"] == report.heading


def test_without_typst_it_says_what_to_install(document, seed_quarter, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(BadValue) as refused:
        quarter_pdf(document(seed_quarter))
    assert (refused.value.key, refused.value.values["extra"]) == ("missing-extra", "pdf")
