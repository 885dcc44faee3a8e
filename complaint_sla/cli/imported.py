"""The words of what an import changes: said before it is done, where somebody can be asked, and after."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import typer

from complaint_sla.cli.terminal import Terminal
from complaint_sla.wording import Words
from complaint_sla.wording.mended import mended
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work.sheets.effect import OfQuarter
from complaint_sla.work.sheets.exchange import Imported, Reject

# More rejects than a person reads on a screen; all of them go to --rejects.
MOST_SHOWN = 20


def tell_before(terminal: Terminal, would: Imported, *, always: bool) -> None:
    """What an import would come to, for whoever is asked then; if not `always`, only of one that changes what is past or has
    somebody told."""
    if not (always or _is_grave(would)):
        return
    terminal.remark("Not done yet. It would come to this:")
    for line in lines(terminal.words, would):
        terminal.tell(line)
    tell_rejects(terminal, would.rejected, None)


def agree(terminal: Terminal, would: Imported) -> None:
    """Goes on if somebody says yes to what was told before, or it is not grave. Raises typer.Exit (1), typer.Abort,
    KeyboardInterrupt."""
    if not _is_grave(would):
        return
    from complaint_sla.cli import asking

    if not asking.yes(terminal, terminal.words("Take them in? (y/n, Enter: no)")):
        terminal.remark("Nothing was taken in.")
        raise typer.Exit(1)


def _is_grave(would: Imported) -> bool:
    return would.changes_the_past or bool(would.told)


def lines(words: Words, result: Imported) -> Iterator[str]:
    """What came of an import, and by quarter what it changes."""
    yield _sum(words, result)
    yield from mended(words, result.repaired)
    for one in result.quarters:
        yield f"  {words.quarter(one.quarter)}: {_of(words, one)}"
    if result.late:
        yield words("Open and late already: {n}", n=result.late)
    for one in result.quarters:
        if one.restated is not None:
            yield words(
                "{quarter} is frozen, and is told as changed since. When all is in, restate it as version {n}:",
                quarter=words.quarter(one.quarter),
                n=one.restated,
            )
            yield _freeze(words, one)
    waiting = [one for one in result.quarters if one.waits]
    if waiting:
        yield words(
            "No service freezes what ended before a complaint was first logged by hand here. When all is in:"
        )
        yield from (_freeze(words, one) for one in waiting)
    if result.told:
        yield words(
            "Told at the next sweep: {people} people, of {n} complaints", people=result.people, n=result.told
        )


def _sum(words: Words, result: Imported) -> str:
    sheets = words.plural("{n} sheet", "{n} sheets", result.sheets)
    rows = words.plural("{n} row", "{n} rows", result.rows)
    read = words("read {sheets}, {rows}", sheets=sheets, rows=rows)
    logged = words(
        "logged {n} (ended already {ended}, open {open})",
        n=result.logged,
        ended=result.ended,
        open=result.logged - result.ended,
    )
    counts: list[tuple[Callable[[], str], int]] = [
        (lambda: words("known ones closed {n}", n=result.closed), result.closed),
        (lambda: words("known {n}", n=result.unchanged), 1),
        (lambda: words("rejected {n}", n=len(result.rejected)), 1),
        (lambda: words("passed over {n}", n=result.skipped), result.skipped),
    ]
    return " · ".join([read, logged, *(said() for said, count in counts if count)])


def _of(words: Words, one: OfQuarter) -> str:
    said = [
        words("received {n}", n=one.received),
        words("in time {n}", n=one.in_time),
        words("late {n}", n=one.late),
    ]
    if one.open:
        said.append(words("open {n}", n=one.open))
    if one.excluded:
        said.append(words("excluded {n}", n=one.excluded))
    if one.ended:
        said.append(words("known ones closed {n}", n=one.ended))
    return " · ".join(said)


def _freeze(words: Words, one: OfQuarter) -> str:
    quarter = one.quarter
    return f"  complaint-sla report {quarter.number}/{words.year(quarter.year)} --freeze"


def tell_rejects(terminal: Terminal, rejected: Sequence[Reject], file: Path | None) -> None:
    """The rows of a sheet that were not taken, each with why; `file` is where all of them were written."""
    for one in rejected[:MOST_SHOWN]:
        why = message(terminal.words, one.error, terminal.zone)
        if one.sheet is not None:
            terminal.remark("{sheet}, row {line}: {why}", sheet=plain(one.sheet), line=one.line, why=why)
        else:
            terminal.remark("Line {line}: {why}", line=one.line, why=why)
    if len(rejected) > MOST_SHOWN:
        terminal.remark("… and {n} more; --rejects FILE writes them all.", n=len(rejected) - MOST_SHOWN)
    if file is not None and rejected:
        terminal.remark("Rejected rows, to be mended and imported again: {file}", file=file)
