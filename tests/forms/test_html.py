"""The page that is handed in: whole in itself, escaped, and with the figures of the JSON."""

import re
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import figure_json
from complaint_sla.core.titles import Title
from complaint_sla.forms.html import quarter_html
from tests.forms.conftest import LONG_NAME, filled

BUCKETS = ("on_time", "late", "overdue", "pending", "excluded")


class Page(HTMLParser):
    """Rows by table and key, all tags, and the texts outside of style."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.open, self.cell = {}, [], [], None
        self.table = self.key = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in ("meta", "rect", "line", "circle", "path"):
            self.open.append(tag)
        if tag == "table":
            self.table = attrs["class"].split()[0]
        if tag == "tr" and "data-key" in attrs:
            self.key = (self.table, attrs["data-key"])
            self.rows[self.key] = []
        if tag in ("td", "th") and self.key is not None:
            self.rows[self.key].append("")
            self.cell = self.rows[self.key]

    def handle_endtag(self, tag):
        if tag not in ("rect", "line", "circle", "path"):
            assert self.open.pop() == tag
        if tag in ("td", "th"):
            self.cell = None
        if tag == "tr":
            self.key = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[-1] += data


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("name", ["busy_quarter", "seed_quarter"])
def test_its_figures_equal_the_json(document, request, name, language):
    figure = request.getfixturevalue(name)
    page = Page(quarter_html(document(figure, language=language)))
    assert not page.open
    answer = figure_json(figure, ZoneInfo("Asia/Bangkok"))
    sections = ["group", "month", "rule"] + ["office"] * (len(answer["by_office"]) > 1)
    for section in sections:
        for row in [*answer[f"by_{section}"], {**answer, "key": ""}]:
            cells = page.rows[f"by-{section}", row["key"]][1:]
            if not row["received"]:
                assert cells == ["–"] * 8
                continue
            counts = [str(row["received"]), *(str(row[key]) for key in BUCKETS)]
            assert cells[:6] == counts
            assert re.findall(r"[0-9]+", cells[6]) == (
                [str(row["numerator"]), str(row["denominator"])] if row["rate"] else []
            )
            assert cells[7] == (row["rate"] or "–")
    assert [page.rows["by-bucket", key][1] for key in BUCKETS] == [str(answer[key]) for key in BUCKETS]


@pytest.mark.parametrize("name", ["busy_quarter", "seed_quarter"])
def test_the_page_is_whole_in_itself(document, request, name):
    text = quarter_html(document(request.getfixturevalue(name), language="th"))
    page = Page(text)
    assert ("html", {"lang": "th"}) in page.tags
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "base", "form"}
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on") or name in ("href", "src", "style")}
    assert "url(" not in text
    assert "@import" not in text
    assert "//" not in text.replace("/*", "").replace("*/", "")


def test_an_empty_quarter_has_dashes_and_no_chart_of_groups(document, figure):
    text = quarter_html(document(figure()))
    page = Page(text)
    assert page.rows["by-month", "2017-01"] == ["January 2017", *"––––––––"]
    assert "Not stated" in text
    assert "svg" in text
    assert 'class="bar"' not in text


def test_the_bars_of_a_group_show_its_buckets_in_proportion(document, busy_quarter):
    page = Page(quarter_html(document(busy_quarter)))
    widths = {
        attrs["class"]: float(attrs["width"])
        for tag, attrs in page.tags
        if tag == "rect" and attrs.get("height") == "20" and attrs["class"] in BUCKETS
    }
    assert widths == pytest.approx(
        {"on_time": 373.3, "late": 46.7, "overdue": 46.7, "pending": 93.3, "excluded": 140.0}, abs=0.1
    )


def test_what_a_review_adds_is_drawn_and_listed(document, sixty):
    page = Page(quarter_html(filled(document(sixty))))
    columns = [
        (attrs["class"], float(attrs["height"]))
        for tag, attrs in page.tags
        if tag == "rect" and attrs["class"].split()[0] in ("good", "bad") and float(attrs["width"]) == 42.9
    ]
    # Seven of eight quarters have a rate; the last is not final, and a hair below its target.
    assert columns == [("good", 120.0), ("bad", 0.0), *[("good", 142.5)] * 4, ("bad provisional", 120.0)]
    open_ones = [
        attrs["width"] for tag, attrs in page.tags if attrs.get("class") == "overdue" and tag == "rect"
    ]
    assert "699.4" in open_ones
    assert page.rows["by-numbers", "a"] == ["Answering", "1,234", "4.5", "79.99", "–"]
    assert page.rows["by-notable", "2"][1] == LONG_NAME
    assert "C-6003-00003" not in quarter_html(filled(document(sixty)))


def test_the_gauge_is_green_exactly_at_the_target(document, figure):
    met = quarter_html(document(figure(Counts(on_time=4, late=1))))
    assert '<rect x="0" y="37" width="560.0" height="16" class="good"/>' in met
    missed = quarter_html(document(figure(Counts(on_time=79_999, late=20_001))))
    assert 'height="16" class="bad"/>' in missed
    assert "Not according to plan" in missed


def test_a_hostile_name_stays_text(document, figure):
    counts = Counts(on_time=1)
    name = "<script>alert(1)</script>\"'{{ 7*7 }}\x00\x1b\u202e"
    figure = figure(counts, offices={'A"><b>': counts, "B": Counts()}, office='A"><b>')
    text = quarter_html(document(figure, offices={'A"><b>': Title("x", name), "B": Title("x", name)}))
    assert "<script" not in text
    assert "<b>" not in text
    assert "{{ 7*7 }}" in text
    assert not set(text) & set("\x00\x1b\u202e")
    assert page_title(text, 'A"><b>') == "<script>alert(1)</script>\"'{{ 7*7 }}\\x00\\x1b\\u202e"


def page_title(text, key):
    return Page(text).rows["by-office", key][0]
