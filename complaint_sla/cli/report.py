"""The quarter's figure, in the form that is asked for; frozen, restated, told again, sent."""

import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from sqlmodel import Session
from typer import Argument, Option

from complaint_sla import files
from complaint_sla.bookshelf import plan_of as plan_in_force
from complaint_sla.cli import clockwork
from complaint_sla.cli.options import AsJson, ClockIsRight, OfficeAndBelow, Output
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract.quarter import report as report_json
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.figures import COMPLAINTS
from complaint_sla.core.review import Course
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import review
from complaint_sla.work.figures.freeze import freeze as freeze_quarter
from complaint_sla.work.figures.report import Report, report_if_frozen, with_plans
from complaint_sla.work.figures.report import report as report_of

if TYPE_CHECKING:
    from complaint_sla.work.plans.whole import WholePlan

FORMS = ("text", "html", "xlsx", "pdf", "csv", "json")
PLAN_FORMS = ("html", "xlsx", "pdf")
ENDINGS = {f".{form}": form for form in FORMS[1:]} | {".txt": "text", "": "text"}
# What a screen would only garble.
BINARY = ("xlsx", "pdf")


def register(app: Commands, words: Words) -> None:
    @app.command()
    def report(
        terminal: Terminal,
        quarter: Annotated[str, Argument(help=words("2017-Q1, 2560-Q1 or 1/2560"), metavar="QUARTER")],
        office: OfficeAndBelow = None,
        form: Annotated[str | None, Option("--format", help="|".join(FORMS), metavar="FORM")] = None,
        plan: Annotated[
            bool,
            Option("--plan", help=words("the form of the action plan, all its activities, to be signed")),
        ] = False,
        activity: Annotated[
            str | None, Option(help=words("only this activity of the plan"), metavar="KEY")
        ] = None,
        output: Output = None,
        freeze: Annotated[
            bool,
            Option("--freeze", help=words("freeze the final figure, or restate it with what has changed")),
        ] = False,
        confirmed: ClockIsRight = False,
        version: Annotated[int | None, Option(help=words("a frozen version, as it was"), metavar="N")] = None,
        email: Annotated[
            bool,
            Option(
                "--email",
                help=words("send it to whoever gets the reports of that office (rules/service.toml)"),
            ),
        ] = False,
        json: AsJson = False,
    ) -> None:
        wanted = Quarter.parse(quarter)
        plan = plan or activity is not None
        chosen = _form(form, output, json=json, plan=plan)
        if freeze and version is not None:
            raise BadValue("one-of-two", one="--freeze", two="--version")
        if chosen in BINARY and output is None and sys.stdout.isatty() and not email:
            raise BadValue("no-screen-form", form=chosen)
        terminal.output(output)
        desk = terminal.desk(writes=freeze or email)
        # The form of the plan alone names no case.
        private = not plan
        is_whole = plan and not _is_of_complaints(desk, wanted, activity)
        if freeze:
            clockwork.require_right(terminal, desk, confirmed=confirmed)
        # Whatever may be refused or fail comes before the figure is frozen, which nothing takes back.
        found = report_if_frozen(desk, wanted, office) if freeze else None
        if email:
            _email(terminal, desk, wanted, office, found)
            return
        if is_whole:
            # The plan is slow to import, and most reports are of the complaints.
            from complaint_sla.work.plans.whole import whole, whole_if_frozen

            form_of = (
                whole_if_frozen(desk, wanted, office, activity)
                if freeze
                else whole(desk, wanted, office, activity, version)
            )
            found, content = form_of.report, _form_of_plan(terminal, desk, form_of, chosen)
        else:
            if found is None:
                found = report_of(desk, wanted, office, version)
            width = 80 if output else terminal.width
            content = _content(terminal, desk, found, chosen, plan=plan, width=width)
        if freeze and output is not None:
            with _put_back(output):
                _freeze(
                    terminal, desk, found, lambda _: terminal.write_file(output, content, private=private)
                )
        elif freeze:
            _freeze(terminal, desk, found)
        elif output is not None:
            terminal.write_file(output, content, private=private)
        _tell_moved(terminal, found)
        if output is not None:
            terminal.remark("Written: {file}", file=output)
        else:
            _say(terminal, content, chosen)


def _say(terminal: Terminal, content: str | bytes, form: str) -> None:
    if isinstance(content, bytes):
        terminal.say_bytes(content)
    elif form == "text":
        terminal.say(content)
    else:
        # JSON has escapes of its own.
        terminal.say_text((content if form == "json" else plain(content, keep="\n")) + "\n")


