"""What is wrong with the program or soon will be, and how grave it is, judged by what `vitals` measured.

A finding is one value here; its sentence and its cure stand under its key in the front that shows it (`cli/doctor`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.doubt import is_ahead
from complaint_sla.core.replies import Answer
from complaint_sla.core.roster import Role
from complaint_sla.resources import rules
from complaint_sla.store import complaints, heartbeats, outbox
from complaint_sla.store.problems import LOCK_SECONDS
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk

if TYPE_CHECKING:
    from complaint_sla.store.locks import Holder
    from complaint_sla.work.health.facts import Beat, Vitals

# Mail that waits longer is not held up by a passing refusal.
LONGEST_WAIT = timedelta(hours=1)
# So long whoever looks at the complaints is told that the clock leapt; `doctor` tells it for longer.
_LEAPT_TOLD = timedelta(days=1)
# Bytes: a year of a whole region with its mail, and an SQLite write-ahead log beside a large import.
LEAST_FREE = 500_000_000

# Everything that is looked at, in the order of a visit.
ABOUTS = (
    "settings", "rules", "calendar", "database", "disk", "service", "clock", "alerts", "plan", "outbox", "people",
    "mail", "secrets",
)  # fmt: skip


class Gravity(StrEnum):
    """WRONG needs somebody; a HINT is worth doing, and nothing fails without it; WELL is as it should be."""

    WRONG = "wrong"
    HINT = "hint"
    WELL = "well"


@dataclass(frozen=True)
class Finding:
    """Something that was looked at. `key` names its sentence, `values` are what the sentence speaks of.

    Values are moments (UTC), local days, numbers, texts, tuples of texts, or the error that kept a thing from being
    looked at.
    """

    about: str
    key: str
    gravity: Gravity
    values: Mapping[str, object] = field(default_factory=dict)


def wrong(about: str, key: str, **values: object) -> Finding:
    return Finding(about, key, Gravity.WRONG, values)


def hint(about: str, key: str, **values: object) -> Finding:
    return Finding(about, key, Gravity.HINT, values)


def well(about: str, key: str, **values: object) -> Finding:
    return Finding(about, key, Gravity.WELL, values)


def unusable(about: str, problem: Exception) -> Finding:
    """A thing that could not be looked at."""
    return wrong(about, f"{about}-unusable", problem=problem)


def findings(desk: Desk, found: Vitals) -> list[Finding]:
    """All that the database and the rule books tell. Beats are judged by the real clock, which they follow."""
    return [
        *_of_rules(desk, found),
        *_of_calendar(desk, found),
        *_of_database(desk, found),
        *_of_service(desk, found),
        *_of_quarters(found),
        *_of_plans(found),
        *_of_clock(found),
        *_of_outbox(desk, found),
        *_of_people(found),
    ]


def of_disk(folder: str, free: int) -> Finding:
    """What is free (bytes) on the disk of a folder."""
    if free >= LEAST_FREE:
        return well("disk", "disk-free", folder=folder, gigabytes=free / 1e9)
    return wrong("disk", "disk-full", folder=folder, gigabytes=free / 1e9)


def _of_rules(desk: Desk, found: Vitals) -> Iterator[Finding]:
    books = desk.shelf.books
    if desk.shelf.lost:
        yield wrong("rules", "books-lost", names=desk.shelf.lost)
    yield well("rules", "books-in-order", books=", ".join(book.id for book in books))
    if desk.today < books[0].effective_from:
        yield wrong("rules", "no-book-in-force", day=books[0].effective_from)
    for coming in books[1:]:
        if coming.effective_from > desk.today:
            yield well("rules", "book-to-come", day=coming.effective_from, book=coming.id)
    if found.narrow_plan is not None:
        yield hint("rules", "plan-of-complaints", plan=found.narrow_plan, folder=str(rules()))
    for office in found.unknown_report_offices:
        yield wrong("rules", "report-for-nobody", office=office)
    for quarter, problem in found.uncounted:
        yield wrong("calendar", "quarter-uncounted", quarter=quarter, problem=problem)


def _of_calendar(desk: Desk, found: Vitals) -> Iterator[Finding]:
    end = found.calendar_end
    if end is not None:
        yield wrong("calendar", "calendar-ends", day=end.day, book=end.book)
        return
    for book in desk.shelf.books:
        if book.counting.covers is not None:
            yield well("calendar", "calendar-reaches", book=book.id, day=book.counting.covers[1])


def _of_database(desk: Desk, found: Vitals) -> Iterator[Finding]:
    yield well("database", "database-reached", url=desk.store.shown_url, version=found.version)
    if desk.store.is_standby:
        yield hint("database", "database-standby")
    if found.open_wire:
        yield wrong("database", "database-open-wire")
    if found.damage:
        yield wrong("database", "database-damaged", problem=found.damage[0])
    elif found.damage is None and desk.store.file is not None:
        yield well("database", "database-unread")
    if found.astray:
        yield wrong("database", "complaints-astray", names=found.astray)
    if found.illegible:
        yield wrong("database", "people-damaged", names=found.illegible)
    for circle in found.circles:
        yield wrong("database", "offices-in-circle", offices=circle)


def _of_service(desk: Desk, found: Vitals) -> Iterator[Finding]:
    beats = {beat.job: beat for beat in found.beats}
    for job in heartbeats.JOBS:
        beat = beats.get(job)
        if beat is None:
            yield wrong("service", "job-never", job=job)
        else:
            yield from _of_beat(desk, beat, found)
    if found.oldest_unswept_at is not None:
        waiting: dict[str, object] = {"n": found.unswept, "when": found.oldest_unswept_at}
        if found.holders:
            yield wrong("alerts", "unswept-locked", **waiting)
        else:
            yield wrong("alerts", "unswept", **waiting)
    yield from of_holders(found.holders, any_wait=found.oldest_unswept_at is not None or found.locked > 0)


def _of_quarters(found: Vitals) -> Iterator[Finding]:
    # Whether what sheets have brought is all there was, only a person knows: nothing fails as long as nobody says so.
    if found.unserved:
        quarters = tuple(map(Quarter.parse, found.unserved))
        if found.is_of_sheets:
            yield hint("service", "quarters-of-sheets", quarters=quarters, first=quarters[0])
        else:
            yield hint("service", "quarters-unserved", quarters=quarters, first=quarters[0])


def _of_plans(found: Vitals) -> Iterator[Finding]:
    for quarter in found.unfrozen_plans:
        yield wrong("plan", "plan-unfrozen", quarter=quarter)
    told = found.reminders
    if told.unused is not None:
        yield well("plan", "plan-unused", plan=told.unused)
    if not told.is_told:
        yield wrong("plan", "plan-untold", plan=told.plan)
    if told.classless:
        yield wrong("plan", "plan-classless", plan=told.plan, offices=told.classless)
    if told.unheard:
        yield wrong("plan", "plan-unheard", offices=told.unheard, role=Role.SUPERVISOR.value)


def of_holders(holders: Sequence[Holder], *, any_wait: bool) -> Iterator[Finding]:
    """Who keeps others waiting: whoever holds something for longer than is waited for it, or anything while `any_wait`."""
    for one in holders:
        whose: dict[str, object] = {"pid": one.pid, "user": one.user, "application": one.application or None}
        if one.since is None and any_wait:
            yield wrong("alerts", "lock-held", **whose)
        elif one.since is not None and (any_wait or (one.seconds or 0) > LOCK_SECONDS):
            yield wrong("alerts", "lock-held-since", **whose, since=one.since)


def _of_beat(desk: Desk, beat: Beat, found: Vitals) -> Iterator[Finding]:
    now = desk.clock()
    if is_ahead(beat.ran_at, now):
        yield wrong("clock", "job-to-come", job=beat.job, when=beat.ran_at)
    elif now - beat.ran_at > desk.service.silence:
        yield wrong("service", "job-late", job=beat.job, when=beat.ran_at)
    else:
        yield well("service", "job-ran", job=beat.job, when=beat.ran_at)
    if beat.fault is None:
        return
    if beat.succeeded_at == beat.ran_at:
        yield wrong("service", "job-set-aside", job=beat.job, names=tuple(beat.fault.split(", ")))
        return
    since = beat.succeeded_at
    stopped: dict[str, object] = {"job": beat.job, "fault": beat.fault} | ({"since": since} if since else {})
    held = {one.answer for one in found.held}
    if beat.job == "deliver" and Answer.SERVER not in held and Answer.SENDER in held:
        yield wrong("mail", "mail-not-as-sender", fault=beat.fault)
    elif beat.job == "deliver" and Answer.SERVER not in held and Answer.LIMIT in held:
        yield wrong("mail", "mail-limited", fault=beat.fault, since=found.limited_since)
    elif beat.job == "deliver" and since:
        yield wrong("mail", "mail-stopped-since", **stopped)
    elif beat.job == "deliver":
        yield wrong("mail", "mail-stopped", **stopped)
    elif since:
        yield wrong("service", "service-stopped-since", **stopped)
    else:
        yield wrong("service", "service-stopped", **stopped)


def _of_clock(found: Vitals) -> Iterator[Finding]:
    if found.settled_ahead:
        yield wrong("clock", "settled-ahead", n=found.settled_ahead)
    if found.frozen_ahead:
        yield wrong("clock", "frozen-ahead", names=found.frozen_ahead)
    if found.to_come:
        # Nothing changes what is recorded: it is known until its day has come.
        yield hint("clock", "dated-ahead", n=found.to_come, when=found.latest_to_come_at)
    if found.healed is not None:
        yield hint("clock", "clock-healed", **vars(found.healed))
    if found.leapt is not None:
        yield hint("clock", "clock-leapt", **vars(found.leapt))


def _of_outbox(desk: Desk, found: Vitals) -> Iterator[Finding]:
    oldest = found.oldest_pending_at
    held = {Answer(one.answer): one for one in found.held if one.answer in set(Answer)}
    if Answer.LIMIT in held and not found.is_stalled:
        # However many there are, they leave, as fast as the server takes them.
        yield well("outbox", "letters-put-off", n=found.pending, fault=held[Answer.LIMIT].said)
    elif oldest is not None and desk.now - oldest > LONGEST_WAIT:
        yield wrong("outbox", "letters-held-up", n=found.pending, when=oldest)
    else:
        yield well("outbox", "letters-waiting", n=found.pending)
    said = {answer: {"n": one.letters, "fault": one.said} for answer, one in held.items()}
    # What no trying again mends.
    if Answer.REFUSED in said:
        yield wrong("outbox", "letters-turned-away", **said[Answer.REFUSED])
    if Answer.TOO_LARGE in said:
        yield wrong("outbox", "letters-too-large", **said[Answer.TOO_LARGE])
    # What may pass by itself.
    if Answer.LATER in said:
        yield hint("outbox", "letters-later", **said[Answer.LATER])
    if Answer.UNKNOWN in said:
        yield hint("outbox", "letters-unanswered", **said[Answer.UNKNOWN])
    for id_, fault in found.unwritten:
        yield wrong("outbox", "letter-unwritten", id=id_, fault=fault)
    if found.refused > found.perhaps_arrived:
        yield wrong("outbox", "letters-refused", n=found.refused - found.perhaps_arrived)
    if found.perhaps_arrived:
        yield wrong("outbox", "letters-perhaps-arrived", n=found.perhaps_arrived)


def _of_people(found: Vitals) -> Iterator[Finding]:
    # Where no supervisor is and nobody above, no alert is heard; where only managers are missing, no escalation.
    unheard = _at_work(found, Role.SUPERVISOR)
    if len(found.unattended[Role.SUPERVISOR]) == found.offices:
        yield wrong("people", "nobody-alerted", role=Role.SUPERVISOR.value)
    elif unheard:
        yield wrong("people", "no-supervisor", offices=unheard, role=Role.SUPERVISOR.value)
    unescalated = tuple(office for office in _at_work(found, Role.MANAGER) if office not in unheard)
    if unescalated:
        yield hint("people", "no-manager", offices=unescalated, role=Role.MANAGER.value)
    for post in found.unheard:
        owed: dict[str, object] = {"role": post.role, "n": post.alerts, "when": post.oldest_at}
        if post.is_filled:
            yield wrong("people", "post-unreached", **owed)
        else:
            yield wrong("people", "post-empty", **owed)
    for email, count in found.retired_owners:
        yield wrong("people", "owner-retired", email=email, n=count)
    for absence in found.absences:
        day = absence.away_until
        yield hint("people", "nobody-stands-in", email=absence.email, day=day, deputy=absence.deputy)
    for email in found.failed_addresses:
        yield wrong("people", "address-dead", email=email)
    for email in found.strangers:
        yield wrong("people", "address-strange", email=email)


def _at_work(found: Vitals, role: Role) -> tuple[str, ...]:
    """The unattended offices where there is something to be heard: one that was never used can't be removed."""
    return tuple(office for office in found.unattended[role] if office not in found.idle)


