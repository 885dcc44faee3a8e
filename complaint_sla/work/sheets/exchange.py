"""Complaints in and out as sheets: import from other systems and from an export, export of all there is.

An import is a row of transactions, one a batch, each wholly there or not at all; an export is one reading transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from complaint_sla.core import fields as regular
from complaint_sla.core.complaints import Bucket, Status
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.journal import JournalKind
from complaint_sla.store import archive, complaints, offices
from complaint_sla.store.tables import Customer
from complaint_sla.work import journal
from complaint_sla.work.casefile import IDENTITY
from complaint_sla.work.complaints.log import Deadlines
from complaint_sla.work.complaints.view import ComplaintView, with_rows
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.batches import Result, take_in
from complaint_sla.work.sheets.effect import OfQuarter, by_quarter
from complaint_sla.work.sheets.formats import XLSX, Row, ending_of
from complaint_sla.work.sheets.mending import Mender
from complaint_sla.work.sheets.offering import new_export
from complaint_sla.work.sheets.opened import Opener, by_our_heads
from complaint_sla.work.sheets.rejects import Rejects
from complaint_sla.work.sheets.rows import COLUMNS, Reader, Statement
from complaint_sla.work.sheets.writing import Pen, new_sheet

# Rows of one transaction of an import: large enough that its fixed queries hardly count, small enough that others, who
# wait for it at an SQLite file, don't notice.
BATCH = 100
# Rows that an export reads at a time; nobody waits for it.
PAGE = 1000


@dataclass(frozen=True)
class Reject:
    """A row that was not taken: where it begins, a line of the file or a row of a workbook's `sheet`, and why."""

    line: int
    error: Error
    sheet: str | None = None
    table: int = 0

    @property
    def place(self) -> tuple[int, int]:
        return self.table, self.line


@dataclass(frozen=True)
class Imported:
    """What came of an import, in rows: logged, `ended` of these with their end; ends newly applied to known complaints;
    nothing new.

    Of what was logged so many are `open`, and so many of these `late`. `people` are how many hear at the next sweep of so
    many of them (`told`). `sheets`, `rows`, `skipped` and `repaired` are the file's.
    """

    logged: int
    ended: int
    closed: int
    unchanged: int
    rejected: tuple[Reject, ...]
    open: int = 0
    late: int = 0
    people: int = 0
    told: int = 0
    quarters: tuple[OfQuarter, ...] = ()
    sheets: int = 1
    rows: int = 0
    skipped: int = 0
    repaired: Mapping[str, int] = field(default_factory=dict)

    @property
    def changes_the_past(self) -> bool:
        return any(one.has_ended for one in self.quarters)


def import_file(
    desk: Desk,
    sheet: Path | Opener,
    *,
    dry_run: bool = False,
    rejects: Path | None = None,
    say: Callable[[Error], str] = str,
    progress: Callable[[int], None] | None = None,
    open_too: bool = False,
    batch: int = BATCH,
) -> Imported:
    """Takes in what a sheet says, a batch a transaction. Safe to run again, and several at once. A path has our heads.

    With `dry_run` all of it runs in one transaction that is taken back, and nobody waits for it. Rejected rows go
    to `rejects`, in the words of `say`, once the whole sheet is through. `progress` is told the rows done after every
    batch. With `open_too` what was received more than a year ago, and has no end, is open. Raises BadValue for a file that
    can't be used (nothing is written then), BookRefused.
    """
    opener = by_our_heads(sheet, Mender(desk.shelf, desk.zone)) if isinstance(sheet, Path) else sheet
    run = _Import(desk, opener, batch)
    with run.sheet.rejects(rejects) if rejects is not None else nullcontext() as write_reject:
        run.write_reject = write_reject
        run.say = say
        run.open_all = open_too
        if dry_run:
            return desk.store.rehearse(lambda session: _through(run, session, progress))
        run.through(_written(run), progress)
    with desk.store.read() as session:
        return run.imported(session)


def _through(run: _Import, session: Session, progress: Callable[[int], None] | None) -> Imported:
    run.through(_rehearsed(run, session), progress)
    return run.imported(session)


TakeIn = Callable[[list[Statement], bool], Result]


def _written(run: _Import) -> TakeIn:
    desk = run.desk
    return lambda batch, last: desk.store.write(
        lambda session: take_in(
            session,
            desk,
            run.deadlines,
            batch,
            run.numbers,
            last=last,
            rehearsal=False,
            open_too=run.open_too,
        )
    )


