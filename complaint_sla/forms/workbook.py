"""A workbook that is written from top to bottom: sheets, their lines, formats and print setup.

It knows how a cell of a document becomes a cell of a sheet, and nothing of what a report says.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from complaint_sla.core.errors import BadValue
from complaint_sla.core.measures import percent
from complaint_sla.forms.document import DASH, Cell, Column
from complaint_sla.wording.width import cells_wide

BRAND = "#5C1A5B"
# With Thai on every Windows and macOS; elsewhere something else that has it takes its place.
FONT = "Tahoma"
_RULE, _SOFT = "#D9D3DF", "#625B6B"
_COUNT, _PERCENT = "#,##0", "0.00"
# The calendar of the Buddhist Era, with Thai names of the months, is a number in front of the format.
_DAY = {"th": "[$-107041E]d mmm yyyy", "en": "d mmm yyyy"}
_MOMENT = {"th": "[$-107041E]d mmm yyyy hh:mm", "en": "d mmm yyyy hh:mm"}
_A4 = 9
# The height of a line, in points.
_LINE = 16.5
# What Excel refuses in the name of a sheet, and how long it may be.
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_NAME = 31


class Workbook:
    """The file in the making. `made` (aware) is the date that it bears. Raises BadValue (`missing-extra`)."""

    def __init__(self, made: datetime, language: str, title: str, *, row_by_row: bool = True) -> None:
        try:
            import xlsxwriter
        except ImportError:
            raise BadValue("missing-extra", extra="xlsx") from None
        self._file = io.BytesIO()
        # Row by row, a hundred thousand cases don't have to be in memory.
        self.book = xlsxwriter.Workbook(self._file, {"constant_memory": row_by_row})
        self.book.set_properties({"title": title, "created": made.astimezone(UTC).replace(tzinfo=None)})
        self.language = language
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def format(self, **properties: Any) -> Any:
        key = tuple(properties.items())
        found = self._formats.get(key)
        if found is None:
            found = self.book.add_format(
                {"font_name": FONT, "font_size": 10, "valign": "vcenter"} | properties
            )
            self._formats[key] = found
        return found

    def sheet(self, title: str, widths: Sequence[int], *, landscape: bool = False) -> Sheet:
        return Sheet(self, self._free_name(title), widths, landscape=landscape)

    def chart(self, kind: str, title: str, *, stacked: bool = False) -> Any:
        chart = self.book.add_chart({"type": kind, "subtype": "stacked"} if stacked else {"type": kind})
        chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12}, "overlay": False})
        chart.set_legend({"position": "top", "font": {"name": FONT, "size": 9}})
        chart.set_x_axis({"num_font": {"name": FONT, "size": 9}})
        return chart

    def content(self) -> bytes:
        self.book.close()
        return self._file.getvalue()

    def _free_name(self, title: str) -> str:
        name = title.translate(_FORBIDDEN)[:_LONGEST_NAME].strip()
        number = 1
        while not name or name.casefold() in self._names:
            number += 1
            name = f"{title.translate(_FORBIDDEN)[: _LONGEST_NAME - 4].strip()} ({number})"
        self._names.add(name.casefold())
        return name


class Sheet:
    """A sheet on A4, as wide as the page; `row` is the line that comes next."""

    def __init__(self, book: Workbook, name: str, widths: Sequence[int], *, landscape: bool) -> None:
        self.book, self.name, self.row = book, name, 0
        self._widths = widths
        self.sheet = book.book.add_worksheet(name)
        for at, width in enumerate(widths):
            self.sheet.set_column(at, at, width)
        # Thai stacks marks above and below a letter.
        self.sheet.set_default_row(_LINE)
        self.sheet.hide_gridlines(2)
        self.sheet.set_paper(_A4)
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.sheet.set_footer("&C&P / &N")
        self.sheet.fit_to_pages(1, 0)
        if landscape:
            self.sheet.set_landscape()

    def line(self, cells: Iterable[Cell], **look: Any) -> None:
        """One line of free cells, `look` as `Workbook.format` takes it, and `size` and `color` for its font."""
        properties = {"size": "font_size", "color": "font_color"}
        look = {properties.get(key, key): value for key, value in look.items()}
        if "font_size" in look:
            self.sheet.set_row(self.row, _LINE * look["font_size"] / 10)
        for at, cell in enumerate(cells):
            self.put(at, cell, look | ({} if isinstance(cell, str) else {"align": "left"}))
        self.row += 1

    def paragraph(self, text: str) -> None:
        """A sentence across the sheet, in as many lines as it needs."""
        self._heighten(_lines(text, sum(self._widths)))
        look = self.book.format(text_wrap=True)
        self.sheet.merge_range(self.row, 0, self.row, len(self._widths) - 1, "", look)
        self.sheet.write_string(self.row, 0, text, look)
        self.row += 1

    def head(self, columns: Sequence[Column]) -> None:
        pairs = list(zip(columns, self._widths, strict=False))
        # Bold is wider.
        self._heighten(max(_lines(column.title, width * 0.85) for column, width in pairs))
        for at, (column, _) in enumerate(pairs):
            look = {"text_wrap": True, "valign": "bottom", "font_color": _SOFT, "bold": True}
            self.put(at, column.title, look | _aligned(column, at) | {"bottom": 2, "bottom_color": BRAND})
        self.row += 1

    def cells(self, cells: Sequence[Cell | date], columns: Sequence[Column], *, total: bool = False) -> None:
        look: dict[str, Any] = {"bottom": 1, "bottom_color": _RULE}
        if total:
            look = {"bold": True, "top": 1, "top_color": BRAND}
        most = 1
        for at, (cell, column) in enumerate(zip(cells, columns, strict=True)):
            lines = _lines(cell, self._widths[at]) if isinstance(cell, str) else 1
            most = max(most, lines)
            # Long text goes on in the next line instead of into the next column.
            self.put(at, cell, look | _aligned(column, at) | {"text_wrap": lines > 1})
        self._heighten(most)
        self.row += 1

    def _heighten(self, lines: int) -> None:
        if lines > 1:
            self.sheet.set_row(self.row, _LINE * lines)

    def put(self, at: int, cell: Cell | date, look: dict[str, Any]) -> None:
        """A number as a number, a day as a day, and a text always as a text."""
        sheet, row = self.sheet, self.row
        match cell:
            case None:
                sheet.write_string(row, at, DASH, self.book.format(**look))
            case str():
                sheet.write_string(row, at, cell, self.book.format(**look))
            case Fraction():
                # Cut off as everywhere: the sheet would round what it shows.
                sheet.write_number(
                    row, at, float(percent(cell) or 0), self.book.format(**look, num_format=_PERCENT)
                )
            case Decimal():
                places = -int(cell.as_tuple().exponent)
                shown = f"#,##0.{'0' * places}" if places > 0 else _COUNT
                sheet.write_number(row, at, float(cell), self.book.format(**look, num_format=shown))
            case datetime():
                moment = self.book.format(**look, num_format=_MOMENT[self.book.language])
                sheet.write_datetime(row, at, cell, moment)
            case date():
                day = self.book.format(**look, num_format=_DAY[self.book.language])
                sheet.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            case int():
                sheet.write_number(row, at, cell, self.book.format(**look, num_format=_COUNT))

    def filtered(self, columns: int) -> None:
        """What was written is one table: it can be filtered, and its head stays in sight and on each page."""
        self.sheet.autofilter(0, 0, max(self.row - 1, 0), columns - 1)
        self.sheet.freeze_panes(1, 1)
        self.sheet.repeat_rows(0)

    def skip(self, rows: int = 1) -> None:
        self.row += rows


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; words are not cut, so the end of a line stays empty."""
    room = max(width - 2, 1)
    # Measuring takes time, and no character takes more than two cells: the length alone settles most.
    if 2 * len(text) <= room or (wide := cells_wide(text)) <= room:
        return 1
    return int(-(-wide * 1.05 // room))


def _aligned(column: Column, at: int) -> dict[str, Any]:
    """Text after a number keeps its distance."""
    return {"align": column.align, "indent": 1 if at and column.align == "left" else 0}
