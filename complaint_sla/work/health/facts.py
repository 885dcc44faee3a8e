"""How the program itself is: what its jobs last did, what waits, what can't reach anybody, what will soon be missing.

Measures only; what of it is wrong is judged by whoever asks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter, midnight
from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.errors import BookRefused, Error
from complaint_sla.core.figures import figure_called
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.plan import plan_of
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Person, Role, is_nobody, role_and_office
from complaint_sla.core.rulebook import Book, Shelf
from complaint_sla.core.timeline import Timeline
from complaint_sla.store import alerts as ledger
from complaint_sla.store import books, complaints, figures, heartbeats, house, locks, offices, outbox
from complaint_sla.store.engine import Store
from complaint_sla.store.locks import Holder
from complaint_sla.store.migrations import HEAD
from complaint_sla.store.offices import Directory
from complaint_sla.store.types import mended, moment
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import ended, frame, unserved
from complaint_sla.work.health.plans import PlanReminders, reminders
from complaint_sla.work.journal import Healed, Leapt
from complaint_sla.work.letters import answered
from complaint_sla.work.plans import freezing

# A new book wants a decision of the office and the holidays that a cabinet announces: so far ahead is looked.
DAYS_AHEAD = 90
# SQLite reads its file through to check it: what takes longer than a second or two is left to a quiet hour.
LARGEST_CHECKED = 100_000_000
# So long what a wrong clock had done is told after it was put right.
DAYS_TOLD = timedelta(days=7)
# As many broken things as are named; `audit` finds all.
MOST_NAMED = 10


@dataclass(frozen=True)
class Beat:
    """When a job last ran and last succeeded, by the real clock; `fault` is what stopped it last."""

    job: str
    ran_at: datetime
    succeeded_at: datetime | None
    fault: str | None


@dataclass(frozen=True)
class Unheard:
    """So many alerts are owed to a role that nobody fills, `supervisor@OFFICE`; the oldest was raised at a moment.

    Or somebody does, whom letters have not reached: then it `is_filled`.
    """

    role: str
    alerts: int
    oldest_at: datetime | None
    is_filled: bool = False


@dataclass(frozen=True)
class Held:
    """So many letters wait after the same answer, of which one was given in these words."""

    answer: str
    letters: int
    said: str


@dataclass(frozen=True)
class CalendarEnd:
    """From this local day on, within the next DAYS_AHEAD, no deadline can be reckoned by the book."""

    book: str
    day: date


@dataclass(frozen=True)
class Vitals:
    """What `doctor` judges and monitoring is fed with. Counts of complaints are of `desk.now`; beats follow the real clock.

    `unswept` complaints had a stage that was to be raised more than the normal silence ago. Of so many of the `refused`
    letters an earlier copy has `perhaps_arrived`. The addresses of `strangers` are of no domain that people may have.
    `retired_owners` still own so many open complaints. Of `absences` the
    deputy can't stand in either. At `unattended` offices nobody, up to the top of the tree, would hear what is meant for
    the role; `idle` offices have neither staff nor open complaints. `damage` is what SQLite finds broken, None if the file
    was not read through. `astray` are numbers of open complaints whose office, owner or book is not there, `unwritten`
    letters that can't be put into words, by id, with why, `illegible` rows of offices and people, `circles` of offices
    below one another, `uncounted` ended quarters that hold complaints and can't be counted, `unserved` those that wait for a
    person to freeze them, `unfrozen_plans` those whose plan was to be frozen longer ago than the normal silence. Of each,
    the first MOST_NAMED; of `unserved` all. `is_of_sheets`: nothing was ever logged by hand. A wrong clock has settled so
    many open complaints (`settled_ahead`) and dated so many events (`to_come`) later than now, and frozen figures
    (2017-Q1/1); `healed` is what was put right of that in the last week, and `leapt` the last leap of a clock in it. `held`
    are the letters that were tried and wait, by answer; since `limited_since` a limit of the server has let nothing through,
    which may be so long that it `is_stalled`. So many complaints were `locked` by others when the last sweep ran; `holders`
    are who holds something now. `open_wire`: what is said to the database's server may travel for everybody to read.
    `backed_up_at` and `audited_at` are the last times that the journal tells of.
    """

    version: str
    beats: tuple[Beat, ...]
    open: int
    overdue: int
    unswept: int
    oldest_unswept_at: datetime | None
    pending: int
    oldest_pending_at: datetime | None
    refused: int
    perhaps_arrived: int
    unheard: tuple[Unheard, ...]
    failed_addresses: tuple[str, ...]
    strangers: tuple[str, ...]
    retired_owners: tuple[tuple[str, int], ...]
    absences: tuple[Person, ...]
    unattended: dict[Role, tuple[str, ...]]
    idle: tuple[str, ...]
    offices: int
    calendar_end: CalendarEnd | None
    unknown_report_offices: tuple[str, ...]
    narrow_plan: str | None
    damage: tuple[str, ...] | None
    astray: tuple[str, ...]
    unwritten: tuple[tuple[int, str], ...]
    illegible: tuple[str, ...]
    circles: tuple[tuple[str, ...], ...]
    uncounted: tuple[tuple[str, Error], ...]
    unserved: tuple[str, ...]
    is_of_sheets: bool
    unfrozen_plans: tuple[str, ...]
    reminders: PlanReminders
    settled_ahead: int
    to_come: int
    latest_to_come_at: datetime | None
    frozen_ahead: tuple[str, ...]
    healed: Healed | None
    leapt: Leapt | None
    held: tuple[Held, ...]
    limited_since: datetime | None
    is_stalled: bool
    locked: int
    holders: tuple[Holder, ...]
    open_wire: bool
    backed_up_at: datetime | None
    audited_at: datetime | None


def vitals(desk: Desk) -> Vitals:
    """One reading transaction, after SQLite's own look at its file."""
    damage = _damage(desk)
    with desk.store.read() as session:
        pending, oldest_pending, refused, perhaps_arrived = outbox.pending_summary(session)
        unswept, oldest_unswept = complaints.waiting_to_be_raised(session, desk.now - desk.service.silence)
        open_, overdue = complaints.count_open(session, desk.now)
        directory = offices.directory(session)
        owners = complaints.open_by_owner(session)
        owned = {one.email: owners[id_] for id_, one in directory.staff.items() if id_ in owners}
        beats = [
            # What can't be read is as good as none.
            beat
            for beat in heartbeats.all_beats(session)
            if not mended(beat) and beat.ran_at is not None
        ]
        posts = {f"{one.role}@{one.office}" for one in directory.roster.people.values() if not one.retired}
        standstill = answered.standstill(session, desk.clock())
        everybody = [directory.roster.people[email] for email in sorted(directory.roster.people)]
        return Vitals(
            version=HEAD,
            beats=tuple(Beat(beat.job, beat.ran_at, beat.succeeded_at, beat.fault) for beat in beats),
            open=open_,
            overdue=overdue,
            unswept=unswept,
            oldest_unswept_at=oldest_unswept,
            pending=pending,
            oldest_pending_at=oldest_pending,
            refused=refused,
            perhaps_arrived=perhaps_arrived,
            unheard=tuple(
                Unheard(post, count, oldest, post in posts)
                for role, count, oldest in ledger.unalertable(session)
                for post in ["@".join(role_and_office(role))]
            ),
            failed_addresses=tuple(one.email for one in everybody if one.unreachable and not one.retired),
            strangers=tuple(
                one.email for one in everybody if not one.retired and not desk.service.is_ours(one.email)
            ),
            retired_owners=tuple(
                (one.email, owned[one.email]) for one in everybody if one.retired and one.email in owned
            ),
            absences=tuple(
                one
                for one in everybody
                if one.away_until is not None and one.away_until >= desk.today and not one.retired
                if one.role is not Role.AGENT or one.email in owned
                if directory.roster.stand_in(one.email, desk.today) is None
            ),
            unattended={
                role: _unattended(directory, role, desk.today) for role in (Role.SUPERVISOR, Role.MANAGER)
            },
            idle=_idle(session, directory),
            offices=len(directory.offices),
            calendar_end=_calendar_end(desk.shelf, desk.today),
            unknown_report_offices=tuple(
                order.office
                for order in desk.service.reports
                if order.office is not None and directory.office(order.office) is None
            ),
            narrow_plan=_narrow_plan(session, desk),
            damage=damage,
            astray=tuple(complaints.astray(session, MOST_NAMED)),
            unwritten=tuple(outbox.in_trouble(session, Answer.UNWRITTEN, MOST_NAMED)),
            illegible=directory.damaged[:MOST_NAMED],
            circles=tuple(directory.roster.circles()[:MOST_NAMED]),
            uncounted=tuple(_uncounted(session, desk))[:MOST_NAMED],
            **_unserved(session, desk),
            unfrozen_plans=tuple(map(str, freezing.overdue(session, desk)))[:MOST_NAMED],
            reminders=reminders(session, desk, directory),
            **_of_clock(session, desk),
            held=tuple(Held(*one) for one in outbox.pending_answers(session)),
            limited_since=desk.clock() - standstill if standstill else None,
            is_stalled=standstill >= answered.STALLED,
            locked=sum(beat.locked for beat in beats),
            holders=tuple(locks.holders(session))[:MOST_NAMED],
            open_wire=desk.store.open_wire,
            backed_up_at=_last(session, JournalKind.BACKED_UP),
            audited_at=_last(session, JournalKind.AUDITED),
        )


