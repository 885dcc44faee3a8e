"""The report as a workbook: figures as numbers, charts that Excel draws itself, cases to sort and to filter.

Needs the extra `xlsx`. Every text is written as text, so none is ever taken for a formula or a link, and the same
document gives the same bytes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from complaint_sla.forms.document import Cell, Column, Document, Row, Table, TrendPoint
from complaint_sla.forms.workbook import BRAND, FONT, Sheet, Workbook
from complaint_sla.wording.width import cells_wide

# As on paper and screen.
_COLORS = {
    "on_time": "#1E7145",
    "late": "#E0912F",
    "overdue": "#B3261E",
    "pending": "#9FB3C8",
    "excluded": "#CFC8D4",
}
_GOOD, _BAD = _COLORS["on_time"], _COLORS["overdue"]
# A table with a wider column than this (in characters) would spread the numbers of all others: it has its own sheet.
_NARROW = 20
# In pixels; three of them fill a page.
_CHART = {"width": 760, "height": 330}
_CHART_ROWS = 16
_SMALL = {"name": FONT, "size": 9}
_SCALE = {
    "num_font": _SMALL,
    "major_gridlines": {"visible": True, "line": {"color": "#D9D3DF", "width": 0.5}},
}


def quarter_xlsx(document: Document) -> bytes:
    """The sheets: summary, charts, tables, one for each table of sentences, the cases.

    Raises BadValue (`missing-extra`).
    """
    book = Workbook(document.as_of, document.language, document.heading)
    _summary(document, book.sheet(document.summary_title, (36, 18, 62)))
    drawn = _drawn(document)
    charts = book.sheet(document.charts_title, (46, 20, 20, 20)) if drawn or _has_groups(document) else None
    tables = _Stack(book.sheet(document.tables_title, (46, *(16,) * 9), landscape=True))
    for table in document.breakdowns:
        tables.write(_with_numbers(table, document.counted_title))
    for table in document.further:
        if _is_narrow(table):
            tables.write(table)
    if charts is not None:
        _draw(document, charts, drawn, tables)
    for table in document.further:
        if not _is_narrow(table):
            _own_sheet(book, table.title, table.columns, [row.cells for row in table.rows])
    if document.cases is not None:
        _own_sheet(book, document.cases.title, document.cases.columns, document.cases.rows)
    return book.content()


class _Stack:
    """Tables one below the other on a sheet, and where each begins for the charts that draw it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.first: dict[str, int] = {}

    def write(self, table: Table) -> None:
        sheet = self.sheet
        sheet.line([table.title], bold=True, size=12, color=BRAND)
        sheet.head(table.columns)
        self.first.setdefault(table.key, sheet.row)
        for row in table.rows:
            sheet.cells(row.cells, table.columns, total=row.is_total)
        sheet.skip()

    def range(self, key: str, count: int, column: int) -> list[Any]:
        first = self.first[key]
        return [self.sheet.name, first, column, first + count - 1, column]


def _with_numbers(table: Table, counted: str) -> Table:
    """`8 of 10` as the number 10: what the rate is a share of. The 8 stands among those in time."""
    at = next(i for i, column in enumerate(table.columns) if column.key == "share")
    columns = tuple(
        Column("counted", counted, "right") if i == at else c for i, c in enumerate(table.columns)
    )
    rows = []
    for row in table.rows:
        number = row.counts.denominator if row.counts and row.counts.received else None
        cells = (*row.cells[:at], number, *row.cells[at + 1 :])
        rows.append(Row(row.key, cells, row.counts, row.is_total))
    return Table(table.key, table.title, columns, tuple(rows))


def _drawn(document: Document) -> list[Table]:
    """What other forms only draw: a chart of a workbook needs cells, empty ones for a gap."""
    tables = []
    if document.trend is not None and document.trend.points:
        trend = document.trend
        columns = (
            Column("title", trend.quarter_title, "left"),
            Column("rate", trend.rate_title, "right"),
            Column("target", trend.target_title, "right"),
        )
        rows = (
            Row(one.title, (one.title, "" if one.counts.rate is None else one.counts.rate, one.target))
            for one in trend.points
        )
        tables.append(Table("trend", trend.title, columns, tuple(rows)))
    if document.ages is not None and document.ages.bars:
        ages = document.ages
        columns = (
            Column("title", ages.age_title, "left"),
            Column("overdue", ages.overdue_title, "right"),
            Column("pending", ages.pending_title, "right"),
        )
        bars = (Row(bar.title, (bar.title, bar.overdue, bar.pending)) for bar in ages.bars)
        tables.append(Table("ages", ages.title, columns, tuple(bars)))
    return tables


def _is_narrow(table: Table) -> bool:
    return all(
        cells_wide(cell) <= _NARROW for row in table.rows for cell in row.cells[1:] if isinstance(cell, str)
    )


