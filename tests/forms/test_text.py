"""The report at a terminal: columns that stand under each other, in Thai too."""

import re

import pytest
from rich.cells import cell_len

from complaint_sla.core.figures import Counts
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import shown
from complaint_sla.forms.text import quarter_text
from tests.forms.conftest import LONG_NAME, filled

LONG = Title("การไฟฟ้าส่วนภูมิภาคสาขาย่อยอำเภอนครชัยศรีบ้านพักพนักงานและศูนย์บริการลูกค้าร่วม " * 2, "X" * 150)


def tables(text):
    """The lines of each table, from heading to total."""
    for part in text.split("\n\n"):
        head, *lines = part.split("\n")
        if head.startswith("── ") and any(set(line) == {"─"} for line in lines):
            yield lines


@pytest.mark.parametrize("width", [0, 40, 60, 80, 81, 100, 132, 250])
@pytest.mark.parametrize("language", ["en", "th"])
def test_every_line_of_a_table_has_the_same_width_in_cells_and_fits(document, busy_quarter, language, width):
    report = document(busy_quarter, language=language, offices={"PRACHIN": LONG})
    text = quarter_text(report, width)
    assert all(cell_len(line) <= max(width, 40) for line in text.splitlines())
    for lines in tables(text):
        assert len({cell_len(line) for line in lines}) == 1


def test_the_figures_of_the_seeds_quarter_can_be_read(document, seed_quarter):
    text = quarter_text(document(seed_quarter))
    assert re.search(r"Closed in time +1 of 1, 100\.00 %", text)
    assert re.search(r"Result of the quarter +According to plan", text)
    assert re.search(r"January 2017 +– +– +– +– +– +– +– +–", text)
    assert re.search(r"February 2017 +– ", text)
    assert re.search(r"March 2017 +1 +1 +0 +0 +0 +0 +1 of 1 +100\.00", text)


@pytest.mark.parametrize("width", [50, 80, 200])
@pytest.mark.parametrize("language", ["en", "th"])
def test_every_number_of_the_document_stands_in_the_text_in_its_order(
    document, busy_quarter, language, width
):
    report = document(busy_quarter, language=language)
    text = " ".join(quarter_text(report, width).split())
    at = 0
    for table in report.printed:
        at = text.index(table.title, at)
        for row in table.rows:
            for cell in row.cells:
                at = text.index(" ".join(shown(cell).split()), at) + 1


@pytest.mark.parametrize("width", [0, 60, 80, 200])
def test_what_a_review_adds_stands_in_the_text(document, sixty, width):
    text = quarter_text(filled(document(sixty)), width)
    assert all(cell_len(line) <= max(width, 40) for line in text.splitlines())
    words = " ".join(text.split())
    at = 0
    for part in (
        "How long it took",
        "Answering",
        "1,234",
        "4.5",
        "79.99",
        "Closing",
        "Nothing to look at",
        "–",
        "To look at",
    ):
        at = words.index(part, at) + len(part)
    assert LONG_NAME in "".join(text.split())


def test_large_numbers_have_their_thousands_apart(document, figure):
    text = quarter_text(document(figure(Counts(on_time=4_000, late=1_000))))
    assert "4,000 of 5,000, 80.00 %" in text


def test_a_hostile_name_can_not_steer_the_terminal(document, seed_quarter):
    text = quarter_text(document(seed_quarter, offices={"BANSANG": Title("x", "\x1b]0;owned\x07\r\u202e")}))
    assert not set(text) & set("\x1b\x07\r\u202e")
