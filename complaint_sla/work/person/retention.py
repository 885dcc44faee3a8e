"""How long complaints tell of anybody: what ended longer ago than the settings say is erased (PDPA, section 37).

Figures and the chain stay, as at every erasure. Safe to run anywhere, any number at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from complaint_sla.core.calendars import local_day
from complaint_sla.core.errors import BadValue
from complaint_sla.store import offices, person
from complaint_sla.work.complaints import erase
from complaint_sla.work.complaints.view import ComplaintView, with_rows
from complaint_sla.work.desk import Desk

JOB = "retention"
# In one transaction, and in one round: mail and alerts wait for no more.
MOST = 100


@dataclass(frozen=True)
class Due:
    """A complaint that ended on a local day, and the first on which it is erased."""

    complaint: ComplaintView
    ended_on: date
    goes_on: date


def erase_due(desk: Desk) -> int:
    """Erases what is due, a bounded number a round, and notes that the job ran; how many. Raises as `due` does."""
    left_over = erase.erase_left_over(desk, MOST)
    past = _past(desk)
    erased = erase.erase_old(desk, *past, MOST) if past is not None and _any_due(desk, past) else []
    desk.beat(JOB)
    return left_over + len(erased)


def due(desk: Desk) -> Sequence[Due]:
    """What would be erased by now, longest ended first.

    Raises BadValue (`unknown-group`): while the settings name a group that no book knows, nothing goes, or it would go
    by the years of all others.
    """
    past, settings = _past(desk), desk.service.retention
    if past is None or settings is None:
        return []
    found = []
    with desk.store.read() as session:
        rows = person.ended_before(session, *past)
        for row, complaint in with_rows(session, desk, offices.directory(session), rows):
            ended_on = local_day(row.closed_at or desk.now, desk.zone)
            goes_on = settings.goes_on(row.group, ended_on)
            found += [Due(complaint, ended_on, goes_on)] if goes_on is not None else []
    return found


Past = tuple[Mapping[str, datetime], datetime | None]


def _past(desk: Desk) -> Past | None:
    settings = desk.service.retention
    if settings is None:
        return None
    known = dict.fromkeys(term.key for book in desk.shelf.books for term in book.groups)
    for one in settings.groups:
        if one.group not in known:
            raise BadValue("unknown-group", value=one.group, known=list(known), book=desk.shelf.latest.id)
    return settings.ended_before(desk.today, desk.zone)


def _any_due(desk: Desk, past: Past) -> bool:
    """Without taking the journal in hand, which most rounds have no need of."""
    with desk.store.read() as session:
        return bool(person.ended_before(session, *past, 1))