@dataclass(frozen=True)
class Silence:
    """`job` has not done its work since a moment (UTC): no mail has left (`deliver`), or nothing was raised (`sweep`).

    `answer` is what letters that wait have got, if they were tried: it says whose matter it is. Or nobody can tell, by a
    `clock` that told a moment which is still to come, or one that `leapt` to it of late.
    """

    job: str
    since: datetime
    answer: str | None = None


def silence(desk: Desk) -> Silence | None:
    """The silence that is worst, by the real clock; None while all is normal. One transaction, two queries as a rule.

    Without mail nobody hears anything; without a sweep only what is new is missed. Where a job has never done its work,
    the silence began with the first complaint.
    """
    now = desk.clock()
    with desk.store.read() as session:
        succeeded = heartbeats.last_success(session)
        for job in ("deliver", "sweep"):
            since = succeeded.get(job)
            if since is not None and is_ahead(since, now):
                return Silence("clock", since)
            if since is not None and now - since <= desk.service.silence:
                continue
            since = _looked_up(session, job, since, now)
            if since is not None and now - since > desk.service.silence:
                return Silence(job, since, _holding_up(session) if job == "deliver" else None)
        leapt = journal.leapt_since(session, now - _LEAPT_TOLD)
        return Silence("leapt", leapt.now) if leapt is not None else None


def _holding_up(session: Session) -> str | None:
    """The answer that most of the letters that wait have got."""
    held = outbox.pending_answers(session)
    return max(held, key=lambda one: one[1])[0] if held else None


def _looked_up(session: Session, job: str, since: datetime | None, now: datetime) -> datetime | None:
    """A round that one letter stopped is no success, and may have sent the others."""
    sent_at = outbox.last_sent_at(session) if job == "deliver" else None
    if sent_at is not None and is_ahead(sent_at, now):
        sent_at = None
    if since is None and sent_at is None:
        return complaints.first_recorded_at(session)
    return max(moment for moment in (since, sent_at) if moment is not None)
