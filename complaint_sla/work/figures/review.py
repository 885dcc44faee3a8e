"""The review of a quarter: its figure as things stand, and what a reader asks next. One reading transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlmodel import Session

from complaint_sla.core.calendars import Quarter, local_day, midnight
from complaint_sla.core.callers import same
from complaint_sla.core.chain import read
from complaint_sla.core.complaints import ENDS, EventKind, Status
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import read_cases, read_content
from complaint_sla.core.review import (
    AgeBand,
    Concern,
    Course,
    Notable,
    PastQuarter,
    Register,
    Review,
    age_limits,
    pace,
)
from complaint_sla.store import figures, movements, offices
from complaint_sla.store.movements import EVENT
from complaint_sla.store.offices import Directory
from complaint_sla.store.types import whole
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze
from complaint_sla.work.figures.cohort import figure_in, frame, offices_of

# As many quarters as a chart shows well: two years.
QUARTERS = 8
# A withdrawal on the last day or the one before it spared the office a late case.
_LAST_DAYS = 1
# A deadline's due moment is the first one after its last day.
_INSTANT = timedelta(microseconds=1)


def review_in(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, office: str | None
) -> Review:
    """The review of a quarter at an office and all below it, or at all offices.

    Raises BadValue: `unknown-office`, `before-first-book`.
    """
    figure = figure_in(session, desk, directory, quarter, office)
    _, _, ids = offices_of(directory, office)
    courses = _courses(session, desk, directory, quarter, ids)
    quarters = tuple(_past(session, desk, quarter, figure.office, ids))
    return Review(
        figure=figure,
        # The same figures that were handed in, so that the quarters of a form sum to its year.
        year=_sum(past.counts for past in quarters if past.quarter.year == quarter.year),
        quarters=quarters,
        register=_register(session, desk, quarter, ids),
        ages=tuple(_ages(session, desk, quarter, ids)),
        answering=pace(
            (one.responded_at - one.received_at, one.due_at - one.received_at)
            for one in courses
            if one.responded_at is not None
        ),
        closing=pace(
            (one.closed_at - one.received_at, one.due_at - one.received_at)
            for one in courses
            if one.status == Status.CLOSED and one.closed_at is not None
        ),
        notable=tuple(_notable(session, desk, quarter, directory, ids, courses)),
    )


def cases(desk: Desk, quarter: Quarter, office: str | None = None) -> list[Course]:
    """Every complaint of the quarter at an office and all below it, or at all offices, by number.

    Raises BadValue (`unknown-office`).
    """
    with desk.store.read() as session:
        directory = offices.directory(session)
        _, _, ids = offices_of(directory, office)
        return _courses(session, desk, directory, quarter, ids)


def _courses(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, ids: Collection[int] | None
) -> list[Course]:
    """The courses of the quarter's complaints; those that can't be read are set aside."""
    courses, broken = figures.cases(session, directory, quarter.months, ids, desk.now)
    for number, columns in broken.items():
        desk.set_aside(number, NotPossible("record-damaged", about=number, columns=columns))
    return courses


def _last(quarter: Quarter) -> list[Quarter]:
    found = [quarter]
    while len(found) < QUARTERS:
        found.insert(0, found[0].previous)
    return found


def _sum(parts: Iterable[Counts]) -> Counts:
    return reduce(Counts.plus, parts, Counts())


def _past(
    session: Session, desk: Desk, quarter: Quarter, office: str | None, ids: Collection[int] | None
) -> Iterator[PastQuarter]:
    """The last quarters, as they were frozen where they were; those before the first book are left out."""
    last = _last(quarter)
    by_month = figures.by_month(session, [month for one in last for month in one.months], ids, desk.now)
    for one in last:
        row = figures.frozen(session, str(one))
        if row is None:
            try:
                framed = frame(session, desk, one)
            except Error:
                continue
            counts = _sum(by_month[month] for month in one.months if month in by_month)
            target, version = framed.target, None
            is_final = framed.final_at <= desk.now and not counts.pending
        else:
            try:
                with freeze.readable(row):
                    kept = read_content(row.content, row.frozen_at)
                    cases = read_cases(row.cases) if office is not None else []
            except NotPossible as problem:
                desk.set_aside(f"figure {one}/{row.version}", problem)
                continue
            target, version, is_final = kept.figure.target, kept.version, True
            counts = kept.figure.counts
            if office is not None:
                counts = kept.of_office(office, cases).counts
        yield PastQuarter(one, counts, target, is_final, version)


def _register(session: Session, desk: Desk, quarter: Quarter, ids: Collection[int] | None) -> Register:
    start = midnight(quarter.first_day, desk.zone)
    end = min(
        midnight(quarter.following.first_day, desk.zone), max(start, desk.now + timedelta(microseconds=1))
    )
    kinds = [kind.value for kind in (EventKind.LOGGED, EventKind.REOPENED, *ENDS)]
    month, following = quarter.months[0], quarter.following.months[0]
    past = _Flow(movements.happened_around(session, kinds, month, start, ids, afterwards=False))
    during = _Flow(movements.happened(session, kinds, start, end, ids))
    since = _Flow(movements.happened_around(session, kinds, following, end, ids, afterwards=True))
    return Register(
        brought_forward=past.net,
        received=during[EventKind.LOGGED],
        reopened=during[EventKind.REOPENED],
        closed=during[EventKind.CLOSED],
        withdrawn=during[EventKind.WITHDRAWN],
        duplicate=during[EventKind.DUPLICATE],
        carried_forward=movements.count_open(session, following, ids) - since.net,
    )


class _Flow:
    """How many events of each kind a period has."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts

    def __getitem__(self, kind: EventKind) -> int:
        return self.counts.get(kind.value, 0)

    @property
    def net(self) -> int:
        """By how many the open ones grew."""
        return self[EventKind.LOGGED] + self[EventKind.REOPENED] - sum(self[kind] for kind in ENDS)


