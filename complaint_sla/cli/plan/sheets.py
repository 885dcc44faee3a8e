"""`plan import` and `plan export`: the figures of many measures, or offices, in one sheet."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from complaint_sla.cli import answers
from complaint_sla.cli.imported import tell_rejects
from complaint_sla.cli.options import AsJson, OfficeAndBelow, OnlySaid, Rejects, SheetOrStdin
from complaint_sla.cli.progress import progress
from complaint_sla.cli.sheets import sheet_of
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import plan as contract
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import Error
from complaint_sla.core.periods import Period
from complaint_sla.core.plan import Activity, PlannedMeasure
from complaint_sla.core.readings import ReadingKind
from complaint_sla.wording import Words
from complaint_sla.wording import plans as wording
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work.plans.sheets import exporting, importing

# More corrections than a person reads on a screen; the journal holds them all.
MOST_SHOWN = 20


def register(app: Commands, words: Words) -> None:
    @app.command("import", help=words("Take figures in from a sheet that plan export wrote; safe to repeat."))
    def import_(
        terminal: Terminal,
        file: SheetOrStdin,
        dry_run: OnlySaid = False,
        rejects: Rejects = None,
        office: Annotated[
            str | None, Option(help=words("the office of rows that name none"), metavar="CODE")
        ] = None,
        json: AsJson = False,
    ) -> None:
        terminal.output(rejects)
        desk = terminal.desk(writes=not dry_run)

        def say(problem: Error) -> str:
            return message(words, problem, terminal.zone)

        with sheet_of(file) as path, progress(words("rows"), bar=False) as move:
            found = importing.import_file(
                desk, path, office=office, dry_run=dry_run, rejects=rejects, say=say, progress=move
            )
        if json:
            terminal.answer_json(contract.imported(found, say))
        else:
            _tell(terminal, found, dry_run=dry_run)
            tell_rejects(terminal, found.rejected, rejects)
        if found.frozen and not dry_run:
            terminal.remark(
                "The form of {quarters} was handed in without it. Restate it: complaint-sla plan freeze {quarter}",
                quarters=", ".join(words.quarter(one) for one in found.frozen),
                quarter=str(found.frozen[-1]),
            )
        if found.rejected:
            raise typer.Exit(1)

    @app.command(
        help=words("Write a quarter's figures to a sheet, with an empty row for each that is missing.")
    )
    def export(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("the sheet: .csv, .xlsx or .jsonl"), metavar="FILE")],
        quarter: Annotated[str, Argument(help=words("2017-Q1, 2560-Q1 or 1/2560"), metavar="QUARTER")],
        office: OfficeAndBelow = None,
        json: AsJson = False,
    ) -> None:
        terminal.output(file)
        wanted = Quarter.parse(quarter)
        desk = terminal.desk(writes=False)

        def guide(activity: Activity, measure: PlannedMeasure, period: Period) -> tuple[str, str]:
            when = wording.period(words, period.key)
            title = f"{activity.no} {measure.title.of(words.language)} · {when}"
            return title, wording.fill_in(words, measure)

        with progress(words("rows"), bar=False) as move:
            found = exporting.export(desk, file, wanted, guide, office, move)
        terminal.has_acted = True
        said = words(
            "{standing} figures written, and {empty} rows to be filled in.",
            standing=found.standing,
            empty=found.empty,
        )
        answers.done(terminal, contract.exported(found, file), said, json=json)


def _tell(terminal: Terminal, found: importing.Imported, *, dry_run: bool) -> None:
    words = terminal.words
    terminal.answer(
        "{entered} entered, {corrected} corrected, {unchanged} unchanged, {empty} left empty, {rejected} rejected.",
        entered=found.entered,
        corrected=found.corrected,
        unchanged=found.unchanged,
        empty=found.empty,
        rejected=len(found.rejected),
    )
    for one in found.corrections[:MOST_SHOWN]:
        terminal.remark("Line {line}: {what}", line=one.line, what=_corrected(words, one))
    if found.corrected > MOST_SHOWN:
        terminal.remark("… and {n} more.", n=found.corrected - MOST_SHOWN)
    if dry_run:
        terminal.remark("A dry run: nothing was written.")


def _corrected(words: Words, one: importing.Correction) -> str:
    """What takes the place of what: MAIN · large-existing · quarter 1/2017: 90 of 95, 94.73 % (…) → 91 of 95, 95.78 % (…)."""
    now = one.checked
    where = f"{now.office.code} · {now.measure.key} · {wording.period(words, now.period.key)}"
    before = wording.entry(words, now.measure, now.replaced) if now.replaced is not None else wording.NONE
    if now.kind is ReadingKind.AWAITING:
        return f"{where}: {before} → {wording.awaiting(words, now.said['whom'], None)}"
    day = words.day(now.said["dated"])
    letter = words("letter {letter} of {day}", letter=plain(now.said["source"]), day=day)
    return f"{where}: {before} → {wording.figure(words, now.measure, now.n, now.d)} ({letter})"