def _narrow_plan(session: Session, desk: Desk) -> str | None:
    """The plan in force, if it asks for nothing but what the tracker tells."""
    plan = plan_of(books.plans(session), Quarter.of(desk.today))
    return plan.id if plan is not None and not plan.is_entered else None


def _last(session: Session, kind: JournalKind) -> datetime | None:
    """When the journal last got an entry of a kind."""
    entry = house.newest_of(session, (kind,))
    return moment(entry.recorded_at) if entry is not None else None


def held(store: Store) -> tuple[Holder, ...]:
    """Who holds what others wait for; for whoever could not be told by `vitals`, since it had to wait itself."""
    with store.read() as session:
        return tuple(locks.holders(session))[:MOST_NAMED]


def _of_clock(session: Session, desk: Desk) -> dict[str, Any]:
    """What a wrong clock has left; in a rehearsal any moment may have been played."""
    now = max(desk.now, desk.clock())
    ahead, to_come, latest, frozen = 0, 0, None, list[str]()
    if not desk.store.is_rehearsal:
        ahead = complaints.count_settled_ahead(session, now)
        to_come, latest = complaints.events_to_come(session, now)
        early = figures.frozen_after(session, now + DRIFT)
        frozen = [figure_called(one.measure, one.quarter, one.version) for one in early]
    return {
        "settled_ahead": ahead,
        "to_come": to_come,
        "latest_to_come_at": latest,
        "frozen_ahead": tuple(frozen[:MOST_NAMED]),
        "healed": journal.healed_since(session, desk.clock() - DAYS_TOLD),
        "leapt": journal.leapt_since(session, desk.clock() - DAYS_TOLD),
    }


