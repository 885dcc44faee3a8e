"""The report as one flat CSV file for spreadsheets: a header row of keys, then the total and every breakdown."""

from __future__ import annotations

from complaint_sla.core.measures import percent
from complaint_sla.files import csv_content
from complaint_sla.forms.document import COUNTED, Document, Row

NUMBERS = (*COUNTED, "numerator", "denominator")
COLUMNS = ("section", "key", "title", *NUMBERS, "rate")


def quarter_csv(document: Document) -> bytes:
    """The file, as all CSV of this program is written. No rate is an empty cell."""
    rows = [COLUMNS, _line("total", document.total)]
    for table in document.breakdowns:
        # The total of a breakdown is the total of the quarter, which stands above already.
        rows.extend(_line(table.key, row) for row in table.rows if not row.is_total)
    return csv_content(rows)


def _line(section: str, row: Row) -> tuple[object, ...]:
    counts = row.counts
    if counts is None:
        raise TypeError(f"a row without counts: {section} {row.key}")
    numbers = (getattr(counts, name) for name in NUMBERS)
    return (section, row.key, row.cells[0], *numbers, percent(counts.rate))
