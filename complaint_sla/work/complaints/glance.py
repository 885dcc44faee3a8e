"""A look at complaints before something is done to them: what somebody has to know who may have one digit wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from complaint_sla.core import fields
from complaint_sla.core.callers import same
from complaint_sla.store import complaints, offices
from complaint_sla.work.casefile import caller_of
from complaint_sla.work.complaints.view import ComplaintView, all_views
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Glance:
    """A complaint, and the names of its customer and its owner.

    `of_another`: whoever acts is not the one who owns it. `in_hand`: they have done something on it before. `noted`: anybody
    has noted something.
    """

    complaint: ComplaintView
    customer: str | None
    owner: str | None
    of_another: bool
    in_hand: bool
    noted: bool


def glance(desk: Desk, numbers: Sequence[str]) -> list[Glance]:
    """Those of these complaints that are there for whoever sits here, each once. Raises NotPossible (`record-damaged`)."""
    wanted = list(dict.fromkeys(fields.number(one) for one in numbers))
    with desk.store.read() as session:
        known = complaints.with_numbers(session, wanted)
        rows = [known[one] for one in wanted if one in known]
        ids = [row.id for row in rows]
        directory = offices.directory(session)
        customers = complaints.customers_of(session, ids)
        in_hand, noted = complaints.touched_by(session, ids, desk.actor), complaints.noted(session, ids)
        return [
            Glance(
                one,
                customers[row.id].name if row.id in customers else None,
                directory.name(row.owner_id),
                one.owner not in (None, desk.actor),
                row.id in in_hand,
                row.id in noted,
            )
            for one, row in zip(all_views(session, directory, rows, desk.now), rows, strict=True)
        ]


def same_customer(desk: Desk, number: str, of: str) -> bool | None:
    """Whether two complaints are of one customer; None where nothing is known of both, or one is not there."""
    with desk.store.read() as session:
        known = complaints.with_numbers(session, [fields.number(number), fields.number(of)])
        customers = complaints.customers_of(session, [row.id for row in known.values()])
        found = [caller_of(customers.get(row.id)) for row in known.values()]
    return same(*found) if len(found) > 1 else None
