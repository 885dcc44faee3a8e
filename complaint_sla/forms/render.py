"""A report in the form that is asked for, by its name. What a form needs is imported when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from complaint_sla.core.figures import Counts
from complaint_sla.core.review import Course
from complaint_sla.core.rulebook import Shelf
from complaint_sla.forms.document import Document, Fact
from complaint_sla.forms.plan import PlanForm, plan_form
from complaint_sla.forms.report import NOT_THERE_THEN, quarter_document
from complaint_sla.forms.review import Reviewer, case_sheet, changes_table, restated_text
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import REHEARSAL
from complaint_sla.work.figures.report import Report

VOID = N_("void: a clock that ran ahead had frozen it before its time")


def document_of(report: Report, shelf: Shelf, words: Words, cases: Sequence[Course] = ()) -> Document:
    """The full report as a document; `cases` are for the form that has a sheet of them.

    Raises BadValue (`before-first-book`).
    """
    figure, frozen = report.figure, report.frozen
    document = quarter_document(figure, shelf, report.titles, words)
    document = replace(document, heading=marked(document.heading, report, words))
    if report.is_before_the_office:
        document = replace(document, result=replace(document.result, mark_text=words(NOT_THERE_THEN)))
    if frozen is not None:
        version = words(
            "Version {n}, frozen {moment}",
            n=frozen.version,
            moment=words.moment(frozen.frozen_at, shelf.zone),
        )
        if frozen.voided_at is not None:
            version = f"{version} · {words(VOID)}"
        document = replace(
            document,
            facts=(
                *document.facts,
                Fact("version", words("Version"), version),
                Fact("digest", words("Fingerprint (SHA-256)"), frozen.digest),
                *(
                    Fact(key, title, restated_text(some, shelf.zone, words))
                    for key, title, some in (
                        ("restated", words("Restated"), frozen.restated),
                        ("differing", words("Otherwise today"), report.differing_today),
                    )
                    if some
                ),
            ),
        )
    if report.lost:
        stand_in = Fact("stand-in", words("Target"), stand_in_text(report, words))
        document = replace(document, facts=(*document.facts, stand_in))
    further = []
    if report.moved and frozen is not None:
        title = words("What counts otherwise today than in version {n}", n=frozen.version)
        further.append(changes_table(report.moved, title, words))
    if frozen is not None and frozen.changes:
        title = words("What version {n} restated", n=frozen.version)
        further.append(changes_table(frozen.changes, title, words))
    document = replace(document, further=tuple(further))
    if report.review is not None:
        document = Reviewer(report.review, shelf, report.titles, words).added(document)
    if cases:
        document = replace(document, cases=case_sheet(cases, figure.quarter, shelf, report.titles, words))
    return document


def stand_in_text(report: Report, words: Words) -> str:
    """Why the target is not to be relied on."""
    names = ", ".join(map(plain, report.lost))
    return words("only a stand-in: a rule book that is in force can't be read ({names})", names=names)


def marked(heading: str, report: Report, words: Words) -> str:
    """The heading, which every form shows first."""
    return f"{words(REHEARSAL)} {heading}" if report.rehearsal else heading


def plan_of(report: Report, shelf: Shelf, words: Words, year: Counts | None = None) -> PlanForm:
    """The page of the complaints. `year` counts from January on, by the report if it is not given.

    Raises BadValue (`before-first-book`).
    """
    if year is None and report.review is not None:
        year = report.review.year
    form = plan_form(report.figure, year, shelf, report.titles, words)
    form = replace(form, heading=marked(form.heading, report, words))
    if report.frozen is not None and report.frozen.voided_at is not None:
        form = replace(form, state=f"{form.state} · {words(VOID)}")
    if report.lost:
        form = replace(form, target=(*form.target, stand_in_text(report, words)))
    if report.is_before_the_office:
        form = replace(form, notes=(words(NOT_THERE_THEN), *form.notes))
    return form


def rendered(document: Document, form: str, width: int = 80) -> str | bytes:
    """The full report; `width` is that of the text. Raises BadValue (`missing-extra`)."""
    match form:
        case "html":
            from complaint_sla.forms.html import quarter_html

            return quarter_html(document)
        case "pdf":
            from complaint_sla.forms.pdf import quarter_pdf

            return quarter_pdf(document)
        case "xlsx":
            from complaint_sla.forms.report_xlsx import quarter_xlsx

            return quarter_xlsx(document)
        case "csv":
            from complaint_sla.forms.csv import quarter_csv

            return quarter_csv(document)
    from complaint_sla.forms.text import quarter_text

    return quarter_text(document, width)


def signed(form: PlanForm, kind: str) -> str | bytes:
    """The plan's form, to be signed. Raises BadValue (`missing-extra`)."""
    match kind:
        case "pdf":
            from complaint_sla.forms.pdf import plan_pdf

            return plan_pdf(form)
        case "xlsx":
            from complaint_sla.forms.plan_xlsx import plan_xlsx

            return plan_xlsx(form)
    from complaint_sla.forms.html import plan_html

    return plan_html(form)
