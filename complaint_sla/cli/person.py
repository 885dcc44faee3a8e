"""Commands for a person's rights (PDPA, sections 30 and 33), and for how long complaints tell of anybody (37)."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli import answers
from complaint_sla.cli.options import AsJson, Number
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue, NotFound
from complaint_sla.core.masking import masked
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain
from complaint_sla.work.complaints import erase as erasing
from complaint_sla.work.complaints.erase import By, Copies, Erased

if TYPE_CHECKING:
    from complaint_sla.work.desk import Desk
    from complaint_sla.work.person.access import Found, Held

# More complaints of one person, or kept for too long, than anybody reads; JSON has all.
MOST_SHOWN = 200

Phone = Annotated[str | None, Option(help=N_("by telephone"), metavar="TEXT")]
Account = Annotated[str | None, Option(help=N_("by contract account (CA)"), metavar="TEXT")]
Email = Annotated[str | None, Option(help=N_("by e-mail"), metavar="TEXT")]
Name = Annotated[str | None, Option(help=N_("by the whole name"), metavar="TEXT")]
ErasureReason = Annotated[str, Option(help=N_("why; it is kept, so name nobody"), metavar="TEXT")]


def register(app: Commands, words: Words) -> None:
    app.add_typer(_person(words), name="person")

    @app.command()
    def erase(
        terminal: Terminal,
        number: Number,
        reason: ErasureReason,
        at_end: Annotated[bool, Option("--at-end", help=words("if it is open, once it has ended"))] = False,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        done = erasing.erase(desk, number, reason, at_end=at_end)
        if json:
            terminal.answer_json(contract.erased_one(done, terminal.zone))
        else:
            _tell_erased(terminal, desk, done)

    @app.command()
    def retention(
        terminal: Terminal,
        dry_run: Annotated[
            bool, Option("--dry-run", help=words("only say what would be erased, and when"))
        ] = False,
        until: Annotated[
            str | None, Option(help=words("with --dry-run: all that goes up to a day"), metavar="DAY")
        ] = None,
        json: AsJson = False,
    ) -> None:
        from complaint_sla.cli import clockwork
        from complaint_sla.core.calendars import midnight
        from complaint_sla.work.person import retention as keeping

        if until is not None and not dry_run:
            raise BadValue("until-without-dry-run")
        desk = terminal.desk(writes=not dry_run)
        settings = desk.service.retention
        if settings is None and not json:
            terminal.answer(
                "Nothing is erased by itself: no years are set under [retention] in rules/service.toml."
            )
            return
        if not dry_run:
            clockwork.require_right(terminal, desk, confirmed=False)
            count = 0
            while more := keeping.erase_due(desk):
                count += more
            said = words.plural("{n} complaint erased.", "{n} complaints erased.", count)
            answers.done(terminal, {"erased": count}, said, json=json)
            return
        later = desk if until is None else desk.at(midnight(terminal.day(until), desk.zone))
        listed = keeping.due(later)
        if json:
            terminal.answer_json(contract.kept(listed, terminal.zone))
            return
        terminal.say(words.plural("{n} complaint would go.", "{n} complaints would go.", len(listed)))
        for one in listed[:MOST_SHOWN]:
            terminal.answer(
                "  {number}  ended {ended}, goes {day}",
                number=one.complaint.number,
                ended=words.day(one.ended_on),
                day=words.day(max(one.goes_on, desk.today)),
            )
        _tell_more(terminal, len(listed))


def _person(words: Words) -> Commands:
    app = Commands()

    @app.command(help=words("What is held of a person: each complaint, and what it holds."))
    def show(
        terminal: Terminal,
        phone: Phone = None,
        account: Account = None,
        email: Email = None,
        name: Name = None,
        json: AsJson = False,
    ) -> None:
        from complaint_sla.work.person import access

        who = access.person({"phone": phone, "account": account, "email": email, "name": name})
        found = access.show(terminal.desk(writes=True), who)
        if json:
            terminal.answer_json(contract.person(found, terminal.zone))
        else:
            _list(terminal, found)

    @app.command(help=words("Write all that is held of a person to a sheet: the answer to their request."))
    def export(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("the sheet: .csv, .xlsx or .jsonl"), metavar="FILE")],
        phone: Phone = None,
        account: Account = None,
        email: Email = None,
        name: Name = None,
        json: AsJson = False,
    ) -> None:
        from complaint_sla.work.person import access

        who = access.person({"phone": phone, "account": account, "email": email, "name": name})
        terminal.output(file)
        count = access.export(terminal.desk(writes=True), who, file)
        terminal.has_acted = True
        said = words.plural("{n} complaint written.", "{n} complaints written.", count)
        answers.done(terminal, contract.exported(count, file), said, json=json)

    @app.command(
        help=words(
            "Erase a person from all complaints, after they were listed: from what has ended at once, from what is open "
            "once it has ended."
        )
    )
    def erase(
        terminal: Terminal,
        reason: ErasureReason,
        phone: Phone = None,
        account: Account = None,
        email: Email = None,
        name: Name = None,
        yes: Annotated[bool, Option("--yes", help=words("don't ask"))] = False,
        json: AsJson = False,
    ) -> None:
        from complaint_sla.work.person import access

        who = access.person({"phone": phone, "account": account, "email": email, "name": name})
        desk = terminal.desk(writes=True)
        found = access.find(desk, who)
        if not json:
            _list(terminal, found)
        if not found.held and not found.requests:
            raise NotFound("nobody-held", by=f"--{who.by}")
        if not yes:
            _ask(terminal, can_ask=terminal.can_ask and not json)
        requests = access.erase_requests(desk, who) if found.requests else 0
        done = erasing.erase_all(desk, found.numbers, reason, By.PERSON)
        if json:
            terminal.answer_json({**contract.erased(done, terminal.zone), "requests": requests})
            return
        if requests:
            terminal.say(
                words.plural(
                    "{n} finished request tells of nobody any more.",
                    "{n} finished requests tell of nobody any more.",
                    requests,
                )
            )
        if found.held:
            _tell_erased(terminal, desk, done)

    return app


def _ask(terminal: Terminal, *, can_ask: bool) -> None:
    """Goes on only if somebody says yes. Raises BadValue (`erase-unasked`)."""
    if not can_ask:
        raise BadValue("erase-unasked")
    from complaint_sla.cli import asking

    if not asking.yes(terminal, terminal.words("Erase them for good? (y/n, Enter: no)")):
        terminal.remark("Nothing was erased.")
        raise typer.Exit(1)


def _list(terminal: Terminal, found: "Found") -> None:
    """Two lines a complaint."""
    words = terminal.words
    count = len(found.held)
    terminal.say(
        words.plural("Held of this person: {n} complaint", "Held of this person: {n} complaints", count)
    )
    for one in found.held[:MOST_SHOWN]:
        complaint = one.complaint
        parts = (
            complaint.number,
            complaint.office,
            words(complaint.status),
            words.day(complaint.received_at.astimezone(terminal.zone).date()),
            plain(complaint.subject),
        )
        terminal.say(terminal.cut("  " + "  ".join(parts)))
        terminal.say(f"      {_holds(words, one)}")
    _tell_more(terminal, count)
    for request in found.requests[:MOST_SHOWN]:
        who = [
            part for part in masked({"customer": request.customer, "phone": request.phone}).values() if part
        ]
        said = (
            words("finished request {reference}", reference=request.reference),
            request.office,
            words.day(request.finished_on),
            *who,
        )
        terminal.say(terminal.cut("  " + "  ".join(map(plain, said))))
    if found.like:
        names = (f"{plain(name)} ({count})" for name, count in found.like)
        terminal.remark("Names that are like it, and were not meant: {names}", names=", ".join(names))


def _holds(words: Words, one: "Held") -> str:
    who = [part for part in masked(vars(one.customer)).values() if part]
    counts = [words.plural("{n} text", "{n} texts", one.texts)]
    if one.letters:
        counts.append(words.plural("{n} letter", "{n} letters", one.letters))
    if one.erase_at_end:
        counts.append(words("to be erased at its end"))
    return " · ".join([*map(plain, who), *counts])


def _tell_more(terminal: Terminal, count: int) -> None:
    if count > MOST_SHOWN:
        terminal.remark("… and {n} more.", n=count - MOST_SHOWN)


def _tell_erased(terminal: Terminal, desk: "Desk", done: Erased) -> None:
    for one in done.erased:
        terminal.answer("{number}: who complained and in which words is erased.", number=one.number)
    for one in done.marked:
        terminal.answer("{number} is open: who complained is erased once it has ended.", number=one.number)
    if not done.erased:
        if not done.marked:
            terminal.answer("It is all noted or erased already.")
        return
    for line in _copies(terminal, done.copies):
        terminal.tell(line)
    if desk.store.is_postgresql:
        terminal.remark(
            "PostgreSQL's files hold the words until its owner runs: {statement}. Its write-ahead log, the archives of "
            "that, base backups and standbys hold them for as long as they are kept.",
            statement=desk.store.CLEARING,
        )


def _copies(terminal: Terminal, copies: Copies) -> Iterable[str]:
    """What else holds the words, a line each."""
    words = terminal.words
    if copies.emptied:
        yield words.plural(
            "{n} letter in the mail folder named it, and says nothing any more.",
            "{n} letters in the mail folder named it, and say nothing any more.",
            copies.emptied,
        )
    if copies.sent:
        yield words.plural(
            "{n} letter with it was sent and can't be called back; daily summaries may have named it, too.",
            "{n} letters with it were sent and can't be called back; daily summaries may have named it, too.",
            copies.sent,
        )
    yield words("Backups made before still hold it: keep them no longer than you must.")
    for many, last, text in (
        (copies.backups, copies.last_backup_at, N_("Backups since it was logged: {n}, the last {when}.")),
        (
            copies.exports,
            copies.last_export_at,
            N_("Exports since it was logged: {n}, the last {when}; whoever has the file has the words."),
        ),
    ):
        if last is not None:
            yield words(text, n=many, when=words.moment(last, terminal.zone))
    if copies.ids:
        yield words(
            "Of {numbers} the number that another system gave stays in the first event: an older release wrote it where "
            "the chain covers it, and without it nothing of the complaint could be proved.",
            numbers=", ".join(copies.ids),
        )
