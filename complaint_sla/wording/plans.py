"""The words of the action plan: periods, figures and states as they are said, and what is refused where it is entered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.chain import UNREADABLE
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.measures import Kind, Mark, plain_least, printed
from complaint_sla.core.plan import PlannedMeasure
from complaint_sla.core.scorecard import State, value_of
from complaint_sla.core.surveys import Poll
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import N_, Words

if TYPE_CHECKING:
    # Refusals are worded before anything of a database is loaded.
    from complaint_sla.work.chronicle import EntryView

STATES: Mapping[State, str] = {
    State.MET: N_("met"),
    State.MISSED: N_("missed"),
    State.NOTHING: N_("none"),
    State.SHOWN: N_("no target"),
    State.PENDING: N_("not in yet"),
    State.MISSING: N_("overdue"),
    State.AWAITING: N_("awaited"),
    State.NOT_NEEDED: N_("not needed"),
    State.NOT_APPLICABLE: N_("not applicable"),
}
MARKS: Mapping[Mark, str] = {
    Mark.ACCORDING: N_("According to plan"),
    Mark.NOT_ACCORDING: N_("Not according to plan"),
    Mark.NOT_STATED: N_("Not stated"),
}
# What n and d are, said beside the cells that are to be filled in.
FILL_IN: Mapping[Kind, str] = {
    Kind.SHARE: N_("n of d"),
    Kind.MEAN: N_("n: sum of the scores, d: answers"),
    Kind.COUNT: N_("n: how many, d: of how many, if known"),
    Kind.DONE: N_("only source and dated"),
}
NONE = "–"

ERRORS: Mapping[str, str] = {
    # what is typed
    "bad-period": N_(
        "{value} is no period. Write a month (2560-03), a quarter (1/2560) or a year (2560), as the measure has it."
    ),
    "period-not-month": N_(
        "{measure} is told by the month, and {value} is none: write a month, such as 2560-03."
    ),
    "period-not-quarter": N_(
        "{measure} is told by the quarter, and {value} is none: write a quarter, such as 1/2560."
    ),
    "period-not-year": N_("{measure} is told by the year, and {value} is none: write a year, such as 2560."),
    "period-to-come": N_("{value} is not over yet: its figure can be entered from the day after {last} on."),
    "period-not-begun": N_("{value} has not begun: it begins on {first}."),
    "unknown-measure": N_("There is no measure {value} in the plan {plan}.{near} Measures: {known}."),
    "bad-figure": N_(
        "{value} is no figure of {measure}. Write two whole numbers, such as 90/95 (of a mean the sum of the scores and the "
        "answers: 862/200); of what is counted one is enough."
    ),
    "figure-percent": N_(
        "{value} can't be entered: percentages and means are reckoned, and can't be added up. Write what {measure} is "
        "reckoned from, such as 90/95 (of a mean the sum of the scores and the answers: 862/200)."
    ),
    "figure-of-what": N_(
        "{value} of how many? The second number, d, is missing: {measure} is n of d. Write {value}/d, such as 90/95 (of a "
        "mean the sum of the scores and the answers: 862/200)."
    ),
    "figure-too-many": N_("{value}: {n} is more than {d}, of which it is a part. Look at both numbers."),
    "figure-mean": N_(
        "{value}: scores are from 1 to 5, so {d} answers make a sum from {least} to {most}, and not {n}. Write the sum of the "
        "scores and the answers, such as 862/200."
    ),
    "figure-done": N_(
        "{value} is one word too many: {measure} is done or not. Give its letter: --source and --dated."
    ),
    "figure-missing": N_(
        "The figure of {measure} is missing. Write it behind the period, such as 90/95; or whom you wait for: --awaiting TEXT."
    ),
    "letter-needed": N_(
        "A figure needs the letter that it stands in: its number with --source, its day with --dated (in a sheet: the columns "
        "source and dated)."
    ),
    "day-to-come": N_("{value} is still to come: today is {today}. Give the day that the letter bears."),
    "day-before-period": N_(
        "{value} lies before {first}, on which the period begins: its figure can't stand in such a letter. Give the day that the "
        "letter bears, and look at the year."
    ),
    # what stands in a sheet
    "figure-and-awaiting": N_(
        "The row has a figure, and says that one waits for {value}. Empty the column awaiting, or the figure and its letter."
    ),
    "row-twice": N_(
        "{measure} in {period} stands in the sheet more than once, and not alike: lines {lines}. Keep the one that is right."
    ),
    # what the state of things forbids
    "no-plan": N_("No action plan is in force in {quarter}. What is: complaint-sla rules show."),
    "fed-by-tracker": N_("{measure} is counted from the complaints that are logged here, and never entered."),
    "fed-by-survey": N_(
        "{measure} of {office} is counted from the survey that is run here, and never entered. Record an answer: complaint-sla "
        "survey record."
    ),
    "same-figures": N_(
        "{measure} has the figures of {of}, which are entered once: complaint-sla plan enter {of}."
    ),
    "office-gathers": N_(
        "{office} gathers the figures of the offices below it ({class_}), and has none of its own. Name the one meant: --office "
        "CODE."
    ),
    "not-for-office": N_(
        "{measure} is not for {office}, whose class is {class_}: only for {known}. Is the class wrong: complaint-sla office set "
        "{office} --class KEY."
    ),
    "nothing-to-withdraw": N_("Nothing stands of {measure} in {period} at {office} that could be withdrawn."),
}


def period(words: Words, key: str) -> str:
    """A period by its key: มีนาคม 2560, ไตรมาสที่ 1/2560, ปี 2560."""
    if "Q" in key:
        return words.quarter(Quarter.parse(key))
    return words.month(key) if "-" in key else words("year {year}", year=words.year(int(key)))


def figure(words: Words, measure: PlannedMeasure, n: int | None, d: int | None) -> str:
    """n of d, and what it makes: 4,307 of 4,811, 89.52 %; of a mean the sum of the scores of so many answers."""
    if n is None:
        return NONE
    if measure.kind is Kind.DONE and d == 1:
        return words("done")
    said = f"{n:,}" if d is None else words("{n} of {of}", n=f"{n:,}", of=f"{d:,}")
    made = printed(measure.kind, value_of(measure, n, d))
    if made is None:
        return said
    return f"{said}, {made} %" if measure.kind is Kind.SHARE else f"{said}, {made}"


def fill_in(words: Words, measure: PlannedMeasure) -> str:
    """What is to be filled in: n of d · at least 80 %."""
    return " · ".join(filter(None, [words(FILL_IN[measure.kind]), target(words, measure)]))


def target(words: Words, measure: PlannedMeasure) -> str:
    """The least value: at least 80 %; nothing where nothing is judged, or it is to be done by a day."""
    least = plain_least(measure.kind, measure.least)
    if least is None or measure.kind is Kind.DONE:
        return ""
    return words("at least {least}", least=f"{least} %" if measure.kind is Kind.SHARE else least)


def state(words: Words, found: State, margin: int | None = None) -> str:
    """A state, and by how much: met, 43 to spare; below the target by 23."""
    if found is State.MET and margin is not None:
        return words("met, {n} to spare", n=f"{margin:,}")
    if found is State.MISSED and margin is not None:
        return words("below the target by {n}", n=f"{-margin:,}")
    return words(STATES[found])


def entry(words: Words, measure: PlannedMeasure, one: EntryView) -> str:
    """What an entry says of a measure: 90 of 95, 94.73 % (letter 12/60 of 7 Apr 2017)."""
    try:
        said = one.said or {}
        if one.kind == JournalKind.PLAN_WITHDRAWN:
            return words("taken back")
        if one.kind == JournalKind.PLAN_AWAITING:
            return awaiting(words, said["whom"], None)
        shown = figure(words, measure, int(said["n"]), None if said["d"] is None else int(said["d"]))
        return f"{shown} ({letter(words, one)})"
    except UNREADABLE:
        return words("an entry that can't be read ({kind})", kind=plain(one.kind))


def letter(words: Words, one: EntryView) -> str:
    """The letter of a figure: letter 12/60 of 7 Apr 2017. Raises one of UNREADABLE."""
    said = one.said or {}
    day = words.day(date.fromisoformat(said["dated"]))
    return words("letter {letter} of {day}", letter=plain(str(said["source"])), day=day)


def awaiting(words: Words, whom: str | None, since: date | None) -> str:
    """For whom one waits: awaiting กฟก.1 since 5 Apr 2017."""
    said = plain(whom) if whom is not None else NONE
    if since is None:
        return words("awaiting {whom}", whom=said)
    return words("awaiting {whom} since {day}", whom=said, day=words.day(since))


def typed(words: Words, key: str) -> str:
    """A period by its key as whoever speaks the language types it: 2560-03, 1/2560, 2560."""
    year, dash, rest = key.partition("-")
    shown = words.year(int(year))
    return f"{rest[1:]}/{shown}" if rest.startswith("Q") else f"{shown}{dash}{rest}"


def cure(
    words: Words,
    measure: PlannedMeasure,
    key: str,
    office: str | None,
    poll: Poll | None = None,
    *,
    asks: bool = False,
) -> str:
    """The command that brings a figure in; `office` None is that of who acts. Where it `asks`, at a terminal, it needs no more.

    What a survey feeds (`poll`) comes of asking whoever was drawn, or waits for a list that is complete.
    """
    figure = {Kind.SHARE: " N/D", Kind.MEAN: " SUM/N", Kind.COUNT: " N"}.get(measure.kind, "")
    given = "" if asks else f"{figure} --source TEXT --dated DAY"
    where = f" --office {office}" if office is not None else ""
    if poll is not None:
        return f"survey list{where}" if poll.waiting else f"survey import FILE --through DAY{where}"
    return f"plan enter {measure.key} {typed(words, key)}{given}{where}"
