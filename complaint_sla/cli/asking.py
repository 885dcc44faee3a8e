"""Questions at a terminal: few keys, the choices in sight. What is asked and what an answer means is `work.counter`'s."""

from collections.abc import Sequence
from functools import cache

import typer

from complaint_sla.cli.line import Line, forget_typed_ahead
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import keyboard
from complaint_sla.core.errors import BadValue, DatabaseUnusable, Error
from complaint_sla.wording import N_, Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work.counter.caller import Earlier
from complaint_sla.work.counter.questions import ACTS, CHOICES, MAY_BE_LEFT, SEVERAL_LINES, Form, Part

BACK = "<"
# More of a caller's than anybody reads while they wait.
MOST_EARLIER = 9
# As many cells of a subject are shown beside what was noted last.
SUBJECT = 24
DASH = "–"
LONGEST_DEFAULT = 40
# Behind a question, in cells: its colon, and an answer of a key or two.
ROOM = 5

TITLES = {
    Part.PHONE: N_("Telephone"),
    Part.ACCOUNT: N_("Contract account, CA"),
    Part.NOTE: N_("Note"),
    Part.REASON: N_("Why reopen"),
    Part.OFFICE: N_("Office"),
    Part.CUSTOMER: N_("Customer's name"),
    Part.EMAIL: N_("Customer's e-mail"),
    Part.GROUP: N_("Customer group"),
    Part.URGENT: N_("Important and urgent? (y/n, Enter: no)"),
    Part.CHANNEL: N_("Channel"),
    Part.CATEGORY: N_("Complaint category"),
    Part.SUBJECT: N_("Subject"),
    Part.DETAIL: N_("Detail"),
}
# By whether they are several, and whether one has ended.
_EARLIER = {
    (False, False): N_("Enter: a new one · n: a note to it"),
    (False, True): N_("Enter: a new one · n: a note to it · r: reopen it"),
    (True, False): N_("Enter: a new one · n 2: a note to the second"),
    (True, True): N_("Enter: a new one · n 2: a note to the second · r 2: reopen it"),
}
# What stands in the last look where nothing was said.
_LEFT = {
    Part.PHONE: N_("no telephone"),
    Part.ACCOUNT: N_("no account"),
    Part.CUSTOMER: N_("no name"),
}

# What was given and is not asked for, in the last look.
_ELSE = {
    "owner": N_("owner: {value}"),
    "external_id": N_("its id elsewhere: {value}"),
}


@cache
def line() -> Line:
    """The edit line of this run."""
    return Line()


def ask(title: str, old: str = "") -> str:
    """One answer. Raises KeyboardInterrupt, typer.Abort (Ctrl-D)."""
    try:
        return line().ask(title, old)
    except EOFError:
        raise typer.Abort from None


def yes(terminal: Terminal, title: str) -> bool:
    """Yes or no, in either language; Enter is no."""
    while True:
        try:
            return keyboard.yes_or_no(ask(title)) == "y"
        except Error as problem:
            tell(terminal, problem)


def question(terminal: Terminal, form: Form, part: Part) -> None:
    """Asks until there is an answer, or goes back. Raises KeyboardInterrupt, typer.Abort, DatabaseUnusable."""
    old = form.old(part)
    _draw(terminal, form, part)
    while True:
        answer = ask(fitted(terminal, _title(terminal.words, form, part, old)), old)
        if keyboard.latin(answer) == BACK:
            if form.back():
                return
            terminal.remark("This is the first question.")
            continue
        try:
            form.answer(part, answer)
        except DatabaseUnusable:
            # As if it had been typed half, to be taken again.
            form.half[part] = answer
            raise
        except Error as problem:
            tell(terminal, problem)
            old = _to_mend(part, answer)
            continue
        _echo(terminal, form, part, answer)
        return


def last_look(terminal: Terminal, form: Form) -> bool:
    """Shows all that was said; True if it is to be logged so, False if something is asked again."""
    words, parts = terminal.words, form.parts()
    _lay_out(terminal, [f"{number} {_said(words, form, part)}" for number, part in enumerate(parts, 1)])
    others = [
        words(text, value=plain(form.values[name])) for name, text in _ELSE.items() if name in form.values
    ]
    if "received_at" in form.values:
        others.append(words("received {moment}", moment=words.moment(form.began, terminal.zone)))
    _lay_out(terminal, others)
    # What was pasted beyond the last answer must not say yes to this.
    forget_typed_ahead()
    title = words("Enter: log it · 1–{n}: change · <: back · Ctrl-C: stop", n=len(parts))
    while True:
        answer = ask(fitted(terminal, title))
        if not answer:
            return True
        if keyboard.latin(answer) == BACK:
            if form.back():
                return False
            terminal.remark("This is the first question.")
            continue
        number = keyboard.number_in(answer, len(parts))
        if number is not None:
            form.ask_again(parts[number - 1])
            return False
        tell(terminal, BadValue("none-of-them", value=answer, n=len(parts)))


def one_of(terminal: Terminal, title: str, most: int) -> int:
    """A number from 1 to `most`; Enter is 1."""
    while True:
        answer = ask(title)
        number = keyboard.number_in(answer or "1", most)
        if number is not None:
            return number
        tell(terminal, BadValue("none-of-them", value=answer, n=most))


def tell(terminal: Terminal, problem: Error) -> None:
    """What is wrong with an answer, or keeps it from being taken."""
    terminal.tell(message(terminal.words, problem, terminal.zone))


def fitted(terminal: Terminal, title: str) -> str:
    """The end of a question, at which its answer is typed; what does not fit before it stands above."""
    from complaint_sla.wording.width import wrapped

    width = terminal.width - ROOM
    *above, last = [part for line in laid(title.split(" · "), width) for part in wrapped(line, width)]
    for line in above:
        terminal.tell(line)
    return last


