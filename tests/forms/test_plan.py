"""The plan's own form: activity 2.4 as the branch Ban Sang handed it in, and what its boxes say."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import Mark
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import joined, shown
from complaint_sla.forms.html import plan_html
from complaint_sla.resources import rules


class Form(HTMLParser):
    """Rows of the small tables by key, what is ticked, all tags, all text."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.ticked, self.text = {}, [], None, ""
        self.cells = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ticked = attrs.get("data-mark", self.ticked)
        if tag == "table":
            self.table = attrs["class"].split()[-1]
        if tag == "tr" and "data-key" in attrs:
            self.cells = self.rows[self.table, attrs["data-key"]] = []
        if tag in ("td", "th") and self.cells is not None:
            self.cells.append("")

    def handle_endtag(self, tag):
        if tag == "tr":
            self.cells = None

    def handle_data(self, data):
        self.text += data
        if self.cells:
            self.cells[-1] += data


def test_the_seeds_quarter_reads_as_the_branch_reported_it(plan, seed_quarter):
    form = plan(seed_quarter)
    months, groups = form.quarter.tables
    assert [[shown(cell) for cell in row.cells[:2]] for row in months.rows] == [
        ["January 2017", "–"],
        ["February 2017", "–"],
        ["March 2017", "1"],
        ["Total", "1"],
    ]
    assert [shown(row.cells[1]) for row in groups.rows] == ["–", "–", "–", "1", "1", "–"]
    assert (form.year.received, form.year.share.text) == (1, "1 of 1, 100.00 %")
    assert form.mark is Mark.ACCORDING
    assert form.period == "January to December 2017"
    assert form.quarter.title == "Status January to March 2017"


def test_its_criteria_are_those_of_activity_2_4(plan, seed_quarter):
    by_group, urgent = plan(seed_quarter).criteria
    assert [within for _, within in by_group.lines] == [f"within {n} days" for n in (5, 15, 20, 25)]
    assert by_group.lines[0][0] == "Group 1: customers in SPP-competition areas"
    assert urgent.lines == (("Important and urgent complaints", "within 3 days"),)


def test_its_words_are_those_of_the_plan_that_governs_the_quarter(plan, seed_quarter, shelf):
    shipped = plan(seed_quarter)
    assert shipped.activity.startswith("2.4 Raise the efficiency of handling customers' complaints, received")
    assert shipped.perspective == "Customer perspective"
    assert shipped.aims[1] == "Close complaints within the criteria: not less than 80 percent."
    text = (rules() / "plan-2560.toml").read_text(encoding="utf-8").replace('no = "2.4"', 'no = "2.6"')
    books = replace(shelf, plans=(read_plan(text.replace("Customer persp", "Another persp"), "plan.toml"),))
    form = plan(seed_quarter, books=books)
    assert form.activity.startswith("2.6 Raise")
    assert form.perspective == "Another perspective"
    assert plan(seed_quarter, books=books, language="th").activity.startswith("2.6 เพิ่มประสิทธิภาพ")


def test_a_book_without_an_urgent_rule_has_no_row_for_them(plan, figure, shelf):
    book = replace(shelf.latest, rules=shelf.latest.rules[1:])
    form = plan(figure(), books=Shelf((book,)))
    assert len(form.criteria) == 1
    assert "urgent" not in [row.key for row in form.quarter.tables[1].rows]


def test_urgent_ones_are_counted_apart_and_stay_in_their_groups(plan, figure):
    found = figure(Counts(on_time=3, late=1))
    by_rule = (("urgent", Counts(on_time=1, late=1)), ("residential", Counts(on_time=2)))
    groups = plan(replace(found, by_rule=by_rule)).quarter.tables[1]
    rows = {row.key: row.cells[1:] for row in groups.rows}
    assert rows["residential"][0] == 4
    assert rows["urgent"][:2] == (2, "1 of 2")


@pytest.mark.parametrize(
    ("counts", "mark"),
    [
        (Counts(), Mark.NOT_STATED),
        (Counts(pending=3), Mark.NOT_STATED),
        (Counts(on_time=4, late=1), Mark.ACCORDING),
        (Counts(on_time=79_999, late=20_001), Mark.NOT_ACCORDING),
    ],
)
def test_one_of_three_marks_is_ticked(plan, figure, counts, mark):
    form = Form(plan_html(plan(figure(counts))))
    assert form.ticked == mark
    assert [tag for tag, _ in form.tags].count("path") == 1


def test_a_year_that_is_not_known_is_a_dash(shelf, figure):
    from complaint_sla.forms.plan import plan_form
    from complaint_sla.wording import Words

    form = plan_form(figure(Counts(on_time=1)), None, shelf, {}, Words("en"))
    assert (shown(form.year.received), form.year.share.text) == ("–", "–")


def test_a_provisional_form_says_so(plan, figure):
    form = plan(figure(Counts(on_time=1), as_of=datetime(2017, 4, 10, tzinfo=UTC)))
    assert form.state == "Provisional; final from 26 Apr 2017 00:00; as of 10 Apr 2017 07:00"


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("name", ["no_complaints", "seed_quarter", "sixty"])
def test_the_page_has_the_figures_of_the_form_and_is_whole_in_itself(plan, request, name, language):
    form = plan(request.getfixturevalue(name), language=language, year=Counts(on_time=900, late=100))
    text = plan_html(form)
    page = Form(text)
    for table in form.quarter.tables:
        for row in table.rows:
            found = page.rows[f"by-{table.key}", row.key]
            assert found == [joined(shown(cell)) for cell in row.cells]
    assert form.year.share.text in page.text
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert "url(" not in text
    assert "A4 landscape" in text


def test_a_hostile_name_stays_text(plan, seed_quarter):
    name = "<script>alert(1)</script>{{ 7*7 }}\x1b"
    text = plan_html(plan(seed_quarter, offices={"BANSANG": Title(name, name)}))
    assert "<script" not in text
    assert "{{ 7*7 }}\\x1b" in text
