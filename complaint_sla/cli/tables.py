"""Tables for the screen. Thai is measured by cells, and never squeezed into a narrow column: long texts get a line."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from rich.table import Table
from rich.text import Text

from complaint_sla.cli.screen import Extent, write
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.measures import plain_percent
from complaint_sla.core.roster import is_nobody, role_and_office
from complaint_sla.wording import N_, Words
from complaint_sla.wording.matters import matter
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.core.rulebook import Book
    from complaint_sla.work.letters.listing import LetterView
    from complaint_sla.work.offices import OfficeView, StaffView


T = TypeVar("T")

# What a message that is no complaint's alert is about.
NOTICES = {
    "summary": N_("daily summary"),
    "addresses": N_("dead addresses"),
    "report": N_("quarterly report"),
    "clock": N_("clock in doubt"),
    "drafts": N_("rules that can't be published"),
    "people": N_("changes of people and offices"),
    "ends": N_("ended by others"),
}
# Of a message that was sent unheard, and refused when it was sent again.
PERHAPS_ARRIVED = N_("an earlier copy may have arrived")


def grid(titles: "Sequence[str]" = (), **column: Any) -> Table:
    """A table without lines, with a heading where it has titles; `column` is said of each column."""
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(titles), header_style="bold"
    )
    for title in titles:
        table.add_column(title, **column)
    return table


def listed(
    terminal: Terminal, found: Sequence[T], drawn: Callable[[Sequence[T]], Any], extent: Extent, command: str
) -> None:
    """As many of a long list as are wanted, drawn as a table; where there are more, the `command` that shows them."""

    def text(shown: Sequence[T]) -> str:
        with terminal.console.capture() as captured:
            terminal.console.print(drawn(shown))
        return captured.get()

    def below(shown: int) -> str:
        if shown >= len(found):
            return ""
        return terminal.words("{n} shown · all: {command}", n=shown, command=f"{plain(command)} --all")

    write(terminal.screen, found, text, below, extent)


def offices(terminal: Terminal, found: "Sequence[OfficeView]") -> Table:
    """The tree of offices, children below their parents."""
    words, depth = terminal.words, dict[str, int]()
    other = words("In English") if words.language == "th" else words("In Thai")
    table = grid((words("Code"), words("Name"), other, words("Class")), no_wrap=True)
    for one in found:
        depth[one.code] = depth[one.parent] + 1 if one.parent in depth else 0
        names = (one.name_th, one.name_en) if words.language == "th" else (one.name_en, one.name_th)
        table.add_row(
            "  " * depth[one.code] + one.code, *(Text(plain(name)) for name in names), plain(one.class_ or "")
        )
    return table


def staff(terminal: Terminal, found: "Sequence[StaffView]") -> Table:
    words = terminal.words
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
    return table


def letters(terminal: Terminal, found: "Sequence[LetterView]") -> Table:
    words = terminal.words
    titles = (words("Id"), words("Made"), words("Status"), words("To"), words("About"), words("Remarks"))
    table = grid(titles, overflow="fold")
    for one in found:
        tried = words.plural("{n} attempt", "{n} attempts", one.attempts)
        remarks = [f"{tried}: {one.error}", matter(words, one.answer)] if one.error else []
        said = plain("; ".join(filter(None, remarks)))
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
    return table


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
