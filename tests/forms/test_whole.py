"""The whole form of the plan: divided as the document is, marks that are text, and nothing lost of what the card says."""

import html
import io
import re
import zipfile
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import Kind, percent, printed
from complaint_sla.core.periods import within
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.scorecard import PlanOffice, State
from complaint_sla.core.surveys import Poll
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import Table, joined
from complaint_sla.forms.plans.render import whole_rendered
from tests.forms.wholes import END, PLAN, QUARTER, SMALL, TEXT, Entered, form_of, seed, sight_of

# By page of the document.
PAGES = [
    ["2.1.1"], ["2.1.2"], ["2.1.3", "2.2"], ["2.4"], ["2.5.1"], ["2.5.2"], ["3.1"], ["4.1"], ["4.2"], ["2.2"], ["3.5.1"],
    ["3.5.2", "3.7"],
]  # fmt: skip
SEVERAL = (PlanOffice("BANSANG", "branch"), PlanOffice("PRACHIN", "class-1"))


def said(value):
    """Every text that a value of the form holds, in its order."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [text for one in value for text in said(one)]
    if is_dataclass(value):
        # A column's key and side, and a table's, are no words.
        skipped = {"key", "align", "language", "mark", "sign", "mark_title", "below", "remark"}
        # Its heads say what a small table is.
        skipped |= {"title"} if isinstance(value, Table) else set()
        return [
            text
            for one in fields(value)
            if one.name not in skipped
            for text in said(getattr(value, one.name))
        ]
    return []


def told(form, activity, column="quarter"):
    """What a cell of results says, line by line."""
    row = next(one for one in form.rows if one.key == activity)
    cell = getattr(row, column)
    lines = []
    for one in cell.told:
        lines += [
            one.title,
            *(f"{line.label} {line.text}".strip() for line in one.lines),
            *one.said,
            *one.letters,
        ]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in (*lines, *cell.letters) if line]


class Text(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.words, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def pages(content):
    pdf = pypdfium2.PdfDocument(content)
    found = [
        (squeezed(page.get_textpage().get_text_range()), tuple(map(round, page.get_size()))) for page in pdf
    ]
    pdf.close()
    return found


def squeezed(text):
    """Without what lines are broken at."""
    return re.sub(r"[\s\x02\xad\ufffe-]+", "", text)


def cells(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    (name,) = book.sheet_names
    return [cell for row in book.get_sheet_by_name(name).to_python() for cell in row if cell != ""]


def sheet_xml(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


@pytest.mark.parametrize("language", ["en", "th"])
def test_its_pages_are_those_of_the_document_with_the_thai_whole(language):
    form, _ = form_of(seed(), language)
    assert [[row.activity.split()[0] for row in page] for page in form.pages] == PAGES
    paper = pages(whole_rendered(form, "pdf"))
    assert [size for _, size in paper] == [(842, 595)] * 12
    for at, ((text, _), rows) in enumerate(zip(paper, form.pages, strict=True), 1):
        assert f"{at}/12" in text
        for words in (form.heading, form.state, form.foot, *form.columns, *said(rows)):
            assert squeezed(joined(words)) in text, words
    for words in said(form.signs):
        assert squeezed(words) in paper[-1][0]
    page = Text(whole_rendered(form, "html"))
    assert [attrs.get("class") for tag, attrs in page.tags if tag == "section"] == ["page"] * 12
    parts = sheet_xml(whole_rendered(form, "xlsx"))
    assert parts["xl/worksheets/sheet1.xml"].count("<brk ") == 11


@pytest.mark.parametrize(
    ("today", "marks"),
    [(date(2017, 4, 10), {"4.1": "✓", "4.2": "✓", "2.4": "✓"}),
     (END, {"4.1": "✓", "4.2": "✓", "2.4": "✓", "3.5.2": "✗", "3.7": "✗"})],
)  # fmt: skip
def test_a_mark_is_text_in_its_row_with_words_for_the_ear_and_nothing_where_none_is_stated(today, marks):
    form, lines = form_of(seed(), sight=sight_of(seed(), today=today))
    assert [row.mark for row in form.rows] == [line.mark for line in lines]
    assert {row.activity.split()[0]: row.sign for row in form.rows if row.sign} == marks
    # Once more in the head of the column, and in the legend.
    expected = Counter(marks.values())
    text = "".join(text for text, _ in pages(whole_rendered(form, "pdf")))
    assert {sign: text.count(sign) - 24 for sign in expected} == expected
    page = Text(whole_rendered(form, "html"))
    spoken = [attrs["aria-label"] for tag, attrs in page.tags if attrs.get("role") == "img"]
    titles = {"✓": "According to plan", "✗": "Not according to plan"}
    assert Counter(spoken) == {titles[sign]: n for sign, n in expected.items()}
    assert {sign: cells(whole_rendered(form, "xlsx")).count(sign) for sign in expected} == expected


def test_the_documents_figures_read_by_their_right_values():
    form, _ = form_of(seed())
    assert told(form, "smart-invoice-large") == [
        "New large customers (2560)*",
        "–",
        "Existing large customers, cumulative, of all (December 2559)**",
        "90 of 95, 94.73 %",
        "by letter ก.1กรท.(สจ) 374/2560 of 7 Apr 2017",
    ]
    assert told(form, "smart-invoice-small") == [
        "Rolled out at every office",
        "done",
        "Messages delivered",
        "Jan 2017 3,601 of 3,963, 90.86 %",
        "Feb 2017 4,061 of 4,477, 90.70 %",
        "Mar 2017 4,307 of 4,811, 89.52 %",
        "Total 11,969 of 13,251, 90.32 %",
        f"by letter {SMALL} of 10 Apr 2017",
    ]
    # Though the quarter is met, its March is not.
    news = next(row for row in form.rows if row.key == "sms-news").quarter.told[0]
    assert [line.below for line in news.lines] == ["", "", "below 90", ""]
    assert told(form, "sms-news", "year")[1] == "11,969 of 13,251, 90.32 %"
    assert told(form, "voice-of-customer")[1:] == ["awaiting กฟก.1 since 5 Apr 2017"]
    assert told(form, "channels") == ["Done by offices of class 1 to 3 only, not by branches"]
    assert told(form, "telephone-numbers")[1] == "Jan 2017 not in, was due 10 Feb 2017"
    assert told(form, "telephone-numbers")[3] == "Mar 2017 not in, due 10 Apr 2017"
    assert told(form, "telephone-numbers", "year")[1:] == ["not in"]


def test_in_thai_it_has_the_documents_words():
    form, _ = form_of(seed(), "th")
    assert told(form, "smart-invoice-small")[3] == "ม.ค. 60 3,601 จาก 3,963 ราย ร้อยละ 90.86"
    assert told(form, "smart-invoice-small")[-1] == f"ตามบันทึกที่ {SMALL} ลว. 10 เม.ย. 2560"
    assert told(form, "voice-of-customer")[1:] == ["รอข้อมูลจาก กฟก.1 ตั้งแต่ 5 เม.ย. 2560"]
    first = form.rows[0]
    assert first.criteria[0].lines[0][0] == "งานขอใช้ไฟติดตั้งมิเตอร์ ไม่น้อยกว่า 3 ราย/ไตรมาส"
    assert first.aims == ("รายงานผลทุกไตรมาส", "ค่าเฉลี่ยความพึงพอใจ ไม่ต่ำกว่า 4.31")
    assert first.notes_title == "หมายเหตุ"
    assert first.period == "ม.ค. - ธ.ค. 2560"
    assert form.heading.endswith("ปี 2560 ประจำการไฟฟ้าส่วนภูมิภาคสาขาอำเภอบ้านสร้าง")


def test_what_is_demanded_is_made_from_the_measures():
    form, _ = form_of(seed())
    by_key = {row.key: row for row in form.rows}
    assert [line for line, _ in by_key["postal-survey"].criteria[0].lines] == [
        "New meter: not less than 10 percent",
        "Low-voltage extension and meter: every one",
        "Extension with a transformer of one's own: every one",
    ]
    assert by_key["smart-invoice-large"].aims[0] == "New large customers (2560)*: 100 percent"
    assert by_key["voice-of-customer"].target == ("by 30\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2017",)
    text = TEXT.replace('"sms-success", share = 90', '"sms-success", share = "91.5"').replace(
        'hand_in = "1 month"', 'hand_in = "2 months"'
    )
    other, _ = form_of(seed(), sight=sight_of(seed(), plan=read_plan(text, "plan.toml")))
    row = next(row for row in other.rows if row.key == "sms-news")
    assert row.aims[0] == "Messages delivered, of those sent: not less than 91.5 percent"
    assert "below 91.5" in said(row.quarter.told)[-1] or "below 91.5" in " ".join(said(row.quarter.told))


def test_what_demands_a_plan_is_named_with_its_value():
    entered = seed()
    entered.figure("post-mean", "1/2560", 86, 20)
    form, _ = form_of(entered)
    assert told(form, "improvement-plan")[1:] == [
        "not in, due 30 Jun 2017",
        "demanded because: 2.2 Mean satisfaction 4.30, below 4.31",
    ]
    for mean in ("division-mean", "post-mean"):
        entered.figure(mean, "1/2560", 88, 20)
    for month in (1, 2, 3):
        entered.figure("phone-mean", f"2560-0{month}", 88, 20)
    form, _ = form_of(entered)
    assert told(form, "improvement-plan")[1:] == ["not needed: nothing missed in 2.1.1, 2.1.2, 2.2, 2.4"]
    lost = sight_of(entered, received=Counts(late=1))
    form, _ = form_of(entered, sight=lost)
    assert "2.4 Closed within the criteria 0.00, below 80" in told(form, "improvement-plan")[-1]


def test_wholes_that_differ_late_entries_notes_and_answers_are_said():
    entered = seed()
    for month, n in ((1, 14), (2, 18), (3, 18)):
        entered.figure(
            "numbers-entered",
            f"2560-0{month}",
            n,
            n,
            late_days=month // 3 * 20,
            note="ถาม 081-234-5678" * (month == 2),
        )
    form, _ = form_of(entered)
    assert told(form, "telephone-numbers")[4:] == [
        "Total 50 of 50, 100.00 %",
        "entered late: Mar 2017 20 days",
        "50; 3.5.1 counts 64",
        "Feb 2017: ถาม 08x-xxx-5678",
        "by letter 1/2560 of 7 Apr 2017",
    ]
    entered.figure("voc-summary", "1/2560", dated=date(2017, 5, 1))
    form, _ = form_of(entered, sight=sight_of(entered, today=END))
    assert told(form, "voice-of-customer")[1] == "done, dated 1 May 2017; was due 30 Apr 2017"
    # A survey feeds it.
    sight = sight_of(entered)
    entered.figure("division-new-meter", "1/2560", 3, 4)
    poll = Poll(finished=4, drawn=4, answered=3, refused=1)
    sight = replace(sight, surveys={("BANSANG", "division-new-meter", "2017-Q1"): poll})
    form, _ = form_of(entered, sight=sight)
    assert told(form, "calls-by-division")[2:4] == ["answered 3 of 4 drawn", "refused 1"]


def test_the_year_so_far_has_sums_the_newest_of_a_stand_and_what_was_done_in_which_quarter():
    entered = seed()
    entered.figure("sms-wrong-numbers", "1/2560")
    for month in (4, 5, 6):
        entered.figure("sms-delivered", f"2560-0{month}", 9, 10)
    entered.figure("large-existing", "2/2560", 93, 95)
    sight = sight_of(entered, today=date(2017, 7, 10), quarter=Quarter(2017, 2))
    form, _ = form_of(entered, sight=sight)
    assert told(form, "sms-news", "year") == [
        "Messages delivered, of those sent",
        "11,996 of 13,281, 90.32 %",
        "Report on wrong or odd numbers, each quarter",
        "quarter 1/2017 done",
        "quarter 2/2017 not in",
    ]
    assert told(form, "smart-invoice-large", "year")[-1] == "93 of 95, 97.89 %"
    assert form.rows[0].year.title == "Status January to June 2017"


def test_of_several_offices_it_counts_those_that_met_and_names_a_few_of_the_others():
    entered = seed()
    entered.figure("large-existing", "1/2560", 40, 60, office="PRACHIN")
    entered.figure("division-new-meter", "1/2560", 3, 14)
    entered.figure("division-new-meter", "1/2560", 1, 2, office="PRACHIN")
    form, _ = form_of(entered, sight=sight_of(entered, offices=SEVERAL))
    large = told(form, "smart-invoice-large")
    assert "130 of 155, 83.87 %" in large
    assert "missed at: PEA Prachin Buri" in large
    assert told(form, "calls-by-division")[1:4] == [
        "4 of 16",
        "1 of 2 offices",
        "missed at: PEA Prachin Buri",
    ]
    many = tuple(PlanOffice(f"B{n}", "branch") for n in range(9))
    for one in many:
        entered.figure("large-existing", "1/2560", 1, 2, office=one.code)
    form, _ = form_of(entered, sight=sight_of(entered, offices=many))
    assert "missed at: B0, B1, B2 and 6 more" in told(form, "smart-invoice-large")


def test_in_the_sheet_n_d_and_value_are_numbers_in_cells_of_their_own():
    entered = seed()
    entered.figure("post-mean", "1/2560", 4309, 1000)
    found = cells(whole_rendered(form_of(entered)[0], "xlsx"))
    for row in ([11969, 13251, 90.32], [4307, 4811, 89.52], [90, 95, 94.73], [4309, 1000, 4.3]):
        assert any(found[at : at + 3] == row for at in range(len(found))), row
    setup = sheet_xml(whole_rendered(form_of(entered)[0], "xlsx"))["xl/worksheets/sheet1.xml"]
    assert 'paperSize="9"' in setup
    assert 'orientation="landscape"' in setup
    # What is fitted to pages has no breaks.
    assert "fitToPage" not in setup


@pytest.mark.parametrize("name", ["=1+1", "<script>x</script>", "#panic() *b* $x$", "{{ 7*7 }}\x1b\u202e"])
def test_hostile_text_stays_text(name):
    entered = seed()
    entered.figure("post-mean", "1/2560", 86, 20, source=name, note=name)
    entered.awaiting("sms-wrong-numbers", "1/2560", name)
    form, _ = form_of(entered, offices={"BANSANG": Title(name, name)})
    shown = name.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    page = whole_rendered(form, "html")
    assert "<script" not in page
    assert page.count(html.escape(shown, quote=False)) >= 4
    assert sum(shown in str(cell) for cell in cells(whole_rendered(form, "xlsx"))) >= 4
    assert "<f>" not in sheet_xml(whole_rendered(form, "xlsx"))["xl/worksheets/sheet1.xml"]
    assert squeezed(shown) in "".join(text for text, _ in pages(whole_rendered(form, "pdf")))


KEYS = [one.key for _, one in PLAN.measures if not one.source and one.same_as is None]
# So many of each measure, at one office or two; None: one waits for somebody.
FIGURES = st.dictionaries(st.sampled_from(KEYS), st.sampled_from((None, 0, 7, 1234)), max_size=12)


@settings(max_examples=20)
@given(
    first=FIGURES,
    second=st.none() | FIGURES,
    today=st.sampled_from((date(2017, 4, 10), END)),
    language=st.sampled_from(("en", "th")),
)
def test_nothing_that_a_card_says_is_missing_from_the_form_nor_of_the_form_from_page_and_sheet(
    first, second, today, language
):
    offices = SEVERAL[: 1 if second is None else 2]
    entered = entered_at(zip(offices, (first, second), strict=False))
    form, lines = form_of(entered, language, sight=sight_of(entered, today=today, offices=offices))
    for line, row in zip(lines, form.rows, strict=True):
        assert row.mark is line.mark
        cell = " ".join(said(row.quarter))
        assert [one for one in numbers_of(line) if one not in cell] == []
    page = squeezed("".join(Text(whole_rendered(form, "html")).words))
    assert [
        one for one in said((form.pages, form.notes, form.signs, form.foot)) if squeezed(one) not in page
    ] == []
    sheet = squeezed("".join(map(str, cells(whole_rendered(form, "xlsx")))))
    results = [result for row in form.rows for result in (row.quarter, row.year)]
    assert [one for result in results for one in in_sheet(result) if squeezed(one) not in sheet] == []


def entered_at(offices):
    entered = Entered()
    for office, figures in offices:
        for key, d in figures.items():
            measure = PLAN.measure(key)
            for period in within(measure.every, QUARTER):
                if d is None:
                    entered.awaiting(key, period.key, "กฟก.1", office=office.code)
                    continue
                n = {Kind.DONE: 1, Kind.MEAN: 4 * d}.get(measure.kind, d - d // 7)
                whole = 1 if measure.kind is Kind.DONE else d
                entered.figure(key, period.key, n, whole, office=office.code)
    return entered


def numbers_of(line):
    """Every number of an activity on a card, as it is read."""
    for measured in line.measures:
        kind = measured.measure.kind
        if measured.measure.source or measured.state is State.NOT_APPLICABLE or kind is Kind.DONE:
            continue
        if measured.offices is not None and measured.offices[1]:
            yield str(measured.offices[0])
        for n, d in [(one.n, one.d) for one in measured.periods] + [(measured.n, measured.d)]:
            if n is not None and d != 0:
                value = printed(kind, Fraction(n, d)) if d else None
                yield from (f"{one:,}" for one in (n, d) if one is not None)
                yield from () if value is None else (value,)


def in_sheet(result):
    """What a cell of results says, as a sheet has it: numbers as such."""
    for one in result.told:
        yield from (one.title, *one.said, *one.letters, *result.letters)
        for line in one.lines:
            if line.n is None:
                yield line.text
                continue
            yield from (line.label, line.below, line.remark)
            for number in (line.n, line.d, line.value) if line.d != 0 else ():
                shown = percent(number) if isinstance(number, Fraction) else number
                yield "" if shown is None else str(float(shown)).removesuffix(".0")
