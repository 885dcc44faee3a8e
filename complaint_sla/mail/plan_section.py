"""The action plan's section of the daily summary in words."""

from __future__ import annotations

from dataclasses import dataclass

from complaint_sla.core.measures import Kind, plain_least, printed
from complaint_sla.core.scorecard import State, value_of
from complaint_sla.mail.alert_letter import Tone
from complaint_sla.wording import Words
from complaint_sla.wording import plans as wording
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters.summary_letter import Summary
from complaint_sla.work.plans.reminders import CallsLine, Cause, PlanLine


@dataclass(frozen=True)
class PlanEntry:
    """Something that is not in: how late it is, in which colour; what it is, by what it is demanded, what else is said of it;
    and the command that cures it."""

    tone: Tone
    state: str
    title: str
    period: str | None
    causes: str
    details: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class PlanPart:
    """The section: its first lines, how many more there are, and the commands that show all of them."""

    title: str
    entries: tuple[PlanEntry, ...]
    more: int
    commands: tuple[str, ...]


def plan_counts(letter: Summary, words: Words) -> tuple[str, str]:
    """What is overdue of the plan, and what else is told of it; empty where nothing is."""
    plan = letter.plan
    overdue = words.plural("{n} figure of the plan overdue", "{n} figures of the plan overdue", plan.overdue)
    due = words.plural("{n} figure of the plan due", "{n} figures of the plan due", plan.due)
    calls = words.plural("{n} customer to ask", "{n} customers to ask", plan.calls)
    others = [due] if plan.due else []
    others += [calls] if plan.calls else []
    if plan.demanded and not (plan.overdue or others):
        others.append(words("{n} demanded by the plan", n=plan.demanded))
    return overdue if plan.overdue else "", " · ".join(others)


def plan_part(letter: Summary, words: Words) -> PlanPart | None:
    """None where nothing is told of it."""
    plan = letter.plan
    if not plan.count:
        return None
    return PlanPart(
        title=f"{words('Action plan')} ({plan.count})",
        entries=tuple(_entry(letter, line, words) for line in plan.lines),
        more=plan.more,
        commands=tuple(f"complaint-sla plan due --office {office.code}" for office in letter.offices),
    )


def plan_tone(letter: Summary) -> Tone | None:
    """Of the worst; None where nothing is told."""
    return _tone(letter, letter.plan.lines[0]) if letter.plan.lines else None


def _tone(letter: Summary, line: PlanLine | CallsLine) -> Tone:
    if isinstance(line, CallsLine):
        return Tone.TODAY if line.due_on == letter.today else Tone.SOON
    if line.days_late:
        return Tone.LATE
    if line.item.due_on == letter.today:
        return Tone.TODAY
    return Tone.SOON if line.pressing else Tone.NEW


def _entry(letter: Summary, line: PlanLine | CallsLine, words: Words) -> PlanEntry:
    return PlanEntry(
        tone=_tone(letter, line),
        state=words.time_left(line.due_on, letter.today),
        title=plan_title(line, words),
        period=wording.period(words, line.item.period.key) if isinstance(line, PlanLine) else None,
        causes="; ".join(_cause(one, words) for one in line.causes) if isinstance(line, PlanLine) else "",
        details=tuple(plain(one) for one in _details(letter, line, words)),
        command=f"complaint-sla {plan_cure(line, words)}",
    )


def plan_title(line: PlanLine | CallsLine, words: Words) -> str:
    """The activity's number, and what is measured; of calls the survey, and how many."""
    if isinstance(line, CallsLine):
        calls = words.plural("{n} customer to ask", "{n} customers to ask", line.count)
        return f"{line.survey.of(words.language)}: {calls}"
    said = [one.of(words.language) for one in (line.survey, line.item.measure.title) if one is not None]
    return f"{line.item.activity.no} {': '.join(said)}"


def plan_cure(line: PlanLine | CallsLine, words: Words) -> str:
    """The command, without the program's name, that puts in what is not."""
    if isinstance(line, CallsLine):
        return "survey list" if line.named is None else f"survey list --office {line.named}"
    return wording.cure(words, line.item.measure, line.item.period.key, line.named, line.poll)


def _details(letter: Summary, line: PlanLine | CallsLine, words: Words) -> list[str]:
    said = []
    if letter.several or line.named is not None:
        said.append(line.office.of(words.language))
    if isinstance(line, CallsLine):
        return [*said, words("the first until {day}", day=words.day(line.due_on))]
    item = line.item
    day = words.day(item.due_on)
    said.append(words("was due {day}", day=day) if line.days_late else words("until {day}", day=day))
    if item.activity.by_parent:
        said.append(words("asked of the office above"))
    if item.state is State.AWAITING:
        said.append(wording.awaiting(words, line.whom, line.since))
    return said


def _cause(cause: Cause, words: Words) -> str:
    measure = cause.measure
    name = f"{cause.activity.no} {measure.title.of(words.language)}"
    least = plain_least(measure.kind, cause.least) or ""
    made = printed(measure.kind, value_of(measure, cause.n, cause.d)) or ""
    if measure.kind is Kind.SHARE:
        made, least = f"{made} %", f"{least} %"
    return words(
        "{name}: {n} of {of} = {value}, below {least}",
        name=plain(name),
        n=f"{cause.n:,}",
        of=f"{cause.d:,}",
        value=made,
        least=least,
    )
