"""The text of an action plan → a `Plan`, or *every* fault in it, each with file, place and cure.

It lies beside the rule books; the format is explained by example in `rules/plan-2560.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from complaint_sla.core.errors import BookFaults
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every
from complaint_sla.core.plan import (
    FIGURES_DUE,
    HAND_IN,
    REMIND_DAYS,
    Activity,
    Due,
    Plan,
    PlannedMeasure,
    Service,
    Survey,
)
from complaint_sla.core.planlinks import check_links
from complaint_sla.core.titles import Title
from complaint_sla.core.tomlreader import KEY, Table, TableReader, opened, short, within

# What a measure may be fed by, beside who enters it.
COMPLAINTS = "complaints"
# How a measure that the tracker feeds is called where the plan does not say it.
CLOSED_IN_TIME = Title("ปิดได้ตามเกณฑ์", "Closed within the criteria")
LOWEST_MEAN, HIGHEST_MEAN = 1, 5
# Classes that fill no form of their own, where a plan that has them says nothing of it.
GATHERING = frozenset({"division", "region"})
MOST_COUNTED = 1_000_000
# What is due later than a year after its period is due in another plan.
MOST_DUE = {"day": 366, "month": 12}

_ACTIVITY = re.compile(r"^\s*\[\[\s*activity\s*\]\]", re.MULTILINE)
_DUE = re.compile(r"([1-9][0-9]{0,2}) (day|month)s?")
_DAY = re.compile(r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_KINDS = ("share", "mean", "count", "done")


def is_plan(text: str) -> bool:
    """Whether the text is that of a plan: only a plan has activities."""
    return _ACTIVITY.search(text) is not None


def read_plan(text: str, file: str) -> Plan:
    """The plan in `text`. `file` is only named in faults. Raises BookFaults with all that is wrong."""
    reader, table = opened(text, file)
    plan = None if reader.faults else _Reading(reader, table).plan(text)
    if plan is None or reader.faults:
        raise BookFaults(tuple(reader.faults))
    return plan


class _Reading:
    """The parts of a plan, of which the later ones name keys of the earlier ones."""

    def __init__(self, reader: TableReader, table: Table) -> None:
        self._reader = reader
        self._table = table
        self._effective_from: date | None = None
        self._due = FIGURES_DUE
        self._classes: tuple[str, ...] = ()
        self._services: dict[str, Service] = {}
        self._surveys: dict[str, Survey] = {}

    def plan(self, text: str) -> Plan | None:
        reader, table = self._reader, self._table
        plan_id = reader.key(table, "", "id")
        begins = reader.required(table, "", "effective_from", str)
        self._effective_from = None if begins is None else reader.day(begins, "effective_from")
        title = reader.title_of(table, "", "title")
        perspective = self._title_if(table, "", "perspective")
        self._due = self._when(table, "", "due", FIGURES_DUE)
        hand_in = self._when(table, "", "hand_in", HAND_IN)
        self._classes = self._all_classes(table)
        gathering = self._of_classes(table, "", "gathering")
        if gathering is None:
            gathering = GATHERING.intersection(self._classes)
        remind_days = reader.optional_number(table, "", "remind_days", 0, REMIND_DAYS)
        self._services = {key: self._service(key, one) for key, one in self._named(table, "services")}
        self._surveys = {key: self._survey(key, one) for key, one in self._named(table, "surveys")}
        activities = [
            (place, self._activity(entry, place)) for place, entry in reader.tables(table, "activity")
        ]
        reader.nothing_left(table, "")
        reader.unique((place, one.key) for place, one in activities)
        measures = [
            (f"{place}.measures[{number}]", one)
            for place, activity in activities
            for number, one in enumerate(activity.measures, 1)
        ]
        reader.unique((place, one.key) for place, one in measures)
        check_links(reader, measures)
        if self._effective_from is None:
            return None
        return Plan(
            id=plan_id,
            title=title,
            effective_from=self._effective_from,
            perspective=perspective,
            activities=tuple(one for _, one in activities),
            text=text,
            due=self._due,
            hand_in=hand_in,
            classes=self._classes,
            gathering=gathering,
            remind_days=remind_days,
            services=tuple(self._services.values()),
            surveys=tuple(self._surveys.values()),
        )

    def _named(self, table: Table, name: str) -> list[tuple[str, Table]]:
        """Tables by their keys."""
        found = []
        for key, entry in self._reader.optional(table, "", name, dict, {}).items():
            where = within(name, short(key))
            if not KEY.fullmatch(key):
                self._reader.fault(where, "fault-key", value=short(key))
            elif isinstance(entry, dict):
                found.append((key, dict(entry)))
            else:
                self._reader.fault(where, "fault-type", value=short(entry), wanted="table")
        return found

    def _service(self, key: str, entry: Table) -> Service:
        return Service(key, self._reader.whole_title(entry, within("services", key)))

    def _survey(self, key: str, entry: Table) -> Survey:
        reader, place = self._reader, within("surveys", key)
        survey = Survey(
            key=key,
            within=reader.optional_number(entry, place, "within", 1, None),
            attempts=reader.optional_number(entry, place, "attempts", 1, None),
            counts_drawn=reader.choice(entry, place, "counts", ("answers", "drawn")) == "drawn",
            title=reader.title(entry, place),
        )
        reader.nothing_left(entry, place)
        return survey

    def _when(self, table: Table, place: str, name: str, default: Due, *, every: Every | None = None) -> Due:
        """`10 days`, `1 month` (after the period); of what is asked for once a year, a day, too."""
        text = self._reader.optional(table, place, name, str, None)
        if text is None:
            return default
        where = within(place, name)
        if (found := _DUE.fullmatch(text)) is not None and int(found[1]) <= MOST_DUE[found[2]]:
            number = int(found[1])
            return Due(days=number) if found[2] == "day" else Due(months=number)
        days, months, value = MOST_DUE["day"], MOST_DUE["month"], short(text)
        is_day, once = _DAY.fullmatch(text) is not None, every is Every.YEAR
        if not is_day and once:
            self._reader.fault(where, "fault-due", value=value, days=days, months=months)
        elif not is_day:
            self._reader.fault(where, "fault-due-after", value=value, days=days, months=months)
        elif not once:
            self._reader.fault(where, "fault-due-day", value=value)
        else:
            day = self._reader.day(text, where)
            return default if day is None else self._due_on(day, where)
        return default

    def _due_on(self, day: date, where: str) -> Due:
        """Once a year can't be before the plan's first one, nor after what is handed in of it."""
        begins = self._effective_from
        if begins is not None:
            first, last = date(begins.year, 1, 1), date(begins.year + 1, 12, 31)
            if not first <= day <= last:
                self._reader.fault(where, "fault-due-year", value=day, first=first, last=last)
        return Due(on=day)

    def _all_classes(self, table: Table) -> tuple[str, ...]:
        classes = self._reader.texts(table, "", "classes") or ()
        for number, one in enumerate(classes, 1):
            if not KEY.fullmatch(one):
                self._reader.fault(f"classes[{number}]", "fault-key", value=short(one))
        return classes

    def _of_classes(self, table: Table, place: str, name: str) -> frozenset[str] | None:
        self._reader.wanted.setdefault(place, []).append(name)
        if name not in table:
            return None
        listed = table.pop(name)
        return self._reader.keys(listed, within(place, name), self._classes)

    def _activity(self, entry: Table, place: str) -> Activity:
        reader = self._reader
        measures = tuple(
            self._measure(measure, where) for where, measure in reader.tables(entry, "measures", place)
        )
        # What the tracker feeds may go without words of its own.
        has_words = {"th", "en"} & entry.keys() or not any(one.source == COMPLAINTS for one in measures)
        activity = Activity(
            key=reader.key(entry, place),
            no=reader.line(entry, place, "no"),
            title=reader.title(entry, place) if has_words else CLOSED_IN_TIME,
            measures=measures,
            headings=self._titles(entry, place, "heading"),
            notes=self._titles(entry, place, "notes"),
            by_parent=reader.choice(entry, place, "by", ("office", "parent")) == "parent",
            only_for=self._of_classes(entry, place, "only_for"),
            otherwise=self._title_if(entry, place, "otherwise"),
            with_previous=bool(reader.optional(entry, place, "with_previous", bool, False)),
            by_group=self._title_if(entry, place, "by_group"),
            urgent=self._title_if(entry, place, "urgent"),
            aims=self._titles(entry, place, "aims"),
        )
        if activity.otherwise is not None and activity.only_for is None:
            reader.fault(within(place, "otherwise"), "fault-otherwise")
        reader.nothing_left(entry, place)
        return activity

    def _titles(self, entry: Table, place: str, name: str) -> tuple[Title, ...]:
        self._reader.wanted.setdefault(place, []).append(name)
        if name not in entry:
            return ()
        return tuple(
            self._reader.whole_title(one, where) for where, one in self._reader.tables(entry, name, place)
        )

    def _title_if(self, entry: Table, place: str, name: str) -> Title | None:
        self._reader.wanted.setdefault(place, []).append(name)
        return self._reader.title_of(entry, place, name) if name in entry else None

    def _measure(self, entry: Table, place: str) -> PlannedMeasure:
        reader = self._reader
        key = reader.key(entry, place)
        source = reader.optional(entry, place, "from", str, "")
        if source not in ("", COMPLAINTS):
            reader.fault(within(place, "from"), "fault-choice", value=short(source), known=[COMPLAINTS])
        if source:
            # Quarter by quarter, with a target of its own: nothing else can be said of it.
            title = self._measure_title(entry, place, CLOSED_IN_TIME)
            measure = PlannedMeasure(key, title, Kind.SHARE, None, due=self._due, source=source)
        else:
            measure = self._entered(entry, place, key)
        reader.nothing_left(entry, place)
        return measure

    def _entered(self, entry: Table, place: str, key: str) -> PlannedMeasure:
        """A measure whose figures somebody enters, or a survey makes."""
        reader = self._reader
        kind, least = self._least(entry, place)
        every = Every(reader.choice(entry, place, "every", ("quarter", "month", "year")))
        survey = service = None
        latest, same_whole = False, None
        has_survey, has_service = (name in entry for name in ("survey", "service"))
        if kind is not Kind.DONE:
            survey = self._one_of(entry, place, "survey", self._surveys)
            service = self._one_of(entry, place, "service", self._services)
            latest = bool(reader.optional(entry, place, "latest", bool, False))
            same_whole = reader.optional(entry, place, "same_whole", str, None)
        if survey and not has_service and kind is not Kind.MEAN:
            reader.fault(place, "fault-survey-service", value=survey, known=list(self._services))
        if service and not has_survey:
            reader.fault(within(place, "service"), "fault-service-survey", value=service)
        asked = self._surveys.get(survey or "")
        # Of what a survey asks, once its days are over.
        due = Due(days=asked.within) if asked is not None and asked.within else self._due
        named = self._services.get(service or "") or asked
        return PlannedMeasure(
            key=key,
            title=self._measure_title(entry, place, named.title if named is not None else None),
            kind=kind,
            least=least,
            every=every,
            due=self._when(entry, place, "due", due, every=every),
            latest=latest,
            survey=survey,
            service=service,
            same_as=reader.optional(entry, place, "same_as", str, None),
            when_missed=reader.texts(entry, place, "when_missed") or (),
            same_whole=same_whole,
        )

    def _measure_title(self, entry: Table, place: str, default: Title | None) -> Title:
        """Its own, or that of its service or its survey."""
        if default is not None and not ({"th", "en"} & entry.keys()):
            return default
        return self._reader.title(entry, place)

    def _one_of(self, entry: Table, place: str, name: str, known: Mapping[str, object]) -> str | None:
        value = self._reader.optional(entry, place, name, str, None)
        if value is not None and value not in known:
            self._reader.fault(within(place, name), "fault-choice", value=short(value), known=list(known))
            return None
        return value

    def _least(self, entry: Table, place: str) -> tuple[Kind, Fraction]:
        """By exactly one of the kinds."""
        self._reader.wanted.setdefault(place, []).extend(_KINDS)
        given = [name for name in _KINDS if name in entry]
        if len(given) != 1:
            for name in given:
                del entry[name]
            self._reader.fault(place, "fault-one-kind", given=given)
            return Kind.SHARE, Fraction(0)
        kind = Kind(given[0])
        value = entry.pop(given[0])
        least = _least_of(kind, value)
        if least is None:
            self._no_least(kind, within(place, kind), short(value))
        # What is faulty is judged: nothing else is to be said of it.
        return kind, Fraction(1) if least is None else least

    def _no_least(self, kind: Kind, where: str, value: str) -> None:
        if kind is Kind.SHARE:
            self._reader.fault(where, "fault-share", value=value)
        elif kind is Kind.MEAN:
            self._reader.fault(where, "fault-mean", value=value)
        elif kind is Kind.COUNT:
            self._reader.fault(where, "fault-count", value=value)
        else:
            self._reader.fault(where, "fault-done", value=value)


def _least_of(kind: Kind, value: object) -> Fraction | None:
    """None for what is no least value of the kind. A number with a point is written as text, so that none is inexact."""
    if kind is Kind.DONE:
        return Fraction(1) if value is True else None
    if isinstance(value, bool):
        return None
    if kind is Kind.COUNT:
        return Fraction(value) if isinstance(value, int) and 1 <= value <= MOST_COUNTED else None
    text = str(value) if isinstance(value, int | str) else ""
    if not _NUMBER.fullmatch(text):
        return None
    number = Fraction(text)
    if kind is Kind.MEAN:
        return number if LOWEST_MEAN <= number <= HIGHEST_MEAN else None
    return number / 100 if number <= 100 else None
