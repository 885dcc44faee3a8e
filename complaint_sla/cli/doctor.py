"""`doctor`: looks at everything that the program stands on, and puts into words what `work/health` judges it to be.

A finding has its sentence and its cure in SENTENCES; how grave it is and when it is made stand in `work/health`.
"""

import asyncio
import io
import os
from collections.abc import Iterator, Mapping
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
from complaint_sla.cli import answers, clockwork, holders, places, secrecy, tables
from complaint_sla.cli.metrics import exposition
from complaint_sla.cli.options import AsJson, Output
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue, BookRefused, DatabaseLocked, Error
from complaint_sla.core.replies import Answer
from complaint_sla.mail.servers import Security, SmtpServer
from complaint_sla.mail.transports import closing
from complaint_sla.settings import PREFIX, load
from complaint_sla.wording import N_, Words
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
MARKS = {Gravity.WRONG: ("✗", "bold red"), Gravity.HINT: ("!", "yellow"), Gravity.WELL: ("✓", "green")}

_START = N_("Start the service: complaint-sla run (or run --once from cron each minute).")
_ADD = N_("Add one: complaint-sla staff add EMAIL --name NAME --office CODE --role {role}")
_SEE_FAILED = N_("See why: complaint-sla mail list --failed")
_SEE_REFUSED = N_("See why: complaint-sla mail list --failed; mend it, then: complaint-sla mail retry")
_MEND_MAIL = N_("Mend COMPLAINT_SLA_MAIL or its password, then: complaint-sla mail test EMAIL")
_RETRY = N_("Mend it, then: complaint-sla mail retry")
_AGAIN = N_("Mend it, then: complaint-sla run --once")
_SEE_DAMAGE = N_("See what is wrong with each: complaint-sla audit; bring back the last backup.")
_STOPPED = N_("`{job}` was stopped: {fault}")
_STOPPED_SINCE = N_("`{job}` has been stopped since {since}: {fault}")
_RAN = N_("`{job}` last ran {when}.")
_FREE = N_("Free on the disk of {folder}: {gigabytes} GB")
_END_SESSION = N_(
    "Let it finish, or end it as the server's administrator: SELECT pg_terminate_backend({pid})"
)
_NAME_DATABASE = N_("Name the right one with --db or COMPLAINT_SLA_DB.")

