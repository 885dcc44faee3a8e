"""The report as one flat CSV file for spreadsheets: a header row of keys, then the total and every breakdown.

Office names come from people and the file is opened by Excel, which runs a cell that begins like a formula.
"""

from __future__ import annotations

import codecs
import csv
import io

from complaint_sla.core.measure import percent
from complaint_sla.forms.document import Document, Row

COLUMNS = (
    "section",
    "key",
    "title",
    "received",
    "on_time",
    "late",
    "overdue",
    "pending",
    "excluded",
    "numerator",
    "denominator",
    "rate",
)
# With the full-width forms, which Excel takes for the plain ones in East Asian settings.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def quarter_csv(document: Document) -> bytes:
    """UTF-8 with a byte order mark, or Excel garbles Thai; lines end with CRLF. No rate is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerow(_line("total", document.total))
    for table in document.breakdowns:
        # The total of a breakdown is the total of the quarter, which stands above already.
        writer.writerows(_line(table.key, row) for row in table.rows if not row.is_total)
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _line(section: str, row: Row) -> tuple[str | int, ...]:
    counts = row.counts
    if counts is None:
        raise TypeError(f"a row without counts: {section} {row.key}")
    return (
        section,
        harmless(row.key),
        harmless(str(row.cells[0])),
        counts.received,
        counts.on_time,
        counts.late,
        counts.overdue,
        counts.pending,
        counts.excluded,
        counts.numerator,
        counts.denominator,
        percent(counts.rate) or "",
    )


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one."""
    return f"'{text}" if text.startswith(_FORMULA) else text
