"""The daily summary: how the offices that somebody answers for stand, with all below them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from complaint_sla.core.anchor import Anchor
from complaint_sla.core.calendars import Quarter, at_local
from complaint_sla.core.errors import Error
from complaint_sla.core.figures import Figure
from complaint_sla.core.roster import Role, Roster, role_and_office
from complaint_sla.core.servicefile import DailySummary
from complaint_sla.core.titles import Title
from complaint_sla.store import alerts, notices, summary
from complaint_sla.store.offices import Directory
from complaint_sla.store.offices import directory as directory_of
from complaint_sla.store.summary import Section, View
from complaint_sla.store.tables import Complaint, Message
from complaint_sla.store.types import whole
from complaint_sla.work import anchors, journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import cohort
from complaint_sla.work.journal import Healed
from complaint_sla.work.letters.values import Listing, Notice, Occasion, OfficeName, head, line
from complaint_sla.work.plans import reminders
from complaint_sla.work.plans.reminders import PlanSection

KIND = "summary"
# Nobody reads on beyond so many of a section; a command shows all of them.
MOST = 25
DAYS_AHEAD = 7


@dataclass(frozen=True)
class Summary(Notice):
    """How the offices that a person answers for stand, each with all below it.

    `overdue` and `due` (within `days_ahead` days) are open; `new` are the open ones received or written down since a
    moment; `unheard` has alerts that reach nobody. `figures` gives the quarter so far for each of `offices`, and the one
    before where that can still change. `several`: there is more than one office in it. `plan` is what is not in of the action
    plan. `healed` is what a wrong clock had done, where it was put right since the last summary. `anchor` stands for all that
    had been recorded that morning.
    """

    day: date
    offices: tuple[OfficeName, ...]
    several: bool
    overdue: Listing
    due: Listing
    new: Listing
    unheard: Listing
    since: datetime
    days_ahead: int
    figures: tuple[tuple[OfficeName, Figure], ...]
    plan: PlanSection = field(default_factory=PlanSection)
    healed: Healed | None = None
    anchor: Anchor | None = None


def due(session: Session, desk: Desk) -> Iterator[Occasion]:
    """Who is to have today's summary and has none yet; nothing on other days, and before its time."""
    rules = desk.service.summary
    if rules is None or not is_time(desk):
        return
    day = desk.today.isoformat()
    directory = directory_of(session)
    answering = who_answers(directory.roster, rules.roles, desk.today)
    missing = answering.keys() - notices.noticed(session, KIND, day, day)
    if not missing:
        return
    shown = view(desk, rules, desk.today)
    busy = {directory.code(id_) for id_ in summary.offices_with_any(session, shown)}
    with desk.apart("plan"):
        busy |= reminders.offices_with_news(session, desk, directory, shown.since)
    busy = _with_those_above(directory, busy)
    yield Occasion(day, {one: rules.when_nothing or not busy.isdisjoint(answering[one]) for one in missing})


def is_time(desk: Desk) -> bool:
    """Whether there is a summary today, and its time has come."""
    rules = desk.service.summary
    if rules is None or desk.today.weekday() not in rules.weekdays:
        return False
    return desk.now >= at_local(desk.today, rules.at, desk.zone)


def who_answers(roster: Roster, roles: Collection[Role], day: date) -> dict[str, list[str]]:
    """Who answers for which offices on a local day: holders of these roles, and for those away whoever stands in."""
    found: dict[str, list[str]] = {}
    for email, person in sorted(roster.people.items()):
        if person.role in roles:
            stand_in = roster.stand_in(email, day)
            if stand_in is not None:
                found.setdefault(stand_in, []).append(person.office)
    return found


def _with_those_above(directory: Directory, codes: Collection[str]) -> set[str]:
    found: set[str] = set()
    for one in codes:
        code: str | None = one
        while code is not None and code not in found:
            found.add(code)
            above = directory.roster.offices.get(code)
            code = above.parent if above is not None else None
    return found


def view(desk: Desk, rules: DailySummary | None, day: date) -> View:
    """What stands in the sections of the summary of a local day."""
    return View(desk.now, desk.today + timedelta(days=DAYS_AHEAD), since(rules, day, desk.zone))


