"""The figure of a quarter, from the database as it stands. One reading transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.closure import Bucket, Figure, bucket
from complaint_sla.core.deadlines import latest_due_at
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.lifecycle import Status
from complaint_sla.core.tally import Frame, Part, figure_of
from complaint_sla.store import figures, people
from complaint_sla.store.figures import Outcome
from complaint_sla.store.people import Directory
from complaint_sla.store.types import UNKNOWN
from complaint_sla.work.desk import Desk
from complaint_sla.work.intake import office_called


def figure(desk: Desk, quarter: Quarter, office: str | None = None) -> Figure:
    """The closure rate of what was received in the quarter, at an office and all below it, or at all offices.

    Raises BadValue: `unknown-office`, `before-first-book`.
    """
    with desk.store.read() as session:
        return figure_in(session, desk, people.directory(session), quarter, office)


def figure_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Figure:
    """`figure`, within a transaction."""
    framed = frame(desk, quarter)
    name, codes, ids = offices_of(directory, office)
    groups = figures.cohort(session, quarter.months, ids, desk.now)
    parts = [
        Part(
            one.month,
            directory.code(one.office_id),
            one.group or UNKNOWN,
            one.rule or UNKNOWN,
            one.category or UNKNOWN,
            one.channel or UNKNOWN,
            bucket_of(one.outcome),
            one.count,
        )
        for one in groups
        if is_countable(one.outcome)
    ]
    left_out = sum(one.count for one in groups if not is_countable(one.outcome))
    if left_out:
        desk.set_aside(str(quarter), NotPossible("uncounted", quarter=str(quarter), count=left_out))
    return figure_of(parts, framed, name, codes)


def frame(desk: Desk, quarter: Quarter) -> Frame:
    """What the books in force in the quarter give its figure. Raises BadValue (`before-first-book`)."""
    in_force = desk.shelf.within(quarter)

    def keys(of: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(of))

    return Frame(
        quarter=quarter,
        as_of=desk.now,
        final_at=max(latest_due_at(book, last) for book, last in in_force),
        target=in_force[-1][0].target,
        groups=keys(term.key for book, _ in in_force for term in book.groups),
        rules=keys(rule.key for book, _ in in_force for rule in book.rules),
        categories=keys(term.key for book, _ in in_force for term in book.categories),
        channels=keys(term.key for book, _ in in_force for term in book.channels),
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
        roots = sorted(one.code for one in roster.offices.values() if one.parent is None)
        return None, [code for root in roots for code in roster.below(root)], None
    code = office_called(directory, office).code
    return code, roster.below(code), directory.ids_below(code)


_STATUSES = frozenset(Status)


def is_countable(outcome: Outcome) -> bool:
    """Whether a complaint has a status that is one; it is in no bucket otherwise."""
    return outcome.status in _STATUSES


def bucket_of(outcome: Outcome) -> Bucket:
    """Where a complaint with these raw facts counts."""
    return bucket(
        Status(outcome.status),
        breached=outcome.breached,
        ended_before_due=outcome.ended_before_due,
        due_passed=outcome.due_passed,
    )