def _uncounted(session: Session, desk: Desk) -> Iterator[tuple[str, Error]]:
    """The ended quarters in which something was received, of which the books give no figure."""
    for quarter in ended(session, desk):
        try:
            frame(session, desk, quarter)
        except Error as problem:
            if figures.any_received(session, quarter.months):
                yield str(quarter), problem


def _unserved(session: Session, desk: Desk) -> dict[str, Any]:
    """Whoever sees only a part of what was logged can't tell which was the first by hand, and freezes nothing."""
    if desk.standing.confined:
        return {"unserved": (), "is_of_sheets": False}
    found = unserved(session, desk)
    return {"unserved": tuple(map(str, found.quarters)), "is_of_sheets": found.is_of_sheets}


def free_bytes(path: Path) -> int:
    """What is free on the disk that holds a file or a folder, or will hold it. Raises OSError."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def _damage(desk: Desk) -> tuple[str, ...] | None:
    file = desk.store.file
    if file is None or file.stat().st_size > LARGEST_CHECKED:
        return None
    return tuple(desk.store.damage())


def _unattended(directory: Directory, role: Role, day: date) -> tuple[str, ...]:
    return tuple(
        code
        for code in sorted(directory.roster.offices)
        if is_nobody(directory.roster.recipients(role.value, code, None, day)[0])
    )


def _idle(session: Session, directory: Directory) -> tuple[str, ...]:
    """The offices in which nobody works and nothing is open: nothing is to be heard there."""
    manned = {one.office for one in directory.roster.people.values() if not one.retired}
    at_work = {directory.code(id_) for id_ in complaints.offices_with_open(session)}
    return tuple(sorted(directory.roster.offices.keys() - manned - at_work))


def _calendar_end(shelf: Shelf, today: date) -> CalendarEnd | None:
    """The first of the coming days of receipt that the book in force then can't reckon with."""
    for ahead in range(DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        if day < shelf.books[0].effective_from:
            continue
        book = shelf.in_force(day)
        if book.counting.needs_holidays and not _reckons(book, day):
            return CalendarEnd(book.id, day)
    return None


def _reckons(book: Book, day: date) -> bool:
    """Whether every rule of a book can give a complaint of that local day its deadline and its stages."""
    received_at = midnight(day, book.zone)
    try:
        for rule in book.rules:
            due_on = book.counting.last_of(day, rule.days)
            Timeline(book, rule.key, rule.days, received_at, due_on).first_at()
    except BookRefused:
        return False
    return True
