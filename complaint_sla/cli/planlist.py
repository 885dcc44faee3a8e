"""A plan as one would read it aloud: activity by activity, with what is measured in each, held against what, and by when."""

from collections.abc import Iterator

from rich.text import Text

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.measures import Kind
from complaint_sla.core.plan import Activity, Plan, PlannedMeasure
from complaint_sla.wording import Words
from complaint_sla.wording.plans import target
from complaint_sla.wording.rulediff import PERIODS, due, labelled
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import padded, wrapped

# Measures stand below their activity, and their titles below their keys.
_BELOW, _TITLE = "  ", "      "
# Key, least value, period and due day, in cells: 80 with the spaces between them.
_WIDE = (26, 19, 12, 20)


def listed(terminal: Terminal, plan: Plan) -> None:
    """The plan with all that it asks for."""
    words = terminal.words
    terminal.console.print(Text(f"\n{plan.id}  {plain(plan.title.of(words.language))}", style="bold"))
    terminal.say(counted(words, plan))
    terminal.answer(
        "Figures are due {due}, the form {hand_in}.",
        due=due(words, plan.due),
        hand_in=due(words, plan.hand_in),
    )
    if plan.classes:
        terminal.answer("Classes of offices: {classes}", classes=", ".join(plan.classes))
    for activity in plan.activities:
        _tell(terminal, activity)


def counted(words: Words, plan: Plan) -> str:
    """How much it asks for, and from when on."""
    activities = words.plural("{n} activity", "{n} activities", len(plan.activities))
    measures = words.plural("{n} measure", "{n} measures", len(list(plan.measures)))
    return words(
        "In force from {day}: {activities}, {measures}.",
        day=words.long_day(plan.effective_from),
        activities=activities,
        measures=measures,
    )


def _tell(terminal: Terminal, activity: Activity) -> None:
    words, width = terminal.words, terminal.width
    said = f"{activity.no}  {activity.title.of(words.language)}"
    lines = wrapped(plain(said), width)
    terminal.console.print(Text("\n" + "\n".join(lines), style="bold"))
    for remark in _of_activity(words, activity):
        for line in wrapped(plain(remark), width - len(_BELOW)):
            terminal.console.print(Text(f"{_BELOW}{line}", style="dim"))
    for measure in activity.measures:
        cells = (_BELOW + measure.key, _held(words, measure), _each(words, measure), _by(words, measure))
        row = " ".join(padded(plain(cell), wide) for cell, wide in zip(cells, _WIDE, strict=True))
        terminal.console.print(Text(row.rstrip()))
        said = "; ".join([measure.title.of(words.language), *_of_measure(words, measure)])
        for line in wrapped(plain(said), width - len(_TITLE)):
            terminal.console.print(Text(f"{_TITLE}{line}", style="dim"))


def _of_activity(words: Words, activity: Activity) -> Iterator[str]:
    if activity.only_for is not None:
        yield f"{labelled(words, 'only_for')} {', '.join(sorted(activity.only_for))}"
    if activity.by_parent:
        yield labelled(words, "by_parent")


def _held(words: Words, measure: PlannedMeasure) -> str:
    """What it is held against."""
    if measure.source:
        return words("by the rule book")
    if measure.kind is Kind.DONE:
        return words("to be done")
    return target(words, measure) or words("no target")


def _each(words: Words, measure: PlannedMeasure) -> str:
    return words("each {period}", period=words(PERIODS[measure.every]))


def _by(words: Words, measure: PlannedMeasure) -> str:
    """By when; what the tracker tells is in by itself."""
    return "" if measure.source else due(words, measure.due, short=True)


def _of_measure(words: Words, measure: PlannedMeasure) -> Iterator[str]:
    """What else is said of it."""
    if measure.latest:
        yield labelled(words, "latest")
    for name, key in (
        ("same_as", measure.same_as),
        ("same_whole", measure.same_whole),
        ("survey", measure.survey),
    ):
        if key is not None:
            yield f"{labelled(words, name)} {key}"
    if measure.when_missed:
        yield f"{labelled(words, 'when_missed')} {', '.join(measure.when_missed)}"
