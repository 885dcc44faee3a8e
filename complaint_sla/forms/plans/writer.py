"""Makes the whole form from a plan's card: a row an activity, and the pages as the document divides them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.measures import Mark
from complaint_sla.core.scorecard import ActivityLine, Sight
from complaint_sla.core.titles import Title
from complaint_sla.forms.plan import DASHES, Achieved, PlanForm, months, signs_of
from complaint_sla.forms.plans.demands import aims_of, criteria_of, target_of
from complaint_sla.forms.plans.form import SIGNS, PlanRow, Result, WholeForm
from complaint_sla.forms.plans.results import Teller
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain


@dataclass(frozen=True)
class Imprint:
    """What the paper is, in words: in the head `state`, at the foot all of it. `as_of` in UTC."""

    as_of: datetime
    is_final: bool
    state: str
    foot: str


def whole_form(
    sight: Sight,
    lines: Sequence[ActivityLine],
    teller: Teller,
    office: str,
    page: PlanForm | None,
    imprint: Imprint,
    words: Words,
) -> WholeForm:
    """The form of these lines of a card. `page` is the one of the complaints, whose row has its words and tables; None where
    they are not among the lines."""
    quarter, plan = sight.quarter, sight.plan
    rows = [_Row(sight, line, teller, page, words).row() for line in lines]
    return WholeForm(
        language=words.language,
        as_of=imprint.as_of,
        heading=words(
            "Report on performance under the action plan of {year}, {office}",
            year=words.year(quarter.year),
            office=office,
        ),
        perspective=plain((plan.perspective or plan.title).of(words.language)),
        quarter=words.quarter(quarter),
        is_final=imprint.is_final,
        state=imprint.state,
        foot=imprint.foot,
        columns=(
            words("Strategy / plan / project / work / activity"),
            words("Period"),
            f"{words('Target')}\n{words.quarter(quarter)}\n({_short(quarter, quarter, words)})",
            words("Result of {quarter}", quarter=words.quarter(quarter)),
            words("Cumulative result"),
            "/".join(sign for sign in SIGNS.values() if sign),
        ),
        numbers=(words("Number"), words("Of|whole").partition("|")[0], words("Percent or mean")),
        legend=tuple((SIGNS[mark], title) for mark, title in marks(words).items() if SIGNS[mark]),
        pages=tuple(_paged(lines, rows)),
        notes=(
            words("A dash means that there were none. Percentages and means are cut off, never rounded up."),
            *_of_complaints(sight, page, words),
        ),
        signs=signs_of(words),
    )


def _of_complaints(sight: Sight, page: PlanForm | None, words: Words) -> Iterator[str]:
    """The notes that only the row of the complaints needs."""
    no = next((plain(activity.no) for activity, one in sight.plan.measures if one.source), "")
    for note in page.notes if page is not None else ():
        if note != words(DASHES):
            yield f"{no}: {note}"


def marks(words: Words) -> Mapping[Mark, str]:
    return {
        Mark.ACCORDING: words("According to plan"),
        Mark.NOT_ACCORDING: words("Not according to plan"),
        Mark.NOT_STATED: words("Not stated"),
    }


def _paged(lines: Sequence[ActivityLine], rows: Sequence[PlanRow]) -> Iterator[tuple[PlanRow, ...]]:
    """One row a page, but for those that share the page of the one before."""
    page: list[PlanRow] = []
    for line, row in zip(lines, rows, strict=True):
        if page and not line.activity.with_previous:
            yield tuple(page)
            page = []
        page.append(row)
    yield tuple(page)


class _Row:
    def __init__(
        self, sight: Sight, line: ActivityLine, teller: Teller, page: PlanForm | None, words: Words
    ) -> None:
        self.sight, self.line, self.teller, self.words = sight, line, teller, words
        self.page = page if any(one.measure.source for one in line.measures) else None

    def row(self) -> PlanRow:
        activity, words, page = self.line.activity, self.words, self.page
        quarter = self.sight.quarter
        year = _short(Quarter(quarter.year, 1), Quarter(quarter.year, 4), words)
        return PlanRow(
            key=activity.key,
            headings=tuple(self._said(one) for one in activity.headings),
            activity=f"{plain(activity.no)} {self._said(activity.title)}",
            criteria=page.criteria if page is not None else criteria_of(activity, words),
            notes_title=words("Note|form").partition("|")[0] if activity.notes else "",
            notes=tuple(self._said(one) for one in activity.notes),
            aims_title=words("Target"),
            aims=page.aims if page is not None else aims_of(activity, words),
            period=year,
            target=page.target if page is not None else target_of(activity, quarter, words),
            quarter=self._quarter(),
            year=self._year(),
            mark=self.line.mark,
            sign=SIGNS[self.line.mark],
            mark_title=marks(words)[self.line.mark],
        )

    def _quarter(self) -> Result:
        quarter = self.sight.quarter
        title = self.words("Status {period}", period=months(quarter.first_day, quarter.last_day, self.words))
        found = self.teller.quarter(self.line, title)
        return self._with(found, self.page.quarter if self.page is not None else None)

    def _year(self) -> Result:
        quarter = self.sight.quarter
        january = quarter.first_day.replace(month=1)
        title = self.words("Status {period}", period=months(january, quarter.last_day, self.words))
        found = self.teller.year(self.line, title)
        return self._with(found, self.page.year if self.page is not None else None)

    def _with(self, result: Result, achieved: Achieved | None) -> Result:
        return Result(result.title, result.told, result.letters, achieved)

    def _said(self, title: Title) -> str:
        return plain(title.of(self.words.language))


def _short(first: Quarter, last: Quarter, words: Words) -> str:
    """Jan–Mar 2017."""
    begin, end = (words.short_month_name(month) for month in (first.first_day.month, last.last_day.month))
    return f"{begin} - {end} {words.year(last.year)}"
