"""Figures of the plan taken in from a sheet: a row of transactions, one a batch, each wholly there or not at all.

A row is checked and put down by the same pen as what is typed. What is left empty says nothing: it withdraws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.periods import Period
from complaint_sla.core.readings import ReadingKind
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.enter import Pen, measure_called
from complaint_sla.work.plans.sheets.rows import COLUMNS, REQUIRED, Statement, read
from complaint_sla.work.plans.submitted import Checked
from complaint_sla.work.sheets.exchange import BATCH, Reject
from complaint_sla.work.sheets.formats import Row, open_sheet
from complaint_sla.work.sheets.rejects import rejects_of

# By office, measure and period: where a figure belongs.
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Correction:
    """What a row put in the place of something else, and on which line of the sheet it begins."""

    line: int
    checked: Checked


@dataclass(frozen=True)
class Imported:
    """What came of an import, in rows: `entered` where nothing stood, or somebody was waited for; `corrections` of what
    stood; nothing new; left empty. `frozen`: the quarters that were handed in before, and are not what they were.
    """

    entered: int
    corrections: tuple[Correction, ...]
    unchanged: int
    empty: int
    rejected: tuple[Reject, ...]
    frozen: tuple[Quarter, ...]

    @property
    def corrected(self) -> int:
        return len(self.corrections)


def import_file(
    desk: Desk,
    path: Path,
    *,
    office: str | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    say: Callable[[Error], str] = str,
    progress: Callable[[int], None] | None = None,
    batch: int = BATCH,
) -> Imported:
    """Takes in what a sheet says, a batch a transaction. Safe to run again, and several at once, whatever the order of rows.

    `office` is that of rows that name none. With `dry_run` nothing is written, and nobody waits for it. Rejected rows go to
    `rejects`, in the words of `say`, once the whole sheet is through. `progress` is told the rows done after every batch.
    Raises BadValue for a file that can't be used (nothing is written then).
    """
    run = _Import(desk, path, office)
    with rejects_of(run.sheet, rejects) if rejects is not None else nullcontext() as write_reject:

        def reject(row: Row, problem: Error) -> None:
            # With its traceback, an error would keep alive whatever stood around when it was raised.
            run.rejected.append(Reject(row.line, problem.with_traceback(None), row.sheet))
            if write_reject is not None:
                write_reject(row, say(problem))

        def through(take: TakeIn) -> None:
            of_sheet = run.sheet.rows()
            while rows := list(islice(of_sheet, batch)):
                run.count(take(rows), reject)
                if progress is not None:
                    progress(run.done)

        if dry_run:
            desk.store.rehearse(lambda session: through(lambda rows: _rehearsed(run, session, rows)))
        else:
            through(lambda rows: desk.store.write(lambda session: run.take_in(Pen(session, desk), rows)))
    return run.imported()


TakeIn = Callable[[Sequence[Row]], "_Result"]


@dataclass
class _Result:
    """What became of a batch."""

    entered: int = 0
    corrections: list[Correction] = field(default_factory=list)
    unchanged: int = 0
    empty: int = 0
    rejected: list[tuple[Row, Error]] = field(default_factory=list)
    frozen: set[Quarter] = field(default_factory=set)


def _rehearsed(run: _Import, session: Session, rows: Sequence[Row]) -> _Result:
    result = run.take_in(Pen(session, run.desk, rehearsal=True), rows, rehearsal=True)
    # What queries have found must not pile up over a long sheet.
    session.expunge_all()
    return result


class _Import:
    """One run over one sheet: what is carried from batch to batch."""

    def __init__(self, desk: Desk, path: Path, office: str | None) -> None:
        self.desk = desk
        self.done = 0
        self.rejected: list[Reject] = []
        self._office = office
        self._total = _Result()
        with desk.store.read() as session:
            look = _Look(Pen(session, desk, rehearsal=True), office, desk.today)
            self.sheet = open_sheet(path, COLUMNS, REQUIRED, look)
        # By the line of a row: the lines of those that say something else of the same, and what is there twice alike.
        self._others = look.others()
        self._repeats = look.repeats()

    def take_in(self, pen: Pen, rows: Sequence[Row], *, rehearsal: bool = False) -> _Result:
        """Takes a batch in, within the caller's transaction."""
        result = _Result()
        statements: list[Statement] = []
        for row in rows:
            try:
                statement = self._read(row)
            except BadValue as problem:
                result.rejected.append((row, problem))
                continue
            if statement is None:
                result.empty += 1
            else:
                statements.append(statement)
        _look_up(pen, statements)
        for one in statements:
            try:
                self._take(pen, one, result, rehearsal=rehearsal)
            except (BadValue, NotPossible) as problem:
                result.rejected.append((one.row, problem))
        result.rejected.sort(key=lambda rejected: rejected[0].line)
        return result

    def _read(self, row: Row) -> Statement | None:
        statement = read(row, self.desk.today, self._office)
        if statement is not None and row.line in self._others:
            said = statement.submitted
            lines = self._others[row.line]
            raise BadValue("row-twice", measure=said.measure, period=said.period, lines=lines)
        return statement

    def _take(self, pen: Pen, statement: Statement, result: _Result, *, rehearsal: bool) -> None:
        line = statement.row.line
        checked = _checked(pen, statement)
        if not checked.is_new or line in self._repeats:
            result.unchanged += 1
            return
        if not rehearsal:
            pen.put(checked)
        result.frozen.update(pen.frozen(checked))
        before = checked.before
        if before is None or (before.kind is not checked.kind and checked.kind is ReadingKind.FIGURE):
            result.entered += 1
        else:
            result.corrections.append(Correction(line, checked))

    def count(self, result: _Result, reject: Callable[[Row, Error], None]) -> None:
        """A batch is through; its result stands."""
        total = self._total
        total.entered += result.entered
        total.corrections += result.corrections
        total.unchanged += result.unchanged
        total.empty += result.empty
        total.frozen |= result.frozen
        for row, problem in result.rejected:
            reject(row, problem)
        self.done = (
            total.entered + len(total.corrections) + total.unchanged + total.empty + len(self.rejected)
        )

    def imported(self) -> Imported:
        total = self._total
        return Imported(
            entered=total.entered,
            corrections=tuple(total.corrections),
            unchanged=total.unchanged,
            empty=total.empty,
            rejected=tuple(self.rejected),
            frozen=tuple(sorted(total.frozen)),
        )


