"""The report and the plan's form as one page for screen and A4 paper: no script, nothing fetched, charts as inline SVG."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from complaint_sla.forms.document import Document, joined, shown
from complaint_sla.forms.plan import PlanForm
from complaint_sla.resources import templates


def quarter_html(document: Document) -> str:
    """The page, in the document's language. Everything it shows is escaped."""
    return environment().get_template("quarter.html").render(document=document)


def plan_html(form: PlanForm) -> str:
    """The plan's form, made for one landscape page. Everything it shows is escaped."""
    return environment().get_template("plan.html").render(form=form)


@cache
def environment() -> Environment:
    """Of the templates that lie in the folder of the reports."""
    environment = Environment(
        loader=FileSystemLoader(templates() / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda cell: joined(shown(cell))
    return environment
