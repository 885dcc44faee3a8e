"""`import --guess`: says what a sheet tells of itself, asks what it does not tell, and keeps the answers as a map."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from complaint_sla import contract
from complaint_sla.cli import asking
from complaint_sla.cli.line import forget_typed_ahead
from complaint_sla.cli.maps import Said
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.texts import STDIN
from complaint_sla.core import keyboard
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.sheets import setting
from complaint_sla.core.sheets.guess import answered, from_settings, taken_back
from complaint_sla.core.sheets.guessed import Guess
from complaint_sla.core.sheets.map import SheetMap
from complaint_sla.core.sheets.mapwriting import write_map
from complaint_sla.core.sheets.questions import Ask, Question
from complaint_sla.files import is_stream
from complaint_sla.wording import Words
from complaint_sla.wording import guess as wording
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, padded, wrapped
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets import mapping
from complaint_sla.work.sheets.exchange import Imported
from complaint_sla.work.sheets.formats import Row
from complaint_sla.work.sheets.guessing import known_of, look, score
from complaint_sla.work.sheets.mapped import by_map
from complaint_sla.work.sheets.opened import Opener
from complaint_sla.work.sheets.sources import open_source
from complaint_sla.work.sheets.tables import Source

INTERRUPTED = 130
# As many rows are shown before anybody agrees.
FIRST_ROWS = 3
INDENT = 4
# What there are more of is asked for by a part of its name.
MOST_LISTED = 40


class Dialogue:
    """The questions of one guess, one after the other and back again."""

    def __init__(self, terminal: Terminal, guess: Guess) -> None:
        self._terminal = terminal
        self.guess = guess
        self._asked: list[Question] = []
        self._drawn = ""

    def run(self) -> None:
        """Asks until nothing is open. Raises KeyboardInterrupt, typer.Abort, and as `guess` does where an answer ends it."""
        if self.guess.questions:
            self._terminal.remark("A single < goes back one question.")
        while self.guess.questions:
            self._one(self.guess.questions[0])

    def back(self) -> bool:
        """Takes the last answer back; False where there is none."""
        if not self._asked:
            self._terminal.remark("This is the first question.")
            return False
        self.guess = taken_back(self.guess, self._asked.pop())
        self._drawn = ""
        return True

    def _one(self, question: Question) -> None:
        terminal, words = self._terminal, self._terminal.words
        done, left = len(self._asked), len(self.guess.questions)
        terminal.tell("")
        terminal.tell(f"{done + 1}/{done + left} {wording.asked(words, question)}")
        self._draw(question)
        while True:
            answer = asking.ask(asking.fitted(terminal, wording.prompt(words, question)))
            if keyboard.latin(answer.strip()) == asking.BACK:
                if self.back():
                    return
                continue
            try:
                kept = question.meant(answer)
                self.guess = answered(self.guess, question, answer)
            except Error as problem:
                if question.ask is Ask.SHEETS and problem.key == "sheets-differ":
                    raise
                asking.tell(terminal, problem)
                continue
            self._asked.append(question)
            if question.choices or not answer.strip():
                terminal.tell(f"→ {wording.answer(words, question, kept)}")
            return

    def _draw(self, question: Question) -> None:
        """What there is to choose from, once for all words of a column."""
        drawn = f"{question.ask}:{question.name}"
        if question.choices and drawn != self._drawn and len(question.choices) <= MOST_LISTED:
            asking.columns(
                self._terminal, [wording.choice(self._terminal.words, one) for one in question.choices]
            )
        self._drawn = drawn


def tell_certain(terminal: Terminal, guess: Guess) -> None:
    """All that is taken for certain: of the file, of its columns, of its words."""
    for line in wording.remarks(terminal.words, guess):
        terminal.tell(line)
    tell_map(terminal, guess)


def tell_map(terminal: Terminal, guess: Guess) -> None:
    """The map in words."""
    words = terminal.words
    _table(terminal, words("Columns"), wording.columns(words, guess))
    _table(terminal, words("Words"), wording.meanings(words, guess))


def _table(terminal: Terminal, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """What is ours on the left, what the sheet says on the right."""
    if not rows:
        return
    terminal.tell(f"{title}:")
    left = max(cells_wide(name) for name, _ in rows)
    room = max(terminal.width - left - 6, 20)
    for name, said in rows:
        first, *others = wrapped(said, room)
        terminal.tell(f"  {padded(name, left)}  {first}".rstrip())
        for other in others:
            terminal.tell(f"  {' ' * left}  {other}")


@dataclass(frozen=True)
class Wanted:
    """What was said of an import by guess. The sheet is the `file`, read from `path`; `take` takes in what a sheet says, or only
    says what it would."""

    file: Path
    path: Path
    save_map: Path | None
    said: Said
    dry_run: bool
    json: bool
    take: Callable[[Opener, bool, Callable[[Imported], None] | None], Imported]

    @property
    def map_file(self) -> Path:
        """Beside the sheet, where no other was named."""
        return self.save_map or self.file.with_name(f"{self.file.name}.map.toml")

    def refuse(self, terminal: Terminal) -> None:
        """Raises BadValue, before anything is read, where the map has no place: as `output`, `map-over-sheet`, and
        `missing-option` where a sheet has no place itself."""
        if self.save_map is None and (str(self.file) == STDIN or self.file != self.path):
            raise terminal.missing("--save-map")
        terminal.output(self.map_file)
        if self.map_file.exists() and self.path.exists() and self.map_file.samefile(self.path):
            raise BadValue("map-over-sheet", file=self.map_file)

    def source(self) -> Source:
        """The sheet, or of a workbook those of its sheets that were named. Raises BadValue (`unknown-sheet`)."""
        said = setting.altered(SheetMap({}), self.said.settings, {})
        source = open_source(
            self.path, encoding=said.encoding, separator=said.separator, score=score, name=self.file
        )
        if not self.said.sheets:
            return source
        there = {one.name: one for one in source.tables if one.name is not None}
        for name in self.said.sheets:
            if name not in there:
                raise BadValue("unknown-sheet", value=name, known=list(there))
        # One that is named is wanted, hidden or not.
        return replace(
            source, tables=tuple(replace(there[name], is_hidden=False) for name in self.said.sheets)
        )

    def altered(self, desk: Desk, guess: Guess) -> SheetMap:
        """The map of a guess with all that was said beside it. Raises BadValue as `setting.altered` does."""
        return self.said.alter(guess.map, mapping.keys_of(desk))


def take(terminal: Terminal, desk: Desk, wanted: Wanted) -> Imported:
    """Says what it would do, asks what is open, writes the map, and takes in after one more yes. Raises typer.Exit where
    nobody agrees, BadValue as `refuse_unasked` where nobody can be asked."""
    wanted.refuse(terminal)
    setting.altered(SheetMap({}), wanted.said.settings, mapping.keys_of(desk))
    source = wanted.source()
    with progress(terminal.words("rows"), bar=False) as move:
        guess = look(desk, source, move, from_settings(wanted.said.settings))
    if wanted.json or not terminal.can_ask:
        refuse_unasked(terminal, desk, guess, wanted)
    try:
        tell_certain(terminal, guess)
        dialogue, kept = Dialogue(terminal, guess), ""
        while True:
            dialogue.run()
            settled = dialogue.guess
            if guess.questions:
                terminal.tell("")
                tell_map(terminal, settled)
            kept = _keep_map(terminal, desk, settled, wanted, kept)
            opener = by_map(source, wanted.altered(desk, settled), desk)

            def show(would: Imported, opener: Opener = opener) -> None:
                _tell_rows(terminal, desk, opener, would)

            would = wanted.take(opener, True, show)
            if wanted.dry_run:
                return would
            if not would.logged + would.closed:
                terminal.remark("There is nothing to take in.")
                return would
            if not _agreed(terminal, dialogue, would.logged + would.closed):
                continue
            # The questions have taken minutes.
            desk.store.require_same()
            return wanted.take(opener, False, None)
    except (KeyboardInterrupt, typer.Abort):
        terminal.tell("")
        terminal.remark("Nothing was taken in.")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        forget_typed_ahead()


def refuse_unasked(terminal: Terminal, desk: Desk, guess: Guess, wanted: Wanted) -> NoReturn:
    """Writes the map with what is open, and says that nothing was taken in. Raises BadValue: `guess-open`, `guess-settled`."""
    words, questions = terminal.words, guess.questions
    tell_certain(terminal, guess)
    open_ones = wording.open_lines(words, questions)
    text = _map_text(words, guess, wanted, desk)
    _require_ours(wanted.map_file, text)
    terminal.write_file(wanted.map_file, text, private=True)
    if wanted.json:
        terminal.answer_json(contract.guessed(guess, wanted.map_file, open_ones))
    for number, line in enumerate(open_ones, 1):
        terminal.tell(f"{number}/{len(open_ones)} {line}")
    said = {"sheet": wanted.file, "file": wanted.map_file}
    raise (
        BadValue("guess-open", count=len(open_ones), **said)
        if open_ones
        else BadValue("guess-settled", **said)
    )


def _agreed(terminal: Terminal, dialogue: Dialogue, count: int) -> bool:
    """Whether they are to be taken in; False where a question is asked again. Raises KeyboardInterrupt for a no."""
    words = terminal.words
    # What was pasted beyond the last answer must not say yes to this.
    forget_typed_ahead()
    title = words.plural(
        "Take in {n} complaint? (y, Enter: no)", "Take in {n} complaints? (y, Enter: no)", count
    )
    while True:
        answer = asking.ask(asking.fitted(terminal, title))
        if keyboard.latin(answer) == asking.BACK:
            if dialogue.back():
                return False
            continue
        try:
            if keyboard.yes_or_no(answer) == "y":
                return True
        except Error as problem:
            asking.tell(terminal, problem)
            continue
        raise KeyboardInterrupt


def _keep_map(terminal: Terminal, desk: Desk, guess: Guess, wanted: Wanted, before: str) -> str:
    """Writes the map, and answers with it; over another one than was written `before` only where that was agreed to.

    Raises BadValue (`map-is-there`).
    """
    text, file = _map_text(terminal.words, guess, wanted, desk), wanted.map_file
    try:
        _require_ours(file, text, before)
    except BadValue:
        question = terminal.words(
            "{file} is there already, and says something else. Write over it? (y, Enter: no)",
            file=plain(str(file)),
        )
        if not asking.yes(terminal, asking.fitted(terminal, question)):
            raise
    terminal.write_file(file, text, private=True)
    terminal.tell("")
    terminal.remark("The map is kept in {file}", file=plain(str(file)))
    return text


def _require_ours(file: Path, *ours: str) -> None:
    """Raises BadValue (`map-is-there`) where a file is there that says something else than any of these."""
    if file.exists() and not is_stream(file):
        try:
            is_same = file.read_text(encoding="utf-8") in ours
        except (OSError, ValueError):
            is_same = False
        if not is_same:
            raise BadValue("map-is-there", file=file)


def _map_text(words: Words, guess: Guess, wanted: Wanted, desk: Desk) -> str:
    """The map, with what nobody has answered."""
    questions = wording.in_map(words, guess.questions)
    comments = wording.comments(words, guess, wanted.file.name)
    return write_map(wanted.altered(desk, guess), questions, comments)


def _tell_rows(terminal: Terminal, desk: Desk, opener: Opener, would: Imported) -> None:
    """The first of the rows that would be taken, as they would stand here, contact details masked."""
    rows, known = _first_rows(opener, {one.place for one in would.rejected}), known_of(desk)
    if rows:
        terminal.remark("The first rows, as they would stand here:")
    for number, row in enumerate(rows, 1):
        parts = wording.row(terminal.words, known, row.cells, terminal.zone)
        lines = [line for part in parts for line in asking.laid(part, terminal.width - INDENT)]
        for at, line in enumerate(lines):
            terminal.tell(terminal.cut(f"{number if at == 0 else '':>3} {line}"))


class _Enough(Exception):  # noqa: N818 - nothing is wrong
    """No more rows are wanted."""


def _first_rows(opener: Opener, rejected: Container[tuple[int, int]]) -> list[Row]:
    """The first ones with which nothing is wrong; a long sheet is not gone through for them."""
    rows: list[Row] = []

    def look(row: Row) -> None:
        if row.fault is None and row.place not in rejected:
            rows.append(row)
        if len(rows) == FIRST_ROWS:
            raise _Enough

    with suppress(_Enough):
        opener(look)
    return rows
