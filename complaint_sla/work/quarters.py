"""The figure of a quarter, from the database as it stands. One reading transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.closure import Bucket, Counts, Figure, bucket
from complaint_sla.core.deadlines import latest_due_at
from complaint_sla.core.lifecycle import Status
from complaint_sla.store import figures, people
from complaint_sla.store.figures import Group
from complaint_sla.work.desk import Desk
from complaint_sla.work.intake import office_called


def figure(desk: Desk, quarter: Quarter, office: str | None = None) -> Figure:
    """The closure rate of what was received in the quarter, at an office and all below it, or at all offices.

    Raises BadValue: `unknown-office`, `before-first-book`.
    """
    in_force = desk.shelf.within(quarter)
    with desk.store.read() as session:
        directory = people.directory(session)
        if office is None:
            roots = sorted(one.code for one in directory.roster.offices.values() if one.parent is None)
            codes = [code for root in roots for code in directory.roster.below(root)]
            groups = figures.cohort(session, quarter.months, None, desk.now)
        else:
            office = office_called(directory, office).code
            codes = directory.roster.below(office)
            groups = figures.cohort(session, quarter.months, directory.ids_below(office), desk.now)
    by_id = {id_: one.code for id_, one in directory.offices.items()}
    return Figure(
        quarter=quarter,
        office=office,
        as_of=desk.now,
        final_at=max(latest_due_at(book, last) for book, last in in_force),
        target=in_force[-1][0].target,
        counts=_counts(groups),
        by_group=_rows(groups, lambda g: g.group, (term.key for book, _ in in_force for term in book.groups)),
        by_month=_rows(groups, lambda g: g.month, quarter.months),
        by_office=_rows(groups, lambda g: by_id[g.office_id], codes),
        by_rule=_rows(groups, lambda g: g.rule, (rule.key for book, _ in in_force for rule in book.rules)),
    )


def _bucket(group: Group) -> Bucket:
    return bucket(
        Status(group.status),
        breached=group.breached,
        ended_before_due=group.ended_before_due,
        due_passed=group.due_passed,
    )


def _counts(groups: Iterable[Group]) -> Counts:
    return Counts.of((_bucket(group), group.count) for group in groups)


def _rows(
    groups: Sequence[Group], key: Callable[[Group], str], keys: Iterable[str]
) -> tuple[tuple[str, Counts], ...]:
    """A row for each key, those without complaints too; a key that no book of the quarter names comes last."""
    parts: dict[str, list[Group]] = {one: [] for one in keys}
    for group in groups:
        parts.setdefault(key(group), []).append(group)
    return tuple((one, _counts(part)) for one, part in parts.items())