def _look_up(pen: Pen, statements: Sequence[Statement]) -> None:
    places = set()
    for one in statements:
        # What leads nowhere is refused with its row.
        with suppress(BadValue, NotPossible):
            said = one.submitted
            period = Period.parse(said.period).key
            places.add((pen.office(said).id or 0, said.measure.lower(), period))
    pen.look_up(places)


def _checked(pen: Pen, statement: Statement) -> Checked:
    """What a row enters, if it can be. Raises as `Pen.office` and `Pen.check` do, and BadValue: `figure-and-awaiting`,
    `day-or-month`."""
    said = statement.submitted
    office, period = pen.office(said), Period.parse(said.period)
    _, measure = measure_called(pen.plan(period), said.measure)
    said = statement.of(measure)
    has_figure = any((said.figure, said.source, said.dated, statement.doubt))
    if not (has_figure and said.awaiting) and statement.doubt is None:
        return pen.check(said, office)
    entries, before, _ = pen.standing(office, measure, period)
    if has_figure and said.awaiting:
        # What one waited for has come in, and nobody has emptied the cell.
        whom = " ".join(said.awaiting.split())
        if not any(one.said is not None and one.said.get("whom") == whom for one in entries):
            raise BadValue("figure-and-awaiting", value=said.awaiting)
        said = replace(said, awaiting=None)
    if statement.doubt is None:
        return pen.check(said, office)
    # A spreadsheet has made 10/4/2017 of a day that stands: nothing is said by that.
    dated = before.dated if before is not None else None
    if dated is None or dated.isoformat() not in _readings(statement.doubt):
        raise statement.doubt
    checked = pen.check(replace(said, dated=dated), office)
    if checked.is_new:
        raise statement.doubt
    return checked


def _readings(doubt: BadValue) -> Collection[str]:
    found = doubt.values["readings"]
    assert isinstance(found, list)
    return found


class _Look:
    """Looks a sheet through before anything is done: a figure may stand there twice, alike or not."""

    def __init__(self, pen: Pen, office: str | None, today: date) -> None:
        self._pen, self._office, self._today = pen, office, today
        self._seen: dict[Place, tuple[int, bytes]] = {}
        self._lines: dict[Place, list[int]] = {}
        self._differing: set[Place] = set()

    def __call__(self, row: Row) -> None:
        # What can't be understood is refused with its row.
        with suppress(BadValue, NotPossible):
            statement = read(row, self._today, self._office)
            if statement is None:
                return
            said = statement.submitted
            period = Period.parse(said.period).key
            place = (self._pen.office(said).code, said.measure.lower(), period)
            first, digest = self._seen.setdefault(place, (row.line, statement.digest))
            if first != row.line:
                self._lines.setdefault(place, [first]).append(row.line)
            if digest != statement.digest:
                self._differing.add(place)

    def others(self) -> Mapping[int, Sequence[int]]:
        """By the line of a row that says something else than another: the lines of all of them."""
        return {line: self._lines[place] for place in self._differing for line in self._lines[place]}

    def repeats(self) -> Collection[int]:
        """The lines of what is there once more."""
        return {line for lines in self._lines.values() for line in lines[1:]}
