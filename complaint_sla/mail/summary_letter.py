"""Notices put into words: the daily summary, and the words about dead addresses and about rules that can't be published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Figure
from complaint_sla.core.roster import Role
from complaint_sla.mail.alert_letter import STATUSES, WELL, Tone
from complaint_sla.mail.envelope import Worded
from complaint_sla.mail.figures import outlook_of, rate_of, target_of, tone_of
from complaint_sla.mail.plan_section import plan_counts, plan_part, plan_tone
from complaint_sla.mail.room import DETAILED
from complaint_sla.wording import N_, Words, journal
from complaint_sla.wording.clock import HEALED
from complaint_sla.wording.messages import reason
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters.address_letter import Addresses
from complaint_sla.work.letters.clock_letter import DoubtedClock
from complaint_sla.work.letters.drafts_letter import FaultyDrafts
from complaint_sla.work.letters.ends_letter import End, EndedByOthers
from complaint_sla.work.letters.notices import AnyNotice
from complaint_sla.work.letters.people_letter import PeopleChanged
from complaint_sla.work.letters.summary_letter import Summary
from complaint_sla.work.letters.values import Line, Listing, OfficeName

# Characters of a complaint's subject that are shown: what fits on two lines of a telephone.
_SUBJECT = 60
# Changes of people that one letter lists; a command shows all of them.
MOST_CHANGES = 100

ROLES = {
    Role.AGENT.value: N_("agent"),
    Role.SUPERVISOR.value: N_("supervisor"),
    Role.MANAGER.value: N_("manager"),
}


@dataclass(frozen=True)
class Entry:
    """A complaint of a summary: what is left of its deadline, in which colour, and what the section says of it besides."""

    line: Line
    tone: Tone
    state: str
    detail: str


@dataclass(frozen=True)
class Part:
    """A section of a summary: its first complaints, how many more there are, and the commands that show all of them."""

    title: str
    entries: tuple[Entry, ...]
    more: int
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """The figure of a quarter in a few words; `office` is told where there are several."""

    title: str
    office: OfficeName | None
    rate: str
    target: str
    tone: str
    counts: tuple[str, ...]
    outlook: str


def worded(notice: AnyNotice, words: Words) -> Worded:  # noqa: PLR0911 - one for each kind
    """A notice in words."""
    match notice:
        case Summary():
            return summary(notice, words)
        case Addresses():
            return addresses(notice, words)
        case FaultyDrafts():
            return drafts(notice, words)
        case DoubtedClock():
            return doubted_clock(notice, words)
        case PeopleChanged():
            return people(notice, words)
        case EndedByOthers():
            return ends(notice, words)
        case _:
            # The forms of the report are needed by few letters.
            from complaint_sla.mail import report_letter

            return report_letter.quarter_report(notice, words)


def summary(letter: Summary, words: Words) -> Worded:
    """The daily summary in words."""
    counts = _counts(letter, words)
    return Worded(
        subject=f"[{words('Summary')}] {_topic(letter, counts, words)}",
        template="summary",
        tone=_tone(letter),
        values={
            "counts": counts,
            "healed": _healed(letter, words),
            "anchor": str(letter.anchor) if letter.anchor is not None else "",
            "parts": _parts(letter, words),
            "plan": plan_part(letter, words),
            "standings": [
                _standing(office if len(letter.offices) > 1 else None, figure, words)
                for office, figure in letter.figures
            ],
            "commands": [
                (label, text)
                for label, command in (
                    (words("All that is open, most pressing first"), "complaint-sla list"),
                    (words("The quarter's report"), f"complaint-sla report {Quarter.of(letter.today)}"),
                )
                for text in _commands(command, letter)
            ],
            "roles": ROLES,
            "most": _SUBJECT,
        },
    )


def _healed(letter: Summary, words: Words) -> str:
    """What was put right after a wrong clock; empty if nothing was."""
    if letter.healed is None:
        return ""
    found = vars(letter.healed)
    moments = {name: words.moment(found[name], letter.zone) for name in ("at", "wrong_at")}
    return words(HEALED, **(found | moments))


def _counts(letter: Summary, words: Words) -> list[str]:
    """How many there are of each section that has any, the most pressing first; or that none has."""
    overdue, due = plan_counts(letter, words)
    found = [
        words("{n} overdue", n=letter.overdue.count) if letter.overdue.count else "",
        overdue,
        words("{n} due within {days} days", n=letter.due.count, days=letter.days_ahead)
        if letter.due.count
        else "",
        due,
        words("{n} new", n=letter.new.count) if letter.new.count else "",
        words("{n} reaching nobody", n=letter.unheard.count) if letter.unheard.count else "",
    ]
    return [text for text in found if text] or [words("Nothing overdue, due or new")]


def _topic(letter: Summary, counts: list[str], words: Words) -> str:
    worst = max((_days_late(letter, line) for line in letter.overdue.lines), default=0)
    if worst > 0:
        overdue = words.plural(
            "{count} overdue, the worst {n} day late",
            "{count} overdue, the worst {n} days late",
            worst,
            count=letter.overdue.count,
        )
        counts = [overdue, *counts[1:]]
    return " · ".join(counts)


def _days_late(letter: Summary, line: Line) -> int:
    return (letter.today - line.due_on).days


# The gravest first.
_TONES = (Tone.LATE, Tone.TODAY, Tone.SOON, Tone.NEW)


def _tone(letter: Summary) -> str:
    if letter.overdue.count or letter.unheard.count:
        return Tone.LATE
    found = {plan_tone(letter)}
    if letter.due.count:
        found.add(_entry_tone(letter, letter.due.lines[0]))
    if letter.new.count:
        found.add(Tone.NEW)
    return next((one for one in _TONES if one in found), WELL)


def _entry_tone(letter: Summary, line: Line) -> Tone:
    late = _days_late(letter, line)
    if late > 0 or line.breached:
        return Tone.LATE
    if late == 0:
        return Tone.TODAY
    return Tone.SOON if -late <= letter.days_ahead else Tone.NEW


def _parts(letter: Summary, words: Words) -> list[Part]:
    def due(line: Line) -> str:
        return (
            words("was due {day}", day=words.day(line.due_on))
            if _days_late(letter, line) > 0
            else words("until {day}", day=words.day(line.due_on))
        )

    def received(line: Line) -> str:
        return words("received {moment}", moment=words.moment(line.received_at, letter.zone))

    def part(title: str, listing: Listing, detail: Callable[[Line], str], command: str) -> Part:
        entries = tuple(
            Entry(line, _entry_tone(letter, line), _state(letter, line, words), detail(line))
            for line in listing.lines
        )
        commands = _commands(command, letter) if command != "complaint-sla doctor" else [command]
        return Part(f"{title} ({listing.count})", entries, listing.more, tuple(commands))

    since = words.moment(letter.since, letter.zone)
    within = words("Due within {days} days", days=letter.days_ahead)
    found = [
        part(words("Overdue"), letter.overdue, due, "complaint-sla list --overdue"),
        part(within, letter.due, due, f"complaint-sla list --no-overdue --due-within {letter.days_ahead}"),
        part(words("Reaching nobody"), letter.unheard, due, "complaint-sla doctor"),
        part(words("New since {moment}", moment=since), letter.new, received, "complaint-sla list"),
    ]
    return [one for one in found if one.entries]


def _state(letter: Summary, line: Line, words: Words) -> str:
    left = words.time_left(line.due_on, letter.today)
    if line.breached and _days_late(letter, line) <= 0:
        return words("{left}, breached", left=left)
    return left


def _commands(command: str, letter: Summary) -> list[str]:
    return [f"{command} --office {office.code}" for office in letter.offices]


def _standing(office: OfficeName | None, figure: Figure, words: Words) -> Standing:
    counts = figure.counts
    return Standing(
        title=words("Closed in time so far, {quarter}", quarter=words.quarter(figure.quarter)),
        office=office,
        rate=rate_of(figure),
        target=target_of(figure, words),
        tone=tone_of(figure),
        counts=(
            words("in time {n}", n=counts.on_time),
            words("late {n}", n=counts.late),
            words("overdue {n}", n=counts.overdue),
            words("not yet due {n}", n=counts.pending),
        )
        if counts.received
        else (),
        outlook=words("No complaint of the quarter can be judged yet: neither met nor missed.")
        if counts.rate is None
        else outlook_of(figure, words),
    )


def drafts(letter: FaultyDrafts, words: Words) -> Worded:
    """The word about files that can't be published in words."""
    said = reason(words, letter.problem, letter.zone) if letter.problem is not None else ""
    topic = words("The files in {folder} can't be published", folder=plain(str(letter.folder)))
    return Worded(
        subject=f"[{words('Rules')}] {topic}",
        template="drafts",
        tone=Tone.LATE if said else WELL,
        values={"topic": topic, "faults": [line.strip() for line in said.splitlines()]},
    )