# Each finding by its key: what is said, and what to do about it.
SENTENCES: Mapping[str, tuple[str, str]] = {
    **clockwork.SENTENCES,
    **holders.SENTENCES,
    **secrecy.SENTENCES,
    **places.SENTENCES,
    "settings-unusable": ("{problem}", N_("Mend it where it is set; what it concerns was not looked at.")),
    "rules-unusable": ("{problem}", N_("Mend it, then: complaint-sla rules check")),
    "drafts-unusable": (
        N_("The files in {folder} can't be published; what was published before holds. {problem}"),
        N_("Mend it, then: complaint-sla rules publish"),
    ),
    "database-unusable": ("{problem}", ""),
    "mail-unusable": ("{problem}", _MEND_MAIL),
    "books-lost": (N_("Rule books that are in force and can't be read: {names}"), _SEE_DAMAGE),
    "books-in-order": (N_("Rule books in force: {books}"), ""),
    "no-book-in-force": (
        N_("No rule book is in force today: the first begins on {day}."),
        N_("Let it begin earlier, or put the book that holds today into the folder."),
    ),
    "book-to-come": (N_("From {day} on: {book}"), ""),
    "report-for-nobody": (
        N_("rules/service.toml orders reports of {office}, and there is no such office."),
        N_("Correct it there; the offices: complaint-sla office list"),
    ),
    "quarter-uncounted": (
        N_("The quarter {quarter} can't be counted: {problem}"),
        N_("Bring back the rule books that were in force then; then: complaint-sla rules check"),
    ),
    "calendar-ends": (
        N_("Complaints received from {day} on can get no deadline: the calendar of {book} ends too soon."),
        N_(
            "Make a new book with a later holidays_through, effective_from that day or before; then: "
            "complaint-sla rules check"
        ),
    ),
    "calendar-reaches": (N_("The calendar of {book} reaches {day}."), ""),
    "database-reached": (N_("Database reached: {url} (revision {version})"), ""),
    "database-damaged": (
        N_("The database's file is damaged: {problem}"),
        N_("Stop the service, keep the file, and bring back the last backup."),
    ),
    "database-unread": (
        N_(
            "The database's file is large and was not read through for damage; in a quiet hour: "
            'sqlite3 FILE "PRAGMA quick_check"'
        ),
        "",
    ),
    "database-unreadable": (
        N_("The database holds what can't be read: {problem}"),
        N_("See what is wrong: complaint-sla audit; bring back the last backup."),
    ),
    "complaints-astray": (
        N_("Open complaints whose office, owner or rule book is not there: {names}"),
        _SEE_DAMAGE,
    ),
    "people-damaged": (N_("Offices and people whose rows can't be read: {names}"), _SEE_DAMAGE),
    "offices-in-circle": (
        N_("Offices that stand below one another, in a circle: {offices}"),
        N_("Put one of them where it belongs: complaint-sla office set CODE --parent CODE"),
    ),
    "disk-free": (_FREE, ""),
    "disk-full": (_FREE, N_("Make room: when it is full, nothing can be logged and no alert written.")),
    "job-never": (N_("`{job}` has never run to its end."), _START),
    "job-late": (_RAN, _START),
    "job-ran": (_RAN, ""),
    "job-to-come": (
        N_("`{job}` last ran {when}, which is still to come: a clock is or was wrong."),
        N_("Set this machine's clock right, then: complaint-sla run --once"),
    ),
    "mail-stopped": (_STOPPED, _RETRY),
    "mail-stopped-since": (_STOPPED_SINCE, _RETRY),
    "service-stopped": (_STOPPED, _AGAIN),
    "service-stopped-since": (_STOPPED_SINCE, _AGAIN),
    "job-set-aside": (
        N_("`{job}` set aside what it could not handle, and did the rest: {names}"),
        _SEE_DAMAGE,
    ),
    "unswept": (
        N_("Complaints waiting to be raised: {n}, the oldest since {when}."),
        N_("Raise them now: complaint-sla sweep"),
    ),
    "letters-held-up": (N_("Messages waiting: {n}, the oldest since {when}."), _SEE_FAILED),
    "letters-waiting": (N_("Messages waiting: {n}"), ""),
    "letter-unwritten": (
        N_("Message {id} can't be written: {fault}"),
        N_("Mend what it says, then: complaint-sla mail retry {id}"),
    ),
    "letters-refused": (N_("Messages refused for good: {n}"), _SEE_REFUSED),
    "letters-perhaps-arrived": (
        N_("Messages refused for good, of which an earlier copy may have arrived: {n}"),
        _SEE_REFUSED,
    ),
    "nobody-alerted": (N_("There is no supervisor and no manager: nobody would be alerted."), _ADD),
    "no-supervisor": (N_("No supervisor and no manager is there for: {offices}"), _ADD),
    "no-manager": (N_("No manager is there for escalations of: {offices}"), _ADD),
    "post-empty": (
        N_("Alerts that reach nobody, owed to the {role}: {n}, the oldest since {when}."),
        N_(
            "Fill the post with `staff add` or `staff set`; what is owed is sent then. If it is filled, see why "
            "nothing arrives: complaint-sla mail list --failed"
        ),
    ),
    "owner-retired": (
        N_("{email} is retired and owns open complaints: {n}"),
        N_(
            "See which: complaint-sla list --owner {email}; hand each over: complaint-sla assign NUMBER EMAIL"
        ),
    ),
    "nobody-stands-in": (
        N_("{email} is away until {day}, and nobody stands in (deputy: {deputy})."),
        N_("Name another: complaint-sla staff away {email} --until {day} --deputy EMAIL"),
    ),
    "address-dead": (
        N_("The mail server knows no address {email}."),
        N_("If it is right after all: complaint-sla staff set {email} --reachable"),
    ),
    "mail-stuck": (N_("Mail can't leave: {fault}"), _MEND_MAIL),
    "mail-untrusted": (
        N_("Mail can't leave: {fault}"),
        N_(
            "Its certificate must be valid for the name in COMPLAINT_SLA_MAIL, and of an authority that this machine trusts; "
            "the file of your own is named by SSL_CERT_FILE."
        ),
    ),
    "mail-answers": (N_("The mail server answers: {server}"), ""),
    "mail-folder": (N_("Mail is written into the folder {folder}"), ""),
    "mail-plain": (
        N_("Mail travels without encryption, and everybody on the way can read it."),
        N_("Use smtp:// (STARTTLS) or smtps:// (TLS) in COMPLAINT_SLA_MAIL."),
    ),
}
# What is looked at although other settings are broken.
_STILL_READ = (f"{PREFIX}DB", f"{PREFIX}RULES")
# What to do where the error's own words don't say it.
CURES: Mapping[str, str] = {
    "bad-database-url": _NAME_DATABASE,
    "database-old": N_("Back it up: complaint-sla backup FILE; then: complaint-sla init"),
    "database-locked": N_("Let whoever holds it finish, or end their session, then: complaint-sla doctor"),
    "database-new": N_("Install the newer complaint-sla here too; nothing in the database is lost."),
    "database-foreign": _NAME_DATABASE,
    "database-unreachable": N_(
        "Check the address, the permissions and that the server runs; if the file is damaged, bring back the last backup."
    ),
}


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
    checkup.findings += secrecy.look(terminal)
    checkup.findings += places.look(terminal)
    checkup.findings.sort(key=lambda finding: health.ABOUTS.index(finding.about))
    return checkup


