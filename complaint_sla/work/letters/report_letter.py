"""Reports by mail: provisional, final, and a warning while there is still time; each once, whoever runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter, at_local
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.figures import Figure
from complaint_sla.core.review import Course
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.servicefile import ReportOrder
from complaint_sla.store import complaints, figures, notices, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.outbox import MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import cohort, review
from complaint_sla.work.figures.report import Report, with_plans
from complaint_sla.work.figures.report import report as report_of
from complaint_sla.work.letters.summary_letter import listing
from complaint_sla.work.letters.values import Listing, Notice, Occasion, OfficeName, head
from complaint_sla.work.plans.whole import WholePlan, whole

KIND = "report"
# When the office opens; the service's own hours may be later.
_MORNING = time(8)
_SATURDAY = 5
# As many complaints as a warning names: what can still be closed in time, nearest deadline first.
MOST = 40


class Phase(StrEnum):
    """Why a report is sent."""

    WARNING = "warning"
    PROVISIONAL = "provisional"
    FINAL = "final"
    ASKED = "asked"


@dataclass(frozen=True)
class QuarterReport(Notice):
    """A quarter's report: why it is sent (`phase`), what it says, and which files go with it.

    `office` None is all offices. `saving` are the open complaints that can still be closed in time; told in a warning.
    `cases` is filled where a sheet of them goes along, `plan` where its form does and one governs the quarter.
    """

    phase: str
    office: OfficeName | None
    report: Report
    shelf: Shelf
    cases: tuple[Course, ...]
    attach: tuple[str, ...]
    saving: Listing
    plan: WholePlan | None = None


def due(session: Session, desk: Desk) -> Iterator[Occasion]:
    """The reports that are due by now and have not been written down for everybody who is to have them."""
    if not desk.service.reports or not desk.service.is_at_work(desk.now, desk.zone):
        return
    directory = offices.directory(session)
    quarter = Quarter.of(desk.today)
    before = quarter.previous
    phase = _phase(session, desk, before)
    for order in desk.service.reports:
        if not _is_known(directory, order):
            # Said by `doctor`; one order with a slip must not hold up the others.
            continue
        if phase is not None:
            name = _name(before, phase, order.office)
            if phase is Phase.FINAL and (void := figures.count_void(session, str(before))):
                # Of a figure that has become void a letter may have gone out: this one is another.
                name += f" {void}"
            yield from _occasion(session, name, order)
        if desk.today.month == 3 * quarter.number and desk.now >= at_local(desk.today, _MORNING, desk.zone):
            # A quarter whose calendar has ended has no figure to warn of.
            with suppress(Error):
                yield from _warning(session, desk, directory, quarter, order)


def _is_known(directory: Directory, order: ReportOrder) -> bool:
    return order.office is None or directory.office(order.office) is not None


def _phase(session: Session, desk: Desk, quarter: Quarter) -> Phase | None:
    """Which report of an ended quarter is due."""
    if figures.frozen(session, str(quarter)) is not None:
        return Phase.FINAL
    try:
        final_at = cohort.frame(session, desk, quarter).final_at
    except Error:
        return None
    # Final, and not frozen yet: that is done first.
    opens = at_local(_first_working_day(desk, quarter.following.first_day), _MORNING, desk.zone)
    return Phase.PROVISIONAL if opens <= desk.now < final_at else None


def _first_working_day(desk: Desk, day: date) -> date:
    """The first day from `day` on that the office works: by its hours if they are set, else by the rule book's calendar."""
    hours, counting = desk.service.working_hours, desk.shelf.in_force(day).counting
    for _ in range(31):
        if hours is not None:
            works = day.weekday() in hours.weekdays and day not in hours.days_off(day.year)
        else:
            works = day.weekday() < _SATURDAY and day not in counting.holidays
        if works:
            break
        day += timedelta(days=1)
    return day


def _name(quarter: Quarter, phase: Phase, office: str | None) -> str:
    """An occasion: no office has a code of `*`."""
    return f"{quarter} {phase.value} {office or '*'}"


