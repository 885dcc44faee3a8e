"""The whole form of the plan: its card, and the closure figure whose tables stand in it, of one and the same moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.plan import Plan
from complaint_sla.store import offices
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.figures.report import Report, report_in
from complaint_sla.work.plans.card import Card, card_of
from complaint_sla.work.plans.handed_in import Shown, shown


@dataclass(frozen=True)
class WholePlan:
    """What is `shown` is the frozen plan where there is one, else how things stand; `card` follows from it, and `report` has
    the figure of the complaints that stands beside it. As of `as_of` (UTC). `activity` is the key of the only one that is
    wanted.
    """

    card: Card
    shown: Shown
    report: Report
    as_of: datetime
    activity: str | None = None


def whole(
    desk: Desk,
    quarter: Quarter,
    office: str | None = None,
    activity: str | None = None,
    version: int | None = None,
) -> WholePlan:
    """Of an office and all below it, or of all offices; `version` is a frozen one of the plan. One reading transaction.

    Raises BadValue: `unknown-choice` of an activity, and as `report`; otherwise as `shown`.
    """
    with desk.store.read() as session:
        found = _whole_in(session, desk, quarter, office, activity, version)
    return _rehearsal(found, desk)


def whole_if_frozen(
    desk: Desk, quarter: Quarter, office: str | None = None, activity: str | None = None
) -> WholePlan:
    """The form as it will be once the closure figure is frozen now; nothing is. Raises as `whole` and `freeze.freeze`."""
    found = freeze.rehearsed(
        desk, quarter, lambda session: _whole_in(session, desk, quarter, office, activity, None)
    )
    return _rehearsal(found, desk)


def _rehearsal(found: WholePlan, desk: Desk) -> WholePlan:
    return replace(found, report=replace(found.report, rehearsal=desk.store.is_rehearsal))


def _whole_in(
    session: Session,
    desk: Desk,
    quarter: Quarter,
    office: str | None,
    activity: str | None,
    version: int | None,
) -> WholePlan:
    report = report_in(session, desk, quarter, office, None)
    directory = offices.directory(session)
    code = report.figure.office
    found = shown(session, desk, directory, quarter, code, version)
    frozen = found.frozen
    if frozen is not None and (pinned := frozen.ground.closure) is not None:
        standing = report.frozen.version if report.frozen is not None else None
        if pinned.version != standing:
            # The closure rate has been restated since: beside the plan stands what it was frozen with.
            report = report_in(session, desk, quarter, office, pinned.version)
    return WholePlan(
        card=card_of(session, desk, directory, found, code),
        shown=found,
        report=report,
        as_of=desk.now if frozen is None else frozen.frozen_at,
        activity=_activity(found.sight.plan, activity) if activity is not None else None,
    )


def _activity(plan: Plan, text: str) -> str:
    """The key of an activity. Raises BadValue (`unknown-choice`)."""
    key = text.strip().lower()
    known = [one.key for one in plan.activities]
    if key not in known:
        raise BadValue("unknown-choice", name="--activity", value=text, known=known)
    return key