def _rehearsed(run: _Import, session: Session) -> TakeIn:
    def take(batch: list[Statement], last: bool) -> Result:
        result = take_in(
            session,
            run.desk,
            run.deadlines,
            batch,
            run.numbers,
            last=last,
            rehearsal=True,
            open_too=run.open_too,
        )
        session.flush()
        # What has been flushed is found again by queries; a long sheet must not pile up here.
        session.expunge_all()
        return result

    return take


class _Import:
    """One run over one sheet: what is carried from batch to batch."""

    def __init__(self, desk: Desk, opener: Opener, batch: int) -> None:
        self.desk = desk
        self._batch = batch
        self.deadlines = Deadlines(desk)
        self.numbers: dict[str, str] = {}
        self.write_reject: Rejects | None = None
        self.say: Callable[[Error], str] = str
        self.open_all = False
        self._rows = 0
        self._originals: set[str] = set()
        self._total = Result()
        self._deferred: list[Statement] = []
        self._rejected: list[Reject] = []
        self._not_mended: Counter[str] = Counter()
        self._faulty: list[tuple[Row, Error]] = []
        self._done = 0
        self._reader = Reader(desk.zone)
        self.sheet = opener(self._look, in_full=False)

    def open_too(self, one: Statement) -> bool:
        """Whether what was received long ago, and has no end by this row, is taken for open.

        Whoever imports it may say so, and so may a sheet that was written for us: by its word, or as it speaks of no ends
        at all. In an office's own an end is most likely forgotten.
        """
        says_so = not one.says_open or one.row.cells.get("status", "").strip().lower() == Status.OPEN
        return self.open_all or (self.sheet.is_ours and says_so)

    def _look(self, row: Row) -> None:
        self._rows += 1
        self._reader.count(row)
        if "duplicate_of" in row.cells:
            # What is no number is refused with its row.
            with suppress(BadValue):
                self._originals.add(regular.number(row.cells["duplicate_of"]))

    def through(self, take: TakeIn, progress: Callable[[int], None] | None) -> None:
        """Takes in the whole sheet; what names an original further down comes last."""
        for batch in _batches(self._statements(), self._batch):
            self._count(take(batch, False), len(batch))
            if progress is not None:
                progress(self._done)
        self._reject_all([])
        while self._deferred:
            waiting, self._deferred = self._deferred, []
            self._round(waiting, take, last=False)
            if len(self._deferred) == len(waiting):
                waiting, self._deferred = self._deferred, []
                self._round(waiting, take, last=True)
            if progress is not None:
                progress(self._done)

    def _round(self, statements: list[Statement], take: TakeIn, *, last: bool) -> None:
        for batch in _batches(([one] for one in statements), self._batch):
            self._count(take(batch, last), len(batch))

    def _statements(self) -> Iterator[list[Statement]]:
        return self._reader.together(self.sheet.rows(), self.sheet.columns, self._reject)

    def _reject(self, row: Row, problem: Error) -> None:
        self._faulty.append((row, problem))
        if len(self._faulty) >= self._batch:
            self._reject_all([])

    def _count(self, result: Result, size: int) -> None:
        """A batch is through; its result stands."""
        total = self._total
        total.logged += result.logged
        total.ended += result.ended
        total.closed += result.closed
        total.unchanged += result.unchanged
        total.effect.add(result.effect)
        self._reject_all([(one.row, problem) for one, problem in result.rejected])
        self._deferred += result.deferred
        self._done += size - len(result.deferred)
        # Only what duplicates refer to has to be remembered.
        self.numbers |= {old: new for old, new in result.numbers.items() if old in self._originals}

    def _reject_all(self, rejected: list[tuple[Row, Error]]) -> None:
        """What a batch rejected and what could not be understood meanwhile, in the order of the sheet."""
        self._done += len(self._faulty)
        rejected = sorted(self._faulty + rejected, key=lambda found: found[0].place)
        self._faulty = []
        for row, problem in rejected:
            self.sheet.called(problem)
            if row.fault is None:
                self._not_mended.update(row.mended)
            # With its traceback, an error would keep alive whatever stood around when it was raised.
            self._rejected.append(Reject(row.line, problem.with_traceback(None), row.sheet, row.table))
            number = row.cells.get("number", "").strip().upper()
            if number in self._originals:
                # Not to be mistaken for a complaint that has this number here.
                self.numbers.setdefault(number, "")
            if self.write_reject is not None:
                self.write_reject(row, self.say(problem))

    def imported(self, session: Session) -> Imported:
        """What came of it, in the database as it is now that all is in."""
        total, effect = self._total, self._total.effect
        return Imported(
            logged=total.logged,
            ended=total.ended,
            closed=total.closed,
            unchanged=total.unchanged,
            rejected=tuple(sorted(self._rejected, key=lambda reject: reject.place)),
            open=effect.count(Bucket.PENDING, Bucket.OVERDUE),
            late=effect.count(Bucket.OVERDUE),
            people=len(effect.people),
            told=effect.told,
            quarters=tuple(by_quarter(session, self.desk, effect)),
            sheets=self.sheet.tables,
            rows=self._rows,
            skipped=self.sheet.skipped,
            repaired=dict(Counter(self.sheet.repaired) - self._not_mended),
        )


