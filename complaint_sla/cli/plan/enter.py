"""`plan enter`: one figure with its letter, whom one waits for, or that there is none after all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from typer import Argument, Option

from complaint_sla.cli import texts
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import plan as contract
from complaint_sla.core import fields
from complaint_sla.core.measures import Kind
from complaint_sla.core.readings import ReadingKind
from complaint_sla.core.readings import figure as parsed
from complaint_sla.wording import Words
from complaint_sla.wording import plans as wording
from complaint_sla.wording.screening import plain
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.enter import day_of_letter, measure_meant
from complaint_sla.work.plans.enter import enter as entered
from complaint_sla.work.plans.submitted import LETTER, Entered, Submitted


def register(app: Commands, words: Words) -> None:
    text = {"metavar": "TEXT"}

    @app.command(
        help=words("Enter a figure with its letter, or whom one waits for; a second one corrects the first.")
    )
    def enter(
        terminal: Terminal,
        measure: Annotated[str, Argument(help=words("key of the measure: see plan show"), metavar="MEASURE")],
        period: Annotated[
            str, Argument(help=words("a month 2560-03, a quarter 1/2560, a year 2560"), metavar="PERIOD")
        ],
        figure: Annotated[
            str | None,
            Argument(
                help=words("90/95; a mean 862/200 (sum/answers); a count 3 or 3/14; none for what is done"),
                metavar="FIGURE",
            ),
        ] = None,
        source: Annotated[str | None, Option(help=words("the letter that it stands in"), **text)] = None,
        dated: Annotated[
            str | None, Option(help=words("the day that the letter bears"), metavar="DAY")
        ] = None,
        awaiting: Annotated[str | None, Option(help=words("for whom one waits"), **text)] = None,
        withdraw: Annotated[
            bool, Option("--withdraw", help=words("take back what stands: there is none after all"))
        ] = False,
        note: Annotated[str | None, Option(help=words("a remark, which can be erased"), **text)] = None,
        office: Annotated[str | None, Option(help=words("the office that it is of"), metavar="CODE")] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        submitted = Submitted(
            measure=measure,
            period=period,
            figure=figure,
            source=source,
            dated=terminal.day(dated) if dated is not None else None,
            awaiting=awaiting,
            withdraw=withdraw,
            note=note,
            office=office,
        )
        if terminal.can_ask and not json and submitted.kind is ReadingKind.FIGURE:
            submitted = _asked(terminal, desk, submitted)
        found = entered(desk, submitted)
        if json:
            terminal.answer_json(contract.entered(found))
        else:
            terminal.say("\n".join(_told(words, found)))
        if found.is_new and found.frozen:
            _tell_frozen(terminal, found)


def _asked(terminal: Terminal, desk: Desk, submitted: Submitted) -> Submitted:
    """The same with what was missing of a figure and its letter, asked for one after the other."""
    words = terminal.words
    measure = measure_meant(desk, submitted)
    figure, source, dated = submitted.figure, submitted.source, submitted.dated

    def ask(title: str, meant: Callable[[str], Any]) -> Any:
        return texts.chosen(terminal, title, meant)

    def right(text: str) -> str:
        parsed(measure, text)
        return text

    if figure is None and measure.kind is not Kind.DONE:
        form = {Kind.SHARE: "n/d", Kind.COUNT: "n, n/d"}.get(measure.kind, words("sum of the scores/answers"))
        figure = ask(f"{plain(measure.title.of(words.language))} ({form})", right)
    if source is None:
        source = ask(words("Number of the letter"), lambda text: fields.line("--source", text, LETTER))
    if dated is None:
        dated = ask(words("Day of the letter"), lambda text: day_of_letter(terminal.day(text), desk.today))
    return replace(submitted, figure=figure, source=source, dated=dated)


def _told(words: Words, found: Entered) -> list[str]:
    """What stands now, what it replaces, and how that leaves the quarter."""
    where = f"{found.office} · {found.measure.key} · {wording.period(words, found.period.key)}"
    said = words("taken back") if found.entry is None else wording.entry(words, found.measure, found.entry)
    lines = [f"{where}: {said}"]
    if not found.is_new:
        lines.append(words("It stands there already: nothing was changed."))
    if found.replaced is not None:
        before = wording.entry(words, found.measure, found.replaced)
        lines.append(words("It takes the place of: {before}", before=before))
    lines.append(_due(words, found))
    for activity, line in found.lines:
        title = plain(line.measure.title.of(words.language))
        told = [wording.figure(words, line.measure, line.n, line.d)] if line.n is not None else []
        told.append(wording.state(words, line.state, line.margin))
        lines.append(f"  {plain(activity.no)} {title}: {' · '.join(told)}")
    return lines


def _due(words: Words, found: Entered) -> str:
    due = words("Due {day}", day=words.day(found.due_on))
    if found.late_days:
        late = words.plural("entered {n} day late", "entered {n} days late", found.late_days)
        return f"{due} · {late}"
    return due


def _tell_frozen(terminal: Terminal, found: Entered) -> None:
    quarters = ", ".join(terminal.words.quarter(one) for one in found.frozen)
    terminal.remark(
        "The form of {quarters} was handed in without it. Restate it: complaint-sla plan freeze {quarter}",
        quarters=quarters,
        quarter=str(found.frozen[-1]),
    )
