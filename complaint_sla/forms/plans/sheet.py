"""The whole form of the plan as a sheet: a page of the document a printed page, n and d in cells of their own. Needs the extra
`xlsx`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from complaint_sla.forms.document import Cell
from complaint_sla.forms.plan import Achieved
from complaint_sla.forms.plan_xlsx import signed
from complaint_sla.forms.plans.form import Line, PlanRow, Result, WholeForm
from complaint_sla.forms.workbook import BRAND, Sheet, Workbook
from complaint_sla.wording.width import wrapped

# Activity, period, target; of the quarter and of the year so far: what, n, d, value; the mark.
_WIDTHS = (40, 10, 17, 24, 8, 8, 9, 20, 8, 8, 9, 5)
_QUARTER, _YEAR, _MARK = (3, 6), (7, 10), 11
_LINE, _HIGHEST = 16.5, 400
_SOFT, _TINT, _BAD = "#625B6B", "#F7F4F9", "#B3261E"
_EDGE = {"left": 1, "right": 1, "align": "left", "indent": 1}
# Of A4 across, between the margins of the sheet, at 96 dots to the inch, with something to spare: no two programs measure
# alike. And what a column takes for each of its characters, and beside them.
_PAPER, _CHARACTER, _PADDING = 930, 7, 5
_RIGHT = {"align": "right"}
_BOLD = 0.88


@dataclass(frozen=True)
class _Part:
    """A line of a cell of results: one text across it, or a text and up to three numbers."""

    cells: Sequence[Cell]
    bold: bool = False
    color: str = ""
    has_bold_head: bool = False

    def look(self, at: int = 0) -> dict[str, Any]:
        """Of one of its cells."""
        bold = self.bold or (self.has_bold_head and at == 0)
        return ({"bold": True} if bold else {}) | ({"font_color": self.color} if self.color else {})


def whole_xlsx(form: WholeForm) -> bytes:
    """Raises BadValue (`missing-extra`)."""
    book = Workbook(form.as_of, form.language, form.heading, row_by_row=False)
    sheet = book.sheet(form.perspective, _WIDTHS, landscape=True)
    # A sheet that is fitted to pages knows no breaks of its own.
    sheet.sheet.fit_page = False
    sheet.sheet.set_print_scale(int(100 * _PAPER / sum(_CHARACTER * one + _PADDING for one in _WIDTHS)))
    sheet.sheet.set_footer('&L&8&"Tahoma"' + form.foot.replace("&", "&&")[:200] + "&R&P / &N")
    _head(sheet, form)
    _titles(sheet, form)
    sheet.sheet.repeat_rows(0, sheet.row - 1)
    sheet.sheet.freeze_panes(sheet.row, 1)
    breaks = []
    for rows in form.pages:
        for row in rows:
            _row(sheet, row)
        breaks.append(sheet.row)
    sheet.sheet.set_h_pagebreaks(breaks[:-1])
    sheet.skip()
    for note in (form.foot, *form.notes):
        sheet.line([note], font_color=_SOFT)
    sheet.skip()
    signed(sheet, form.signs, ((0, (1, 2)), (3, (4, 7))), _LINE)
    return book.content()


def _head(sheet: Sheet, form: WholeForm) -> None:
    """What stands on each page: what it is, of which office, whether it can change, and what the signs mean."""
    state = f"{form.perspective} · {form.quarter} · {form.state}"
    looks: tuple[dict[str, Any], ...] = (
        {"bold": True, "size": 14, "color": BRAND},
        {"bold": not form.is_final, "color": "black" if form.is_final else _BAD},
    )
    for text, look, (sign, title) in zip((form.heading, state), looks, form.legend, strict=True):
        sheet.put(_YEAR[0] + 1, f"{sign} {title}", {})
        sheet.line([text], **look)


def _titles(sheet: Sheet, form: WholeForm) -> None:
    """In two lines: what is a number has a column of its own."""
    look = {"bold": True, "border": 1, "bg_color": _TINT, "align": "center", "text_wrap": True}
    first, last = sheet.row, sheet.row + 1
    sheet.sheet.set_row(first, 2 * _LINE)
    sheet.sheet.set_row(last, 1.8 * _LINE)
    activity, period, target, quarter, year, mark = form.columns
    for at, title in ((0, activity), (1, period), (2, target), (_MARK, mark)):
        _down(sheet, first, last, at, title, look)
    for place, title in ((_QUARTER, quarter), (_YEAR, year)):
        _across(sheet, first, place, title, look)
        for at, head in zip(range(place[0], place[1] + 1), ("", *form.numbers), strict=True):
            style = sheet.book.format(**{**look, "bold": False, "font_size": 9, "font_color": _SOFT})
            sheet.sheet.write_string(last, at, head, style)
    sheet.row += 2


def _row(sheet: Sheet, row: PlanRow) -> None:
    """The results line by line; what stands beside them is one cell each, as high as all lines together."""
    first = sheet.row
    quarter, year = list(_parts(row.quarter)), list(_parts(row.year))
    heights: list[float] = []
    for at in range(max(len(quarter), len(year))):
        height = 1
        for place, parts in ((_QUARTER, quarter), (_YEAR, year)):
            part = parts[at] if at < len(parts) else _Part(("",))
            height = max(height, _put(sheet, place, part))
        heights.append(_LINE * height)
        sheet.row += 1
    activity = list(_activity(row))
    texts = ("", row.period, "\n".join(row.target))
    needed = _LINE * max(
        sum(_lines(text, _WIDTHS[0] - 2, bold=bold) for text, bold in activity),
        *(_lines(text, width - 2) for text, width in zip(texts, _WIDTHS, strict=False)),
    )
    # What the results leave room for is not stretched; the rest is empty lines below them.
    while sum(heights) < needed:
        for place in (_QUARTER, _YEAR):
            _put(sheet, place, _Part(("",)))
        heights.append(min(_HIGHEST, max(_LINE, needed - sum(heights))))
        sheet.row += 1
    for at, points in enumerate(heights):
        sheet.sheet.set_row(first + at, points)
    _closed(sheet)
    look = {"text_wrap": True, "valign": "top", "border": 1, "align": "left", "indent": 1}
    last = sheet.row - 1
    _down(sheet, first, last, 0, "", look)
    _rich(sheet, first, activity, look)
    for at, text in enumerate(texts[1:], 1):
        _down(sheet, first, last, at, text, look | ({"align": "center", "indent": 0} if at == 1 else {}))
    _down(
        sheet, first, last, _MARK, row.sign, {"align": "center", "border": 1, "bold": True, "font_size": 16}
    )


def _activity(row: PlanRow) -> Iterator[tuple[str, bool]]:
    """The lines of the first column, and whether each is bold."""
    for heading in row.headings:
        yield heading, True
    yield row.activity, True
    for kind in row.criteria:
        if kind.title:
            yield kind.title, True
        for title, least in kind.lines:
            yield f"– {title} {least}".rstrip(), False
    if row.aims:
        yield row.aims_title, True
        for aim in row.aims:
            yield f"– {aim}", False
    if row.notes:
        yield row.notes_title, True
        for note in row.notes:
            yield note, False


def _parts(result: Result) -> Iterator[_Part]:
    yield _Part((result.title,), bold=True)
    if result.achieved is not None:
        yield from _achieved(result.achieved)
    for one in result.told:
        lines = list(one.lines)
        if one.title and len(lines) == 1 and not lines[0].label and lines[0].n is not None:
            # One figure stands beside its title.
            yield from _figure(replace(lines.pop(), label=one.title), has_bold_head=True)
        elif one.title:
            yield _Part((one.title,), bold=True)
        for line in lines:
            yield from _figure(line)
        for said in one.said:
            yield _Part((said,))
        for letter in one.letters:
            yield _Part((letter,), color=_SOFT)
    for letter in result.letters:
        yield _Part((letter,), color=_SOFT)


def _figure(line: Line, *, has_bold_head: bool = False) -> Iterator[_Part]:
    """n, d and the value as numbers; what is no number as it is read."""
    if line.n is None:
        yield _Part((f"{line.label}: {line.text}" if line.label else line.text,))
        return
    numbers: tuple[Cell, ...] = ("", "", None)
    if line.d != 0:
        numbers = tuple("" if one is None else one for one in (line.n, line.d, line.value))
    color = _BAD if line.below else ""
    yield _Part((line.label, *numbers), line.is_sum or bool(line.below), color, has_bold_head)
    if line.below:
        yield _Part((line.below,), bold=True, color=color)
    if line.remark:
        yield _Part((line.remark,))


def _achieved(part: Achieved) -> Iterator[_Part]:
    for table in part.tables:
        yield _Part(tuple(column.title for column in table.columns), color=_SOFT)
        for row in table.rows:
            yield _Part(row.cells, bold=row.is_total)
    yield _Part((part.received_title, part.received, "", ""), bold=True)
    yield _Part((part.share_title, "", part.share.of or "", part.rate), bold=True)


def _put(sheet: Sheet, place: tuple[int, int], part: _Part) -> int:
    """One line of a cell of results, with its edges; how many lines of text its height must hold."""
    first, end = place
    look = {"valign": "top"}
    if len(part.cells) == 1:
        text = part.cells[0]
        _across(sheet, sheet.row, place, text, look | part.look() | _EDGE | {"text_wrap": True})
        return _lines(str(text or ""), sum(_WIDTHS[first : end + 1]) - 2, bold=part.bold)
    for at, cell in zip(range(first, end + 1), part.cells, strict=True):
        sides: dict[str, Any] = dict(_RIGHT)
        if at == first:
            sides = {"left": 1, "align": "left", "indent": 1, "text_wrap": True}
        if at == end:
            sides |= {"right": 1, "indent": 1}
        sheet.put(at, cell, look | part.look(at - first) | sides)
    return _lines(str(part.cells[0] or ""), _WIDTHS[first] - 2, bold=part.bold or part.has_bold_head)


def _closed(sheet: Sheet) -> None:
    """The line below the results of an activity."""
    for first, end in (_QUARTER, _YEAR):
        for at in range(first, end + 1):
            sides = ({"left": 1} if at == first else {}) | ({"right": 1} if at == end else {}) | {"bottom": 1}
            sheet.put(at, "", {"font_size": 2, **sides})
    sheet.sheet.set_row(sheet.row, 4)
    sheet.row += 1


def _rich(sheet: Sheet, row: int, lines: Sequence[tuple[str, bool]], look: dict[str, Any]) -> None:
    """Lines of one cell, some of them bold."""
    book = sheet.book
    pieces: list[Any] = []
    for at, (text, bold) in enumerate(lines):
        ended = text if at == len(lines) - 1 else f"{text}\n"
        pieces += [book.format(bold=True) if bold else book.format(), ended]
    if len(lines) < 2:
        sheet.sheet.write_string(row, 0, lines[0][0], book.format(**look, bold=lines[0][1]))
    else:
        sheet.sheet.write_rich_string(row, 0, *pieces, book.format(**look))


def _down(sheet: Sheet, first: int, last: int, at: int, text: str, look: dict[str, Any]) -> None:
    style = sheet.book.format(**look)
    sheet.sheet.merge_range(first, at, last, at, "", style)
    sheet.sheet.write_string(first, at, text, style)


def _across(sheet: Sheet, row: int, place: tuple[int, int], cell: Cell, look: dict[str, Any]) -> None:
    first, end = place
    if first < end:
        sheet.sheet.merge_range(row, first, row, end, "", sheet.book.format(**look))
    sheet.put(first, cell, look)


def _lines(text: str, width: float, *, bold: bool = False) -> int:
    """How many lines a text takes at that width; bold is wider."""
    room = max(1, int(width * (_BOLD if bold else 1)))
    return sum(len(wrapped(line, room)) for line in text.split("\n"))
