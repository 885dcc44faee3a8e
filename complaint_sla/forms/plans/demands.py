"""What an activity of the plan demands, in words made from its measures: no text can contradict a number."""

from __future__ import annotations

from collections.abc import Iterator

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.measures import Kind, plain_least
from complaint_sla.core.periods import Every, within
from complaint_sla.core.plan import Activity, PlannedMeasure
from complaint_sla.forms.plan import Criteria
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain

_COUNTS = {
    Every.MONTH: N_("not less than {n} a month"),
    Every.QUARTER: N_("not less than {n} a quarter"),
    Every.YEAR: N_("not less than {n} a year"),
}
_REPORTS = {
    Every.MONTH: N_("Report the result each month."),
    Every.QUARTER: N_("Report the result each quarter."),
    Every.YEAR: N_("Report the result each year."),
}


def title_of(measure: PlannedMeasure, words: Words) -> str:
    """How the form calls a measure: what a survey asks for is satisfaction, whoever asks."""
    if measure.kind is Kind.MEAN and measure.survey is not None:
        return words("Mean satisfaction")
    return plain(measure.title.of(words.language))


def criteria_of(activity: Activity, words: Words) -> tuple[Criteria, ...]:
    """How much is asked of each kind of service; the list has no heading of its own."""
    lines = tuple((_demanded(one, words), "") for one in activity.measures if one.service is not None)
    return (Criteria("", lines),) if lines else ()


def aims_of(activity: Activity, words: Words) -> tuple[str, ...]:
    return tuple(_aims(activity, words))


def _aims(activity: Activity, words: Words) -> Iterator[str]:
    for every in dict.fromkeys(one.every for one in activity.measures if one.survey is not None):
        yield words(_REPORTS[every])
    yield from (_demanded(one, words) for one in activity.measures if one.service is None)


def _demanded(measure: PlannedMeasure, words: Words) -> str:
    title, least = title_of(measure, words), least_of(measure, words)
    return words("{title}: {least}", title=title, least=least) if least else title


def least_of(measure: PlannedMeasure, words: Words) -> str:
    """The least value with what it is; empty for what is to be done, and for what is only shown."""
    shown = plain_least(measure.kind, measure.least)
    if shown is None or measure.kind is Kind.DONE:
        return ""
    match measure.kind:
        case Kind.MEAN:
            return words("not below {n}", n=shown)
        case Kind.COUNT:
            return words(_COUNTS[measure.every], n=shown)
    if measure.least == 1:
        return words("every one") if measure.service is not None else words("{n} percent", n=shown)
    return words("not less than {n} percent", n=shown)


def target_of(activity: Activity, quarter: Quarter, words: Words) -> tuple[str, ...]:
    """What is handed in of the quarter, and by which days."""
    lines = []
    if any(one.kind is not Kind.DONE for one in activity.measures):
        lines.append(words("Report the result of {quarter}", quarter=words.quarter(quarter)))
    days = {
        one.due.of(period)
        for one in activity.measures
        if not one.source
        for period in within(one.every, quarter)
    }
    if days:
        # A day is not broken.
        shown = (words.day(day).replace(" ", "\N{NO-BREAK SPACE}") for day in sorted(days))
        lines.append(words("by {days}", days=", ".join(shown)))
    return tuple(lines)
