"""The figure of a quarter, from the database as it stands. Within a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter, local_day
from complaint_sla.core.deadlines import latest_due_at
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.core.figures import Figure, Frame, figure_of
from complaint_sla.core.frozen import Ground, NamedOffice, PinnedBook
from complaint_sla.store import complaints, figures
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


def is_final(session: Session, desk: Desk, quarter: Quarter) -> bool:
    try:
        return frame(session, desk, quarter).final_at <= desk.now
    except Error:
        # No book was in force, or one whose calendar had ended: nothing was promised in that quarter. Where something
        # was received in it all the same, `doctor` says so.
        return False


def first_served(session: Session, desk: Desk) -> Quarter | None:
    """The first quarter that the service freezes by itself: the first to end after a complaint was logged by hand here. None
    if none ever was.

    Of what is older the database holds what sheets bring, and whether that is all of it no program can tell.
    """
    at = complaints.first_by_hand(session, rehearsal=desk.store.is_rehearsal)
    return None if at is None else Quarter.of(local_day(at, desk.zone))


def before_all(session: Session, desk: Desk, quarter: Quarter) -> bool:
    """Whether nothing at all was written down here before a quarter had ended: the service freezes none of those. False where
    that can't be told so cheaply."""
    first = complaints.first_recorded_at(session)
    # In a rehearsal the real clock says nothing, and one that ran ahead has told nothing.
    if desk.store.is_rehearsal or first is None or first > desk.now:
        return False
    return quarter < Quarter.of(local_day(first, desk.zone))


@dataclass(frozen=True)
class Unserved:
    """The quarters that wait for a person to freeze them, since no service does; and whether nothing was ever logged by hand
    here, so that this is to come of all of them."""

    quarters: tuple[Quarter, ...]
    is_of_sheets: bool


def unserved(session: Session, desk: Desk) -> Unserved:
    """The quarters that are final and not frozen, in which anything was received, and which no service freezes."""
    known = figures.versions(session)
    waiting = [one for one in ended(session, desk) if str(one) not in known]
    first = first_served(session, desk) if waiting else None
    return Unserved(
        tuple(
            one
            for one in waiting
            if first is None or one < first
            if figures.any_received(session, one.months) and is_final(session, desk, one)
        ),
        bool(waiting) and first is None,
    )


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