def doubted_clock(letter: DoubtedClock, words: Words) -> Worded:
    """The word about a clock that is in doubt in words."""
    if letter.beat is None:
        topic, why = words("The clock is taken to be right again"), ""
    else:
        topic = words("Nothing is raised or frozen: the clock is in doubt")
        why = words(
            "This machine's clock says {now}; the service last worked at {beat}, and nobody can be asked which is right.",
            now=words.moment(letter.written_at, letter.zone),
            beat=words.moment(letter.beat, letter.zone),
        )
    return Worded(
        subject=f"[{words('Clock')}] {topic}",
        template="clock",
        tone=Tone.LATE if why else WELL,
        values={"topic": topic, "why": why},
    )


def people(letter: PeopleChanged, words: Words) -> Worded:
    """The word about people and offices that were changed."""
    count = len(letter.entries)
    topic = words.plural(
        "Who gets alerts has changed: {n} change", "Who gets alerts has changed: {n} changes", count
    )
    return Worded(
        subject=f"[{words('People')}] {topic}",
        template="people",
        tone=Tone.SOON,
        values={
            "topic": topic,
            "changes": [
                (
                    words.moment(one.recorded_at, letter.zone),
                    journal.who(words, one),
                    journal.told(words, one, letter.zone),
                )
                for one in letter.entries[:MOST_CHANGES]
            ],
            "more": max(0, count - MOST_CHANGES),
        },
    )