def _look_at_settings(terminal: Terminal, checkup: Checkup) -> None:
    """Where they are broken, all that was named outright is still looked at: what a file would have set is not known."""
    try:
        terminal.settings  # noqa: B018 - read, to see whether they can be
    except Error as problem:
        checkup.are_broken = True
        checkup.findings.append(health.unusable("settings", problem))
        named = {name: os.environ[name] for name in _STILL_READ if name in os.environ}
        # An empty file sets nothing.
        environment = {**named, f"{PREFIX}CONFIG": os.devnull, "LANG": os.environ.get("LANG", "")}
        options = {**terminal.options, "lang": terminal.words.language, "as": None}
        terminal.settings = load(options, environment, terminal.system_user.person)


def _look_at_work(terminal: Terminal, checkup: Checkup) -> None:
    try:
        desk = terminal.desk(writes=False)
        checkup.vitals = vitals(desk)
    except Error as problem:
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
    if reply.answer is not Answer.ACCEPTED:
        fault = f"{reply.code or ''} {reply.text}".strip()
        if "CERTIFICATE_VERIFY_FAILED" in fault:
            found.append(health.wrong("mail", "mail-untrusted", fault=fault))
        else:
            found.append(health.wrong("mail", "mail-stuck", fault=fault))
    elif isinstance(target, SmtpServer):
        found.append(health.well("mail", "mail-answers", server=target.host))
    else:
        found.append(health.well("mail", "mail-folder", folder=str(target)))
    if isinstance(target, Path):
        _look_at_disk(checkup, "mail", target)
    elif target.security is Security.PLAIN and not target.is_loopback:
        found.append(health.wrong("mail", "mail-plain"))


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
    typed = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in finding.values.items()
    }
    return Told(
        finding.about,
        finding.gravity is Gravity.WRONG,
        terminal.words(text, **shown),
        terminal.words(cure, **typed) if cure else "",
    )


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
            return ", ".join([*map(plain, value[:MOST_NAMED]), *(["…"] if len(value) > MOST_NAMED else [])])
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
        print(content, end="")
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
