"""One complaint in a dozen lines: what somebody has to know who decides by it what is to be done next."""

from __future__ import annotations

from complaint_sla.cli import tables
from complaint_sla.cli.rows import GAP, left
from complaint_sla.cli.show import EVENTS
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.masking import masked, masked_text
from complaint_sla.core.roster import is_nobody
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, cut, padded, wrapped
from complaint_sla.work.counter.queue import Shown
from complaint_sla.work.desk import Desk

# Whoever wants a long text whole is shown all of it; here, what can be done stays in sight of it.
MOST_LINES = 3


def draw(terminal: Terminal, desk: Desk, shown: Shown, place: str, *, is_marked: bool) -> None:
    """`place` says which of how many it is."""
    words, screen, one = terminal.words, terminal.screen, shown.complaint
    said, style = left(one, desk.today, words)
    head = [place, one.number]
    if one.urgent:
        head.append(words("URGENT"))
    painted = [screen.painted("  ".join(head), "bold"), screen.painted(said, style)]
    if is_marked:
        painted.append(screen.painted(words("marked"), "bold"))
    lines = ["", "  ".join(painted)]
    lines += [screen.painted(line, "bold") for line in _few(plain(one.subject), screen.width)]
    facts = _facts(terminal, desk, shown)
    widest = max(cells_wide(label) for label, _ in facts) + GAP
    for label, text in facts:
        first, *rest = _few(text, screen.width - widest)
        lines.append(screen.painted(padded(label, widest), "dim") + first)
        lines += [" " * widest + line for line in rest]
    print("\n".join(lines))


def _facts(terminal: Terminal, desk: Desk, shown: Shown) -> list[tuple[str, str]]:
    words, one, customer = terminal.words, shown.complaint, shown.customer
    titles = desk.shelf.titles(one.rule_book)
    known = masked({"name": customer.name, "phone": customer.phone}) if customer else {}
    owner = f"{shown.owner} ({one.owner})" if shown.owner else words("no owner")
    facts = [
        (words("Customer"), " · ".join(part for part in known.values() if part) or "–"),
        (words("Office"), f"{one.office} · {titles.of('group', one.group).of(words.language)}"),
        (words("Owner"), owner),
        (words("Due"), words.long_day(one.due_on)),
    ]
    if one.outcome:
        facts.append((words("Outcome"), one.outcome))
    facts.append((words("Last note"), _note(terminal, shown)))
    facts.append((words("Alerted"), _alerted(terminal, desk, shown)))
    return [(label, plain(text)) for label, text in facts]


def _note(terminal: Terminal, shown: Shown) -> str:
    words, note = terminal.words, shown.note
    if note is None:
        return words("none yet")
    when = words.moment(note.at, terminal.zone)
    return f"{when} · {words(EVENTS[note.kind])} · {note.actor}: {masked_text(' '.join(note.text.split()))}"


def _alerted(terminal: Terminal, desk: Desk, shown: Shown) -> str:
    words, alerted = terminal.words, shown.alerted
    if alerted is None:
        return words("nobody was alerted yet")
    stage = desk.shelf.titles(shown.complaint.rule_book).of("stage", alerted.stage).of(words.language)
    if alerted.occurrence > 1:
        stage += f" ({alerted.occurrence})"
    told = [
        tables.recipient(words, to) + ("" if is_nobody(to) else f" ({words(state)})")
        for to, state in alerted.recipients
    ]
    return f"{words.moment(alerted.stage_at, terminal.zone)} · {stage} → {', '.join(told)}"


def _few(text: str, width: int) -> list[str]:
    lines = wrapped(text, width)
    return (
        lines
        if len(lines) <= MOST_LINES
        else [*lines[: MOST_LINES - 1], cut(" ".join(lines[MOST_LINES - 1 :]), width)]
    )
