"""`doctor`: looks at everything that the program stands on, and puts into words what `work/health` judges it to be.

A finding has its sentence and its cure in SENTENCES; how grave it is and when it is made stand in `work/health`.
"""

import asyncio
import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from typer import Option

from complaint_sla import contract
from complaint_sla.cli import answers, places, secrecy, tables
from complaint_sla.cli.cures import CURES, SENTENCES
from complaint_sla.cli.metrics import exposition
from complaint_sla.cli.options import AsJson, Output
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, BookRefused, DatabaseLocked, Error, ReadTakenBack
from complaint_sla.core.replies import Answer
from complaint_sla.mail.replies import is_about_login
from complaint_sla.mail.servers import Security, SmtpServer
from complaint_sla.mail.transports import closing
from complaint_sla.settings import PREFIX, load
from complaint_sla.wording import Words
from complaint_sla.wording.messages import reason
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import wrapped
from complaint_sla.work.health import findings as health
from complaint_sla.work.health.facts import Vitals, free_bytes, held, vitals
from complaint_sla.work.health.findings import Finding, Gravity

FORMS = ("text", "json", "prometheus")
# What is written into a file is read on a screen of this width.
FILE_WIDTH = 80
# As many offices as are named; whoever has 900 asks for the list itself.
MOST_NAMED = 10
# What is looked at although other settings are broken.
_STILL_READ = (f"{PREFIX}DB", f"{PREFIX}RULES")
MARKS = {Gravity.WRONG: ("✗", "bold red"), Gravity.HINT: ("!", "yellow"), Gravity.WELL: ("✓", "green")}


@dataclass
class Checkup:
    """What was found, and the figures behind it. `vitals` is None if the database could not be looked at.

    `free` is what is free (bytes) on the disk of the `database`, if that is a file, and of the folder of `mail`. Where
    settings `are_broken`, nothing is known of those that come from nowhere.
    """

    findings: list[Finding] = field(default_factory=list)
    vitals: Vitals | None = None
    free: dict[str, int] = field(default_factory=dict)
    exit_code: int = 1
    are_broken: bool = False

    @property
    def wrong(self) -> int:
        return sum(finding.gravity is Gravity.WRONG for finding in self.findings)


@dataclass(frozen=True)
class Told:
    """A finding in words, as the contract promises it."""

    about: str
    wrong: bool
    text: str
    cure: str


def register(app: Commands, words: Words) -> None:
    del words  # Its options are those of other commands.

    @app.command()
    def doctor(
        terminal: Terminal,
        form: Annotated[str | None, Option("--format", help="|".join(FORMS), metavar="FORM")] = None,
        output: Output = None,
        json: AsJson = False,
    ) -> None:
        if json and form not in (None, "json"):
            raise BadValue("one-of-two", one="--json", two=f"--format {form}")
        chosen = "json" if json else form or "text"
        answers.one_of(chosen, FORMS, "--format")
        terminal.output(output)
        found = examine(terminal)
        _answer(terminal, found, chosen, output)
        if found.wrong:
            raise typer.Exit(found.exit_code)


def examine(terminal: Terminal) -> Checkup:
    """Looks at everything, and goes on where one thing can't be looked at."""
    checkup = Checkup()
    _look_at_settings(terminal, checkup)
    if not checkup.are_broken or terminal.settings.db.source:
        _look_at_work(terminal, checkup)
    _look_at_drafts(terminal, checkup)
    if not checkup.are_broken:
        _look_at_mail(terminal, checkup)
    checkup.findings += (exposed := secrecy.look(terminal))
    checkup.findings += places.look(terminal, exposed)
    checkup.findings.sort(key=lambda finding: health.ABOUTS.index(finding.about))
    return checkup


def _look_at_settings(terminal: Terminal, checkup: Checkup) -> None:
    """Where they are broken, all that was named outright is still looked at: what a file would have set is not known."""
    try:
        terminal.settings  # noqa: B018 - read, to see whether they can be
    except Error as problem:
        checkup.are_broken = True
        checkup.findings.append(health.unusable("settings", problem))
        named = {name: os.environ[name] for name in _STILL_READ if os.environ.get(name, "").strip()}
        # An empty file sets nothing.
        environment = {**named, f"{PREFIX}CONFIG": os.devnull}
        options = {**terminal.options, "lang": terminal.words.language, "as": None}
        terminal.settings = load(options, environment, terminal.system_user.person)


