"""Tables for the screen. Thai is measured by cells, and never squeezed into a narrow column: long texts get a line."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.measures import plain_percent
from complaint_sla.core.roster import is_nobody, role_and_office
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from datetime import date

    from complaint_sla.core.rulebook import Book
    from complaint_sla.work.complaints.view import ComplaintView
    from complaint_sla.work.desk import Desk
    from complaint_sla.work.letters.outbox import LetterView
    from complaint_sla.work.offices import OfficeView, StaffView


# On a very narrow screen lines break rather than lose the subject.
NARROWEST_SUBJECT = 12

# What a message that is no complaint's alert is about.
NOTICES = {
    "summary": N_("daily summary"),
    "addresses": N_("dead addresses"),
    "report": N_("quarterly report"),
    "clock": N_("clock in doubt"),
    "drafts": N_("rules that can't be published"),
}
# Of a message that was sent unheard, and refused when it was sent again.
PERHAPS_ARRIVED = N_("an earlier copy may have arrived")


def complaints(
    terminal: Terminal, desk: "Desk", found: "Sequence[ComplaintView]", *, all_shown: bool
) -> None:
    """The list that people work from: what is due first comes first, late in red; two lines a complaint."""
    words = terminal.words
    if not found:
        terminal.answer("No complaints.")
        return
    titles = [
        Text(title, style="bold") for title in (words("No."), words("Due"), words("Left"), words("Subject"))
    ]
    rows = [
        [
            Text(one.number, style="bold"),
            Text(words.day(one.due_on)),
            left(one, desk.today, words),
            Text(plain(one.subject)),
        ]
        for one in found
    ]
    # With whom it is and for whom has a line of its own: beside the subject, neither could be read. The title of the
    # group is the longest and the least: what is cut off is cut off there.
    below = [
        Text(
            " · ".join(
                [
                    *([words("URGENT")] if one.urgent else []),
                    one.office,
                    one.owner or words("no owner"),
                    plain(desk.shelf.titles(one.rule_book).of("group", one.group).of(words.language)),
                ]
            ),
            style="dim",
        )
        for one in found
    ]
    widths = [max(row[column].cell_len for row in (titles, *rows)) for column in range(3)]
    terminal.console.print(_line(terminal, titles, widths))
    for row, more in zip(rows, below, strict=True):
        terminal.console.print(_line(terminal, row, widths))
        terminal.console.print(_line(terminal, [Text(), more], widths[:1]))
    late = sum(one.is_open and one.on_time is False for one in found)
    summary = words.plural("{n} complaint", "{n} complaints", len(found))
    if late:
        summary += " · " + words("{n} late", n=late)
    if not all_shown:
        summary += " · " + words("there may be more")
    terminal.console.print(Text(summary, style="dim"))


def _line(terminal: Terminal, cells: "Sequence[Text]", widths: "Sequence[int]") -> Text:
    """Cells beside each other, padded to their widths; the last one takes the rest, and is cut off where that ends."""
    line = Text()
    for cell, width in zip(cells, widths, strict=False):
        padded = cell.copy()
        padded.pad_right(width + 2 - cell.cell_len)
        line.append_text(padded)
    last = cells[-1].copy()
    last.truncate(max(NARROWEST_SUBJECT, terminal.width - line.cell_len), overflow="ellipsis")
    return line.append_text(last)


def as_csv(terminal: Terminal, found: "Sequence[ComplaintView]") -> bytes:
    """The same complaints for a spreadsheet: a column for each key of the contract, moments with the zone's offset."""
    from complaint_sla.contract import jsonable
    from complaint_sla.files import csv_content
    from complaint_sla.work.complaints.view import ComplaintView

    columns = [one.name for one in fields(ComplaintView)]
    return csv_content([columns, *(jsonable(one, terminal.zone).values() for one in found)])


def left(one: "ComplaintView", today: "date", words: Words) -> Text:
    """What is left of an open one; how an ended one ended."""
    if not one.is_open:
        ended = (
            words(one.status) if one.on_time is None else words("in time") if one.on_time else words("late")
        )
        return Text(ended, style="red" if one.on_time is False else "green")
    days_left = words.time_left(one.due_on, today)
    days = (one.due_on - today).days
    if days < 0:
        return Text(days_left, style="bold red")
    if one.on_time is False:
        # Breached under an earlier deadline: more time does not make it good.
        return Text(words("{left}, breached", left=days_left), style="red")
    return Text(days_left, style="yellow" if days <= 1 else "")


def grid(titles: "Sequence[str]" = (), **column: Any) -> Table:
    """A table without lines, with a heading where it has titles; `column` is said of each column."""
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(titles), header_style="bold"
    )
    for title in titles:
        table.add_column(title, **column)
    return table


