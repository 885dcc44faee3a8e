"""What a batch of an import is going to write: complaints that are new, and ends of those that are known."""

from __future__ import annotations

from dataclasses import dataclass

from complaint_sla.core.complaints import EventKind
from complaint_sla.store.tables import Complaint
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.filing import Draft
from complaint_sla.work.sheets.rows import End, Statement


@dataclass(eq=False)
class New:
    """A complaint to be logged; `original` is what it is a duplicate of, perhaps new itself."""

    statement: Statement
    draft: Draft
    original: New | Complaint | None = None


@dataclass(eq=False)
class Ending:
    """A complaint that the database has open, and its end."""

    statement: Statement
    end: End
    row: Complaint
    original: New | Complaint | None = None


def number_of_target(target: New | Complaint) -> str:
    return target.draft.number if isinstance(target, New) else target.number


def tell(new: New) -> None:
    """What has happened to a new complaint, in the order of time; the numbers are given."""
    paper, end = new.draft, new.statement.end
    if paper.acknowledged_at is not None:
        paper.happened.append((EventKind.ACKNOWLEDGED, paper.acknowledged_at, {}, {}))
    if paper.responded_at is not None:
        paper.happened.append((EventKind.RESPONDED, paper.responded_at, {}, {}))
    if end is not None:
        of = number_of_target(new.original) if new.original is not None else None
        if isinstance(new.original, Complaint):
            paper.duplicate_of_id = new.original.id
        data = change.end_data(paper.state, of)
        paper.happened.append((EventKind(end.status.value), end.at, data, {"outcome": end.outcome}))
    # Of what happened at one moment the end comes last.
    paper.happened.sort(key=lambda event: event[1])