def since(rules: DailySummary | None, day: date, zone: ZoneInfo) -> datetime:
    """The time of the summary before that of `day`: what has come since is new."""
    before = [day - timedelta(days=back) for back in range(1, 8)]
    if rules is None or not rules.weekdays:
        return at_local(before[0], time(0), zone)
    return at_local(next(one for one in before if one.weekday() in rules.weekdays), rules.at, zone)


def written(desk: Desk, message: Message) -> Summary:
    """The summary as things stand now. One reading transaction."""
    rules, day = desk.service.summary, date.fromisoformat(message.occasion)
    shown = view(desk, rules, day)
    with desk.store.read() as session:
        directory = directory_of(session)
        person = directory.person(message.recipient)
        assert person is not None, "a summary is for somebody on the staff"
        answering = {} if rules is None else who_answers(directory.roster, rules.roles, desk.today)
        codes = _tops(
            directory.roster, answering.get(message.recipient) or [directory.code(person.office_id)]
        )
        office_ids = sorted({id_ for code in codes for id_ in directory.ids_below(code)})
        listed = {part: _listing(session, desk, directory, shown, part, office_ids) for part in Section}
        plan = PlanSection()
        # The letter goes without it where it can't be made.
        with desk.apart("plan"):
            own = directory.code(person.office_id)
            plan = reminders.section(session, desk, directory, codes, shown.since, own, MOST)
        healed = journal.healed_since(session, shown.since)
        anchor = anchors.of_day(session, message.occasion)
        offices = tuple(OfficeName(code, directory.title(code)) for code in codes)
        figures = tuple(
            (one, figure) for one in offices for figure in figures_so_far(session, desk, directory, one.code)
        )
    return Summary(
        **head(desk, directory, message),
        needed=(
            rules is not None
            and message.recipient in answering
            and (rules.when_nothing or plan.has_news or any(one.count for one in listed.values()))
        ),
        day=day,
        offices=offices,
        several=len(office_ids) > 1,
        overdue=listed[Section.OVERDUE],
        due=listed[Section.DUE],
        new=listed[Section.NEW],
        unheard=listed[Section.UNHEARD],
        since=shown.since,
        days_ahead=DAYS_AHEAD,
        figures=figures,
        plan=plan,
        healed=healed,
        anchor=anchor,
    )


def _tops(roster: Roster, codes: Sequence[str]) -> list[str]:
    """These offices without those that stand below another of them."""
    below = {one: set(roster.below(one)) - {one} for one in dict.fromkeys(codes)}
    return [one for one in below if not any(one in others for others in below.values())]


def _listing(
    session: Session,
    desk: Desk,
    directory: Directory,
    view: View,
    part: Section,
    office_ids: Collection[int],
) -> Listing:
    count, rows = summary.section(session, view, part, office_ids, MOST)
    roles: dict[int, dict[str, None]] = {}
    if part is Section.UNHEARD:
        for alert in alerts.unalertable_of(session, [row.id for row in rows]):
            roles.setdefault(alert.complaint_id, {})[alert.recipient] = None
    return listing(desk, directory, rows, count, roles)


def listing(
    desk: Desk,
    directory: Directory,
    rows: Iterable[Complaint],
    count: int,
    unheard: Mapping[int, Iterable[str]],
) -> Listing:
    """The first of `count` complaints as a letter lists them; `unheard` are the roles that reach nobody, by id."""
    lines = []
    for row in rows:
        with desk.apart(row.number):
            whole(row.number, row, "number", "subject", "urgent", "received_at", "due_on")
            roles = tuple(_role(directory, one) for one in unheard.get(row.id, ()))
            lines.append(line(directory, row, roles))
    return Listing(tuple(lines), count)


def _role(directory: Directory, recipient: str) -> tuple[str, Title]:
    """The role and the office of `role:supervisor@OFFICE`."""
    role, office = role_and_office(recipient)
    return role, directory.title(office)


def figures_so_far(
    session: Session, desk: Desk, directory: Directory, office: str | None
) -> Iterator[Figure]:
    """The quarter so far, of an office or of all; after it the one before, while its open complaints can still change its figure.

    Neither before the first book, nor where the calendar of the book has ended.
    """
    quarter = Quarter.of(desk.today)
    with suppress(Error):
        yield cohort.figure_in(session, desk, directory, quarter, office)
    with suppress(Error):
        figure = cohort.figure_in(session, desk, directory, quarter.previous, office)
        if not figure.is_final and figure.counts.pending + figure.counts.overdue:
            yield figure