def _form(form: str | None, output: Path | None, *, json: bool, plan: bool) -> str:
    """The form by its name, by --json, or by the ending of the file.

    Raises BadValue: `unknown-choice`, `unknown-ending`, `one-of-two`, `plan-form`.
    """
    if json and form not in (None, "json"):
        raise BadValue("one-of-two", one="--json", two=f"--format {form}")
    ending = output.suffix.lower() if output else ""
    if not json and form is None and ending not in ENDINGS:
        raise BadValue("unknown-ending", value=ending, known=[one for one in ENDINGS if one])
    chosen = "json" if json else form or ENDINGS[ending]
    if chosen not in FORMS:
        raise BadValue("unknown-choice", name="--format", value=chosen, known=list(FORMS))
    if plan and chosen not in PLAN_FORMS:
        raise BadValue("plan-form", value=chosen, known=list(PLAN_FORMS))
    return chosen


def _freeze(
    terminal: Terminal, desk: Desk, found: Report, also: Callable[[Session], None] = lambda _: None
) -> None:
    """Freezes the figure that is reported; `also` is done last before it stands, and is refused with it."""
    quarter = found.figure.quarter
    frozen = freeze_quarter(desk, quarter, found.frozen, also)
    terminal.remark(
        "The figure of {quarter} is frozen as version {n}. Fingerprint (SHA-256): {digest}",
        quarter=quarter,
        n=frozen.version,
        digest=frozen.digest,
    )


@contextmanager
def _put_back(output: Path) -> Iterator[None]:
    """A file that was written although what it tells of was refused in the end is as it was."""
    with files.unwritable(output):
        before = output.read_bytes() if output.is_file() else None
        mode = output.stat().st_mode if before is not None else files.PRIVATE
    try:
        yield
    except BaseException:
        if before is not None:
            files.write(output, before, stat.S_IMODE(mode))
        elif output.is_file():
            output.unlink()
        raise


def _email(
    terminal: Terminal, desk: Desk, quarter: Quarter, office: str | None, to_freeze: Report | None
) -> None:
    # What sends mail is slow to import, and most reports are read here.
    from complaint_sla.mail.delivery import message_domain
    from complaint_sla.work.letters import report_letter

    domain = message_domain(terminal.settings.mail_from.value)
    code = office.upper() if office else None
    recipients, job = report_letter.asked(desk, quarter, code, domain)
    if to_freeze is not None:
        _freeze(terminal, desk, to_freeze, job)
    else:
        desk.store.write(job)
    terminal.answer(
        "On its way to: {recipients}. `complaint-sla deliver` sends it, or the service does.",
        recipients=", ".join(recipients),
    )


def _tell_moved(terminal: Terminal, found: Report) -> None:
    if found.frozen is None:
        return
    if found.differing_today:
        from complaint_sla.forms.review import restated_text

        terminal.remark(
            "Otherwise today than in version {version}, which stands: {what}. "
            "To restate it: complaint-sla report {quarter} --freeze",
            what=restated_text(found.differing_today, terminal.zone, terminal.words),
            version=found.frozen.version,
            quarter=found.figure.quarter,
        )
    if found.moved:
        terminal.tell(
            terminal.words.plural(
                "{n} complaint counts otherwise today than in version {version}, which stands. "
                "To restate it: complaint-sla report {quarter} --freeze",
                "{n} complaints count otherwise today than in version {version}, which stands. "
                "To restate it: complaint-sla report {quarter} --freeze",
                len(found.moved),
                version=found.frozen.version,
                quarter=found.figure.quarter,
            )
        )


def _is_of_complaints(desk: Desk, quarter: Quarter, activity: str | None) -> bool:
    """Whether it is the one activity whose page stands by itself."""
    if activity is None:
        return False
    plan = plan_in_force(with_plans(desk), quarter)
    measures = [measure for one, measure in plan.measures if one.key == activity.strip().lower()]
    return any(one.source == COMPLAINTS for one in measures)


def _form_of_plan(terminal: Terminal, desk: Desk, found: "WholePlan", form: str) -> str | bytes:
    from complaint_sla.forms.plans.render import whole_of, whole_rendered

    if found.shown.frozen is not None and found.shown.differing:
        terminal.tell(
            terminal.words.plural(
                "{n} line of the plan is otherwise today than in version {version}, which stands. "
                "To restate it: complaint-sla plan freeze {quarter}",
                "{n} lines of the plan are otherwise today than in version {version}, which stands. "
                "To restate it: complaint-sla plan freeze {quarter}",
                len(found.shown.differing),
                version=found.shown.frozen.version,
                quarter=found.card.quarter,
            )
        )
    return whole_rendered(whole_of(found, with_plans(desk), terminal.words), form)


def _content(
    terminal: Terminal, desk: Desk, found: Report, form: str, *, plan: bool, width: int
) -> str | bytes:
    if form == "json":
        return report_json(found, terminal.zone)
    # The forms are slow to import, and JSON needs none.
    from complaint_sla.forms import render

    if plan:
        return render.signed(render.plan_of(found, with_plans(desk), terminal.words), form)
    cases: tuple[Course, ...] = ()
    if form == "xlsx" and found.review is not None:
        cases = tuple(review.cases(desk, found.figure.quarter, found.figure.office))
    document = render.document_of(found, desk.shelf, terminal.words, cases)
    return render.rendered(document, form, width)
