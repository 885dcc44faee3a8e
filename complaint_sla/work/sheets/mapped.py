"""The rows of an office's own sheet, by its map: each as a row of our columns. Nothing is guessed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue, Error, Fault, MapFaults
from complaint_sla.core.sheets import cells as moments
from complaint_sla.core.sheets import kept
from complaint_sla.core.sheets.heads import marks_of, one_row, shown, two_rows
from complaint_sla.core.sheets.kept import Mended
from complaint_sla.core.sheets.map import JOINED, Cell, SheetMap
from complaint_sla.core.sheets.words import CHOSEN, DATES, TOTALS, form
from complaint_sla.core.terms import said
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.formats import Row, Sheet
from complaint_sla.work.sheets.mending import Mender
from complaint_sla.work.sheets.opened import Look, Opened, Opener
from complaint_sla.work.sheets.rejects import rejects_of
from complaint_sla.work.sheets.tables import Headed, Line, Source, Table, as_text

# An account may have lost all but its last digits: the map says that they are to be put back.
MOST_ZEROS = 11
# What is only kept may hold an error of a spreadsheet without harm.
_KEPT = ("customer", "phone", "account", "email")
# Texts in which words for none say that there is none; elsewhere they may be the text.
_NONE_SAID = ("detail", *_KEPT)
_TOTALS = tuple(map(form, TOTALS))


def by_map(source: Source, sheet_map: SheetMap, desk: Desk) -> Opener:
    """The rows that a map finds in a file. Raises MapFaults where the two don't fit, and as its tables do."""

    def opened(look: Look, *, in_full: bool = True) -> Opened:
        heads = {name: place.heads[0] for name, place in sheet_map.columns.items()}
        mender = Mender(
            desk.shelf,
            desk.zone,
            sheet_map.repair,
            most_zeros=MOST_ZEROS,
            heads=heads,
            default=sheet_map.default,
        )
        tables = fitting(source, sheet_map)

        def rows(counts: _Counts, *, in_full: bool = True) -> Iterator[Row]:
            for number, table in enumerate(tables):
                for line in table.headed.lines():
                    if (row := table.row(line, number, mender, counts, in_full=in_full)) is not None:
                        yield row

        counts = _Counts()
        show = mender.look(look, in_full=in_full)
        for row in rows(counts, in_full=in_full):
            show(row)
        sheet = Sheet(source.path, tuple(sheet_map.columns), source, tuple(one.headed for one in tables))
        return Opened(
            {*sheet_map.columns, *sheet_map.default},
            lambda: mender.rows(rows(_Counts())),
            lambda path: rejects_of(
                sheet, path, is_mapped=True, meant=lambda row: tables[row.table].meant(row)
            ),
            len(tables),
            counts.skipped,
            mender.count,
            heads=heads,
        )

    return opened


def fitting(source: Source, sheet_map: SheetMap) -> list[Mapped]:
    """The tables of a file that a map reads. Raises MapFaults with all in which they don't fit."""
    file, faults, found = source.path.name, list[Fault](), list[Mapped]()
    there = {table.name: table for table in source.tables if table.name is not None}
    named = sheet_map.sheets if sheet_map.sheets is not None and there else None
    if named is not None:
        for name in named:
            if name not in there:
                value = (("value", name), ("known", list(there)))
                faults.append(Fault(file, "", "fault-no-sheet", value))
        tables = [there[name] for name in named if name in there]
    else:
        tables = [table for table in source.tables if not table.is_hidden] or list(source.tables)
    for table in tables:
        one = Mapped(table, sheet_map)
        # A cover, a summary: where all sheets are meant, these are none.
        if named is None and len(tables) > 1 and one.is_other:
            continue
        faults += one.faults(file)
        found.append(one)
    if not found and not faults:
        faults = Mapped(tables[0], sheet_map).faults(file)
    if faults:
        raise MapFaults(tuple(faults))
    return found


@dataclass
class _Counts:
    """Of one way through a file: rows that are none."""

    skipped: int = 0