def _to_mend(part: Part, answer: str) -> str:
    """What stands in the line once it was refused: a text is mended, of choices another is made."""
    if part in (*CHOICES, Part.OFFICE, Part.URGENT, Part.EARLIER):
        return ""
    return answer if part in SEVERAL_LINES else " ".join(answer.split())


def _title(words: Words, form: Form, part: Part, old: str) -> str:
    from complaint_sla.wording.width import shortened

    if part is Part.EARLIER:
        any_ended = any(not one.complaint.is_open for one in form.caller.earlier)
        return words(_EARLIER[len(form.caller.earlier) > 1, any_ended])
    title = words(TITLES[part])
    if part in CHOICES or (part is Part.OFFICE and form.offices()):
        title = words("Number or key")
    elif part is Part.OFFICE:
        title = words("Office: type a part of its name")
    default = form.default(part)
    if default is not None and not old:
        # Beside a list its number is enough: a line that is broken is hard to edit.
        is_listed = part is not Part.OFFICE or form.offices()
        shown = form.typed(part, default) if is_listed else _shown(words, form, part, default)
        shown = shortened(plain(shown), LONGEST_DEFAULT)
        return words("{title} (Enter: {default})", title=title, default=shown)
    return words("{title} (Enter: none)", title=title) if part in MAY_BE_LEFT and not old else title


def _draw(terminal: Terminal, form: Form, part: Part) -> None:
    """What there is to choose from."""
    words = terminal.words
    if part is Part.EARLIER:
        _earlier(terminal, form)
    elif part in ACTS:
        chosen = form.earlier()
        if chosen is not None:
            terminal.tell(f"→ {chosen.complaint.number} {chosen.complaint.subject}")
    elif part in CHOICES:
        terminal.tell(words(TITLES[part]))
        columns(terminal, [term.title.of(words.language) for term in form.terms(part)])
    elif part is Part.OFFICE and form.offices():
        terminal.tell(words(TITLES[part]))
        columns(terminal, [f"{one.code} {one.title.of(words.language)}" for one in form.offices()])


def columns(terminal: Terminal, names: Sequence[str]) -> None:
    """Numbered, in as many columns as fit."""
    from complaint_sla.wording.width import cells_wide, padded

    entries = [f"{number:3} {plain(name)}" for number, name in enumerate(names, 1)]
    widest = max(map(cells_wide, entries)) + 3
    columns = max(1, min(3, terminal.width // widest)) if len(entries) > 6 else 1
    rows = -(-len(entries) // columns)
    for row in range(rows):
        one = [entries[position] for position in range(row, len(entries), rows)]
        terminal.tell(terminal.cut("".join(padded(entry, widest) for entry in one).rstrip()))


def _earlier(terminal: Terminal, form: Form) -> None:
    """What the caller has told already, a line each, so that the same matter is not logged twice."""
    words, earlier = terminal.words, form.caller.earlier
    terminal.remark("This customer has told us:")
    for number, one in enumerate(earlier[:MOST_EARLIER], 1):
        terminal.tell(terminal.cut(f"{number:3} {_line(words, form, one)}"))
    if len(earlier) > MOST_EARLIER:
        terminal.remark("… and {n} more.", n=len(earlier) - MOST_EARLIER)


def _line(words: Words, form: Form, one: Earlier) -> str:
    from complaint_sla.wording.width import shortened

    found = one.complaint
    if found.is_open:
        state = words.time_left(found.due_on, form.desk.today)
    else:
        ended = (
            found.closed_at.astimezone(form.desk.zone).date()
            if found.closed_at is not None
            else form.desk.today
        )
        state = f"{words(found.status)} {words.day(ended)}"
    parts = [state, one.owner or words("no owner"), shortened(found.subject, SUBJECT)]
    if one.said:
        parts.append(" ".join(one.said.split()))
    return f"{found.number}  {' · '.join(map(plain, parts))}"


def _echo(terminal: Terminal, form: Form, part: Part, answer: str) -> None:
    """Says again what was chosen: a key that was struck wrong is seen."""
    words = terminal.words
    lines = len(answer.splitlines())
    if part is Part.SUBJECT and lines > 1:
        terminal.remark(
            "The pasted text has {n} lines: the first is the subject, the rest the detail.", n=lines
        )
    elif part in (*CHOICES, Part.OFFICE, Part.URGENT) or (not answer and part in form.values):
        terminal.tell(f"→ {_said(words, form, part)}")


def _said(words: Words, form: Form, part: Part) -> str:
    kept = form.office if part is Part.OFFICE else form.values.get(part)
    if part is Part.URGENT:
        return words("urgent") if kept == "y" else words("not urgent")
    return plain(" ".join(_shown(words, form, part, kept).split())) if kept else words(_LEFT.get(part, DASH))


def _shown(words: Words, form: Form, part: Part, kept: str) -> str:
    """What is kept, as people say it."""
    if part in CHOICES:
        title = form.book.titled(part.value, kept)
        return title.of(words.language) if title is not None else kept
    if part is Part.OFFICE:
        return f"{kept} {form.directory.title(kept).of(words.language)}"
    return kept


def _lay_out(terminal: Terminal, parts: Sequence[str]) -> None:
    for line in laid(parts, terminal.width):
        terminal.tell(line)


def laid(parts: Sequence[str], width: int) -> list[str]:
    """Beside each other, as many as fit into each line."""
    from complaint_sla.wording.width import cells_wide

    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and cells_wide(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return lines