def _summary(document: Document, sheet: Sheet) -> None:
    result, outlook, total = document.result, document.outlook, document.total
    sheet.line([document.heading], bold=True, size=16, color=BRAND)
    sheet.line([document.state], bold=True)
    sheet.skip()
    for fact in document.facts:
        sheet.line([fact.title, fact.value])
    sheet.skip()
    rate = total.counts.rate if total.counts else None
    sheet.line([result.heading], bold=True, size=12, color=BRAND)
    sheet.line([result.title, rate, result.share.of], bold=True, size=14)
    sheet.line([result.target_title, document.gauge.target, result.target])
    sheet.line(["", result.mark_title, result.mark_text], bold=True)
    if outlook is not None:
        sheet.skip()
        sheet.line([outlook.title], bold=True, size=12, color=BRAND)
        sheet.line([outlook.text])
        for title, share, exact in (
            (outlook.worst_title, outlook.worst, document.gauge.worst),
            (outlook.best_title, outlook.best, document.gauge.best),
        ):
            sheet.line([title, rate if exact is None else exact, share.of])
    sheet.skip()
    _Stack(sheet).write(document.buckets)
    sheet.line([document.notes_title], bold=True, size=12, color=BRAND)
    for number, note in enumerate(document.notes, 1):
        sheet.paragraph(f"{number}. {note}")


def _has_groups(document: Document) -> bool:
    return document.total.counts is not None and document.total.counts.received > 0


def _draw(document: Document, sheet: Sheet, drawn: list[Table], tables: _Stack) -> None:
    """The charts below each other, then the cells that they draw, as far as these stand in no other table."""
    sheet.line([document.heading], bold=True, size=16, color=BRAND)
    places = []
    for _ in range(len(drawn) + _has_groups(document)):
        sheet.skip()
        places.append(sheet.row)
        sheet.skip(_CHART_ROWS)
    sheet.skip()
    stack = _Stack(sheet)
    for table in drawn:
        stack.write(table)
    charts = []
    if "trend" in stack.first:
        charts.append(_trend(document, sheet.book, stack))
    if _has_groups(document):
        # After the column of all received they stand in the order of the legend.
        series = [(title, at, _COLORS[key]) for at, (key, title) in enumerate(document.legend, 2)]
        charts.append(
            _bars(sheet.book, document.bars.title, tables, "group", len(document.bars.bars), series)
        )
    if document.ages is not None and "ages" in stack.first:
        ages = document.ages
        series = [(ages.overdue_title, 1, _COLORS["overdue"]), (ages.pending_title, 2, _COLORS["pending"])]
        charts.append(_bars(sheet.book, ages.title, stack, "ages", len(ages.bars), series))
    for chart, place in zip(charts, places, strict=True):
        chart.set_size(_CHART)
        sheet.sheet.insert_chart(place, 0, chart, {"object_position": 2})


def _trend(document: Document, book: Workbook, stack: _Stack) -> Any:
    trend = document.trend
    assert trend is not None  # noqa: S101 - its cells were written
    count = len(trend.points)
    columns, target = book.chart("column", trend.title), book.chart("line", "")
    columns.add_series(
        {
            "name": trend.rate_title,
            "categories": stack.range("trend", count, 0),
            "values": stack.range("trend", count, 1),
            "points": [_point(point) for point in trend.points],
            "fill": {"color": _GOOD},
            "data_labels": {"value": True, "num_format": "0.00", "font": {"name": FONT, "size": 8}},
            "gap": 90,
        }
    )
    target.add_series(
        {
            "name": trend.target_title,
            "categories": stack.range("trend", count, 0),
            "values": stack.range("trend", count, 2),
            "line": {"color": "#1F1B24", "width": 2},
        }
    )
    columns.combine(target)
    columns.set_y_axis({"min": 0, "max": 100, "major_unit": 20, "num_format": "0", **_SCALE})
    return columns


def _point(point: TrendPoint) -> dict[str, Any] | None:
    """Green or red, and pale while it is provisional."""
    if point.counts.rate is None:
        return None
    color = _GOOD if point.counts.ratio.met(point.target) else _BAD
    return {"fill": {"color": color, "transparency": 0 if point.is_final else 55}, "border": {"color": color}}


def _bars(
    book: Workbook, title: str, tables: _Stack, key: str, count: int, series: list[tuple[str, int, str]]
) -> Any:
    chart = book.chart("bar", title, stacked=True)
    for name, column, color in series:
        chart.add_series(
            {
                "name": name,
                "categories": tables.range(key, count, 0),
                "values": tables.range(key, count, column),
                "fill": {"color": color},
                "gap": 50,
            }
        )
    # A bar chart begins at the bottom, a table at the top.
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": _SMALL})
    chart.set_x_axis({"num_format": "#,##0", **_SCALE})
    return chart


def _own_sheet(book: Workbook, title: str, columns: tuple[Column, ...], rows: Any) -> None:
    """One table to sort and filter, its head in sight and on each printed page."""
    sheet = book.sheet(title, _widths(columns, rows), landscape=True)
    sheet.head(columns)
    for row in rows:
        sheet.cells(row, columns)
    sheet.filtered(len(columns))


def _widths(columns: tuple[Column, ...], rows: Any) -> list[int]:
    """As wide as the first rows want it, within reason; the arrow of the filter takes some of the head."""
    widths = [cells_wide(column.title) + 4 for column in columns]
    for row in rows[:500]:
        for at, cell in enumerate(row):
            widths[at] = max(widths[at], min(_wide(cell), 55))
    return widths


def _wide(cell: Cell | date) -> int:
    if isinstance(cell, datetime):
        return 19
    if isinstance(cell, date):
        return 14
    return cells_wide(cell) + 2 if isinstance(cell, str) else 10
