"""`plan import` and `plan export`: the figures of many measures, or offices, in one sheet."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from complaint_sla.cli import answers
from complaint_sla.cli.options import AsJson, OfficeAndBelow
from complaint_sla.cli.progress import progress
from complaint_sla.cli.sheets import tell_rejects
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
from complaint_sla.work.plans.enter import Checked
from complaint_sla.work.plans.sheets import exporting, importing

# More corrections than a person reads on a screen; the journal holds them all.
MOST_SHOWN = 20


def register(app: Commands, words: Words) -> None:
    @app.command("import", help=words("Take figures in from a sheet that plan export wrote; safe to repeat."))
    def import_(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("the sheet: .csv or .jsonl"), metavar="FILE")],
        dry_run: Annotated[bool, Option("--dry-run", help=words("only say what would be taken in"))] = False,
        rejects: Annotated[
            Path | None, Option(help=words("write rejected rows to a file"), metavar="FILE")
        ] = None,
        office: Annotated[
            str | None, Option(help=words("the office of rows that name none"), metavar="CODE")
        ] = None,
        json: AsJson = False,
    ) -> None:
        terminal.output(rejects)
        desk = terminal.desk(writes=not dry_run)

        def say(problem: Error) -> str:
            return message(words, problem, terminal.zone)

        with progress(words("rows"), bar=False) as move:
            found = importing.import_file(
                desk, file, office=office, dry_run=dry_run, rejects=rejects, say=say, progress=move
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
        file: Annotated[Path, Argument(help=words("the sheet: .csv or .jsonl"), metavar="FILE")],
        quarter: Annotated[str, Argument(help=words("a quarter, 1/2560"), metavar="QUARTER")],
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
    """What takes the place of what: BANSANG · large-existing · quarter 1/2017: 90 of 95, 94.73 % → 91 of 95, 95.78 %."""
    now, before = one.checked, one.checked.before
    where = f"{now.office.code} · {now.measure.key} · {wording.period(words, now.period.key)}"
    said = now.replaced.said if now.replaced is not None else None
    kind, n, d = (before.kind, before.n, before.d) if before is not None else (now.kind, None, None)
    told = [_told(words, now, kind, n, d, said or {}), _told(words, now, now.kind, now.n, now.d, now.said)]
    return f"{where}: {' → '.join(told)}"


def _told(
    words: Words, one: Checked, kind: ReadingKind, n: int | None, d: int | None, said: Mapping[str, Any]
) -> str:
    if kind is ReadingKind.AWAITING:
        return words("awaiting {whom}", whom=plain(str(said.get("whom") or "?")))
    figure = wording.figure(words, one.measure, n, d)
    if one.before is None or (one.n, one.d) != (one.before.n, one.before.d):
        return figure
    # What is corrected is the letter, or a remark.
    dated = said.get("dated")
    day = words.day(date.fromisoformat(str(dated))) if dated is not None else "?"
    letter = plain(str(said.get("source") or "?"))
    return words("{figure} (letter {letter} of {day})", figure=figure, letter=letter, day=day)
