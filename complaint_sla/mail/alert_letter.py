"""Alerts put into words: the subject of a letter about complaints, and what its body is told of each.

What is said follows from the state at the moment of writing, never from the name of the stage alone: a warning
told after its deadline says how late the complaint is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from complaint_sla.mail.envelope import Worded
from complaint_sla.mail.room import Room
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters.alert_letter import Case, Letter

# Characters of a complaint's subject that are shown: all of them, and the beginning among many.
_SUBJECT, _SUBJECT_AMONG_MANY = 500, 140


class Tone(StrEnum):
    """How pressing a case is at the moment of writing; it chooses the colour and the words."""

    LATE = "late"
    TODAY = "today"
    # It counts as late, though another deadline lies ahead.
    MISSED = "missed"
    SOON = "soon"
    NEW = "new"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


# The colour of what is as it should be.
WELL = "well"
TAGS = {
    Tone.LATE: N_("Overdue"),
    Tone.TODAY: N_("Due today"),
    Tone.MISSED: N_("Deadline missed"),
    Tone.SOON: N_("Warning"),
    Tone.NEW: N_("New"),
    Tone.HANDED_OVER: N_("Handed over"),
    Tone.ENDED: N_("Ended"),
}
LABELS = TAGS | {Tone.SOON: N_("Due soon"), Tone.NEW: N_("Received")}
# What can't wait comes first, then what can't be saved; of those alike, the first to become due.
_RANKS = {
    Tone.LATE: 0,
    Tone.TODAY: 1,
    Tone.MISSED: 2,
    Tone.SOON: 3,
    Tone.NEW: 3,
    Tone.HANDED_OVER: 3,
    Tone.ENDED: 4,
}
STATUSES = {"closed": N_("Closed"), "withdrawn": N_("Withdrawn"), "duplicate": N_("Duplicate")}


@dataclass(frozen=True)
class Told:
    """A case as it is told: its tone, and `days` left until its last good day (negative when late)."""

    case: Case
    days: int
    tone: Tone

    @property
    def is_pressing(self) -> bool:
        return self.tone in {Tone.LATE, Tone.TODAY, Tone.MISSED} or (
            self.case.urgent and self.tone is not Tone.ENDED
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Its place among others: the least is the most pressing."""
        return _RANKS[self.tone], self.days

    @property
    def level(self) -> int | None:
        """The level of escalation, of what is still open."""
        return None if self.tone is Tone.ENDED else self.case.stage.level


def ranked(letter: Letter) -> tuple[Told, ...]:
    """Its cases as they are told, the most pressing first."""
    return tuple(sorted((_told(case, letter) for case in letter.cases), key=lambda one: one.rank[0]))


def worded(letter: Letter, words: Words, room: Room) -> Worded | None:
    """The letter in words; None if it is about nothing any more."""
    if not letter.cases:
        return None
    told = ranked(letter)
    worst = min(told, key=lambda one: one.rank)
    alone = len(told) == 1
    # All letters about one complaint make one conversation, whichever of them arrived.
    thread = f"<{re.sub(r'[^A-Za-z0-9-]', '-', told[0].case.number)}@complaint-sla.invalid>"
    return Worded(
        subject=subject(told, words),
        template="one" if alone else "many",
        tone=worst.tone,
        values={
            "told": told,
            "shown": told[: room.named],
            "worst": worst,
            "detailed": room.detailed,
            "labels": LABELS,
            "statuses": STATUSES,
            "most": min(_SUBJECT if alone else _SUBJECT_AMONG_MANY, room.text or _SUBJECT),
        },
        thread=thread if alone else None,
        is_pressing=any(one.is_pressing for one in told),
    )


def _told(case: Case, letter: Letter) -> Told:
    days = (case.due_on - letter.today).days
    if case.ended_at is not None:
        tone = Tone.ENDED
    elif days < 0:
        tone = Tone.LATE
    elif case.is_breached:
        tone = Tone.MISSED
    elif days == 0:
        tone = Tone.TODAY
    elif case.handed_over is not None:
        tone = Tone.HANDED_OVER
    else:
        tone = Tone.NEW if case.stage.offset is None else Tone.SOON
    return Told(case, days, tone)


def subject(told: tuple[Told, ...], words: Words) -> str:
    """The subject of a letter: what is worst in it, and how bad that is."""
    open_ones = [one for one in told if one.tone is not Tone.ENDED] or list(told)
    levels = [one.level for one in open_ones if one.level is not None]
    worst = min(open_ones, key=lambda one: one.rank)
    tag = words(TAGS[worst.tone])
    if levels:
        tag = words("Escalation {level}", level=max(levels))
    elif worst.tone is Tone.NEW and worst.case.urgent:
        tag = words("Urgent")
    if len(open_ones) == 1:
        return f"[{tag}] {_about_one(worst, words, bool(levels))}"
    return f"[{tag}] {_about_many(open_ones, words)}"


def _about_one(one: Told, words: Words, escalated: bool) -> str:
    number = plain(one.case.number)
    due = words.day(one.case.due_on)
    match one.tone:
        case Tone.LATE:
            return words.plural(
                "Complaint {number}, {n} day late",
                "Complaint {number}, {n} days late",
                -one.days,
                number=number,
            )
        case Tone.MISSED:
            return words("Complaint {number} missed its deadline, now due {due}", number=number, due=due)
        case Tone.TODAY if escalated:
            return words("Complaint {number}, due today", number=number)
        case Tone.NEW:
            return words.plural(
                "Complaint {number} received, due in {n} day ({due})",
                "Complaint {number} received, due in {n} days ({due})",
                one.days,
                number=number,
                due=due,
            )
        case Tone.SOON | Tone.HANDED_OVER:
            return words.plural(
                "Complaint {number} due in {n} day ({due})",
                "Complaint {number} due in {n} days ({due})",
                one.days,
                number=number,
                due=due,
            )
        case _:
            return words("Complaint {number}", number=number)


def _about_many(told: list[Told], words: Words) -> str:
    worst = min(told, key=lambda one: one.rank)
    alike = sum(one.tone is worst.tone for one in told)
    if alike == len(told) or worst.tone in {Tone.SOON, Tone.NEW, Tone.HANDED_OVER}:
        many = words("{count} complaints", count=len(told))
    else:
        many = words("{some} of {count} complaints", some=alike, count=len(told))
    if worst.tone is Tone.LATE:
        return words.plural(
            "{complaints}, the worst {n} day late",
            "{complaints}, the worst {n} days late",
            -worst.days,
            complaints=many,
        )
    if worst.tone is Tone.MISSED:
        return words("{complaints} with a deadline missed", complaints=many)
    if worst.tone in {Tone.SOON, Tone.NEW, Tone.HANDED_OVER}:
        return words.plural(
            "{complaints}, the first due in {n} day ({due})",
            "{complaints}, the first due in {n} days ({due})",
            worst.days,
            complaints=many,
            due=words.day(worst.case.due_on),
        )
    return many
