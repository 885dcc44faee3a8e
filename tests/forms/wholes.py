"""The whole form for tests: the document's quarter as it can be entered, the letters that it names, and other readings."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.core.periods import Period
from complaint_sla.core.plan import Plan
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.reckoning import card
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.scorecard import ActivityLine, Closure, PlanOffice, Sight
from complaint_sla.core.titles import Title
from complaint_sla.forms.plan import plan_form
from complaint_sla.forms.plans.form import WholeForm
from complaint_sla.forms.plans.results import Letter, Teller
from complaint_sla.forms.plans.writer import Imprint, whole_form
from complaint_sla.forms.report import Names
from complaint_sla.resources import rules
from complaint_sla.wording import Words
from tests.core.books import SHIPPED, read_shelf

TEXT = (rules() / "plan-2560.toml").read_text(encoding="utf-8")
PLAN = read_plan(TEXT, "plan-2560.toml")
SHELF: Shelf = read_shelf([(SHIPPED.name, SHIPPED.read_text(encoding="utf-8"))], lambda *_: {})
QUARTER = Quarter(2017, 1)
MIDDLE, END = date(2017, 4, 10), date(2017, 5, 1)
LARGE, SMALL = "ก.1กรท.(สจ) 374/2560", "ก.1กรท.(สบ.) 389/60"
OFFICES = {
    "BANSANG": Title("การไฟฟ้าส่วนภูมิภาคสาขาอำเภอบ้านสร้าง", "PEA Ban Sang Branch"),
    "PRACHIN": Title("การไฟฟ้าส่วนภูมิภาคจังหวัดปราจีนบุรี", "PEA Prachin Buri"),
}


class Entered:
    """Readings and what the journal says of them, in the order of entry."""

    def __init__(self) -> None:
        self.readings: dict[tuple[str, str, str], Reading] = {}
        self.letters: dict[int, Letter] = {}

    def figure(
        self,
        measure: str,
        period: str,
        n: int = 1,
        d: int | None = 1,
        *,
        source: str = "1/2560",
        dated: date = date(2017, 4, 7),
        office: str = "BANSANG",
        late_days: int = 0,
        note: str = "",
    ) -> None:
        self._put(Reading(self._next, office, measure, _key(period), ReadingKind.FIGURE, n, d, dated))
        self.letters[self._next - 1] = Letter(source, "", date(2017, 4, 10), late_days, note)

    def awaiting(self, measure: str, period: str, whom: str, *, office: str = "BANSANG") -> None:
        self._put(Reading(self._next, office, measure, _key(period), ReadingKind.AWAITING))
        self.letters[self._next - 1] = Letter(whom=whom, entered_on=date(2017, 4, 5))

    def _put(self, reading: Reading) -> None:
        self.readings[reading.office, reading.measure, reading.period] = reading
        self.letters.setdefault(reading.seq, Letter())

    @property
    def _next(self) -> int:
        return len(self.letters) + 1


def _key(period: str) -> str:
    return Period.parse(period).key


def seed() -> Entered:
    """What the document gives n and d of; of 3.7 whom it waits for."""
    found = Entered()
    found.figure("large-new", "1/2560", 0, 0, source=LARGE)
    found.figure("large-existing", "1/2560", 90, 95, source=LARGE)
    small = {"source": SMALL, "dated": date(2017, 4, 10)}
    found.figure("sms-rolled-out", "2560", **small)  # type: ignore[arg-type]
    for month, n, d in ((1, 3601, 3963), (2, 4061, 4477), (3, 4307, 4811)):
        found.figure("sms-delivered", f"2560-0{month}", n, d, **small)  # type: ignore[arg-type]
    for month, new, disconnected in ((1, 36, 83), (2, 15, 38), (3, 13, 2)):
        found.figure("sms-new", f"2560-0{month}", new, new)
        found.figure("sms-disconnected", f"2560-0{month}", disconnected, disconnected)
    found.awaiting("voc-summary", "1/2560", "กฟก.1")
    return found


def sight_of(
    entered: Entered,
    *,
    today: date = MIDDLE,
    offices: Iterable[PlanOffice] = (PlanOffice("BANSANG", "branch"),),
    plan: Plan = PLAN,
    received: Counts = Counts(on_time=1),  # noqa: B008 - a frozen value
    quarter: Quarter = QUARTER,
) -> Sight:
    codes = tuple(offices)
    return Sight(
        plan,
        quarter,
        today,
        codes,
        entered.readings,
        Closure(
            Fraction(4, 5), has_ended=True, is_final=True, by_office={codes[0].code: received}, year=received
        ),
    )


def form_of(
    entered: Entered,
    language: str = "en",
    *,
    sight: Sight | None = None,
    offices: Mapping[str, Title] = OFFICES,
    is_final: bool = False,
) -> tuple[WholeForm, tuple[ActivityLine, ...]]:
    """The form, and the card that it is made from."""
    words = Words(language)
    sight = sight or sight_of(entered)
    lines = card(sight)
    counts = sight.closure.year if sight.closure is not None and sight.closure.year is not None else Counts()
    page = plan_form(
        _figure(counts, [one.code for one in sight.offices], sight.quarter), counts, SHELF, offices, words
    )
    teller = Teller(sight, lines, entered.letters, Names(SHELF, sight.quarter, offices, words), words)
    imprint = Imprint(datetime(2017, 4, 10, 3, tzinfo=UTC), is_final, words("Provisional"), page.state)
    return whole_form(sight, lines, teller, page.office, page, imprint, words), lines


def _figure(counts: Counts, offices: list[str], quarter: Quarter) -> Figure:
    nothing, book = Counts(), SHELF.latest
    return Figure(
        quarter=quarter,
        office=offices[0],
        as_of=datetime(2017, 4, 10, 3, tzinfo=UTC),
        final_at=datetime(2017, 4, 25, 17, tzinfo=UTC),
        target=book.target,
        counts=counts,
        has_ended=True,
        by_group=tuple((one.key, counts if one.key == "residential" else nothing) for one in book.groups),
        by_month=tuple((key, counts if key == quarter.months[2] else nothing) for key in quarter.months),
        by_office=tuple((code, counts if code == offices[0] else nothing) for code in offices),
        by_rule=tuple((one.key, nothing) for one in book.rules),
        by_category=tuple((one.key, nothing) for one in book.categories),
        by_channel=tuple((one.key, nothing) for one in book.channels),
    )
