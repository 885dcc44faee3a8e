"""What `demo` says at its end: the report, what was done, files to open, commands to try on the same database."""

import email
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from email import policy
from pathlib import Path
from typing import Any

from rich.text import Text

from complaint_sla import files, resources
from complaint_sla.cli.demo.play import Demo
from complaint_sla.core.calendars import local_day
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.frozen import figure_json
from complaint_sla.forms.document import Document
from complaint_sla.forms.plans.render import whole_of, whole_rendered
from complaint_sla.forms.render import document_of, rendered
from complaint_sla.mail.folder import file_name
from complaint_sla.wording.screening import plain
from complaint_sla.work.complaints import look
from complaint_sla.work.complaints.look import Wanted
from complaint_sla.work.figures import review
from complaint_sla.work.figures.report import Report, with_plans
from complaint_sla.work.figures.report import report as report_of
from complaint_sla.work.letters import listing, summary_letter
from complaint_sla.work.letters.listing import LetterView
from complaint_sla.work.plans.whole import whole

# What the sample calls the two that nobody closes, one in each language of mail, and one that is not due yet.
FORGOTTEN = {"th": "forgotten-th", "en": "forgotten-en"}
PENDING = "pending"
# The branch that hands in its plan, and the morning after its figures were due.
BRANCH, ITS_SUPERVISOR = "BANSANG", "duangjai@bansang.example.org"
DAY_AFTER = date(2017, 4, 11)
# More letters than the sample writes.
_ALL = 100_000


@dataclass(frozen=True)
class Example:
    """A letter worth opening: its kind, and the page and the message that stand in the demo's folder."""

    key: str
    page: Path
    message: Path
    complaints: int


def show(demo: Demo, *, json: bool) -> None:
    """Writes the report and the examples into the folder, and says all of it, on the screen or as JSON."""
    terminal, quarter = demo.terminal, demo.sample.quarter
    report = report_of(demo.desk, quarter)
    document = document_of(report, demo.desk.shelf, terminal.words, review.cases(demo.desk, quarter))
    reports = list(_reports(demo, document))
    examples = _examples(demo)
    if json:
        terminal.answer_json(_answer(demo, report, examples))
        return
    terminal.say(str(rendered(document, "text", terminal.width)))
    _done(demo)
    _files(demo, reports, examples)
    _commands(demo)


def _answer(demo: Demo, report: Report, examples: list[Example]) -> dict[str, Any]:
    """The demo's JSON."""
    played = demo.played
    return {
        "folder": str(demo.home),
        "database": demo.desk.store.shown_url,
        "mail": f"folder:{demo.home / 'mail'}",
        "report": str(demo.home / "report.html"),
        "letters": {one.key: str(one.message) for one in examples},
        "now": demo.desk.now,
        "counts": {
            "offices": len(report.titles),
            "staff": len(demo.sample.staff),
            "complaints": len(played.numbers),
            "open": len(look.find_all(demo.desk, Wanted(status=Status.OPEN))),
            "changes": played.changes,
            "alerts": played.raised.alerts,
            "superseded": played.raised.superseded,
            "unalertable": played.raised.unalertable,
            "messages": played.mail.sent,
        },
        "figure": figure_json(report.figure, demo.desk.zone),
    }


def _reports(demo: Demo, document: Document) -> Iterator[tuple[str, str]]:
    """Writes the report in the forms that this installation can make; the name of each and what it is."""
    words = demo.terminal.words
    plan = whole_of(whole(demo.desk, demo.sample.quarter, BRANCH), with_plans(demo.desk), words)
    for name, what in (
        ("report.html", words("the report, for screen and paper")),
        ("report.pdf", words("the same, to be handed in")),
        ("report.xlsx", words("the same as a workbook, with all cases")),
        ("plan.html", words("a branch's form of the action plan, all its activities, to be signed")),
        ("plan.pdf", words("the same form on paper")),
        ("plan.xlsx", words("the same form as a workbook")),
    ):
        kind, _, form = name.partition(".")
        try:
            content = rendered(document, form) if kind == "report" else whole_rendered(plan, form)
        except BadValue:
            # An extra that is not installed; the pages are there in any case.
            continue
        demo.terminal.write_file(demo.home / name, content, private=kind == "report")
        yield name, what


def _heading(demo: Demo, text: str) -> None:
    demo.terminal.say("")
    demo.terminal.console.print(Text(text, style="bold"))


def _done(demo: Demo) -> None:
    words, played, sample = demo.terminal.words, demo.played, demo.sample
    first, last = sample.standstill
    _heading(demo, words("What was done"))
    for line in (
        words(
            "{complaints} complaints were logged and {changes} changes made to them, by {staff} people in "
            "{offices} offices.",
            complaints=len(played.numbers),
            changes=f"{played.changes - len(played.numbers):,}",
            staff=len(sample.staff),
            offices=len(sample.offices),
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
            first=words.day(first),
            last=words.day(last),
        ),
        words(
            "The sample's clock stands at {moment}; all of it is invented, and in Thai where people speak.",
            moment=words.moment(demo.desk.now, demo.desk.zone),
        ),
    ):
        demo.terminal.console.print(Text(line))


