"""`doctor`: what is in force and from where, what is wrong or about to be, each with its cure."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.core.errors import Error
from complaint_sla.mail.servers import without_user
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.work.vitals import Vitals

# The service looks each minute; after ten without a look somebody must know.
LONGEST_SILENCE = timedelta(minutes=10)
# Mail that waits longer is not held up by a passing refusal.
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Finding:
    """Something looked at: whether it is wrong, what was found, and what to do about it."""

    about: str
    wrong: bool
    text: str
    cure: str = ""


def examine(terminal: Terminal) -> list[Finding]:
    """Looks at everything, and goes on where one thing can't be looked at."""
    words, findings = terminal.words, list[Finding]()
    try:
        books = ", ".join(book.id for book in terminal.shelf.books)
        findings.append(
            Finding("rules", wrong=False, text=words("Rule books in order: {books}", books=books))
        )
    except Error as problem:
        # Nothing else can be opened without them.
        return [Finding("rules", wrong=True, text=message(words, problem, None))]
    try:
        from complaint_sla.work.vitals import vitals

        desk = terminal.desk(writes=False)
        findings.append(
            Finding("database", wrong=False, text=words("Database reached: {url}", url=desk.store.shown_url))
        )
        found = vitals(desk)
        if found.changed_books:
            # They are in order by themselves, and still can't be used.
            del findings[0]
        findings += _of_work(terminal, found)
    except Error as problem:
        findings.append(Finding("database", wrong=True, text=message(words, problem, terminal.zone)))
    findings.append(asyncio.run(_of_mail(terminal)))
    return findings


def _of_work(terminal: Terminal, found: "Vitals") -> Iterator[Finding]:
    words, zone, now = terminal.words, terminal.zone, real_clock()
    beats = {beat.job: beat for beat in found.beats}
    cure = words("Start the service: complaint-sla run (or run --once from cron each minute).")
    for job in ("sweep", "deliver"):
        beat = beats.get(job)
        if beat is None or beat.succeeded_at is None:
            yield Finding(
                "service", wrong=True, text=words("`{job}` has never run to its end.", job=job), cure=cure
            )
        elif now - beat.succeeded_at > LONGEST_SILENCE:
            when = words.moment(beat.succeeded_at, zone)
            yield Finding(
                "service",
                wrong=True,
                text=words("`{job}` last ran to its end {when}.", job=job, when=when),
                cure=cure,
            )
        else:
            when = words.moment(beat.succeeded_at, zone)
            yield Finding(
                "service", wrong=False, text=words("`{job}` last ran to its end {when}.", job=job, when=when)
            )
        if beat is not None and beat.fault is not None:
            yield Finding(
                "mail",
                wrong=True,
                text=words("The last delivery was stopped: {fault}", fault=plain(beat.fault)),
                cure=words("Mend it, then: complaint-sla mail retry"),
            )
    yield from _of_outbox(terminal, found)
    yield from _of_people(terminal, found)
    for book in found.changed_books:
        yield Finding(
            "rules",
            wrong=True,
            text=words("The rule book {book} has been used, and its text has changed since.", book=book),
            cure=words("Undo the change, or give the new text another id and a later effective_from."),
        )


def _of_outbox(terminal: Terminal, found: "Vitals") -> Iterator[Finding]:
    words = terminal.words
    if found.oldest_pending_at is not None and terminal.now - found.oldest_pending_at > LONGEST_WAIT:
        yield Finding(
            "outbox",
            wrong=True,
            text=words(
                "{n} messages wait, the oldest since {when}.",
                n=found.pending,
                when=words.moment(found.oldest_pending_at, terminal.zone),
            ),
            cure=words("See why: complaint-sla mail list --failed"),
        )
    else:
        yield Finding("outbox", wrong=False, text=words("{n} messages wait.", n=found.pending))
    if found.refused:
        yield Finding(
            "outbox",
            wrong=True,
            text=words("{n} messages were refused for good.", n=found.refused),
            cure=words("See why: complaint-sla mail list --failed"),
        )


