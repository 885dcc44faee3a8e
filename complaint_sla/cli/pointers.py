"""What `demo` says at its end: the report, what was done, files to open, commands to try on the same database."""

import email
import os
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from pathlib import Path

from rich.text import Text

from complaint_sla.cli.sample import offices as sample_offices
from complaint_sla.cli.sample import quarter as sample_quarter
from complaint_sla.cli.sample import stories
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.complaint import Status
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.frozen import figure_json
from complaint_sla.forms.document import Document
from complaint_sla.forms.rendering import document_of, plan_of, rendered, signed
from complaint_sla.mail.delivery import Delivered
from complaint_sla.mail.folder import file_name
from complaint_sla.wording.screening import plain
from complaint_sla.work import mailbag, reports, reviews, worklist
from complaint_sla.work.alerts import Tally
from complaint_sla.work.desk import Desk
from complaint_sla.work.reports import Report
from complaint_sla.work.worklist import AlertView, Wanted

# More letters than the sample writes.
_ALL = 100_000


@dataclass
class Played:
    """What was done, in figures; `numbers` are the complaints' numbers by the sample's names for them."""

    numbers: dict[str, str] = field(default_factory=dict)
    changes: int = 0
    rounds: int = 0
    raised: Tally = field(default_factory=Tally)
    mail: Delivered = field(default_factory=Delivered)


@dataclass(frozen=True)
class Example:
    """A letter worth opening: its kind, and the page and the message that stand in the demo's folder."""

    key: str
    page: Path
    message: Path
    complaints: int


def answer(terminal: Terminal, desk: Desk, home: Path, played: Played, *, json: bool) -> None:
    """Writes the report and the examples into the folder, and says all of it, on the screen or as JSON."""
    words = terminal.words
    report = reports.report(desk, sample_quarter.QUARTER)
    cases = reviews.cases(desk, sample_quarter.QUARTER)
    document = document_of(report, desk.shelf, words, cases)
    page = home / "report.html"
    files = list(_reports(terminal, desk, home, report, document))
    examples = _examples(terminal, desk, home, played)
    still_open = worklist.find_all(desk, Wanted(status=Status.OPEN))
    if json:
        terminal.answer_json(
            {
                "folder": str(home),
                "database": desk.store.shown_url,
                "mail": f"folder:{home / 'mail'}",
                "report": str(page),
                "letters": {one.key: str(one.message) for one in examples},
                "now": desk.now,
                "counts": {
                    "offices": len(report.titles),
                    "staff": len(sample_offices.STAFF),
                    "complaints": len(played.numbers),
                    "open": len(still_open),
                    "changes": played.changes,
                    "alerts": played.raised.alerts,
                    "superseded": played.raised.superseded,
                    "unalertable": played.raised.unalertable,
                    "messages": played.mail.sent,
                },
                "figure": figure_json(report.figure, desk.zone),
            }
        )
        return
    terminal.say(str(rendered(document, "text", terminal.width)))
    _done(terminal, desk, played)
    _files(terminal, home, files, examples, played)
    _commands(terminal, desk, home, played)


def _reports(
    terminal: Terminal, desk: Desk, home: Path, report: Report, document: Document
) -> Iterator[tuple[str, str]]:
    """Writes the report in the forms that this installation can make; the name of each and what it is."""
    words = terminal.words
    plan = plan_of(report, desk.shelf, words)
    for name, what in (
        ("report.html", words("the report, for screen and paper")),
        ("report.pdf", words("the same, to be handed in")),
        ("report.xlsx", words("the same as a workbook, with all cases")),
        ("plan.html", words("the form of the action plan, activity 2.4, to be signed")),
        ("plan.pdf", words("the same form on a sheet of paper")),
    ):
        kind, _, form = name.partition(".")
        try:
            content = rendered(document, form) if kind == "report" else signed(plan, form)
        except BadValue:
            # An extra that is not installed; the pages are there in any case.
            continue
        terminal.write_file(home / name, content)
        yield name, what


def _heading(terminal: Terminal, text: str) -> None:
    terminal.say("")
    terminal.console.print(Text(text, style="bold"))


def _done(terminal: Terminal, desk: Desk, played: Played) -> None:
    words = terminal.words
    _heading(terminal, words("What was done"))
    for line in (
        words(
            "{complaints} complaints were logged and {changes} changes made to them, by {staff} people in "
            "{offices} offices.",
            complaints=len(played.numbers),
            changes=f"{played.changes - len(played.numbers):,}",
            staff=len(sample_offices.STAFF),
            offices=len(sample_offices.OFFICES),
        ),
        words(
            "{alerts} alerts were raised and {messages} e-mails written: one a person and morning, however many "
            "complaints.",
            alerts=played.raised.alerts,
            messages=played.mail.sent,
        ),
        words(
            "From {first} to {last} the service stood still, for the holidays: its first round afterwards made up "
            "for it.",
            first=words.day(sample_quarter.STANDSTILL[0]),
            last=words.day(sample_quarter.STANDSTILL[1]),
        ),
        words(
            "The sample's clock stands at {moment}; all of it is invented, and in Thai where people speak.",
            moment=words.moment(desk.now, desk.zone),
        ),
    ):
        terminal.console.print(Text(line))


