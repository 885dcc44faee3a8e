"""`doctor`: looks at everything that the program stands on, and says or draws what it found."""

import asyncio
import io
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from complaint_sla.cli.findings import (
    ABOUTS,
    Checkup,
    Finding,
    of_database,
    of_disk,
    of_error,
    of_outbox,
    of_people,
    of_rules,
    of_service,
)
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.errors import Error
from complaint_sla.mail.servers import without_user
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import wrapped

if TYPE_CHECKING:
    from complaint_sla.work.answers import Reply

# What is written into a file is read on a screen of this width.
FILE_WIDTH = 80


def examine(terminal: Terminal) -> Checkup:
    """Looks at everything, and goes on where one thing can't be looked at."""
    words, checkup = terminal.words, Checkup()
    try:
        # Without books nothing else can be opened.
        terminal.shelf, terminal.service  # noqa: B018
    except Error as problem:
        cure = words("Mend it, then: complaint-sla rules check")
        checkup.findings.append(of_error(terminal, "rules", problem, cure))
    else:
        _look_at_work(terminal, checkup)
    _look_at_mail(terminal, checkup)
    checkup.findings.sort(key=lambda finding: ABOUTS.index(finding.about))
    return checkup


def _look_at_work(terminal: Terminal, checkup: Checkup) -> None:
    from complaint_sla.wording.messages import reason
    from complaint_sla.work.vitals import vitals

    words = terminal.words
    try:
        desk = terminal.desk(writes=False)
        found = vitals(desk)
    except Error as problem:
        checkup.findings.append(of_error(terminal, "database", problem))
        return
    except Exception as problem:  # noqa: BLE001 - whatever the database holds, the rest is looked at
        why = reason(words, problem, terminal.zone)
        text = words("The database holds what can't be read: {problem}", problem=why)
        cure = words("See what is wrong: complaint-sla audit; bring back the last backup.")
        checkup.findings.append(Finding("database", wrong=True, text=text, cure=cure))
        return
    checkup.vitals = found
    checkup.findings += of_rules(terminal, desk, found)
    checkup.findings += of_database(terminal, desk, found)
    checkup.findings += of_service(terminal, desk, found)
    checkup.findings += of_outbox(terminal, found)
    checkup.findings += of_people(terminal, found)
    if desk.store.file is not None:
        _look_at_disk(terminal, checkup, "database", desk.store.file.parent)


def _look_at_disk(terminal: Terminal, checkup: Checkup, name: str, folder: Path) -> None:
    from complaint_sla.work.vitals import free_bytes

    try:
        free = free_bytes(folder)
    except OSError:
        # That it can't be reached is said by whoever needs what lies there.
        return
    checkup.free[name] = free
    checkup.findings.append(of_disk(terminal, folder, free))


def _look_at_mail(terminal: Terminal, checkup: Checkup) -> None:
    from complaint_sla.mail.servers import Security, SmtpServer, parse_mail_url
    from complaint_sla.work.answers import Answer

    words, settings = terminal.words, terminal.settings
    cure = words("Mend COMPLAINT_SLA_MAIL or its password, then: complaint-sla mail test EMAIL")
    try:
        password = settings.password.value if settings.password is not None else None
        target = parse_mail_url(settings.mail.value, password, settings.mail_from.value)
        reply = asyncio.run(_check(terminal))
    except Error as problem:
        checkup.findings.append(of_error(terminal, "mail", problem, cure))
        return
    if reply.answer is not Answer.ACCEPTED:
        said = plain(f"{reply.code or ''} {reply.text}".strip())
        checkup.findings.append(
            Finding("mail", wrong=True, text=words("Mail can't leave: {fault}", fault=said), cure=cure)
        )
    elif isinstance(target, SmtpServer):
        text = words("The mail server answers: {server}", server=target.host)
        checkup.findings.append(Finding("mail", wrong=False, text=text))
    else:
        text = words("Mail is written into the folder {folder}", folder=target)
        checkup.findings.append(Finding("mail", wrong=False, text=text))
    if isinstance(target, Path):
        _look_at_disk(terminal, checkup, "mail", target)
    elif target.security is Security.PLAIN and not target.is_loopback:
        checkup.findings.append(
            Finding(
                "mail",
                wrong=True,
                text=words("Mail travels without encryption, and everybody on the way can read it."),
                cure=words("Use smtp:// (STARTTLS) or smtps:// (TLS) in COMPLAINT_SLA_MAIL."),
            )
        )


async def _check(terminal: Terminal) -> "Reply":
    transport = terminal.transport()
    try:
        return await transport.check()
    finally:
        await transport.close()


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


def answer(terminal: Terminal, checkup: Checkup, form: str, output: Path | None) -> None:
    """Says what was found on stdout, or writes it into a file. Raises BadValue (`missing-extra`, `file-unwritable`)."""
    if form == "text" and output is None:
        _draw(terminal, terminal.console, checkup)
        return
    if form == "text":
        page = io.StringIO()
        _draw(terminal, Console(file=page, width=FILE_WIDTH, highlight=False), checkup)
        content = page.getvalue()
    elif form == "json":
        content = terminal.json_text(_as_json(terminal, checkup)) + "\n"
    else:
        from complaint_sla.cli.metrics import exposition

        content = exposition(checkup, terminal)
    if output is None:
        print(content, end="")
    else:
        terminal.write_file(output, content)


def _as_json(terminal: Terminal, checkup: Checkup) -> dict[str, Any]:
    return {
        "settings": in_force(terminal),
        "findings": checkup.findings,
        "figures": checkup.vitals,
        "free_bytes": checkup.free,
    }


def _draw(terminal: Terminal, console: Console, checkup: Checkup) -> None:
    words = terminal.words
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for _ in range(3):
        # What is to be copied is never cut off.
        table.add_column(overflow="fold")
    for name, one in in_force(terminal).items():
        source = words("default") if one["source"] == "default" else one["source"]
        table.add_row(name, Text(plain(str(one["value"]))), Text(source, style="dim"))
    console.print(table)
    console.print()
    for finding, following in zip_longest(checkup.findings, checkup.findings[1:]):
        # What one thing cures is said once.
        cure = finding.cure if following is None or following.cure != finding.cure else ""
        for line in _lines(finding, cure, console.width):
            console.print(line, soft_wrap=True)
    console.print()
    wrong = checkup.wrong
    last = (
        words.plural("{n} thing needs attention.", "{n} things need attention.", wrong)
        if wrong
        else words("All is well.")
    )
    console.print(Text(last))


def _lines(finding: Finding, cure: str, width: int) -> Iterator[Text]:
    """A finding under its mark, then its cure: broken at spaces, since a screen cuts Thai in the middle of words."""
    mark, style = ("✗", "bold red") if finding.wrong else ("!", "yellow") if finding.cure else ("✓", "green")
    for paragraph in plain(finding.text, keep="\n").split("\n"):
        for line in wrapped(paragraph, width - 2):
            yield Text.assemble((mark, style), " ", line)
            mark = " "
    arrow = "→"
    for line in wrapped(cure, width - 4) if cure else ():
        yield Text(f"  {arrow} {line}")
        arrow = " "