def _batches(groups: Iterable[list[Statement]], size: int) -> Iterator[list[Statement]]:
    """Batches in which no external id stands twice: a later row of the same complaint must find the earlier one.

    Groups stay together, however large they are; no id is in two of one batch.
    """
    batch: dict[str, list[Statement]] = {}
    carried: list[list[Statement]] = []
    count = 0
    for group in groups:
        count += len(group)
        if group[0].id in batch:
            carried.append(group)
        else:
            batch[group[0].id] = group
        while count >= size:
            yield [one for group in batch.values() for one in group]
            batch, carried = _without_repeats(carried)
            count = sum(map(len, (*batch.values(), *carried)))
    while batch:
        yield [one for group in batch.values() for one in group]
        batch, carried = _without_repeats(carried)


def _without_repeats(
    groups: list[list[Statement]],
) -> tuple[dict[str, list[Statement]], list[list[Statement]]]:
    batch: dict[str, list[Statement]] = {}
    repeats = [one for one in groups if batch.setdefault(one[0].id, one) is not one]
    return batch, repeats


def export(
    desk: Desk, path: Path, progress: Callable[[int], None] | None = None, *, language: str = "en"
) -> int:
    """Writes all complaints in the order in which they were logged; how many. The file is there whole or not at all. A
    workbook is in the words of an office, in that language.

    The journal says so before; what is written is read in one transaction. Moments bear the zone's offset. Raises BadValue:
    `unknown-ending`, `file-unwritable`.
    """
    is_book = ending_of(path) == XLSX
    with new_export(path, desk.shelf, language) if is_book else new_sheet(path, COLUMNS) as write:
        # Before anything leaves: what can't be recorded is not given out.
        with desk.store.read() as session:
            count = archive.count(session)
        journal.note(desk, JournalKind.EXPORTED, {"file": path.name, "complaints": count})
        with desk.store.read() as session:
            return _write_all(session, desk, write, progress, as_cells=is_book)


def _write_all(
    session: Session,
    desk: Desk,
    write: Pen,
    progress: Callable[[int], None] | None,
    *,
    as_cells: bool,
) -> int:
    done = last_id = 0
    directory = offices.directory(session)
    while page := complaints.page_after(session, last_id, PAGE):
        customers = complaints.customers_of(session, [row.id for row in page])
        for row, complaint in with_rows(session, desk, directory, page, in_full=True):
            write(values_of(complaint, customers.get(row.id), desk.zone, as_cells=as_cells))
            done += 1
        last_id = page[-1].id
        session.expunge_all()
        if progress is not None:
            progress(done)
    return done


_FIELDS = tuple(one.name for one in fields(ComplaintView))


def values_of(
    complaint: ComplaintView, customer: Customer | None, zone: ZoneInfo, *, as_cells: bool = False
) -> list[object]:
    """In the order of COLUMNS. As cells, a day is a day and a moment a local one, to the second and without its zone."""
    values = [_plain(getattr(complaint, name), zone, as_cells=as_cells) for name in _FIELDS]
    return [*values, *(getattr(customer, column, None) for column in IDENTITY.values())]


def _plain(value: object, zone: ZoneInfo, *, as_cells: bool) -> object:
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return local.replace(tzinfo=None, microsecond=0) if as_cells else local.isoformat()
    return value.isoformat() if isinstance(value, date) and not as_cells else value
