"""The command that puts right what was typed wrongly; at a terminal each old value stands in a line to be edited."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from typer import Option

from complaint_sla import contract
from complaint_sla.cli.options import AsJson, Channel, Number
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.corrections import FIELDS
from complaint_sla.core.errors import Error
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.keyboard import digits, latin, number_in
from complaint_sla.core.masking import masked, masked_text
from complaint_sla.wording import N_, Words
from complaint_sla.wording import corrections as said
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work import journal
from complaint_sla.work.complaints import correct as correcting
from complaint_sla.work.complaints.correct import AsItStands, Corrected
from complaint_sla.work.desk import Desk

if TYPE_CHECKING:
    from complaint_sla.cli.line import Line

_FIRST = N_("Number to correct (Enter: none)")
_OPTIONAL = N_("{what}; '' takes it away")


def register(app: Commands, words: Words) -> None:
    panel = {"metavar": "TEXT"}

    def optional(what: str) -> str:
        return words(_OPTIONAL, what=what)

    @app.command()
    def correct(
        terminal: Terminal,
        number: Number,
        subject: Annotated[str | None, Option(help=words("in one line"), **panel)] = None,
        detail: Annotated[str | None, Option(help=optional(words("at length")), **panel)] = None,
        customer: Annotated[str | None, Option(help=optional(words("the customer's name")), **panel)] = None,
        phone: Annotated[str | None, Option(help=optional(words("9 or 10 digits")), **panel)] = None,
        account: Annotated[
            str | None, Option(help=optional(words("contract account (CA), 12 digits")), **panel)
        ] = None,
        email: Annotated[str | None, Option(help=optional(words("the customer's e-mail")), **panel)] = None,
        channel: Channel = None,
        external_id: Annotated[str | None, Option(help=optional(words("its id elsewhere")), **panel)] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        options = {
            "subject": subject,
            "detail": detail,
            "customer": customer,
            "phone": phone,
            "account": account,
            "email": email,
            "channel": channel,
            "external_id": external_id,
        }
        given = {name: text for name, text in options.items() if text is not None}
        if given or json or not terminal.can_ask:
            tell(terminal, desk, correcting.correct(desk, number, given), json=json)
        else:
            at_terminal(terminal, desk, number)


def tell(terminal: Terminal, desk: Desk, found: Corrected, *, json: bool = False) -> None:
    """Whose complaint it is, and a line for each field."""
    if json:
        terminal.answer_json(contract.corrected(found, terminal.zone))
        return
    complaint, titles = found.complaint, desk.shelf.titles(found.complaint.rule_book)
    whose = " · ".join(plain(masked_text(one)) for one in (complaint.subject, found.customer) if one)
    lines = [f"  {said.done(terminal.words, titles, one)}" for one in found.corrections]
    terminal.say("\n".join([f"{complaint.number} {whose}", *lines]))


def at_terminal(terminal: Terminal, desk: Desk, number: str) -> Corrected | None:
    """Asks by its number which value is wrong, and lets it be edited, until Enter; None where nothing was changed.

    What is refused at the end stays typed. Raises NotFound, NotPossible (`words-erased`), KeyboardInterrupt.
    """
    from complaint_sla.cli.line import Line, forget_typed_ahead

    line = Line()
    typed: dict[str, str] = {}
    standing = correcting.as_it_stands(desk, number)
    try:
        while True:
            field = _asked(terminal, line, desk, standing, typed)
            if field is not None:
                value = _edited(terminal, line, desk, standing, field, typed)
                typed[field] = value
                if value == (standing.said[field] or ""):
                    # As it was.
                    del typed[field]
                continue
            if not typed:
                terminal.remark("Nothing was changed.")
                return None
            try:
                found = correcting.correct(desk, number, typed, standing.said)
            except Error as problem:
                terminal.tell(message(terminal.words, problem, terminal.zone))
                standing = correcting.as_it_stands(desk, number)
            else:
                tell(terminal, desk, found)
                return found
    except (EOFError, KeyboardInterrupt):
        terminal.tell("")
        terminal.remark("Nothing was changed.")
        raise KeyboardInterrupt from None
    finally:
        forget_typed_ahead()


def _asked(
    terminal: Terminal, line: "Line", desk: Desk, standing: AsItStands, typed: Mapping[str, str]
) -> str | None:
    """The field that is to be edited; None where there is no more."""
    from complaint_sla.wording.width import cells_wide, padded

    words, titles = terminal.words, desk.shelf.titles(standing.book.id)
    labels = [words(said.FIELDS[field]) for field in FIELDS]
    width = max(map(cells_wide, labels))
    terminal.tell(standing.number)
    for number, (field, label) in enumerate(zip(FIELDS, labels, strict=True), 1):
        value = typed[field] if field in typed else standing.said[field]
        shown = said.shown(words, titles, field, value or None, contact=False)
        mark = "*" if field in typed else " "
        terminal.tell(terminal.cut(f"{mark}{number} {padded(label, width)}  {shown}"))
    title = words("Number to correct (Enter: save)") if typed else words(_FIRST)
    while True:
        answer = digits(line.ask(title))
        if not answer:
            return None
        if answer in {str(number) for number in range(1, len(FIELDS) + 1)}:
            return FIELDS[int(answer) - 1]
        terminal.remark(
            "{value} is none of them: type a number from 1 to {n}.", value=plain(answer), n=len(FIELDS)
        )


def _edited(
    terminal: Terminal, line: "Line", desk: Desk, standing: AsItStands, field: str, typed: Mapping[str, str]
) -> str:
    """The value, in its regular form, that was made of the one that stands; asked again until it has one."""
    from complaint_sla.cli.asking import BACK

    words = terminal.words
    kept = old = typed[field] if field in typed else standing.said[field] or ""
    if field == "channel":
        old = desk.shelf.titles(standing.book.id).of(field, old).of(words.language)
    elif field not in typed and masked({field: old})[field] != old:
        # Contact details stand there in full, in a text as well.
        journal.note(desk, JournalKind.CONTACT_READ, {"number": standing.number})
    while True:
        answer = line.ask(words(said.FIELDS[field]), old)
        if latin(answer) == BACK:
            return kept
        if field in ("phone", "account"):
            answer = digits(answer)
        elif field == "channel":
            answer = str(number_in(answer, len(standing.book.channels)) or answer)
        try:
            return standing.regular(field, answer) or ""
        except Error as problem:
            terminal.tell(message(words, problem, terminal.zone))
            # Of what has ended no other channel is taken, and what else was typed must not be lost for it.
            terminal.remark("A single < leaves it as it was.")
            old = answer