def _look_at_work(terminal: Terminal, checkup: Checkup) -> None:
    try:
        desk = terminal.desk(writes=False)
        checkup.vitals = vitals(desk)
    except Error as problem:
        if isinstance(problem, ReadTakenBack) and terminal.may_begin_again:
            raise
        about = "rules" if isinstance(problem, BookRefused) else "database"
        # As every other command ends then.
        checkup.exit_code = problem.exit_code
        checkup.findings.append(health.unusable(about, problem))
        if isinstance(problem, DatabaseLocked):
            _look_for_holders(terminal, checkup)
        return
    except Exception as problem:  # noqa: BLE001 - whatever the database holds, the rest is looked at
        checkup.findings.append(health.wrong("database", "database-unreadable", problem=problem))
        return
    checkup.findings += health.findings(desk, checkup.vitals)
    if desk.standing.confined:
        terminal.remark(
            "You see the complaints of {office} and below: what is said of complaints is said of those.",
            office=desk.standing.office,
        )
    if desk.store.file is not None:
        _look_at_disk(checkup, "database", desk.store.file.parent)


def _look_for_holders(terminal: Terminal, checkup: Checkup) -> None:
    # Where even the opening has to wait, nobody can be asked who it is.
    with suppress(Error):
        checkup.findings += health.of_holders(held(terminal.opening.store), any_wait=True)


def _look_at_drafts(terminal: Terminal, checkup: Checkup) -> None:
    folder = terminal.settings.rules
    if not folder.source:
        return
    try:
        terminal.opening.drafts  # noqa: B018 - read, to see whether they can be published
    except Error as problem:
        checkup.findings.append(
            health.wrong("rules", "drafts-unusable", folder=plain(folder.value), problem=problem)
        )


def _look_at_disk(checkup: Checkup, name: str, folder: Path) -> None:
    try:
        free = free_bytes(folder)
    except OSError:
        # That it can't be reached is said by whoever needs what lies there.
        return
    checkup.free[name] = free
    checkup.findings.append(health.of_disk(str(folder), free))


def _look_at_mail(terminal: Terminal, checkup: Checkup) -> None:
    found = checkup.findings
    try:
        target = terminal.opening.mail
        transport = terminal.opening.transport()
        reply = asyncio.run(closing(transport, transport.check()))
    except Exception as problem:  # noqa: BLE001 - whatever it is, the rest is told
        found.append(_without_mail(problem))
        return
    # That it takes no more at the moment is no fault of it.
    if reply.flaw is not None and isinstance(target, SmtpServer):
        shown = {"server": target.host, "issuer": reply.issuer or None}
        found.append(health.wrong("mail", f"mail-{reply.flaw}", **shown))
    elif reply.is_late and isinstance(target, SmtpServer):
        # Letters wait for it longer than somebody at a terminal; that they don't leave is told by those who carry them.
        found.append(health.hint("mail", "mail-slow", server=target.host, seconds=int(target.patience.check)))
    elif reply.answer not in (Answer.ACCEPTED, Answer.LIMIT):
        fault = f"{reply.code or ''} {reply.text}".strip()
        is_theirs = reply.code is not None and not is_about_login(reply.code)
        found.append(health.wrong("mail", "mail-turned-away" if is_theirs else "mail-stuck", fault=fault))
    elif isinstance(target, SmtpServer):
        found.append(health.well("mail", "mail-answers", server=target.host))
    elif terminal.settings.mail.source or not _is_real(checkup, terminal):
        found.append(health.well("mail", "mail-folder", folder=str(target)))
    else:
        # The record calls it sent, and whoever has just begun has not decided yet.
        found.append(health.hint("mail", "mail-kept-here", folder=str(target)))
    if isinstance(target, Path):
        _look_at_disk(checkup, "mail", target)
    elif target.security is Security.PLAIN and not target.is_loopback:
        found.append(health.wrong("mail", "mail-plain"))


def _is_real(checkup: Checkup, terminal: Terminal) -> bool:
    """Whether people rely on what is in the database, as far as it could be looked at."""
    return checkup.vitals is not None and not terminal.opening.store.is_rehearsal


def _without_mail(problem: Exception) -> Finding:
    """Why it could not be tried whether mail can leave."""
    key = problem.key if isinstance(problem, Error) else ""
    if key == "password-file-closed":
        # Of whoever works beside the service the password is kept, as it should be.
        return health.hint("mail", "mail-untried", problem=problem)
    # What is set comes up late where it is read only when mail is to be sent.
    return health.unusable("settings" if key == "password-file-unreadable" else "mail", problem)