def offices(terminal: Terminal, found: "Sequence[OfficeView]") -> None:
    """The tree of offices, children below their parents."""
    words, depth = terminal.words, dict[str, int]()
    other = words("In English") if words.language == "th" else words("In Thai")
    table = grid((words("Code"), words("Name"), other), no_wrap=True)
    for one in found:
        depth[one.code] = depth[one.parent] + 1 if one.parent in depth else 0
        names = (one.name_th, one.name_en) if words.language == "th" else (one.name_en, one.name_th)
        table.add_row("  " * depth[one.code] + one.code, *(Text(plain(name)) for name in names))
    terminal.console.print(table)


def staff(terminal: Terminal, found: "Sequence[StaffView]") -> None:
    words = terminal.words
    if not found:
        terminal.answer(
            "Nobody yet. Add somebody: complaint-sla staff add EMAIL --name NAME --office CODE --role ROLE"
        )
        return
    titles = (words("Office"), words("Role"), words("Name"), words("E-mail"), words("Remarks"))
    table = grid(titles, overflow="fold")
    for one in found:
        remarks = []
        if one.retired_at is not None:
            remarks.append(words("retired"))
        if one.away_until is not None:
            remarks.append(
                words("away until {day}, deputy {deputy}", day=words.day(one.away_until), deputy=one.deputy)
            )
        if one.failed_at is not None:
            remarks.append(words("the address does not exist ({failure})", failure=plain(one.failure or "")))
        remarked = Text(" · ".join(remarks), style="red")
        if one.login is not None:
            login = Text(words("login {login}", login=plain(one.login)))
            remarked = Text(" · ").join([login, remarked] if remarks else [login])
        table.add_row(one.office, words(one.role), Text(plain(one.name)), one.email, remarked)
    terminal.console.print(table)


def letters(terminal: Terminal, found: "Sequence[LetterView]") -> None:
    words = terminal.words
    if not found:
        terminal.answer("No messages.")
        return
    titles = (words("Id"), words("Made"), words("Status"), words("To"), words("About"), words("Remarks"))
    table = grid(titles, overflow="fold")
    for one in found:
        remarks = [words.plural("{n} attempt", "{n} attempts", one.attempts), one.error] if one.error else []
        said = plain(": ".join(remarks))
        if one.error and one.unheard_at is not None:
            said = f"{said}; {words(PERHAPS_ARRIVED)}"
        table.add_row(
            str(one.id),
            words.moment(one.created_at, terminal.zone),
            Text(words(one.state), style="red" if one.error else ""),
            one.recipient,
            words(NOTICES[one.kind])
            if one.kind in NOTICES
            else words.plural("{n} complaint", "{n} complaints", one.complaints),
            Text(said),
        )
    terminal.console.print(table)


def book(terminal: Terminal, one: "Book") -> None:
    """A rule book as one would read it aloud."""
    from complaint_sla.wording.rulediff import when

    words = terminal.words
    terminal.console.print(Text(f"{one.id}  {plain(one.title.of(words.language))}", style="bold"))
    days = words("working days") if one.counting.working else words("calendar days")
    terminal.answer(
        "In force from {day}; {days} of {zone}; target {target} % closed in time.",
        day=words.long_day(one.effective_from),
        days=days,
        zone=one.zone.key,
        target=plain_percent(one.target),
    )
    parts = [
        (words("Deadlines"), [(rule.key, words("{n} days", n=rule.days), rule.title) for rule in one.rules]),
        (
            words("Stages"),
            [(stage.key, when(words, stage.offset, stage.repeat_every), stage.title) for stage in one.stages],
        ),
    ]
    for title, rows in parts:
        terminal.console.print(Text(f"\n{title}", style="bold"))
        table = grid()
        for key, at, name in rows:
            table.add_row(key, at, Text(plain(name.of(words.language))))
        terminal.console.print(table)
    for title, terms in (
        (words("Groups"), one.groups),
        (words("Channels"), one.channels),
        (words("Categories"), one.categories),
    ):
        terminal.console.print(Text(f"\n{title}", style="bold"))
        table = grid()
        for number, term in enumerate(terms, 1):
            said = Text(plain(term.title.of(words.language)))
            if term.also:
                said.append(f"\n{plain(' · '.join(term.also))}", style="dim")
            table.add_row(f"{number:2}", term.key, said)
        terminal.console.print(table)


def recipient(words: Words, address: str) -> str:
    """A person's address, or in words that nobody fills the role."""
    if not is_nobody(address):
        return address
    role, office = role_and_office(address)
    return words("nobody ({role} at {office})", role=words(role), office=office)
