"""`survey`: finished requests taken in, customers drawn by lot, whom to ask by when, and what they said."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from complaint_sla.cli import answers
from complaint_sla.cli.imported import tell_rejects
from complaint_sla.cli.options import (
    AsJson,
    Everything,
    OfficeAndBelow,
    OnlySaid,
    Pager,
    Rejects,
    SheetOrStdin,
)
from complaint_sla.cli.screen import Extent, write
from complaint_sla.cli.sheets import sheet_of
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import survey as contract
from complaint_sla.core import draw as lot
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.fields import THAI_DIGITS
from complaint_sla.wording import N_, Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.plans import period
from complaint_sla.wording.screening import plain
from complaint_sla.wording.surveys import OUTCOMES
from complaint_sla.wording.width import cells_wide, cut, padded
from complaint_sla.work.surveys import calls as asking
from complaint_sla.work.surveys import drawing, listing, recording

if TYPE_CHECKING:
    from complaint_sla.work.surveys.calls import Call
    from complaint_sla.work.surveys.drawing import DrawnLot
    from complaint_sla.work.surveys.listing import Imported
    from complaint_sla.work.surveys.recording import Recorded

# More of those drawn than fit a line or two; the list of whom to ask has all.
MOST_NAMED = 8
# Days that are soon over.
SOON = 2

Seed = Annotated[
    str | None,
    Option(
        help=N_("hexadecimal digits that lots begin with; else each takes 128 random bits"), metavar="HEX"
    ),
]
OfficeOfList = Annotated[str | None, Option(help=N_("the office that it is of"), metavar="CODE")]


def register(app: Commands, words: Words) -> None:
    survey = Commands()
    _lists(survey, words)
    _answers(survey, words)
    app.add_typer(survey, name="survey")


def _lists(app: Commands, words: Words) -> None:
    @app.command(
        "import",
        help=words(
            "Take in all requests that were finished through a day, and draw whom to ask; safe to repeat."
        ),
    )
    def import_(
        terminal: Terminal,
        file: SheetOrStdin,
        through: Annotated[
            str, Option(help=words("the day through which no finished request is missing"), metavar="DAY")
        ],
        office: OfficeOfList = None,
        service: Annotated[
            list[str] | None, Option(help=words("it is of this service only; may be repeated"), metavar="KEY")
        ] = None,
        seed: Seed = None,
        dry_run: OnlySaid = False,
        rejects: Rejects = None,
        json: AsJson = False,
    ) -> None:
        terminal.output(rejects)
        desk = terminal.desk(writes=not dry_run)

        def say(problem: Error) -> str:
            return message(words, problem, terminal.zone)

        with sheet_of(file) as path:
            found = listing.import_file(
                desk,
                path,
                terminal.day(through),
                office=office,
                services=service or (),
                seed=lot.seed(seed) if seed is not None else None,
                dry_run=dry_run,
                rejects=rejects,
                say=say,
            )
        if json:
            terminal.answer_json(contract.imported(found, say))
        else:
            _tell_imported(terminal, found, rejects)
        if found.rejected:
            raise typer.Exit(1)

    @app.command(help=words("Draw whom to ask, as many as are owed; the service does it, too."))
    def draw(
        terminal: Terminal, seed: Seed = None, office: OfficeAndBelow = None, json: AsJson = False
    ) -> None:
        desk = terminal.desk(writes=True)
        found = drawing.draw(desk, lot.seed(seed) if seed is not None else None, office)
        if json:
            terminal.answer_json(contract.drawn(found))
        elif not found:
            terminal.answer("Nothing is owed: nobody was drawn.")
        else:
            _tell_drawn(terminal, found)

    @app.command("list", help=words("Whom to ask by when; telephones are masked unless they are asked for."))
    def list_(
        terminal: Terminal,
        office: OfficeAndBelow = None,
        contact: Annotated[
            bool, Option("--contact", help=words("telephones in full; it leaves a trace in the journal"))
        ] = False,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=contact)
        found = asking.calls(desk, office, contact=contact)
        if json:
            terminal.answer_json(contract.calls(found))
            return
        if not found:
            terminal.answer("Nobody is to be asked.")
            return
        command = "survey list" + (f" --office {office}" if office else "") + (" --contact" * contact)

        def below(shown: int) -> str:
            if shown >= len(found):
                return ""
            return words("{n} shown · all: {command}", n=shown, command=f"{plain(command)} --all")

        extent = Extent(None, everything, pager)
        write(terminal.screen, found, lambda some: _listed(terminal, some, desk.today), below, extent)


def _answers(app: Commands, words: Words) -> None:
    @app.command(
        help=words(
            "What came of asking somebody whom the lot fell on; a score given again corrects the first."
        )
    )
    def record(
        terminal: Terminal,
        reference: Annotated[str, Argument(help=words("reference of the request"), metavar="REFERENCE")],
        score: Annotated[str | None, Argument(help=words("from 1 to 5"), metavar="SCORE")] = None,
        remark: Annotated[
            str | None, Option(help=words("what they said beside; it can be erased"), metavar="TEXT")
        ] = None,
        no_answer: Annotated[bool, Option("--no-answer", help=words("nobody was reached"))] = False,
        refused: Annotated[bool, Option("--refused", help=words("they want to say nothing"))] = False,
        survey: Annotated[str | None, Option(help=words("of this survey"), metavar="KEY")] = None,
        office: OfficeOfList = None,
        on: Annotated[
            str | None, Option(help=words("the day on which they were asked, if not today"), metavar="DAY")
        ] = None,
        json: AsJson = False,
    ) -> None:
        answer = recording.Answer(
            score=_score(score, no_answer=no_answer, refused=refused),
            refused=refused,
            remark=remark,
            on=terminal.day(on) if on is not None else None,
        )
        desk = terminal.desk(writes=True)
        found = recording.record(desk, reference, answer, survey=survey, office=office)
        answers.done(terminal, contract.recorded(found), _recorded(words, found), json=json)
        if not json:
            if found.drawn:
                _tell_drawn(terminal, found.drawn)
            if found.late_days:
                terminal.remark(
                    "It came {n} days after the last day for it: it is kept, and does not count.",
                    n=found.late_days,
                )


def _score(text: str | None, *, no_answer: bool, refused: bool) -> int | None:
    """Exactly one of the three was given. Raises BadValue: `one-of-two`, `answer-missing`, `bad-answer`."""
    given = [
        name
        for name, is_given in (
            ("SCORE", text is not None),
            ("--no-answer", no_answer),
            ("--refused", refused),
        )
        if is_given
    ]
    if not given:
        raise BadValue("answer-missing")
    if len(given) > 1:
        raise BadValue("one-of-two", one=given[0], two=given[1])
    if text is None:
        return None
    plain_text = text.strip().translate(THAI_DIGITS)
    if not (plain_text.isascii() and plain_text.isdigit() and len(plain_text) < 4):
        raise BadValue("bad-answer", value=text)
    return int(plain_text)


def _tell_imported(terminal: Terminal, found: "Imported", rejects: Path | None) -> None:
    words = terminal.words
    if found.unchanged and not (found.listed or found.rejected or found.drawn):
        terminal.answer("Nothing new: these requests ({n}) are known.", n=found.unchanged)
    else:
        _count(terminal, found)
    for why, n in found.reasons:
        terminal.answer("  left out: {reason} ({n})", reason=why, n=n)
    if found.complete and found.since is not None:
        terminal.answer(
            "Complete from {first} through {day}: {offices}",
            first=words.day(found.since),
            day=words.day(found.through),
            offices=", ".join(found.complete),
        )
    if found.late:
        terminal.remark(
            "{n} of the new ones were missing in a list that was said to be complete.", n=found.late
        )
    _tell_drawn(terminal, found.drawn)
    _tell_rejected(terminal, found, rejects)


def _count(terminal: Terminal, found: "Imported") -> None:
    terminal.answer(
        "{listed} new, {left_out} of them left out of the lot; {unchanged} known and unchanged, {rejected} rejected.",
        listed=found.listed,
        left_out=found.left_out,
        unchanged=found.unchanged,
        rejected=len(found.rejected),
    )


def _tell_rejected(terminal: Terminal, found: "Imported", rejects: Path | None) -> None:
    tell_rejects(terminal, found.rejected, rejects)
    if not found.complete:
        terminal.remark(
            "As long as rows are rejected the list is not complete, and nobody is drawn of it: mend them, and take it in again."
        )


def _tell_drawn(terminal: Terminal, found: "Sequence[DrawnLot]") -> None:
    words = terminal.words
    for one in found:
        terminal.answer(
            "Drawn at {office}, {survey}, {service}, {period}: {n} of {finished} ({references})",
            office=one.office,
            survey=one.survey,
            service=one.service,
            period=period(words, one.period),
            n=len(one.references),
            finished=one.finished,
            references=", ".join(
                [*one.references[:MOST_NAMED], *(["…"] * (len(one.references) > MOST_NAMED))]
            ),
        )
    if found:
        terminal.remark("Whom to ask by when: complaint-sla survey list")


def _recorded(words: Words, found: "Recorded") -> str:
    said = [words(OUTCOMES[found.outcome])]
    if found.score is not None:
        said.append(words("score {n}", n=found.score))
    if found.replaces is not None:
        said.append(words("it was {n}", n=found.replaces))
    elif found.score is None and found.most is not None:
        said.append(words("attempt {n} of {most}", n=found.attempts, most=found.most))
    return f"{plain(found.reference)} ({found.survey}): {' · '.join(said)}"


def _listed(terminal: Terminal, found: "Sequence[Call]", today: date) -> str:
    """Two lines each: whom to call until when, and of what. A Thai title beside them would not fit eighty columns."""
    words, screen = terminal.words, terminal.screen
    titles = (words("Until"), words("Left"), words("Request"), words("Telephone"), words("Customer"))
    rows = [
        (
            words.day(one.due_on),
            words.time_left(one.due_on, today),
            plain(one.reference),
            plain(one.phone or "–"),
            plain(one.customer or "–"),
        )
        for one in found
    ]
    widths = [max(map(cells_wide, column)) + 2 for column in zip(titles, *rows, strict=True)][:-1]

    def line(cells: Sequence[str]) -> str:
        *first, last = cells
        return cut("".join(map(padded, first, widths)) + last, screen.width).rstrip()

    lines = [screen.painted(line(titles), "bold")]
    several = len({one.office for one in found}) > 1
    for one, row in zip(found, rows, strict=True):
        left = (one.due_on - today).days
        style = "bold red" if left == 0 else "yellow" if left <= SOON else ""
        lines.append(screen.painted(line(row), style))
        said = [one.survey_title.of(words.language), one.service_title.of(words.language)]
        if several:
            said.insert(0, one.office)
        if one.asked_by != one.office:
            said.append(words("asked by {office}", office=one.asked_by))
        if one.attempts:
            said.append(words.plural("called {n} time", "called {n} times", one.attempts))
        lines.append("  " + cut(plain(" · ".join(said)), screen.width - 2))
    return "".join(f"{each}\n" for each in lines)
