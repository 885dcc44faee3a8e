"""All about one complaint on the screen, and the explanation of a deadline."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from rich.table import Table
from rich.text import Text

from complaint_sla.cli import tables
from complaint_sla.cli.rows import left
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.calendars import CountedDay, DayKind
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.deadlines import Deadline
from complaint_sla.core.masking import masked
from complaint_sla.core.rulebook import Titles
from complaint_sla.wording import N_, Words, corrections
from complaint_sla.wording.journal import who
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import WEEKDAYS
from complaint_sla.work.complaints.look import Dossier, EventView, Explanation
from complaint_sla.work.desk import Desk

EVENTS: Mapping[EventKind, str] = {
    EventKind.LOGGED: N_("logged"),
    EventKind.ALERTS: N_("alerts"),
    EventKind.ACKNOWLEDGED: N_("acknowledged"),
    EventKind.ASSIGNED: N_("assigned"),
    EventKind.TRANSFERRED: N_("transferred"),
    EventKind.NOTED: N_("note"),
    EventKind.ASSESSED: N_("assessed"),
    EventKind.INVESTIGATED: N_("investigated"),
    EventKind.RESPONDED: N_("responded"),
    EventKind.COMMUNICATED: N_("communicated"),
    EventKind.RECLASSIFIED: N_("reclassified"),
    EventKind.CORRECTED: N_("corrected"),
    EventKind.CLOSED: N_("closed"),
    EventKind.WITHDRAWN: N_("withdrawn"),
    EventKind.DUPLICATE: N_("duplicate"),
    EventKind.REOPENED: N_("reopened"),
    EventKind.ERASURE_DUE: N_("to be erased at its end"),
    EventKind.ERASED: N_("erased"),
}
STATES = (
    N_("waiting"),
    N_("sent"),
    N_("failed"),
    N_("dropped"),
    N_("superseded"),
    N_("unalertable"),
    N_("open"),
    N_("sending"),
    N_("dissolved"),
    N_("agent"),
    N_("supervisor"),
    N_("manager"),
    N_("owner"),
)


def draw(terminal: Terminal, desk: Desk, found: Dossier, *, contact: bool) -> None:
    """`contact` shows telephone, account and e-mail in full, for whoever has to call back."""
    if not contact:
        found = _masked(found)
    words, one = terminal.words, found.complaint
    titles = Titles(desk.shelf, found.book)
    _title(terminal, f"{one.number}  {plain(one.subject)}")
    _facts(terminal, desk, found, titles)
    if one.detail:
        terminal.say(f"\n{one.detail}")
    _title(terminal, words("Deadline"))
    terminal.say(sentence(words, found.deadline))
    table = _table(terminal, words("What happened"))
    for event in found.events:
        kind = words(EVENTS[EventKind(event.kind)])
        said = _telling(words, titles, event, contact=contact)
        table.add_row(words.moment(event.happened_at, terminal.zone), kind, said)
    terminal.console.print(table)
    if found.alerts:
        table = _table(terminal, words("Alerts"))
        for alert in found.alerts:
            stage = titles.of("stage", alert.stage).of(words.language)
            if alert.occurrence > 1:
                stage += f" ({alert.occurrence})"
            table.add_row(
                words.moment(alert.stage_at, terminal.zone),
                Text(words(alert.state), style="red" if alert.state in ("failed", "unalertable") else ""),
                Text(f"{plain(stage)} → {tables.recipient(words, alert.recipient)}"),
            )
        terminal.console.print(table)
    if found.coming:
        table = _table(terminal, words("What comes next if nothing is done"))
        for ahead in found.coming:
            who = ", ".join(tables.recipient(words, address) for address in ahead.recipients)
            title = plain(ahead.stage.title.of(words.language))
            table.add_row(words.moment(ahead.at, terminal.zone), Text(""), Text(f"{title} → {who}"))
        terminal.console.print(table)


def _facts(terminal: Terminal, desk: Desk, found: Dossier, titles: Titles) -> None:
    words, one = terminal.words, found.complaint
    group = titles.of("group", one.group).of(words.language)
    table = tables.grid()
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    status = words(one.status)
    if one.is_open or one.on_time is not None:
        status += f" · {left(one, desk.today, words)[0]}"
    rows = [
        (words("Status"), status),
        (words("Received on"), words.moment(one.received_at, terminal.zone)),
        (words("Due"), words.long_day(one.due_on)),
        (words("Group"), " · ".join((words("URGENT"), group)) if one.urgent else group),
        (words("Channel"), titles.of("channel", one.channel).of(words.language)),
        (words("Complaint category"), titles.of("category", one.category).of(words.language)),
        (words("Office"), one.office),
        (words("Owner"), one.owner or words("no owner")),
    ]
    customer = found.customer
    if customer is not None:
        parts = [part for part in (customer.name, customer.phone, customer.account, customer.email) if part]
        if parts:
            rows.append((words("Customer"), " · ".join(parts)))
    if one.closed_at is not None:
        rows.append((words("Ended"), words.moment(one.closed_at, terminal.zone)))
    if one.outcome:
        rows.append((words("Outcome"), one.outcome))
    if one.duplicate_of:
        rows.append((words("Duplicate of"), one.duplicate_of))
    if one.external_id:
        rows.append((words("Id elsewhere"), one.external_id))
    for name, value in rows:
        table.add_row(name, Text(plain(value, keep="\n")))
    terminal.console.print(table)


def _masked(found: Dossier) -> Dossier:
    return replace(
        found,
        complaint=replace(found.complaint, **masked(vars(found.complaint))),
        customer=found.customer and replace(found.customer, **masked(vars(found.customer))),
        events=tuple(replace(event, words=masked(event.words)) for event in found.events),
    )


def _telling(words: Words, titles: Titles, event: EventView, *, contact: bool) -> Text:
    """What an event says: its words if it has some, else the facts that matter. `contact`: as in `draw`."""
    said = next((event.words[key] for key in ("text", "note", "outcome", "reason") if key in event.words), "")
    data = event.data
    if event.kind == EventKind.ASSIGNED:
        said = str(data["owner"] or words("no owner"))
    elif event.kind == EventKind.REOPENED and "owner" in data:
        said += " · " + words("the owner had retired")
    elif event.kind == EventKind.ERASED and data.get("by") == "retention":
        said = words("it has been kept for its years")
    elif event.kind == EventKind.DUPLICATE and "reason" in event.words:
        said += f": {event.words['reason']}"
    elif event.kind == EventKind.TRANSFERRED:
        said = f"{data['from']} → {data['to']}: {said}"
    elif event.kind == EventKind.RECLASSIFIED:
        rule = titles.of("rule", str(data["rule"])).of(words.language)
        said = f"{rule}, {words.day(date.fromisoformat(str(data['due_on'])))}: {said}"
    elif event.kind == EventKind.CORRECTED:
        said = corrections.told(words, titles, data, event.words, contact=contact)
    elif event.kind == EventKind.ALERTS:
        recipients = data.get("recipients")
        said = (
            ", ".join(tables.recipient(words, one) for one in recipients)
            if isinstance(recipients, Mapping)
            else ""
        )
    by = who(words, event) if event.kind != EventKind.ALERTS else ""
    return Text.assemble(plain(said, keep="\n"), (" · " if said and by else "", "dim"), (by, "dim"))


def _title(terminal: Terminal, text: str) -> None:
    terminal.console.print(Text(f"\n{text}", style="bold"))


def _table(terminal: Terminal, title: str = "") -> Table:
    """Three columns, to be filled and printed below the title."""
    if title:
        _title(terminal, title)
    table = tables.grid()
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    return table


_CALENDAR = N_("{rule}: {days} days after {received}, so until the end of {due}.")
_WORKING = N_("{rule}: {days} working days after {received}, so until the end of {due}.")


def sentence(words: Words, deadline: Deadline) -> str:
    """The deadline in a sentence: which rule, how many days, from when to when."""
    return words(
        _WORKING if deadline.counting.working else _CALENDAR,
        rule=deadline.rule.title.of(words.language),
        days=deadline.rule.days,
        received=words.long_day(deadline.received_on),
        due=words.long_day(deadline.due_on),
    )


def draw_explanation(terminal: Terminal, found: Explanation) -> None:
    """Every day of the count, each with its number or why it has none."""
    words, deadline = terminal.words, found.deadline
    title = found.number or words("A complaint received {day}", day=words.long_day(deadline.received_on))
    _title(terminal, title)
    terminal.say(sentence(words, deadline))
    book = found.book
    terminal.answer(
        "By the rule book {book} (in force from {day}): {title}.",
        book=book.id,
        day=words.long_day(book.effective_from),
        title=book.title.of(words.language),
    )
    terminal.answer("Received {moment}.", moment=words.moment(found.facts.received_at, terminal.zone))
    if found.others:
        _say_assumed(terminal, found)
    table = _table(terminal)
    for counted in deadline.trail():
        weekday = words(WEEKDAYS[counted.day.weekday()])
        table.add_row(words.day(counted.day), weekday, Text(_counted(words, counted)))
    terminal.console.print(table)
    due_at = words.moment(deadline.due_at, terminal.zone)
    terminal.answer("Closed before {moment}, it is in time.", moment=due_at)


def _say_assumed(terminal: Terminal, found: Explanation) -> None:
    """What the answer stands on without having been asked, and what else it might have been."""
    words, known = terminal.words, Titles(terminal.shelf, found.book)
    titles = [known.of(kind, key).of(words.language) for kind, key in found.assumed.items()]
    rules = [
        words("{rule} ({n} days)", rule=rule.title.of(words.language), n=rule.days) for rule in found.others
    ]
    terminal.answer(
        "Assumed: {terms}. With another {options} the rule may be: {rules}.",
        terms=", ".join(titles),
        options=" / ".join(f"--{kind}" for kind in found.assumed),
        rules=", ".join(rules),
    )


def _counted(words: Words, counted: CountedDay) -> str:
    match counted.kind:
        case DayKind.RECEIPT:
            return words("day of receipt: not counted")
        case DayKind.WEEKEND:
            return words("weekend: not counted")
        case DayKind.HOLIDAY:
            return words("holiday: {name}", name=plain(counted.holiday or ""))
        case DayKind.MOVED:
            return words("day {n}, moved here from a day off", n=counted.number)
        case _:
            return words("day {n}", n=counted.number)