def _of_people(terminal: Terminal, found: "Vitals") -> Iterator[Finding]:
    words = terminal.words
    if not found.has_supervisor:
        yield Finding(
            "people",
            wrong=True,
            text=words("There is no supervisor and no manager: nobody would be alerted."),
            cure=words("Add one: complaint-sla staff add EMAIL --name NAME --office CODE --role supervisor"),
        )
    if found.unalertable:
        yield Finding(
            "people",
            wrong=True,
            text=words(
                "{n} alerts can reach nobody. Roles that nobody fills: {roles}",
                n=found.unalertable,
                roles=", ".join(_role(words, role) for role in found.unfilled_roles),
            ),
            cure=words("Fill them with `staff add` or `staff set`; what is owed is sent then."),
        )
    for address in found.failed_addresses:
        yield Finding(
            "people",
            wrong=True,
            text=words("The mail server knows no address {email}.", email=address),
            cure=words(
                "If it is right after all: complaint-sla staff set {email} --reachable", email=address
            ),
        )


def _role(words: Words, role: str) -> str:
    name, _, office = role.partition("@")
    return f"{words(name)}@{office}"


async def _of_mail(terminal: Terminal) -> Finding:
    from complaint_sla.mail.servers import Security, SmtpServer, parse_mail_url
    from complaint_sla.work.answers import Answer

    words = terminal.words
    try:
        settings = terminal.settings
        password = settings.password.value if settings.password is not None else None
        target = parse_mail_url(settings.mail.value, password, settings.mail_from.value)
        transport = terminal.transport()
        try:
            reply = await transport.check()
        finally:
            await transport.close()
    except Error as problem:
        return Finding("mail", wrong=True, text=message(words, problem, terminal.zone))
    if reply.answer is not Answer.ACCEPTED:
        said = plain(f"{reply.code or ''} {reply.text}".strip())
        return Finding("mail", wrong=True, text=words("Mail can't leave: {fault}", fault=said))
    if isinstance(target, SmtpServer) and target.security is Security.PLAIN and not target.is_loopback:
        return Finding(
            "mail",
            wrong=True,
            text=words("Mail travels without encryption, and everybody on the way can read it."),
            cure=words("Use smtp:// (STARTTLS) or smtps:// (TLS) in COMPLAINT_SLA_MAIL."),
        )
    if isinstance(target, Path):
        return Finding(
            "mail", wrong=False, text=words("Mail is written into the folder {folder}", folder=target)
        )
    return Finding("mail", wrong=False, text=words("The mail server answers: {server}", server=target.host))


def in_force(terminal: Terminal) -> dict[str, dict[str, Any]]:
    """Each setting with its value and its source; of the password only that there is one."""
    settings = terminal.settings
    shown = {
        "db": settings.db,
        "rules": settings.rules,
        "lang": settings.lang,
        "as": settings.actor,
        "mail": settings.mail,
        "mail_from": settings.mail_from,
    }
    values = {
        name: {"value": _shown(name, one.value), "source": one.source or "default"}
        for name, one in shown.items()
    }
    if settings.password is not None:
        values["mail_password"] = {"value": "***", "source": settings.password.source}
    return values


def _shown(name: str, value: str) -> str:
    """A setting without what may be a password: before the last @ of a URL, or among its parameters."""
    if name == "mail":
        return without_user(value)
    return without_user(value).partition("?")[0] if name == "db" and "://" in value else value


def draw(terminal: Terminal, findings: list[Finding]) -> None:
    words = terminal.words
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for _ in range(3):
        # What is to be copied is never cut off.
        table.add_column(overflow="fold")
    for name, one in in_force(terminal).items():
        source = words("default") if one["source"] == "default" else one["source"]
        table.add_row(name, Text(plain(str(one["value"]))), Text(source, style="dim"))
    terminal.console.print(table)
    terminal.say("")
    for finding in findings:
        mark, style = ("✗", "bold red") if finding.wrong else ("✓", "green")
        terminal.console.print(Text.assemble((mark, style), " ", finding.text))
        if finding.cure:
            terminal.say(f"  → {finding.cure}")
    wrong = sum(finding.wrong for finding in findings)
    terminal.say("")
    terminal.say(
        words.plural("{n} thing needs attention.", "{n} things need attention.", wrong)
        if wrong
        else words("All is well.")
    )
