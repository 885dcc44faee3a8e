"""The figure of a quarter, from the database as it stands. Within a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.deadlines import latest_due_at
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.figures import Figure, Frame, figure_of
from complaint_sla.core.frozen import Ground, NamedOffice, PinnedBook
from complaint_sla.store import figures
from complaint_sla.store.offices import Directory
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import office_called

# Each kind of row, and what of a book has its keys.
_TERMS = {"group": "groups", "rule": "rules", "category": "categories", "channel": "channels"}


def figure_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Figure:
    """The closure rate of what was received in the quarter, at an office and all below it, or at all offices.

    Raises BadValue: `unknown-office`, `before-first-book`.
    """
    framed = frame(session, desk, quarter)
    name, codes, ids = offices_of(directory, office)
    parts, uncounted = figures.cohort(session, directory, quarter.months, ids, desk.now)
    if uncounted:
        desk.set_aside(str(quarter), NotPossible("uncounted", quarter=str(quarter), count=uncounted))
    return figure_of(parts, framed, name, codes)


def frame(session: Session, desk: Desk, quarter: Quarter) -> Frame:
    """What the books in force in the quarter give its figure. It is final when nothing of it can become due any more:
    by these books, and by the deadlines that its complaints have. Raises BadValue (`before-first-book`).
    """
    in_force = desk.shelf.within(quarter)
    moments = [latest_due_at(book, last) for book, last in in_force]
    given = figures.latest_due_at(session, quarter.months)
    return Frame(
        quarter=quarter,
        as_of=desk.now,
        final_at=max(moments if given is None else [*moments, given]),
        target=in_force[-1][0].target,
        keys={
            kind: tuple(dict.fromkeys(term.key for book, _ in in_force for term in getattr(book, terms)))
            for kind, terms in _TERMS.items()
        },
        has_ended=quarter.last_day < desk.today,
    )


def ground_of(
    desk: Desk, directory: Directory, quarter: Quarter, before: str | None = None, newest: str | None = None
) -> Ground:
    """What the quarter's figure stands on today, whole. Raises BadValue (`before-first-book`)."""
    roster, rows = directory.roster, {row.code: row for row in directory.offices.values()}
    _, codes, _ = offices_of(directory, None)
    return Ground(
        tuple(PinnedBook(book.id, book.digest) for book, _ in desk.shelf.within(quarter)),
        tuple(
            NamedOffice(code, roster.offices[code].parent, rows[code].name_th, rows[code].name_en)
            for code in codes
        ),
        before,
        newest,
    )


def ended(session: Session, desk: Desk) -> Iterator[Quarter]:
    """Every quarter that has ended, from the first in which anything was received."""
    first = figures.first_month(session)
    quarter = Quarter.of(desk.today) if first is None else Quarter(int(first[:4]), (int(first[5:]) + 2) // 3)
    while quarter.last_day < desk.today:
        yield quarter
        quarter = quarter.following


def offices_of(
    directory: Directory, office: str | None
) -> tuple[str | None, list[str], Collection[int] | None]:
    """(code, that office and all below it, their ids); for None (None, all offices, None).

    Raises BadValue (`unknown-office`).
    """
    roster = directory.roster
    if office is None:
        return None, roster.tree(), None
    code = office_called(directory, office).code
    return code, roster.below(code), directory.ids_below(code)
