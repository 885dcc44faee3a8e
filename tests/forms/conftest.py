"""Figures and words for the forms: the shipped rule book, the offices of Prachin Buri, English and Thai titles."""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import (
    AgeBar,
    AgeBars,
    Cases,
    Column,
    Document,
    Row,
    Table,
    Trend,
    TrendPoint,
)
from complaint_sla.forms.plan import PlanForm, plan_form
from complaint_sla.forms.report import quarter_document
from complaint_sla.resources import rules
from complaint_sla.wording import Words
from tests.core.books import read_shelf

QUARTER = Quarter(2017, 1)
FINAL_AT = datetime(2017, 4, 25, 17, tzinfo=UTC)
OFFICES = {
    "PRACHIN": Title("การไฟฟ้าส่วนภูมิภาคจังหวัดปราจีนบุรี", "PEA Prachin Buri"),
    "BANSANG": Title("การไฟฟ้าส่วนภูมิภาคสาขาบ้านสร้าง", "PEA Ban Sang Branch"),
}

Parts = Mapping[str, Counts]
FigureMaker = Callable[..., Figure]
DocumentMaker = Callable[..., Document]
PlanMaker = Callable[..., PlanForm]
LONG_NAME = "การไฟฟ้าส่วนภูมิภาคสาขาย่อยอำเภอนครชัยศรีบ้านพักพนักงานและศูนย์บริการลูกค้าร่วมประจำภาคกลางเขตหนึ่ง"


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
            has_ended=as_of >= datetime(2017, 3, 31, 17, tzinfo=UTC),
            by_group=tuple((term.key, counts if term.key == group else nothing) for term in book.groups),
            by_month=tuple((key, counts if key == month else nothing) for key in QUARTER.months),
            by_office=tuple((offices or {"BANSANG": counts}).items()),
            by_rule=tuple((rule.key, counts if rule.key == group else nothing) for rule in book.rules),
            by_category=tuple(
                (term.key, counts if term.key == "outage" else nothing) for term in book.categories
            ),
            by_channel=tuple(
                (term.key, counts if term.key == "phone" else nothing) for term in book.channels
            ),
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
def plan(shelf: Shelf) -> PlanMaker:
    """The plan's form; unless told otherwise nothing was received in the year before the quarter."""

    def make(
        figure: Figure,
        *,
        year: Counts | None = None,
        offices: Mapping[str, Title] = OFFICES,
        language: str = "en",
        books: Shelf = shelf,
    ) -> PlanForm:
        words = ThaiTitles() if language == "th" else Words(language)
        return plan_form(figure, year or figure.counts, books, offices, words)

    return make


def filled(document: Document, cases: int = 3) -> Document:
    """The document with something in every part that a review adds: tables, charts, cases."""
    places = (
        Row("1", ("C-6003-00001", "เปิดเรื่องอีกครั้งหลังครบกำหนด " * 3)),
        Row("2", ("C-6003-00002", LONG_NAME)),
    )
    numbers = (
        Row("a", ("Answering", 1_234, Decimal("4.5"), Fraction(79_996, 100_000), None)),
        Row("b", ("Closing", 7, Decimal("21.0"), Fraction(1), 0), is_total=True),
    )
    past = [Counts(on_time=8, late=2), Counts(), Counts(late=3), *[Counts(on_time=19, late=1)] * 4]
    points = [
        TrendPoint(f"{at + 1}/2016", counts, Fraction(3, 4), is_final=True) for at, counts in enumerate(past)
    ]
    last = TrendPoint("1/2017", Counts(on_time=79_999, late=20_001), Fraction(4, 5), is_final=False)
    day = datetime(2017, 3, 1, 9, 30)
    return replace(
        document,
        further=(
            Table("numbers", "How long it took", _columns("title", "count", "days", "rate", "none"), numbers),
            Table("nothing", "Nothing to look at", _columns("title"), ()),
            Table("notable", "To look at", (*_columns("number"), Column("why", "Why", "left")), places),
        ),
        trend=Trend("By quarter", (*points, last), "Quarter", "Closed in time", "Target", "Provisional"),
        ages=AgeBars(
            "By age",
            (AgeBar("up to 3 days", 4, 0), AgeBar("4 to 5 days", 0, 0), AgeBar("more", 1, 1_200)),
            "Age",
            "Not yet due",
            "Overdue",
        ),
        cases=Cases(
            "Cases",
            (
                *_columns("number", "days"),
                *(Column(key, key, "left") for key in ("received", "due", "ended")),
            ),
            [
                (f"C-6003-{n:05d}", n % 30, day + timedelta(minutes=n), date(2017, 3, 26), None)
                for n in range(1, cases + 1)
            ],
        ),
    )


def _columns(first: str, *numbers: str) -> tuple[Column, ...]:
    return (Column(first, first, "left"), *(Column(key, key, "right") for key in numbers))


@pytest.fixture
def sixty(figure: FigureMaker) -> Figure:
    """Sixty complaints at three offices, one of them with a long name; provisional."""
    return figure(
        Counts(on_time=43, late=6, overdue=5, pending=4, excluded=2),
        offices={
            "PRACHIN": Counts(on_time=40),
            "BANSANG": Counts(on_time=3, late=6),
            "LONG": Counts(overdue=5, pending=4, excluded=2),
        },
        office="PRACHIN",
        as_of=datetime(2017, 4, 10, 3, tzinfo=UTC),
    )


@pytest.fixture
def no_complaints(figure: FigureMaker) -> Figure:
    return figure()


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