def _ages(session: Session, desk: Desk, quarter: Quarter, ids: Collection[int] | None) -> Iterator[AgeBand]:
    limits = age_limits(book for book, _ in desk.shelf.within(quarter))
    found = movements.open_by_age(
        session, [desk.now - timedelta(days=days) for days in limits], desk.now, ids
    )
    for number, (over, up_to) in enumerate(pairwise((0, *limits, None))):
        count, late = found.get(number, (0, 0))
        yield AgeBand(over or 0, up_to, count, late)


def _notable(
    session: Session,
    desk: Desk,
    quarter: Quarter,
    directory: Directory,
    ids: Collection[int] | None,
    courses: Sequence[Course],
) -> Iterator[Notable]:
    """What to look at, by concern and number."""
    found: list[Notable] = []

    def add(concern: Concern, one: Course, at: datetime) -> None:
        found.append(Notable(concern, one.number, one.part.office, at, one.recorded_at))

    # Who is typed in later than the shortest deadline may have waited until the outcome was known.
    due_on = {one.number: one.due_on for one in courses}
    patience = timedelta(days=min(rule.days for book, _ in desk.shelf.within(quarter) for rule in book.rules))
    for one in courses:
        if one.breached_at is not None and one.generation > 1:
            add(Concern.RECLASSIFIED, one, one.breached_at)
        if one.recorded_at - one.received_at > patience:
            add(Concern.ENTERED_LATE, one, one.received_at)
        ended = one.closed_at if one.status in {Status.WITHDRAWN, Status.DUPLICATE} else None
        if ended is not None and _is_near(one.due_on, ended, desk.zone):
            add(Concern.LAST_MINUTE, one, ended)
    twins = movements.duplicates(session, quarter.months, ids)
    for one in courses:
        if one.number in twins and one.closed_at is not None and same(*twins[one.number]) is False:
            add(Concern.OF_ANOTHER, one, one.closed_at)
    for event in movements.incidents(
        session,
        quarter.months,
        ids,
        always=[kind.value for kind in (EventKind.REOPENED, EventKind.RECLASSIFIED, EventKind.TRANSFERRED)],
        dated_back=[kind.value for kind in ENDS],
    ):
        office = directory.code(event.office_id)
        with desk.apart(str(event.number)):
            whole(event.number, event, "happened_at", "recorded_at", table=EVENT)
            concern = _concern(event, due_on.get(event.number), desk.zone)
            if concern is not None:
                found.append(Notable(concern, event.number, office, event.happened_at, event.recorded_at))
    order = list(Concern)
    yield from sorted(found, key=lambda one: (order.index(one.concern), one.number, one.at))


def _is_near(due_on: date, at: datetime, zone: ZoneInfo) -> bool:
    """Whether something happened on the last day of a deadline, or on one of those before it."""
    return timedelta(0) <= due_on - local_day(at, zone) <= timedelta(days=_LAST_DAYS)


def _concern(
    event: Row[str, str, int, datetime, datetime, str], due_on: date | None, zone: ZoneInfo
) -> Concern | None:
    """Why an event is worth a look; `due_on` is the present deadline of its complaint."""
    match EventKind(event.kind):
        case EventKind.REOPENED:
            return Concern.REOPENED
        case EventKind.TRANSFERRED:
            # A miss that is near counts at the office that gets it.
            near = due_on is not None and _is_near(due_on, event.happened_at, zone)
            return Concern.HANDED_ON if near else None
        case EventKind.RECLASSIFIED:
            said = read(event.kind, event.data)
            was, now = (datetime.fromisoformat(one["due_at"]) for one in (said["was"], said))
            near = _is_near(local_day(was - _INSTANT, zone), event.happened_at, zone)
            return Concern.MOVED_OUT if near and now > was else None
    return Concern.DATED_BACK
