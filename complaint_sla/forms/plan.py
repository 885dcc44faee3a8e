"""The plan's own form: the page of activity 2.4 in the report on the action plan, as a neutral document.

Its words are those of the plan that lies beside the rule books. It has the columns of the original: activity with its
criteria, period, target, result of the quarter, result so far, and the mark; a form on paper, screen or sheet only
renders them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from complaint_sla.bookshelf import plan_of
from complaint_sla.core.figures import COMPLAINTS, Counts, Figure
from complaint_sla.core.measures import Mark, plain_percent
from complaint_sla.core.plan import Activity
from complaint_sla.core.rulebook import Book, Rule, Shelf
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import Row, Share, Table
from complaint_sla.forms.report import quarter_document, share_in_time
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain

DASHES = N_("A dash means that there were no complaints. Percentages are cut off, never rounded up.")
# What the small tables of the form take over from those of the report.
_COLUMNS = ("title", "received", "share", "rate")


@dataclass(frozen=True)
class Criteria:
    """One kind of criterion, each as (whom it is for, within how many days)."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Achieved:
    """What was achieved in a period; `share` is in time of all that count, `rate` the same as an exact fraction."""

    title: str
    received_title: str
    received: int | None
    share_title: str
    share: Share
    rate: Fraction | None
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Sign:
    """A place to sign: who, and the lines to fill in by hand."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PlanForm:
    """The form as of `as_of` (UTC). `columns` are the five titles, in the order of the original."""

    language: str
    as_of: datetime
    heading: str
    office: str
    perspective: str
    is_final: bool
    state: str
    columns: tuple[str, str, str, str, str]
    activity: str
    criteria: tuple[Criteria, ...]
    aims_title: str
    aims: tuple[str, ...]
    period: str
    target: tuple[str, ...]
    quarter: Achieved
    year: Achieved
    mark: Mark
    marks: tuple[tuple[Mark, str], ...]
    notes: tuple[str, ...]
    signs: tuple[Sign, ...]


def plan_form(
    figure: Figure, year: Counts | None, shelf: Shelf, offices: Mapping[str, Title], words: Words
) -> PlanForm:
    """The form of `figure`'s quarter. `year` counts from January to the quarter's end; None where that isn't known.

    Raises BadValue (`before-first-book`) if no book was in force in the quarter.
    """
    report = quarter_document(figure, shelf, offices, words)
    quarter = figure.quarter
    book = shelf.within(quarter)[-1][0]
    plan = plan_of(shelf, quarter)
    activity, planned = next(
        (one, measure) for one in plan.activities for measure in one.measures if measure.source == COMPLAINTS
    )
    measure = figure.measure(planned.key, planned.title)
    facts = {fact.key: fact for fact in report.facts}
    tables = {table.key: table for table in report.breakdowns}
    january, december = date(quarter.year, 1, 1), date(quarter.year, 12, 31)
    target = plain_percent(measure.least)
    least = words("Not less than {n} percent", n=target)

    def said(title: Title | None) -> str:
        return plain(title.of(words.language)) if title is not None else ""

    return PlanForm(
        language=words.language,
        as_of=figure.as_of,
        heading=words("Report on performance under the action plan of {year}", year=words.year(quarter.year)),
        office=facts["office"].value,
        perspective=said(plan.perspective),
        is_final=figure.is_final,
        state=words("{state}; as of {moment}", state=facts["state"].value, moment=facts["as_of"].value),
        columns=(
            words("Strategy / plan / project / work / activity"),
            words("Period"),
            words("Target"),
            words("Result of {quarter}", quarter=words.quarter(quarter)),
            words("Cumulative result"),
        ),
        activity=f"{plain(activity.no)} {said(activity.title)}",
        criteria=_criteria(activity, book, words),
        aims_title=words("Target"),
        aims=tuple(said(aim).replace("{n}", target) for aim in activity.aims),
        period=months(january, december, words),
        target=(words("Report the result of {quarter}", quarter=words.quarter(quarter)), least),
        quarter=_achieved(
            figure.counts,
            months(quarter.first_day, quarter.last_day, words),
            said(measure.title),
            words,
            (
                _small(tables["month"], words),
                _with_urgent(_small(tables["group"], words), figure, book, words),
            ),
        ),
        year=_achieved(year, months(january, quarter.last_day, words), said(measure.title), words),
        mark=Mark.of(measure.met),
        marks=(
            (Mark.ACCORDING, words("According to plan")),
            (Mark.NOT_ACCORDING, words("Not according to plan")),
            (Mark.NOT_STATED, words("Not stated")),
        ),
        notes=(
            words(DASHES),
            words(
                "In the percentage: closed in time, of those closed or past their deadline; "
                "not those not yet due or excluded."
            ),
        ),
        signs=signs_of(words),
    )


def signs_of(words: Words) -> tuple[Sign, ...]:
    """Who signs a form of the plan."""
    lines = (words("Signed"), words("Name"), words("Position"), words("Date"))
    return tuple(Sign(title, lines) for title in (words("Prepared by"), words("Approved by")))


def _criteria(activity: Activity, book: Book, words: Words) -> tuple[Criteria, ...]:
    urgent = [rule for rule in book.rules if rule.urgent]
    ordinary = [rule for rule in book.rules if not rule.urgent]
    # The urgent ones stand first in the book, because the first rule that fits gives the days, and last in the plan.
    return tuple(
        Criteria(
            plain(title.of(words.language)) if title is not None else "",
            tuple(_criterion(rule, book, words) for rule in rules),
        )
        for title, rules in ((activity.by_group, ordinary), (activity.urgent, urgent))
        if rules
    )


def _criterion(rule: Rule, book: Book, words: Words) -> tuple[str, str]:
    """A rule for one group is known by the group's title."""
    title = rule.title.of(words.language)
    if (
        rule.groups is not None
        and len(rule.groups) == 1
        and rule.channels is None
        and rule.categories is None
    ):
        title = next(term.title for term in book.groups if term.key in rule.groups).of(words.language)
    return plain(title), words.plural("within {n} day", "within {n} days", rule.days)


