"""What `doctor` makes of what was measured: each finding with what it is about, whether it is wrong, and its cure.

Wrong is what needs somebody; a finding with a cure that is not wrong is a hint.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.core.errors import Error
from complaint_sla.core.roster import Role, role_and_office
from complaint_sla.wording import N_, Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.work.desk import Desk
    from complaint_sla.work.vitals import Beat, Vitals

# Mail that waits longer is not held up by a passing refusal.
LONGEST_WAIT = timedelta(hours=1)
# Clocks of machines that share a database differ by less.
CLOCK_DRIFT = timedelta(minutes=5)
# A year of a whole region with its mail, and an SQLite write-ahead log beside a large import.
LEAST_FREE = 500_000_000
# As many offices as are named; whoever has 900 asks for the list itself.
MOST_NAMED = 10

# Everything that is looked at, in the order of a visit.
ABOUTS = (
    "rules", "calendar", "database", "disk", "service", "clock", "alerts", "outbox", "people", "mail",
)  # fmt: skip

# What to do where the error's own words don't say it.
CURES: Mapping[str, str] = {
    "bad-database-url": N_("Name the right one with --db or COMPLAINT_SLA_DB."),
    "database-old": N_("Back it up with the program that made it, then: complaint-sla init"),
    "database-new": N_("Install the newer complaint-sla here too; nothing in the database is lost."),
    "database-foreign": N_("Name the right one with --db or COMPLAINT_SLA_DB."),
    "database-unreachable": N_(
        "Check the address, the permissions and that the server runs; if the file is damaged, bring back the last backup."
    ),
}


_OF_DAMAGE = N_("See what is wrong with each: complaint-sla audit; bring back the last backup.")


@dataclass(frozen=True)
class Finding:
    """Something looked at: whether it is wrong, what was found, and what to do about it."""

    about: str
    wrong: bool
    text: str
    cure: str = ""


@dataclass
class Checkup:
    """What was found, and the figures behind it. `vitals` is None if the database could not be looked at.

    `free` is what is free (bytes) on the disk of the `database`, if that is a file, and of the folder of `mail`.
    """

    findings: list[Finding] = field(default_factory=list)
    vitals: "Vitals | None" = None
    free: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        return sum(finding.wrong for finding in self.findings)


def of_error(terminal: Terminal, about: str, problem: Error, cure: str = "") -> Finding:
    """A thing that could not be looked at."""
    words = terminal.words
    try:
        zone = terminal.zone
    except Error:
        zone = None
    return Finding(
        about,
        wrong=True,
        text=message(words, problem, zone),
        cure=words(CURES[problem.key]) if problem.key in CURES else cure,
    )


def of_rules(terminal: Terminal, desk: "Desk", found: "Vitals") -> Iterator[Finding]:
    words = terminal.words
    for book in found.changed_books:
        yield Finding(
            "rules",
            wrong=True,
            text=words("The rule book {book} has been used, and its text has changed since.", book=book),
            cure=words("Undo the change, or give the new text another id and a later effective_from."),
        )
    books = desk.shelf.books
    if not found.changed_books:
        # They may be in order by themselves, and still can't be used.
        ids = ", ".join(book.id for book in books)
        yield Finding("rules", wrong=False, text=words("Rule books in order: {books}", books=ids))
    if desk.today < books[0].effective_from:
        yield Finding(
            "rules",
            wrong=True,
            text=words(
                "No rule book is in force today: the first begins on {day}.",
                day=words.day(books[0].effective_from),
            ),
            cure=words("Let it begin earlier, or put the book that holds today into the folder."),
        )
    for coming in books[1:]:
        if coming.effective_from > desk.today:
            day = words.day(coming.effective_from)
            yield Finding("rules", wrong=False, text=words("From {day} on: {book}", day=day, book=coming.id))
    yield from _of_calendar(terminal, desk, found)
    for quarter, problem in found.uncounted:
        yield Finding(
            "calendar",
            wrong=True,
            text=words(
                "The quarter {quarter} can't be counted: {problem}",
                quarter=quarter,
                problem=message(words, problem, terminal.zone),
            ),
            cure=words("Bring back the rule books that were in force then; then: complaint-sla rules check"),
        )
    for office in found.unknown_report_offices:
        yield Finding(
            "rules",
            wrong=True,
            text=words(
                "rules/service.toml orders reports of {office}, and there is no such office.", office=office
            ),
            cure=words("Correct it there; the offices: complaint-sla office list"),
        )


def _of_calendar(terminal: Terminal, desk: "Desk", found: "Vitals") -> Iterator[Finding]:
    words, end = terminal.words, found.calendar_end
    if end is not None:
        day = words.day(end.day)
        yield Finding(
            "calendar",
            wrong=True,
            text=words(
                "Complaints received from {day} on can get no deadline: the calendar of {book} ends too soon.",
                day=day,
                book=end.book,
            ),
            cure=words(
                "Make a new book with a later holidays_through, effective_from that day or before; then: "
                "complaint-sla rules check"
            ),
        )
        return
    for book in desk.shelf.books:
        if book.counting.covers is not None:
            day = words.day(book.counting.covers[1])
            yield Finding(
                "calendar",
                wrong=False,
                text=words("The calendar of {book} reaches {day}.", book=book.id, day=day),
            )


def of_database(terminal: Terminal, desk: "Desk", found: "Vitals") -> Iterator[Finding]:
    words = terminal.words
    yield Finding(
        "database",
        wrong=False,
        text=words(
            "Database reached: {url} (revision {version})", url=desk.store.shown_url, version=found.version
        ),
    )
    if found.damage:
        yield Finding(
            "database",
            wrong=True,
            text=words("The database's file is damaged: {problem}", problem=plain(found.damage[0])),
            cure=words("Stop the service, keep the file, and bring back the last backup."),
        )
    elif found.damage is None and desk.store.file is not None:
        yield Finding(
            "database",
            wrong=False,
            text=words("The database's file is large and was not read through for damage."),
            cure=words('In a quiet hour: sqlite3 FILE "PRAGMA quick_check"'),
        )
    broken = (
        (found.astray, N_("Open complaints whose office, owner or rule book is not there: {names}")),
        (found.damaged, N_("Offices and people whose rows can't be read: {names}")),
    )
    for names, text in broken:
        if names:
            yield Finding(
                "database", wrong=True, text=words(text, names=", ".join(names)), cure=words(_OF_DAMAGE)
            )


def of_disk(terminal: Terminal, folder: Path, free: int) -> Finding:
    """What is free (bytes) where a folder is."""
    words = terminal.words
    text = words(
        "Free on the disk of {folder}: {gigabytes} GB", folder=folder, gigabytes=f"{free / 1e9:,.1f}"
    )
    if free >= LEAST_FREE:
        return Finding("disk", wrong=False, text=text)
    return Finding(
        "disk",
        wrong=True,
        text=text,
        cure=words("Make room: when it is full, nothing can be logged and no alert written."),
    )


def of_service(terminal: Terminal, desk: "Desk", found: "Vitals") -> Iterator[Finding]:
    """By the real clock, which heartbeats follow."""
    from complaint_sla.store.heartbeats import JOBS

    beats = {beat.job: beat for beat in found.beats}
    for job in JOBS:
        yield from _of_job(terminal, desk, job, beats.get(job))
    words = terminal.words
    if found.oldest_unswept_at is not None:
        yield Finding(
            "alerts",
            wrong=True,
            text=words(
                "Complaints waiting to be raised: {n}, the oldest since {when}.",
                n=found.unswept,
                when=words.moment(found.oldest_unswept_at, terminal.zone),
            ),
            cure=words("Raise them now: complaint-sla sweep"),
        )


def _of_job(terminal: Terminal, desk: "Desk", job: str, beat: "Beat | None") -> Iterator[Finding]:
    words, now = terminal.words, real_clock()
    cure = words("Start the service: complaint-sla run (or run --once from cron each minute).")
    if beat is None:
        text = words("`{job}` has never run to its end.", job=job)
        yield Finding("service", wrong=True, text=text, cure=cure)
        return
    when = words.moment(beat.ran_at, terminal.zone)
    if beat.ran_at > now + CLOCK_DRIFT:
        yield Finding(
            "clock",
            wrong=True,
            text=words(
                "`{job}` last ran {when}, which is still to come: a clock is or was wrong.",
                job=job,
                when=when,
            ),
            cure=words("Set this machine's clock right, then: complaint-sla run --once"),
        )
    elif now - beat.ran_at > desk.service.silence:
        text = words("`{job}` last ran {when}.", job=job, when=when)
        yield Finding("service", wrong=True, text=text, cure=cure)
    else:
        yield Finding("service", wrong=False, text=words("`{job}` last ran {when}.", job=job, when=when))
    if beat.fault is None:
        return
    fault = plain(beat.fault)
    if beat.succeeded_at == beat.ran_at:
        names = _named(fault.split(", "))
        text = words(
            "`{job}` set aside what it could not handle, and did the rest: {names}", job=job, names=names
        )
        yield Finding("service", wrong=True, text=text, cure=words(_OF_DAMAGE))
        return
    text = words("`{job}` was stopped: {fault}", job=job, fault=fault)
    if beat.succeeded_at is not None:
        since = words.moment(beat.succeeded_at, terminal.zone)
        text = words("`{job}` has been stopped since {since}: {fault}", job=job, since=since, fault=fault)
    if job == "deliver":
        yield Finding("mail", wrong=True, text=text, cure=words("Mend it, then: complaint-sla mail retry"))
    else:
        yield Finding("service", wrong=True, text=text, cure=words("Mend it, then: complaint-sla run --once"))


def of_outbox(terminal: Terminal, found: "Vitals") -> Iterator[Finding]:
    words = terminal.words
    cure = words("See why: complaint-sla mail list --failed")
    if found.oldest_pending_at is not None and terminal.now - found.oldest_pending_at > LONGEST_WAIT:
        yield Finding(
            "outbox",
            wrong=True,
            text=words(
                "Messages waiting: {n}, the oldest since {when}.",
                n=found.pending,
                when=words.moment(found.oldest_pending_at, terminal.zone),
            ),
            cure=cure,
        )
    else:
        yield Finding("outbox", wrong=False, text=words("Messages waiting: {n}", n=found.pending))
    for id_, fault in found.unwritten:
        yield Finding(
            "outbox",
            wrong=True,
            text=words("Message {id} can't be written: {fault}", id=id_, fault=plain(fault)),
            cure=words("Mend what it says, then: complaint-sla mail retry {id}", id=id_),
        )
    if found.refused:
        text = words("Messages refused for good: {n}", n=found.refused)
        yield Finding("outbox", wrong=True, text=text, cure=cure)


def of_people(terminal: Terminal, found: "Vitals") -> Iterator[Finding]:
    words = terminal.words
    yield from _of_unattended(terminal, found)
    for one in found.unheard:
        yield Finding(
            "people",
            wrong=True,
            text=words(
                "Alerts that reach nobody, owed to the {role}: {n}, the oldest since {when}.",
                role=_role(words, one.role),
                n=one.alerts,
                when=words.moment(one.oldest_at, terminal.zone) if one.oldest_at is not None else "–",
            ),
            cure=words("Fill the post with `staff add` or `staff set`; what is owed is sent then."),
        )
    for email, count in found.retired_owners:
        yield Finding(
            "people",
            wrong=True,
            text=words("{email} is retired and owns open complaints: {n}", email=email, n=count),
            cure=words(
                "See which: complaint-sla list --owner {email}; hand each over: complaint-sla assign NUMBER EMAIL",
                email=email,
            ),
        )
    for absence in found.absences:
        yield Finding(
            "people",
            wrong=False,
            text=words(
                "{email} is away until {day}, and nobody stands in (deputy: {deputy}).",
                email=absence.email,
                day=words.day(absence.until),
                deputy=absence.deputy or "–",
            ),
            cure=words(
                "Name another: complaint-sla staff away {email} --until {day} --deputy EMAIL",
                email=absence.email,
                day=absence.until.isoformat(),
            ),
        )
    for address in found.failed_addresses:
        yield Finding(
            "people",
            wrong=True,
            text=words("The mail server knows no address {email}.", email=address),
            cure=words(
                "If it is right after all: complaint-sla staff set {email} --reachable", email=address
            ),
        )


def _of_unattended(terminal: Terminal, found: "Vitals") -> Iterator[Finding]:
    """Where no supervisor is and nobody above, no alert is heard; where only managers are missing, no escalation."""
    words = terminal.words
    cure = N_("Add one: complaint-sla staff add EMAIL --name NAME --office CODE --role {role}")
    unheard = found.unattended[Role.SUPERVISOR]
    if unheard:
        text = words("No supervisor and no manager is there for: {offices}", offices=_named(unheard))
        if len(unheard) == found.offices:
            text = words("There is no supervisor and no manager: nobody would be alerted.")
        yield Finding("people", wrong=True, text=text, cure=words(cure, role=Role.SUPERVISOR.value))
    unescalated = [office for office in found.unattended[Role.MANAGER] if office not in unheard]
    if unescalated:
        text = words("No manager is there for escalations of: {offices}", offices=_named(unescalated))
        yield Finding("people", wrong=False, text=text, cure=words(cure, role=Role.MANAGER.value))


def _named(offices: Sequence[str]) -> str:
    return ", ".join([*offices[:MOST_NAMED], *(["…"] if len(offices) > MOST_NAMED else [])])


def _role(words: Words, role: str) -> str:
    name, office = role_and_office(role)
    return f"{words(name)}@{office}"