def _files(demo: Demo, reports: list[tuple[str, str]], examples: list[Example]) -> None:
    words, say = demo.terminal.words, demo.terminal.say
    _heading(demo, words("Files to open"))
    most = max((one.complaints for one in examples), default=0)
    about = {
        "warning": words("a warning before the deadline (and .eml)"),
        "bundle": words("one e-mail about {n} complaints (and .eml)", n=most),
        "escalation": words("an escalation to the manager (and .eml)"),
        "summary": words("a morning's summary: figures of the plan are overdue (and .eml)"),
    }
    listed = [
        *reports,
        *((one.page.name, about[one.key]) for one in examples),
        (f"mail{os.sep}", words("all {n} e-mails as they went out", n=demo.played.mail.sent)),
    ]
    say(plain(str(demo.home)))
    widest = max(len(name) for name, _ in listed)
    for name, what in listed:
        say(f"  {name:<{widest}}  {what}")


def _commands(demo: Demo) -> None:
    words, desk, quarter = demo.terminal.words, demo.desk, demo.sample.quarter
    _heading(demo, words("Commands to try, on this database"))
    for name, value in _environment(demo):
        shown = f"$env:{name} = '{value}'" if os.name == "nt" else f"export {name}={shlex.quote(value)}"
        demo.terminal.say(shown)
    # The quarter as people of the language write it; both ways are understood.
    written = f"{quarter.number}/{words.year(quarter.year)}" if words.language == "th" else str(quarter)
    now = f"complaint-sla --now {desk.now.astimezone(desk.zone):%Y-%m-%dT%H:%M}"
    later = f"complaint-sla --now {desk.today.replace(day=26).isoformat()}T08:00"
    # The day after the form was to be handed in.
    in_may = f"complaint-sla --now {desk.today.replace(month=desk.today.month + 1, day=1).isoformat()}T08:00"
    forgotten = demo.played.numbers[FORGOTTEN[words.language]]
    for command, what in (
        (f"{now} today", words("the morning on one screen")),
        (f"{now} queue --overdue", words("one after the other, one key an act")),
        (f"{now} show {forgotten}", words("one that was forgotten, with all its alerts")),
        (f"{now} explain {forgotten}", words("why its deadline is what it is, day by day")),
        (
            f"{now} plan show {written} --office {BRANCH}",
            words("the branch's plan: each figure with its letter"),
        ),
        (f"{now} survey list --office {BRANCH}", words("whom the lot has fallen on, and until when to ask")),
        (f"{later} sweep", words("six days later: what has fallen due since")),
        (f"{later} deliver", words("and the e-mails about it")),
        (f"{later} report {written} --freeze", words("the figure is final now: freeze it")),
        (f"{in_may} plan freeze {written}", words("the plan's form is handed in: freeze it, too")),
        ("complaint-sla audit", words("prove all of it from the events")),
    ):
        demo.terminal.console.print(Text(f"# {what}", style="dim"))
        demo.terminal.say(command)


def _environment(demo: Demo) -> list[tuple[str, str]]:
    """What must be set so that the commands find the demo, and mail stays in its folder."""
    found = [
        ("COMPLAINT_SLA_DB", demo.desk.store.shown_url),
        ("COMPLAINT_SLA_MAIL", f"folder:{demo.home / 'mail'}"),
    ]
    # Of settings that can't be read the commands will say so themselves.
    with suppress(Error):
        if demo.terminal.settings.rules.source:
            found.append(("COMPLAINT_SLA_RULES", str(resources.rules())))
    return found


def _examples(demo: Demo) -> list[Example]:
    """A warning, a bundle and an escalation, in the language of the terminal where the sample has one."""
    language = demo.terminal.words.language
    mine = demo.sample.readers(language)
    letters = listing.letters(demo.desk, failed_only=False, most=_ALL)
    sizes = {
        one.message_id: one.complaints for one in letters if one.sent_at is not None and one.recipient in mine
    }
    sent = [
        alert
        for case in (FORGOTTEN[language], PENDING)
        for alert in look.show(demo.desk, demo.played.numbers[case]).alerts
        if alert.message_id in sizes
    ]

    def smallest(stage: str) -> str | None:
        fitting = [one for one in sent if one.stage.startswith(stage)]
        fitting.sort(key=lambda one: (sizes[one.message_id or ""], one.recipient))
        return fitting[0].message_id if fitting else None

    wanted = {
        "warning": smallest("warning"),
        "bundle": max(sizes, key=lambda id_: sizes[id_], default=None),
        "escalation": smallest("escalation-2") or smallest("escalation"),
    }
    found = [_example(demo.home, key, id_, sizes[id_]) for key, id_ in wanted.items() if id_ is not None]
    return [*found, *(_example(demo.home, "summary", id_, 0) for id_ in _told_of_plan(demo, letters)[:1])]


def _told_of_plan(demo: Demo, letters: Sequence[LetterView]) -> list[str]:
    """The summary of the branch's supervisor on the morning after figures were due."""
    return [
        one.message_id
        for one in letters
        if (one.kind, one.recipient) == (summary_letter.KIND, ITS_SUPERVISOR)
        if local_day(one.created_at, demo.desk.zone) == DAY_AFTER and one.sent_at is not None
    ]


def _example(home: Path, key: str, message_id: str, complaints: int) -> Example:
    """A copy under a name that can be read, and its page, which a browser opens."""
    found = Example(key, home / f"{key}.html", home / f"{key}.eml", complaints)
    content = (home / "mail" / file_name(f"Message-ID: {message_id}\r\n\r\n".encode())).read_bytes()
    files.write(found.message, content, files.PRIVATE)
    body = email.message_from_bytes(content, policy=policy.default).get_body(("html",))
    if body is not None:
        files.write(found.page, body.get_content().encode(), files.PRIVATE)
    return found
