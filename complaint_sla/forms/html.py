"""The report as one page for screen and A4 paper: no script, nothing fetched, charts as inline SVG."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from complaint_sla.forms.document import Cell, Document, shown
from complaint_sla.resources import templates


def quarter_html(document: Document) -> str:
    """The page, in the document's language. Everything it shows is escaped."""
    return _environment().get_template("quarter.html").render(document=document)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates() / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = _shown
    return environment


def _shown(cell: Cell) -> str:
    """Thai's sign of repetition belongs to the word before it, though a space stands between them."""
    return shown(cell).replace(" ๆ", "\N{NO-BREAK SPACE}ๆ")
