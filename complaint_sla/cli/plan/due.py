"""`plan due`: what is not in, each with the command that enters it."""

import shlex
from collections.abc import Sequence
from datetime import date
from functools import partial

from complaint_sla.cli.options import AsJson, Everything, Limit, OfficeAndBelow, Pager
from complaint_sla.cli.screen import Extent, write
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import plan as contract
from complaint_sla.core.scorecard import State
from complaint_sla.wording import Words
from complaint_sla.wording import plans as wording
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, cut, padded
from complaint_sla.work.plans.due import Due, Outstanding
from complaint_sla.work.plans.due import due as due_of

# Between columns; and a title is never cut shorter.
_GAP = 2
_NARROWEST = 12


def register(app: Commands, words: Words) -> None:
    @app.command(
        help=words("What is not in: overdue first, then by day, each with the command that enters it.")
    )
    def due(
        terminal: Terminal,
        office: OfficeAndBelow = None,
        limit: Limit = None,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
    ) -> None:
        extent = Extent(limit, everything, pager)
        desk = terminal.desk(writes=False)
        found = due_of(desk, office)
        if json:
            terminal.answer_json(contract.due(found)[:limit])
            return
        if not found.outstanding:
            terminal.answer("Nothing is missing of the plan.")
            return
        again = shlex.join(["plan", "due", *(["--office", office] if office is not None else []), "--all"])
        late = sum(1 for one in found.outstanding if one.days_late)

        def below(shown: int) -> str:
            n = len(found.outstanding)
            parts = [
                words("{shown} of {n} figures shown", shown=shown, n=n)
                if shown < n
                else words.plural("{n} figure not in", "{n} figures not in", n)
            ]
            if late:
                parts.append(words("{n} of them overdue", n=late))
            if shown < n:
                parts.append(words("all: {command}", command=plain(again)))
            return " · ".join(parts)

        some = found.outstanding if limit is None else found.outstanding[:limit]
        write(terminal.screen, some, partial(_drawn, terminal, found, desk.today), below, extent)


def _drawn(terminal: Terminal, found: Due, today: date, some: Sequence[Outstanding]) -> str:
    words, screen = terminal.words, terminal.screen
    several = len({one.item.office for one in found.outstanding}) > 1
    rows = [(words.day(one.item.due_on), words.time_left(one.item.due_on, today)) for one in some]
    titles = (words("Due"), words("Left"))
    widths = [
        max([cells_wide(title), *(cells_wide(row[at]) for row in rows)]) + _GAP
        for at, title in enumerate(titles)
    ]
    room = max(_NARROWEST, screen.width - sum(widths))
    head = "".join(map(padded, titles, widths)) + cut(words("Figure"), room)
    lines = [screen.painted(head, "bold")]
    for one, (day, left) in zip(some, rows, strict=True):
        item = one.item
        style = "bold red" if one.days_late else "yellow" if item.due_on == today else ""
        title = f"{plain(item.activity.no)} {plain(item.measure.title.of(words.language))}"
        parts = [wording.period(words, item.period.key), title]
        said = " · ".join([item.office, *parts] if several else parts)
        cells = padded(day, widths[0]) + screen.painted(left, style) + " " * (widths[1] - cells_wide(left))
        lines.append(cells + cut(said, room))
        lines += ["  " + cut(why, screen.width - 2) for why in _why(words, one)]
        lines.append(f"  {_cure(terminal, found, one)}")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _cure(terminal: Terminal, found: Due, one: Outstanding) -> str:
    """The command that brings it in. At a terminal the figure and its letter are asked for, and it fits a line."""
    item = one.item
    office = None if item.office == found.own else item.office
    asks = terminal.screen.height is not None
    return wording.cure(terminal.words, item.measure, item.period.key, office, one.poll, asks=asks)


def _why(words: Words, one: Outstanding) -> list[str]:
    """What is to be said beside the day: for whom one waits, what demands it, and that another office is asked."""
    said = []
    if one.item.state is State.AWAITING:
        said.append(wording.awaiting(words, one.whom, one.since))
    if one.item.causes:
        said.append(words("demanded because of: {causes}", causes=", ".join(one.item.causes)))
    if one.item.activity.by_parent:
        said.append(words("asked of the office above"))
    return said
