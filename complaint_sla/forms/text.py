"""The report as plain text for a terminal, aligned by cells: Thai marks have no width of their own.

Thai has no spaces between words, so a narrow column would split them: where a title doesn't fit beside the
numbers it gets a line of its own, and the numbers of all tables stay under each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from complaint_sla.forms.document import DASH, Cell, Column, Document, Row, Table, shown
from complaint_sla.wording.width import cells_wide, padded, wrapped

# Below it nothing could be read; a pipe or a broken terminal may report 0.
NARROWEST = 40
GAP = 2


def quarter_text(document: Document, width: int = 80) -> str:
    """The report in lines of at most `width` cells (40 at least), ending with a line break."""
    width = max(width, NARROWEST)
    result, outlook = document.result, document.outlook
    verdict = [
        (result.title, result.share.text),
        (result.target_title, result.target),
        (result.heading, result.mark_title),
        ("", result.mark_text),
    ]
    parts = [
        [*wrapped(document.heading, width), "═" * min(cells_wide(document.heading), width)],
        list(_pairs([(fact.title, fact.value) for fact in document.facts], width)),
        list(_pairs(verdict, width)),
    ]
    if outlook is not None:
        bounds = [(outlook.worst_title, outlook.worst.text), (outlook.best_title, outlook.best.text)]
        parts.append([_heading(outlook.title, width), *_pairs(bounds, width), *wrapped(outlook.text, width)])
    parts.append([_heading(document.buckets.title, width), *_grid(document.buckets, width)])
    parts.extend(
        [_heading(table.title, width), *lines]
        for table, lines in zip(document.printed, _breakdowns(document.printed, width), strict=True)
    )
    parts.extend([_heading(table.title, width), *_grid(table, width)] for table in document.further)
    parts.append([_heading(document.notes_title, width), *_notes(document.notes, width)])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _heading(title: str, width: int) -> str:
    return f"── {title} " + "─" * max(2, width - cells_wide(title) - 4)


def _pairs(pairs: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """`title  value`, the values under each other; below their titles if the column is too narrow."""
    room = width - max(cells_wide(title) for title, _ in pairs) - GAP
    for title, value in pairs:
        if room < NARROWEST // 2:
            yield from wrapped(title, width)
            yield from (f"    {line}" for line in wrapped(value, width - 4))
            continue
        for left, line in zip_longest([title], wrapped(value, room), fillvalue=""):
            yield padded(left, width - room) + line


def _notes(notes: Iterable[str], width: int) -> Iterator[str]:
    for note in notes:
        for number, line in enumerate(wrapped(note, width - 2)):
            yield ("  " if number else "- ") + line


def _grid(table: Table, width: int) -> Iterator[str]:
    """A table in its own measure: a last column of prose takes what is left, in as many lines as it needs."""
    if not table.rows:
        yield DASH
        return
    head = tuple(column.title for column in table.columns)
    rows = [head, *(tuple(map(shown, row.cells)) for row in table.rows)]
    widths = [
        _measure(column, [row.cells[at] for row in table.rows])
        if column.align == "right"
        else max(cells_wide(row[at]) for row in rows)
        for at, column in enumerate(table.columns)
    ]
    before = sum(widths[:-1]) + GAP * (len(widths) - 1)
    if table.columns[-1].align == "left":
        widths[-1] = min(widths[-1], max(width - before, NARROWEST // 4))
    full = before + widths[-1]
    if full > width:
        yield from _records(table, width)
        return
    totals = {number for number, row in enumerate(table.rows, 1) if row.is_total}
    gaps = " " * GAP
    for number, row in enumerate(rows):
        if number == 1 or number in totals:
            yield "─" * full
        for line in zip_longest(
            *(wrapped(cell, at) for cell, at in zip(row, widths, strict=True)), fillvalue=""
        ):
            yield gaps.join(
                padded(cell, at, column.align)
                for cell, at, column in zip(line, widths, table.columns, strict=True)
            )


def _breakdowns(tables: Sequence[Table], width: int) -> Iterator[list[str]]:
    """Each breakdown, in one measure for all: the numbers of the report stand under each other."""
    columns = tables[0].columns[1:]
    cells = [row.cells[1:] for table in tables for row in table.rows]
    titles = [str(row.cells[0]) for table in tables for row in table.rows] + [
        table.columns[0].title for table in tables
    ]
    widths = [_measure(column, [row[at] for row in cells]) for at, column in enumerate(columns)]
    gap = GAP if sum(widths) + GAP * len(widths) + NARROWEST // 4 <= width else 1
    numbers = sum(widths) + gap * len(widths)
    if numbers > width:
        yield from (list(_records(table, width)) for table in tables)
        return
    full = min(width, numbers + max(map(cells_wide, titles)))
    for table in tables:
        yield list(_lines(table, widths, gap, full))


def _measure(column: Column, cells: Sequence[Cell]) -> int:
    return max(cells_wide(text) for text in (*column.title.split(), *map(shown, cells)))


def _lines(table: Table, widths: Sequence[int], gap: int, full: int) -> Iterator[str]:
    room = full - sum(widths) - gap * len(widths)
    heads = [wrapped(column.title, at) for column, at in zip(table.columns[1:], widths, strict=True)]
    height = max(map(len, heads))
    # Headings stand on the line, one word or many.
    heads = [[""] * (height - len(head)) + head for head in heads]
    for at in range(height):
        # The heading of the titles may not fit in their column's rest: it is alone above the first line then.
        title = table.columns[0].title if at == height - 1 else ""
        yield from _line(title, [head[at] for head in heads], widths, gap, room)
    yield "─" * full
    # One title that doesn't fit puts all of the table above their numbers: a mixture reads badly.
    apart = any(cells_wide(str(row.cells[0])) > room for row in table.rows)
    for row in table.rows:
        if row.is_total:
            yield "─" * full
        cells = [shown(cell) for cell in row.cells[1:]]
        yield from _line(str(row.cells[0]), cells, widths, gap, room, apart=apart and not row.is_total)


def _line(
    title: str, cells: Sequence[str], widths: Sequence[int], gap: int, room: int, *, apart: bool = False
) -> Iterator[str]:
    full = room + sum(widths) + gap * len(widths)
    if apart or cells_wide(title) > room:
        for line in wrapped(title, full):
            yield padded(line, full)
        title = ""
    numbers = "".join(" " * gap + padded(cell, at, "right") for cell, at in zip(cells, widths, strict=True))
    yield padded(title, room) + numbers


def _records(table: Table, width: int) -> Iterator[str]:
    """For a screen too narrow for columns: each row as a title and a list."""
    for row in table.rows:
        yield from (padded(line, width) for line in wrapped(str(row.cells[0]), width))
        yield from _record(row, table.columns, width)


def _record(row: Row, columns: Sequence[Column], width: int) -> Iterator[str]:
    for column, cell in zip(columns[1:], row.cells[1:], strict=True):
        value = shown(cell)
        room = width - 2 - cells_wide(column.title)
        if cells_wide(value) < room:
            yield "  " + column.title + padded(value, room, "right")
            continue
        # A sentence, or a long name, below its title.
        for line in (*wrapped(column.title, width - 2), *("  " + one for one in wrapped(value, width - 4))):
            yield "  " + padded(line, width - 2)