class Mapped:
    """One table, with the columns in which everything stands that the map names."""

    def __init__(self, table: Table, sheet_map: SheetMap) -> None:
        self._map = sheet_map
        self.headed = Headed(table, sheet_map.heads)
        lines = {line.number: line.cells for line in self.headed.top()}
        rows = [lines.get(number, ()) for number in sheet_map.heads]
        self._has_row = any(map(any, rows))
        self._texts = (
            two_rows(rows[0], rows[1], sheet_map.heads[0], table.merged)
            if len(rows) > 1
            else one_row(rows[0])
        )
        self._front = marks_of(self._texts) or marks_of(one_row(rows[-1]))
        # As they stand in each row, and joined: so they may come again further down.
        repeated = [*map(one_row, rows), self._texts]
        self._repeated = {_trimmed(row[self._front :]) for row in repeated} - {()}
        self._at = {head: self._columns(head) for head in self._heads()}
        self._words = {
            name: ({" ".join(word.split()): key for word, key in words.items()}, _by_form(words))
            for name, words in sheet_map.values.items()
        }
        self._skip = [(self._at[head], _pattern(text)) for head, text in sheet_map.skip.items()]
        self._receipt = self._at[sheet_map.columns["received_at"].heads[0]]
        subject = sheet_map.columns.get("subject")
        self._subject = self._at[subject.heads[0]] if subject is not None else ()

    def _heads(self) -> dict[str, str]:
        """All that are named, with what they are."""
        found = dict.fromkeys(self._map.skip, "skip") | dict.fromkeys(self._map.leave_out, "leave_out")
        for name, place in self._map.columns.items():
            found |= dict.fromkeys((*place.heads, *filter(None, [place.time])), name)
        return found

    def _columns(self, head: str) -> tuple[int, ...]:
        """Those under a head, as it is written or but for its white space."""
        own = list(enumerate(self._texts))[self._front :]
        exact = tuple(at for at, text in own if text == " ".join(head.split()))
        return exact or tuple(at for at, text in own if text and said(text) == said(head))

    @property
    def is_other(self) -> bool:
        return not any(self._at.values())

    def faults(self, file: str) -> list[Fault]:
        """In what the table and the map don't fit."""
        place = self.headed.table.name or ""
        if not self._has_row:
            rows = ", ".join(map(str, self._map.heads))
            return [Fault(file, place, "fault-no-head-row", (("value", rows),))]
        known = list(filter(None, self._texts[self._front :]))
        faults = []
        for head, name in self._heads().items():
            if not self._at[head]:
                faults.append(Fault(file, place, "fault-no-head", (("value", head), ("known", known))))
            elif len(self._at[head]) > 1 and name not in (*JOINED, "leave_out"):
                faults.append(Fault(file, place, "fault-two-columns", (("value", head), ("name", name))))
        named = {at for columns in self._at.values() for at in columns}
        for at, text in list(enumerate(self._texts))[self._front :]:
            if text and at not in named:
                faults.append(Fault(file, place, "fault-unnamed", (("value", text),)))
        return faults

    def row(self, line: Line, number: int, mender: Mender, counts: _Counts, *, in_full: bool) -> Row | None:
        """None for a row that is none; if not `in_full`, of one with an id no more than that."""
        fault, found, mended = line.fault, dict[str, str](), list[str]()
        if fault is None:
            if self._is_none(line.cells, counts):
                return None
            if not in_full and (id_ := self._id(line.cells)):
                return Row(line.number, id_, line.cells, None, self.headed.table.name, number)
            try:
                found = self._values(line.cells, mender, mended)
            except Error as problem:
                fault = problem.with_traceback(None)
        return Row(line.number, found, line.cells, fault, self.headed.table.name, number, tuple(mended))

    def _id(self, cells: Sequence[Cell]) -> dict[str, str]:
        """The id by itself."""
        # An original is looked for by what its row says.
        place = self._map.columns.get("external_id") if "duplicate_of" not in self._map.columns else None
        text = as_text(_cell(cells, self._at[place.heads[0]][0])).strip() if place is not None else ""
        return {"external_id": text} if text else {}

    def meant(self, row: Row) -> Sequence[Cell]:
        """Its cells, those that a spreadsheet has swapped as they are meant: a text is swapped by nobody."""
        cells: list[Cell] = [*row.source] if not isinstance(row.source, dict | str) else []
        if self._map.dates.swapped:
            for name, place in self._map.columns.items():
                for at in self._at[place.heads[0]] if name in DATES else ():
                    if at < len(cells):
                        cells[at] = moments.unswapped(cells[at])
        return cells

    def _is_none(self, cells: Sequence[Cell], counts: _Counts) -> bool:
        own = _trimmed([shown(cell) for cell in cells[self._front :]])
        if not own:
            return True
        is_none = (
            own in self._repeated
            or any(
                is_meant(form(shown(_cell(cells, at)))) for columns, is_meant in self._skip for at in columns
            )
            or (form(next(filter(None, own))).startswith(_TOTALS) and self._sums_up(cells))
        )
        counts.skipped += is_none
        return is_none

    def _sums_up(self, cells: Sequence[Cell]) -> bool:
        """Whether a row that begins so says nothing of a complaint."""
        if any(shown(_cell(cells, at)) for at in self._subject):
            return False
        try:
            moments.moment(_cell(cells, self._receipt[0]), self._map.dates)
        except BadValue:
            return True
        return False

    def _values(self, cells: Sequence[Cell], mender: Mender, mended: list[str]) -> dict[str, str]:
        """What the row says, by our columns. Raises BadValue: `cell-faulty`, and as `moments.moment` does."""
        found: dict[str, str] = {}
        for name, place in self._map.columns.items():
            columns = [(head, at) for head in place.heads for at in self._at[head]]
            for head, at in columns:
                cell = _cell(cells, at)
                if isinstance(cell, str) and name not in _KEPT and kept.is_faulty(cell):
                    raise BadValue("cell-faulty", value=cell.strip(), head=head)
            if name in DATES:
                clock = _cell(cells, self._at[place.time][0]) if place.time is not None else None
                value = self._moment(_cell(cells, columns[0][1]), clock, mended)
            elif name in CHOSEN:
                value = self._word(name, _cell(cells, columns[0][1]))
            elif name in JOINED:
                value = _joined(name, [(head, as_text(_cell(cells, at))) for head, at in columns])
            else:
                value = as_text(_cell(cells, columns[0][1]))
                value = "" if name in _NONE_SAID and kept.says_none(value) else value
            if value and not value.isspace():
                found[name] = value
        return self._settled(found, mender)

    def _moment(self, cell: Cell, clock: Cell, mended: list[str]) -> str:
        if cell is None or (isinstance(cell, str) and kept.says_none(cell)):
            return ""
        if isinstance(clock, str) and kept.says_none(clock):
            clock = None
        value = moments.moment(cell, self._map.dates, clock)
        if moments.is_serial(cell):
            mended.append(Mended.SERIALS)
        return value

    def _word(self, name: str, cell: Cell) -> str:
        """The key that the map has for a word; the word itself where it has none, which may be a key or a title."""
        text = shown(cell)
        exact, by_form = self._words.get(name, ({}, {}))
        key = exact.get(text, by_form.get(form(text)))
        if key is not None:
            return key
        return "" if not text.strip("-–— ") else text

    def _settled(self, found: dict[str, str], mender: Mender) -> dict[str, str]:
        """An outcome is said of what has ended: of what is open it is a remark."""
        status = mender.status(found.get("status", self._map.default.get("status", "")))
        if status == Status.OPEN and "closed_at" not in found and "outcome" in found:
            head = self._map.columns["outcome"].heads[0]
            remark = f"{head}: {found.pop('outcome')}"
            found["detail"] = "\n".join([*filter(None, [found.get("detail")]), remark])
        return found


def _cell(cells: Sequence[Cell], at: int) -> Cell:
    return cells[at] if at < len(cells) else None


def _joined(name: str, parts: Sequence[tuple[str, str]]) -> str:
    """Several columns as one text, each with its head."""
    said_ = [
        (head, text.strip())
        for head, text in parts
        if not (kept.says_none(text) if name in _NONE_SAID else not text.strip("-–— \t\r\n"))
    ]
    if len(parts) == 1:
        return said_[0][1] if said_ else ""
    return "\n".join(f"{head}: {text}" for head, text in said_)


def _by_form(words: Mapping[str, str]) -> dict[str, str]:
    return {form(word): key for word, key in words.items()}


def _trimmed(texts: Sequence[str]) -> tuple[str, ...]:
    """Without the empty ones at the end."""
    last = max((at for at, text in enumerate(texts, 1) if text), default=0)
    return tuple(texts[:last])


def _pattern(text: str) -> Callable[[str], bool]:
    """Whether a cell, in its form, is what is skipped: `รวม*` begins so."""
    wanted = form(text.removesuffix("*"))
    if text.endswith("*"):
        return lambda found: found.startswith(wanted)
    return lambda found: found == wanted