def _told(terminal: Terminal, finding: Finding) -> Told:
    text, cure = SENTENCES[finding.key]
    problem = finding.values.get("problem")
    if isinstance(problem, Error):
        cure = CURES.get(problem.key, cure)
    shown = {name: _shown(terminal, name, value) for name, value in finding.values.items()}
    # A cure is typed: what stands in it stands as commands take it.
    typed = {name: _typed(terminal, value) for name, value in finding.values.items()}
    return Told(
        finding.about,
        finding.gravity is Gravity.WRONG,
        terminal.words(text, **shown),
        terminal.words(cure, **typed) if cure else "",
    )


def _typed(terminal: Terminal, value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Quarter():
            return f"{value.number}/{terminal.words.year(value.year)}"
    return value


def _shown(terminal: Terminal, name: str, value: object) -> str:  # noqa: PLR0911 - one for each kind of value
    words = terminal.words
    match value:
        case Exception():
            return reason(words, value, terminal.known_zone)
        case datetime():
            return words.moment(value, terminal.zone)
        case date():
            return words.day(value)
        case float():
            return f"{value:,.1f}"
        case tuple():
            named = [_shown(terminal, "", one) for one in value[:MOST_NAMED]]
            return ", ".join([*named, *(["…"] if len(value) > MOST_NAMED else [])])
        case Quarter():
            return words.quarter(value)
        case None:
            return "–"
        case str() if name == "role":
            role, _, office = value.partition("@")
            return f"{words(role)}@{office}"
    return plain(str(value))


def _answer(terminal: Terminal, checkup: Checkup, form: str, output: Path | None) -> None:
    """Says what was found on stdout, or writes it into a file. Raises BadValue (`missing-extra`, `file-unwritable`)."""
    if form == "text" and output is None:
        _draw(terminal, terminal.console, checkup)
        return
    if form == "text":
        page = io.StringIO()
        _draw(terminal, Console(file=page, width=FILE_WIDTH, highlight=False), checkup)
        content = page.getvalue()
    elif form == "json":
        told = [_told(terminal, finding) for finding in checkup.findings]
        data = contract.examined(terminal.settings, told, checkup.vitals, checkup.free)
        data["settings"] = _in_force(terminal, checkup)
        content = terminal.json_text(data) + "\n"
    else:
        # Where books can't be used, --now can't be read either; then nothing is measured by it.
        now = real_clock() if checkup.vitals is None else terminal.now
        content = exposition(checkup.findings, checkup.vitals, checkup.free, now, real_clock())
    if output is None:
        terminal.say_text(content)
    else:
        # Whoever collects figures is another user.
        terminal.write_file(output, content, private=False)


def _in_force(terminal: Terminal, checkup: Checkup) -> dict[str, dict[str, str]]:
    """The settings; of broken ones those that were named outright."""
    found = contract.in_force(terminal.settings)
    return {name: one for name, one in found.items() if not checkup.are_broken or one["source"] != "default"}


def _draw(terminal: Terminal, console: Console, checkup: Checkup) -> None:
    words = terminal.words
    table = tables.grid()
    for _ in range(3):
        # What is to be copied is never cut off.
        table.add_column(overflow="fold")
    for name, one in _in_force(terminal, checkup).items():
        source = words("default") if one["source"] == "default" else one["source"]
        table.add_row(name, Text(plain(one["value"])), Text(source, style="dim"))
    console.print(table)
    console.print()
    told = [(finding, _told(terminal, finding)) for finding in checkup.findings]
    for (finding, said), following in zip_longest(told, told[1:]):
        # What one thing cures is said once.
        cure = said.cure if following is None or following[1].cure != said.cure else ""
        for line in _lines(finding.gravity, said.text, cure, console.width):
            console.print(line, soft_wrap=True)
    console.print()
    wrong = checkup.wrong
    last = (
        words.plural("{n} thing needs attention.", "{n} things need attention.", wrong)
        if wrong
        else words("All is well.")
    )
    console.print(Text(last))


def _lines(gravity: Gravity, text: str, cure: str, width: int) -> Iterator[Text]:
    """A finding under its mark, then its cure: broken at spaces, since a screen cuts Thai in the middle of words."""
    mark, style = MARKS[gravity]
    for paragraph in plain(text, keep="\n").split("\n"):
        for line in wrapped(paragraph, width - 2):
            yield Text.assemble((mark, style), " ", line)
            mark = " "
    arrow = "→"
    for line in wrapped(cure, width - 4) if cure else ():
        yield Text(f"  {arrow} {line}")
        arrow = " "