def _occasion(session: Session, name: str, order: ReportOrder) -> Iterator[Occasion]:
    noticed = notices.noticed(session, KIND, name, name)
    missing = [one for one in order.to if one not in noticed]
    if missing:
        yield Occasion(name, dict.fromkeys(missing, True))


def _warning(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, order: ReportOrder
) -> Iterator[Occasion]:
    """Looked at once a day; a day without a reason is written down too, and one warning a quarter is enough."""
    prefix = _name(quarter, Phase.WARNING, order.office)
    today = f"{prefix} {desk.today.isoformat()}"
    done = notices.told(session, KIND, f"{prefix} ") | notices.noticed(session, KIND, today, today)
    missing = [one for one in order.to if one not in done]
    if missing:
        figure = cohort.figure_in(session, desk, directory, quarter, order.office)
        yield Occasion(today, dict.fromkeys(missing, _is_in_danger(figure)))


def _is_in_danger(figure: Figure) -> bool:
    """The rate so far or its worst bound is below the target, and something open can still save it."""
    counts = figure.counts
    return counts.pending > 0 and any(
        share is not None and share < figure.target for share in (counts.rate, counts.worst)
    )


def asked(
    desk: Desk, quarter: Quarter, office: str | None, domain: str
) -> tuple[list[str], Callable[[Session], None]]:
    """Who gets that office's reports, and what puts one into their outbox, to go at once, in a transaction of the caller's.

    Raises BadValue (`nobody-gets-reports`).
    """
    orders = [order for order in desk.service.reports if order.office == office]
    if not orders:
        raise BadValue("nobody-gets-reports", office=office or "*")
    at = desk.clock()
    name = f"{_name(quarter, Phase.ASKED, office)} {at.isoformat()}"

    def job(session: Session) -> None:
        for recipient in orders[0].to:
            notices.add_notice(session, KIND, name, recipient, domain, MessageState.WAITING, desk.now, at)

    return list(orders[0].to), job


def written(desk: Desk, message: Message) -> QuarterReport:
    """The report as it would be handed in now. Reading transactions of its own."""
    about, phase_name, office_code, *_ = message.occasion.split(" ")
    quarter, phase = Quarter.parse(about), Phase(phase_name)
    office = None if office_code == "*" else office_code
    orders = [
        order for order in desk.service.reports if order.office == office and message.recipient in order.to
    ]
    attach = orders[0].attach if orders else ()
    plan = _plan(desk, quarter, office, attach)
    # What the letter says and what its form says are of one moment.
    report = plan.report if plan is not None else report_of(desk, quarter, office)
    with desk.store.read() as session:
        directory = offices.directory(session)
        saving = Listing((), 0)
        if phase is Phase.WARNING:
            saving = _saving(session, desk, directory, quarter, office)
    return QuarterReport(
        **head(desk, directory, message),
        # Also of one that was asked for: by a hand in the database anybody can be named.
        needed=bool(orders),
        phase=phase.value,
        office=OfficeName(office, report.titles[office]) if office is not None else None,
        report=report,
        shelf=with_plans(desk),
        cases=tuple(_cases(desk, quarter, office, orders)),
        attach=attach,
        saving=saving,
        plan=plan,
    )


def _plan(desk: Desk, quarter: Quarter, office: str | None, attach: tuple[str, ...]) -> WholePlan | None:
    """The whole form, where it is attached; None for a quarter before the first plan."""
    if not any(name.startswith("plan.") for name in attach):
        return None
    try:
        return whole(desk, quarter, office)
    except NotPossible as problem:
        if problem.key != "no-plan":
            raise
        return None


def _cases(desk: Desk, quarter: Quarter, office: str | None, orders: list[ReportOrder]) -> Iterator[Course]:
    """The complaints of the quarter, where a sheet of them is attached."""
    if any("report.xlsx" in order.attach for order in orders):
        yield from review.cases(desk, quarter, office)


def _saving(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Listing:
    """What is open and not yet due, nearest deadline first."""
    _, _, ids = cohort.offices_of(directory, office)
    count, rows = complaints.pending_of(session, quarter.months, ids, desk.now, MOST)
    return listing(desk, directory, rows, count, {})
