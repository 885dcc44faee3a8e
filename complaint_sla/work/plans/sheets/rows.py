"""What a row of a plan's sheet says: its cells, made regular or refused. No database."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date

from complaint_sla.core.calendars import BUDDHIST_ERA, month_called, parse_day
from complaint_sla.core.chain import canonical
from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import fold
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Period
from complaint_sla.core.plan import PlannedMeasure
from complaint_sla.work.plans.submitted import Submitted
from complaint_sla.work.sheets.formats import Row

# What is filled in, and what an export says for whoever does; these an import passes over.
FILLED = ("n", "d", "source", "dated", "awaiting", "note")
GUIDE = ("title", "fill_in", "due_on")
COLUMNS = ("office", "measure", "period", *GUIDE, *FILLED)
REQUIRED = ("measure", "period")

# What spreadsheets make of 2560-03 before anybody has looked: Mar-60, มี.ค. 60.
_MONTH_OF_SPREADSHEET = re.compile(r"([^\W\d][^\d]*?)[- ]([0-9]{2})")
# How numbers look that were once kept as fractions.
_NO_FRACTION = re.compile(r"\.0+$")
# How letters name their day, and what is left of a moment that was a day.
_DAY_OF_LETTER = re.compile(r"(?:ลว\.?|ลงวันที่|วันที่)\s*")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A row, understood. `doubt`: its day may be two, and only what stands can tell which; then `submitted` has none."""

    row: Row
    submitted: Submitted
    doubt: BadValue | None = None

    @property
    def digest(self) -> bytes:
        """Of what it says, wherever it belongs."""
        said = self.submitted
        dated = (
            self.doubt.values["value"] if self.doubt is not None else said.dated and said.dated.isoformat()
        )
        told = {"figure": said.figure, "source": said.source, "dated": dated, "awaiting": said.awaiting}
        return hashlib.sha256(canonical(told | {"note": said.note}).encode()).digest()[:16]

    def of(self, measure: PlannedMeasure) -> Submitted:
        """As it is entered of its measure: of what is done, an export says 1 of 1."""
        said = self.submitted
        is_done = measure.kind is Kind.DONE and said.figure in ("1", "1/1")
        return replace(said, figure=None) if is_done else said


def read(row: Row, today: date, office: str | None = None) -> Statement | None:
    """What a row says; None where nothing is filled in. `office` is that of rows that name none.

    Raises its fault; BadValue: `empty-text`, as `parse_day`. Whether it can be entered is `Pen`'s to say.
    """
    if row.fault is not None:
        raise row.fault
    cells = {name: text.strip() for name, text in row.cells.items()}
    if not any(name in cells for name in FILLED):
        return None
    for name in REQUIRED:
        if name not in cells:
            raise BadValue("empty-text", name=name)
    dated = doubt = None
    try:
        dated = _day(cells["dated"]) if "dated" in cells else None
    except BadValue as problem:
        if problem.key != "day-or-month":
            raise
        doubt = problem.with_traceback(None)
    submitted = Submitted(
        measure=cells["measure"],
        period=_period(cells["period"], today),
        figure=_figure(cells.get("n"), cells.get("d")),
        source=cells.get("source"),
        dated=dated,
        awaiting=cells.get("awaiting"),
        note=cells.get("note"),
        office=cells.get("office", office),
    )
    return Statement(row, submitted, doubt)


def _figure(n: str | None, d: str | None) -> str | None:
    if n is None and d is not None:
        raise BadValue("empty-text", name="n")
    parts = [_NO_FRACTION.sub("", one) for one in (n, d) if one is not None]
    return "/".join(parts) or None


def _day(text: str) -> date:
    return parse_day(_MIDNIGHT.sub("", _DAY_OF_LETTER.sub("", text, count=1)))


def _period(text: str, today: date) -> str:
    """The period as it was typed; where a spreadsheet has made Mar-60 of it, the month of either era that is the nearer."""
    found = _MONTH_OF_SPREADSHEET.fullmatch(fold(text))
    month = month_called(found[1]) if found is not None else None
    if found is None or month is None:
        return text
    here = today.year - (today.year - int(found[2])) % 100
    there = today.year - (today.year + BUDDHIST_ERA - int(found[2])) % 100
    return Period.of_month(max(here, there), month).key
