"""What a quarter's report says: the frozen figure where there is one, and how things stand beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Figure
from complaint_sla.core.frozen import Change, Frozen, Restated, read_cases, read_content
from complaint_sla.core.review import Review
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.titles import Title
from complaint_sla.store import books, offices
from complaint_sla.store.types import UNKNOWN
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.figures.cohort import offices_of
from complaint_sla.work.figures.review import review_in
from complaint_sla.work.whom import own_office_meant


def with_plans(desk: Desk) -> Shelf:
    """The books in force, with the plans: only the report's form needs those."""
    with desk.store.read() as session:
        return replace(desk.shelf, plans=books.plans(session))


@dataclass(frozen=True)
class Report:
    """`figure` is the one handed in: of `frozen` if there is a frozen one, else as things stand.

    `review` is None for an old version that was asked for by its number: it says what stood then and nothing else.
    `moved` is what counts otherwise today than in the newest version, `differing` what else is. `titles` names the
    offices, those of a frozen figure as they were called then. `rehearsal`: nothing in it is real. `lost` are ids of
    books in force that can't be read, one of which might give another target than the figure as things stand has.
    """

    figure: Figure
    frozen: Frozen | None
    review: Review | None
    moved: tuple[Change, ...]
    titles: dict[str, Title]
    differing: tuple[Restated, ...] = ()
    rehearsal: bool = False
    lost: tuple[str, ...] = ()

    @property
    def differing_today(self) -> tuple[Restated, ...]:
        """What of `differing` bears on the figure: offices come and go, and it was told in the tree as it was."""
        return tuple(one for one in self.differing if one.name != "office")

    @property
    def is_before_the_office(self) -> bool:
        """The office was founded after the figure was frozen, which has nothing of it."""
        office = self.figure.office
        return self.frozen is not None and office is not None and not self.frozen.had(office)


def report(desk: Desk, quarter: Quarter, office: str | None = None, version: int | None = None) -> Report:
    """The report of a quarter, of an office and all below it or of all offices. One reading transaction.

    Raises BadValue: `unknown-office`, `before-first-book`; NotFound (`no-such-version`).
    """
    with desk.store.read() as session:
        found = report_in(session, desk, quarter, office, version)
    return replace(found, rehearsal=desk.store.is_rehearsal)


def report_if_frozen(desk: Desk, quarter: Quarter, office: str | None = None) -> Report:
    """The report as it will be once the quarter is frozen now; nothing is. Raises as `report` and `freeze.freeze`."""
    found = freeze.rehearsed(desk, quarter, lambda session: report_in(session, desk, quarter, office, None))
    return replace(found, rehearsal=desk.store.is_rehearsal)


def report_in(
    session: Session, desk: Desk, quarter: Quarter, office: str | None, version: int | None
) -> Report:
    """As `report`, in a transaction of the caller's."""
    directory = offices.directory(session)
    if desk.standing.office is not None:
        office = own_office_meant(desk, directory, office or desk.standing.office).code
    titles = {code: directory.title(code) for code in (*directory.roster.offices, UNKNOWN)}
    row = freeze.kept(session, quarter, version)
    review = review_in(session, desk, directory, quarter, office) if version is None else None
    if row is None:
        assert review is not None, "a version that is asked for is there"
        return Report(review.figure, None, review, (), titles, lost=desk.shelf.lost)
    with freeze.readable(row):
        frozen = replace(read_content(row.content, row.frozen_at), voided_at=row.voided_at)
        cases = read_cases(row.cases) if office is not None or review is not None else []
    titles |= {one.code: Title(one.th, one.en) for one in frozen.ground.offices}
    if office is None and review is None:
        return Report(frozen.figure, frozen, None, (), titles)
    code, _, _ = offices_of(directory, office)
    # What counts otherwise today can be said only by whoever sees every complaint.
    if desk.standing.confined:
        return Report(frozen.of_office(code or "", cases), frozen, review, (), titles)
    figure = frozen.figure if code is None else frozen.of_office(code, cases)
    if review is None:
        return Report(figure, frozen, None, (), titles)
    return Report(
        figure,
        frozen,
        review,
        freeze.moved(session, desk, directory, quarter, cases),
        titles,
        freeze.differing(session, desk, directory, quarter, frozen),
    )