def ends(letter: EndedByOthers, words: Words) -> Worded:
    """The word about what others have ended."""
    topic = words.plural(
        "Others have ended {n} complaint of yours", "Others have ended {n} complaints of yours", letter.count
    )

    def told(one: End) -> str:
        how = words(STATUSES[one.how])
        if one.of is not None:
            how = words("Duplicate of {number}", number=plain(one.of))
        return words(
            "{how} by {who}, {moment}", how=how, who=plain(one.by), moment=words.moment(one.at, letter.zone)
        )

    return Worded(
        subject=f"[{words('Ended')}] {topic}",
        template="ends",
        tone=Tone.ENDED,
        values={
            "topic": topic,
            "ends": [(one.line, told(one)) for one in letter.ends],
            "more": letter.count - len(letter.ends),
            "most": _SUBJECT,
        },
    )


def addresses(letter: Addresses, words: Words) -> Worded:
    """The word about dead addresses."""
    count = len(letter.dead)
    if count == 1:
        topic = words("No mail reaches {email}", email=letter.dead[0].email)
    elif count:
        topic = words("{n} addresses on the staff do not exist", n=count)
    else:
        topic = words("Every address on the staff is taken to be right again")
    return Worded(
        subject=f"[{words('Addresses')}] {topic}",
        template="addresses",
        tone=Tone.LATE if count else WELL,
        values={
            "roles": ROLES,
            "topic": topic,
            "dead": letter.dead[:DETAILED],
            "more": max(0, count - DETAILED),
        },
    )
