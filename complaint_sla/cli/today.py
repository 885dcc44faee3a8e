"""`today`: the morning on one screen, each part with the command that lists it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from complaint_sla import contract
from complaint_sla.cli import answers, rows
from complaint_sla.cli.filters import Filters
from complaint_sla.cli.options import AsJson, OfficeAndBelow
from complaint_sla.cli.screen import BELOW
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words
from complaint_sla.wording.width import cells_wide, padded
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.summary_letter import DAYS_AHEAD
from complaint_sla.work.morning import WORST, Morning, morning, new_since

if TYPE_CHECKING:
    from datetime import datetime

    from complaint_sla.work.plans.reminders import CallsLine, PlanLine

# What `plan enter` asks for at a terminal.
LETTER = " --source TEXT --dated DAY"
# Nobody has done anything for a week: that is a complaint forgotten.
SILENT_DAYS = 7


def register(app: Commands, words: Words) -> None:
    del words

    @app.command()
    def today(terminal: Terminal, office: OfficeAndBelow = None, json: AsJson = False) -> None:
        desk = terminal.desk(writes=False)
        asked = parts(desk, office)
        found = morning(desk, {name: one.wanted(desk, WORST) for name, one in asked.items()}, office)
        commands = {name: f"list {one}".strip() for name, one in asked.items()}
        if json:
            cures = [_cure(terminal.words, line) for line in found.plan.lines]
            terminal.answer_json(contract.morning(found, commands, cures))
        else:
            print("\n".join(_drawn(terminal, desk, found, commands)))
        answers.silent(terminal, desk)


def parts(desk: Desk, office: str | None) -> dict[str, Filters]:
    """Most pressing first; what a part counts is what its command lists."""
    return {
        "overdue": Filters(overdue=True, office=office),
        "due_today": Filters(due="today", office=office),
        "due_soon": Filters(overdue=False, due_within=DAYS_AHEAD, office=office),
        "urgent": Filters(urgent=True, office=office),
        "unowned": Filters(owner="none", office=office),
        "silent": Filters(silent=SILENT_DAYS, sort="touched", office=office),
        "new": Filters(received_since=str(new_since(desk)), office=office),
        "open": Filters(office=office),
    }


def _titles(words: Words, desk: Desk) -> Mapping[str, str]:
    return {
        "overdue": words("Overdue"),
        "due_today": words("Due today"),
        "due_soon": words("Due within {days} days", days=DAYS_AHEAD),
        "urgent": words("Important and urgent"),
        "unowned": words("Without an owner"),
        "silent": words("Nothing done for {days} days", days=SILENT_DAYS),
        "new": words("Received since {day}", day=words.day(new_since(desk))),
        "open": words("Open in all"),
    }


def _drawn(terminal: Terminal, desk: Desk, found: Morning, commands: Mapping[str, str]) -> list[str]:
    words, screen = terminal.words, terminal.screen
    titles = dict(_titles(words, desk))
    counts = {name: part.every for name, part in found.parts.items()}
    if found.unheard:
        titles["unheard"], counts["unheard"] = words("Reaching nobody"), found.unheard
    if found.plan.count:
        titles["plan"], counts["plan"] = words("Action plan"), found.plan.count
    width, digits = max(map(cells_wide, titles.values())), max(len(str(one)) for one in counts.values())
    heads = {}
    for name, title in titles.items():
        is_late = bool(found.plan.overdue) if name == "plan" else name in ("overdue", "unheard")
        style = "bold red" if is_late and counts[name] else "bold"
        count = padded(str(counts[name]), digits, "right")
        heads[name] = [f"{padded(title, width)}  {screen.painted(count, style)}"]
        command = {"unheard": "doctor", "plan": _plan_due(found)}.get(name) or commands[name]
        if not counts[name]:
            continue
        if width + digits + cells_wide(command) + 4 <= screen.width:
            heads[name][0] += f"  {command}"
        else:
            heads[name].append(f"  {command}")
        if name == "plan":
            heads[name] += _of_plan(terminal, desk, found)
    above, below = [screen.painted(_title(terminal, found), "bold")], _standing(terminal, found)
    # What is left of the window goes to the worst, from the first part on.
    room = None
    if screen.height is not None:
        room = max(0, screen.height - BELOW - sum(map(len, (above, below, *heads.values()))))
    lines, told = above, set[str]()
    for name, head in heads.items():
        lines += head
        if name in found.parts and name != "open":
            worst = [one for one in found.parts[name].first if one.number not in told][:room]
            lines += rows.named(terminal, desk, worst)
            told |= {one.number for one in worst}
            room = None if room is None else room - len(worst)
    return lines + below


def _plan_due(found: Morning) -> str:
    return "plan due" if found.office is None else f"plan due --office {found.office}"


def _of_plan(terminal: Terminal, desk: Desk, found: Morning) -> list[str]:
    """The worst of the plan, each in one line with the command that cures it: whole, or as much of it as the window has room
    for, since the rest is asked for."""
    words, screen = terminal.words, terminal.screen
    left = [words.time_left(line.due_on, desk.today) for line in found.plan.lines]
    cures = [_cure(words, line) for line in found.plan.lines]
    width = max(map(cells_wide, left), default=0)
    if any(width + cells_wide(one) + 2 * rows.GAP > screen.width for one in cures):
        cures = [one.replace(LETTER, "") for one in cures]
    lines = []
    for line, state, cure in zip(found.plan.lines, left, cures, strict=True):
        style = "bold red" if line.due_on < desk.today else ""
        gap = " " * (width - cells_wide(state) + rows.GAP)
        lines.append(f"  {screen.painted(state, style)}{gap}{cure}")
    return lines


def _cure(words: Words, line: "PlanLine | CallsLine") -> str:
    # It loads the letters, which no other answer of this family needs.
    from complaint_sla.mail.plan_section import plan_cure

    return plan_cure(line, words)


def _title(terminal: Terminal, found: Morning) -> str:
    day = terminal.words.long_day(found.day)
    return day if found.office is None else f"{day} · {found.office}"


def _standing(terminal: Terminal, found: Morning) -> list[str]:
    """The quarter, the service, and where to begin."""
    # It loads the forms of figures, which no other answer of this family needs.
    from complaint_sla.mail.figures import rate_of, target_of

    words, lines = terminal.words, list[str]()
    for figure in found.figures:
        title = words("Closed in time so far, {quarter}", quarter=words.quarter(figure.quarter))
        counts = figure.counts
        of = words("{n} of {of}", n=counts.numerator, of=counts.denominator)
        lines.append(f"{title}: {rate_of(figure)} ({of}, {target_of(figure, words)})")
    lines.append(
        words(
            "The service: alerts raised {raised}, e-mail sent {sent}",
            raised=_when(terminal, found.raised_at),
            sent=_when(terminal, found.sent_at),
        )
    )
    office = f" --office {found.office}" if found.office is not None else ""
    begin = words("One by one, the worst first: {command}", command=f"complaint-sla queue --overdue{office}")
    return [part for line in (*lines, begin) for part in terminal.wrapped(line)]


def _when(terminal: Terminal, moment: "datetime | None") -> str:
    return terminal.words("never") if moment is None else terminal.words.moment(moment, terminal.zone)
