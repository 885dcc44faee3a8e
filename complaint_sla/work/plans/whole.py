"""The whole form of the plan: its card, and the closure figure whose tables stand in it, of one and the same moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.plan import Plan
from complaint_sla.core.scorecard import Sight
from complaint_sla.store import offices
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.figures.report import Report, report_in
from complaint_sla.work.plans.card import Card, card_of
from complaint_sla.work.plans.sight import sight_in


@dataclass(frozen=True)
class WholePlan:
    """`sight` is what the card follows from; `report` has the figure of the complaints. As of `as_of` (UTC). `activity` is
    the key of the only one that is wanted."""

    card: Card
    sight: Sight
    report: Report
    as_of: datetime
    activity: str | None = None


def whole(desk: Desk, quarter: Quarter, office: str | None = None, activity: str | None = None) -> WholePlan:
    """Of an office and all below it, or of all offices. One reading transaction.

    Raises NotPossible (`no-plan`); BadValue: `unknown-choice` of an activity, and as `report`.
    """
    with desk.store.read() as session:
        found = _whole_in(session, desk, quarter, office, activity)
    return _rehearsal(found, desk)


def whole_if_frozen(
    desk: Desk, quarter: Quarter, office: str | None = None, activity: str | None = None
) -> WholePlan:
    """The form as it will be once the closure figure is frozen now; nothing is. Raises as `whole` and `freeze.freeze`."""
    return _rehearsal(
        freeze.rehearsed(desk, quarter, lambda session: _whole_in(session, desk, quarter, office, activity)),
        desk,
    )


def _rehearsal(found: WholePlan, desk: Desk) -> WholePlan:
    return replace(found, report=replace(found.report, rehearsal=desk.store.is_rehearsal))


def _whole_in(
    session: Session, desk: Desk, quarter: Quarter, office: str | None, activity: str | None
) -> WholePlan:
    report = report_in(session, desk, quarter, office, None)
    directory = offices.directory(session)
    code = report.figure.office
    sight = sight_in(session, desk, directory, quarter, code)
    key = _activity(sight.plan, activity) if activity is not None else None
    return WholePlan(card_of(session, desk, directory, sight, code), sight, report, desk.now, key)


def _activity(plan: Plan, text: str) -> str:
    """The key of an activity. Raises BadValue (`unknown-choice`)."""
    key = text.strip().lower()
    known = [one.key for one in plan.activities]
    if key not in known:
        raise BadValue("unknown-choice", name="--activity", value=text, known=known)
    return key
