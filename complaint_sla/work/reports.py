"""What a quarter's report says: the frozen figure where there is one, and how things stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.closure import Figure
from complaint_sla.core.frozen import Change, Frozen
from complaint_sla.core.review import Review
from complaint_sla.core.rulebook import Title
from complaint_sla.work import freezing, offices, reviews
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Report:
    """`figure` is the one handed in: of `frozen` if there is a frozen one, else as things stand.

    `review` is None for an old version that was asked for by its number: it says what stood then and nothing else.
    `moved` is what counts otherwise today than in the newest version. `titles` names the offices, those of a frozen
    figure as they were called then.
    """

    figure: Figure
    frozen: Frozen | None
    review: Review | None
    moved: tuple[Change, ...]
    titles: dict[str, Title]


def report(desk: Desk, quarter: Quarter, office: str | None = None, version: int | None = None) -> Report:
    """The report of a quarter, of an office and all below it or of all offices.

    Raises BadValue: `unknown-office`, `before-first-book`; NotFound (`no-such-version`).
    """
    frozen = freezing.frozen(desk, quarter, version)
    titles = {one.code: Title(one.name_th, one.name_en) for one in offices.list_offices(desk)}
    review = reviews.review(desk, quarter, office) if version is None else None
    if frozen is None:
        assert review is not None, "a version that is asked for is there"
        return Report(review.figure, None, review, (), titles)
    figure = frozen.figure if office is None else freezing.of_office(desk, frozen, office)
    titles |= {one.code: Title(one.th, one.en) for one in frozen.offices}
    moved = freezing.moved(desk, quarter) if version is None else ()
    return Report(figure, frozen, review, moved, titles)