def _achieved(
    counts: Counts | None, period: str, share_title: str, words: Words, tables: Sequence[Table] = ()
) -> Achieved:
    counts = counts or Counts()
    return Achieved(
        title=words("Status {period}", period=period),
        received_title=words("Complaints received"),
        received=counts.received or None,
        share_title=share_title,
        share=share_in_time(counts, words),
        rate=counts.rate,
        tables=tuple(tables),
    )


def _small(table: Table, words: Words) -> Table:
    titles = {"received": words("Number"), "share": words("In time"), "rate": words("Percent")}
    at = [[column.key for column in table.columns].index(key) for key in _COLUMNS]
    columns = (
        replace(table.columns[one], title=titles.get(table.columns[one].key, table.columns[one].title))
        for one in at
    )
    rows = (replace(row, cells=tuple(row.cells[one] for one in at)) for row in table.rows)
    return replace(table, columns=tuple(columns), rows=tuple(rows))


def _with_urgent(table: Table, figure: Figure, book: Book, words: Words) -> Table:
    """With the urgent ones apart: they are in the rows of their groups too, but have a criterion of their own."""
    keys = {rule.key for rule in book.rules if rule.urgent}
    if not keys:
        return table
    counts = Counts()
    for key, part in figure.by_rule:
        counts = counts.plus(part) if key in keys else counts
    share = share_in_time(counts, words)
    title = words("of these important and urgent")
    row = Row("urgent", (title, counts.received or None, share.of, counts.rate), counts)
    return replace(table, rows=(*table.rows, row))


def months(first: date, last: date, words: Words) -> str:
    """January to March 2017; the year stands once."""
    return words("{first} to {last}", first=words.month_name(first.month), last=words.month(f"{last:%Y-%m}"))
