"""Figures and words for the forms: the shipped rule book, the offices of Prachin Buri, English and Thai titles."""

import gettext
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from complaint_sla.core.bookfile import read_shelf
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.closure import Counts, Figure
from complaint_sla.core.rulebook import Shelf, Title
from complaint_sla.forms.document import Document
from complaint_sla.forms.quarter import quarter_document
from complaint_sla.resources import rules
from complaint_sla.wording import Words

QUARTER = Quarter(2017, 1)
FINAL_AT = datetime(2017, 4, 25, 17, tzinfo=UTC)
OFFICES = {
    "PRACHIN": Title("การไฟฟ้าส่วนภูมิภาคจังหวัดปราจีนบุรี", "PEA Prachin Buri"),
    "BANSANG": Title("การไฟฟ้าส่วนภูมิภาคสาขาบ้านสร้าง", "PEA Ban Sang Branch"),
}

Parts = Mapping[str, Counts]
FigureMaker = Callable[..., Figure]
DocumentMaker = Callable[..., Document]


class ThaiTitles(Words):
    """Thai titles and dates without the catalogue: what is tested is their measure, not their translation."""

    def __init__(self) -> None:
        self.language = "th"
        self._catalogue = gettext.NullTranslations()


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    text = (Path(rules()) / "pea-2560.toml").read_text(encoding="utf-8")
    return read_shelf([("pea-2560.toml", text)], lambda *_: {})


@pytest.fixture
def figure(shelf: Shelf) -> FigureMaker:
    """A figure of quarter 1/2560 from counts by month, group, rule and office; whoever isn't named has none."""

    def make(
        counts: Counts = Counts(),  # noqa: B008 - a frozen value
        *,
        month: str = "2017-03",
        group: str = "residential",
        offices: Parts | None = None,
        office: str | None = "BANSANG",
        as_of: datetime = FINAL_AT,
    ) -> Figure:
        book = shelf.latest
        nothing = Counts()
        return Figure(
            quarter=QUARTER,
            office=office,
            as_of=as_of,
            final_at=FINAL_AT,
            target=book.target,
            counts=counts,
            by_group=tuple((term.key, counts if term.key == group else nothing) for term in book.groups),
            by_month=tuple((key, counts if key == month else nothing) for key in QUARTER.months),
            by_office=tuple((offices or {"BANSANG": counts}).items()),
            by_rule=tuple((rule.key, counts if rule.key == group else nothing) for rule in book.rules),
        )

    return make


@pytest.fixture
def document(shelf: Shelf) -> DocumentMaker:
    def make(
        figure: Figure, *, offices: Mapping[str, Title] = OFFICES, language: str = "en", books: Shelf = shelf
    ) -> Document:
        return quarter_document(figure, books, offices, ThaiTitles() if language == "th" else Words(language))

    return make


@pytest.fixture
def seed_quarter(figure: FigureMaker) -> Figure:
    """Activity 2.4 as the branch Ban Sang reported it: January -, February -, March 1 case, closed in time."""
    return figure(Counts(on_time=1))


@pytest.fixture
def busy_quarter(figure: FigureMaker) -> Figure:
    """Two offices, something in each bucket, provisional: 8 of 10."""
    return figure(
        Counts(on_time=8, late=1, overdue=1, pending=2, excluded=3),
        offices={"PRACHIN": Counts(on_time=8, late=1), "BANSANG": Counts(overdue=1, pending=2, excluded=3)},
        office="PRACHIN",
        as_of=datetime(2017, 4, 10, 3, tzinfo=UTC),
    )