def _files(
    terminal: Terminal, home: Path, files: list[tuple[str, str]], examples: list[Example], played: Played
) -> None:
    words = terminal.words
    _heading(terminal, words("Files to open"))
    about = {
        "warning": words("a warning before the deadline (and .eml)"),
        "bundle": words(
            "one e-mail about {n} complaints (and .eml)", n=max(one.complaints for one in examples)
        ),
        "escalation": words("an escalation to the manager (and .eml)"),
    }
    listed = [
        *files,
        *((one.page.name, about[one.key]) for one in examples),
        (f"mail{os.sep}", words("all {n} e-mails as they went out", n=played.mail.sent)),
    ]
    terminal.say(plain(str(home)))
    widest = max(len(name) for name, _ in listed)
    for name, what in listed:
        terminal.say(f"  {name:<{widest}}  {what}")


def _commands(terminal: Terminal, desk: Desk, home: Path, played: Played) -> None:
    words = terminal.words
    _heading(terminal, words("Commands to try, on this database"))
    for name, value in _environment(terminal, desk, home):
        terminal.say(_set(name, value))
    now = f"complaint-sla --now {desk.now.astimezone(desk.zone):%Y-%m-%dT%H:%M}"
    later = f"complaint-sla --now {desk.today.replace(day=26).isoformat()}T08:00"
    forgotten = played.numbers[stories.FORGOTTEN[words.language]]
    for command, what in (
        (f"{now} list --overdue", words("what is open and late")),
        (f"{now} show {forgotten}", words("one that was forgotten, with all its alerts")),
        (f"{now} explain {forgotten}", words("why its deadline is what it is, day by day")),
        (f"{later} sweep", words("six days later: what has fallen due since")),
        (f"{later} deliver", words("and the e-mails about it")),
        (f"{later} report {_quarter(terminal)} --freeze", words("the figure is final now: freeze it")),
        ("complaint-sla audit", words("prove all of it from the events")),
    ):
        terminal.console.print(Text(f"# {what}", style="dim"))
        terminal.say(command)


def _quarter(terminal: Terminal) -> str:
    """The quarter as people of the language write it; both are understood."""
    quarter = sample_quarter.QUARTER
    return (
        f"{quarter.number}/{terminal.words.year(quarter.year)}"
        if terminal.words.language == "th"
        else str(quarter)
    )


def _environment(terminal: Terminal, desk: Desk, home: Path) -> list[tuple[str, str]]:
    """What must be set so that the commands find the demo, and mail stays in its folder."""
    found = [("COMPLAINT_SLA_DB", desk.store.shown_url), ("COMPLAINT_SLA_MAIL", f"folder:{home / 'mail'}")]
    try:
        own = bool(terminal.settings.rules.source)
    except Error:
        # Settings that can't be read: the commands will say so themselves.
        own = False
    if own:
        from complaint_sla import resources

        found.append(("COMPLAINT_SLA_RULES", str(resources.rules())))
    return found


def _set(name: str, value: str) -> str:
    if os.name == "nt":
        return f"$env:{name} = '{value}'"
    return f"export {name}={shlex.quote(value)}"


def _examples(terminal: Terminal, desk: Desk, home: Path, played: Played) -> list[Example]:
    """A warning, a bundle and an escalation, in the language of the terminal where the sample has one."""
    language = terminal.words.language
    mine = sample_offices.reading(language)
    letters = [one for one in mailbag.letters(desk, failed_only=False, most=_ALL) if one.sent_at is not None]
    sizes = {one.message_id: one.complaints for one in letters}
    sent = [
        alert
        for case in (stories.FORGOTTEN[language], stories.PENDING)
        for alert in worklist.show(desk, played.numbers[case]).alerts
        if alert.message_id in sizes and alert.recipient in mine
    ]

    def first(stage: str) -> str | None:
        def rank(alert: AlertView) -> tuple[int, str]:
            return sizes[alert.message_id or ""], alert.recipient

        fitting = sorted((one for one in sent if one.stage.startswith(stage)), key=rank)
        return fitting[0].message_id if fitting else None

    bundle = max(
        (one for one in letters if one.recipient in mine), key=lambda one: one.complaints, default=None
    )
    wanted = {
        "warning": first("warning"),
        "bundle": bundle.message_id if bundle is not None else None,
        "escalation": first("escalation-2") or first("escalation"),
    }
    return [_example(home, key, id_, sizes[id_]) for key, id_ in wanted.items() if id_ is not None]


def _example(home: Path, key: str, message_id: str, complaints: int) -> Example:
    """A copy under a name that can be read, and its page, which a browser opens."""
    found = Example(key, home / f"{key}.html", home / f"{key}.eml", complaints)
    shutil.copy(home / "mail" / file_name(f"Message-ID: {message_id}\r\n\r\n".encode()), found.message)
    message = email.message_from_bytes(found.message.read_bytes(), policy=policy.default)
    body = message.get_body(("html",))
    if body is not None:
        found.page.write_text(body.get_content(), encoding="utf-8")
    return found
