"""The report and the plan's form as PDF, set by Typst: Thai broken between words and copied out as it was written.

Needs the extra `pdf` (typst); the fonts lie beside the templates. Nothing is fetched, and the same document gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from complaint_sla.core.errors import BadValue
from complaint_sla.core.figures import Counts
from complaint_sla.core.measures import percent
from complaint_sla.forms.document import Document, Row, TrendPoint, joined, shown
from complaint_sla.forms.plan import PlanForm
from complaint_sla.resources import templates


def quarter_pdf(document: Document) -> bytes:
    """The full report on A4. Raises BadValue (`missing-extra`)."""
    return compiled("report.typ", replace(document, breakdowns=document.printed, cases=None))


def plan_pdf(form: PlanForm) -> bytes:
    """The plan's form on one landscape page. Raises BadValue (`missing-extra`)."""
    return compiled("plan.typ", form)


def compiled(template: str, document: Any) -> bytes:
    """What Typst makes of a template and a document, whose `as_of` is the date of the file. Raises BadValue (`missing-extra`)."""
    try:
        import typst
    except ImportError:
        raise BadValue("missing-extra", extra="pdf") from None
    folder = templates() / "report"
    data = _named(document) | {"as_of": _date(document.as_of)}
    made = typst.compile(
        str(folder / template),
        root=str(folder),
        # As data, which Typst never reads as its own language.
        sys_inputs={"document": json.dumps(data)},
        font_paths=[str(folder / "fonts")],
        # What is installed on a machine must not change the page.
        ignore_system_fonts=True,
        format="pdf",
    )
    assert isinstance(made, bytes)  # noqa: S101 - of several pages it makes one PDF
    return made


def _plain(value: Any) -> Any:
    """A value of the document as JSON: shares as numbers to draw with, cells as they are read."""
    if isinstance(value, Row):
        cells = [joined(shown(cell)) for cell in value.cells]
        return {"cells": cells, "is_total": value.is_total, "counts": _plain(value.counts)}
    if isinstance(value, str):
        return joined(value)
    if isinstance(value, Fraction | Decimal):
        return float(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return _named(value) if is_dataclass(value) else value


def _named(value: Any) -> dict[str, Any]:
    data = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Counts):
        data |= {name: getattr(value, name) for name in ("received", "numerator", "denominator")}
    if isinstance(value, TrendPoint):
        rate = value.counts.rate
        data |= {"rate": _plain(rate), "percent": percent(rate), "met": value.counts.ratio.met(value.target)}
    return data


def _date(moment: datetime) -> dict[str, int]:
    """The date of the file is that of the figures, not of its making."""
    names = ("year", "month", "day", "hour", "minute", "second")
    return {name: getattr(moment, name) for name in names}
