"""Asking for what `log` was not told, while the customer is on the telephone: few keys, the choices in sight."""

from collections.abc import Callable, Sequence

import typer

from complaint_sla.cli.answers import same_customer
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import fields
from complaint_sla.core.errors import Error
from complaint_sla.core.rulebook import Book, Term
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work import offices
from complaint_sla.work.complaints import look
from complaint_sla.work.desk import Desk


def complete(
    terminal: Terminal, desk: Desk, book: Book, given: dict[str, str | None], urgent: bool | None
) -> tuple[dict[str, str | None], bool]:
    """What was given, with the answers for the rest; open complaints of the same customer are shown on the way."""
    words, answers = terminal.words, dict(given)
    if answers["phone"] is None and answers["account"] is None:
        answers["phone"] = _text(terminal, words("Telephone (Enter: none)"), fields.phone, optional=True)
        if answers["phone"] is None:
            answers["account"] = _text(
                terminal, words("Contract account, CA (Enter: none)"), fields.account, optional=True
            )
    phone, account = answers["phone"], answers["account"]
    same = look.open_of_customer(
        desk, fields.phone(phone) if phone else None, fields.account(account) if account else None
    )
    same_customer(terminal, desk, same)
    if answers["customer"] is None:
        answers["customer"] = _text(
            terminal,
            words("Customer's name (Enter: none)"),
            lambda text: fields.line("customer", text, 200),
            optional=True,
        )
    if not answers["group"]:
        answers["group"] = _choice(terminal, words("Customer group"), book.groups)
    if urgent is None:
        urgent = yes(terminal, words("Important and urgent? (y/n, Enter: no)"))
    if not answers["channel"]:
        answers["channel"] = _choice(terminal, words("Channel"), book.channels)
    if not answers["category"]:
        answers["category"] = _choice(terminal, words("Complaint category"), book.categories)
    if not answers["subject"]:
        answers["subject"] = _text(terminal, words("Subject"), lambda text: fields.line("subject", text))
    if answers["office"] is None:
        answers["office"] = office(terminal, desk)
    return answers, urgent


def office(terminal: Terminal, desk: Desk) -> str | None:
    """The code of the office, only where it isn't clear without asking."""
    known = offices.list_offices(desk)
    if len(known) == 1 or offices.works_at(desk) is not None:
        return None
    terms = [
        (office.code, office.name_th if terminal.words.language == "th" else office.name_en)
        for office in known
    ]
    return _pick(terminal, terminal.words("Office"), terms)


def _choice(terminal: Terminal, title: str, terms: Sequence[Term]) -> str:
    return _pick(terminal, title, [(term.key, term.title.of(terminal.words.language)) for term in terms])


def _pick(terminal: Terminal, title: str, choices: Sequence[tuple[str, str]]) -> str:
    """One of the choices, by its number or its key."""
    from complaint_sla.wording.width import cells_wide, padded

    words = terminal.words
    terminal.tell(title)
    entries = [f"{number:3} {name}" for number, (_, name) in enumerate(choices, 1)]
    widest = max(map(cells_wide, entries)) + 3
    columns = max(1, min(3, terminal.width // widest)) if len(entries) > 6 else 1
    rows = -(-len(entries) // columns)
    for row in range(rows):
        line = [entries[position] for position in range(row, len(entries), rows)]
        terminal.tell("".join(padded(one, widest) for one in line).rstrip())
    while True:
        answer = _answer(words("Number or key")).lower()
        for number, (key, _) in enumerate(choices, 1):
            if answer in (str(number), key.lower()):
                return key
        # The beginning of a key, or a part of a title, will do where it can mean but one.
        meant = [
            key
            for key, name in choices
            if answer and (key.lower().startswith(answer) or answer in name.lower())
        ]
        if len(meant) == 1:
            return meant[0]
        if not answer:
            terminal.remark("This is needed.")
        elif meant:
            terminal.remark("{value} may mean: {keys}", value=plain(answer), keys=", ".join(meant))
        else:
            terminal.remark(
                "{value} is none of them: type a number from 1 to {n}.", value=plain(answer), n=len(choices)
            )


def _text(
    terminal: Terminal, title: str, regular: Callable[[str], str], *, optional: bool = False
) -> str | None:
    """A text in its regular form; asked again until it has one."""
    while True:
        answer = _answer(title)
        if optional and not answer:
            return None
        if not answer:
            terminal.remark("This is needed.")
            continue
        try:
            return regular(answer)
        except Error as problem:
            terminal.tell(message(terminal.words, problem, terminal.zone))


def yes(terminal: Terminal, title: str) -> bool:
    """Yes or no, in either language; Enter is no."""
    while True:
        answer = _answer(title).lower()
        if answer in ("", "n", "no", "ไม่", "ไม่ใช่"):
            return False
        if answer in ("y", "yes", "ใช่"):
            return True
        terminal.remark("{value} is neither yes nor no.", value=plain(answer))


def _answer(title: str) -> str:
    return str(typer.prompt(title, default="", show_default=False, err=True)).strip()
