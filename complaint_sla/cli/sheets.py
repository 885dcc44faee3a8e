"""Commands that take complaints in from a file, and give them out."""

import shutil
import stat
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli import answers, imported, maps
from complaint_sla.cli.acts import Yes
from complaint_sla.cli.options import AsJson, OnlySaid, Rejects, SheetIfAny
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.files import is_stream
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from complaint_sla.work.sheets import exchange, formats, workbook
from complaint_sla.work.sheets.opened import Opener

STDIN = "-"
# Of what is wrong with a sheet, what another way of reading it may mend.
_OTHER_HEADS = ("unknown-columns", "missing-columns", "no-such-table")


def register(app: Commands, words: Words) -> None:
    @app.command("import")
    def import_(
        terminal: Terminal,
        file: SheetIfAny = None,
        template: Annotated[
            bool,
            Option(
                "--template", help=words("write an empty workbook to FILE, with pick lists, to be filled in")
            ),
        ] = False,
        guess: Annotated[
            bool, Option("--guess", help=words("look what the columns and words mean, and ask the rest"))
        ] = False,
        save_map: Annotated[
            Path | None, Option(help=words("where --guess writes the map"), metavar="FILE")
        ] = None,
        map_file: maps.MapFile = None,
        sheet_names: maps.SheetNames = None,
        settings: maps.Settings = None,
        check_map: maps.CheckMap = None,
        dry_run: OnlySaid = False,
        rejects: Rejects = None,
        open_too: Annotated[
            bool,
            Option(
                "--open-too",
                help=words("also what was received more than a year ago and has not ended"),
            ),
        ] = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        if template:
            if file is None:
                raise BadValue("sheet-needed")
            _template(terminal, file)
            return
        terminal.output(rejects)
        if save_map is not None and not guess:
            raise BadValue("guess-needed", name="--save-map")
        said = maps.Said(map_file, tuple(sheet_names or ()), tuple(settings or ()))
        if check_map is not None:
            with sheet_of(file) if file is not None else nullcontext() as path:
                sheet = (file, path) if file is not None and path is not None else None
                maps.check(terminal, check_map, sheet, said, json=json)
            return
        if file is None:
            raise BadValue("sheet-needed")
        maps.refuse_both(guess, map_file)
        desk = terminal.desk(writes=not dry_run)

        def say(problem: Error) -> str:
            return message(words, problem, terminal.zone)

        def take(
            sheet: Path | Opener, rehearsed: bool, show: Callable[[exchange.Imported], None] | None = None
        ) -> exchange.Imported:
            """Takes in what a sheet says, and tells it; or looks what it would come to, before anybody is asked. What came of
            it is told after what `show` has to say."""
            is_asked = rehearsed and not dry_run
            with progress(words("rows looked at") if is_asked else words("rows"), bar=False) as move:
                result = exchange.import_file(
                    desk,
                    sheet,
                    dry_run=rehearsed,
                    rejects=rejects if rehearsed == dry_run else None,
                    say=say,
                    progress=move,
                    open_too=open_too,
                )
            if show is not None:
                show(result)
            if is_asked:
                imported.tell_before(terminal, result, always=guess)
            elif json:
                terminal.answer_json(contract.imported(result, say))
            else:
                for line in imported.lines(words, result):
                    terminal.say(line)
                imported.tell_rejects(terminal, result.rejected, rejects)
            return result

        with sheet_of(file) as path:
            if guess:
                from complaint_sla.cli import guess as guessing

                wanted = guessing.Wanted(file, path, save_map, said, dry_run, json, take)
                result = guessing.take(terminal, desk, wanted)
            else:
                opener = maps.opener(desk, file, path, said)
                try:
                    if terminal.can_ask and not (dry_run or yes or json):
                        imported.agree(terminal, take(opener, True))
                    result = take(opener, dry_run)
                except BadValue as problem:
                    if map_file is None and problem.key in _OTHER_HEADS:
                        terminal.remark("A sheet that has its own heads is read with --guess, or by a --map.")
                    raise
        if result.rejected:
            raise typer.Exit(1)

    @app.command("export")
    def export(
        terminal: Terminal,
        file: Annotated[Path, Argument(help=words("the sheet: .csv, .xlsx or .jsonl"), metavar="FILE")],
        json: AsJson = False,
    ) -> None:
        terminal.output(file)
        # What has run through a pipe can't be taken back.
        terminal.tries_again &= not is_stream(file)
        desk = terminal.desk(writes=False)
        with progress(words("rows"), bar=False) as move:
            count = exchange.export(desk, file, move, language=words.language)
        terminal.has_acted = True
        said = words.plural("{n} complaint written.", "{n} complaints written.", count)
        answers.done(terminal, contract.exported(count, file), said, json=json)


def _template(terminal: Terminal, file: Path) -> None:
    from complaint_sla.work.sheets import offering

    if file.suffix.lower() != formats.XLSX:
        raise BadValue("unknown-ending", value=file.suffix, known=[formats.XLSX])
    terminal.output(file)
    offering.template(terminal.desk(writes=False), file, terminal.words.language)
    terminal.has_acted = True
    terminal.answer("To be filled in, and imported: {file}", file=file)


@contextmanager
def sheet_of(file: Path) -> Iterator[Path]:
    """The file; or what comes on standard input or through a pipe, and can be read once only, as a file that nobody else
    reads: a sheet is gone through more than once. Raises BadValue (`file-unreadable`)."""
    if str(file) != STDIN and not _is_read_once(file):
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="complaint-sla-") as folder:
        copy = Path(folder) / (file.name if str(file) != STDIN else "stdin")
        try:
            with copy.open("wb") as target:
                if str(file) == STDIN:
                    if sys.stdin is not None:
                        shutil.copyfileobj(sys.stdin.buffer, target)
                else:
                    with file.open("rb") as source:
                        shutil.copyfileobj(source, target)
        except OSError as problem:
            raise BadValue("file-unreadable", file=file, problem=problem.strerror or problem) from None
        if copy.suffix.lower() not in formats.READ:
            # A pipe's name says nothing of what comes through it.
            copy = copy.rename(f"{copy}{_ending(copy)}")
        yield copy


def _is_read_once(file: Path) -> bool:
    with suppress(OSError, ValueError):
        mode = file.stat().st_mode
        # /dev/stdin and /dev/fd/63 have no ending, whatever they stand for.
        return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or file.is_relative_to("/dev")
    return False


def _ending(file: Path) -> str:
    """By what a file begins with."""
    with file.open("rb") as opened:
        head = opened.read(256)
    if workbook.begins_workbook(head):
        return formats.XLSX
    return formats.JSONL if head.removeprefix(BOM_UTF8).lstrip().startswith(b"{") else formats.CSV
