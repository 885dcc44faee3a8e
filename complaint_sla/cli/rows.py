"""Complaints below each other, two lines each, aligned by cells. Plain strings: there may be tens of thousands of them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

from complaint_sla.cli.screen import Extent, write
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.complaints import Status
from complaint_sla.core.masking import masked_phone, masked_text
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, cut, padded

if TYPE_CHECKING:
    from datetime import date

    from complaint_sla.work.complaints.look import Found, Listed
    from complaint_sla.work.complaints.view import ComplaintView, CustomerView
    from complaint_sla.work.desk import Desk

# On a very narrow screen lines break rather than lose the subject.
NARROWEST_SUBJECT = 12
# Between columns.
GAP = 2


def listed(terminal: Terminal, desk: "Desk", found: "Listed", extent: Extent, command: str) -> None:
    """The list that people work from; `command` shows it again."""
    words = terminal.words

    def below(shown: int) -> str:
        parts = [_count(words, shown, found.every)]
        if found.late:
            parts.append(words("{n} late", n=found.late))
        return _with_rest(words, parts, command, shown < found.every)

    if not found.every:
        terminal.answer("No complaints.")
        return
    write(terminal.screen, found.first, lambda some: drawn(terminal, desk, some), below, extent)


def found(terminal: Terminal, desk: "Desk", found: "Found", extent: Extent, command: str) -> None:
    """What was looked for, with who complained; `command` looks for it again."""
    words = terminal.words

    def below(shown: int) -> str:
        parts = [_count(words, shown, found.every)]
        if found.open < found.every:
            parts.append(words("{n} open", n=found.open))
        return _with_rest(words, parts, command, shown < found.every)

    if not found.every:
        terminal.answer("No complaints.")
        return
    write(
        terminal.screen, found.first, lambda some: drawn(terminal, desk, some, found.customers), below, extent
    )


def _count(words: Words, shown: int, every: int) -> str:
    if shown < every:
        return words("{shown} of {n} shown", shown=shown, n=every)
    return words.plural("{n} complaint", "{n} complaints", every)


def _with_rest(words: Words, parts: list[str], command: str, is_part: bool) -> str:
    if is_part:
        parts.append(words("all: {command}", command=f"{plain(command).strip()} --all"))
    return " · ".join(parts)


def drawn(
    terminal: Terminal,
    desk: "Desk",
    found: "Sequence[ComplaintView]",
    customers: "Mapping[str, CustomerView] | None" = None,
) -> str:
    """The list that people work from, late in red. Where they are looked for by it, who complained is told, by number."""
    words, screen = terminal.words, terminal.screen
    day_of, group_of = cache(words.day), cache(lambda book, key: _group(terminal, desk, book, key))
    nobody, urgent = words("no owner"), words("URGENT")
    titles = (words("No."), words("Due"), words("Left"))
    rows = [((one.number, "bold"), (day_of(one.due_on), ""), _left(one, desk.today, words)) for one in found]
    widths = [
        max([cells_wide(title), *(cells_wide(row[column][0]) for row in rows)]) + GAP
        for column, title in enumerate(titles)
    ]
    room = max(NARROWEST_SUBJECT, screen.width - sum(widths))
    room_below = max(NARROWEST_SUBJECT, screen.width - widths[0])
    # Of what is with the same people, there are many.
    cut_below = cache(lambda text: screen.painted(cut(text, room_below), "dim"))
    head = "".join(map(padded, titles, widths)) + cut(words("Subject"), room)
    lines = [screen.painted(head, "bold")]
    for one, row in zip(found, rows, strict=True):
        cells = [
            screen.painted(text, style) + " " * (width - cells_wide(text))
            for (text, style), width in zip(row, widths, strict=True)
        ]
        lines.append("".join(cells) + cut(plain(one.subject), room))
        # With whom it is and for whom has a line of its own: beside the subject, neither could be read. The title of
        # the group is the longest and the least: what is cut off is cut off there.
        below = [one.office, one.owner or nobody, group_of(one.rule_book, one.group)]
        if customers is not None:
            below.insert(0, _called(customers.get(one.number)))
        if one.urgent:
            below.insert(0, urgent)
        lines.append(" " * widths[0] + cut_below(" · ".join(part for part in below if part)))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def named(terminal: Terminal, desk: "Desk", found: "Sequence[ComplaintView]") -> list[str]:
    """Each in a line: its number, what is left, and what it is about."""
    words, screen = terminal.words, terminal.screen
    cells = [_left(one, desk.today, words) for one in found]
    width = max((cells_wide(text) for text, _ in cells), default=0)
    lines = []
    for one, (text, style) in zip(found, cells, strict=True):
        room = max(NARROWEST_SUBJECT, screen.width - len(one.number) - width - 3 * GAP)
        shown = screen.painted(text, style) + " " * (width - cells_wide(text))
        lines.append(f"  {one.number}  {shown}  {cut(plain(one.subject), room)}")
    return lines


def _group(terminal: Terminal, desk: "Desk", book: str, key: str) -> str:
    return plain(desk.shelf.titles(book).of("group", key).of(terminal.words.language))


def _called(customer: "CustomerView | None") -> str:
    """Name and masked telephone, as far as they are known."""
    if customer is None:
        return ""
    phone = masked_phone(customer.phone) if customer.phone else ""
    return " ".join(part for part in (plain(masked_text(customer.name or "")), phone) if part)


def _left(one: "ComplaintView", today: "date", words: Words) -> tuple[str, str]:
    if one.status == Status.CLOSED:
        return words("closed in time") if one.on_time else words("closed late"), left(one, today, words)[1]
    if not one.is_open and one.on_time is False:
        return f"{words(one.status)} · {words('late')}", "red"
    return left(one, today, words)


def left(one: "ComplaintView", today: "date", words: Words) -> tuple[str, str]:
    """What is left of an open one, and how an ended one ended: the words, and their style."""
    if not one.is_open:
        ended = (
            words(one.status) if one.on_time is None else words("in time") if one.on_time else words("late")
        )
        return ended, "red" if one.on_time is False else "green"
    days_left = words.time_left(one.due_on, today)
    days = (one.due_on - today).days
    if days < 0:
        return days_left, "bold red"
    if one.on_time is False:
        # Breached under an earlier deadline: more time does not make it good.
        return words("{left}, breached", left=days_left), "red"
    return days_left, "yellow" if days <= 1 else ""


def as_csv(terminal: Terminal, found: "Sequence[ComplaintView]") -> bytes:
    """The same complaints for a spreadsheet: a column for each key of the contract, moments with the zone's offset."""
    from complaint_sla.contract.values import jsonable
    from complaint_sla.files import csv_content
    from complaint_sla.work.complaints.view import ComplaintView

    columns = [one.name for one in fields(ComplaintView)]
    return csv_content([columns, *(jsonable(one, terminal.zone).values() for one in found)])
