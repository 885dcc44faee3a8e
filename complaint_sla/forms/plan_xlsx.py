"""The plan's own form as a sheet on one landscape page. Needs the extra `xlsx`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from complaint_sla.forms.document import Cell
from complaint_sla.forms.plan import Achieved, PlanForm, Sign
from complaint_sla.forms.workbook import BRAND, Sheet, Workbook
from complaint_sla.wording.width import cells_wide

# Columns of the sheet: those of the form, of which the first, the fourth and the fifth have parts.
_WIDTHS = (40, 14, 17, 19, 36, 10, 15, 10, 24, 10)
_PARTS = ((0, 1), (2, 2), (3, 3), (4, 7), (8, 9))
_LINE = 17
_SOFT = "#625B6B"
_TINT = "#F7F4F9"

# The cells of one part of a line, and how they look.
Line = tuple[Sequence[Cell], dict[str, Any]]


def plan_xlsx(form: PlanForm) -> bytes:
    """Raises BadValue (`missing-extra`)."""
    book = Workbook(form.as_of, form.language, form.heading, row_by_row=False)
    sheet = book.sheet(form.perspective, _WIDTHS, landscape=True)
    sheet.sheet.fit_to_pages(1, 1)
    _head(sheet, form)
    _titles(sheet, form)
    _body(sheet, form)
    sheet.skip()
    for note in (form.state, *form.notes):
        sheet.line([note], font_color=_SOFT)
    sheet.skip()
    signed(sheet, form.signs, ((0, (1, 2)), (4, (5, 7))), _LINE)
    return book.content()


def _head(sheet: Sheet, form: PlanForm) -> None:
    """The heading, and at its right the marks, one of them ticked."""
    looks: tuple[dict[str, Any], ...] = (
        {"bold": True, "size": 15, "color": BRAND},
        {"bold": True, "size": 12},
        {},
    )
    for text, look, (mark, title) in zip(
        (form.heading, form.office, form.perspective), looks, form.marks, strict=True
    ):
        ticked = mark is form.mark
        sheet.put(8, f"{'☑' if ticked else '☐'} {title}", {"bold": ticked})
        sheet.line([text], **look)
    sheet.skip()


def _titles(sheet: Sheet, form: PlanForm) -> None:
    look = {"bold": True, "border": 1, "bg_color": _TINT, "align": "center", "text_wrap": True}
    sheet.sheet.set_row(sheet.row, 2 * _LINE)
    for (first, last), title in zip(_PARTS, form.columns, strict=True):
        _merged(sheet, first, last, title, look)
    sheet.row += 1


def _body(sheet: Sheet, form: PlanForm) -> None:
    """Line by line, the parts that have lines going down their own columns; the others are one cell each."""
    first = sheet.row
    lines = list(zip_longest(_activity(form), _achieved(form.quarter), _achieved(form.year)))
    for number, line in enumerate(lines):
        edge = {"bottom": 1} if number == len(lines) - 1 else {}
        height = 1
        for columns, part in zip((_PARTS[0], _PARTS[3], _PARTS[4]), line, strict=True):
            cells, look = part or ((), {})
            height = max(height, _part(sheet, columns, cells, {"valign": "top"} | look | edge))
        sheet.sheet.set_row(sheet.row, _LINE * height)
        sheet.row += 1
    look = sheet.book.format(border=1, text_wrap=True, valign="top", align="center")
    for (at, _), text in zip(_PARTS[1:3], (form.period, "\n".join(form.target)), strict=True):
        sheet.sheet.merge_range(first, at, sheet.row - 1, at, "", look)
        sheet.sheet.write_string(first, at, text, look)


def _part(sheet: Sheet, columns: tuple[int, int], cells: Sequence[Cell], look: dict[str, Any]) -> int:
    """One line of one part, with its borders; how many lines of text its height must hold."""
    first, last = columns
    if len(cells) == 1:
        framed = look | {"text_wrap": True, "left": 1, "right": 1, "align": "left", "indent": 1}
        _merged(sheet, first, last, cells[0], framed)
        return _height(cells[0], sum(_WIDTHS[first : last + 1]))
    for at in range(first, last + 1):
        sides: dict[str, Any] = {"align": "right"}
        if at == first:
            sides = {"left": 1, "align": "left", "indent": 1, "text_wrap": True}
        if at == last:
            sides |= {"right": 1, "indent": 1}
        sheet.put(at, cells[at - first] if cells else "", look | sides)
    return _height(cells[0], _WIDTHS[first]) if cells else 1


def _merged(sheet: Sheet, first: int, last: int, cell: Cell, look: dict[str, Any]) -> None:
    if first < last:
        sheet.sheet.merge_range(sheet.row, first, sheet.row, last, "", sheet.book.format(**look))
    sheet.put(first, cell, look)


def _height(cell: Cell, width: int) -> int:
    return int(-(-cells_wide(cell) // (width * 1.1))) if isinstance(cell, str) and cell else 1


def _activity(form: PlanForm) -> list[Line]:
    bold = {"bold": True}
    lines: list[Line] = [((form.activity,), bold)]
    for kind in form.criteria:
        lines += [((kind.title,), bold), *(((f"– {title}", within), {}) for title, within in kind.lines)]
    return [*lines, ((form.aims_title,), bold), *(((f"– {aim}",), {}) for aim in form.aims)]


def _achieved(part: Achieved) -> list[Line]:
    lines: list[Line] = [((part.title,), {"bold": True})]
    for table in part.tables:
        lines.append((tuple(column.title for column in table.columns), {"font_color": _SOFT, "italic": True}))
        lines += [(row.cells, {"bold": row.is_total}) for row in table.rows]
    blank: Sequence[Cell] = ("", "") if part.tables else ()
    return [
        *lines,
        ((part.received_title, *blank, part.received), {"bold": True}),
        # Of the narrow part n of d stands below.
        ((part.share_title, *(("", part.share.of) if part.tables else ()), part.rate), {"bold": True}),
        *([] if part.tables else [((part.share.text,), {"bold": True})]),
    ]


def signed(
    sheet: Sheet, signs: Sequence[Sign], places: Sequence[tuple[int, tuple[int, int]]], line: float
) -> None:
    """Who signs, side by side, each with lines to fill in by hand: the column of the words, the first and the last of the
    line. `line` is the height of a line in points."""
    for (at, _), sign in zip(places, signs, strict=True):
        sheet.put(at, sign.title, {"bold": True})
    sheet.row += 1
    for texts in zip(*(sign.lines for sign in signs), strict=True):
        sheet.sheet.set_row(sheet.row, 1.4 * line)
        for (at, (first, last)), text in zip(places, texts, strict=True):
            sheet.put(at, text, {"align": "right"})
            for cell in range(first, last + 1):
                sheet.put(cell, "", {"bottom": 4})
        sheet.row += 1
