"""What commands say when they are done: a line or two for a person, the contract's JSON for a program."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from complaint_sla import contract
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from complaint_sla.core.masking import masked_text
from complaint_sla.wording import N_
from complaint_sla.wording.matters import matter
from complaint_sla.wording.screening import plain
from complaint_sla.work.desk import Desk
from complaint_sla.work.health.findings import silence

if TYPE_CHECKING:
    from complaint_sla.store.logins import Elsewhere

    # Each is made by the command that tells of it, and not every command imports all of them.
    from complaint_sla.work.complaints.log import Logged
    from complaint_sla.work.complaints.view import ComplaintView

# With a date of the usual length they fit into eighty columns.
SILENT = {
    "deliver": N_("Warning: no e-mail has gone out since {when} → complaint-sla doctor"),
    "sweep": N_("Warning: no alert has been raised since {when} → complaint-sla doctor"),
    "clock": N_("Warning: a clock is wrong: it told {when} → complaint-sla doctor"),
    "leapt": N_("Warning: the clock leapt on {when} → complaint-sla doctor"),
}
SILENT_BECAUSE = N_("Warning: no e-mail has gone out since {when}: {why} → complaint-sla doctor")

# On a very narrow screen lines break rather than lose the subject.
NARROWEST_SUBJECT = 12

Choice = TypeVar("Choice", bound=StrEnum)


def choice(value: str, kinds: type[Choice], name: str) -> Choice:
    """One of a few words. Raises BadValue (`unknown-choice`) naming them."""
    try:
        return kinds(value)
    except ValueError:
        raise BadValue(
            "unknown-choice", name=name, value=value, known=[kind.value for kind in kinds]
        ) from None


def one_of(value: str, known: Sequence[str], name: str) -> None:
    """Raises BadValue (`unknown-choice`) for a word that is none of them."""
    if value not in known:
        raise BadValue("unknown-choice", name=name, value=value, known=known)


def logged(
    terminal: Terminal, desk: Desk, result: "Logged", *, json: bool, shown_before: bool = False
) -> None:
    """`shown_before`: the customer's other complaints were on the screen while the call was taken."""
    words, found = terminal.words, result.complaint
    titles = desk.shelf.titles(found.rule_book)
    if json:
        terminal.answer_json(contract.logged(result, terminal.zone))
    else:
        if result.known and not found.is_open:
            terminal.answer(
                "Logged before, as {number} ({status}).", number=found.number, status=words(found.status)
            )
            return
        if result.known:
            terminal.answer("Logged before, as:")
        terminal.answer(
            "{number}  due {day} ({left})",
            number=found.number,
            day=words.long_day(found.due_on),
            left=words.time_left(found.due_on, desk.today),
        )
        terminal.answer("Tell the customer: {number}", number=fields.spoken(found.number))
        terminal.answer(
            "Rule: {rule}, {days} days, of {book}",
            rule=titles.of("rule", found.rule).of(words.language),
            days=found.days,
            book=found.rule_book,
        )
        if not shown_before:
            same_customer(terminal, desk, result.same_customer)
    if result.all_silent:
        terminal.remark(
            "Warning: nobody would be alerted. Add a supervisor: complaint-sla staff add EMAIL --name NAME "
            "--office {office} --role supervisor",
            office=found.office,
        )
    elif result.silent_stages:
        names = [titles.of("stage", key).of(words.language) for key in result.silent_stages]
        terminal.remark("Warning: nobody would hear of: {stages}", stages=", ".join(names))


def same_customer(terminal: Terminal, desk: Desk, same: "Sequence[ComplaintView]") -> None:
    """The open complaints of the customer on the line, so that the same matter is not logged twice."""
    if not same:
        return
    words = terminal.words
    terminal.tell(
        words.plural("Open complaint of this customer:", "Open complaints of this customer ({n}):", len(same))
    )
    for one in same[:5]:
        left = words.time_left(one.due_on, desk.today)
        terminal.tell(terminal.cut(f"  {one.number}  {left}  {plain(one.subject)}"))


def elsewhere(terminal: Terminal, found: "Sequence[Elsewhere]") -> None:
    """What offices that one does not see have of the same: who is there can be asked."""
    for one in found:
        terminal.remark("At another office: {number}, {office}", number=one.number, office=one.office)


def about(terminal: Terminal, found: "ComplaintView", customer: str | None = None, said: str = "") -> str:
    """`C-6911-00030 subject · customer: what is said of it`; at a terminal the subject is cut to what a line has room for."""
    if not found.subject:
        erased = f"{found.number} ({terminal.words('erased')})"
        return f"{erased}: {said}" if said else erased
    subject = " ".join(plain(found.subject).split())
    rest = "".join([f" · {plain(masked_text(customer))}" if customer else "", f": {said}" if said else ""])
    if sys.stdout.isatty():
        from complaint_sla.wording.width import cells_wide, cut

        room = terminal.width - cells_wide(f"{found.number} {rest}")
        subject = cut(subject, max(NARROWEST_SUBJECT, room))
    return f"{found.number} {subject}{rest}"


def changed(
    terminal: Terminal,
    desk: Desk,
    found: "ComplaintView",
    done: str,
    *,
    json: bool,
    customer: str | None = None,
) -> None:
    """A complaint after a change, with what was done to it."""
    if json:
        terminal.answer_json(found)
        return
    words = terminal.words
    said = about(terminal, found, customer, done)
    if not found.is_open:
        terminal.say(said)
        if not found.subject:
            # Its end was waited for, or it had been erased before.
            terminal.remark("{number}: who complained and in which words is erased.", number=found.number)
        return
    left = words.time_left(found.due_on, desk.today)
    due = words("due {day} ({left})", day=words.long_day(found.due_on), left=left)
    # On a screen a line of its own: beside it, nothing would be seen of the subject.
    terminal.say(f"{said}\n  {due}" if sys.stdout.isatty() else f"{said} · {due}")


def without_owner(terminal: Terminal, *found: "ComplaintView") -> None:
    """Nobody takes care of these any more: with the command that mends it."""
    numbers = " ".join(one.number for one in found if one.owner is None)
    if numbers:
        terminal.remark(
            "It has no owner now. Assign one: complaint-sla assign {number} EMAIL", number=numbers
        )


def done(terminal: Terminal, found: object, said: str, *, json: bool) -> None:
    """What came of it as JSON, or what was done in a sentence."""
    if json:
        terminal.answer_json(found)
    else:
        terminal.say(said)


def silent(terminal: Terminal, desk: Desk) -> None:
    """One line on stderr if the service has been silent for longer than is normal; else nothing."""
    try:
        found = silence(desk)
    except Exception:  # noqa: BLE001 - the answer has been given: nothing in this look may undo it
        return
    if found is not None:
        when = terminal.words.moment(found.since, terminal.zone)
        why = matter(terminal.words, found.answer)
        terminal.remark(SILENT_BECAUSE if why else SILENT[found.job], when=when, why=why)
