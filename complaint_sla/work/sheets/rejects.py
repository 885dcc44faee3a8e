"""Rows that were rejected, to be mended and read again: as they came, with why, and where they stood, in front.

What stands above the heads, and these, come along, so that whatever read the sheet reads its rejects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from complaint_sla import files
from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.heads import ERROR, MARKS, marks_of
from complaint_sla.core.sheets.map import Cell
from complaint_sla.work.sheets.formats import CSV, JSONL, XLSX, Row, Sheet, ending_of
from complaint_sla.work.sheets.tables import Headed, as_text
from complaint_sla.work.sheets.writing import (
    MOST_CHARACTERS,
    Book,
    Page,
    json_line,
    new_book,
    replacing,
    whole,
)

# Writes one row that was rejected, and why.
Rejects = Callable[[Row, str], None]
# The cells of a row, of which those that hold a day hold the one that they mean.
Meant = Callable[[Row], Sequence[Cell]]
# What a workbook calls its first sheet where nobody has said otherwise.
_FIRST = "Sheet1"


@contextmanager
def rejects_of(
    sheet: Sheet, path: Path, *, is_mapped: bool = False, meant: Meant | None = None
) -> Iterator[Rejects]:
    """Writes the rejected rows of a sheet at `path`, once all is through. A table's rows may become CSV or a workbook,
    whichever they were; a line that is no JSON stays as it is, without why. CSV, which knows no cells of days, has those
    cells of a row as they are `meant`.

    In front stands why, and where the row stood, but for a text file that is read by our own columns: it has no sheets.
    Raises BadValue: `rejects-ending`, `rejects-over-sheet`, `heads-differ`, `file-unwritable`.
    """
    ending = ending_of(path)
    if (sheet.source is None) != (ending == JSONL):
        raise BadValue(
            "rejects-ending", value=path.suffix, expected=[JSONL] if sheet.source is None else [CSV, XLSX]
        )
    if path.resolve() == sheet.path.resolve():
        # It would take away the rows that were accepted.
        raise BadValue("rejects-over-sheet", file=path)
    if ending == JSONL:
        with replacing(path) as file:
            yield lambda row, why: _write_json(file.write, row, why)
        return
    is_text = all(one.table.name is None for one in sheet.tables)
    tables = [_Marked(one, MARKS[:1] if is_text and not is_mapped else MARKS) for one in sheet.tables]
    if ending == XLSX:
        with new_book(path) as book:
            pages = [_page(book, one) for one in tables]
            yield lambda row, why: pages[row.table].write(map(_cut, tables[row.table].marked(row, why)))
        return
    if any(one.own_heads != tables[0].own_heads for one in tables):
        raise BadValue("heads-differ", value=path.suffix, expected=XLSX)
    with replacing(path) as file:
        separator = sheet.source.separator if sheet.source is not None else None
        writer = files.csv_writer(file, separator or ",")
        for line in tables[0].top():
            writer.writerow(map(_text, line))

        def write(row: Row, why: str) -> None:
            said = replace(row, source=meant(row)) if meant is not None else row
            writer.writerow(map(_text, tables[row.table].marked(said, why)))

        yield write


class _Marked:
    """A table as it stands among rejects: its own columns behind those in front. Of rejects that are rejected again, the
    columns in front are these."""

    def __init__(self, headed: Headed, marks: Sequence[str]) -> None:
        self.headed, self.marks = headed, marks
        self._lines = {line.number: line.cells for line in headed.top()}
        heads = [as_text(cell) for cell in self._lines.get(headed.heads[-1], ())]
        front = marks_of(heads)
        names = [head.strip().lower() for head in heads]
        self._dropped = {*range(front), *(at for at, name in enumerate(names) if name == ERROR)}

    @property
    def own_heads(self) -> list[list[Cell]]:
        """As they are joined without cells that are one, of which CSV knows nothing: a head over several columns stands in
        each of them, one without such a head above in the upper row."""
        rows = [self._own(self._lines.get(row, ())) for row in self.headed.heads]
        covers = [
            one for one in self.headed.table.merged if one.first_row <= self.headed.heads[0] <= one.last_row
        ]
        if len(rows) < 2 or not covers:
            return rows
        width = max(map(len, rows))
        upper, lower = ([*row, *[None] * (width - len(row))] for row in rows)
        for one in covers:
            first, last = (
                one.first_column - 1 - len(self._dropped),
                min(one.last_column - len(self._dropped), width),
            )
            upper[first:last] = [upper[first]] * (last - first)
        for at in range(width):
            if upper[at] is None:
                upper[at], lower[at] = lower[at], None
        return [upper, lower]

    def top(self) -> Iterator[list[object]]:
        """The rows down to the heads, blank ones too: their numbers stay what they were."""
        heads = dict(zip(self.headed.heads, self.own_heads, strict=True))
        for number in range(1, self.headed.heads[-1] + 1):
            front = self.marks if number == self.headed.heads[-1] else [None] * len(self.marks)
            yield [*front, *(heads.get(number) or self._own(self._lines.get(number, ())))]

    def marked(self, row: Row, why: str) -> list[object]:
        said = {ERROR: why, "sheet": row.sheet, "row": row.line}
        cells = row.source if not isinstance(row.source, dict | str) else ()
        return [*(said[mark] for mark in self.marks), *self._own(cells)]

    def _own(self, cells: Sequence[Cell]) -> list[Cell]:
        return [cell for at, cell in enumerate(cells) if at not in self._dropped]


def _page(book: Book, table: _Marked) -> Page:
    page = book.page(table.headed.table.name or _FIRST)
    for line in table.top():
        page.write(line)
    return page


def _cut(value: object) -> object:
    """As much of a text as a cell of a workbook holds: more than is taken in of any."""
    return (
        f"{value[: MOST_CHARACTERS - 1]}…"
        if isinstance(value, str) and len(value) > MOST_CHARACTERS
        else value
    )


def _text(value: object) -> str:
    """As it came, but for what would run in the spreadsheet in which it is mended; it is read the same."""
    return files.guarded(whole(as_text(value)))  # type: ignore[arg-type]


def _write_json(write: Callable[[str], Any], row: Row, why: str) -> None:
    if isinstance(row.source, dict):
        rest = {key: value for key, value in row.source.items() if key.strip().lower() != ERROR}
        write(json_line({ERROR: why} | rest))
    else:
        write(f"{str(row.source).rstrip()}\n")
